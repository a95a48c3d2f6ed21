"""What links show to Prometheus. One set per process and registry; label ``link`` throughout."""

from __future__ import annotations

import time

from prometheus_client import CollectorRegistry, Counter, Gauge, Histogram

from hub.ids import LinkId
from hub.link.checkpoint import LinkState
from hub.link.quota import PARKED, PHOTOS, WORDS
from hub.link.status import LinkStatus
from hub.link.steps import Count, Report

RTT_SECONDS = (0.005, 0.01, 0.02, 0.05, 0.1, 0.2, 0.5, 1.0, 2.0, 5.0, 30.0)
CARRIERS = ("GRPC", "NATS", "MEMORY")


class LinkMetrics:
    """Counters are moved by the drivers, gauges by ``show`` whenever a status is taken."""

    def __init__(self, registry: CollectorRegistry) -> None:
        def gauge(name: str, text: str, *labels: str) -> Gauge:
            return Gauge(name, text, ["link", *labels], registry=registry)

        def counter(name: str, text: str, *labels: str) -> Counter:
            return Counter(name, text, ["link", *labels], registry=registry)

        self._state = gauge("hub_link_state", "1 for the state the link is in", "state")
        self._carrier = gauge("hub_link_carrier", "1 for the carrier spoken on", "carrier")
        self._contact = gauge(
            "hub_link_last_contact_seconds", "Seconds since the peer was heard"
        )
        self._drafts = gauge("hub_link_drafts_envelopes", "Words without a number")
        self._unacked = gauge(
            "hub_link_unacked_envelopes", "Numbered words the peer has not acknowledged"
        )
        self._oldest = gauge(
            "hub_link_oldest_undelivered_seconds",
            "Age of the oldest word without acknowledgement, drafts included",
        )
        self._backlog = gauge("hub_link_peer_backlog_envelopes", "What the peer has for us")
        self._credit = gauge("hub_link_credit_envelopes", "What the peer takes now")
        self._offset = gauge("hub_clock_offset_seconds", "Peer's clock minus ours")
        self._retries = counter("hub_link_retries", "Dials that were put off")
        self._rtt = Histogram(
            "hub_frame_rtt_seconds",
            "From a frame to its committed acknowledgement",
            ["link"],
            buckets=RTT_SECONDS,
            registry=registry,
        )
        self._envelopes = counter(
            "hub_envelopes", "Envelopes by direction and outcome", "dir", "outcome"
        )
        self._bytes = counter("hub_wire_bytes", "Bytes on carriers", "dir", "carrier")
        self._chain = counter("hub_chain_failures", "Forks found")
        self._seal = counter("hub_seal_failures", "Envelopes that did not open", "code")
        self._faults = counter("hub_faults", "Faults the peer told us of", "code")
        self._parked = gauge("hub_inbox_parked_envelopes", "Parked words", "code")
        self._parked_oldest = gauge(
            "hub_inbox_parked_oldest_seconds", "Age of the oldest parked word"
        )
        self._quarantine = gauge("hub_quarantine_items", "Pieces of evidence", "code")
        self._quota = gauge("hub_link_quota_reached", "The peer has had its share", "of")
        self._missing = gauge("hub_reconcile_missing_keys", "Found missing", "scope")
        self._surplus = gauge("hub_reconcile_surplus_keys", "Found in surplus", "scope")
        self._differ = gauge("hub_reconcile_differ_keys", "Found unequal", "scope")
        self._repaired = counter("hub_reconcile_repaired", "Said again", "scope")
        self._age = gauge(
            "hub_reconcile_age_seconds", "Seconds since the last completed round", "scope"
        )
        self._reconciled_at: dict[tuple[LinkId, str], float] = {}
        self._codes: dict[LinkId, set[str]] = {}

    def count(self, link: LinkId, moved: Count) -> None:
        """Carry out a ``Count`` of the machines."""
        match moved.metric:
            case "retries":
                self._retries.labels(link).inc(moved.n)
            case "frame_rtt":
                self._rtt.labels(link).observe(moved.n)
            case "envelopes_in":
                self._envelopes.labels(link, "in", moved.label).inc(moved.n)
            case "envelopes_out":
                self._envelopes.labels(link, "out", moved.label).inc(moved.n)
            case "chain_failures":
                self._chain.labels(link).inc(moved.n)
            case "seal_failures":
                self._seal.labels(link, moved.label).inc(moved.n)
            case "faults":
                self._faults.labels(link, moved.label).inc(moved.n)
            case "reconcile_repaired":
                self._repaired.labels(link, moved.label).inc(moved.n)
            case _:
                self._envelopes.labels(link, "in", moved.metric.upper()).inc(moved.n)

    def moved_bytes(self, link: LinkId, *, direction: str, carrier: str, count: int) -> None:
        self._bytes.labels(link, direction, carrier).inc(count)

    def show(self, status: LinkStatus, *, now_us: int) -> None:
        """Set the gauges from one look at a link."""
        link = status.link
        for state in LinkState:
            self._state.labels(link, state.value).set(status.state is state)
        for carrier in CARRIERS:
            self._carrier.labels(link, carrier).set(status.carrier == carrier)
        if status.last_contact_us:
            self._contact.labels(link).set((now_us - status.last_contact_us) / 1e6)
        self._backlog.labels(link).set(status.peer_backlog)
        self._credit.labels(link).set(status.credit)
        self._offset.labels(link).set(status.offset_s)

    def show_store(
        self,
        link: LinkId,
        *,
        now_us: int,
        drafts: int,
        unacked: int,
        oldest_us: int | None,
        parked: dict[str, tuple[int, int]],
        quarantined: dict[str, int],
    ) -> None:
        """Set the gauges that are counted in the database (one reader query each)."""
        self._drafts.labels(link).set(drafts)
        self._unacked.labels(link).set(unacked)
        self._oldest.labels(link).set(0 if oldest_us is None else (now_us - oldest_us) / 1e6)
        # A code whose last word was settled must fall to nothing, not stay where it was.
        codes = self._codes.setdefault(link, set())
        codes |= parked.keys()
        for code in codes:
            self._parked.labels(link, code).set(parked.get(code, (0, 0))[0])
        oldest = min((since for _, since in parked.values()), default=now_us)
        self._parked_oldest.labels(link).set((now_us - oldest) / 1e6)
        for code, count in quarantined.items():
            self._quarantine.labels(link, code).set(count)

    def reached(self, link: LinkId, bounds: tuple[str, ...]) -> None:
        """Which bounds of its quota the peer has reached."""
        for bound in (WORDS, PHOTOS, PARKED):
            self._quota.labels(link, bound).set(bound in bounds)

    def reconciled(self, link: LinkId, report: Report) -> None:
        """A round of anti-entropy ended without an error."""
        self._missing.labels(link, report.scope).set(report.missing)
        self._surplus.labels(link, report.scope).set(report.surplus)
        self._differ.labels(link, report.scope).set(report.differ)
        place = (link, report.scope)
        self._reconciled_at[place] = time.monotonic()
        self._age.labels(*place).set_function(
            lambda: time.monotonic() - self._reconciled_at[place]
        )
