"""Copies with changes: the hot path, where dataclasses.replace costs several times as much."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import fields, replace
from datetime import datetime
from operator import attrgetter
from typing import Any, Final, TypeVar

from node.core import events as ev
from node.core.case import (
    REQUESTS_KEPT_MAX,
    Assignment,
    Case,
    Duty,
    Request,
    Supervision,
)
from node.core.facts import RequestId

_T = TypeVar("_T", Case, Assignment, Duty)


def _copier(cls: type[_T]) -> Callable[[_T, dict[str, Any]], _T]:
    """A function that copies a frozen, slotted value with some fields changed. It fills the slots
    of the copy directly, before anybody has seen it; from then on it is as frozen as any."""
    names = tuple(one.name for one in fields(cls))
    index = {name: position for position, name in enumerate(names)}
    values_of = attrgetter(*names)
    setters = tuple(getattr(cls, name).__set__ for name in names)

    def copy(one: _T, changes: dict[str, Any]) -> _T:
        values = list(values_of(one))
        for name, value in changes.items():
            values[index[name]] = value
        made = object.__new__(cls)
        for fill, value in zip(setters, values, strict=True):
            fill(made, value)
        return made

    return copy


_copy_case: Final = _copier(Case)
_copy_live: Final = _copier(Assignment)
_copy_duty: Final = _copier(Duty)


def changed(case: Case, event: ev.Event, **changes: Any) -> Case:
    changes["version"] = case.version + 1
    changes["updated_at"] = event.at
    return _copy_case(case, changes)


def but_case(case: Case, **changes: Any) -> Case:
    """Further changes by the same event: neither version nor time moves again."""
    return _copy_case(case, changes)


def but_live(live: Assignment, **changes: Any) -> Assignment:
    return _copy_live(live, changes)


def but_duty(duty: Duty, **changes: Any) -> Duty:
    return _copy_duty(duty, changes)


def live_of(case: Case) -> Assignment:
    assert case.live is not None, "the event speaks of a live assignment"
    return case.live


def duty_of(case: Case) -> Duty:
    assert case.duty is not None, "the event speaks of a duty"
    return case.duty


def settle(live: Assignment) -> tuple[RequestId, ...]:
    if live.request is None:
        return live.settled_requests
    return (*live.settled_requests, live.request.request_id)[-REQUESTS_KEPT_MAX:]


def settle_own(duty: Duty) -> tuple[Request, ...]:
    if duty.request is None:
        return duty.settled_requests
    return (*duty.settled_requests, duty.request)[-REQUESTS_KEPT_MAX:]


def is_past(limit: datetime | None, at: datetime) -> bool:
    return limit is not None and at > limit


def replied(case: Case, supervision_id: str, text: str) -> tuple[Supervision, ...]:
    return tuple(
        replace(one, replied=True, reply=text) if one.supervision_id == supervision_id else one
        for one in case.supervisions
    )


