"""One rig per carrier: how the contract suite makes itself a parent with two children.

A rig also declares what its carrier promises, so that the suite can ask for exactly that.
"""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Protocol

from hub.carriers.grpc_stream import Caller, GrpcDialer, GrpcServer
from hub.carriers.jetstream import JetStreamDialer, JetStreamListener
from hub.carriers.memory import Faults, MemoryPair, memory_pair
from hub.carriers.port import Contact, Dialer, Listener, Parcel
from hub.errors import Unreachable
from hub.ids import LinkId
from hub.nats.accounts import Accounts, LinkAccount
from hub.nats.login import NatsLogin
from hub.nats.server import NatsServer
from hub.nats.subjects import LinkSubjects
from hub.roster.keys import NatsKey
from tests.pki import Pki
from tests.proxy import Proxy

PARENT = "420200"
LINK_A, LINK_B = LinkId("420200-420203"), LinkId("420200-420204")
DEADLINE_S = 20.0


@dataclass(frozen=True, slots=True, kw_only=True)
class Promises:
    """What a carrier says of itself."""

    stores: bool
    """Frames not marked done come again."""
    one_order: bool
    """Control and frames keep one order between them, not only each its own."""


class Rig(Protocol):
    promises: Promises

    def listener(self, link: LinkId) -> Listener: ...

    def dialer(self, link: LinkId) -> Dialer: ...

    async def restart(self) -> None:
        """The server side goes away and comes back on the same address."""
        ...

    def break_line(self) -> None:
        """Whatever the children hold of the parent breaks now."""
        ...

    def mend_line(self) -> None: ...


class MemoryRig:
    promises = Promises(stores=False, one_order=True)

    def __init__(self, faults: Faults | None = None) -> None:
        self._pairs: dict[LinkId, MemoryPair] = {}
        self._faults = faults or Faults()

    def _pair(self, link: LinkId) -> MemoryPair:
        if link not in self._pairs:
            self._pairs[link] = memory_pair(link, faults=self._faults)
        return self._pairs[link]

    def listener(self, link: LinkId) -> Listener:
        return self._pair(link).listener

    def dialer(self, link: LinkId) -> Dialer:
        return self._pair(link).dialer

    async def restart(self) -> None:
        self.break_line()
        self.mend_line()

    def break_line(self) -> None:
        for pair in self._pairs.values():
            pair.cut()

    def mend_line(self) -> None:
        for pair in self._pairs.values():
            pair.heal()


class GrpcRig:
    promises = Promises(stores=False, one_order=True)

    def __init__(self, pki: Pki) -> None:
        self.pki = pki
        self.proxy: Proxy
        self.revoked: set[str] = set()
        self.server = GrpcServer(tls=pki.server, authorise=self.authorise)

    def authorise(self, caller: Caller) -> LinkId | None:
        for link in (LINK_A, LINK_B):
            child = link.split("-")[1]
            if child in caller.names and child not in self.revoked:
                return link
        return None

    def listener(self, link: LinkId) -> Listener:
        return self.server.listener(link)

    def dialer(self, link: LinkId) -> GrpcDialer:
        return GrpcDialer(
            link=link,
            host="127.0.0.1",
            port=self.proxy.port,
            tls=self.pki.child(link.split("-")[1]),
        )

    async def restart(self) -> None:
        await self.server.stop()
        await self.server.start()

    def break_line(self) -> None:
        self.proxy.cut()

    def mend_line(self) -> None:
        self.proxy.heal()


