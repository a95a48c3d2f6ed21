"""Units, who is responsible, published lists as they are, and the fund, on both databases."""

from __future__ import annotations

import csv
import io
from collections.abc import Coroutine, Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any, TypeVar

import pytest

from node.core import commands as cmd
from node.core.coordination import CoordinationKind
from node.core.errors import Invalid, NoRoute, UnknownUnit
from node.core.facts import Address, CaseId, Category, CommandId, Limits, Place
from node.core.routing import LEADING, DutyKind
from node.main.shipped import install_shipped
from node.service.cards import Cards
from node.service.duties import Duties
from node.service.fund import Fund, yuan
from node.service.imports.responsibilities import RESPONSIBILITIES
from node.service.imports.units import UNITS
from node.service.queries import Queries
from node.service.routing_table import RoutingTable
from node.service.standards.desk import Standards
from node.service.standards.editing import Editing, Hand
from node.service.standards.lookup import condition_lookup
from node.service.unit_views import Clerk, Plan, UnitCard
from node.service.views import CaseFilter, FilingCondition
from tests.audits import AUDIT
from tests.unit.service.world import CITY, DISTRICT, TestOffice, World

EXAMPLES = Path(__file__).parents[3] / "deploy" / "examples"
NATION = "GB/T 47678.5-2026"
LIST = (EXAMPLES / "qilihe" / "responsibilities.csv").read_bytes()
T = TypeVar("T")


def ask(coroutine: Coroutine[Any, Any, T]) -> T:
    import asyncio

    return asyncio.run(coroutine)


@pytest.fixture
def world() -> Iterator[World]:
    made = World()
    yield made
    made.close()


@pytest.fixture
def city(world: World, database_url: str) -> TestOffice:
    return world.open(CITY, database_url, adapters=("power", "parks"))


@pytest.fixture
def queries(world: World, city: TestOffice) -> Queries:
    return Queries(
        store=city.store, codec=city.codec, writer=city.writer,
        surroundings=city.surroundings,
        contacts=dict, condition_of=condition_lookup(city.store), now_us=lambda: world.now_us,
        rows_max=100, timeline_max=100,
    )


@pytest.fixture
def table(city: TestOffice) -> RoutingTable:
    return RoutingTable(
        store=city.store, writer=city.writer, audit=AUDIT, surroundings=city.surroundings,
        rows_max=100)


@pytest.fixture
def cards(world: World, city: TestOffice, table: RoutingTable) -> Cards:
    return Cards(
        store=city.store, writer=city.writer, audit=AUDIT, surroundings=city.surroundings,
        now_us=lambda: world.now_us, rows_max=3, changed=table.reload,
    )


@pytest.fixture
def duties(city: TestOffice, table: RoutingTable) -> Duties:
    return Duties(store=city.store, writer=city.writer, audit=AUDIT, rows_max=100,
                  changed=table.reload)


@pytest.fixture
def fund(world: World, city: TestOffice) -> Fund:
    return Fund(store=city.store, codec=city.codec, writer=city.writer, audit=AUDIT,
                now_us=lambda: world.now_us, rows_max=100)


def opened(world: World, city: TestOffice, code: str, **changed: Any) -> str:
    case_id = CaseId(world.fresh())
    fields: dict[str, Any] = {
        "case_no": "", "category": Category(standard_ref=NATION, kind="component", code=code,
                                            name="部件"),
        "place": Place(area="620103", address="西津西路"), "text": "损坏", "source": "collector",
    }
    city.do(cmd.OpenCase(command_id=CommandId(world.fresh()), actor="a", case_id=case_id,
                         **{**fields, **changed}))
    city.do(cmd.File(command_id=CommandId(world.fresh()), actor="a", case_id=case_id))
    return case_id


def verb(world: World, city: TestOffice, make: Any, case_id: str, **fields: Any) -> None:
    city.do(make(command_id=CommandId(world.fresh()), actor="甲", case_id=CaseId(case_id),
                 **fields))


