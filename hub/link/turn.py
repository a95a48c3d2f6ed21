"""What one end of a link remembers, and the working copy of it during one step.

``Session`` is a frozen value; a step thaws it into a ``Turn``, whose parts (contacts, greeting,
words coming in and going out, acknowledgements) change it and collect actions.
"""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from enum import StrEnum

from hub.carriers.failover import Failover
from hub.carriers.port import Kind
from hub.ids import START, LinkId, NodeId, Position
from hub.link import messages as msg
from hub.link import receiver as rx
from hub.link import reconcile, sender, sequencer
from hub.link.checkpoint import FLOWING, Checkpoint, LinkState, Recovery
from hub.link.recoverer import Recoverer
from hub.link.steps import Action, Now, Say

SECOND = 1_000_000


class Phase(StrEnum):
    """What the link is doing; ``link.state`` says what it may do."""

    OFF = "off"
    IDLE = "idle"
    DIALING = "dialing"
    GREETING = "greeting"
    UP = "up"
    ECHO = "echo"
    """In contact, but only for the recovery of one end."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Session:
    """Everything one link remembers between two steps; monotonic times in µs."""

    link: LinkId
    me: NodeId
    peer: NodeId
    dials: bool
    types: tuple[tuple[str, int], ...] = ()
    kinds: tuple[Kind, ...] = ()
    mark: Checkpoint
    phase: Phase = Phase.OFF
    contact: int = 0
    kind: Kind | None = None
    contacts: tuple[tuple[int, Kind], ...] = ()
    """Contacts that exist; at most one of them is up."""
    dialed: int = 0
    since: int = 0
    """When the phase began."""
    asked: int = 0
    """The contact on which we asked for a roster, because its Hello has an unknown key."""
    greeted: bytes = b""
    """The signed Hello that opened the contact, to recognise its double."""
    seq: sequencer.Sequencer = field(default_factory=sequencer.Sequencer)
    snd: sender.Sender = field(default_factory=sender.Sender)
    rcv: rx.Receiver = field(default_factory=rx.Receiver)
    rec: reconcile.Reconciler = field(default_factory=reconcile.Reconciler)
    rcy: Recoverer = field(default_factory=Recoverer)
    failover: Failover | None = None
    tries: int = 0
    retry_n: int = 0
    retry_at: int = 0
    heard_at: int = 0
    said_at: int = 0
    echo_stamp: int = 0
    echo_heard: int = 0
    rtt_us: int = 0
    offset_us: int = 0
    peer_out: Position = START
    peer_backlog: int = 0
    peer_serial: int = 0
    peer_proto: int = msg.PROTO_MIN
    """The newest protocol version that the peer speaks."""
    roster_serial: int = 0
    min_proto: int = msg.PROTO_MIN
    """What the roster asks every member to speak."""
    claims: bool = False
    """Whether this end has somebody who claims (a child) or hears claims (a parent)."""
    claimed_at: int = 0
    renews: bool = False
    """Whether this end has somebody who keeps its papers (a child) or issues some (a parent)."""
    renewed_at: int = 0
    """When it was last looked whether there is something to say about papers."""
    backlog: int = 0
    countersigned_at: int = 0
    committed_wall: int = 0
    """When the newest frame was committed, as its countersign will say."""
    reconciled_at: int = 0
    reconciles: int = 0
    scopes: tuple[tuple[str, bytes], ...] = ()
    """Rounds of anti-entropy that wait their turn: scope and the time prefix to begin at."""


def begin(
    *,
    checkpoint: Checkpoint,
    me: NodeId,
    kinds: tuple[Kind, ...],
    types: tuple[tuple[str, int], ...],
    roster_serial: int = 0,
    min_proto: int = msg.PROTO_MIN,
    claims: bool = False,
    renews: bool = False,
) -> Session:
    """A session before its holder has been taken; ``kinds`` empty: the peer dials us."""
    return Session(
        link=checkpoint.link,
        me=me,
        peer=checkpoint.peer,
        dials=bool(kinds),
        kinds=kinds,
        types=types,
        mark=checkpoint,
        roster_serial=roster_serial,
        min_proto=min_proto,
        claims=claims,
        renews=renews,
    )


def may_dial(state: Session) -> bool:
    """Whether this end may look for a contact: it dials, nobody paused it. One that stands still
    does so too, now and then: the peer may be waiting to fetch back its own words."""
    mark = state.mark
    here = mark.state is not LinkState.RETIRED and mark.recovery is not Recovery.WAIVED
    return state.dials and not mark.paused and here


class Turn:
    """The working copy of one step: made from the given state, frozen again for everybody else
    when the step returns."""

    __slots__ = ("actions", "now", "s")

    def __init__(self, state: Session, now: Now) -> None:
        self.s = replace(state)
        self.now = now
        self.actions: list[Action] = []

    def set(self, **changes: object) -> None:
        # The copy is ours until the step returns; a new one per change would be most of the
        # cost of a step.
        for name, value in changes.items():
            object.__setattr__(self.s, name, value)

    def do(self, *actions: Action) -> None:
        self.actions.extend(actions)

    def say(self, message: msg.Message, *, name: str = "") -> None:
        if not self.s.contact:
            return
        self.do(Say(contact=self.s.contact, message=message, name=name))

    def up(self) -> bool:
        return self.s.phase is Phase.UP and self.s.mark.state in FLOWING

    def receiving(self, result: rx.Step) -> None:
        self.set(rcv=result[0])
        self.do(*result[1])

    def sequencing(self, result: sequencer.Step) -> None:
        self.set(seq=result[0])
        self.do(*result[1])

    def reconciling(self, result: reconcile.Step) -> None:
        self.set(rec=result[0])
        self.utter(result[1])

    def utter(self, actions: tuple[Action | reconcile.Utter, ...]) -> None:
        for action in actions:
            if isinstance(action, reconcile.Utter):
                self.say(action.message)
            else:
                self.do(action)

    def offset_ms(self) -> int:
        return self.s.offset_us // 1_000
