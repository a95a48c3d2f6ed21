"""Statements over ``outbox``: words to deliver, first as drafts, then numbered and sealed.

Pollers use ``seq IS NULL``, never "id greater than the last": on PostgreSQL ids become visible
out of commit order.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

from sqlalchemy import Connection, bindparam, delete, insert, select, tuple_, update

from hub import wire
from hub.envelope import (
    ATTACHMENTS_MAX,
    BODY_BYTES_MAX,
    HEADER_BYTES_MAX,
    LANE_BYTES_MAX,
    SEALED_BYTES_MAX,
    Draft,
    Flag,
)
from hub.errors import Fenced, Malformed
from hub.ids import Chain, LinkId, MsgId, Position
from hub.link.steps import Ready, SealedRow
from hub.store import blobs
from hub.store.tables import outbox
from hub.store.tx import Tx

SECOND_OF_EPOCH = 2
"""The first word of an epoch; its start before it is always kept."""
LOWER_SHARE = 8
"""One place in this many of a batch is kept for lower classes, so traces never starve."""

RELAYED_BYTES_MAX = SEALED_BYTES_MAX - HEADER_BYTES_MAX - 1024
"""An original inside another envelope leaves room for that one's header and seals."""

NAMED_AT_ONCE = 500
"""Ids in one statement."""

_C = outbox.c
_AT = tuple_(_C.epoch, _C.seq)
_BOUND = tuple_(bindparam("b_epoch"), bindparam("b_seq"))
_INSERT = insert(outbox)
_DRAFT_COLUMNS = (_C.id, _C.msg_id, _C.lane, _C.prio, _C.draft)
_DRAFTS = (
    select(*_DRAFT_COLUMNS)
    .where(_C.link == bindparam("b_link"), _C.seq.is_(None))
    .order_by(_C.prio, _C.id)
    .limit(bindparam("b_limit"))
)
_LOWER_DRAFTS = (
    select(*_DRAFT_COLUMNS)
    .where(_C.link == bindparam("b_link"), _C.seq.is_(None), _C.prio > bindparam("b_prio"))
    .order_by(_C.prio, _C.id)
    .limit(bindparam("b_limit"))
)
_NUMBER = (
    update(outbox)
    .where(_C.id == bindparam("b_id"), _C.seq.is_(None))
    .values(
        draft=None,
        epoch=bindparam("b_epoch"),
        seq=bindparam("b_seq"),
        chain=bindparam("b_chain"),
        sealed=bindparam("b_sealed"),
    )
)
_LOAD = (
    select(_C.epoch, _C.seq, _C.chain, _C.sealed)
    .where(_C.link == bindparam("b_link"), _C.seq.is_not(None), _AT > _BOUND)
    .order_by(_C.epoch, _C.seq)
    .limit(bindparam("b_limit"))
)
_CHAIN = select(_C.chain).where(
    _C.link == bindparam("b_link"),
    _C.seq.is_not(None),
    _C.epoch == bindparam("b_epoch"),
    _C.seq == bindparam("b_seq"),
)
_OLDEST = (
    select(_C.epoch, _C.seq)
    .where(
        _C.link == bindparam("b_link"),
        _C.seq.is_not(None),
        _C.sealed.is_not(None),
        # Epoch starts are kept for ever: alone they carry nobody across what was trimmed.
        _C.type != wire.EPOCH_START_TYPE,
    )
    .order_by(_C.epoch, _C.seq)
    .limit(1)
)
_BEFORE = (
    select(_C.epoch, _C.seq)
    .where(_C.link == bindparam("b_link"), _C.seq.is_not(None), _AT < _BOUND)
    .order_by(_C.epoch.desc(), _C.seq.desc())
    .limit(1)
)
_ACK = (
    update(outbox)
    .where(
        _C.link == bindparam("b_link"),
        _C.seq.is_not(None),
        tuple_(bindparam("b_from_epoch"), bindparam("b_from_seq")) < _AT,
        _AT <= _BOUND,
    )
    .values(acked_at=bindparam("b_now"))
)
_UNACK = (
    update(outbox)
    .where(
        _C.link == bindparam("b_link"),
        _C.seq.is_not(None),
        _C.acked_at.is_not(None),
        _AT > _BOUND,
    )
    .values(acked_at=None)
)
_FORGET_SEALED = (
    update(outbox)
    .where(
        _C.link == bindparam("b_link"),
        _C.seq.is_not(None),
        _C.acked_at < bindparam("b_before"),
        _C.sealed.is_not(None),
        _C.type != wire.EPOCH_START_TYPE,
        _AT < _BOUND,
    )
    .values(sealed=None)
)
_FORGET_ROWS = delete(outbox).where(
    _C.link == bindparam("b_link"),
    _C.seq.is_not(None),
    _C.acked_at < bindparam("b_before"),
    _C.sealed.is_(None),
    _C.type != wire.EPOCH_START_TYPE,
    _AT < _BOUND,
)
_NUMBERED_AFTER = (
    select(_C.id, _C.prio, _C.type, _C.sealed, _C.msg_id)
    .where(_C.link == bindparam("b_link"), _C.seq.is_not(None), _AT > _BOUND)
    .order_by(_C.epoch, _C.seq)
)
_REDRAFT = (
    update(outbox)
    .where(_C.id == bindparam("b_id"))
    .values(
        draft=bindparam("b_draft"), epoch=None, seq=None, chain=None, sealed=None, acked_at=None
    )
)
_BY_MSG = select(_C.id, _C.epoch, _C.seq).where(
    _C.link == bindparam("b_link"), _C.msg_id == bindparam("b_msg_id")
)
_AT_POSITION = select(_C.id, _C.prio, _C.type, _C.sealed, _C.msg_id).where(
    _C.link == bindparam("b_link"),
    _C.seq.is_not(None),
    _C.epoch == bindparam("b_epoch"),
    _C.seq == bindparam("b_seq"),
)
_PLACE = (
    update(outbox)
    .where(_C.id == bindparam("b_id"))
    .values(
        draft=None,
        epoch=bindparam("b_epoch"),
        seq=bindparam("b_seq"),
        chain=bindparam("b_chain"),
        sealed=bindparam("b_sealed"),
        acked_at=bindparam("b_now"),
    )
)
_REMOVE = delete(outbox).where(_C.id == bindparam("b_id"))


