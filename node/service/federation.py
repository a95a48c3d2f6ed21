"""``office.federation``: the tree as this office knows it, and how its own links stand in it.

Who exists says the roster; how a link stands knows its two ends only. Of nodes that are no
neighbours nothing is shown but what the roster tells.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from node.service.link_views import LinkView
from node.service.membership import Membership, MemberView
from node.service.neighbours import Neighbours
from node.service.own_keys import KeysView, OwnKeys

SELF, PARENT, CHILD, OTHER = "SELF", "PARENT", "CHILD", "OTHER"
PAPERS_SOON_DAYS = 7
"""Certificates of thirty days renew by themselves with ten left: at seven somebody should look."""
DEPTH_MAX = 16
"""Levels of a tree that are walked; a roster with a circle would have no end."""


@dataclass(frozen=True, slots=True, kw_only=True)
class NodeView:
    """One node in the order of the tree. ``place``: SELF, PARENT, CHILD or OTHER. ``listed``:
    whether the roster names it; a child that was just taken in is not yet. ``papers_end``: end of
    the certificate that we gave a child, or that our parent gave us. ``link`` None = no neighbour,
    or one with which no link was begun yet."""

    node: str
    name: str
    parent: str
    depth: int
    place: str
    listed: bool
    keys: int
    endpoints: tuple[str, ...]
    capabilities: tuple[str, ...]
    revoked_from: datetime | None
    papers_end: datetime | None
    link: LinkView | None


@dataclass(frozen=True, slots=True, kw_only=True)
class FederationView:
    """``serial`` 0 = no roster yet. ``proto``: the newest protocol version that this node speaks,
    ``min_proto`` what the roster asks of everybody."""

    node: str
    serial: int
    issued_at: datetime | None
    expires_at: datetime | None
    min_proto: int
    proto: int
    own: KeysView
    nodes: tuple[NodeView, ...]


class Federation:
    """Looks at roster, links and papers together; steers nothing."""

    def __init__(
        self, *, node: str, name: str, proto: int, membership: Membership,
        neighbours: Neighbours, own_keys: OwnKeys,
    ) -> None:
        self._node = node
        self._name = name
        self._proto = proto
        self._membership = membership
        self._neighbours = neighbours
        self._own_keys = own_keys

    async def view(self) -> FederationView:
        """Everything at once."""
        roster = await self._membership.roster()
        links = {one.peer: one for one in await self._neighbours.links()}
        children = await self._membership.children()
        own = await self._own_keys.view()
        papers: dict[str, datetime | None] = {one.node: one.papers_end for one in children}
        papers[self._node] = own.certificate_ends
        names = {one.node: one.name for one in children}
        listed = {one.node: one for one in roster.members}
        extra = {
            peer: MemberView(
                node=peer, name=names.get(peer, peer),
                parent=self._node if link.peer_is == CHILD else "", keys=0, endpoints=(),
                capabilities=(), revoked_from=None)
            for peer, link in links.items() if peer not in listed
        }
        if self._node not in listed:
            above = next((one.peer for one in links.values() if one.peer_is == PARENT), "")
            extra[self._node] = MemberView(
                node=self._node, name=self._name, parent=above, keys=0, endpoints=(),
                capabilities=(), revoked_from=None)
        return FederationView(
            node=self._node, serial=roster.serial, issued_at=roster.issued_at,
            expires_at=roster.expires_at, min_proto=roster.min_proto, proto=self._proto, own=own,
            nodes=tuple(
                NodeView(
                    node=one.node, name=one.name, parent=one.parent, depth=depth,
                    place=self._place(one.node, links), listed=one.node in listed, keys=one.keys,
                    endpoints=one.endpoints, capabilities=one.capabilities,
                    revoked_from=one.revoked_from, papers_end=papers.get(one.node),
                    link=links.get(one.node),
                )
                for one, depth in walked([*roster.members, *extra.values()])
            ),
        )

    def _place(self, node: str, links: Mapping[str, LinkView]) -> str:
        if node == self._node:
            return SELF
        link = links.get(node)
        return link.peer_is if link is not None else OTHER


def walked(members: Sequence[MemberView]) -> Iterator[tuple[MemberView, int]]:
    """Every member with its depth, each before its children, children by their ids. Whoever has a
    parent that nobody knows begins a tree of its own."""
    known = {one.node for one in members}
    below: dict[str, list[MemberView]] = {}
    for one in sorted(members, key=lambda one: one.node):
        below.setdefault(one.parent if one.parent in known else "", []).append(one)

    def under(parent: str, depth: int) -> Iterator[tuple[MemberView, int]]:
        for one in below.get(parent, ()):
            yield one, depth
            if depth < DEPTH_MAX:
                yield from under(one.node, depth + 1)

    yield from under("", 0)
