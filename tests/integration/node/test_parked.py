"""A word that cannot be taken waits in sight of both offices, and a person gets it moving again.

Two whole nodes over gRPC, looked at and steered through the command line only.
"""

from __future__ import annotations

import asyncio
import json
import sqlite3
import subprocess
import sys
from collections.abc import Awaitable, Callable
from contextlib import closing
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

from hub.envelope import Draft
from hub.ids import MsgId
from hub.store.outbox import enqueue
from node.cli.speech import Exit
from node.core import commands as cmd
from node.core.errors import Refused
from node.core.facts import Address, Limits
from node.main.serving import Running
from node.main.starts import proven
from node.service.surroundings import uuid_bytes
from node.service.views import Level
from tests.integration.node.town import head, opened, plan, until
from tests.trees import CITY, DISTRICT

LINK = f"{CITY}-{DISTRICT}"
WANMI = (sys.executable, "-m", "node.cli")
COMMAND_S = 60.0
"""One command, interpreter start included, on a busy machine."""


class Clerk:
    """Somebody at the command line of one node."""

    def __init__(self, node: Running, token: str) -> None:
        self._where = ("--url", node.server.url, "--token", token,
                       "--home", str(node.settings.home))

    async def run(self, *args: str, lang: str = "en") -> tuple[int, str]:
        """Exit code and standard output."""
        asked = await asyncio.create_subprocess_exec(
            *WANMI, *args, *self._where, "--lang", lang, stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE, stderr=subprocess.DEVNULL)
        async with asyncio.timeout(COMMAND_S):
            said, _ = await asked.communicate()
        assert asked.returncode is not None
        return asked.returncode, said.decode()

    async def said(self, *args: str, lang: str = "en") -> Any:
        """The JSON a command prints."""
        code, text = await self.run(*args, "--json", lang=lang)
        assert code in (Exit.OK, Exit.FOUND), (args, code, text)
        return json.loads(text)

    async def finding(self, *, lang: str = "en") -> dict[str, str]:
        """What the doctor says of the link."""
        found = (await self.said("doctor", lang=lang))["findings"]
        return next(one for one in found if one["subject"] == f"link {LINK}")


async def clerk_of(node: Running) -> Clerk:
    return Clerk(node, await node.office.create_token("clerk", "admin"))


async def dispatched(city: Running) -> str:
    """A case on its way to the district."""
    case_id = await opened(city)
    await city.office.handle(cmd.Dispatch(
        **head(city, case_id), to=Address.parse(f"node:{DISTRICT}"),
        limits=Limits(finish_by=datetime.now(UTC) + timedelta(hours=1))))
    return case_id


def held(district: Running, case_id: str) -> Callable[[], Awaitable[bool]]:
    async def check() -> bool:
        try:
            return (await district.office.case(case_id))["status"] == "held"
        except Refused:
            return False

    return check


def parked_at(node: Running, count: int) -> Callable[[], Awaitable[bool]]:
    async def check() -> bool:
        return len(await node.office.parked(LINK)) == count

    return check


def database(node: Running) -> sqlite3.Connection:
    return sqlite3.connect(node.settings.data / "wanmi.db", timeout=20)


def test_a_word_of_a_newer_peer_waits_in_sight_and_can_be_given_up(tmp_path: Path) -> None:
    async def story() -> None:
        async with plan(tmp_path, street=False).running(CITY, DISTRICT) as node:
            city, district = node[CITY], node[DISTRICT]
            case_id = await dispatched(city)
            await until("the order", held(district, case_id))
            future = Draft(
                msg_id=MsgId(city.rooms.surroundings.ids.uuid7()), type="node.v1.Order",
                schema_rev=99, lane=uuid_bytes(case_id), occurred_at_us=1, hlc=1, body=b"\x0a\x01?")
            behind = Draft(
                msg_id=MsgId(city.rooms.surroundings.ids.uuid7()), type="node.v1.Prophecy",
                schema_rev=1, lane=uuid_bytes(case_id), occurred_at_us=1, hlc=2, body=b"\x0a\x01?")
            # The city's own database, as a newer program would have written to it.
            await city.writer.write(lambda tx: enqueue(tx, LINK, (future, behind)))
            await until("both words parked", parked_at(district, 2))

            clerk = await clerk_of(district)
            first, second = await clerk.said("link", "parked", LINK)
            assert ("schema.unsupported", "change") == (first["code"], first["waits_for"])
            assert "upgrading this node" in first["sentence"]
            tree = await district.office.federation.view()
            assert [(one.node, one.place, one.link is not None) for one in tree.nodes] == [
                (CITY, "PARENT", True), (DISTRICT, "SELF", False)]
            assert tree.nodes[1].papers_end == tree.own.certificate_ends is not None
            assert tree.nodes[0].link.peer_proto == tree.proto
            bare = await clerk.said("link", "inspect", LINK, first["position"])
            assert (CITY, DISTRICT, 99) == (bare["origin"], bare["dest"], bare["schema_rev"])
            assert bare["item"]["msg_id"] == first["msg_id"]
            assert "word.malformed" == (
                await clerk.said("link", "inspect", LINK, second["position"]))["unread"]
            assert ("lane.held", "lane") == (second["code"], second["waits_for"])
            (first_zh, _) = await clerk.said("link", "parked", LINK, lang="zh")
            assert "升级本节点" in first_zh["sentence"]
            finding = await clerk.finding()
            assert ("alarm", True) == (finding["level"], "wanmi link parked" in finding["remedy"])
            assert "1 parked (the peer is newer; upgrading" in finding["sentence"]
            assert "1 条报文挂起" in (await clerk.finding(lang="zh"))["sentence"]
            assert Exit.FOUND == (await clerk.run("doctor"))[0]

            async def told() -> bool:
                items = await city.office.work_items()
                return any("schema.unsupported" in one.detail for one in items)

            await until("a work item at the city", told)
            assert "1 parked" in (await clerk.said("link", "why", LINK))["sentence"]

            other = await dispatched(city)
            await until("another case passes by", held(district, other))
            assert "PARKED" == (
                await clerk.said("link", "replay", LINK, first["position"]))["outcome"]
            refused, _ = await clerk.run(
                "link", "discard", LINK, second["position"], "--reason", "x")
            assert Exit.REFUSED == refused
            for _ in range(2):
                (item, *_) = await clerk.said("link", "parked", LINK)
                said = await clerk.said(
                    "link", "discard", LINK, item["position"], "--reason", "对方误发")
                assert "DISCARDED" == said["outcome"]
            assert [] == await clerk.said("link", "parked", LINK)
            assert "ok" == (await clerk.finding())["level"]

            async def ticked_off() -> bool:
                return not await city.office.work_items()

            await until("the work item ticked off", ticked_off)

    asyncio.run(story())


