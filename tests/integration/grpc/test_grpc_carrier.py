"""What only the gRPC carrier has: certificates, revocation, side streams, silent cuts."""

from __future__ import annotations

import asyncio
import os
import socket
import time
from collections.abc import Awaitable, Callable
from pathlib import Path

import pytest

from hub.carriers.grpc_stream import STREAMS_PER_LINK_MAX, GrpcDialer, GrpcServer
from hub.carriers.port import Contact
from hub.carriers.streams import ByteStream
from hub.errors import UnknownPeer, Unreachable
from hub.ids import LinkId
from hub.ports import free_port
from tests.contract.carrier_rigs import (
    LINK_A,
    LINK_B,
    PARENT,
    GrpcRig,
    Recorder,
    conversation,
    dialled,
    grpc_rig,
    listening,
)
from tests.pki import Pki


def run(tmp_path: Path, scenario: Callable[[GrpcRig], Awaitable[None]]) -> None:
    async def main() -> None:
        async with asyncio.timeout(90), grpc_rig(tmp_path) as rig:
            await scenario(rig)

    asyncio.run(main())


def stranger(rig: GrpcRig, tmp_path: Path, node: str = "420203") -> GrpcDialer:
    """A child with a certificate of another authority that trusts our server."""
    other = Pki(tmp_path / "other", parent=PARENT)
    files = other.child(node)
    files.ca.write_bytes(rig.pki.ca.read_bytes())
    return GrpcDialer(link=LINK_A, host="127.0.0.1", port=rig.proxy.port, tls=files)


def test_a_certificate_of_another_authority_is_an_unknown_peer(tmp_path: Path) -> None:
    async def scenario(rig: GrpcRig) -> None:
        async with listening(rig.listener(LINK_A), above := Recorder()):
            with pytest.raises(UnknownPeer):
                await stranger(rig, tmp_path).dial()
            assert [] == above.contacts

    run(tmp_path, scenario)


def test_a_server_of_another_authority_is_an_unknown_peer(tmp_path: Path) -> None:
    async def scenario(rig: GrpcRig) -> None:
        other = Pki(tmp_path / "other", parent=PARENT)
        dialer = GrpcDialer(
            link=LINK_A, host="127.0.0.1", port=rig.proxy.port, tls=other.child("420203")
        )
        with pytest.raises(UnknownPeer):
            await dialer.dial()

    run(tmp_path, scenario)


def test_of_several_addresses_the_one_that_answers_is_taken(tmp_path: Path) -> None:
    """Nobody listens at the first; the second takes connections and never says a word, as a
    process that was stopped does."""

    async def main() -> None:
        pki = Pki(tmp_path / "pki", parent=PARENT)
        server = GrpcServer(tls=pki.server, authorise=lambda _caller: LINK_A)
        await server.start()
        with socket.create_server(("127.0.0.1", 0)) as mute:
            dialer = GrpcDialer(
                link=LINK_A, host="127.0.0.1", port=free_port(), tls=pki.child("420203"),
                others=(mute.getsockname()[:2], ("127.0.0.1", server.port)),
            )
            try:
                async with asyncio.timeout(30), listening(server.listener(LINK_A), Recorder()):
                    for within_s in (8.0, 2.0):  # it is asked first from then on
                        began = time.monotonic()
                        contact = await dialer.dial()
                        assert time.monotonic() - began < within_s
                        await contact.close()
                await server.stop()
                with pytest.raises(Unreachable):
                    await dialer.dial()
            finally:
                await server.stop()

    asyncio.run(main())


def test_a_dead_host_is_unreachable_and_not_an_unknown_peer(tmp_path: Path) -> None:
    async def scenario(rig: GrpcRig) -> None:
        await rig.server.stop()
        with pytest.raises(Unreachable):
            await rig.dialer(LINK_A).dial()

    run(tmp_path, scenario)


def test_a_revoked_certificate_is_refused_and_its_streams_end(tmp_path: Path) -> None:
    async def scenario(rig: GrpcRig) -> None:
        async with (
            conversation(rig, LINK_A) as (_, below, above),
            conversation(rig, LINK_B) as (sibling, _, above_b),
        ):
            rig.revoked.add("420203")
            await rig.server.drop(LINK_A)
            await below.until(lambda: not below.open, within_s=5)
            await above.until(lambda: not above.open, within_s=5)
            with pytest.raises(UnknownPeer):
                await rig.dialer(LINK_A).dial()
            with pytest.raises(UnknownPeer):
                await rig.dialer(LINK_A).stream("Ask")
            await sibling.say(b"unmoved", frame=True)
            await above_b.until(lambda: above_b.heard == [b"unmoved"])

    run(tmp_path, scenario)


def test_a_certificate_may_only_speak_for_the_child_it_names(tmp_path: Path) -> None:
    """Even if the callable that authorises were wrong about it."""

    async def main() -> None:
        pki = Pki(tmp_path / "pki", parent=PARENT)
        server = GrpcServer(tls=pki.server, authorise=lambda _caller: LINK_A)
        await server.start()
        try:
            async with asyncio.timeout(30), listening(server.listener(LINK_A), above := Recorder()):
                impostor = GrpcDialer(
                    link=LINK_A, host="127.0.0.1", port=server.port, tls=pki.child("420204")
                )
                with pytest.raises(UnknownPeer):
                    await impostor.dial()
                assert [] == above.contacts
        finally:
            await server.stop()

    asyncio.run(main())


