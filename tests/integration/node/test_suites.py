"""A federation on one suite, on the other, and mixed: everybody verifies everybody."""

from __future__ import annotations

import asyncio
import sqlite3
from contextlib import closing
from pathlib import Path

import pytest

from hub import wire
from hub.envelope import Alg
from hub.suites.registry import ED25519, SM2
from tests.integration.node.test_nodes import there_and_back
from tests.integration.node.town import plan
from tests.trees import CITY, DISTRICT, STREET

DIGEST = {ED25519: Alg.SHA256, SM2: Alg.SM3}


def sealed_by(home: Path) -> list[tuple[set[str], Alg]]:
    """Signature algorithms and digest of every envelope that a node keeps of its own words."""
    with closing(sqlite3.connect(home / "data" / "wanmi.db")) as conn:
        rows = conn.execute("SELECT sealed FROM outbox WHERE sealed IS NOT NULL").fetchall()
    found = []
    for (sealed,) in rows:
        head, _, seals = wire.sealed_parts(sealed)
        found.append(({alg for alg, _, _ in seals}, wire.header_from(head).digest_alg))
    return found


def check(folder: Path, suites: dict[str, str]) -> None:
    for node, suite in suites.items():
        found = sealed_by(folder / node)
        assert found, f"{node} said nothing"
        assert all(one == ({suite}, DIGEST[suite]) for one in found)


def test_three_nodes_on_sm2_over_grpc(tmp_path: Path) -> None:
    suites = dict.fromkeys((CITY, DISTRICT, STREET), SM2)
    asyncio.run(there_and_back(plan(tmp_path, suites=suites), (CITY, DISTRICT, STREET)))
    check(tmp_path, suites)


@pytest.mark.nats
def test_a_city_and_a_street_on_sm2_and_a_district_on_ed25519_over_mailboxes(
    tmp_path: Path,
) -> None:
    suites = {CITY: SM2, DISTRICT: ED25519, STREET: SM2}
    town = plan(tmp_path, nats=True, prefer="NATS", suites=suites)
    asyncio.run(there_and_back(town, (CITY, DISTRICT, STREET)))
    check(tmp_path, suites)


@pytest.mark.nats
def test_a_district_on_sm2_below_a_root_on_ed25519_over_both_carriers(tmp_path: Path) -> None:
    suites = {CITY: ED25519, DISTRICT: SM2, STREET: ED25519}
    asyncio.run(there_and_back(plan(tmp_path, nats=True, suites=suites),
                               (CITY, DISTRICT, STREET)))
    check(tmp_path, suites)
