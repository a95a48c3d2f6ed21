"""Keys and papers change while words flow: nothing is lost, nothing comes twice, links stay up."""

from __future__ import annotations

import asyncio
import itertools
import time
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from hub.application import APPLIED, Settled
from hub.envelope import Draft, Received
from hub.ids import LinkId, MsgId, NodeId, link_id
from hub.roster.documents import Endpoints
from hub.roster.identity import Identity
from hub.store import outbox
from hub.store.tx import Tx
from node.core import commands as cmd
from node.core.errors import Refused
from node.core.facts import Address, Limits
from node.main.serving import Running
from node.service.fresh import SystemIds
from node.service.receive import Receiver
from tests.integration.node.town import Plan, head, opened, plan, routes, until
from tests.trees import CITY, DISTRICT, STREET, bring_in, newcomer

OTHER = NodeId("420204")
LINKS = (link_id(parent=CITY, child=DISTRICT), link_id(parent=CITY, child=OTHER),
         link_id(parent=DISTRICT, child=STREET))
PROBE = "test.v1.Probe"
EACH_S = 0.08
"""Between two words of one end of one link: six ends say 75 words a second together."""
WORDS_MIN = 100
"""Words while keys change, the least; how fast they flow is a matter of the machine."""
DOWN_MAX_S = 5.0
"""A link that is begun anew is down for 0.1 s on a quiet machine; what locks a child out lasts."""


@dataclass
class Flow:
    """What was said and what arrived, by message id, with monotonic times."""

    said: dict[bytes, float] = field(default_factory=dict)
    came: dict[bytes, list[float]] = field(default_factory=dict)
    staged: list[bytes] = field(default_factory=list)
    down_s: dict[tuple[str, str], float] = field(default_factory=dict)
    """Longest time that an end of a link was not up, by node and link."""

    def latencies_ms(self) -> list[float]:
        return sorted((self.came[one][0] - at) * 1000 for one, at in self.said.items())


@pytest.fixture
def flow(monkeypatch: pytest.MonkeyPatch) -> Flow:
    """Offices that take a word of a type of their own beside those of the trade."""
    seen = Flow()
    types, receive, prefetch = Receiver.types, Receiver.receive, Receiver.prefetch

    def probe(word: Received) -> bool:
        return word.opened.header.type == PROBE

    def take(self: Receiver, tx: Tx, word: Received) -> Settled:
        if not probe(word):
            return receive(self, tx, word)
        seen.staged.append(word.opened.header.msg_id)
        tx.wake("probe")
        return APPLIED

    def look(self: Receiver, tx: Tx, words: Sequence[Received]) -> None:
        prefetch(self, tx, [word for word in words if not probe(word)])

    monkeypatch.setattr(Receiver, "types", lambda self: {**types(self), PROBE: 1})
    monkeypatch.setattr(Receiver, "receive", take)
    monkeypatch.setattr(Receiver, "prefetch", look)
    return seen


def with_other(folder: Path, town: Plan, *, nats: bool) -> Plan:
    """The town with a second district."""
    now_us = time.time_ns() // 1_000
    city = Identity.load(folder / CITY / "keys")
    other = newcomer(folder, OTHER, CITY, now_us=now_us)
    above = town.settings[CITY]
    bring_in(city, other, city, now_us=now_us, endpoints=Endpoints(
        grpc=(f"localhost:{above.grpc.port}",),
        nats=(f"tls://localhost:{above.nats.port}",) if nats else (),
    ))
    like = town.settings[DISTRICT]
    home = folder / OTHER
    for name in ("data", "blobs", "nats", "adapters"):
        (home / name).mkdir(exist_ok=True)
    from hub.ports import free_port
    from node.store.schema import migrate

    settings = like.model_copy(update={
        "home": home,
        "node": like.node.model_copy(update={"id": OTHER, "name": OTHER}),
        "grpc": like.grpc.model_copy(update={"port": free_port()}),
        "nats": like.nats.model_copy(update={"embedded": False}),
    })
    migrate(settings.database_url)
    return Plan({**town.settings, OTHER: settings})


def ends(node: dict[str, Running]) -> list[tuple[Running, LinkId]]:
    return [(one, link) for name, one in node.items() for link in LINKS if name in link.split("-")]


async def pump(one: Running, link: LinkId, flow: Flow) -> None:
    """One end says a word again and again, each in a transaction of its own."""
    ids = SystemIds()
    for n in itertools.count():
        draft = Draft(
            msg_id=MsgId(ids.uuid7()), type=PROBE, schema_rev=1,
            occurred_at_us=time.time_ns() // 1_000, hlc=0, body=b"x" * 200,
            lane=(n % 50).to_bytes(16, "big"),
        )
        await one.writer.write(lambda tx, draft=draft: outbox.enqueue(tx, link, [draft]))
        flow.said[draft.msg_id] = time.monotonic()
        await asyncio.sleep(EACH_S)


async def watch(node: dict[str, Running], flow: Flow) -> None:
    """How long each end is not up."""
    since: dict[tuple[str, str], float] = {}
    while True:
        now = time.monotonic()
        for one, link in ends(node):
            driver = one.fabric._drivers.get(link)
            key = (one.settings.node.id, link)
            if driver is not None and driver.status().up:
                since.pop(key, None)
                continue
            flow.down_s[key] = max(
                flow.down_s.get(key, 0.0), now - since.setdefault(key, now))
        await asyncio.sleep(0.01)


