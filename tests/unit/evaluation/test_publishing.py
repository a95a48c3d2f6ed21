"""Publishing keeps a sheet as it was: its bytes, its rules, its seal."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Iterator
from dataclasses import replace
from hashlib import sha256
from pathlib import Path

import pytest

from hub.seal import Ed25519Signer
from node.core import commands as cmd
from node.core.errors import Invalid, NotPermitted
from node.core.facts import Address, Category, Place
from node.core.routing import Unit
from node.edge.sheets import RENDERS
from node.service.evaluation.definitions import read_definition, shipped
from node.service.evaluation.projector import Projector
from node.service.evaluation.publishing import SIGNED_WITH, Publishing
from node.service.evaluation.room import Ask, Evaluation, Member
from node.service.evaluation.versions import Definitions
from node.service.register import Entry, Register
from node.store import evaluation as evaluated
from tests.audits import AUDIT
from tests.unit.evaluation.journals import LIMITS
from tests.unit.service.world import CITY, TestOffice, World

(_, TEXT), *_ = shipped()
ASK = Ask(subject="dispatcher", period="2026-03-02")


class Desk:
    """A city with one case of yesterday, and its rooms."""

    def __init__(self, world: World, office: TestOffice, *texts: str) -> None:
        self.world, self.office = world, office
        rules = Definitions(read_definition(text, name="rules") for text in texts)
        self.evaluation = Evaluation(
            store=evaluated, writer=office.writer, audit=AUDIT,
            surroundings=office.surroundings,
            projector=Projector(
                store=evaluated, codec=office.codec, writer=office.writer,
                judged_by=lambda: (office.surroundings.calendar, LIMITS)),
            rules=lambda: rules, now_us=lambda: world.now_us, rows_max=200,
        )
        self.signer = Ed25519Signer(key_id=f"key-{CITY}", private=world.keys.private[CITY])
        self.publishing = Publishing(
            evaluation=self.evaluation, store=evaluated, writer=office.writer,
            audit=AUDIT, surroundings=office.surroundings, renders=RENDERS, seal=self.signer,
            now_us=lambda: world.now_us, rows_max=200,
        )


@pytest.fixture
def desk(tmp_path: Path) -> Iterator[Desk]:
    world = World()
    office = world.open(CITY, tmp_path, adapters=("power",))
    case_id = world.file_case(office)
    world.dispatch(office, case_id, "adapter:power")
    world.pass_time(days=1)
    yield Desk(world, office, TEXT)
    world.close()


def test_publication_is_signed_and_its_files_are_what_was_signed(desk: Desk) -> None:
    made = asyncio.run(desk.publishing.publish(ASK, open_to_all=False, actor="eva"))
    kept = asyncio.run(desk.publishing.file(made["publication_id"], "json"))
    assert sha256(kept.data).hexdigest() == kept.digest == made["digest"]
    public = desk.world.keys.public(made["key_id"], CITY, 0)  # type: ignore[arg-type]
    assert public is not None
    assert public.holds(SIGNED_WITH + kept.data, bytes.fromhex(made["signature"]))
    assert not public.holds(SIGNED_WITH + kept.data + b" ", bytes.fromhex(made["signature"]))
    assert json.loads(kept.data)["lines"][0]["key"] == ["clerk", CITY]
    assert {one["format"] for one in made["files"]} == set(RENDERS)
    for one in made["files"]:
        file = asyncio.run(desk.publishing.file(made["publication_id"], one["format"]))
        assert (len(file.data), sha256(file.data).hexdigest()) == (one["bytes"], one["digest"])


def test_publication_for_everybody_names_nobody(desk: Desk) -> None:
    made = asyncio.run(desk.publishing.publish(ASK, open_to_all=True, actor="eva"))
    for one in made["files"]:
        file = asyncio.run(desk.publishing.file(made["publication_id"], one["format"]))
        assert b"clerk" not in file.data


def test_what_was_published_stays_when_journal_and_rules_go_on(desk: Desk) -> None:
    made = asyncio.run(desk.publishing.publish(ASK, open_to_all=False, actor="eva"))
    before = asyncio.run(desk.publishing.file(made["publication_id"], "html"))
    newer = TEXT.replace('version = "2026-1"', 'version = "2026-2"').replace(
        "valid_from = 2000-01-01", "valid_from = 2026-03-01")
    later = Desk(desk.world, desk.office, TEXT, newer)
    again = asyncio.run(later.publishing.publish(ASK, open_to_all=False, actor="eva"))
    assert (made["definition"], again["definition"]) == ("2026-1", "2026-2")
    kept = asyncio.run(later.publishing.publication(made["publication_id"]))
    assert (kept["definition_text"], kept["definition_digest"]) == (
        TEXT, sha256(TEXT.encode()).hexdigest())
    file = asyncio.run(later.publishing.file(made["publication_id"], "html"))
    assert file == before
    listed = asyncio.run(later.publishing.publications("", 10))
    assert [again["publication_id"], made["publication_id"]] == [
        one["publication_id"] for one in listed.items]


def test_office_that_does_not_evaluate_publishes_nothing(desk: Desk) -> None:
    desk.office.surroundings.capabilities = frozenset()
    with pytest.raises(NotPermitted, match="evaluate"):
        asyncio.run(desk.publishing.publish(ASK, open_to_all=True, actor="eva"))
    assert asyncio.run(desk.publishing.publications("", 10)).items == ()


def test_period_that_runs_is_shown_but_not_published(desk: Desk) -> None:
    running = Ask(subject="dispatcher", period="2026-03")
    assert asyncio.run(desk.evaluation.figures(running))["lines"]
    with pytest.raises(Invalid, match="not over") as refusal:
        asyncio.run(desk.publishing.publish(running, open_to_all=True, actor="eva"))
    assert refusal.value.code == "evaluation.unfinished"


def test_node_on_trial_counts_for_nobody(desk: Desk) -> None:
    on_trial = Desk(
        desk.world, desk.office, TEXT.replace("trial_nodes = []", f'trial_nodes = ["{CITY}"]'))
    assert asyncio.run(desk.evaluation.figures(ASK))["lines"]
    assert asyncio.run(on_trial.evaluation.figures(ASK))["lines"] == []


def test_collector_answers_for_what_the_public_found_in_the_grids_of_the_beat(desk: Desk) -> None:
    world, office = desk.world, desk.office
    world.now_us -= int(24 * 3600e6)
    for source, grid in (("hotline", "g1"), ("hotline", "g2"), ("collector", "g1")):
        case_id = world.fresh()
        office.do(cmd.OpenCase(
            **world.head(case_id), case_no="", text="x", source=source,  # type: ignore[arg-type]
            category=Category(standard_ref="s", kind="matter", code="1", name="x"),
            place=Place(area="420203001", address="x", grid=grid)))
        office.do(cmd.File(**world.head(case_id)))  # type: ignore[arg-type]
    world.now_us += int(24 * 3600e6)
    asyncio.run(desk.evaluation.put_members([
        Member(scheme="beat", key="g1", member_of="clerk"),
        Member(scheme="beat", key="g2", member_of="wang"),
        Member(scheme="firm", key="clerk", member_of="清洁公司"),
        Member(scheme="name", key="clerk", member_of="办事员"),
    ]))
    ask = Ask(subject="collector", period="2026-03-02")
    lines = {tuple(one["key"]): one
             for one in asyncio.run(desk.evaluation.figures(ask))["lines"]}
    assert lines["clerk",]["rates"]["beat_missed"] == [1, 2]
    assert lines["wang",]["rates"]["beat_missed"] == [1, 1]
    assert lines["clerk",]["names"] == ["办事员"]
    page = asyncio.run(desk.evaluation.cases(
        ask, key=["clerk"], counter="missed", window="filed", attributed=True, after="", limit=9))
    assert [one["grid"] for one in page.items] == ["g1"]
    assert {"clerk": 1, "wang": 1, "": 2} == {
        name: asyncio.run(desk.evaluation.how_many(
            ask, key=[name] if name else (), counter="missed", window="filed", attributed=True))
        for name in ("clerk", "wang", "")}
    firm = Ask(subject="firm", period="2026-03-02")
    (line,) = asyncio.run(desk.evaluation.figures(firm))["lines"]
    assert (line["key"], line["rates"]["beat_missed"]) == (["清洁公司"], [1, 2])
    page = asyncio.run(desk.evaluation.cases(
        firm, key=["清洁公司"], counter="reported_by_collector", window="reported",
        attributed=False, after="", limit=9))
    assert len(page.items) == line["counts"]["reported_by_collector@reported"] == 2
    assert asyncio.run(desk.evaluation.how_many(
        firm, key=(), counter="missed", window="filed", attributed=True)) == 1


def test_heads_are_assessed_each_quarter_by_their_grids_and_made_known_without_names(
    desk: Desk,
) -> None:
    world, office = desk.world, desk.office
    for grid in ("g1", "g1", "g2", "g3"):
        case_id = world.fresh()
        office.do(cmd.OpenCase(
            **world.head(case_id), case_no="", text="x", source="hotline",  # type: ignore[arg-type]
            category=Category(standard_ref="s", kind="matter", code="1", name="x"),
            place=Place(area="420203001", address="x", grid=grid)))
        office.do(cmd.File(**world.head(case_id)))  # type: ignore[arg-type]
    world.now_us += int(60e6)
    asyncio.run(desk.evaluation.put_members([
        Member(scheme="building_head", key="g1", member_of="一号楼长"),
        Member(scheme="building_head", key="g2", member_of="二号楼长"),
        Member(scheme="grid_head", key="g1", member_of="网格长"),
        Member(scheme="grid_head", key="g2", member_of="网格长"),
    ]))

    def filed(subject: str) -> dict[str, int]:
        sheet = asyncio.run(desk.evaluation.figures(Ask(subject=subject, period="2026-Q1")))
        return {one["key"][0]: one["counts"]["filed@filed"] for one in sheet["lines"]}

    assert {"一号楼长": 2, "二号楼长": 1} == filed("building_head")
    assert {"网格长": 3} == filed("grid_head")
    world.now_us += int(40 * 24 * 3600e6)
    asyncio.run(desk.publishing.publish_due())
    kept = {one["subject"] for one in asyncio.run(desk.publishing.publications("", 50)).items}
    assert {"grid_head", "building_head"} <= kept
    made = asyncio.run(desk.publishing.publish(
        Ask(subject="building_head", period="2026-Q1"), open_to_all=True, actor="eva"))
    for format_ in ("json", "html", "csv"):
        file = asyncio.run(desk.publishing.file(made["publication_id"], format_))
        assert "号楼长".encode() not in file.data, format_
    sheet = json.loads(asyncio.run(desk.publishing.file(made["publication_id"], "json")).data)
    assert [["1"], ["2"]] == [one["key"] for one in sheet["lines"]]


@pytest.mark.parametrize(
    ("ask", "code"),
    [
        (Ask(subject="mayor", period="2026-03"), "evaluation.subject"),
        (Ask(subject="unit", period="soon"), "evaluation.period"),
        (Ask(subject="unit", period="2026-03", version="x"), "evaluation.version"),
        (Ask(subject="unit", period="2026-03", where={"password": ("x",)}), "evaluation.filter"),
        (Ask(subject="unit", period="2026-03", where={"unit": ()}), "evaluation.filter"),
    ],
)
def test_question_that_cannot_be_asked_says_why(desk: Desk, ask: Ask, code: str) -> None:
    with pytest.raises(Invalid) as refusal:
        asyncio.run(desk.evaluation.figures(ask))
    assert refusal.value.code == code


def test_figure_that_is_not_on_the_sheet_has_no_cases(desk: Desk) -> None:
    with pytest.raises(Invalid, match="no figure handled@done"):
        asyncio.run(desk.evaluation.cases(
            ASK, key=["clerk", CITY], counter="handled", window="done", attributed=False,
            after="", limit=9))
    with pytest.raises(Invalid, match="2 part"):
        asyncio.run(desk.evaluation.cases(
            ASK, key=["clerk"], counter="dispatched_on_time", window="done", attributed=False,
            after="", limit=9))


def test_scheduled_sheet_appears_by_itself_once_its_period_is_over(desk: Desk) -> None:
    daily = TEXT.replace(
        '[[schedule]]\nsubject = "unit"\nevery = "month"',
        '[[schedule]]\nsubject = "dispatcher"\nevery = "day"\nopen = true')
    scheduled = Desk(desk.world, desk.office, daily)
    assert [1, 0] == [asyncio.run(scheduled.publishing.publish_due()) for _ in range(2)]
    (one,) = asyncio.run(scheduled.publishing.publications("", 10)).items
    assert (one["subject"], one["period"], one["published_by"], one["open"]) == (
        "dispatcher", "2026-03-02", "schedule", True)
    desk.world.pass_time(days=1)
    # Nothing happened on the second day: an empty sheet is nobody's news.
    assert 0 == asyncio.run(scheduled.publishing.publish_due())
    desk.office.surroundings.capabilities = frozenset()
    assert 0 == asyncio.run(scheduled.publishing.publish_due())


def test_unit_is_in_the_group_of_its_card_unless_one_was_imported(desk: Desk) -> None:
    desk.office.surroundings.register = Register([Entry(
        unit=Unit(unit_id="92", address=Address.parse("adapter:power")), group="higher")])
    ask = Ask(subject="unit", period="2026-03-02")
    (line,) = asyncio.run(desk.evaluation.figures(ask))["lines"]
    assert ([f"{CITY}/power"], "higher") == (line["key"], line["group"])
    found = asyncio.run(desk.evaluation.figures(replace(ask, group="higher")))
    assert (["higher"], {"group": "higher"}) == (
        [one["key"] for one in found["groups"]], found["filter"])
    assert [] == asyncio.run(desk.evaluation.figures(replace(ask, group="local")))["lines"]
    asyncio.run(desk.evaluation.put_members([
        Member(scheme="unit_group", key=f"{CITY}/power", member_of="水电气")]))
    (line,) = asyncio.run(desk.evaluation.figures(ask))["lines"]
    assert line["group"] == "水电气"
    with pytest.raises(Invalid) as refused:
        asyncio.run(desk.evaluation.figures(replace(ASK, group="higher")))
    assert refused.value.code == "evaluation.filter"
