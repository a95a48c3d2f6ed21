"""Statements over ``ownership`` and ``process``: which of several processes on one PostgreSQL owns
the links, the timers and the adapters of the node.

Every transaction that writes begins with ``hold``: the row's lock lets one process write at a time,
and its term tells a process that was overtaken while it stood still. Ages are told by the clock of
the database, so that machines need not agree about the time.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from sqlalchemy import (
    BigInteger,
    Connection,
    String,
    and_,
    cast,
    column,
    delete,
    func,
    inspect,
    literal,
    select,
    table,
    update,
)

from hub.errors import Fenced
from hub.store.dialect import upsert
from hub.store.engine import connect, database_url, open_engine
from hub.store.tables import ownership, process

NAME = "node"
"""Of the one row."""

_O, _P = ownership.c, process.c
_NOW_US = cast(func.extract("epoch", func.clock_timestamp()) * 1_000_000, BigInteger)
_sessions = table("pg_stat_activity", column("pid"), column("backend_start"))
_SESSION = (
    cast(_sessions.c.pid, String)
    + literal(" ")
    + cast(func.extract("epoch", _sessions.c.backend_start), String)
)
_MINE = select(_SESSION).where(_sessions.c.pid == func.pg_backend_pid())
_HOLD = select(_O.term, _O.holder).where(_O.name == NAME).with_for_update()
_STANDING = (
    select(
        _O.term,
        _O.holder,
        _O.since,
        _P.url,
        (_NOW_US - _P.seen_at).label("silent_us"),
        select(literal(1)).select_from(_sessions).where(_P.session == _SESSION).exists()
        .label("connected"),
    )
    .select_from(ownership.outerjoin(process, _P.id == _O.holder))
    .where(_O.name == NAME)
)
_TAKE = (
    update(ownership)
    .where(_O.name == NAME)
    .values(term=_O.term + 1, since=_NOW_US)
    .returning(_O.term)
)
_LIVING = select(_P.id, _P.url, _P.place, _P.started_at).order_by(_P.started_at, _P.id)
_BEAT = upsert(process, ("id",), ("url", "place", "session", "seen_at"))


@dataclass(frozen=True, slots=True, kw_only=True)
class Standing:
    """Who owns the node. ``holder`` "": nobody. ``silent_us``: since its last beat, None if the
    process is not listed any more; ``connected``: whether its session with the database lives."""

    term: int
    holder: str
    since_us: int
    url: str
    silent_us: int | None
    connected: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class Process:
    """One process that serves this node: where its API is, and host and process id."""

    id: str
    url: str
    place: str
    started_at_us: int = 0


def hold(conn: Connection) -> tuple[int, str] | None:
    """Wait for the turn to write; the term and its holder as they stand now. None: a database
    without the row."""
    row = conn.execute(_HOLD).one_or_none()
    return None if row is None else (row.term, row.holder)


def standing(conn: Connection) -> Standing:
    """Who owns the node, and how it is."""
    row = conn.execute(_STANDING).one()
    return Standing(
        term=row.term,
        holder=row.holder,
        since_us=row.since,
        url=row.url or "",
        silent_us=row.silent_us,
        connected=bool(row.connected),
    )


def beat(conn: Connection, me: Process) -> None:
    """Be seen, with this session."""
    now_us, session = conn.execute(select(_NOW_US, _MINE.scalar_subquery())).one()
    _BEAT.run(
        conn,
        {
            "id": me.id,
            "url": me.url,
            "place": me.place,
            "session": session or "",
            "started_at": now_us,
            "seen_at": now_us,
        },
    )


def take(conn: Connection, holder: str) -> int:
    """Become the owner; the term, which has risen. Inside a transaction that holds the row."""
    return int(conn.execute(_TAKE.values(holder=holder)).scalar_one())


def give_up(conn: Connection, *, term: int, holder: str) -> bool:
    """Nobody owns the node from now on, if we still do."""
    mine = and_(_O.name == NAME, _O.term == term, _O.holder == holder)
    given = conn.execute(update(ownership).where(mine).values(holder="", since=_NOW_US))
    return bool(given.rowcount)


def living(conn: Connection, *, within_us: int) -> tuple[Process, ...]:
    """The processes that were seen of late, the oldest first."""
    rows = conn.execute(_LIVING.where(_P.seen_at > _NOW_US - within_us)).all()
    return tuple(
        Process(id=row.id, url=row.url, place=row.place, started_at_us=row.started_at)
        for row in rows
    )


def connected(conn: Connection) -> tuple[Process, ...]:
    """The processes whose session with the database stands, however long they have been silent."""
    stands = select(literal(1)).select_from(_sessions).where(_P.session == _SESSION).exists()
    return tuple(
        Process(id=row.id, url=row.url, place=row.place, started_at_us=row.started_at)
        for row in conn.execute(_LIVING.where(stands)).all()
    )


def forget(conn: Connection, *, process_id: str = "", silent_us: int = 0) -> None:
    """Strike out one process, or all that were not seen for so long."""
    gone: Any = _P.id == process_id if process_id else _P.seen_at < _NOW_US - silent_us
    conn.execute(delete(process).where(gone))


def refuse_if_served(url: str) -> None:
    """``Fenced`` (``store.in_use``) if a process serves a node on this PostgreSQL. Nothing is said
    of SQLite, where the lock of the file says it, nor of a database without our tables yet."""
    if database_url(url).get_backend_name() == "sqlite":
        return
    with connect(open_engine(url, read_only=True)) as conn, conn.begin():
        there = connected(conn) if inspect(conn).has_table(process.name) else ()
    if there:
        raise Fenced(
            f"opening the database: {', '.join(one.place for one in there)} (host:process) "
            "serves this node; stop every process of it first",
            code="store.in_use",
        )
