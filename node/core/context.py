"""What the machine is told about the world, because it may not look: time, ids, rights, policy."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import Enum, StrEnum

from node.core.approvals import Ladders
from node.core.calendar import EVERYDAY, Calendar
from node.core.capability import Capability
from node.core.case import Case
from node.core.climbing import Chain, Rung
from node.core.coordination import CoordinationRules
from node.core.facts import Address, Facts, NodeId, TimeLimit
from node.core.feedback import FeedbackRules
from node.core.rights import Rights
from node.core.routing import Routed
from node.core.sources import Sources
from node.core.spot import UNDOUBTED, PictureRules
from node.core.standards import Catalog


class Parent(Enum):
    """The one neighbour that is not an assignee."""

    PARENT = "parent"


PARENT = Parent.PARENT
Neighbour = Address | Parent
"""Whom a word comes from or goes to: the assignor (``PARENT``) or an assignee."""


class Relay(StrEnum):
    """What a middle office does when its assignee says done."""

    AUTO = "auto"
    """Pass it up as our own word at once."""
    CONFIRM = "confirm"
    """Wait for one of us to look first (feed back, or send it round again)."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Context:
    """One act's surroundings.

    ``now`` is aware UTC. ``said_at`` None means now; for a peer's word the shell puts the time
    that counts against limits (the speaker's own within the allowed clock offset, else arrival).
    ``parent`` None = this office is the root. ``cause`` is the id of the word or command, as text.
    ``branch`` is 0 until a first recovery. ``route`` None = this office always lets a person
    choose. ``reachable`` says whether an address is a child or an adapter of this office.
    ``catalog`` None = nothing is checked against lists.
    ``calendar`` says what this office counts as working time, ``reserve`` how much of it (or of
    natural time, where the outer limit counts that) a leg below leaves before the outer deadline,
    ``sign`` how soon a new leg has to be signed for (None = nobody counts).
    ``rights`` None = as the transition table says, and nobody's hands are looked at.
    ``coordination`` None = any level may be asked, the root decides all. ``propose`` is whom the
    tables name for a case. ``unanswerable`` says why nobody there would answer, "" = somebody does.
    ``roles`` are the actor's, as ``ladders`` name them; without ladders whoever has the capability
    decides, and nothing is counted.

    ``sources`` None = reports are not held to what their source asks for. With
    ``condition_required`` filing names a condition where the class has any. ``others`` are the
    cases that a command names besides its own, None = they are not looked at. A satisfaction of
    ``reopen_score_max`` or less asks for a reopening. ``reported_age_max``: how long ago a report
    may have been made at most, None = any time. ``feedback`` None = whatever is said to be done is
    taken as it is. ``chain`` None = an unsigned order waits for a press; ``named_at`` is who is
    named on the card of an address, "" = nobody. ``pictures`` says when a picture cannot be of a
    report; ``pictured`` names, by digest, the other case that a picture belongs to already.
    ``number`` makes the next number of a case, None = a report that comes up keeps the one it has.
    """

    node: NodeId
    now: datetime
    fresh_id: Callable[[], str]
    capabilities: frozenset[Capability] = frozenset()
    branch: int = 0
    parent: NodeId | None = None
    actor: str = ""
    cause: str = ""
    said_at: datetime | None = None
    relay_done: Relay = Relay.AUTO
    route: Callable[[Facts], Routed] | None = None
    reachable: Callable[[Address], bool] | None = None
    catalog: Catalog | None = None
    calendar: Calendar = EVERYDAY
    reserve: timedelta = timedelta(0)
    sign: TimeLimit | None = None
    rights: Rights | None = None
    coordination: CoordinationRules | None = None
    propose: Callable[[Case], Routed] | None = None
    unanswerable: Callable[[Address], str] | None = None
    roles: frozenset[str] = frozenset()
    ladders: Ladders | None = None
    sources: Sources | None = None
    condition_required: bool = False
    others: Mapping[str, Case] | None = None
    reopen_score_max: int = 0
    reported_age_max: timedelta | None = None
    feedback: FeedbackRules | None = None
    chain: Chain | None = None
    named_at: Callable[[Address, Rung], str] | None = None
    pictures: PictureRules = UNDOUBTED
    pictured: Mapping[str, tuple[str, str]] | None = None
    number: Callable[[], str] | None = None
