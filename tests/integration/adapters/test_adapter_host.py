"""The host between a real office (store, writer, core) and real units: simulator processes, a
form page over HTTP, signed notifications. Time runs faster than on the wall, so that retries come
soon."""

from __future__ import annotations

import asyncio
import json
import random
import time
from collections.abc import AsyncIterator, Callable, Iterable, Iterator, Sequence
from contextlib import asynccontextmanager
from datetime import UTC, datetime
from importlib.resources import files
from pathlib import Path
from typing import Any

import httpx
import pytest
from fastapi import FastAPI
from structlog.testing import capture_logs

from adapters.contract import UnitAct, UnitUnreadable
from adapters.rest.simulator import as_json, signature
from adapters.simulation import CANCELLED, DONE, SIGNED, Crew, Event, Faults, UnitSystem, picture
from hub.blobs.files import BlobStore
from hub.blobs.library import BlobLibrary
from node.core import commands as cmd
from node.core.context import Relay
from node.core.facts import Rank
from node.edge import forms, webhooks
from node.edge.adapter_host import AdapterHost
from node.edge.http import problems
from node.service.adapter_views import (
    AdapterJob,
    AdapterQuarantined,
    JobOutcome,
    UnitBytes,
    UnitHeard,
    UnitWord,
)
from node.service.photos import Album
from node.service.views import PhotoStored
from tests.adapter_benches import SimulatedUnit
from tests.unit.service.world import CITY, TestOffice, World

SPEED = 30
"""Office seconds per wall second."""
PATIENCE_S = 30.0
HOOK_KEY = b"a key that nobody guesses"


class Door:
    """The office's methods for the host, over the use cases the office itself is made of."""

    def __init__(self, office: TestOffice, home: Path) -> None:
        self.office = office
        library = BlobLibrary(
            files=BlobStore(home / "blobs"),
            writer=office.writer,
            now_us=lambda: office.world.now_us,
            alarm=lambda code, text: pytest.fail(f"{code}: {text}"),
        )
        self.album = Album(library=library, bytes_max=10 * 2**20)

    async def claim_jobs(self, adapter: str, limit: int = 16) -> list[AdapterJob]:
        return await self.office.units.claim(adapter, limit)

    async def wait_adapter(self, adapter: str, timeout_s: float) -> bool:
        return await self.office.units.wait(adapter, min(timeout_s, 0.05))

    async def record_job(
        self,
        job: AdapterJob,
        outcome: JobOutcome,
        *,
        unit_reference: str = "",
        detail: str = "",
        retry_after_s: float = 0.0,
        park: bool = False,
    ) -> None:
        await self.office.units.record(
            job,
            outcome,
            unit_reference=unit_reference,
            detail=detail,
            retry_after_s=retry_after_s,
            park=park,
        )

    async def hear_adapter(
        self,
        adapter: str,
        words: Sequence[UnitWord],
        *,
        cursor: str | None = None,
        unreadable: Sequence[UnitBytes] = (),
    ) -> UnitHeard:
        return await self.office.units.hear(adapter, words, cursor=cursor, unreadable=unreadable)

    async def adapter_cursor(self, adapter: str) -> str:
        return await self.office.units.cursor(adapter)

    async def quarantined_item(self, adapter: str, item: int) -> AdapterQuarantined | None:
        return await self.office.units.quarantined_item(adapter, item)

    async def rehear(self, adapter: str, item: int, *, actor: str) -> UnitHeard:
        return await self.office.units.rehear(adapter, item, actor=actor)

    async def settle_quarantined(self, item: int, *, actor: str) -> bool:
        return await self.office.units.settle_quarantined(item, actor=actor)

    async def put_photo(self, data: bytes, media_type: str) -> PhotoStored:
        return await self.album.put(data, media_type)

    async def shown_photo(self, digest: str) -> tuple[Path, str] | None:
        return await self.album.path(digest)


