"""Joint problems (综合治理): how a question of one stands, and how a further case comes in.

A problem is no record of its own: it is the id that the open questions of its cases share.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any, Final

from node.core.case import Case, is_over
from node.core.commands import AskCoordination, Command, JoinProblem
from node.core.coordination import Coordination
from node.core.facts import RequestId

OVER: Final = "over"
DECIDED: Final = "decided"
ABOVE: Final = "above"


def passed_over(case: Case, asked: Coordination) -> str:
    """Why a decision that is made here passes this question over; "" = it does not. ``over``: the
    case has ended; ``decided``: it was decided before; ``above``: somebody above decides it."""
    if not asked.is_open:
        return DECIDED
    if is_over(case):
        return OVER
    return ABOVE if asked.upward else ""


def model_of(asked: Iterable[tuple[Case, Coordination]]) -> Coordination | None:
    """The question of a problem after which a further one is made: the first that is open in a case
    that goes on. None = the problem was decided."""
    return next((
        one for case, one in asked
        if one.kind is not None and passed_over(case, one) in {"", ABOVE}), None)


def joining(
    case: Case | None, model: Coordination, like: Command, *, problem_id: str, text: str,
    fresh: RequestId,
) -> JoinProblem | AskCoordination:
    """How a case is taken in: its own question of that kind, if exactly one waits here, moves in;
    else it is asked about as ``model`` was, under the id ``fresh``. ``like`` carries the case, the
    id of the act, the asker and their roles."""
    head: dict[str, Any] = {
        "command_id": like.command_id, "actor": like.actor, "roles": like.roles,
        "case_id": like.case_id}
    alone = [
        one for one in (case.coordinations if case is not None else ())
        if one.is_open and not one.upward and one.kind is model.kind]
    if len(alone) == 1:
        return JoinProblem(
            **head, coordination_id=alone[0].coordination_id, problem_id=problem_id, text=text)
    assert model.kind is not None, "a model was asked about something"
    return AskCoordination(
        **head, coordination_id=fresh, level=model.level, kind=model.kind, size=model.size,
        text=text or model.text, problem_id=problem_id)