def test_a_published_list_is_read_as_it_stands_and_every_mapped_code_names_a_unit(
    world: World, city: TestOffice,
    queries: Queries, table: RoutingTable, cards: Cards, duties: Duties
) -> None:
    _, parsed = RESPONSIBILITIES.parse(
        LIST, given={"standard_ref": NATION, "area": "620103"})
    assert () == parsed.faults
    names = {row.unit for row in parsed.rows}
    ask(cards.put([
        UnitCard(unit_id=f"u{number}", name=name, kind="bureau", address="adapter:power",
                 way="system")
        for number, name in enumerate(sorted(names))
    ]))
    result = ask(table.take(parsed.rows))
    lines = list(csv.DictReader(io.StringIO(LIST.decode())))
    clear = [line for line in lines if line["mapping"] == "clear"]
    assert (len(clear), 0, len(lines) - len(clear)) == (
        result.added, result.replaced, result.aside)
    leads = {
        (line["kind"], line["code5"]) for line in clear
        if any(DutyKind(one) in LEADING for one in line["duty"].split("/"))
    }
    kinds = {"管理部件": "component", "管理事项": "matter"}
    for kind, code in sorted(leads):
        category = Category(standard_ref=NATION, kind=kinds[kind], code=code, name="")
        proposal = ask(queries.propose(opened(world, city, code, category=category)))
        mapped = {line["unit"] for line in clear if line["code5"] == code
                  and line["duty"] != "assist"}
        assert set(proposal.units) <= mapped, (code, proposal)
        assert proposal.units, (code, proposal)
        assert proposal.sentence.say("en") != proposal.sentence.say("zh")
    several = ask(queries.propose(opened(world, city, "01003")))
    assert ("unsettled", {"规划建设局", "公投集团"}) == (several.reason, set(several.units))
    assert ask(table.take(parsed.rows)).replaced == len(clear)

    waiting = ask(duties.unmapped("", 100)).items
    assert len(lines) - len(clear) == len(waiting)
    with pytest.raises(Invalid):
        ask(duties.map_phrase(waiting[0]["id"], standard_ref="", kind="", code="01028", actor="a"))
    phrase = next(one for one in waiting if one["phrase"] == "交警井盖")
    assert ask(duties.map_phrase(phrase["id"], standard_ref=NATION, kind="component",
                                 code="01015", actor="管理员"))
    assert not ask(duties.map_phrase(phrase["id"], standard_ref=NATION, kind="component",
                                     code="01015", actor="管理员"))
    assert "公安局" == ask(queries.propose(opened(world, city, "01015"))).unit
    # importing the list again brings no settled phrase back
    ask(table.take(parsed.rows))
    assert len(waiting) - 1 == len(ask(duties.unmapped("", 100)).items)


def test_the_example_units_load_and_are_targets_only_where_somebody_answers(
    world: World, city: TestOffice, cards: Cards
) -> None:
    data = (EXAMPLES / "huangshi" / "units.csv").read_bytes()
    _, parsed = UNITS.parse(data)
    assert () == parsed.faults
    assert len(parsed.rows) >= 53
    assert len(parsed.rows) == ask(cards.put(parsed.rows)).added
    assert len(parsed.rows) == ask(cards.put(parsed.rows)).replaced
    seen, after = [], ""
    while True:
        page, after = ask(cards.page(after, 100))
        seen += page
        if not after:
            break
    assert sorted(card.unit_id for card in parsed.rows) == [card.unit_id for card in seen]
    gaps = ask(cards.gaps())
    refused = [gap for gap in gaps if gap.refused]
    assert refused == gaps[:len(refused)]
    no_way = next(card for card in seen if not card.address)
    with pytest.raises(Invalid) as without:
        ask(cards.address_of(no_way.unit_id))
    assert "unit.no_way_in" == without.value.code
    with pytest.raises(UnknownUnit):
        ask(cards.address_of("nobody at all"))


def test_a_form_without_an_active_clerk_is_no_target_until_somebody_is_named(
    world: World, city: TestOffice, cards: Cards
) -> None:
    parks = UnitCard(unit_id="41", name="市园林局", kind="bureau", address="adapter:parks",
                     way="form", clerks=(Clerk(name="已离岗", active=False),))
    ask(cards.put([parks]))
    case_id = opened(world, city, "04001")
    to = Address.parse("adapter:parks")
    with pytest.raises(NoRoute) as refused:
        verb(world, city, cmd.Dispatch, case_id, to=to, limits=Limits())
    assert ("unit.unanswerable", "no_clerk") == (refused.value.code, refused.value.detail["gap"])
    ask(cards.put([replace(parks, clerks=(Clerk(name="受理员", phone="0714-6350000"),))]))
    verb(world, city, cmd.Dispatch, case_id, to=to, limits=Limits())
    assert "市园林局" == city.surroundings.register.called("adapter:parks")


def test_a_card_lists_what_it_lacks_and_phones_are_for_administrators(cards: Cards) -> None:
    whole = UnitCard(
        unit_id="36", name="黄石供电公司", kind="enterprise", address="adapter:power",
        way="system", leader="分管领导", leader_phone="13900001234", section="运检部",
        crew="抢修队", duty_phone="95598", clerks=(Clerk(name="受理员", phone="0714-6350000"),),
        plans=(Plan(title="大面积停电应急处置方案", place="运检部"),),
    )
    ask(cards.put([whole]))
    assert [] == ask(cards.gaps())
    shown = ask(cards.card("36"))
    assert ("139****1234", "071****0000", "95598") == (
        shown.leader_phone, shown.clerks[0].phone, shown.duty_phone)
    assert whole == ask(cards.card("36", reveal=True))
    ask(cards.put([UnitCard(unit_id="7", name="开发区", kind="zone", territorial=True)]))
    (gap,) = ask(cards.gaps())
    assert {"clerk", "address", "region", "leader"} <= set(gap.lacks)
    assert "不能派遣" in gap.sentence.say("zh")


