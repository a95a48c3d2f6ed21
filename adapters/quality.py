"""The quality card of a kind: graded rules, each done, or exempt with a sentence that says why.

A card is a promise that a test keeps: a rule marked done is checked by the conformance suite or
by the kind's own tests, a rule without an entry is an error, and an exemption shows wherever the
check would have run.
"""

from __future__ import annotations

import tomllib
from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from importlib.resources import files
from typing import Any

from adapters.conformance import CHECKS

SENTENCE_CHARS_MIN = 30
"""An exemption shorter than this is an excuse, not a reason."""


class Grade(StrEnum):
    """How far a kind has come; each grade includes the one before."""

    BRONZE = "bronze"
    SILVER = "silver"
    GOLD = "gold"


RULES: Mapping[str, Grade] = {
    "probe_is_harmless": Grade.BRONZE,
    "submitting_twice_is_one_job": Grade.BRONZE,
    "lost_answer_heals_by_lookup": Grade.BRONZE,
    "withdrawn_stays_dead": Grade.BRONZE,
    "cursor_resumes": Grade.BRONZE,
    "no_secret_shows": Grade.BRONZE,
    "config_is_documented": Grade.BRONZE,
    "doubles_and_disorder_are_harmless": Grade.SILVER,
    "unforeseen_status_is_quarantined": Grade.SILVER,
    "garbage_is_quarantined": Grade.SILVER,
    "slow_unit_is_bounded": Grade.SILVER,
    "outage_heals": Grade.SILVER,
    "simulator_is_a_process": Grade.SILVER,
    "photos_survive": Grade.GOLD,
    "webhook_is_signed": Grade.GOLD,
    "example_mapping_passes_the_linter": Grade.GOLD,
}
"""Every rule and the grade it belongs to. The conformance checks are all among them."""


class CardError(ValueError):
    """A quality card is incomplete; the message lists every finding."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Card:
    """A kind's card. ``exempt`` maps a rule to its sentence, ``todo`` holds what is still open."""

    kind: str
    done: frozenset[str]
    exempt: Mapping[str, str]
    todo: frozenset[str]

    @property
    def grade(self) -> Grade | None:
        """The highest grade all of whose rules, and those below, are done or exempt."""
        reached: Grade | None = None
        for grade in Grade:
            if any(RULES[rule] is grade for rule in self.todo):
                break
            reached = grade
        return reached


def load_card(kind: str) -> Card:
    """The card of a kind by catalogue id."""
    return read_card(
        tomllib.loads((files("adapters") / kind / "quality.toml").read_text("utf-8")), kind
    )


def read_card(raw: Mapping[str, Any], kind: str) -> Card:
    """Validate a card; ``CardError`` lists every finding."""
    rules, exempt = raw.get("rules", {}), raw.get("exempt", {})
    problems = [
        f"{rule}: there is no such rule" for rule in {**rules, **exempt} if rule not in RULES
    ]
    problems += [f"{rule}: no entry" for rule in RULES if rule not in rules]
    for rule, state in rules.items():
        if state not in {"done", "exempt", "todo"}:
            problems.append(f"{rule}: done, exempt or todo")
        sentence = str(exempt.get(rule, "")).strip()
        if state == "exempt" and len(sentence) < SENTENCE_CHARS_MIN:
            problems.append(f"{rule}: an exemption needs a sentence")
        if state != "exempt" and sentence:
            problems.append(f"{rule}: has an exemption but is {state}")
    problems += [
        f"{check.__name__}: the conformance suite checks it, the rules do not name it"
        for check in CHECKS
        if check.__name__ not in RULES
    ]
    if problems:
        raise CardError(f"{kind}/quality.toml: " + "; ".join(sorted(problems)))
    return Card(
        kind=kind,
        done=frozenset(rule for rule, state in rules.items() if state == "done"),
        exempt={rule: str(exempt[rule]) for rule, state in rules.items() if state == "exempt"},
        todo=frozenset(rule for rule, state in rules.items() if state == "todo"),
    )
