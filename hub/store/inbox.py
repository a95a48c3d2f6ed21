"""Statements over ``inbox``: every envelope of a peer, once, with what became of it.

Batches are the unit: what a whole frame needs to know is read in one statement each.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, NamedTuple

from sqlalchemy import (
    Connection,
    bindparam,
    delete,
    func,
    insert,
    literal,
    literal_column,
    select,
    tuple_,
    update,
)

from hub.envelope import Outcome
from hub.ids import Chain, LinkId, MsgId, Position
from hub.link.steps import Ready
from hub.store.tables import Bytes, inbox
from hub.store.tx import Tx

_C = inbox.c
_AT = tuple_(_C.epoch, _C.seq)
_BOUND = tuple_(bindparam("b_epoch"), bindparam("b_seq"))
_IS_PARKED = _C.outcome == literal_column("'PARKED'")
"""Written out, not bound, so that every planner sees that the index of parked words answers."""
_ANY_LANE = _C.lane >= literal(b"", Bytes)
"""Always true: with it SQLite walks that index instead of every envelope ever received."""
_SORTED = _C.epoch + 0, _C.seq + 0
"""Positions as values that no index offers: the few parked words are sorted, not looked for."""
_INSERT = insert(inbox)
NAMED_AT_ONCE = 500
"""Ids in one statement: SQLite takes no more than 32,766 values, and a plan should stay small."""
_SEEN = select(_C.msg_id).where(
    _C.msg_id.in_(bindparam("b_ids", expanding=True)), _C.outcome != Outcome.DUPLICATE.value
)
_HELD_LANES = (
    select(_C.lane)
    .where(
        _C.link == bindparam("b_link"),
        _IS_PARKED,
        _C.lane.in_(bindparam("b_lanes", expanding=True)),
    )
    .distinct()
)
_CHAINS = select(_C.epoch, _C.seq, _C.chain).where(
    _C.link == bindparam("b_link"),
    _C.epoch == bindparam("b_epoch"),
    _C.seq.between(bindparam("b_first"), bindparam("b_last")),
)
_ROW_COLUMNS = (
    _C.epoch,
    _C.seq,
    _C.msg_id,
    _C.lane,
    _C.type,
    _C.outcome,
    _C.code,
    _C.sealed,
    _C.offset_ms,
    _C.received_at,
)
_ROW = select(*_ROW_COLUMNS).where(
    _C.link == bindparam("b_link"),
    _C.epoch == bindparam("b_epoch"),
    _C.seq == bindparam("b_seq"),
)
_LANE_HEAD = (
    select(*_ROW_COLUMNS)
    .where(_C.link == bindparam("b_link"), _C.lane == bindparam("b_lane"), _IS_PARKED)
    .order_by(_C.epoch, _C.seq)
    .limit(1)
)
_PARKED = (
    select(*_ROW_COLUMNS)
    .where(_C.link == bindparam("b_link"), _ANY_LANE, _IS_PARKED, tuple_(*_SORTED) > _BOUND)
    .order_by(*_SORTED)
    .limit(bindparam("b_limit"))
)
_PARKED_COUNTS = (
    select(_C.code, func.count(), func.min(_C.received_at))
    .where(_C.link == bindparam("b_link"), _ANY_LANE, _IS_PARKED)
    .group_by(_C.code)
)
_PARKED_BYTES = select(func.coalesce(func.sum(func.length(_C.sealed)), 0)).where(
    _C.link == bindparam("b_link"), _ANY_LANE, _IS_PARKED
)
_SETTLE = (
    update(inbox)
    .where(
        _C.link == bindparam("b_link"),
        _C.epoch == bindparam("b_epoch"),
        _C.seq == bindparam("b_seq"),
        _C.outcome == "PARKED",
    )
    .values(
        outcome=bindparam("b_outcome"),
        code=bindparam("b_code"),
        settled_at=bindparam("b_now"),
        settled_by=bindparam("b_by"),
    )
)
_BARE_AFTER = (
    select(_C.epoch, _C.seq)
    .where(_C.link == bindparam("b_link"), _C.sealed.is_(None), _AT > _BOUND)
    .order_by(_C.epoch.desc(), _C.seq.desc())
    .limit(1)
)
_SEALED_AFTER = (
    select(_C.epoch, _C.seq, _C.chain, _C.sealed)
    .where(_C.link == bindparam("b_link"), _AT > _BOUND)
    .order_by(_C.epoch, _C.seq)
    .limit(bindparam("b_limit"))
)
_FORGET_SEALED = (
    update(inbox)
    .where(
        _C.link == bindparam("b_link"),
        _C.outcome != "PARKED",
        _C.received_at < bindparam("b_before"),
        _C.sealed.is_not(None),
    )
    .values(sealed=None)
)
_FORGET_ROWS = delete(inbox).where(
    _C.link == bindparam("b_link"),
    _C.outcome != "PARKED",
    _C.received_at < bindparam("b_before"),
    _AT < _BOUND,
)


BEGINNING = Position(0, 0)


class InboxRow(NamedTuple):
    """One envelope of a peer with what became of it."""

    position: Position
    msg_id: MsgId
    lane: bytes
    type: str
    outcome: Outcome
    code: str
    sealed: bytes | None
    offset_ms: int
    received_at_us: int


def insert_rows(tx: Tx, rows: Sequence[Mapping[str, Any]]) -> None:
    """Rows of one frame, keyed by column name."""
    if rows:
        tx.conn.execute(_INSERT, rows)


def seen(conn: Connection, msg_ids: Sequence[bytes]) -> set[bytes]:
    """Which of these words are in the inbox already, whatever became of them."""
    return set(conn.execute(_SEEN, {"b_ids": list(msg_ids)}).scalars())


def held_lanes(conn: Connection, link: LinkId, lanes: Sequence[bytes]) -> set[bytes]:
    """Lanes in which a parked word waits."""
    if not lanes:
        return set()
    return set(conn.execute(_HELD_LANES, {"b_link": link, "b_lanes": list(lanes)}).scalars())


def chains(
    conn: Connection, link: LinkId, *, epoch: int, first: int, last: int
) -> dict[Position, Chain]:
    """Stored chain values of positions ``first`` to ``last`` of an epoch; trimmed ones lack."""
    return {
        Position(row[0], row[1]): Chain(row[2])
        for row in conn.execute(
            _CHAINS, {"b_link": link, "b_epoch": epoch, "b_first": first, "b_last": last}
        )
    }


def row(conn: Connection, link: LinkId, at: Position) -> InboxRow | None:
    """The row at a position."""
    found = conn.execute(_ROW, {"b_link": link, "b_epoch": at[0], "b_seq": at[1]}).one_or_none()
    return None if found is None else _inbox_row(found)


def lane_head(conn: Connection, link: LinkId, lane: bytes) -> InboxRow | None:
    """The oldest parked word of a lane: the only one that may be settled."""
    found = conn.execute(_LANE_HEAD, {"b_link": link, "b_lane": lane}).one_or_none()
    return None if found is None else _inbox_row(found)


def parked(
    conn: Connection, link: LinkId, *, after: Position = BEGINNING, limit: int = 200
) -> tuple[InboxRow, ...]:
    """Parked words of a link by position, a page at a time."""
    return tuple(
        _inbox_row(found)
        for found in conn.execute(
            _PARKED,
            {"b_link": link, "b_epoch": after[0], "b_seq": after[1], "b_limit": limit},
        )
    )


def parked_counts(conn: Connection, link: LinkId) -> dict[str, tuple[int, int]]:
    """Per code: how many words are parked, and when the oldest of them arrived."""
    return {row_[0]: (row_[1], row_[2]) for row_ in conn.execute(_PARKED_COUNTS, {"b_link": link})}


def parked_bytes(conn: Connection, link: LinkId) -> int:
    """Sealed bytes of the words that are parked."""
    return int(conn.execute(_PARKED_BYTES, {"b_link": link}).scalar_one())


def echo(
    conn: Connection, link: LinkId, *, after: Position, limit: int, bytes_max: int
) -> tuple[Ready, ...]:
    """The peer's own words as we have them, after a position, in order, at most ``bytes_max`` but
    at least one. Begins behind the last one whose bytes were trimmed: nothing is left out."""
    at = {"b_link": link, "b_epoch": after[0], "b_seq": after[1]}
    bare = conn.execute(_BARE_AFTER, at).one_or_none()
    if bare is not None:
        at |= {"b_epoch": bare[0], "b_seq": bare[1]}
    found: list[Ready] = []
    size = 0
    for epoch, seq, chain, sealed in conn.execute(_SEALED_AFTER, {**at, "b_limit": limit}):
        size += len(sealed)
        if found and size > bytes_max:
            break
        found.append(Ready(Position(epoch, seq), Chain(chain), sealed))
    return tuple(found)


def settle(tx: Tx, link: LinkId, at: Position, *, outcome: Outcome, code: str, by: str) -> bool:
    """Give a parked word its outcome (or another code, still PARKED); False if it was not
    parked any more."""
    still_parked = outcome is Outcome.PARKED
    changed = tx.conn.execute(
        _SETTLE,
        {
            "b_link": link,
            "b_epoch": at[0],
            "b_seq": at[1],
            "b_outcome": outcome.value,
            "b_code": code,
            "b_now": None if still_parked else tx.now_us,
            "b_by": None if still_parked else by,
        },
    )
    return changed.rowcount == 1


def trim(tx: Tx, link: LinkId, *, inn: Position, bytes_before_us: int, rows_before_us: int) -> int:
    """Forget bytes, later rows, of settled words; parked ones stay until settled."""
    tx.conn.execute(
        _FORGET_ROWS,
        {"b_link": link, "b_before": rows_before_us, "b_epoch": inn[0], "b_seq": inn[1]},
    )
    return tx.conn.execute(_FORGET_SEALED, {"b_link": link, "b_before": bytes_before_us}).rowcount


def _inbox_row(found: Any) -> InboxRow:
    return InboxRow(
        position=Position(found[0], found[1]),
        msg_id=MsgId(found[2]),
        lane=found[3],
        type=found[4],
        outcome=Outcome(found[5]),
        code=found[6],
        sealed=found[7],
        offset_ms=found[8],
        received_at_us=found[9],
    )


def named(conn: Connection, messages: Sequence[bytes]) -> list[tuple[LinkId, Position, bytes]]:
    """These words that came, as far as their bytes are still here: link, position, bytes."""
    found = []
    for at in range(0, len(messages), NAMED_AT_ONCE):
        statement = select(inbox.c.link, inbox.c.epoch, inbox.c.seq, inbox.c.sealed).where(
            _C.msg_id.in_(messages[at : at + NAMED_AT_ONCE]),
            _C.outcome != literal_column("'DUPLICATE'"),  # as the index has it
            _C.sealed.is_not(None))
        found += [(LinkId(link), Position(epoch, seq), bytes(sealed))
                  for link, epoch, seq, sealed in conn.execute(statement)]
    return sorted(found, key=lambda one: one[:2])
