"""Personal data whose time is over is erased, on both databases; what is sealed is untouched."""

from __future__ import annotations

import asyncio
from collections.abc import Coroutine, Iterator
from dataclasses import replace
from datetime import timedelta
from pathlib import Path
from typing import Any, TypeVar

import pytest
from sqlalchemy import insert, select, text, update

from node.core import commands as cmd
from node.core.facts import CaseId, Category, CommandId, Place
from node.core.reporter import Reporter
from node.service.instants import to_time
from node.service.privacy import Privacy, Purged
from node.service.privacy_rules import read_privacy
from node.service.reporters import Reporters
from node.store import privacy
from node.store.intake import IntakeStore
from node.store.tables import alarm, cases, handler, journal, notice, reporter
from tests.audits import AUDIT, logged
from tests.contract.test_store import ident
from tests.unit.core.test_privacy import SHIPPED
from tests.unit.service.world import CITY, STANDARD, STREET, TestOffice, World

T = TypeVar("T")
CALLER = Reporter(name="张三丰", phone="13812341234", wants_reply=True, channel="sms")
DAYS_3Y = 1_100


def run(work: Coroutine[Any, Any, T]) -> T:
    return asyncio.run(work)


@pytest.fixture
def world() -> Iterator[World]:
    made = World()
    yield made
    made.close()


class Room:
    """An office with reporters, and its personal data."""

    def __init__(self, world: World, url: str | Path) -> None:
        self.world = world
        self.office: TestOffice = world.open(CITY, url)
        self.reporters = Reporters(
            store=self.office.store, rows=IntakeStore(), writer=self.office.writer, audit=AUDIT,
            now_us=lambda: world.now_us, key=b"k" * 32)
        self.office.desk.reporters = self.reporters
        self.privacy = Privacy(
            rules=read_privacy(SHIPPED), store=privacy, reporters=self.reporters,
            writer=self.office.writer, audit=AUDIT, now_us=lambda: world.now_us)

    def opened(self, caller: Reporter | None = CALLER) -> str:
        case_id = self.world.fresh()
        self.office.do(cmd.OpenCase(
            command_id=CommandId(self.world.fresh()), actor="a", case_id=CaseId(case_id),
            case_no="", category=Category(
                standard_ref=STANDARD, kind="component", code="01001", name="井盖"),
            place=Place(area=STREET, address="x"), text="井盖破损", source="hotline",
            reporter=caller))
        return case_id

    def closed(self, case_id: str) -> None:
        self.office.do(cmd.Decline(
            command_id=CommandId(self.world.fresh()), actor="a", case_id=CaseId(case_id),
            reason="不属于城管范围"))

    def say(self, statement: Any) -> list[Any]:
        return self.office.writer.run(lambda tx: _rows(tx.conn.execute(statement)))

    def purge(self, *, dry_run: bool = False) -> dict[str, int]:
        done: list[Purged] = run(self.privacy.purge(dry_run=dry_run))
        return {one.field: one.rows for one in done}


def _rows(result: Any) -> list[Any]:
    return list(result) if result.returns_rows else []


@pytest.fixture
def room(world: World, database_url: str) -> Room:
    return Room(world, database_url)


def test_a_reporter_goes_when_the_case_ended_long_enough_ago_and_nobody_waits(room: Room) -> None:
    over, open_, waiting = room.opened(), room.opened(), room.opened()
    room.closed(over)
    room.closed(waiting)
    room.say(insert(notice).values(
        id=ident(7), case_id=waiting, case_no="1", kind="closed", recipient="reporter",
        channel="sms", text="", state="pending", created_at=1))
    before = [bytes(row[0]) for row in room.say(select(journal.c.entry).order_by(journal.c.n))]
    assert set(room.purge().values()) == {0}, "three years are not over"
    room.world.pass_time(days=DAYS_3Y)
    assert room.purge(dry_run=True)["reporter.name"] == 1
    assert run(room.reporters.read(over, purpose="x", actor="a")) == CALLER, "it only counted"

    assert room.purge()["reporter.name"] == 1
    assert run(room.reporters.read(over, purpose="x", actor="a")) is None
    assert run(room.reporters.read(open_, purpose="x", actor="a")) == CALLER
    assert run(room.reporters.read(waiting, purpose="x", actor="a")) == CALLER
    hashed = {row[0] for row in room.say(select(reporter.c.case_id))}
    assert hashed == {open_, waiting}, "nor is it found by the phone any more"
    after = [bytes(row[0]) for row in room.say(select(journal.c.entry).order_by(journal.c.n))]
    assert after == before, "what is sealed is untouched"
    [row] = [one for one in logged(room.office.writer) if one["action"] == "PurgePersonal"]
    assert (row["subject"], row["detail"]["rows"]) == ("personal:reporter.name", 1)
    assert room.purge()["reporter.name"] == 0
    # The case can still be loaded, moved and saved without its reporter.
    assert room.say(select(cases.c.private).where(cases.c.case_id == over)) == [(None,)]


