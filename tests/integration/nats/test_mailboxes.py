"""Mailboxes on a real nats-server: what is stored, lost, wiped, stuck, and by whom it is read."""

from __future__ import annotations

import asyncio
import gc
import os
import shutil
import signal
import sys
from collections.abc import Awaitable, Callable
from pathlib import Path
from typing import Any

import pytest
from nats.aio.subscription import Subscription

from hub.carriers.jetstream import JetStreamListener
from hub.errors import UnknownPeer, Unreachable
from hub.nats.login import NatsLogin
from hub.nats.mailbox import api
from hub.nats.session import NatsSession
from hub.nats.subjects import LinkSubjects
from hub.roster.keys import NatsKey
from tests.contract.carrier_rigs import (
    DEADLINE_S,
    LINK_A,
    LINK_B,
    JetStreamRig,
    Recorder,
    conversation,
    dialled,
    jetstream_rig,
    listening,
)

pytestmark = pytest.mark.nats
BOXES = LinkSubjects.of(LINK_A)


def run(tmp_path: Path, scenario: Callable[[JetStreamRig], Awaitable[None]]) -> None:
    async def main() -> None:
        async with asyncio.timeout(90), jetstream_rig(tmp_path) as rig:
            await scenario(rig)

    asyncio.run(main())


async def parent_session(rig: JetStreamRig, url: str = "") -> NatsSession:
    """The parent's user of link A, for looking at what the server holds."""
    return await NatsSession.open(
        servers=[url or rig.server.url],
        login=NatsLogin.of_key(rig.parent_keys[LINK_A]),
        ca=rig.pki.ca,
        server_name="",
        name="observer",
        inbox_prefix="_INBOX_OBSERVER",
    )


async def frozen(rig: JetStreamRig) -> tuple[NatsSession, Subscription]:
    """A session that listens, on a line on which nothing moves any more; what it listens to."""
    session = await parent_session(rig, f"tls://127.0.0.1:{rig.proxy.port}")

    async def heard(_message: Any) -> None: ...

    listening_to = await session.subscribe("_INBOX_OBSERVER.late", heard)
    rig.proxy.freeze()
    return session, listening_to


async def eventually(level: Callable[[], Awaitable[bool]]) -> None:
    async with asyncio.timeout(DEADLINE_S):
        while not await level():
            await asyncio.sleep(0.05)


def test_a_frame_not_marked_done_comes_again_and_a_done_one_does_not(tmp_path: Path) -> None:
    async def scenario(rig: JetStreamRig) -> None:
        forgetful = Recorder(done=False)
        async with conversation(rig, parent=forgetful) as (child, _, _):
            for n in range(10):
                await child.say(b"%d" % n, frame=True, msg_id=f"1:{n}-{n}:00")
            await forgetful.until(lambda: len(forgetful.heard) == 10)
            for parcel in forgetful.parcels[:4]:
                assert parcel.stored
                await parcel.done()
        careful = Recorder()
        async with conversation(rig, parent=careful):
            await careful.until(lambda: len(careful.heard) == 6)
            assert [b"%d" % n for n in range(4, 10)] == sorted(careful.heard)
        last = Recorder()
        async with conversation(rig, parent=last) as (child, _, _):
            await child.say(b"only this", frame=True)
            await last.until(lambda: bool(last.heard))
            assert [b"only this"] == last.heard

    run(tmp_path, scenario)


def test_whoever_closes_a_contact_waits_until_its_frames_are_given_back(tmp_path: Path) -> None:
    """The handler's end and the listener's stop both close a contact; the second must not go on
    to end the session while the first still hands frames back."""

    async def scenario(rig: JetStreamRig) -> None:
        forgetful = Recorder(done=False)
        async with conversation(rig, parent=forgetful) as (child, _, _):
            await child.say(b"x", frame=True)
            await forgetful.until(lambda: bool(forgetful.heard))
            first = asyncio.create_task(forgetful.contacts[0].close())
            second = asyncio.create_task(forgetful.contacts[0].close())
            await second
            assert first.done()

    run(tmp_path, scenario)