def test_a_word_whose_handling_failed_is_replayed_after_the_repair(tmp_path: Path) -> None:
    async def story() -> None:
        async with plan(tmp_path, street=False).running(CITY, DISTRICT) as node:
            city, district = node[CITY], node[DISTRICT]
            with closing(database(district)) as db:
                db.execute(
                    "CREATE TRIGGER broken BEFORE INSERT ON journal "
                    "BEGIN SELECT RAISE(ABORT, 'broken'); END")
            case_id = await dispatched(city)
            await until("the order parked", parked_at(district, 1))
            clerk = await clerk_of(district)
            (item,) = await clerk.said("link", "parked")
            assert ("handler.failed", "person") == (item["code"], item["waits_for"])
            word = await clerk.said("link", "inspect", LINK, item["position"])
            assert ("order", case_id) == (word["said"]["kind"], word["said"]["case_id"])
            assert word["said"]["facts"]["place"]["area"]
            assert not word["unread"]
            assert word["sealed_by"]
            assert "1 parked (handling it failed;" in (await clerk.finding())["sentence"]
            assert 0 == (await clerk.said("link", "replay", LINK))["count"]
            assert 1 == len(await clerk.said("link", "parked", LINK))

            with closing(database(district)) as db:
                db.execute("DROP TRIGGER broken")
            await city.office.handle(cmd.WithdrawAssignment(**head(city, case_id), reason="等不及"))
            assert 1 <= (await clerk.said("link", "replay", LINK))["count"]
            assert [] == await clerk.said("link", "parked", LINK)

            async def ended() -> bool:
                return (await district.office.case(case_id))["status"] == "ended"

            await until("the withdrawal behind it", ended)
            assert "ok" == (await clerk.finding())["level"]

    asyncio.run(story())


def test_a_link_with_broken_seals_stands_still_until_a_person_releases_it(tmp_path: Path) -> None:
    async def story() -> None:
        town = plan(tmp_path, street=False)
        async with town.running(CITY, DISTRICT) as node:
            case_id = await dispatched(node[CITY])
            await until("the order", held(node[DISTRICT], case_id))
        with closing(sqlite3.connect(tmp_path / DISTRICT / "data" / "wanmi.db")) as db:
            db.execute(
                "UPDATE link SET state = 'QUARANTINED', reason = "
                "'link.unsealed: what follows 1:1 came broken 3 times (chain)'")
            db.commit()
        async with town.running(CITY, DISTRICT) as node:
            clerk = await clerk_of(node[DISTRICT])
            other = await dispatched(node[CITY])
            finding = await clerk.finding()
            assert ("alarm", True) == (finding["level"], "wanmi link release" in finding["remedy"])
            assert "quarantined: what follows 1:1 came broken" in finding["sentence"]
            assert "签名或摘要不成立" in (await clerk.finding(lang="zh"))["sentence"]
            await clerk.said("link", "release", LINK)
            await until("the order that waited", held(node[DISTRICT], other))
            assert Exit.REFUSED == (await clerk.run("link", "release", LINK))[0]

    asyncio.run(story())


def test_a_proven_second_copy_does_no_outside_work_even_after_a_restart(tmp_path: Path) -> None:
    async def outside(node: Running) -> set[str]:
        return {one.subject for one in await node.office.findings() if one.level is Level.ALARM}

    async def story() -> None:
        town = plan(tmp_path, street=False)
        async with town.running(CITY) as node:
            assert "adapters" not in await outside(node[CITY])
            node[CITY].fabric._link_alarm(LINK, "copy.proven", "another copy of this node spoke")

            async def kept() -> bool:
                return LINK in await node[CITY].writer.read(proven)

            await until("the proof in the database", kept)
            assert {"adapters", f"link {LINK}"} <= await outside(node[CITY])
        async with town.running(CITY) as node:
            assert "adapters" in await outside(node[CITY])

    asyncio.run(story())
