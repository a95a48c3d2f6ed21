"""Nodes whose private keys lie sealed: they talk, start again, are backed up and come back."""

from __future__ import annotations

import asyncio
import os
from pathlib import Path

import pytest
from prometheus_client import CollectorRegistry

from hub.carriers.tls import TlsFiles
from hub.errors import FabricError
from hub.nats.accounts import Accounts
from hub.nats.server import NatsServer
from hub.roster import vault
from hub.roster.keys import read_secret
from hub.suites.registry import ED25519, SM2
from node.main import backups, restoring
from node.main.serving import running
from node.settings import load
from tests.integration.node.homes import nothing, write_settings
from tests.integration.node.test_nodes import there_and_back
from tests.integration.node.town import Plan, plan
from tests.pki import Pki
from tests.trees import CITY, DISTRICT, STREET

WORDS = b"correct horse battery"


def sealed(town: Plan, folder: Path) -> None:
    """Every node of the town protects its keys, then forgets what it knew."""
    file = folder / "words"
    file.write_bytes(WORDS)
    file.chmod(0o600)
    for settings in town.settings.values():
        vault.protect(settings.keys, WORDS)
        vault._opened.clear()
        vault.offer(settings.keys, lambda: vault.passphrase_in(file))


@pytest.mark.nats
def test_three_nodes_with_sealed_keys_over_both_carriers(tmp_path: Path) -> None:
    town = plan(tmp_path, nats=True, prefer="NATS",
                suites={CITY: SM2, DISTRICT: ED25519, STREET: SM2})
    plain = [read_secret(settings.keys / "tls.key") for settings in town.settings.values()]
    sealed(town, tmp_path)
    asyncio.run(there_and_back(town, (CITY, DISTRICT, STREET)))
    for path in tmp_path.rglob("*"):
        if path.is_file():
            data = path.read_bytes()
            assert not any(key.splitlines()[1] in data for key in plain), path


@pytest.mark.nats
def test_a_mailbox_server_reads_a_sealed_key_at_its_start_again_and_at_a_reload(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    pki = Pki(tmp_path / "pki", parent="420200")
    plain = pki.server.key.read_bytes()
    vault.protect(tmp_path / "pki", WORDS)
    monkeypatch.setenv("WANMI_KEYRING__PASSPHRASE", WORDS.decode())

    async def greeted(managed: NatsServer, files: TlsFiles) -> bool:
        from hub.carriers.tls import trusting

        async with asyncio.timeout(10):
            reader, writer = await asyncio.open_connection(
                "localhost", managed.port, ssl=trusting(files.ca))
            try:
                return (await reader.readline()).startswith(b"INFO")
            finally:
                writer.close()

    async def main() -> None:
        managed = NatsServer(home=tmp_path / "nats", name="420200", accounts=Accounts(),
                             tls=pki.server)
        await managed.start()
        try:
            assert "/proc/self/fd/" in (tmp_path / "nats/nats.conf").read_text()
            assert await greeted(managed, pki.server)
            await managed.reload(Accounts())
            assert await greeted(managed, pki.server)
            pid = managed.pid
            assert pid is not None
            environ = await asyncio.to_thread(Path(f"/proc/{pid}/environ").read_bytes)
            assert WORDS not in environ
            assert b"PATH=" in environ
            os.kill(pid, 9)
            async with asyncio.timeout(20):
                while managed.restarts < 1:
                    await asyncio.sleep(0.05)
            assert await greeted(managed, pki.server)
        finally:
            await managed.stop()

    asyncio.run(main())
    for path in (tmp_path / "nats").rglob("*"):
        assert not path.is_file() or plain.splitlines()[1] not in path.read_bytes()


def test_a_backup_of_sealed_keys_takes_both_passphrases_to_come_back(tmp_path: Path) -> None:
    town = plan(tmp_path, street=False)
    settings = town.settings[CITY]
    write_settings(settings)
    public = vault.private_files(settings.keys), read_secret(settings.keys / "sign.key")
    sealed(town, tmp_path)
    words = tmp_path / "backup-words"
    words.write_text("of the backup alone")
    words.chmod(0o600)
    found = backups.backup(settings.home, tmp_path / "kept", keep=0, passphrase_file=words,
                           progress=nothing)
    home = tmp_path / "back"
    restoring.restore(found.path, home, passphrase_file=words, database_url="", progress=nothing)
    assert {path.name for path in vault.private_files(home / "keys")} == {
        path.name for path in public[0]}
    assert all(vault.is_sealed(path.read_bytes()) for path in vault.private_files(home / "keys"))
    with pytest.raises(FabricError) as refused:
        read_secret(home / "keys" / "sign.key")
    assert refused.value.code == "keys.passphrase"
    vault.offer(home / "keys", lambda: WORDS)
    assert read_secret(home / "keys" / "sign.key") == public[1]


def test_a_node_without_its_passphrase_does_not_start(tmp_path: Path) -> None:
    town = plan(tmp_path, street=False)
    settings = town.settings[CITY]
    write_settings(settings)
    vault.protect(settings.keys, WORDS)
    vault._opened.clear()
    settings = load(settings.home)

    async def start() -> None:
        async with running(settings, registry=CollectorRegistry()):
            pass

    with pytest.raises(FabricError) as refused:
        asyncio.run(start())
    assert refused.value.code == "keys.passphrase"
    assert "passphrase_file" in str(refused.value)
