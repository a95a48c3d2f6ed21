"""Statements over ``link``: one row per neighbour, and the guard that makes its holder single.

Every operation of a link begins with ``hold``: without the row under our ``holder_no`` another
process or copy has taken the link and nothing may be written.
"""

from __future__ import annotations

from typing import Any

from sqlalchemy import (
    Column,
    Connection,
    and_,
    bindparam,
    case,
    func,
    insert,
    select,
    tuple_,
    update,
)

from hub.envelope import PRIO_RESUPPLY, PRIO_TRACE, PRIO_WORD
from hub.errors import Fenced, UnknownPeer
from hub.ids import ZERO_CHAIN, Chain, LinkId, NodeId, Position
from hub.link.checkpoint import Checkpoint, LinkState
from hub.link.quota import Spent, day_of
from hub.store.tables import link as link_table
from hub.store.tables import outbox
from hub.store.tx import Tx

_C = link_table.c
_BY_LINK = select(link_table).where(_C.link == bindparam("b_link"))
_HELD = _BY_LINK.where(_C.holder_no == bindparam("b_holder_no")).with_for_update()
_ALL = select(link_table).order_by(_C.link)
_TAKE = (
    update(link_table)
    .where(_C.link == bindparam("b_link"))
    .values(
        holder_no=_C.holder_no + 1,
        holder_id=bindparam("b_holder_id"),
        lease_until=bindparam("b_lease_until"),
    )
)
_RENEW = (
    update(link_table)
    .where(_C.link == bindparam("b_link"), _C.holder_no == bindparam("b_holder_no"))
    .values(lease_until=bindparam("b_lease_until"))
)
_MOVE_OUT = (
    update(link_table)
    .where(_C.link == bindparam("b_link"))
    .values(
        out_epoch=bindparam("b_epoch"), out_seq=bindparam("b_seq"), out_head=bindparam("b_head")
    )
)


def _today(column: Column[int]) -> Any:
    """What the column counts, as far as it is of the day ``b_day``."""
    return case((_C.spent_day == bindparam("b_day"), column), else_=0)


_MOVE_IN = (
    update(link_table)
    .where(_C.link == bindparam("b_link"))
    .values(
        in_epoch=bindparam("b_epoch"),
        in_seq=bindparam("b_seq"),
        in_head=bindparam("b_head"),
        last_contact_at=bindparam("b_now"),
        spent_day=bindparam("b_day"),
        spent_words=_today(_C.spent_words) + bindparam("b_bytes"),
        spent_photos=_today(_C.spent_photos),
    )
)
_PULLED = (
    update(link_table)
    .where(_C.link == bindparam("b_link"))
    .values(
        spent_day=bindparam("b_day"),
        spent_words=_today(_C.spent_words),
        spent_photos=_today(_C.spent_photos) + bindparam("b_bytes"),
    )
)
_SPENT = select(_C.spent_day, _C.spent_words, _C.spent_photos).where(
    _C.link == bindparam("b_link")
)
_MOVE_ACKED = (
    update(link_table)
    .where(_C.link == bindparam("b_link"))
    .values(
        acked_epoch=bindparam("b_epoch"),
        acked_seq=bindparam("b_seq"),
        last_contact_at=bindparam("b_now"),
        retry_n=0,
        retry_at=None,
    )
)
_SET_ACKED = (
    update(link_table)
    .where(_C.link == bindparam("b_link"))
    .values(acked_epoch=bindparam("b_epoch"), acked_seq=bindparam("b_seq"))
)
_STATE = (
    update(link_table)
    .where(_C.link == bindparam("b_link"))
    .values(state=bindparam("b_state"), reason=bindparam("b_reason"))
)
_PAUSE = (
    update(link_table).where(_C.link == bindparam("b_link")).values(paused=bindparam("b_paused"))
)
_RETRY = (
    update(link_table)
    .where(_C.link == bindparam("b_link"))
    .values(retry_n=bindparam("b_n"), retry_at=bindparam("b_at"))
)
_HEARD = (
    update(link_table)
    .where(_C.link == bindparam("b_link"))
    .values(peer_hello=bindparam("b_hello"), last_contact_at=bindparam("b_now"))
)
_DRAFTS = select(func.count()).where(outbox.c.link == bindparam("b_link"), outbox.c.seq.is_(None))
# What is numbered and not acknowledged lies after the acknowledged position: at most one window,
# found by position. By ``acked_at`` alone every word ever sent would be read.
_ACKED = select(_C.acked_epoch, _C.acked_seq).where(_C.link == bindparam("b_link"))
_IN_WINDOW = and_(
    outbox.c.link == bindparam("b_link"),
    outbox.c.seq.is_not(None),
    tuple_(outbox.c.epoch, outbox.c.seq) > tuple_(bindparam("b_epoch"), bindparam("b_seq")),
    outbox.c.acked_at.is_(None),
)
_UNACKED = select(func.count()).where(_IN_WINDOW)
_OLDEST_NUMBERED = select(func.min(outbox.c.created_at)).where(_IN_WINDOW)
# Drafts of one class by age, as the index has them.
_OLDEST_DRAFT = (
    select(outbox.c.created_at)
    .where(
        outbox.c.link == bindparam("b_link"),
        outbox.c.seq.is_(None),
        outbox.c.prio == bindparam("b_prio"),
    )
    .order_by(outbox.c.prio, outbox.c.id)
    .limit(1)
)
_SET_DUAL = (
    update(link_table)
    .where(link_table.c.link == bindparam("b_link"))
    .values(dual_seal=bindparam("b_dual"))
)
_CLASSES = (PRIO_WORD, PRIO_TRACE, PRIO_RESUPPLY)


