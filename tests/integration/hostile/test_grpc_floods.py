"""A child, or somebody with less, against its parent's gRPC port: what gets no contact, and what
cannot keep the words of a sibling from passing."""

from __future__ import annotations

import asyncio
import contextlib
import ssl
import time
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path

import grpc
import pytest

from hub.carriers.grpc_pipe import MESSAGE_BYTES_MAX, SERVICE, SYNC
from hub.carriers.grpc_stream import STREAMS_PER_LINK_MAX, GrpcDialer
from hub.carriers.port import Contact
from hub.carriers.tls import TlsFiles
from hub.errors import FabricError
from hub.ids import NodeId
from hub.roster.authority import make_csr
from hub.roster.keys import TlsKey
from tests.contract.carrier_rigs import LINK_A, LINK_B, GrpcRig, Recorder, conversation, grpc_rig

CHILD = "420203"
WORD_S = 5.0
"""What one word of a sibling may take while somebody floods, on a busy machine."""
IDLERS = 300
REFUSALS = frozenset({grpc.StatusCode.RESOURCE_EXHAUSTED, grpc.StatusCode.INTERNAL,
                      grpc.StatusCode.UNAVAILABLE, grpc.StatusCode.UNKNOWN})
PREFACE = b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n" + b"\x00\x00\x00\x04\x00\x00\x00\x00\x00"


@dataclass(frozen=True, slots=True, kw_only=True)
class Scene:
    rig: GrpcRig
    sibling: Contact
    above: Recorder
    mine: Recorder
    """What the parent hears on the hostile child's own link, where somebody listens."""

    @property
    def port(self) -> int:
        return self.rig.server.port

    def channel(self, files: TlsFiles | None = None) -> grpc.aio.Channel:
        """A bare client with the child's real certificate and no manners."""
        files = files or self.rig.pki.child(CHILD)
        return grpc.aio.secure_channel(
            f"localhost:{self.port}",
            grpc.ssl_channel_credentials(
                files.ca.read_bytes(), files.key.read_bytes(), files.certificate.read_bytes()),
            options=(("grpc.max_send_message_length", -1), ("grpc.max_metadata_size", 1 << 30),
                     ("grpc.use_local_subchannel_pool", 1)),
        )

    async def words_pass(self, count: int = 20) -> None:
        for n in range(count):
            before, since = len(self.above.heard), time.monotonic()
            await self.sibling.say(b"word %d" % n, frame=True)
            await self.above.until(lambda heard=before: len(self.above.heard) > heard)  # type: ignore[misc]
            assert time.monotonic() - since < WORD_S

    async def a_newcomer_gets_in(self) -> None:
        async with asyncio.timeout(WORD_S):
            contact = await self.rig.dialer(LINK_B).dial()
            await contact.close()


def against(tmp_path: Path, scenario: Callable[[Scene], Awaitable[None]]) -> None:
    async def main() -> None:
        async with (
            asyncio.timeout(120),
            grpc_rig(tmp_path) as rig,
            conversation(rig, LINK_B) as (sibling, _, above),
        ):
            mine = Recorder()
            listener = rig.listener(LINK_A)
            await listener.start(mine)
            try:
                await scenario(Scene(rig=rig, sibling=sibling, above=above, mine=mine))
            finally:
                await listener.stop()

    asyncio.run(main())


def dialer(scene: Scene, files: TlsFiles) -> GrpcDialer:
    return GrpcDialer(link=LINK_A, host="localhost", port=scene.port, tls=files)


def issued(scene: Scene, folder: Path, *, name: str, at: datetime) -> TlsFiles:
    """A certificate of the right authority for ``name``, made at ``at``."""
    key = TlsKey.generate()
    pem = scene.rig.pki.authority.issue(
        make_csr(key, node=NodeId(name)), node=NodeId(name), now=at).pem
    folder.mkdir()
    key.save(folder / "tls.key")
    (folder / "client.pem").write_text(pem)
    return TlsFiles(
        ca=scene.rig.pki.ca, certificate=folder / "client.pem", key=folder / "tls.key")


@pytest.mark.parametrize(("name", "age"), [
    (CHILD, timedelta(days=400)), (CHILD, timedelta(days=-400)), ("420205", timedelta()),
])
def test_an_expired_a_future_and_a_nephews_certificate_get_no_contact(
    tmp_path: Path, name: str, age: timedelta
) -> None:
    async def scenario(scene: Scene) -> None:
        files = issued(scene, tmp_path / "papers", name=name, at=datetime.now(UTC) - age)
        with pytest.raises(FabricError):
            await dialer(scene, files).dial()
        assert [] == scene.mine.contacts
        await scene.words_pass()

    against(tmp_path, scenario)


