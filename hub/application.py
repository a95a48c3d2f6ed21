"""The port through which the fabric hands words to the office above it.

All methods are synchronous, run inside the transaction they are given and do no IO of their own.
``hub`` never looks into a body; the application never looks at a carrier.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Protocol

from hub.envelope import Notice, Opened, Outcome, Received
from hub.ids import LinkId
from hub.link.messages import DigestRow
from hub.store.tx import Tx


@dataclass(frozen=True, slots=True, kw_only=True)
class Settled:
    """How the application took a word: APPLIED, LATE, or PARKED with a stable ``code``."""

    outcome: Outcome
    code: str = ""


APPLIED = Settled(outcome=Outcome.APPLIED)
LATE = Settled(outcome=Outcome.LATE)


def parked(code: str) -> Settled:
    """The word cannot be applied now; it waits under ``code`` and its lane waits with it."""
    return Settled(outcome=Outcome.PARKED, code=code)


@dataclass(frozen=True, slots=True, kw_only=True)
class Compared:
    """Result of comparing an asker's list of keys with ours (anti-entropy, depth 2)."""

    missing: Sequence[bytes]
    pending: int
    surplus: Sequence[bytes]
    differ: Sequence[bytes]


class Application(Protocol):
    """One office, as the fabric sees it."""

    def types(self) -> Mapping[str, int]:
        """Readable types with their highest schema revision; said in every Hello."""
        ...

    def prefetch(self, tx: Tx, words: Sequence[Received]) -> None:
        """Called once per frame before ``receive`` of each word, so that rows can be read in one
        statement. Must have no effect."""
        ...

    def receive(self, tx: Tx, word: Received) -> Settled:
        """Apply a peer's word. Exceptions park it as ``handler.failed``."""
        ...

    def readopt(self, tx: Tx, link: LinkId, word: Opened) -> int:
        """Our own word, handed back by a peer during recovery, in the order in which it was said;
        known ones come again. Returns its class (``Draft.prio``), which no header says. An
        exception stops the recovery of this link."""
        ...

    def flush(self, tx: Tx) -> None:
        """Called after the last ``receive`` of a frame (or of a single retried word): write what
        was staged. An exception makes the frame be retried word by word."""
        ...

    def discard(self) -> None:
        """Forget whatever was staged: the surrounding savepoint was rolled back."""
        ...

    def notice(self, tx: Tx, link: LinkId, notice: Notice) -> None:
        """What a peer did with one of our envelopes."""
        ...

    def digest(  # noqa: PLR0917 - each argument is a field of the peer's question
        self, tx: Tx, link: LinkId, scope: str, depth: int, prefix: bytes, after: bytes, limit: int
    ) -> Sequence[DigestRow]:
        """Anti-entropy rows of our side, ordered by key, at most ``limit`` after ``after``."""
        ...

    def compare(self, tx: Tx, link: LinkId, scope: str, prefix: bytes,
                rows: Sequence[DigestRow]) -> Compared:
        """Child side, depth 2: compare the asker's keys with ours."""
        ...

    def resupply(self, tx: Tx, link: LinkId, scope: str, keys: Sequence[bytes]) -> int:
        """Enqueue again what the peer lacks (prio 2); returns how many were enqueued."""
        ...

    def surplus(self, tx: Tx, link: LinkId, scope: str, keys: Sequence[bytes]) -> int:
        """Asker side: the peer holds keys we do not; returns how many were acted upon."""
        ...

    def lower(self, type_: str, from_rev: int, to_rev: int, body: bytes) -> bytes | None:
        """Pure: say a body in an older revision, or None if it cannot be said."""
        ...
