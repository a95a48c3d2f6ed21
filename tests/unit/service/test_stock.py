"""Sheets of the problem library: what a period did to it, kept as published, sent up once."""

from __future__ import annotations

import asyncio
from collections.abc import Coroutine, Iterator
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any, TypeVar

import pytest

from hub.envelope import Draft
from hub.ids import MsgId
from hub.store import inbox, outbox
from node.core import commands as cmd
from node.core.approvals import StockRules
from node.core.errors import Invalid
from node.core.facts import Photo, PhotoRole
from node.core.periods import Span
from node.edge.codec import STOCK
from node.service.approvals import read_approvals
from node.service.canonical import canonical
from node.service.instants import to_time
from node.service.ports import StockSheet
from node.store import stock as table
from tests.unit.service.world import CITY, DISTRICT, OTHER, STREET, TestOffice, World

T = TypeVar("T")
RULES = read_approvals(Path(__file__).parents[3] / "node" / "approvals" / "standard.toml")
ALL = frozenset({"*"})
PHOTO = Photo(digest="ab" * 32, size=9, media_type="image/jpeg", role=PhotoRole.AFTER)


@pytest.fixture
def world(tmp_path: Path) -> Iterator[World]:
    made = World()
    for node in (CITY, DISTRICT, OTHER):
        made.open(node, tmp_path).surroundings.ladders = RULES
    yield made
    made.close()


def run(coroutine: Coroutine[Any, Any, T]) -> T:
    return asyncio.run(coroutine)


def head(world: World, case_id: str) -> dict[str, Any]:
    return {**world.head(case_id), "roles": ALL}


def suspend(world: World, office: TestOffice, reason: str) -> str:
    case_id = world.file_case(office)
    office.do(cmd.SuspendCase(**head(world, case_id), reason=reason,
                              until=to_time(world.now_us) + timedelta(days=300)))
    return case_id


def go_to(world: World, month: int, day: int, hour: int = 1) -> None:
    """Time passes, and the offices' timers with it."""
    world.now_us = int(datetime(2026, month, day, hour, tzinfo=UTC).timestamp() * 1e6)
    for office in world.offices.values():
        office.writer.run(office.timers.fire_due)


def totals(sheet: dict[str, Any]) -> tuple[int, ...]:
    return tuple(sheet["total"][name] for name in ("opening", "came", "resolved", "closing"))


def line(sheet: dict[str, Any], table_: str, key: str) -> tuple[int, ...]:
    (found,) = [one for one in sheet[table_] if one["key"] == key]
    return tuple(found[name] for name in ("opening", "came", "resolved", "closing"))


def lived(world: World) -> dict[str, str]:
    """March: two wait, one goes on again. April: one long overdue at the district is handled, one
    stays, one that waits is resumed."""
    city, district = world.offices[CITY], world.offices[DISTRICT]
    kept = suspend(world, city, "等待房屋征收")
    gone = suspend(world, city, "等待管线\n改迁")
    back = suspend(world, city, "等待房屋征收")
    go_to(world, 3, 20)
    city.do(cmd.ResumeCase(**head(world, gone), text="条件已具备"))
    late, later = world.file_case(city), world.file_case(city)
    for case_id in (late, later):
        world.dispatch(city, case_id, f"node:{DISTRICT}")
    world.settle((CITY, DISTRICT), (DISTRICT, CITY))
    go_to(world, 4, 10)
    city.do(cmd.ResumeCase(**head(world, back), text="征收完成"))
    district.do(cmd.FeedBack(**head(world, late), result="已更换", photos=(PHOTO,)))
    world.settle((CITY, DISTRICT), (DISTRICT, CITY))
    go_to(world, 5, 6)
    return {"kept": kept, "gone": gone, "back": back, "late": late, "later": later}


def test_a_sheet_tells_what_each_period_did_to_the_stock(world: World) -> None:
    city = world.offices[CITY]
    cases = lived(world)

    march, april = run(city.stock.count("2026-03")), run(city.stock.count("2026-04"))

    # The two orders of 20 March were long overdue on the 27th.
    assert (0, 5, 1, 4) == totals(march)
    assert (4, 0, 2, 2) == totals(april)
    assert (0, 3, 1, 2) == line(march, "by_why", "suspended")
    assert (2, 0, 1, 1) == line(april, "by_why", "overdue")
    assert (0, 2, 0, 2) == line(march, "by_reason", "等待房屋征收")
    assert (0, 1, 1, 0) == line(march, "by_reason", "等待管线 改迁")
    assert (2, 0, 1, 1) == line(april, "by_holder", f"node:{DISTRICT}")
    assert {"handled": 1, "resumed": 1, "moved": 0, "ended": 0} == april["ways_out"]
    assert [0, 4, 0, 0, 0] == [one["count"] for one in march["by_age"]]
    assert [(30, 90, 2), (180, None, 0)] == [
        (one["from_days"], one["to_days"], one["count"]) for one in april["by_age"][2::2]]
    assert [cases["kept"], cases["later"]] == [one["case_id"] for one in april["longest"]]
    assert "2026-03-27" == april["longest"][1]["since"][:10]


