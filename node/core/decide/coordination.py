"""Verbs on what no rule solves."""

from __future__ import annotations

from typing import Final

from node.core import commands as cmd
from node.core import events as ev
from node.core.case import Case
from node.core.context import Context
from node.core.coordination import Coordination
from node.core.decide.guards import Events, Make, in_words
from node.core.errors import Invalid, WrongStatus
from node.core.fund import AMOUNT_FEN_MAX, REPAIRS_KEPT_MAX


def _mark_no_owner(case: Case, command: cmd.MarkNoOwner, ctx: Context) -> Events:  # noqa: ARG001
    text = in_words(command.text, of="text")
    return (ev.NoOwnerMarked(at=ctx.now, text=text, by=command.actor),)


def _ask(case: Case, command: cmd.AskCoordination, ctx: Context) -> Events:
    rules = ctx.coordination
    ours = rules is not None and command.level in rules.decides
    return (
        ev.CoordinationAsked(
            at=ctx.now,
            coordination_id=command.coordination_id,
            level=in_words(command.level, of="level"),
            kind=command.kind,
            text=in_words(command.text, of="text"),
            asker=command.actor,
            size=command.size,
            upward=case.duty is not None and not ours,
            problem_id=command.problem_id,
        ),
    )


def _decide(case: Case, command: cmd.DecideCoordination, ctx: Context) -> Events:
    asked = _asked(case, command.coordination_id)
    if asked.problem_id != command.problem_id:
        raise WrongStatus(
            f"it is part of the joint problem {asked.problem_id}: decide that, or take it out"
            if asked.problem_id
            else "it is not, or no longer, part of that joint problem",
            why="joined" if asked.problem_id else "not_joined",
            status=case.status,
            problem_id=asked.problem_id,
        )
    lead = in_words(command.lead, of="lead")
    assistants = tuple(in_words(one, of="assistants") for one in command.assistants)
    if lead in assistants or len(set(assistants)) != len(assistants):
        raise Invalid(
            "whoever leads does not assist, and nobody assists twice", field="assistants",
            why="leads",
        )
    return (
        ev.CoordinationDecided(
            at=ctx.now,
            coordination_id=command.coordination_id,
            lead=lead,
            assistants=assistants,
            decider=command.actor,
            text=in_words(command.text, of="text"),
            problem_id=command.problem_id,
        ),
    )


def _asked(case: Case, coordination_id: str) -> Coordination:
    """One that a guard has found to be here."""
    return next(one for one in case.coordinations if one.coordination_id == coordination_id)


def _join(case: Case, command: cmd.JoinProblem, ctx: Context) -> Events:
    asked = _asked(case, command.coordination_id)
    if asked.problem_id:
        raise WrongStatus(
            f"it is part of the joint problem {asked.problem_id} already", why="joined",
            status=case.status, problem_id=asked.problem_id,
        )
    return (
        ev.ProblemJoined(
            at=ctx.now,
            coordination_id=command.coordination_id,
            problem_id=in_words(command.problem_id, of="problem_id"),
            text=command.text,
            by=command.actor,
        ),
    )


def _leave(case: Case, command: cmd.LeaveProblem, ctx: Context) -> Events:
    asked = _asked(case, command.coordination_id)
    if not asked.problem_id:
        raise WrongStatus("it is part of no joint problem", why="not_joined", status=case.status)
    return (
        ev.ProblemLeft(
            at=ctx.now,
            coordination_id=command.coordination_id,
            problem_id=asked.problem_id,
            text=in_words(command.text, of="text"),
            by=command.actor,
        ),
    )


def _amount(fen: int, *, of: str) -> int:
    if not 0 < fen <= AMOUNT_FEN_MAX:
        raise Invalid(
            f"{of} is an amount in fen, from 1 to {AMOUNT_FEN_MAX}", field=of, why="amount"
        )
    return fen


def _record_repair(case: Case, command: cmd.RecordProxyRepair, ctx: Context) -> Events:
    if any(one.repair_id == command.repair_id for one in case.repairs):
        raise Invalid(
            "this repair was recorded before", repair_id=command.repair_id, why="repair_known"
        )
    if len(case.repairs) >= REPAIRS_KEPT_MAX:
        raise Invalid(f"this case has {REPAIRS_KEPT_MAX} repairs by proxy", code="fund.too_many")
    performer = in_words(command.performer, of="performer")
    return (
        ev.ProxyRepairRecorded(
            at=ctx.now,
            repair_id=command.repair_id,
            performer=performer,
            payer=command.payer.strip(),
            cost_fen=_amount(command.cost_fen, of="cost_fen"),
            photos=command.photos,
            text=command.text,
        ),
    )


def _record_recovery(case: Case, command: cmd.RecordRecovery, ctx: Context) -> Events:  # noqa: ARG001
    return (
        ev.CostRecovered(
            at=ctx.now,
            repair_id=command.repair_id,
            amount_fen=_amount(command.amount_fen, of="amount_fen"),
            payer=in_words(command.payer, of="payer"),
            text=command.text,
        ),
    )


MAKE: Final[Make] = {
    cmd.MarkNoOwner: _mark_no_owner,
    cmd.AskCoordination: _ask,
    cmd.DecideCoordination: _decide,
    cmd.JoinProblem: _join,
    cmd.LeaveProblem: _leave,
    cmd.RecordProxyRepair: _record_repair,
    cmd.RecordRecovery: _record_recovery,
}
