"""The vocabulary between the pure machines and whoever runs them.

Inputs go in, actions come out; a driver (asyncio) and a simulator run the same machines. An
action that needs the database carries a description of the operation, never code: the machines
cannot reach a store. Every ``Read``, ``Write``, ``Seal`` and ``Verify`` is answered by exactly
one ``Done`` or ``Failed`` with its ticket.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from enum import StrEnum
from typing import NamedTuple

from hub.carriers.port import Kind
from hub.envelope import Opened
from hub.ids import ZERO_CHAIN, Chain, Position
from hub.link.checkpoint import Checkpoint, LinkState
from hub.link.judge import Holder, Verdict
from hub.link.messages import (
    PROTO_MIN,
    Ack,
    DigestAsk,
    DigestRow,
    Frame,
    Hello,
    List,
    Message,
    Renew,
)


class Now(NamedTuple):
    """The time of one step: monotonic for intervals, wall for stamps, both in µs; ``jitter`` is
    drawn by the driver, 0.8 to 1.4."""

    mono: int
    wall: int
    jitter: float = 1.0


class Ticket(NamedTuple):
    """Names one request, so that its answer finds its way."""

    kind: str
    n: int = 0


# -- inputs ----------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True, kw_only=True)
class Started:
    """We hold the link now."""

    checkpoint: Checkpoint


@dataclass(frozen=True, slots=True, kw_only=True)
class Tick:
    """Time has passed; see ``session.due`` for when the next one is wanted."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Woken:
    """There are new drafts in the outbox."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Arrived:
    """A contact exists: our dial succeeded, or (at the parent) a child's carrier came up."""

    contact: int
    kind: Kind


@dataclass(frozen=True, slots=True, kw_only=True)
class Closed:
    """A contact is gone, or the dial for it failed. ``refused``: our credentials were."""

    contact: int
    why: str = ""
    refused: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Got:
    """A message whose own seal (Hello, countersign) holds. ``token`` names the parcel of a
    frame: it is given back by ``Finish`` when nothing more will be done with it."""

    contact: int
    message: Message
    token: int = 0
    own: Hello | Opened | None = None
    """The proof of a Fault, if it is a Hello or an envelope under our own seal."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Strange:
    """A Hello arrived under a key that our roster does not list."""

    contact: int
    why: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Done:
    ticket: Ticket
    result: object = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Failed:
    """An operation did not happen. ``fenced``: another process holds the link."""

    ticket: Ticket
    code: str
    fenced: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Steered:
    """A person pauses or resumes the link."""

    paused: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class Rostered:
    """Our newest roster changed; ``min_proto``: what it asks every member to speak."""

    serial: int
    min_proto: int = PROTO_MIN


@dataclass(frozen=True, slots=True, kw_only=True)
class Claimed:
    """There is something new to claim from the parent."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Aged:
    """There is something to say to the parent about our papers."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Renewed:
    """Newer papers are kept: the next contact is under them, and it is wanted now."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Room:
    """How many envelopes this node takes beyond ``in`` now (writer places, disk). ``shut``: none is
    looked at, also not of a peer that does not care for credit."""

    credit: int
    shut: bool = False


Input = (
    Started | Tick | Woken | Arrived | Closed | Got | Strange | Done | Failed | Steered | Rostered
    | Claimed | Aged | Renewed | Room
)

# -- operations, as descriptions -------------------------------------------------------------


@dataclass(frozen=True, slots=True, kw_only=True)
class Survey:
    """Read the link row with its counts."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Greet:
    """Judge a peer's Hello and act on the verdict in one transaction."""

    hello: Hello
    min_proto: int = PROTO_MIN
    """What the roster asks every member to speak."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Plan:
    """The next drafts to number."""

    limit: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Number:
    """Make a sealed batch durable; guarded by an unchanged ``out``."""

    base: Position
    rows: tuple[SealedRow, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Load:
    """Sealed rows after a position."""

    after: Position
    limit: int
    bytes_max: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Accept:
    """Take one verified frame: inbox, application, notices, ``in``."""

    envelopes: tuple[Checked, ...]
    offset_ms: int
    lifting: bytes = b""
    """The peer's ``recovering`` Hello, if the contact is for its recovery: then the start of its
    new epoch is taken although the link stands still."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Acknowledge:
    """The peer says it has everything up to ``ack.inn``."""

    ack: Ack


