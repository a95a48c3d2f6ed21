"""One end of a measured link: a process with a real writer, carrier, driver and the Ledger.

``python -m tests.bench.station HOME ROLE CARRIER [ADDRESS]``; orders come as JSON lines on stdin,
each is answered by one JSON line on stdout. Composed as the node's composition root does it, with
the Ledger where the office would stand.
"""

from __future__ import annotations

import asyncio
import os
import random
import sys
import time
from collections.abc import AsyncIterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import AsyncExitStack, asynccontextmanager
from pathlib import Path
from typing import Any

import structlog
from sqlalchemy import Connection, func, select

from hub.carriers.grpc_stream import GrpcDialer, GrpcServer
from hub.carriers.jetstream import JetStreamDialer, JetStreamListener
from hub.carriers.port import Dialer, Listener
from hub.carriers.tls import TlsFiles
from hub.envelope import PRIO_WORD, Draft
from hub.ids import LinkId, MsgId
from hub.link.driver import LinkDriver
from hub.nats.accounts import Accounts, LinkAccount
from hub.nats.login import NatsLogin
from hub.nats.server import NatsServer
from hub.roster.authority import CERTIFICATE_FILE
from hub.roster.holding import TLS_FILE
from hub.roster.identity import CLIENT_FILE, PARENT_CA_FILE, SERVER_FILE, Identity
from hub.roster.keeper import RosterKeeper
from hub.roster.keys import NatsKey
from hub.store import links, outbox
from hub.store.engine import open_engine
from hub.store.tx import Tx
from hub.store.writer import GroupWriter
from node.main.serving import SWITCH_INTERVAL_S
from node.service.fresh import SystemIds
from node.store import schema
from tests.bench import ledger
from tests.bench.orders import obey
from tests.bench.sampler import Sampler, cpu_s

BODY_BYTES = 1024
LANES = 1_000
"""Cases that the words are about."""
BATCH = 64
AHEAD_MAX = 4_096
"""Words enqueued and not yet acknowledged while streaming: back-pressure of the generator."""
POLL_S = 0.002
SEEN_S = 10.0


def wall_us() -> int:
    return time.time_ns() // 1_000


def mono_us() -> int:
    return time.monotonic_ns() // 1_000


