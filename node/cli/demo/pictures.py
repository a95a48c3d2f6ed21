"""Photos of the day: small, real and each its own."""

from __future__ import annotations

import struct
import zlib
from random import Random


def picture(random: Random, *, width: int = 48, height: int = 36) -> bytes:
    """A small PNG (ISO/IEC 15948) that no other case has: a street of coloured blocks."""
    colours = [bytes(random.randrange(40, 230) for _ in range(3)) for _ in range(12)]
    rows = b"".join(
        b"\0" + b"".join(colours[(x // 8 + y // 6 * 5) % 12] for x in range(width))
        for y in range(height)
    )

    def chunk(kind: bytes, data: bytes) -> bytes:
        return struct.pack(">I", len(data)) + kind + data + struct.pack(
            ">I", zlib.crc32(kind + data))

    return (
        b"\x89PNG\r\n\x1a\n"
        + chunk(b"IHDR", struct.pack(">IIBBBBB", width, height, 8, 2, 0, 0, 0))
        + chunk(b"IDAT", zlib.compress(rows))
        + chunk(b"IEND", b"")
    )
