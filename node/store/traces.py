"""Journal entries from below under their makers' own seals, and the sets two neighbours compare.

The order of these sets, (case_id, node, branch, version), is that of their keys' bytes on the
wire: ids are collated by bytes on both databases.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator, Sequence
from itertools import islice
from typing import Any, TypeVar

from sqlalchemy import (
    ColumnElement,
    Connection,
    LargeBinary,
    Select,
    and_,
    bindparam,
    exists,
    literal,
    null,
    select,
    tuple_,
    union_all,
    update,
)

from hub.store.dialect import insert_ignore
from hub.store.tables import outbox
from node.store.rows import Row, all_rows
from node.store.tables import NODE_ID, assignment, cases, journal, trace

S = TypeVar("S", bound=Select[*tuple[Any, ...]])

Key = tuple[str, str, int, int]
"""case_id, node ("" = ours), branch, version."""

KEYS_PER_STATEMENT = 500
"""Keys in one IN list: four variables each, far below what either database takes."""
CASE_ID_CHARS = 36

_OURS = literal("", NODE_ID).label("node")
_ADD = insert_ignore(trace, ["case_id", "node", "branch", "version"])
_OF_CASE = (
    select(trace)
    .where(trace.c.case_id == bindparam("of"))
    .order_by(trace.c.hlc, trace.c.node, trace.c.branch, trace.c.version)
    .limit(bindparam("count"))
)
_OWN_KEY = journal.c.case_id, journal.c.branch, journal.c.version
_BELOW_KEY = trace.c.case_id, trace.c.node, trace.c.branch, trace.c.version
_IN_OWN_BOX = and_(
    journal.c.case_id.in_(bindparam("cases", expanding=True)),
    journal.c.branch.in_(bindparam("branches", expanding=True)),
    journal.c.version.between(bindparam("least"), bindparam("most")),
)
_IN_BOX = and_(
    trace.c.case_id.in_(bindparam("cases", expanding=True)),
    trace.c.node.in_(bindparam("nodes", expanding=True)),
    trace.c.branch.in_(bindparam("branches", expanding=True)),
    trace.c.version.between(bindparam("least"), bindparam("most")),
)
_KNOWN = select(*_BELOW_KEY).where(_IN_BOX)
_EVIDENCE_OURS = select(
    _OWN_KEY[0], _OURS, *_OWN_KEY[1:], journal.c.entry,
    null().cast(LargeBinary).label("sealed"),
).where(_IN_OWN_BOX)
_EVIDENCE_BELOW = select(*_BELOW_KEY, trace.c.entry, trace.c.sealed).where(_IN_BOX)
_MARK_OURS = (
    update(journal)
    .where(
        journal.c.case_id == bindparam("of_case"),
        journal.c.branch == bindparam("of_branch"),
        journal.c.version == bindparam("of_version"),
    )
    .values(trace_msg=bindparam("msg"))
)
_MARK_BELOW = (
    update(trace)
    .where(
        trace.c.case_id == bindparam("of_case"),
        trace.c.node == bindparam("of_node"),
        trace.c.branch == bindparam("of_branch"),
        trace.c.version == bindparam("of_version"),
    )
    .values(relay_msg=bindparam("msg"))
)


def add_traces(conn: Connection, rows: Sequence[Row]) -> None:
    """Union into the set: every column of ``trace``; a key that is there stays as it is."""
    if rows:
        _ADD.run(conn, rows)


def known_traces(conn: Connection, keys: Collection[Key]) -> set[Any]:
    """Which of these entries from below are stored already; compare as tuples."""
    found: set[Any] = set()
    for chunk in _chunks(keys):
        rows = conn.execute(_KNOWN, _box(chunk))
        found.update(map(tuple, rows))
    return found & set(keys)


def case_traces(conn: Connection, case_id: str, limit: int) -> Sequence[Row]:
    """Entries of all nodes below for one case, by their makers' clocks."""
    return all_rows(conn.execute(_OF_CASE, {"of": case_id, "count": limit}))


def entries_from(conn: Connection, node: str, event_types: Collection[str]) -> Sequence[Row]:
    """case_id version event_type entry of a node's own entries of these types, oldest first; walks
    the whole table."""
    statement = (
        select(trace.c.case_id, trace.c.version, trace.c.event_type, trace.c.entry)
        .where(trace.c.node == node, trace.c.event_type.in_(list(event_types)))
        .order_by(trace.c.case_id, trace.c.branch, trace.c.version)
    )
    return all_rows(conn.execute(statement))


def trace_set_below(
    conn: Connection, *, assignor: str, prefix: str, after: Key | None, limit: int
) -> Sequence[Row]:
    """What we could have told this assignor: our own entries (node "") and those from below, of
    the cases it handed us, but for what is enqueued to it and not acknowledged. An entry that was
    never enqueued is in the set: that is how it is found. Columns case_id node branch version
    digest."""
    own_key = journal.c.case_id, _OURS, journal.c.branch, journal.c.version
    own = (
        select(*own_key, journal.c.digest)
        .join(cases, cases.c.case_id == journal.c.case_id)
        .where(cases.c.assignor == assignor, ~_unacked(journal.c.trace_msg))
    )
    below_key = trace.c.case_id, trace.c.node, trace.c.branch, trace.c.version
    below = (
        select(*below_key, trace.c.digest)
        .join(cases, cases.c.case_id == trace.c.case_id)
        .where(cases.c.assignor == assignor, ~_unacked(trace.c.relay_msg))
    )
    own = _bounded(own, cases.c.case_id, prefix)
    below = _bounded(below, cases.c.case_id, prefix)
    if after is not None:
        # The first condition is implied; it lets the index skip the cases already paged.
        own = own.where(cases.c.case_id >= after[0], tuple_(*own_key) > tuple(after))
        below = below.where(cases.c.case_id >= after[0], tuple_(*below_key) > tuple(after))
    # Each side gives at most one page, or a page would cost as much as the whole set.
    one = own.order_by(cases.c.case_id, journal.c.branch, journal.c.version).limit(limit)
    two = below.order_by(cases.c.case_id, *below_key[1:]).limit(limit)
    both = union_all(select(one.subquery()), select(two.subquery())).subquery()
    ordered = select(both).order_by(both.c.case_id, both.c.node, both.c.branch, both.c.version)
    return all_rows(conn.execute(ordered.limit(limit)))


