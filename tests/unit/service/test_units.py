"""Jobs for legacy systems: leased, looked up, never lost; a withdrawal wins over all."""

from __future__ import annotations

import asyncio
from collections.abc import Iterator
from pathlib import Path

import pytest
from sqlalchemy import delete

from hub.errors import Overloaded
from node.core import commands as cmd
from node.core.case import PAST_KEPT_MAX
from node.core.facts import Place, Rank
from node.service import adapters
from node.service.adapter_views import AdapterJob, JobOutcome, UnitBytes, UnitWord
from node.store.tables import adapter_event
from tests.intake_data import CATEGORY, CONDITIONS, catalog
from tests.unit.service.world import CITY, STREET, TestOffice, World


@pytest.fixture
def world() -> Iterator[World]:
    made = World()
    yield made
    made.close()


@pytest.fixture
def city(world: World, tmp_path: Path) -> TestOffice:
    return world.open(CITY, tmp_path, adapters=("power",))


@pytest.fixture
def case_id(world: World, city: TestOffice) -> str:
    made = world.file_case(city)
    world.dispatch(city, made, "adapter:power")
    return made


def claim(city: TestOffice) -> list[AdapterJob]:
    return asyncio.run(city.units.claim("power", 10))


def record(city: TestOffice, job: AdapterJob, outcome: JobOutcome, **more) -> None:
    given = {"unit_reference": "", "detail": "", "retry_after_s": 0.0, "park": False, **more}
    asyncio.run(city.units.record(job, outcome, **given))


def hear(city: TestOffice, *words: UnitWord, **more):
    given = {"cursor": None, "unreadable": (), **more}
    return asyncio.run(city.units.hear("power", words, **given))


def test_a_claimed_job_is_left_alone_until_its_lease_lapses(
    world: World, city: TestOffice, case_id: str
) -> None:
    (job,) = claim(city)
    assert (case_id, "SUBMIT", "", 0) == (job.case_id, job.wish, job.outcome, job.tries)
    assert [] == claim(city)
    world.pass_time(seconds=61)
    (again,) = claim(city)
    assert ("UNKNOWN", 1) == (again.outcome, again.tries)  # look up first: the host has died


def test_a_call_that_was_not_taken_is_tried_later_and_later(
    world: World, city: TestOffice, case_id: str
) -> None:
    pauses = []
    for _ in range(4):
        (job,) = claim(city)
        assert "" == job.outcome
        record(city, job, JobOutcome.LATER)
        waited = 0
        while not (due := city.writer.run(
            lambda tx: city.store.due_adapter_jobs(tx.conn, "power", world.now_us, 1)
        )):
            world.pass_time(seconds=1)
            waited += 1
        pauses.append(waited)
        assert due
    assert [2, 4, 8, 16] == pauses


def test_delivered_is_not_signed_for(world: World, city: TestOffice, case_id: str) -> None:
    (job,) = claim(city)
    record(city, job, JobOutcome.ACCEPTED)
    assert Rank.OFFERED is city.case(case_id).live.rank
    hear(city, UnitWord(event_id="1", key=job.key, act="signed", unit_reference="N-1"))
    assert (Rank.SIGNED, "N-1") == (
        city.case(case_id).live.rank, city.case(case_id).live.unit_reference,
    )


@pytest.mark.parametrize(("met", "closing"), [(True, CONDITIONS[0].closing), (False, "")])
def test_a_unit_that_says_so_has_met_the_closing_condition(
    world: World, city: TestOffice, met: bool, closing: str
) -> None:
    city.surroundings.catalog = catalog(*CONDITIONS)
    case_id = world.fresh()
    city.do(cmd.OpenCase(
        **world.head(case_id), case_no="", category=CATEGORY, text="井盖缺失", source="collector",
        place=Place(area=STREET, address="湖滨大道 1 号", lon=115.04, lat=30.2)))
    city.do(cmd.File(**world.head(case_id), condition_no=1))
    world.dispatch(city, case_id, "adapter:power")
    (job,) = claim(city)
    hear(city, UnitWord(event_id="1", key=job.key, act="done", text="已恢复", closing_met=met))
    assert closing == city.case(case_id).result.closing


def test_an_event_whose_entries_came_back_after_a_loss_moves_nothing_again(
    world: World, city: TestOffice, case_id: str
) -> None:
    """The journal comes back from the neighbours; what a unit said is said by the unit again."""
    (job,) = claim(city)
    signed = UnitWord(event_id="7", key=job.key, act="signed", unit_reference="N-1")
    hear(city, signed)
    journal = city.journal(case_id)
    city.writer.run(lambda tx: tx.conn.execute(delete(adapter_event)))
    heard = hear(city, signed, cursor="7")
    assert (0, 1) == (heard.applied, heard.repeated)
    assert journal == city.journal(case_id)
    assert 1 == hear(city, signed).repeated


def test_a_withdrawal_wins_over_a_submission_under_way(
    world: World, city: TestOffice, case_id: str
) -> None:
    (job,) = claim(city)
    city.do(cmd.WithdrawAssignment(**world.head(case_id), reason="派错"))
    record(city, job, JobOutcome.ACCEPTED, unit_reference="N-1")
    (withdrawal,) = claim(city)
    assert ("WITHDRAW", "N-1", "派错") == (
        withdrawal.wish, withdrawal.unit_reference, withdrawal.text,
    )
    record(city, withdrawal, JobOutcome.ACCEPTED)
    world.pass_time(hours=1)
    assert [] == claim(city)


