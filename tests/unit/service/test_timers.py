"""The loop of the timers lives through a database that is away, also in its very first moment."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from types import SimpleNamespace
from typing import Any

from structlog.testing import capture_logs

from hub.errors import Overloaded
from node.service.timers import Timers


class Writer:
    """Is away for the first ``away`` operations."""

    def __init__(self, away: int) -> None:
        self._away = away
        self.done: list[Any] = []

    def listen(self, topic: str, woken: Callable[[str], None]) -> Callable[[], None]:
        return lambda: None

    async def write(self, operation: Any, *, urgent: bool = False) -> int:
        if self._away:
            self._away -= 1
            raise Overloaded("talking to the database: it does not answer",
                             code="store.unavailable")
        self.done.append(operation)
        return 0

    async def read(self, query: Any) -> None:
        return None


async def _live(writer: Writer) -> list[Any]:
    housekeeping = object()
    desk = SimpleNamespace(store=SimpleNamespace(next_timer=None))
    timers = Timers(desk=desk, writer=writer, now_us=lambda: 0, batch=10,  # type: ignore[arg-type]
                    poll_s=0.01, housekeeping=housekeeping)  # type: ignore[arg-type]
    with capture_logs() as said:
        running = asyncio.create_task(timers.run())
        while len(writer.done) < 3:
            await asyncio.sleep(0.005)
        running.cancel()
        await asyncio.wait((running,))
    assert housekeeping is writer.done[0]
    assert 1 == writer.done.count(housekeeping)
    return said


def test_a_database_that_is_away_at_the_start_stops_no_timer() -> None:
    said = asyncio.run(asyncio.wait_for(_live(Writer(away=1)), 5))
    assert [("timers_failed", "warning", "store.unavailable")] == [
        (line["event"], line["log_level"], line["code"]) for line in said]


def test_a_database_that_is_there_is_worth_no_line() -> None:
    assert [] == asyncio.run(asyncio.wait_for(_live(Writer(away=0)), 5))