def test_a_unit_whose_address_leads_nowhere_is_a_gap(city: TestOffice, cards: Cards) -> None:
    whole = UnitCard(
        unit_id="12", name="市公安局", kind="bureau", address="adapter:police", way="system",
        leader="分管领导", section="治安支队", crew="处置队", duty_phone="110",
        clerks=(Clerk(name="受理员"),), plans=(Plan(title="应急预案", place="治安支队"),))
    ask(cards.put([whole, replace(whole, unit_id="13", name="某区", address="node:420299"),
                   replace(whole, unit_id="36", name="黄石供电公司", address="adapter:power")]))
    gaps = {gap.unit_id: gap for gap in ask(cards.gaps())}
    assert {"12", "13"} == set(gaps)
    assert all(gap.refused and gap.lacks == ("way_in",) for gap in gaps.values())
    assert "adapters/police/manifest.toml" in gaps["12"].sentence.say("zh")
    assert "不是本节点的下级" in gaps["13"].sentence.say("zh")

    city.surroundings.unusable["power"] = "config.public_url: required"
    by_subject = {step.subject: step for step in ask(cards.checklist())}
    assert "36" in {gap.unit_id for gap in ask(cards.gaps())}
    assert (by_subject["links"].complete, by_subject["links"].missing) == (False, 1)
    assert "无法启动" in by_subject["links"].sentence.say("zh")


def test_the_checklist_is_complete_only_when_nothing_is_missing(
    world: World, city: TestOffice, table: RoutingTable, cards: Cards
) -> None:
    steps = {step.subject: step for step in ask(cards.checklist())}
    assert not steps["units"].complete
    assert "尚未录入" in steps["units"].sentence.say("zh")
    _, parsed = RESPONSIBILITIES.parse(
        f"standard_ref,kind,code,area,unit\n{NATION},,01,4202,无名局\n".encode())
    ask(table.take(parsed.rows))
    steps = {step.subject: step for step in ask(cards.checklist())}
    assert (1, 1, False) == (steps["responsibilities"].there, steps["responsibilities"].missing,
                             steps["responsibilities"].complete)
    assert {"units", "responsibilities", "limits", "people", "links"} == set(steps)


def test_the_checklist_counts_the_limits_in_force_and_not_those_of_a_draft(
    world: World, city: TestOffice, cards: Cards
) -> None:
    def condition(number: int) -> FilingCondition:
        return FilingCondition(
            standard_ref=NATION, kind="matter", code="09005", condition_no=number, name="店外经营",
            filing="出店摆卖", closing="收回店内", limit_text="4小时", limit_count=4,
            limit_unit="work_hour")

    def counted() -> int:
        [step] = [one for one in ask(cards.checklist()) if one.subject == "limits"]
        return step.there

    city.writer.run(lambda tx: install_shipped(city.store, tx))
    hand = Hand(actor="installer", basis="installed")
    city.writer.run(lambda tx: Editing(city.store, tx, hand).put_conditions([condition(1)]))
    desk = Standards(node=CITY, store=city.store, writer=city.writer, audit=AUDIT,
                     holder=city.surroundings, now_us=lambda: world.now_us, rows_max=100)
    ask(desk.reload())
    before = counted()

    ask(desk.import_conditions([condition(2)], actor="王"))
    drafted = counted()
    [draft] = [one for one in ask(desk.editions()) if one["standing"] == "draft"]
    ask(desk.approve(NATION, draft["version"], effective_from=None, actor="张"))

    assert (before, drafted, counted()) == (1, 1, 2)


def test_cards_with_gaps_are_not_counted_as_units_that_are_missing(cards: Cards) -> None:
    ask(cards.put([UnitCard(unit_id="u1", name="市城管局", kind="bureau", address="adapter:power",
                            way="system")]))
    [step] = [one for one in ask(cards.checklist()) if one.subject == "units"]

    assert (step.there, step.missing) == (1, 1)
    assert step.sentence.say("zh") == "责任单位：1 项，其中 1 项卡片有缺项"
    assert step.sentence.say("en") == "units: 1, of which 1 have gaps on their cards"


