"""Names and phones where they lie, to be sealed under another key: of reporters and of callers."""

from __future__ import annotations

from collections.abc import Sequence

from sqlalchemy import Connection, bindparam, select, update

from node.store.rows import Row, all_rows
from node.store.tables import call_private, cases

_REPORTERS = (
    select(cases.c.case_id, cases.c.private)
    .where(cases.c.private.is_not(None), cases.c.case_id > bindparam("after"))
    .order_by(cases.c.case_id)
    .limit(bindparam("count"))
)
_CALLERS = (
    select(call_private.c.call_no, call_private.c.name, call_private.c.phone)
    .where(call_private.c.call_no > bindparam("after"))
    .order_by(call_private.c.call_no)
    .limit(bindparam("count"))
)
_PUT_REPORTER = (
    update(cases).where(cases.c.case_id == bindparam("of")).values(private=bindparam("now_private"))
)
_PUT_CALLER = (
    update(call_private)
    .where(call_private.c.call_no == bindparam("of"))
    .values(name=bindparam("now_name"), phone=bindparam("now_phone"))
)


def reporters_after(conn: Connection, after: str, count: int) -> Sequence[Row]:
    """case_id private, by id."""
    return all_rows(conn.execute(_REPORTERS, {"after": after, "count": count}))


def put_reporter(conn: Connection, case_id: str, private: bytes) -> None:
    """Replace what is private about a case; nothing else of it changes."""
    conn.execute(_PUT_REPORTER, {"of": case_id, "now_private": private})


def callers_after(conn: Connection, after: str, count: int) -> Sequence[Row]:
    """call_no name phone, by number."""
    return all_rows(conn.execute(_CALLERS, {"after": after, "count": count}))


def put_caller(conn: Connection, call_no: str, *, name: str, phone: str) -> None:
    """Replace who called."""
    conn.execute(_PUT_CALLER, {"of": call_no, "now_name": name, "now_phone": phone})
