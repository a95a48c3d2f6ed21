"""Habits of units and of their people (推诿、拖延): returns asked for, orders not signed for in
time, deadlines that passed; and who reaches the thresholds of an office's rules.

A person is who did it, as the journals name them: whoever asked for the return, whoever signed for
the order too late, whoever had signed for what then ran late. Where nobody ever signed there is no
person, only the unit.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Final

from node.core import events as ev
from node.core.approvals import Thresholds
from node.core.facts import RequestKind

NOT_PEOPLE: Final = ("node:", "adapter:", "unit:")
"""How actors begin that are programs; the clock is one too."""
CLOCK: Final = "clock"


@dataclass(frozen=True, slots=True, kw_only=True)
class Signed:
    """Somebody at the unit took an order; ``actor`` as the unit's own journal names them."""

    at: datetime
    actor: str


@dataclass(slots=True)
class Counts:
    """What one person did in a period."""

    returns_asked: int = 0
    unsigned: int = 0
    late: int = 0


@dataclass(slots=True)
class Habits:
    """What one unit did in a period, and each of its people that is known."""

    unit: str
    returns_asked: int = 0
    returns_granted: int = 0
    extensions: int = 0
    suspensions: int = 0
    resumed: int = 0
    refused: int = 0
    unsigned: int = 0
    late: int = 0
    people: dict[str, Counts] = field(default_factory=dict)

    def count(self, event: ev.Event, signed: Sequence[Signed] = ()) -> None:
        """Take one event of our journal in; ``signed``: who took the case at the unit, in order."""
        if isinstance(event, ev.Overdue):
            if event.kind == "sign_by":
                self.unsigned += 1
                self._person(late_signer(signed, event.due_at), "unsigned")
            else:
                self.late += 1
                self._person(holder(signed, event.at), "late")
        elif isinstance(event, ev.AssignmentResumed):
            self.resumed += 1
        elif isinstance(event, ev.AssigneeAsked):
            if event.kind is RequestKind.RETURN:
                self.returns_asked += 1
                self._person(event.asker, "returns_asked")
        elif isinstance(event, ev.RequestDecided):
            if not event.granted:
                self.refused += 1
            elif event.kind is RequestKind.RETURN:
                self.returns_granted += 1
            elif event.kind is RequestKind.EXTENSION:
                self.extensions += 1
            elif event.kind is RequestKind.SUSPENSION:
                self.suspensions += 1

    def _person(self, name: str, what: str) -> None:
        if not name or name == CLOCK:
            return
        counts = self.people.setdefault(name, Counts())
        setattr(counts, what, getattr(counts, what) + 1)

    def over(self, limits: Thresholds) -> list[str]:
        """The thresholds that the unit reached."""
        return _reached((
            ("returns", self.returns_asked, limits.returns),
            ("unsigned", self.unsigned, limits.unsigned),
            ("late", self.late, limits.late),
        ))


def person_over(counts: Counts, limits: Thresholds) -> list[str]:
    """The thresholds that a person reached."""
    return _reached((
        ("returns", counts.returns_asked, limits.person_returns),
        ("unsigned", counts.unsigned, limits.person_unsigned),
        ("late", counts.late, limits.person_late),
    ))


def is_person(actor: str) -> bool:
    """Whether an actor of a journal is somebody, and no program."""
    return bool(actor) and actor != CLOCK and not actor.startswith(NOT_PEOPLE)


def late_signer(signed: Sequence[Signed], due_at: datetime) -> str:
    """Who signed first after the order was to be signed for; "" = nobody did."""
    return next((one.actor for one in signed if one.at > due_at and is_person(one.actor)), "")


def holder(signed: Sequence[Signed], at: datetime) -> str:
    """Who had signed last when the deadline passed; "" = nobody had."""
    before = [one.actor for one in signed if one.at <= at and is_person(one.actor)]
    return before[-1] if before else ""


def _reached(found: Iterable[tuple[str, int, int]]) -> list[str]:
    return [name for name, count, most in found if most and count >= most]
