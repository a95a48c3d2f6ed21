"""The check of pinned versions fails for what is known, and says when nothing could be known."""

from __future__ import annotations

import sys
from datetime import date
from typing import Any

import pytest

from tests.advisories import NOT_ASKED, judge, main

TODAY = date(2026, 11, 26)
WEAK = {"id": "PYSEC-2026-7", "aliases": ["CVE-2026-1234"], "fix_versions": ["2.0"]}


def told(*weaknesses: dict[str, Any]) -> dict[str, Any]:
    return {"dependencies": [
        {"name": "sound", "version": "1.0", "vulns": []},
        {"name": "weak", "version": "1.0", "vulns": list(weaknesses)},
        {"name": "ours", "skip_reason": "not on the index"},
    ]}


def lived(**changed: Any) -> dict[str, Any]:
    entry = {"id": "CVE-2026-1234", "package": "weak", "reason": "never called",
             "until": date(2026, 12, 31)}
    return {"lived-with": [entry | changed]}


def test_sound_versions_pass_and_it_says_how_many_were_compared() -> None:
    verdict = judge(told(), {}, today=TODAY)
    assert (0, True) == (verdict.status, "2 pinned packages compared, 1 not" in verdict.lines[-1])


def test_a_known_weakness_fails_and_names_the_version_that_mends_it() -> None:
    verdict = judge(told(WEAK), {}, today=TODAY)
    assert 1 == verdict.status
    assert "weak 1.0: PYSEC-2026-7, CVE-2026-1234; mended in: 2.0" == verdict.lines[0]


def test_what_we_live_with_passes_by_any_of_its_names_until_its_day() -> None:
    assert 0 == judge(told(WEAK), lived(), today=TODAY).status


@pytest.mark.parametrize("changed", [
    {"reason": " "}, {"package": ""}, {"package": "sound"}, {"until": date(2026, 11, 25)},
    {"until": "soon"}, {"id": "CVE-2026-9"},
])
def test_an_entry_without_reason_or_day_or_about_something_else_fails(
    changed: dict[str, Any]
) -> None:
    assert 1 == judge(told(WEAK), lived(**changed), today=TODAY).status


@pytest.mark.parametrize("nothing", [
    {}, {"dependencies": []}, {"dependencies": [{"name": "a", "skip_reason": "not found"}]},
])
def test_silence_is_said_and_is_no_pass(nothing: dict[str, Any]) -> None:
    verdict = judge(nothing, {}, today=TODAY)
    assert (3, (NOT_ASKED,)) == (verdict.status, verdict.lines)


def test_a_program_that_cannot_be_run_stops_no_build_but_a_strict_one(
    capsys: pytest.CaptureFixture[str],
) -> None:
    assert 0 == main("/nonexistent/pip-audit", strict=False)
    assert 3 == main(sys.executable, strict=True)
    assert 2 == capsys.readouterr().out.count(NOT_ASKED)
