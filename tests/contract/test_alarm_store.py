"""Calls for help and locked tokens, from the use cases to the tables of both databases."""

from __future__ import annotations

import asyncio
from collections.abc import Coroutine, Iterator
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any, TypeVar

import pytest
from sqlalchemy import select

from hub.store.writer import GroupWriter
from node.core.alarms import AlarmState
from node.core.effects import ALARM_WORK
from node.core.errors import Refused
from node.main.profiles import patrol_named
from node.service.admission import Admission
from node.service.alarms import AlarmDesk, Call
from node.service.instants import to_us
from node.service.views import Level
from node.store import alarms
from node.store.gauges import waiting_alarms
from node.store.repository import NodeStore
from node.store.tables import change
from tests.audits import AUDIT, said
from tests.contract.test_store import ident

T = TypeVar("T")
NOW = datetime(2026, 11, 26, 2, tzinfo=UTC)
DUTY = frozenset({"shift_leader"})
STORE = NodeStore()
HELP = Call(alarm_id=ident(1), kind="threat", collector="C017", text="被围堵", x=115.1, y=30.2,
            crs="GCJ02", accuracy_m=12.0)


class Clock:
    """What time it is."""

    now = NOW

    def us(self) -> int:
        return to_us(self.now)


def run(work: Coroutine[Any, Any, T]) -> T:
    return asyncio.run(work)


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
def writer(database_url: str, clock: Clock) -> Iterator[GroupWriter]:
    with GroupWriter(database_url, clock=lambda: clock.us() * 1_000) as writer:
        yield writer


@pytest.fixture
def desk(writer: GroupWriter, clock: Clock, tmp_path: Any) -> AlarmDesk:
    return AlarmDesk(
        store=STORE, rows=alarms, writer=writer,
        rules=patrol_named("standard", home=tmp_path).alarm,
        admission=Admission(store=STORE, writer=writer, audit=AUDIT, now_us=clock.us),
        audit=AUDIT,
        now_us=clock.us, rows_max=200)


def refused(work: Coroutine[Any, Any, Any]) -> str:
    with pytest.raises(Refused) as error:
        run(work)
    return error.value.code


def log(writer: GroupWriter) -> list[tuple[str, str, str, str]]:
    return said(writer)


def test_an_alarm_leads_the_work_and_the_feed_until_somebody_says_what_was_done(
    desk: AlarmDesk, writer: GroupWriter
) -> None:
    older = {"id": ident(9), "case_id": None, "kind": "route", "detail": "", "created_at": 1}
    run(writer.write(lambda tx: STORE.add_work_items(tx.conn, [older])))
    told = run(desk.raise_one(HELP, actor="C017"))
    assert ("raised", "C017", NOW) == (told["state"], told["collector"], told["at"])
    work = run(writer.read(lambda conn: STORE.work_items(conn, limit=9)))
    assert [(ALARM_WORK, ident(1)), ("route", ident(9))] == [
        (one["kind"], one["id"]) for one in work]
    taken = run(desk.take(ident(1), actor="leader", roles=DUTY))
    assert ("taken", "leader", "被围堵") == (taken["state"], taken["taken_by"], taken["text"])
    done = run(desk.settle(ident(1), outcome="police", report="民警到场", reference="031",
                           actor="leader", roles=DUTY))
    assert ("settled", "民警到场", "031") == (done["state"], done["report"], done["reference"])
    assert [ident(9)] == [one["id"] for one in run(
        writer.read(lambda conn: STORE.work_items(conn, limit=9)))]
    feed = run(writer.read(lambda conn: [
        (row.case_id, row.kind, row.version)
        for row in conn.execute(select(change).order_by(change.c.n))]))
    assert [(ident(1), "alarm", 1), (ident(1), "alarm", 2), (ident(1), "alarm", 3)] == feed
    assert ["RaiseAlarm", "TakeAlarm", "SettleAlarm"] == [one[0] for one in log(writer)]


def test_the_place_is_converted_kept_as_given_and_shown_to_nobody_but_the_duty_desk(
    desk: AlarmDesk, writer: GroupWriter
) -> None:
    run(desk.raise_one(HELP, actor="C017"))
    assert "alarm.role" == refused(
        desk.one(ident(1), actor="clerk", roles=frozenset({"dispatcher"})))
    assert {"lon", "x", "text", "raised_by"}.isdisjoint(run(desk.list()).items[0])
    shown = run(desk.one(ident(1), actor="leader", roles=DUTY))
    assert (115.1, 30.2, "GCJ02") == (shown["x"], shown["y"], shown["crs"])
    assert 0.003 < 115.1 - shown["lon"] < 0.01  # what the vendors add there
    assert ("ReadAlarm", "leader", f"alarm:{ident(1)}", "") == log(writer)[-1]
    run(desk.one(ident(1), actor="C017", roles=frozenset()))  # one's own


def test_the_same_call_twice_is_one_alarm_and_the_same_id_for_another_is_refused(
    desk: AlarmDesk, writer: GroupWriter, clock: Clock
) -> None:
    run(desk.raise_one(HELP, actor="C017"))
    clock.now += timedelta(minutes=2)
    again = run(desk.raise_one(HELP, actor="C017"))
    assert (NOW, 1) == (again["received_at"], again["version"])
    assert "idempotency.mismatch" == refused(
        desk.raise_one(replace(HELP, text="误报"), actor="C017"))
    assert 1 == len(run(desk.list()).items)
    assert 1 == len(log(writer))


@pytest.mark.parametrize(("said", "kept"), [
    (timedelta(hours=-5), timedelta(hours=-5)), (timedelta(days=400), timedelta(0)),
])
def test_no_alarm_is_lost_over_the_clock_of_a_phone(
    desk: AlarmDesk, said: timedelta, kept: timedelta
) -> None:
    told = run(desk.raise_one(replace(HELP, at=NOW + said), actor="C017"))
    assert (NOW + kept, NOW) == (told["at"], told["received_at"])