class Station:
    """The orders, by name."""

    def __init__(
        self, writer: GroupWriter, link: LinkId, driver: LinkDriver, book: ledger.Ledger
    ) -> None:
        self._book = book
        self._writer = writer
        self._link = link
        self._driver = driver
        self._ids = SystemIds()
        self._bodies = [os.urandom(BODY_BYTES) for _ in range(BATCH)]
        self._lanes = [os.urandom(16) for _ in range(LANES)]
        self._born = 0
        self._latencies: list[int] = []
        self._timing: asyncio.Task[None] | None = None
        self._news = asyncio.Event()
        self._fresh = asyncio.Event()
        self._sampler: Sampler | None = None
        writer.listen("bench", self._told)

    def _told(self, _topic: str) -> None:
        self._news.set()
        self._fresh.set()

    # -- sending ---------------------------------------------------------------------------

    async def pile(self, count: int, prio: int = PRIO_WORD) -> dict[str, Any]:
        """Enqueue so many words; returns when they are durable."""
        began = time.monotonic()
        left = count
        while left:
            some = min(left, 8 * BATCH)
            await self._utter(some, prio)
            left -= some
        return {"rate": count / (time.monotonic() - began)}

    async def stream(self, seconds: float) -> dict[str, Any]:
        """Keep enqueuing, a batch per transaction, never more than ``AHEAD_MAX`` ahead."""
        until = time.monotonic() + seconds
        first = self._born
        while time.monotonic() < until:
            if self._born - self._driver.status().acked.seq >= AHEAD_MAX:
                await asyncio.sleep(POLL_S)
            else:
                await self._utter(BATCH)
        return {"said": self._born - first}

    async def pace(self, rate: float, seconds: float) -> dict[str, Any]:
        """One word per transaction, at a steady rate, as people's commands come."""
        loop = asyncio.get_running_loop()
        began, count = loop.time(), round(rate * seconds)
        waiting = []
        for n in range(count):
            await asyncio.sleep(max(0.0, began + n / rate - loop.time()))
            waiting.append(loop.create_task(self._utter(1)))
        await asyncio.gather(*waiting)
        return {"said": count, "took": loop.time() - began}

    async def _utter(self, count: int, prio: int = PRIO_WORD) -> None:
        drafts = [
            Draft(
                msg_id=MsgId(self._ids.uuid7()),
                type=ledger.TYPE,
                schema_rev=1,
                occurred_at_us=0,
                hlc=0,
                body=self._bodies[n % BATCH],
                lane=self._lanes[(self._born + n) % LANES],
                prio=prio,
            )
            for n in range(count)
        ]
        self._born += count
        await self._writer.write(lambda tx: self._enqueue(tx, drafts))

    def _enqueue(self, tx: Tx, drafts: list[Draft]) -> None:
        # Born when the transaction begins that makes them durable.
        born = [_born(draft, tx.now_us) for draft in drafts]
        outbox.enqueue(tx, self._link, born)

    # -- receiving -------------------------------------------------------------------------

    async def applied(self) -> dict[str, Any]:
        """How many words have taken effect here."""
        count = await self._writer.read(_count)
        return {"count": count, "at": time.time(), "frames": self._book.frames}

    async def reach(self, count: int, within_s: float) -> dict[str, Any]:
        """Wait until so many words have taken effect, committed; when that was seen."""
        async with asyncio.timeout(within_s):
            self._news.clear()  # before the look: what is committed during it may be the last
            while (seen := await self._writer.read(_count)) < count:
                await self._news.wait()
                self._news.clear()
        return {"count": seen, "at": time.time(), "frames": self._book.frames}

    async def time_words(self) -> dict[str, Any]:
        """Begin to time words that are born from now on, from their origin's transaction to here,
        committed and readable."""
        last, since = await self._writer.read(_count), wall_us()
        self._latencies = []
        self._timing = asyncio.create_task(self._time(last, since))
        return {}

    async def times(self, count: int) -> dict[str, Any]:
        """End timing when so many were seen; latencies in milliseconds, sorted."""
        assert self._timing is not None, "time_words comes first"
        async with asyncio.timeout(SEEN_S):
            while len(self._latencies) < count:
                await asyncio.sleep(POLL_S)
        self._timing.cancel()
        return {"ms": [us / 1_000 for us in sorted(self._latencies)]}

    async def _time(self, last: int, since: int) -> None:
        while True:
            await self._fresh.wait()
            self._fresh.clear()
            rows = await self._writer.read(lambda conn, after=last: _born_after(conn, after))
            now = wall_us()
            self._latencies += [now - born for _, born in rows if born >= since]
            last = rows[-1][0] if rows else last

    # -- both ------------------------------------------------------------------------------

    async def pause(self) -> dict[str, Any]:
        """Stop the flow, as an operator would."""
        await self._driver.pause()
        return {}

    async def resume(self) -> dict[str, Any]:
        """Let it flow; returns at once."""
        at = time.time()
        await self._driver.resume()
        return {"at": at}

    async def up(self, within_s: float) -> dict[str, Any]:
        """Wait for the contact."""
        async with asyncio.timeout(within_s):
            while not self._driver.status().up:
                await asyncio.sleep(0.02)
        return {"carrier": self._driver.status().carrier}

    async def cpu(self) -> dict[str, Any]:
        """CPU seconds so far."""
        return {"cpu_s": cpu_s()}

    async def watch(self) -> dict[str, Any]:
        """Begin to sample where the time goes."""
        self._sampler = Sampler()
        self._sampler.start()
        return {}

    async def watched(self) -> dict[str, Any]:
        """End sampling."""
        assert self._sampler is not None, "watch comes first"
        return {"rows": await asyncio.to_thread(self._sampler.stop)}


