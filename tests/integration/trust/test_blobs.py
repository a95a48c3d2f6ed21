"""Attachments between two nodes: real files, real databases, streams that misbehave."""

from __future__ import annotations

import asyncio
import hashlib
import os
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from functools import partial
from pathlib import Path

import pytest

from hub.blobs import exchange as exchange_module
from hub.blobs import pull as pull_module
from hub.blobs.files import CHUNK_BYTES
from hub.blobs.messages import (
    BlobAsk,
    BlobChunk,
    BlobGone,
    BlobLater,
    BlobManifest,
    decode,
    encode,
)
from hub.blobs.pull import Pressure
from hub.envelope import Alg, Attachment
from hub.errors import Malformed
from hub.ids import LinkId
from hub.store import blobs
from hub.store.blobs import BLOB_BYTES_MAX, BlobState
from tests.integration.trust.offices import Office, until
from tests.streams import Side, Tamper, stream_pair, untouched

LINK = LinkId("420200-420203")
BELOW = LinkId("420203-420203001")


@asynccontextmanager
async def joined(
    parent: Office, child: Office, *, up: Tamper = untouched, down: Tamper = untouched,
    link: LinkId = LINK,
) -> AsyncIterator[tuple[Side, Side]]:
    """Both exchanges on one pair of streams until the block ends."""
    below, above = stream_pair(link, up=up, down=down)
    tasks = [
        asyncio.create_task(child.exchange.attach(below)),
        asyncio.create_task(parent.exchange.attach(above)),
    ]
    try:
        yield below, above
    finally:
        await below.close()
        await asyncio.gather(*tasks)


def whole(office: Office, attachment: Attachment) -> Callable[[], Awaitable[bool]]:
    async def look() -> bool:
        row = await office.row(attachment.digest)
        return row is not None and row.state is BlobState.WHOLE

    return look


def test_photos_are_pulled_in_both_directions_at_once(tmp_path: Path) -> None:
    async def run() -> None:
        with Office(tmp_path / "c") as city, Office(tmp_path / "d") as district:
            photos = [os.urandom(size) for size in (0, 1, CHUNK_BYTES, 5 * CHUNK_BYTES + 7)]
            async with joined(city, district):
                up = [await district.offer(LINK, data) for data in photos]
                down = [await city.offer(LINK, data[::-1] + b"!") for data in photos]
                await city.hear(LINK, *up)
                await district.hear(LINK, *down)
                for one in up:
                    await until(whole(city, one))
                for one in down:
                    await until(whole(district, one))
            for data, one in zip(photos, up, strict=True):
                assert city.files.path(one.digest).read_bytes() == data
                assert hashlib.sha256(data).digest() == one.digest
            assert city.alarms == district.alarms == []
            assert list((tmp_path / "c" / "blobs" / "part").iterdir()) == []

    asyncio.run(run())


def test_a_damaged_chunk_is_asked_for_again_and_heals(tmp_path: Path) -> None:
    hurt: list[int] = []

    def damage(data: bytes) -> bytes:
        message = decode(LINK, data)
        if isinstance(message, BlobChunk) and message.n in (1, 4) and hurt.count(message.n) < 2:
            hurt.append(message.n)
            spoiled = bytes([message.data[0] ^ 1]) + message.data[1:]
            return encode(LINK, BlobChunk(digest=message.digest, n=message.n, data=spoiled))
        return data

    async def run() -> None:
        with Office(tmp_path / "c") as city, Office(tmp_path / "d") as district:
            async with joined(city, district, up=damage):
                photo = await district.offer(LINK, os.urandom(6 * CHUNK_BYTES))
                await city.hear(LINK, photo)
                await until(whole(city, photo))
            assert sorted(hurt) == [1, 1, 4, 4]
            assert city.files.verify(photo.digest)
            row = await city.row(photo.digest)
            assert row is not None
            assert row.tries == 0

    asyncio.run(run())


