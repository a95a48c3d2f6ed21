"""The store counts what a plain reading of the rows counts, on both databases."""

from __future__ import annotations

import random
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from sqlalchemy import Connection, text
from sqlalchemy.exc import IntegrityError

from hub.store.engine import connect, open_engine
from node.core.counters import COUNTERS, KEYS, MARKS, TIMES, Counter, Filter, RowKind
from node.core.counting import Listing, Question, Scope, Timing
from node.core.indicators import Key
from node.store import evaluation as store

BEGIN = datetime(2026, 11, 1, tzinfo=UTC)
END = BEGIN + timedelta(days=30)
EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
ROWS = 600


def us(instant: datetime) -> int:
    return (instant - EPOCH) // timedelta(microseconds=1)


def made(seed: int) -> list[dict[str, Any]]:
    """Rows of every kind with instants before, in and after the period, many of them unset."""
    dice = random.Random(seed)

    def instant(share: float) -> int | None:
        if dice.random() > share:
            return None
        return us(BEGIN) + dice.randrange(-5, 36) * 86_400_000_000 + dice.randrange(86_400_000_000)

    rows = []
    for n in range(ROWS):
        kind = dice.choice(list(RowKind))
        row: dict[str, Any] = {
            "case_id": f"018f0000-0000-7000-8000-{n // 3:012d}", "kind": kind.value, "ref": f"r{n}",
            "case_no": str(n), "excluded": dice.choice(("", "", "", "voided", "returned")),
            **{name: dice.choice(("", "a", "b")) for name in KEYS},
            **{name: instant(0.8) for name in TIMES},
            **{f"m_{name}": instant(0.5) for name in MARKS},
        }
        row["area"] = dice.choice(("420203", "420203001", "420203001002", "420204001"))
        row["unit"] = dice.choice(("420203", "420203001/power", "u%_x"))
        rows.append(row)
    return rows


@pytest.fixture
def conn(database_url: str) -> Iterator[Connection]:
    with connect(open_engine(database_url)) as connection, connection.begin():
        yield connection


# --- a second opinion, in Python ------------------------------------------------------------------


def at(row: Mapping[str, Any], name: str) -> int | None:
    value: int | None = row[name if name in TIMES else f"m_{name}"]
    return value


def passes(row: Mapping[str, Any], one: Filter) -> bool:
    found = row[one.column] != "" if "*" in one.values else row[one.column] in one.values
    return found is not one.negate


def counted(row: Mapping[str, Any], counter: Counter, cut: datetime) -> bool:
    since = at(row, counter.since)
    return (
        since is not None and since < us(cut)
        and all(at(row, name) is None for name in counter.unless)
        and all((until := at(row, name)) is None or until >= us(cut) for name in counter.until)
        and not (counter.charged and row["excluded"])
        and all(passes(row, one) for one in counter.where)
    )


def within(row: Mapping[str, Any], scope: Scope, keys: Sequence[Key]) -> bool:
    instants = [at(row, name) for name in scope.columns]
    return (
        row["kind"] == scope.kind.value
        and any(one is not None and us(scope.begins) <= one < us(scope.ends) for one in instants)
        and all(passes(row, Filter(column=name, values=values))
                for name, values in scope.where.items())
        and all(row[name].startswith(value) for name, value in scope.prefixes.items())
        and row["filing_node"] not in scope.trial_nodes and row["maker"] not in scope.trial_nodes
        and all(len(row[key.column]) >= (key.length or 0) for key in keys)
    )


def key_of(row: Mapping[str, Any], keys: Sequence[Key]) -> tuple[str, ...]:
    return tuple(row[key.column][: key.length] for key in keys)


SCOPE = Scope(kind=RowKind.LEG, columns=("settle_at",), begins=BEGIN, ends=END,
              cut=END - timedelta(days=3))
SCOPES = {
    "plain": SCOPE,
    "two instants": replace(SCOPE, columns=("settle_at", "due_at")),
    "cases": replace(SCOPE, kind=RowKind.CASE, columns=("filed_at",)),
    "filtered": replace(SCOPE, where={"source": ("a", "b"), "grid": ("*",)}),
    "beginning": replace(SCOPE, prefixes={"unit": "u%_", "area": "4202"}),
    "on trial": replace(SCOPE, trial_nodes=("a",)),
    "posts": replace(SCOPE, kind=RowKind.POST, where={"post": ("a",)}),
}
DERIVED = replace(
    COUNTERS["handled"], name="handled_elsewhere",
    where=(Filter(column="source", values=("a",), negate=True),
           Filter(column="grid", values=("*",))),
)


@pytest.mark.parametrize("scope", SCOPES.values(), ids=SCOPES.keys())
def test_counts_are_those_of_a_plain_reading(conn: Connection, scope: Scope) -> None:
    rows = made(7)
    store.replace_evaluation(conn, [], rows)
    keys = (Key(column="area", length=9), Key(column="unit"))
    counters = (*COUNTERS.values(), DERIVED)
    asked = Question(scope=scope, keys=keys, counters=counters)
    found = dict(store.tally(conn, asked))
    expected: dict[tuple[str, ...], list[int]] = {}
    for row in rows:
        if within(row, scope, keys):
            sums = expected.setdefault(key_of(row, keys), [0] * len(counters))
            for n, counter in enumerate(counters):
                sums[n] += counted(row, counter, scope.cut)
    assert found == expected
    assert sum(map(sum, expected.values())) > 20


