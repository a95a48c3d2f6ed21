"""How much may be under way: credit, width, and what an epoch start may do."""

from __future__ import annotations

from dataclasses import replace

import pytest

from hub.ids import Chain, Position
from hub.link import sender
from hub.link.steps import Ready

ROOM = [(0, 0), (1, 1), (63, 63), (64, 64), (100, 100)]


def ready(count: int, *, epoch: int = 1, first: int = 1) -> tuple[Ready, ...]:
    return tuple(
        Ready(Position(epoch, first + n), Chain(bytes(32)), b"sealed") for n in range(count)
    )


@pytest.mark.parametrize(("credit", "sent"), ROOM)
def test_nothing_goes_beyond_the_credit_of_the_peer(credit: int, sent: int) -> None:
    rows = ready(200)
    state = replace(
        sender.Sender(), ready=rows, out=rows[-1].position, credit=credit, width=8, unacked=200
    )
    state, batches, _ = sender.send(state, 1_000_000)
    state, more, _ = sender.send(state, 9_000_000)
    assert sum(len(batch.rows) for batch in (*batches, *more)) == sent


def test_the_start_of_an_epoch_needs_no_credit() -> None:
    rows = ready(3, epoch=2)
    state = replace(sender.Sender(), ready=rows, out=rows[-1].position, credit=0)
    _, batches, _ = sender.send(state, 1_000_000)
    assert [row.position for batch in batches for row in batch.rows] == [Position(2, 1)]
