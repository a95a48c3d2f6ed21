"""Statements about calls: the list and its filters, one call, who called, figures."""

from __future__ import annotations

from collections.abc import Sequence

from sqlalchemy import (
    ColumnElement,
    Connection,
    and_,
    bindparam,
    case,
    delete,
    func,
    insert,
    or_,
    select,
    tuple_,
    update,
)

from hub.store.dialect import upsert
from node.store.rows import Row, all_rows, one_row
from node.store.tables import call, call_private, call_step, cases

_C, _P, _S = call.c, call_private.c, call_step.c
_ABOUT, _CAME = cases.alias("about"), cases.alias("came")
_SHOWN = select(
    *(one for one in call.columns if one.name != "fingerprint"),
    _ABOUT.c.case_no.label("case_no"),
    _ABOUT.c.status.label("case_status"),
    _CAME.c.case_no.label("became_no"),
).select_from(
    call.outerjoin(_ABOUT, _ABOUT.c.case_id == _C.case_id).outerjoin(
        _CAME, _CAME.c.case_id == _C.became)
)
_ADD = insert(call)
_KEEP = upsert(call_private, ["call_no"], ["name", "phone", "phone_hash"])
_STEP = insert(call_step)
_STEPS = select(call_step).where(_S.call_no == bindparam("of")).order_by(_S.n).limit(
    bindparam("count"))
_BRIEF = select(cases.c.case_id, cases.c.case_no, cases.c.status, cases.c.version).where(
    cases.c.case_id == bindparam("of"))
OURS = "own"
"""As a filter by holder: what our own desk answers."""


def add_call(conn: Connection, row: Row) -> None:
    """Insert: every column of ``call``."""
    conn.execute(_ADD, row)


def change_call(conn: Connection, call_no: str, **values: object) -> None:
    """Overwrite these columns of one call."""
    conn.execute(update(call).where(_C.call_no == call_no).values(**values))


def one_call(conn: Connection, call_no: str, *, lock: bool = False) -> Row | None:
    """Every column but ``fingerprint``, and case_no case_status became_no. ``lock``: nobody else
    writes it until the end of the transaction."""
    if lock:
        conn.execute(select(_C.call_no).where(_C.call_no == call_no).with_for_update())
    return one_row(conn.execute(_SHOWN.where(_C.call_no == call_no)))


def call_of_command(conn: Connection, command_id: str) -> Row | None:
    """call_no fingerprint of the call that this act took down."""
    return one_row(conn.execute(
        select(_C.call_no, _C.fingerprint).where(_C.command_id == command_id)))


def calls(
    conn: Connection, *, filters: Row, now: int, after: tuple[int, str] | None, limit: int
) -> Sequence[Row]:
    """Newest first, as ``one_call`` tells them. ``filters``: kind concerns channel holder state
    (open, overdue, answered, late) text since until case_id; what is absent or empty holds for
    all."""
    statement = _SHOWN.where(*_where(filters, now))
    if after is not None:
        statement = statement.where(tuple_(_C.received_at, _C.call_no) < after)
    order = (_C.received_at.desc(), _C.call_no.desc())
    return all_rows(conn.execute(statement.order_by(*order).limit(limit)))


def _where(filters: Row, now: int) -> list[ColumnElement[bool]]:
    found: list[ColumnElement[bool]] = [
        getattr(_C, name) == filters[name]
        for name in ("kind", "concerns", "channel") if filters.get(name)
    ]
    holder, state, words = (filters.get(one) for one in ("holder", "state", "text"))
    if holder:
        found.append(_C.holder == ("" if holder == OURS else holder))
    if state:
        found.append({
            "open": _C.answered_at.is_(None),
            "overdue": and_(_C.answered_at.is_(None), _C.due_by < now),
            "answered": _C.answered_at.is_not(None),
            "late": _C.answered_at > _C.due_by,
        }[state])
    if words:
        found.append(or_(
            _C.call_no.contains(words, autoescape=True),
            _C.words.contains(words, autoescape=True)))
    if filters.get("since") is not None:
        found.append(_C.received_at >= filters["since"])
    if filters.get("until") is not None:
        found.append(_C.received_at < filters["until"])
    if filters.get("case_id"):
        found.append(or_(_C.case_id == filters["case_id"], _C.became == filters["case_id"]))
    return found


