"""One scripted life of a case under every shipped profile; flow.md shows what each allows."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from node.core import commands as cmd
from node.core.capability import Capability
from node.core.case import Case, CaseStatus
from node.core.coordination import CoordinationKind, Size
from node.core.errors import NotPermitted
from node.core.rights import Lopsided
from node.core.stages import STEP_OF, Step, checked, shown
from node.core.transitions import COMMANDS
from node.main.flow_page import refresh, shipped
from node.main.profiles import arrangement_of, profile_named
from node.service.arrangement import (
    deciding,
    read_coordination_file,
    read_rights_file,
    read_stages_file,
)
from tests.town import CATEGORY, PLACE, Office, Town, adapter, limits, node, register

ROOT = Path(__file__).parents[3]
FLOW = ROOT / "docs" / "flow.md"
NOWHERE = Path()
FILES = {kind: ROOT / "node" / kind for kind in ("rights", "coordination", "stages")}


def furnished(town: Town, name: str, profile: str, parent: str | None = None) -> Office:
    """An office as this profile arranges it."""
    read = profile_named(profile, home=NOWHERE)
    arrangement = arrangement_of(read, home=NOWHERE)
    return town.office(
        name, parent, capabilities=read.capabilities, relay=read.relay_done,
        rights=arrangement.rights, coordination=arrangement.coordination,
    )


def below(town: Town, profile: str) -> Office:
    """The office, holding a case that a supervising office above filed."""
    furnished(town, "TOP", "city")
    office = furnished(town, "HERE", profile, "TOP")
    town.system("A", "HERE")
    register(town.offices["TOP"])
    town.offices["TOP"].do(cmd.Dispatch, to=node("HERE"), limits=limits())
    town.settle()
    return office


def life(office: Office) -> list[CaseStatus]:
    """Open, file, dispatch, handle, send somebody to look, pass, close; by four accounts."""
    seen = []

    def do(make: type[cmd.Command], actor: str, **fields: Any) -> None:
        seen.append(office.do(make, actor=actor, **fields).status)

    do(cmd.OpenCase, "受理员", case_no="1", category=CATEGORY, place=PLACE, text="破损",
       source="hotline")
    do(cmd.File, "值班长")
    do(cmd.Dispatch, "派遣员", to=adapter("A"), limits=limits())
    office.town.settle()
    for word in (0, 3):
        office.town.systems["A"].choose("case", word)
        office.town.settle()
        seen.append(office.cases["case"].status)
    do(cmd.StartCheck, "值班长")
    do(cmd.PassCheck, "值班长")
    do(cmd.Close, "值班长", text="已恢复")
    return seen


SUPERVISING = [name for name in shipped()
               if Capability.CLOSE in profile_named(name, home=NOWHERE).capabilities]
COMMANDING = [name for name in shipped() if name not in SUPERVISING]


@pytest.mark.parametrize("profile", SUPERVISING)
def test_the_same_life_runs_to_its_end_wherever_the_profile_grants_it(profile: str) -> None:
    town = Town()
    office = furnished(town, "HERE", profile)
    town.system("A", "HERE")
    statuses = life(office)
    assert CaseStatus.CLOSED is statuses[-1]
    stages = arrangement_of(profile_named(profile, home=NOWHERE), home=NOWHERE).stages
    positions = [shown(stages, status).position for status in statuses]
    assert sorted(positions) == positions
    assert (1, len(stages)) == (positions[0], positions[-1])


def test_profiles_show_the_same_record_in_seven_six_or_four_stages() -> None:
    counted: dict[int, list[tuple[str, int]]] = {}
    records = set()
    for profile in SUPERVISING:
        town = Town()
        office = furnished(town, "HERE", profile)
        town.system("A", "HERE")
        life(office)
        records.add(tuple(type(event).__name__ for event in office.journal["case"]))
        stages = arrangement_of(profile_named(profile, home=NOWHERE), home=NOWHERE).stages
        counted.setdefault(len(stages), []).append(
            (shown(stages, CaseStatus.CLOSED).stage.zh, len(stages)))
    assert {7, 6, 4} == set(counted)
    assert 1 == len(records)


@pytest.mark.parametrize("profile", COMMANDING)
def test_where_supervision_is_not_granted_the_refusal_names_the_right(profile: str) -> None:
    town = Town()
    office = below(town, profile)
    town.settle()
    case: Case = office.cases["case"]
    assert CaseStatus.HELD is case.status
    for make, fields, right in (
        (cmd.File, {}, "file"), (cmd.StartCheck, {}, "check"), (cmd.PassCheck, {}, "check"),
        (cmd.FailCheck, {"text": "差", "limits": limits()}, "check"),
        (cmd.Close, {"text": "结案"}, "close"),
    ):
        with pytest.raises(NotPermitted) as refused:
            office.do(make, **fields)
        assert (right, "TOP") == (
            refused.value.detail["capability"], refused.value.detail["filing_node"])
    if Capability.INTAKE not in office.capabilities:
        with pytest.raises(NotPermitted) as refused:
            office.do(cmd.OpenCase, "own", case_no="1", category=CATEGORY, place=PLACE,
                      text="破损", source="hotline")
        assert "intake" == refused.value.detail["capability"]


@pytest.mark.parametrize("profile", sorted(shipped()))
def test_every_profile_handles_what_it_was_handed(profile: str) -> None:
    town = Town()
    office = below(town, profile)
    office.do(cmd.Sign, actor="联络人")
    office.do(cmd.Dispatch, to=adapter("A"), limits=limits(), actor="派遣员")
    town.settle()
    town.systems["A"].choose("case", 3)
    town.settle()
    if office.cases["case"].status is CaseStatus.HELD:
        office.do(cmd.FeedBack, result="已修复", actor="联络人")
        town.settle()
    top = town.offices["TOP"]
    assert CaseStatus.FEEDBACK_GIVEN is top.cases["case"].status
    top.do(cmd.PassCheck)
    assert CaseStatus.CLOSED is top.do(cmd.Close, text="已恢复").status
    town.settle()
    town.check_at_rest()


@pytest.mark.parametrize("profile", SUPERVISING)
def test_supervision_and_handling_are_separate_in_every_profile(profile: str) -> None:
    town = Town()
    office = below(town, profile)
    office.do(cmd.Progress, text="在处置", actor="一人")
    assert ("一人",) == office.cases["case"].handlers
    office.do(cmd.Dispatch, to=adapter("A"), limits=limits(), actor="一人")
    town.settle()
    town.systems["A"].choose("case", 3)
    town.settle()
    with pytest.raises(NotPermitted) as refused:
        office.do(cmd.Close, text="结束本段", actor="一人")
    assert "case.same_hand" == refused.value.code


def test_the_shipped_matrix_reads_as_the_table_does_without_one() -> None:
    rights = read_rights_file(FILES["rights"] / "standard.toml")
    for row in COMMANDS.values():
        assert row.capability == rights.needed(row), (row.status, row.verb)


def test_every_status_has_its_step() -> None:
    assert set(CaseStatus) - {"transferred"} <= set(STEP_OF)


def test_files_with_mistakes_are_refused_by_name(tmp_path: Path) -> None:
    text = (FILES["rights"] / "standard.toml").read_text(encoding="utf-8")
    broken = tmp_path / "rights.toml"
    broken.write_text(text.replace('"OpenCase"', '"OpenCake"'),
                      encoding="utf-8")
    with pytest.raises(Lopsided) as refused:
        read_rights_file(broken)
    assert {"own: there is no verb OpenCake", "own: OpenCase is not named"} == set(
        refused.value.problems)
    levels = (FILES["coordination"] / "standard.toml").read_text(encoding="utf-8")
    broken.write_text(levels.replace('kind = "policy"', 'kind = "boundary"'), encoding="utf-8")
    with pytest.raises(ValueError, match="policy ordinary, policy large"):
        read_coordination_file(broken)
    rules = read_coordination_file(FILES["coordination"] / "standard.toml")
    assert "area" == rules.rule_for(CoordinationKind.OFFENCE, Size.LARGE).level  # type: ignore[union-attr]
    with pytest.raises(ValueError, match="province"):
        deciding(rules, frozenset({"province"}))
    stages = (FILES["stages"] / "seven.toml").read_text(encoding="utf-8")
    broken.write_text(stages.replace('steps = ["handle"]', 'steps = ["file"]'), encoding="utf-8")
    with pytest.raises(ValueError, match="every step must come once"):
        read_stages_file(broken)
    assert tuple(Step) == tuple(
        step for stage in checked(read_stages_file(FILES["stages"] / "four.toml"))
        for step in stage.steps)


def test_the_page_shows_every_profile_as_it_is() -> None:
    page = FLOW.read_text(encoding="utf-8")
    again = "python -m node.main.flow_page --write docs/flow.md"
    assert refresh(page) == page, f"docs/flow.md is stale: {again}"


def test_whoever_files_says_what_a_feedback_must_show_and_nobody_below_says_more() -> None:
    ours = {
        name: profile_named(name, home=NOWHERE)
        for name in (path.stem for path in sorted((ROOT / "node" / "profiles").glob("*.toml")))
    }
    asked = {name for name, one in ours.items() if one.feedback == "standard"}
    assert asked == {name for name, one in ours.items() if Capability.FILE in one.capabilities}
    assert {one.feedback for name, one in ours.items() if name not in asked} == {"open"}
