"""What a node says of itself to roster and children: where it is reached, what it may do."""

from __future__ import annotations

from hub.roster.authority import LOOPBACK_HOSTS
from hub.roster.documents import Endpoints
from node.main.profiles import profile_of
from node.settings import Settings


def endpoints_of(settings: Settings) -> Endpoints:
    """How children reach this node, by its settings: the first of its hosts, with each carrier
    that it serves."""
    host = settings.grpc.hosts[0] if settings.grpc.hosts else "localhost"
    nats = tuple(one.url for one in settings.nats.servers)
    if settings.nats.embedded:
        nats = (f"tls://{host}:{settings.nats.port}",)
    return Endpoints(grpc=(f"{host}:{settings.grpc.port}",), nats=nats)


def told_of(settings: Settings) -> dict[str, tuple[str, ...]]:
    """What the roster says of this node: ``doors``, none where only its own machine reaches them,
    and ``capabilities`` as its profile grants them."""
    reached = endpoints_of(settings)
    elsewhere = bool(settings.grpc.hosts) and settings.grpc.hosts[0] not in LOOPBACK_HOSTS
    return {
        "doors": (*reached.grpc, *reached.nats) if elsewhere else (),
        "capabilities": tuple(sorted(str(one) for one in profile_of(settings).capabilities)),
    }
