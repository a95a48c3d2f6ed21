"""Files of limits: two cities differ by a file, and a wrong file says what is wrong."""

from __future__ import annotations

from datetime import timedelta
from pathlib import Path

import pytest
from pydantic import ValidationError

from node.core.facts import TimeLimit, TimeUnit
from node.core.limits import Post
from node.main.profiles import limits_named, profile_named

PROFILE = """
title = "区中心"
capabilities = ["dispatch"]
auto_route = true
relay_done = "auto"
limits = "ours.toml"
"""
LIMITS = """
version = "2026-7"
handling = "3天"
reserve = "{reserve}"
rework_counts_first = false
[steps]
{steps}
"""


def write(home: Path, *, reserve: str = "30分钟", steps: str = 'sign = "2工作时"') -> None:
    (home / "ours.toml").write_text(LIMITS.format(reserve=reserve, steps=steps), encoding="utf-8")


def test_the_shipped_file_has_a_limit_for_every_post(tmp_path: Path) -> None:
    limits = limits_named("standard", home=tmp_path)
    assert set(Post) == set(limits.steps)
    assert TimeLimit(value=60, unit=TimeUnit.MINUTE) == limits.steps[Post.SIGN]
    assert TimeLimit(value=4, unit=TimeUnit.WORK_HOUR) == limits.steps[Post.CHECK]
    assert TimeLimit(value=7, unit=TimeUnit.WORK_DAY) == limits.handling
    assert timedelta(hours=1) == limits.reserve
    assert limits.rework_counts_first
    assert (True, None) == (limits.overall_sums, limits.overall)


@pytest.mark.parametrize(("line", "limit", "sums"), [
    ("", None, False), ('overall = "合计"\n', None, True),
    ('overall = "15工作日"\n', TimeLimit(value=15, unit=TimeUnit.WORK_DAY), False),
])
def test_the_overall_limit_is_none_a_sum_or_one_of_its_own(
    tmp_path: Path, line: str, limit: TimeLimit | None, sums: bool
) -> None:
    write(tmp_path)
    path = tmp_path / "ours.toml"
    path.write_text(line + path.read_text(encoding="utf-8"), encoding="utf-8")
    limits = limits_named("ours.toml", home=tmp_path)
    assert (limit, sums) == (limits.overall, limits.overall_sums)


def test_the_shipped_chain_names_clerk_deputy_leader_and_duty(tmp_path: Path) -> None:
    chain = limits_named("standard", home=tmp_path).chain

    assert [one.to.value for one in chain.steps] == ["clerk", "deputy", "leader", "duty"]
    assert [one.after.value for one in chain.steps] == [0, 30, 60, 120]
    assert chain.say(chain.steps[2].to, "张局长", "11-20 10:00") == (
        "应于 11-20 10:00 前签收，至今未签收，现转分管领导张局长督促签收")


def test_a_city_has_limits_of_its_own_by_a_file_that_its_profile_names(tmp_path: Path) -> None:
    write(tmp_path)
    (tmp_path / "office.toml").write_text(PROFILE, encoding="utf-8")
    profile = profile_named("office.toml", home=tmp_path)
    limits = limits_named(profile.limits, home=tmp_path)
    assert "2026-7" == limits.version
    assert TimeLimit(value=3, unit=TimeUnit.WORK_DAY) == limits.handling
    assert TimeLimit(value=2, unit=TimeUnit.WORK_HOUR) == limits.steps[Post.SIGN]
    assert Post.FILE not in limits.steps
    assert timedelta(minutes=30) == limits.reserve
    assert not limits.rework_counts_first


@pytest.mark.parametrize(
    ("reserve", "steps", "named"),
    [
        ("1工作时", 'sign = "soon"', "soon"),
        ("1工作时", 'sign = "2工作时制止"', "2工作时制止"),
        ("1工作时", 'lunch = "2工作时"', "lunch"),
        ("1工作日", 'sign = "2工作时"', "reserve"),
        ("1工作时", "sign = 30", "30"),
        ("1工作时", 'sign = "30分钟"\n[climb]\nsteps = [{ to = "boss" }]', "boss"),
        ("1工作时", 'sign = "30分钟"\n[climb]\nsteps = [{ after = "9分钟", to = "clerk" }]',
         "first rung"),
        ("1工作时", 'sign = "30分钟"\n[climb]\nsteps = [{ to = "clerk" }, '
         '{ after = "9分钟", to = "leader" }, { after = "8分钟", to = "duty" }]',
         "one after another"),
        ("1工作时", 'sign = "30分钟"\n[climb]\ntext = "{phone}"', "phone"),
    ],
)
def test_a_wrong_file_is_refused_with_what_is_wrong(
    tmp_path: Path, reserve: str, steps: str, named: str
) -> None:
    write(tmp_path, reserve=reserve, steps=steps)
    with pytest.raises(ValidationError, match=named):
        limits_named("ours.toml", home=tmp_path)


def test_a_profile_whose_limits_are_missing_is_no_profile(tmp_path: Path) -> None:
    (tmp_path / "office.toml").write_text(PROFILE, encoding="utf-8")
    with pytest.raises(OSError, match=r"ours\.toml"):
        profile_named("office.toml", home=tmp_path)
    with pytest.raises(FileNotFoundError, match="limit"):
        limits_named("nobody", home=tmp_path)