def test_jobs_of_long_forgotten_rounds_block_nobody(
    world: World, city: TestOffice, case_id: str
) -> None:
    # The folded case forgets ended rounds beyond PAST_KEPT_MAX; the wishes for them stay.
    for _ in range(PAST_KEPT_MAX + 2):
        city.do(cmd.WithdrawAssignment(**world.head(case_id), reason="派错"))
        world.dispatch(city, case_id, "adapter:power")
    for _ in range(PAST_KEPT_MAX + 2):
        (job,) = claim(city)
        assert "WITHDRAW" == job.wish
        record(city, job, JobOutcome.ACCEPTED)
    assert ["SUBMIT"] == [job.wish for job in claim(city)]


def test_a_parked_job_waits_for_a_person(world: World, city: TestOffice, case_id: str) -> None:
    (job,) = claim(city)
    record(city, job, JobOutcome.UNKNOWN, park=True, detail="对方系统无应答")
    world.pass_time(days=2)
    assert [] == claim(city)
    assert ["adapter"] == city.work()
    assert asyncio.run(city.units.resume("power", job.key, actor="clerk"))
    assert [] == city.work()
    (again,) = claim(city)
    assert job.key == again.key
    assert not asyncio.run(city.units.resume("power", job.key, actor="clerk"))


def test_a_rejection_becomes_a_return_request(
    world: World, city: TestOffice, case_id: str
) -> None:
    (job,) = claim(city)
    record(city, job, JobOutcome.REJECTED, detail="非我单位权属")
    request = city.case(case_id).live.request
    assert ("unit_rejected", "非我单位权属") == (request.reason_code, request.text)


def test_what_fits_nothing_is_kept_and_the_cursor_moves_on(
    city: TestOffice, case_id: str
) -> None:
    heard = hear(
        city,
        UnitWord(event_id="1", key="no/such", act="done", text="?"),
        cursor="42",
        unreadable=[UnitBytes(source="f.csv", code="x", detail="d", evidence=b"\xff")],
    )
    assert (0, 1) == (heard.applied, heard.parked)
    assert "42" == asyncio.run(city.units.cursor("power"))
    kept = asyncio.run(city.units.quarantined("power"))
    assert ["x", "assignment.unknown"] == sorted([one.code for one in kept], reverse=True)
    assert asyncio.run(city.units.settle_quarantined(kept[0].id, actor="clerk"))
    assert 1 == len(asyncio.run(city.units.quarantined("power")))


def test_a_refused_withdrawal_is_shown_and_can_be_tried_again(
    world: World, city: TestOffice, case_id: str
) -> None:
    (job,) = claim(city)
    record(city, job, JobOutcome.ACCEPTED, unit_reference="N-1")
    city.do(cmd.WithdrawAssignment(**world.head(case_id), reason="派错"))
    (withdrawal,) = claim(city)
    record(city, withdrawal, JobOutcome.LATER, park=True, detail="责任单位拒绝撤回")

    (view,) = asyncio.run(city.units.views())
    assert (0, 1) == (view.waiting, view.parked)
    (shown,) = asyncio.run(city.units.jobs("power"))
    assert (job.key, "WITHDRAW", "parked") == (shown.key, shown.wish, shown.state)
    assert asyncio.run(city.units.resume("power", job.key, actor="clerk"))
    (again,) = claim(city)
    assert ("WITHDRAW", "N-1") == (again.wish, again.unit_reference)
    record(city, again, JobOutcome.ACCEPTED)
    assert [] == asyncio.run(city.units.jobs("power"))


def test_a_quarantined_word_is_heard_again(
    world: World, city: TestOffice, case_id: str
) -> None:
    (job,) = claim(city)
    record(city, job, JobOutcome.ACCEPTED)
    rework = f"{job.assignment_id}/2"  # the unit speaks of a round that we have not begun
    hear(city, UnitWord(event_id="9", key=rework, act="done", text="第二次好了"))
    (kept,) = asyncio.run(city.units.quarantined("power"))
    assert 1 == asyncio.run(city.units.rehear("power", kept.id, actor="clerk")).parked

    hear(city, UnitWord(event_id="8", key=job.key, act="done", text="好了"))
    city.do(cmd.StartCheck(**world.head(case_id)))
    city.do(cmd.FailCheck(**world.head(case_id), text="没好", limits=world.limits(hours=2)))
    heard = asyncio.run(city.units.rehear("power", kept.id, actor="clerk"))
    assert (1, 0) == (heard.applied, heard.parked)
    assert Rank.DONE is city.case(case_id).live.rank
    assert [] == asyncio.run(city.units.quarantined("power"))
    assert 1 == asyncio.run(city.units.rehear("power", kept.id, actor="clerk")).parked


def test_a_flood_of_garbage_stays_with_the_unit(
    city: TestOffice, case_id: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(adapters, "QUARANTINE_ROWS_MAX", 2)
    garbage = UnitBytes(source="poll", code="x", detail="d", evidence=b"?")
    hear(city, cursor="1", unreadable=[garbage, garbage])
    with pytest.raises(Overloaded) as refused:
        hear(city, cursor="2", unreadable=[garbage])
    assert "adapter.quarantine_full" == refused.value.code
    assert "1" == asyncio.run(city.units.cursor("power"))
