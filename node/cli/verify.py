"""``wanmi verify``: is everything still what was written?

Reads the database and the photos of this machine's home, running or not. A damaged photo is asked
for again through the running node; a damaged database is nothing that a command could mend.
"""

from __future__ import annotations

from contextlib import suppress
from dataclasses import asdict, is_dataclass
from typing import Any, Final

import typer

from node.cli.composition import composition
from node.cli.names import KINDS_OF_DAMAGE
from node.cli.session import Session, command
from node.cli.speech import Exit, Trouble, interactive

group = typer.Typer()

WHATS: Final = {
    "page": "verify.what.page", "digest": "verify.what.digest",
    "no_journal": "verify.what.no_journal", "gone": "verify.what.gone",
    "journal_unreadable": "verify.what.journal_unreadable", "version": "verify.what.version",
    "unreadable": "verify.what.unreadable", "order": "verify.what.order",
    "body": "verify.what.body", "header": "verify.what.header", "photo": "verify.what.photo",
}
"""How each kind of difference is said."""


@command(group, "verify", "核对：数据与写入时是否一致 (is everything still what was written)")
def verify(session: Session) -> None:
    from rich.console import Console
    from rich.progress import Progress

    speech = session.speech
    settings = session.settings()
    with Progress(console=Console(stderr=True), disable=not interactive(), transient=True) as bar:
        task = bar.add_task("", total=None)
        looked = composition(speech).look_through(
            settings.home, lambda kind, n: bar.update(
                task, description=f"{speech.named(kind, KINDS_OF_DAMAGE)} {n}"))
    damages = [_plain(one) for one in looked.damages]
    photos = [one["digest"] for one in damages if one["digest"]]
    asked = _ask_again(session, photos) if photos and session.online() else 0

    def draw() -> None:
        speech.say(speech.t("verify.counts", counts=", ".join(
            f"{speech.named(kind, KINDS_OF_DAMAGE)} {n}" for kind, n in looked.counts.items())))
        for one in damages:
            speech.say(speech.t(
                "verify.damage", kind=speech.named(one["kind"], KINDS_OF_DAMAGE),
                where=one["where"],
                what=speech.t(WHATS[one["what"]], detail=one["detail"])))
        if looked.differing:
            speech.say(speech.t("verify.differing", count=len(looked.differing),
                                first=looked.differing[0]))
        if not damages:
            speech.say(speech.t("verify.well"))
        if any(not one["digest"] for one in damages):
            speech.say(speech.t("verify.restore"))
        if photos:
            key = "verify.asked" if asked else "verify.start"
            speech.say(speech.t(key, count=asked or len(photos)))

    speech.show({"compared": looked.counts, "damages": damages, "asked_again": asked,
                 "differing": list(looked.differing)}, draw)
    if damages:
        raise typer.Exit(int(Exit.FOUND))


def _plain(damage: Any) -> dict[str, str]:
    assert is_dataclass(damage)
    assert not isinstance(damage, type)
    return asdict(damage)


def _ask_again(session: Session, photos: list[str]) -> int:
    """Look at each through the node, which then sees for itself and asks a neighbour."""
    with session.api() as api:
        for digest in photos:
            with suppress(Trouble):  # it is not there: that is what the node sees as well
                api.get_bytes(f"/photos/{digest}")
    return len(photos)
