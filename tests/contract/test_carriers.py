"""One contract for every carrier: memory, gRPC over mTLS, JetStream on a real nats-server."""

from __future__ import annotations

import asyncio
import os
import random
import resource
from collections.abc import Awaitable, Callable
from contextlib import AbstractAsyncContextManager
from pathlib import Path
from typing import Any

import pytest

from hub.carriers.port import CONTROL_BYTES_MAX, FRAME_BYTES_MAX, Contact
from hub.errors import Malformed, Unreachable
from tests.contract.carrier_rigs import (
    LINK_A,
    LINK_B,
    Recorder,
    Rig,
    conversation,
    dialled,
    grpc_rig,
    jetstream_rig,
    listening,
    memory_rig,
)

RigMaker = Callable[[Path], AbstractAsyncContextManager[Any]]


@pytest.fixture(
    params=[
        pytest.param(memory_rig, id="memory"),
        pytest.param(grpc_rig, id="grpc"),
        pytest.param(jetstream_rig, id="jetstream", marks=pytest.mark.nats),
    ]
)
def on_rig(request: pytest.FixtureRequest, tmp_path: Path) -> Callable[..., None]:
    """Run a scenario on a fresh rig inside a loop of its own."""
    make: RigMaker = request.param

    def run(scenario: Callable[[Rig], Awaitable[None]]) -> None:
        async def main() -> None:
            async with asyncio.timeout(90), make(tmp_path) as rig:
                await scenario(rig)

        asyncio.run(main())

    return run


def test_bytes_arrive_unchanged_in_both_directions_up_to_the_limit(on_rig: Any) -> None:
    async def scenario(rig: Rig) -> None:
        sizes = (0, 1, 255, 65_536, FRAME_BYTES_MAX)
        frames = [os.urandom(size) for size in sizes]
        control = [os.urandom(size) for size in (1, 70_000, CONTROL_BYTES_MAX)]
        async with conversation(rig) as (child, below, above):
            parent = above.contacts[0]
            for said, heard in ((child, above), (parent, below)):
                for number, frame in enumerate(frames):
                    await said.say(frame, frame=True, msg_id=f"1:{number}-{number}:00000000")
                for data in control:
                    await said.say(data, frame=False)
                await heard.until(lambda h=heard: len(h.heard) >= len(frames + control))
                assert sorted(frames + control) == sorted(heard.heard)

    on_rig(scenario)


def test_a_contact_names_its_peer_and_its_link(on_rig: Any) -> None:
    async def scenario(rig: Rig) -> None:
        async with conversation(rig) as (child, _, above):
            parent = above.contacts[0]
            assert ("420200", LINK_A) == (child.peer, child.link)
            assert ("420203", LINK_A, child.kind) == (parent.peer, parent.link, parent.kind)

    on_rig(scenario)


def test_order_is_kept_when_nothing_breaks(on_rig: Any) -> None:
    async def scenario(rig: Rig) -> None:
        said = [(n, b"%d" % n, n % 3 == 0) for n in range(300)]
        async with conversation(rig) as (child, below, above):
            for speaker, heard in ((child, above), (above.contacts[0], below)):
                for n, data, frame in said:
                    await speaker.say(data, frame=frame, msg_id=f"1:{n}-{n}:abcdef00")
                await heard.until(lambda h=heard: len(h.heard) == len(said))
                if rig.promises.one_order:
                    assert [data for _, data, _ in said] == heard.heard
                for kind in (True, False):
                    mine = [data for _, data, frame in said if frame is kind]
                    assert mine == [data for data in heard.heard if (int(data) % 3 == 0) is kind]

    on_rig(scenario)


def test_close_ends_the_parcels_of_both_ends(on_rig: Any) -> None:
    async def scenario(rig: Rig) -> None:
        async with conversation(rig) as (child, below, above):
            await child.close()
            await above.until(lambda: not above.open)
            await below.until(lambda: not below.open)
            await child.close()  # idempotent

    on_rig(scenario)


def test_the_parent_may_close_too(on_rig: Any) -> None:
    async def scenario(rig: Rig) -> None:
        async with conversation(rig) as (_, below, above):
            await above.contacts[0].close()
            await below.until(lambda: not below.open)
            await above.until(lambda: not above.open)

    on_rig(scenario)


