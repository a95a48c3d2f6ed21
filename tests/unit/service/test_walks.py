"""The walk-throughs of the link protocol, office to office, on real stores and seals."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from node.core import commands as cmd
from node.core.case import CaseStatus, Holding
from node.core.facts import Ending, Rank, RequestKind
from node.service.adapter_views import JobOutcome, UnitWord
from tests.unit.service.world import CITY, DISTRICT, OTHER, STREET, TestOffice, World, routes


@pytest.fixture
def world() -> Iterator[World]:
    made = World()
    yield made
    made.close()


@pytest.fixture
def city(world: World, tmp_path: Path) -> TestOffice:
    return world.open(CITY, tmp_path)


@pytest.fixture
def district(world: World, tmp_path: Path, city: TestOffice) -> TestOffice:
    office = world.open(DISTRICT, tmp_path, auto_route=True)
    office.surroundings.table = routes((STREET, f"node:{STREET}"))
    return office


@pytest.fixture
def street(world: World, tmp_path: Path, district: TestOffice) -> TestOffice:
    office = world.open(STREET, tmp_path, auto_route=True, adapters=("power",))
    office.surroundings.table = routes((STREET, "adapter:power"))
    return office


def hear(office: TestOffice, *words: UnitWord, cursor: str | None = None):
    import asyncio

    return asyncio.run(office.units.hear("power", words, cursor=cursor, unreadable=()))


def claim(office: TestOffice):
    import asyncio

    return asyncio.run(office.units.claim("power", 10))


def record(office: TestOffice, job, outcome: JobOutcome, reference: str = "", **more):
    import asyncio

    given = {"detail": "", "retry_after_s": 0.0, "park": False, **more}
    asyncio.run(office.units.record(job, outcome, unit_reference=reference, **given))


def test_a_dispatch_reaches_the_unit_and_its_answer_the_city(
    world: World, city: TestOffice, district: TestOffice, street: TestOffice
) -> None:
    case_id = world.file_case(city)
    world.dispatch(city, case_id, f"node:{DISTRICT}")
    world.settle()

    assert city.case(case_id).live.rank is Rank.OFFERED
    assert district.journal(case_id) == ["OrderTaken", "Assigned"]
    assert street.journal(case_id) == ["OrderTaken", "Assigned"]
    (job,) = claim(street)
    assert ("SUBMIT", "井盖破损") == (job.wish, job.facts.text)

    record(street, job, JobOutcome.ACCEPTED, "GD-1")
    world.settle()
    assert city.case(case_id).live.rank is Rank.SIGNED
    assert district.case(case_id).live.rank is Rank.SIGNED

    heard = hear(street, UnitWord(event_id="7", key=job.key, act="done", text="已更换"), cursor="7")
    assert 1 == heard.applied
    world.settle()
    assert city.case(case_id).status is CaseStatus.FEEDBACK_GIVEN
    assert "已更换" == city.case(case_id).result.result
    # Every entry below stands at the city, and nothing of the city below.
    below = [(DISTRICT, n, kind) for n, kind in enumerate(district.journal(case_id), 1)]
    below += [(STREET, n, kind) for n, kind in enumerate(street.journal(case_id), 1)]
    assert sorted(below) == city.traces(case_id)
    assert [] == street.traces(case_id)


def test_a_repeated_unit_event_moves_nothing(
    world: World, city: TestOffice, district: TestOffice, street: TestOffice
) -> None:
    case_id = world.file_case(city)
    world.dispatch(city, case_id, f"node:{DISTRICT}")
    world.settle()
    (job,) = claim(street)
    word = UnitWord(event_id="7", key=job.key, act="done", text="已更换")
    hear(street, word)
    before = street.journal(case_id)
    assert 1 == hear(street, word).repeated
    assert before == street.journal(case_id)


def test_b_return_climbs_and_the_city_hands_it_to_another(
    world: World, tmp_path: Path, city: TestOffice, district: TestOffice, street: TestOffice
) -> None:
    other = world.open(OTHER, tmp_path)
    case_id = world.file_case(city)
    world.dispatch(city, case_id, f"node:{DISTRICT}")
    world.settle()
    (job,) = claim(street)
    record(street, job, JobOutcome.REJECTED, detail="不属于我单位")
    world.settle()
    inner = street.case(case_id).live.request
    street.do(
        cmd.DecideRequest(
            **world.head(case_id), request_id=inner.request_id, granted=True, text="属实"
        )
    )
    street.do(
        cmd.AskRequest(
            **world.head(case_id),
            request_id=world.request_id(),
            kind=RequestKind.RETURN,
            reason_code="not_ours",
            text="非本街道权属",
        )
    )
    world.settle()
    asked = district.case(case_id).live.request
    district.do(cmd.DecideRequest(**world.head(case_id), request_id=asked.request_id, granted=True))
    district.do(
        cmd.AskRequest(
            **world.head(case_id),
            request_id=world.request_id(),
            kind=RequestKind.RETURN,
            reason_code="not_ours",
            text="非本区权属",
        )
    )
    world.settle()
    assert Holding.ENDED is street.case(case_id).holding
    assert "request" in city.work()
    asked = city.case(case_id).live.request
    city.do(cmd.DecideRequest(**world.head(case_id), request_id=asked.request_id, granted=True))
    world.settle()
    assert Holding.ENDED is district.case(case_id).holding
    world.dispatch(city, case_id, f"node:{OTHER}")
    world.settle()
    assert 2 == city.case(case_id).live.generation
    assert Holding.HELD is other.case(case_id).holding
    assert "request" not in city.work()


def test_c_withdrawal_crosses_feedback(
    world: World, city: TestOffice, district: TestOffice, street: TestOffice
) -> None:
    case_id = world.file_case(city)
    world.dispatch(city, case_id, f"node:{DISTRICT}")
    world.settle()
    (job,) = claim(street)
    record(street, job, JobOutcome.ACCEPTED, "GD-1")
    world.settle()
    city.do(cmd.WithdrawAssignment(**world.head(case_id), reason="派错了"))
    hear(street, UnitWord(event_id="9", key=job.key, act="done", text="修好了"))
    world.settle((STREET, DISTRICT), (DISTRICT, CITY))  # feedback first, at both
    assert "ReportLate" in city.journal(case_id)
    assert "late_report" in city.work()
    world.settle()
    assert Holding.ENDED is district.case(case_id).holding
    assert Holding.ENDED is street.case(case_id).holding
    (withdrawal,) = claim(street)
    assert "WITHDRAW" == withdrawal.wish
    # The operator takes the late result although nothing is live.
    late = city.case(case_id).late[0]
    city.do(cmd.AdoptLate(**world.head(case_id), cause=late.cause))
    assert CaseStatus.FEEDBACK_GIVEN is city.case(case_id).status


def test_c_an_order_that_comes_after_its_withdrawal_stays_dead(
    world: World, city: TestOffice, district: TestOffice
) -> None:
    case_id = world.file_case(city)
    world.dispatch(city, case_id, f"node:{DISTRICT}")
    city.do(cmd.WithdrawAssignment(**world.head(case_id), reason="派错了"))
    world.settle((CITY, DISTRICT))
    assert Ending.WITHDRAWN is district.case(case_id).duty.ended
    assert None is district.case(case_id).live


def test_d_rework_after_the_inner_leg_is_closed(
    world: World, city: TestOffice, district: TestOffice, street: TestOffice
) -> None:
    case_id = world.file_case(city)
    world.dispatch(city, case_id, f"node:{DISTRICT}")
    world.settle()
    (job,) = claim(street)
    hear(street, UnitWord(event_id="1", key=job.key, act="done", text="好了"))
    world.settle()
    district.do(cmd.Close(**world.head(case_id), text="街道已完成"))
    world.settle()
    assert Holding.ENDED is street.case(case_id).holding
    city.do(cmd.StartCheck(**world.head(case_id)))
    city.do(
        cmd.FailCheck(**world.head(case_id), text="仍然破损", limits=world.limits(hours=4))
    )
    world.settle()
    assert 2 == city.case(case_id).live.generation
    assert 2 == district.case(case_id).held_generation
    assert Holding.HELD is street.case(case_id).holding
    jobs = claim(street)
    assert [("SUBMIT", 2)] == [(one.wish, one.generation) for one in jobs if one.key != job.key]
    hear(street, UnitWord(event_id="2", key=jobs[-1].key, act="done", text="这次好了"))
    world.settle()
    city.do(cmd.StartCheck(**world.head(case_id)))
    city.do(cmd.PassCheck(**world.head(case_id)))
    city.do(cmd.Close(**world.head(case_id), text="结案"))
    world.settle()
    assert CaseStatus.CLOSED is city.case(case_id).status
    assert Holding.ENDED is district.case(case_id).holding


def test_e_a_cut_marks_overdue_and_heals(
    world: World, city: TestOffice, district: TestOffice, street: TestOffice
) -> None:
    case_id = world.file_case(city)
    world.dispatch(city, case_id, f"node:{DISTRICT}", hours=2)
    world.settle()
    world.pass_time(hours=1)
    (job,) = claim(street)
    hear(street, UnitWord(event_id="1", key=job.key, act="done", text="好了"))
    world.settle((STREET, DISTRICT), (DISTRICT, STREET))  # the city is cut off
    world.pass_time(hours=5)
    city.writer.run(city.timers.fire_due)
    assert "Overdue" in city.journal(case_id)
    assert 0 == city.writer.run(city.timers.fire_due)
    assert district.waiting(CITY) > 0
    world.settle()
    assert 0 == district.waiting(CITY)
    assert CaseStatus.FEEDBACK_GIVEN is city.case(case_id).status
    assert not city.case(case_id).live.finish_overdue


def test_a_frame_that_comes_twice_is_applied_once(
    world: World, city: TestOffice, district: TestOffice
) -> None:
    case_id = world.file_case(city)
    world.dispatch(city, case_id, f"node:{DISTRICT}")
    assert 1 == world.carry(CITY, DISTRICT, ack=False)
    assert 0 == world.carry(CITY, DISTRICT)
    assert ["OrderTaken", "Assigned"] == district.journal(case_id)
