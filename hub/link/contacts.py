"""Contacts: which exist, which is spoken on, when the next is dialed and on which carrier.

The child dials, the parent is dialed; apart from that both ends are the same. Waiting times
double from ``RETRY_FIRST_US`` and begin at the bottom only after acknowledged progress.
"""

from __future__ import annotations

from dataclasses import replace

from hub.carriers.failover import Failover
from hub.carriers.port import Kind
from hub.link import reconcile
from hub.link.checkpoint import FLOWING, LinkState
from hub.link.steps import (
    Alarm,
    Arrived,
    Closed,
    Count,
    Dial,
    Drop,
    Postpone,
    Read,
    Started,
    Stop,
    Survey,
    Ticket,
    Write,
)
from hub.link.turn import SECOND, Phase, Turn, may_dial

RETRY_FIRST_US, RETRY_LAST_US = 1 * SECOND, 300 * SECOND
RETRY_DOUBLINGS_MAX = 9
STANDING_US = 60 * SECOND
"""How often an end that stands still asks whether its peer is being recovered."""
CONTACTS_MAX = 8
"""Contacts a child may have open at once; beyond them the oldest that is not spoken on ends."""


def started(turn: Turn, given: Started) -> None:
    """We hold the link: begin where its row stands, not before its next dial is due."""
    mark = given.checkpoint
    wait = max(0, min(mark.retry_at_us - turn.now.wall, RETRY_LAST_US))
    failover = None
    if turn.s.kinds:
        failover = Failover.begin(
            turn.s.kinds,
            prefer=Kind(mark.prefer) if mark.prefer in Kind.__members__ else turn.s.kinds[0],
            now_s=turn.now.mono / SECOND,
            jitter=turn.now.jitter,
        )
    turn.set(
        mark=mark,
        phase=Phase.IDLE,
        since=turn.now.mono,
        failover=failover,
        retry_n=mark.retry_n,
        retry_at=turn.now.mono + wait,
        seq=replace(turn.s.seq, out=mark.out, head=mark.out_head),
        snd=replace(turn.s.snd, out=mark.out, acked=mark.acked, sent=mark.acked),
        rcv=replace(turn.s.rcv, inn=mark.inn, in_head=mark.in_head),
        countersigned_at=turn.now.mono,
        committed_wall=mark.last_contact_at_us,
        reconciled_at=turn.now.mono,
    )


def arrived(turn: Turn, given: Arrived) -> None:
    """A contact exists: greet on it, or (at the parent) wait for its Hello."""
    if turn.s.dials:
        if (
            turn.s.phase is not Phase.DIALING
            or given.contact != turn.s.dialed
            or not may_dial(turn.s)
        ):
            turn.set(phase=Phase.IDLE)
            turn.do(Drop(contact=given.contact, why="nobody waits for this contact"))
            return
        turn.set(
            phase=Phase.GREETING, since=turn.now.mono, contact=given.contact,
            kind=given.kind, contacts=((given.contact, given.kind),),
            failover=carriers(turn).opened(turn.now.mono / SECOND),
        )
        turn.do(Read(operation=Survey(), ticket=Ticket("survey", given.contact)))
        return
    turn.set(contacts=(*turn.s.contacts, (given.contact, given.kind)))
    spare = [one for one, _ in turn.s.contacts if one != turn.s.contact]
    if len(turn.s.contacts) > CONTACTS_MAX:
        end(turn, spare[0], "too many contacts")


def closed(turn: Turn, given: Closed) -> None:
    """A contact is gone, or a dial failed."""
    known = tuple(one for one in turn.s.contacts if one[0] != given.contact)
    turn.set(contacts=known)
    if given.contact == turn.s.asked:
        turn.set(asked=0)
        turn.do(Alarm(code="link.unknown_key", detail="the peer's key is in no roster here"))
    waited_for = turn.s.dials and turn.s.phase is Phase.DIALING
    if given.contact == (turn.s.dialed if waited_for else turn.s.contact):
        if given.refused:
            turn.do(Alarm(code="link.refused", detail=given.why))
        # The other carrier's credentials may be good: it is asked before the long wait.
        last = (turn.s.tries + 1) % max(1, len(turn.s.kinds)) == 0
        code = "link.refused" if given.refused else "link.unreachable"
        lost(turn, given.why, slow=given.refused and last, code=code)


def dial(turn: Turn) -> None:
    """Look for a contact on the carrier whose turn it is."""
    contact = turn.s.dialed + 1
    kind = carriers(turn).current
    turn.set(phase=Phase.DIALING, since=turn.now.mono, dialed=contact)
    turn.do(Dial(contact=contact, kind=kind))


def drop(turn: Turn, why: str, *, slow: bool = False) -> None:
    """Give the present contact up and, at the child, try again later."""
    if turn.s.contact:
        end(turn, turn.s.contact, why)
    lost(turn, why, slow=slow)


def lost(
    turn: Turn, why: str, *, slow: bool = False, soon: bool = False,
    code: str = "link.unreachable",
) -> None:
    """No contact any more: back to waiting. ``slow``: only a person can change the cause.
    ``soon``: we changed carriers, or our papers, of our own will. ``code``: what a person is
    told."""
    if turn.up():
        down(turn, why)
    turn.set(
        contact=0, kind=None, phase=Phase.IDLE, since=turn.now.mono, greeted=b"",
        rcy=replace(turn.s.rcy, plan=None, busy=False, asked_at=0),
        rcv=replace(turn.s.rcv, lifting=b""),
    )
    rec, ended = reconcile.end(turn.s.rec, "link.unreachable")
    turn.set(rec=replace(rec, answering=()))
    turn.utter(ended)
    if not turn.s.dials:
        return
    delay = 0
    if not soon:
        failover = carriers(turn).failed(turn.now.mono / SECOND, turn.now.jitter)
        tries = turn.s.tries + 1
        turn.set(failover=failover, tries=tries)
        if slow:
            delay = int(RETRY_LAST_US * turn.now.jitter)
        elif turn.s.mark.state not in FLOWING and not turn.s.mark.recovers:
            delay = int(STANDING_US * turn.now.jitter)
        elif tries % len(turn.s.kinds) == 0:
            n = min(turn.s.retry_n, RETRY_DOUBLINGS_MAX)
            delay = int(
                min(RETRY_FIRST_US << n, RETRY_LAST_US) * turn.now.jitter
            )
            turn.set(retry_n=turn.s.retry_n + 1)
    turn.set(retry_at=turn.now.mono + delay)
    if delay:
        turn.do(
            Write(
                operation=Postpone(
                    # What only a person can change is over with the restart by which they end it.
                    n=turn.s.retry_n, at_us=turn.now.wall + (0 if slow else delay),
                    reason=f"{code}: {why}" if why else code,
                ),
                ticket=Ticket("postpone"),
            ),
            Count(metric="retries"),
        )


def down(turn: Turn, why: str) -> None:
    """Write down that nothing flows, and why."""
    reason = f"link.unreachable: {why}"
    turn.do(
        Write(operation=Stop(state=LinkState.DOWN, reason=reason), ticket=Ticket("stop"))
    )
    turn.set(mark=replace(turn.s.mark, state=LinkState.DOWN))


def end(turn: Turn, contact: int, why: str) -> None:
    """Close one contact, whether it is spoken on or not."""
    turn.do(Drop(contact=contact, why=why))
    turn.set(contacts=tuple(one for one in turn.s.contacts if one[0] != contact))


def carriers(turn: Turn) -> Failover:
    """Which carrier's turn it is; the dialing side only."""
    assert turn.s.failover is not None, "only the side that dials chooses carriers"
    return turn.s.failover
