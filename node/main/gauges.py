"""What a whole node shows to Prometheus beside its links and its writer.

Looked at every few seconds on the side, so that a scrape costs no query and never waits for a
broker: ``/metrics`` shows the last look.
"""

from __future__ import annotations

import asyncio
import time
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING

from prometheus_client import CollectorRegistry, Gauge
from prometheus_client.core import CounterMetricFamily, GaugeMetricFamily, Metric
from prometheus_client.registry import Collector
from sqlalchemy import Connection

from hub.roster.keeper import RosterKeeper
from hub.store import blobs, rosters
from hub.store.blobs import BlobState
from hub.store.tx import Writer
from node.main.fabric import Fabric
from node.main.rooms import Rooms
from node.store.gauges import gauges

if TYPE_CHECKING:
    from node.main.several import Several

LOOK_S = 10.0
"""Between two looks: certificates and disks change slowly, and a scrape comes every 15 s."""
LAG_S = 0.5
"""How long the lag probe sleeps; what it oversleeps is what everything else waited."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Counted:
    """What one query round found."""

    node: Mapping[str, int | None]
    blobs: Mapping[BlobState, tuple[int, int]]
    certificates: Mapping[str, int]
    """Link: when the newest certificate we issued to it ends, in µs."""


class NodeGauges(Collector):
    """One per process and registry."""

    def __init__(
        self,
        registry: CollectorRegistry,
        *,
        writer: Writer,
        keeper: RosterKeeper,
        fabric: Fabric,
        rooms: Rooms,
        now_us: Callable[[], int],
        several: Several | None = None,
    ) -> None:
        self._several = several
        self._writer = writer
        self._keeper = keeper
        self._fabric = fabric
        self._rooms = rooms
        self._now_us = now_us
        self._shown: tuple[Metric, ...] = ()
        self._lag = Gauge(
            "hub_loop_lag_seconds", "How late the event loop came to a waiting task, of late",
            registry=registry,
        )
        registry.register(self)

    def describe(self) -> Iterable[Metric]:
        """Nothing at registration: the first look has not happened."""
        return ()

    def collect(self) -> Iterable[Metric]:
        return self._shown

    async def measure_lag(self) -> None:
        """Measure until cancelled; the worst of one look's length is shown."""
        worst, since = 0.0, time.monotonic()
        while True:
            began = time.monotonic()
            await asyncio.sleep(LAG_S)
            now = time.monotonic()
            worst = max(worst, now - began - LAG_S)
            self._lag.set(worst)
            if now - since >= LOOK_S:
                worst, since = 0.0, now

    async def look(self) -> None:
        """Take everything in once."""
        counted = await self._writer.read(_count)
        mailboxes = await self._fabric.mailboxes()
        now_us = self._now_us()
        receiver, due_us = self._rooms.receiver, counted.node["timer_next_due_at"]
        wanted = sum(
            counted.blobs.get(state, (0, 0))[1] for state in (BlobState.WANTED, BlobState.PARTIAL)
        )
        shown: list[Metric] = [
            _gauge("hub_disk_free_ratio", "Free share of the disk under the home directory",
                   1 - self._rooms.doctor.disk_used()),
            _gauge("hub_roster_serial", "Roster in use", self._keeper.newest_serial()),
            _gauge("hub_blob_wanted_bytes", "Photos announced and not here yet", wanted),
            CounterMetricFamily("hub_blob_gone", "Photos nobody can give any more",
                                value=counted.blobs.get(BlobState.GONE, (0, 0))[0]),
            CounterMetricFamily("hub_permission_violations", "Refused by a mailbox server",
                                value=self._fabric.violations),
            CounterMetricFamily("node_late_reports", "Words that came too late to move a case",
                                value=receiver.late),
            _gauge("node_assignments_live", "Assignments that somebody works on",
                   counted.node["assignments_live"] or 0),
            _gauge("node_timer_lateness_seconds", "How long the oldest due timer waits",
                   max(0, now_us - due_us) / 1e6 if due_us is not None else 0),
        ]
        if self._keeper.roster is not None:
            left = (self._keeper.roster.expires_at_us - now_us) / 1e6
            shown.append(_gauge("hub_roster_expiry_seconds", "Until the roster expires", left))
        if receiver.newest_trace_us:
            lag = (now_us - receiver.newest_trace_us) / 1e6
            shown.append(
                _gauge("node_trace_lag_seconds", "Age of the newest entry from below", lag)
            )
        shown.append(_labelled(
            "hub_certificate_expiry_seconds", "Until a child's newest certificate ends", "link",
            {link: (at - now_us) / 1e6 for link, at in counted.certificates.items()},
        ))
        shown.append(_labelled(
            "hub_mailbox_stored_bytes", "Bytes waiting in a mailbox", "box", mailboxes.stored
        ))
        if mailboxes.sync_always is not None:
            shown.append(_gauge("hub_mailbox_sync_always", "1 if mailboxes are synced at once",
                                mailboxes.sync_always))
        if mailboxes.servers_up is not None:
            shown.append(_gauge("hub_mailbox_servers_up", "Mailbox servers of the cluster that "
                                "answer and follow", mailboxes.servers_up))
        if self._several is not None:
            stand = self._several.stand
            shown += [
                _gauge("node_owner", "1 if this process owns the node", self._several.owns),
                _gauge("node_owner_term", "Rises with every takeover", stand.term),
                _gauge("node_owner_since_seconds", "How long the present owner has been that",
                       max(0, now_us - stand.since_us) / 1e6),
                _gauge("node_processes", "Processes that serve this node", len(stand.processes)),
            ]
        self._shown = tuple(shown)


def _count(conn: Connection) -> Counted:
    newest: dict[str, int] = {}
    for row in rosters.certificates(conn):
        if row.revoked_at_us is None:
            newest[row.link] = max(newest.get(row.link, 0), row.not_after_us)
    return Counted(node=gauges(conn), blobs=blobs.totals(conn), certificates=newest)


def _gauge(name: str, text: str, value: float) -> Metric:
    return GaugeMetricFamily(name, text, value=value)


def _labelled(name: str, text: str, label: str, values: Mapping[str, float]) -> Metric:
    family = GaugeMetricFamily(name, text, labels=[label])
    for key, value in sorted(values.items()):
        family.add_metric([key], value)
    return family