class Solo(TestOffice):
    """An office without neighbours."""

    def _peers(self) -> Iterable[str]:
        return ()


class Stage:
    """A city with its adapters, and the clock that drives it."""

    def __init__(self, home: Path, world: World, office: TestOffice) -> None:
        self.home, self.world, self.office = home, world, office
        self.door = Door(office, home)
        self.host = self.make_host()

    def make_host(self) -> AdapterHost:
        return AdapterHost(
            office=self.door,
            folder=self.home / "adapters",
            now=lambda: datetime.fromtimestamp(self.world.now_us / 1e6, UTC),
        )

    async def reach(self, condition: Callable[[], Any], what: str) -> None:
        deadline = time.monotonic() + PATIENCE_S
        while not condition():
            assert time.monotonic() < deadline, f"waited in vain: {what}\n{self.picture()}"
            await asyncio.sleep(0.02)

    def picture(self) -> str:
        """What a person would look at when a test waited in vain."""
        asked = (
            "SELECT case_id, event_type FROM journal ORDER BY case_id, version",
            "SELECT * FROM adapter_job",
            "SELECT adapter, source, code, detail FROM adapter_quarantine",
        )
        rows = [
            self.office.writer.run_read(
                lambda conn, sql=sql: [tuple(row) for row in conn.exec_driver_sql(sql)]
            )
            for sql in asked
        ]
        return f"now {self.world.now_us}, {self.host.standings()}, {rows}"

    def dispatch(self, adapter: str) -> str:
        case_id = self.world.file_case(self.office)
        self.world.dispatch(self.office, case_id, f"adapter:{adapter}")
        return case_id

    def rank(self, case_id: str) -> Rank:
        case = self.office.case(case_id)
        assert case is not None
        assert case.live is not None
        return case.live.rank


@asynccontextmanager
async def playing(stage: Stage) -> AsyncIterator[Stage]:
    """Run the clock and the host around a test."""

    async def tick() -> None:
        begin_us, begin = stage.world.now_us, time.monotonic()
        while True:
            stage.world.now_us = begin_us + int((time.monotonic() - begin) * SPEED * 1e6)
            await asyncio.sleep(0.01)

    clock = asyncio.create_task(tick())
    stage.office.units.open()
    await stage.host.start()
    try:
        yield stage
    finally:
        await stage.host.stop()
        clock.cancel()


@pytest.fixture
def stage(tmp_path: Path) -> Iterator[Stage]:
    world = World()
    office = Solo(
        world,
        CITY,
        url=f"sqlite:///{tmp_path / 'city.db'}",
        auto_route=False,
        relay=Relay.AUTO,
        adapters=("power", "telecom", "garden", "broken"),
    )
    world.offices[CITY] = office
    yield Stage(tmp_path, world, office)
    world.close()


def install(stage: Stage, name: str, kind: str, config: str) -> Path:
    folder = stage.home / "adapters" / name
    folder.mkdir(parents=True)
    (folder / "manifest.toml").write_text(
        f'id = "{name}"\nkind = "{kind}"\npoll_every_s = 0.1\ndoubt_s = 1\n[config]\n{config}\n',
        "utf-8",
    )
    example = files("adapters") / kind / "example-mapping.toml"
    if example.is_file():
        (folder / "mapping.toml").write_bytes(example.read_bytes())
    return folder


@pytest.fixture
def power(stage: Stage) -> Iterator[UnitSystem]:
    """The power company's system as a process, and its book."""
    store = stage.home / "power.db"
    process = SimulatedUnit("adapters.rest.simulator", "--store", str(store))
    folder = install(
        stage,
        "power",
        "rest",
        f'base_url = "http://127.0.0.1:{process.ready["port"]}/api"\ntimeout_s = 1.0\n'
        'webhook_secret_file = "hook"',
    )
    (folder / "hook").write_bytes(HOOK_KEY)
    (folder / "hook").chmod(0o600)
    book = UnitSystem(store, prefix="DL", crew=Crew())
    yield book
    book.close()
    process.stop()


