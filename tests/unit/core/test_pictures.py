"""Pictures without what is said beside them: the same pixels, and nothing else."""

from __future__ import annotations

import contextlib
import io
import struct
import time
import zlib

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from PIL import Image

from node.core.errors import Invalid
from node.core.pictures import PIXELS_MAX, SIDE_MAX, bare, measured
from tests.pictures import jpeg, part

CANARY = b"GPS 30.2001N 115.0389E, camera 8123-4711, owner Li"
TURNED = 6


def exif() -> Image.Exif:
    """Orientation, maker, owner and a position."""
    said = Image.Exif()
    said[0x0112] = TURNED
    said[0x010F] = CANARY.decode()
    said.get_ifd(0x8769)[0xA431] = CANARY.decode()
    said.get_ifd(0x8825)[1] = "N"
    said.get_ifd(0x8825)[2] = (30.0, 12.0, 0.36)
    return said


def drawn(kind: str, **more: object) -> bytes:
    """A real picture of a library's making, of blocks in changing colours."""
    image = Image.new("RGB", (61, 37))
    image.putdata([(x * 4 % 256, y * 7 % 256, (x + y) * 5 % 256)
                   for y in range(37) for x in range(61)])
    out = io.BytesIO()
    image.save(out, kind, exif=exif().tobytes(), **more)
    return out.getvalue()


def pixels(data: bytes) -> bytes:
    with Image.open(io.BytesIO(data)) as image:
        return image.convert("RGBA").tobytes()


def chunk(name: bytes, content: bytes) -> bytes:
    return struct.pack(">I", len(content)) + name + content + struct.pack(
        ">I", zlib.crc32(name + content))


def png_of(width: int, height: int, *more: bytes) -> bytes:
    head = struct.pack(">IIBBBBB", width, height, 8, 2, 0, 0, 0)
    return b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", head) + b"".join(more) + chunk(b"IEND", b"")


def webp_of(*chunks: tuple[bytes, bytes]) -> bytes:
    body = b"WEBP" + b"".join(
        name + struct.pack("<I", len(data)) + data + b"\0" * (len(data) & 1)
        for name, data in chunks)
    return b"RIFF" + struct.pack("<I", len(body)) + body


KINDS = {
    "baseline JPEG": drawn("JPEG", comment=CANARY),
    "progressive JPEG": drawn("JPEG", progressive=True, xmp=CANARY),
    "PNG": drawn("PNG"),
    "lossy WebP": drawn("WEBP", xmp=CANARY),
    "lossless WebP": drawn("WEBP", lossless=True, xmp=CANARY),
}


@pytest.mark.parametrize("name", KINDS)
def test_the_pixels_stay_and_what_is_said_beside_them_goes(name: str) -> None:
    tail = b"<script>alert(1)</script>" + CANARY
    whole = KINDS[name] + tail
    assert CANARY in whole

    cleaned = bare(whole)

    assert pixels(KINDS[name]) == pixels(cleaned)
    assert CANARY not in cleaned
    assert b"script" not in cleaned
    with Image.open(io.BytesIO(cleaned)) as image:
        said = image.getexif()
        assert {} == dict(said.get_ifd(0x8825)) | dict(said.get_ifd(0x8769))
        assert (61, 37) == image.size
    assert cleaned == bare(cleaned)


@pytest.mark.parametrize("name", KINDS)
def test_a_picture_stays_the_right_way_up(name: str) -> None:
    with Image.open(io.BytesIO(bare(KINDS[name]))) as image:
        assert {0x0112: TURNED} == dict(image.getexif())


def test_a_picture_that_was_upright_says_nothing_of_it() -> None:
    said = Image.Exif()
    said[0x0112] = 1
    for kind in ("JPEG", "PNG", "WEBP"):
        out = io.BytesIO()
        Image.new("RGB", (4, 4)).save(out, kind, exif=said.tobytes())
        with Image.open(io.BytesIO(bare(out.getvalue()))) as image:
            assert {} == dict(image.getexif())


def test_colours_are_kept_with_their_profile() -> None:
    profile = b"a profile of colours " * 10
    for kind in ("JPEG", "PNG", "WEBP"):
        with Image.open(io.BytesIO(bare(drawn(kind, icc_profile=profile)))) as image:
            assert profile == image.info["icc_profile"]


def test_what_hides_in_notes_and_private_parts_of_a_file_goes() -> None:
    png = png_of(4, 4, chunk(b"tEXt", b"Comment\0" + CANARY), chunk(b"zTXt", CANARY),
                 chunk(b"iTXt", CANARY), chunk(b"eXIf", CANARY), chunk(b"prVt", CANARY),
                 chunk(b"tIME", b"\x07\xe8\x01\x01\x01\x01\x01"))
    film = jpeg(b"scan", beside=part(0xE1, b"http://ns.adobe.com/xap/1.0/\0" + CANARY)
                + part(0xED, b"Photoshop 3.0\0" + CANARY) + part(0xFE, CANARY)
                + part(0xE0, b"JFXX\0" + CANARY) + part(0xE2, b"MPF\0" + CANARY))
    assert png_of(4, 4) == bare(png)
    assert jpeg(b"scan") == bare(film)


