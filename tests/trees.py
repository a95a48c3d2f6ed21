"""A small tree of real identities on disk: city, district, street, as provisioning makes them."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from hub.ids import NodeId
from hub.roster import join
from hub.roster.documents import Endpoints
from hub.roster.identity import Identity
from hub.suites.registry import ED25519

CITY, DISTRICT, STREET = NodeId("420200"), NodeId("420203"), NodeId("420203001")
NOW = 1_790_000_000_000_000
HOUR = 3_600_000_000
DAY = 24 * HOUR
SOMEWHERE = Endpoints(grpc=("localhost:8443",))


@dataclass(frozen=True, slots=True, kw_only=True)
class Tree:
    city: Identity
    district: Identity
    street: Identity


def newcomer(
    folder: Path, node: NodeId, parent: NodeId | None, *, now_us: int = NOW,
    suite: str = ED25519,
) -> Identity:
    return Identity.create(
        folder / node / "keys", node=node, name=f"node {node}", parent=parent, now_us=now_us,
        suite=suite,
    )


def bring_in(
    parent: Identity, child: Identity, root: Identity, *, now_us: int = NOW,
    endpoints: Endpoints = SOMEWHERE,
) -> None:
    """Request, roster, kit, entry: what three administrators do with two papers."""
    request = join.make_join_request(child, now_us=now_us)
    join.add_to_roster(root, request, now_us=now_us)
    kit = join.accept(parent, request, endpoints=endpoints, now_us=now_us)
    join.enter(child, kit, now_us=now_us)


def grown(folder: Path) -> Tree:
    """A tree of which everybody has the newest roster."""
    tree = grow(folder)
    signed = tree.city.signed_roster()
    assert signed is not None
    for identity in (tree.district, tree.street):
        identity.keep_roster(signed)
    return tree


def grow(
    folder: Path, *, now_us: int = NOW, endpoints: Endpoints = SOMEWHERE,
    suites: tuple[str, str, str] = (ED25519, ED25519, ED25519),
) -> Tree:
    city = newcomer(folder, CITY, None, now_us=now_us, suite=suites[0])
    join.found(city, now_us=now_us)
    district = newcomer(folder, DISTRICT, CITY, now_us=now_us, suite=suites[1])
    bring_in(city, district, city, now_us=now_us, endpoints=endpoints)
    street = newcomer(folder, STREET, DISTRICT, now_us=now_us, suite=suites[2])
    bring_in(district, street, city, now_us=now_us, endpoints=endpoints)
    return Tree(city=city, district=district, street=street)
