"""Pictures as bytes: what they are, how large they unpack, and what they say besides.

A camera writes place, time, owner and serial number beside the picture, and anybody can hang
anything behind its end. ``bare`` gives the picture without either: the coded pixels are copied as
they are, so nothing is lost of what is seen. Nothing here unpacks a pixel.

Layouts: ITU-T T.81 (JPEG), RFC 2083 and its registered chunks (PNG), RFC 9649 (WebP), CIPA DC-008
(Exif, of which only the orientation is kept).
"""

from __future__ import annotations

import re
import zlib
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Final, Literal

from node.core.errors import Invalid

SIDE_MAX: Final = 20_000
"""Pixels of one side; a phone's panorama has some 16,000."""
PARTS_MAX: Final = 20_000
"""Parts of one file; a PNG of 10 MiB has some thousand."""
PIXELS_MAX: Final = 64_000_000
"""Pixels of one picture: unpacked it takes four bytes each of whoever looks at it."""
JPEG, PNG, WEBP = "image/jpeg", "image/png", "image/webp"
KINDS: Final = (JPEG, PNG, WEBP)
HEAD_BYTES: Final = 16
"""Enough of a file to tell the three apart."""

_PNG_MAGIC: Final = b"\x89PNG\r\n\x1a\n"
_EOI, _SOS = 0xD9, 0xDA
_NEXT_MARKER: Final = re.compile(rb"\xff[\x02-\xcf\xd9-\xfe]")
"""Neither a byte of a scan nor a marker without contents. One byte is looked at once."""
_FRAMES: Final = frozenset(range(0xC0, 0xD0)) - {0xC4, 0xC8, 0xCC}
_TABLES: Final = frozenset({0xC4, 0xCC, 0xDB, 0xDD, _SOS}) | _FRAMES
"""What the pixels need: Huffman and arithmetic tables, quantisation, restarts, frames, scans."""
_JFIF: Final = b"\xff\xe0\x00\x10JFIF\x00\x01\x02\x00\x00\x01\x00\x01\x00\x00"
_PNG_KEPT: Final = frozenset({
    b"IHDR", b"PLTE", b"IDAT", b"IEND", b"tRNS", b"gAMA", b"cHRM", b"sRGB", b"iCCP", b"sBIT",
    b"bKGD", b"pHYs",
})
_PNG_END: Final = b"\x00\x00\x00\x00IEND\xaeB`\x82"
_WEBP_KEPT: Final = frozenset({b"VP8 ", b"VP8L", b"VP8X", b"ALPH", b"ANIM", b"ANMF", b"ICCP"})
_WEBP_EXIF, _WEBP_XMP = 0x08, 0x04
"""Flags of a WebP that promise Exif and XMP."""
_ORIENTATION: Final = 0x0112
_IFD_ENTRIES_MAX: Final = 512
_ORDERS: Final[dict[bytes, Literal["little", "big"]]] = {b"II*\x00": "little", b"MM\x00*": "big"}


@dataclass(frozen=True, slots=True, kw_only=True)
class Picture:
    """Media type and size in pixels, as the bytes prove them."""

    kind: str
    width: int
    height: int


def kind_of(head: bytes) -> str:
    """Media type by the first ``HEAD_BYTES``, "" = none that we take; labels prove nothing."""
    if head.startswith(b"\xff\xd8\xff"):
        return JPEG
    if head.startswith(_PNG_MAGIC):
        return PNG
    return WEBP if head[:4] == b"RIFF" and head[8:12] == b"WEBP" else ""