def brief_case(conn: Connection, case_id: str) -> Row | None:
    """case_id case_no status version of a case, None if it is not here."""
    return one_row(conn.execute(_BRIEF, {"of": case_id}))


# --- what was done with it


def add_step(conn: Connection, row: Row) -> None:
    """Append: call_no at step actor detail."""
    conn.execute(_STEP, row)


def steps(conn: Connection, call_no: str, limit: int) -> Sequence[Row]:
    """Everything that was done with a call, in order."""
    return all_rows(conn.execute(_STEPS, {"of": call_no, "count": limit}))


# --- who called


def keep_caller(conn: Connection, row: Row) -> None:
    """call_no name phone phone_hash."""
    _KEEP.run(conn, row)


def caller(conn: Connection, call_no: str) -> Row | None:
    """Every column, None if nobody left anything, or it was erased."""
    return one_row(conn.execute(select(call_private).where(_P.call_no == call_no)))


def calls_by_phone(conn: Connection, phone_hash: bytes, limit: int) -> Sequence[Row]:
    """Calls from this phone, newest first, as ``one_call`` tells them."""
    theirs = select(_P.call_no).where(_P.phone_hash == phone_hash)
    order = (_C.received_at.desc(), _C.call_no.desc())
    return all_rows(conn.execute(
        _SHOWN.where(_C.call_no.in_(theirs)).order_by(*order).limit(limit)))


def forget_caller(conn: Connection, call_no: str) -> bool:
    """Erase name, phone, its hash and both masks; False if there was nothing any more."""
    gone = conn.execute(delete(call_private).where(_P.call_no == call_no)).rowcount > 0
    change_call(conn, call_no, caller="", phone="")
    return gone


def calls_to_forget(conn: Connection, answered_before: int, limit: int) -> Sequence[str]:
    """Numbers of calls answered before then whose callers are still kept, oldest first."""
    statement = (
        select(_C.call_no)
        .join(call_private, _P.call_no == _C.call_no)
        .where(_C.answered_at < answered_before)
        .order_by(_C.answered_at)
        .limit(limit)
    )
    return list(conn.execute(statement).scalars())


# --- figures


def count_calls(
    conn: Connection, *, begins: int, ends: int, now: int, by: str
) -> Sequence[Row]:
    """By the column ``by`` (kind, holder or channel) of calls received in [begins, ends): key
    received in_time late overdue waiting became reopened, as they stand at ``now``."""
    key = getattr(_C, by)
    asked = _C.answered_at.is_(None)
    statement = (
        select(
            key.label("key"),
            func.count().label("received"),
            _count(_C.answered_at <= _C.due_by).label("in_time"),
            _count(_C.answered_at > _C.due_by).label("late"),
            _count(and_(asked, _C.due_by < now)).label("overdue"),
            _count(and_(asked, _C.due_by >= now)).label("waiting"),
            _count(_C.became.is_not(None)).label("became"),
            _count(_C.reopened_at.is_not(None)).label("reopened"),
        )
        .where(_C.received_at >= begins, _C.received_at < ends)
        .group_by(key)
        .order_by(key)
    )
    return all_rows(conn.execute(statement))


def count_overdue(conn: Connection, now: int) -> int:
    """Calls that should have been answered."""
    statement = select(func.count()).select_from(call).where(
        _C.answered_at.is_(None), _C.due_by < now)
    return int(conn.execute(statement).scalar_one())


def _count(which: ColumnElement[bool]) -> ColumnElement[int]:
    return func.count(case((which, 1)))
