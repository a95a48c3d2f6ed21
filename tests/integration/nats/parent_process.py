"""A parent's processes for tests that kill them: ``python -m`` this with a role and its arguments.

``server HOME PKI`` starts a managed nats-server and prints its pid and ports; ``listener URL SEED
CA LINK`` takes contacts of one link. Both run until they are killed.
"""

from __future__ import annotations

import asyncio
import json
import sys
from pathlib import Path

from hub.carriers.jetstream import JetStreamListener
from hub.carriers.port import Contact
from hub.carriers.tls import TlsFiles
from hub.ids import LinkId
from hub.nats.accounts import Accounts
from hub.nats.login import NatsLogin
from hub.nats.server import NatsServer


async def server(home: str, pki: str) -> None:
    files = Path(pki)
    managed = NatsServer(
        home=Path(home),
        name="420200",
        accounts=Accounts(),
        tls=TlsFiles(
            ca=files / "ca.pem", certificate=files / "server.pem", key=files / "server.key"
        ),
    )
    await managed.start()
    print(json.dumps({"pid": managed.pid, "port": managed.port}), flush=True)
    await asyncio.Event().wait()


async def listener(url: str, seed_file: str, ca: str, link: str) -> None:
    async def handler(contact: Contact) -> None:
        async for parcel in contact.parcels():
            await contact.say(b"echo " + parcel.data, frame=False)

    listening = JetStreamListener(
        link=LinkId(link),
        servers=[url],
        login=NatsLogin.of_file(Path(seed_file)),
        ca=Path(ca),
    )
    await listening.start(handler)
    await asyncio.Event().wait()


if __name__ == "__main__":
    role, *rest = sys.argv[1:]
    asyncio.run({"server": server, "listener": listener}[role](*rest))
