"""The problem library, the habits of units, and the list of evidence, read from a real store."""

from __future__ import annotations

import asyncio
from collections.abc import Coroutine, Iterator
from dataclasses import replace
from datetime import timedelta
from hashlib import sha256
from pathlib import Path
from typing import Any, TypeVar

import pytest

from node.core import commands as cmd
from node.core.errors import Invalid, UnknownCase
from node.core.facts import Address, Photo, PhotoRole, RequestKind
from node.core.routing import Unit
from node.service.approvals import read_approvals
from node.service.dossiers import Dossier, Dossiers
from node.service.instants import to_time
from node.service.ledger import Ledger, by_group
from node.service.register import Entry, Register
from tests.unit.service.world import CITY, DISTRICT, TestOffice, World

T = TypeVar("T")
RULES = read_approvals(Path(__file__).parents[3] / "node" / "approvals" / "standard.toml")
ALL = frozenset({"*"})


@pytest.fixture
def world() -> Iterator[World]:
    made = World()
    yield made
    made.close()


@pytest.fixture
def city(world: World, tmp_path: Path) -> TestOffice:
    office = world.open(CITY, tmp_path)
    office.surroundings.ladders = RULES
    world.open(DISTRICT, tmp_path).surroundings.ladders = RULES
    return office


def run(coroutine: Coroutine[Any, Any, T]) -> T:
    return asyncio.run(coroutine)


def ledger_of(world: World, office: TestOffice) -> Ledger:
    return Ledger(
        store=office.store, codec=office.codec, writer=office.writer,
        surroundings=office.surroundings, now_us=lambda: world.now_us,
    )


def head(world: World, case_id: str) -> dict[str, Any]:
    return {**world.head(case_id), "roles": ALL}


def test_a_suspended_case_is_listed_with_its_reason_and_leaves_when_it_goes_on(
    world: World, city: TestOffice
) -> None:
    case_id = world.file_case(city)
    ledger = ledger_of(world, city)
    assert () == run(ledger.rows()).items
    until = to_time(world.now_us) + timedelta(days=30)
    city.do(cmd.SuspendCase(**head(world, case_id), until=until, reason="等待房屋征收"))
    (row,) = run(ledger.rows()).items
    assert ("suspended", "等待房屋征收", until.isoformat()) == (
        row["why"], row["reason"], row["until"])
    assert "CaseSuspended" == row["last"]["event_type"]
    assert () == run(ledger.rows(area="99")).items
    city.do(cmd.ResumeCase(**head(world, case_id), text="条件已具备"))
    assert () == run(ledger.rows()).items


def test_what_is_long_overdue_is_listed_with_its_holder_and_the_answers_it_owes(
    world: World, city: TestOffice
) -> None:
    case_id = world.file_case(city)
    world.dispatch(city, case_id, f"node:{DISTRICT}")
    world.settle()
    due = city.case(case_id).live.limits.finish_by
    ledger = ledger_of(world, city)
    world.pass_time(days=(due - to_time(world.now_us)).days + 5)
    assert () == run(ledger.rows()).items  # late, but not long
    reply_by = to_time(world.now_us) + timedelta(days=1)
    city.do(cmd.SuperviseAssignee(
        **head(world, case_id), supervision_id=world.fresh(), text="说明原因", reply_by=reply_by,
        kind="overdue"))
    world.pass_time(days=10)
    (row,) = run(ledger.rows()).items
    assert ("overdue", f"node:{DISTRICT}", 1) == (row["why"], row["holder"], row["owed"])
    assert row["days_late"] > 7
    (line,) = run(ledger.summary())
    assert (f"node:{DISTRICT}", 1, 0) == (line["holder"], line["overdue"], line["suspended"])


