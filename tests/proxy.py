"""A TCP proxy with a weather of its own: what a bad line looks like to both ends.

Each direction is worked apart, so a line may be broken one way and whole the other: delay, a thin
or sliced stream, silence. Nothing is ever changed or left out of a connection that goes on: that is
what TCP promises both ends.
"""

from __future__ import annotations

import asyncio
import contextlib
from dataclasses import dataclass, field
from types import TracebackType

CHUNK_BYTES = 65536


@dataclass(slots=True)
class Weather:
    """One direction. ``delay_s`` per piece, ``bytes_per_s`` 0 = as fast as it goes,
    ``slice_bytes`` the largest piece that is handed on at once. While ``flowing`` is not set
    nothing passes and nobody is told."""

    delay_s: float = 0.0
    bytes_per_s: float = 0.0
    slice_bytes: int = CHUNK_BYTES
    flowing: asyncio.Event = field(default_factory=asyncio.Event)

    def __post_init__(self) -> None:
        self.flowing.set()

    def clear(self) -> None:
        """A fine day."""
        self.delay_s, self.bytes_per_s, self.slice_bytes = 0.0, 0.0, CHUNK_BYTES
        self.flowing.set()

    async def pass_on(self, data: bytes) -> None:
        """Keep ``data`` for as long as this weather does."""
        await self.flowing.wait()
        pause = self.delay_s + (len(data) / self.bytes_per_s if self.bytes_per_s else 0.0)
        if pause:
            await asyncio.sleep(pause)
            await self.flowing.wait()


class Proxy:
    """Forwards one port to another. ``there`` is the weather from whoever dials to the
    target, ``back`` that of the answers."""

    def __init__(self, target: int, *, to: str = "127.0.0.1", at: str = "127.0.0.1") -> None:
        self._target = target
        self._to = to
        self.at = at
        """Where it listens; loopback unless told otherwise."""
        self._server: asyncio.Server | None = None
        self._writers: set[asyncio.StreamWriter] = set()
        self._working: set[asyncio.Task[None]] = set()
        self._refusing = False
        self.there = Weather()
        self.back = Weather()
        self.port = 0
        self.connections = 0
        """Taken so far."""

    async def __aenter__(self) -> Proxy:
        await self.lay()
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, err: BaseException | None, at: TracebackType | None
    ) -> None:
        await self.remove()

    async def lay(self) -> int:
        """Begin to listen; the port to dial instead of the target's."""
        self._server = await asyncio.start_server(self._accept, self.at, 0)
        self.port = int(self._server.sockets[0].getsockname()[1])
        return self.port

    async def remove(self) -> None:
        """Stop listening and drop every connection."""
        assert self._server is not None
        self._server.close()
        self.cut()
        self.there.clear()
        self.back.clear()
        await self._server.wait_closed()
        if self._working:
            await asyncio.wait(self._working)

    def reset(self) -> None:
        """Reset every connection; new ones are welcome."""
        for writer in tuple(self._writers):
            writer.transport.abort()

    def cut(self) -> None:
        """Reset every connection; new ones are taken and dropped until ``heal``."""
        self._refusing = True
        self.reset()

    def freeze(self) -> None:
        """Keep connections, take new ones, and move nothing in either direction."""
        self.there.flowing.clear()
        self.back.flowing.clear()

    def heal(self) -> None:
        """Both directions are fine again; what had hung goes on."""
        self._refusing = False
        self.there.clear()
        self.back.clear()

    async def _accept(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self.connections += 1
        task = asyncio.current_task()
        assert task is not None
        self._working.add(task)
        task.add_done_callback(self._working.discard)
        if self._refusing:
            writer.transport.abort()
            return
        try:
            far_reader, far_writer = await asyncio.open_connection(self._to, self._target)
        except OSError:
            writer.transport.abort()
            return
        self._writers |= {writer, far_writer}
        try:
            await asyncio.gather(
                self._forward(reader, far_writer, self.there),
                self._forward(far_reader, writer, self.back),
            )
        finally:
            for end in (writer, far_writer):
                self._writers.discard(end)
                end.transport.abort()
                with contextlib.suppress(OSError):
                    await end.wait_closed()

    async def _forward(
        self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter, weather: Weather
    ) -> None:
        with contextlib.suppress(OSError):
            while data := await reader.read(weather.slice_bytes):
                await weather.pass_on(data)
                writer.write(data)
                await writer.drain()
        writer.transport.abort()
