"""What comes in: each message to its part, frames through verification into the inbox.

Frames are taken from any carrier at any time; everything else only on the contact that is up, but
for a Hello, a Fault and a roster.
"""

from __future__ import annotations

from dataclasses import replace

from hub.link import acks, greeting, outgoing, reconcile, recovery, renewing, standstill
from hub.link import messages as msg
from hub.link import receiver as rx
from hub.link.checkpoint import FLOWING, LinkState
from hub.link.steps import (
    Accepted,
    Alarm,
    Count,
    Finish,
    Flaw,
    Got,
    Keep,
    Say,
    Taken,
    Ticket,
    Verified,
    Write,
)
from hub.link.turn import Phase, Turn


def got(turn: Turn, given: Got) -> None:
    message = given.message
    if isinstance(message, msg.Frame):
        if given.contact == turn.s.contact:
            turn.set(heard_at=turn.now.mono)
        if message.origin == turn.s.me:
            recovery.got_echo(turn, given.token, message)
        else:
            frame(turn, given.token, message)
        return
    if isinstance(message, msg.Hello):
        greeting.got_hello(turn, given.contact, message)
        return
    if isinstance(message, msg.Fault):
        if given.contact in dict(turn.s.contacts):
            standstill.got_fault(turn, given.contact, message, given.own)
        return
    if isinstance(message, msg.RosterOffer):
        # Also before the Hello is judged: perhaps it can only be read with this roster.
        if given.contact in dict(turn.s.contacts):
            greeting.got_roster(turn, given.contact, message)
        return
    if given.contact == turn.s.contact and turn.s.phase is Phase.ECHO:
        turn.set(heard_at=turn.now.mono)
        if isinstance(message, msg.Pull) and message.echo:
            recovery.got_pull(turn, message)
        elif isinstance(message, msg.Ack):
            recovery.got_ack(turn, message)
        return
    if given.contact != turn.s.contact or turn.s.phase is not Phase.UP:
        if not turn.s.dials and isinstance(message, msg.Ack):
            # A child that believes in a contact we do not know: it shall say Hello.
            turn.do(
                Say(contact=given.contact, message=msg.Fault(code="GOODBYE", detail="hello?"))
            )
        return
    turn.set(heard_at=turn.now.mono)
    match message:
        case msg.Ack():
            acks.got_ack(turn, message)
        case msg.Pull():
            outgoing.got_pull(turn, message)
        case msg.Claims():
            greeting.got_claims(turn, message)
        case msg.Renew():
            renewing.got(turn, message)
        case msg.DigestAsk() | msg.List():
            turn.reconciling(reconcile.asked(turn.s.rec, message))
        case msg.Tell():
            turn.reconciling(reconcile.told(turn.s.rec, message))
        case msg.Result():
            turn.reconciling(reconcile.resulted(turn.s.rec, message, turn.now.mono))


def frame(turn: Turn, token: int, frame: msg.Frame) -> None:
    if not _takes(turn) or turn.s.mark.paused:
        turn.do(Finish(token=token))
        return
    if frame.link != turn.s.link or frame.origin != turn.s.peer or not frame.envelopes:
        turn.do(
            Write(
                operation=Keep(code="MALFORMED", evidence=frame.envelopes),
                ticket=Ticket("keep"),
            ),
            Finish(token=token),
        )
        standstill.refuse(turn, "MALFORMED", "a frame of another link or origin")
        return
    turn.receiving(rx.arrived(turn.s.rcv, token, frame))


def _takes(turn: Turn) -> bool:
    """Whether frames are looked at: the link may flow, or the peer is being recovered and may
    start its new epoch."""
    return turn.s.mark.state in FLOWING or bool(turn.s.rcv.lifting)