def test_pages_of_the_ledger_go_on_where_the_last_one_ended(
    world: World, city: TestOffice
) -> None:
    until = to_time(world.now_us) + timedelta(days=30)
    made = []
    for _ in range(3):
        case_id = world.file_case(city)
        city.do(cmd.SuspendCase(**head(world, case_id), until=until, reason="等待"))
        made.append(case_id)
    ledger = ledger_of(world, city)
    first = run(ledger.rows(limit=2))
    second = run(ledger.rows(limit=2, after=first.next))
    assert sorted(made) == sorted(item["case_id"] for item in (*first.items, *second.items))
    assert "" == second.next
    with pytest.raises(Invalid) as refused:
        run(ledger.rows(after="what"))
    assert "page.cursor" == refused.value.code


def test_habits_are_counted_per_unit_and_flagged_from_the_threshold_on(
    world: World, city: TestOffice
) -> None:
    begin = to_time(world.now_us) - timedelta(days=1)
    district = world.offices[DISTRICT]
    for number in range(3):
        case_id = world.file_case(city)
        world.dispatch(city, case_id, f"node:{DISTRICT}")
        world.settle()
        district.do(cmd.AskRequest(
            **head(world, case_id), request_id=world.request_id(), kind=RequestKind.RETURN,
            reason_code="not_ours", text="非本区权属"))
        world.settle()
        request = city.case(case_id).live.request
        city.do(cmd.DecideRequest(
            **head(world, case_id), request_id=request.request_id, granted=number < 2,
            text="已核实"))
        world.settle()
    world.pass_time(minutes=1)
    (line,) = run(ledger_of(world, city).habits(begin, to_time(world.now_us)))
    assert (f"node:{DISTRICT}", 3, 2, 1, ["returns"]) == (
        line["unit"], line["returns_asked"], line["returns_granted"], line["refused"],
        line["over"])
    assert 3 == sum(one["returns_asked"] for one in line["askers"])
    assert [] == run(ledger_of(world, city).habits(begin - timedelta(days=9), begin))
    with pytest.raises(Invalid):
        run(ledger_of(world, city).habits(begin, begin))


def grouped(office: TestOffice) -> None:
    """The district's card says areas, the power company's: a body of a higher level."""
    office.surroundings.register = Register(
        Entry(unit=Unit(unit_id=one, address=Address.parse(to)), group=group)
        for one, to, group in (("37", f"node:{DISTRICT}", "district"),
                               ("92", "adapter:power", "higher")))


def test_what_lies_with_bodies_of_a_higher_level_is_told_apart(
    world: World, tmp_path: Path
) -> None:
    city = world.open(CITY, tmp_path, adapters=("power",))
    city.surroundings.ladders = RULES
    world.open(DISTRICT, tmp_path)
    grouped(city)
    for to in (f"node:{DISTRICT}", "adapter:power", "adapter:power"):
        world.dispatch(city, world.file_case(city), to)
    world.settle()
    world.pass_time(days=60)
    ledger = ledger_of(world, city)
    assert ["district", "higher", "higher"] == sorted(
        item["group"] for item in run(ledger.rows()).items)
    assert {"adapter:power"} == {
        item["holder"] for item in run(ledger.rows(group="上级驻地单位")).items}
    (line,) = run(ledger.summary(group="higher"))
    assert ("adapter:power", "higher", 2) == (line["holder"], line["group"], line["overdue"])
    sums = dict(by_group(run(ledger.summary()), summed=("overdue",), greatest=("oldest_days",)))
    assert {"district": 1, "higher": 2} == {key: one["overdue"] for key, one in sums.items()}
    city.writer.run(city.timers.fire_due)
    world.pass_time(minutes=1)
    until = to_time(world.now_us)
    (late,) = run(ledger.habits(until - timedelta(days=300), until, group="district"))
    assert (f"node:{DISTRICT}", "district") == (late["unit"], late["group"])
    with pytest.raises(Invalid) as refused:
        run(ledger.rows(group="nobody"))
    assert "unit.group" == refused.value.code


