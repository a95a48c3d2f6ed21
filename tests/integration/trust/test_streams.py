"""Attachments and questions over real gRPC with certificates from the link authority."""

from __future__ import annotations

import asyncio
import os
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path

import pytest

from hub.ask.desk import AskDesk
from hub.ask.messages import Answer, Question
from hub.carriers.grpc_stream import GrpcDialer, GrpcServer
from hub.carriers.tls import TlsFiles
from hub.errors import FabricError, UnknownPeer
from hub.ids import LinkId
from hub.roster import join
from hub.roster.documents import Endpoints
from hub.roster.identity import Identity
from hub.roster.keeper import RosterKeeper
from hub.store.blobs import BlobState
from tests.integration.trust.offices import Office, until, wall_us
from tests.trees import CITY, DISTRICT, Tree, grow, newcomer

LINK = LinkId("420200-420203")


def server_files(identity: Identity) -> TlsFiles:
    identity.server_certificate(hosts=["localhost"], now_us=wall_us())
    keys = identity.directory
    return TlsFiles(ca=keys / "ca.pem", certificate=keys / "server.pem", key=keys / "tls.key")


def client_files(identity: Identity, ca: Path | None = None) -> TlsFiles:
    keys = identity.directory
    return TlsFiles(
        ca=ca or keys / "parent-ca.pem", certificate=keys / "client.pem", key=keys / "tls.key"
    )


@dataclass(frozen=True, slots=True, kw_only=True)
class Joined:
    tree: Tree
    city: Office
    district: Office
    keeper: RosterKeeper
    server: GrpcServer
    dialer: GrpcDialer
    city_desk: AskDesk
    district_desk: AskDesk


async def tell_name(link: LinkId, question: Question) -> Answer:
    return Answer(id=question.id, body=f"{question.target} on {link}".encode())


@asynccontextmanager
async def joined(folder: Path) -> AsyncIterator[Joined]:
    """City and district, provisioned by paper, on one mTLS connection for side streams."""
    tree = grow(folder, now_us=wall_us())
    with Office(folder / "c") as city, Office(folder / "d") as district:
        keeper = RosterKeeper(
            identity=tree.city, writer=city.writer, now_us=wall_us, alarm=lambda *_: None
        )
        await keeper.refresh()
        server = GrpcServer(
            tls=server_files(tree.city),
            authorise=lambda caller: keeper.admit(caller.names, caller.spki_digest),
        )
        desk, below = AskDesk(tell_name), AskDesk(tell_name)
        server.route("Bulk", city.exchange.attach)
        server.route("Ask", desk.attach)
        await server.start()
        dialer = GrpcDialer(
            link=LINK, host="localhost", port=server.port, tls=client_files(tree.district)
        )
        tasks = [
            asyncio.create_task(district.exchange.attach(await dialer.stream("Bulk"))),
            asyncio.create_task(below.attach(await dialer.stream("Ask"))),
        ]
        try:
            yield Joined(
                tree=tree, city=city, district=district, keeper=keeper, server=server,
                dialer=dialer, city_desk=desk, district_desk=below,
            )
        finally:
            for task in tasks:
                task.cancel()
            await asyncio.gather(*tasks, return_exceptions=True)
            await dialer.close()
            await server.stop()


def test_photos_and_questions_cross_a_real_connection_both_ways(tmp_path: Path) -> None:
    async def run() -> None:
        async with joined(tmp_path) as both:
            up = await both.district.offer(LINK, os.urandom(1_000_003))
            down = await both.city.offer(LINK, os.urandom(700_001))
            await both.city.hear(LINK, up)
            await both.district.hear(LINK, down)

            async def whole() -> bool:
                rows = (await both.city.row(up.digest), await both.district.row(down.digest))
                return all(row is not None and row.state is BlobState.WHOLE for row in rows)

            async def asked() -> bool:
                return both.city_desk.reachable(LINK) and both.district_desk.reachable(LINK)

            await until(whole)
            await until(asked)
            assert both.city.files.verify(up.digest)
            assert both.district.files.verify(down.digest)
            for desk, target in ((both.city_desk, DISTRICT), (both.district_desk, CITY)):
                question = Question(
                    id=os.urandom(16), target=target, method="GetCase", body=b"", actor="a",
                    purpose="p", deadline_ms=5000,
                )
                answer = await desk.ask(LINK, question)
                assert (answer.code, answer.body) == ("ok", f"{target} on {LINK}".encode())

    asyncio.run(run())


def test_strangers_and_the_retired_get_no_stream(tmp_path: Path) -> None:
    async def refused(dialer: GrpcDialer) -> FabricError:
        with pytest.raises(FabricError) as refusal:
            await dialer.stream("Bulk")
        await dialer.close()
        return refusal.value

    async def run() -> None:
        async with joined(tmp_path) as both:
            port = both.server.port
            # somebody with the same name under a CA of his own
            false_city = newcomer(tmp_path / "false", CITY, None, now_us=wall_us())
            join.found(false_city, now_us=wall_us())
            twin = newcomer(tmp_path / "false", DISTRICT, CITY, now_us=wall_us())
            request = join.make_join_request(twin, now_us=wall_us())
            endpoints = Endpoints(grpc=("localhost:1",))
            kit = join.accept(false_city, request, endpoints=endpoints, now_us=wall_us())
            join.enter(twin, kit, now_us=wall_us())
            ca = both.tree.city.directory / "ca.pem"
            strangers = GrpcDialer(
                link=LINK, host="localhost", port=port, tls=client_files(twin, ca)
            )
            await refused(strangers)
            # a child of a child holds a certificate of another authority
            nephew = GrpcDialer(
                link=LINK, host="localhost", port=port,
                tls=client_files(both.tree.street, ca),
            )
            await refused(nephew)
            join.retire(both.tree.city, DISTRICT, now_us=wall_us())
            await both.keeper.refresh()
            again = GrpcDialer(
                link=LINK, host="localhost", port=port, tls=client_files(both.tree.district)
            )
            assert isinstance(await refused(again), UnknownPeer)

    asyncio.run(run())