@asynccontextmanager
async def flowing(node: dict[str, Running], flow: Flow) -> AsyncIterator[None]:
    """Words on every link, both ways, for as long as the block lasts; then until all are there."""

    def arrived(_topic: str) -> None:
        now = time.monotonic()
        for msg_id in flow.staged:
            flow.came.setdefault(msg_id, []).append(now)
        flow.staged.clear()

    for one in node.values():
        one.writer.listen("probe", arrived)
    running = [asyncio.create_task(pump(one, link, flow)) for one, link in ends(node)]
    running.append(asyncio.create_task(watch(node, flow)))
    try:
        yield
    finally:
        for task in running:
            task.cancel()
        await asyncio.gather(*running, return_exceptions=True)


async def up(node: dict[str, Running]) -> bool:
    return all(
        link in one.fabric._drivers and one.fabric._drivers[link].status().up
        for one, link in ends(node)
    )


async def cases(node: dict[str, Running], made: list[str]) -> None:
    """Orders go down two tiers and are signed for at the bottom, again and again."""
    city, street = node[CITY], node[STREET]
    while True:
        case_id = await opened(city)
        limits = Limits(finish_by=datetime.now(UTC) + timedelta(hours=4))
        await city.office.handle(cmd.Dispatch(
            **head(city, case_id), to=Address.parse(f"node:{DISTRICT}"), limits=limits))
        for _ in range(400):
            try:
                if (await street.office.case(case_id))["status"] == "held":
                    break
            except Refused:
                pass
            await asyncio.sleep(0.02)
        await street.office.handle(cmd.Sign(**head(street, case_id)))
        made.append(case_id)
        await asyncio.sleep(0.3)


def papers(folder: Path, child: str) -> tuple[str, str]:
    """TLS key and mailbox user that a child uses."""
    identity = Identity.load(folder / child / "keys")
    return identity.client_tls.spki_digest().hex(), identity.client_nats.public


@pytest.mark.parametrize("carrier", ["GRPC", "NATS"])
def test_every_key_of_a_federation_changes_while_words_flow(
    tmp_path: Path, flow: Flow, carrier: str
) -> None:
    """City, two districts and a street: every sign key, TLS key and mailbox user changes once, all
    of them at the same time."""
    nats = carrier == "NATS"
    town = with_other(tmp_path, plan(tmp_path, prefer=carrier, nats=nats), nats=nats)
    above = {DISTRICT: CITY, OTHER: CITY, STREET: DISTRICT}

    async def story() -> None:
        async with town.running(CITY, DISTRICT, OTHER, STREET) as node:
            await routes(node[DISTRICT], (STREET, f"node:{STREET}"))
            await until("every link", lambda: up(node))
            before = {name: (await one.office.own_keys.view()).key_id
                      for name, one in node.items()}
            old = {name: papers(tmp_path, name) for name in above}
            made: list[str] = []
            async with flowing(node, flow):
                orders = asyncio.create_task(cases(node, made))
                await asyncio.sleep(1.0)
                began = time.monotonic()
                for name, one in node.items():
                    await one.office.own_keys.change("", actor="wang")
                    if name in above:
                        await one.office.own_keys.renew(actor="wang")

                async def changed() -> bool:
                    for name, one in node.items():
                        keys = await one.office.own_keys.view()
                        if keys.key_id == before[name] or keys.beside:
                            return False
                    for name, parent in above.items():
                        child = Identity.load(tmp_path / parent / "keys").child(NodeId(name))
                        assert child is not None
                        mine = papers(tmp_path, name)
                        if mine == old[name] or child.before:
                            return False
                    return True

                await until("new keys everywhere", changed, within_s=60.0)
                took_s = time.monotonic() - began
                await asyncio.sleep(2.0)
                orders.cancel()
                await asyncio.gather(orders, return_exceptions=True)
            span_s = max(flow.said.values()) - min(flow.said.values())

            async def all_there() -> bool:
                return set(flow.said) <= set(flow.came)

            await until("every word at the other end", all_there)

            async def seen_above() -> bool:
                for case_id in made:
                    timeline = await node[CITY].office.timeline(case_id)
                    kinds = {(one["node"], one["event_type"]) for one in timeline["entries"]}
                    if (STREET, "DutySigned") not in kinds:
                        return False
                return True

            await until("what the street did, at the city", seen_above)
            for one, link in ends(node):
                view = next(view for view in await one.office.links() if view.link == link)
                assert (True, 0, 0) == (view.connected, view.parked, view.quarantined), view
            assert {len(times) for times in flow.came.values()} == {1}, "none came twice"
            assert made
            assert len(flow.said) >= WORDS_MIN, "words flowed all the while"
            longest = max(flow.down_s.values(), default=0.0)
            told = flow.latencies_ms()
            print(f"\n{carrier}: {len(told)} words at {len(told) / span_s:.0f}/s, "
                  f"{len(made)} orders, changed in {took_s:.1f} s, "
                  f"longest link down {longest * 1000:.0f} ms, p50 {told[len(told) // 2]:.0f} ms, "
                  f"p99 {told[len(told) * 99 // 100]:.0f} ms, max {told[-1]:.0f} ms")
            assert longest <= DOWN_MAX_S
            for name in above:
                assert papers(tmp_path, name)[0] != old[name][0]
                assert papers(tmp_path, name)[1] != old[name][1]

    asyncio.run(story())
