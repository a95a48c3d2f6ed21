"""What ``/metrics`` of a running node shows beside links and writer."""

from __future__ import annotations

import asyncio
from pathlib import Path

import pytest
from prometheus_client import CollectorRegistry, generate_latest

from node.main.serving import running
from tests.integration.node.town import plan, until
from tests.trees import CITY, DISTRICT

ALWAYS = {
    "hub_loop_lag_seconds", "hub_disk_free_ratio", "hub_roster_serial",
    "hub_roster_expiry_seconds", "hub_certificate_expiry_seconds", "hub_blob_wanted_bytes",
    "hub_blob_gone_total", "hub_permission_violations_total", "hub_mailbox_stored_bytes",
    "hub_mailbox_sync_always", "node_late_reports_total", "node_assignments_live",
    "node_timer_lateness_seconds", "hub_commit_seconds_count", "hub_writer_queue_operations",
    "hub_link_state", "hub_link_drafts_envelopes",
}


@pytest.mark.nats
def test_a_running_node_shows_everything_an_operator_watches(tmp_path: Path) -> None:
    async def story() -> None:
        town = plan(tmp_path, nats=True, street=False)
        registry = CollectorRegistry()

        def shown() -> dict[str, float]:
            samples = {}
            for line in generate_latest(registry).decode().splitlines():
                if not line.startswith("#"):
                    name, value = line.rsplit(" ", 1)
                    samples[name] = float(value)
            return samples

        async with running(town.settings[CITY], registry=registry):

            async def complete() -> bool:
                return {name.split("{")[0] for name in shown()} >= ALWAYS

            await until("every metric", complete)
            samples = shown()
            assert 0 < samples["hub_disk_free_ratio"] < 1
            assert samples["hub_roster_serial"] >= 1
            assert samples["hub_roster_expiry_seconds"] > 86_400
            assert samples["hub_mailbox_sync_always"] == 1
            link = f'{{link="{CITY}-{DISTRICT}"}}'
            assert samples[f"hub_certificate_expiry_seconds{link}"] > 20 * 86_400
            assert samples["node_late_reports_total"] == 0

    asyncio.run(story())