def verified(turn: Turn, result: Verified) -> None:
    if not _takes(turn):
        turn.receiving(rx.drop_head(replace(turn.s.rcv, verifying=False)))
        return
    turn.receiving(rx.verified(turn.s.rcv, result, offset_ms=turn.offset_ms()))
    if result.flaw is None:
        return
    turn.do(Count(metric="seal_failures", label=result.flaw.value))
    if result.flaw is Flaw.UNKNOWN_KEY:
        rcv = rx.wait_for_key(turn.s.rcv, turn.now.mono)
        if turn.now.mono - rcv.key_since < rx.KEY_PATIENCE_US:
            turn.set(rcv=rcv)
            turn.say(msg.RosterOffer(want_serial=turn.s.roster_serial + 1))
            return
        turn.receiving(rx.drop_head(replace(rcv, key_retry=0)))
        standstill.refuse(turn, "UNKNOWN_KEY", result.detail)
        return
    if result.flaw is Flaw.INCOMPATIBLE:
        # Sound, but of a layout from the future: it comes again when this node is upgraded.
        turn.receiving(rx.drop_head(turn.s.rcv))
        standstill.refuse(turn, result.flaw.value, result.detail)
        return
    turn.do(
        Write(
            operation=Keep(code=result.flaw.value, evidence=(result.flawed,)),
            ticket=Ticket("keep"),
        )
    )
    struck = result.flaw is Flaw.UNSEALED and result.flawed != turn.s.rcv.broken
    strikes = turn.s.rcv.strikes + struck
    if struck:
        turn.set(rcv=replace(turn.s.rcv, strikes=strikes, broken=result.flawed))
    turn.receiving(rx.drop_head(turn.s.rcv))
    if struck and strikes >= rx.STRIKES_MAX:
        turn.say(msg.Fault(code="UNSEALED", detail=result.detail))
        after = turn.s.rcv.inn
        standstill.stop(
            turn,
            LinkState.QUARANTINED,
            f"link.unsealed: what follows {after} came broken {strikes} times "
            f"({result.detail}); look at the quarantine, then release the link",
        )
        return
    standstill.refuse(turn, result.flaw.value, result.detail)


def accepted(turn: Turn, n: int, result: Accepted) -> None:
    before = turn.s.rcv.inn
    turn.receiving(rx.accepted(turn.s.rcv, n, result, turn.now.mono))
    turn.set(mark=replace(turn.s.mark, inn=turn.s.rcv.inn, in_head=turn.s.rcv.in_head))
    if result.fresh:
        turn.set(committed_wall=turn.now.wall)
    if result.started:
        _new_epoch(turn)
    for outcome, count in result.outcomes:
        turn.do(Count(metric="envelopes_in", n=count, label=outcome))
    match result.taken:
        case Taken.FORK:
            turn.do(Count(metric="chain_failures"))
            turn.say(msg.Fault(code="FORK", detail=f"at {result.inn}", proof=result.proof))
            reason = (
                f"link.fork: the peer sealed two envelopes for one position near {result.inn};"
                " both are kept in quarantine. Decide with the peer which copy shall live."
            )
            turn.set(
                mark=replace(turn.s.mark, state=LinkState.QUARANTINED, reason=reason)
            )
            turn.do(Alarm(code="link.fork", detail=reason))
            standstill.stand_still(turn, reason)
            return
        case Taken.CUT_MOVED:
            standstill.refuse(turn, "CUT_MOVED", f"we stand at {result.inn}")
            return
        case Taken.MALFORMED:
            standstill.refuse(turn, "MALFORMED", "an envelope of another link")
            return
        case Taken.LEFTOVER:
            turn.do(Count(metric="leftovers"))
            if turn.s.phase is Phase.UP and turn.s.peer_out.epoch < result.inn.epoch:
                standstill.refuse(turn, "FENCED", f"an epoch below {result.inn.epoch}")
                return
            # Whoever speaks to us now is the living copy: it is not to blame for the mailbox.
        case Taken.WHOLE | Taken.GAP:
            pass
    if turn.s.rcv.inn > before and turn.s.rcv.held:
        turn.receiving(rx.try_held(turn.s.rcv, offset_ms=turn.offset_ms()))
    if result.taken in (Taken.WHOLE, Taken.LEFTOVER):
        acks.ack(turn)


def _new_epoch(turn: Turn) -> None:
    """The peer has been recovered: we may flow again, and both sides are compared as a whole."""
    mark = turn.s.mark
    if turn.s.rcv.lifting and mark.state not in FLOWING and not mark.recovers:
        turn.set(mark=replace(mark, state=LinkState.DOWN, reason="link.peer_recovered"))
    if not mark.peer_is_parent:
        waiting = {scope for scope, _ in turn.s.scopes}
        fresh = tuple((one, b"") for one in reconcile.SCOPES if one not in waiting)
        turn.set(scopes=(*turn.s.scopes, *fresh))