def test_what_was_said_before_close_still_arrives(on_rig: Any) -> None:
    async def scenario(rig: Rig) -> None:
        async with conversation(rig) as (child, _, above):
            for n in range(20):
                await child.say(b"%d" % n, frame=True, msg_id=f"1:{n}-{n}:00000001")
            await child.say(b"goodbye", frame=False)
            await child.close()
            await above.until(lambda: not above.open)
            if rig.promises.stores:  # a mailbox gives its frames to the next contact
                again = await dialled(rig.dialer(LINK_A))
                await above.until(lambda: len(set(above.heard)) == 21)
                await again.close()
            assert {b"%d" % n for n in range(20)} | {b"goodbye"} == set(above.heard)

    on_rig(scenario)


def test_say_after_close_is_unreachable(on_rig: Any) -> None:
    async def scenario(rig: Rig) -> None:
        async with conversation(rig) as (child, _, above):
            await child.close()
            for frame in (True, False):
                with pytest.raises(Unreachable):
                    await child.say(b"late", frame=frame)
            await above.until(lambda: not above.open)
            with pytest.raises(Unreachable):
                await above.contacts[0].say(b"late", frame=False)

    on_rig(scenario)


def test_more_than_a_carrier_takes_is_malformed(on_rig: Any) -> None:
    async def scenario(rig: Rig) -> None:
        async with conversation(rig) as (child, _, above):
            with pytest.raises(Malformed):
                await child.say(bytes(FRAME_BYTES_MAX + 1), frame=True)
            with pytest.raises(Malformed):
                await child.say(bytes(CONTROL_BYTES_MAX + 1), frame=False)
            await child.say(b"still fine", frame=False)
            await above.until(lambda: above.heard == [b"still fine"])

    on_rig(scenario)


def test_a_dial_without_a_listener_is_unreachable(on_rig: Any) -> None:
    async def scenario(rig: Rig) -> None:
        with pytest.raises(Unreachable):
            await rig.dialer(LINK_A).dial()

    on_rig(scenario)


def test_a_broken_line_is_noticed_by_the_child_and_mends_by_dialling(on_rig: Any) -> None:
    async def scenario(rig: Rig) -> None:
        async with conversation(rig) as (child, below, above):
            rig.break_line()
            await below.until(lambda: not below.open, within_s=5)
            with pytest.raises(Unreachable):
                await child.say(b"into the void", frame=False)
            with pytest.raises(Unreachable):
                await rig.dialer(LINK_A).dial()
            rig.mend_line()
            again = await dialled(rig.dialer(LINK_A))
            await again.say(b"back", frame=True)
            await above.until(lambda: b"back" in above.heard)
            await above.until(lambda: len(above.open) == 1)
            await again.close()

    on_rig(scenario)


def test_a_restarted_server_is_dialled_again(on_rig: Any) -> None:
    async def scenario(rig: Rig) -> None:
        async with conversation(rig) as (_, below, above):
            await rig.restart()
            await below.until(lambda: not below.open)
            again = await dialled(rig.dialer(LINK_A))
            await again.say(b"hello again", frame=True)
            await above.until(lambda: b"hello again" in above.heard)
            await again.close()

    on_rig(scenario)


def test_a_second_dial_gets_a_contact_of_its_own(on_rig: Any) -> None:
    async def scenario(rig: Rig) -> None:
        async with conversation(rig) as (_, _below, above):
            second = await dialled(rig.dialer(LINK_A))
            await above.until(lambda: len(above.contacts) == 2)
            heard = Recorder()
            hearing = asyncio.create_task(heard(second))
            await second.say(b"up", frame=False)
            await above.until(lambda: b"up" in above.heard)
            await above.contacts[1].say(b"down", frame=False)
            await heard.until(lambda: heard.heard == [b"down"])
            await second.close()
            await hearing

    on_rig(scenario)


def test_two_links_of_one_server_do_not_mix(on_rig: Any) -> None:
    async def scenario(rig: Rig) -> None:
        async with (
            conversation(rig, LINK_A) as (child_a, below_a, above_a),
            conversation(rig, LINK_B) as (child_b, below_b, above_b),
        ):
            for n in range(40):
                for child, above, name in ((child_a, above_a, b"a"), (child_b, above_b, b"b")):
                    frame = n % 2 == 0
                    await child.say(name + b"-up", frame=frame)
                    await above.contacts[0].say(name + b"-down", frame=frame)
            for heard in (above_a, above_b, below_a, below_b):
                await heard.until(lambda h=heard: len(h.heard) == 40)
            assert [{b"a-up"}, {b"a-down"}] == [set(above_a.heard), set(below_a.heard)]
            assert [{b"b-up"}, {b"b-down"}] == [set(above_b.heard), set(below_b.heard)]

    on_rig(scenario)


