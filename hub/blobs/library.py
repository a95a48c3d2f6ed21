"""Files and rows of attachments together: what this node holds, serves and gives up.

Both ends of a pull lean on this; nothing here talks to a stream.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Sequence
from dataclasses import dataclass

from sqlalchemy import Connection

from hub.blobs.files import BlobStore, Stored
from hub.blobs.messages import (
    BlobAsk,
    BlobChunk,
    BlobGone,
    BlobLater,
    BlobManifest,
    BulkMessage,
)
from hub.errors import Unsealed
from hub.ids import LinkId
from hub.store import blobs
from hub.store.blobs import BlobRow, BlobState
from hub.store.tx import Tx, Writer

TOPIC = "blob"
FETCHING_AFTER_S = 5
"""What an asker is told while we fetch the attachment from below ourselves."""
STRIKES_MAX = 3
"""Failed pulls of one attachment before a person is told."""
STRIKE_WAIT_S = (30, 300)
"""Seconds before the second and the third attempt."""

Alarm = Callable[[str, str], None]
"""(stable code, sentence): something a person must see."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Standing:
    """What an ask is judged by, read in one go."""

    referred: bool
    row: BlobRow | None


class BlobLibrary:
    """The attachments of one node."""

    __slots__ = ("_alarm", "_now_us", "_writer", "files")

    def __init__(
        self, *, files: BlobStore, writer: Writer, now_us: Callable[[], int], alarm: Alarm
    ) -> None:
        self.files = files
        self._writer = writer
        self._now_us = now_us
        self._alarm = alarm

    async def add(self, data: bytes, *, media_type: str) -> Stored:
        """Keep an attachment made here: file first, row second, so that a row never promises
        what is not on disk. Adding the same bytes again is harmless."""
        stored = await asyncio.to_thread(self.files.put, data)

        def adopt(tx: Tx) -> None:
            blobs.adopt(tx.conn, digest=stored.digest, size=stored.size, media_type=media_type)

        await self._writer.write(adopt, urgent=True)
        return stored

    async def view(self, digest: bytes) -> BlobState | None:
        """A person opens it: its state now; a pending pull goes to the front of its link."""

        def look(tx: Tx) -> BlobState | None:
            if blobs.view(tx.conn, digest, tx.now_us):
                tx.wake(TOPIC)
            row = blobs.find(tx.conn, digest)
            return row.state if row else None

        return await self._writer.write(look, urgent=True)

    async def whole(self, digests: Sequence[bytes]) -> set[bytes]:
        """Which of these are here, as it is written down; no file is read."""

        def look(conn: Connection) -> set[bytes]:
            rows = (blobs.find(conn, one) for one in digests)
            return {row.digest for row in rows if row and row.state is BlobState.WHOLE}

        return await self._writer.read(look)

    async def answer(self, link: LinkId, ask: BlobAsk) -> Sequence[BulkMessage]:
        """What to say to a peer's ask. Only what a word of ours on this link named is ever given,
        and what came to us over this link (the peer may have lost it); for anything else the
        answer does not even tell whether it exists."""

        def judge(conn: Connection) -> Standing:
            return Standing(
                referred=blobs.referred(conn, link, ask.digest), row=blobs.find(conn, ask.digest)
            )

        standing = await self._writer.read(judge)
        row = standing.row
        came_from_there = row is not None and row.source_link == link
        if not standing.referred and not came_from_there:
            return (BlobGone(digest=ask.digest, code="blob.not_referenced"),)
        if row is None or row.state is BlobState.GONE or row.alg is not ask.alg:
            return (BlobGone(digest=ask.digest, code="blob.gone"),)
        if row.state is not BlobState.WHOLE and came_from_there:
            # We wait for whoever asks: "later" would be said for ever on both sides.
            return (BlobGone(digest=ask.digest, code="blob.gone"),)
        if row.state is not BlobState.WHOLE:
            return (BlobLater(digest=ask.digest, after_s=FETCHING_AFTER_S),)
        try:
            return await asyncio.to_thread(self._read, row, ask)
        except (Unsealed, FileNotFoundError):
            return (await self._damaged(row),)

    def _read(self, row: BlobRow, ask: BlobAsk) -> Sequence[BulkMessage]:
        if not ask.chunks:
            manifest = self.files.manifest(row.digest, alg=row.alg)
            return (
                BlobManifest(
                    digest=row.digest, size=manifest.size, chunk_digests=manifest.chunk_digests
                ),
            )
        pieces = self.files.read_chunks(row.digest, ask.chunks)
        return [BlobChunk(digest=row.digest, n=n, data=piece) for n, piece in pieces]

    async def sound(self, digest: bytes) -> bool:
        """Whether the file of a whole attachment still is what its digest says. If not, it is
        reported and fetched again, as for a peer that asks for it."""
        row = await self._writer.read(lambda conn: blobs.find(conn, digest))
        if row is None or row.state is not BlobState.WHOLE:
            return False
        if await asyncio.to_thread(self.files.verify, digest, alg=row.alg):
            return True
        await self._damaged(row)
        return False

    async def _damaged(self, row: BlobRow) -> BulkMessage:
        """Our own file is not what it was: fetch it again from where it came, else from somebody
        to whom we gave it."""
        await asyncio.to_thread(self.files.remove, row.digest)
        name = row.digest.hex()[:16]
        givers = await self._writer.read(lambda conn: blobs.givers(conn, row.digest))
        if not givers:
            self._alarm("blob.damaged", f"attachment {name} is damaged, and nobody else was "
                        "given it: put it back from a backup")
            await self._writer.write(lambda tx: blobs.give_up(tx.conn, row.digest))
            return BlobGone(digest=row.digest, code="blob.gone")
        self._alarm("blob.damaged",
                    f"attachment {name} is damaged; it is fetched again over {givers[0]}")

        def again(tx: Tx) -> None:
            blobs.pull_again(tx.conn, row.digest, tries=0, at_us=tx.now_us, link=givers[0])
            tx.wake(TOPIC)

        await self._writer.write(again)
        return BlobLater(digest=row.digest, after_s=FETCHING_AFTER_S)

    async def keep(self, row: BlobRow) -> bool:
        """All chunks of a pull are here: make it whole. False when the whole digest fails."""
        good = await asyncio.to_thread(self.files.complete, row.digest, row.size, alg=row.alg)
        if good:
            def finish(tx: Tx) -> None:
                blobs.finish(tx.conn, row.digest)
                tx.wake(TOPIC)

            await self._writer.write(finish)
        return good

    async def strike(self, row: BlobRow, why: str) -> None:
        """A pull failed for good this time: from zero later, or, the third time, GONE."""
        tries = row.tries + 1
        await asyncio.to_thread(self.files.drop_part, row.digest)
        if tries >= STRIKES_MAX:
            if await self._elsewhere(row):
                return
            self._alarm(
                "blob.gone",
                f"attachment {row.digest.hex()[:16]} of {row.source_link}: {why}, {tries} times",
            )

            def end(tx: Tx) -> None:
                blobs.give_up(tx.conn, row.digest)
                tx.wake(TOPIC)

            await self._writer.write(end)
            return
        at_us = self._now_us() + STRIKE_WAIT_S[tries - 1] * 1_000_000
        await self._writer.write(
            lambda tx: blobs.pull_again(tx.conn, row.digest, tries=tries, at_us=at_us)
        )

    async def _elsewhere(self, row: BlobRow) -> bool:
        """Whether another neighbour may hold it; it is asked next. Neighbours are asked in the
        order of their links, so that this ends."""

        def turn(tx: Tx) -> bool:
            left = [link for link in sorted(blobs.givers(tx.conn, row.digest))
                    if row.source_link is None or link > row.source_link]
            if left:
                blobs.pull_again(tx.conn, row.digest, tries=0, at_us=tx.now_us, link=left[0])
                tx.wake(TOPIC)
            return bool(left)

        return await self._writer.write(turn)