def _born(draft: Draft, now_us: int) -> Draft:
    return Draft(
        msg_id=draft.msg_id, type=draft.type, schema_rev=draft.schema_rev,
        occurred_at_us=now_us, hlc=(now_us // 1_000) << 16, body=draft.body, lane=draft.lane,
        prio=draft.prio,
    )


def _count(conn: Connection) -> int:
    found: int | None = conn.execute(select(func.max(ledger.effect.c.n))).scalar_one()
    return found or 0


def _born_after(conn: Connection, after: int) -> list[tuple[int, int]]:
    rows = conn.execute(
        select(ledger.effect.c.n, ledger.effect.c.born_at)
        .where(ledger.effect.c.n > after)
        .order_by(ledger.effect.c.n)
    )
    return [(row[0], row[1]) for row in rows]


# -- composition -------------------------------------------------------------------------------


def prepared(database: Path) -> str:
    """The address of a database that has all tables; made if it is not there."""
    url = f"sqlite:///{database}"
    if not database.exists():
        schema.migrate(url)
        engine = open_engine(url)
        ledger.metadata.create_all(engine)
        engine.dispose()
    return url


@asynccontextmanager
async def standing(
    home: Path, role: str, carrier: str, address: str
) -> AsyncIterator[tuple[Station, str]]:
    """A running station, and the address a child may dial."""
    identity = Identity.load(home / "keys")
    url = prepared(home / "bench.db")
    async with AsyncExitStack() as stack:
        writer = GroupWriter(url)
        writer.start()
        stack.push_async_callback(writer.close)
        keeper = RosterKeeper(
            identity=identity, writer=writer, now_us=wall_us, alarm=lambda *_: None
        )
        await keeper.refresh()
        one = identity.neighbours()[0]
        await writer.write(
            lambda tx: links.read(tx.conn, one.link) or links.create(
                tx, link=one.link, peer=one.peer, peer_is_parent=role == "child"
            )
        )
        book = ledger.Ledger()
        driver = LinkDriver(
            link=one.link,
            me=identity.node,
            writer=writer,
            application=book,
            signers=(identity.sign,),
            keys=keeper.keys,
            ids=SystemIds(),
            clock=wall_us,
            monotonic=mono_us,
            jitter=lambda: random.uniform(0.8, 1.4),
            workers=ThreadPoolExecutor(2, thread_name_prefix="seals"),
            dialers=_dialers(identity, home, carrier, address) if role == "child" else (),
            roster=keeper,
            credit=lambda: writer.free_places,
        )
        await driver.start()
        stack.push_async_callback(driver.stop)
        reached = ""
        if role == "parent":
            listener, reached = await _listener(identity, home, carrier, keeper, stack)
            await listener.start(driver.accept)
            stack.push_async_callback(listener.stop)
        yield Station(writer, one.link, driver, book), reached


def _dialers(identity: Identity, home: Path, carrier: str, address: str) -> tuple[Dialer, ...]:
    keys, link = home / "keys", identity.neighbours()[0].link
    if carrier == "NATS":
        return (
            JetStreamDialer(
                link=link, servers=[address], login=NatsLogin.of_key(identity.nats),
                ca=keys / PARENT_CA_FILE,
            ),
        )
    host, _, port = address.rpartition(":")
    tls = TlsFiles(
        ca=keys / PARENT_CA_FILE, certificate=keys / CLIENT_FILE, key=keys / TLS_FILE
    )
    return (GrpcDialer(link=link, host=host, port=int(port), tls=tls),)


async def _listener(
    identity: Identity, home: Path, carrier: str, keeper: RosterKeeper, stack: AsyncExitStack
) -> tuple[Listener, str]:
    keys, link = home / "keys", identity.neighbours()[0].link
    identity.server_certificate(hosts=("localhost", "127.0.0.1"), now_us=wall_us())
    tls = TlsFiles(ca=keys / CERTIFICATE_FILE, certificate=keys / SERVER_FILE, key=keys / TLS_FILE)
    if carrier == "NATS":
        child = identity.children()[0]
        mine = NatsKey.generate()
        account = LinkAccount(
            child=child.node, child_nkey=child.request.nkey, parent_nkey=mine.public
        )
        nats = NatsServer(
            home=home / "nats", name=identity.node, accounts=Accounts(links=(account,)), tls=tls
        )
        await nats.start()
        stack.push_async_callback(nats.stop)
        box = JetStreamListener(
            link=link, servers=[nats.url], login=NatsLogin.of_key(mine), ca=keys / CERTIFICATE_FILE
        )
        return box, nats.url
    server = GrpcServer(
        tls=tls, authorise=lambda caller: keeper.admit(caller.names, caller.spki_digest)
    )
    await server.start()
    stack.push_async_callback(server.stop)
    return server.listener(link), f"localhost:{server.port}"


async def run(home: Path, role: str, carrier: str, address: str) -> None:
    async with standing(home, role, carrier, address) as (station, reached):
        await obey(station, {"address": reached})


def main() -> None:
    home, role, carrier, *rest = sys.argv[1:]
    structlog.configure(
        wrapper_class=structlog.make_filtering_bound_logger(30),
        logger_factory=structlog.PrintLoggerFactory(sys.stderr),
    )
    sys.setswitchinterval(SWITCH_INTERVAL_S)
    asyncio.run(run(Path(home), role, carrier, rest[0] if rest else ""))


if __name__ == "__main__":
    main()
