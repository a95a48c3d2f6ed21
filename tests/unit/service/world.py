"""Offices joined without a network: the real use cases, store, seals and link operations, carried
frame by frame by hand, so that a test decides what arrives when."""

from __future__ import annotations

import itertools
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from hub.envelope import FRAME_ENVELOPES_MAX
from hub.ids import LinkId, NodeId, link_id
from hub.link import messages as msg
from hub.link import operations, steps
from hub.link.applying import Applier
from hub.link.sealing import Sealing
from hub.link.settling import Settler
from hub.seal import Ed25519Key, Ed25519Signer
from hub.store import links, outbox
from hub.store.tx import Tx
from hub.store.writer import GroupWriter
from node.core import commands as cmd
from node.core.capability import Capability
from node.core.case import Case
from node.core.context import Relay
from node.core.facts import Address, CaseId, Category, CommandId, Limits, Place, RequestId
from node.core.routing import Responsibility
from node.edge.codec import WordCodec
from node.service.adapters import UnitDesk
from node.service.desk import Desk
from node.service.evidence import Evidence
from node.service.folding import CaseCache
from node.service.fresh import SystemIds
from node.service.handle import Handler
from node.service.hlc import HybridClock
from node.service.holdings import Table
from node.service.profile import Profile
from node.service.receive import Receiver
from node.service.stock.room import Stock
from node.service.surroundings import Surroundings, uuid_text
from node.service.timers import Timers
from node.service.views import Reply
from node.store import stock
from node.store.repository import NodeStore
from node.store.schema import migrate
from tests.audits import AUDIT

CITY, DISTRICT, STREET, OTHER = "420200", "420203", "420203001", "420204"
PARENTS = {CITY: "", DISTRICT: CITY, OTHER: CITY, STREET: DISTRICT}
STANDARD = "GB/T 47678.5-2026"
BEGIN = datetime(2026, 3, 2, 1, 0, tzinfo=UTC)
EVERYTHING = frozenset(Capability)


@dataclass
class Keys:
    """A keyring that knows the town's keys and its tree."""

    private: Mapping[str, Ed25519PrivateKey]
    parents: Mapping[str, str]

    def public(self, key_id: str, node: NodeId, at_us: int) -> Ed25519Key | None:
        if key_id != f"key-{node}" or node not in self.private:
            return None
        return Ed25519Key.of(self.private[node].public_key().public_bytes_raw())

    def refusal(self, key_id: str, node: NodeId, at_us: int) -> str:
        return "" if self.public(key_id, node, at_us) is not None else "key.unknown"

    def parent_of(self, node: NodeId) -> NodeId | None:
        parent = self.parents.get(node, "")
        return NodeId(parent) if parent else None

    def name_of(self, node: NodeId) -> str:
        return node if node in self.parents else ""

    def is_below(self, node: NodeId, ancestor: NodeId) -> bool:
        at = self.parents.get(node, "")
        while at:
            if at == ancestor:
                return True
            at = self.parents.get(at, "")
        return False

    def serial(self) -> int:
        return 1


@dataclass
class End:
    """One end of a link."""

    link: LinkId
    sealing: Sealing
    applier: Applier
    settler: Settler