class JetStreamRig:
    promises = Promises(stores=True, one_order=False)

    def __init__(self, pki: Pki, home: Path) -> None:
        self.pki = pki
        self.child_keys = {link: NatsKey.generate() for link in (LINK_A, LINK_B)}
        self.parent_keys = {link: NatsKey.generate() for link in (LINK_A, LINK_B)}
        self.violations: list[str] = []
        self.proxy: Proxy
        self.server = NatsServer(
            home=home, name=PARENT, accounts=self.accounts(LINK_A, LINK_B), tls=pki.server
        )

    def accounts(self, *links: LinkId) -> Accounts:
        return Accounts(
            links=tuple(
                LinkAccount(
                    child=LinkSubjects.of(link).child,
                    child_nkey=self.child_keys[link].public,
                    parent_nkey=self.parent_keys[link].public,
                )
                for link in links
            )
        )

    def listener(
        self, link: LinkId, *, silence_s: float = 30.0, look_s: float = 30.0
    ) -> JetStreamListener:
        return JetStreamListener(
            link=link,
            servers=[self.server.url],
            login=NatsLogin.of_key(self.parent_keys[link]),
            ca=self.pki.ca,
            silence_s=silence_s,
            look_s=look_s,
        )

    def dialer(
        self,
        link: LinkId,
        *,
        key: NatsKey | None = None,
        alive_s: float = 10.0,
        silence_s: float = 30.0,
    ) -> JetStreamDialer:
        return JetStreamDialer(
            link=link,
            servers=[f"tls://127.0.0.1:{self.proxy.port}"],
            login=NatsLogin.of_key(key or self.child_keys[link]),
            ca=self.pki.ca,
            on_violation=self.violations.append,
            alive_s=alive_s,
            silence_s=silence_s,
        )

    async def restart(self) -> None:
        await self.server.restart()

    def break_line(self) -> None:
        self.proxy.cut()

    def mend_line(self) -> None:
        self.proxy.heal()


@asynccontextmanager
async def memory_rig(home: Path) -> AsyncIterator[Rig]:
    yield MemoryRig()


@asynccontextmanager
async def grpc_rig(home: Path) -> AsyncIterator[GrpcRig]:
    pki = Pki(home / "pki", parent=PARENT)
    rig = GrpcRig(pki)
    await rig.server.start()
    try:
        async with Proxy(rig.server.port) as rig.proxy:
            yield rig
    finally:
        await rig.server.stop()


@asynccontextmanager
async def jetstream_rig(home: Path) -> AsyncIterator[JetStreamRig]:
    rig = JetStreamRig(Pki(home / "pki", parent=PARENT), home / "nats")
    await rig.server.start()
    try:
        async with Proxy(rig.server.port) as rig.proxy:
            yield rig
    finally:
        await rig.server.stop()


class Recorder:
    """A listener's handler: keeps each contact open and what arrives on it."""

    def __init__(self, *, done: bool = True) -> None:
        self.contacts: list[Contact] = []
        self.open: set[Contact] = set()
        self.parcels: list[Parcel] = []
        self.done = done
        self._changed = asyncio.Event()

    async def __call__(self, contact: Contact) -> None:
        self.contacts.append(contact)
        self.open.add(contact)
        self._changed.set()
        try:
            async for parcel in contact.parcels():
                self.parcels.append(parcel)
                if self.done:
                    await parcel.done()
                self._changed.set()
        finally:
            self.open.discard(contact)
            self._changed.set()

    @property
    def heard(self) -> list[bytes]:
        return [parcel.data for parcel in self.parcels]

    async def until(self, level: Callable[[], bool], within_s: float = DEADLINE_S) -> None:
        """Wait until ``level`` holds of what was recorded; fails with what was."""
        try:
            async with asyncio.timeout(within_s):
                while not level():
                    self._changed.clear()
                    await self._changed.wait()
        except TimeoutError:
            raise AssertionError(
                f"after {within_s} s: {len(self.contacts)} contacts, {len(self.open)} open, "
                f"{len(self.parcels)} parcels"
            ) from None


@asynccontextmanager
async def listening(
    listener: Listener, handler: Callable[[Contact], Awaitable[None]]
) -> AsyncIterator[None]:
    await listener.start(handler)
    try:
        yield
    finally:
        await listener.stop()


async def dialled(dialer: Dialer, within_s: float = DEADLINE_S) -> Contact:
    """Dial as a driver would: again while the other side is not there yet."""
    loop = asyncio.get_running_loop()
    until = loop.time() + within_s
    while True:
        try:
            return await dialer.dial()
        except Unreachable:
            if loop.time() > until:
                raise
            await asyncio.sleep(0.05)


@asynccontextmanager
async def conversation(
    rig: Rig, link: LinkId = LINK_A, *, parent: Recorder | None = None
) -> AsyncIterator[tuple[Contact, Recorder, Recorder]]:
    """A child's contact, what it hears, and what the parent hears."""
    above, below = parent or Recorder(), Recorder()
    async with listening(rig.listener(link), above):
        contact = await dialled(rig.dialer(link))
        hearing = asyncio.create_task(below(contact))
        try:
            await above.until(lambda: bool(above.open))
            await below.until(lambda: bool(below.open))
            yield contact, below, above
        finally:
            await contact.close()
            await hearing
