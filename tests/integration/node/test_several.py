"""Two processes serve one node: either may be killed, stopped or cut off from the database, and
what people were answered is delivered once."""

from __future__ import annotations

import asyncio
import os
import shutil
import signal
import time
from collections.abc import Awaitable, Callable, Iterator

import httpx
import pytest

from hub.errors import Fenced
from node.cli.demo.federation import WANMI
from node.main.offline import create_token, migrate
from node.store import schema
from tests.integration.node.several import CITY, DISTRICT, City, Door
from tests.pictures import jpeg

pytestmark = [pytest.mark.postgres, pytest.mark.timeout(400)]
TAKEOVER_S = 10.0


class House:
    """The city in an event loop of its own, for all tests of this module."""

    def __init__(self, city: City, runner: asyncio.Runner) -> None:
        self.city = city
        self._runner = runner

    def run(self, story: Callable[[City], Awaitable[None]]) -> None:
        async def told() -> None:
            await self.city.until("both processes", self.city.both)
            await self.city.until("the link", self.city.linked)
            await story(self.city)

        self._runner.run(told())


@pytest.fixture(scope="module")
def house(tmp_path_factory: pytest.TempPathFactory) -> Iterator[House]:
    with asyncio.Runner() as runner:
        city = runner.run(City.build(tmp_path_factory.mktemp("several")))
        try:
            runner.run(city.start())
            yield House(city, runner)
        finally:
            runner.run(city.stop())


async def under_load(
    city: City, first: int, trouble: Callable[[Door, Door], Awaitable[float]]
) -> float:
    """Break something while two people work at both doors; then account. Returns what the trouble
    measured."""
    stop = asyncio.Event()
    people = [asyncio.create_task(city.work(stop, range(start, start + 10_000, 2)))
              for start in (first, first + 1)]
    listener = asyncio.create_task(city.follow(stop))
    await asyncio.sleep(1.5)
    owner = await city.owner()
    assert owner is not None
    other = next(door for door in city.doors if door is not owner)
    try:
        measured = await trouble(owner, other)
        await asyncio.sleep(1.0)
    finally:
        stop.set()
        await asyncio.gather(*people)
    followed = await listener
    assert [] == await city.missed(followed)
    await city.until("the link", city.linked)
    print(await city.account(), f"; {city.repeats} calls were repeated")
    return measured


async def taken_over(
    city: City, first: int, trouble: Callable[[Door, Door], Awaitable[float]]
) -> None:
    """Take the owner away under load: the other owns in time, and in the end both are there."""
    assert await under_load(city, first, trouble) < TAKEOVER_S
    await city.until("both processes", city.both)


async def told(
    owner: Door, number: signal.Signals, other: Door
) -> tuple[asyncio.subprocess.Process, float]:
    """Send the owner a signal; its process, and the seconds until the other owns."""
    running = owner.process.running
    assert running is not None
    running.send_signal(number)
    took = await owns(other)
    print(f"{number.name}: owner after {took:.1f} s")
    return running, took


async def owns(door: Door) -> float:
    """Seconds until this process owns the node."""
    began = time.monotonic()
    while await door.role() != "owner":
        assert time.monotonic() - began < TAKEOVER_S, "nobody took over in time"
        await asyncio.sleep(0.05)
    return time.monotonic() - began


