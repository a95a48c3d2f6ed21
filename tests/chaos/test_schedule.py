"""The schedule is a function of its seed, and the load knows every verb of the API."""

from __future__ import annotations

import asyncio
from collections import Counter, defaultdict
from pathlib import Path
from types import SimpleNamespace
from typing import Any

from node.edge.http.routes.verbs import PATHS
from tests.chaos.acts import BODIES
from tests.chaos.clients import ClientLog
from tests.chaos.faults import DECK, LINE_KINDS, Fault, Hands, Targets, schedule
from tests.chaos.record import recorded

TARGETS = Targets(
    processes=("420200", "420203", "nats 420200", "oms", "postgres"),
    lines=("grpc 420200-420203", "http 420203", "nats 420200-420203", "postgres 420203"),
    mailboxes=("nats 420200",), disks=("420203",), albums=("photos 420203",),
    powered=("420203", "postgres"), papers=("420203008",), clusters=("boxes 420202",),
    restored=("420202",), veths=("veth 420203008",))


def test_the_load_says_every_verb_of_the_api() -> None:
    assert set(PATHS.values()) - {""} == set(BODIES)


def test_the_same_seed_breaks_the_same_things_at_the_same_times() -> None:
    first = schedule(7, 600, TARGETS, every_s=4)
    assert first == schedule(7, 600, TARGETS, every_s=4)
    assert first != schedule(8, 600, TARGETS, every_s=4)


def test_a_long_run_sees_every_kind_and_every_target() -> None:
    faults = schedule(1, 600, TARGETS, every_s=4)
    assert set(DECK) == {fault.kind for fault in faults}
    assert {*TARGETS.processes, *TARGETS.lines} <= {fault.target for fault in faults}
    assert {5.0, 45.0} == {fault.for_s for fault in faults if fault.kind == "stop"}
    assert min(Counter(fault.kind for fault in faults).values()) > 1


def test_nothing_is_broken_again_before_it_was_mended() -> None:
    for seed in range(20):
        until: dict[str, float] = {}
        for fault in schedule(seed, 300, TARGETS, every_s=1):
            assert fault.at_s > until.get(fault.target, 0.0), (seed, str(fault))
            until[fault.target] = fault.at_s + fault.for_s


def test_everything_is_over_before_the_run_is() -> None:
    for seed in range(20):
        faults = schedule(seed, 60, TARGETS, every_s=1)
        assert all(fault.at_s <= 60 * 0.85 and fault.for_s <= 15 for fault in faults)


def test_what_is_not_there_is_not_broken() -> None:
    bare = Targets(processes=("420200",), lines=("http 420200",), mailboxes=(), disks=())
    kinds = {fault.kind for fault in schedule(3, 600, bare, every_s=2)}
    assert {"wipe", "flip", "full", "rot", "power", "expire", "leader", "quorum", "roll",
            "restore", "cut"}.isdisjoint(kinds)
    assert {"kill", "stop", *LINE_KINDS} <= kinds


def test_one_way_weather_is_drawn_as_well_as_both() -> None:
    ways = Counter(fault.way for fault in schedule(5, 600, TARGETS, every_s=1)
                   if fault.kind == "hole")
    assert {"both ways", "there", "back"} == set(ways)


def test_recorded_runs_held_and_recorded_mutants_were_noticed() -> None:
    runs = recorded()
    assert [one for one in runs if not one["mutant"]]
    for one in runs:
        assert one["outcome"] == ("broken" if one["mutant"] else "held"), one["seed"]
        assert one["commands_answered"] > 50
        assert one["faults"]


def test_papers_wait_for_the_parent_with_the_child_free(tmp_path: Path) -> None:
    """A parent under recovery needs the child, and whoever starts ended nodes again leaves alone
    what somebody has in hand: with the child in hand both would wait for ever."""

    async def story() -> None:
        hands: defaultdict[str, asyncio.Lock] = defaultdict(asyncio.Lock)
        plan = SimpleNamespace(plan=SimpleNamespace(parent="district"))
        town: Any = SimpleNamespace(
            hands=hands.__getitem__, offices={"street": plan}, folder=tmp_path)
        fault = Fault(at_s=0.0, for_s=0.0, kind="expire", target="street")
        works = Hands(town, ClientLog(tmp_path / "log"), print).work([fault])
        async with hands["district"]:
            waiting = asyncio.create_task(works)
            await asyncio.sleep(0.05)
            assert not hands["street"].locked()
            waiting.cancel()

    asyncio.run(story())
