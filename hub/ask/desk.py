"""The desk where questions are asked and answered, in both directions on one stream per link.

The child opens the stream; either side may ask. Questions are not words: they change nothing, are
not stored and not repeated, and when there is no stream the asker is told so at once and falls
back to what it has.
"""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field

import structlog

from hub.ask.messages import Answer, Question, decode, encode
from hub.carriers.streams import ByteStream
from hub.errors import FabricError, Malformed, Overloaded, Unreachable
from hub.ids import LinkId

ASKING_MAX = 32
"""Our questions under way on one link; a screen asks one or two."""
ANSWERING_MAX = 8
"""A peer's questions being answered at one time; more get ``ask.overloaded`` at once."""

Answering = Callable[[LinkId, Question], Awaitable[Answer]]
"""The office's handler. A ``FabricError`` it raises becomes an answer with its code."""

log = structlog.get_logger(__name__)


@dataclass(slots=True, eq=False)
class _Talk:
    """One stream: our questions that wait for an answer (None = the stream ended first), the
    peer's that we work on."""

    stream: ByteStream
    asked: dict[bytes, asyncio.Future[Answer | None]] = field(default_factory=dict)
    answering: set[asyncio.Task[None]] = field(default_factory=set)


class AskDesk:
    """One per node; ``attach`` once per stream, at both ends of a link."""

    __slots__ = ("_answer", "_talks")

    def __init__(self, answer: Answering) -> None:
        self._answer = answer
        self._talks: dict[LinkId, _Talk] = {}

    def reachable(self, link: LinkId) -> bool:
        """Whether there is a stream to ask on now."""
        return link in self._talks

    async def ask(self, link: LinkId, question: Question) -> Answer:
        """Ask the peer and wait for its answer, at most ``deadline_ms``.

        An answer may carry an error code. Raises ``Unreachable``: ``ask.no_stream``, ``ask.lost``
        (the stream ended), ``ask.deadline``; ``Overloaded``; ``Malformed`` for a question beyond
        its limits.
        """
        data = encode(link, question)
        talk = self._talks.get(link)
        if talk is None:
            raise Unreachable(f"asking on {link}: no stream", code="ask.no_stream")
        if len(talk.asked) >= ASKING_MAX:
            raise Overloaded(f"asking on {link}: {ASKING_MAX} under way", code="ask.overloaded")
        if question.id in talk.asked:
            raise Malformed(f"asking on {link}: this question is under way", code="ask.twice")
        answered: asyncio.Future[Answer | None] = asyncio.get_running_loop().create_future()
        talk.asked[question.id] = answered
        try:
            async with asyncio.timeout(question.deadline_ms / 1000):
                await talk.stream.write(data)
                answer = await answered
        except TimeoutError as err:
            raise Unreachable(f"asking on {link}: no answer in time", code="ask.deadline") from err
        finally:
            del talk.asked[question.id]
        if answer is None:
            raise Unreachable(f"asking on {link}: the stream ended", code="ask.lost")
        return answer

    async def attach(self, stream: ByteStream) -> None:
        """Ask and answer on this stream until it ends; a newer stream of the link takes over."""
        talk = _Talk(stream=stream)
        self._talks[stream.link] = talk
        try:
            while (data := await stream.read()) is not None:
                try:
                    message = decode(stream.link, data)
                except Malformed as err:
                    log.warning("ask.malformed", link=stream.link, detail=str(err))
                    return
                if isinstance(message, Answer):
                    self._settle(talk, message)
                else:
                    await self._take(talk, message)
        except Unreachable:
            return
        finally:
            if self._talks.get(stream.link) is talk:
                del self._talks[stream.link]
            for answered in talk.asked.values():
                if not answered.done():
                    answered.set_result(None)
            for task in talk.answering:
                task.cancel()
            await asyncio.gather(*talk.answering, return_exceptions=True)
            await stream.close()

    def _settle(self, talk: _Talk, answer: Answer) -> None:
        answered = talk.asked.get(answer.id)
        if answered is not None and not answered.done():  # else: it came after the deadline
            answered.set_result(answer)

    async def _take(self, talk: _Talk, question: Question) -> None:
        if len(talk.answering) >= ANSWERING_MAX:
            refusal = Answer(id=question.id, code="ask.overloaded")
            await talk.stream.write(encode(talk.stream.link, refusal))
            return
        task = asyncio.create_task(self._reply(talk, question), name=f"answer {talk.stream.link}")
        talk.answering.add(task)
        task.add_done_callback(talk.answering.discard)

    async def _reply(self, talk: _Talk, question: Question) -> None:
        link = talk.stream.link
        try:
            async with asyncio.timeout(question.deadline_ms / 1000):
                answer = await self._answer(link, question)
            data = encode(link, Answer(id=question.id, code=answer.code, body=answer.body,
                                       as_of_us=answer.as_of_us))
        except TimeoutError:
            return  # nobody waits any more
        except FabricError as err:
            data = encode(link, Answer(id=question.id, code=err.code))
        except Exception:  # an outer loop: the asker gets a code, the log the reason
            log.exception("ask.failed", link=link, method=question.method)
            data = encode(link, Answer(id=question.id, code="ask.failed"))
        with contextlib.suppress(Unreachable):
            await talk.stream.write(data)
