"""Pulling one attachment over one stream: manifest, chunks, whole. Resumes where it stopped.

Words go first: the window of chunks in flight starts at one, grows with success, is halved when
frames get slow, and nothing is asked for while an envelope waits too long.
"""

from __future__ import annotations

import asyncio
import hashlib
import time
from collections.abc import Awaitable, Callable
from dataclasses import dataclass

from hub.blobs.files import CHUNK_BYTES
from hub.blobs.library import BlobLibrary
from hub.blobs.messages import (
    ASK_CHUNKS_MAX,
    BlobAsk,
    BlobChunk,
    BlobGone,
    BlobLater,
    BlobManifest,
    BulkMessage,
)
from hub.ids import LinkId
from hub.store import blobs, links
from hub.store.blobs import BlobRow
from hub.store.tx import Tx, Writer

ANSWER_WAIT_S = 10.0
"""Silence after an ask before it counts as lost; a window of 1 MiB at 2 Mbit/s takes 4 s."""
LOST_ASKS_MAX = 3
"""Asks in a row without an answer before the stream counts as silent."""
LATER_S_MAX = 300
"""Longest wait a peer may tell us; a peer's clock or mistake must not hide a photo for days."""
CHUNK_ASKS_MAX = 3
"""Asks for one chunk that came damaged, before the manifest itself is doubted."""
SLOW_FRAME_MS = 500.0
WORDS_WAIT_S = 2.0
PAUSE_S = 0.5
"""Seconds between looks while words go first."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Pressure:
    """How the words on this link fare. Zeros = nothing waits."""

    frame_rtt_ms: float = 0.0
    oldest_undelivered_s: float = 0.0

    @property
    def words_wait(self) -> bool:
        """Whether chunks must stand back."""
        return self.oldest_undelivered_s > WORDS_WAIT_S


Replies = asyncio.Queue[BulkMessage]


class Silent(Exception):
    """Nobody answers on this stream. It says nothing about the attachment, which another stream
    of the same link may well get."""


class _Stopped(Exception):
    """This attempt is over; how it goes on is settled already."""


class Pull:
    """One attempt at one attachment. ``say`` sends to the peer, ``replies`` are its answers."""

    __slots__ = ("_asked", "_library", "_link", "_lost", "_pressure", "_replies", "_row", "_say",
                 "_window", "_writer")

    def __init__(
        self,
        *,
        row: BlobRow,
        link: LinkId,
        library: BlobLibrary,
        writer: Writer,
        say: Callable[[BulkMessage], Awaitable[None]],
        replies: Replies,
        pressure: Callable[[LinkId], Pressure],
    ) -> None:
        self._row = row
        self._link = link
        self._library = library
        self._writer = writer
        self._say = say
        self._replies = replies
        self._pressure = pressure
        self._window = 1
        self._lost = 0
        self._asked: dict[int, int] = {}

    async def run(self) -> bool:
        """True when the attachment is whole now. Otherwise its row says when to try again.
        Raises ``Silent`` when the stream is the trouble."""
        if await asyncio.to_thread(self._library.files.exists, self._row.digest):
            if await asyncio.to_thread(
                self._library.files.verify, self._row.digest, alg=self._row.alg
            ):
                await self._writer.write(lambda tx: blobs.finish(tx.conn, self._row.digest))
                return True
            await asyncio.to_thread(self._library.files.remove, self._row.digest)
        try:
            missing = await self._plan()
            while missing:
                await self._give_way()
                await self._fetch(missing)
        except _Stopped:
            return False
        if not await self._library.keep(self._row):
            await self._library.strike(self._row, "its bytes are not what was announced")
            return False
        return True

    async def _plan(self) -> dict[int, bytes]:
        """Chunks still missing, from the rows of an earlier attempt or from a manifest."""
        digest = self._row.digest
        known = await self._writer.read(lambda conn: blobs.chunks(conn, digest))
        if known or self._row.size == 0:
            believed = [(n, value) for n, value, have in known if have]
            held = await asyncio.to_thread(
                self._library.files.part_chunks, digest, believed, alg=self._row.alg
            )
            lost = [n for n, _ in believed if n not in held]
            if lost:
                await self._writer.write(
                    lambda tx: blobs.mark(tx.conn, digest, lost, have=False)
                )
            return {n: value for n, value, _ in known if n not in held}
        manifest = await self._manifest()
        await asyncio.to_thread(self._library.files.drop_part, digest)
        await self._writer.write(
            lambda tx: blobs.begin(tx.conn, digest, manifest.chunk_digests)
        )
        return dict(enumerate(manifest.chunk_digests))

    async def _manifest(self) -> BlobManifest:
        while True:
            await self._give_way()
            await self._ask(())
            reply = await self._reply(time.monotonic() + ANSWER_WAIT_S)
            if isinstance(reply, BlobManifest):
                break
            if reply is None:
                await self._count_lost()
        count = -(-self._row.size // CHUNK_BYTES)
        width = hashlib.new(self._row.alg.value).digest_size
        if (
            reply.size != self._row.size
            or len(reply.chunk_digests) != count
            or any(len(value) != width for value in reply.chunk_digests)
        ):
            await self._library.strike(self._row, "its manifest is not what was announced")
            raise _Stopped
        return reply

    async def _fetch(self, missing: dict[int, bytes]) -> None:
        """Ask for one window of chunks and take what comes; removes it from ``missing``."""
        wanted = tuple(sorted(missing))[: self._window]
        for n in wanted:
            self._asked[n] = self._asked.get(n, 0) + 1
        if any(self._asked[n] > CHUNK_ASKS_MAX for n in wanted):
            await self._library.strike(self._row, "a chunk keeps coming damaged")
            raise _Stopped
        await self._ask(wanted)
        waiting, good = set(wanted), list[tuple[int, bytes]]()
        until = time.monotonic() + ANSWER_WAIT_S
        while waiting:
            reply = await self._reply(until)
            if reply is None:
                break
            if not isinstance(reply, BlobChunk) or reply.n not in waiting:
                continue
            waiting.discard(reply.n)
            digest = hashlib.new(self._row.alg.value, reply.data).digest()
            if digest == missing[reply.n] and len(reply.data) <= CHUNK_BYTES:
                good.append((reply.n, reply.data))
        if good:
            await self._take(good)
            for n, _ in good:
                del missing[n]
                self._asked.pop(n, None)
            self._lost = 0
        if waiting:
            for n in waiting:  # a lost answer says nothing about the chunk
                self._asked[n] -= 1
            await self._count_lost()
        elif self._pressure(self._link).frame_rtt_ms > SLOW_FRAME_MS:
            self._window = max(1, self._window // 2)
        else:
            self._window = min(ASK_CHUNKS_MAX, self._window + len(good))

    async def _take(self, good: list[tuple[int, bytes]]) -> None:
        digest = self._row.digest
        await asyncio.to_thread(self._library.files.write_part, digest, good)
        numbers = [n for n, _ in good]
        size = sum(len(piece) for _, piece in good)

        def take(tx: Tx) -> None:
            blobs.mark(tx.conn, digest, numbers)
            links.pulled(tx, self._link, size)

        await self._writer.write(take)

    async def _ask(self, chunks: tuple[int, ...]) -> None:
        while not self._replies.empty():  # answers to an ask we have given up
            self._replies.get_nowait()
        await self._say(BlobAsk(digest=self._row.digest, alg=self._row.alg, chunks=chunks))

    async def _reply(self, until: float) -> BulkMessage | None:
        """The peer's next answer about this attachment; None when it did not come in time."""
        while True:
            try:
                async with asyncio.timeout(max(0.0, until - time.monotonic())):
                    reply = await self._replies.get()
            except TimeoutError:
                return None
            if reply.digest != self._row.digest:
                continue
            if isinstance(reply, BlobLater):
                await self._rest(min(max(reply.after_s, 1), LATER_S_MAX))
            if isinstance(reply, BlobGone):
                await self._library.strike(self._row, f"the peer does not have it ({reply.code})")
                raise _Stopped
            return reply

    async def _count_lost(self) -> None:
        self._window = max(1, self._window // 2)
        self._lost += 1
        if self._lost >= LOST_ASKS_MAX:
            raise Silent

    async def _rest(self, seconds: int) -> None:
        """Come back to it later; nothing is held against the peer."""
        digest = self._row.digest
        await self._writer.write(
            lambda tx: blobs.postpone(tx.conn, digest, tx.now_us + seconds * 1_000_000)
        )
        raise _Stopped

    async def _give_way(self) -> None:
        # Pressure is a measurement, not an event: it is looked at again until words are through.
        while self._pressure(self._link).words_wait:  # noqa: ASYNC110
            await asyncio.sleep(PAUSE_S)
