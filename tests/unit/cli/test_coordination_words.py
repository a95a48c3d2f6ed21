"""What no rule solves, from a terminal: what is posted, and which open question is meant."""

from __future__ import annotations

from typing import Any

import pytest

from node.cli.speech import Exit
from tests.unit.cli.test_desk_words import CASE, Desk, desk, run

__all__ = ["desk"]

OPEN = {
    "coordinations": {"coordination_id": "k1", "open": True, "upward": False, "text": "两区交界"},
    "disputes": {"dispute_id": "d1", "upheld": None, "text": "不属本单位"},
    "repairs": {"repair_id": "r1", "outstanding_fen": 358_000, "payer": "黄石电信",
                "text": "先行修复"},
}
SETTLED = {
    "coordinations": {"coordination_id": "k0", "open": False, "upward": False, "text": "旧"},
    "disputes": {"dispute_id": "d0", "upheld": False, "text": "旧"},
    "repairs": {"repair_id": "r0", "outstanding_fen": 0, "payer": "", "text": "旧"},
}
ANSWERS = {
    "coordinations": ("coordination-decide", "--lead", "市城管局", "--text", "由市城管局牵头"),
    "disputes": ("dispute-decide", "--uphold", "--text", "已移交"),
    "repairs": ("recovery", "--payer", "黄石电信", "--fen", "358000"),
}


@pytest.mark.parametrize(("typed", "verb", "body"), [
    (("no-owner", CASE, "--text", "无人认领"), "no-owner", {"text": "无人认领"}),
    (("coordinate", CASE, "boundary", "--level", "committee", "--text", "两区交界"),
     "coordination",
     {"kind": "boundary", "size": "ordinary", "level": "committee", "text": "两区交界"}),
    (("dispute", CASE, "--reason", "not_ours", "--text", "产权属物业"), "dispute",
     {"reason_code": "not_ours", "text": "产权属物业"}),
    (("repair", CASE, "--performer", "抢修队", "--fen", "358000", "--payer", "黄石电信"),
     "proxy-repair",
     {"performer": "抢修队", "cost_fen": 358_000, "payer": "黄石电信", "text": "", "photos": []}),
    (("coordination-decide", CASE, "--coordination", "k9", "--lead", "市城管局", "--assistant",
      "市园林局", "--assistant", "区政府", "--text", "牵头"), "coordination-decision",
     {"coordination_id": "k9", "lead": "市城管局", "assistants": ["市园林局", "区政府"],
      "text": "牵头"}),
    (("dispute-decide", CASE, "--dispute", "d9", "--dismiss", "--text", "仍由你单位负责"),
     "dispute-decision", {"dispute_id": "d9", "upheld": False, "text": "仍由你单位负责"}),
    (("recovery", CASE, "--repair", "r9", "--payer", "黄石电信", "--fen", "1"), "recovery",
     {"repair_id": "r9", "amount_fen": 1, "payer": "黄石电信", "text": ""}),
], ids=lambda value: value if isinstance(value, str) else "")
def test_what_is_typed_is_posted_as_the_verb_of_the_api(
    desk: tuple[Desk, str], typed: tuple[str, ...], verb: str, body: dict[str, Any]
) -> None:
    known, url = desk

    result = run(url, "case", *typed, "--version", "6")

    assert result.exit_code == 0, result.stderr
    [(path, posted)] = known.posted
    assert path.endswith(f"/cases/{CASE}/{verb}")
    assert posted == {**body, "expected_version": 6}


@pytest.mark.parametrize("listed", list(OPEN))
def test_the_only_open_one_is_answered_without_naming_it(
    desk: tuple[Desk, str], listed: str
) -> None:
    known, url = desk
    known.case[listed] = [SETTLED[listed], OPEN[listed]]
    name = next(iter(OPEN[listed]))

    result = run(url, "case", ANSWERS[listed][0], CASE, *ANSWERS[listed][1:])

    assert result.exit_code == 0, result.stderr
    assert [body[name] for _, body in known.posted] == [OPEN[listed][name]]


@pytest.mark.parametrize("listed", list(OPEN))
def test_of_several_open_ones_each_is_listed_and_none_is_guessed(
    desk: tuple[Desk, str], listed: str
) -> None:
    known, url = desk
    name = next(iter(OPEN[listed]))
    known.case[listed] = [OPEN[listed], {**OPEN[listed], name: "second"}]

    result = run(url, "case", ANSWERS[listed][0], CASE, *ANSWERS[listed][1:])

    assert result.exit_code == Exit.USAGE
    assert f"--{name.removesuffix('_id')}" in result.stderr
    assert "second  " in result.stderr
    assert not known.posted


@pytest.mark.parametrize("listed", list(OPEN))
def test_nothing_open_is_said_as_that(desk: tuple[Desk, str], listed: str) -> None:
    known, url = desk
    known.case[listed] = [SETTLED[listed]]

    result = run(url, "case", ANSWERS[listed][0], CASE, *ANSWERS[listed][1:])

    assert result.exit_code == Exit.REFUSED
    assert "该案卷没有待" in result.stderr
    assert not known.posted