def test_done_after_the_contact_has_ended_is_harmless(tmp_path: Path) -> None:
    async def scenario(rig: JetStreamRig) -> None:
        forgetful = Recorder(done=False)
        async with conversation(rig, parent=forgetful) as (child, _, _):
            await child.say(b"x", frame=True)
            await forgetful.until(lambda: bool(forgetful.heard))
        await forgetful.parcels[0].done()
        await forgetful.parcels[0].done()

    run(tmp_path, scenario)


def test_a_killed_server_is_started_again_and_its_mailbox_is_still_full(tmp_path: Path) -> None:
    async def scenario(rig: JetStreamRig) -> None:
        forgetful = Recorder(done=False)
        async with conversation(rig, parent=forgetful) as (child, below, _):
            for n in range(10):
                await child.say(b"%d" % n, frame=True, msg_id=f"1:{n}-{n}:00")
            await forgetful.until(lambda: len(forgetful.heard) == 10)
            pid = rig.server.pid
            assert pid is not None
            os.kill(pid, signal.SIGKILL)
            await below.until(lambda: not below.open)
            await forgetful.until(lambda: not forgetful.open)
            forgetful.parcels.clear()
            forgetful.done = True
            again = await dialled(rig.dialer(LINK_A))
            assert 1 == rig.server.restarts
            await again.say(b"new", frame=True, msg_id="1:10-10:00")
            await forgetful.until(lambda: b"new" in forgetful.heard)
            await again.close()

    run(tmp_path, scenario)


def test_a_wiped_store_is_made_again_and_frames_flow(tmp_path: Path) -> None:
    async def scenario(rig: JetStreamRig) -> None:
        async with conversation(rig) as (child, below, above):
            await child.say(b"before", frame=True)
            await above.until(lambda: b"before" in above.heard)
            await rig.server.stop()
            shutil.rmtree(rig.server.store)
            await rig.server.start()
            await below.until(lambda: not below.open)
            again = await dialled(rig.dialer(LINK_A))
            heard = Recorder()
            hearing = asyncio.create_task(heard(again))
            for n in range(50):
                await again.say(b"%d" % n, frame=True, msg_id=f"1:{n}-{n}:01")
            await above.until(lambda: len(above.heard) == 51)
            await above.contacts[-1].say(b"down", frame=True)
            await heard.until(lambda: heard.heard == [b"down"])
            await again.close()
            await hearing

    run(tmp_path, scenario)


@pytest.mark.parametrize("described", [None, b"", b"\0" * 99])
def test_a_box_that_cannot_be_opened_is_set_aside_and_made_again(
    tmp_path: Path, described: bytes | None
) -> None:
    """A power cut may leave a stream without its description, or with an empty or a wrong one: the
    server would never be well again, and its node never ready."""
    async def scenario(rig: JetStreamRig) -> None:
        async with conversation(rig):
            pass
        box = Path(f"L_{BOXES.child}", "streams", BOXES.up.stream)
        await rig.server.stop()
        description = rig.server.store / "jetstream" / box / "meta.inf"
        description.unlink()
        if described is not None:
            description.write_bytes(described)
        await rig.server.start()
        assert (rig.server.aside / box).is_dir()
        assert [BOXES.up.stream] == os.listdir((rig.server.aside / box).parent)
        async with conversation(rig) as (child, _below, above):
            await child.say(b"flows", frame=True)
            await above.until(lambda: above.heard == [b"flows"])

    run(tmp_path, scenario)


