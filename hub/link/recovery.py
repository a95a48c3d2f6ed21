"""A contact for recovery: one end lost history and fetches its own words back from the other.

The end that is being recovered pulls page after page and takes nothing else; the other end answers
from its inbox and sends nothing of its own. When a person has confirmed, the recovering end says
the start of its new epoch on such a contact, since the other may stand still; once that is taken,
the contact ends and an ordinary Hello follows.

Both ends may be in recovery at once: then each pulls, and each answers.
"""

from __future__ import annotations

from dataclasses import replace

from hub.envelope import FRAME_BYTES_MAX, FRAME_ENVELOPES_MAX
from hub.ids import Position
from hub.link import contacts
from hub.link import messages as msg
from hub.link.checkpoint import Checkpoint, Recovery
from hub.link.recoverer import BEFORE_ALL, Recoverer
from hub.link.steps import (
    Alarm,
    BurnEpoch,
    EchoTaken,
    Finish,
    Judged,
    LiftRecovery,
    Load,
    Read,
    ReadEcho,
    Ready,
    SettleEcho,
    TakeEcho,
    Ticket,
    Verified,
    Verify,
    Write,
)
from hub.link.turn import SECOND, Phase, Turn

PAGE_US = 5 * SECOND
"""Patience for one page, or for the acknowledgement of our new epoch, before asking again."""
VERIFY, TAKE, SETTLE = Ticket("echo_verify"), Ticket("echo_take"), Ticket("echo_settle")
START, LIFT, BURN = Ticket("echo_start"), Ticket("echo_lift"), Ticket("echo_burn")


def met(turn: Turn, contact: int, result: Judged) -> None:
    """A Hello was judged to open a contact for recovery."""
    hello = result.hello
    if turn.s.contact and turn.s.contact != contact:
        contacts.end(turn, turn.s.contact, "replaced by a newer contact")
    turn.set(
        phase=Phase.ECHO, contact=contact, kind=dict(turn.s.contacts)[contact],
        since=turn.now.mono, greeted=hello.signed, heard_at=turn.now.mono,
        rcy=Recoverer(plan=result.echo, answers=turn.s.rcy.answers),
        rcv=replace(turn.s.rcv, lifting=hello.signed if hello.recovering else b""),
    )
    if hello.recovering:
        # It closes and opens its doors between its steps, and waits for us each time.
        turn.set(retry_n=0, tries=0)


def proceed(turn: Turn) -> None:
    """After both Hellos: ask for the first page, settle, or say the new epoch."""
    plan = turn.s.rcy.plan
    if plan is None:
        return
    recovery = turn.s.mark.recovery
    if recovery is Recovery.OPENED:
        if plan.lifted:
            _write(turn, LIFT, LiftRecovery())
        else:
            _say_start(turn)
    elif recovery is Recovery.ECHO and plan.complete:
        _write(turn, SETTLE, SettleEcho())
    elif recovery is Recovery.ECHO:
        _pull(turn, plan.after)


def got_pull(turn: Turn, pull: msg.Pull) -> None:
    """The peer asks for its own words."""
    n = turn.s.rcy.answers + 1
    turn.set(rcy=replace(turn.s.rcy, answers=n))
    page = ReadEcho(after=pull.after, limit=FRAME_ENVELOPES_MAX, bytes_max=FRAME_BYTES_MAX)
    turn.do(Read(operation=page, ticket=Ticket("echo_page", n)))


def answer(turn: Turn, n: int, rows: tuple[Ready, ...]) -> None:
    """Say a page of the peer's own words; an empty one says that there is nothing more."""
    if turn.s.phase is not Phase.ECHO or n != turn.s.rcy.answers:
        return
    frame = msg.Frame(
        link=turn.s.link, origin=turn.s.peer, envelopes=tuple(row.sealed for row in rows)
    )
    # Asked for again, the same page is said again: no carrier may take it for a double.
    turn.say(frame, name=f"echo:{turn.s.mark.holder_no}.{turn.now.mono}.{n}")


def got_echo(turn: Turn, token: int, frame: msg.Frame) -> None:
    """A frame of our own words: taken only while we wait for one."""
    turn.do(Finish(token=token))
    rcy = turn.s.rcy
    if turn.s.phase is not Phase.ECHO or rcy.plan is None or rcy.busy or not rcy.asked_at:
        return
    if frame.link != turn.s.link:
        return
    if frame.envelopes:
        turn.set(rcy=replace(rcy, busy=True, asked_at=0))
        turn.do(Verify(frame=frame, ticket=VERIFY))
    elif rcy.everything:
        _write(turn, SETTLE, SettleEcho(bare=True))
    else:
        _ask_for_everything(turn)


