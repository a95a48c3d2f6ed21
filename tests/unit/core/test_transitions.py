"""The table is what decides, the page shows the table, and values survive a trip through JSON."""

from __future__ import annotations

from dataclasses import fields
from pathlib import Path
from typing import Any

import pytest
from pydantic import TypeAdapter

from node.core import commands as cmd
from node.core import evolve
from node.core import words as w
from node.core.capability import Capability
from node.core.case import OVER, Case, CaseStatus, is_over
from node.core.decide.guards import GUARDS
from node.core.diagram import refresh
from node.core.events import EVENTS, Event, StepBegins
from node.core.hear import ACTS
from node.core.transitions import AFTER_THE_END, COMMANDS, MOVES, TABLE, Actor, allowed
from tests.property.test_case_town import run, seeded

FLOW = Path(__file__).parents[3] / "docs" / "flow.md"


def _subclasses(of: type[Any]) -> set[str]:
    return {cls.__name__ for cls in of.__subclasses__()}


def test_every_command_has_a_row_and_every_row_a_command() -> None:
    assert _subclasses(cmd.Command) - {"TimerFired"} == {verb for _, verb in COMMANDS}
    people = [row for row in TABLE if row.actor is Actor.PERSON]
    assert len(people) == len(COMMANDS)


def test_every_guard_named_is_known_and_every_known_guard_is_named() -> None:
    named = {guard for row in TABLE if row.actor is Actor.PERSON for guard in row.guards}
    assert named == set(GUARDS)


def test_every_word_has_a_row() -> None:
    heard = {row.verb for row in TABLE if row.actor in (Actor.ASSIGNEE, Actor.ASSIGNOR)}
    assert {"order", *ACTS.values()} == heard
    acts = w.DirectiveAct | w.ReportAct
    assert set(ACTS) == set(acts.__args__)


def test_every_event_is_registered_and_folded() -> None:
    beginning = _subclasses(StepBegins)
    assert (_subclasses(Event) - {StepBegins.__name__}) | beginning == set(EVENTS)
    assert set(EVENTS.values()) == set(evolve._OPENING) | set(evolve._APPLY)


def test_what_a_screen_may_offer_follows_from_status_and_capability() -> None:
    assert ("OpenCase",) == allowed(None, frozenset({Capability.INTAKE}))
    offered = allowed(CaseStatus.PENDING_DISPATCH, frozenset({Capability.DISPATCH}))
    assert {"Dispatch", "AdoptLate", "OpenPart", "SuspendCase", "MarkNoOwner"} <= set(offered)
    assert not {"File", "VoidCase", "ForceClose", "Transfer"} & set(offered)
    held = allowed(CaseStatus.HELD, frozenset())
    assert {
        "Sign",
        "Progress",
        "FeedBack",
        "AskRequest",
        "ReplySupervision",
        "AskCoordination",
        "RaiseDispute",
    } == set(held)
    # money comes back, an appeal and a contest are answered, the reporter speaks and is told, long
    # after the closing
    closed = allowed(CaseStatus.CLOSED, frozenset(Capability))
    notes = {"GiveSatisfaction", "AskReopen", "DecideReopen", "TellReporter", "SettleDoubt"}
    assert {"RecordRecovery", "DecideRequest", "DecideDispute", *notes} == set(closed)


def test_a_part_is_checked_and_closed_by_whoever_may_dispatch() -> None:
    able = frozenset({Capability.DISPATCH})
    assert "Close" not in allowed(CaseStatus.PENDING_CLOSE, able)
    assert {"StartCheck", "Close"} <= set(allowed(CaseStatus.PENDING_CLOSE, able, part=True))


def test_no_move_leads_out_of_an_end_of_an_own_case() -> None:
    ends = (
        CaseStatus.CLOSED, CaseStatus.VOIDED, CaseStatus.NOT_ACCEPTED, CaseStatus.NOT_FILED
    )
    for end in ends:
        assert {end} == {to for start, _, to in MOVES if start is end}


def test_what_starts_from_an_end_is_listed_with_its_reason_and_stays_there() -> None:
    ends = [row for row in TABLE if row.status in OVER and row.actor is Actor.PERSON]
    assert set(AFTER_THE_END) == {row.verb for row in ends}
    for row in ends:
        assert (row.status,) == row.next, row
        assert AFTER_THE_END[row.verb]


def test_what_starts_from_an_end_hands_nothing_on_and_calls_nothing_back() -> None:
    after = {
        "SatisfactionGiven", "ReopenAsked", "ReopenDecided", "ReporterTold", "RequestRaised",
        "RequestReviewed", "RequestDecided", "CostRecovered", "DoubtSettled",
    }
    seen = set()
    for seed in range(60):
        for office in run(seeded(seed)).offices.values():
            for events in office.journal.values():
                case: Case | None = None
                for event in events:
                    was_over = case is not None and is_over(case)
                    before, case = case, evolve.evolve(case, event)
                    if was_over and is_over(case):
                        assert before is not None
                        assert before.live == case.live
                        seen.add(type(event).__name__)
    heard = {"WordLate", "ReportLate", "ReportStale", "AssigneeAsked", "RequestAnswered",
             "DutyBuried"}
    assert after & seen
    assert seen <= after | heard


def test_the_page_shows_the_table_as_it_is() -> None:
    page = FLOW.read_text(encoding="utf-8")
    again = "python -m node.core.diagram --write docs/flow.md"
    assert refresh(page) == page, f"docs/flow.md is stale: {again}"


def test_a_page_without_a_place_for_the_table_is_refused() -> None:
    with pytest.raises(ValueError, match="markers"):
        refresh("# Flow")


def test_cases_and_events_survive_json() -> None:
    adapters = {name: TypeAdapter(cls) for name, cls in EVENTS.items()}
    whole = TypeAdapter(Case)
    names: set[str] = set()
    for seed in range(40):
        for office in run(seeded(seed)).offices.values():
            for case in office.cases.values():
                assert case == whole.validate_json(whole.dump_json(case))
            for events in office.journal.values():
                for event in events:
                    name = type(event).__name__
                    names.add(name)
                    one = adapters[name]
                    assert event == one.validate_json(one.dump_json(event))
    assert len(names) >= 20


def test_a_journal_folds_to_the_case_it_was_written_with() -> None:
    for seed in range(40):
        for office in run(seeded(seed)).offices.values():
            for case_id, events in office.journal.items():
                assert office.cases[case_id] == evolve.fold(events)


def test_values_are_frozen() -> None:
    for cls in (*EVENTS.values(), Case):
        assert cls.__dataclass_params__.frozen  # type: ignore[attr-defined]
        assert fields(cls)
