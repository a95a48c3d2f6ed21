"""A collector's call for help (采集员报警): raised, taken by somebody at the duty desk, settled.

It is kept until somebody has taken it and said what was done; it never goes away by itself.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from enum import StrEnum

from node.core.approvals import role_for
from node.core.errors import Invalid, NotPermitted, WrongStatus


class AlarmState(StrEnum):
    """How far an alarm has come."""

    RAISED = "raised"
    TAKEN = "taken"
    SETTLED = "settled"


@dataclass(frozen=True, slots=True, kw_only=True)
class Named:
    """A code with its names."""

    code: str
    zh: str
    en: str


@dataclass(frozen=True, slots=True, kw_only=True)
class AlarmRules:
    """``duty``: the roles of the duty desk, one is enough. ``take_within``: how long an alarm may
    wait before somebody else is told."""

    duty: tuple[str, ...]
    kinds: Mapping[str, Named]
    outcomes: Mapping[str, Named]
    take_within: timedelta


@dataclass(frozen=True, slots=True, kw_only=True)
class Alarm:
    """Who has it and what became of it. Instants are aware UTC."""

    alarm_id: str
    version: int = 1
    taken_by: str = ""
    taken_at: datetime | None = None
    settled_by: str = ""
    settled_at: datetime | None = None
    outcome: str = ""
    report: str = ""
    reference: str = ""

    @property
    def state(self) -> AlarmState:
        """As the instants say."""
        if self.settled_at is not None:
            return AlarmState.SETTLED
        return AlarmState.RAISED if self.taken_at is None else AlarmState.TAKEN


def on_duty(rules: AlarmRules, roles: frozenset[str]) -> None:
    """``NotPermitted`` (``alarm.role``) unless somebody of these roles is at the duty desk."""
    if not role_for(roles, rules.duty):
        raise NotPermitted(
            f"this takes the role {' or '.join(rules.duty)}",
            code="alarm.role", needed=", ".join(rules.duty), held=", ".join(sorted(roles)) or "-",
        )


def kind_of(rules: AlarmRules, code: str) -> Named:
    """``Invalid`` (``alarm.kind``) for a kind that there is not."""
    found = rules.kinds.get(code)
    if found is None:
        raise Invalid(
            f"{code!r} is none of {', '.join(rules.kinds)}", code="alarm.kind", given=code,
            known=_said(rules.kinds),
        )
    return found


def raised_at(said: datetime | None, now: datetime) -> datetime:
    """When it was raised: as the device says, which may have been without a network for hours, but
    never later than now. An alarm is not lost over the clock of a phone."""
    return now if said is None else min(said, now)


def take(alarm: Alarm, actor: str, now: datetime, *, over: bool = False) -> Alarm:
    """Somebody looks after it. ``over``: in the place of whoever did. Again by the same person
    changes nothing. ``WrongStatus``: ``alarm.settled``, ``alarm.taken``."""
    if alarm.state is AlarmState.SETTLED:
        raise _settled(alarm)
    if alarm.taken_by == actor:
        return alarm
    if alarm.taken_by and not over:
        raise WrongStatus(
            f"{alarm.taken_by} has taken this alarm", code="alarm.taken", by=alarm.taken_by
        )
    return replace(alarm, version=alarm.version + 1, taken_by=actor, taken_at=now)


def settle(
    alarm: Alarm, rules: AlarmRules, actor: str, now: datetime, *, outcome: str, report: str,
    reference: str = "",
) -> Alarm:
    """What was done, in words; whoever says it has taken the alarm, if nobody had. The same again
    by the same person changes nothing. ``Invalid``: ``alarm.outcome``, ``alarm.report``;
    ``WrongStatus``: ``alarm.settled``."""
    if outcome not in rules.outcomes:
        raise Invalid(
            f"{outcome!r} is none of {', '.join(rules.outcomes)}", code="alarm.outcome",
            given=outcome, known=_said(rules.outcomes),
        )
    if not report.strip():
        raise Invalid("say what was done", code="alarm.report", field="report")
    if alarm.state is AlarmState.SETTLED:
        said = (alarm.settled_by, alarm.outcome, alarm.report, alarm.reference)
        if said == (actor, outcome, report, reference):
            return alarm
        raise _settled(alarm)
    taken = alarm if alarm.taken_at is not None else take(alarm, actor, now)
    return replace(
        taken, version=alarm.version + 1, settled_by=actor, settled_at=now, outcome=outcome,
        report=report, reference=reference,
    )


def _said(known: Mapping[str, Named]) -> str:
    return "、".join(f"{one.code} {one.zh}" for one in known.values())


def _settled(alarm: Alarm) -> WrongStatus:
    return WrongStatus(
        f"{alarm.settled_by} has settled this alarm", code="alarm.settled", by=alarm.settled_by
    )
