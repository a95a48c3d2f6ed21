"""Calls: which kind fits which case, until when each is answered, and how a caller is masked."""

from __future__ import annotations

from datetime import datetime, timedelta
from fractions import Fraction
from pathlib import Path

import pytest
from pydantic import ValidationError

import node
from node.core.calendar import BEIJING, EVERYDAY
from node.core.calls import (
    CallCount,
    CallRules,
    CallState,
    Concern,
    Standing,
    answer_by,
    state_of,
    to_answer,
    to_become,
    to_reopen,
)
from node.core.capability import Capability
from node.core.case import OVER, CaseStatus
from node.core.errors import Invalid, WrongStatus
from node.core.rights import CALL_VERBS, Lopsided
from node.service.arrangement import read_rights_file
from node.service.calls.rules import read_calls

STANDARDS = Path(node.__file__).parent / "standards"
FRIDAY = datetime(2026, 11, 27, 17, 0, tzinfo=BEIJING)


@pytest.fixture(scope="module")
def rules() -> CallRules:
    return read_calls(STANDARDS / "calls.toml")


def due(rules: CallRules, kind: str, case: CaseStatus | None = None) -> datetime:
    _, found = answer_by(
        rules, kind, channel="phone", case=case, at=FRIDAY, calendar=EVERYDAY)
    return found.astimezone(BEIJING)


def test_each_kind_has_its_own_limit_in_working_time(rules: CallRules) -> None:
    assert due(rules, "consultation") == datetime(2026, 11, 30, 17, 0, tzinfo=BEIJING)
    # One hour is left of Friday, four of Monday morning are counted from eight.
    assert due(rules, "urge", CaseStatus.HANDLING) == datetime(2026, 11, 30, 11, 0, tzinfo=BEIJING)


def test_a_time_that_somebody_names_replaces_the_limit_unless_it_is_past(rules: CallRules) -> None:
    wanted = FRIDAY + timedelta(minutes=20)
    _, found = answer_by(rules, "complaint", channel="phone", case=None, at=FRIDAY,
                         calendar=EVERYDAY, wanted=wanted)
    assert found == wanted
    with pytest.raises(Invalid) as refused:
        answer_by(rules, "complaint", channel="phone", case=None, at=FRIDAY, calendar=EVERYDAY,
                  wanted=FRIDAY)
    assert refused.value.code == "call.answer_by"


@pytest.mark.parametrize("status", list(CaseStatus))
def test_an_opinion_is_about_a_result_and_a_question_about_no_case(
    rules: CallRules, status: CaseStatus
) -> None:
    assert due(rules, "urge", status) > FRIDAY
    with pytest.raises(Invalid) as refused:
        due(rules, "consultation", status)
    assert (refused.value.code, refused.value.why) == ("call.case", "not_wanted")
    if status in OVER:
        assert due(rules, "opinion", status) > FRIDAY
    else:
        with pytest.raises(Invalid) as refused:
            due(rules, "opinion", status)
        assert refused.value.why == "no_result"


@pytest.mark.parametrize(("kind", "channel", "code", "why"), [
    ("urge", "phone", "call.case", "missing"),
    ("opinion", "phone", "call.case", "missing"),
    ("gossip", "phone", "call.kind", ""),
    ("consultation", "pigeon", "call.channel", ""),
])
def test_what_the_rules_do_not_know_is_refused_and_named(
    rules: CallRules, kind: str, channel: str, code: str, why: str
) -> None:
    with pytest.raises(Invalid) as refused:
        answer_by(rules, kind, channel=channel, case=None, at=FRIDAY, calendar=EVERYDAY)
    assert (refused.value.code, refused.value.why) == (code, why)


def test_a_call_is_answered_once_and_in_words(rules: CallRules) -> None:
    asked = Standing(concerns=Concern.NOTHING)
    to_answer(rules, asked, channel="sms", text="已告知")
    for call, channel, text, code in (
        (asked, "sms", "  ", "call.answer"),
        (asked, "pigeon", "已告知", "call.channel"),
        (Standing(concerns=Concern.NOTHING, answered=True), "sms", "已告知", "call.answered"),
    ):
        with pytest.raises((Invalid, WrongStatus)) as refused:
            to_answer(rules, call, channel=channel, text=text)
        assert refused.value.code == code


