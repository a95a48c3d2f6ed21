"""Calls from the use cases to the tables of both databases."""

from __future__ import annotations

import asyncio
from collections.abc import Coroutine, Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any, TypeVar, cast

import pytest
from sqlalchemy import func, select

import node
from hub.store.tx import Tx
from hub.store.writer import GroupWriter
from node.core.capability import Capability
from node.core.context import Relay
from node.core.errors import Invalid, NotPermitted, UnknownCase, UnknownUnit, WrongStatus
from node.core.facts import Address
from node.core.reporter import Reporter
from node.core.routing import Unit
from node.service.calls.book import CallBook
from node.service.calls.callers import Callers
from node.service.calls.figures import CallFigures
from node.service.calls.ports import Answer, CallFilter, Incoming
from node.service.calls.room import CallRooms, Calls
from node.service.calls.rules import read_calls
from node.service.calls.telling import Telling
from node.service.fresh import SystemIds
from node.service.handle import Handler
from node.service.instants import to_us
from node.service.profile import Profile
from node.service.register import Entry, Register
from node.service.reporters import Reporters
from node.service.reporting import Reporting
from node.service.surroundings import Surroundings, Tree, uuid_text
from node.service.views import Level
from node.store import calls
from node.store.intake import IntakeStore
from node.store.repository import NodeStore
from node.store.tables import audit_log, call, call_private, call_step, change
from tests.audits import AUDIT, said
from tests.contract.test_store import STORE, case_row, ident

T = TypeVar("T")
MONDAY = datetime(2026, 11, 23, 1, 0, tzinfo=UTC)
"""Nine o'clock in Beijing, on a working day."""
NAME, PHONE = "王小明", "13812345678"


def run(work: Coroutine[Any, Any, T]) -> T:
    return asyncio.run(work)


class Desk:
    """The rooms of calls over one database, with a clock that a test turns."""

    def __init__(self, writer: GroupWriter, clock: list[datetime]) -> None:
        self.writer = writer
        self.clock = clock
        here = Surroundings(
            node="420200", name="黄石市", parent="", adapters=(), ids=SystemIds(),
            tree=cast("Tree", None), profile=Profile(
                title="市", capabilities=frozenset({Capability.INTAKE}), auto_route=False,
                relay_done=Relay.AUTO))
        here.register = Register([Entry(unit=Unit(
            unit_id="U1", name="市政局", address=Address.parse("adapter:works")))])
        self.here = here
        rules = read_calls(Path(node.__file__).parent / "standards" / "calls.toml")
        telling = Telling(rules, here)
        store = NodeStore()
        self.reporters = Reporters(
            store=store, rows=IntakeStore(), writer=writer, audit=AUDIT,
            now_us=self.now_us, key=b"k" * 32)
        book = CallBook(
            rows=calls, writer=writer, telling=telling, now_us=self.now_us, rows_max=200)
        self.rooms = CallRooms(
            book=book,
            log=Calls(
                rules=rules, telling=telling, book=book, store=store, rows=calls, writer=writer,
                handler=cast("Handler", None), reporting=cast("Reporting", None),
                reporters=self.reporters, surroundings=here),
            callers=Callers(
                rules=rules, telling=telling, audit=AUDIT, rows=calls, writer=writer,
                reporters=self.reporters, now_us=self.now_us),
            figures=CallFigures(
                rows=calls, writer=writer, telling=telling, now_us=self.now_us))

    def now_us(self) -> int:
        return to_us(self.clock[0])

    def later(self, **by: float) -> None:
        self.clock[0] += timedelta(**by)

    def take(self, kind: str = "consultation", **given: Any) -> dict[str, Any]:
        command = given.pop("command_id", uuid_text(SystemIds().uuid7()))
        fingerprint = given.pop("fingerprint", b"")
        return run(self.rooms.log.record(
            Incoming(**{"kind": kind, "channel": "phone", "words": "路灯由谁负责", **given}),
            command_id=command, fingerprint=fingerprint, actor="clerk"))

    def answer(self, number: str, **given: Any) -> dict[str, Any]:
        return run(self.rooms.log.answer(
            number, Answer(**{"text": "已告知", "channel": "sms", **given}), actor="clerk"))

    def numbers(self, **which: Any) -> list[str]:
        found = run(self.rooms.book.page(CallFilter(**which)))
        return [item["call_no"] for item in found.items]

    def count(self, table: Any) -> int:
        return run(self.writer.read(lambda conn: int(
            conn.execute(select(func.count()).select_from(table)).scalar_one())))