class Planned(NamedTuple):
    """A draft row on its way to a number."""

    id: int
    msg_id: MsgId
    lane: bytes
    prio: int
    draft: bytes


class Numbered(NamedTuple):
    """A sealed row that may become a draft again."""

    id: int
    prio: int
    type: str
    sealed: bytes | None
    """None = its bytes were trimmed long ago."""
    msg_id: bytes


def enqueue(tx: Tx, link: LinkId, drafts: Sequence[Draft]) -> None:
    """Put words into the outbox inside the caller's transaction and wake the link after it.

    A repeated ``msg_id`` is a bug of the caller and violates the unique index. ``Malformed`` for a
    word that no envelope can carry: it would stop all words behind it once it is sealed.
    Attachments are listed for the peer, who may then pull them.
    """
    if not drafts:
        return
    for draft in drafts:
        _check_size(draft)
    tx.conn.execute(
        _INSERT,
        [
            {
                "link": link,
                "msg_id": draft.msg_id,
                "lane": draft.lane,
                "type": draft.type,
                "prio": draft.prio,
                "draft": wire.draft_bytes(draft),
                "created_at": tx.now_us,
            }
            for draft in drafts
        ],
    )
    for draft in drafts:
        if draft.attachments:
            blobs.refer(tx.conn, link, [a.digest for a in draft.attachments], draft.msg_id)
    tx.wake(f"link:{link}")


def _check_size(draft: Draft) -> None:
    limit = RELAYED_BYTES_MAX if draft.flags & Flag.RELAYED else BODY_BYTES_MAX
    if (
        len(draft.body) > limit
        or len(draft.lane) > LANE_BYTES_MAX
        or len(draft.attachments) > ATTACHMENTS_MAX
    ):
        raise Malformed(
            f"saying a {draft.type} of {len(draft.body)} bytes with {len(draft.attachments)} "
            "attachments: no envelope carries it",
            code="envelope.too_large",
        )


def plan(conn: Connection, link: LinkId, limit: int) -> tuple[Planned, ...]:
    """The next drafts to number, by class and age; in a full batch one place in eight goes to
    lower classes. Rows of one lane share a class, so their order holds."""
    rows = [
        Planned(*row) for row in conn.execute(_DRAFTS, {"b_link": link, "b_limit": limit}).all()
    ]
    share = limit // LOWER_SHARE
    if len(rows) == limit and share:
        top = rows[limit - share - 1].prio
        lower = conn.execute(_LOWER_DRAFTS, {"b_link": link, "b_prio": top, "b_limit": share}).all()
        if lower:
            rows = rows[: limit - len(lower)] + [Planned(*row) for row in lower]
    return tuple(rows)


