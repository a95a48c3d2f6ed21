"""The invariants of the trade catch what they are for: each is shown a day that breaks it."""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pytest

from node.cli.demo.books import Books, Edge, Finding
from node.cli.demo.trade import Trade
from node.v1 import words_pb2

CITY, DISTRICT = "420200", "420203"
TO = {"kind": "node", "id": DISTRICT}
Story = list[tuple[str, str, str, Mapping[str, Any]]]


def until(hour: int) -> dict[str, str]:
    return {"finish_by": f"2026-03-02T{hour:02}:00:00Z"}


SOUND: Story = [
    (CITY, "c1", "Assigned", {"assignment_id": "a1", "to": TO, "limits": until(10)}),
    (DISTRICT, "c1", "OrderTaken", {"assignment_id": "a1", "limits": until(10)}),
    (DISTRICT, "c1", "Assigned", {"assignment_id": "b1", "to": {"kind": "node", "id": "x"},
                                  "limits": until(9)}),
    (DISTRICT, "c1", "RequestRaised", {"request_id": "r1"}),
    (CITY, "c1", "RequestDecided", {"request_id": "r1", "granted": True, "limits": until(18)}),
    (DISTRICT, "c1", "RequestAnswered", {"request_id": "r1", "granted": True,
                                         "limits": until(18)}),
    (CITY, "c1", "AssignmentEnded", {"assignment_id": "a1", "ending": "closed"}),
    (DISTRICT, "c1", "DutyEnded", {"ending": "closed"}),
    (CITY, "c2", "CaseDeclined", {"duplicate_of": "c1"}),
]


def judged(folder: Path, story: Story) -> dict[str, Finding]:
    paths = {}
    for node in (CITY, DISTRICT):
        paths[node] = folder / f"{node}.db"
        with sqlite3.connect(paths[node]) as db:
            db.execute("CREATE TABLE cases (case_id TEXT)")
            db.execute("CREATE TABLE journal (n INTEGER PRIMARY KEY, case_id TEXT, "
                       "event_type TEXT, entry BLOB)")
            db.executemany("INSERT INTO cases VALUES (?)", [("c1",), ("c2",)])
            for _, case, event, fields in (one for one in story if one[0] == node):
                entry = words_pb2.JournalEntry(event_type=event, event=json.dumps(fields).encode())
                db.execute("INSERT INTO journal (case_id, event_type, entry) VALUES (?, ?, ?)",
                           (case, event, entry.SerializeToString()))
        db.close()
    books = Books(paths)
    try:
        found = Trade(books, [Edge(parent=CITY, child=DISTRICT)], CITY).findings()
    finally:
        books.close()
    return {one.name: one for one in found}


def changed(index: int, **fields: Any) -> Story:
    story = list(SOUND)
    node, case, event, old = story[index]
    story[index] = (node, case, event, {**old, **fields})
    return story


def test_a_sound_day_breaks_nothing(tmp_path: Path) -> None:
    found = judged(tmp_path, SOUND)

    assert dict.fromkeys(found, ()) == {name: one.broken for name, one in found.items()}
    assert "1 asked, 1 decided" == found[
        "every request was decided once, or became moot"].counted
    assert "1 duplicates" == found["every duplicate names the case that goes on"].counted


@pytest.mark.parametrize(("name", "story"), [
    ("no inner limit outlasts the outer one", changed(2, limits=until(11))),
    ("every request was decided once, or became moot", [*SOUND, SOUND[4]]),
    ("every request was decided once, or became moot", changed(5, granted=False)),
    ("every request was decided once, or became moot", [*SOUND[:4], SOUND[8]]),
    ("every duplicate names the case that goes on", changed(8, duplicate_of="nowhere")),
    ("every duplicate names the case that goes on", changed(8, duplicate_of="c2")),
    ("both tiers count the same", changed(7, ending="withdrawn")),
    ("both tiers count the same", [*SOUND, SOUND[1]]),
])
def test_a_day_that_breaks_an_invariant_is_told_so(
    tmp_path: Path, name: str, story: Story
) -> None:
    assert judged(tmp_path, story)[name].broken


def test_a_deadline_that_was_moved_above_gives_room_below(tmp_path: Path) -> None:
    later = (DISTRICT, "c1", "Assigned", {
        "assignment_id": "b2", "to": {"kind": "node", "id": "x"}, "limits": until(17)})

    after, before = [*SOUND[:6], later, *SOUND[6:]], [*SOUND[:5], later, *SOUND[5:]]

    name = "no inner limit outlasts the outer one"
    folders = [tmp_path / "after", tmp_path / "before"]
    for folder in folders:
        folder.mkdir()
    assert () == judged(folders[0], after)[name].broken
    assert judged(folders[1], before)[name].broken
