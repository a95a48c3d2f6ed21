"""Limits from office to office: one deadline and one light at both ends, whatever their calendars.

The town begins on Monday 2 March 2026 at 09:00 Beijing time.
"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date, datetime, timedelta
from pathlib import Path

import pytest

from node.core import commands as cmd
from node.core.calendar import BEIJING, Calendar
from node.core.clock import Light
from node.core.facts import Address, Limits, TimeLimit, TimeUnit
from node.core.limits import LimitSet
from node.service.folding import clock_columns
from node.service.instants import to_us
from node.service.timing import light_of, timed
from tests.unit.service.world import CITY, DISTRICT, STREET, TestOffice, World, routes


def at(day: int, hour: int, minute: int = 0) -> datetime:
    return datetime(2026, 3, day, hour, minute, tzinfo=BEIJING)


@pytest.fixture
def world() -> Iterator[World]:
    made = World()
    yield made
    made.close()


@pytest.fixture
def offices(world: World, tmp_path: Path) -> tuple[TestOffice, TestOffice, TestOffice]:
    city = world.open(CITY, tmp_path)
    district = world.open(DISTRICT, tmp_path, auto_route=True)
    district.surroundings.table = routes((STREET, f"node:{STREET}"))
    # A holiday of its own, and an hour that it keeps for itself.
    district.surroundings.calendar = Calendar(
        name=DISTRICT, version=4, holidays=frozenset({date(2026, 3, 3)}))
    district.surroundings.limits = LimitSet(reserve=timedelta(hours=1))
    return city, district, world.open(STREET, tmp_path)


def handed_down(world: World, city: TestOffice) -> str:
    case_id = world.file_case(city)
    city.do(cmd.Dispatch(
        **world.head(case_id),  # type: ignore[arg-type]
        to=Address.parse(f"node:{DISTRICT}"), limits=Limits(count=2, unit=TimeUnit.WORK_DAY),
    ))
    world.pass_time(minutes=20)  # the line takes its time
    world.settle()
    return case_id


def test_both_ends_of_a_hop_have_the_same_limits_to_the_microsecond(
    world: World, offices: tuple[TestOffice, TestOffice, TestOffice]
) -> None:
    city, district, _ = offices
    case_id = handed_down(world, city)
    above, below = city.case(case_id), district.case(case_id)
    assert above is not None
    assert above.live is not None
    assert below is not None
    assert below.duty is not None
    limits = above.live.limits
    assert limits == below.duty.limits
    assert (at(2, 9), at(4, 9), "default") == (
        limits.starts_at, limits.finish_by, limits.calendar)
    assert limits.limit == TimeLimit(value=2, unit=TimeUnit.WORK_DAY)
    # 80 % of 16 working hours, though the district has a holiday in between
    assert limits.warn_at == at(3, 15, 48)


def test_an_inner_leg_ends_before_the_outer_one_by_the_reserve_of_its_office(
    world: World, offices: tuple[TestOffice, TestOffice, TestOffice]
) -> None:
    city, district, street = offices
    case_id = handed_down(world, city)
    middle, last = district.case(case_id), street.case(case_id)
    assert middle is not None
    assert middle.live is not None
    assert last is not None
    assert last.duty is not None
    limits = middle.live.limits
    assert (at(4, 8), f"{DISTRICT}@4") == (limits.finish_by, limits.calendar)
    assert limits == last.duty.limits
    assert middle.duty is not None
    assert limits.finish_by < middle.duty.limits.finish_by  # type: ignore[operator]


@pytest.mark.parametrize(
    ("late", "light", "on_time"),
    [(timedelta(0), Light.YELLOW, True), (timedelta(seconds=1), Light.RED, False)],
)
def test_feedback_at_the_deadline_is_on_time_at_every_office_and_a_second_later_at_none(
    world: World, offices: tuple[TestOffice, TestOffice, TestOffice], late: timedelta,
    light: Light, on_time: bool,
) -> None:
    city, district, street = offices
    case_id = handed_down(world, city)
    duty = district.case(case_id).duty  # type: ignore[union-attr]
    deadline = duty.limits.finish_by  # type: ignore[union-attr]
    assert deadline is not None
    world.now_us = to_us(deadline + late)
    street.do(cmd.FeedBack(
        **world.head(case_id), result="已修复",  # type: ignore[arg-type]
    ))
    world.settle()
    world.pass_time(hours=30)
    for office in (city, district):
        case = office.case(case_id)
        assert case is not None
        columns = clock_columns(
            case, calendar=office.surroundings.calendar, limits=LimitSet())
        assert light is light_of(columns, world.now_us), office.node
    clocks = timed(
        _entries(city, case_id), calendar=city.surroundings.calendar, limits=LimitSet(),
        now=at(10, 9))
    outer, inner = (one for one in clocks if one["kind"] == "handling")
    assert (CITY, f"node:{DISTRICT}", on_time, light.value) == (
        outer["node"], outer["to"], outer["on_time"], outer["light"])
    # the inner leg was an hour over its own, earlier deadline
    assert (DISTRICT, f"node:{STREET}", False) == (inner["node"], inner["to"], inner["on_time"])


def _entries(office: TestOffice, case_id: str):  # type: ignore[no-untyped-def]
    def read(tx):  # type: ignore[no-untyped-def]
        rows = (*office.store.case_journal(tx.conn, case_id, 0, 500),
                *office.store.case_traces(tx.conn, case_id, 500))
        return [office.codec.read_entry(bytes(row["entry"])) for row in rows]

    return office.writer.run(read)