def number(tx: Tx, rows: Sequence[SealedRow]) -> None:
    """Turn drafts into numbered rows. ``Fenced`` if one of them is no draft any more: a number
    without its row would be a hole for ever."""
    numbered = tx.conn.execute(
        _NUMBER,
        [
            {"b_id": id_, "b_epoch": at[0], "b_seq": at[1], "b_chain": chain, "b_sealed": sealed}
            for id_, at, chain, sealed in rows
        ],
    )
    if numbered.rowcount != len(rows):
        raise Fenced("numbering: a draft was taken away meanwhile", code="link.moved")


def load(
    conn: Connection, link: LinkId, *, after: Position, limit: int, bytes_max: int
) -> tuple[Ready, ...]:
    """Sealed rows after a position, in order, at most ``bytes_max`` but at least one. Stops
    before a hole and before a row whose bytes were trimmed: nothing may be left out."""
    found: list[Ready] = []
    size = 0
    last = after
    for epoch, seq, chain, sealed in conn.execute(
        _LOAD, {"b_link": link, "b_epoch": after[0], "b_seq": after[1], "b_limit": limit}
    ):
        follows = seq == last.seq + 1 if epoch == last.epoch else seq == 1
        if sealed is None or not follows:
            break
        size += len(sealed)
        if found and size > bytes_max:
            break
        last = Position(epoch, seq)
        found.append(Ready(Position(epoch, seq), Chain(chain), sealed))
    return tuple(found)


def chain_at(conn: Connection, link: LinkId, at: Position) -> Chain | None:
    """Chain value of our envelope at a position, None if there is no row."""
    found = conn.execute(
        _CHAIN, {"b_link": link, "b_epoch": at[0], "b_seq": at[1]}
    ).scalar_one_or_none()
    return None if found is None else Chain(found)


def oldest_kept(conn: Connection, link: LinkId) -> tuple[Position, Position | None] | None:
    """The oldest row whose bytes are kept, and the position of the row before it if there is
    one. None: nothing was ever numbered."""
    row = conn.execute(_OLDEST, {"b_link": link}).one_or_none()
    if row is None:
        return None
    oldest = Position(row[0], row[1])
    if oldest.epoch > 1 and oldest.seq == SECOND_OF_EPOCH:
        oldest = Position(oldest.epoch, 1)
    if oldest.seq > 1:
        return oldest, Position(oldest.epoch, oldest.seq - 1)
    before = conn.execute(
        _BEFORE, {"b_link": link, "b_epoch": oldest[0], "b_seq": oldest[1]}
    ).one_or_none()
    return oldest, None if before is None else Position(before[0], before[1])


def acknowledge(tx: Tx, link: LinkId, *, after: Position, upto: Position) -> int:
    """Mark rows in ``(after, upto]`` as delivered; how many."""
    return tx.conn.execute(
        _ACK,
        {
            "b_link": link,
            "b_from_epoch": after[0],
            "b_from_seq": after[1],
            "b_epoch": upto[0],
            "b_seq": upto[1],
            "b_now": tx.now_us,
        },
    ).rowcount


def take_back(tx: Tx, link: LinkId, after: Position) -> int:
    """The peer lost what we sent after a position: those rows are undelivered again."""
    return tx.conn.execute(
        _UNACK, {"b_link": link, "b_epoch": after[0], "b_seq": after[1]}
    ).rowcount


def numbered_after(conn: Connection, link: LinkId, after: Position) -> tuple[Numbered, ...]:
    """Sealed rows after a position, whether acknowledged or not."""
    return tuple(
        Numbered(*row)
        for row in conn.execute(
            _NUMBERED_AFTER, {"b_link": link, "b_epoch": after[0], "b_seq": after[1]}
        ).all()
    )


def redraft(tx: Tx, rows: Sequence[tuple[int, Draft]]) -> None:
    """Turn numbered rows into drafts again, at their old place in the order of commits."""
    if rows:
        tx.conn.execute(
            _REDRAFT, [{"b_id": id_, "b_draft": wire.draft_bytes(draft)} for id_, draft in rows]
        )


def remove(tx: Tx, ids: Sequence[int]) -> None:
    """Forget rows that mean nothing any more: epoch starts that were never taken."""
    if ids:
        tx.conn.execute(_REMOVE, [{"b_id": id_} for id_ in ids])


