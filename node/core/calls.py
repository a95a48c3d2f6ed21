"""Calls (来电): what somebody asks, adds or thinks, kept apart from cases, and all of it answered.

A call concerns nothing that is registered (咨询、投诉), a case on its way (催问、补充), or the
result of one that is over (意见). Which kinds there are, and within how long each is answered, is
data of the office. Who called is personal data and never reaches this module but to be masked.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum
from fractions import Fraction

from node.core.calendar import Calendar
from node.core.case import OVER, CaseStatus
from node.core.clock import due
from node.core.errors import Invalid, WrongStatus
from node.core.facts import TimeLimit


class Concern(StrEnum):
    """What a call is about."""

    NOTHING = "none"
    """Nothing that is registered yet."""
    CASE = "case"
    """A case that is still on its way."""
    RESULT = "result"
    """What became of a case that is over."""


@dataclass(frozen=True, slots=True, kw_only=True)
class CallKind:
    """One kind of call. ``answer_within`` counts from the call, by the office's calendar."""

    code: str
    zh: str
    en: str
    concerns: Concern
    answer_within: TimeLimit


@dataclass(frozen=True, slots=True, kw_only=True)
class Channel:
    """A way in which people call and are answered."""

    code: str
    zh: str
    en: str


@dataclass(frozen=True, slots=True, kw_only=True)
class CallRules:
    """The rules of an office. ``keep`` is how long after the answer a name and phone are kept."""

    version: str
    kinds: Mapping[str, CallKind]
    channels: Mapping[str, Channel]
    keep: timedelta


@dataclass(frozen=True, slots=True, kw_only=True)
class Standing:
    """How a call stands, as far as the rules ask. ``became`` "" = no case came of it."""

    concerns: Concern
    answered: bool = False
    became: str = ""


class CallState(StrEnum):
    """Where a call stands towards its time."""

    OPEN = "open"
    OVERDUE = "overdue"
    """It should have been answered."""
    ANSWERED = "answered"
    """In time; so is what was answered at the last moment."""
    LATE = "late"


def state_of(due_by: datetime, answered_at: datetime | None, now: datetime) -> CallState:
    """Where it stands now; whoever counts calls counts by the same bounds."""
    if answered_at is not None:
        return CallState.LATE if answered_at > due_by else CallState.ANSWERED
    return CallState.OVERDUE if due_by < now else CallState.OPEN


def answer_by(
    rules: CallRules,
    kind: str,
    *,
    channel: str,
    case: CaseStatus | None,
    at: datetime,
    calendar: Calendar,
    wanted: datetime | None = None,
) -> tuple[CallKind, datetime]:
    """The kind of a new call and until when it is to be answered; ``case`` is where the case that
    it names stands. ``wanted`` replaces the limit of the kind. ``Invalid``: ``call.kind``,
    ``call.channel``, ``call.case``, ``call.answer_by``."""
    found = rules.kinds.get(kind)
    if found is None:
        raise Invalid(
            f"there is no kind of call {kind!r}, only {', '.join(rules.kinds)}", code="call.kind",
            field="kind", known="、".join(rules.kinds),
        )
    known_channel(rules, channel)
    _fits(found, case)
    if wanted is not None:
        later_than(wanted, at)
    return found, wanted or due(calendar, at, found.answer_within)


def later_than(wanted: datetime, now: datetime) -> None:
    """``Invalid`` (``call.answer_by``) for a time to answer by that is past."""
    if wanted <= now:
        raise Invalid("the time to answer by is past", code="call.answer_by", field="answer_by")


def _fits(kind: CallKind, case: CaseStatus | None) -> None:
    """A call names a case exactly if its kind is about one, and an opinion one that is over."""
    if kind.concerns is Concern.NOTHING and case is not None:
        raise Invalid(
            f"a call of the kind {kind.code} is about no case; one that names a case is of "
            "another kind", code="call.case", why="not_wanted", field="case",
        )
    if kind.concerns is not Concern.NOTHING and case is None:
        raise Invalid(
            f"a call of the kind {kind.code} names the case it is about", code="call.case",
            why="missing", field="case",
        )
    if kind.concerns is Concern.RESULT and case not in OVER:
        raise Invalid(
            "the case has no result yet: this call is about a case on its way", code="call.case",
            why="no_result", field="case",
        )


def known_channel(rules: CallRules, channel: str) -> None:
    """``Invalid`` (``call.channel``) for a way that the rules do not list."""
    if channel not in rules.channels:
        raise Invalid(
            f"there is no channel {channel!r}, only {', '.join(rules.channels)}",
            code="call.channel", field="channel", known="、".join(rules.channels),
        )


def to_answer(rules: CallRules, call: Standing, *, channel: str, text: str) -> None:
    """Whether this answer can be taken down. ``Invalid``, or ``WrongStatus`` (``call.answered``)
    where somebody has answered already."""
    known_channel(rules, channel)
    if not text.strip():
        raise Invalid("an answer says something", code="call.answer", field="text")
    still_open(call)


def still_open(call: Standing) -> None:
    """``WrongStatus`` (``call.answered``) if it was answered."""
    if call.answered:
        raise WrongStatus("this call was answered already", code="call.answered")


def to_become(call: Standing, case_id: str) -> bool:
    """Whether this call now points at the case that came of it; False = it does already."""
    if call.concerns is not Concern.NOTHING:
        raise WrongStatus(
            "this call is about a case already; a new problem is a call of its own",
            code="call.about_case",
        )
    if call.became and call.became != case_id:
        raise WrongStatus("another case came of this call already", code="call.became")
    return not call.became


def to_reopen(call: Standing) -> None:
    """Whether it can be asked for this call that its case be taken up again."""
    if call.concerns is not Concern.RESULT:
        raise WrongStatus(
            "only an opinion on a result asks that the case be taken up again",
            code="call.no_opinion",
        )


# --- figures --------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True, kw_only=True)
class CallCount:
    """Calls that came in a time, and what has become of each of them by now: ``in_time`` and
    ``late`` were answered, ``overdue`` should have been, ``waiting`` may still wait. ``became``
    led to a case, ``reopened`` to the question whether one is taken up again."""

    received: int = 0
    in_time: int = 0
    late: int = 0
    overdue: int = 0
    waiting: int = 0
    became: int = 0
    reopened: int = 0

    @property
    def answered(self) -> int:
        """Answered at all."""
        return self.in_time + self.late

    @property
    def judged(self) -> int:
        """Those that were answered, or whose time is over."""
        return self.answered + self.overdue

    @property
    def in_time_share(self) -> Fraction | None:
        """Answered in time, of those that can be judged; None = there are none."""
        return Fraction(self.in_time, self.judged) if self.judged else None

    def __add__(self, other: CallCount) -> CallCount:
        return CallCount(
            received=self.received + other.received,
            in_time=self.in_time + other.in_time,
            late=self.late + other.late,
            overdue=self.overdue + other.overdue,
            waiting=self.waiting + other.waiting,
            became=self.became + other.became,
            reopened=self.reopened + other.reopened,
        )
