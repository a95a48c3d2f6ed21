"""An open transaction, as operations see it."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Protocol, TypeVar

from sqlalchemy import Connection

T = TypeVar("T")


@dataclass(slots=True)
class Tx:
    """The connection of one open transaction, the time it began, and what to wake after commit.

    ``now_us``: wall time in microseconds since the epoch, read once per transaction by the
    writer, so that no operation reads a clock itself.
    """

    conn: Connection
    now_us: int
    woken: set[str] = field(default_factory=set)

    def wake(self, topic: str) -> None:
        """Tell listeners of ``topic`` after the commit: ``link:<id>``, ``adapter:<id>``,
        ``case``, ``timer``, ``blob``; also those in other processes of the node. A rolled-back
        transaction wakes nobody."""
        self.woken.add(topic)


class Writer(Protocol):
    """The one place where anything is written (group commit; single writer thread)."""

    async def write(self, operation: Callable[[Tx], T], *, urgent: bool = False) -> T:
        """Run ``operation`` in its own savepoint of the next group commit; returns (or raises)
        only after the COMMIT is durable. It sees the caller's context variables. ``urgent``: a
        person waits. Raises ``Overloaded`` when the queue is full."""
        ...

    async def read(self, query: Callable[[Connection], T]) -> T:
        """Run a read-only query on a reader connection, off the event loop."""
        ...

    def listen(self, topic_prefix: str, listener: Callable[[str], None]) -> Callable[[], None]:
        """Call ``listener(topic)`` in the event loop after each commit that woke a topic with
        this prefix; returns a function that ends it."""
        ...
