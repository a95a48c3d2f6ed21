"""A mapping is looked through, tried beside the running adapter, exchanged as a version, and an
earlier one put back; on both databases, with a real folder of a unit."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Coroutine, Iterator
from datetime import UTC, datetime
from functools import wraps
from importlib.resources import files
from itertools import count
from pathlib import Path
from typing import Any

import pytest

from hub.store.writer import GroupWriter
from node.core.errors import Invalid, WrongStatus
from node.edge.adapter_host import AdapterHost
from node.edge.adapter_mappings import exchange, looked_through, mapping_text, mark_of, tried
from node.service.audit import Audit
from node.service.upkeep.mappings import Mappings
from node.store import audit
from node.store.repository import NodeStore

GOOD = (files("adapters") / "file_drop" / "example-mapping.toml").read_text(encoding="utf-8")
RENAMED = GOOD.replace('"案卷编号"', '"案件号"')


def in_loop(test: Callable[..., Coroutine[Any, Any, None]]) -> Callable[..., None]:
    """Runs a test in an event loop of its own."""

    @wraps(test)
    def run(**given: Any) -> None:
        asyncio.run(test(**given))

    return run


class NoWork:
    """An office that has nothing to hand out."""

    async def claim_jobs(self, adapter: str, limit: int = 16) -> list[Any]:
        return []

    async def wait_adapter(self, adapter: str, timeout_s: float) -> bool:
        await asyncio.sleep(0.05)
        return False

    async def adapter_cursor(self, adapter: str) -> str:
        return ""

    async def hear_adapter(self, adapter: str, words: Any, **_: Any) -> Any:
        raise AssertionError("the unit has said nothing")


@pytest.fixture
def mappings(database_url: str) -> Iterator[Mappings]:
    clock = count(1_000_000, 1_000)
    with GroupWriter(database_url, clock=lambda: next(clock)) as writer:
        yield Mappings(store=NodeStore(), writer=writer, audit=Audit(audit))


@pytest.fixture
def home(tmp_path: Path) -> Path:
    """Two adapters: a shared folder as it should be, and one without a mapping."""
    for name in ("share", "bare"):
        folder = tmp_path / "adapters" / name
        for inner in ("orders", "results"):
            (folder / "drop" / inner).mkdir(parents=True)
        (folder / "manifest.toml").write_text(
            f'id = "{name}"\nkind = "file_drop"\nname = "供电公司"\n[config]\nfolder = "drop"\n',
            encoding="utf-8")
    (tmp_path / "adapters" / "share" / "mapping.toml").write_text(GOOD, encoding="utf-8")
    return tmp_path / "adapters"


def host_of(home: Path) -> AdapterHost:
    return AdapterHost(office=NoWork(), folder=home, now=lambda: datetime.now(UTC))  # type: ignore[arg-type]


@in_loop
async def test_every_fault_is_told_and_nothing_is_tried_or_taken(
    home: Path, mappings: Mappings
) -> None:
    host = host_of(home)
    await host.start()
    try:
        bad = GOOD.replace('{ field = "key" }', '{ field = "number" }').replace(
            'done = ["已办结"]', 'done = ["办完"]')
        problems = await looked_through(host, "share", bad)
        assert any("out" in one for one in problems)
        assert any("办完" in one for one in problems)
        assert (await looked_through(host, "share", "[times"))[0].startswith(
                "line 1 is not TOML")
        assert (await tried(host, "share", bad)).problems == problems
        with pytest.raises(Invalid) as refused:
            await exchange(host, mappings, "share", bad, seen=mark_of(GOOD), actor="chen.jie")
        assert refused.value.code == "adapter.mapping"
        assert await mapping_text(host, "share") == GOOD
        assert await mappings.versions("share") == []
    finally:
        await host.stop()


@in_loop
async def test_a_sound_mapping_is_tried_on_the_unit_without_touching_what_runs(home: Path) -> None:
    host = host_of(home)
    await host.start()
    try:
        running = host._runners["share"]
        assert (await tried(host, "share", RENAMED)).ok
        (home / "share" / "drop" / "orders").rmdir()
        found = await tried(host, "share", RENAMED)
        assert (found.problems, found.ok) == ((), False)
        assert found.detail
        assert host._runners["share"] is running
    finally:
        await host.stop()


@in_loop
async def test_it_is_exchanged_as_a_version_and_an_earlier_one_is_put_back(
    home: Path, mappings: Mappings
) -> None:
    host = host_of(home)
    await host.start()
    try:
        before = host._runners["share"]
        assert await exchange(
            host, mappings, "share", RENAMED, seen=mark_of(GOOD), actor="chen.jie") == 1
        assert (home / "share" / "mapping.toml").read_text(encoding="utf-8") == RENAMED
        assert host._runners["share"] is not before
        with pytest.raises(WrongStatus) as moved:
            await exchange(host, mappings, "share", GOOD, seen=mark_of(GOOD), actor="he.min")
        assert moved.value.code == "upkeep.moved"

        first = await mappings.text("share", 0)
        assert first == GOOD
        await exchange(host, mappings, "share", first, seen=mark_of(RENAMED), actor="he.min")
        assert [(one.number, one.actor) for one in await mappings.versions("share")] == [
            (2, "he.min"), (1, "chen.jie")]
        assert await mappings.text("share", 1) == RENAMED
        assert await mappings.text("share", 3) is None
    finally:
        await host.stop()


@in_loop
async def test_an_adapter_that_could_not_start_is_mended_here(
    home: Path, mappings: Mappings
) -> None:
    host = host_of(home)
    await host.start()
    try:
        assert not host.has("bare")
        assert await mapping_text(host, "bare") == ""
        await exchange(host, mappings, "bare", GOOD, seen=mark_of(""), actor="chen.jie")
        assert host.has("bare")
        with pytest.raises(Invalid):
            await mapping_text(host, "nobody")
    finally:
        await host.stop()