def create(
    tx: Tx,
    *,
    link: LinkId,
    peer: NodeId,
    peer_is_parent: bool,
    prefer: str = "GRPC",
    dual_seal: bool = False,
) -> None:
    """A new link, both directions at their start."""
    tx.conn.execute(
        insert(link_table),
        {
            "link": link,
            "peer": peer,
            "peer_is": "PARENT" if peer_is_parent else "CHILD",
            "prefer": prefer,
            "dual_seal": dual_seal,
            "out_head": ZERO_CHAIN,
            "in_head": ZERO_CHAIN,
        },
    )


def set_dual_seal(tx: Tx, link: LinkId, *, dual: bool) -> None:
    """Whether both seals of the peer are asked for; counts from the next time the link is taken."""
    tx.conn.execute(_SET_DUAL, {"b_link": link, "b_dual": dual})


def read(conn: Connection, link: LinkId, *, counted: bool = False) -> Checkpoint | None:
    """The link row; ``counted``: with drafts and unacked, two counts over their indexes."""
    row = conn.execute(_BY_LINK, {"b_link": link}).mappings().one_or_none()
    if row is None:
        return None
    drafts, unacked = counts(conn, link) if counted else (0, 0)
    return _checkpoint(row, drafts=drafts, unacked=unacked)


def all_links(conn: Connection, *, counted: bool = False) -> tuple[Checkpoint, ...]:
    """Every link of this node, ordered by id."""
    found = []
    for row in conn.execute(_ALL).mappings().all():
        drafts, unacked = counts(conn, LinkId(row["link"])) if counted else (0, 0)
        found.append(_checkpoint(row, drafts=drafts, unacked=unacked))
    return tuple(found)


def counts(conn: Connection, link: LinkId) -> tuple[int, int]:
    """Unnumbered rows, and numbered ones the peer has not acknowledged."""
    drafts: int = conn.execute(_DRAFTS, {"b_link": link}).scalar_one()
    unacked: int = conn.execute(_UNACKED, _window(conn, link)).scalar_one()
    return drafts, unacked


def oldest_undelivered_us(conn: Connection, link: LinkId) -> int | None:
    """When the oldest word without acknowledgement was enqueued, drafts included."""
    found: list[int | None] = [
        conn.execute(_OLDEST_NUMBERED, _window(conn, link)).scalar_one(),
        *(
            conn.execute(_OLDEST_DRAFT, {"b_link": link, "b_prio": prio}).scalar_one_or_none()
            for prio in _CLASSES
        ),
    ]
    return min((at for at in found if at is not None), default=None)


def _window(conn: Connection, link: LinkId) -> dict[str, Any]:
    epoch, seq = conn.execute(_ACKED, {"b_link": link}).one_or_none() or (0, 0)
    return {"b_link": link, "b_epoch": epoch, "b_seq": seq}


def take(tx: Tx, link: LinkId, *, holder_id: bytes, lease_until_us: int) -> Checkpoint:
    """Become the holder of this link: ``holder_no`` rises, whoever had it is fenced."""
    taken = tx.conn.execute(
        _TAKE, {"b_link": link, "b_holder_id": holder_id, "b_lease_until": lease_until_us}
    )
    if taken.rowcount != 1:
        raise UnknownPeer(f"taking link {link}: no such link", code="link.unknown")
    found = read(tx.conn, link, counted=True)
    assert found is not None
    return found


def renew(tx: Tx, link: LinkId, *, holder_no: int, lease_until_us: int) -> None:
    """Keep the lease. ``Fenced`` if another process took the link."""
    kept = tx.conn.execute(
        _RENEW, {"b_link": link, "b_holder_no": holder_no, "b_lease_until": lease_until_us}
    )
    if kept.rowcount != 1:
        raise Fenced(f"renewing the lease of {link}: another process holds it")