def keys_of(book: UnitSystem) -> list[str]:
    return [one["ext"] for one in book.audit()["work_orders"]]


def test_a_troubled_unit_gets_each_order_once_and_is_heard_out(
    stage: Stage, power: UnitSystem
) -> None:
    """Lost answers, errors after the commit, doubles, disorder, garbage, and a restart of ours."""
    faults = Faults(
        lose_answer=0.3, error_after_commit=0.2, duplicate=0.5, reorder=0.5, garbage=0.2
    )
    power.set_faults(faults)
    acts = (SIGNED, "30", DONE)

    async def play() -> None:
        async with playing(stage):
            cases = [stage.dispatch("power") for _ in range(12)]
            await stage.reach(lambda: len(keys_of(power)) >= 6, "half of the orders arrive")
            await stage.host.stop()
            stage.host = stage.make_host()
            await stage.host.start()
            await stage.reach(lambda: len(set(keys_of(power))) == 12, "all orders arrive")
            for status in acts:
                for key in sorted(set(keys_of(power))):
                    power.say(key, status, f"状态 {status}", photos=int(status == DONE))
            await stage.reach(
                lambda: all(stage.rank(case) is Rank.DONE for case in cases), "all is done"
            )
            results = [stage.office.case(case).result for case in cases]  # type: ignore[union-attr]
            assert all(len(result.photos) == 1 for result in results), "photos came along"

    asyncio.run(play())
    audit = power.audit()
    assert (audit["count"], audit["duplicates"]) == (12, 0), audit


def test_a_file_folder_serves_an_office_too(stage: Stage) -> None:
    share, store = stage.home / "share", stage.home / "telecom.db"
    process = SimulatedUnit(
        "adapters.file_drop.simulator",
        "--store", str(store), "--folder", str(share),
        "--step-s", "0.1", "--faults", "duplicate=0.5,reorder=0.5,garbage=0.3",
    )  # fmt: skip
    install(stage, "telecom", "file_drop", f"folder = {json.dumps(str(share))}")

    async def play() -> None:
        async with playing(stage):
            cases = [stage.dispatch("telecom") for _ in range(5)]
            await stage.reach(
                lambda: all(stage.rank(case) is Rank.DONE for case in cases), "all is done"
            )

    try:
        asyncio.run(play())
        book = UnitSystem(store, prefix="TX", crew=Crew())
        assert (book.audit()["count"], book.audit()["duplicates"]) == (5, 0)
        book.close()
    finally:
        process.stop()


def test_a_refusal_becomes_a_return_request(stage: Stage, power: UnitSystem) -> None:
    async def play() -> None:
        async with playing(stage):
            power.set_faults(Faults(outage=1))
            case_id = stage.dispatch("power")
            case = stage.office.case(case_id)
            assert case is not None
            assert case.live is not None
            power.cancel(f"{case.live.assignment_id}/{case.live.generation}", "不受理")
            power.set_faults(Faults())
            await stage.reach(
                lambda: "AssigneeAsked" in stage.office.journal(case_id), "a request is there"
            )
            after = stage.office.case(case_id)
            assert after is not None
            assert after.live is not None
            assert after.live.request is not None
            assert "已撤销" in after.live.request.text

    asyncio.run(play())


def test_a_withdrawal_reaches_the_unit(stage: Stage, power: UnitSystem) -> None:
    async def play() -> None:
        async with playing(stage):
            case_id = stage.dispatch("power")
            await stage.reach(lambda: keys_of(power), "the order arrives")
            await stage.reach(lambda: stage.rank(case_id) is Rank.SIGNED, "the receipt is in")
            head: dict[str, Any] = stage.world.head(case_id)
            stage.office.do(cmd.WithdrawAssignment(**head, reason="错派"))
            await stage.reach(
                lambda: [one["status"] for one in power.audit()["work_orders"]] == [CANCELLED],
                "the unit strikes it off",
            )

    asyncio.run(play())