def verified(turn: Turn, result: Verified) -> None:
    """Our own seals hold, or somebody shows us words that we never said."""
    rcy = turn.s.rcy
    if turn.s.phase is not Phase.ECHO or rcy.plan is None:
        return
    turn.set(rcy=replace(rcy, busy=False))
    if result.flaw is not None:
        turn.do(Alarm(code="recovery.unsealed", detail=result.detail))
        contacts.drop(turn, f"an echo is not under our own seal: {result.detail}", slow=True)
        return
    _write(turn, TAKE, TakeEcho(envelopes=result.envelopes, oldest=rcy.oldest))


def taken(turn: Turn, result: EchoTaken) -> None:
    """A page is committed: ask for the next one, or settle."""
    rcy = turn.s.rcy
    if turn.s.phase is not Phase.ECHO or rcy.plan is None:
        return
    turn.set(rcy=replace(rcy, busy=False, oldest=rcy.oldest and not result.joins))
    if not result.joins:
        if rcy.everything:
            contacts.drop(turn, "the echo does not join on")
        else:
            _ask_for_everything(turn)
    elif result.at >= rcy.plan.upto:
        _write(turn, SETTLE, SettleEcho())
    else:
        _pull(turn, result.at)


def moved(turn: Turn, mark: Checkpoint) -> None:
    """A step of the recovery is committed."""
    turn.set(mark=mark, rcy=replace(turn.s.rcy, busy=False))
    if turn.s.phase is not Phase.ECHO:
        return
    if not mark.recovers or mark.recovery is Recovery.ECHO:
        # Begin anew with an ordinary Hello, or with one that says where we stand now.
        contacts.drop(turn, "the recovery of this link went on")
        if turn.s.dials:
            turn.set(retry_at=turn.now.mono)


def starting(turn: Turn, rows: tuple[Ready, ...]) -> None:
    """The start of our new epoch, read from the outbox: say it."""
    turn.set(rcy=replace(turn.s.rcy, busy=False))
    if turn.s.phase is not Phase.ECHO or not rows:
        return
    frame = msg.Frame(link=turn.s.link, origin=turn.s.me, envelopes=(rows[0].sealed,))
    name = f"start:{turn.s.mark.holder_no}.{turn.now.mono}"
    turn.say(frame, name=name)


def got_ack(turn: Turn, ack: msg.Ack) -> None:
    """Heard while the link is in recovery: of interest only if the peer took our new epoch."""
    rcy = turn.s.rcy
    if turn.s.mark.recovery is not Recovery.OPENED or rcy.plan is None or rcy.busy:
        return
    if (ack.inn, ack.in_head) == (turn.s.mark.out, turn.s.mark.out_head):
        _write(turn, LIFT, LiftRecovery())


def refused(turn: Turn) -> None:
    """The peer stands elsewhere than where we cut: fetch again, under a later number."""
    _write(turn, BURN, BurnEpoch())


def failed(turn: Turn) -> None:
    """Nothing of it happened; the next look asks again."""
    rcy = turn.s.rcy
    turn.set(rcy=replace(rcy, busy=False, asked_at=rcy.asked_at or turn.now.mono))


def on_time(turn: Turn) -> None:
    """Ask again for a page, or say the new epoch again, if nothing came of it."""
    rcy = turn.s.rcy
    if rcy.plan is None or rcy.busy or not rcy.asked_at:
        return
    if turn.now.mono - rcy.asked_at < PAGE_US:
        return
    if turn.s.mark.recovery is Recovery.OPENED:
        _say_start(turn)
    elif turn.s.mark.recovery is Recovery.ECHO:
        _pull(turn, rcy.after)
    else:
        turn.set(rcy=replace(rcy, asked_at=0))


def due(rcy: Recoverer) -> int | None:
    """When ``on_time`` wants to be called."""
    if rcy.plan is None or rcy.busy or not rcy.asked_at:
        return None
    return rcy.asked_at + PAGE_US


def _pull(turn: Turn, after: Position) -> None:
    turn.set(rcy=replace(turn.s.rcy, after=after, asked_at=turn.now.mono))
    turn.say(msg.Pull(after=after, echo=True))


def _ask_for_everything(turn: Turn) -> None:
    """What we have is not on the peer's trunk, or ends before it begins."""
    turn.set(rcy=replace(turn.s.rcy, oldest=True, everything=True))
    _pull(turn, BEFORE_ALL)


def _say_start(turn: Turn) -> None:
    turn.set(rcy=replace(turn.s.rcy, busy=True, asked_at=turn.now.mono))
    load = Load(after=turn.s.mark.acked, limit=1, bytes_max=FRAME_BYTES_MAX)
    turn.do(Read(operation=load, ticket=START))


def _write(
    turn: Turn, ticket: Ticket, operation: TakeEcho | SettleEcho | LiftRecovery | BurnEpoch
) -> None:
    turn.set(rcy=replace(turn.s.rcy, busy=True, asked_at=0))
    turn.do(Write(operation=operation, ticket=ticket))
