"""What one office has around it: parent, children, adapters, profile, responsibility table.

It builds the ``Context`` in which the core decides. The parts that change while the node runs
(children, responsibility rows, the calendar) are replaced as a whole, so the writer thread reads
them without a lock.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from datetime import datetime, timedelta
from typing import Protocol

from hub.ids import IdSource, LinkId, link_id
from hub.ids import NodeId as HubNodeId
from node.core.approvals import Ladders
from node.core.calendar import BEIJING, EVERYDAY
from node.core.capability import effective
from node.core.case import Case
from node.core.context import Context
from node.core.facts import Address, AddressKind, Facts, NodeId
from node.core.feedback import FeedbackRules
from node.core.limits import LimitSet, Post
from node.core.routing import Asset, Routed, Unit, by_territory, decided, route
from node.core.sources import Sources
from node.core.standards import Catalog
from node.service.arrangement import Arrangement
from node.service.holdings import Table
from node.service.instants import to_time
from node.service.ports import Row
from node.service.profile import Profile
from node.service.register import EMPTY

OFFSET_TRUSTED_MS = 30_000
"""A neighbour's own time counts against limits if its clock was off by no more than this."""


class Tree(Protocol):
    """The roster's tree (``hub.roster.keyring.RosterKeyRing``)."""

    def parent_of(self, node: HubNodeId) -> HubNodeId | None: ...

    def name_of(self, node: HubNodeId) -> str: ...

    def is_below(self, node: HubNodeId, ancestor: HubNodeId) -> bool: ...


