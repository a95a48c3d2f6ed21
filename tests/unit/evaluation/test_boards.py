"""A period beside the one before it, a run of periods, and questions that take long."""

from __future__ import annotations

import asyncio
from typing import Any

import pytest

from hub.errors import Overloaded
from node.core.errors import Invalid
from node.core.indicators import Shown
from node.service.evaluation.boards import Boards
from node.service.evaluation.jobs import KEPT_MAX, RUNNING_MAX, Advance, Jobs, Working
from node.service.evaluation.room import Ask
from tests.unit.evaluation.test_publishing import Desk, desk

__all__ = ["desk"]
TASKS = Shown(counter="dispatch_tasks", window="done")


def asked(period: str) -> Ask:
    return Ask(subject="dispatcher", period=period)


def test_a_board_has_the_period_and_the_one_before_by_the_same_rules(desk: Desk) -> None:
    board = asyncio.run(Boards(desk.evaluation).board(
        asked("2026-03-02"), patience_s=30))
    assert not isinstance(board, Working)
    assert board.sheet["period"] == "2026-03-02"
    assert board.before is not None
    assert board.before["period"] == "2026-03-01"
    assert board.sheet["lines"]
    assert board.before["lines"] == []
    assert board.before["definition"] == board.sheet["definition"]


def test_a_run_ends_with_the_period_that_is_asked_for(desk: Desk) -> None:
    def points(key: tuple[str, ...] = ()) -> Any:
        return asyncio.run(Boards(desk.evaluation).run(
            asked("2026-03-02"), key=key, periods=3, patience_s=30))

    assert [one.period for one in points()] == ["2026-02-28", "2026-03-01", "2026-03-02"]
    assert [one.counts.get("dispatch_tasks@done") for one in points()] == [0, 0, 1]
    sheet = asyncio.run(desk.evaluation.figures(asked("2026-03-02")))
    (line,) = sheet["lines"]
    *_, newest = points(tuple(line["key"]))
    assert (newest.score, newest.grade) == (line["score"], line["grade"])
    assert all(one.score is None for one in points(("nobody", "420299")))


def test_periods_that_are_over_are_counted_once_for_many_charts_and_what_runs_each_time(
    desk: Desk, monkeypatch: pytest.MonkeyPatch
) -> None:
    counted: list[str] = []
    plain = desk.evaluation.sheet

    async def sheet(ask: Ask) -> Any:
        counted.append(ask.period)
        return await plain(ask)

    monkeypatch.setattr(desk.evaluation, "sheet", sheet)

    async def look() -> None:
        boards, today = Boards(desk.evaluation), asked("2026-03-03")
        for key in ((), ("clerk", "420200")):
            await boards.run(today, key=key, periods=3, patience_s=30)
        await boards.board(today, patience_s=30)

    asyncio.run(look())
    assert sorted(counted) == ["2026-03-01", "2026-03-02", *["2026-03-03"] * 3]


def test_periods_before_there_were_rules_are_left_out_of_a_run(desk: Desk) -> None:
    points = asyncio.run(Boards(desk.evaluation).run(
        asked("2001"), periods=5, patience_s=30))
    assert not isinstance(points, Working)
    assert [one.period for one in points] == ["2000", "2001"]
    board = asyncio.run(Boards(desk.evaluation).board(asked("2000"), patience_s=30))
    assert not isinstance(board, Working)
    assert board.before is not None, "the year before is judged by the rules of the year"


def test_counts_beyond_a_sheet_equal_the_cases_behind_them(desk: Desk) -> None:
    ask = asked("2026-03-02")
    closed = Shown(counter="closed", window="done")
    found = asyncio.run(Boards(desk.evaluation).counted(
        [(ask, (TASKS, closed))], patience_s=30, kept_s=0))
    assert not isinstance(found, Working)
    (tally,) = found
    assert {one: sum(line.values()) for one, line in tally.items()} == {
        key: asyncio.run(desk.evaluation.how_many(
            ask, key=key, counter="dispatch_tasks", window="done", attributed=False))
        for key in tally}
    with pytest.raises(Invalid) as refusal:
        asyncio.run(Boards(desk.evaluation).counted(
            [(ask, (Shown(counter="taken", window="done"),))], patience_s=30, kept_s=0))
    assert refusal.value.code == "evaluation.figure"