def test_rows_behind_a_figure_are_listed_page_by_page_each_once(conn: Connection) -> None:
    rows = made(8)
    store.replace_evaluation(conn, [], rows)
    keys = (Key(column="area", length=6),)
    counter = COUNTERS["should_handle"]
    listing = Listing(scope=SCOPE, keys=keys, key=("420203",), counter=counter)
    expected = sorted(
        (row["case_id"], row["ref"]) for row in rows
        if within(row, SCOPE, keys) and key_of(row, keys) == ("420203",)
        and counted(row, counter, SCOPE.cut)
    )
    found: list[tuple[str, str]] = []
    after = None
    while page := store.evaluated_cases(conn, listing, after, 7):
        found += [(row["case_id"], row["ref"]) for row in page]
        after = found[-1]
    assert found == expected
    assert len(found) > 20
    assert store.count_evaluated(conn, listing) == len(found)
    whole = replace(listing, key=())
    of_all = sum(within(row, SCOPE, keys) and counted(row, counter, SCOPE.cut) for row in rows)
    assert store.count_evaluated(conn, whole) == of_all > len(found)
    assert len(store.evaluated_cases(conn, whole, None, 1_000)) == of_all


def test_times_are_summed_over_rows_that_have_both_instants_in_order(conn: Connection) -> None:
    rows = made(9)
    store.replace_evaluation(conn, [], rows)
    scope = replace(SCOPE, columns=("begun_at",))
    asked = Timing(scope=scope, keys=(Key(column="unit"),), begin="begun_at", end="handled")
    expected: dict[tuple[str, ...], list[int]] = {}
    for row in rows:
        begin, end = row["begun_at"], row["m_handled"]
        if within(row, scope, asked.keys) and not row["excluded"] and None not in (begin, end) and (
            begin <= end < us(scope.cut)
        ):
            expected.setdefault((row["unit"],), []).append(end - begin)
    assert {key: (count, total, most) for key, count, total, most in store.timing(conn, asked)} == {
        key: (len(took), sum(took), max(took)) for key, took in expected.items()
    }


def test_rows_of_a_case_are_replaced_together_and_others_stay(conn: Connection) -> None:
    rows = made(10)
    store.replace_evaluation(conn, [], rows)
    case_id = rows[0]["case_id"]
    one = {**rows[0], "ref": "new"}
    store.replace_evaluation(conn, [case_id], [one])
    assert store.stored_evaluation(conn, [case_id]) == [one]
    others = sorted({row["case_id"] for row in rows} - {case_id})
    assert len(store.stored_evaluation(conn, others)) == ROWS - 3


def test_grouping_is_the_one_that_held_then(conn: Connection) -> None:
    def row(key: str, of: str, begins: int, ends: int | None = None) -> dict[str, Any]:
        return {"scheme": "firm", "key": key, "member_of": of, "valid_from": begins,
                "valid_to": ends}

    store.put_evaluation_groups(conn, [row("wang", "甲", 0, 50), row("wang", "乙", 50)])
    store.put_evaluation_groups(conn, [row("li", "甲", 0), row("li", "丙", 0)])
    assert [("li", "丙"), ("wang", "甲")] == [
        (one["key"], one["member_of"]) for one in store.evaluation_groups(conn, 49)]
    assert [("li", "丙"), ("wang", "乙")] == [
        (one["key"], one["member_of"]) for one in store.evaluation_groups(conn, 50)]


def test_publications_are_listed_newest_first_and_kept_byte_for_byte(conn: Connection) -> None:
    for n in (1, 2, 3):
        one = f"018f0000-0000-7000-8000-00000000000{n}"
        row = {
            "publication_id": one, "subject": "unit", "period": "2026-11", "begins_at": 0,
            "definition": "2026-1", "definition_digest": "d", "definition_text": "规则",
            "open": n == 2, "published_at": 100, "published_by": "eva", "digest": "x",
            "key_id": "k", "signature": b"\x00\xff",
        }
        store.add_publication(conn, row, [
            {"publication_id": one, "format": "csv", "digest": "y", "bytes": b"\xef\xbb\xbf\x00"}])
    first = store.publications(conn, None, 2)
    last = (first[-1]["published_at"], first[-1]["publication_id"])
    then = store.publications(conn, last, 2)
    assert ["3", "2", "1"] == [row["publication_id"][-1] for row in (*first, *then)]
    assert [False, True, False] == [bool(row["open"]) for row in (*first, *then)]
    (shown,) = store.publications(conn, None, 9, open_only=True)
    assert shown["publication_id"][-1] == "2"
    kept = store.one_publication(conn, last[1])
    assert kept is not None
    assert (bytes(kept["signature"]), kept["definition_text"]) == (b"\x00\xff", "规则")
    (file,) = store.publication_files(conn, last[1])
    assert bytes(file["bytes"]) == b"\xef\xbb\xbf\x00"
    with pytest.raises(IntegrityError):
        store.add_publication(conn, dict(kept), [])


def test_no_period_reads_rows_of_other_periods(database_url: str) -> None:
    """A decade of rows must not be read for a month: every window has its index."""
    begin, end = us(BEGIN), us(END)
    with connect(open_engine(database_url)) as conn:
        with conn.begin():
            rows = made(11)
            for n, row in enumerate(rows):
                for name in TIMES:
                    row[name] = begin - (n + 1) * 86_400_000_000
            store.replace_evaluation(conn, [], rows)
        if conn.dialect.name == "postgresql":
            conn.execute(text("ANALYZE evaluation_row"))
            conn.execute(text("SET enable_seqscan = off"))
        for column in TIMES:
            query = (f"SELECT count(*) FROM evaluation_row WHERE kind = 'leg' AND "
                     f"{column} >= {begin} AND {column} < {end}")
            explain = "EXPLAIN " if conn.dialect.name == "postgresql" else "EXPLAIN QUERY PLAN "
            plan = " ".join(str(row) for row in conn.execute(text(explain + query)))
            assert f"ix_evaluation_row_{column.removesuffix('_at')}" in plan, plan
