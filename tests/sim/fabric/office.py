"""A small office above the fabric: one effect per word, in a table, so that an observer can count.

Words say of themselves what the office will do with them: apply, park until the world is healed,
or make the handler fail until then. Effects are staged and written by ``flush``, as a real office
does, so that a frame that fails half way must be forgotten whole.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from sqlalchemy import (
    Column,
    Integer,
    LargeBinary,
    MetaData,
    String,
    Table,
    func,
    insert,
    select,
)

from hub.application import APPLIED, Compared, Settled, parked
from hub.envelope import Notice, Opened, Received
from hub.ids import LinkId
from hub.link.messages import DigestRow
from hub.store.tx import Tx

metadata = MetaData()
effect = Table(
    "effect",
    metadata,
    Column("n", Integer, primary_key=True),
    Column("link", String, nullable=False),
    Column("lane", LargeBinary, nullable=False),
    Column("msg_id", LargeBinary, nullable=False),
    Column("mark", String, nullable=False),
)
issued = Table(
    "issued",
    metadata,
    Column("link", String, primary_key=True),
    Column("lane", LargeBinary, primary_key=True),
    Column("number", Integer, primary_key=True),
    Column("msg_id", LargeBinary, nullable=False),
)
"""What this office numbered for each neighbour and lane, as an assignor numbers handings-over."""
branch = Table(
    "branch",
    metadata,
    Column("n", Integer, primary_key=True),
    Column("value", Integer, nullable=False),
)
told = Table(
    "told",
    metadata,
    Column("n", Integer, primary_key=True),
    Column("link", String, nullable=False),
    Column("msg_id", LargeBinary, nullable=False),
    Column("outcome", String, nullable=False),
    Column("code", String, nullable=False),
)
WORD = "sim.v1.Word"
FUTURE = "sim.v1.Future"
NEWEST = 2
ONLY = "!"


def numbered(body: bytes, number: int) -> bytes:
    """The body of a word with its number written in."""
    mark, slash, rest = body.decode().partition("/")
    return f"{mark}:{number}{slash}{rest}".encode()


def number_of(body: bytes) -> int:
    """The number in a body, 0 = none."""
    return int(body.decode().partition("/")[0].partition(":")[2] or 0)


_EFFECT, _TOLD = insert(effect), insert(told)


class SimOffice:
    """``healed``: what used to park or fail is understood now. ``version``: of this office; it
    reads words up to that revision. ``misled``: what it should never have been given."""

    def __init__(self) -> None:
        self.healed = False
        self.version = NEWEST
        self.misled: list[str] = []
        self._staged: list[dict[str, object]] = []

    def types(self) -> Mapping[str, int]:
        known = {WORD: self.version}
        return {**known, FUTURE: NEWEST} if self.healed else known

    def prefetch(self, tx: Tx, words: Sequence[Received]) -> None:
        assert not self._staged, "a frame begins with nothing staged"

    def receive(self, tx: Tx, word: Received) -> Settled:
        header = word.opened.header
        said, _, rev = word.opened.body.decode().partition("/")
        mark = said.partition(":")[0]
        if header.schema_rev > self.types().get(header.type, 0):
            self.misled.append(f"a version {self.version} was given {header.type} revision "
                               f"{header.schema_rev}")
        if rev and int(rev.rstrip(ONLY)) != header.schema_rev:
            self.misled.append(f"a body of revision {rev} came as revision {header.schema_rev}")
        if not self.healed and mark == "park":
            return parked("codes.unknown")
        if not self.healed and mark == "fail":
            raise RuntimeError("this word breaks the handler")
        self._staged.append(
            {"link": word.link, "lane": header.lane, "msg_id": header.msg_id, "mark": mark}
        )
        return APPLIED

    def issue(self, tx: Tx, link: LinkId, lane: bytes, msg_id: bytes) -> int:
        """The next number for this neighbour and lane, above everything a recovery may have
        forgotten."""
        of = (issued.c.link == link, issued.c.lane == lane)
        highest = tx.conn.execute(select(func.max(issued.c.number)).where(*of)).scalar() or 0
        number = 1 + max(highest, self.branch_of(tx))
        tx.conn.execute(
            insert(issued), {"link": link, "lane": lane, "number": number, "msg_id": msg_id}
        )
        return number

    def branch_of(self, tx: Tx) -> int:
        return int(tx.conn.execute(select(func.max(branch.c.value))).scalar() or 0)

    def set_branch(self, tx: Tx, value: int) -> None:
        """A recovery is confirmed: numbers jump above every lost one."""
        tx.conn.execute(insert(branch), {"value": value})

    def readopt(self, tx: Tx, link: LinkId, word: Opened) -> int:
        """A word of ours comes back: so does its number."""
        number = number_of(word.body)
        lane, msg_id = word.header.lane, word.header.msg_id
        known = tx.conn.execute(
            select(issued.c.msg_id).where(
                issued.c.link == link, issued.c.lane == lane, issued.c.number == number
            )
        ).scalar_one_or_none()
        if known is None:
            tx.conn.execute(
                insert(issued), {"link": link, "lane": lane, "number": number, "msg_id": msg_id}
            )
        return int(lane.partition(b"/")[2] or 0) % 3

    def flush(self, tx: Tx) -> None:
        if self._staged:
            tx.conn.execute(_EFFECT, self._staged)
            self._staged = []

    def discard(self) -> None:
        self._staged = []

    def notice(self, tx: Tx, link: LinkId, notice: Notice) -> None:
        tx.conn.execute(
            _TOLD,
            {"link": link, "msg_id": notice.msg_id, "outcome": notice.outcome,
             "code": notice.code},
        )

    def digest(self, tx: Tx, link: LinkId, scope: str, depth: int, prefix: bytes, after: bytes,
               limit: int) -> Sequence[DigestRow]:
        return ()

    def compare(self, tx: Tx, link: LinkId, scope: str, prefix: bytes,
                rows: Sequence[DigestRow]) -> Compared:
        return Compared(missing=(), pending=0, surplus=(), differ=())

    def resupply(self, tx: Tx, link: LinkId, scope: str, keys: Sequence[bytes]) -> int:
        return 0

    def surplus(self, tx: Tx, link: LinkId, scope: str, keys: Sequence[bytes]) -> int:
        return 0

    def lower(self, type_: str, from_rev: int, to_rev: int, body: bytes) -> bytes | None:
        mark, _, rev = body.decode().partition("/")
        return None if rev.endswith(ONLY) else f"{mark}/{to_rev}".encode()

    def speak(self, mark: str, *, only: bool) -> tuple[int, bytes]:
        """A body of this version: its revision and its bytes. ``only``: an older office cannot
        be told this."""
        own = ONLY if only and self.version == NEWEST else ""
        return self.version, f"{mark}/{self.version}{own}".encode()