# --- questions that take long ---------------------------------------------------------------------


def test_what_takes_long_says_how_far_it_is_and_is_worked_on_once() -> None:
    begun: list[str] = []

    async def look() -> None:
        jobs, go_on = Jobs(), asyncio.Event()

        async def work(advance: Advance) -> str:
            begun.append("begun")
            advance.done = 1
            await go_on.wait()
            advance.done = 2
            return "answer"

        async def ask(patience_s: float) -> Any:
            return await jobs.ask("question", 2, work, patience_s=patience_s)

        first, second = await ask(0.05), await ask(0.05)
        assert isinstance(first, Working)
        assert (first.done, first.total) == (1, 2)
        assert second.waited_s > first.waited_s
        go_on.set()
        assert await ask(5) == "answer"

    asyncio.run(look())
    assert begun == ["begun"]


def test_whoever_leaves_stops_nothing_and_a_failure_is_told_once_and_then_tried_again() -> None:
    async def look() -> None:
        jobs, tries = Jobs(), [0]

        async def work(_advance: Advance) -> str:
            tries[0] += 1
            await asyncio.sleep(0.05)
            if tries[0] == 1:
                raise Invalid("no", code="evaluation.version")
            return "answer"

        waiting = asyncio.create_task(jobs.ask("q", 1, work, patience_s=5))
        await asyncio.sleep(0.01)
        waiting.cancel()
        with pytest.raises(Invalid):
            await jobs.ask("q", 1, work, patience_s=5)
        assert await jobs.ask("q", 1, work, patience_s=5) == "answer"
        assert tries == [2]

    asyncio.run(look())


def test_few_are_worked_on_at_once_and_too_many_are_refused() -> None:
    async def look() -> None:
        jobs, at_once, most = Jobs(), [0], [0]
        go_on = asyncio.Event()

        async def work(_advance: Advance) -> int:
            at_once[0] += 1
            most[0] = max(most[0], at_once[0])
            await go_on.wait()
            at_once[0] -= 1
            return 0

        for n in range(KEPT_MAX):
            await jobs.ask(n, 1, work, patience_s=0)
        with pytest.raises(Overloaded):
            await jobs.ask("one more", 1, work, patience_s=0)
        go_on.set()
        for n in range(KEPT_MAX):
            assert await jobs.ask(n, 1, work, patience_s=5) == 0
        assert await jobs.ask("one more", 1, work, patience_s=5) == 0, "answers give way"
        assert most == [RUNNING_MAX]

    asyncio.run(look())


def test_an_answer_is_given_again_the_longer_the_longer_it_took(
    monkeypatch: pytest.MonkeyPatch
) -> None:
    async def look() -> None:
        jobs, tries, loop = Jobs(), [0], asyncio.get_running_loop()
        now = [loop.time()]
        monkeypatch.setattr(loop, "time", lambda: now[0])

        async def work(_advance: Advance) -> int:
            tries[0] += 1
            return tries[0]

        async def slow(advance: Advance) -> int:
            now[0] += 0.2
            return await work(advance)

        for _ in range(2):
            assert await jobs.ask("q", 1, work, patience_s=5, kept_s=60) == 1
            now[0] += 50
        assert await jobs.ask("quick", 1, work, patience_s=5) == 2
        now[0] += 0.01
        assert await jobs.ask("quick", 1, work, patience_s=5) == 3

        assert await jobs.ask("slow", 1, slow, patience_s=5) == 4
        now[0] += 1.9
        assert await jobs.ask("slow", 1, slow, patience_s=5) == 4, "it took long, so it is kept"
        now[0] += 0.2
        assert await jobs.ask("slow", 1, slow, patience_s=5) == 5, "but not for ever"

    asyncio.run(look())