def test_both_doors_serve_and_only_one_process_owns(house: House) -> None:
    async def story(city: City) -> None:
        owner = await city.owner()
        assert owner is not None
        other = next(door for door in city.doors if door is not owner)
        ready = [await door.says("/readyz") for door in (owner, other)]
        assert ["owner", "standby"] == [one["role"] for one in ready]
        assert ready[0]["term"] == ready[1]["term"] > 0
        assert [True, False] == [bool(await door.says("/ownerz")) for door in (owner, other)]
        for number in range(4):
            await city.one_case(number)
        # What only the owner knows is asked for behind the other's door as well.
        seen = [await city.ask(door, "GET", f"/api/v1/links/{CITY}-{DISTRICT}")
                for door in (owner, other)]
        assert [True, True] == [one is not None and one.json()["connected"] for one in seen]
        told = await city.ask(other, "GET", "/api/v1/findings")
        assert told is not None
        sentences = [one["sentence"] for one in told.json() if one["subject"] == "process"]
        assert any(f"term {ready[0]['term']}" in one for one in sentences), sentences
        assert any(str(other.port) in one for one in sentences), sentences
        metrics = await city.ask(other, "GET", "/metrics")
        assert metrics is not None
        await city.until("the metrics", lambda: _shows(city, other, "node_owner 0.0"))
        await city.until("the metrics", lambda: _shows(city, owner, "node_processes 2.0"))
        # A photo that one takes, the other shows.
        put = await city.ask(other, "POST", "/api/v1/photos",
                             files={"file": ("p.jpg", JPEG, "image/jpeg")})
        assert put is not None
        assert 201 == put.status_code, put.text
        shown = await city.ask(owner, "GET", f"/api/v1/photos/{put.json()['digest']}")
        assert shown is not None
        assert JPEG == shown.content
        await city.account()

    house.run(story)


def test_what_one_process_changes_in_the_tables_the_other_routes_by(house: House) -> None:
    async def story(city: City) -> None:
        case_id = await city.one_case(40)
        for number, door in enumerate(city.doors):
            unit = f"crew-{number}"
            card = {"name": f"养护{number}队", "kind": "district", "address": f"node:{DISTRICT}"}
            put = await city.ask(door, "PUT", f"/api/v1/units/{unit}", json=card)
            assert put is not None
            assert put.status_code < 300, put.text
            other = city.doors[1 - number]
            began = time.monotonic()

            async def known(other: Door = other, unit: str = unit) -> bool:
                answer = await city.ask(
                    other, "POST", f"/api/v1/cases/{case_id}/dispatch", json={"unit": unit})
                assert answer is not None
                return answer.json()["code"] != "unit.unknown"

            await city.until("the card", known, seconds=5.0)
            assert time.monotonic() - began < 3.0

    house.run(story)


def test_a_process_that_holds_other_photos_is_refused_beside_these(house: House) -> None:
    async def story(city: City) -> None:
        elsewhere = city.folder / "elsewhere"
        await asyncio.to_thread(shutil.copytree, city.folder / CITY, elsewhere)
        for sign in (elsewhere / "blobs" / ".processes").iterdir():
            sign.write_text("1000000000", "ascii")  # the copy is an old one
        third = await asyncio.create_subprocess_exec(
            *WANMI, "serve", "--home", str(elsewhere), "--lang", "en",
            stdout=asyncio.subprocess.DEVNULL, stderr=asyncio.subprocess.PIPE,
            env={**os.environ, "WANMI_HTTP__PORT": "0", "WANMI_GRPC__PORT": "0"})  # noqa: TID251
        _, err = await asyncio.wait_for(third.communicate(), 60)
        assert 3 == third.returncode, err.decode()
        assert "node.home_apart" in err.decode()
        assert await city.both()

    house.run(story)


def test_a_command_for_a_stopped_node_says_who_still_serves_it(
    house: House, monkeypatch: pytest.MonkeyPatch
) -> None:
    touched: list[str] = []
    monkeypatch.setattr(schema, "migrate", touched.append)

    async def story(city: City) -> None:
        home = city.folder / CITY
        for command in (lambda: create_token(home, "x", "read"), lambda: migrate(home)):
            with pytest.raises(Fenced) as refusal:
                await asyncio.to_thread(command)
            assert "store.in_use" == refusal.value.code
            assert all(str(door.process.running.pid) in str(refusal.value)
                       for door in city.doors if door.process.running is not None)
        assert [] == touched

    house.run(story)


