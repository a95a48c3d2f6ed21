"""Joining over the network with whole nodes: invited, named by the root, talking, and ended."""

from __future__ import annotations

import asyncio
import json
import ssl
import sys
import time
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import UTC, datetime, timedelta
from pathlib import Path

import grpc
import pytest
from prometheus_client import CollectorRegistry
from sqlalchemy import select

from hub.enrol import door as doors
from hub.enrol.caller import EnrolCaller, authority_at
from hub.enrol.invitation import EnrolState, Invitation
from hub.errors import FabricError
from hub.ids import NodeId
from hub.ports import free_port
from hub.roster import join
from hub.roster.identity import Identity
from hub.roster.keys import TlsKey
from node.core import commands as cmd
from node.core.errors import Refused
from node.core.facts import Address, Limits
from node.main.serving import Running, running
from node.service.audit import PRESENT, Presence
from node.settings import Settings, load
from node.store.tables import audit_log
from tests.integration.node.town import head, opened, until
from tests.trees import CITY, DISTRICT, STREET, newcomer

WANMI = (sys.executable, "-m", "node.cli")
MINUTE_S = 60.0


async def wanmi(*args: str, home: Path, fails: bool = False) -> dict[str, object]:
    """One command in a process of its own, as an operator runs it; what it said as JSON."""
    process = await asyncio.create_subprocess_exec(
        *WANMI, *args, "--home", str(home), "--json",
        stdout=asyncio.subprocess.PIPE, stderr=asyncio.subprocess.PIPE)
    out, err = await process.communicate()
    assert (process.returncode != 0) is fails, (args, out, err)
    text = (err if fails else out).decode()
    said: dict[str, object] = json.loads(text[text.index("{"):])
    return said


@asynccontextmanager
async def served(home: Path) -> AsyncIterator[Running]:
    settings = load(home)
    async with running(settings, registry=CollectorRegistry()) as node:
        yield node


async def made_root(folder: Path, *, nats: bool, more: str = "") -> Path:
    home = folder / CITY
    await wanmi(
        "init", "--id", CITY, "--name", "黄石市", "--profile", "city", *ports(nats), home=home)
    settle(home, more)
    return home


def ports(nats: bool) -> tuple[str, ...]:
    return (
        "--http-port", "0", "--grpc-port", str(free_port()), "--nats-port", str(free_port()),
        *(("--nats",) if nats else ()))


def settle(home: Path, more: str = "") -> None:
    file = home / "wanmi.toml"
    file.write_text(file.read_text("utf-8") + f"\n[enrol]\nport = 0\n{more}", encoding="utf-8")


async def invited(node: Running, whom: str, **more: object) -> str:
    given = {
        "name": f"节点 {whom}", "life": timedelta(hours=1), "approve": False, "rekey": False,
        "at": (), "grpc": (), "nats": (), "actor": "li", **more}
    # As the door does for whoever calls; nothing that begins here may go on in their name.
    token = PRESENT.set(Presence(actor="li", roles=frozenset({"*"}), origin="desk"))
    try:
        return (await node.office.invitations.create(whom, **given)).text  # type: ignore[arg-type]
    finally:
        PRESENT.reset(token)


async def told(node: Running, whom: str) -> list[tuple[str, str, str, str]]:
    """Action, actor, roles and origin of what the audit log says of a node."""
    query = select(audit_log).where(audit_log.c.subject == f"node:{whom}").order_by(audit_log.c.n)
    rows = await node.writer.read(lambda conn: conn.execute(query).all())
    return [(row.action, row.actor, row.roles, row.origin) for row in rows
            if row.action != "StartNode"]


async def enrolled(folder: Path, whom: str, text: str, *, nats: bool, prefer: str) -> Path:
    """``wanmi enrol`` as a script runs it; well under a minute."""
    home, file = folder / whom, folder / f"{whom}.invitation"
    file.write_text(text, encoding="utf-8")
    began = time.monotonic()
    said = await wanmi(
        "enrol", "--invitation", str(file), "--prefer", prefer, *ports(nats), home=home)
    assert time.monotonic() - began < MINUTE_S
    assert said["node"] == whom
    settle(home)
    return home


def roster_of(node: Running) -> dict[str, tuple[str, ...]]:
    roster = node.fabric._keeper.roster
    assert roster is not None
    return {one.id: one.capabilities for one in roster.members}


