"""Answers to our requests: each ticket's result, or its failure, to the part that asked."""

from __future__ import annotations

from dataclasses import replace

from hub.link import (
    acks,
    contacts,
    greeting,
    incoming,
    outgoing,
    reconcile,
    recovery,
    sender,
    sequencer,
    standstill,
)
from hub.link import receiver as rx
from hub.link.checkpoint import FLOWING, Checkpoint, LinkState
from hub.link.steps import (
    Accepted,
    Acked,
    Alarm,
    ComparedCounts,
    Digested,
    EchoTaken,
    Failed,
    Judged,
    Ticket,
    Verified,
)
from hub.link.turn import Phase, Turn, may_dial

STOPPED = "link.stopped"
"""What an operation says that found the link standing still."""


def done(turn: Turn, ticket: Ticket, result: object) -> None:
    match ticket.kind:
        case "survey":
            assert isinstance(result, Checkpoint)
            if ticket.n == turn.s.contact and turn.s.phase is Phase.GREETING:
                turn.set(mark=result)
                if may_dial(turn.s):
                    greeting.say_hello(turn)
                else:
                    standstill.stand_still(turn, result.reason)
        case "greet":
            assert isinstance(result, Judged)
            greeting.judged(turn, ticket.n, result)
        case "plan":
            turn.sequencing(
                sequencer.planned(
                    turn.s.seq, result, in_contact=turn.up()  # type: ignore[arg-type]
                )
            )
        case "seal":
            turn.sequencing(
                sequencer.sealed(
                    turn.s.seq, result, in_contact=turn.up()  # type: ignore[arg-type]
                )
            )
        case "number":
            seq, ready = sequencer.numbered(turn.s.seq)
            turn.set(
                seq=seq,
                snd=sender.offered(turn.s.snd, ready, turn.now.mono),
                backlog=max(0, turn.s.backlog - len(ready)),
                mark=replace(turn.s.mark, out=seq.out, out_head=seq.head),
            )
        case "load":
            outgoing.loaded(turn, ticket.n, result)  # type: ignore[arg-type]
        case "verify":
            assert isinstance(result, Verified)
            incoming.verified(turn, result)
        case "accept":
            assert isinstance(result, Accepted)
            incoming.accepted(turn, ticket.n, result)
        case "ack":
            assert isinstance(result, Acked)
            outgoing.acked(turn, result)
        case "own":
            assert isinstance(result, Digested)
            turn.reconciling(reconcile.own(turn.s.rec, result, turn.now.mono))
        case "echo_page":
            recovery.answer(turn, ticket.n, result)  # type: ignore[arg-type]
        case "echo_verify":
            assert isinstance(result, Verified)
            recovery.verified(turn, result)
        case "echo_take":
            assert isinstance(result, EchoTaken)
            recovery.taken(turn, result)
        case "echo_settle" | "echo_lift" | "echo_burn":
            assert isinstance(result, Checkpoint)
            recovery.moved(turn, result)
        case "echo_start":
            recovery.starting(turn, result)  # type: ignore[arg-type]
        case "stop":
            if result is True:
                standstill.copy_proven(turn)
        case "repair":
            assert isinstance(result, int)
            turn.reconciling(reconcile.repaired(turn.s.rec, result, turn.now.mono))
        case "tell" | "compare":
            assert isinstance(result, Digested | ComparedCounts)
            turn.reconciling(reconcile.answered(turn.s.rec, ticket.n, result))
        case _:
            pass


def failed(turn: Turn, given: Failed) -> None:
    """Nothing of it happened. Fenced at home: another process runs this link now."""
    if given.fenced:
        reason = "link.taken: another process of this node runs this link"
        turn.set(mark=replace(turn.s.mark, state=LinkState.FENCED, reason=reason))
        turn.do(Alarm(code="link.taken", detail=reason))
    match given.ticket.kind:
        case "plan" | "seal" | "number":
            turn.set(seq=sequencer.failed(turn.s.seq))
            contacts.drop(turn, f"{given.code}: numbering failed")
        case "load":
            contacts.drop(turn, f"{given.code}: reading what to resend failed")
            turn.set(snd=sender.load_failed(turn.s.snd, round_=given.ticket.n))
        case "verify":
            turn.receiving(rx.drop_head(replace(turn.s.rcv, verifying=False)))
        case "accept":
            if turn.s.mark.state not in FLOWING or given.code == STOPPED:
                turn.receiving(rx.forgotten(turn.s.rcv, given.ticket.n))
                contacts.drop(turn, given.code)
            else:
                turn.receiving(
                    rx.not_accepted(turn.s.rcv, given.ticket.n, turn.now.mono)
                )
                acks.ack(turn)
        case "ack":
            snd, actions = sender.ack_failed(turn.s.snd)
            turn.set(snd=snd)
            turn.do(*actions)
        case "survey" | "greet":
            if given.ticket.n == turn.s.contact:
                contacts.drop(turn, f"{given.code}: the hello could not be judged")
        case "echo_verify" | "echo_take" | "echo_settle" | "echo_lift" | "echo_burn" | "echo_start":
            recovery.failed(turn)
        case "own" | "repair":
            turn.reconciling(reconcile.end(turn.s.rec, given.code))
        case "tell" | "compare":
            turn.reconciling(reconcile.answered(turn.s.rec, given.ticket.n, None))
        case _:
            pass
    if given.fenced:
        standstill.stand_still(turn, "link.taken")