@dataclass(frozen=True, slots=True, kw_only=True)
class Stop:
    """Put the link into a state in which it stands still (or DOWN). Done says True if ``proof``,
    an envelope under our own seal, is not in our outbox: then another copy made it."""

    state: LinkState
    reason: str
    proof: Opened | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Keep:
    """Keep bytes in quarantine; the link goes on."""

    code: str
    evidence: tuple[bytes, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class ReadEcho:
    """The peer is being recovered: its own words from our inbox, after a position, as far as their
    bytes are kept without a hole."""

    after: Position
    limit: int
    bytes_max: int


@dataclass(frozen=True, slots=True, kw_only=True)
class TakeEcho:
    """Take our own words back, as the peer has them. ``oldest``: the peer was asked for everything
    it keeps, so the first of them need not join on to what we have."""

    envelopes: tuple[Checked, ...]
    oldest: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class SettleEcho:
    """Everything the peer has of us is back: what it does not have become drafts again."""

    bare: bool = False
    """The peer keeps no bytes of it any more, only its position."""


@dataclass(frozen=True, slots=True, kw_only=True)
class LiftRecovery:
    """The peer took our new epoch."""


@dataclass(frozen=True, slots=True, kw_only=True)
class BurnEpoch:
    """The peer had moved on before our new epoch came: its number is lost, fetch again."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Postpone:
    """Persist when the next dial is due."""

    n: int
    at_us: int
    reason: str


@dataclass(frozen=True, slots=True, kw_only=True)
class ReadDigest:
    """Our own rows for a round of anti-entropy."""

    ask: DigestAsk
    limit: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Compare:
    """Answerer, last depth: compare the asker's list with ours and enqueue what it lacks."""

    listed: List


@dataclass(frozen=True, slots=True, kw_only=True)
class Repair:
    """Asker, last depth: act on what the answerer holds too much, or differently."""

    scope: str
    surplus: tuple[bytes, ...]
    differ: tuple[bytes, ...]


Reading = Plan | Load | ReadDigest | Survey | ReadEcho
Writing = (
    Greet | Number | Accept | Acknowledge | Stop | Keep | Postpone | Compare | Repair | TakeEcho
    | SettleEcho | LiftRecovery | BurnEpoch
)

# -- results ---------------------------------------------------------------------------------


class SealedRow(NamedTuple):
    """One draft after sealing, before its number is durable."""

    id: int
    position: Position
    chain: Chain
    sealed: bytes


class Ready(NamedTuple):
    """A numbered row as it goes on a carrier."""

    position: Position
    chain: Chain
    sealed: bytes


class Checked(NamedTuple):
    """One envelope whose seal held. ``park``: the code under which it must be parked although
    its own seal holds (an original inside it does not), "" otherwise."""

    opened: Opened
    park: str


class Flaw(StrEnum):
    """Why an envelope of a frame could not be opened."""

    UNSEALED = "UNSEALED"
    UNKNOWN_KEY = "UNKNOWN_KEY"
    MALFORMED = "MALFORMED"
    INCOMPATIBLE = "INCOMPATIBLE"


@dataclass(frozen=True, slots=True, kw_only=True)
class Verified:
    """What verification made of a frame: the sound envelopes before the first flaw."""

    envelopes: tuple[Checked, ...]
    flaw: Flaw | None = None
    detail: str = ""
    flawed: bytes = b""


class Taken(StrEnum):
    """How far a frame got in its transaction."""

    WHOLE = "whole"
    GAP = "gap"
    FORK = "fork"
    CUT_MOVED = "cut_moved"
    LEFTOVER = "leftover"
    MALFORMED = "malformed"


@dataclass(frozen=True, slots=True, kw_only=True)
class Accepted:
    """Committed: our ``in`` now, how many envelopes were new, and what stopped the rest."""

    inn: Position
    in_head: Chain
    fresh: int
    taken: Taken
    outcomes: tuple[tuple[str, int], ...] = ()
    proof: bytes = b""
    started: bool = False
    """A new epoch of the peer began."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Judged:
    """Committed: what a Hello meant. ``fault`` is what to tell the peer, "" if all is well."""

    hello: Hello
    holder: Holder | None
    verdict: Verdict | None
    checkpoint: Checkpoint
    acked_head: Chain = ZERO_CHAIN
    fault: str = ""
    detail: str = ""
    proof: bytes = b""
    echo: EchoPlan | None = None
    """We are being recovered and this contact is for that."""


@dataclass(frozen=True, slots=True, kw_only=True)
class EchoPlan:
    """What is to be fetched back: the peer has us up to ``upto``, ask for what follows ``after``.
    ``complete``: all of it is here. ``lifted``: the peer has our new epoch."""

    upto: Position
    after: Position
    complete: bool = False
    lifted: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class EchoTaken:
    """Committed: how far our own words are back; ``joins`` False: they do not join on to what we
    have, nothing was taken."""

    at: Position
    joins: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class Acked:
    """Committed: how far the peer has us. ``stopped``: what it has is not ours, and the link
    stands still now for ``reason``."""

    acked: Position
    acked_head: Chain
    count: int
    stopped: LinkState | None = None
    reason: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Digested:
    """Our rows of one page; ``more`` if the limit was reached."""

    rows: tuple[DigestRow, ...]
    more: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class ComparedCounts:
    """What a comparison found and how many words it enqueued."""

    missing: int = 0
    pending: int = 0
    surplus: tuple[bytes, ...] = ()
    differ: tuple[bytes, ...] = ()
    resupplied: int = 0


# -- actions ---------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True, kw_only=True)
class Dial:
    """Open a contact on this carrier; answered by ``Arrived`` or ``Closed``."""

    contact: int
    kind: Kind


@dataclass(frozen=True, slots=True, kw_only=True)
class Say:
    """Say a message on a contact. Hello and countersign are signed by the driver."""

    contact: int
    message: Message
    name: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Drop:
    """Close a contact; no ``Closed`` follows."""

    contact: int
    why: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Read:
    operation: Reading
    ticket: Ticket


@dataclass(frozen=True, slots=True, kw_only=True)
class Write:
    operation: Writing
    ticket: Ticket


@dataclass(frozen=True, slots=True, kw_only=True)
class Seal:
    """Build headers in chain order and seal them on a worker thread: ``tuple[SealedRow, ...]``.
    ``types``: what the peer reads, to lower bodies where that is possible."""

    rows: tuple[object, ...]
    base: Position
    head: Chain
    types: tuple[tuple[str, int], ...]
    ticket: Ticket


@dataclass(frozen=True, slots=True, kw_only=True)
class Verify:
    """Open every envelope of a frame on a worker thread: ``Verified``."""

    frame: Frame
    ticket: Ticket


@dataclass(frozen=True, slots=True, kw_only=True)
class Finish:
    """Nothing more will be done with the parcel of this frame (JetStream may forget it)."""

    token: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Alarm:
    """A person should look."""

    code: str
    detail: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Count:
    """A metric moved; ``label`` is its second label (outcome, code, scope)."""

    metric: str
    n: float = 1
    label: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class OfferRoster:
    """Say our newest roster on this contact, if it is at least ``serial``."""

    contact: int
    serial: int


@dataclass(frozen=True, slots=True, kw_only=True)
class TakeRoster:
    """Hand a roster the peer offered to whoever keeps rosters."""

    signed: bytes


@dataclass(frozen=True, slots=True, kw_only=True)
class OfferClaims:
    """Say on this contact, to the parent, what is claimed and not shown by the roster yet."""

    contact: int


@dataclass(frozen=True, slots=True, kw_only=True)
class TakeClaims:
    """Hand what the child claims to whoever keeps the roster."""

    signed: tuple[bytes, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class OfferRenewal:
    """Say on this contact, to the parent, what is to be said about our papers."""

    contact: int


@dataclass(frozen=True, slots=True, kw_only=True)
class TakeRenewal:
    """Hand what the peer says about papers to whoever keeps them; at a parent what that answers
    is said on this contact."""

    contact: int
    renew: Renew


@dataclass(frozen=True, slots=True, kw_only=True)
class Report:
    """A round of anti-entropy ended (or failed: ``error``)."""

    scope: str
    asked: int
    missing: int = 0
    pending: int = 0
    surplus: int = 0
    differ: int = 0
    repaired: int = 0
    error: str = ""
    keys: tuple[bytes, ...] = field(default=())


Action = (
    Dial | Say | Drop | Read | Write | Seal | Verify | Finish | Alarm | Count | OfferRoster
    | TakeRoster | OfferClaims | TakeClaims | OfferRenewal | TakeRenewal | Report
)