async def talk(
    scene: Scene, sent: bytes, context: ssl.SSLContext | None, name: str | None = None
) -> bytes:
    """What the port answers to bytes, until it hangs up or says no more for two seconds."""
    reader, writer = await asyncio.open_connection(
        "127.0.0.1", scene.port, ssl=context, server_hostname=name)
    heard = b""
    with contextlib.suppress(TimeoutError, OSError):
        writer.write(sent)
        await writer.drain()
        async with asyncio.timeout(2):
            while piece := await reader.read(4096):
                heard += piece
    writer.close()
    with contextlib.suppress(OSError):
        await writer.wait_closed()
    return heard


def test_plain_text_and_http_1_and_no_certificate_reach_nothing(tmp_path: Path) -> None:
    async def scenario(scene: Scene) -> None:
        files = scene.rig.pki.child(CHILD)
        for alpn, with_papers in ((["http/1.1"], True), (["h2"], False), ([], True)):
            context = ssl.create_default_context(cafile=str(files.ca))
            if alpn:
                context.set_alpn_protocols(alpn)
            if with_papers:
                context.load_cert_chain(files.certificate, files.key)
            with contextlib.suppress(OSError):
                heard = await talk(
                    scene, b"POST /hub.v1.Link/Sync HTTP/1.1\r\n\r\n", context, "localhost")
                assert b"200" not in heard
        for sent in (PREFACE, b"GET / HTTP/1.1\r\nHost: x\r\n\r\n", bytes(4096), b"\x16\x03\x01"):
            assert b"200" not in await talk(scene, sent, None)
        assert [] == scene.mine.contacts
        await scene.words_pass()

    against(tmp_path, scenario)


def test_giant_metadata_and_giant_messages_end_their_own_call(tmp_path: Path) -> None:
    async def scenario(scene: Scene) -> None:
        async with scene.channel() as channel:
            method = channel.stream_stream(f"/{SERVICE}/{SYNC}")
            for size in (64 * 1024, 4 << 20):
                call = method(metadata=(("x-giant", "x" * size),), timeout=10)
                assert await call.code() in REFUSALS
            assert [] == scene.mine.contacts
            call = method(timeout=20)
            await call.wait_for_connection()
            with contextlib.suppress(grpc.aio.AioRpcError, asyncio.InvalidStateError):
                await call.write(bytes(MESSAGE_BYTES_MAX + 1))
            assert grpc.StatusCode.RESOURCE_EXHAUSTED == await call.code()
        assert [] == scene.mine.heard
        await scene.words_pass()

    against(tmp_path, scenario)


def test_a_thousand_streams_on_one_connection_are_eight(tmp_path: Path) -> None:
    async def scenario(scene: Scene) -> None:
        async with scene.channel() as channel:
            method = channel.stream_stream(f"/{SERVICE}/{SYNC}")
            calls = [method(timeout=60) for _ in range(1_000)]
            codes = [asyncio.create_task(call.code()) for call in calls]
            deadline = time.monotonic() + 15
            while sum(one.done() for one in codes) < len(codes) - STREAMS_PER_LINK_MAX:
                assert time.monotonic() < deadline, f"{len(scene.mine.open)} are held"
                await asyncio.sleep(0.05)
            assert {grpc.StatusCode.RESOURCE_EXHAUSTED} == {
                one.result() for one in codes if one.done()}
            assert len(scene.mine.open) <= STREAMS_PER_LINK_MAX
            await scene.words_pass()
            await scene.a_newcomer_gets_in()
            for call in calls:
                call.cancel()
            await asyncio.gather(*codes, return_exceptions=True)

    against(tmp_path, scenario)


def test_hundreds_who_connect_and_say_nothing_keep_nobody_out(tmp_path: Path) -> None:
    """Half a handshake, byte by byte, is the cheapest way to hold a server's attention."""

    async def scenario(scene: Scene) -> None:
        idlers = [await asyncio.open_connection("127.0.0.1", scene.port) for _ in range(IDLERS)]
        for n, (_, writer) in enumerate(idlers):
            with contextlib.suppress(OSError):
                writer.write((b"", b"\x16", b"\x16\x03\x01\x02\x00")[n % 3])
        await scene.words_pass()
        await scene.a_newcomer_gets_in()
        for _, writer in idlers:
            writer.close()
        for _, writer in idlers:
            with contextlib.suppress(OSError):
                await writer.wait_closed()

    against(tmp_path, scenario)
