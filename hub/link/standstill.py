"""When a link must not go on: faults said and heard, standing still, pauses.

Without proof a peer can stop its own link, nothing else. Proof is something under our own seal
that we did not make; then this whole node may be the wrong copy, and a person is told so.
"""

from __future__ import annotations

from dataclasses import replace

from hub.envelope import Opened
from hub.link import contacts, recovery
from hub.link import messages as msg
from hub.link import receiver as rx
from hub.link.checkpoint import LinkState, Recovery
from hub.link.steps import Alarm, Count, Stop, Ticket, Write
from hub.link.turn import Turn


def stop(turn: Turn, to: LinkState, reason: str, *, proof: Opened | None = None) -> None:
    """Stand still until a person acts. ``proof``: an envelope under our own seal; whether we
    hold it is known when the stop is committed."""
    turn.do(
        Write(operation=Stop(state=to, reason=reason, proof=proof), ticket=Ticket("stop")),
        Alarm(code=reason.split(":", 1)[0], detail=reason),
    )
    turn.set(mark=replace(turn.s.mark, state=to, reason=reason))
    stand_still(turn, reason)


def stand_still(turn: Turn, why: str) -> None:
    """The link may not flow any more: no contact is spoken on, what was held is let go."""
    if turn.s.contact:
        contacts.drop(turn, why)
    turn.receiving(rx.stopped(turn.s.rcv))


def copy_proven(turn: Turn) -> None:
    """Something under our own seal that we did not make: we may not be the only copy."""
    turn.do(Alarm(code="copy.proven", detail="another copy of this node spoke"))


def refuse(turn: Turn, code: str, detail: str) -> None:
    """Say why, then drop: the next Hello starts cleanly. What only a change can heal is said
    to a person too, and waits."""
    patient = code in ("UNKNOWN_KEY", "INCOMPATIBLE")
    if patient:
        turn.do(Alarm(code=f"link.{code.lower()}", detail=detail))
    turn.say(
        msg.Fault(
            code=code, detail=detail, inn=turn.s.rcv.inn, in_head=turn.s.rcv.in_head
        )
    )
    contacts.drop(turn, f"{code}: {detail}", slow=patient)


def got_fault(
    turn: Turn, contact: int, fault: msg.Fault, own: msg.Hello | Opened | None
) -> None:
    """The peer says why it does not go on. ``own``: its proof, if that is under our seal."""
    if contact != turn.s.contact:
        return
    turn.do(Count(metric="faults", label=fault.code))
    detail = fault.detail or fault.code
    foreign = isinstance(own, msg.Hello) and _another_copy(turn, own)
    if foreign:
        copy_proven(turn)
    if turn.s.mark.recovers:
        # Whatever stands between us is what the recovery is for.
        if fault.code == "CUT_MOVED" and turn.s.mark.recovery is Recovery.OPENED:
            recovery.refused(turn)
        else:
            contacts.drop(turn, f"{fault.code}: {detail}")
        return
    match fault.code:
        case "FENCED":
            if foreign or fault.inn.epoch > turn.s.mark.out.epoch:
                stop(
                    turn,
                    LinkState.FENCED,
                    f"link.fenced: the peer knows a newer copy of this node ({detail}). "
                    "Switch this copy off, or recover it.",
                )
                return
            # It answers an older Hello of ours, or what an older copy left in a mailbox.
            contacts.drop(turn, "the peer answered something older than we are")
        case "FORK":
            stop(
                turn,
                LinkState.QUARANTINED,
                f"link.fork: the peer reports a fork ({detail})",
                proof=own if isinstance(own, Opened) else None,
            )
        case "TWIN":
            stop(
                turn,
                LinkState.QUARANTINED,
                f"link.twin: two running copies of one node speak on this link ({detail})",
            )
        case "CUT_MOVED":
            stop(
                turn,
                LinkState.RECOVERING,
                f"link.cut_moved: the peer refused our new epoch ({detail})",
            )
        case "INCOMPATIBLE" | "UNKNOWN_KEY":
            turn.do(Alarm(code=f"link.{fault.code.lower()}", detail=detail))
            contacts.drop(turn, f"{fault.code}: {detail}", slow=True)
        case _:
            contacts.drop(turn, f"{fault.code}: {detail}")


def _another_copy(turn: Turn, own: msg.Hello) -> bool:
    """A Hello under our seal by a holder that is neither this process nor one before it."""
    mark = turn.s.mark
    return own.holder_no >= mark.holder_no and own.holder_id != mark.holder_id


def steered(turn: Turn, paused: bool) -> None:
    """A person pauses or resumes the link."""
    turn.set(mark=replace(turn.s.mark, paused=paused), retry_n=0)
    if paused:
        if turn.s.contact:
            turn.say(msg.Fault(code="GOODBYE", detail="link.paused: paused by a person"))
            contacts.drop(turn, "link.paused: paused by a person")
    else:
        turn.set(retry_at=turn.now.mono)
