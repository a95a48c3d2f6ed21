"""Attachments on the links of one node: answers the peers' asks and pulls what is wanted.

The receiver pulls, hop by hop; nobody pushes. One pull at a time per stream, the most wanted first;
links do not wait for one another, nor do the streams of one link (one per carrier). A stream may be
lost, silent or slow at any time: whatever was under way is asked for again.
"""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import Callable

import structlog
from sqlalchemy import Connection

from hub.blobs.library import TOPIC, BlobLibrary
from hub.blobs.messages import BlobAsk, BlobLater, BulkMessage, decode, encode
from hub.blobs.pull import Pressure, Pull, Replies, Silent
from hub.carriers.streams import ByteStream
from hub.errors import Malformed, Unreachable
from hub.ids import LinkId
from hub.link.quota import Quota, admits
from hub.store import blobs, links
from hub.store.blobs import PRIO_ON_VIEW, BlobRow
from hub.store.tx import Writer

ASKS_WAITING_MAX = 4
"""A peer's asks waiting on one stream. It asks one at a time; more are dropped, it asks again."""
REPLIES_WAITING_MAX = 32
"""Answers read ahead of the pull: two windows of chunks, 2 MiB."""
LOOK_S_MAX = 30.0
"""Longest sleep between looks for something to pull."""
TROUBLE_WAIT_S = 5.0
"""Pause after our own disk or database failed a pull."""
SILENT_WAIT_S = 30.0
"""How long a stream on which nobody answers is left alone."""
WORDS_FIRST_S = 2
"""What an asker is told while our own words wait on the link."""

log = structlog.get_logger(__name__)


class BlobExchange:
    """One per node; ``attach`` once per stream, at both ends of a link. ``quota``: what a peer may
    cost a day; beyond it only what a person looks at is pulled until the next day."""

    __slots__ = ("_library", "_now_us", "_pressure", "_pulled", "_quota", "_writer")

    def __init__(
        self,
        *,
        library: BlobLibrary,
        writer: Writer,
        now_us: Callable[[], int],
        pressure: Callable[[LinkId], Pressure] = lambda _: Pressure(),
        quota: Callable[[LinkId], Quota | None] = lambda _: None,
    ) -> None:
        self._library = library
        self._writer = writer
        self._now_us = now_us
        self._pressure = pressure
        self._quota = quota
        self._pulled: dict[LinkId, set[bytes]] = {}

    async def attach(self, stream: ByteStream) -> None:
        """Serve and pull on this stream until it ends or the caller is cancelled."""
        asks = asyncio.Queue[BlobAsk](ASKS_WAITING_MAX)
        replies = Replies(REPLIES_WAITING_MAX)
        tasks = (
            asyncio.create_task(self._serve(stream, asks), name=f"blobs serve {stream.link}"),
            asyncio.create_task(self._pull(stream, replies), name=f"blobs pull {stream.link}"),
        )
        try:
            await self._read(stream, asks, replies)
        finally:
            for task in tasks:
                task.cancel()
            await asyncio.gather(*tasks, return_exceptions=True)
            await stream.close()

    async def _read(
        self, stream: ByteStream, asks: asyncio.Queue[BlobAsk], replies: Replies
    ) -> None:
        """Sort what arrives. Never writes and never waits for either task, so that two ends can
        never wait for each other."""
        while (data := await stream.read()) is not None:
            try:
                message = decode(stream.link, data)
            except Malformed as err:
                log.warning("blob.malformed", link=stream.link, detail=str(err))
                return
            with contextlib.suppress(asyncio.QueueFull):  # the asker asks again
                if isinstance(message, BlobAsk):
                    asks.put_nowait(message)
                else:
                    replies.put_nowait(message)

    async def _serve(self, stream: ByteStream, asks: asyncio.Queue[BlobAsk]) -> None:
        while True:
            ask = await asks.get()
            try:
                if self._pressure(stream.link).words_wait:
                    answers: tuple[BulkMessage, ...] = (
                        BlobLater(digest=ask.digest, after_s=WORDS_FIRST_S),
                    )
                else:
                    answers = tuple(await self._library.answer(stream.link, ask))
                for answer in answers:
                    await stream.write(encode(stream.link, answer))
            except Unreachable:
                return  # the reader sees the end too
            except Exception as err:  # noqa: BLE001  # an outer loop: log, go on with the next
                log.warning("blob.serve_failed", link=stream.link, detail=str(err))

    async def _pull(self, stream: ByteStream, replies: Replies) -> None:
        async def say(message: BulkMessage) -> None:
            await stream.write(encode(stream.link, message))

        link = stream.link
        news = asyncio.Event()
        forget = self._writer.listen(TOPIC, lambda _: news.set())
        pulled = self._pulled.setdefault(link, set())
        try:
            while True:
                news.clear()
                try:
                    row, due_us = await self._next(link, pulled)
                    if row is not None and row.digest not in pulled:
                        pulled.add(row.digest)
                        try:
                            await Pull(
                                row=row, link=link, library=self._library, writer=self._writer,
                                say=say, replies=replies, pressure=self._pressure,
                            ).run()
                        finally:
                            pulled.discard(row.digest)
                        continue
                except Unreachable:
                    return
                except Silent:
                    log.info("blob.silent", link=link)
                    await asyncio.sleep(SILENT_WAIT_S)
                    continue
                except Exception as err:  # noqa: BLE001  # an outer loop: log, pause, go on
                    log.warning("blob.pull_failed", link=link, detail=str(err))
                    due_us = self._now_us() + int(TROUBLE_WAIT_S * 1_000_000)
                with contextlib.suppress(TimeoutError):
                    async with asyncio.timeout(self._sleep_s(due_us)):
                        await news.wait()
        finally:
            forget()

    async def _next(
        self, link: LinkId, pulled: set[bytes]
    ) -> tuple[BlobRow | None, int | None]:
        now_us, besides, quota = self._now_us(), frozenset(pulled), self._quota(link)

        def look(conn: Connection) -> tuple[BlobRow | None, int | None]:
            row = blobs.next_wanted(conn, link, now_us, besides=besides)
            if row is not None and quota is not None and row.prio != PRIO_ON_VIEW and not admits(
                quota, links.spent(conn, link), row.size, now_us=now_us
            ):
                return None, None
            return row, blobs.next_try_at(conn, link)

        return await self._writer.read(look)

    def _sleep_s(self, due_us: int | None) -> float:
        if due_us is None:
            return LOOK_S_MAX
        return min(LOOK_S_MAX, max(0.05, (due_us - self._now_us()) / 1_000_000))
