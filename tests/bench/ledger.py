"""The smallest honest application: every word leaves one durable row, exactly once, in order.

It stands where the office stands, so that the numbers are those of the fabric alone.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from sqlalchemy import BigInteger, Column, Integer, MetaData, Table, insert

from hub.application import APPLIED, Compared, Settled
from hub.envelope import Notice, Received
from hub.ids import LinkId
from hub.link.messages import DigestRow
from hub.store.tables import Bytes
from hub.store.tx import Tx

TYPE = "bench.v1.Word"
metadata = MetaData()
effect = Table(
    "bench_effect",
    metadata,
    Column("n", Integer, primary_key=True),
    Column("msg_id", Bytes, nullable=False, unique=True),
    Column("body", Bytes, nullable=False),
    Column("born_at", BigInteger, nullable=False),
    Column("applied_at", BigInteger, nullable=False),
)
_ADD = insert(effect)


class Ledger:
    """Stages the words of a frame and writes them with one statement."""

    def __init__(self) -> None:
        self._staged: list[dict[str, object]] = []
        self.frames = 0
        """Frames written, to tell how full they were."""

    def types(self) -> Mapping[str, int]:
        """One type."""
        return {TYPE: 1}

    def prefetch(self, tx: Tx, words: Sequence[Received]) -> None:
        """Nothing to read."""

    def receive(self, tx: Tx, word: Received) -> Settled:
        """Stage one row."""
        header = word.opened.header
        self._staged.append({
            "msg_id": header.msg_id, "body": word.opened.body,
            "born_at": header.occurred_at_us, "applied_at": tx.now_us,
        })
        return APPLIED

    def flush(self, tx: Tx) -> None:
        """Write them."""
        staged, self._staged = self._staged, []
        if staged:
            self.frames += 1
            tx.conn.execute(_ADD, staged)
            tx.wake("bench")

    def discard(self) -> None:
        """Forget them."""
        self._staged = []

    def notice(self, tx: Tx, link: LinkId, notice: Notice) -> None:
        """A parked word would falsify the measurement."""
        raise AssertionError(f"the bench does not park: {notice}")

    def digest(self, tx: Tx, link: LinkId, scope: str, depth: int, prefix: bytes,
               after: bytes, limit: int) -> Sequence[DigestRow]:
        """No anti-entropy here."""
        return ()

    def compare(self, tx: Tx, link: LinkId, scope: str, prefix: bytes,
                rows: Sequence[DigestRow]) -> Compared:
        """Nor here."""
        return Compared(missing=(), pending=0, surplus=(), differ=())

    def resupply(self, tx: Tx, link: LinkId, scope: str, keys: Sequence[bytes]) -> int:
        """Nor here."""
        return 0

    def surplus(self, tx: Tx, link: LinkId, scope: str, keys: Sequence[bytes]) -> int:
        """Nor here."""
        return 0

    def lower(self, type_: str, from_rev: int, to_rev: int, body: bytes) -> bytes | None:
        """One revision only."""
        return None
