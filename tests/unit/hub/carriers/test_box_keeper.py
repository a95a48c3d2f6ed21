"""When a mailbox counts as stuck. A real server cannot be made to get stuck on demand, so its
answers are written down here; how it answers otherwise is asked of a real one elsewhere."""

from __future__ import annotations

import asyncio
from typing import Any

from hub.ids import LinkId
from hub.nats.mailbox import STALLED_S, BoxKeeper
from hub.nats.subjects import LinkSubjects

BOX = LinkSubjects.of(LinkId("420200-420203")).down
CREATE = f"$JS.API.CONSUMER.DURABLE.CREATE.{BOX.stream}.{BOX.consumer}"
DELETE = f"$JS.API.CONSUMER.DELETE.{BOX.stream}.{BOX.consumer}"


class Answers:
    """The JetStream API of a server in one given state."""

    def __init__(self, **consumer: Any) -> None:
        self.last_seq = 100
        self.consumer = {
            "config": BOX.consumer_config(),
            "delivered": {"consumer_seq": 40, "stream_seq": 40},
            "ack_floor": {"consumer_seq": 40, "stream_seq": 40},
            "num_pending": 60,
            "num_waiting": 1,
            "num_ack_pending": 0,
        } | consumer
        self.asked: list[str] = []

    async def api(self, subject: str, body: dict[str, Any] | None = None) -> dict[str, Any]:
        self.asked.append(subject)
        if ".STREAM." in subject:
            return {
                "config": BOX.stream_config(),
                "state": {"last_seq": self.last_seq, "bytes": 60_000},
            }
        return {"success": True} if ".DELETE." in subject else self.consumer


def looks(answers: Answers, *at_s: float) -> BoxKeeper:
    keeper = BoxKeeper(box=BOX)
    for now_s in at_s:
        asyncio.run(keeper.converge(answers, now_s))  # type: ignore[arg-type]
    return keeper


def test_frames_and_a_reader_and_nothing_moves_for_thirty_seconds() -> None:
    answers = Answers()
    assert 0 == looks(answers, 0.0, STALLED_S - 1).recreated
    assert CREATE not in answers.asked
    answers = Answers()
    assert 1 == looks(answers, 0.0, STALLED_S).recreated
    assert answers.asked[-2:] == [DELETE, CREATE]


def test_a_consumer_ahead_of_its_stream_is_made_anew_at_once() -> None:
    answers = Answers(ack_floor={"consumer_seq": 300, "stream_seq": 300})
    assert 1 == looks(answers, 0.0).recreated


def test_what_only_waits_is_not_stuck() -> None:
    for waits in ({"num_waiting": 0}, {"num_pending": 0}, {"num_ack_pending": 16}):
        assert 0 == looks(Answers(**waits), 0.0, STALLED_S, 5 * STALLED_S).recreated, waits


def test_a_moving_box_is_not_stuck() -> None:
    answers, keeper = Answers(), BoxKeeper(box=BOX)
    for step in range(10):
        answers.consumer["delivered"] = {"consumer_seq": 40 + step, "stream_seq": 40 + step}
        asyncio.run(keeper.converge(answers, step * STALLED_S))  # type: ignore[arg-type]
    assert 0 == keeper.recreated
    assert 60_000 == keeper.stored_bytes
