"""Backups of a running node: of one instant, whole or not there, without a key in the clear."""

from __future__ import annotations

import asyncio
import json
import sqlite3
import subprocess
import sys
from contextlib import closing
from pathlib import Path

import pytest
from prometheus_client import CollectorRegistry
from sqlalchemy import text
from typer.testing import CliRunner

from hub.errors import FabricError, Fenced, Malformed, Unsealed, Untrusted
from hub.store.engine import connect, open_engine
from node.cli import app
from node.main import backups, restoring
from node.main.serving import running
from node.settings import Settings, load
from tests.integration.node.homes import nothing, write_settings
from tests.integration.node.town import opened, plan
from tests.pictures import jpeg
from tests.trees import CITY

JPEG = jpeg(b"photo" * 20_000)
PASSPHRASE = "correct horse battery staple"


def the_city(folder: Path, url: str = "") -> Settings:
    settings = plan(folder, street=False, urls={CITY: url}).settings[CITY]
    write_settings(settings)
    return settings


def take(settings: Settings, to: Path, **given: object) -> backups.Backup:
    wanted = {"keep": 0, "passphrase_file": None, "progress": nothing, **given}
    return backups.backup(settings.home, to, **wanted)  # type: ignore[arg-type]


def put_back(found: backups.Backup, home: Path, **given: object) -> backups.Backup:
    wanted = {"passphrase_file": None, "database_url": "", "progress": nothing, **given}
    return restoring.restore(found.path, home, **wanted)  # type: ignore[arg-type]


def passphrase(folder: Path, words: str = PASSPHRASE) -> Path:
    file = folder / f"passphrase-{len(words)}"
    file.write_text(words + "\n", encoding="utf-8")
    file.chmod(0o600)
    return file


async def _while_it_works(settings: Settings, to: Path) -> tuple[backups.Backup, int, int, str]:
    """A node opens cases without a pause while the backup is taken."""
    async with running(settings, registry=CollectorRegistry()) as node:
        stored = await node.office.put_photo(JPEG, "image/jpeg")
        for _ in range(5):
            await opened(node)
        counted = 5
        taking = asyncio.create_task(asyncio.to_thread(take, settings, to))
        while not taking.done():
            await opened(node)
            counted += 1
        return await taking, 5, counted, stored.digest


def count_cases(url: str) -> tuple[int, int]:
    with connect(open_engine(url, read_only=True)) as conn, conn.begin():
        cases = conn.execute(text("SELECT count(*) FROM cases")).scalar_one()
        torn = conn.execute(text(
            "SELECT count(*) FROM cases c WHERE c.version <> "
            "(SELECT count(*) FROM journal j WHERE j.case_id = c.case_id)")).scalar_one()
    return cases, torn


def test_a_backup_of_a_node_at_work_is_of_one_instant(tmp_path: Path) -> None:
    settings = the_city(tmp_path)
    found, least, most, photo = asyncio.run(_while_it_works(settings, tmp_path / "kept"))
    assert found.path == backups.verify(found.path, progress=nothing).path
    put_back(found, tmp_path / "new")
    cases, torn = count_cases(load(tmp_path / "new").database_url)
    assert least <= cases <= most
    assert torn == 0, "a case and its journal are of two instants"
    restored = tmp_path / "new" / "blobs" / photo[:2] / photo
    assert JPEG == restored.read_bytes()


def test_a_backup_of_a_node_on_postgresql(tmp_path: Path, postgres_server) -> None:
    url = postgres_server.create("backed_up")
    settings = the_city(tmp_path, url)
    found, least, most, _ = asyncio.run(_while_it_works(settings, tmp_path / "kept"))
    written = found.path / "home" / "settings.toml"
    assert written.exists()
    backups.verify(found.path, progress=nothing)
    put_back(found, tmp_path / "new", database_url=postgres_server.create("put_back"))
    there = load(tmp_path / "new").database_url
    cases, torn = count_cases(there)
    assert least <= cases <= most
    assert torn == 0
    with connect(open_engine(there)) as conn, conn.begin():
        highest = conn.execute(text("SELECT max(n) FROM journal")).scalar_one()
        following = conn.execute(
            text("SELECT nextval(pg_get_serial_sequence('journal', 'n'))")).scalar_one()
    assert following == highest + 1, "numbers given after the restore collide with restored ones"
    with pytest.raises(Malformed) as refused:
        put_back(found, tmp_path / "again", database_url=there)
    assert refused.value.code == "backup.not_empty"
    assert not (tmp_path / "again").exists(), "half a home looks like a home"