class TestOffice:
    """One node of the town."""

    __test__ = False

    def __init__(
        self,
        world: World,
        node: str,
        *,
        url: str,
        auto_route: bool,
        relay: Relay,
        adapters: tuple[str, ...],
    ) -> None:
        self.node = node
        self.world = world
        self.url = url
        migrate(url)
        self.writer = GroupWriter(url, clock=lambda: world.now_us * 1000)
        self.writer.start()
        self.store = NodeStore()
        self.codec = WordCodec()
        self.surroundings = Surroundings(
            node=node,
            name=node,
            parent=PARENTS[node],
            adapters=adapters,
            profile=Profile(
                title=node, capabilities=EVERYTHING, auto_route=auto_route, relay_done=relay
            ),
            ids=world.ids,
            tree=world.keys,
            children=[child for child, parent in PARENTS.items() if parent == node],
        )
        self.desk = Desk(
            store=self.store,
            codec=self.codec,
            clock=HybridClock(),
            surroundings=self.surroundings,
        )
        self.stock = Stock(
            store=stock,
            codec=self.codec,
            clock=self.desk.clock,
            writer=self.writer,
            surroundings=self.surroundings,
            now_us=lambda: world.now_us,
        )
        self.receiver = Receiver(self.desk, Evidence(self.desk), self.stock)
        self.handler = Handler(desk=self.desk, writer=self.writer, audit=AUDIT, keep_h=72)
        self.units = UnitDesk(
            desk=self.desk,
            writer=self.writer,
            audit=AUDIT,
            now_us=lambda: world.now_us,
            lease_s=60,
            retry_first_s=2,
            retry_max_s=300,
        )
        self.timers = Timers(
            desk=self.desk,
            writer=self.writer,
            now_us=lambda: world.now_us,
            batch=100,
            poll_s=15,
            housekeeping=self.handler.forget,
        )
        self.ends = {peer: self._end(peer) for peer in self._peers()}

    def _peers(self) -> Iterable[str]:
        if PARENTS[self.node]:
            yield PARENTS[self.node]
        yield from (child for child, parent in PARENTS.items() if parent == self.node)

    def _end(self, peer: str) -> End:
        is_parent = PARENTS[self.node] == peer
        parent, child = (peer, self.node) if is_parent else (self.node, peer)
        link = link_id(parent=NodeId(parent), child=NodeId(child))
        self.writer.run(
            lambda tx: links.create(tx, link=link, peer=NodeId(peer), peer_is_parent=is_parent)
        )
        applier = Applier(
            link=link,
            me=NodeId(self.node),
            peer=NodeId(peer),
            peer_is_parent=is_parent,
            application=self.receiver,
            ids=self.world.ids,
            report=self.world.report,
        )
        sealing = Sealing(
            link=link,
            me=NodeId(self.node),
            peer=NodeId(peer),
            signers=[
                Ed25519Signer(
                    key_id=f"key-{self.node}", private=self.world.keys.private[self.node]
                )
            ],
            keys=self.world.keys,
            lower=self.receiver.lower,
        )
        settler = Settler(applier=applier, keys=self.world.keys)
        return End(link=link, sealing=sealing, applier=applier, settler=settler)

    # --- what a test says and sees -----------------------------------------------------------

    def do(self, command: cmd.Command) -> Reply:
        return self.writer.run(lambda tx: self.handler.carry_out(tx, command))

    def case(self, case_id: str) -> Case | None:
        row = self.writer.run_read(lambda conn: self.store.load_cases(conn, [case_id])).get(case_id)
        return None if row is None else CaseCache(1).read(case_id, bytes(row.state))

    def journal(self, case_id: str) -> list[str]:
        rows = self.writer.run_read(
            lambda conn: self.store.case_journal(conn, case_id, 0, 1000)
        )
        return [row["event_type"] for row in rows]

    def traces(self, case_id: str) -> list[tuple[str, int, str]]:
        rows = self.writer.run_read(lambda conn: self.store.case_traces(conn, case_id, 1000))
        return sorted((row["node"], row["version"], row["event_type"]) for row in rows)

    def waiting(self, peer: str) -> int:
        link = self.ends[peer].link
        drafts, unacked = self.writer.run_read(lambda conn: links.counts(conn, link))
        return drafts + unacked

    def work(self) -> list[str]:
        rows = self.writer.run_read(lambda conn: self.store.work_items(conn, limit=100))
        return [row["kind"] for row in rows]