@pytest.mark.parametrize("carrier", ["GRPC", pytest.param("NATS", marks=pytest.mark.nats)])
def test_a_city_invites_a_district_and_that_a_street(tmp_path: Path, carrier: str) -> None:
    nats = carrier == "NATS"

    async def story() -> None:
        home = await made_root(tmp_path, nats=nats)
        async with served(home) as city:
            assert city.fabric.grpc_port == 0  # nobody is invited, nothing is open
            text = await invited(city, DISTRICT)
            district_home = await enrolled(
                tmp_path, DISTRICT, text, nats=nats, prefer=carrier)
            assert city.fabric.grpc_port  # its link can be dialled at once
            assert await told(city, DISTRICT) == [
                ("InviteNode", "li", "*", "desk"),
                ("EnrolNode", DISTRICT, "", "ipv4:127.0.0.1"),
                ("EnrolNode", DISTRICT, "", "ipv4:127.0.0.1"),
            ]
            async with served(district_home) as district:
                street_home = await enrolled(
                    tmp_path, STREET, await invited(district, STREET), nats=False,
                    prefer=carrier)
                async with served(street_home) as street:
                    nodes = (city, district, street)

                    async def known() -> bool:
                        return all(STREET in roster_of(one) for one in nodes)

                    await until("the street in everybody's roster", known)
                    assert "intake" in roster_of(city)[STREET]

                    async def up() -> bool:
                        links = [*await district.office.neighbours.links(),
                                 *await street.office.neighbours.links()]
                        return len(links) == 3 and all(
                            one.connected and one.carrier == carrier for one in links)

                    await until(f"three links up on {carrier}", up)
                    await a_case_goes_down(city, district)

                    await district.office.membership.retire(
                        STREET, actor="li", reason="单位已撤并")

                    async def ended() -> bool:
                        roster = city.fabric._keeper.roster
                        member = roster.member(STREET) if roster else None
                        return member is not None and all(
                            key.revoked_from_us for key in member.sign_keys)

                    await until("the root's roster to end its keys", ended)

                    async def refused() -> bool:
                        [link] = await street.office.neighbours.links()
                        return not link.connected

                    await until("the street to be cut off", refused)
                    await asyncio.sleep(2.0)
                    assert await refused()
                    spki = Identity.load(load(street_home).keys).tls.spki_digest()
                    admitted = district.fabric._keeper.admit(frozenset({STREET}), spki)
                    assert admitted is None

    asyncio.run(story())


async def a_case_goes_down(city: Running, district: Running) -> None:
    """A test case of the city reaches the district that has just joined."""
    case_id = await opened(city)
    await city.office.handle(cmd.Dispatch(
        **head(city, case_id), to=Address.parse(f"node:{DISTRICT}"),
        limits=Limits(finish_by=datetime.now(UTC) + timedelta(hours=4))))

    async def arrived() -> bool:
        try:
            return (await district.office.case(case_id))["status"] == "held"
        except Refused:
            return False

    await until("the order at the new district", arrived)


def test_an_office_needs_a_second_administrator_and_the_root_looks_at_new_members(
    tmp_path: Path,
) -> None:
    async def story() -> None:
        home = await made_root(
            tmp_path, nats=False, more="second_approver = true\n\n[roster]\napprove = true\n")
        async with served(home) as city:
            file = tmp_path / "d.invitation"
            file.write_text(await invited(city, DISTRICT), encoding="utf-8")
            args = ("enrol", "--invitation", str(file), "--no-wait", *ports(False))
            district_home = tmp_path / DISTRICT
            waits = await wanmi(*args, home=district_home, fails=True)
            assert waits["code"] == "enrol.not_yet"
            with pytest.raises(FabricError) as err:
                await city.office.invitations.approve(DISTRICT, actor="li")
            assert err.value.code == "invite.same_person"
            # Run again, this time with patience: it goes on as soon as it may.
            asking = asyncio.create_task(wanmi(
                *(one for one in args if one != "--no-wait"), home=district_home))
            await asyncio.sleep(4.0)
            assert not asking.done()
            await city.office.invitations.approve(DISTRICT, actor="wang")
            said = await asking
            assert said["parent"] == CITY
            assert (await wanmi(*args, home=district_home))["parent"] == CITY  # and once more
            settle(district_home)
            async with served(district_home) as district:
                await enrolled(
                    tmp_path, STREET, await invited(district, STREET), nats=False, prefer="GRPC")

                async def waiting() -> bool:
                    return [one.node for one in await city.office.membership.claims()] == [STREET]

                await until("the claim to wait at the root", waiting)
                assert STREET not in roster_of(city)
                await city.office.membership.approve(STREET, actor="wang")

                async def known() -> bool:
                    return STREET in roster_of(city) and STREET in roster_of(district)

                await until("the street to be named", known)
                assert await city.office.membership.claims() == []

    asyncio.run(story())