def test_places_of_settled_alarms_and_names_of_handlers_go_in_their_time(room: Room) -> None:
    now = room.world.now_us
    for n, settled in ((1, now), (2, None)):
        room.say(insert(alarm).values(
            id=ident(n), version=1, collector="C1", raised_by="C1", kind="threat", text="在桥下",
            at=now, received_at=now, lon=115.1, lat=30.2, x=115.1, y=30.2, crs="CGCS2000",
            settled_at=settled, report="已到场"))
    over, running = room.opened(), room.opened()
    room.closed(over)
    for n, case_id in enumerate((over, running)):
        room.say(insert(handler).values(
            case_id=case_id, assignment_id=ident(30 + n), generation=1, name="李四光", note="钥匙",
            given_by="a", since=now))
    room.world.pass_time(days=DAYS_3Y)
    assert (room.purge()["alarm.place"], room.purge()["handler.name"]) == (1, 0)
    found = {row[0]: (row[1], row[2], row[3]) for row in room.say(
        select(alarm.c.id, alarm.c.lon, alarm.c.text, alarm.c.kind))}
    assert found == {ident(1): (None, "", "threat"), ident(2): (115.1, "在桥下", "threat")}
    room.world.pass_time(days=800)
    assert room.purge()["handler.name"] == 1
    assert room.purge()["handler.name"] == 0
    names = {row[0]: (row[1], row[2]) for row in room.say(
        select(handler.c.case_id, handler.c.name, handler.c.note))}
    assert names == {over: ("李**", ""), running: ("李四光", "钥匙")}


def test_many_go_in_parts_and_every_part_is_in_the_log(
    room: Room, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("node.service.privacy.BATCH", 3)
    made = [room.opened() for _ in range(7)]
    for one in made:
        room.closed(one)
    room.world.pass_time(days=DAYS_3Y)
    assert room.purge()["reporter.name"] == 7
    rows = [one["detail"]["rows"] for one in logged(room.office.writer)
            if one["action"] == "PurgePersonal"]
    assert rows == [3, 3, 1]


def test_one_field_is_shown_for_a_reason_recorded_and_counted(room: Room) -> None:
    case_id = room.opened()
    dispatcher, handler_ = frozenset({"dispatcher"}), frozenset({"handler"})
    seen = run(room.privacy.reporter(case_id, purpose="查看", actor="wang", roles=dispatcher))
    assert seen == replace(CALLER, name="张**", phone="138****1234")
    for _ in range(2):
        assert run(room.privacy.unmask(
            case_id, "reporter.phone", reason="问路", actor="wang", roles=dispatcher)
        ) == CALLER.phone
    assert run(room.privacy.unmask(
        case_id, "reporter.name", reason="问路", actor="zhao", roles=dispatcher)) == CALLER.name
    for roles, field, reason in ((handler_, "reporter.phone", "好奇"),
                                 (dispatcher, "caller.phone", "好奇"),
                                 (dispatcher, "reporter.phone", " ")):
        with pytest.raises(Exception, match=r"shown in the role|takes a purpose"):
            run(room.privacy.unmask(case_id, field, reason=reason, actor="li", roles=roles))
    rows = [(one["actor"], one["outcome"], one["subject"], one["reason"], one["detail"]["field"])
            for one in logged(room.office.writer) if one["action"] == "UnmaskField"]
    about = f"case:{case_id}"
    assert rows == [
        ("wang", "done", about, "问路", "reporter.phone"),
        ("wang", "done", about, "问路", "reporter.phone"),
        ("zhao", "done", about, "问路", "reporter.name"),
        ("li", "refused", about, "好奇", "reporter.phone"),
        ("li", "refused", about, "好奇", "caller.phone"),
    ]
    looks = [one["action"] for one in logged(room.office.writer)
             if one["action"] in ("GetReporter", "UnmaskField")]
    assert looks == ["GetReporter", *5 * ["UnmaskField"]], "one act, one row"
    since = to_time(room.world.now_us) - timedelta(days=1)
    assert [(one["actor"], one["count"]) for one in run(room.privacy.unmaskings(since))] == [
        ("wang", 2), ("zhao", 1)]
    told = str(logged(room.office.writer))
    assert CALLER.name not in told
    assert CALLER.phone not in told


def test_nothing_is_due_of_an_empty_office(room: Room) -> None:
    assert set(room.purge(dry_run=True)) == {
        "reporter.name", "reporter.phone", "handler.name", "alarm.place"}
    room.say(update(cases).values(private=None))
    room.say(text("SELECT 1"))
    assert set(room.purge().values()) == {0}