@dataclass
class World:
    """The town: its clock, its keys, its offices."""

    now_us: int = int(BEGIN.timestamp() * 1e6)
    ids: SystemIds = field(default_factory=SystemIds)
    offices: dict[str, TestOffice] = field(default_factory=dict)
    errors: list[tuple[str, Exception]] = field(default_factory=list)
    count: itertools.count[int] = field(default_factory=lambda: itertools.count(1))

    def __post_init__(self) -> None:
        self.keys = Keys({node: Ed25519PrivateKey.generate() for node in PARENTS}, PARENTS)

    def report(self, what: str, error: Exception) -> None:
        self.errors.append((what, error))

    def open(
        self,
        node: str,
        folder: Path | str,
        *,
        auto_route: bool = False,
        relay: Relay = Relay.AUTO,
        adapters: tuple[str, ...] = (),
    ) -> TestOffice:
        url = folder if isinstance(folder, str) else f"sqlite:///{folder / node}.db"
        office = TestOffice(
            self, node, url=url, auto_route=auto_route, relay=relay, adapters=adapters
        )
        self.offices[node] = office
        return office

    def close(self) -> None:
        for office in self.offices.values():
            office.units.close()
            office.writer.stop()
        assert not self.errors, self.errors

    def pass_time(self, **amount: float) -> None:
        self.now_us += int(timedelta(**amount).total_seconds() * 1e6)

    # --- carrying ----------------------------------------------------------------------------

    def carry(self, origin: str, dest: str, *, ack: bool = True) -> int:
        """One frame from one end to the other, as the link's driver would do it."""
        a, b = self.offices[origin], self.offices[dest]
        one, other = a.ends[dest], b.ends[origin]

        def number(tx: Tx) -> tuple[bytes, ...]:
            row = links.read(tx.conn, one.link)
            assert row is not None
            planned = outbox.plan(tx.conn, one.link, FRAME_ENVELOPES_MAX)
            if planned:
                seal = steps.Seal(
                    rows=planned, base=row.out, head=row.out_head, types=(), ticket=1
                )
                operations.number(
                    tx, row, steps.Number(base=row.out, rows=one.sealing.seal(seal))
                )
            kept = outbox.load(
                tx.conn, one.link, after=row.acked, limit=FRAME_ENVELOPES_MAX, bytes_max=2**20
            )
            return tuple(sealed.sealed for sealed in kept)

        envelopes = a.writer.run(number)
        if not envelopes:
            return 0
        frame = msg.Frame(link=one.link, origin=NodeId(origin), envelopes=envelopes)
        verified = other.sealing.verify(frame, self.now_us)
        assert verified.flaw is None, verified.detail

        def take(tx: Tx) -> steps.Accepted:
            row = links.read(tx.conn, other.link)
            assert row is not None
            accept = steps.Accept(envelopes=verified.envelopes, offset_ms=0)
            return operations.accept(tx, other.applier, row, accept)

        accepted = b.writer.run(take)
        if ack:
            said = msg.Ack(
                inn=accepted.inn, in_head=accepted.in_head, credit=512, sent_at_us=self.now_us
            )

            def acknowledge(tx: Tx) -> None:
                row = links.read(tx.conn, one.link)
                assert row is not None
                operations.acknowledge(tx, row, steps.Acknowledge(ack=said))

            a.writer.run(acknowledge)
        return accepted.fresh

    def settle(self, *pairs: tuple[str, str]) -> None:
        """Carry everywhere (or between these pairs) until nothing moves."""
        chosen = pairs or tuple(
            (node, peer)
            for node, office in self.offices.items()
            for peer in office.ends
            if peer in self.offices
        )
        for _ in range(100):
            if not sum(self.carry(origin, dest) for origin, dest in chosen):
                return
        raise AssertionError("the town does not come to rest")

    # --- what people ask for -----------------------------------------------------------------

    def fresh(self) -> str:
        return uuid_text(self.ids.uuid7())

    def head(self, case_id: str) -> dict[str, object]:
        return {
            "command_id": CommandId(self.fresh()),
            "actor": "clerk",
            "case_id": CaseId(case_id),
        }

    def file_case(self, office: TestOffice, *, code: str = "01001", area: str = STREET) -> str:
        case_id = self.fresh()
        office.do(
            cmd.OpenCase(
                **self.head(case_id),  # type: ignore[arg-type]
                case_no="",
                category=Category(
                    standard_ref=STANDARD, kind="component", code=code, name="供水井盖"
                ),
                place=Place(area=area, address="湖滨大道 1 号", lon=115.04, lat=30.2),
                text="井盖破损",
                source="collector",
            )
        )
        office.do(cmd.File(**self.head(case_id)))  # type: ignore[arg-type]
        return case_id

    def dispatch(self, office: TestOffice, case_id: str, to: str, *, hours: float = 8) -> Reply:
        finish_by = datetime.fromtimestamp(self.now_us / 1e6, UTC) + timedelta(hours=hours)
        return office.do(
            cmd.Dispatch(
                **self.head(case_id),  # type: ignore[arg-type]
                to=Address.parse(to),
                limits=Limits(finish_by=finish_by, calendar="default"),
                text="请处置",
            )
        )

    def limits(self, *, hours: float) -> Limits:
        finish_by = datetime.fromtimestamp(self.now_us / 1e6, UTC) + timedelta(hours=hours)
        return Limits(finish_by=finish_by, calendar="default")

    def request_id(self) -> RequestId:
        return RequestId(self.fresh())


def routes(*rows: tuple[str, str]) -> Table:
    """A responsibility table: area prefix, assignee."""
    return Table(
        Responsibility(
            standard_ref=STANDARD, kind="", code="", area=area, assignee=Address.parse(to)
        )
        for area, to in rows
    )