def test_a_slow_reader_slows_the_speaker_and_memory_stays_bounded(on_rig: Any) -> None:
    async def scenario(rig: Rig) -> None:
        frame, count = os.urandom(256 * 1024), 400  # 100 MiB in all
        gate, taken = asyncio.Event(), 0

        async def slow(contact: Contact) -> None:
            nonlocal taken
            await gate.wait()
            async for parcel in contact.parcels():
                assert frame == parcel.data
                taken += 1
                await parcel.done()

        async with listening(rig.listener(LINK_A), slow):
            child = await dialled(rig.dialer(LINK_A))
            said, codes = 0, set[str]()

            async def speak() -> None:
                nonlocal said
                for n in range(count):
                    while True:
                        try:
                            await child.say(frame, frame=True, msg_id=f"1:{n}-{n}:{n:08x}")
                        except Unreachable as err:
                            # a full mailbox refuses; the speaker comes again, nothing is kept
                            codes.add(err.code)
                            await asyncio.sleep(0.05)
                        else:
                            break
                    said += 1

            before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
            speaking = asyncio.create_task(speak())
            quiet = 0
            while quiet < 5:  # until the speaker has stopped getting further
                last = said
                await asyncio.sleep(0.2)
                quiet = quiet + 1 if said == last else 0
            assert said < count, "nothing slowed the speaker down"
            gate.set()
            await speaking
            async with asyncio.timeout(60):
                while taken < count:
                    await asyncio.sleep(0.02)
            grown_kib = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before
            assert grown_kib < 64 * 1024
            assert codes <= {"link.mailbox_refused"}
            await child.close()

    on_rig(scenario)


def test_a_caller_that_stops_waiting_does_not_break_the_contact(on_rig: Any) -> None:
    async def scenario(rig: Rig) -> None:
        async with listening(rig.listener(LINK_A), above := Recorder()):
            child = await dialled(rig.dialer(LINK_A))
            await above.until(lambda: bool(above.open))
            for _ in range(3):
                with pytest.raises(TimeoutError):
                    async with asyncio.timeout(0.05):
                        await anext(aiter(child.parcels()))
            await above.contacts[0].say(b"patience", frame=False)
            async with asyncio.timeout(5):
                assert b"patience" == (await anext(aiter(child.parcels()))).data
            await child.close()

    on_rig(scenario)


def test_a_failing_handler_ends_its_contact_and_nothing_else(on_rig: Any) -> None:
    async def scenario(rig: Rig) -> None:
        calls = 0
        good = Recorder()

        async def handler(contact: Contact) -> None:
            nonlocal calls
            calls += 1
            if calls == 1:
                raise Unreachable("the driver gave up")
            await good(contact)

        async with listening(rig.listener(LINK_A), handler):
            first = await dialled(rig.dialer(LINK_A))
            async with asyncio.timeout(10):
                assert [] == [parcel async for parcel in first.parcels()]
            second = await dialled(rig.dialer(LINK_A))
            await second.say(b"fine", frame=False)
            await good.until(lambda: good.heard == [b"fine"])
            await first.close()
            await second.close()

    on_rig(scenario)


@pytest.mark.parametrize("seed", range(5))
def test_concurrent_speakers_lose_nothing(on_rig: Any, seed: int) -> None:
    async def scenario(rig: Rig) -> None:
        rng = random.Random(seed)
        async with conversation(rig) as (child, below, above):
            parent = above.contacts[0]

            async def speak(contact: Contact, name: str) -> None:
                for n in range(50):
                    frame = rng.random() < 0.5
                    await contact.say(
                        f"{name}{n}".encode(), frame=frame, msg_id=f"{name}:{n}-{n}:00"
                    )

            await asyncio.gather(
                *(speak(child, f"c{k}-") for k in range(4)),
                *(speak(parent, f"p{k}-") for k in range(4)),
            )
            for heard, side in ((above, "c"), (below, "p")):
                await heard.until(lambda h=heard: len(h.heard) >= 200)
                wanted = {f"{side}{k}-{n}".encode() for k in range(4) for n in range(50)}
                assert wanted == set(heard.heard), f"seed {seed}"

    on_rig(scenario)