@pytest.fixture
def desk(database_url: str) -> Iterator[Desk]:
    clock = [MONDAY]
    with GroupWriter(database_url, clock=lambda: to_us(clock[0]) * 1_000) as writer:
        yield Desk(writer, clock)


def put_case(desk: Desk, n: int, **changed: Any) -> str:
    def put(tx: Tx) -> None:
        STORE.save_cases(tx.conn, [case_row(n, **changed)])

    run(desk.writer.write(put))
    return ident(n)


def test_a_call_is_taken_down_once_and_answered_once(desk: Desk) -> None:
    once = {"command_id": ident(1), "fingerprint": b"a"}
    made = desk.take(name=NAME, phone=PHONE, **once)
    assert desk.take(name=NAME, phone=PHONE, **once)["call_no"] == made["call_no"]
    with pytest.raises(Invalid) as refused:
        desk.take(words="别的", command_id=ident(1), fingerprint=b"b")
    assert refused.value.code == "idempotency.mismatch"
    assert desk.count(call) == 1
    assert made["call_no"] == "LD4202002026112300001"
    assert (made["state"], made["due_by"]) == ("open", MONDAY + timedelta(days=1))
    assert (made["caller"], made["phone"]) == ("王**", "138****5678")

    tried = desk.answer(made["call_no"], text="无人接听", reached=False)
    assert tried["state"] == "open"
    told = desk.answer(made["call_no"])
    assert (told["state"], told["answered_by"], told["answer_channel_zh"]) == (
        "answered", "clerk", "短信")
    assert [one["step"] for one in told["steps"]] == ["received", "tried", "answered"]
    with pytest.raises(WrongStatus) as again:
        desk.answer(made["call_no"])
    assert again.value.code == "call.answered"


def test_who_called_lies_in_one_table_and_every_look_is_logged(desk: Desk) -> None:
    number = desk.take(name=NAME, phone=PHONE)["call_no"]
    other = desk.take(name="李四", phone="13900000000")["call_no"]
    desk.answer(number)

    def everything(conn: Any) -> str:
        return "".join(str(row) for table in (call, call_step, change, audit_log)
                       for row in conn.execute(select(table)))

    told = run(desk.writer.read(everything))
    assert NAME not in told
    assert PHONE not in told
    assert NAME not in str(run(desk.rooms.book.page(CallFilter())))

    found = run(desk.rooms.callers.read(number, purpose="回访", actor="clerk"))
    assert (found.name, found.phone) == (NAME, PHONE)
    assert PHONE not in repr(found)
    assert [one["call_no"] for one in run(desk.rooms.callers.find(
        "+86 138 1234 5678", purpose="再次来电", actor="clerk"))] == [number]
    with pytest.raises(Invalid):
        run(desk.rooms.callers.read(number, purpose=" ", actor="clerk"))
    with pytest.raises(Invalid):
        run(desk.rooms.callers.find("1381", purpose="回访", actor="clerk"))
    assert said(desk.writer) == [
        ("GetCaller", "clerk", f"call:{number}", "回访"), ("FindCalls", "clerk", "", "再次来电")]
    assert other in desk.numbers()