def test_an_outage_is_logged_once_and_so_is_the_return(stage: Stage, power: UnitSystem) -> None:
    async def play() -> list[dict[str, Any]]:
        with capture_logs() as lines:
            async with playing(stage):
                await stage.reach(lambda: stage.host.standings()[0].detail == "answers", "up")
                power.set_faults(Faults(outage=1))
                await stage.reach(lambda: not stage.host.standings()[0].up, "down")
                (finding,) = stage.host.findings()
                assert "失联" in str(finding.sentence)
                case_id = stage.dispatch("power")
                power.set_faults(Faults())
                await stage.reach(lambda: stage.rank(case_id) is Rank.SIGNED, "up again")
                await stage.reach(lambda: stage.host.findings() == [], "nothing to say")
        return [dict(line) for line in lines]

    lines = asyncio.run(play())
    names = [line["event"] for line in lines if line["event"] in {"adapter.lost", "adapter.back"}]
    assert names == ["adapter.lost", "adapter.back"]


def test_a_broken_adapter_is_a_finding_and_the_others_run(stage: Stage, power: UnitSystem) -> None:
    install(stage, "broken", "rest", 'base_url = "http://127.0.0.1/"\nauth = "telepathy"')

    async def play() -> None:
        async with playing(stage):
            case_id = stage.dispatch("power")
            await stage.reach(lambda: stage.rank(case_id) is Rank.SIGNED, "power works")
            assert [(one.id, one.up) for one in stage.host.standings()] == [
                ("broken", False),
                ("power", True),
            ]
            (finding,) = stage.host.findings()
            assert "config.auth" in str(finding.sentence)
            health = await stage.host.probe("broken")
            assert health is not None
            assert not health.ok
            assert await stage.host.probe("nobody") is None

    asyncio.run(play())


def test_a_copy_that_may_not_be_the_only_one_does_no_outside_work(
    stage: Stage, power: UnitSystem
) -> None:
    async def play() -> None:
        async with playing(stage):
            stage.host.hold("another copy of this node answers")
            case_id = stage.dispatch("power")
            await asyncio.sleep(0.5)  # nothing must happen, so there is nothing to wait for
            assert keys_of(power) == []
            assert "another copy" in stage.host.findings()[0].sentence.say("en")
            stage.host.release()
            await stage.reach(lambda: stage.rank(case_id) is Rank.SIGNED, "work goes on")

    asyncio.run(play())


def client(stage: Stage) -> httpx.AsyncClient:
    app = FastAPI()
    problems.install(app)
    app.include_router(forms.router(stage.host))
    app.include_router(webhooks.router(stage.host))
    return httpx.AsyncClient(
        transport=httpx.ASGITransport(app=app), base_url="http://node", follow_redirects=True
    )


def test_a_signed_push_is_heard_and_any_other_is_not(stage: Stage, power: UnitSystem) -> None:
    async def play() -> None:
        async with playing(stage), client(stage) as http:
            case_id = stage.dispatch("power")
            await stage.reach(lambda: keys_of(power), "the order arrives")
            event = Event(
                seq=9_999,
                ext=keys_of(power)[0],
                order_no="DL-000001",
                status=DONE,
                remark="推送办结",
                reason="",
                at=datetime.now(UTC),
                photos=1,
            )
            body = json.dumps({"events": [as_json(event)]}).encode()
            stamp = str(int(stage.world.now_us / 1e6))
            good = signature(HOOK_KEY, stamp, body)
            forged = await http.post(
                "/hooks/power", content=body, headers=signature(b"", stamp, body)
            )
            assert (forged.status_code, forged.json()["code"]) == (401, "adapter.not_signed")
            assert (await http.post("/hooks/nobody", content=body, headers=good)).status_code == 404
            taken = await http.post("/hooks/power", content=body, headers=good)
            assert (taken.status_code, taken.json()["applied"]) == (202, 1)
            again = await http.post("/hooks/power", content=body, headers=good)
            assert (again.status_code, again.json()["repeated"]) == (202, 1)
            assert stage.rank(case_id) is Rank.DONE
            odd = b'{"events": 7}'
            kept = await http.post(
                "/hooks/power", content=odd, headers=signature(HOOK_KEY, stamp, odd)
            )
            assert (kept.status_code, kept.json()["quarantined"]) == (202, 1)
            items = await stage.office.units.quarantined("power")
            assert odd in [item.evidence for item in items]

    asyncio.run(play())


