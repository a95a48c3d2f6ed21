"""The configuration of a parent's nats-server, generated from its links.

One account per link: isolation is by namespace first and by permission second, so a mistake in
one list cannot show a link to its sibling. Users are nkeys; no password exists that could be a
default one. The parent has a user of its own in every account, made anew at each start, because
only this process needs it.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from hub.carriers.tls import TlsFiles
from hub.ids import NodeId
from hub.nats.subjects import BOX_BYTES_MAX, LinkSubjects

LINKS_MAX = 500
"""Children of one node; a city of 300 streets has room. Bounds the store and the connections."""
ACCOUNT_STORE_BYTES_MAX = 160 * 1024 * 1024
"""Bytes of one account: its two boxes and what the store needs beside the messages."""
PAYLOAD_BYTES_MAX = 1024 * 1024
"""Largest message of the server, headers included: a roster in one control message."""
CONNECTIONS_MAX = 2 * LINKS_MAX + 100
"""Two connections per link, and some for a reconnect before its old connection has lapsed."""
CONNECTIONS_PER_LINK_MAX = 16
"""Connections of one account, its parent's included: each end has one, some more while a line
breaks, and a child that opens others without end finds its own share used up, not its siblings'."""
SUBSCRIPTIONS_PER_LINK_MAX = 256
"""Subscriptions of one account; a link in use has fewer than twenty."""
LOG_BYTES_MAX = 10 * 1024 * 1024
LOG_FILES_MAX = 3

assert ACCOUNT_STORE_BYTES_MAX >= 2 * BOX_BYTES_MAX, "an account must hold both of its boxes"


@dataclass(frozen=True, slots=True, kw_only=True)
class LinkAccount:
    """Who may log in for one link: public nkeys (``U…``). ``child_nkeys_before``: of a child
    that was given another one and was not heard under it yet."""

    child: NodeId
    child_nkey: str
    parent_nkey: str
    child_nkeys_before: tuple[str, ...] = ()

    @property
    def child_nkeys(self) -> tuple[str, ...]:
        """The child's users."""
        return (self.child_nkey, *self.child_nkeys_before)


@dataclass(frozen=True, slots=True, kw_only=True)
class Accounts:
    """All links of this server."""

    links: tuple[LinkAccount, ...] = ()
    replicas: int = 1
    """Servers that keep each box; its bytes count once for each of them."""

    def __post_init__(self) -> None:
        users = [key for link in self.links for key in (*link.child_nkeys, link.parent_nkey)]
        if len(set(users)) != len(users):
            raise ValueError("two users of the NATS server share one nkey")
        if len(self.links) > LINKS_MAX:
            raise ValueError(f"more than {LINKS_MAX} links on one NATS server")


@dataclass(frozen=True, slots=True, kw_only=True)
class ServerConfig:
    """What the managed server needs to know besides its accounts."""

    name: str
    host: str
    port: int
    monitor_port: int
    store: Path
    log: Path
    tls: TlsFiles
    nobody: str
    """A public nkey whose seed was thrown away. While no link exists, a server without users, or
    with users of the system account only, would ask nobody for a login."""
    domain: str = ""


def render(config: ServerConfig, accounts: Accounts) -> str:
    """The configuration file. JSON, which nats-server reads as well as its own syntax."""
    jetstream = store_of(str(config.store))
    if config.domain:
        jetstream["domain"] = config.domain
    document: dict[str, Any] = {
        "server_name": config.name,
        "host": config.host,
        "port": config.port,
        "http": f"127.0.0.1:{config.monitor_port}",
        "logfile": str(config.log),
        "logfile_size_limit": LOG_BYTES_MAX,
        "logfile_max_num": LOG_FILES_MAX,
        "tls": tls_of(str(config.tls.certificate), str(config.tls.key)),
        "jetstream": jetstream,
        **LIMITS,
        **users_of(accounts, nobody=config.nobody),
    }
    return text_of(document)


def text_of(document: dict[str, Any]) -> str:
    """A configuration as it is written."""
    return json.dumps(document, indent=2, sort_keys=True) + "\n"


def store_of(folder: str) -> dict[str, Any]:
    """The ``jetstream`` section."""
    return {
        "store_dir": folder,
        # acknowledged means on the platter: a lost box costs a resend, a consumer ahead of its
        # stream after a power cut costs a stall
        "sync_interval": "always",
        # fixed, because a reload cannot change it
        "max_file_store": LINKS_MAX * ACCOUNT_STORE_BYTES_MAX,
        "max_memory_store": 0,
    }


LIMITS: Mapping[str, Any] = {
    "max_payload": PAYLOAD_BYTES_MAX,
    "max_connections": CONNECTIONS_MAX,
    "write_deadline": "10s",
    "ping_interval": "10s",
    "ping_max": 2,
}
"""What every server of ours is held to."""


def tls_of(certificate: str, key: str) -> dict[str, Any]:
    """The ``tls`` section of the door for clients."""
    return {
        "cert_file": certificate,
        "key_file": key,
        "timeout": 5,
        # TLS before the server's first line: nobody in between can talk us out of it
        "handshake_first": True,
    }


def users_of(accounts: Accounts, *, nobody: str) -> dict[str, Any]:
    """Who may log in, and to what: one account per link. ``nobody``: a public nkey whose seed was
    thrown away."""
    return {
        "accounts": {"SYS": {}, "NOBODY": {"users": [{"nkey": nobody}]}}
        | {f"L_{one.child}": _account(one, accounts.replicas) for one in accounts.links},
        "system_account": "SYS",
    }


def _account(link: LinkAccount, replicas: int) -> dict[str, Any]:
    subjects = LinkSubjects(child=link.child)
    return {
        "jetstream": {
            "max_mem": 0,
            "max_file": ACCOUNT_STORE_BYTES_MAX * replicas,
            "max_streams": 2,
            "max_consumers": 2,
        },
        "limits": {
            "max_connections": CONNECTIONS_PER_LINK_MAX,
            "max_subscriptions": SUBSCRIPTIONS_PER_LINK_MAX,
        },
        "users": [
            {
                "nkey": link.parent_nkey,
                # everything in here, except what can overwrite a whole stream from a file
                "permissions": {"publish": {"deny": ["$JS.API.STREAM.RESTORE.>"]}},
            },
            *(
                {
                    "nkey": nkey,
                    "permissions": {
                        "publish": {"allow": subjects.child_may_publish()},
                        "subscribe": {"allow": subjects.child_may_subscribe()},
                    },
                }
                for nkey in link.child_nkeys
            ),
        ],
    }