def test_names_go_when_their_time_is_over_and_the_answer_stays(desk: Desk) -> None:
    first, second, third = (
        desk.take(name=NAME, phone=PHONE)["call_no"] for _ in range(3))
    desk.answer(first)
    desk.later(days=2)
    desk.answer(second)
    desk.later(days=1094)
    assert run(desk.rooms.callers.forget_due()) == 1
    assert run(desk.rooms.callers.forget_due()) == 0
    gone = run(desk.rooms.book.one(first))
    assert (gone["caller"], gone["phone"], gone["answer"]) == ("", "", "已告知")
    assert gone["steps"][-1]["step"] == "erased"
    assert run(desk.rooms.callers.read(first, purpose="查", actor="clerk")).name == ""
    # What nobody has answered still needs its caller.
    assert run(desk.rooms.callers.read(third, purpose="查", actor="clerk")).name == NAME

    assert run(desk.rooms.callers.erase(third, reason="来电人要求", actor="admin"))
    assert not run(desk.rooms.callers.erase(third, reason="来电人要求", actor="admin"))
    assert run(desk.rooms.callers.find(PHONE, purpose="查", actor="clerk"))[0]["call_no"] == second
    assert desk.count(call_private) == 1


def test_a_unit_that_must_answer_is_named_and_the_clock_goes_on(desk: Desk) -> None:
    number = desk.take("complaint")["call_no"]
    due = run(desk.rooms.book.one(number))["due_by"]
    handed = run(desk.rooms.log.hand(number, unit="市政局", text="请答复", actor="chief"))
    assert (handed["holder"], handed["holder_name"], handed["due_by"]) == ("U1", "市政局", due)
    soon = desk.clock[0] + timedelta(hours=1)
    assert run(desk.rooms.log.hand(
        number, unit="U1", answer_by=soon, actor="chief"))["due_by"] == soon
    with pytest.raises(Invalid) as past:
        run(desk.rooms.log.hand(number, unit="U1", answer_by=MONDAY, actor="chief"))
    assert past.value.code == "call.answer_by"
    with pytest.raises(UnknownUnit):
        run(desk.rooms.log.hand(number, unit="外星局", actor="chief"))
    assert desk.numbers(holder="U1") == [number]
    assert desk.numbers(holder="own") == []
    desk.later(hours=2)
    assert desk.numbers(state="overdue") == [number]
    [finding] = run(desk.rooms.book.findings())
    assert finding.level is Level.WARN
    told = desk.answer(number)
    assert (told["state"], told["answered_by"]) == ("late", "市政局")
    assert run(desk.rooms.book.findings()) == []
    with pytest.raises(WrongStatus):
        run(desk.rooms.log.hand(number, unit="", actor="chief"))


def test_a_call_about_a_case_is_seen_beside_it(desk: Desk) -> None:
    case_id = put_case(desk, 1)
    reporter = Reporter(name=NAME, phone=PHONE)
    run(desk.writer.write(lambda tx: desk.reporters.remember(tx, case_id, reporter)))
    theirs = desk.take("urge", case_id=case_id, phone="138 1234 5678")
    other = desk.take("urge", case_id=case_id, phone="13900000000")
    assert (theirs["from_reporter"], other["from_reporter"]) == (True, False)
    assert theirs["case_no"] == case_row(1)["case_no"]
    beside = run(desk.rooms.book.of_case(case_id))
    assert {one["call_no"] for one in beside} == {theirs["call_no"], other["call_no"]}
    assert desk.count(change) == 2
    with pytest.raises(UnknownCase):
        desk.take("urge", case_id=ident(9))


def test_a_call_that_became_a_case_points_at_it(desk: Desk) -> None:
    case_id, second = put_case(desk, 1), put_case(desk, 2)
    number = desk.take("complaint")["call_no"]
    for _ in range(2):
        linked = run(desk.rooms.log.became(number, case_id, actor="clerk"))
    assert (linked["became"], linked["became_no"]) == (case_id, case_row(1)["case_no"])
    assert [one["step"] for one in linked["steps"]] == ["received", "became"]
    assert [one["call_no"] for one in run(desk.rooms.book.of_case(case_id))] == [number]
    with pytest.raises(WrongStatus) as taken:
        run(desk.rooms.log.became(number, second, actor="clerk"))
    assert taken.value.code == "call.became"
    assert linked["state"] == "open"  # it is answered all the same