def settings_in(folder: Path) -> Settings:
    return load(folder / CITY)


def test_whoever_sits_in_between_is_found_out(tmp_path: Path) -> None:
    async def story() -> None:
        home = await made_root(tmp_path, nats=False)
        async with served(home) as city:
            paper = Invitation.from_text(await invited(city, DISTRICT))
            child = newcomer(tmp_path / "c", NodeId(DISTRICT), NodeId(CITY))
            request = join.make_join_request(child, now_us=time.time_ns() // 1000)
            genuine = await authority_at(paper.at[0], fingerprint=paper.authority)

            # Somebody with an authority of its own, under the same names.
            other = newcomer(tmp_path / "o", NodeId(CITY), None)
            now_us = time.time_ns() // 1000
            certificate = other.server_certificate(hosts=("localhost",), now_us=now_us)
            chain = tmp_path / "chain.pem"
            chain.write_text(certificate.pem + other.authority(now_us=now_us).pem)
            key = tmp_path / "key.pem"
            assert isinstance(other.tls, TlsKey)
            key.write_bytes(other.tls.pem())
            context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
            context.load_cert_chain(chain, key)
            context.set_alpn_protocols(["h2"])
            heard: list[bytes] = []

            async def listen(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
                heard.append(await reader.read(1000))
                writer.close()

            server = await asyncio.start_server(listen, "127.0.0.1", 0, ssl=context)
            between = f"localhost:{server.sockets[0].getsockname()[1]}"
            async with server:
                with pytest.raises(FabricError) as err:
                    await authority_at(between, fingerprint=paper.authority)
                assert err.value.code == "enrol.fingerprint"
                # And should it have passed the chain on and answered by itself afterwards:
                caller = EnrolCaller(paper, between, authority=genuine)
                with pytest.raises(FabricError) as err:
                    await caller.submit(request, (child.sign,))
                await caller.close()
                assert err.value.code in ("enrol.certificate", "enrol.unreachable")
                assert paper.token not in b"".join(heard)

    asyncio.run(story())


def test_the_door_for_strangers_leads_to_no_link_and_is_shut_when_nobody_is_invited(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(doors, "REFUSAL_S", 0.2)

    async def story() -> None:
        home = await made_root(tmp_path, nats=False)
        async with served(home) as city:
            paper = Invitation.from_text(await invited(city, DISTRICT))
            genuine = await authority_at(paper.at[0], fingerprint=paper.authority)
            credentials = grpc.ssl_channel_credentials(root_certificates=genuine.encode())
            async with grpc.aio.secure_channel(paper.at[0], credentials) as channel:
                for method in ("Sync", "Bulk", "Ask"):
                    call = channel.stream_stream(f"/hub.v1.Link/{method}")()
                    assert await call.code() is grpc.StatusCode.UNIMPLEMENTED
                huge = channel.unary_unary("/hub.v1.Enrol/Submit")
                with pytest.raises(grpc.aio.AioRpcError) as too_large:
                    await huge(bytes(doors.MESSAGE_BYTES_MAX + 1))
                assert too_large.value.code() is grpc.StatusCode.RESOURCE_EXHAUSTED
                with pytest.raises(grpc.aio.AioRpcError) as rubbish:
                    await channel.unary_unary("/hub.v1.Enrol/Challenge")(b"\x0a\x02xy")
                assert rubbish.value.code() is grpc.StatusCode.INVALID_ARGUMENT

            child = newcomer(tmp_path / "c", NodeId(DISTRICT), NodeId(CITY))
            request = join.make_join_request(child, now_us=time.time_ns() // 1000)
            wrong = Invitation.from_text(paper.to_text())
            object.__setattr__(wrong, "token", bytes(32))
            stranger = EnrolCaller(wrong, paper.at[0], authority=genuine)
            answers = set()
            for _ in range(4):  # with the one that nobody could read, five
                began = time.monotonic()
                heard = await stranger.submit(request, (child.sign,))
                assert time.monotonic() - began >= 0.2
                assert heard.state is EnrolState.REFUSED
                answers.add((heard.code, heard.detail))
            assert len(answers) == 1
            with pytest.raises(FabricError) as busy:
                await stranger.submit(request, (child.sign,))
            assert busy.value.code == "enrol.busy"
            await stranger.close()

            await city.office.invitations.withdraw(DISTRICT, actor="li")
            with pytest.raises(FabricError) as shut:
                await authority_at(paper.at[0], fingerprint=paper.authority)
            assert shut.value.code == "enrol.unreachable"

    asyncio.run(story())
