"""The managed nats-server as a process: leftovers, deaths, wrong configurations, credentials."""

from __future__ import annotations

import asyncio
import json
import os
import signal
import sys
from pathlib import Path

import psutil
import pytest

from hub.errors import FabricError, Malformed, Unreachable
from hub.ids import NodeId
from hub.nats.accounts import Accounts, LinkAccount
from hub.nats.login import NatsLogin
from hub.nats.server import NatsServer, find_binary
from hub.roster.keys import NatsKey
from tests.pki import Pki

pytestmark = pytest.mark.nats


def server(tmp_path: Path, pki: Pki, **more: object) -> NatsServer:
    return NatsServer(
        home=tmp_path / "nats",
        name="420200",
        accounts=Accounts(),
        tls=pki.server,
        **more,  # type: ignore[arg-type]
    )


def alive(pid: int) -> bool:
    """Whether it runs; where nobody reaps orphans, a dead one stays listed as a zombie."""
    try:
        return psutil.Process(pid).status() != psutil.STATUS_ZOMBIE
    except psutil.NoSuchProcess:
        return False


def test_a_killed_node_leaves_no_server_in_the_way_of_the_next(tmp_path: Path) -> None:
    pki = Pki(tmp_path / "pki", parent="420200")

    async def main() -> None:
        node = await asyncio.create_subprocess_exec(
            *(sys.executable, "-m", "tests.integration.nats.parent_process", "server"),
            *(str(tmp_path / "nats"), str(tmp_path / "pki")),
            stdout=asyncio.subprocess.PIPE,
        )
        assert node.stdout is not None
        async with asyncio.timeout(30):
            first = json.loads(await node.stdout.readline())
        node.kill()
        await node.wait()
        second = server(tmp_path, pki, port=first["port"])
        await second.start()
        try:
            assert first["port"] == second.port
            assert first["pid"] != second.pid
            assert not alive(first["pid"])
        finally:
            await second.stop()

    asyncio.run(main())


def test_a_leftover_that_outlived_its_node_is_ended_by_the_file_it_runs(tmp_path: Path) -> None:
    pki = Pki(tmp_path / "pki", parent="420200")

    async def main() -> None:
        first = server(tmp_path, pki)
        await first.start()
        pid, port = first.pid, first.port
        config = tmp_path / "nats" / "nats.conf"
        await first.stop()
        # the same server once more, but nobody's child: as after a kill without a guard
        orphan = await asyncio.create_subprocess_exec(str(find_binary()), "--config", str(config))
        second = server(tmp_path, pki, port=port)
        await second.start()
        try:
            assert second.pid not in (pid, orphan.pid)
            assert -signal.SIGTERM == await orphan.wait() or orphan.returncode is not None
        finally:
            await second.stop()

    asyncio.run(main())


def test_who_only_reads_the_configuration_is_left_alone(tmp_path: Path) -> None:
    pki = Pki(tmp_path / "pki", parent="420200")

    async def main() -> None:
        config = tmp_path / "nats" / "nats.conf"
        reader = await asyncio.create_subprocess_exec(
            sys.executable, "-c", "import time; time.sleep(60)", str(config)
        )
        try:
            managed = server(tmp_path, pki)
            await managed.start()
            await managed.stop()
            assert reader.returncode is None
        finally:
            reader.kill()
            await reader.wait()

    asyncio.run(main())


def test_each_death_is_followed_by_a_start_on_the_same_port(tmp_path: Path) -> None:
    pki = Pki(tmp_path / "pki", parent="420200")

    async def main() -> None:
        managed = server(tmp_path, pki)
        await managed.start()
        port = managed.port
        try:
            for death in (1, 2):
                pid = managed.pid
                assert pid is not None
                os.kill(pid, signal.SIGKILL)
                async with asyncio.timeout(30):
                    while managed.restarts < death:
                        await asyncio.sleep(0.02)
                assert pid != managed.pid
                assert port == managed.port
                assert "420200" == (await managed.varz())["server_name"]
        finally:
            await managed.stop()
        assert None is managed.pid

    asyncio.run(main())


def test_a_taken_port_is_said_with_the_servers_own_words(tmp_path: Path) -> None:
    pki = Pki(tmp_path / "pki", parent="420200")

    async def main() -> None:
        first = server(tmp_path, pki)
        await first.start()
        try:
            monitor = json.loads((tmp_path / "nats" / "nats.conf").read_text())["http"]
            second = NatsServer(
                home=tmp_path / "other",
                name="420201",
                accounts=Accounts(),
                tls=pki.server,
                port=first.port,
                monitor_port=int(monitor.rsplit(":", 1)[1]),
            )
            with pytest.raises(Unreachable, match="address already in use"):
                await second.start()
            assert None is second.pid
        finally:
            await first.stop()

    asyncio.run(main())


def test_nothing_secret_and_no_password_in_the_configuration(tmp_path: Path) -> None:
    pki = Pki(tmp_path / "pki", parent="420200")
    child, parent = NatsKey.generate(), NatsKey.generate()
    account = LinkAccount(
        child=NodeId("420203"), child_nkey=child.public, parent_nkey=parent.public
    )

    async def main() -> None:
        managed = NatsServer(
            home=tmp_path / "nats",
            name="420200",
            accounts=Accounts(links=(account,)),
            tls=pki.server,
        )
        await managed.start()
        await managed.stop()

    asyncio.run(main())
    config = tmp_path / "nats" / "nats.conf"
    text = config.read_text()
    assert 0o600 == config.stat().st_mode & 0o777
    assert child.public in text
    assert "pass" not in text.lower().replace("passthrough", "")
    assert "no_auth_user" not in text
    assert "SU" not in [word[:2] for word in text.replace('"', " ").split()]


def test_one_key_for_two_users_is_refused() -> None:
    key = NatsKey.generate().public
    with pytest.raises(ValueError, match="share one nkey"):
        Accounts(links=(LinkAccount(child=NodeId("420203"), child_nkey=key, parent_nkey=key),))


def test_credentials_come_from_a_private_file_and_show_in_no_repr(tmp_path: Path) -> None:
    key, path = NatsKey.generate(), tmp_path / "nats.seed"
    key.save(path)
    login = NatsLogin.of_file(path)
    assert key.public in repr(login)
    assert path.read_text().strip() not in repr(login)
    password = tmp_path / "password"
    password.write_text("D420203 correct-horse\n")
    password.chmod(0o600)
    assert "correct-horse" not in repr(NatsLogin.of_file(password))
    password.chmod(0o644)
    with pytest.raises(FabricError, match="lets others read it"):
        NatsLogin.of_file(password)
    path.chmod(0o600)
    path.write_text("one two three")
    with pytest.raises(Malformed):
        NatsLogin.of_file(path)
