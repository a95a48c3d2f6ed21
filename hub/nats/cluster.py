"""A cluster of mailbox servers beside a parent: the files of each, and whether they follow.

The servers stand on machines of their own and are run by the system's service manager; the parent
writes what they need (``docs/operating/mailboxes.md``). Paths in a configuration are relative to
the folder in which a server is started.
"""

from __future__ import annotations

import asyncio
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any

from hub.errors import FabricError, UnknownPeer
from hub.nats.accounts import LIMITS, Accounts, store_of, text_of, tls_of, users_of
from hub.nats.login import NatsLogin
from hub.nats.session import NatsSession
from hub.roster.authority import LinkAuthority, at, read_certificate
from hub.roster.keys import TlsKey, write_public

CONFIG_FILE = "nats.conf"
SERVER, ROUTE, AUTHORITY = "server", "route", "routes.pem"
"""Papers of the door for children, and of the door between the servers."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Member:
    """One server. ``host`` and ``port``: of the door for children; ``route``: ``host:port``."""

    name: str
    host: str
    port: int
    route: str
    monitor_port: int

    @classmethod
    def of(cls, *, name: str, url: str, route: str, monitor_port: int) -> Member:
        """As settings say it: ``tls://host:port`` and ``host:port``."""
        host, port = split(url)
        return cls(name=name, host=host, port=port, route=route, monitor_port=monitor_port)

    @property
    def url(self) -> str:
        """What a client connects to."""
        host = f"[{self.host}]" if ":" in self.host else self.host
        return f"tls://{host}:{self.port}"


def split(address: str) -> tuple[str, int]:
    """Host (without brackets) and port of ``host:port`` or ``tls://host:port``."""
    host, _, port = address.removeprefix("tls://").rpartition(":")
    return host.strip("[]"), int(port)


def render(member: Member, members: Sequence[Member], accounts: Accounts, *, cluster: str,
           nobody: str) -> str:
    """The configuration of ``member``."""
    route_host, route_port = split(member.route)
    document: dict[str, Any] = {
        "server_name": member.name,
        "host": member.host,
        "port": member.port,
        "http": f"127.0.0.1:{member.monitor_port}",
        "tls": tls_of(f"{SERVER}.pem", f"{SERVER}.key"),
        "jetstream": store_of("store"),
        "cluster": {
            "name": cluster,
            "host": route_host,
            "port": route_port,
            # children know the addresses that their kit names; what servers tell of one another
            # would be addresses behind their firewall
            "no_advertise": True,
            "routes": [f"tls://{one.route}" for one in members if one != member],
            "tls": {
                "cert_file": f"{ROUTE}.pem",
                "key_file": f"{ROUTE}.key",
                "ca_file": AUTHORITY,
                "verify": True,
                "timeout": 5,
            },
        },
        **LIMITS,
        **users_of(accounts, nobody=nobody),
    }
    return text_of(document)


class Papers:
    """Keys and certificates of the servers, as the parent keeps them below ``keys/mailboxes``. The
    doors between them have an authority of their own: a child's certificate must not open those."""

    def __init__(self, folder: Path, *, links: LinkAuthority) -> None:
        self._folder = folder
        self._links = links

    def of(self, member: Member, *, now_us: int) -> Mapping[str, bytes]:
        """File name: content, made or renewed (at two thirds of a certificate's life) if need be.
        Names without ``.pem`` are private."""
        self._folder.mkdir(mode=0o700, exist_ok=True)
        routes = self._routes(at(now_us))
        found = {AUTHORITY: routes.pem.encode()}
        hosts = {SERVER: [member.host], ROUTE: [split(member.route)[0]]}
        for door, authority in ((SERVER, self._links), (ROUTE, routes)):
            key, pem = self._pair(member, door, authority, hosts[door], now_us)
            found |= {f"{door}.key": key.pem(), f"{door}.pem": pem.encode()}
        return found

    def _routes(self, now: datetime) -> LinkAuthority:
        if (self._folder / "ca.pem").exists():
            return LinkAuthority.load(self._folder, node=self._links.node)
        return LinkAuthority.create(self._folder, node=self._links.node, now=now)

    def _pair(self, member: Member, door: str, authority: LinkAuthority, hosts: list[str],
              now_us: int) -> tuple[TlsKey, str]:
        folder = self._folder / member.name
        folder.mkdir(mode=0o700, exist_ok=True)
        key_file, file = folder / f"{door}.key", folder / f"{door}.pem"
        if not key_file.exists():
            TlsKey.generate().save(key_file)
        key = TlsKey.load(key_file)
        if file.exists():
            present = read_certificate(file.read_bytes())
            if now_us < present.renew_at_us and present.covers(hosts):
                return key, present.pem
        made = authority.member_certificate(
            key, hosts=hosts, now=at(now_us), routes=door == ROUTE)
        write_public(file, made.pem.encode())
        return key, made.pem


@dataclass(frozen=True, slots=True, kw_only=True)
class Reached:
    """What one look at the servers found, by name."""

    here: frozenset[str]
    refused: frozenset[str]
    """It answers, and does not know this link's user: it has an older configuration."""
    away: frozenset[str]


async def look(members: Sequence[Member], *, login: NatsLogin, ca: Path) -> Reached:
    """Whether each server answers and takes us. Asked of all at once; takes a few seconds if one
    hangs."""
    said = await asyncio.gather(*(_answer(one, login, ca) for one in members))
    by_name = dict(zip((one.name for one in members), said, strict=True))
    return Reached(
        here=frozenset(name for name, code in by_name.items() if not code),
        refused=frozenset(name for name, code in by_name.items() if code == "refused"),
        away=frozenset(name for name, code in by_name.items() if code == "away"))


async def _answer(member: Member, login: NatsLogin, ca: Path) -> str:
    try:
        session = await NatsSession.open(
            servers=[member.url], login=login, ca=ca, server_name="", name="look",
            inbox_prefix="_INBOX_LOOK", within_s=LOOK_S)
    except UnknownPeer:
        return "refused"
    except FabricError:
        return "away"
    await session.close()
    return ""


LOOK_S = 3.0
"""Seconds in which a server has to answer a look."""
