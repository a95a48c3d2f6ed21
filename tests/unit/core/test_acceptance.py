"""Acceptance: demands are data, each is passed, failed or not asked, and none rounds itself in."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime
from fractions import Fraction
from pathlib import Path
from typing import Any

import pytest
from pydantic import ValidationError

import node
from node.core.acceptance import (
    Criterion,
    Measured,
    Unit,
    Verdict,
    judge,
    passed,
    share,
    whole_months,
)
from node.core.capability import Capability
from node.core.clock import BEIJING
from node.service.acceptance.criteria import MEASURES, Criteria, read_criteria
from node.service.acceptance.words import demanded, shown

SHIPPED = Path(node.__file__).parent / "standards" / "acceptance.toml"
CRITERION = Criterion(
    code="x", zh="项", en="x", measure="grid_cover", unit=Unit.SHARE, at_least=Fraction(95, 100),
    source="自定", mend_zh="补", mend_en="mend")
MOST = replace(CRITERION, unit=Unit.HOURS, at_least=None, at_most=Fraction(26))
EVERY = frozenset(Capability)


@pytest.fixture(scope="module")
def criteria() -> Criteria:
    return read_criteria(SHIPPED)


@pytest.mark.parametrize(("criterion", "measured", "verdict"), [
    (CRITERION, share(95, 100), Verdict.PASSED),
    (CRITERION, share(949_999, 1_000_000), Verdict.FAILED),
    (CRITERION, share(0, 0), Verdict.FAILED),
    (CRITERION, Measured(value=None, applies=False), Verdict.NOT_APPLICABLE),
    (MOST, Measured(value=Fraction(26)), Verdict.PASSED),
    (MOST, Measured(value=Fraction(26) + Fraction(1, 3600)), Verdict.FAILED),
    (MOST, Measured(value=None), Verdict.FAILED),
])
def test_exactly_what_is_demanded_passes_and_what_cannot_be_shown_does_not(
    criterion: Criterion, measured: Measured, verdict: Verdict
) -> None:
    assert judge(criterion, measured, EVERY).verdict is verdict


def test_nothing_is_asked_of_an_office_that_has_not_the_right() -> None:
    asked = replace(CRITERION, needs=frozenset({Capability.FILE}))
    poor = judge(asked, share(0, 10), frozenset({Capability.INTAKE}))
    assert poor.verdict is Verdict.NOT_APPLICABLE
    assert judge(asked, share(0, 10), EVERY).verdict is Verdict.FAILED
    assert not passed([poor])  # an empty list accepts nobody
    good = judge(CRITERION, share(1, 1), EVERY)
    assert passed([good, poor])
    assert not passed([good, judge(CRITERION, share(0, 1), EVERY)])


def test_the_shipped_criteria_use_every_measure_and_name_their_source(criteria: Criteria) -> None:
    assert {one.measure for one in criteria.checks} == MEASURES
    assert all(one.source and one.mend_zh and one.mend_en for one in criteria.checks)
    cover = next(one for one in criteria.checks if one.code == "grid_cover")
    assert cover.at_least == Fraction(95, 100)  # and not the nearest binary number
    assert criteria.months == 3
    assert len(criteria.digest) == 64


@pytest.mark.parametrize(("old", "new", "said"), [
    ('measure = "grids"', 'measure = "grits"', "is no measure"),
    ('at_least = 1\n', 'at_least = 1\nat_most = 2\n', "names one of"),
    ('code = "grid_cover"', 'code = "grids"', "twice"),
    ('of = ["office", "filing", "filing_node"]\n', "", "only a rate"),
    ('["office", "filing", "filing_node"]', '["office", "filing", "town"]', "is no column"),
    ('needs = ["intake"]', 'needs = ["reign"]', "needs"),
    ("months = 3", "months = 0", "months"),
])
def test_criteria_that_are_not_sound_are_none(
    tmp_path: Path, old: str, new: str, said: str
) -> None:
    text = SHIPPED.read_text(encoding="utf-8")
    assert old in text
    own = tmp_path / "criteria.toml"
    own.write_text(text.replace(old, new, 1), encoding="utf-8")
    with pytest.raises(ValidationError, match=said):
        read_criteria(own)


def told(unit: str, value: float | None, **given: Any) -> dict[str, Any]:
    return {"unit": unit, "value": value, "counted": 0, "out_of": 0, "at_least": None,
            "at_most": None, **given}


@pytest.mark.parametrize(("check", "number", "demand"), [
    (told("share", 37 / 39, counted=37, out_of=39, at_least=0.95), "94.8% (37/39)", "≥ 95%"),
    (told("share", 0.94999, counted=94_999, out_of=100_000, at_least=0.95),
     "94.9% (94999/100000)", "≥ 95%"),
    (told("count", 300.0, at_least=300.0), "300", "≥ 300"),
    (told("hours", 26.0003, at_most=26.0), "26.1 h", "≤ 26 h"),
    (told("per_km2", 499.96, at_least=500.0), "499.9/km²", "≥ 500/km²"),
    (told("months", None, at_least=3.0), "—", "≥ 3"),
])
def test_a_number_never_looks_better_than_it_is(
    check: dict[str, Any], number: str, demand: str
) -> None:
    assert (shown(check), demanded(check)) == (number, demand)


@pytest.mark.parametrize(("first", "now", "expected"), [
    ("2026-08-26", "2026-11-25", 2), ("2026-08-26", "2026-11-26", 3),
    ("2025-11-30", "2026-03-01", 3), ("2026-11-26", "2026-11-26", 0),
])
def test_a_trial_run_is_counted_in_months_that_are_over(
    first: str, now: str, expected: int
) -> None:
    begin, end = (datetime.fromisoformat(f"{one}T09:00").replace(tzinfo=BEIJING)
                  for one in (first, now))
    assert expected == whole_months(begin, end)