def pushed(stage: Stage, *events: dict[str, object]) -> tuple[bytes, dict[str, str]]:
    body = json.dumps({"events": list(events)}).encode()
    return body, signature(HOOK_KEY, str(int(stage.world.now_us / 1e6)), body)


BENDS = 250
NOISE = (b"\x00", b"\xff\xfe", b"[" * 3_000, b'{"events":' * 300, b'"\\ud800"', b"1e999", b"NaN",
         b"null", b"-0", b'"2026-13-45T99:99:99Z"', b"9" * 400)


def bent(body: bytes, chance: random.Random) -> bytes:
    """The body with some bytes changed, cut, doubled or slipped in."""
    data = bytearray(body)
    for _ in range(chance.randint(1, 5)):
        at = chance.randrange(len(data) + 1)
        match chance.randrange(4):
            case 0:
                data[at:at] = chance.choice(NOISE)
            case 1:
                del data[at : at + chance.randint(1, 12)]
            case 2:
                data[at : at + 1] = bytes((chance.randrange(256),))
            case _:
                data[at:at] = data[: chance.randrange(len(data) + 1)]
    return bytes(data)


def test_signed_pushes_that_make_no_sense_are_kept_and_the_next_good_one_is_heard(
    stage: Stage, power: UnitSystem
) -> None:
    """A unit's own system, gone mad: its signature holds, what it says does not."""
    chance = random.Random(20261126)

    async def play() -> None:
        async with playing(stage), client(stage) as http:
            case_id = stage.dispatch("power")
            await stage.reach(lambda: keys_of(power), "the order arrives")
            good, headers = pushed(stage, as_json(Event(
                seq=9_999, ext=keys_of(power)[0], order_no="DL-000001", status=DONE,
                remark="推送办结", reason="", at=datetime.now(UTC), photos=1)))
            stamp = str(int(stage.world.now_us / 1e6))
            for _ in range(BENDS):
                body = bent(good, chance)
                answer = await http.post(
                    "/hooks/power", content=body, headers=signature(HOOK_KEY, stamp, body))
                assert answer.status_code == 202, (body, answer.text)
            for name in headers:
                for value in ("9" * 400, "\x7f", "", "-1", "nan"):
                    odd = await http.post(
                        "/hooks/power", content=good, headers={**headers, name: value})
                    assert odd.status_code in (202, 401), odd.text
            taken = await http.post("/hooks/power", content=good, headers=headers)
            assert taken.status_code == 202
            assert stage.rank(case_id) is Rank.DONE

    asyncio.run(play())


