"""Questions and answers over a pair of streams: both directions, limits, endings."""

from __future__ import annotations

import asyncio
import os
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from dataclasses import replace

import pytest

from hub.ask.desk import ANSWERING_MAX, ASKING_MAX, Answering, AskDesk
from hub.ask.messages import BODY_BYTES_MAX, Answer, Question, decode, encode
from hub.errors import FabricError, Malformed, Overloaded, UnknownPeer, Unreachable
from hub.ids import LinkId, NodeId
from tests.streams import Side, stream_pair

LINK = LinkId("420200-420203")


def question(body: bytes = b"case", *, deadline_ms: int = 5000) -> Question:
    return Question(
        id=os.urandom(16), target=NodeId("420203"), method="GetCase", body=body,
        actor="张三", purpose="督办核对", deadline_ms=deadline_ms,
    )


async def echo(link: LinkId, asked: Question) -> Answer:
    return Answer(id=asked.id, body=link.encode() + b" " + asked.body, as_of_us=42)


async def level(reached: Callable[[], bool]) -> None:
    async with asyncio.timeout(5):
        while not reached():  # a level of somebody else's state
            await asyncio.sleep(0)


@asynccontextmanager
async def desks(
    city: Answering = echo, district: Answering = echo
) -> AsyncIterator[tuple[AskDesk, AskDesk, Side]]:
    above, below = AskDesk(city), AskDesk(district)
    low, high = stream_pair(LINK)
    tasks = [asyncio.create_task(below.attach(low)), asyncio.create_task(above.attach(high))]
    await level(lambda: above.reachable(LINK) and below.reachable(LINK))
    try:
        yield above, below, low
    finally:
        await low.close()
        await asyncio.gather(*tasks)
    assert not above.reachable(LINK)


def test_either_side_asks_and_each_answer_finds_its_question() -> None:
    async def run() -> None:
        async def slow_first(link: LinkId, asked: Question) -> Answer:
            await asyncio.sleep(0.05 if asked.body == b"0" else 0)
            return await echo(link, asked)

        async with desks(slow_first, slow_first) as (above, below, _):
            answers = await asyncio.gather(
                *(above.ask(LINK, question(str(n).encode())) for n in range(5)),
                *(below.ask(LINK, question(str(n).encode())) for n in range(3)),
            )
            assert [answer.body[-1:] for answer in answers] == [
                b"0", b"1", b"2", b"3", b"4", b"0", b"1", b"2"
            ]
            assert all(answer.ok and answer.as_of_us == 42 for answer in answers)

    asyncio.run(run())


def test_an_answer_never_takes_another_questions_place() -> None:
    async def run() -> None:
        async def wrong_id(_: LinkId, __: Question) -> Answer:
            return Answer(id=os.urandom(16), body=b"mine")

        async with desks(district=wrong_id) as (above, _, __):
            asked = question()
            answer = await above.ask(LINK, asked)
            assert answer.id == asked.id

    asyncio.run(run())


def test_errors_come_back_as_stable_codes() -> None:
    async def run() -> None:
        async def refuse(_: LinkId, asked: Question) -> Answer:
            if asked.body == b"bug":
                raise RuntimeError("secret detail")
            if asked.body == b"large":
                return Answer(id=asked.id, body=bytes(BODY_BYTES_MAX + 1))
            raise UnknownPeer("not yours", code="question.not_yours")

        async with desks(district=refuse) as (above, _, __):
            for body, code in (
                (b"", "question.not_yours"), (b"bug", "ask.failed"), (b"large", "ask.too_large")
            ):
                answer = await above.ask(LINK, question(body))
                assert (answer.code, answer.ok, answer.body) == (code, False, b"")

    asyncio.run(run())


def test_without_a_stream_the_asker_knows_at_once() -> None:
    with pytest.raises(Unreachable) as refused:
        asyncio.run(AskDesk(echo).ask(LINK, question()))
    assert refused.value.code == "ask.no_stream"


def test_a_lost_stream_and_a_silent_peer_end_the_wait() -> None:
    async def run() -> None:
        started = asyncio.Event()

        async def never(_: LinkId, asked: Question) -> Answer:
            started.set()
            await asyncio.Event().wait()
            return Answer(id=asked.id)

        async with desks(district=never) as (above, _, low):
            with pytest.raises(Unreachable) as late:
                await above.ask(LINK, question(deadline_ms=30))
            assert late.value.code == "ask.deadline"
            started.clear()
            asking = asyncio.create_task(above.ask(LINK, question()))
            await started.wait()
            await low.close()
            with pytest.raises(Unreachable) as lost:
                await asking
            assert lost.value.code == "ask.lost"

    asyncio.run(run())


def test_both_sides_have_a_limit() -> None:
    async def run() -> None:
        go = asyncio.Event()

        async def held(link: LinkId, asked: Question) -> Answer:
            await go.wait()
            return await echo(link, asked)

        async with desks(district=held) as (above, _, __):
            asking = [
                asyncio.create_task(above.ask(LINK, question())) for _ in range(ASKING_MAX)
            ]
            done, _pending = await asyncio.wait(asking, return_when=asyncio.FIRST_COMPLETED)
            assert {task.result().code for task in done} == {"ask.overloaded"}
            await level(
                lambda: sum(task.done() for task in asking) == ASKING_MAX - ANSWERING_MAX
            )
            more = [
                asyncio.create_task(above.ask(LINK, question())) for _ in range(ASKING_MAX)
            ]
            await asyncio.sleep(0)
            with pytest.raises(Overloaded) as full:
                await asyncio.gather(*more)
            assert full.value.code == "ask.overloaded"
            go.set()
            codes = [answer.code for answer in await asyncio.gather(*asking)]
            assert codes.count("ok") == ANSWERING_MAX
            await asyncio.gather(*more, return_exceptions=True)

    asyncio.run(run())


def test_a_question_beyond_its_limits_is_not_sent() -> None:
    good = question()
    for bad in (
        replace(good, body=bytes(BODY_BYTES_MAX + 1)),
        replace(good, id=b"short"),
        replace(good, method="x" * 65),
        replace(good, method=""),
        replace(good, purpose="x" * 1001),
        replace(good, deadline_ms=60_001),
        replace(good, deadline_ms=0),
    ):
        with pytest.raises(Malformed):
            encode(LINK, bad)
    assert decode(LINK, encode(LINK, good)) == good
    with pytest.raises(FabricError):
        decode(LinkId("420200-420204"), encode(LINK, good))


def test_nonsense_ends_the_stream_only() -> None:
    async def run() -> None:
        async with desks() as (above, _, low):
            await low.write(b"\xff\xff\xff")
            await level(lambda: not above.reachable(LINK))

    asyncio.run(run())
