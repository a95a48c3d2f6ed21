"""What belongs to one link is nowhere else: after use, every byte that every node keeps is searched
for the marks of links it has no part in, inflated bodies and backups included."""

from __future__ import annotations

import asyncio
import re
import time
from collections import Counter
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from itertools import pairwise
from pathlib import Path

import pytest

from hub.ids import NodeId
from hub.roster.documents import Endpoints
from hub.roster.identity import Identity
from node.core import commands as cmd
from node.core.errors import Refused
from node.core.facts import Address, CaseId, Category, CommandId, Limits, Photo, PhotoRole, Place
from node.core.reporter import Reporter
from node.main import backups
from node.main.serving import Running
from node.settings import Parent, Settings
from node.store.schema import migrate
from tests.chaos.stores import surfaces
from tests.integration.node.homes import nothing, write_settings
from tests.integration.node.town import STANDARD, Plan, head, plan, until
from tests.pictures import jpeg
from tests.trees import CITY, DISTRICT, STREET, bring_in, newcomer

SIBLING = NodeId("420204")
ROUTES = ((CITY, DISTRICT, STREET), (CITY, SIBLING), (DISTRICT, STREET))
"""Paths of cases: whoever is on one of them may hold its marks, nobody else."""
MARK = re.compile(rb"canary-([0-9A-Z]+(?:x[0-9A-Z]+)+)-\w+")
PRIVATE = re.compile(rb"canary-([0-9A-Z]+(?:x[0-9A-Z]+)+)-reporter")


def mark(route: tuple[str, ...], what: str) -> str:
    return f"canary-{'x'.join(route)}-{what}"


def widened(folder: Path) -> Plan:
    """City, district and street, and a second district beside the first."""
    town = plan(folder, nats=True, prefer="NATS")
    now_us = time.time_ns() // 1_000
    city = Identity.load(town.settings[CITY].keys)
    newborn = newcomer(folder, SIBLING, CITY, now_us=now_us)
    above = town.settings[CITY]
    bring_in(city, newborn, city, now_us=now_us, endpoints=Endpoints(
        grpc=(f"localhost:{above.grpc.port}",), nats=(f"tls://localhost:{above.nats.port}",)))
    like = town.settings[DISTRICT]
    home = folder / SIBLING
    for name in ("data", "blobs", "nats", "adapters"):
        (home / name).mkdir(exist_ok=True)
    mine = like.model_copy(update={
        "home": home,
        "node": like.node.model_copy(update={"id": SIBLING, "name": SIBLING}),
        "parent": Parent(id=CITY, prefer="NATS"),
        "grpc": like.grpc.model_copy(update={"port": 0}),
        "nats": like.nats.model_copy(update={"embedded": False, "port": 0}),
    })
    migrate(mine.database_url)
    return Plan({**town.settings, SIBLING: mine})


async def photo(node: Running, said: str, role: PhotoRole) -> Photo:
    stored = await node.office.put_photo(jpeg(said.encode() * 40), "image/jpeg")
    return Photo(digest=stored.digest, size=stored.size, media_type="image/jpeg", role=role)


async def travel(nodes: dict[str, Running], route: tuple[str, ...]) -> str:
    """A case goes down its path with marks in all that people write, and is answered below."""
    first, last = nodes[route[0]], nodes[route[-1]]
    case_id = first.office.fresh_id()
    shot = await photo(first, mark(route, "before"), PhotoRole.NEAR)
    await first.office.handle(
        cmd.OpenCase(
            command_id=CommandId(first.office.fresh_id()), actor=mark(route, "clerk"),
            case_id=CaseId(case_id), case_no="",
            category=Category(
                standard_ref=STANDARD, kind="component", code="01001", name="供水井盖"),
            place=Place(area=route[-1], address=mark(route, "address")),
            text=mark(route, "text") * 30, source="superior",
            source_details=(("ordering_body", mark(route, "body")),),
            photos=(shot,),
            reporter=Reporter(name=mark(route, "reporter"), phone="13800000000"),
        ),
    )
    await first.office.handle(cmd.File(**head(first, case_id)))
    for above, below in pairwise(route):
        await nodes[above].office.handle(cmd.Dispatch(
            **head(nodes[above], case_id), to=Address.parse(f"node:{below}"),
            limits=Limits(finish_by=datetime.now(UTC) + timedelta(hours=3))))

        async def held(node: Running = nodes[below]) -> bool:
            try:
                return (await node.office.case(case_id))["status"] == "held"
            except Refused:
                return False

        await until(f"the order at {below}", held)
    await last.office.handle(cmd.Sign(**head(last, case_id)))
    after = await photo(last, mark(route, "after"), PhotoRole.AFTER)
    await last.office.handle(cmd.FeedBack(
        **head(last, case_id), result=mark(route, "result"), photos=(after,)))

    async def done() -> bool:
        if (await first.office.case(case_id))["status"] != "feedback_given":
            return False
        return await first.office.photo_path(after.digest) is not None

    await until(f"the result of {'/'.join(route)} with its photo", done)
    return case_id


def kept(settings: Settings, backup: Path) -> Iterator[tuple[str, bytes]]:
    """Everything that a node has: its home with database, photos, mailboxes and logs, and its
    backup."""
    for folder in (settings.home, backup):
        for path in sorted(folder.rglob("*")):
            if path.is_file():
                yield str(path.relative_to(folder)), path.read_bytes()


def may_hold(node: str, where: str, route: tuple[str, ...]) -> bool:
    """A mailbox is the business of its own two ends, whoever keeps it."""
    box = re.search(r"/L_([0-9A-Z]+)/", where)
    return node in route and (box is None or box[1] in route)


@pytest.mark.nats
@pytest.mark.slow
def test_nothing_of_a_link_lies_where_it_has_no_business(
    tmp_path: Path, capfd: pytest.CaptureFixture[str]
) -> None:
    town = widened(tmp_path / "town")

    async def use() -> None:
        async with town.running(CITY, DISTRICT, SIBLING, STREET) as nodes:
            for route in ROUTES:
                await travel(nodes, route)

    asyncio.run(use())
    printed = "".join(capfd.readouterr()).encode()
    seen: Counter[str] = Counter()
    for node, settings in town.settings.items():
        write_settings(settings)
        taken = backups.backup(settings.home, tmp_path / "kept" / node, keep=0,
                               passphrase_file=None, progress=nothing)
        for where, data in kept(settings, taken.path):
            for plain in surfaces(data):
                for route_name in set(MARK.findall(plain)):
                    route = tuple(route_name.decode().split("x"))
                    seen[f"{node} {'/'.join(route)}"] += 1
                    assert may_hold(node, where, route), (node, where, route)
                for route_name in set(PRIVATE.findall(plain)):
                    opener = route_name.decode().split("x")[0]
                    assert node == opener, (node, where, "a reporter's name went down")
    assert not MARK.search(printed), "a log says what people wrote"
    for route in ROUTES:
        for node in route:
            assert seen[f"{node} {'/'.join(route)}"] > 0, "the search finds what must be there"
