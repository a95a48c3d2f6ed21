"""The bounded buffer between two tasks."""

from __future__ import annotations

import asyncio
import contextlib
import random

import pytest

from hub.carriers.buffer import Buffer
from hub.errors import Unreachable


def test_puts_wait_for_room_and_keep_the_order_of_their_calls() -> None:
    async def main() -> None:
        buffer: Buffer[int] = Buffer(items_max=2)
        puts = [asyncio.create_task(buffer.put(n, 1)) for n in range(10)]
        await asyncio.sleep(0)
        await asyncio.sleep(0)
        assert 2 == len(buffer)
        assert list(range(10)) == [await buffer.get() for _ in range(10)]
        await asyncio.gather(*puts)

    asyncio.run(main())


def test_bytes_bound_too_but_one_message_always_fits() -> None:
    async def main() -> None:
        buffer: Buffer[str] = Buffer(bytes_max=100)
        assert buffer.offer("large", 500)
        assert not buffer.offer("small", 1)
        assert "large" == await buffer.get()
        assert buffer.offer("a", 60)
        assert not buffer.offer("b", 60)
        assert 60 == buffer.size

    asyncio.run(main())


def test_close_wakes_both_sides_and_what_is_held_can_still_be_got() -> None:
    async def main() -> None:
        buffer: Buffer[int] = Buffer(items_max=1)
        await buffer.put(1, 1)
        waiting = asyncio.create_task(buffer.put(2, 1))
        await asyncio.sleep(0)
        buffer.close()
        with pytest.raises(Unreachable):
            await waiting
        assert [1, None] == [await buffer.get(), await buffer.get()]
        empty: Buffer[int] = Buffer()
        getting = asyncio.create_task(empty.get())
        await asyncio.sleep(0)
        empty.close()
        assert None is await getting

    asyncio.run(main())


@pytest.mark.parametrize("seed", range(20))
def test_cancelled_callers_lose_and_double_nothing(seed: int) -> None:
    async def main() -> None:
        rng = random.Random(seed)
        buffer: Buffer[int] = Buffer(items_max=3)
        put: list[int] = []
        got: list[int] = []

        async def putter() -> None:
            for n in range(200):
                task = asyncio.create_task(buffer.put(n, 1))
                if rng.random() < 0.3:
                    await asyncio.sleep(0)
                    task.cancel()
                with contextlib.suppress(asyncio.CancelledError):
                    await task
                    put.append(n)
            buffer.close()

        async def getter() -> None:
            while True:
                task = asyncio.create_task(buffer.get())
                if rng.random() < 0.3:
                    await asyncio.sleep(0)
                    if not task.done():
                        task.cancel()
                with contextlib.suppress(asyncio.CancelledError):
                    item = await task
                    if item is None:
                        return
                    got.append(item)

        async with asyncio.timeout(10):
            await asyncio.gather(putter(), getter())
        assert put == got, f"seed {seed}"

    asyncio.run(main())