def test_lost_answers_are_asked_for_again(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(pull_module, "ANSWER_WAIT_S", 0.2)
    seen: list[bytes] = []

    def lose_every_third(data: bytes) -> bytes | None:
        seen.append(data)
        return None if len(seen) % 3 == 0 else data

    async def run() -> None:
        with Office(tmp_path / "c") as city, Office(tmp_path / "d") as district:
            async with joined(city, district, up=lose_every_third):
                photo = await district.offer(LINK, os.urandom(8 * CHUNK_BYTES))
                await city.hear(LINK, photo)
                await until(whole(city, photo))

    asyncio.run(run())


def test_a_silent_stream_holds_nothing_up_that_another_can_bring(tmp_path: Path) -> None:
    """One carrier's stream may be attended by our end alone: only what it took waits, and only
    until it is taken for silent."""

    async def run() -> None:
        with Office(tmp_path / "c") as city, Office(tmp_path / "d") as district:
            below, above = stream_pair(LINK, up=lambda _: None, down=untouched)
            alone = asyncio.create_task(city.exchange.attach(above))
            photos = [await district.offer(LINK, os.urandom(100 + n)) for n in range(12)]
            await city.hear(LINK, *photos)
            async with joined(city, district):
                async def nearly_all() -> bool:
                    return sum([await whole(city, one)() for one in photos]) >= len(photos) - 1

                await until(nearly_all, seconds=5.0)
                for one in photos:
                    row = await city.row(one.digest)
                    assert row is not None
                    assert row.tries == 0
            await below.close()
            await alone

    asyncio.run(run())


def test_a_restart_in_the_middle_resumes_and_checks_what_it_has(tmp_path: Path) -> None:
    async def run() -> None:
        sent: list[int] = []

        def count(data: bytes) -> bytes:
            message = decode(LINK, data)
            if isinstance(message, BlobChunk):
                sent.append(message.n)
            return data

        def stop_after(chunks: int) -> Tamper:
            def tamper(data: bytes) -> bytes | None:
                count(data)
                return data if len(sent) <= chunks else None

            return tamper

        with Office(tmp_path / "d") as district:
            photo = await district.offer(LINK, os.urandom(20 * CHUNK_BYTES))
            with Office(tmp_path / "c") as city:

                async def some_are_here() -> bool:
                    rows = await city.writer.read(lambda c: blobs.chunks(c, photo.digest))
                    return sum(have for _, _, have in rows) >= 3

                await city.hear(LINK, photo)
                async with joined(city, district, up=stop_after(7)):
                    await until(some_are_here)
                row = await city.row(photo.digest)
                assert row is not None
                assert row.state is BlobState.PARTIAL
            # a page of the partial file is lost with the power: chunk 1 must be noticed
            part = tmp_path / "c" / "blobs" / "part" / photo.digest.hex()
            content = bytearray(part.read_bytes())
            content[CHUNK_BYTES : CHUNK_BYTES + 100] = bytes(100)
            part.write_bytes(content)
            sent.clear()
            with Office(tmp_path / "c") as city:
                rows = await city.writer.read(lambda c: blobs.chunks(c, photo.digest))
                had = {n for n, _, have in rows if have}
                async with joined(city, district, up=count):
                    await until(whole(city, photo))
                assert city.files.verify(photo.digest)
            assert {0, 1, 2} <= had
            assert set(sent) == set(range(20)) - (had - {1})

    asyncio.run(run())


def test_what_no_word_on_this_link_named_is_refused(tmp_path: Path) -> None:
    async def run() -> None:
        with Office(tmp_path / "d") as district:
            mine = await district.offer(BELOW, b"for another link")
            below, above = stream_pair(LINK)
            serving = asyncio.create_task(district.exchange.attach(below))
            # naming it in a word to us gives no right to fetch it from us
            await district.hear(LINK, mine)
            for digest in (mine.digest, bytes(32)):
                for chunks in ((), (0,)):
                    ask = BlobAsk(digest=digest, alg=Alg.SHA256, chunks=chunks)
                    await above.write(encode(LINK, ask))
                    data = await above.read()
                    assert data is not None
                    reply = decode(LINK, data)
                    assert reply == BlobGone(digest=digest, code="blob.not_referenced")
            await above.close()
            await serving

    asyncio.run(run())


def test_three_failures_are_gone_with_an_alarm_and_a_new_word_revives_it(tmp_path: Path) -> None:
    async def run() -> None:
        with Office(tmp_path / "c") as city, Office(tmp_path / "d") as district:
            data = os.urandom(3000)
            photo = Attachment(
                digest=hashlib.sha256(data).digest(), size=len(data), media_type="image/png"
            )
            await city.hear(LINK, photo)

            async def struck(tries: int) -> bool:
                row = await city.row(photo.digest)
                assert row is not None
                return row.tries == tries or row.state is BlobState.GONE

            for tries in (1, 2, 3):
                async with joined(city, district):
                    await until(partial(struck, tries))
                city.offset_us += 3600 * 1_000_000
            row = await city.row(photo.digest)
            assert row is not None
            assert row.state is BlobState.GONE
            assert city.alarms == ["blob.gone"]
            await district.offer(LINK, data)
            await city.hear(LINK, photo)
            async with joined(city, district):
                await until(whole(city, photo))

    asyncio.run(run())


def test_a_lying_manifest_and_a_lying_file_are_strikes(tmp_path: Path) -> None:
    true, false = os.urandom(2 * CHUNK_BYTES), os.urandom(2 * CHUNK_BYTES)
    digest = hashlib.sha256(true).digest()

    def swap_whole(data: bytes) -> bytes:
        """Another file under this digest: consistent with itself, so only the whole tells."""
        message = decode(LINK, data)
        if isinstance(message, BlobManifest):
            pieces = (false[:CHUNK_BYTES], false[CHUNK_BYTES:])
            message = BlobManifest(
                digest=digest, size=len(false),
                chunk_digests=tuple(hashlib.sha256(piece).digest() for piece in pieces),
            )
        elif isinstance(message, BlobChunk):
            at = message.n * CHUNK_BYTES
            message = BlobChunk(digest=digest, n=message.n, data=false[at : at + CHUNK_BYTES])
        return encode(LINK, message)

    def longer(data: bytes) -> bytes:
        message = decode(LINK, data)
        if isinstance(message, BlobManifest):
            message = BlobManifest(
                digest=digest, size=message.size + 1, chunk_digests=message.chunk_digests
            )
        return encode(LINK, message)

    async def run(tamper: Tamper, home: Path) -> None:
        with Office(home / "c") as city, Office(home / "d") as district:
            photo = await district.offer(LINK, true)
            await city.hear(LINK, photo)

            async def struck() -> bool:
                row = await city.row(photo.digest)
                return row is not None and row.tries == 1

            async with joined(city, district, up=tamper):
                await until(struck)
            assert not city.files.exists(photo.digest)
            city.offset_us += 3600 * 1_000_000
            async with joined(city, district):
                await until(whole(city, photo))

    asyncio.run(run(swap_whole, tmp_path / "one"))
    asyncio.run(run(longer, tmp_path / "two"))


def test_a_damaged_file_is_fetched_again_from_where_it_came(tmp_path: Path) -> None:
    async def run() -> None:
        with (
            Office(tmp_path / "c") as city,
            Office(tmp_path / "d") as district,
            Office(tmp_path / "s") as street,
        ):
            photo = await street.offer(BELOW, os.urandom(3 * CHUNK_BYTES))
            async with joined(district, street, link=BELOW):
                await district.hear(BELOW, photo)
                await until(whole(district, photo))
                await district.writer.write(
                    lambda tx: blobs.refer(tx.conn, LINK, [photo.digest], bytes(16))
                )
                path = district.files.path(photo.digest)
                content = bytearray(path.read_bytes())
                content[70_000] ^= 4
                path.write_bytes(content)
                city.offset_us = 0
                await city.hear(LINK, photo)
                async with joined(city, district):
                    async def said_later() -> bool:
                        return "blob.damaged" in district.alarms

                    await until(said_later)
                    await until(whole(district, photo))
                    city.offset_us = 3600 * 1_000_000  # "later" has come
                    await city.library.view(photo.digest)
                    await until(whole(city, photo))
            assert city.files.verify(photo.digest)
            assert district.files.verify(photo.digest)

    asyncio.run(run())


def _flip(path: Path) -> None:
    content = bytearray(path.read_bytes())
    content[len(content) // 2] ^= 4
    path.write_bytes(content)


def test_a_photo_made_here_comes_back_from_whoever_was_given_it(tmp_path: Path) -> None:
    async def run() -> None:
        with Office(tmp_path / "c") as city, Office(tmp_path / "d") as district:
            photo = await district.offer(LINK, os.urandom(3 * CHUNK_BYTES))
            async with joined(city, district):
                await city.hear(LINK, photo)
                await until(whole(city, photo))
                _flip(district.files.path(photo.digest))
                assert not await district.library.sound(photo.digest)
                assert ["blob.damaged"] == district.alarms
                await until(whole(district, photo))
            assert await district.library.sound(photo.digest)
            assert ["blob.damaged"] == district.alarms

    asyncio.run(run())


def test_who_has_lost_it_too_is_followed_by_the_next_neighbour(tmp_path: Path) -> None:
    async def run() -> None:
        with (
            Office(tmp_path / "c") as city,
            Office(tmp_path / "d") as district,
            Office(tmp_path / "s") as street,
        ):
            photo = await district.offer(LINK, os.urandom(CHUNK_BYTES))
            await district.writer.write(
                lambda tx: blobs.refer(tx.conn, BELOW, [photo.digest], bytes(16))
            )
            async with (joined(city, district),
                        joined(district, street, link=BELOW)):
                await street.hear(BELOW, photo)
                await until(whole(street, photo))
                _flip(district.files.path(photo.digest))
                assert not await district.library.sound(photo.digest)

                async def turned() -> bool:  # the city was never given it: strike by strike
                    district.offset_us += 400_000_000
                    await district.library.view(photo.digest)
                    return await whole(district, photo)()

                await until(turned)
            assert await district.library.sound(photo.digest)

    asyncio.run(run())


def test_two_who_wait_for_each_other_come_to_an_end(tmp_path: Path) -> None:
    """The district named a photo and lost its disk before anybody had fetched it; its own word
    came back, and now each wants it of the other."""
    async def run() -> None:
        photo = Attachment(digest=bytes(range(32)), size=10, media_type="image/png")
        with Office(tmp_path / "c") as city, Office(tmp_path / "d") as district:
            for one in (city, district):
                await one.hear(LINK, photo)
                await one.writer.write(
                    lambda tx: blobs.refer(tx.conn, LINK, [photo.digest], bytes(16)))
            async with joined(city, district):

                async def over() -> bool:
                    found = []
                    for one in (city, district):
                        one.offset_us += 400_000_000
                        await one.library.view(photo.digest)
                        row = await one.row(photo.digest)
                        found.append(row is not None and row.state is BlobState.GONE)
                    return all(found)

                await until(over)
            assert "blob.gone" in city.alarms

    asyncio.run(run())


def test_a_photo_that_nobody_else_was_given_is_gone_and_says_so(tmp_path: Path) -> None:
    async def run() -> None:
        with Office(tmp_path / "d") as district:
            stored = await district.library.add(os.urandom(100), media_type="image/jpeg")
            district.files.path(stored.digest).unlink()
            assert not await district.library.sound(stored.digest)
            row = await district.row(stored.digest)
            assert row is not None
            assert row.state is BlobState.GONE
            assert ["blob.damaged"] == district.alarms

    asyncio.run(run())


def test_naming_a_digest_does_not_open_what_was_uploaded_here_meanwhile(tmp_path: Path) -> None:
    """A peer may fetch back what it gave us; it never gave us this."""
    async def run() -> None:
        data = os.urandom(1000)
        named = Attachment(digest=hashlib.sha256(data).digest(), size=1000,
                           media_type="image/jpeg")
        with Office(tmp_path / "c") as city:
            await city.hear(LINK, named)
            await city.library.add(data, media_type="image/jpeg")
            said = await city.library.answer(
                LINK, BlobAsk(digest=named.digest, alg=Alg.SHA256, chunks=()))
            assert [BlobGone(digest=named.digest, code="blob.not_referenced")] == list(said)

    asyncio.run(run())


def test_what_is_still_coming_from_below_is_answered_later(tmp_path: Path) -> None:
    async def run() -> None:
        with Office(tmp_path / "d") as district:
            photo = Attachment(digest=bytes(range(32)), size=10, media_type="image/png")
            await district.hear(BELOW, photo)
            await district.writer.write(
                lambda tx: blobs.refer(tx.conn, LINK, [photo.digest], bytes(16))
            )
            answers = await district.library.answer(
                LINK, BlobAsk(digest=photo.digest, alg=Alg.SHA256)
            )
            assert [type(one) for one in answers] == [BlobLater]

    asyncio.run(run())


def test_nothing_is_asked_for_while_words_wait(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(pull_module, "PAUSE_S", 0.01)
    waiting = {"s": 3.0}

    async def run() -> None:
        looked = asyncio.Event()

        def pressure(_: LinkId) -> Pressure:
            looked.set()
            return Pressure(oldest_undelivered_s=waiting["s"])

        with (
            Office(tmp_path / "c", pressure=pressure) as city,
            Office(tmp_path / "d") as district,
        ):
            photo = await district.offer(LINK, os.urandom(CHUNK_BYTES))
            await city.hear(LINK, photo)
            async with joined(city, district) as (_, above):
                await looked.wait()
                assert above.written == 0
                waiting["s"] = 0.0
                await until(whole(city, photo))

    asyncio.run(run())


def test_a_server_whose_words_wait_says_later(tmp_path: Path) -> None:
    async def run() -> None:
        with Office(
            tmp_path / "d", pressure=lambda _: Pressure(oldest_undelivered_s=60)
        ) as district:
            photo = await district.offer(LINK, b"photo")
            below, above = stream_pair(LINK)
            serving = asyncio.create_task(district.exchange.attach(below))
            await above.write(encode(LINK, BlobAsk(digest=photo.digest, alg=Alg.SHA256)))
            data = await above.read()
            assert data is not None
            assert decode(LINK, data) == BlobLater(
                digest=photo.digest, after_s=exchange_module.WORDS_FIRST_S
            )
            await above.close()
            await serving

    asyncio.run(run())


def test_what_a_person_looks_at_comes_first(tmp_path: Path) -> None:
    async def run() -> None:
        with Office(tmp_path / "c") as city, Office(tmp_path / "d") as district:
            photos = [await district.offer(LINK, os.urandom(100)) for _ in range(5)]
            await city.hear(LINK, *photos)
            last = max(photos, key=lambda one: one.digest)
            assert await city.library.view(last.digest) is BlobState.WANTED
            asked: list[bytes] = []

            def note(data: bytes) -> bytes:
                message = decode(LINK, data)
                if isinstance(message, BlobAsk):
                    asked.append(message.digest)
                return data

            async with joined(city, district, down=note):
                for one in photos:
                    await until(whole(city, one))
            assert asked[0] == last.digest
            assert await city.library.view(last.digest) is BlobState.WHOLE
            assert await city.library.view(bytes(32)) is None

    asyncio.run(run())


def test_absurd_attachments_are_gone_from_the_start(tmp_path: Path) -> None:
    async def run() -> None:
        with Office(tmp_path / "c") as city:
            huge = Attachment(digest=bytes(32), size=BLOB_BYTES_MAX + 1, media_type="video/mp4")
            short = Attachment(digest=b"short", size=5, media_type="image/png")
            await city.hear(LINK, huge, short)
            for one in (huge, short):
                row = await city.row(one.digest)
                assert row is not None
                assert row.state is BlobState.GONE
            assert await city.writer.read(lambda c: blobs.next_try_at(c, LINK)) is None

    asyncio.run(run())


def test_the_file_store_refuses_what_is_too_large_and_leaves_nothing(tmp_path: Path) -> None:
    from hub.blobs.files import BlobStore

    store = BlobStore(tmp_path, bytes_max=1000)
    with pytest.raises(Malformed) as refused:
        store.put_stream(b"x" * 300 for _ in range(4))
    assert refused.value.code == "blob.too_large"
    assert [path for path in tmp_path.rglob("*") if path.is_file()] == []
    stored = store.put(b"x" * 1000)
    assert store.put(b"x" * 1000) == stored
    assert store.verify(stored.digest)
    old, young = tmp_path / "new" / "old", tmp_path / "new" / "young"
    for half in (old, young):
        half.write_bytes(b"half")
    os.utime(old, (1_000_000_000, 1_000_000_000))
    BlobStore(tmp_path)
    # A process died over the old one; the young one may be another process's, just being put.
    assert list((tmp_path / "new").iterdir()) == [young]
    store.path(stored.digest).write_bytes(b"y" * 1000)
    assert not store.verify(stored.digest)


def test_a_senseless_bulk_message_ends_the_stream_only(tmp_path: Path) -> None:
    async def run() -> None:
        with Office(tmp_path / "d") as district:
            for data in (b"\xff\xff", b"", encode(BELOW, BlobLater(digest=b"", after_s=1))):
                below, above = stream_pair(LINK)
                serving = asyncio.create_task(district.exchange.attach(below))
                await above.write(data)
                assert await above.read() is None
                await serving

    asyncio.run(run())
