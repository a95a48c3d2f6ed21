"""One node's trust rooms on real files and a real database, without words."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Awaitable, Callable
from pathlib import Path

from hub.blobs.exchange import BlobExchange
from hub.blobs.files import BlobStore
from hub.blobs.library import BlobLibrary
from hub.blobs.pull import Pressure
from hub.envelope import Attachment
from hub.ids import LinkId
from hub.link.quota import Quota
from hub.store import blobs
from hub.store.blobs import BlobRow
from hub.store.tables import metadata
from hub.store.tx import Tx
from hub.store.writer import GroupWriter

MSG = bytes(16)


def wall_us() -> int:
    return time.time_ns() // 1000


class Office:
    """Writer, blob files and exchange of one node; use as a context manager."""

    def __init__(
        self, home: Path, *, pressure: Callable[[LinkId], Pressure] = lambda _: Pressure(),
        quota: Callable[[LinkId], Quota | None] = lambda _: None,
    ) -> None:
        home.mkdir(parents=True, exist_ok=True)
        self.alarms: list[str] = []
        self.offset_us = 0
        self.writer = GroupWriter(
            f"sqlite:///{home / 'wanmi.db'}", clock=lambda: self.now_us() * 1000
        )
        self.files = BlobStore(home / "blobs")
        self.library = BlobLibrary(
            files=self.files, writer=self.writer, now_us=self.now_us,
            alarm=lambda code, _: self.alarms.append(code),
        )
        self.exchange = BlobExchange(
            library=self.library, writer=self.writer, now_us=self.now_us, pressure=pressure,
            quota=quota,
        )

    def now_us(self) -> int:
        return wall_us() + self.offset_us

    def __enter__(self) -> Office:
        self.writer.start()
        self.writer.run(lambda tx: metadata.create_all(tx.conn))
        return self

    def __exit__(self, *_: object) -> None:
        self.writer.stop()

    async def offer(self, link: LinkId, data: bytes) -> Attachment:
        """Keep bytes and let a word on ``link`` name them, as an enqueue does."""
        stored = await self.library.add(data, media_type="image/jpeg")
        await self.writer.write(
            lambda tx: blobs.refer(tx.conn, link, [stored.digest], MSG)
        )
        return Attachment(digest=stored.digest, size=stored.size, media_type="image/jpeg")

    async def hear(self, link: LinkId, *attachments: Attachment) -> None:
        """A word with these attachments is accepted from ``link``."""

        def accept(tx: Tx) -> None:
            if blobs.want(tx.conn, link, attachments, MSG, tx.now_us):
                tx.wake("blob")

        await self.writer.write(accept)

    async def row(self, digest: bytes) -> BlobRow | None:
        return await self.writer.read(lambda conn: blobs.find(conn, digest))


async def until(level: Callable[[], Awaitable[bool]], *, seconds: float = 20.0) -> None:
    """Wait until a level is reached; fails when it is not reached in time."""
    async with asyncio.timeout(seconds):
        while not await level():  # a level in a database, not an event
            await asyncio.sleep(0.01)
