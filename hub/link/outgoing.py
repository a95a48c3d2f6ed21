"""What goes out: numbers where there is room, frames where there is credit, resends after a Hello
or a Pull, and what a committed Ack moves."""

from __future__ import annotations

from dataclasses import replace

from hub.link import contacts, sender, sequencer, standstill
from hub.link import messages as msg
from hub.link.checkpoint import LinkState
from hub.link.steps import Acked, Alarm, Count, Ready
from hub.link.turn import SECOND, Turn


def flow(turn: Turn) -> None:
    """Number and send what may go now."""
    if not turn.up():
        return
    turn.sequencing(sequencer.start(turn.s.seq, unacked=turn.s.snd.unacked))
    snd, batches, actions = sender.send(turn.s.snd, turn.now.mono)
    turn.set(snd=snd)
    turn.do(*actions)
    for batch in batches:
        frame = msg.Frame(
            link=turn.s.link,
            origin=turn.s.me,
            envelopes=tuple(row.sealed for row in batch.rows),
        )
        # A carrier may drop a doubled publish, but never a resend: what was published on an
        # earlier contact may have been finished at the peer without being committed.
        attempt = f"{turn.s.mark.holder_no}.{turn.s.snd.round}"
        turn.say(frame, name=f"{attempt}:{batch.name}")


def got_pull(turn: Turn, pull: msg.Pull) -> None:
    if pull.echo:
        return
    if pull.after < turn.s.snd.acked:
        contacts.drop(turn, "the peer asks for words it had acknowledged")
    elif pull.after <= turn.s.snd.out:
        turn.set(snd=sender.rewind(turn.s.snd, pull.after))


def loaded(turn: Turn, round_: int, rows: tuple[Ready, ...]) -> None:
    """Rows for a resend; none although there should be some means that history is gone."""
    current = round_ == turn.s.snd.round and turn.up()
    turn.set(snd=sender.loaded(turn.s.snd, rows, round_=round_, now=turn.now.mono))
    if current and not rows and turn.s.snd.sent < turn.s.snd.out:
        standstill.stop(
            turn,
            LinkState.RECOVERING,
            f"link.history_gone: what follows {turn.s.snd.sent} is not kept here any more, and "
            "the peer needs it; the link needs a new epoch.",
        )


def acked(turn: Turn, result: Acked) -> None:
    snd, actions = sender.acked(turn.s.snd, result, turn.now.mono)
    turn.set(snd=snd, mark=replace(turn.s.mark, acked=snd.acked))
    turn.do(*actions)
    if result.stopped is not None:
        turn.set(mark=replace(turn.s.mark, state=result.stopped, reason=result.reason))
        code = result.reason.split(":", 1)[0]
        turn.do(Alarm(code=code, detail=result.reason))
        fork = result.stopped is LinkState.QUARANTINED
        if fork:
            turn.do(Count(metric="chain_failures"))
        turn.say(msg.Fault(code="FORK" if fork else "GOODBYE", detail=result.reason))
        standstill.stand_still(turn, result.reason)
    elif result.count:
        turn.set(retry_n=0, tries=0)
        turn.do(Count(metric="envelopes_out", n=result.count, label="ACKED"))
        if snd.rtt_us:
            turn.do(Count(metric="frame_rtt", n=snd.rtt_us / SECOND))
        if turn.s.failover is not None:
            turn.set(failover=turn.s.failover.progress(turn.now.mono / SECOND))
