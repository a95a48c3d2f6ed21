"""The proxy changes nothing but time: what goes in comes out, whole and in order, or not at all."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Awaitable, Callable
from contextlib import suppress

import pytest

from tests.proxy import Proxy


async def _with_echo(scenario: Callable[[Proxy], Awaitable[None]]) -> None:
    working = set()

    async def echo(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        working.add(asyncio.current_task())
        with suppress(OSError):
            while data := await reader.read(65536):
                writer.write(data)
                await writer.drain()
        await close(writer)

    server = await asyncio.start_server(echo, "127.0.0.1", 0)
    async with server, Proxy(server.sockets[0].getsockname()[1]) as proxy:
        await asyncio.wait_for(scenario(proxy), 20)
    await asyncio.gather(*working)


async def close(writer: asyncio.StreamWriter) -> None:
    writer.close()
    with suppress(OSError):
        await writer.wait_closed()


async def _there_and_back(proxy: Proxy, data: bytes) -> float:
    reader, writer = await asyncio.open_connection("127.0.0.1", proxy.port)
    began = time.monotonic()
    writer.write(data)
    assert data == await reader.readexactly(len(data))
    took = time.monotonic() - began
    await close(writer)
    return took


@pytest.mark.parametrize(("delay", "speed", "slice_", "least"), [
    (0.0, 0.0, 65536, 0.0), (0.2, 0.0, 65536, 0.2), (0.0, 20_000.0, 1_024, 0.45),
    (0.0, 0.0, 7, 0.0),
])
def test_weather_costs_time_and_nothing_else(
    delay: float, speed: float, slice_: int, least: float
) -> None:
    async def scenario(proxy: Proxy) -> None:
        weather = proxy.there
        weather.delay_s, weather.bytes_per_s, weather.slice_bytes = delay, speed, slice_
        assert await _there_and_back(proxy, bytes(range(256)) * 40) >= least

    asyncio.run(_with_echo(scenario))


@pytest.mark.parametrize("way", ["there", "back"])
def test_a_hole_one_way_holds_what_is_said_until_it_is_mended(way: str) -> None:
    async def scenario(proxy: Proxy) -> None:
        reader, writer = await asyncio.open_connection("127.0.0.1", proxy.port)
        writer.write(b"before")
        assert b"before" == await reader.readexactly(6)
        getattr(proxy, way).flowing.clear()
        writer.write(b"within")
        with pytest.raises(TimeoutError):
            await asyncio.wait_for(reader.read(6), 0.3)
        proxy.heal()
        assert b"within" == await reader.readexactly(6)
        await close(writer)

    asyncio.run(_with_echo(scenario))


def test_a_reset_ends_what_is_open_and_refuses_nothing_new() -> None:
    async def scenario(proxy: Proxy) -> None:
        reader, writer = await asyncio.open_connection("127.0.0.1", proxy.port)
        writer.write(b"x")
        assert b"x" == await reader.read(1)
        proxy.reset()
        with suppress(ConnectionError):
            assert b"" == await reader.read(1)
        await close(writer)
        await _there_and_back(proxy, b"again")

    asyncio.run(_with_echo(scenario))
