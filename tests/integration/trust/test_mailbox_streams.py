"""Attachments over a real nats-server, with the keys and certificates of provisioning."""

from __future__ import annotations

import asyncio
import os
from pathlib import Path

import pytest

from hub.carriers.jetstream import JetStreamDialer, JetStreamListener
from hub.carriers.port import Contact
from hub.ids import LinkId
from hub.nats.accounts import Accounts, LinkAccount
from hub.nats.login import NatsLogin
from hub.nats.server import NatsServer
from hub.roster.keys import NatsKey
from hub.store.blobs import BlobState
from tests.contract.carrier_rigs import dialled
from tests.integration.trust.offices import Office, until, wall_us
from tests.integration.trust.test_streams import server_files
from tests.trees import grow

pytestmark = pytest.mark.nats
LINK = LinkId("420200-420203")


async def hold(contact: Contact) -> None:
    async for parcel in contact.parcels():
        await parcel.done()


def test_photos_cross_a_real_mailbox_server_both_ways(tmp_path: Path) -> None:
    async def run() -> None:
        tree = grow(tmp_path, now_us=wall_us())
        parent_key = NatsKey.generate()
        (child,) = tree.city.children()
        account = LinkAccount(
            child=child.node, child_nkey=child.request.nkey, parent_nkey=parent_key.public
        )
        server = NatsServer(
            home=tmp_path / "nats", name=tree.city.node, accounts=Accounts(links=(account,)),
            tls=server_files(tree.city),
        )
        await server.start()
        listener = JetStreamListener(
            link=LINK, servers=[server.url], login=NatsLogin.of_key(parent_key),
            ca=tree.city.directory / "ca.pem",
        )
        dialer = JetStreamDialer(
            link=LINK, servers=[server.url],
            login=NatsLogin.of_file(tree.district.directory / "nats.seed"),
            ca=tree.district.directory / "parent-ca.pem",
        )
        try:
            with Office(tmp_path / "c") as city, Office(tmp_path / "d") as district:
                listener.route("Bulk", city.exchange.attach)
                await listener.start(hold)
                await dialled(dialer)
                stream = await dialer.stream("Bulk")
                pulling = asyncio.create_task(district.exchange.attach(stream))
                up = await district.offer(LINK, os.urandom(1_000_003))
                down = await city.offer(LINK, os.urandom(700_001))
                await city.hear(LINK, up)
                await district.hear(LINK, down)

                async def whole() -> bool:
                    rows = (await city.row(up.digest), await district.row(down.digest))
                    return all(row is not None and row.state is BlobState.WHOLE for row in rows)

                await until(whole)
                assert city.files.verify(up.digest)
                assert district.files.verify(down.digest)
                await dialer.close()
                await pulling
                await listener.stop()
        finally:
            await server.stop()

    asyncio.run(run())
