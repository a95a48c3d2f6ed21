"""A report that was passed up (上报), as the office that passed it up knows it.

The office above is the one master of what becomes of it: whoever passed it up may ask for it back,
but what was filed meanwhile stays filed. So both ends always come to one outcome.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from types import MappingProxyType
from typing import Final

from node.core.facts import CaseId, Outcome

RECALLED: Final = "recalled"
"""Reason code of a report that the office above did not take because it was asked back."""
_RANK: Final = MappingProxyType({
    Outcome.REGISTERED: 1,
    Outcome.ACCEPTED: 2,
    Outcome.FILED: 3,
    Outcome.TAKEN_BACK: 4,
    Outcome.NOT_ACCEPTED: 4,
    Outcome.NOT_FILED: 4,
    Outcome.CLOSED: 4,
    Outcome.VOIDED: 4,
})


@dataclass(frozen=True, slots=True, kw_only=True)
class Passing:
    """The office above has the report as ``as_case``. ``accepted``: it was accepted here before,
    and is again if it comes back. ``outcome`` is what was said of it last (None = nothing yet),
    with the number it has there, the words, and who said so. ``recalled``: it was asked back,
    ``recalled_below`` by the office that had passed it up to us."""

    as_case: CaseId
    passed_at: datetime
    accepted: bool = False
    text: str = ""
    outcome: Outcome | None = None
    case_no: str = ""
    words: str = ""
    reason_code: str = ""
    said_by: str = ""
    said_at: datetime | None = None
    recalled: bool = False
    recalled_below: bool = False

    @property
    def is_open(self) -> bool:
        """Its end, or its return, was not told yet."""
        return self.outcome is None or _RANK[self.outcome] < _RANK[Outcome.TAKEN_BACK]

    @property
    def may_come_back(self) -> bool:
        """Nobody above has filed it, as far as this office was told."""
        return self.outcome is None or _RANK[self.outcome] < _RANK[Outcome.FILED]


def is_news(passing: Passing, said: Outcome) -> bool:
    """It says more than what was said before: outcomes move forwards only, and an end stays."""
    if passing.outcome is None:
        return True
    return _RANK[said] > _RANK[passing.outcome]
