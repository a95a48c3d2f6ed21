"""The album of a node: evidence stays as it came, what leaves says nothing beside the picture."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from pathlib import Path

import pytest

from node.core.errors import Invalid
from node.service.photos import UNKNOWN_TYPE, Album
from tests.integration.trust.offices import Office
from tests.pictures import jpeg, part

CANARY = b"GPS 30.2001N 115.0389E"
TOLD = jpeg(b"a street", beside=part(0xE1, b"Exif\0\0" + CANARY)) + CANARY
"""As a camera writes it, and something hanging behind its end."""
BYTES_MAX = 100_000


def with_album(tmp_path: Path, scene: Callable[[Office, Album], Awaitable[None]]) -> None:
    with Office(tmp_path) as office:
        asyncio.run(scene(office, Album(library=office.library, bytes_max=BYTES_MAX)))


def test_evidence_stays_as_it_came_and_what_leaves_says_nothing_beside(tmp_path: Path) -> None:
    async def scene(office: Office, album: Album) -> None:
        stored = await album.put(TOLD)
        kept, shown = await album.path(stored.digest), await album.shown(stored.digest)
        assert kept is not None
        assert shown is not None
        assert (TOLD, "image/jpeg") == (kept[0].read_bytes(), kept[1])
        assert (jpeg(b"a street"), "image/jpeg") == (shown[0].read_bytes(), shown[1])
        assert shown == await album.shown(stored.digest)

        office.files.remove(bytes.fromhex(stored.digest))
        assert not shown[0].exists(), "the copy goes with its file"

    with_album(tmp_path, scene)


def test_which_photos_have_come_is_told_without_reading_them(tmp_path: Path) -> None:
    async def scene(office: Office, album: Album) -> None:
        stored, missing = await album.put(jpeg(b"here")), "0" * 64
        office.files.path(bytes.fromhex(stored.digest)).write_bytes(b"damaged since")
        assert {stored.digest} == await album.here([stored.digest, missing, stored.digest])
        assert set() == await album.here([])
        assert None is await album.path(stored.digest), "it is looked at when it is shown"
        assert set() == await album.here([stored.digest])

    with_album(tmp_path, scene)


def test_a_bare_photo_is_not_kept_twice(tmp_path: Path) -> None:
    async def scene(_office: Office, album: Album) -> None:
        stored = await album.put(jpeg(b"bare"))
        assert await album.path(stored.digest) == await album.shown(stored.digest)

    with_album(tmp_path, scene)


@pytest.mark.parametrize("data", [
    b"<html><script>alert(1)</script>", jpeg(width=60_000, height=60_000), jpeg()[:24],
])
def test_what_a_neighbour_calls_a_photo_is_kept_but_neither_shown_nor_passed_on(
    tmp_path: Path, data: bytes
) -> None:
    """It is somebody's evidence, sealed by them; a browser of ours gets it as a file to be saved,
    units and the public do not get it."""

    async def scene(office: Office, album: Album) -> None:
        stored = await office.library.add(data, media_type="image/jpeg")
        kept = await album.path(stored.digest.hex())
        assert kept is not None
        assert UNKNOWN_TYPE == kept[1]
        assert None is await album.shown(stored.digest.hex())

    with_album(tmp_path, scene)


def test_a_photo_larger_than_ours_may_be_is_shown_if_a_neighbour_took_it(tmp_path: Path) -> None:
    """Each office sets its own limit; what is below the limit of attachments came in."""
    large = jpeg(bytes(3 * BYTES_MAX), beside=part(0xE1, b"Exif\0\0" + CANARY))

    async def scene(office: Office, album: Album) -> None:
        stored = await office.library.add(large, media_type="image/jpeg")
        digest = stored.digest.hex()
        both = await asyncio.gather(album.shown(digest), album.path(digest))
        assert [None if one is None else one[1] for one in both] == ["image/jpeg"] * 2
        assert both[0] is not None
        assert jpeg(bytes(3 * BYTES_MAX)) == both[0][0].read_bytes()

    with_album(tmp_path, scene)


def test_a_label_that_the_bytes_do_not_bear_out_is_refused(tmp_path: Path) -> None:
    async def scene(_office: Office, album: Album) -> None:
        for label, data, code in (
            ("image/png", jpeg(), "photo.type"), ("image/jpeg", b"RIFF    WAVE", "photo.type"),
            ("image/jpeg", jpeg(bytes(BYTES_MAX)), "photo.too_large"),
        ):
            with pytest.raises(Invalid) as refused:
                await album.put(data, label)
            assert code == refused.value.code

    with_album(tmp_path, scene)