def test_the_box_of_a_child_that_was_retired_keeps_no_server_down(tmp_path: Path) -> None:
    async def scenario(rig: JetStreamRig) -> None:
        async with conversation(rig, LINK_B):
            pass
        await rig.server.reload(rig.accounts(LINK_A))
        await rig.server.restart()
        assert [f"L_{LinkSubjects.of(LINK_B).child}"] == os.listdir(rig.server.aside)
        async with conversation(rig) as (child, _below, above):
            await child.say(b"flows", frame=True)
            await above.until(lambda: above.heard == [b"flows"])
        pid = rig.server.pid
        assert pid is not None
        os.kill(pid, signal.SIGKILL)
        await eventually(lambda: _again(rig, 1))

    run(tmp_path, scenario)


async def _again(rig: JetStreamRig, deaths: int) -> bool:
    return rig.server.restarts == deaths


def test_streams_wiped_under_a_running_server_are_made_again(tmp_path: Path) -> None:
    async def scenario(rig: JetStreamRig) -> None:
        above = Recorder()
        async with listening(rig.listener(LINK_A, look_s=0.3), above):
            child = await dialled(rig.dialer(LINK_A))
            observer = await parent_session(rig)
            for box in (BOXES.up, BOXES.down):
                gone = await observer.api(api("", f"STREAM.DELETE.{box.stream}"))
                assert gone["success"]

            async def flows() -> bool:
                try:
                    await child.say(b"flows", frame=True)
                except Unreachable:
                    return False
                return True

            await eventually(flows)
            await above.until(lambda: b"flows" in above.heard)
            await observer.close()
            await child.close()

    run(tmp_path, scenario)


def test_a_consumer_that_vanished_or_was_changed_is_made_again(tmp_path: Path) -> None:
    async def scenario(rig: JetStreamRig) -> None:
        above = Recorder()
        async with listening(rig.listener(LINK_A, look_s=0.3), above):
            child = await dialled(rig.dialer(LINK_A))
            observer = await parent_session(rig)
            where = f"{BOXES.up.stream}.{BOXES.up.consumer}"
            await observer.api(api("", f"CONSUMER.DELETE.{where}"))
            await child.say(b"one", frame=True)
            await above.until(lambda: b"one" in above.heard)

            wrong = BOXES.up.consumer_config() | {"max_ack_pending": 3}
            changed = await observer.api(
                api("", f"CONSUMER.DURABLE.CREATE.{where}"),
                {"stream_name": BOXES.up.stream, "config": wrong},
            )
            assert 3 == changed["config"]["max_ack_pending"]

            async def repaired() -> bool:
                info = await observer.api(api("", f"CONSUMER.INFO.{where}"))
                return bool(info.get("config", {}).get("max_ack_pending") == 16)

            await eventually(repaired)
            await child.say(b"two", frame=True)
            await above.until(lambda: b"two" in above.heard)
            await observer.close()
            await child.close()

    run(tmp_path, scenario)


def test_a_box_is_as_the_table_says(tmp_path: Path) -> None:
    async def scenario(rig: JetStreamRig) -> None:
        async with conversation(rig):
            observer = await parent_session(rig)
            info = (await observer.api(api("", f"STREAM.INFO.{BOXES.down.stream}")))["config"]
            assert ("workqueue", "new", "file", True) == (
                info["retention"],
                info["discard"],
                info["storage"],
                info["deny_delete"],
            )
            assert (64 << 20, 72 * 3600 * 10**9, 512 << 10, 1, 120 * 10**9) == (
                info["max_bytes"],
                info["max_age"],
                info["max_msg_size"],
                info["max_consumers"],
                info["duplicate_window"],
            )
            assert (await rig.server.varz())["jetstream"]["config"]["sync_always"]
            await observer.close()

    run(tmp_path, scenario)


def test_a_doubled_publish_is_stored_once(tmp_path: Path) -> None:
    async def scenario(rig: JetStreamRig) -> None:
        async with conversation(rig) as (child, _, above):
            for _ in range(3):
                await child.say(b"same", frame=True, msg_id="1:1-1:cafecafe")
            await child.say(b"next", frame=True, msg_id="1:2-2:cafecafe")
            await above.until(lambda: b"next" in above.heard)
            assert [b"same", b"next"] == above.heard

    run(tmp_path, scenario)


