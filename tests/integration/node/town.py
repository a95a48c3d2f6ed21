"""Whole nodes in one process: keys on disk, SQLite or PostgreSQL, real carriers on loopback."""

from __future__ import annotations

import asyncio
import time
from collections.abc import AsyncIterator, Awaitable, Callable, Mapping
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass
from pathlib import Path

from prometheus_client import CollectorRegistry
from pydantic import SecretStr

from hub.ports import free_port
from hub.roster.documents import Endpoints
from hub.suites.registry import ED25519
from node.core import commands as cmd
from node.core.facts import CaseId, Category, CommandId, Place
from node.main.serving import Running, running
from node.service.views import Responsibility
from node.settings import Database, Grpc, Http, Limits, Nats, Node, Parent, Settings
from node.store.schema import migrate
from tests.trees import CITY, DISTRICT, STREET, bring_in, newcomer

STANDARD = "GB/T 47678.5-2026"
DEADLINE_S = 30.0


@dataclass(frozen=True)
class Plan:
    """Settings of the nodes of one town."""

    settings: Mapping[str, Settings]

    @asynccontextmanager
    async def running(self, *nodes: str) -> AsyncIterator[dict[str, Running]]:
        """Run these nodes, parents first."""
        async with AsyncExitStack() as stack:
            yield {
                node: await stack.enter_async_context(
                    running(self.settings[node], registry=CollectorRegistry())
                )
                for node in nodes
            }


def plan(
    folder: Path,
    *,
    prefer: str = "GRPC",
    nats: bool = False,
    urls: Mapping[str, str] | None = None,
    street: bool = True,
    suites: Mapping[str, str] | None = None,
) -> Plan:
    """Homes, keys and databases for city, district and street. ``suites``: by node, where it is
    not Ed25519."""
    from hub.roster import join

    now_us = time.time_ns() // 1_000
    ports = {node: free_port() for node in (CITY, DISTRICT)}
    boxes = {node: free_port() for node in (CITY, DISTRICT)}
    nodes = (CITY, DISTRICT, STREET) if street else (CITY, DISTRICT)
    above = {DISTRICT: CITY, STREET: DISTRICT}
    identities = {
        node: newcomer(folder, node, above.get(node), now_us=now_us,
                       suite=(suites or {}).get(node, ED25519))
        for node in nodes
    }
    join.found(identities[CITY], now_us=now_us)
    settings: dict[str, Settings] = {}
    for node in nodes:
        parent = above.get(node)
        if parent is not None:
            bring_in(
                identities[parent],
                identities[node],
                identities[CITY],
                now_us=now_us,
                endpoints=Endpoints(
                    grpc=(f"localhost:{ports[parent]}",),
                    nats=(f"tls://localhost:{boxes[parent]}",) if nats else (),
                ),
            )
        home = folder / node
        for name in ("data", "blobs", "nats", "adapters"):
            (home / name).mkdir(exist_ok=True)
        url = (urls or {}).get(node, "")
        profile = {CITY: "city", DISTRICT: "district", STREET: "street"}[node]
        settings[node] = Settings(
            home=home,
            node=Node(
                id=node,
                name=node,
                profile=profile,
            ),
            parent=Parent(id=parent, prefer=prefer) if parent else None,  # type: ignore[arg-type]
            http=Http(port=0),
            grpc=Grpc(port=ports.get(node, 0)),
            nats=Nats(embedded=nats, port=boxes.get(node, 0)),
            database=Database(url=SecretStr(url)),
            limits=Limits(stop_grace_s=2.0),
        )
        migrate(settings[node].database_url)
    return Plan(settings)


async def until(
    what: str, condition: Callable[[], Awaitable[bool]], *, within_s: float = DEADLINE_S
) -> None:
    """Wait for a level; the failure names what was waited for."""
    deadline = time.monotonic() + within_s
    while not await condition():
        assert time.monotonic() < deadline, f"waited {within_s:g} s for {what}"
        await asyncio.sleep(0.05)


async def opened(node: Running, *, area: str = STREET) -> str:
    """A fresh case, filed."""
    office = node.office
    case_id = office.fresh_id()
    await office.handle(
        cmd.OpenCase(
            command_id=CommandId(office.fresh_id()),
            actor="hotline",
            case_id=CaseId(case_id),
            case_no="",
            category=Category(
                standard_ref=STANDARD, kind="component", code="01001", name="供水井盖"
            ),
            place=Place(area=area, address="湖滨大道 1 号"),
            text="井盖破损",
            source="superior",
            source_details=(("ordering_body", "市政府办公室"),),
        )
    )
    await office.handle(cmd.File(**head(node, case_id)))
    return case_id


def head(node: Running, case_id: str) -> dict[str, object]:
    return {
        "command_id": CommandId(node.office.fresh_id()),
        "actor": "clerk",
        "case_id": CaseId(case_id),
    }


async def routes(node: Running, *rows: tuple[str, str]) -> None:
    await node.office.import_responsibilities(
        [
            Responsibility(
                standard_ref=STANDARD, kind="", code="", area=area, assignee=to, duty="rectify"
            )
            for area, to in rows
        ]
    )
