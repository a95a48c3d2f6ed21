"""Certificates from the parent are renewed in time by running nodes, and after their end."""

from __future__ import annotations

import asyncio
import json
import socket
import sqlite3
import time
from contextlib import closing
from datetime import timedelta
from pathlib import Path

import pytest

from hub.enrol.lapsed import ask_at
from hub.ids import link_id
from hub.link.messages import Renew
from hub.ports import free_port
from hub.roster import authority, join, renewal
from hub.roster.identity import Identity
from node.main.serving import Running
from tests.integration.node.town import Plan, plan, until
from tests.trees import CITY, DISTRICT, STREET

UPPER = link_id(parent=CITY, child=DISTRICT)


def aged(
    folder: Path, monkeypatch: pytest.MonkeyPatch, *, left: timedelta, child: str = DISTRICT,
    parent: str = CITY,
) -> None:
    """The child's certificate ends in so long; it was made in time, and is two thirds over."""
    with monkeypatch.context() as patched:
        patched.setitem(authority.LinkAuthority._sign.__kwdefaults__, "life", left)
        patched.setattr(authority, "BACKDATE", timedelta(days=30) - left)
        above = Identity.load(folder / parent / "keys")
        below = Identity.load(folder / child / "keys")
        now_us = time.time_ns() // 1_000
        kit = below.kit()
        assert kit is not None
        request = join.make_join_request(below, now_us=now_us)
        # While it is still good: a kit that has ended already is not taken.
        fresh = join.accept(above, request, endpoints=kit.endpoints, now_us=now_us)
        if left > timedelta(0):
            join.enter(below, fresh, now_us=now_us)
        else:
            below.keep_kit(fresh)


async def up(node: Running) -> bool:
    one = node.fabric._drivers.get(UPPER)
    return one is not None and one.status().up


def serial(folder: Path, node: str = DISTRICT) -> str:
    kit = Identity.load(folder / node / "keys").kit()
    assert kit is not None
    return authority.read_certificate(kit.certificate).serial


def test_a_certificate_is_renewed_by_itself_when_it_is_time(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    town = plan(tmp_path, street=False)
    aged(tmp_path, monkeypatch, left=timedelta(days=8))
    before = serial(tmp_path)

    async def story() -> None:
        async with town.running(CITY, DISTRICT) as node:

            async def renewed() -> bool:
                return serial(tmp_path) != before and await up(node[DISTRICT])

            await until("a newer certificate", renewed)
            view = await node[DISTRICT].office.own_keys.view()
            assert view.certificate_ends is not None
            assert view.certificate_renews is not None
            child = Identity.load(tmp_path / CITY / "keys").child(DISTRICT)
            assert child is not None
            assert child.certificate.serial == serial(tmp_path)

            async def settled() -> bool:
                child = Identity.load(tmp_path / CITY / "keys").child(DISTRICT)
                return child is not None and not child.before

            await until("the city to hear it under the new one", settled)
            found = [one for one in await node[DISTRICT].office.findings()
                     if one.subject.startswith("certificate")]
            assert found == []

    asyncio.run(story())
    assert [("IssuePapers", DISTRICT)] == written(tmp_path / CITY)
    assert [("RenewPapers", None)] == written(tmp_path / DISTRICT)
    after = serial(tmp_path)
    asyncio.run(there_again(town))
    assert serial(tmp_path) == after, "and not again"


def written(home: Path) -> list[tuple[str, str | None]]:
    """What the audit log says of papers, and to whom."""
    with closing(sqlite3.connect(home / "data/wanmi.db")) as conn:
        rows = conn.execute(
            "SELECT action, detail FROM audit_log WHERE action LIKE '%Papers' ORDER BY n"
        ).fetchall()
    return [(action, json.loads(detail).get("child")) for action, detail in rows]


async def there_again(town: Plan) -> None:
    """The next start is under the new papers."""
    async with town.running(CITY, DISTRICT) as node:
        await until("the link", lambda: up(node[DISTRICT]))


def test_a_certificate_that_ran_out_is_renewed_at_the_door_for_invited_nodes(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Over gRPC nobody gets in with it; the sign key proves who asks."""
    town = plan(tmp_path, street=False)
    aged(tmp_path, monkeypatch, left=timedelta(days=-2))
    before = serial(tmp_path)
    port = free_port()
    city = town.settings[CITY]
    district = town.settings[DISTRICT]
    assert district.parent is not None
    town = Plan({
        CITY: city.model_copy(update={"enrol": city.enrol.model_copy(update={"port": port})}),
        DISTRICT: district.model_copy(update={"parent": district.parent.model_copy(
            update={"enrol": f"localhost:{port}"})}),
    })

    async def story() -> None:
        async with town.running(CITY, DISTRICT) as node:
            said = [one.sentence.say("zh") for one in await node[DISTRICT].office.findings()]
            assert any("证书已过期 2 天" in one for one in said) or serial(tmp_path) != before

            async def renewed() -> bool:
                return serial(tmp_path) != before and await up(node[DISTRICT])

            await until("a newer certificate and the link", renewed)

    asyncio.run(story())


def test_too_late_and_retired_children_get_nothing_at_the_door(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    town = plan(tmp_path)
    # The street's certificate has just ended, so the district's door is open; another is too late.
    aged(tmp_path, monkeypatch, left=timedelta(days=-2), child=STREET, parent=DISTRICT)
    port = free_port()
    district = town.settings[DISTRICT]
    town = Plan({**town.settings, DISTRICT: district.model_copy(
        update={"enrol": district.enrol.model_copy(update={"port": port})})})
    street = Identity.load(tmp_path / STREET / "keys")
    kit = street.kit()
    assert kit is not None

    async def ask(request: bytes) -> Renew:
        return await ask_at(f"localhost:{port}", Renew(request=request), authority=kit.ca)

    async def story() -> None:
        async with town.running(CITY, DISTRICT) as node:
            now_us = time.time_ns() // 1_000
            good = renewal.ask(street, now_us=now_us).to_json().encode()

            async def opened() -> bool:
                return node[DISTRICT].fabric is not None and _listens(port)

            await until("the door", opened)
            forged = good.replace(b'"name": "node', b'"name": "mode')
            assert forged != good
            assert (await ask(forged)).code == "enrol.refused"
            assert (await ask(b"{}")).code == "enrol.refused"
            await node[DISTRICT].office.membership.retire(STREET, actor="wang", reason="撤并")
            assert (await ask(good)).code == "enrol.refused"

    asyncio.run(story())


def _listens(port: int) -> bool:
    with socket.socket() as one:
        return one.connect_ex(("127.0.0.1", port)) == 0
