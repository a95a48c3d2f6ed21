"""What a sheet changes in a table, and what putting an earlier version back would."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from node.core.revising import Counts, counted, differences, going_back

KEYS = st.sampled_from("abcde")
TABLES = st.dictionaries(KEYS, st.fixed_dictionaries({"unit": st.sampled_from(["x", "y", "z"])}))


def applied(there: dict, changes: tuple) -> dict:
    now = dict(there)
    for one in changes:
        if one.after is None:
            del now[one.key]
        else:
            now[one.key] = one.after
    return now


def test_a_sheet_adds_and_changes_and_leaves_alone_what_it_does_not_name() -> None:
    there = {"a": {"unit": "x"}, "b": {"unit": "x"}, "c": {"unit": "x"}}
    sheet = {"a": {"unit": "x"}, "b": {"unit": "y"}, "d": {"unit": "z"}}

    found = differences(there, sheet)

    assert [(one.key, one.what) for one in found] == [("b", "changed"), ("d", "added")]
    assert found[0].differing() == {"unit": ("x", "y")}
    assert counted(found, named=3) == Counts(added=1, changed=1, removed=0, unchanged=1)


def test_a_whole_table_takes_away_what_it_does_not_name() -> None:
    found = differences({"a": {"unit": "x"}, "b": {}}, {"a": {"unit": "x"}}, whole=True)
    assert [(one.key, one.what) for one in found] == [("b", "removed")]


@given(TABLES, st.lists(st.tuples(TABLES, st.booleans()), max_size=5), st.data())
def test_going_back_restores_any_earlier_version_exactly(
    first: dict, sheets: list, data: st.DataObject
) -> None:
    states, log = [first], []
    for sheet, whole in sheets:
        changes = differences(states[-1], sheet, whole=whole)
        log.append([(one.key, one.before) for one in changes])
        states.append(applied(states[-1], changes))
    to = data.draw(st.integers(0, len(sheets)))
    newest_first = [pair for version in reversed(log[to:]) for pair in reversed(version)]

    assert applied(states[-1], going_back(states[-1], newest_first)) == states[to]
