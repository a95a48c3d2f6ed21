"""Bits that flip on disk: noticed, said with a code, and repaired where somebody else has them."""

from __future__ import annotations

import asyncio
import contextlib
import json
import re
import shutil
import sqlite3
import subprocess
import sys
from contextlib import closing
from pathlib import Path

import pytest
from typer.testing import CliRunner, Result

from hub.errors import Malformed, Overloaded
from hub.store import engine
from hub.store.engine import DAMAGED, check_sound
from hub.store.writer import GroupWriter
from node.cli import app
from node.cli.home import render_settings
from node.core import commands as cmd
from node.core.errors import Refused
from node.core.facts import Address, Limits, Photo, PhotoRole
from node.main.serving import Running
from node.main.soundness import look_through
from tests.integration.node.town import CITY, DISTRICT, head, opened, plan, routes, until
from tests.pictures import jpeg


@pytest.fixture(scope="module")
def before(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Homes of a city and a district that have worked with each other, stopped."""
    folder = tmp_path_factory.mktemp("worked")
    town = plan(folder, street=False)

    async def work(city: Running, district: Running) -> None:
        await routes(city, (DISTRICT, f"node:{DISTRICT}"))
        for _ in range(3):
            case_id = await opened(city, area=DISTRICT)
            await city.office.handle(cmd.Dispatch(
                **head(city, case_id), to=Address.parse(f"node:{DISTRICT}"),
                limits=Limits()))
            await until("the order", lambda case_id=case_id: _held(district, case_id))
            stored = await district.office.put_photo(jpeg(case_id.encode() * 50), "image/jpeg")
            await district.office.handle(cmd.FeedBack(
                **head(district, case_id), result="已修复", photos=(Photo(
                    digest=stored.digest, size=stored.size, media_type="image/png",
                    role=PhotoRole.AFTER),)))
            await until("the photo", lambda stored=stored: _has(city, stored.digest))

    async def main() -> None:
        async with town.running(CITY, DISTRICT) as nodes:
            await work(nodes[CITY], nodes[DISTRICT])

    asyncio.run(main())
    for node in (CITY, DISTRICT):
        _settings_file(folder / node, node)
    return folder


def _settings_file(home: Path, node: str) -> None:
    (home / "wanmi.toml").write_text(render_settings(
        id_=node, name=node, profile="city" if node == CITY else "district",
        parent="" if node == CITY else CITY, http_port=0, grpc_port=0, nats_port=0, nats=False,
        database_url=""), encoding="utf-8")


async def _held(node: Running, case_id: str) -> bool:
    with contextlib.suppress(Refused):
        return (await node.office.case(case_id))["status"] == "held"
    return False


async def _has(node: Running, digest: str) -> bool:
    return await node.office.photo_path(digest) is not None


@pytest.fixture
def worked(before: Path, tmp_path: Path) -> Path:
    """A copy of them for one test."""
    shutil.copytree(before, tmp_path / "worked")
    return tmp_path / "worked"


def database(folder: Path, node: str = CITY) -> Path:
    """The file, with everything folded into it."""
    path = folder / node / "data" / "wanmi.db"
    with closing(sqlite3.connect(path)) as db:
        db.execute("PRAGMA wal_checkpoint(TRUNCATE)")
    return path


def one(path: Path, question: str) -> bytes:
    with closing(sqlite3.connect(path)) as db:
        answer = db.execute(question).fetchone()[0]
    return answer if isinstance(answer, bytes) else str(answer).encode()


def flip_within(path: Path, value: bytes) -> None:
    """Change a bit in the middle of where this value is kept."""
    content = bytearray(path.read_bytes())
    at = content.find(value)
    assert at >= 0, "the value is kept in one piece"
    content[at + len(value) // 2] ^= 1
    path.write_bytes(content)


def break_page(path: Path, table: str) -> None:
    """Overwrite the head of the root page of a table."""
    with closing(sqlite3.connect(path)) as db:
        root, = db.execute("SELECT rootpage FROM sqlite_master WHERE name = ?",
                           (table,)).fetchone()
        size, = db.execute("PRAGMA page_size").fetchone()
    with path.open("r+b") as file:
        file.seek((root - 1) * size)
        file.write(b"\xff" * 16)


def wanmi(*args: str) -> Result:
    return CliRunner().invoke(app, list(args))


def test_what_nobody_touched_is_what_was_written(worked: Path) -> None:
    looked = look_through(worked / CITY)
    assert () == looked.damages == looked.differing
    assert all(looked.counts[kind] for kind in ("page", "entry", "case", "envelope", "trace",
                                                "photo")), looked.counts


@pytest.mark.parametrize(("kind", "question"), [
    ("entry", "SELECT entry FROM journal ORDER BY length(entry) LIMIT 1"),
    ("envelope", "SELECT sealed FROM outbox WHERE seq IS NOT NULL ORDER BY length(sealed) LIMIT 1"),
    ("envelope", "SELECT sealed FROM inbox WHERE type LIKE '%Report' AND lane <> x'' "
     "ORDER BY length(sealed) LIMIT 1"),
])
def test_a_bit_within_a_value_is_found_where_no_database_would(
    worked: Path, kind: str, question: str
) -> None:
    path = database(worked)
    flip_within(path, one(path, question))
    assert check_sound(f"sqlite:///{path}", seconds=60), "the pages themselves are in order"
    assert kind in {damage.kind for damage in look_through(worked / CITY).damages}


def test_a_bit_within_a_kept_case_is_told_beside_its_journal(worked: Path) -> None:
    path = database(worked)
    state = one(path, "SELECT state FROM cases LIMIT 1")
    at = state.find("井盖破损".encode())
    assert at > 0
    content = bytearray(path.read_bytes())
    content[content.find(state[:64]) + at + 2] ^= 1
    path.write_bytes(content)
    looked = look_through(worked / CITY)
    assert len(looked.differing) + sum(one.kind == "case" for one in looked.damages) == 1


def test_a_photo_is_found_and_named_by_its_digest(worked: Path) -> None:
    photo = next(path for path in (worked / CITY / "blobs").rglob("*")
                 if path.is_file() and path.parent.name == path.name[:2])
    flip_within(photo, photo.read_bytes())
    damages = look_through(worked / CITY).damages
    assert [("photo", photo.name)] == [(one.kind, one.digest) for one in damages]

    told = wanmi("verify", "--home", str(worked / CITY), "--lang", "zh")
    assert told.exit_code == 1
    assert "1 张照片损坏" in told.stdout
    assert "换上最新的备份" not in told.stdout, "a photo is no reason to restore anything"


def test_verify_says_to_a_clerk_what_to_do(worked: Path) -> None:
    path = database(worked)
    assert "全部与写入时一致" in wanmi(
        "verify", "--home", str(worked / CITY), "--lang", "zh").stdout
    flip_within(path, one(path, "SELECT entry FROM journal ORDER BY length(entry) LIMIT 1"))

    told = wanmi("verify", "--home", str(worked / CITY), "--lang", "zh")
    assert told.exit_code == 1
    assert "内容与摘要不符" in told.stdout
    assert "换上最新的备份" in told.stdout
    as_json = json.loads(wanmi("verify", "--home", str(worked / CITY), "--json").stdout)
    assert "entry" in {one["kind"] for one in as_json["damages"]}


@pytest.mark.parametrize("table", ["journal", "cases", "outbox"])
def test_a_damaged_page_keeps_the_node_from_starting(worked: Path, table: str) -> None:
    path = database(worked)
    break_page(path, table)
    damaged = path.read_bytes()

    refused = subprocess.run(
        [sys.executable, "-m", "node.cli", "serve", "--home", str(worked / CITY), "--lang", "zh"],
        capture_output=True, text=True, timeout=60, check=False)
    assert refused.returncode == 3
    assert "store.damaged" in refused.stderr
    assert "docs/operating/run-a-node.md" in refused.stderr
    assert damaged == path.read_bytes(), "it is kept as it was found"


def test_a_file_that_is_no_database_any_more_is_damaged_too(worked: Path) -> None:
    path = database(worked)
    path.write_bytes(b"\0" * 100 + path.read_bytes()[100:])
    with pytest.raises(Malformed) as refused:
        check_sound(f"sqlite:///{path}", seconds=60)
    assert DAMAGED == refused.value.code


def test_a_start_looks_no_longer_than_it_may(
    worked: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(engine, "CHECK_STEPS", 1)
    assert check_sound(f"sqlite:///{database(worked)}", seconds=60)
    assert not check_sound(f"sqlite:///{database(worked)}", seconds=-1)


def test_a_page_that_breaks_later_parks_no_word_and_is_remembered(worked: Path) -> None:
    path = database(worked)
    break_page(path, "cases")
    with GroupWriter(f"sqlite:///{path}") as writer:
        with pytest.raises(Overloaded) as met:
            writer.run(lambda tx: tx.conn.exec_driver_sql("SELECT state FROM cases").all())
        assert DAMAGED == met.value.code
        assert re.search("not what was written", writer.damage)
