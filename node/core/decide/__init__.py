"""May this be done, and what happens then: a command and a case in, events out.

The transition table says from where and with which capability; a guard says what else must be
true; the verb's function makes the events. Nothing is changed here: ``evolve`` folds the events,
``consequences`` says what follows.
"""

from __future__ import annotations

from typing import Final

from node.core import commands as cmd
from node.core.case import Case, is_part
from node.core.context import Context
from node.core.decide import (
    asking,
    coordination,
    disputes,
    duty,
    handed,
    intake,
    leaving,
    marks,
    own,
    passing,
    requests,
)
from node.core.decide.guards import GUARDS, Events, Make
from node.core.decide.timing import timer_fired
from node.core.errors import (
    NotPermitted,
    UnknownCase,
    VersionConflict,
    WrongStatus,
)
from node.core.rights import DUTY_VERBS, OWN_VERBS, supervising
from node.core.transitions import COMMANDS, of_part


def decide(case: Case | None, command: cmd.Command, ctx: Context) -> Events:
    """The events of ``command``, at least one; only a timer may mean nothing any more.

    Raises ``Refused``: unknown case, version conflict, wrong status, not permitted, no route,
    invalid.
    """
    if isinstance(command, cmd.TimerFired):
        return () if case is None else timer_fired(case, command, ctx)
    if case is None and not isinstance(command, cmd.OpenCase):
        raise UnknownCase(f"there is no case {command.case_id} here", case_id=command.case_id)
    status = None if case is None else case.status
    if case is not None and command.expected_version not in (None, case.version):
        raise VersionConflict(
            f"the case is at version {case.version}, the command was made for "
            f"{command.expected_version}",
            version=str(case.version),
        )
    verb = type(command).__name__
    row = COMMANDS.get((status, verb))
    if row is None:
        _refuse_supervision(case, verb, ctx)
        raise WrongStatus(
            f"{verb} does not start from {status or 'nothing'}", why="verb" if status else "",
            verb=verb, status=status or "",
        )
    needed = row.capability if ctx.rights is None else ctx.rights.needed(row)
    if case is not None and is_part(case):
        needed = of_part(needed)
    if needed is not None and needed not in ctx.capabilities:
        raise NotPermitted(f"{verb} needs the capability {needed}", why="capability",
                           capability=needed, verb=verb)
    if case is not None and ctx.rights is not None:
        hands = (command.actor, getattr(command, "collector", ""))
        ctx.rights.keep_apart(case, verb, hands)
    for guard in row.guards:
        assert case is not None, "guards look at a case"
        GUARDS[guard](case, command, ctx)
    return _MAKE[type(command)](case, command, ctx)


def _refuse_supervision(case: Case | None, verb: str, ctx: Context) -> None:
    """Filing, checking and closing a case that was handed to us is its filing office's right
    (一级监督): say so, instead of a word about statuses."""
    if case is None or case.duty is None or case.facts is None:
        return
    if verb in DUTY_VERBS or verb not in OWN_VERBS:
        return
    needed = supervising(verb, ctx.rights)
    if needed is not None:
        raise NotPermitted(
            f"{verb} on this case is the right of {case.facts.filing_node}, which filed it; this "
            f"office holds no {needed} for it",
            capability=needed, verb=verb, filing_node=case.facts.filing_node,
            why="filing_office",
        )


_MAKE: Final[Make] = {
    **intake.MAKE,
    **own.MAKE,
    **handed.MAKE,
    **duty.MAKE,
    **asking.MAKE,
    **requests.MAKE,
    **leaving.MAKE,
    **marks.MAKE,
    **coordination.MAKE,
    **disputes.MAKE,
    **passing.MAKE,
}
