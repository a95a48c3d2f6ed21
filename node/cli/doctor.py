"""``wanmi doctor``: what is wrong, in sentences, with what to do about each.

A running node answers for itself. What its own machine can see (files, modes, certificates, disk)
is looked at here, and is all there is when the node does not run; the schema is then read through
the composition root.
"""

from __future__ import annotations

import shutil
import stat
import time
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

import typer

from node.cli.composition import composition
from node.cli.home import has_settings, settings_file
from node.cli.session import Session, command
from node.cli.speech import Exit, Speech
from node.service.views import Finding, Level

if TYPE_CHECKING:
    from node.settings import Settings

group = typer.Typer()

WARN_DAYS: Final = 14
"""Certificates live 90 days and are renewed well before; two weeks left means nobody did."""
US_PER_DAY: Final = 86_400 * 1_000_000
_ORDER: Final = {Level.ALARM: 0, Level.WARN: 1, Level.OK: 2}


@command(group, "doctor", "体检：问题与处理办法 (what is wrong and what to do)")
def doctor(session: Session) -> None:
    speech = session.speech
    here: list[Finding] = []
    online: list[dict[str, Any]] | None = None
    if has_settings(session.home) or not session.url:
        here = local_findings(session.settings(), speech)
    if session.online():
        with session.api() as api:
            online = api.get("/findings")
    else:
        speech.note(speech.t("doctor.offline"))
        here += composition(speech).offline_findings(session.home)
    rows = [_row(finding) for finding in here] + [dict(row) for row in online or ()]
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


def _row(finding: Finding) -> dict[str, Any]:
    return {"level": str(finding.level), "subject": finding.subject,
            "sentence": finding.sentence, "remedy": finding.remedy}


def local_findings(settings: Settings, speech: Speech) -> list[Finding]:
    """What this machine can see of a node without asking it."""
    return [
        *_files(settings, speech), *_modes(settings, speech),
        *_papers(settings, speech, now_us=time.time_ns() // 1000), *_disk(settings, speech),
    ]


def _finding(level: Level, subject: str, sentence: str, remedy: str = "") -> Finding:
    return Finding(level=level, subject=subject, sentence=sentence, remedy=remedy)


def _files(settings: Settings, speech: Speech) -> list[Finding]:
    needed = [settings.keys, settings.data, settings.blobs]
    gaps = [path for path in needed if not path.is_dir()]
    if not gaps:
        return [_finding(Level.OK, "home", speech.t("doctor.home.ok", home=settings.home))]
    return [
        _finding(Level.ALARM, "home", speech.t("doctor.home.gap", path=path),
                 speech.t("doctor.home.gap.remedy"))
        for path in gaps
    ]


PUBLIC_SUFFIXES: Final = frozenset({".pem", ".json", ".bin"})
"""Certificates, requests and rosters are signed papers, meant to be shown around."""


def _modes(settings: Settings, speech: Speech) -> list[Finding]:
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
                Level.ALARM, "keys", speech.t("doctor.mode", path=path, mode=oct(mode)),
                speech.t("doctor.mode.remedy", path=path)))
    return found or [_finding(Level.OK, "keys", speech.t("doctor.mode.ok"))]


def _papers(settings: Settings, speech: Speech, *, now_us: int) -> list[Finding]:
    """Certificates and the roster, by the days they have left."""
    if not settings.keys.is_dir():
        return []
    found = [
        _certificate(path, speech, now_us=now_us)
        for path in sorted(settings.keys.glob("*.pem"))
    ]
    return [*found, _roster(settings, speech, now_us=now_us)]


def _certificate(path: Path, speech: Speech, *, now_us: int) -> Finding:
    from cryptography import x509

    name = path.name
    try:
        certificate = x509.load_pem_x509_certificate(path.read_bytes())
    except (ValueError, OSError):
        return _finding(Level.ALARM, "certificate",
                        speech.t("doctor.certificate.unreadable", name=name),
                        speech.t("doctor.certificate.remedy"))
    left = certificate.not_valid_after_utc - datetime.fromtimestamp(now_us / 1e6, tz=UTC)
    remedy = speech.t("doctor.certificate.own" if name in {"server.pem", "ca.pem"}
                      else "doctor.certificate.remedy")
    if left.total_seconds() < 0:
        return _finding(Level.ALARM, "certificate", speech.t(
            "doctor.certificate.dead", name=name, days=-left.days), remedy)
    level = Level.WARN if left.days < WARN_DAYS else Level.OK
    return _finding(level, "certificate", speech.t(
        "doctor.certificate", name=name, days=left.days), remedy if level is Level.WARN else "")


def _roster(settings: Settings, speech: Speech, *, now_us: int) -> Finding:
    from hub.errors import FabricError
    from hub.roster.identity import Identity

    try:
        roster = Identity.load(settings.keys).roster()
    except (FabricError, OSError, ValueError) as error:
        return _finding(Level.ALARM, "roster", str(error), speech.t("doctor.home.gap.remedy"))
    if roster is None:
        return _finding(Level.WARN, "roster", speech.t("doctor.roster.none"),
                        speech.t("doctor.roster.none.remedy"))
    days = (roster.expires_at_us - now_us) // US_PER_DAY
    remedy = speech.t("doctor.roster.remedy")
    if days < 0:
        return _finding(Level.ALARM, "roster", speech.t(
            "doctor.roster.dead", serial=roster.serial, days=-days), remedy)
    level = Level.WARN if days < WARN_DAYS else Level.OK
    return _finding(level, "roster", speech.t(
        "doctor.roster", serial=roster.serial, days=days), remedy if level is Level.WARN else "")


def _disk(settings: Settings, speech: Speech) -> list[Finding]:
    usage = shutil.disk_usage(settings.home)
    ratio = usage.used / usage.total
    limits = settings.limits
    level = (Level.ALARM if ratio >= limits.disk_used_full
             else Level.WARN if ratio >= limits.disk_used_warn else Level.OK)
    remedy = "" if level is Level.OK else speech.t(
        "doctor.disk.remedy", full=round(limits.disk_used_full * 100))
    return [_finding(level, "disk", speech.t("doctor.disk", percent=round(ratio * 100)), remedy)]