def hold(tx: Tx, link: LinkId, holder_no: int) -> Checkpoint:
    """The link row, locked for this transaction. ``Fenced`` if ``holder_no`` is not ours any
    more: nothing may be written then."""
    row = (
        tx.conn.execute(_HELD, {"b_link": link, "b_holder_no": holder_no}).mappings().one_or_none()
    )
    if row is None:
        raise Fenced(f"writing on link {link}: another process holds it")
    return _checkpoint(row)


def move_out(tx: Tx, link: LinkId, position: Position, head: Chain) -> None:
    """Everything up to ``position`` is numbered and sealed."""
    _run(tx, _MOVE_OUT, link, position, b_head=head)


def move_in(tx: Tx, link: LinkId, position: Position, head: Chain, *, size: int) -> None:
    """Everything up to ``position`` is in the inbox: ``size`` bytes more than before."""
    _run(tx, _MOVE_IN, link, position, b_head=head, b_now=tx.now_us, b_day=day_of(tx.now_us),
         b_bytes=size)


def pulled(tx: Tx, link: LinkId, size: int) -> None:
    """So many bytes of photos came over this link."""
    tx.conn.execute(_PULLED, {"b_link": link, "b_day": day_of(tx.now_us), "b_bytes": size})


def spent(conn: Connection, link: LinkId) -> Spent:
    """Bytes that were taken on the newest day on which any were."""
    row = conn.execute(_SPENT, {"b_link": link}).one_or_none()
    return Spent() if row is None else Spent(day=row[0], words=row[1], photos=row[2])


def move_acked(tx: Tx, link: LinkId, position: Position) -> None:
    """The peer has everything up to ``position``; progress, so the retry counter is cleared."""
    _run(tx, _MOVE_ACKED, link, position, b_now=tx.now_us)


def set_acked(tx: Tx, link: LinkId, position: Position) -> None:
    """A Hello says how far the peer has us; no progress, so the retry counter stays."""
    _run(tx, _SET_ACKED, link, position)


def set_state(tx: Tx, link: LinkId, state: LinkState, reason: str) -> None:
    """``reason`` is a sentence for people, led by a stable code and a colon."""
    tx.conn.execute(_STATE, {"b_link": link, "b_state": state.value, "b_reason": reason})


def set_paused(tx: Tx, link: LinkId, paused: bool) -> None:
    """A person stops or restarts the flow; survives a restart of the process."""
    tx.conn.execute(_PAUSE, {"b_link": link, "b_paused": paused})


def set_retry(tx: Tx, link: LinkId, *, n: int, at_us: int) -> None:
    """When to dial again, kept so that a restart does not become a storm."""
    tx.conn.execute(_RETRY, {"b_link": link, "b_n": n, "b_at": at_us})


def keep_hello(tx: Tx, link: LinkId, signed: bytes) -> None:
    """The peer's last accepted Hello, still sealed: evidence of who held the link."""
    tx.conn.execute(_HEARD, {"b_link": link, "b_hello": signed, "b_now": tx.now_us})


def _run(tx: Tx, statement: Any, link: LinkId, position: Position, **values: object) -> None:
    epoch, seq = position
    tx.conn.execute(statement, {"b_link": link, "b_epoch": epoch, "b_seq": seq, **values})


def _checkpoint(row: Any, *, drafts: int = 0, unacked: int = 0) -> Checkpoint:
    return Checkpoint(
        link=LinkId(row["link"]),
        peer=NodeId(row["peer"]),
        peer_is_parent=row["peer_is"] == "PARENT",
        state=LinkState(row["state"]),
        reason=row["reason"],
        paused=bool(row["paused"]),
        prefer=row["prefer"],
        dual_seal=bool(row["dual_seal"]),
        out=Position(row["out_epoch"], row["out_seq"]),
        out_head=Chain(row["out_head"]),
        acked=Position(row["acked_epoch"], row["acked_seq"]),
        inn=Position(row["in_epoch"], row["in_seq"]),
        in_head=Chain(row["in_head"]),
        holder_no=row["holder_no"],
        holder_id=row["holder_id"] or b"",
        peer_hello=row["peer_hello"] or b"",
        retry_n=row["retry_n"],
        retry_at_us=row["retry_at"] or 0,
        last_contact_at_us=row["last_contact_at"] or 0,
        spent=Spent(day=row["spent_day"], words=row["spent_words"], photos=row["spent_photos"]),
        drafts=drafts,
        unacked=unacked,
    )
