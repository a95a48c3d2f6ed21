"""Files of approvals: a city's own rules by a file, and a wrong file says what is wrong."""

from __future__ import annotations

from datetime import timedelta
from pathlib import Path

import pytest
from pydantic import ValidationError

from node.core.approvals import VERBS, Per
from node.core.facts import RequestKind, TimeLimit, TimeUnit
from node.main.profiles import approvals_named, profile_named
from node.service.approvals import ApprovalsFile

PROFILE = """
title = "区中心"
capabilities = ["dispatch"]
auto_route = true
relay_done = "auto"
approvals = "ours.toml"
"""
ROWS = "".join(f'[[ladders]]\nverb = "{verb}"\nsteps = [["head"]]\n' for verb in VERBS)


def write(home: Path, text: str) -> None:
    (home / "ours.toml").write_text(text, encoding="utf-8")
    (home / "district.toml").write_text(PROFILE, encoding="utf-8")


def test_the_shipped_file_says_what_the_trade_says(tmp_path: Path) -> None:
    rules = approvals_named("standard", home=tmp_path)
    extension = rules.rule(RequestKind.EXTENSION)
    assert (2, Per.ASSIGNMENT, True) == (
        extension.times_max, extension.per, extension.before_deadline)
    suspension = rules.rule(RequestKind.SUSPENSION)
    assert (1, Per.CASE, 366) == (suspension.times_max, suspension.per, suspension.days_max)
    appeal = rules.rule(RequestKind.APPEAL)
    assert (1, TimeLimit(value=5, unit=TimeUnit.WORK_DAY)) == (appeal.times_max, appeal.after_end)
    first = rules.ladder("extension", None)
    second = rules.ladder("extension", None, ordinal=2)
    assert (("shift_leader", "dispatcher"),) == first.steps
    assert (("section_head",), ("centre_head",)) == second.steps
    assert rules.ladder("appeal", None).distinct
    assert rules.ladder("return", None, reason_code="misdispatch").steps == (("shift_leader",),)


def test_an_office_keeps_a_file_of_its_own_and_its_profile_names_it(tmp_path: Path) -> None:
    write(tmp_path, 'version = "7"\n[rules.extension]\ntimes_max = 1\n' + ROWS)
    profile = profile_named("district.toml", home=tmp_path)
    rules = approvals_named(profile.approvals, home=tmp_path)
    assert ("7", 1) == (rules.version, rules.rule(RequestKind.EXTENSION).times_max)
    assert 0 == rules.rule(RequestKind.RETURN).times_max


@pytest.mark.parametrize(
    ("text", "says"),
    [
        (ROWS.replace('verb = "void"', 'verb = "appeal"'), "always fits"),
        (ROWS.replace('[[ladders]]\nverb = "void"\nsteps = [["head"]]\n', ""), "void"),
        (ROWS.replace('"void"', '"shelve"'), "shelve"),
        (ROWS.replace('steps = [["head"]]', "steps = []", 1), "steps"),
        (ROWS.replace('[["head"]]', '[["Head of all"]]', 1), "steps"),
        ('[rules.shelving]\ntimes_max = 1\n' + ROWS, "shelving"),
        ('[rules.extension]\ntimes = 1\n' + ROWS, "times"),
        ('[rules.appeal]\nafter_end = "bald"\n' + ROWS, "bald"),
    ],
    ids=["unreachable", "missing verb", "unknown verb", "no step", "no role", "unknown kind",
         "unknown key", "unreadable limit"],
)
def test_a_wrong_file_says_what_is_wrong(tmp_path: Path, text: str, says: str) -> None:
    write(tmp_path, 'version = "7"\n' + text)
    with pytest.raises(ValidationError, match=says):
        profile_named("district.toml", home=tmp_path)


def test_rows_are_tried_in_their_order_and_look_at_the_kind_of_case() -> None:
    text = {
        "version": "7",
        "rules": {},
        "ladders": [
            {"verb": "extension", "steps": [["leader"]], "longer_than_days": 10},
            *({"verb": verb, "steps": [["head"]]} for verb in VERBS),
        ],
    }
    rules = ApprovalsFile.model_validate(text).value()
    assert (("head",),) == rules.ladder("extension", None, wait=timedelta(days=10)).steps
    assert (("leader",),) == rules.ladder("extension", None, wait=timedelta(days=11)).steps