def test_a_case_comes_of_a_call_once_and_only_where_there_was_none() -> None:
    assert to_become(Standing(concerns=Concern.NOTHING), "a")
    assert not to_become(Standing(concerns=Concern.NOTHING, became="a"), "a")
    for call, code in (
        (Standing(concerns=Concern.NOTHING, became="b"), "call.became"),
        (Standing(concerns=Concern.CASE), "call.about_case"),
        (Standing(concerns=Concern.RESULT), "call.about_case"),
    ):
        with pytest.raises(WrongStatus) as refused:
            to_become(call, "a")
        assert refused.value.code == code


def test_only_an_opinion_asks_that_a_case_be_taken_up_again() -> None:
    to_reopen(Standing(concerns=Concern.RESULT))
    for concern in (Concern.NOTHING, Concern.CASE):
        with pytest.raises(WrongStatus) as refused:
            to_reopen(Standing(concerns=concern))
        assert refused.value.code == "call.no_opinion"


@pytest.mark.parametrize(("answered", "now", "expected"), [
    (None, 0, CallState.OPEN), (None, 1, CallState.OVERDUE),
    (0, 5, CallState.ANSWERED), (1, 5, CallState.LATE),
])
def test_the_last_moment_is_in_time(
    answered: int | None, now: int, expected: CallState
) -> None:
    at = None if answered is None else FRIDAY + timedelta(microseconds=answered)
    assert expected is state_of(FRIDAY, at, FRIDAY + timedelta(microseconds=now))


def test_the_share_in_time_is_of_those_whose_time_is_over() -> None:
    count = CallCount(received=10, in_time=6, late=1, overdue=1, waiting=2)
    assert count.judged == 8
    assert count.in_time_share == Fraction(6, 8)
    assert CallCount(received=2, waiting=2).in_time_share is None
    twice = count + count
    assert (twice.received, twice.answered, twice.in_time_share) == (20, 14, Fraction(6, 8))


@pytest.mark.parametrize(("change", "said"), [
    (("concerns = \"result\"", "concerns = \"case\""), "concern result"),
    (("code = \"urge\"", "code = \"supplement\""), "twice"),
    (("answer_within = \"1工作日\"", "answer_within = \"soon\""), "is no limit"),
    (("keep_days = 1095", "keep_days = -1"), "keep_days"),
    (("keep_days = 1095", "keep_years = 3"), "keep_years"),
])
def test_a_file_of_calls_that_is_not_sound_is_no_file(
    tmp_path: Path, change: tuple[str, str], said: str
) -> None:
    text = (STANDARDS / "calls.toml").read_text(encoding="utf-8")
    assert change[0] in text
    own = tmp_path / "calls.toml"
    own.write_text(text.replace(*change, 1), encoding="utf-8")
    with pytest.raises(ValidationError, match=said):
        read_calls(own)


def test_which_right_a_call_needs_is_data(tmp_path: Path) -> None:
    text = (STANDARDS.parent / "rights" / "standard.toml").read_text(encoding="utf-8")
    line = 'intake = ["RecordCall", "HandCall", "AnswerCall", "LinkCall"]'
    own = tmp_path / "rights.toml"

    def written(lines: str) -> Path:
        own.write_text(text.replace(line, lines), encoding="utf-8")
        return own

    assert {read_rights_file(written(line)).on_call(one) for one in CALL_VERBS} == {
        Capability.INTAKE}
    other = read_rights_file(written('holding = ["RecordCall"]\ndispatch = ["HandCall"]'))
    assert (other.on_call("RecordCall"), other.on_call("HandCall"), other.on_call("AnswerCall")) \
        == (None, Capability.DISPATCH, Capability.INTAKE)
    with pytest.raises(Lopsided, match="calls: there is no verb Gossip"):
        read_rights_file(written('intake = ["Gossip"]'))
