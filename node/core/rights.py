"""Who may do what, as data: which right each verb needs, and which hands must stay apart.

The matrix names every verb exactly once for an own case and once for a duty, because the two are
different acts: closing an own case ends it, closing below a duty ends one leg. Cities differ in
the matrix and in what an office is granted; no code changes with either.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from types import MappingProxyType
from typing import Final

from node.core.capability import Capability
from node.core.case import Case, CaseStatus
from node.core.errors import NotPermitted
from node.core.transitions import TABLE, Actor, Transition

DUTY_STATUSES: Final = frozenset({CaseStatus.HELD, CaseStatus.DONE, CaseStatus.ENDED})
HOLDING: Final = "holding"
"""In a matrix: no right but to hold the duty (or the case) is needed."""


def _verbs(*, duty: bool) -> frozenset[str]:
    return frozenset(
        row.verb
        for row in TABLE
        if row.actor is Actor.PERSON and (row.status in DUTY_STATUSES) is duty
    )


OWN_VERBS: Final = _verbs(duty=False)
ASSIGN_HANDLER: Final = "AssignHandler"
DESK_VERBS: Final = frozenset({ASSIGN_HANDLER})
"""Verbs on a duty that no event follows from (``node.core.handling``). A matrix may leave one out:
then holding the duty is enough."""
DUTY_VERBS: Final = _verbs(duty=True) | DESK_VERBS
CALL_VERBS: Final = frozenset({"RecordCall", "HandCall", "AnswerCall", "LinkCall"})
"""Verbs on a call (``node.core.calls``). A matrix may leave one out: then it needs ``intake``."""

_RIGHTS: Final = frozenset(str(one) for one in Capability)
Needs = Mapping[str, Capability | None]
NOTHING: Final[Needs] = MappingProxyType({})


class Lopsided(ValueError):
    """A matrix that does not name every verb exactly once; ``problems`` lists each mistake."""

    def __init__(self, problems: tuple[str, ...]) -> None:
        super().__init__("; ".join(problems))
        self.problems = problems


@dataclass(frozen=True, slots=True, kw_only=True)
class Rights:
    """One matrix. ``working`` verbs do the work, ``judging`` verbs check or close it; while
    ``separated``, no account does both on one case (监管分离)."""

    own: Needs
    duty: Needs
    working: frozenset[str] = frozenset()
    judging: frozenset[str] = frozenset()
    separated: bool = True
    title: str = field(default="", compare=False)
    calls: Needs = field(default_factory=lambda: NOTHING)

    def needed(self, row: Transition) -> Capability | None:
        """The right that this transition needs, None = holding is enough."""
        return (self.duty if row.status in DUTY_STATUSES else self.own)[row.verb]

    def at_desk(self, verb: str) -> Capability | None:
        """The right that one of ``DESK_VERBS`` needs, None = holding the duty is enough."""
        return self.duty.get(verb)

    def on_call(self, verb: str) -> Capability | None:
        """The right that one of ``CALL_VERBS`` needs, None = any office may."""
        return self.calls.get(verb, Capability.INTAKE)

    def keep_apart(self, case: Case, verb: str, hands: Iterable[str]) -> None:
        """Refuse the same hands on both sides of one case."""
        if not self.separated:
            return
        if verb in self.judging:
            forbidden, side = case.handlers, "handled"
        elif verb in self.working and case.live is None:
            forbidden, side = case.checkers, "checked"
        else:
            return
        for one in hands:
            if one and one in forbidden:
                raise NotPermitted(
                    f"{one} {side} this case: whoever handles it neither checks nor closes it",
                    code="case.same_hand", actor=one, verb=verb,
                )


def openings(
    rights: Rights, held: Iterable[Capability]
) -> frozenset[tuple[str, str]]:
    """What an office with these rights can say at all: side (own, duty, calls) and verb."""
    there = frozenset(held)
    sides = (("own", rights.own), ("duty", rights.duty), ("calls", rights.calls))
    return frozenset(
        (side, verb) for side, needs in sides for verb, need in needs.items()
        if need is None or need in there)


def supervising(verb: str, rights: Rights | None) -> Capability | None:
    """The right that this verb needs at the office that filed the case."""
    if rights is not None:
        return rights.own.get(verb)
    return next((row.capability for row in TABLE if row.verb == verb), None)


def read_matrix(
    own: Mapping[str, Iterable[str]],
    duty: Mapping[str, Iterable[str]],
    *,
    working: Iterable[str] = (),
    judging: Iterable[str] = (),
    separated: bool = True,
    title: str = "",
    calls: Mapping[str, Iterable[str]] = MappingProxyType({}),
) -> Rights:
    """A matrix from lists of verbs by right (or ``holding``). ``Lopsided`` names what is wrong."""
    problems: list[str] = []
    needs = [
        _needs("own", own, OWN_VERBS, problems), _needs("duty", duty, DUTY_VERBS, problems),
        _needs("calls", calls, CALL_VERBS, problems),
    ]
    working, judging = frozenset(working), frozenset(judging)
    known = OWN_VERBS | DUTY_VERBS
    problems += [
        f"separation: there is no verb {one}" for one in sorted((working | judging) - known)
    ]
    problems += [f"separation: {one} is on both sides" for one in sorted(working & judging)]
    if problems:
        raise Lopsided(tuple(problems))
    return Rights(
        own=needs[0], duty=needs[1], working=working, judging=judging, separated=separated,
        title=title, calls=needs[2],
    )


def _needs(
    side: str, given: Mapping[str, Iterable[str]], verbs: frozenset[str], problems: list[str]
) -> Needs:
    needs: dict[str, Capability | None] = {}
    for right, named in given.items():
        if right != HOLDING and right not in _RIGHTS:
            problems.append(f"{side}: there is no right {right}")
            continue
        for verb in named:
            if verb not in verbs:
                problems.append(f"{side}: there is no verb {verb}")
            elif verb in needs:
                problems.append(f"{side}: {verb} is named twice")
            else:
                needs[verb] = None if right == HOLDING else Capability(right)
    needs.update(dict.fromkeys((verbs & DESK_VERBS) - set(needs)))
    needs.update(dict.fromkeys((verbs & CALL_VERBS) - set(needs), Capability.INTAKE))
    problems.extend(f"{side}: {verb} is not named" for verb in sorted(verbs - set(needs)))
    return MappingProxyType(needs)
