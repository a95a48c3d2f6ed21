"""The acceptance run measures what is there, on both databases."""

from __future__ import annotations

import asyncio
from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import Any, cast

import pytest
from sqlalchemy import LargeBinary, Table, insert

import node
from hub.store.tx import Tx
from node.core import commands as cmd
from node.core.approvals import Ladder, Ladders
from node.core.capability import Capability
from node.core.codes import LAYOUTS, ClassKey
from node.core.facts import Address, Category, Place
from node.core.routing import Responsibility, Unit
from node.core.standards import Catalog, ClassEntry, Content, Edition
from node.service.acceptance.criteria import Criteria, read_criteria
from node.service.acceptance.room import Acceptance
from node.service.cards import Cards
from node.service.collectors import Collectors
from node.service.evaluation.definitions import read_definition, shipped
from node.service.evaluation.projector import Projector
from node.service.evaluation.room import Evaluation
from node.service.evaluation.versions import Definitions
from node.service.holdings import Table as Holdings
from node.service.link_views import LinkView
from node.service.neighbours import Neighbours
from node.service.phrases import NOTHING
from node.service.register import Entry, Register
from node.service.unit_views import Step
from node.store import acceptance, calls
from node.store import evaluation as evaluated
from node.store.tables import api_token, call, component, coverage, grid, layer_version
from tests.audits import AUDIT
from tests.unit.evaluation.journals import LIMITS
from tests.unit.service.world import CITY, STANDARD, TestOffice, World

(_, TEXT), *_ = shipped()
SHIPPED = read_criteria(Path(node.__file__).parent / "standards" / "acceptance.toml")
NOW = datetime(2026, 4, 10, 1, 0, tzinfo=UTC)


class Below:
    """What other rooms say: the checklist of the set-up, beats, links."""

    def __init__(self) -> None:
        self.views: list[LinkView] = []
        self.unstaffed, self.beats_drawn = 1, 4
        self.steps = {"limits": (519, 0), "responsibilities": (109, 2)}

    async def checklist(self) -> list[Step]:
        return [Step(subject=name, complete=False, there=there, missing=missing, sentence=NOTHING)
                for name, (there, missing) in self.steps.items()]

    async def beats(self) -> dict[str, Any]:
        return {"unstaffed": self.unstaffed, "beats": [{}] * self.beats_drawn}

    async def links(self) -> list[LinkView]:
        return self.views


class Desk:
    """One office in its trial run, and whoever looks it over."""

    def __init__(self, office: TestOffice, world: World, **changed: Any) -> None:
        self.office, self.world, self.below = office, world, Below()
        self.backup: datetime | None = None
        # The rules say that this office is on trial: its cases count for nobody.
        rules = Definitions([read_definition(
            TEXT.replace("trial_nodes = []", f'trial_nodes = ["{CITY}"]'), name="rules")])
        evaluation = Evaluation(
            store=evaluated, writer=office.writer, audit=AUDIT,
            surroundings=office.surroundings,
            projector=Projector(
                store=evaluated, codec=office.codec, writer=office.writer,
                judged_by=lambda: (office.surroundings.calendar, LIMITS)),
            rules=lambda: rules, now_us=lambda: world.now_us, rows_max=200)
        criteria: Criteria = replace(SHIPPED, months=1, **changed)
        self.room = Acceptance(
            criteria=criteria, store=acceptance, calls=calls, writer=office.writer,
            surroundings=office.surroundings, cards=cast("Cards", self.below),
            collectors=cast("Collectors", self.below),
            neighbours=cast("Neighbours", self.below), evaluation=lambda: evaluation,
            newest_backup=lambda: self.backup, now_us=lambda: world.now_us)

    def checks(self) -> dict[str, dict[str, Any]]:
        return {one["code"]: one for one in asyncio.run(self.room.run())["checks"]}

    def put(self, table: Table, **values: Any) -> None:
        """A row with these values; every other column that needs one is empty."""
        row = {
            column.name: values.get(column.name, b"" if isinstance(column.type, LargeBinary) else (
                "" if column.type.python_type is str else 0))
            for column in table.columns
            if column.name in values or (
                not column.nullable and column.server_default is None
                and column.identity is None)}
        asyncio.run(self.office.writer.write(lambda tx: _put(tx, table, row)))


def _put(tx: Tx, table: Table, row: dict[str, Any]) -> None:
    tx.conn.execute(insert(table), [row])


@pytest.fixture
def desk(database_url: str) -> Iterator[Desk]:
    world = World()
    office = world.open(CITY, database_url, adapters=("power",))
    yield Desk(office, world)
    world.close()


def to_us(when: datetime) -> int:
    return int(when.timestamp() * 1e6)


def test_base_data_is_measured_per_square_kilometre_and_against_the_coverage(desk: Desk) -> None:
    empty = desk.checks()
    assert [empty[one]["value"] for one in ("grids", "grid_cover", "components", "owners")] == [
        0.0, None, None, None]
    assert empty["grid_cover"]["verdict"] == "fail"
    for code, area, more in (
        ("1", 1_500_000.0, {}), ("2", 400_000.0, {}), ("3", 9e9, {"void": True}),
        ("4", 9e9, {"valid_to": date(2020, 1, 1)}), ("5", 9e9, {"kind": "beat"}),
    ):
        desk.put(grid, **{"kind": "unit", "code": code, "area_m2": area, "digest": b"", **more})
    desk.put(coverage, code="c", area_m2=2_000_000.0, outline=b"", digest=b"")
    desk.put(layer_version, layer="component", number=2, dated=date(2026, 3, 1))
    for code, born, died, owner in (
        ("a", 1, None, "市政局"), ("b", 2, None, ""), ("c", 1, 2, "市政局"), ("d", 3, None, "x")):
        desk.put(component, code=code, born=born, died=died, owner_name=owner)
    found = desk.checks()
    assert (found["grids"]["value"], found["grids"]["verdict"]) == (2.0, "pass")
    assert (found["grid_cover"]["counted"], found["grid_cover"]["out_of"]) == (
        1_900_000, 2_000_000)
    assert found["grid_cover"]["verdict"] == "pass"  # exactly 95 %
    assert found["components"]["value"] == pytest.approx(2 / 1.9)
    assert (found["owners"]["counted"], found["owners"]["out_of"]) == (1, 2)