def test_whoever_took_it_has_it_until_another_says_so(desk: AlarmDesk) -> None:
    run(desk.raise_one(HELP, actor="C017"))
    run(desk.take(ident(1), actor="one", roles=DUTY))
    assert 2 == run(desk.take(ident(1), actor="one", roles=DUTY))["version"]
    assert "alarm.taken" == refused(desk.take(ident(1), actor="two", roles=DUTY))
    assert "two" == run(desk.take(ident(1), actor="two", roles=DUTY, over=True))["taken_by"]
    settling = {"outcome": "helped", "report": "已到场", "reference": "", "actor": "two",
                "roles": DUTY}
    assert "alarm.outcome" == refused(desk.settle(ident(1), **{**settling, "outcome": "?"}))
    assert "alarm.report" == refused(desk.settle(ident(1), **{**settling, "report": " "}))
    assert "alarm.role" == refused(desk.settle(ident(1), **{**settling, "roles": frozenset()}))
    done = run(desk.settle(ident(1), **settling))
    assert done == run(desk.settle(ident(1), **settling))
    assert "alarm.settled" == refused(desk.settle(ident(1), **{**settling, "report": "别的"}))
    assert "alarm.settled" == refused(desk.take(ident(1), actor="one", roles=DUTY, over=True))
    assert "alarm.unknown" == refused(desk.take(ident(8), actor="one", roles=DUTY))


def test_settling_what_nobody_took_takes_it(desk: AlarmDesk) -> None:
    run(desk.raise_one(HELP, actor="C017"))
    done = run(desk.settle(ident(1), outcome="false", report="误触", reference="", actor="one",
                           roles=frozenset({"*"})))
    assert ("one", AlarmState.SETTLED) == (done["taken_by"], done["state"])


def test_alarms_are_paged_the_newest_first(desk: AlarmDesk, clock: Clock) -> None:
    for n in range(1, 6):
        run(desk.raise_one(replace(HELP, alarm_id=ident(n)), actor="C017"))
        clock.now += timedelta(seconds=n % 2)  # some came in the same instant
    seen, after = [], ""
    while True:
        page = run(desk.list(after=after, limit=2))
        seen += [one["id"] for one in page.items]
        after = page.next
        if not after:
            break
    assert len(seen) == len(set(seen)) == 5
    assert ident(5) == seen[0]
    assert [] == list(run(desk.list(settled=True)).items)
    assert "page.cursor" == refused(desk.list(after="x"))


def test_the_doctor_says_who_waits_for_nobody(
    desk: AlarmDesk, writer: GroupWriter, clock: Clock
) -> None:
    assert (0, None) == run(writer.read(waiting_alarms))
    run(desk.raise_one(HELP, actor="C017"))
    count, first = run(writer.read(waiting_alarms))
    assert [] == desk.findings(count, first)
    clock.now += timedelta(minutes=7)
    (finding,) = desk.findings(count, first)
    assert Level.ALARM is finding.level
    assert "7 分钟" in finding.sentence.say("zh-CN")
    run(desk.take(ident(1), actor="one", roles=DUTY))
    assert (0, None) == run(writer.read(waiting_alarms))


def test_a_lost_device_is_locked_out_until_an_administrator_lets_it_in(
    desk: AlarmDesk, writer: GroupWriter
) -> None:
    door = Admission(store=STORE, writer=writer, audit=AUDIT, now_us=lambda: 0)
    token = run(door.create("C017", "operate"))
    admin = run(door.create("root", "admin"))
    lost = {"reason": "被抢", "roles": DUTY, "admin": False}
    assert "alarm.role" == refused(
        desk.lock_out("C017", **{**lost, "roles": frozenset({"dispatcher"})}, actor="clerk"))
    assert 1 == run(desk.lock_out("C017", **lost, actor="leader"))
    assert 0 == run(desk.lock_out("C017", **lost, actor="leader"))
    view = run(door.verify(token))
    assert view is not None
    assert (NOW, "leader", "被抢") == (view.locked_at, view.locked_by, view.lock_reason)
    assert not run(door.stands("C017"))
    assert "token.name_in_use" == refused(door.create("C017", "operate"))
    assert "token.admin" == refused(desk.lock_out("root", **lost, actor="leader"))
    assert "token.own" == refused(
        desk.lock_out("root", **{**lost, "admin": True}, actor="root"))
    assert run(door.stands("root"))
    assert run(door.verify(admin)) is not None
    assert 1 == run(door.unlock("C017", actor="root"))
    assert 0 == run(door.unlock("C017", actor="root"))
    assert run(door.stands("C017"))
    assert [
        ("CreateToken", "system", "token:C017", ""), ("CreateToken", "system", "token:root", ""),
        *2 * [("LockToken", "leader", "token:C017", "被抢")],
        ("UnlockToken", "root", "token:C017", ""), ("UnlockToken", "root", "token:C017", ""),
    ] == log(writer)


def test_rules_that_cannot_be_are_refused(tmp_path: Any) -> None:
    shipped = patrol_named("standard", home=tmp_path)
    assert {"threat", "device"} <= set(shipped.alarm.kinds)
    own = tmp_path / "ours.toml"
    for wrong in ("[roles]\nduty = []", "[roles]\nduty = ['Shift Leader']", "[unknown]\na = 1"):
        own.write_text(f'version = "1"\n{wrong}\n', encoding="utf-8")
        with pytest.raises(ValueError, match="validation error"):
            patrol_named("ours.toml", home=tmp_path)