def test_a_zone_takes_what_nobody_owns_and_a_decision_overrules_the_table(
    world: World, city: TestOffice, queries: Queries, cards: Cards
) -> None:
    ask(cards.put([
        UnitCard(unit_id="7", name="开发区管委会", kind="zone", territorial=True, region="420271",
                 address=f"node:{DISTRICT}", way="node"),
        UnitCard(unit_id="42", name="市市政公用局", kind="bureau", address="adapter:power",
                 way="system"),
    ]))
    opened(world, city, "01003")
    case_id = opened(world, city, "01003", place=Place(area="420271", address="金山大道"))
    verb(world, city, cmd.MarkNoOwner, case_id, text="无人认领")
    (listed,) = ask(queries.cases(CaseFilter(no_owner=True), "", 10)).items
    assert (case_id, 2) == (
        listed["case_id"], len(ask(queries.cases(CaseFilter(), "", 10)).items))
    proposal = ask(queries.propose(case_id))
    assert ("territory", "开发区管委会") == (proposal.reason, proposal.unit)
    verb(world, city, cmd.AskCoordination, case_id, coordination_id=world.fresh(),
         level="committee", kind=CoordinationKind.NO_OWNER, text="请定")
    document = ask(queries.case(case_id))
    assert (True, True) == (document["no_owner"], document["contested"])
    (waiting,) = document["coordinations"]
    verb(world, city, cmd.DecideCoordination, case_id,
         coordination_id=waiting["coordination_id"], lead="市市政公用局", text="由市政牵头")
    proposal = ask(queries.propose(case_id))
    assert ("decided", "adapter:power") == (proposal.reason, proposal.assignee)
    assert not ask(queries.case(case_id))["contested"]


def test_who_was_chosen_over_whom_is_in_the_record(
    world: World, city: TestOffice, table: RoutingTable, cards: Cards
) -> None:
    from node.service.folding import event_fields

    ask(cards.put([UnitCard(unit_id="42", name="市政", kind="bureau", address="adapter:power",
                            way="system")]))
    _, parsed = RESPONSIBILITIES.parse(
        f"standard_ref,kind,code,area,unit\n{NATION},,01,620103,42\n".encode())
    ask(table.take(parsed.rows))
    case_id = opened(world, city, "01003")
    verb(world, city, cmd.Dispatch, case_id, to=Address.parse("adapter:parks"), limits=Limits())
    rows = city.writer.run_read(lambda conn: city.store.case_journal(conn, case_id, 0, 10))
    entry = city.codec.read_entry(bytes(rows[-1]["entry"]))
    fields = event_fields(entry.event)
    assert ("Assigned", "own_choice", [{"kind": "adapter", "id": "power"}]) == (
        entry.event_type, fields["basis"], fields["over"])


def test_the_fund_is_the_journal_added_up_and_rebuilt_to_the_same(
    world: World, city: TestOffice, fund: Fund
) -> None:
    case_id = opened(world, city, "01003")
    first, second = world.fresh(), world.fresh()
    verb(world, city, cmd.RecordProxyRepair, case_id, repair_id=first, performer="抢修队",
         payer="=电信公司", cost_fen=100_050)
    verb(world, city, cmd.RecordProxyRepair, case_id, repair_id=second, performer="抢修队",
         cost_fen=20_000)
    verb(world, city, cmd.RecordRecovery, case_id, repair_id=first, amount_fen=50,
         payer="=电信公司")
    assert ask(fund.deposit("2026-01", 500_000, "拨款", actor="财政"))
    assert not ask(fund.deposit("2026-01", 500_000, "拨款", actor="财政"))
    for amount in (0, -1, 10**15):
        with pytest.raises(Invalid):
            ask(fund.deposit("x", amount, "拨款", actor="财政"))
    before = ask(fund.statement())
    assert (500_000, 120_050, 50, 380_000, 100_000) == (
        before.deposited_fen, before.paid_fen, before.recovered_fen, before.balance_fen,
        before.outstanding_fen)
    assert {"=电信公司": 100_000} == before.by_payer
    (owed,) = before.owed
    assert (first, case_id, 100_000) == (owed.repair_id, owed.case_id, owed.outstanding_fen)
    assert 3 == ask(fund.rebuild())
    assert before == ask(fund.statement())
    verb(world, city, cmd.RecordRecovery, case_id, repair_id=first, amount_fen=100_000,
         payer="=电信公司")
    after = ask(fund.statement())
    assert (480_000, 0, ()) == (after.balance_fen, after.outstanding_fen, after.owed)
    items, following = ask(fund.entries("", 3))
    assert (["repair", "repair", "recovery"], str(items[-1]["n"])) == (
        [item["kind"] for item in items], following)
    rest, end = ask(fund.entries(following, 3))
    assert (1, "") == (len(rest), end)
    with pytest.raises(Invalid):
        ask(fund.entries("no cursor", 3))
    lines = list(csv.reader(io.StringIO(ask(fund.as_csv()))))
    assert 5 == len(lines)
    assert ("1000.50", "'=电信公司") == (lines[1][3], lines[1][5])
    assert "-0.05" == yuan(-5)
    assert ["2026-01"] == [one["deposit_id"] for one in ask(fund.deposits())]
