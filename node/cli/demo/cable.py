"""A cable between two nodes that can be cut: a TCP relay on loopback.

A cut is silent, as in the field: connections stay open and nothing passes, new ones are accepted
and never answered. Mending resets what hung, so both ends dial again.
"""

from __future__ import annotations

import asyncio
from contextlib import suppress

CHUNK_BYTES = 65536


class Cable:
    """Relays one loopback port to another until ``cut``."""

    def __init__(self, target_port: int) -> None:
        self.target_port = target_port
        self.port = 0
        self._whole = asyncio.Event()
        self._whole.set()
        self._server: asyncio.Server | None = None
        self._ends: set[asyncio.StreamWriter] = set()

    async def lay(self) -> int:
        """Begin to listen; returns the port to dial instead of the target's."""
        self._server = await asyncio.start_server(self._relay, "127.0.0.1", 0)
        self.port = int(self._server.sockets[0].getsockname()[1])
        return self.port

    @property
    def is_cut(self) -> bool:
        """Whether nothing passes now."""
        return not self._whole.is_set()

    def cut(self) -> None:
        """From now on nothing passes."""
        self._whole.clear()

    def mend(self) -> None:
        """Let things pass again; what hung is reset."""
        if self.is_cut:
            for end in tuple(self._ends):
                end.transport.abort()
            self._whole.set()

    async def remove(self) -> None:
        """Stop listening and drop every connection."""
        self._whole.set()
        if self._server is not None:
            self._server.close()
        for end in tuple(self._ends):
            end.transport.abort()

    async def _relay(self, near: asyncio.StreamReader, back: asyncio.StreamWriter) -> None:
        self._ends.add(back)
        await self._whole.wait()
        try:
            far, forth = await asyncio.open_connection("127.0.0.1", self.target_port)
        except OSError:
            self._ends.discard(back)
            back.transport.abort()
            return
        self._ends.add(forth)
        try:
            await asyncio.gather(self._pass(near, forth), self._pass(far, back))
        finally:
            for end in (back, forth):
                self._ends.discard(end)
                end.transport.abort()

    async def _pass(self, source: asyncio.StreamReader, sink: asyncio.StreamWriter) -> None:
        with suppress(OSError):
            while data := await source.read(CHUNK_BYTES):
                await self._whole.wait()
                sink.write(data)
                await sink.drain()
        sink.transport.abort()
