"""Questions that take long: worked on beside the call that asks, found again by the next call.

Whoever asks waits a moment. What is not done by then goes on by itself, and the same question
asked again finds it, so that a page shows how far it is instead of standing still, and a page that
is left asks for nothing twice. What took long is kept for a while: the pages of a large table are
of one answer.
"""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Hashable
from dataclasses import dataclass
from typing import Any, Final, Generic, TypeVar

from hub.errors import Overloaded

T = TypeVar("T")
RUNNING_MAX: Final = 2
"""Questions worked on at once: the others wait, so that reading leaves room for work."""
KEPT_MAX: Final = 64
"""Questions and answers at once; the oldest answers give way."""
KEPT_TIMES: Final = 10.0
"""An answer is given again for so many times as long as it took: what is quick is asked anew and is
fresh, what took half a minute need not be counted for every page of its table."""
KEPT_S: Final = 120.0
"""But no longer than this, unless the question says so."""


@dataclass(slots=True)
class Advance:
    """How far a question is: ``done`` steps of ``total``; ``since`` by the loop's clock."""

    total: int
    done: int = 0
    since: float = 0.0


@dataclass(frozen=True, slots=True, kw_only=True)
class Working:
    """Not done yet: ``done`` of ``total`` steps, ``waited_s`` since it was asked."""

    done: int
    total: int
    waited_s: float


@dataclass(slots=True)
class _Job(Generic[T]):
    task: asyncio.Task[T]
    advance: Advance
    kept_s: float
    ended: float | None = None


class Jobs:
    """The questions of one room."""

    def __init__(self) -> None:
        self._jobs: dict[Hashable, _Job[Any]] = {}
        self._room = asyncio.Semaphore(RUNNING_MAX)

    async def ask(
        self, key: Hashable, steps: int, work: Callable[[Advance], Awaitable[T]], *,
        patience_s: float, kept_s: float = 0.0,
    ) -> T | Working:
        """The answer if it comes within ``patience_s``, else how far it is; ``work`` counts its
        steps. It is given again for ``kept_s`` at least. Raises what ``work`` raises, and
        ``Overloaded`` if ``KEPT_MAX`` other questions are worked on."""
        loop = asyncio.get_running_loop()
        job = self._found(key, loop.time()) or self._begin(key, steps, work, kept_s)
        done, _ = await asyncio.wait([job.task], timeout=patience_s)
        if not done:
            return Working(
                done=job.advance.done, total=job.advance.total,
                waited_s=loop.time() - job.advance.since)
        if job.task.cancelled() or job.task.exception() is not None:
            self._jobs.pop(key, None)
        answer: T = await job.task
        return answer

    def _found(self, key: Hashable, now: float) -> _Job[Any] | None:
        for name, job in list(self._jobs.items()):
            if job.ended is not None and now - job.ended > job.kept_s:
                del self._jobs[name]
        return self._jobs.get(key)

    def _begin(
        self, key: Hashable, steps: int, work: Callable[[Advance], Awaitable[T]], kept_s: float
    ) -> _Job[T]:
        if len(self._jobs) >= KEPT_MAX:
            over = [name for name, job in self._jobs.items() if job.ended is not None]
            if not over:
                raise Overloaded(f"{KEPT_MAX} questions are being worked on already")
            del self._jobs[over[0]]
        loop = asyncio.get_running_loop()
        advance = Advance(total=steps, since=loop.time())

        async def run() -> T:
            async with self._room:
                return await work(advance)

        job = self._jobs[key] = _Job(
            asyncio.create_task(run()), advance, kept_s)

        def over_(task: asyncio.Task[T]) -> None:
            job.ended = loop.time()
            took = job.ended - advance.since
            job.kept_s = max(kept_s, min(KEPT_S, KEPT_TIMES * took))
            if not task.cancelled():
                task.exception()  # whoever asks again is told; nobody may ask again

        job.task.add_done_callback(over_)
        return job