def at_position(conn: Connection, link: LinkId, at: Position) -> Numbered | None:
    """Our word at a position."""
    found = conn.execute(
        _AT_POSITION, {"b_link": link, "b_epoch": at[0], "b_seq": at[1]}
    ).one_or_none()
    return None if found is None else Numbered(*found)


def place(
    tx: Tx, link: LinkId, *, msg_id: MsgId, lane: bytes, type_: str, prio: int, position: Position,
    chain: Chain, sealed: bytes,
) -> bool:
    """Our word where the peer has it, whether we have it as a draft, elsewhere or not at all; the
    position is free. It counts as delivered. Returns False if it was there already."""
    known = tx.conn.execute(_BY_MSG, {"b_link": link, "b_msg_id": msg_id}).one_or_none()
    values = {"b_epoch": position[0], "b_seq": position[1], "b_chain": chain, "b_sealed": sealed}
    if known is not None:
        tx.conn.execute(_PLACE, {**values, "b_id": known[0], "b_now": tx.now_us})
        return (known[1], known[2]) != tuple(position)
    tx.conn.execute(
        _INSERT,
        {
            "link": link,
            "msg_id": msg_id,
            "lane": lane,
            "type": type_,
            "prio": prio,
            "epoch": position[0],
            "seq": position[1],
            "chain": chain,
            "sealed": sealed,
            "created_at": tx.now_us,
            "acked_at": tx.now_us,
        },
    )
    return True


def place_bare(tx: Tx, link: LinkId, *, position: Position, chain: Chain) -> None:
    """Where the peer stands, although neither side keeps the word of that position any more: the
    judge needs its chain value."""
    if chain_at(tx.conn, link, position) is None:
        tx.conn.execute(
            _INSERT,
            {
                "link": link, "msg_id": MsgId(chain[:16]), "lane": b"", "type": "", "prio": 0,
                "epoch": position[0], "seq": position[1], "chain": chain,
                "created_at": tx.now_us, "acked_at": tx.now_us,
            },
        )


def insert_sealed(
    tx: Tx, link: LinkId, *, msg_id: MsgId, type_: str, position: Position, chain: Chain,
    sealed: bytes
) -> None:
    """A row that is born numbered: the start of an epoch."""
    tx.conn.execute(
        _INSERT,
        {
            "link": link,
            "msg_id": msg_id,
            "lane": b"",
            "type": type_,
            "prio": 0,
            "epoch": position[0],
            "seq": position[1],
            "chain": chain,
            "sealed": sealed,
            "created_at": tx.now_us,
        },
    )


def trim(
    tx: Tx, link: LinkId, *, acked: Position, bytes_before_us: int, rows_before_us: int
) -> int:
    """Forget bytes, later rows, of words acknowledged long ago. The row at the acked position
    and every EpochStart stay: the judge needs them."""
    place = {"b_link": link, "b_epoch": acked[0], "b_seq": acked[1]}
    tx.conn.execute(_FORGET_ROWS, {**place, "b_before": rows_before_us})
    return tx.conn.execute(_FORGET_SEALED, {**place, "b_before": bytes_before_us}).rowcount


def about(
    conn: Connection, lane: bytes, messages: Sequence[bytes]
) -> list[tuple[LinkId, Position, bytes]]:
    """Sealed words of a lane, and these words, as far as their bytes are still here: link,
    position, bytes; in order of each link."""
    found: dict[tuple[LinkId, Position], bytes] = {}
    wanted = [_C.lane == lane, *(
        _C.msg_id.in_(messages[at : at + NAMED_AT_ONCE])
        for at in range(0, len(messages), NAMED_AT_ONCE))]
    for where in wanted:
        statement = select(_C.link, _C.epoch, _C.seq, _C.sealed).where(
            where, _C.sealed.is_not(None), _C.seq.is_not(None))
        for link, epoch, seq, sealed in conn.execute(statement):
            found[LinkId(link), Position(epoch, seq)] = bytes(sealed)
    return [(link, at, found[link, at]) for link, at in sorted(found)]


def sealed_between(
    conn: Connection, link: LinkId, epoch: int, first: int, last: int
) -> list[tuple[int, bytes]]:
    """Sealed words of ours from ``first`` to ``last`` of an epoch, in order; trimmed ones lack."""
    statement = select(_C.seq, _C.sealed).where(
        _C.link == link, _C.epoch == epoch, _C.seq >= first, _C.seq <= last,
        _C.sealed.is_not(None)).order_by(_C.seq)
    return [(seq, bytes(sealed)) for seq, sealed in conn.execute(statement)]