def test_a_silent_parent_and_a_silent_child_are_noticed(tmp_path: Path) -> None:
    async def scenario(rig: JetStreamRig) -> None:
        above, below = Recorder(), Recorder()
        async with listening(rig.listener(LINK_A, silence_s=1.0), above):
            child = await dialled(rig.dialer(LINK_A, alive_s=0.2, silence_s=1.0))
            hearing = asyncio.create_task(below(child))
            await above.until(lambda: bool(above.open))
            await asyncio.sleep(1.5)  # longer than the silence: signs of life hold it open
            assert above.open
            assert below.open
            rig.proxy.freeze()
            await below.until(lambda: not below.open, within_s=5)
            await above.until(lambda: not above.open, within_s=5)
            await child.close()
            await hearing

    run(tmp_path, scenario)


def test_a_ping_that_is_answered_too_late_ends_the_session(tmp_path: Path) -> None:
    async def scenario(rig: JetStreamRig) -> None:
        session, listening_to = await frozen(rig)
        await session.unsubscribe(listening_to)
        rig.proxy.heal()
        await asyncio.wait_for(session.closed.wait(), 2)
        assert "did not answer a ping" in session.reason
        await session.close()

    run(tmp_path, scenario)


def test_a_killed_parent_is_noticed_although_the_server_lives(tmp_path: Path) -> None:
    async def scenario(rig: JetStreamRig) -> None:
        seed = tmp_path / "parent.seed"
        rig.parent_keys[LINK_A].save(seed)
        process = await asyncio.create_subprocess_exec(
            *(sys.executable, "-m", "tests.integration.nats.parent_process", "listener"),
            *(rig.server.url, str(seed), str(rig.pki.ca), LINK_A),
        )
        try:
            child = await dialled(rig.dialer(LINK_A, alive_s=0.2))
            below = Recorder()
            hearing = asyncio.create_task(below(child))
            await child.say(b"there?", frame=False)
            await below.until(lambda: below.heard == [b"echo there?"])
            process.kill()
            await below.until(lambda: not below.open, within_s=5)
            await child.close()
            await hearing
        finally:
            if process.returncode is None:
                process.kill()
            await process.wait()

    run(tmp_path, scenario)


def test_a_wrong_key_is_an_unknown_peer(tmp_path: Path) -> None:
    async def scenario(rig: JetStreamRig) -> None:
        with pytest.raises(UnknownPeer):
            await rig.dialer(LINK_A, key=NatsKey.generate()).dial()

    run(tmp_path, scenario)


def test_a_server_of_another_authority_is_not_spoken_to(tmp_path: Path) -> None:
    async def scenario(rig: JetStreamRig) -> None:
        from tests.pki import Pki

        stranger = Pki(tmp_path / "stranger", parent="420200")
        rig.pki = stranger
        with pytest.raises(UnknownPeer):
            await rig.dialer(LINK_A).dial()

    run(tmp_path, scenario)


def test_a_removed_user_is_cut_off_at_once_and_nobody_else(tmp_path: Path) -> None:
    async def scenario(rig: JetStreamRig) -> None:
        async with (
            conversation(rig, LINK_A) as (_, below_a, _above),
            conversation(rig, LINK_B) as (child_b, below_b, above_b),
        ):
            await rig.server.reload(rig.accounts(LINK_B))
            await below_a.until(lambda: not below_a.open, within_s=5)
            with pytest.raises(UnknownPeer):
                await rig.dialer(LINK_A).dial()
            await child_b.say(b"unmoved", frame=True)
            await above_b.until(lambda: above_b.heard == [b"unmoved"])
            assert below_b.open
            assert 1 == len(above_b.contacts)

    run(tmp_path, scenario)


