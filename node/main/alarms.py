"""Alarms that parts of the fabric raise at run time, and what proof of another copy sets off."""

from __future__ import annotations

import asyncio
from collections.abc import Callable

import structlog

from node.service.phrases import phrase, told
from node.service.views import Finding, Level

COPY_PROVEN = "copy.proven"
"""The fabric's alarm that a neighbour showed a word under our own seal that we do not hold."""
COPY_KEPT = "copy.kept"
"""The same from the database: it was proven before this start."""

REMEDIES = {
    "link.refused": "remedy.link.refused", "keys.device_due": "remedy.keys.device_due",
}
"""Alarms for which there is more to do than to look into the log."""

log = structlog.get_logger("node.main")


def _nothing(why: str) -> None:
    """Before adapters and timers run there is nothing to hold."""
    del why


class Alarms:
    """Alarms that parts of the fabric raise: logged once, shown until the process ends."""

    KEPT_MAX = 100
    """Different alarms shown; each code of a link shows its newest sentence."""

    def __init__(self) -> None:
        self._raised: dict[tuple[str, str], str] = {}
        self._writing: set[asyncio.Future[None]] = set()
        self.proof = ""
        """Why there must be another copy of this node; "" = nothing says so."""
        self.on_proof: Callable[[str], None] = _nothing
        """What to do on proof that another copy of this node exists."""

    def raise_alarm(self, code: str, sentence: str, link: str = "") -> None:
        """Something that a person must see."""
        log.error("alarm", code=code, link=link, detail=sentence)
        if code == COPY_PROVEN:
            self.proof = f"{link}: {sentence}" if link else sentence
            self.on_proof(self.proof)
        if (code, link) in self._raised or len(self._raised) < self.KEPT_MAX:
            self._raised[code, link] = sentence

    def keep(self, writing: asyncio.Future[None]) -> None:
        """Hold on to a write until it is done; a failure is logged."""
        self._writing.add(writing)
        writing.add_done_callback(self._written)

    def _written(self, done: asyncio.Future[None]) -> None:
        self._writing.discard(done)
        if not done.cancelled() and done.exception() is not None:
            log.error("proof_not_kept", exc_info=done.exception())

    def findings(self) -> list[Finding]:
        """What was raised."""
        return [
            Finding(
                level=Level.ALARM,
                subject=f"link {link}" if link else code,
                sentence=told("fabric", text if text.startswith(f"{code}:") else f"{code}: {text}"),
                remedy=phrase(REMEDIES[code]) if code in REMEDIES
                else phrase("remedy.alarm", code=code),
            )
            for (code, link), text in self._raised.items()
        ]
