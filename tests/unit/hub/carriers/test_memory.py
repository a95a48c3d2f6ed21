"""The in-memory pair with faults: the same seed is the same bad day."""

from __future__ import annotations

import asyncio

import pytest

from hub.carriers.memory import HELD_BACK_MAX, Faults, memory_pair
from hub.errors import Unreachable
from hub.ids import LinkId

LINK = LinkId("420200-420203")
COUNT = 200


def heard(seed: int, faults: Faults) -> list[int]:
    """What arrives of 0..199 on one contact."""

    async def main() -> list[int]:
        arrived: list[int] = []
        ended = asyncio.Event()
        pair = memory_pair(LINK, seed=seed, faults=faults)

        async def handler(contact: object) -> None:
            async for parcel in contact.parcels():  # type: ignore[attr-defined]
                arrived.append(int(parcel.data))
            ended.set()

        await pair.listener.start(handler)
        child = await pair.dial()
        try:
            for n in range(COUNT):
                await child.say(b"%d" % n, frame=True)
        except Unreachable:
            arrived.append(-1)
        await child.close()
        async with asyncio.timeout(10):
            await ended.wait()
        await pair.listener.stop()
        return arrived

    return asyncio.run(main())


@pytest.mark.parametrize("seed", range(3))
def test_one_seed_gives_one_sequence(seed: int) -> None:
    faults = Faults(loss=0.1, double=0.1, reorder=0.2)
    assert heard(seed, faults) == heard(seed, faults)
    assert heard(seed, faults) != heard(seed + 100, faults)


def test_loss_only_loses() -> None:
    arrived = heard(1, Faults(loss=0.3))
    assert arrived == sorted(set(arrived))
    assert 0.5 * COUNT < len(arrived) < 0.9 * COUNT


def test_doubling_only_doubles() -> None:
    arrived = heard(2, Faults(double=0.3))
    assert list(range(COUNT)) == sorted(set(arrived))
    assert arrived == sorted(arrived)
    assert COUNT < len(arrived)


def test_reordering_loses_nothing_and_overtakes_only_so_far() -> None:
    arrived = heard(3, Faults(reorder=0.3))
    assert list(range(COUNT)) == sorted(arrived)
    assert arrived != sorted(arrived)
    for place, n in enumerate(arrived):
        overtakers = [other for other in arrived[:place] if other > n]
        assert len(overtakers) <= 2 * HELD_BACK_MAX


def test_delay_keeps_the_order() -> None:
    assert list(range(COUNT)) == heard(4, Faults(delay_s=0.001))


def test_a_cut_breaks_the_contact_after_so_many_messages() -> None:
    arrived = heard(5, Faults(cut_after=50))
    assert -1 in arrived
    assert len(arrived) <= 51
