"""``wanmi doctor``: what is wrong, in sentences, with what to do about each.

A running node answers for itself. What its own machine can see (files, modes, certificates, disk)
is looked at here, and is all there is when the node does not run; the schema is then read through
the composition root.
"""

from __future__ import annotations

import stat
import time
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

import typer

from node.cli.composition import composition
from node.cli.home import has_settings, settings_file
from node.cli.session import Session, command
from node.cli.speech import Exit
from node.service.disk import disk_finding, used_share
from node.service.phrases import NOTHING, Phrase, phrase
from node.service.views import Finding, Level

if TYPE_CHECKING:
    from node.settings import Settings

group = typer.Typer()

WARN_DAYS: Final = 14
"""Certificates are renewed well before their end; two weeks left means that nobody did."""
ROSTER_WARN_DAYS: Final = 3
"""It lives a week and is signed anew at half of that: with three days left, the root is down."""
US_PER_DAY: Final = 86_400 * 1_000_000
_ORDER: Final = {Level.ALARM: 0, Level.WARN: 1, Level.OK: 2}


@command(group, "doctor", "体检：问题与处理办法 (what is wrong and what to do)")
def doctor(session: Session) -> None:
    speech = session.speech
    here: list[Finding] = []
    online: list[dict[str, Any]] | None = None
    if has_settings(session.home) or not session.url:
        here = local_findings(session.settings())
    if session.online():
        with session.api() as api:
            online = api.get("/findings")
    else:
        speech.note(speech.t("doctor.offline"))
        here += composition(speech).offline_findings(session.home)
    rows = [_row(finding, speech.language) for finding in here]
    # The node and its machine see the same disk: what both say is said once.
    rows += [dict(row) for row in online or () if row not in rows]
    rows.sort(key=lambda row: _ORDER[Level(row["level"])])
    worst = min((_ORDER[Level(row["level"])] for row in rows), default=2)
    document = {"online": online is not None, "findings": rows}

    def draw() -> None:
        speech.table(("level", "subject", "sentence", "remedy"), rows)
        if worst == _ORDER[Level.OK]:
            speech.say(speech.t("doctor.well"))

    speech.show(document, draw)
    if worst == _ORDER[Level.ALARM]:
        raise typer.Exit(int(Exit.FOUND))


def _row(finding: Finding, language: str) -> dict[str, Any]:
    return {"level": str(finding.level), "subject": finding.subject,
            "sentence": finding.sentence.say(language), "remedy": finding.remedy.say(language)}


def local_findings(settings: Settings) -> list[Finding]:
    """What this machine can see of a node without asking it."""
    limits = settings.limits
    disk = disk_finding(used_share(settings.home), warn=limits.disk_used_warn,
                        full=limits.disk_used_full)
    return [
        *_files(settings), *_modes(settings),
        *_papers(settings, now_us=time.time_ns() // 1000), disk,
    ]


def _finding(
    level: Level, subject: str, sentence: Phrase, remedy: Phrase = NOTHING
) -> Finding:
    return Finding(level=level, subject=subject, sentence=sentence, remedy=remedy)


def _files(settings: Settings) -> list[Finding]:
    needed = [settings.keys, settings.data, settings.blobs]
    gaps = [path for path in needed if not path.is_dir()]
    if not gaps:
        return [_finding(Level.OK, "home", phrase("home.whole", home=str(settings.home)))]
    return [
        _finding(Level.ALARM, "home", phrase("home.gap", path=str(path)),
                 phrase("home.gap.remedy"))
        for path in gaps
    ]


PUBLIC_SUFFIXES: Final = frozenset({".pem", ".json", ".bin"})  # a vault is sealed itself
"""Certificates, requests and rosters are signed papers, meant to be shown around."""


def _modes(settings: Settings) -> list[Finding]:
    found = []
    secrets = [settings_file(settings.home)]
    if settings.keys.is_dir():
        secrets += [
            path for path in sorted(settings.keys.rglob("*"))
            if path.is_file() and path.suffix not in PUBLIC_SUFFIXES
        ]
    for path in secrets:
        mode = stat.S_IMODE(path.stat().st_mode)
        if mode & 0o077:
            found.append(_finding(
                Level.ALARM, "keys", phrase("keys.open", path=str(path), mode=oct(mode)),
                phrase("keys.open.remedy", path=str(path))))
    return found or [_finding(Level.OK, "keys", phrase("keys.private"))]


def _papers(settings: Settings, *, now_us: int) -> list[Finding]:
    """Certificates and the roster, by the days they have left."""
    if not settings.keys.is_dir():
        return []
    found = [
        _certificate(path, now_us=now_us)
        for path in (*sorted(settings.keys.glob("*.pem")),
                     *sorted((settings.keys / "mailboxes").glob("*/*.pem")))
    ]
    return [*found, _roster(settings, now_us=now_us)]


def _certificate(path: Path, *, now_us: int) -> Finding:
    from cryptography import x509

    member = path.parent.parent.name == "mailboxes"
    name = f"{path.parent.name}/{path.name}" if member else path.name
    try:
        certificate = x509.load_pem_x509_certificate(path.read_bytes())
    except (ValueError, OSError):
        return _finding(Level.ALARM, "certificate",
                        phrase("certificate.unreadable", name=name),
                        phrase("certificate.kit.remedy"))
    left = certificate.not_valid_after_utc - datetime.fromtimestamp(now_us / 1e6, tz=UTC)
    own = name in {"server.pem", "ca.pem"}
    whose = "member" if member else "own" if own else "kit"
    remedy = phrase(f"certificate.{whose}.remedy")
    if left.total_seconds() < 0:
        return _finding(Level.ALARM, "certificate",
                        phrase("certificate.dead", name=name, days=-left.days), remedy)
    sentence = phrase("certificate.days", name=name, days=left.days)
    if left.days < WARN_DAYS:
        return _finding(Level.WARN, "certificate", sentence, remedy)
    return _finding(Level.OK, "certificate", sentence)


def _roster(settings: Settings, *, now_us: int) -> Finding:
    from hub.errors import FabricError
    from hub.roster.identity import Identity

    try:
        roster = Identity.load(settings.keys).roster()
    except (FabricError, OSError, ValueError) as error:
        return _finding(Level.ALARM, "roster", phrase("verbatim", text=str(error)),
                        phrase("home.gap.remedy"))
    if roster is None:
        return _finding(Level.WARN, "roster", phrase("roster.missing"),
                        phrase("roster.missing.remedy"))
    days = (roster.expires_at_us - now_us) // US_PER_DAY
    if days < 0:
        return _finding(Level.ALARM, "roster",
                        phrase("roster.dead", serial=roster.serial, days=-days),
                        phrase("roster.remedy"))
    sentence = phrase("roster.days", serial=roster.serial, days=days)
    if days < ROSTER_WARN_DAYS:
        return _finding(Level.WARN, "roster", sentence, phrase("roster.remedy"))
    return _finding(Level.OK, "roster", sentence)
