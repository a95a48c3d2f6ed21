"""What happens to a case at the office that opened it."""

from __future__ import annotations

from dataclasses import dataclass

from node.core.events.base import Event
from node.core.facts import (
    CaseId,
    Facts,
    Photo,
)


@dataclass(frozen=True, slots=True, kw_only=True)
class CaseOpened(Event):
    """A problem was registered here (信息收集)."""

    case_id: CaseId
    facts: Facts


@dataclass(frozen=True, slots=True, kw_only=True)
class CaseFiled(Event):
    """It became a case (立案)."""

    text: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class CaseDeclined(Event):
    """It did not become a case (不予立案)."""

    reason: str


@dataclass(frozen=True, slots=True, kw_only=True)
class CheckStarted(Event):
    """Somebody was sent to look (核查)."""

    text: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class CheckPassed(Event):
    """The result holds on site."""

    text: str = ""
    photos: tuple[Photo, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class CheckFailed(Event):
    """The result does not hold on site; what becomes of the assignment is its own entry."""

    text: str
    photos: tuple[Photo, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class CaseClosed(Event):
    """The case is closed (结案)."""

    text: str
