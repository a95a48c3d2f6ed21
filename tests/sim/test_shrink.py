"""A failing seed becomes a short story that still breaks the same promise."""

from __future__ import annotations

from tests.sim.fabric.killed import reworking
from tests.sim.fabric.mutants import AckBeforeCommit, NoInboxUniqueness
from tests.sim.fabric.plan import draw_plan
from tests.sim.shrink import FABRIC, TOWN, promise_of, shrink


def test_a_long_life_becomes_a_short_story() -> None:
    found = shrink(FABRIC, 3, mutant=AckBeforeCommit())
    assert found is not None
    before = draw_plan(3, FABRIC.draw(3))
    assert len(found.steps) < len(before) / 4
    assert found.until < 60_000_000
    told = found.story()
    assert [] == [line for line in told[:-1] if not line.split(".")[0].strip().isdecimal()]
    assert "acknowledged" in told[-1]
    assert any("commits" in line for line in told)


def test_what_a_promise_takes_to_break_is_left_in() -> None:
    found = shrink(FABRIC, 0, mutant=NoInboxUniqueness(), weather=reworking())
    assert found is not None
    assert promise_of(found.broke) == "Broken:I4:"
    assert {"utter", "new_epoch"} == {step.act for step in found.steps}
    assert "took effect 2 times" in found.sentence()


def test_a_sound_seed_has_no_story() -> None:
    assert shrink(FABRIC, 7) is None


def test_the_town_tells_what_people_did() -> None:
    notes: list[tuple[int, str]] = []
    weather = TOWN.draw(12)
    TOWN.tell(12, script=TOWN.script(weather, TOWN.plan(12, weather)[:20], 60_000_000), notes=notes)
    assert any("OpenCase" in sentence for _, sentence in notes)
