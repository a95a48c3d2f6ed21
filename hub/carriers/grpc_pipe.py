"""One gRPC stream as a bounded pipe of bytes, the same at both ends.

Two tasks stand between gRPC and us, because grpc.aio cancels the whole call when a pending read
or write is cancelled: a caller that merely stopped waiting would lose its link. gRPC's own errors
share no base class, so both tasks take any of them for what it is: the stream is over.
"""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable
from typing import Protocol

import grpc

from hub.carriers.buffer import Buffer
from hub.carriers.port import Kind, Parcel, check_size
from hub.carriers.streams import STREAM_BYTES_MAX
from hub.errors import Malformed
from hub.ids import LinkId, NodeId

SERVICE = "hub.v1.Link"
SYNC = "Sync"
SIDE_METHODS = ("Bulk", "Ask")
MESSAGE_BYTES_MAX = 4 * 1024 * 1024
"""gRPC's limit of one message; ours are smaller, this one keeps strangers from filling memory."""
MESSAGE_OPTIONS: tuple[tuple[str, int], ...] = (
    ("grpc.max_send_message_length", MESSAGE_BYTES_MAX),
    ("grpc.max_receive_message_length", MESSAGE_BYTES_MAX),
)
KEEPALIVE_S = 20.0
"""Seconds of silence before a ping; without one a silent cut is never noticed."""
KEEPALIVE_TIMEOUT_S = 10.0
"""Seconds to wait for the ping's answer."""
PING_TIMEOUT = "grpc.http2.ping_timeout_ms"
"""In current gRPC the wait for a keepalive's answer has a limit of its own, and its default of
60 s wins over ``grpc.keepalive_timeout_ms``: a silent cut took 80 s to notice."""
CLOSE_S = 2.0
"""Seconds a closing stream gets to send what it holds."""
ACCEPTED = ("wanmi-accepted", "1")
"""Initial metadata of the server: the caller has a link here."""


class Ends(Protocol):
    """What a client call and a server context have in common, once wrapped."""

    async def read(self) -> bytes | None:
        """None at the end of the stream."""
        ...

    async def write(self, data: bytes) -> None: ...

    async def finish(self) -> None:
        """Say that nothing more will be written, and let the stream end."""
        ...

    def abandon(self) -> None:
        """End it now, whatever is under way."""
        ...


class Pipe:
    """Bytes in both directions, bounded; over when either side ends it or the peer is lost."""

    def __init__(self, ends: Ends) -> None:
        self._ends = ends
        self._in: Buffer[bytes] = Buffer()
        self._out: Buffer[bytes] = Buffer()
        self._closing = False
        loop = asyncio.get_running_loop()
        self._reading = loop.create_task(self._read())
        self._writing = loop.create_task(self._write())

    async def put(self, data: bytes) -> None:
        await self._out.put(data, len(data))

    async def get(self) -> bytes | None:
        return await self._in.get()

    async def close(self) -> None:
        """Send what was put, half-close, and end; idempotent."""
        if not self._closing:
            self._closing = True
            self._out.close()
            self._in.close(forget=True)
            done, _ = await asyncio.wait((self._writing,), timeout=CLOSE_S)
            if not done or not await self._finished():
                self._ends.abandon()
        for task in (self._reading, self._writing):
            task.cancel()
        await asyncio.wait((self._reading, self._writing))

    def lose(self) -> None:
        """The peer is gone: what it sent can still be read, nothing can be said."""
        self._out.close(forget=True)
        self._in.close()

    async def _finished(self) -> bool:
        try:
            async with asyncio.timeout(CLOSE_S):
                await self._ends.finish()
        except Exception:  # noqa: BLE001 - see the module's first paragraph
            return False
        return True

    async def _read(self) -> None:
        try:
            while (data := await self._ends.read()) is not None:
                await self._in.put(data, len(data))
        except Exception:  # noqa: BLE001 - see the module's first paragraph
            return
        finally:
            # also when grpc.aio raises CancelledError because its channel was closed
            self.lose()

    async def _write(self) -> None:
        over = False
        try:
            while (data := await self._out.get()) is not None:
                await self._ends.write(data)
            over = True
        except Exception:  # noqa: BLE001 - see the module's first paragraph
            return
        finally:
            if not over:
                self.lose()


class GrpcContact:
    """A ``Sync`` stream as a contact."""

    kind = Kind.GRPC

    def __init__(self, pipe: Pipe, *, link: LinkId, peer: NodeId) -> None:
        self.link = link
        self.peer = peer
        self._pipe = pipe

    async def say(
        self,
        data: bytes,
        *,
        frame: bool,
        msg_id: str = "",  # noqa: ARG002 - a stream stores nothing, so it has nothing to compare
    ) -> None:
        check_size(data, frame=frame)
        await self._pipe.put(data)

    async def parcels(self) -> AsyncIterator[Parcel]:
        while (data := await self._pipe.get()) is not None:
            yield Parcel(data=data)

    async def close(self) -> None:
        await self._pipe.close()

    def lose(self) -> None:
        self._pipe.lose()


class GrpcStream:
    """A ``Bulk`` or ``Ask`` stream."""

    def __init__(
        self,
        pipe: Pipe,
        *,
        link: LinkId,
        peer: NodeId,
        ended: Callable[[], Awaitable[None]] | None = None,
    ) -> None:
        self.link = link
        self.peer = peer
        self._pipe = pipe
        self._ended = ended

    async def read(self) -> bytes | None:
        return await self._pipe.get()

    async def write(self, data: bytes) -> None:
        if len(data) > STREAM_BYTES_MAX:
            raise Malformed(f"writing {len(data)} bytes where a stream takes {STREAM_BYTES_MAX}")
        await self._pipe.put(data)

    async def close(self) -> None:
        await self._pipe.close()
        if self._ended is not None:
            await self._ended()

    def lose(self) -> None:
        self._pipe.lose()


class ServerEnds:
    """The parent's end: gRPC ends the stream when our handler returns."""

    def __init__(self, context: grpc.aio.ServicerContext[bytes, bytes]) -> None:
        self._context = context

    async def read(self) -> bytes | None:
        data = await self._context.read()
        return data if isinstance(data, bytes) else None

    async def write(self, data: bytes) -> None:
        await self._context.write(data)

    async def finish(self) -> None:
        """Nothing to say: the returning handler sends the status."""

    def abandon(self) -> None:
        """Nothing to cancel: the returning handler ends the stream."""


class ClientEnds:
    """The child's end."""

    def __init__(self, call: grpc.aio.StreamStreamCall[bytes, bytes]) -> None:
        self._call = call

    async def read(self) -> bytes | None:
        data = await self._call.read()
        return data if isinstance(data, bytes) else None

    async def write(self, data: bytes) -> None:
        await self._call.write(data)

    async def finish(self) -> None:
        await self._call.done_writing()
        await self._call.code()

    def abandon(self) -> None:
        self._call.cancel()
