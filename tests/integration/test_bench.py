"""The benchmark measures what it says, in small: a benchmark that nobody runs breaks unseen."""

from __future__ import annotations

import asyncio

import pytest

from tests.bench import api, evaluate, links, similar, worklist

TINY = links.Size(
    window_s=0.2, windows=1, pace_s=0.2, backlog=200, cases=5, rounds=4, photos=8, long_backlog=200
)
ROWS = 2_000


@pytest.mark.parametrize("measured", [evaluate.measure_sqlite, evaluate.measure_postgres])
def test_a_month_is_evaluated_for_every_subject(measured):
    timed = measured(ROWS)
    assert timed.rows == ROWS
    assert timed.lines["unit"] > 0
    assert set(timed.seconds) == set(evaluate.SUBJECTS)


@pytest.mark.parametrize("measured", [similar.measure_sqlite, similar.measure_postgres])
def test_similar_reports_are_looked_for(measured):
    assert measured(ROWS).share(.95) > 0


@pytest.mark.parametrize("measured", [worklist.measure_sqlite, worklist.measure_postgres])
def test_pages_are_turned(measured):
    waited = measured(ROWS)
    assert set(waited.took_ms) == set(worklist.questions(ROWS))


def test_calls_of_the_api_are_timed():
    for call in api.measure(5):
        assert len(call.took_ms) == 5
        assert call.share(.5) > 0


def test_two_offices_say_words_over_an_old_past():
    told: list[str] = []
    found = asyncio.run(links.measure_offices("GRPC", TINY, told.append, stored=500))
    assert found.words == 2 * TINY.cases * TINY.rounds, "a report and its evidence each"
    assert found.catch_up > 0 < found.sustained
    assert found.photos_mb_s[0] > 0
    assert links.median_cpu(found.catch_up_cpus).receiver > 0


def test_a_backlog_drains_under_new_words():
    found = asyncio.run(links.measure_backlog("GRPC", 200, lambda _: None))
    assert found.words == 200
    assert found.foreground_ms == sorted(found.foreground_ms)
