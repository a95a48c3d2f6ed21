"""Photos: content-addressed, checked at the door, never inside a word."""

from __future__ import annotations

import asyncio
from pathlib import Path

from hub.blobs.library import BlobLibrary
from hub.store.blobs import BlobState
from node.core.errors import Invalid
from node.service.views import PhotoStored

SIGNATURES = {
    "image/jpeg": (b"\xff\xd8\xff",),
    "image/png": (b"\x89PNG\r\n\x1a\n",),
    "image/webp": (b"RIFF",),
}
"""Types we take, with what their bytes begin with: a label alone proves nothing."""
_DIGEST_BYTES = 32


class Album:
    """Photos of this node."""

    def __init__(self, *, library: BlobLibrary, bytes_max: int) -> None:
        self._library = library
        self._bytes_max = bytes_max

    async def put(self, data: bytes, media_type: str) -> PhotoStored:
        """Store one; see ``Office.put_photo``."""
        begins = SIGNATURES.get(media_type)
        if begins is None or not data.startswith(begins):
            raise Invalid(
                f"photos are {', '.join(sorted(SIGNATURES))}", code="photo.type", given=media_type
            )
        if len(data) > self._bytes_max:
            raise Invalid(
                f"a photo has at most {self._bytes_max} bytes", code="photo.too_large"
            )
        stored = await self._library.add(data, media_type=media_type)
        return PhotoStored(digest=stored.digest.hex(), size=stored.size, media_type=media_type)

    async def path(self, digest: str) -> tuple[Path, str] | None:
        """Where the bytes lie; asking moves a pending pull to the front. A file that is no longer
        what its name says is never shown: it is reported, and fetched again from a neighbour."""
        try:
            raw = bytes.fromhex(digest)
        except ValueError:
            raw = b""
        if len(raw) != _DIGEST_BYTES:
            raise Invalid("a photo is named by 64 hexadecimal digits", code="photo.digest")
        if await self._library.view(raw) is not BlobState.WHOLE:
            return None
        if not await self._library.sound(raw):
            return None
        path = self._library.files.path(raw)
        return path, await asyncio.to_thread(media_type_of, path)


def media_type_of(path: Path) -> str:
    """By the file's first bytes: what a peer said about it is not trusted for a browser."""
    with path.open("rb") as file:
        head = file.read(16)
    for media_type, begins in SIGNATURES.items():
        if head.startswith(begins):
            return media_type
    return "application/octet-stream"
