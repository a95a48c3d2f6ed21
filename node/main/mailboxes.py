"""Where the mailboxes of our children are: a server of our own, a cluster beside us, or nowhere.

A server of our own is started, watched and told of new children by this process. A cluster is run
by others on machines of its own; they follow what ``wanmi mailboxes`` wrote, and whether they do is
looked at here. Nothing is ever only in a mailbox, so no answer of a server is waited for.
"""

from __future__ import annotations

import asyncio
import time
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final

import structlog

from hub.carriers.tls import TlsFiles
from hub.errors import FabricError
from hub.ids import LinkId
from hub.nats.accounts import Accounts
from hub.nats.login import NatsLogin
from hub.nats.users import accounts_of, box_key
from hub.roster.authority import CERTIFICATE_FILE
from hub.roster.identity import Identity
from hub.roster.keys import NatsKey
from node.service.phrases import phrase
from node.service.views import Finding, Level
from node.settings import Nats, Settings

if TYPE_CHECKING:  # loaded where it is used: most nodes host no mailboxes
    from hub.carriers.jetstream import JetStreamListener
    from hub.nats.cluster import Member, Reached
    from hub.nats.server import NatsServer

KEPT_S: Final = 5.0
"""How long a look at the servers of a cluster counts."""

log = structlog.get_logger("node.mailboxes")


@dataclass(frozen=True, slots=True, kw_only=True)
class Mailboxes:
    """Stored bytes per box; whether the server syncs each message (None: it did not say); of a
    cluster, how many servers answer."""

    stored: dict[str, int]
    sync_always: bool | None
    servers_up: int | None = None


class PostOffice:
    """One per parent. ``follow`` is called again and again and only does what is new."""

    def __init__(self, settings: Settings, *, identity: Identity,
                 violated: Callable[[LinkId, str], None]) -> None:
        self._settings = settings
        self._identity = identity
        self._violated = violated
        self._server: NatsServer | None = None
        self._keys: dict[LinkId, NatsKey] = {}
        self._known = Accounts()
        """Whom the server was told of."""
        self._members: tuple[Member, ...] = ()
        self._listeners: dict[LinkId, JetStreamListener] = {}
        self._reached: tuple[float, Reached] | None = None
        self._looking = asyncio.Lock()

    @property
    def url(self) -> str:
        """Our own server's URL; "" while there is none."""
        return self._server.url if self._server is not None else ""

    async def follow(self, links: Iterable[LinkId], tls: TlsFiles, *, renewed: bool) -> None:
        """Have boxes for these children, under these papers."""
        nats = self._settings.nats
        if not nats.embedded and not nats.servers:
            return
        fresh = [link for link in links if link not in self._keys]
        for link in fresh:
            self._keys[link] = await asyncio.to_thread(self._key, link)
        if nats.servers:
            self._members = self._members or _members(nats)
            return
        accounts = await asyncio.to_thread(self._accounts)
        changed, self._known = accounts != self._known, accounts
        if self._server is None:
            from hub.nats.server import NatsServer

            self._server = NatsServer(
                home=self._settings.nats_home, name=self._settings.node.id, accounts=accounts,
                tls=tls, host=nats.host, port=nats.port)
            await self._server.start()
            log.info("nats_open", port=self._server.port)
        elif changed or renewed:
            await self._server.reload(accounts)

    def _key(self, link: LinkId) -> NatsKey:
        # only this process needs the users of a server of our own: they live as long as it does
        return box_key(self._identity, link) if self._settings.nats.servers else NatsKey.generate()

    def _accounts(self) -> Accounts:
        return accounts_of(self._identity, self._keys.get)

    def listener(self, link: LinkId) -> JetStreamListener | None:
        """Our end of a link's mailboxes; None where it has none."""
        key = self._keys.get(link)
        urls = [one.url for one in self._members] or [self.url]
        if key is None or not all(urls):
            return None
        from hub.carriers.jetstream import JetStreamListener

        made = self._listeners[link] = JetStreamListener(
            link=link, servers=urls, login=NatsLogin.of_key(key),
            ca=self._settings.keys / CERTIFICATE_FILE, replicas=self._settings.nats.replicas,
            on_violation=lambda what: self._violated(link, what))
        return made

    async def drop(self, link: LinkId) -> None:
        """A child was retired: its user is cut off."""
        self._keys.pop(link, None)
        self._listeners.pop(link, None)
        if self._server is not None:
            self._known = await asyncio.to_thread(self._accounts)
            await self._server.reload(self._known)

    async def stop(self) -> None:
        """End our own server; a cluster stays."""
        if self._server is not None:
            await self._server.stop()

    # --- how it is ----------------------------------------------------------------------------

    async def boxes(self) -> Mailboxes:
        """What the boxes hold; empty while there are none, or nobody answers."""
        stored: dict[str, int] = {}
        for listener in list(self._listeners.values()):
            stored |= await listener.boxes()
        reached = await self._look()
        if self._server is None:
            return Mailboxes(stored=stored, sync_always=None,
                             servers_up=len(reached.here) if reached is not None else None)
        try:
            config: dict[str, Any] = (await self._server.varz())["jetstream"]["config"]
        except (FabricError, OSError, KeyError):
            return Mailboxes(stored=stored, sync_always=None)
        return Mailboxes(stored=stored, sync_always=bool(config.get("sync_always")))

    async def findings(self) -> list[Finding]:
        """Of a cluster: which servers answer, which do not follow, whose copies are behind."""
        reached = await self._look()
        if reached is None:
            return []
        total, here = len(self._members), len(reached.here | reached.refused)
        values: dict[str, str | int] = {"here": here, "total": total,
                                        "names": ", ".join(sorted(reached.away))}
        found = []
        if here <= total // 2:
            found.append(_said(Level.ALARM, "mailboxes.no_quorum", **values))
        elif reached.away:
            found.append(_said(Level.WARN, "mailboxes.away", **values))
        found += [_said(Level.ALARM, "mailboxes.refused", name=name)
                  for name in sorted(reached.refused)]
        behind = frozenset().union(*(one.away for one in self._listeners.values()))
        found += [_said(Level.WARN, "mailboxes.behind", name=name)
                  for name in sorted(behind - reached.away) if here > total // 2]
        return found or [Finding(
            level=Level.OK, subject="mailboxes",
            sentence=phrase("mailboxes.well", replicas=self._settings.nats.replicas, **values))]

    async def _look(self) -> Reached | None:
        """At the servers of a cluster; None where there is none, or no child yet."""
        if not self._members or not self._keys:
            return None
        async with self._looking:
            if self._reached is None or time.monotonic() - self._reached[0] > KEPT_S:
                from hub.nats.cluster import look

                # the newest child is the one that a server may not have been told of
                link, key = list(self._keys.items())[-1]
                reached = await look(self._members, login=NatsLogin.of_key(key),
                                     ca=self._settings.keys / CERTIFICATE_FILE)
                if self._reached is not None and reached != self._reached[1]:
                    log.warning("mailbox_servers", here=sorted(reached.here), link=link,
                                refused=sorted(reached.refused), away=sorted(reached.away))
                self._reached = (time.monotonic(), reached)
            return self._reached[1]


def _members(nats: Nats) -> tuple[Member, ...]:
    from hub.nats.cluster import Member

    return tuple(Member.of(name=one.name, url=one.url, route=one.route,
                           monitor_port=one.monitor_port) for one in nats.servers)


def _said(level: Level, key: str, **values: str | int) -> Finding:
    return Finding(level=level, subject="mailboxes", sentence=phrase(key, **values),
                   remedy=phrase(f"{key}.remedy", **values))

