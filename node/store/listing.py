"""The worklist: filters and pages over case rows, by keyset, so that the ten-thousandth page costs
what the first does and a case that is added meanwhile shifts nothing.

A page is looked for twice at most. First among the newest rows: whatever is common is there. What
does not fill a page there is rare, so all of it is found by the index of its rarest filter.
Neither way reads a table that grows for ever.

Statements are built per call here: a person asks for them, not a frame.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from functools import partial
from operator import eq
from typing import Any

from sqlalchemy import (
    Column,
    ColumnElement,
    Connection,
    Select,
    and_,
    bindparam,
    case,
    func,
    literal_column,
    not_,
    or_,
    select,
    tuple_,
)

from hub.store.tables import outbox
from node.core.case import CaseStatus
from node.core.grams import grams
from node.store import words
from node.store.handlers import handled_by
from node.store.rows import Row, all_rows
from node.store.scopes import inside
from node.store.tables import cases, work_item
from node.store.tables.casework import CONTESTED, LIVE, NO_OWNER

_UNSEEN = ("state", "private", "words")
LISTED = [column for column in cases.columns if column.name not in _UNSEEN]
"""Columns of a case that a list shows."""
_NEWEST_FIRST = (cases.c.opened_at.desc(), cases.c.case_id.desc())
_SORTED = ((cases.c.opened_at + 0).desc(), cases.c.case_id.desc())
"""The same order where no index may be chosen for its sake."""
NEWEST_ROWS, NEWEST_TEXTS = 20_000, 2_000
"""Rows among which a page is looked for first; fewer where their texts must be read."""
TEXTS_MAX, LEADS_MAX = 5_000, 20_000
"""Up to how many rows a text is rare, and a value of an index, where no row is read."""
_LAST = "\U0010ffff"
_INDEXED: Mapping[str, Column[Any]] = {
    "task_for": cases.c.task_for, "assignee": cases.c.assignee, "code": cases.c.code,
    "source": cases.c.source, "status": cases.c.status,
}
"""Filters for one value of a column that has an index, the rarest values first."""
_ORDERED = ("task_for", "contested", "no_owner", "flag", "overdue_at", "light", "assignee", "code")
"""Filters whose index is in the order of the page, and by which rows are rarer than by area."""
UNDISPATCHED = and_(LIVE, or_(
    cases.c.status == CaseStatus.PENDING_DISPATCH.value,
    and_(cases.c.status == CaseStatus.HELD.value, cases.c.assignee.is_(None)),
))
"""What this office has to hand to somebody: own cases that were filed, and what it holds for the
office above while nobody below has it."""
_SELDOM = frozenset({"handler", "waits", "undispatched"})
"""Filters that few rows pass, each by an index of its own that is in no order of the page."""
Filter = Callable[[Any], ColumnElement[bool]]
_FILTERS: Mapping[str, Filter] = {
    **{key: partial(eq, column) for key, column in _INDEXED.items()},
    "case_id": partial(eq, cases.c.case_id),
    "flag": lambda value: and_(
        cases.c.flags.is_not(None), cases.c.flags.contains(f",{value},", autoescape=True)
    ),
    "area": lambda value: cases.c.area.startswith(value, autoescape=True),
    "text": lambda value: or_(
        cases.c.case_no.icontains(value, autoescape=True),
        cases.c.address.icontains(value, autoescape=True),
    ),
    "overdue_at": lambda value: and_(
        LIVE, not_(cases.c.paused), cases.c.finish_by < _stands(value)
    ),
    "light": lambda value: _light(*value),
    "no_owner": lambda value: and_(NO_OWNER) if value else not_(cases.c.no_owner),
    "contested": lambda value: and_(CONTESTED) if value else not_(cases.c.contested),
    "handed": lambda value: (
        cases.c.assignee.is_not(None) if value else cases.c.assignee.is_(None)),
    "undispatched": lambda value: and_(UNDISPATCHED) if value else not_(UNDISPATCHED),
    "own": lambda value: cases.c.assignor.is_(None) if value else cases.c.assignor.is_not(None),
    "handler": handled_by,
    "waits": lambda value: _waiting(*value),
    "scope": inside,
    "opened_from": lambda value: cases.c.opened_at >= value,
    "opened_to": lambda value: cases.c.opened_at < value,
}


def _stands(now_us: int) -> ColumnElement[int]:
    """Where the clock stands: work that is done is judged by when it was done."""
    return func.coalesce(cases.c.done_at, now_us)


def _waiting(kind: str, detail: str) -> ColumnElement[bool]:
    """Cases with an open work item of a kind; ``detail`` is how its words begin, "" = any."""
    found = select(work_item.c.case_id).where(
        work_item.c.settled_at.is_(None), work_item.c.kind == kind)
    if detail:
        found = found.where(work_item.c.detail.startswith(f"{detail} ", autoescape=True))
    return cases.c.case_id.in_(found)


def _light(light: str, now_us: int) -> ColumnElement[bool]:
    """Rows of a light, as ``node.core.clock.light_at`` says it."""
    held = cases.c.finish_by.is_not(None)
    deadline = case((held, cases.c.finish_by), else_=cases.c.step_by)
    warn_at = case((held, cases.c.warn_at), else_=cases.c.step_warn_at)
    late = deadline < _stands(now_us)
    yellow = and_(warn_at.is_not(None), warn_at <= _stands(now_us))
    runs = and_(LIVE, not_(cases.c.paused), deadline.is_not(None))
    return {
        "grey": not_(runs),
        "red": and_(runs, late),
        "yellow": and_(runs, not_(late), yellow),
        "green": and_(runs, not_(late), not_(yellow)),
    }[light]


Conditions = Sequence[ColumnElement[bool]]


def conditions(where: Row) -> Conditions:
    """Filters by their keys; an unknown one is a ``KeyError``."""
    return [_FILTERS[key](value) for key, value in where.items()]


_LANE_OF = select(outbox.c.lane).where(outbox.c.msg_id == bindparam("msg"))


def list_cases(
    conn: Connection, where: Row, *, before: tuple[int, str] | None, limit: int
) -> Sequence[Row]:
    """Newest first by (opened_at, case_id); ``before`` is that pair of the last row of the page
    above. ``where`` keys are those of the filters; an unknown one is a ``KeyError``."""
    behind = [] if before is None else [
        tuple_(cases.c.opened_at, cases.c.case_id) < before
    ]
    wanted = [*behind, *conditions(where)]
    since = _newest(conn, behind, NEWEST_TEXTS if "text" in where else NEWEST_ROWS)
    if since is None:
        return _page(conn, wanted, limit)
    page = _page(conn, [*wanted, cases.c.opened_at >= since], limit)
    return page if len(page) == limit else _rare(conn, where, behind, limit)


Order = tuple[str, bool]
"""A key of ``SORTS`` and whether the greatest comes first."""
_NEVER = 1 << 62
"""Sorts behind every deadline."""
SORTS: Mapping[str, ColumnElement[Any]] = {
    "opened": cases.c.opened_at, "no": cases.c.case_no, "status": cases.c.status,
    "code": cases.c.code,
    "limit": func.coalesce(cases.c.finish_by, cases.c.step_by, _NEVER),
}
"""What the list can be put in order by. Each but the limit has an index in its order; by the limit
only what is alive is listed, which is all that has one to keep."""


def sorted_cases(
    conn: Connection, where: Row, *, order: Order, behind: tuple[Any, str] | None, limit: int
) -> Sequence[Row]:
    """A page in another order than newest first. Each row has its ``sort_key`` beside its columns;
    ``behind`` is (sort_key, case_id) of the last row of the page above."""
    name, down = order
    key = SORTS[name]
    wanted: list[ColumnElement[bool]] = [and_(LIVE)] if name == "limit" else []
    if behind is not None:
        pair = tuple_(key, cases.c.case_id)
        wanted.append(pair < behind if down else pair > behind)
    pieces = grams(where.get("text", ""))
    lead = _narrow(where) or _few_of(conn, where)
    rare = bool(lead) or not _SELDOM.isdisjoint(where) or bool(where.get("area"))
    if pieces and _few(conn, words.having(conn, pieces), TEXTS_MAX):
        wanted.append(cases.c.case_id.in_(words.having(conn, pieces)))
        rare = True
    wanted += _tested(where, lead)
    # What few rows have is found by its own index and sorted; else the order's index is walked.
    by = func.coalesce(key, key) if rare else key
    ways = (by.desc(), cases.c.case_id.desc()) if down else (by, cases.c.case_id)
    return all_rows(conn.execute(
        select(*LISTED, key.label("sort_key")).where(*wanted).order_by(*ways).limit(limit)))


def count_cases(conn: Connection, where: Row, *, most: int) -> int:
    """How many rows the filters let through, counted no further than ``most``."""
    found = select(cases.c.case_id).where(*conditions(where)).limit(most).subquery()
    return int(conn.execute(select(func.count()).select_from(found)).scalar_one())


def count_lights(
    conn: Connection, now_us: int, length: int
) -> Sequence[tuple[str, str, int]]:
    """Open cases by the first ``length`` characters of their area and by light: (area, light,
    how many). Read from the index of open cases alone."""
    area = func.substr(cases.c.area, 1, length)
    light = case(
        *((_light(one, now_us), one) for one in ("red", "yellow", "green")), else_="grey")
    statement = select(area, light, func.count()).where(LIVE).group_by(
        literal_column("1"), literal_column("2"))
    return [(row[0], row[1], int(row[2])) for row in conn.execute(statement)]


def _newest(conn: Connection, behind: Conditions, rows: int) -> int | None:
    """When the last of so many rows was opened; None if there are not so many."""
    statement = select(cases.c.opened_at).where(*behind).order_by(*_NEWEST_FIRST)
    found: int | None = conn.execute(statement.offset(rows - 1).limit(1)).scalar()
    return found


def _page(conn: Connection, wanted: Conditions, limit: int) -> Sequence[Row]:
    statement = select(*LISTED).where(*wanted).order_by(*_NEWEST_FIRST).limit(limit)
    return all_rows(conn.execute(statement))


def _rare(conn: Connection, where: Row, behind: Conditions, limit: int) -> Sequence[Row]:
    """A page of what is rare among the newest: one index leads, the rest is tested."""
    pieces = grams(where.get("text", ""))
    if pieces and _few(conn, words.having(conn, pieces), TEXTS_MAX):
        found = cases.c.case_id.in_(words.having(conn, pieces))
        return _sorted(conn, [*behind, found, *_tested(where)], limit)
    if not _SELDOM.isdisjoint(where):
        return _sorted(conn, [*behind, *_tested(where)], limit)
    lead = _narrow(where) or _few_of(conn, where)
    if not lead and where.get("area"):
        area = where["area"]
        inside = and_(cases.c.area >= area, cases.c.area < area + _LAST)
        return _sorted(conn, [*behind, inside, *_tested(where)], limit)
    lead = lead or next((key for key in _INDEXED if key in where), "")
    return _page(conn, [*behind, *_tested(where, lead)], limit)


def _narrow(where: Row) -> str:
    """The first filter that has an index in the order of the page. Whoever asks for what has an
    owner, is uncontested or has no light asks for nearly everything: that leads nowhere."""
    broad = {key for key, all_of_it in (
        ("no_owner", where.get("no_owner") is False),
        ("contested", where.get("contested") is False),
        ("light", where.get("light", ("",))[0] == "grey"),
    ) if all_of_it}
    return next((key for key in _ORDERED if key in where and key not in broad), "")


def _few_of(conn: Connection, where: Row) -> str:
    """The filter for one value that few rows have, if there is one."""
    for key in _INDEXED:
        if key in where:
            having = select(cases.c.case_id).where(_FILTERS[key](where[key]))
            if _few(conn, having, LEADS_MAX):
                return key
    return ""


def _few(conn: Connection, which: Select[tuple[str]], most: int) -> bool:
    found = select(func.count()).select_from(which.limit(most + 1).subquery())
    return conn.execute(found).scalar_one() <= most


def _tested(where: Row, lead: str = "") -> Conditions:
    """The filters, so that of those for one value only the lead may choose the index."""
    return [
        func.coalesce(_INDEXED[key], "") == value if key in _INDEXED and key != lead
        else _FILTERS[key](value)
        for key, value in where.items()
    ]


def _sorted(conn: Connection, wanted: Conditions, limit: int) -> Sequence[Row]:
    """Put in order by index alone; only the rows of the page are read whole."""
    page = select(cases.c.case_id).where(*wanted).order_by(*_SORTED).limit(limit)
    return _page(conn, [cases.c.case_id.in_(page)], limit)


def lane_of(conn: Connection, msg_id: bytes) -> bytes | None:
    """The lane of an outbox row, None if there is no such row."""
    lane: bytes | None = conn.execute(_LANE_OF, {"msg": msg_id}).scalar()
    return lane


def bonds(conn: Connection, lane: bytes) -> Sequence[Row]:
    """Delivery record of a lane, per link: link drafts unacked acked oldest_at (None once all is
    acknowledged). The empty lane is nobody's and has none."""
    if not lane:
        return ()
    open_ = outbox.c.acked_at.is_(None)
    statement = (
        select(
            outbox.c.link,
            func.count(case((outbox.c.seq.is_(None), 1))).label("drafts"),
            func.count(case((and_(outbox.c.seq.is_not(None), open_), 1))).label("unacked"),
            func.count(outbox.c.acked_at).label("acked"),
            func.min(case((open_, outbox.c.created_at))).label("oldest_at"),
        )
        .where(outbox.c.lane == lane)
        .group_by(outbox.c.link)
        .order_by(outbox.c.link)
    )
    return all_rows(conn.execute(statement))
