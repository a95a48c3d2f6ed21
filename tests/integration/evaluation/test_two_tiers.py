"""City and district compute the same unit from their own stores: the figures are the same, to the
last case. And whatever is stored can be computed again."""

from __future__ import annotations

import asyncio
import re
from collections.abc import Iterator
from datetime import timedelta
from typing import Any

import pytest

from node.core.facts import Address, TimeLimit, TimeUnit
from node.core.limits import LimitSet, Post
from node.core.routing import Unit
from node.edge.sheets import table
from node.service.evaluation.definitions import load_definitions
from node.service.evaluation.room import Ask
from node.service.evaluation.sheet import unlike
from node.service.instants import to_time
from node.service.ledger import Ledger
from node.service.queries import Queries
from node.service.register import Entry, Register
from node.service.standards.lookup import condition_lookup
from node.service.views import CaseFilter
from node.store import evaluation as evaluated
from tests.integration.evaluation.month import Month
from tests.unit.service.world import CITY, DISTRICT, OTHER, STREET

pytestmark = pytest.mark.slow
CASES = 240


@pytest.fixture(scope="module")
def month(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Month]:
    lived = Month(tmp_path_factory.mktemp("month"), seed=20261109)
    try:
        lived.live(CASES)
        yield lived
    finally:
        lived.close()


def sheet(month: Month, node: str, subject: str, period: str = "2026-11", **where: str) -> Any:
    ask = Ask(subject=subject, period=period,
              where={name: (value,) for name, value in where.items()})
    return asyncio.run(month.evaluation(node).figures(ask))


def test_month_was_not_empty_and_saw_every_kind_of_end(month: Month) -> None:
    (district,) = sheet(month, CITY, "unit", unit=DISTRICT, filing_node=CITY)["lines"]
    counts = district["counts"]
    for figure in ("taken@taken", "should_handle@handle", "handled@handle", "returned@taken",
                   "handled_on_time@handle", "handled_late@handle", "pending_late@handle",
                   "reworked@handle"):
        assert counts[figure] > 0, figure
    assert counts["should_handle@handle"] > 40
    for verb in ("AskRequest", "DecideRequest", "VoidCase", "ForceClose",
                 "PressAssignee", "SuperviseAssignee", "FailCheck", "Close", "Accept", "NotAccept",
                 "StartVerify", "RecordVerify", "SelfHandle", "OpenPart", "SuspendCase",
                 "ResumeAssignment", "GiveSatisfaction", "AskReopen",
                 "DecideReopen"):
        assert month.done[verb] > 0, verb
    assert month.done["AskRequest/appeal"] > 0
    legs = sheet(month, CITY, "unit")["total"]["counts"]
    assert legs["extended@handle"] > 0 < legs["suspended@taken"]


@pytest.mark.parametrize("subject", ["unit", "unit_five", "street_legs", "component_upkeep"])
@pytest.mark.parametrize("period", ["2026-11", "2026-W46", "2026-11-12", "2026-Q4", "2026"])
def test_city_and_district_count_the_same_legs_of_what_the_city_filed(
    month: Month, subject: str, period: str
) -> None:
    units = {}
    for node in (CITY, DISTRICT):
        lines = [
            sheet(month, node, subject, period, filing_node=CITY, unit=unit)
            for unit in (DISTRICT, STREET, f"{STREET}/power")
        ]
        units[node] = lines
    for ours, theirs in zip(units[CITY], units[DISTRICT], strict=True):
        assert unlike(ours, theirs) == ()
    if period == "2026-11":
        assert all(ours["lines"] for ours in units[CITY])


def test_district_and_street_count_the_same_legs_whoever_filed_them(month: Month) -> None:
    for unit in (STREET, f"{STREET}/power"):
        ours = sheet(month, DISTRICT, "unit", unit=unit)
        assert ours["lines"]
        assert unlike(ours, sheet(month, STREET, "unit", unit=unit)) == ()


def test_dispatchers_of_the_district_count_the_same_at_the_city(month: Month) -> None:
    ours = sheet(month, CITY, "dispatcher", maker=DISTRICT, filing_node=CITY)
    assert ours["lines"]
    assert unlike(ours, sheet(month, DISTRICT, "dispatcher", maker=DISTRICT,
                              filing_node=CITY)) == ()


