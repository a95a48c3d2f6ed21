"""Commands: once per id, one transaction, refused by name; and what people then read."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path

import pytest

from hub.store.tx import Tx
from node.core import commands as cmd
from node.core.case import CaseStatus
from node.core.errors import Invalid, NotPermitted, UnknownCase, VersionConflict
from node.core.facts import Address, CaseId, Category, CommandId, Place
from node.service.holdings import put_responsibilities
from node.service.queries import Queries
from node.service.routing_table import RoutingTable
from node.service.standards.editing import Editing, Hand
from node.service.standards.lookup import condition_lookup
from node.service.views import CaseFilter, FilingCondition, Responsibility
from tests.audits import AUDIT
from tests.unit.service.world import (
    CITY,
    DISTRICT,
    STANDARD,
    STREET,
    TestOffice,
    World,
)


@pytest.fixture
def world() -> Iterator[World]:
    made = World()
    yield made
    made.close()


@pytest.fixture
def city(world: World, database_url: str) -> TestOffice:
    return world.open(CITY, database_url)


@pytest.fixture
def queries(world: World, city: TestOffice) -> Queries:
    return Queries(
        store=city.store, codec=city.codec, writer=city.writer,
        surroundings=city.surroundings,
        contacts=dict, condition_of=condition_lookup(city.store), now_us=lambda: world.now_us,
        rows_max=100, timeline_max=100,
    )


def ask(coroutine):
    import asyncio

    return asyncio.run(coroutine)


def open_case(world: World, command_id: str = "") -> cmd.OpenCase:
    return cmd.OpenCase(
        command_id=CommandId(command_id or world.fresh()), actor="a", case_id=CaseId(world.fresh()),
        case_no="", category=Category(standard_ref=STANDARD, kind="component", code="01001",
                                      name="井盖"),
        place=Place(area=STREET, address="x"), text="t", source="hotline",
    )


def test_a_repeated_command_gets_the_same_answer_and_does_nothing(
    world: World, city: TestOffice
) -> None:
    first = open_case(world, "from-a-phone-17")
    reply = city.do(first)
    again = city.do(open_case(world, "from-a-phone-17"))
    assert (reply.case_id, reply.case_no, reply.version) == (
        again.case_id, again.case_no, again.version,
    )
    assert again.repeated
    assert ["CaseOpened"] == city.journal(reply.case_id)


def test_one_id_for_two_things_is_refused(world: World, city: TestOffice) -> None:
    command = open_case(world, "id")
    city.writer.run(lambda tx: city.handler.carry_out(tx, command, b"one"))
    with pytest.raises(Invalid) as refused:
        city.writer.run(lambda tx: city.handler.carry_out(tx, command, b"other"))
    assert "idempotency.mismatch" == refused.value.code


def test_case_numbers_count_by_the_civil_day(world: World, city: TestOffice) -> None:
    numbers = [city.do(open_case(world)).case_no for _ in range(2)]
    assert [f"{CITY}2026030200001", f"{CITY}2026030200002"] == numbers
    world.pass_time(hours=15)  # 16:00 UTC is the next day's midnight in China
    assert f"{CITY}2026030300001" == city.do(open_case(world)).case_no


def test_a_stale_version_is_a_conflict_and_leaves_no_trace(
    world: World, city: TestOffice
) -> None:
    case_id = world.file_case(city)
    with pytest.raises(VersionConflict):
        city.do(cmd.Decline(**world.head(case_id), expected_version=1, reason="r"))
    assert ["CaseOpened", "CaseFiled"] == city.journal(case_id)


def test_a_refused_command_may_be_asked_again_under_its_id(
    world: World, city: TestOffice
) -> None:
    command = cmd.File(**world.head(world.fresh()))
    for _ in range(2):
        with pytest.raises(UnknownCase):
            city.do(command)


def test_an_office_without_the_right_is_refused(world: World, city: TestOffice) -> None:
    case_id = world.file_case(city)
    city.surroundings.capabilities = frozenset()
    with pytest.raises(NotPermitted):
        world.dispatch(city, case_id, f"node:{DISTRICT}")


def test_answers_are_forgotten_after_their_time(world: World, city: TestOffice) -> None:
    city.do(open_case(world))
    world.pass_time(hours=71)
    assert 0 == city.writer.run(city.handler.forget)
    world.pass_time(hours=2)
    assert 1 == city.writer.run(city.handler.forget)


def test_a_failing_flush_leaves_nothing_behind(world: World, city: TestOffice) -> None:
    case_id = world.file_case(city)

    def fail(tx: Tx) -> None:
        city.handler.carry_out(
            tx,
            cmd.Dispatch(
                **world.head(case_id),
                to=Address.parse(f"node:{DISTRICT}"),
                limits=world.limits(hours=1),
            ),
        )
        raise RuntimeError("the savepoint rolls back")

    with pytest.raises(RuntimeError):
        city.writer.run(fail)
    assert CaseStatus.PENDING_DISPATCH is city.case(case_id).status
    world.dispatch(city, case_id, f"node:{DISTRICT}")
    assert ["CaseOpened", "CaseFiled", "Assigned"] == city.journal(case_id)


def test_listing_pages_by_keyset(world: World, city: TestOffice, queries: Queries) -> None:
    made = []
    for _ in range(5):
        made.append(world.file_case(city))
        world.pass_time(seconds=1)
    seen: list[str] = []
    after = ""
    while True:
        page = ask(queries.cases(CaseFilter(status="pending_dispatch"), after, 2))
        seen += [item["case_id"] for item in page.items]
        after = page.next
        if not after:
            break
    assert made[::-1] == seen
    with pytest.raises(Invalid) as refused:
        ask(queries.cases(CaseFilter(), "garbage", 2))
    assert "page.cursor" == refused.value.code


def test_what_was_handed_down_is_told_from_what_was_opened_here(
    world: World, city: TestOffice, tmp_path: Path
) -> None:
    district = world.open(DISTRICT, tmp_path)
    handed = world.file_case(city)
    world.dispatch(city, handed, f"node:{DISTRICT}")
    world.settle()
    own = world.file_case(district)
    queries = Queries(
        store=district.store, codec=district.codec, writer=district.writer,
        surroundings=district.surroundings, contacts=dict,
        condition_of=condition_lookup(district.store), now_us=lambda: world.now_us,
        rows_max=100, timeline_max=100,
    )

    def listed(origin: str) -> list[tuple[str, str]]:
        page = ask(queries.cases(CaseFilter(origin=origin), "", 10))
        return [(one["case_id"], one["origin"]) for one in page.items]

    assert [(own, "own")] == listed("own")
    assert [(handed, f"node:{CITY}")] == listed("above")
    assert {(own, "own"), (handed, f"node:{CITY}")} == set(listed(""))


def test_the_document_says_how_far_the_order_has_come(
    world: World, city: TestOffice, queries: Queries
) -> None:
    case_id = world.file_case(city)
    world.dispatch(city, case_id, f"node:{DISTRICT}", hours=1)
    document = ask(queries.case(case_id))
    assert ("dispatched", True, False) == (
        document["status"], document["own"], document["overdue"],
    )
    (bond,) = document["bonds"]
    assert (f"node:{DISTRICT}", "queued") == (bond["neighbour"], bond["state"])
    assert "queued for 420203 since 03-02 09:00" == bond["sentence"].say("en")
    assert "自 03-02 09:00 起排队等待送往 420203" == bond["sentence"].say("zh-CN")
    assert "WithdrawAssignment" in document["verbs"]
    world.pass_time(hours=2)
    assert ask(queries.case(case_id))["overdue"]
    (listed,) = ask(queries.cases(CaseFilter(overdue=True), "", 10)).items
    assert case_id == listed["case_id"]


def test_the_table_proposes_with_limits_of_the_condition(
    world: World, city: TestOffice, queries: Queries
) -> None:
    table = RoutingTable(
        store=city.store, writer=city.writer, audit=AUDIT, surroundings=city.surroundings,
        rows_max=100)
    case_id = world.file_case(city)
    nobody = ask(queries.propose(case_id))
    assert ("none", "") == (nobody.reason, nobody.assignee)
    assert "names nobody" in nobody.sentence.say("en")
    rows = [Responsibility(standard_ref=STANDARD, kind="", code="01", area="420203",
                           assignee=f"node:{DISTRICT}", duty="rectify")]
    condition = FilingCondition(
        standard_ref=STANDARD, kind="component", code="01001", condition_no=0, name="井盖",
        filing="破损", limit_text="2紧急工作时", limit_count=2, limit_unit="urgent_hour",
    )
    assert 1 == ask(table.take(rows)).added
    assert 1 == ask(table.take(rows)).replaced
    installer = Hand(actor="installer", basis="installed")
    city.writer.run(lambda tx: Editing(city.store, tx, installer).put_conditions([condition]))
    proposal = ask(queries.propose(case_id))
    assert (f"node:{DISTRICT}", "row") == (proposal.assignee, proposal.reason)
    assert "420203" in proposal.sentence.say("zh-CN")
    asked = city.case(case_id).updated_at
    assert asked + timedelta(hours=2) == proposal.limits.finish_by


def test_a_bad_row_refuses_the_whole_import(city: TestOffice) -> None:
    bad = [Responsibility(standard_ref=STANDARD, kind="", code="01", area="", assignee="nobody")]
    with pytest.raises(Invalid):
        city.writer.run(lambda tx: put_responsibilities(city.store, tx, bad))
    condition = FilingCondition(
        standard_ref=STANDARD, kind="component", code="1", condition_no=0, name="x", filing="y",
        limit_count=3, limit_unit="fortnight",
    )
    with pytest.raises(Invalid):
        city.writer.run(lambda tx: Editing(
            city.store, tx, Hand(actor="x")).put_conditions([condition]))