def test_pages_of_a_group_skip_others_and_leave_nobody_out(
    world: World, tmp_path: Path
) -> None:
    city = world.open(CITY, tmp_path, adapters=("power",))
    city.surroundings.ladders = RULES
    world.open(DISTRICT, tmp_path)
    grouped(city)
    theirs = []
    for number in range(7):
        case_id = world.file_case(city)
        to = "adapter:power" if number % 2 else f"node:{DISTRICT}"
        theirs += [case_id] if number % 2 else []
        world.dispatch(city, case_id, to)
    world.pass_time(days=60)
    ledger = ledger_of(world, city)
    found: list[str] = []
    after = ""
    for _ in range(5):
        page = run(ledger.rows(group="higher", limit=1, after=after))
        found += [item["case_id"] for item in page.items]
        after = page.next
        if not after:
            break
    assert sorted(theirs) == sorted(found)
    assert "" == after


def test_late_signing_and_lateness_are_counted_for_the_people_below(
    world: World, city: TestOffice
) -> None:
    begin = to_time(world.now_us)
    district = world.offices[DISTRICT]
    for signer in ("li", "li", "wang"):
        case_id = world.file_case(city)
        world.dispatch(city, case_id, f"node:{DISTRICT}", hours=3)
        world.settle()
        district.do(cmd.Sign(**{**head(world, case_id), "actor": signer}))
        world.settle()
    world.pass_time(hours=4)
    city.writer.run(city.timers.fire_due)
    (line,) = run(ledger_of(world, city).habits(begin, to_time(world.now_us) + timedelta(hours=1)))
    assert (3, [("li", 2, []), ("wang", 1, [])]) == (
        line["late"], [(one["person"], one["late"], one["over"]) for one in line["people"]])
    city.surroundings.ladders = replace(
        RULES, thresholds=replace(RULES.thresholds, person_late=2))
    (line,) = run(ledger_of(world, city).habits(begin, to_time(world.now_us) + timedelta(hours=1)))
    assert {"li": ["late"], "wang": []} == {
        one["person"]: one["over"] for one in line["people"]}


def test_a_dossier_names_every_entry_and_its_digest_proves_the_list(
    world: World, city: TestOffice
) -> None:
    case_id = world.file_case(city)
    dossiers = Dossiers(store=city.store, codec=city.codec, writer=city.writer)
    whole = run(dossiers.list(case_id))
    assert city.journal(case_id) == [line.name.split("/")[2] for line in whole.lines
                                     if line.kind == "entry"]
    assert sha256(Dossier.text(whole.lines).encode()).hexdigest() == whole.digest
    city.do(cmd.Transfer(
        **head(world, case_id), receiver="执法支队", reference="17", reason="涉嫌违法",
        digest=whole.digest))
    assert whole.digest != run(dossiers.list(case_id)).digest
    assert whole.digest == run(dossiers.list(case_id, whole.version)).digest
    with pytest.raises(Invalid):
        run(dossiers.list(case_id, 99))
    with pytest.raises(UnknownCase):
        run(dossiers.list("01890000-0000-7000-8000-000000000000"))


def test_photos_that_came_after_a_version_are_not_on_the_list_of_that_version(
    world: World, city: TestOffice
) -> None:
    """What was handed over can be shown again by its version, whatever came since."""
    case_id = world.file_case(city)
    world.dispatch(city, case_id, f"node:{DISTRICT}")
    world.settle()
    dossiers = Dossiers(store=city.store, codec=city.codec, writer=city.writer)
    before = run(dossiers.list(case_id))
    photo = Photo(digest="ab" * 32, size=9, media_type="image/jpeg", role=PhotoRole.AFTER)
    world.offices[DISTRICT].do(cmd.FeedBack(
        **head(world, case_id), result="已更换", photos=(photo,)))
    world.settle()
    after = run(dossiers.list(case_id))
    assert [("handle_after", "ab" * 32)] == [
        (line.name, line.digest) for line in after.lines if line.kind == "photo"]
    assert before == run(dossiers.list(case_id, before.version))
