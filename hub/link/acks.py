"""Acknowledgements: what we have committed, what the peer has, and what their stamps tell.

An Ack is also the heartbeat, so it repeats position and credit: a lost one costs ten seconds, never
a link. At intervals it carries a countersign, the lasting evidence of delivery.
"""

from __future__ import annotations

from dataclasses import replace

from hub.link import messages as msg
from hub.link import receiver as rx
from hub.link import sender
from hub.link.steps import Alarm, Postpone, Ticket, Write
from hub.link.turn import SECOND, Phase, Turn

COUNTERSIGN_ENVELOPES = 1_000
COUNTERSIGN_US = 60 * SECOND
OFFSET_ALARM_US = 30 * SECOND
STEADY_US = 30 * SECOND
"""A contact with nothing to acknowledge proves itself by lasting this long; only then do waiting
times begin at the bottom again, so that a link that falls down after every hello backs off."""


def ack(turn: Turn) -> None:
    """Say what is committed here; at intervals with a countersign."""
    if turn.s.phase not in (Phase.UP, Phase.ECHO):
        return
    rcv = turn.s.rcv
    countersign = None
    waited = turn.now.mono - turn.s.countersigned_at
    if rcv.fresh and (rcv.fresh >= COUNTERSIGN_ENVELOPES or waited >= COUNTERSIGN_US):
        countersign = msg.Countersign(
            position=rcv.inn, head=rcv.in_head, signed=b"",
            committed_at_us=turn.s.committed_wall or turn.now.wall,
        )
        turn.set(rcv=replace(rcv, fresh=0), countersigned_at=turn.now.mono)
    turn.say(
        msg.Ack(
            inn=rcv.inn,
            in_head=rcv.in_head,
            credit=rx.credit(rcv, turn.now.mono) if turn.s.phase is Phase.UP else 0,
            sent_at_us=turn.now.wall,
            echo_at_us=turn.s.echo_stamp,
            echo_held_us=turn.now.mono - turn.s.echo_heard if turn.s.echo_stamp else 0,
            out=turn.s.seq.out,
            backlog=turn.s.backlog,
            countersign=countersign,
        )
    )
    turn.set(said_at=turn.now.mono)


def got_ack(turn: Turn, ack: msg.Ack) -> None:
    _measure(turn, ack)
    turn.set(peer_out=ack.out, peer_backlog=ack.backlog)
    snd, actions = sender.heard(turn.s.snd, ack)
    turn.set(snd=snd)
    turn.do(*actions)
    idle = not actions and snd.acked == snd.out and ack.inn == snd.acked
    if idle and turn.now.mono - turn.s.since >= STEADY_US:
        _progress(turn)


def _progress(turn: Turn) -> None:
    """The carrier is good, and the waiting times begin at the bottom."""
    if turn.s.retry_n or turn.s.tries:
        if turn.s.retry_n:
            turn.do(
                Write(
                    operation=Postpone(n=0, at_us=0, reason=""), ticket=Ticket("postpone")
                )
            )
        turn.set(retry_n=0, tries=0)
    if turn.s.failover is not None:
        turn.set(failover=turn.s.failover.progress(turn.now.mono / SECOND))


def _measure(turn: Turn, ack: msg.Ack) -> None:
    """Round trip and clock offset from the stamps of the heartbeat."""
    turn.set(echo_stamp=ack.sent_at_us, echo_heard=turn.now.mono)
    if not ack.echo_at_us:
        return
    rtt = turn.now.wall - ack.echo_at_us - ack.echo_held_us
    if rtt < 0:
        return
    offset = ack.sent_at_us - (turn.now.wall - rtt // 2)
    turn.set(rtt_us=rtt)
    clocks_differ(turn, offset)


def clocks_differ(turn: Turn, offset: int) -> None:
    if abs(offset) > OFFSET_ALARM_US >= abs(turn.s.offset_us):
        turn.do(Alarm(code="clock.offset", detail=f"clocks differ by {offset // SECOND} s"))
    turn.set(offset_us=offset)
