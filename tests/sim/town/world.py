"""The offices of the town, put together from the production parts, on the fabric's heap of events.

What a node keeps in memory (desk, clock, caches) is made anew at each start; only its disk and the
units' systems survive. The use cases are driven through their own async facade over a writer that
commits at once, so nothing of them is played.
"""

from __future__ import annotations

import hashlib
import sqlite3
from collections.abc import Awaitable, Callable, Coroutine, Mapping
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any, TypeVar

from sqlalchemy import Connection, create_engine
from sqlalchemy.pool import StaticPool

from hub.errors import FabricError, Overloaded, Retry
from hub.ids import LinkId, NodeId
from hub.link import session as machine
from hub.link import steps
from hub.link.applying import Applier
from hub.store.tables import metadata as hub_metadata
from hub.store.tx import Tx
from node.core.capability import Capability
from node.core.case import Case, is_part
from node.core.context import Relay
from node.core.errors import Refused
from node.core.facts import Address
from node.core.feedback import FeedbackRules
from node.core.routing import Responsibility
from node.core.sources import Sources
from node.core.transitions import allowed
from node.edge.codec import WordCodec
from node.main.profiles import (
    arrangement_of,
    feedback_named,
    notices_named,
    profile_named,
    sources_named,
)
from node.service.adapters import UnitDesk
from node.service.approvals import read_approvals
from node.service.desk import Desk
from node.service.evidence import Evidence
from node.service.folding import CaseCache
from node.service.handle import Handler
from node.service.hlc import HybridClock
from node.service.holdings import Table
from node.service.notices import Herald, Notices
from node.service.problems import Problems
from node.service.profile import Profile as Grant
from node.service.receive import Receiver
from node.service.reporters import Reporters
from node.service.sources import NoticeTexts
from node.service.stock.room import Stock
from node.service.surroundings import Surroundings
from node.service.timers import Timers
from node.store import problems, stock
from node.store.intake import IntakeStore
from node.store.repository import NodeStore
from node.store.tables import metadata as node_metadata
from tests.audits import AUDIT
from tests.sim.fabric.disk import Disk
from tests.sim.fabric.world import (
    MS,
    SECOND,
    WALL_AT_START,
    Broken,
    End,
    Mutant,
    Node,
    World,
)
from tests.sim.town.places import (
    PARENTS,
    ROUTES,
    STANDARD,
    UNITS,
    Weather,
    draw_weather,
    profile_of,
)
from tests.sim.town.unit import Host, Unit

T = TypeVar("T")
TIMERS_US = 5 * SECOND
APPROVALS = read_approvals(Path(__file__).parents[3] / "node" / "approvals" / "standard.toml")
POISON = 1 << 16
NOWHERE = Path("/nowhere")
"""The home of offices that use what is shipped."""


class Died(FabricError):
    """The office died under the caller: whether it was committed is not known."""

    retry = Retry.LATER
    family = "sim.died"


class Unwell(RuntimeError):
    """What a handler with a bug of its own would raise; not a finding."""


class TownDisk(Disk):
    """A database with the tables of fabric and office."""

    template: bytes = b""

    def __init__(self, now_us: Callable[[], int]) -> None:
        super().__init__(now_us)
        self.put_back(_template())


def _template() -> bytes:
    if not TownDisk.template:
        engine = create_engine("sqlite://", poolclass=StaticPool)
        hub_metadata.create_all(engine)
        node_metadata.create_all(engine)
        with engine.connect() as conn:
            raw = conn.connection.dbapi_connection
            assert isinstance(raw, sqlite3.Connection)
            raw.commit()
            TownDisk.template = raw.serialize()
        engine.dispose()
    return TownDisk.template


