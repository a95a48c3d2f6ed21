"""Three mailbox servers beside a parent: one dies, the leader dies, two are away, one forgets.

A child that speaks by mailboxes only. Whatever happens to the servers, what was said arrives once;
while no majority is there nothing is acknowledged, and the doctor says so.
"""

from __future__ import annotations

import asyncio
import ssl
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import replace
from pathlib import Path

import pytest

from node.main.serving import Running
from node.service.views import Level
from node.settings import Nats, Parent, Settings
from tests.cluster import NAMES, Cluster
from tests.integration.node.homes import write_settings
from tests.integration.node.losses import (
    all_quiet,
    called_back,
    dispatched,
    generations_agree,
    nothing_twice,
    query,
    same_on_both_sides,
    sign,
    stands,
)
from tests.integration.node.town import Plan, plan, until
from tests.trees import CITY, DISTRICT

pytestmark = [pytest.mark.nats, pytest.mark.slow]
BOX = f"DN_{DISTRICT}"


@asynccontextmanager
async def town_with_cluster(folder: Path) -> AsyncIterator[tuple[Cluster, Plan]]:
    """City and district, stopped; their three servers run."""
    planned = plan(folder, street=False, prefer="NATS")
    cluster = Cluster(folder / "boxes")
    urls = ",".join(one.url for one in cluster.servers)
    settings = dict(planned.settings)
    write_settings(settings[CITY])
    cluster.tell(settings[CITY].home)
    cluster.write(settings[CITY].home)
    settings[CITY] = with_(settings[CITY], nats=Nats(replicas=3, servers=cluster.servers))
    settings[DISTRICT] = with_(settings[DISTRICT], parent=Parent(
        id=CITY, grpc="localhost:9", nats=urls, prefer="NATS"))
    await cluster.start()
    try:
        yield cluster, replace(planned, settings=settings)
    finally:
        await cluster.stop()


def with_(settings: Settings, **more: object) -> Settings:
    return settings.model_copy(update=more)


async def there_and_back(city: Running, district: Running) -> str:
    """A word down and a word up."""
    case_id = await dispatched(city, DISTRICT)
    await stands(district, case_id, "held")
    await sign(district, case_id)
    return case_id


async def said(node: Running, level: str) -> set[str]:
    return {one.sentence.key for one in await node.fabric.findings()
            if one.level is Level[level]}


async def cluster_story(folder: Path) -> None:
    async with town_with_cluster(folder) as (cluster, planned):
        async with planned.running(CITY, DISTRICT) as nodes:
            city, district = nodes[CITY], nodes[DISTRICT]
            await there_and_back(city, district)
            await all_quiet(city, district)
            assert {"mailboxes.well"} == await said(city, "OK")

            first = await cluster.leader(BOX)
            await cluster.processes[first].kill()  # whoever leads
            cluster.wipe(first)  # and its disk is gone
            await there_and_back(city, district)
            await until("the doctor to miss it", lambda: _is(city, "WARN", "mailboxes.away"))
            await cluster.start(first)
            await there_and_back(city, district)

            second = next(one for one in NAMES if one != first)
            await cluster.processes[first].kill()
            await cluster.processes[second].kill()
            waiting = await dispatched(city, DISTRICT)
            back = await dispatched(city, DISTRICT)
            await called_back(city, back)
            await until("the doctor to say it", lambda: _is(city, "ALARM", "mailboxes.no_quorum"))
            assert query(city.settings.database_url, "SELECT count(*) FROM outbox WHERE acked_at "
                         "IS NULL")[0][0] >= 3, "nothing is acknowledged without a majority"
            assert [] == query(district.settings.database_url,
                               "SELECT 1 FROM cases WHERE case_id = :c", c=waiting)
            await cluster.start(first, second)
            await stands(district, waiting, "held")
            await sign(district, waiting)
            await all_quiet(city, district)
            assert (await district.office.case(waiting))["status"] == "held"
        same_on_both_sides(planned.settings[CITY], planned.settings[DISTRICT])
        generations_agree(planned.settings[CITY], planned.settings[DISTRICT])
        nothing_twice(*planned.settings.values())


async def _is(node: Running, level: str, key: str) -> bool:
    return key in await said(node, level)


async def heard_at_route(cluster: Cluster, *, certificate: Path, key: Path) -> bytes:
    """What a server tells whoever comes to the door between the servers with these papers."""
    context = ssl.create_default_context(cafile=str(cluster.folder / "box1" / "routes.pem"))
    context.load_cert_chain(certificate, key)
    port = int(cluster.servers[0].route.rpartition(":")[2])
    try:
        reader, writer = await asyncio.open_connection("localhost", port, ssl=context)
        heard = await asyncio.wait_for(reader.read(64), 10)
        writer.close()
    except (ssl.SSLError, ConnectionError):
        return b""
    return heard


async def doors_story(folder: Path) -> None:
    async with town_with_cluster(folder) as (cluster, planned):
        keys, own = planned.settings[DISTRICT].keys, cluster.folder / "box2"
        assert (await heard_at_route(cluster, certificate=own / "route.pem",
                                     key=own / "route.key")).startswith(b"INFO")
        assert b"" == await heard_at_route(
            cluster, certificate=keys / "client.pem", key=keys / "tls.key")
        assert b"" == await heard_at_route(
            cluster, certificate=own / "server.pem", key=own / "server.key")


def test_no_childs_certificate_opens_the_door_between_the_servers(tmp_path: Path) -> None:
    asyncio.run(doors_story(tmp_path))


def test_words_survive_whatever_befalls_three_mailbox_servers(tmp_path: Path) -> None:
    asyncio.run(cluster_story(tmp_path))
