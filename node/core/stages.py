"""The seven steps of the trade, and fewer of them where a city counts so.

A case is always in one of seven steps; a profile joins neighbouring ones for its screens. The
record of the case knows nothing of it.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from types import MappingProxyType
from typing import Final

from node.core.case import CaseStatus


class Step(StrEnum):
    """The seven steps (000 art. 2), in order."""

    COLLECT = "collect"
    FILE = "file"
    DISPATCH = "dispatch"
    HANDLE = "handle"
    FEED_BACK = "feed_back"
    CHECK_CLOSE = "check_close"
    EVALUATE = "evaluate"


_S = CaseStatus
STEP_OF: Final[Mapping[str, Step]] = MappingProxyType({
    _S.REPORTED: Step.COLLECT,
    _S.VERIFYING: Step.COLLECT,
    _S.NOT_ACCEPTED: Step.COLLECT,
    _S.PASSED_UP: Step.FILE,
    _S.PENDING_FILING: Step.FILE,
    _S.NOT_FILED: Step.FILE,
    _S.PENDING_DISPATCH: Step.DISPATCH,
    _S.DISPATCHED: Step.DISPATCH,
    _S.HANDLING: Step.HANDLE,
    _S.SUSPENDED: Step.HANDLE,
    _S.HELD: Step.HANDLE,
    _S.FEEDBACK_GIVEN: Step.FEED_BACK,
    _S.DONE: Step.FEED_BACK,
    _S.CHECKING: Step.CHECK_CLOSE,
    _S.PENDING_CLOSE: Step.CHECK_CLOSE,
    _S.CLOSED: Step.EVALUATE,
    _S.VOIDED: Step.EVALUATE,
    _S.ENDED: Step.EVALUATE,
})
"""Where a status stands in the seven; a status of the future stands with handling."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Stage:
    """One step as a city shows it: joined from neighbouring ones."""

    zh: str
    en: str
    steps: tuple[Step, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Shown:
    """Where a case stands among the stages of a profile; ``position`` counts from 1."""

    stage: Stage
    position: int
    of: int


def checked(stages: tuple[Stage, ...]) -> tuple[Stage, ...]:
    """``stages``, if they hold every step once and in order; else ``ValueError``."""
    held = tuple(step for stage in stages for step in stage.steps)
    if held != tuple(Step):
        raise ValueError(
            f"stages hold {', '.join(held)}; every step must come once, in the order "
            f"{', '.join(Step)}"
        )
    return stages


def shown(stages: tuple[Stage, ...], status: CaseStatus) -> Shown:
    """The stage of this status."""
    step = STEP_OF.get(status, Step.HANDLE)
    for position, stage in enumerate(stages, start=1):
        if step in stage.steps:
            return Shown(stage=stage, position=position, of=len(stages))
    raise AssertionError("checked stages hold every step")
