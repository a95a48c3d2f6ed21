"""The evaluation's rows: computed elsewhere, kept here, counted with one statement per window.

A row belongs to a case; all rows of a case are replaced together. Counting never reads a journal:
whatever a counter asks is a column.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from datetime import UTC, datetime, timedelta

from sqlalchemy import (
    ColumnElement,
    Connection,
    and_,
    bindparam,
    case,
    delete,
    func,
    insert,
    literal_column,
    or_,
    select,
    tuple_,
)

from hub.store.dialect import upsert
from node.core.counters import KEYS, MARKS, TIMES, Counter
from node.core.counting import Listing, Question, Scope, Timing
from node.core.indicators import Key
from node.store import access, casework, places
from node.store.rows import Row, all_rows, one_row
from node.store.tables import (
    cases,
    evaluation_group,
    evaluation_row,
    journal,
    publication,
    publication_file,
    trace,
)

# What the evaluation reads beside its own tables.
changes, latest_change = casework.changes, casework.latest_change
meta, set_meta = access.meta, access.set_meta

ANYTHING = "*"
_R = evaluation_row.c
_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_INSERT = insert(evaluation_row)
_DELETE = delete(evaluation_row).where(_R.case_id.in_(bindparam("ids", expanding=True)))
_STORED = (
    select(evaluation_row)
    .where(_R.case_id.in_(bindparam("ids", expanding=True)))
    .order_by(_R.case_id, _R.kind, _R.ref)
)
_JOURNAL = select(journal.c.entry).where(journal.c.case_id.in_(bindparam("ids", expanding=True)))
_TRACES = select(trace.c.entry).where(trace.c.case_id.in_(bindparam("ids", expanding=True)))
_CASES_AFTER = (
    select(cases.c.case_id)
    .where(cases.c.case_id > bindparam("after"))
    .order_by(cases.c.case_id)
    .limit(bindparam("count"))
)
_TRACED_AFTER = (
    select(trace.c.case_id)
    .where(trace.c.case_id > bindparam("after"))
    .distinct()
    .order_by(trace.c.case_id)
    .limit(bindparam("count"))
)
_PUT_GROUP = upsert(
    evaluation_group, ["scheme", "key", "valid_from"], ["member_of", "valid_to"]
)
_GROUPS = select(evaluation_group).where(
    evaluation_group.c.valid_from <= bindparam("at"),
    or_(evaluation_group.c.valid_to.is_(None), evaluation_group.c.valid_to > bindparam("at")),
).order_by(evaluation_group.c.scheme, evaluation_group.c.key, evaluation_group.c.valid_from)
_PUBLISHED = [
    column for column in publication.c if column.name not in ("definition_text", "signature")
]


# --- keeping rows ---------------------------------------------------------------------------------


def evaluation_entries(conn: Connection, case_ids: Collection[str]) -> Sequence[bytes]:
    """The journal entries of these cases as their bytes: our own, and those from below."""
    given = {"ids": list(case_ids)}
    found = [*conn.execute(_JOURNAL, given).scalars(), *conn.execute(_TRACES, given).scalars()]
    return [bytes(entry) for entry in found]


def evaluation_cases(conn: Connection, after: str, limit: int) -> Sequence[str]:
    """Ids of cases that have entries here, in order, from the one behind ``after`` on."""
    given = {"after": after, "count": limit}
    ids = {*conn.execute(_CASES_AFTER, given).scalars()}
    ids.update(conn.execute(_TRACED_AFTER, given).scalars())
    return sorted(ids)[:limit]


def evaluation_case_count(conn: Connection) -> int:
    """How many cases there are, for a progress bar."""
    return int(conn.execute(select(func.count()).select_from(cases)).scalar_one())


def replace_evaluation(
    conn: Connection, case_ids: Collection[str], rows: Sequence[Row]
) -> None:
    """Put these rows in place of whatever these cases have. Every row carries every column."""
    if case_ids:
        conn.execute(_DELETE, {"ids": list(case_ids)})
    if rows:
        conn.execute(_INSERT, rows)


def stored_evaluation(conn: Connection, case_ids: Collection[str]) -> Sequence[Row]:
    """The rows of these cases, every column, ordered by case, kind and ref."""
    return all_rows(conn.execute(_STORED, {"ids": list(case_ids)}))


# --- counting -------------------------------------------------------------------------------------


def tally(conn: Connection, question: Question) -> Sequence[tuple[tuple[str, ...], list[int]]]:
    """Per combination of keys that has rows: how many of them each counter counts, in the order
    asked."""
    keys = [_key(key) for key in question.keys]
    sums = [
        func.sum(case((_counts(counter, question.scope.cut), 1), else_=0))
        for counter in question.counters
    ]
    statement = (
        select(*keys, *sums)
        .where(*_scope(question.scope), *_long_enough(question.keys))
        .group_by(*(literal_column(str(i + 1)) for i in range(len(keys))))
    )
    width = len(keys)
    return [
        (tuple(row[:width]), [int(count) for count in row[width:]])
        for row in conn.execute(statement)
    ]


def evaluated_cases(
    conn: Connection, listing: Listing, after: tuple[str, str] | None, limit: int
) -> Sequence[Row]:
    """The rows behind one figure, by case and ref: every column of the row."""
    statement = select(evaluation_row).where(*_listed(listing))
    if after is not None:
        statement = statement.where(tuple_(_R.case_id, _R.ref) > after)
    return all_rows(conn.execute(statement.order_by(_R.case_id, _R.ref).limit(limit)))


def count_evaluated(conn: Connection, listing: Listing) -> int:
    """How many rows are behind one figure."""
    statement = select(func.count()).select_from(evaluation_row).where(*_listed(listing))
    return int(conn.execute(statement).scalar_one())


def timing(
    conn: Connection, asked: Timing
) -> Sequence[tuple[tuple[str, ...], int, int, int]]:
    """Per combination of keys: how many rows have both instants in order, and the sum and the
    greatest of the times between them, in microseconds."""
    begin, end = _instant(asked.begin), _instant(asked.end)
    took = end - begin
    keys = [_key(key) for key in asked.keys]
    statement = (
        select(*keys, func.count(), func.sum(took), func.max(took))
        .where(
            *_scope(asked.scope),
            *_long_enough(asked.keys),
            _R.excluded == "",
            begin.is_not(None),
            end >= begin,
            end < _us(asked.scope.cut),
        )
        .group_by(*(literal_column(str(i + 1)) for i in range(len(keys))))
    )
    width = len(keys)
    return [
        (tuple(row[:width]), int(row[width]), int(row[width + 1]), int(row[width + 2]))
        for row in conn.execute(statement)
    ]


def _listed(listing: Listing) -> list[ColumnElement[bool]]:
    theirs = zip(listing.keys, listing.key, strict=True) if listing.key else ()
    return [
        *_scope(listing.scope),
        *_long_enough(listing.keys),
        *(_key(key) == value for key, value in theirs),
        _counts(listing.counter, listing.scope.cut),
    ]


def _scope(scope: Scope) -> list[ColumnElement[bool]]:
    begins, ends = _us(scope.begins), _us(scope.ends)
    within = [
        and_(_instant(name) >= begins, _instant(name) < ends) for name in scope.columns
    ]
    found = [_R.kind == scope.kind.value, or_(*within)]
    for name, values in scope.where.items():
        found.append(_among(name, values))
    for name, prefix in scope.prefixes.items():
        assert name in KEYS, name
        # As a range of the code, so that no character of it is a wildcard.
        found.append(func.substr(_R[name], 1, len(prefix)) == prefix)
    if scope.trial_nodes:
        found.append(_R.filing_node.not_in(scope.trial_nodes))
        found.append(_R.maker.not_in(scope.trial_nodes))
    return found


def _among(name: str, values: tuple[str, ...]) -> ColumnElement[bool]:
    assert name in KEYS, name
    if ANYTHING in values:
        return _R[name] != ""
    return _R[name].in_(values)


def _counts(counter: Counter, cut: datetime) -> ColumnElement[bool]:
    at = _us(cut)
    since = _instant(counter.since)
    found = [since.is_not(None), since < at]
    found.extend(_instant(name).is_(None) for name in counter.unless)
    for name in counter.until:
        found.append(or_(_instant(name).is_(None), _instant(name) >= at))
    if counter.charged:
        found.append(_R.excluded == "")
    for one in counter.where:
        chosen = _among(one.column, one.values)
        found.append(~chosen if one.negate else chosen)
    return and_(*found)


def _key(key: Key) -> ColumnElement[str]:
    assert key.column in KEYS, key.column
    column: ColumnElement[str] = _R[key.column]
    return column if key.length is None else func.substr(column, 1, key.length)


def _long_enough(keys: Sequence[Key]) -> list[ColumnElement[bool]]:
    return [
        func.length(_R[key.column]) >= key.length for key in keys if key.length is not None
    ]


def _instant(name: str) -> ColumnElement[int]:
    if name in TIMES:
        return _R[name]
    assert name in MARKS, name
    return _R[f"m_{name}"]


def _us(instant: datetime) -> int:
    return (instant - _EPOCH) // timedelta(microseconds=1)


# --- groupings ------------------------------------------------------------------------------------


def put_evaluation_groups(conn: Connection, rows: Sequence[Row]) -> None:
    """Insert or replace by scheme, key and valid_from: scheme key member_of valid_from valid_to."""
    if rows:
        _PUT_GROUP.run(conn, rows)


def evaluation_groups(conn: Connection, at_us: int) -> Sequence[Row]:
    """What belongs to what at that instant; of several, the one that began last stands last."""
    return all_rows(conn.execute(_GROUPS, {"at": at_us}))


def region_names(conn: Connection, codes: Collection[str]) -> Mapping[str, str]:
    """Names of divisions by code, as far as they were imported."""
    return {code: row["name"] for code, row in places.rows_of(conn, "region", codes).items()}


# --- publications ---------------------------------------------------------------------------------


def add_publication(conn: Connection, row: Row, files: Sequence[Row]) -> None:
    """Keep what was published, for ever: every column of both tables."""
    conn.execute(insert(publication), row)
    conn.execute(insert(publication_file), files)


def publications(
    conn: Connection, before: tuple[int, str] | None, limit: int, *, open_only: bool = False
) -> Sequence[Row]:
    """Newest first, without the texts and signatures; ``open_only``: those for everybody."""
    statement = select(*_PUBLISHED)
    if open_only:
        statement = statement.where(publication.c.open.is_(True))
    if before is not None:
        at = tuple_(publication.c.published_at, publication.c.publication_id)
        statement = statement.where(at < before)
    ordered = statement.order_by(
        publication.c.published_at.desc(), publication.c.publication_id.desc()
    )
    return all_rows(conn.execute(ordered.limit(limit)))


def was_published(
    conn: Connection, *, subject: str, period: str, by: str, open_to_all: bool
) -> bool:
    """Whether this sheet was published by them."""
    statement = select(publication.c.publication_id).where(
        publication.c.subject == subject,
        publication.c.period == period,
        publication.c.published_by == by,
        publication.c.open.is_(open_to_all),
    )
    return conn.execute(statement.limit(1)).first() is not None


def one_publication(conn: Connection, publication_id: str) -> Row | None:
    """Every column of one."""
    statement = select(publication).where(publication.c.publication_id == publication_id)
    return one_row(conn.execute(statement))


def publication_files(conn: Connection, publication_id: str) -> Sequence[Row]:
    """Its files: format digest bytes."""
    statement = (
        select(publication_file.c.format, publication_file.c.digest, publication_file.c.bytes)
        .where(publication_file.c.publication_id == publication_id)
        .order_by(publication_file.c.format)
    )
    return all_rows(conn.execute(statement))
