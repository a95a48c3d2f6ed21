"""The page on reliability names what the code has: every mutant, fault, promise and kept seed."""

from __future__ import annotations

import re
from dataclasses import fields
from pathlib import Path

from tests.sim.elsewhere import ELSEWHERE
from tests.sim.fabric import faults, killed, mutants
from tests.sim.promises import PROMISES
from tests.sim.report import ASKED_FOR, PAGE, kept_sentences
from tests.sim.town import mutants as town_mutants
from tests.sim.town import places

TEXT = PAGE.read_text("utf-8")
AGAIN = "make it again: python -m tests.sim.report --write"
NAMES = {one[0].__name__ for one in (*killed.KILLED_BY, *town_mutants.KILLED_BY,
                                     *killed.NOT_KILLED)} | {
    one.mutant.__name__ for one in ELSEWHERE}


def test_the_page_names_every_mutant_and_no_other() -> None:
    named = set(re.findall(r"^\| `([A-Z]\w+)` \|", TEXT, re.MULTILINE))
    assert named == NAMES, AGAIN
    assert "none found" not in TEXT


def test_every_mutant_class_stands_on_a_table() -> None:
    """A mutant that nobody hunts proves nothing."""
    weather = {"DeafToNotices", "NoticeForNotice", "Patched"}
    made = {cls.__name__ for cls in _below(mutants.Patched)}
    assert made - weather == NAMES - weather


def test_the_page_names_every_fault_promise_and_kept_seed() -> None:
    for name in (*faults.FAULTS, *places.FAULTS):
        assert f"| `{name}` |" in TEXT, AGAIN
    for name in PROMISES:
        assert f"| {name} |" in TEXT, AGAIN
    for seed, _ in kept_sentences():
        assert f"| {seed} |" in TEXT, AGAIN


def test_every_fault_of_the_town_has_a_sentence() -> None:
    own = {one.name for one in fields(places.Weather)} - {
        one.name for one in fields(faults.Profile)}
    assert own == set(places.FAULTS) | set(places.LESS)


def test_every_promise_an_observer_names_is_on_the_list_and_every_one_is_held() -> None:
    source = "\n".join(path.read_text("utf-8") for path in Path(__file__).parent.rglob("*.py")
                       if path.name not in ("promises.py", Path(__file__).name))
    named = set(re.findall(r'"([FGIT]\d+): ', source))
    assert named | {"I18"} == set(PROMISES)


def test_what_the_design_asks_to_be_broken_is_broken() -> None:
    known = NAMES | {"NoticeForNotice"}
    assert [] == [name for _, names in ASKED_FOR for name in names.split(", ") if name not in known]


def _below(cls: type) -> set[type]:
    return {one for sub in cls.__subclasses__() for one in (sub, *_below(sub))}
