"""Photos: content-addressed, checked at the door, never inside a word.

The bytes as they came are the evidence, under their digest. What leaves towards units, papers and
the public is a copy without what a camera writes beside the picture (place, serial number, owner)
and without anything that hangs behind its end.
"""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import Iterable
from pathlib import Path

from hub.blobs.library import BlobLibrary
from hub.store.blobs import BlobState
from node.core.errors import Invalid
from node.core.pictures import bare, measured
from node.service.views import PhotoStored

_DIGEST_BYTES = 32
UNKNOWN_TYPE = "application/octet-stream"
"""Of a file from elsewhere that is no picture: to be kept, not to be shown."""


class Album:
    """Photos of this node."""

    def __init__(self, *, library: BlobLibrary, bytes_max: int) -> None:
        self._library = library
        self._bytes_max = bytes_max
        # Offices above may take larger photos than we do; such files are read one at a time.
        self._large = asyncio.Lock()

    async def put(self, data: bytes, media_type: str = "") -> PhotoStored:
        """Store one; see ``Office.put_photo``."""
        if len(data) > self._bytes_max:
            raise Invalid(
                f"a photo has at most {self._bytes_max} bytes", code="photo.too_large"
            )
        kind = (await asyncio.to_thread(measured, data)).kind
        if media_type not in ("", kind):
            raise Invalid(f"called {media_type}, it is {kind}", code="photo.type", given=media_type)
        stored = await self._library.add(data, media_type=kind)
        return PhotoStored(digest=stored.digest.hex(), size=stored.size, media_type=kind)

    async def here(self, digests: Iterable[str]) -> set[str]:
        """Which of these have come, for a page that names them; asking moves the pulls of the
        others to the front. No file is read: it is looked at when it is shown."""
        asked = {_raw(one): one for one in digests}
        found = await self._library.whole([*asked])
        for raw in asked.keys() - found:
            await self._library.view(raw)
        return {asked[raw] for raw in found}

    async def path(self, digest: str) -> tuple[Path, str] | None:
        """Where the bytes lie as they came, and what they are; asking moves a pending pull to the
        front. A file that is no longer what its name says is never shown: it is reported, and
        fetched again from a neighbour."""
        raw = _raw(digest)
        if await self._library.view(raw) is not BlobState.WHOLE:
            return None
        if not await self._library.sound(raw):
            return None
        path = self._library.files.path(raw)
        async with self._weighed(path):
            return path, await asyncio.to_thread(_kind, path)

    async def shown(self, digest: str) -> tuple[Path, str] | None:
        """The copy for whoever has no right to the evidence itself. None also for a file that is
        no picture: what cannot be cleaned does not leave."""
        found = await self.path(digest)
        if found is None or found[1] == UNKNOWN_TYPE:
            return None
        async with self._weighed(found[0]):
            return await asyncio.to_thread(self._bare, _raw(digest), *found)

    def _weighed(self, path: Path) -> contextlib.AbstractAsyncContextManager[object]:
        large = path.stat().st_size > self._bytes_max
        return self._large if large else contextlib.nullcontext()

    def _bare(self, raw: bytes, path: Path, kind: str) -> tuple[Path, str]:
        files = self._library.files
        copy = files.bare_path(raw)
        if not copy.is_file():
            data = path.read_bytes()
            cleaned = bare(data)
            if cleaned == data:
                return path, kind
            files.put_bare(raw, cleaned)
        return copy, kind


def _kind(path: Path) -> str:
    """By the file's own bytes: what a peer said about it is not trusted for a browser."""
    try:
        return measured(path.read_bytes()).kind
    except Invalid:
        return UNKNOWN_TYPE


def _raw(digest: str) -> bytes:
    try:
        raw = bytes.fromhex(digest)
    except ValueError:
        raw = b""
    if len(raw) != _DIGEST_BYTES:
        raise Invalid("a photo is named by 64 hexadecimal digits", code="photo.digest")
    return raw
