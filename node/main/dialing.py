"""How this node reaches its parent: an address, papers and a dialer for each carrier."""

from __future__ import annotations

from collections.abc import Callable

from hub.carriers.grpc_stream import GrpcDialer
from hub.carriers.port import Dialer
from hub.carriers.tls import TlsFiles
from hub.errors import FabricError, Unreachable
from hub.ids import LinkId
from hub.link.messages import Renew
from hub.nats.login import NatsLogin
from hub.roster.holding import CLIENT_KEY_FILE, TLS_FILE
from hub.roster.identity import CLIENT_FILE, PARENT_CA_FILE, Identity
from node.settings import Settings

ENROL_PORT = 8444
"""Of the door for invited nodes, as it is shipped (``[enrol] port``)."""


def dialers_of(
    link: LinkId,
    *,
    settings: Settings,
    identity: Identity,
    violated: Callable[[LinkId, str], None],
) -> tuple[Dialer, ...]:
    """A dialer for each carrier on which the parent can be reached, the preferred one first.
    Addresses of the settings count before those of the kit."""
    parent, keys = settings.parent, settings.keys
    assert parent is not None, "a node with a parent link has a parent"
    kit = identity.kit()
    endpoints = kit.endpoints if kit is not None else None
    grpc = _listed(parent.grpc) or list(endpoints.grpc if endpoints is not None else ())
    nats = _listed(parent.nats) or list(endpoints.nats if endpoints is not None else ())
    dialers: list[Dialer] = []
    if grpc:
        (host, port), *others = (_address(one) for one in grpc)
        dialers.append(
            GrpcDialer(
                link=link,
                host=host,
                port=port,
                others=others,
                tls=TlsFiles(
                    ca=keys / PARENT_CA_FILE,
                    certificate=keys / CLIENT_FILE,
                    key=keys / TLS_FILE,
                    newer_key=keys / CLIENT_KEY_FILE,
                ),
            )
        )
    if nats:
        # Loaded here: a node that only speaks gRPC need not carry the other client.
        from hub.carriers.jetstream import JetStreamDialer

        dialers.append(
            JetStreamDialer(
                link=link,
                servers=nats,
                login=NatsLogin.of_newest(lambda: identity.client_nats),
                ca=keys / PARENT_CA_FILE,
                on_violation=lambda what: violated(link, what),
            )
        )
    return tuple(sorted(dialers, key=lambda dialer: dialer.kind.value != parent.prefer))


async def ask_at_the_door(
    renew: Renew, *, settings: Settings, identity: Identity
) -> Renew:
    """Ask for newer papers at the parent's door for invited nodes, at each of its hosts in turn.
    Raises ``Unreachable`` when none answers."""
    # Loaded here: a certificate seldom runs out.
    from hub.enrol.lapsed import ask_at

    parent, kit = settings.parent, identity.kit()
    assert parent is not None, "only a child asks"
    assert kit is not None, "and one that has joined"
    reached = _listed(parent.grpc) or list(kit.endpoints.grpc)
    boxes = _listed(parent.nats) or list(kit.endpoints.nats)
    hosts = [_address(one.removeprefix("tls://"))[0] for one in (*reached, *boxes)]
    doors = _listed(parent.enrol) or [
        f"[{host}]:{ENROL_PORT}" if ":" in host else f"{host}:{ENROL_PORT}"
        for host in dict.fromkeys(hosts)
    ]
    failed: FabricError = Unreachable("the parent's address is not known")
    for door in doors:
        try:
            return await ask_at(door, renew, authority=kit.ca)
        except FabricError as err:
            failed = err
    raise failed


def _listed(text: str) -> list[str]:
    """Addresses between commas."""
    return [one.strip() for one in text.split(",") if one.strip()]


def _address(text: str) -> tuple[str, int]:
    """``host:port``; an IPv6 address stands in brackets."""
    host, _, port = text.rpartition(":")
    return host.strip("[]"), int(port)