def test_figures_of_posts_stay_when_an_office_gives_its_posts_other_limits(month: Month) -> None:
    def posts(node: str) -> list[Any]:
        subjects = ("dispatcher", "shift_leader", "intake_operator", "collector")
        return [sheet(month, node, subject)["lines"] for subject in subjects]

    before = {node: posts(node) for node in (CITY, DISTRICT)}
    counts = sheet(month, CITY, "dispatcher", maker=DISTRICT)["total"]["counts"]
    late = counts["dispatch_tasks@done"] - counts["dispatched_on_time@done"]
    assert late > 0, "or the limit would not matter"
    old = {node: office.surroundings.limits for node, office in month.world.offices.items()}
    for office in month.world.offices.values():
        office.surroundings.limits = LimitSet(version="other", steps={
            post: TimeLimit(value=10, unit=TimeUnit.CALENDAR_DAY) for post in Post})
    try:
        assert {node: posts(node) for node in (CITY, DISTRICT)} == before
    finally:
        for node, office in month.world.offices.items():
            office.surroundings.limits = old[node]
    assert {node: posts(node) for node in (CITY, DISTRICT, STREET)}.items() >= before.items()


def test_units_are_named_by_the_register_of_whoever_looks_and_the_unknown_by_its_key(
    month: Month,
) -> None:
    around = month.world.offices[STREET].surroundings
    around.register = Register([
        Entry(unit=Unit(unit_id="36", name="供电公司", address=Address.parse("adapter:power"))),
    ])
    around.name = "澄月街道"
    try:
        named = {line["key"][0]: line["names"] for line in sheet(month, STREET, "unit")["lines"]}
        above = {line["key"][0]: line["names"] for line in sheet(month, CITY, "unit")["lines"]}
    finally:
        around.register, around.name = Register(), STREET
    assert (named[f"{STREET}/power"], named[STREET]) == (["供电公司"], ["澄月街道"])
    assert above[f"{STREET}/power"] == [""], "the city has no card of it"


def test_what_has_not_arrived_is_a_difference_that_is_shown(month: Month) -> None:
    city = month.world.offices[CITY].writer
    key = city.run_read(lambda conn: evaluated.evaluation_cases(conn, "", 10_000))
    rows = city.run_read(lambda conn: evaluated.stored_evaluation(conn, key))
    (gone, *_) = [row for row in rows if row["kind"] == "leg" and row["unit"] == STREET
                  and row["m_handled"] is not None and not row["excluded"]
                  and row["filing_node"] == CITY]
    before = sheet(month, DISTRICT, "unit", "2026", unit=STREET, filing_node=CITY)
    rest = [row for row in rows if row["case_id"] == gone["case_id"] and row is not gone]
    city.run(lambda tx: evaluated.replace_evaluation(tx.conn, [gone["case_id"]], rest))
    try:
        ours = sheet(month, CITY, "unit", "2026", unit=STREET, filing_node=CITY)
        found = {one.figure for one in unlike(ours, before)}
        assert "taken@taken" in found
        assert "handled@handle" in found
        # And the proof finds the row that is missing.
        different, _ = asyncio.run(month.evaluation(CITY)._projector.verify(limit=10_000))
        assert [(gone["case_id"], gone["ref"])] == [(one.case_id, one.ref) for one in different]
    finally:
        city.run(lambda tx: evaluated.replace_evaluation(tx.conn, [gone["case_id"]],
                                                         [*rest, gone]))


def test_rebuilt_rows_are_the_rows_that_followed_the_feed(month: Month) -> None:
    assert month.looked_meanwhile == 3
    for node in (CITY, DISTRICT, STREET):
        room, writer = month.evaluation(node), month.world.offices[node].writer
        sheet(month, node, "unit")

        def stored(writer: Any = writer) -> Any:
            ids = writer.run_read(lambda conn: evaluated.evaluation_cases(conn, "", 10_000))
            return writer.run_read(lambda conn: evaluated.stored_evaluation(conn, ids))

        followed = stored()
        after = ""
        while True:
            step = asyncio.run(room.rebuild(after))
            after = step.next
            if not after:
                break
        assert stored() == followed
        assert len(followed) > CASES // 3


def test_every_figure_opens_exactly_its_cases(month: Month) -> None:
    room = month.evaluation(CITY)
    for subject in ("unit", "street", "class", "source", "dispatcher", "shift_leader"):
        ask = Ask(subject=subject, period="2026-11")
        for line in asyncio.run(room.figures(ask))["lines"]:
            for figure, count in line["counts"].items():
                counter, _, window = figure.partition("@")
                items: list[Any] = []
                after = ""
                while True:
                    page = asyncio.run(room.cases(
                        ask, key=line["key"], counter=counter, window=window, attributed=False,
                        after=after, limit=37))
                    items += page.items
                    after = page.next
                    if not after:
                        break
                assert count == len(items) == len({(one["case_id"], one["ref"])
                                                   for one in items}), (subject, figure)