def test_whoever_is_responsible_and_can_be_reached_is_counted(desk: Desk) -> None:
    here = desk.office.surroundings
    day = date(2026, 1, 1)
    keys = [ClassKey(standard_ref=STANDARD, kind="component", code=f"0{n}001") for n in (1, 2)]
    edition = Edition(standard_ref=STANDARD, version=1, layout=LAYOUTS[STANDARD],
                      effective_from=day, approved=True)
    here.catalog = Catalog([edition], {(STANDARD, 1): Content(
        classes={key: ClassEntry(key=key, name="井盖") for key in keys}, conditions={})})
    here.table = Holdings([Responsibility(
        standard_ref=STANDARD, kind="component", code="01", area="",
        assignee=Address.parse("adapter:power"))])
    here.register = Register([
        Entry(unit=Unit(unit_id="U1", name="供电", address=Address.parse("adapter:power"))),
        Entry(unit=Unit(unit_id="U2", name="水务", address=Address.parse("adapter:power2"))),
        Entry(unit=Unit(unit_id="U3", name="园林")),
    ])
    here.ladders = Ladders(version="1", ladders=(
        Ladder(verb="return", steps=(("dispatcher",), ("shift_leader", "leader"))),))
    for n, roles, revoked in ((1, "dispatcher", None), (2, "leader", 5), (3, "", None)):
        desk.put(api_token, token_hash=bytes([n]), name=f"t{n}", scope="operate",
                 roles=roles, revoked_at=revoked, created_at=1)
    found = desk.checks()
    assert [(found[one]["counted"], found[one]["out_of"]) for one in (
        "assigned", "units", "roles")] == [(1, 2), (1, 3), (1, 3)]
    assert (found["unmapped"]["value"], found["conditions"]["value"]) == (2.0, 519.0)
    assert (found["beats"]["value"], found["beats"]["verdict"]) == (1.0, "fail")


def test_cases_of_the_trial_run_are_judged_though_they_count_for_nobody(desk: Desk) -> None:
    world, office = desk.world, desk.office
    for _ in range(3):
        case_id = world.file_case(office)
        world.dispatch(office, case_id, "adapter:power")
    world.pass_time(hours=1)
    unfiled = world.fresh()
    office.do(cmd.OpenCase(
        **world.head(unfiled), case_no="", source="collector", text="x",  # type: ignore[arg-type]
        category=Category(
            standard_ref=STANDARD, kind="component", code="01001", name="供水井盖"),
        place=Place(area="420203001", address="湖滨大道 1 号")))
    young = desk.checks()
    assert (young["trial"]["value"], young["cases"]["value"]) == (0.0, 0.0)
    assert young["filing"]["value"] is None
    world.now_us = to_us(NOW)
    found = desk.checks()
    assert (found["trial"]["value"], found["cases"]["value"]) == (1.0, 4.0)
    assert (found["filing"]["counted"], found["filing"]["out_of"]) == (3, 4)
    assert (found["handling"]["counted"], found["handling"]["out_of"]) == (0, 3)
    assert (found["dispatching"]["counted"], found["dispatching"]["out_of"]) == (3, 3)
    assert found["dispatching"]["verdict"] == "pass"


def test_the_running_node_shows_its_links_its_backup_and_its_calls(desk: Desk) -> None:
    desk.world.now_us = to_us(NOW)
    alone = desk.checks()
    assert [alone[one]["verdict"] for one in ("links", "calls", "backup")] == [
        "not_applicable", "not_applicable", "fail"]

    def link(**changed: Any) -> LinkView:
        return LinkView(**{"link": "a-b", "peer": "b", "peer_is": "CHILD", "state": "UP",
                           "reason": "", "sentence": NOTHING, "connected": True, **changed})

    desk.below.views = [link(), link(parked=2), link(connected=False), link(paused=True)]
    desk.backup = NOW - timedelta(hours=26)
    march = to_us(datetime(2026, 3, 20, tzinfo=UTC))
    for n, answered in enumerate((march + 1, march + 9, None)):
        desk.put(call, call_no=f"LD{n}", command_id=f"{n:036}", kind="consultation",
                 concerns="none", channel="phone", words="x", from_reporter=False,
                 received_at=march, received_by="c", due_by=march + 5, answered_at=answered,
                 rules="1")
    found = desk.checks()
    assert (found["links"]["counted"], found["links"]["out_of"]) == (2, 4)
    assert found["parked"]["value"] == 2.0
    assert (found["backup"]["value"], found["backup"]["verdict"]) == (26.0, "pass")
    assert (found["calls"]["counted"], found["calls"]["out_of"]) == (1, 3)
    desk.world.now_us += 1_000_000
    assert desk.checks()["backup"]["verdict"] == "fail"


def test_an_office_is_not_asked_for_what_it_may_not_do(desk: Desk) -> None:
    desk.office.surroundings.capabilities = frozenset({Capability.OBSERVE})
    told = asyncio.run(desk.room.run())
    asked = {one["code"] for one in told["checks"] if one["verdict"] != "not_applicable"}
    assert asked == {"admins", "calendar", "trial", "cases", "parked", "backup"}
    assert told["passed"] is False
    assert told["rights"] == ["observe"]