def test_what_changed_in_a_backup_is_found_and_named(tmp_path: Path) -> None:
    found = take(the_city(tmp_path), tmp_path / "kept")
    database = found.path / "database" / "wanmi.db"
    raw = bytearray(database.read_bytes())
    raw[len(raw) // 2] ^= 1
    database.write_bytes(raw)
    with pytest.raises(Unsealed, match=r"wanmi\.db"):
        backups.verify(found.path, progress=nothing)
    with pytest.raises(Unsealed):
        put_back(found, tmp_path / "new")
    assert not (tmp_path / "new").exists()
    raw[len(raw) // 2] ^= 1
    database.write_bytes(raw)
    backups.verify(found.path, progress=nothing)
    (found.path / "home" / "keys" / "roster.bin").unlink()
    with pytest.raises(Unsealed, match=r"roster\.bin is missing"):
        backups.verify(found.path, progress=nothing)
    manifest = found.path / "manifest.json"
    manifest.write_text(manifest.read_text("utf-8").replace(CITY, "420201"), encoding="utf-8")
    with pytest.raises(Unsealed, match="manifest"):
        backups.verify(found.path, progress=nothing)


DIES_BEFORE_THE_LAST_STEP = """
import os, sys
from pathlib import Path
from node.main import backups
backups._settle = lambda _folder: os._exit(9)
backups.backup(Path(sys.argv[1]), Path(sys.argv[2]), keep=0, passphrase_file=None,
               progress=lambda *_: None)
"""


def test_a_backup_that_is_cut_short_never_looks_like_one(tmp_path: Path) -> None:
    settings = the_city(tmp_path)
    to = tmp_path / "kept"
    died = subprocess.run(
        (sys.executable, "-c", DIES_BEFORE_THE_LAST_STEP, str(settings.home), str(to)),
        check=False, timeout=60)
    assert died.returncode == 9
    left = [one.name for one in to.iterdir() if one.name.endswith(".part")]
    assert len(left) == 1, "the process died before its last step"
    assert [] == backups.whole_backups(to)
    with pytest.raises(Malformed, match="cut short"):
        backups.verify(to / left[0], progress=nothing)
    take(settings, to)
    assert [] == [one.name for one in to.iterdir() if one.name.endswith(".part")]
    assert len(backups.whole_backups(to)) == 1


def test_only_the_newest_are_kept_and_only_of_this_node(tmp_path: Path) -> None:
    settings = the_city(tmp_path)
    to = tmp_path / "kept"
    ours = [_aged(take(settings, to), days) for days in (3, 2, 1)]
    other = _aged(take(settings, to), 9, node="420299")
    found = take(settings, to, keep=2)
    left = {one.path.name for one in backups.whole_backups(to)}
    assert left == {ours[2].name, other.name, found.path.name}
    assert sorted(found.document()["removed"]) == sorted([ours[0].name, ours[1].name])


def _aged(found: backups.Backup, days: int, node: str = CITY) -> Path:
    """The same backup, as if it had been taken days ago."""
    import hashlib

    manifest = found.path / "manifest.json"
    document = json.loads(manifest.read_bytes())
    document |= {"taken_at": f"2026-01-{20 - days:02}T00:00:00+00:00", "node": node}
    raw = json.dumps(document).encode()
    manifest.write_bytes(raw)
    (found.path / "manifest.sha256").write_text(hashlib.sha256(raw).hexdigest() + "  x\n")
    older = found.path.with_name(f"{node}-2026012{days}T000000Z")
    found.path.rename(older)
    return older


def test_a_second_backup_into_one_place_waits_its_turn(tmp_path: Path) -> None:
    settings = the_city(tmp_path)
    with backups._alone(_made(tmp_path / "kept")), pytest.raises(Fenced) as refused:
        take(settings, tmp_path / "kept")
    assert refused.value.code == "backup.busy"


def _made(folder: Path) -> Path:
    folder.mkdir()
    return folder


def test_no_private_byte_is_in_the_clear(tmp_path: Path) -> None:
    settings = the_city(tmp_path)
    secret = settings.home / "adapters" / "oms" / "token"
    secret.parent.mkdir()
    secret.write_text("adapter-secret-4711")
    secret.chmod(0o600)
    (secret.parent / "manifest.toml").write_text('id = "oms"\n[config]\nsecret_file = "token"\n')
    private = [
        (settings.keys / name).read_bytes().strip()
        for name in ("sign.key", "tls.key", "nats.seed", "roster.key", "ca.key")
    ] + [b"adapter-secret-4711"]
    for file in (None, passphrase(tmp_path)):
        found = take(settings, tmp_path / f"kept{file is None}", passphrase_file=file)
        everything = b"".join(
            path.read_bytes() for path in found.path.rglob("*") if path.is_file())
        for key in private:
            longest = max(key.split(b"\n"), key=len)
            assert longest not in everything
        assert (found.path / "keys.sealed").exists() is (file is not None)


def test_keys_come_back_with_the_passphrase_and_only_with_it(tmp_path: Path) -> None:
    settings = the_city(tmp_path)
    found = take(settings, tmp_path / "kept", passphrase_file=passphrase(tmp_path))
    with pytest.raises(Untrusted) as refused:
        put_back(found, tmp_path / "no", passphrase_file=passphrase(tmp_path, PASSPHRASE + "!"))
    assert refused.value.code == "backup.passphrase_wrong"
    assert not (tmp_path / "no").exists()
    put_back(found, tmp_path / "new", passphrase_file=passphrase(tmp_path))
    for name in ("sign.key", "roster.key"):
        back = tmp_path / "new" / "keys" / name
        assert (settings.keys / name).read_bytes() == back.read_bytes()
        assert back.stat().st_mode & 0o077 == 0
    put_back(found, tmp_path / "bare")
    assert not (tmp_path / "bare" / "keys" / "sign.key").exists()


def test_a_passphrase_others_may_read_or_guess_is_refused(tmp_path: Path) -> None:
    settings = the_city(tmp_path)
    open_to_all, short = passphrase(tmp_path), passphrase(tmp_path, "kurz")
    open_to_all.chmod(0o644)
    for file, code in ((open_to_all, "backup.passphrase_exposed"),
                       (short, "backup.passphrase_short")):
        with pytest.raises(FabricError) as refused:
            take(settings, tmp_path / "kept", passphrase_file=file)
        assert refused.value.code == code
    assert [] == backups.whole_backups(tmp_path / "kept")


def test_the_password_of_a_database_is_in_no_backup(tmp_path: Path) -> None:
    settings = the_city(tmp_path)
    file = settings.home / "wanmi.toml"
    text_ = file.read_text("utf-8")
    found = take(settings, tmp_path / "kept")
    copy = found.path / "home" / "settings.toml"
    assert copy.read_text("utf-8") == text_
    url = "postgresql+psycopg://wanmi:hunter2@db/wanmi"
    assert backups._PASSWORD.sub(backups._HIDDEN, f'url = "{url}"') == (
        'url = "postgresql+psycopg://wanmi:***@db/wanmi"')


def test_a_home_that_is_not_empty_is_left_alone(tmp_path: Path) -> None:
    settings = the_city(tmp_path)
    found = take(settings, tmp_path / "kept")
    before = sorted(path.as_posix() for path in settings.home.rglob("*"))
    with pytest.raises(Malformed) as refused:
        put_back(found, settings.home)
    assert refused.value.code == "backup.not_empty"
    assert before == sorted(path.as_posix() for path in settings.home.rglob("*"))


def test_a_restored_home_does_not_serve_before_it_is_recovered(tmp_path: Path) -> None:
    settings = the_city(tmp_path)

    async def once(home: Path) -> None:
        async with running(load(home), registry=CollectorRegistry()):
            pass

    asyncio.run(once(settings.home))
    found = take(settings, tmp_path / "kept", passphrase_file=passphrase(tmp_path))
    put_back(found, tmp_path / "new", passphrase_file=passphrase(tmp_path))
    with pytest.raises(Fenced) as refused:
        asyncio.run(once(tmp_path / "new"))
    assert refused.value.code == "node.restored"
    (settings.data / "boot").unlink()  # a database that was brought here without its marker
    with pytest.raises(Fenced) as refused:
        asyncio.run(once(settings.home))
    assert refused.value.code == "node.restored"


def test_the_command_line_takes_verifies_and_restores(tmp_path: Path) -> None:
    settings = the_city(tmp_path)
    run = CliRunner()
    to = str(tmp_path / "kept")
    taken = run.invoke(app, ["backup", "--home", str(settings.home), "--to", to, "--json"])
    assert taken.exit_code == 0, taken.output
    path = json.loads(taken.stdout)["path"]
    whole = run.invoke(app, ["backup", "--verify", path, "--lang", "zh"])
    assert "备份完整" in whole.stdout
    home = tmp_path / "new"
    restored = run.invoke(app, ["restore", path, "--home", str(home), "--lang", "zh"])
    assert restored.exit_code == 0, restored.output
    assert "wanmi recover" in restored.stdout
    again = run.invoke(app, ["restore", path, "--home", str(home), "--lang", "zh"])
    assert again.exit_code == 3
    assert "不是空的" in again.stderr
    with closing(sqlite3.connect(home / "data" / "wanmi.db")) as conn:
        assert conn.execute("PRAGMA integrity_check").fetchone() == ("ok",)