def measured(data: bytes) -> Picture:
    """What the bytes are; ``Invalid``: ``photo.type`` no picture of ours, ``photo.torn`` its parts
    do not fit together, ``photo.pixels`` it is larger than anybody should unpack."""
    kind = kind_of(data[:HEAD_BYTES])
    sizes = {JPEG: _jpeg_sizes, PNG: _png_sizes, WEBP: _webp_sizes}.get(kind)
    if sizes is None:
        raise Invalid(f"photos are {', '.join(KINDS)}", code="photo.type", given=kind)
    found = list(sizes(data))
    if not found or not all(width and height for width, height in found):
        raise _torn("it has no size")
    # Where a file names several sizes, whoever unpacks it may follow any of them.
    width = max(size[0] for size in found)
    height = max(size[1] for size in found)
    if max(width, height) > SIDE_MAX or width * height > PIXELS_MAX:
        raise Invalid(
            f"{width} x {height} pixels are more than {PIXELS_MAX} or {SIDE_MAX} a side",
            code="photo.pixels", width=str(width), height=str(height),
            most=str(PIXELS_MAX // 10_000), side=str(SIDE_MAX),
        )
    return Picture(kind=kind, width=width, height=height)


def bare(data: bytes) -> bytes:
    """The same picture without what is said beside it; ``Invalid`` as for ``measured``. A bare
    picture stays as it is, byte for byte."""
    kind = measured(data).kind
    strip = {JPEG: _bare_jpeg, PNG: _bare_png, WEBP: _bare_webp}[kind]
    return strip(data)


def _torn(why: str) -> Invalid:
    return Invalid(f"the picture is torn: {why}", code="photo.torn")


# --- JPEG -------------------------------------------------------------------------------------


def _jpeg_parts(data: bytes) -> Iterator[tuple[int, int, int]]:
    """(marker, where its contents begin, where they end) up to the end of the picture; the
    contents of a scan reach to the next marker. Bytes between parts are nobody's."""
    at = 2
    for _ in range(PARTS_MAX):
        hit = _NEXT_MARKER.search(data, at)
        if hit is None:
            return
        marker, at = data[hit.end() - 1], hit.end()
        if marker == _EOI:
            return
        length = int.from_bytes(data[at : at + 2], "big")
        end = at + length
        if length < 2 or end > len(data):
            raise _torn("a part of the JPEG is longer than the file")
        begin = at + 2
        if marker == _SOS:
            following = _NEXT_MARKER.search(data, end)
            end = following.start() if following is not None else len(data)
        yield marker, begin, end
        at = end
    raise _torn("it has too many parts")


def _jpeg_sizes(data: bytes) -> Iterator[tuple[int, int]]:
    for marker, begin, end in _jpeg_parts(data):
        if marker in _FRAMES:
            if end - begin < 6:
                raise _torn("a frame of the JPEG is cut")
            height = int.from_bytes(data[begin + 1 : begin + 3], "big")
            yield int.from_bytes(data[begin + 3 : begin + 5], "big"), height


def _bare_jpeg(data: bytes) -> bytes:
    kept = [b"\xff\xd8"]
    turned = 0
    for marker, begin, end in _jpeg_parts(data):
        part = b"\xff" + bytes((marker,)) + data[begin - 2 : end]
        if marker in _TABLES or (marker == 0xEE and data.startswith(b"Adobe", begin)):
            kept.append(part)
        elif marker == 0xE0 and data.startswith(b"JFIF\x00", begin):
            # Its thumbnail may show what was cut out of the picture.
            kept.append(part if len(part) == len(_JFIF) else _JFIF)
        elif marker == 0xE1 and data.startswith(b"Exif\x00\x00", begin):
            turned = turned or _orientation(data[begin + 6 : end])
            if turned:
                body = b"Exif\x00\x00" + _upright(turned)
                kept.append(b"\xff\xe1" + (len(body) + 2).to_bytes(2, "big") + body)
        elif marker == 0xE2 and data.startswith(b"ICC_PROFILE\x00", begin):
            kept.append(part)
    return b"".join((*kept, b"\xff\xd9"))


def _orientation(tiff: bytes) -> int:
    """2 to 8 as a camera was held; 0 = upright, or it does not say."""
    order = _ORDERS.get(tiff[:4])
    if order is None:
        return 0

    def number(at: int, size: int) -> int:
        return int.from_bytes(tiff[at : at + size], order)

    directory = number(4, 4)
    for n in range(min(number(directory, 2), _IFD_ENTRIES_MAX)):
        entry = directory + 2 + 12 * n
        if number(entry, 2) == _ORIENTATION and number(entry + 2, 2) == 3:
            value = number(entry + 8, 2)
            return value if 2 <= value <= 8 else 0
    return 0


def _upright(value: int) -> bytes:
    """Exif that says how to turn the picture and nothing else."""
    return (
        b"MM\x00*\x00\x00\x00\x08\x00\x01\x01\x12\x00\x03\x00\x00\x00\x01"
        + value.to_bytes(2, "big") + b"\x00\x00\x00\x00\x00\x00"
    )


# --- PNG --------------------------------------------------------------------------------------


def _png_chunks(data: bytes) -> Iterator[tuple[bytes, int, int]]:
    """(name, where its contents begin, where they end) up to the end of the picture."""
    at = len(_PNG_MAGIC)
    for _ in range(PARTS_MAX):
        if at + 12 > len(data):
            return
        length = int.from_bytes(data[at : at + 4], "big")
        name, begin = data[at + 4 : at + 8], at + 8
        if not name.isalpha() or begin + length + 4 > len(data):
            raise _torn("a part of the PNG is longer than the file")
        yield name, begin, begin + length
        if name == b"IEND":
            return
        at = begin + length + 4
    raise _torn("it has too many parts")


def _png_sizes(data: bytes) -> Iterator[tuple[int, int]]:
    for n, (name, begin, end) in enumerate(_png_chunks(data)):
        if (name == b"IHDR") != (n == 0) or (n == 0 and end - begin != 13):
            raise _torn("a PNG begins with one header")
        if name == b"IHDR":
            yield (int.from_bytes(data[begin : begin + 4], "big"),
                   int.from_bytes(data[begin + 4 : begin + 8], "big"))


def _bare_png(data: bytes) -> bytes:
    kept = []
    turned, ended = 0, False
    for name, begin, end in _png_chunks(data):
        if name in _PNG_KEPT:
            kept.append(data[begin - 8 : end + 4])
        elif name == b"eXIf":
            turned = turned or _orientation(data[begin:end])
        ended = name == b"IEND"
    if turned:
        kept.insert(1, _png_chunk(b"eXIf", _upright(turned)))  # behind the header
    return b"".join((_PNG_MAGIC, *kept, b"" if ended else _PNG_END))


def _png_chunk(name: bytes, contents: bytes) -> bytes:
    check = zlib.crc32(name + contents)
    return len(contents).to_bytes(4, "big") + name + contents + check.to_bytes(4, "big")


# --- WebP -------------------------------------------------------------------------------------


def _webp_chunks(data: bytes) -> Iterator[tuple[bytes, int, int]]:
    """(name, where its contents begin, where they end) up to the end of the picture."""
    at, last = 12, min(len(data), 8 + int.from_bytes(data[4:8], "little"))
    for _ in range(PARTS_MAX):
        if at + 8 > last:
            return
        name, length = data[at : at + 4], int.from_bytes(data[at + 4 : at + 8], "little")
        begin, end = at + 8, at + 8 + length
        if end > last:
            raise _torn("a part of the WebP is longer than the file")
        yield name, begin, end
        at = end + (length & 1)
    raise _torn("it has too many parts")


def _webp_sizes(data: bytes) -> Iterator[tuple[int, int]]:
    for name, begin, end in _webp_chunks(data):
        part = data[begin : min(end, begin + 16)]
        if name == b"VP8X" and len(part) >= 10:
            yield (1 + int.from_bytes(part[4:7], "little"),
                   1 + int.from_bytes(part[7:10], "little"))
        elif name == b"VP8 " and part[3:6] == b"\x9d\x01\x2a" and len(part) >= 10:
            yield (int.from_bytes(part[6:8], "little") & 0x3FFF,
                   int.from_bytes(part[8:10], "little") & 0x3FFF)
        elif name == b"VP8L" and part[:1] == b"\x2f" and len(part) >= 5:
            bits = int.from_bytes(part[1:5], "little")
            yield 1 + (bits & 0x3FFF), 1 + (bits >> 14 & 0x3FFF)
        elif name in (b"VP8X", b"VP8 ", b"VP8L"):
            raise _torn("a part of the WebP is not what its name says")


def _bare_webp(data: bytes) -> bytes:
    turned = 0
    for name, begin, end in _webp_chunks(data):
        if name == b"EXIF":
            # Some cameras write the head of a JPEG's part before it.
            turned = turned or _orientation(data[begin:end].removeprefix(b"Exif\x00\x00"))
    kept = []
    extended = False
    for name, begin, end in _webp_chunks(data):
        if name not in _WEBP_KEPT:
            continue
        part = data[begin:end]
        if name == b"VP8X":
            extended = True
            flags = part[0] & ~(_WEBP_EXIF | _WEBP_XMP) | (_WEBP_EXIF if turned else 0)
            part = bytes((flags,)) + part[1:]
        kept.append(_webp_chunk(name, part))
    if turned and extended:
        kept.append(_webp_chunk(b"EXIF", _upright(turned)))
    body = b"WEBP" + b"".join(kept)
    return b"RIFF" + len(body).to_bytes(4, "little") + body


def _webp_chunk(name: bytes, contents: bytes) -> bytes:
    return name + len(contents).to_bytes(4, "little") + contents + b"\x00" * (len(contents) & 1)