def test_a_session_holds_at_both_doors_until_it_is_ended_at_either(house: House) -> None:
    async def story(city: City) -> None:
        a, b = (f"http://127.0.0.1:{door.port}" for door in city.doors)
        admin = {"Authorization": f"Bearer {city.token}"}
        secret = {"new": "seven lamps are dark", "again": "seven lamps are dark"}
        async with httpx.AsyncClient(timeout=30.0, trust_env=False) as http:
            made = await http.post(f"{a}/api/v1/accounts", headers=admin, json={
                "login": "two.doors", "name": "王丽", "roles": ["dispatcher"]})
            token = made.json()["url"].rpartition("/")[2]
            came = await http.post(
                f"{b}/account/setup/{token}", data=secret, headers={"Origin": b})
            assert 303 == came.status_code, came.text
            for door in (a, b):
                assert 200 == (await http.get(f"{door}/api/v1/cases")).status_code
            again = await http.post(
                f"{a}/account/setup/{token}", data=secret, headers={"Origin": a})
            assert 400 == again.status_code
            await http.post(f"{a}/api/v1/accounts/two.doors/lock", headers=admin,
                            json={"reason": "x"})
            for door in (a, b):
                assert 401 == (await http.get(f"{door}/api/v1/cases")).status_code

    house.run(story)


def test_after_sigkill_of_the_owner_the_other_takes_over_within_ten_seconds(house: House) -> None:
    async def story(city: City) -> None:
        async def trouble(owner: Door, other: Door) -> float:
            await owner.process.kill()
            took = await owns(other)
            linked = await city.until("the link", city.linked, seconds=30.0)
            print(f"SIGKILL: owner after {took:.1f} s, link up after {took + linked:.1f} s")
            await owner.process.start()
            return took

        await taken_over(city, 100, trouble)

    house.run(story)


def test_a_stopped_owner_is_overtaken_and_ends_when_it_wakes(house: House) -> None:
    async def story(city: City) -> None:
        async def trouble(owner: Door, other: Door) -> float:
            stopped, took = await told(owner, signal.SIGSTOP, other)
            await asyncio.sleep(6.0)
            stopped.send_signal(signal.SIGCONT)
            status = await asyncio.wait_for(stopped.wait(), 30)
            print(f"woken, it ended with {status}: {owner.process.tail(3)}")
            assert status == 5, owner.process.tail()
            await owner.process.start()
            return took

        await taken_over(city, 20_000, trouble)

    house.run(story)


def test_an_owner_told_to_end_hands_over_before_it_is_gone(house: House) -> None:
    async def story(city: City) -> None:
        async def trouble(owner: Door, other: Door) -> float:
            ending, took = await told(owner, signal.SIGTERM, other)
            assert 0 == await ending.wait()
            await owner.process.start()
            return took

        await taken_over(city, 40_000, trouble)

    house.run(story)


def test_a_restart_of_postgresql_loses_nothing(house: House) -> None:
    async def story(city: City) -> None:
        async def trouble(owner: Door, other: Door) -> float:
            del owner, other
            began = time.monotonic()
            await city.postgres.stop()
            await asyncio.sleep(2.0)
            await city.postgres.start()
            await city.until("an owner", city.owner, seconds=30.0)
            return time.monotonic() - began

        await under_load(city, 60_000, trouble)
        for door in city.doors:
            if not door.process.alive:  # overtaken meanwhile: its supervisor starts it again
                await door.process.start()
        await city.until("both processes", city.both)

    house.run(story)


def test_no_process_wrote_of_a_bug(house: House) -> None:
    for name in ("a", "b", "district"):
        text = (house.city.folder / f"{name}.log").read_text("utf-8")
        found = [line for line in text.splitlines()
                 if '"exception":' in line or "Traceback (most recent" in line]
        assert [] == found[:3], name


async def _shows(city: City, door: Door, line: str) -> bool:
    answer = await city.ask(door, "GET", "/metrics")
    return answer is not None and line in answer.text


JPEG = jpeg(b"photo" * 4_000)