def trace_set_above(
    conn: Connection, *, via: str, prefix: str, after: Key | None, limit: int
) -> Sequence[Row]:
    """What this neighbour has handed up to us; the same columns and order."""
    columns = trace.c.case_id, trace.c.node, trace.c.branch, trace.c.version
    statement = select(*columns, trace.c.digest).where(trace.c.via == via)
    statement = _bounded(statement, trace.c.case_id, prefix)
    if after is not None:
        statement = statement.where(trace.c.case_id >= after[0], tuple_(*columns) > tuple(after))
    return all_rows(conn.execute(statement.order_by(*columns).limit(limit)))


def unacked_traces(conn: Connection, link: str, case_prefix: str) -> set[Any]:
    """Keys (node "" = ours) whose trace to this link is enqueued and not acknowledged."""
    waiting = and_(outbox.c.link == link, outbox.c.acked_at.is_(None))
    own = (
        select(journal.c.case_id, _OURS, journal.c.branch, journal.c.version)
        .join(outbox, outbox.c.msg_id == journal.c.trace_msg)
        .where(waiting)
    )
    below = (
        select(trace.c.case_id, trace.c.node, trace.c.branch, trace.c.version)
        .join(outbox, outbox.c.msg_id == trace.c.relay_msg)
        .where(waiting)
    )
    both = union_all(
        _bounded(own, journal.c.case_id, case_prefix),
        _bounded(below, trace.c.case_id, case_prefix),
    )
    return {tuple(row) for row in conn.execute(both)}


def evidence(conn: Connection, keys: Collection[Key]) -> Sequence[Row]:
    """case_id node branch version entry sealed of these keys; ``sealed`` is None for our own,
    which have no envelope but the one they leave in."""
    found: list[Row] = []
    for statement, ours in ((_EVIDENCE_OURS, True), (_EVIDENCE_BELOW, False)):
        for chunk in _chunks({key for key in keys if (not key[1]) is ours}):
            box, wanted = _box(chunk), set(chunk)
            if ours:
                del box["nodes"]
            found.extend(
                row for row in all_rows(conn.execute(statement, box))
                if (row["case_id"], row["node"], row["branch"], row["version"]) in wanted
            )
    return found


def _box(keys: Collection[Any]) -> dict[str, Any]:
    """The smallest box of the primary key that holds these keys: a few searches of the index,
    where a list of whole keys would make SQLite read the table. Others in it are sorted out by
    whoever asked."""
    cases_, nodes, branches, versions = zip(*keys, strict=True)
    return {
        "cases": sorted(set(cases_)), "nodes": sorted(set(nodes)),
        "branches": sorted(set(branches)), "least": min(versions), "most": max(versions),
    }


def mark_trace_msg(conn: Connection, rows: Sequence[Row]) -> None:
    """Note which envelope carries an entry up: case_id node branch version msg."""
    ours = [_mark(row) for row in rows if not row["node"]]
    below = [{**_mark(row), "of_node": row["node"]} for row in rows if row["node"]]
    if ours:
        conn.execute(_MARK_OURS, ours)
    if below:
        conn.execute(_MARK_BELOW, below)


def assignments_on(conn: Connection, assignee: str, prefix: str) -> Sequence[Row]:
    """Live assignments of one assignee by id: assignment_id generation case_id."""
    statement = select(
        assignment.c.assignment_id, assignment.c.generation, assignment.c.case_id
    ).where(assignment.c.assignee == assignee, assignment.c.ended.is_(None))
    statement = _bounded(statement, assignment.c.assignment_id, prefix)
    return all_rows(conn.execute(statement.order_by(assignment.c.assignment_id)))


def duties_from(conn: Connection, assignor: str, prefix: str) -> Sequence[Row]:
    """Duties of one assignor that we hold or have done, by id: assignment_id held_generation
    case_id."""
    statement = select(cases.c.assignment_id, cases.c.held_generation, cases.c.case_id).where(
        cases.c.assignor == assignor, cases.c.duty.in_(("held", "done"))
    )
    statement = _bounded(statement, cases.c.assignment_id, prefix)
    return all_rows(conn.execute(statement.order_by(cases.c.assignment_id)))


def _unacked(msg: ColumnElement[bytes]) -> ColumnElement[bool]:
    return exists().where(outbox.c.msg_id == msg, outbox.c.acked_at.is_(None))


def _bounded(statement: S, column: ColumnElement[str], prefix: str) -> S:
    """Only ids that begin with ``prefix``, as a range an index can walk: "g" is the first
    character behind the hexadecimal digits."""
    if not prefix:
        return statement
    return statement.where(column >= prefix, column < prefix + "g")


def _mark(row: Row) -> Row:
    return {
        "of_case": row["case_id"],
        "of_branch": row["branch"],
        "of_version": row["version"],
        "msg": row["msg"],
    }


def _chunks(keys: Collection[Key]) -> Iterator[list[tuple[Any, ...]]]:
    left = iter(keys)
    while chunk := [tuple(key) for key in islice(left, KEYS_PER_STATEMENT)]:
        yield chunk