def test_side_streams_carry_bytes_both_ways_and_name_their_peer(tmp_path: Path) -> None:
    async def scenario(rig: GrpcRig) -> None:
        met: list[tuple[str, LinkId]] = []

        def answering(word: bytes) -> Callable[[ByteStream], Awaitable[None]]:
            async def handler(stream: ByteStream) -> None:
                met.append((stream.peer, stream.link))
                while (data := await stream.read()) is not None:
                    await stream.write(word + data)

            return handler

        rig.server.route("Bulk", answering(b"bulk "))
        rig.server.route("Ask", answering(b"ask "))
        for link in (LINK_A, LINK_B):
            dialer = rig.dialer(link)
            bulk, ask = await dialer.stream("Bulk"), await dialer.stream("Ask")
            chunk = os.urandom(64 * 1024)
            for _ in range(20):
                await bulk.write(chunk)
                await ask.write(b"?")
                assert b"bulk " + chunk == await bulk.read()
                assert b"ask ?" == await ask.read()
            await bulk.close()
            await ask.close()
            await dialer.close()
        assert [("420203", LINK_A)] * 2 + [("420204", LINK_B)] * 2 == met

    run(tmp_path, scenario)


def test_a_side_stream_without_a_handler_is_unreachable(tmp_path: Path) -> None:
    async def scenario(rig: GrpcRig) -> None:
        with pytest.raises(Unreachable):
            await rig.dialer(LINK_A).stream("Ask")

    run(tmp_path, scenario)


def test_closing_the_dialer_wakes_whoever_reads_a_side_stream(tmp_path: Path) -> None:
    async def scenario(rig: GrpcRig) -> None:
        async def silent(stream: ByteStream) -> None:
            await stream.read()

        rig.server.route("Ask", silent)
        dialer = rig.dialer(LINK_A)
        stream = await dialer.stream("Ask")
        reading = asyncio.create_task(stream.read())
        await asyncio.sleep(0)
        await dialer.close()
        async with asyncio.timeout(5):
            assert None is await reading
        with pytest.raises(Unreachable):
            await stream.write(b"late")
        await stream.close()

    run(tmp_path, scenario)


def test_one_child_cannot_hold_more_streams_than_its_share(tmp_path: Path) -> None:
    async def scenario(rig: GrpcRig) -> None:
        async with listening(rig.listener(LINK_A), above := Recorder()):
            contacts: list[Contact] = [
                await rig.dialer(LINK_A).dial() for _ in range(STREAMS_PER_LINK_MAX)
            ]
            with pytest.raises(Unreachable):
                await rig.dialer(LINK_A).dial()
            await contacts.pop().close()
            await above.until(lambda: len(above.open) == STREAMS_PER_LINK_MAX - 1)
            contacts.append(await dialled(rig.dialer(LINK_A)))
            for contact in contacts:
                await contact.close()

    run(tmp_path, scenario)


def test_a_renewed_certificate_serves_the_next_handshake(tmp_path: Path) -> None:
    async def scenario(rig: GrpcRig) -> None:
        async with conversation(rig) as (child, _, above):
            rig.server.renew(rig.pki.renewed_server())
            second = await dialled(rig.dialer(LINK_A))
            await second.say(b"new handshake", frame=False)
            await child.say(b"old stream", frame=False)
            await above.until(lambda: set(above.heard) == {b"new handshake", b"old stream"})
            await second.close()

    run(tmp_path, scenario)


def test_a_silent_cut_is_noticed_by_keepalive(tmp_path: Path) -> None:
    async def scenario(rig: GrpcRig) -> None:
        async with listening(rig.listener(LINK_A), above := Recorder()):
            dialer = GrpcDialer(
                link=LINK_A,
                host="127.0.0.1",
                port=rig.proxy.port,
                tls=rig.pki.child("420203"),
                keepalive_s=1.0,
                keepalive_timeout_s=1.0,
            )
            child, below = await dialer.dial(), Recorder()
            hearing = asyncio.create_task(below(child))
            await above.until(lambda: bool(above.open))
            await below.until(lambda: bool(below.open))
            rig.proxy.freeze()
            await below.until(lambda: not below.open, within_s=10)
            with pytest.raises(Unreachable):
                await child.say(b"into the void", frame=False)
            await child.close()
            await hearing
            rig.proxy.heal()

    run(tmp_path, scenario)


def test_a_lost_peer_does_not_cut_the_parents_handler_short(tmp_path: Path) -> None:
    """A handler in the middle of a commit finishes it: it learns of the loss by its stream."""

    async def scenario(rig: GrpcRig) -> None:
        working, finish, finished = asyncio.Event(), asyncio.Event(), asyncio.Event()

        async def handler(contact: Contact) -> None:
            async for _ in contact.parcels():
                working.set()
                await finish.wait()
            finished.set()

        async with listening(rig.listener(LINK_A), handler):
            child = await dialled(rig.dialer(LINK_A))
            await child.say(b"work", frame=True)
            await working.wait()
            rig.break_line()
            async with asyncio.timeout(10):
                assert [] == [parcel async for parcel in child.parcels()]
            finish.set()
            async with asyncio.timeout(10):
                await finished.wait()
            await child.close()

    run(tmp_path, scenario)


def test_a_taken_port_is_said(tmp_path: Path) -> None:
    async def scenario(rig: GrpcRig) -> None:
        second = GrpcServer(
            tls=rig.pki.server, authorise=lambda _caller: None, port=rig.server.port
        )
        with pytest.raises(Unreachable):
            await second.start()

    run(tmp_path, scenario)


@pytest.mark.slow
def test_the_parent_notices_a_silent_child_too(tmp_path: Path) -> None:
    async def scenario(rig: GrpcRig) -> None:
        async with conversation(rig) as (_, _, above):
            rig.proxy.freeze()
            await above.until(lambda: not above.open, within_s=40)

    run(tmp_path, scenario)
