"""Verbs of a contest: the unit says that it is not its case, works on, and is answered aside."""

from __future__ import annotations

from typing import Final

from node.core import commands as cmd
from node.core import events as ev
from node.core.case import Case
from node.core.context import Context
from node.core.coordination import DISPUTES_KEPT_MAX, Dispute
from node.core.decide.guards import Events, Make, in_words
from node.core.errors import Invalid, WrongStatus
from node.core.facts import Rank, RequestKind


def _raise(case: Case, command: cmd.RaiseDispute, ctx: Context) -> Events:
    if any(one.assignment_id is None and one.upheld is None for one in case.disputes):
        raise WrongStatus(
            "our earlier contest waits for its decision", status=case.status, why="contested"
        )
    if len(case.disputes) >= DISPUTES_KEPT_MAX:
        raise Invalid(f"this case was contested {DISPUTES_KEPT_MAX} times", code="dispute.too_many")
    if ctx.ladders is not None:
        ctx.ladders.reasons.check(RequestKind.DISPUTE.value, command.reason_code, command.text)
    return (
        ev.RequestRaised(
            at=ctx.now,
            request_id=command.dispute_id,
            kind=RequestKind.DISPUTE,
            reason_code=in_words(command.reason_code, of="reason_code"),
            asker=command.actor,
            text=in_words(command.text, of="text"),
        ),
    )


def _decide(case: Case, command: cmd.DecideDispute, ctx: Context) -> Events:
    dispute = _open(case, command)
    one = next(
        (
            one
            for one in (case.live, *reversed(case.past))
            if one is not None and one.assignment_id == dispute.assignment_id
        ),
        None,
    )
    if one is None:
        raise Invalid("whom it was handed to then is no longer known here", code="dispute.too_old")
    return (
        ev.RequestDecided(
            at=ctx.now,
            assignment_id=one.assignment_id,
            generation=one.generation,
            request_id=dispute.dispute_id,
            kind=RequestKind.DISPUTE,
            granted=command.upheld,
            decider=command.actor,
            text=in_words(command.text, of="text"),
        ),
    )


def _open(case: Case, command: cmd.DecideDispute) -> Dispute:
    for one in case.disputes:
        if one.dispute_id == command.dispute_id and one.upheld is None:
            if one.assignment_id is not None:
                return one
            raise WrongStatus(
                "our assignor decides what we contest", status=case.status, why="decided_above"
            )
    raise WrongStatus(
        "there is no such open contest", dispute_id=command.dispute_id, why="no_contest"
    )


def refuse_giving_back(case: Case, ctx: Context) -> None:
    """An emergency of public works stays with whoever has it until it is handled; whose it is, is
    settled beside it."""
    holder = case.live.rank if case.live is not None else None
    if case.facts is None or ctx.coordination is None or holder is Rank.DONE:
        return
    if ctx.coordination.acts_first(case.facts):
        raise WrongStatus(
            "an emergency of public works is handled first: contest it by a dispute, which runs "
            "beside the handling",
            code="case.act_first",
            status=case.status,
        )


MAKE: Final[Make] = {
    cmd.RaiseDispute: _raise,
    cmd.DecideDispute: _decide,
}