def test_the_stock_of_the_past_does_not_change_with_what_comes_later(world: World) -> None:
    city = world.offices[CITY]
    cases = lived(world)
    before = run(city.stock.count("2026-03"))
    city.do(cmd.ResumeCase(**head(world, cases["kept"]), text="完成"))
    city.do(cmd.VoidCase(**head(world, cases["later"]), reason="重复", reason_code="other"))
    world.settle((CITY, DISTRICT), (DISTRICT, CITY))
    assert before == run(city.stock.count("2026-03"))
    go_to(world, 6, 1)
    assert (2, 0, 2, 0) == totals(run(city.stock.count("2026-05")))


def test_the_library_of_whoever_holds_the_duty_has_its_own_sheet(world: World) -> None:
    lived(world)
    april = run(world.offices[DISTRICT].stock.count("2026-04"))
    assert (2, 0, 1, 1) == totals(april)
    assert [""] == [one["key"] for one in april["by_holder"]]


def test_what_ended_is_still_in_the_sheet_of_the_time_before(world: World) -> None:
    district = world.offices[DISTRICT]
    cases = lived(world)
    before = run(district.stock.count("2026-04"))
    world.offices[CITY].do(cmd.WithdrawAssignment(
        **head(world, cases["later"]), reason="改派"))
    world.settle((CITY, DISTRICT), (DISTRICT, CITY))
    assert before == run(district.stock.count("2026-04"))


def test_a_unit_alone_can_be_counted(world: World) -> None:
    lived(world)
    stock = world.offices[CITY].stock
    assert (2, 0, 1, 1) == totals(run(stock.count("2026-04", unit=f"node:{DISTRICT}")))
    assert (0, 0, 0, 0) == totals(run(stock.count("2026-04", unit="node:nobody")))


@pytest.mark.parametrize(("period", "code"), [
    ("2026-05", "stock.unfinished"), ("2026-Q1", "stock.span"), ("2026-13", "evaluation.period"),
])
def test_what_is_no_finished_period_of_the_library_is_refused(
    world: World, period: str, code: str
) -> None:
    go_to(world, 5, 6)
    with pytest.raises(Invalid) as refused:
        run(world.offices[CITY].stock.publish(period, actor="clerk"))
    assert code == refused.value.code


def test_what_was_published_goes_up_once_and_is_kept_word_for_word(world: World) -> None:
    city, district = world.offices[CITY], world.offices[DISTRICT]
    lived(world)
    published = run(district.stock.publish("2026-04", actor="clerk"))
    again = run(district.stock.publish("2026-04", actor="somebody else"))
    assert published == again
    assert (1, "clerk") == (published["version"], published["drawn_by"])

    before = run(city.stock.below("2026-04"))
    assert ["missing"] * 2 == [one["state"] for one in before["lines"]]
    world.carry(DISTRICT, CITY, ack=False)
    world.settle((DISTRICT, CITY), (CITY, DISTRICT))  # the same frame comes again

    ours = run(district.stock.sheet("2026-04"))
    theirs = run(city.stock.sheet("2026-04", node=DISTRICT))
    assert (ours["document"], ours["digest"]) == (theirs["document"], theirs["digest"])
    assert [DISTRICT] == [one["node"] for one in run(city.stock.sheets(node=DISTRICT)).items]
    states = {one["node"]: one["state"] for one in run(city.stock.below("2026-04"))["lines"]}
    assert {DISTRICT: "received", OTHER: "missing"} == states


def test_other_rules_make_a_further_version_and_the_first_stays(world: World) -> None:
    city, district = world.offices[CITY], world.offices[DISTRICT]
    lived(world)
    first = run(district.stock.publish("2026-04", actor="clerk"))
    district.surroundings.ladders = replace(RULES, version="other", stock=StockRules(longest=1))
    second = run(district.stock.publish("2026-04", actor="clerk"))
    world.settle((DISTRICT, CITY), (CITY, DISTRICT))
    assert [1, 2] == [first["version"], second["version"]]
    kept = run(city.stock.sheet("2026-04", node=DISTRICT, version=1))
    assert (first["digest"], RULES.version) == (kept["digest"], kept["document"]["rules"])
    assert 2 == run(city.stock.sheet("2026-04", node=DISTRICT))["version"]