@pytest.mark.parametrize("subject", ["unit", "street", "dispatcher", "class"])
def test_a_total_opens_the_cases_of_all_its_lines(month: Month, subject: str) -> None:
    room, ask = month.evaluation(CITY), Ask(subject=subject, period="2026-11")
    totals = asyncio.run(room.figures(ask))["total"]["counts"]
    assert sum(totals.values()) > 0
    for figure, count in totals.items():
        counter, _, window = figure.partition("@")
        asked: dict[str, Any] = {
            "key": (), "counter": counter, "window": window, "attributed": False}
        assert asyncio.run(room.how_many(ask, **asked)) == count, figure
        page = asyncio.run(room.cases(ask, **asked, after="", limit=200))
        assert len(page.items) == min(count, 200), figure


def test_months_of_a_quarter_add_up_to_it(month: Month) -> None:
    def handled(period: str) -> int:
        total = sheet(month, CITY, "unit", period)["total"]["counts"]
        return int(total["should_handle@handle"])

    assert handled("2026-Q4") == sum(handled(f"2026-{n}") for n in (10, 11, 12)) > 0


def test_times_from_step_to_step_are_told_for_area_and_unit(month: Month) -> None:
    room = month.evaluation(CITY)
    found = asyncio.run(room.laps(Ask(subject="street", period="2026-11")))
    (line, *_) = [one for one in found["lines"] if one["key"] == [STREET]]
    assert {"report_to_filing", "filing_to_dispatch", "report_to_closing"} <= set(line["laps"])
    assert 0 < line["laps"]["report_to_closing"]["mean_s"] <= line["laps"][
        "report_to_closing"]["longest_s"]
    legs = asyncio.run(room.laps(Ask(subject="unit", period="2026-11")))
    assert {"taken_to_signing", "taken_to_feedback"} <= set(legs["lines"][0]["laps"])


# --- a district and its own bodies ----------------------------------------------------------------

OTHERS = re.compile(rf"(?<![0-9a-f]){OTHER}(?![0-9a-f])|adapter:water|/water")
"""The other district and its unit, wherever they are named."""


def everything(month: Month, node: str) -> dict[str, str]:
    """What an office is shown, as text: lists, the library and habits, every sheet and file."""
    office, shown = month.world.offices[node], {}
    queries = Queries(
        store=office.store, codec=office.codec, writer=office.writer,
        surroundings=office.surroundings, contacts=dict,
        condition_of=condition_lookup(office.store), now_us=lambda: month.world.now_us,
        rows_max=1_000, timeline_max=1_000,
    )
    listed = asyncio.run(queries.cases(CaseFilter(), "", 1_000)).items
    shown["cases"] = repr(listed)
    for one in listed:
        case = asyncio.run(queries.case(one["case_id"]))
        shown[f"case {one['case_id']}"] = repr(case)
        shown[f"timeline {one['case_id']}"] = repr(
            asyncio.run(queries.timeline(one["case_id"]))["entries"])
    ledger = Ledger(store=office.store, codec=office.codec, writer=office.writer,
                    surroundings=office.surroundings, now_us=lambda: month.world.now_us)
    begin = to_time(month.world.now_us) - timedelta(days=60)
    shown["ledger"] = repr(asyncio.run(ledger.rows(limit=200)))
    shown["habits"] = repr(asyncio.run(ledger.habits(begin, to_time(month.world.now_us))))
    definition = load_definitions(None).all()[-1].definition
    for subject in definition.subjects:
        document = sheet(month, node, subject)
        shown[subject] = repr([line["key"] for line in document["lines"]])
        shown[f"{subject}.csv"] = table(document).decode()
    return shown


def test_a_district_sees_and_assesses_its_own_bodies_and_no_others(month: Month) -> None:
    named = {what for what, text in everything(month, CITY).items() if OTHERS.search(text)}
    assert {"cases", "habits", "unit", "unit.csv"} <= named, "the city sees both"
    theirs = everything(month, DISTRICT)
    assert STREET in theirs["unit.csv"]
    assert [] == [what for what, text in theirs.items() if OTHERS.search(text)]
