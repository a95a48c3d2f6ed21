"""A federation on one suite, on the other, and mixed: everybody verifies everybody."""

from __future__ import annotations

import asyncio
import sqlite3
import time
from contextlib import closing
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from hub import wire
from hub.envelope import Alg
from hub.roster import join
from hub.roster.documents import Endpoints
from hub.roster.identity import Identity
from hub.suites.registry import ED25519, SM2
from node.core import commands as cmd
from node.core.errors import Refused
from node.core.facts import Address, Limits
from node.settings import Keyring
from tests.integration.node.test_nodes import there_and_back
from tests.integration.node.town import Plan, head, opened, plan, until
from tests.trees import CITY, DISTRICT, STREET

DIGEST = {ED25519: Alg.SHA256, SM2: Alg.SM3}


def sealed_by(home: Path) -> list[tuple[set[str], Alg]]:
    """Signature algorithms and digest of every envelope that a node keeps of its own words."""
    with closing(sqlite3.connect(home / "data" / "wanmi.db")) as conn:
        rows = conn.execute("SELECT sealed FROM outbox WHERE sealed IS NOT NULL").fetchall()
    found = []
    for (sealed,) in rows:
        header, _, seals = wire.sealed_parts(sealed)
        found.append(({alg for alg, _, _ in seals}, wire.header_from(header).digest_alg))
    return found


async def handed_down(town: Plan) -> None:
    """A case goes from the city to the district and its answer comes back."""
    async with town.running(CITY, DISTRICT) as node:
        city, district = node[CITY], node[DISTRICT]
        case_id = await opened(city)
        limits = Limits(finish_by=datetime.now(UTC) + timedelta(hours=4))
        await city.office.handle(cmd.Dispatch(
            **head(city, case_id), to=Address.parse(f"node:{DISTRICT}"), limits=limits))

        async def arrived() -> bool:
            try:
                return (await district.office.case(case_id))["status"] == "held"
            except Refused:
                return False

        await until("the order at the district", arrived)
        await district.office.handle(cmd.Sign(**head(district, case_id)))

        async def signed() -> bool:
            timeline = await city.office.timeline(case_id)
            return any(one["node"] == DISTRICT for one in timeline["entries"])

        await until("the district's own entry at the city", signed)


def seen(home: Path, before: int) -> tuple[int, list[tuple[list[str], Alg]]]:
    """How many envelopes the home keeps of its own, and the seals of those after ``before``."""
    found = sealed_by(home)
    return len(found), [(sorted(algs), digest) for algs, digest in found[before:]]


def test_a_district_goes_over_to_sm2_while_it_works(tmp_path: Path) -> None:
    """One seal, then both (which the city first half knows and then asks for), then the new one;
    no word is lost or refused in between."""
    town = plan(tmp_path, street=False)
    home = tmp_path / DISTRICT
    now_us = time.time_ns() // 1_000
    asyncio.run(handed_down(town))
    at, said = seen(home, 0)
    assert set(map(repr, said)) == {repr(([ED25519], Alg.SHA256))}

    district = Identity.load(home / "keys").going_over(SM2, now_us=now_us)
    asyncio.run(handed_down(town))  # the city knows nothing of it yet
    at, said = seen(home, at)
    assert set(map(repr, said)) == {repr(([ED25519, SM2], Alg.SHA256))}

    city = Identity.load(tmp_path / CITY / "keys")
    request = join.make_join_request(district, now_us=now_us)
    join.accept(city, request, endpoints=Endpoints(grpc=("localhost:1",)), now_us=now_us,
                rekey=True)
    strict = town.settings[CITY].model_copy(update={"keyring": Keyring(dual=(DISTRICT,))})
    asyncio.run(handed_down(Plan({**town.settings, CITY: strict})))
    at, said = seen(home, at)
    assert set(map(repr, said)) == {repr(([ED25519, SM2], Alg.SHA256))}
    with closing(sqlite3.connect(tmp_path / CITY / "data/wanmi.db")) as conn:
        assert conn.execute("SELECT dual_seal FROM link").fetchall() == [(1,)]

    district.gone_over()
    asyncio.run(handed_down(town))  # which takes the demand for two back as well
    _, said = seen(home, at)
    assert set(map(repr, said)) == {repr(([SM2], Alg.SM3))}
    with closing(sqlite3.connect(tmp_path / CITY / "data/wanmi.db")) as conn:
        assert conn.execute("SELECT dual_seal, state FROM link").fetchall()[0][0] == 0
        assert conn.execute("SELECT count(*) FROM quarantine").fetchall() == [(0,)]


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
