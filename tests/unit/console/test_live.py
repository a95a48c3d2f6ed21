"""Two streams of news as one."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncGenerator

from node.edge.console.live import both, unsaid
from node.service.instants import to_time
from node.service.views import Change


async def counted(upto: int, ended: list[str]) -> AsyncGenerator[str, None]:
    try:
        for n in range(upto):
            await asyncio.sleep(0)
            yield f"a{n}"
    finally:
        ended.append("first")


async def endless(ended: list[str]) -> AsyncGenerator[str, None]:
    try:
        while True:
            await asyncio.sleep(0)
            yield "b"
    finally:
        ended.append("second")


def test_both_streams_are_heard_and_the_second_ends_with_the_first() -> None:
    ended: list[str] = []

    async def story() -> list[str]:
        return [line async for line in both(counted(5, ended), endless(ended))]

    heard = asyncio.run(story())
    assert [line for line in heard if line != "b"] == ["a0", "a1", "a2", "a3", "a4"]
    assert "b" in heard
    assert sorted(ended) == ["first", "second"]


def test_a_listener_who_goes_ends_both() -> None:
    ended: list[str] = []

    async def story() -> None:
        lines = both(counted(10_000, ended), endless(ended))
        await anext(lines)
        await lines.aclose()

    asyncio.run(story())
    assert sorted(ended) == ["first", "second"]


def test_whoever_may_not_read_the_feed_hears_nothing_of_a_case() -> None:
    change = Change(n=7, case_id="c-1", version=1, kind="CaseOpened", at=to_time(0))
    assert unsaid(change) == ""
