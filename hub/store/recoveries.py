"""Statements over ``recovery`` and ``echoed``: how far the recovery of a link is."""

from __future__ import annotations

from typing import Any, NamedTuple

from sqlalchemy import Connection, bindparam, delete, func, select

from hub.ids import Chain, LinkId, Position
from hub.store.dialect import insert_ignore, upsert
from hub.store.tables import echoed, outbox, recovery
from hub.store.tx import Tx

_COLUMNS = [column.name for column in recovery.columns if not column.primary_key]
_PUT = upsert(recovery, ["link"], _COLUMNS)
_ROW = select(recovery).where(recovery.c.link == bindparam("b_link"))
_ALL = select(recovery).order_by(recovery.c.link)
_MARK = insert_ignore(echoed, ["link", "msg_id"])
_MARKED = select(echoed.c.msg_id).where(echoed.c.link == bindparam("b_link"))
_COUNT = select(func.count()).select_from(echoed).where(echoed.c.link == bindparam("b_link"))
_WORDS = (
    select(outbox.c.sealed)
    .join(echoed, (echoed.c.link == outbox.c.link) & (echoed.c.msg_id == outbox.c.msg_id))
    .where(echoed.c.link == bindparam("b_link"), outbox.c.sealed.is_not(None))
    .order_by(outbox.c.epoch, outbox.c.seq)
)
_FORGET = delete(echoed).where(echoed.c.link == bindparam("b_link"))


class Row(NamedTuple):
    """The recovery of one link; times are µs since the epoch."""

    link: LinkId
    step: str
    by: str
    began_at_us: int
    done_at_us: int | None
    verdict: str
    tries: int
    base: Position | None
    at: Position | None
    at_head: Chain | None
    cut: Position | None
    cut_head: Chain | None
    echoed: int
    redrafted: int
    lost: int
    epoch: int | None
    inn: Position


def put(tx: Tx, row: Row) -> None:
    """Insert or overwrite."""
    base, at, cut = row.base or (None, None), row.at or (None, None), row.cut or (None, None)
    _PUT.run(
        tx.conn,
        [
            {
                "link": row.link, "step": row.step, "by": row.by, "began_at": row.began_at_us,
                "done_at": row.done_at_us, "verdict": row.verdict, "tries": row.tries,
                "base_epoch": base[0], "base_seq": base[1], "at_epoch": at[0], "at_seq": at[1],
                "at_head": row.at_head, "cut_epoch": cut[0], "cut_seq": cut[1],
                "cut_head": row.cut_head, "echoed": row.echoed, "redrafted": row.redrafted,
                "lost": row.lost, "epoch": row.epoch, "in_epoch": row.inn.epoch,
                "in_seq": row.inn.seq,
            }
        ],
    )


def read(conn: Connection, link: LinkId) -> Row | None:
    """The recovery of a link, finished or not."""
    found = conn.execute(_ROW, {"b_link": link}).mappings().one_or_none()
    return None if found is None else _row(found)


def all_rows(conn: Connection) -> tuple[Row, ...]:
    """Every recovery that this database remembers, by link."""
    return tuple(_row(found) for found in conn.execute(_ALL).mappings().all())


def mark(tx: Tx, link: LinkId, msg_ids: list[bytes]) -> None:
    """These words of ours came back."""
    if msg_ids:
        _MARK.run(tx.conn, [{"link": link, "msg_id": msg_id} for msg_id in set(msg_ids)])


def marked(conn: Connection, link: LinkId) -> set[bytes]:
    """Words of ours that came back."""
    return set(conn.execute(_MARKED, {"b_link": link}).scalars())


def words(conn: Connection, link: LinkId) -> tuple[bytes, ...]:
    """The sealed bytes of our own words that came back, in the order in which they were said."""
    return tuple(bytes(row[0]) for row in conn.execute(_WORDS, {"b_link": link}))


def count(conn: Connection, link: LinkId) -> int:
    """How many of them."""
    return int(conn.execute(_COUNT, {"b_link": link}).scalar_one())


def forget(tx: Tx, link: LinkId) -> None:
    """Begin to count anew."""
    tx.conn.execute(_FORGET, {"b_link": link})


def _row(found: Any) -> Row:
    return Row(
        link=LinkId(found["link"]),
        step=found["step"],
        by=found["by"],
        began_at_us=found["began_at"],
        done_at_us=found["done_at"],
        verdict=found["verdict"],
        tries=found["tries"],
        base=_position(found["base_epoch"], found["base_seq"]),
        at=_position(found["at_epoch"], found["at_seq"]),
        at_head=_chain(found["at_head"]),
        cut=_position(found["cut_epoch"], found["cut_seq"]),
        cut_head=_chain(found["cut_head"]),
        echoed=found["echoed"],
        redrafted=found["redrafted"],
        lost=found["lost"],
        epoch=found["epoch"],
        inn=Position(found["in_epoch"], found["in_seq"]),
    )


def _position(epoch: int | None, seq: int | None) -> Position | None:
    return None if epoch is None or seq is None else Position(epoch, seq)


def _chain(value: bytes | None) -> Chain | None:
    return None if value is None else Chain(value)
