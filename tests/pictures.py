"""Small photos that are whole: a picture of one pixel, made different by what its scan holds."""

from __future__ import annotations

import struct

_HEAD = b"\xff\xd8\xff\xe0\x00\x10JFIF\x00\x01\x02\x00\x00\x01\x00\x01\x00\x00"


def jpeg(content: bytes = b"", *, width: int = 1, height: int = 1, beside: bytes = b"") -> bytes:
    """A JPEG of that size whose scan holds ``content``. ``beside``: further parts after its head.
    Without any it is bare already."""
    frame = b"\xff\xc0\x00\x0b\x08" + struct.pack(">HH", height, width) + b"\x01\x01\x11\x00"
    scan = b"\xff\xda\x00\x08\x01\x01\x00\x00\x3f\x00" + content.replace(b"\xff", b"\xff\x00")
    return _HEAD + beside + frame + scan + b"\xff\xd9"


def part(marker: int, content: bytes) -> bytes:
    """One more part of a JPEG."""
    return bytes((0xFF, marker)) + struct.pack(">H", len(content) + 2) + content
