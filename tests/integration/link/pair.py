"""Two offices on real databases, joined by one link run by real drivers."""

from __future__ import annotations

import asyncio
import itertools
import os
import random
import time
from collections.abc import AsyncIterator, Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from sqlalchemy import func, select

from hub.carriers.memory import MemoryPair, memory_pair
from hub.carriers.port import Contact, Dialer
from hub.envelope import Draft
from hub.ids import LinkId, MsgId, NodeId, link_id
from hub.link.driver import LinkDriver
from hub.seal import Ed25519Key, Ed25519Signer
from hub.store import links, outbox
from hub.store.engine import open_engine
from hub.store.tables import metadata as hub_metadata
from hub.store.tx import Tx
from hub.store.writer import GroupWriter
from tests.sim.fabric.office import WORD, SimOffice, effect
from tests.sim.fabric.office import metadata as office_metadata

PARENT, CHILD = NodeId("420200"), NodeId("420203")
LINK = link_id(parent=PARENT, child=CHILD)


def wall_us() -> int:
    return time.time_ns() // 1_000


def mono_us() -> int:
    return time.monotonic_ns() // 1_000


class Ids:
    """Ids that rise, like UUIDv7."""

    def __init__(self) -> None:
        self._n = itertools.count(1)

    def uuid7(self) -> bytes:
        return time.time_ns().to_bytes(8, "big")[2:8] + next(self._n).to_bytes(4, "big") + (
            os.urandom(6)
        )


class Keys:
    """Both nodes' keys."""

    def __init__(self) -> None:
        self.private = {node: Ed25519PrivateKey.generate() for node in (PARENT, CHILD)}
        self._public = {
            node: Ed25519Key.of(private.public_key().public_bytes_raw())
            for node, private in self.private.items()
        }
        self.known = {PARENT, CHILD}

    def signer(self, node: NodeId) -> Ed25519Signer:
        return Ed25519Signer(f"key-{node}", self.private[node])

    def public(self, key_id: str, node: NodeId, at_us: int) -> Ed25519Key | None:
        if node not in self.known or key_id != f"key-{node}":
            return None
        return self._public[node]

    def refusal(self, key_id: str, node: NodeId, at_us: int) -> str:
        return "" if self.public(key_id, node, at_us) is not None else "key.unknown"

    def parent_of(self, node: NodeId) -> NodeId | None:
        return PARENT if node == CHILD else None

    def is_below(self, node: NodeId, ancestor: NodeId) -> bool:
        return node == ancestor or ancestor == PARENT

    def serial(self) -> int:
        return 1


class Office:
    """One node: database, writer, driver. Use ``async with``."""

    def __init__(self, me: NodeId, url: str, keys: Keys) -> None:
        self.me, self.url, self.keys = me, url, keys
        self.app = SimOffice()
        self.ids = Ids()
        self.alarms: list[str] = []
        self.workers = ThreadPoolExecutor(1)
        engine = open_engine(url)
        hub_metadata.create_all(engine)
        office_metadata.create_all(engine)
        engine.dispose()
        self.writer = GroupWriter(url)
        self.driver: LinkDriver | None = None

    async def __aenter__(self) -> Office:
        self.writer.start()
        return self

    async def __aexit__(self, *_: object) -> None:
        await self.halt()
        await self.writer.close()
        self.workers.shutdown()

    async def begin(self, dialers: Sequence[Dialer] = (), **more: Any) -> LinkDriver:
        """Create the link if need be and run its driver."""
        peer = CHILD if self.me == PARENT else PARENT

        def make(tx: Tx) -> None:
            if links.read(tx.conn, LINK) is None:
                links.create(
                    tx, link=LINK, peer=peer, peer_is_parent=self.me == CHILD, prefer="MEMORY"
                )

        await self.writer.write(make)
        self.driver = LinkDriver(
            link=LINK,
            me=self.me,
            writer=self.writer,
            application=self.app,
            signers=(self.keys.signer(self.me),),
            keys=self.keys,
            ids=self.ids,
            clock=wall_us,
            monotonic=mono_us,
            jitter=lambda: random.uniform(0.8, 1.2),
            workers=self.workers,
            dialers=dialers,
            alarm=lambda _link, code, _detail: self.alarms.append(code),
            **more,
        )
        await self.driver.start()
        return self.driver

    async def halt(self) -> None:
        if self.driver is not None:
            await self.driver.stop()
            self.driver = None

    async def accept(self, contact: Contact) -> None:
        assert self.driver is not None
        await self.driver.accept(contact)

    async def utter(
        self, count: int, *, lane: bytes = b"lane", mark: str = "ok", link: LinkId = LINK
    ) -> list[bytes]:
        """Commit some words."""
        drafts = [
            Draft(
                msg_id=MsgId(self.ids.uuid7()), type=WORD, schema_rev=1, occurred_at_us=wall_us(),
                hlc=0, body=mark.encode(), lane=lane,
            )
            for _ in range(count)
        ]
        await self.writer.write(lambda tx: outbox.enqueue(tx, link, drafts))
        return [draft.msg_id for draft in drafts]

    async def effects(self) -> list[bytes]:
        return await self.writer.read(
            lambda conn: list(conn.execute(select(effect.c.msg_id).order_by(effect.c.n)).scalars())
        )

    async def effect_count(self) -> int:
        return await self.writer.read(
            lambda conn: conn.execute(select(func.count()).select_from(effect)).scalar_one()
        )


def both(folder: Path) -> tuple[Office, Office]:
    """Parent and child on databases of their own, not begun."""
    keys = Keys()
    return (
        Office(PARENT, f"sqlite:///{folder}/parent.db", keys),
        Office(CHILD, f"sqlite:///{folder}/child.db", keys),
    )


@asynccontextmanager
async def joined(folder: Path) -> AsyncIterator[tuple[Office, Office, MemoryPair]]:
    """Parent and child, both running, over a carrier in memory."""
    parent, child = both(folder)
    async with parent, child:
        pair = memory_pair(LINK)
        await parent.begin()
        await pair.listener.start(parent.accept)
        await child.begin([pair.dialer])
        yield parent, child, pair
        await pair.listener.stop()


async def until(condition: Callable[[], Any], *, within_s: float = 20.0) -> None:
    """Wait for a level; the condition may be a coroutine function."""
    deadline = time.monotonic() + within_s
    while True:
        found = condition()
        if asyncio.iscoroutine(found):
            found = await found
        if found:
            return
        assert time.monotonic() < deadline, f"not within {within_s} s"
        await asyncio.sleep(0.02)