class Surroundings:
    """Who we are and whom we may hand work to."""

    def __init__(
        self,
        *,
        node: str,
        name: str,
        parent: str,
        adapters: Sequence[str],
        profile: Profile,
        ids: IdSource,
        tree: Tree,
        children: Iterable[str] = (),
        limits: LimitSet | None = None,
        arrangement: Arrangement | None = None,
        ladders: Ladders | None = None,
    ) -> None:
        self.node = NodeId(node)
        self.name = name or node
        self.parent = NodeId(parent)
        self.adapters = tuple(adapters)
        self.profile = profile
        self.ids = ids
        self.tree = tree
        self.branch = 0
        self.waived: frozenset[str] = frozenset()
        """Neighbours whose link waits for its recovery: nothing new is handed to them, for they
        may work on things that we have forgotten."""
        self.unusable: dict[str, str] = {}
        """Adapters that could not be started, and why; whoever starts them writes it here."""
        self.adapter_names: dict[str, str] = {}
        """What adapters are called by their own files; whoever starts them writes it here."""
        self.table = Table()
        self.catalog: Catalog | None = None
        self.register = EMPTY
        self.arrangement = arrangement
        self.calendar = EVERYDAY
        self.limits = limits or LimitSet()
        self.ladders = ladders
        self.sources: Sources | None = None
        self.feedback: FeedbackRules | None = None
        self.capabilities = profile.capabilities
        self._links: Mapping[str, LinkId] = {}
        self.set_children(children)

    def set_children(self, children: Iterable[str]) -> None:
        """Take over the present children (links that are not retired)."""
        links = {
            child: link_id(parent=HubNodeId(self.node), child=HubNodeId(child))
            for child in children
        }
        if self.parent:
            links[self.parent] = link_id(
                parent=HubNodeId(self.parent), child=HubNodeId(self.node)
            )
        self._links = links
        has_assignees = bool(self.adapters) or len(links) > bool(self.parent)
        self.capabilities = effective(self.profile.capabilities, has_assignees=has_assignees)

    @property
    def children(self) -> tuple[str, ...]:
        return tuple(sorted(peer for peer in self._links if peer != self.parent))

    @property
    def parent_link(self) -> LinkId | None:
        return self._links.get(self.parent) if self.parent else None

    def link_to(self, peer: str) -> LinkId | None:
        """The link with this neighbour, or None."""
        return self._links.get(peer)

    def reachable(self, to: Address) -> bool:
        """Is this a child or an adapter of ours?"""
        if to.kind is AddressKind.ADAPTER:
            return to.id in self.adapters
        return to.id in self._links and to.id != self.parent and to.id not in self.waived

    def way_in(self, to: Address) -> str:
        """Why no order gets to this address: ``no_node``, ``no_adapter`` or ``unusable``; "" = one
        does."""
        if to.kind is not AddressKind.ADAPTER:
            return "" if to.id in self._links and to.id != self.parent else "no_node"
        if to.id not in self.adapters:
            return "no_adapter"
        return "unusable" if to.id in self.unusable else ""

    def propose(
        self,
        case: Case,
        now: datetime,
        asset_of: Callable[[str], Asset | None] = lambda _code: None,
    ) -> Routed:
        """Whom the tables name for a case: whoever a coordination named, else, where nobody is
        responsible, the area, else the component's own unit or the most specific row."""
        named = [one for one in case.coordinations if one.lead]
        if named:
            last = named[-1]
            return decided(
                self._unit(last.lead), tuple(self._unit(one) for one in last.assistants)
            )
        assert case.facts is not None, "a tombstone has no proposal"
        if case.no_owner:
            return by_territory(self.register.units, case.facts)
        rows = self.table.candidates(case.facts)
        asset = asset_of(case.facts.component) if case.facts.component else None
        return route(rows, case.facts, now, asset=asset, prefer=self.profile.prefer)

    def asset(self, row: Row | None) -> Asset | None:
        """A component's bodies as the core reads them; a day of maintenance ends with the day."""
        if row is None:
            return None
        until = row["maintained_to"]
        return Asset(
            owner=self._body(row["owner_code"], row["owner_name"]),
            maintainer=self._body(row["maintainer_code"], row["maintainer_name"]),
            maintained_until=(
                datetime(until.year, until.month, until.day, tzinfo=BEIJING) + timedelta(days=1)
                if until is not None
                else None
            ),
        )

    def _body(self, code: str, name: str) -> Unit | None:
        """The unit of a register of components, whose codes are those of organisations."""
        if not code and not name:
            return None
        found = self.register.find(code) or self.register.find(name)
        return found or Unit(unit_id=name or code, name=name or code)

    def group_of_unit(self, key: str) -> str:
        """The group on the card of a unit as evaluation names it: a node's id, or
        ``<our id>/<adapter>``; "" = there is no card."""
        office, slash, adapter = key.partition("/")
        if slash:
            return self.register.group_of(f"adapter:{adapter}") if office == self.node else ""
        return self.register.group_of(f"node:{key}") or self.register.group_of(key)

    def name_of_unit(self, key: str) -> str:
        """The name of a unit as evaluation names it, by this office's own register; "" = it knows
        none, or only the key."""
        office, slash, adapter = key.partition("/")
        if slash:
            found = self.register.find(f"adapter:{adapter}") if office == self.node else None
        else:
            found = self.register.find(f"node:{key}") or self.register.find(key)
        if found is None:
            return self.name if key == self.node and self.name != key else ""
        return found.name if found.name != key else ""

    def called(self, who: str) -> str:
        """Whoever an entry of a record names, in words: offices and units by their names, on their
        cards or in the roster, clocks as the system, anybody else as it is written."""
        if who == f"node:{self.node}":
            return self.name
        if who in ("clock", "timer"):
            return "系统"
        called = self.register.called(who)
        if called != who:
            return called
        node = who.removeprefix("node:")
        adapter = node.removeprefix("adapter:")
        return self.tree.name_of(HubNodeId(node)) or self.adapter_names.get(adapter, adapter)

    def _unit(self, named: str) -> Unit:
        found = self.register.find(named)
        if found is not None:
            return found
        try:
            address = Address.parse(named)
        except ValueError:
            address = None  # a body that nobody has written a card for
        return Unit(unit_id=named, name=named, address=address)

    def fresh_id(self) -> str:
        """A fresh UUIDv7 as text."""
        return uuid_text(self.ids.uuid7())

    def context(
        self,
        *,
        now_us: int,
        actor: str,
        cause: str,
        said_at_us: int | None = None,
        asset_of: Callable[[str], Asset | None] = lambda _code: None,
        roles: frozenset[str] = frozenset(),
        number: Callable[[], str] | None = None,
    ) -> Context:
        """The surroundings of one act. ``asset_of`` looks a component up, by its code; ``number``
        makes the next number of a case."""
        now = to_time(now_us)
        routes: Callable[[Facts], Routed] | None = None
        if self.profile.auto_route:
            table = self.table

            def routes(facts: Facts) -> Routed:
                asset = asset_of(facts.component) if facts.component else None
                return route(
                    table.candidates(facts), facts, now, asset=asset, prefer=self.profile.prefer
                )

        return Context(
            node=self.node,
            now=now,
            fresh_id=self.fresh_id,
            capabilities=self.capabilities,
            branch=self.branch,
            parent=self.parent,
            actor=actor,
            cause=cause,
            said_at=to_time(said_at_us) if said_at_us is not None else None,
            relay_done=self.profile.relay_done,
            route=routes,
            reachable=self.reachable,
            rights=self.arrangement.rights if self.arrangement is not None else None,
            coordination=self.arrangement.coordination if self.arrangement is not None else None,
            propose=lambda case: self.propose(case, now, asset_of),
            unanswerable=self.register.unanswerable,
            sources=self.sources,
            feedback=self.feedback,
            chain=self.limits.chain,
            named_at=self.register.named_at,
            condition_required=self.profile.intake.condition_required,
            reopen_score_max=self.profile.intake.reopen_score_max,
            reported_age_max=self.profile.intake.reported_age_max,
            pictures=self.profile.intake.pictures,
            calendar=self.calendar,
            reserve=self.limits.reserve,
            sign=self.limits.steps.get(Post.SIGN),
            catalog=self.catalog,
            roles=roles,
            ladders=self.ladders,
            number=number,
        )


def uuid_text(raw: bytes) -> str:
    """16 bytes as the usual 36 characters."""
    text = raw.hex()
    return f"{text[:8]}-{text[8:12]}-{text[12:16]}-{text[16:20]}-{text[20:]}"


def uuid_bytes(text: str) -> bytes:
    """The 16 bytes of a UUID's text; ``ValueError`` if it is none."""
    raw = bytes.fromhex(text.replace("-", ""))
    if len(raw) != 16:
        raise ValueError(f"{text!r} is not a UUID")
    return raw