def test_an_added_account_works_without_a_restart(tmp_path: Path) -> None:
    async def scenario(rig: JetStreamRig) -> None:
        await rig.server.reload(rig.accounts())
        pid = rig.server.pid
        with pytest.raises(UnknownPeer):
            await rig.dialer(LINK_A).dial()
        await rig.server.reload(rig.accounts(LINK_A))
        async with conversation(rig) as (child, _, above):
            await child.say(b"new here", frame=True)
            await above.until(lambda: above.heard == [b"new here"])
        assert pid == rig.server.pid

    run(tmp_path, scenario)


def test_blobs_travel_on_their_own_subjects(tmp_path: Path) -> None:
    async def scenario(rig: JetStreamRig) -> None:
        ended = asyncio.Event()

        async def echo(stream: Any) -> None:
            while (data := await stream.read()) is not None:
                await stream.write(b"echo " + data)
            ended.set()

        listener = rig.listener(LINK_A)
        listener.route("Bulk", echo)
        dialer = rig.dialer(LINK_A)
        with pytest.raises(Unreachable):
            await dialer.stream("Bulk")
        async with listening(listener, Recorder()):
            await dialled(dialer)
            stream = await dialer.stream("Bulk")
            chunk = os.urandom(64 * 1024)
            for _ in range(20):
                await stream.write(chunk)
                assert b"echo " + chunk == await stream.read()
            with pytest.raises(Unreachable):
                await dialer.stream("Ask")
            await dialer.close()
            async with asyncio.timeout(5):
                await ended.wait()
                assert None is await stream.read()

    run(tmp_path, scenario)


def test_the_listener_comes_back_after_its_server_was_away(tmp_path: Path) -> None:
    async def scenario(rig: JetStreamRig) -> None:
        await rig.server.stop()
        above = Recorder()
        listener: JetStreamListener = rig.listener(LINK_A)
        async with listening(listener, above):
            with pytest.raises(Unreachable):
                await rig.dialer(LINK_A).dial()
            await rig.server.start()
            child = await dialled(rig.dialer(LINK_A))
            await child.say(b"there you are", frame=True)
            await above.until(lambda: above.heard == [b"there you are"])
            assert {"DN_420203", "UP_420203"} == set(await listener.boxes())
            await child.close()

    run(tmp_path, scenario)


def test_nobody_stumbles_over_the_answer_to_a_ping_that_was_given_up(
    tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    """A node that stops cancels whoever just ends a subscription; the answer comes after that."""

    async def scenario(rig: JetStreamRig) -> None:
        session, listening_to = await frozen(rig)
        ending = asyncio.create_task(session.unsubscribe(listening_to))
        await asyncio.sleep(0.2)
        ending.cancel()
        await asyncio.wait((ending,))
        rig.proxy.heal()
        await asyncio.sleep(0.3)
        await session.close()

    run(tmp_path, scenario)
    assert "encountered error" not in caplog.text


def test_whoever_stops_closing_a_session_leaves_no_waiting_task_behind(tmp_path: Path) -> None:
    """Python would say of each that it was destroyed while it waited, and a log with such lines is
    a log of a bug."""

    async def scenario(rig: JetStreamRig) -> None:
        complaints: list[str] = []
        asyncio.get_running_loop().set_exception_handler(
            lambda _loop, context: complaints.append(context["message"]))
        for turns in range(1, 7):
            rig.proxy.heal()
            session, listening_to = await frozen(rig)
            closing = asyncio.create_task(session.close())
            for _ in range(turns):
                await asyncio.sleep(0)
            closing.cancel()
            await asyncio.wait((closing,))
            await asyncio.sleep(0.05)
            del session, listening_to, closing
            gc.collect()
        await asyncio.sleep(0.1)
        assert [] == complaints

    run(tmp_path, scenario)