def test_what_could_not_be_read_is_replayed_after_the_mapping_was_mended(
    stage: Stage, power: UnitSystem
) -> None:
    async def play() -> None:
        async with playing(stage), client(stage) as http:
            case_id = stage.dispatch("power")
            await stage.reach(lambda: keys_of(power), "the order arrives")
            odd = as_json(Event(
                seq=9_998, ext=keys_of(power)[0], order_no="DL-000001", status="88",
                remark="新状态", reason="", at=datetime.now(UTC), photos=1,
            ))
            body, headers = pushed(stage, odd)
            kept = await http.post("/hooks/power", content=body, headers=headers)
            assert (202, 1) == (kept.status_code, kept.json()["quarantined"])
            (item,) = [
                one for one in await stage.office.units.quarantined("power")
                if one.code == UnitUnreadable.code
            ]
            still = await stage.host.replay("power", item.id, actor="clerk")
            assert still is not None
            assert (False, True) == (still.settled, "88" in still.detail)

            mapping = stage.home / "adapters" / "power" / "mapping.toml"
            text = mapping.read_text("utf-8")
            assert 'done = ["' in text
            text = text.replace('done = ["', 'done = ["88", "', 1)
            assert "declared = [" in text
            text = text.replace('declared = [', 'declared = ["88", ', 1)
            mapping.write_text(text, "utf-8")
            await stage.host.stop()
            stage.host = stage.make_host()
            await stage.host.start()
            done = await stage.host.replay("power", item.id, actor="clerk")
            assert done is not None
            assert (True, 1) == (done.settled, done.heard.applied)
            assert stage.rank(case_id) is Rank.DONE
            assert await stage.host.replay("power", item.id, actor="clerk") is None
            assert await stage.host.replay("nobody", item.id, actor="clerk") is None

    asyncio.run(play())


def test_more_events_than_were_asked_for_are_heard_in_parts(
    stage: Stage, power: UnitSystem
) -> None:
    async def play() -> None:
        async with playing(stage), client(stage) as http:
            case_id = stage.dispatch("power")
            await stage.reach(lambda: keys_of(power), "the order arrives")
            key = keys_of(power)[0]
            flood = [
                as_json(Event(
                    seq=20_000 + n, ext=key, order_no="DL-000001",
                    status=DONE if n == 1_200 else SIGNED, remark="", reason="",
                    at=datetime.now(UTC), photos=0,
                ))
                for n in range(1_201)
            ]
            body, headers = pushed(stage, *flood)
            taken = await http.post("/hooks/power", content=body, headers=headers)
            assert 202 == taken.status_code
            assert 1_201 == sum(taken.json().values())
            assert stage.rank(case_id) is Rank.DONE

    asyncio.run(play())


def test_people_without_a_system_answer_through_the_page(stage: Stage) -> None:
    install(stage, "garden", "human", 'public_url = "http://node"')

    async def play() -> None:
        async with playing(stage), client(stage) as http:
            case_id = stage.dispatch("garden")
            links: list[tuple[str, Any]] = []
            deadline = time.monotonic() + PATIENCE_S
            while not links:
                assert time.monotonic() < deadline
                links = list(await stage.host.form_links(case_id))
                await asyncio.sleep(0.02)
            assert stage.rank(case_id) is Rank.OFFERED, "laid on the desk is not signed for"
            page = (await http.get(links[0][1].url)).text
            ticket = page.partition('name="ticket" value="')[2].partition('"')[0]
            form = {"ticket": ticket, "act": "done", "text": "已修剪"}
            photo = {"photos": ("a.png", picture("a"), "image/png")}
            for _ in range(2):
                sent = await http.post(links[0][1].url, data=form, files=photo)
                assert "已提交处置结果" in sent.text
            await stage.reach(lambda: stage.rank(case_id) is Rank.DONE, "it is heard")
            case = stage.office.case(case_id)
            assert case is not None
            assert case.result is not None
            assert (case.result.result, len(case.result.photos)) == ("已修剪", 1)
            assert stage.office.journal(case_id).count("AssigneeDone") == 1
            renewed = await stage.host.renew_form_link("garden", links[0][1].key)
            assert renewed is not None
            assert (await http.get(links[0][1].url)).status_code == 404

    asyncio.run(play())


def test_the_acts_a_unit_can_say_are_the_acts_the_office_knows() -> None:
    assert {act.value for act in UnitAct} == {"signed", "progress", "done", "return", "none"}