def test_the_thumbnail_of_a_head_goes_too() -> None:
    thumb = b"JFIF\0\x01\x02\0\0\x01\0\x01\x04\x04" + CANARY
    data = b"\xff\xd8" + part(0xE0, thumb) + jpeg()[20:]
    assert jpeg() == bare(data)


@pytest.mark.parametrize(("width", "height"), [
    (SIDE_MAX + 1, 1), (1, SIDE_MAX + 1), (8_001, 8_000), (65_535, 65_535),
])
def test_a_picture_that_nobody_should_unpack_is_refused(width: int, height: int) -> None:
    assert width > SIDE_MAX or height > SIDE_MAX or width * height > PIXELS_MAX
    canvas = b"\x00" * 4 + (width - 1).to_bytes(3, "little") + (height - 1).to_bytes(3, "little")
    for data in (jpeg(width=width, height=height), png_of(width, height),
                 png_of(2**31 - 1, 2**31 - 1), webp_of((b"VP8X", canvas))):
        with pytest.raises(Invalid) as refused:
            measured(data)
        assert "photo.pixels" == refused.value.code


def test_the_largest_of_several_sizes_counts() -> None:
    frame = b"\xff\xc2\x00\x0b\x08" + struct.pack(">HH", 60_000, 60_000) + b"\x01\x01\x11\x00"
    canvas = b"\x00" * 4 + (7).to_bytes(3, "little") * 2
    inside = b"\x00\x00\x00\x9d\x01\x2a" + struct.pack("<HH", 16_383, 16_383)
    for data in (jpeg(beside=frame), webp_of((b"VP8X", canvas), (b"VP8 ", inside))):
        with pytest.raises(Invalid) as refused:
            measured(data)
        assert "photo.pixels" == refused.value.code


@pytest.mark.parametrize("data", [
    b"\xff\xd8\xff\xe0", b"\xff\xd8\xff\xe0\x00\x10JFIF" + bytes(200), b"\xff\xd8\xff\xd9",
    jpeg(width=0), jpeg(height=0), b"\xff\xd8\xff\xc0\x00\x04\x08\x00",
    b"\x89PNG\r\n\x1a\n", png_of(0, 5), b"\x89PNG\r\n\x1a\n" + chunk(b"IDAT", b"x"),
    b"\x89PNG\r\n\x1a\n" + b"\x7f\xff\xff\xffIHDR" + bytes(40), png_of(1, 1)[:30],
    b"RIFF\x04\x00\x00\x00WEBP", webp_of((b"VP8 ", b"no frame")), webp_of((b"VP8X", b"\x00")),
    b"RIFF\xff\xff\xff\xffWEBPVP8 \xff\xff\xff\xff" + bytes(20),
])
def test_a_torn_picture_is_refused(data: bytes) -> None:
    with pytest.raises(Invalid) as refused:
        measured(data)
    assert "photo.torn" == refused.value.code


@pytest.mark.parametrize("data", [b"", b"<svg onload=x>", b"GIF89a", b"%PDF-1.7", b"PK\x03\x04",
                                  b"RIFF\x10\x00\x00\x00WAVEfmt ", b"\xff\xd8"])
def test_what_is_no_picture_is_refused(data: bytes) -> None:
    with pytest.raises(Invalid) as refused:
        measured(data)
    assert "photo.type" == refused.value.code


def test_ten_mebibytes_of_anything_are_looked_through_at_once() -> None:
    """Runs of markers are what a careless pattern would go over again and again."""
    room = 10 * 1024 * 1024
    fillers = (b"\xff", b"\xff\xd0", b"\xff\x00", b"\xff\xd8", b"\xff\xfe\x00\x02",
               b"\x00\x00\x00\x00IDATcrc.", b"VP8 \x00\x00\x00\x00")
    heads = (b"\xff\xd8\xff", png_of(1, 1)[:33], jpeg()[:-2],
             b"RIFF" + struct.pack("<I", room) + b"WEBP")
    begun = time.process_time()
    for filler in fillers:
        for head in heads:
            with contextlib.suppress(Invalid):
                bare(head + filler * (room // len(filler)))
    assert time.process_time() - begun < 0.5 * len(fillers) * len(heads)


@settings(max_examples=200)
@given(st.sampled_from(sorted(KINDS)), st.data())
def test_a_changed_file_is_a_picture_or_a_named_refusal(name: str, data: st.DataObject) -> None:
    whole = bytearray(KINDS[name])
    for _ in range(data.draw(st.integers(1, 8))):
        whole[data.draw(st.integers(0, min(len(whole) - 1, 700)))] = data.draw(st.integers(0, 255))
    cut = bytes(whole[: data.draw(st.integers(0, len(whole)))])
    for torn in (bytes(whole), cut):
        with contextlib.suppress(Invalid):
            cleaned = bare(torn)
            assert cleaned == bare(cleaned)
            assert measured(cleaned).kind