def test_the_schedule_waits_for_the_next_working_morning_and_makes_up_for_days_away(
    world: World,
) -> None:
    city = world.offices[CITY]
    city.surroundings.ladders = replace(RULES, stock=StockRules(every=(Span.WEEK,)))
    go_to(world, 3, 8, 20)  # Monday 04:00 in Beijing: week 10 is over, nobody is at work
    assert 0 == run(city.stock.publish_due())
    go_to(world, 3, 9, 0)  # Monday 08:00
    assert 1 == run(city.stock.publish_due())
    assert 0 == run(city.stock.publish_due())
    go_to(world, 3, 31, 3)
    assert 3 == run(city.stock.publish_due())
    assert ["2026-W13", "2026-W12", "2026-W11", "2026-W10"] == [
        one["period"] for one in run(city.stock.sheets()).items]


def test_pages_of_sheets_neither_skip_nor_repeat(world: World) -> None:
    stock = world.offices[CITY].stock
    go_to(world, 4, 1)
    made = [f"2026-03-{day:02d}" for day in range(1, 6)]
    for day in made:
        run(stock.publish(day, actor="clerk"))
    seen: list[str] = []
    after = ""
    while True:
        page = run(stock.sheets(span="day", after=after, limit=2))
        seen += [one["period"] for one in page.items]
        after = page.next
        if not after:
            break
    assert made[::-1] == seen
    with pytest.raises(Invalid) as refused:
        run(stock.sheets(after="1.2"))
    assert "page.cursor" == refused.value.code


# --- what is not simply right ---------------------------------------------------------------------


def sent(world: World, office: TestOffice, peer: str, sheet: StockSheet) -> list[str]:
    """Put a sheet on a link as only a broken or hostile neighbour would; codes parked there."""
    _, rev, body = office.codec.say_stock(sheet)
    draft = Draft(msg_id=MsgId(world.ids.uuid7()), type=STOCK, schema_rev=rev,
                  occurred_at_us=world.now_us, hlc=1, body=body)
    office.writer.run(lambda tx: outbox.enqueue(tx, office.ends[peer].link, [draft]))
    world.settle((office.node, peer))
    there = world.offices[peer]
    link = there.ends[office.node].link
    rows = there.writer.run_read(lambda conn: inbox.parked(conn, link))
    return [row.code for row in rows]


def document_of(world: World) -> dict[str, Any]:
    go_to(world, 4, 2)
    return run(world.offices[DISTRICT].stock.count("2026-03"))


def test_a_sheet_about_somebody_else_parks(world: World) -> None:
    told = {**document_of(world), "node": STREET}
    sheet = StockSheet(node=STREET, period="2026-03", version=1, document=canonical(told))
    assert ["stock.not_maker"] == sent(world, world.offices[DISTRICT], CITY, sheet)


def test_a_sheet_from_above_parks(world: World) -> None:
    go_to(world, 4, 2)
    told = run(world.offices[CITY].stock.count("2026-03"))
    sheet = StockSheet(node=CITY, period="2026-03", version=1, document=canonical(told))
    assert ["word.not_yours"] == sent(world, world.offices[CITY], DISTRICT, sheet)


def test_a_second_sheet_under_the_same_number_parks_and_changes_nothing(world: World) -> None:
    told = document_of(world)
    one = StockSheet(node=DISTRICT, period="2026-03", version=1, document=canonical(told))
    assert [] == sent(world, world.offices[DISTRICT], CITY, one)
    other = canonical({**told, "node_name": "另一个"})
    assert ["stock.differs"] == sent(world, world.offices[DISTRICT], CITY, StockSheet(
        node=DISTRICT, period="2026-03", version=1, document=other))
    kept = world.offices[CITY].writer.run_read(
        lambda conn: table.one_sheet(conn, DISTRICT, "2026-03", 1))
    assert one.document == bytes(kept["document"])


@pytest.mark.parametrize("spoil", [
    lambda told: b"{", lambda told: b"[]", lambda told: b"\xff",
    lambda told: b"[" * 50_000,
    lambda told: canonical({**told, "period": "2026-04"}),
    lambda told: canonical({**told, "total": {**told["total"], "closing": 7}}),
    lambda told: canonical({**told, "total": {**told["total"], "opening": -1, "closing": -1}}),
    lambda told: canonical({**told, "total": {"opening": 0.5}}),
    lambda told: canonical({**told, "total": {**told["total"], "opening": float("nan")}}),
    lambda told: canonical({**told, "by_age": None}),
    lambda told: canonical(told) + b" ",
])
def test_figures_that_cannot_be_read_or_do_not_add_up_park(world: World, spoil: Any) -> None:
    told = document_of(world)
    sheet = StockSheet(node=DISTRICT, period="2026-03", version=1, document=spoil(told))
    assert ["word.malformed"] == sent(world, world.offices[DISTRICT], CITY, sheet)