def test_the_list_is_filtered_and_read_page_by_page(desk: Desk) -> None:
    case_id = put_case(desk, 1, status="closed", live=False)
    numbers = []
    for kind, given in (
        ("consultation", {"words": "办证 100%_"}), ("opinion", {"case_id": case_id}),
        ("consultation", {"channel": "letter"}), ("supplement", {"case_id": case_id}),
    ):
        numbers.append(desk.take(kind, **given)["call_no"])
        desk.later(minutes=1)
    newest = numbers[::-1]
    assert desk.numbers() == newest
    assert desk.numbers(kind="consultation") == [numbers[2], numbers[0]]
    assert desk.numbers(concerns="result") == [numbers[1]]
    assert desk.numbers(channel="letter") == [numbers[2]]
    assert desk.numbers(text="0%_") == [numbers[0]]
    assert desk.numbers(text=numbers[3][-4:]) == [numbers[3]]
    assert desk.numbers(since=MONDAY + timedelta(minutes=1), until=MONDAY + timedelta(minutes=3)) \
        == newest[1:3]
    seen, after = [], ""
    while True:
        page = run(desk.rooms.book.page(CallFilter(), after, 3))
        seen += [item["call_no"] for item in page.items]
        after = page.next
        if not after:
            break
    assert seen == newest
    with pytest.raises(Invalid) as refused:
        run(desk.rooms.book.page(CallFilter(), "x"))
    assert refused.value.code == "page.cursor"


def test_figures_tell_what_became_of_each_call_of_the_period(desk: Desk) -> None:
    desk.clock[0] = MONDAY - timedelta(hours=10)  # 23:00 on Sunday: another day and week
    desk.take()
    desk.clock[0] = MONDAY
    in_time, late, overdue = (desk.take()["call_no"] for _ in range(3))
    desk.take("complaint", unit="U1")
    case_id = put_case(desk, 1)
    run(desk.rooms.log.became(overdue, case_id, actor="clerk"))
    desk.answer(in_time)
    desk.later(days=2)
    desk.answer(late)
    told = run(desk.rooms.figures.of("2026-11-23"))
    total = told["total"]
    assert [total[one] for one in (
        "received", "answered", "in_time", "late", "overdue", "waiting", "became")] == [
        4, 2, 1, 1, 1, 1, 1]
    assert total["in_time_share"] == pytest.approx(1 / 3)
    assert [(one["key"], one["received"]) for one in told["by_kind"]] == [
        ("consultation", 3), ("complaint", 1), ("urge", 0), ("supplement", 0), ("opinion", 0)]
    assert {one["key"]: one["received"] for one in told["by_concern"]} == {
        "none": 4, "case": 0, "result": 0}
    assert {one["name"]: one["in_time_share"] for one in told["by_holder"]} == {
        "": pytest.approx(1 / 3), "市政局": None}
    assert run(desk.rooms.figures.of("2026-W48"))["total"]["received"] == 4
    assert run(desk.rooms.figures.of("2026-11"))["total"]["received"] == 5
    assert run(desk.rooms.figures.of("2026-11-24"))["total"]["in_time_share"] is None


def test_an_office_without_the_right_takes_no_calls(desk: Desk) -> None:
    number = desk.take()["call_no"]
    desk.here.capabilities = frozenset()
    for refused in (
        desk.take, lambda: desk.answer(number),
        lambda: run(desk.rooms.log.hand(number, unit="U1", actor="clerk")),
        lambda: run(desk.rooms.log.became(number, ident(1), actor="clerk")),
    ):
        with pytest.raises(NotPermitted):
            refused()
    assert desk.numbers() == [number]