class TownIds:
    """UUIDv7 by the simulated time, so that anti-entropy's windows mean something."""

    def __init__(self, world: TownWorld) -> None:
        self._world = world
        self._last = 0

    def uuid7(self) -> bytes:
        raw = bytearray(self._world.rng.randbytes(16))
        raw[:6] = ((WALL_AT_START + self._world.now) // MS).to_bytes(6, "big")
        raw[6] = 0x70 | raw[6] & 0x0F
        raw[8] = 0x80 | raw[8] & 0x3F
        return bytes(raw)


class TownCodec(WordCodec):
    """Words of some bodies are beyond this office until it has been upgraded."""

    def __init__(self, world: TownWorld, node: TownNode) -> None:
        super().__init__()
        self._world = world
        self._node = node

    def types(self) -> Mapping[str, int]:
        """The version before this one knew no second revision of anything."""
        types = super().types()
        return dict.fromkeys(types, 1) if self._node.is_old else types

    def read(self, type_: str, body: bytes) -> Any:
        ill = self._world.ill(body)
        if ill == 1:
            raise Refused("a code of next year", code="codes.unknown")
        if ill == 2:
            raise Unwell("this body breaks the handler")
        return super().read(type_, body)


@cache
def _grant(name: str) -> Grant:
    """A shipped profile, or ("") one that grants everything."""
    if name:
        return profile_named(name, home=NOWHERE)
    return Grant(title="everything", capabilities=frozenset(Capability), auto_route=False,
                 relay_done=Relay.AUTO)


@cache
def _sources() -> Sources:
    return sources_named("sources", home=NOWHERE)


@cache
def _feedback(name: str) -> FeedbackRules:
    return feedback_named(name, home=NOWHERE)


@cache
def _notices() -> NoticeTexts:
    return notices_named("notices", home=NOWHERE)


class SimWriter:
    """Commits at once; the office may die before or after."""

    def __init__(self, node: TownNode) -> None:
        self._node = node

    async def write(self, operation: Callable[[Tx], T], *, urgent: bool = False) -> T:
        node, world = self._node, self._node.world
        if node.full or world.strikes("disk_trouble"):
            raise Overloaded("writing: the disk is full", code="store.disk_full")
        if world.strikes("crash"):
            node.crash()
            raise Died("before the commit")
        result, woken = node.disk.write(operation)
        if world.strikes("crash"):
            node.crash()
            raise Died("after the commit, before the answer")
        node.woken(woken)
        return result

    async def read(self, query: Callable[[Connection], T]) -> T:
        return self._node.disk.read(query)

    def listen(self, topic_prefix: str, listener: Callable[[str], None]) -> Callable[[], None]:
        return lambda: None


@dataclass(slots=True)
class Office:
    """The use cases of one life of a node; to the fabric it is the receiver."""

    surroundings: Surroundings
    desk: Desk
    stock: Stock
    receiver: Receiver
    handler: Handler
    units: UnitDesk
    timers: Timers
    notices: Notices
    problems: Problems

    @property
    def lower(self) -> Callable[[str, int, int, bytes], bytes | None]:
        return self.receiver.lower


class TownEnd(End):
    """One end of a link whose application is the office's receiver."""

    reports: list[steps.Report]

    def applier(self) -> Applier:
        node = self.node
        return Applier(
            link=self.link, me=node.id, peer=self.peer, peer_is_parent=self.dials,
            application=node.office.receiver, ids=node.world.ids, report=node.world.handler_failed,
        )

    def perform(self, action: steps.Action) -> None:
        if isinstance(action, steps.Report):
            self.reports.append(action)
        super().perform(action)

    def reconcile(self, scope: str) -> None:
        """A person wants to know whether anything is missing."""
        if self.session is not None and not self.dials:
            self.session = machine.want_reconcile(self.session, scope)
            self.feed(steps.Tick())


class TownNode(Node):
    """One office of the town."""

    world: TownWorld

    def __init__(self, world: TownWorld, id_: NodeId, peers: tuple[NodeId, ...]) -> None:
        self.units = tuple(
            Unit(id=name, speaks=world.rng.random() < 0.7) for name in UNITS.get(id_, ())
        )
        named = profile_of(world.weather.arrangement, id_)
        self.grant = _grant(named).model_copy(update={
            "auto_route": world.rng.random() < world.weather.auto_route,
            "relay_done": world.rng.choice(world.weather.relay),
        })
        self.arrangement = arrangement_of(self.grant, home=NOWHERE) if named else None
        self.is_old = bool(world.profile.mixed) and world.rng.random() < 0.5
        """Runs the version before this one."""
        self.hosts: list[Host] = []
        self.writer = SimWriter(self)
        self._folded = CaseCache()
        """For the observer; the office has its own, which dies with it."""
        super().__init__(world, id_, peers)

    # --- putting it together

    def make_disk(self) -> Disk:
        return TownDisk(self.wall)

    def make_end(self, link: LinkId, peer: NodeId) -> End:
        end = TownEnd(self, link, peer)
        end.reports = []
        return end

    def make_office(self) -> Office:
        world = self.world
        surroundings = Surroundings(
            node=self.id,
            name=self.id,
            parent=PARENTS[self.id] or "",
            adapters=[unit.id for unit in self.units],
            profile=self.grant,
            ids=world.ids,
            tree=world.keys,
            children=[child for child, parent in PARENTS.items() if parent == self.id],
            ladders=APPROVALS,
            arrangement=self.arrangement,
        )
        surroundings.table = Table(
            Responsibility(standard_ref=STANDARD, kind="", code="", area=area,
                           assignee=Address.parse(to))
            for office, area, to in ROUTES if office == self.id
        )
        writer, rows = self.writer, IntakeStore()
        surroundings.sources = _sources()
        surroundings.feedback = _feedback(self.grant.feedback)
        desk = Desk(
            store=NodeStore(), codec=TownCodec(world, self), clock=HybridClock(),
            surroundings=surroundings,
            reporters=Reporters(store=NodeStore(), rows=rows, writer=writer, audit=AUDIT,
                                now_us=self.wall, key=self.id.encode().ljust(32, b".")),
            herald=Herald(rows=rows, texts=_notices(), sources=surroundings.sources,
                          ids=world.ids, office=self.id),
            problems=problems,
        )
        handler = Handler(desk=desk, writer=writer, audit=AUDIT, keep_h=72,
                          disk_full=lambda: self.tight)
        sheets = Stock(store=stock, codec=desk.codec, clock=desk.clock, writer=writer,
                       surroundings=surroundings, now_us=self.wall)
        return Office(
            surroundings=surroundings,
            desk=desk,
            stock=sheets,
            receiver=Receiver(desk, Evidence(desk), sheets),
            handler=handler,
            notices=Notices(rows=rows, writer=writer, handler=handler, now_us=self.wall,
                            rows_max=100),
            problems=Problems(store=NodeStore(), rows=problems, writer=writer, handler=handler,
                              fresh_id=surroundings.fresh_id),
            units=UnitDesk(desk=desk, writer=writer, audit=AUDIT, now_us=self.wall, lease_s=60,
                           retry_first_s=2, retry_max_s=60),
            timers=Timers(desk=desk, writer=writer, now_us=self.wall, batch=50, poll_s=5,
                          housekeeping=lambda tx: None),
        )

    def change_version(self) -> int:
        self.is_old = not self.is_old
        return 1 if self.is_old else 2

    def start(self) -> None:
        self.office = self.make_office()
        super().start()
        self.later(self.world.rng.randint(MS, TIMERS_US), self._timers)
        self.hosts = [Host(self, unit) for unit in self.units]
        for host in self.hosts:
            host.start()

    def woken(self, topics: set[str]) -> None:
        super().woken(topics)
        for host in self.hosts:
            if f"adapter:{host.unit.id}" in topics:
                host.wake()

    def _timers(self) -> None:
        self.later(TIMERS_US, self._timers)
        if self.disk.rows("SELECT 1 FROM timer WHERE fired_at IS NULL AND due_at <= ? LIMIT 1",
                          self.wall()):
            try:
                self.run(self.writer.write(self.office.timers.fire_due))
            except FabricError:
                return

    def run(self, coroutine: Coroutine[Any, Any, T] | Awaitable[T]) -> T:
        """Carry a use case out: over this writer it never has to wait."""
        assert isinstance(coroutine, Coroutine)
        try:
            coroutine.send(None)
        except StopIteration as ended:
            result: T = ended.value
            return result
        finally:
            coroutine.close()
        raise AssertionError("a use case waited for something that never comes")

    # --- looking from outside

    def case(self, case_id: str) -> Case | None:
        rows = self.disk.rows("SELECT state FROM cases WHERE case_id = ?", case_id)
        return self._folded.read(case_id, rows[0][0]) if rows else None

    def cases(self) -> list[Case]:
        return [
            self._folded.read(row[0], row[1])
            for row in self.disk.rows("SELECT case_id, state FROM cases ORDER BY case_id")
        ]

    def offered(self, case: Case, *, by_right: bool = True) -> tuple[str, ...]:
        """What a screen offers here; ``by_right`` False = whatever its status allows anybody."""
        surroundings = self.office.surroundings
        rights = self.arrangement.rights if self.arrangement is not None else None
        able = surroundings.capabilities if by_right else frozenset(Capability)
        if rights is None:
            return allowed(case.status, able, part=is_part(case))
        return allowed(case.status, able, rights.needed, part=is_part(case))

    def may(self, right: Capability) -> bool:
        """Is it granted this right, and possible here?"""
        return right in self.office.surroundings.capabilities

    def assignees(self) -> list[Address]:
        nodes = [Address.parse(f"node:{child}") for child, up in PARENTS.items() if up == self.id]
        return nodes + [Address.parse(f"adapter:{unit.id}") for unit in self.units]


class TownWorld(World):
    """City, districts, streets, units, and everything that happens to them."""

    events_max = 400_000

    def __init__(self, seed: int, *, weather: Weather | None = None,
                 mutant: Mutant | None = None) -> None:
        self.weather = weather or draw_weather(seed)
        self.healed = False
        self.failures: list[str] = []
        self.given_up = 0
        self.trimmed: set[bytes] = set()
        super().__init__(seed, profile=self.weather, mutant=mutant)

    def tree(self) -> dict[NodeId, NodeId | None]:
        return dict(PARENTS)

    def found(self) -> dict[NodeId, Node]:
        self.ids = TownIds(self)
        nodes: dict[NodeId, Node] = {}
        for id_, parent in PARENTS.items():
            peers = tuple(child for child, up in PARENTS.items() if up == id_)
            nodes[id_] = TownNode(self, id_, (parent, *peers) if parent is not None else peers)
        return nodes

    @property
    def offices(self) -> list[TownNode]:
        return list(self.nodes.values())  # type: ignore[arg-type]

    def unit(self, name: str) -> Unit:
        return next(unit for node in self.offices for unit in node.units if unit.id == name)

    def heal(self) -> None:
        """Every office understands everything now, and says so to its parked words."""
        self.healed = True
        for node in self.offices:
            node.is_old = False
        codes = {"codes.unknown", "schema.unsupported", "handler.failed", "lane.held"}
        for node in self.offices:
            for end in node.ends.values():
                settler = end.settler()
                _, woken = node.disk.write(
                    lambda tx, settler=settler: settler.release(tx, codes, actor="upgrade")
                )
                node.woken(woken)

    def ill(self, body: bytes) -> int:
        """0 = readable, 1 = of the future, 2 = breaks the handler; the same body always the
        same, until everything is healed."""
        if self.healed or not self.weather.poison:
            return 0
        mark = int.from_bytes(self._mark(body), "big")
        if mark % POISON >= self.weather.poison * POISON:
            return 0
        return 1 + mark // POISON % 2

    def _mark(self, body: bytes) -> bytes:
        return hashlib.blake2b(body, digest_size=4, key=str(self.seed).encode()).digest()

    def handler_failed(self, type_: str, err: Exception) -> None:
        if not isinstance(err, Unwell):
            self.failures.append(f"{type_}: {type(err).__name__}: {err}")

    def fail_if_failed(self) -> None:
        if self.failures:
            raise Broken(f"a handler raised: {self.failures[0]}")
