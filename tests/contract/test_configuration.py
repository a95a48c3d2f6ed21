"""Versions of what an office works by, on both databases."""

from __future__ import annotations

import asyncio
from collections.abc import Iterator
from itertools import count

import pytest

from hub.store.writer import GroupWriter
from node.service.audit import AuditEntry
from node.service.configuration import Configurations, keep
from node.store import revisions


class Told:
    """Keeps what would stand in the audit log."""

    def __init__(self) -> None:
        self.entries: list[AuditEntry] = []

    def record(self, tx: object, entry: AuditEntry) -> None:
        self.entries.append(entry)


@pytest.fixture
def writer(database_url: str) -> Iterator[GroupWriter]:
    clock = count(1_000_000, 1_000)
    with GroupWriter(database_url, clock=lambda: next(clock)) as writer:
        yield writer


def test_each_start_with_other_files_is_a_version_and_any_other_is_none(
    writer: GroupWriter,
) -> None:
    told = Told()

    def start(**texts: str) -> int:
        return writer.run(lambda tx: keep(revisions, tx, told, texts))

    assert start(profile="a", roles="r") == 1
    assert told.entries == []  # nothing has changed yet
    assert start(profile="a", roles="r") == 1
    assert start(profile="b", roles="r") == 2
    assert start(profile="b", roles="r", rights="m") == 3
    assert start(profile="a", roles="r") == 4
    assert [one.detail["files"] for one in told.entries] == [
        "profile", "rights", "profile, rights"]
    assert {one.actor for one in told.entries} == {"system"}

    kept = Configurations(store=revisions, writer=writer)

    async def look() -> None:
        found = await kept.versions(0, 10)
        assert [(one.number, one.files) for one in found] == [
            (4, ("profile", "rights")), (3, ("rights",)), (2, ("profile",)),
            (1, ("profile", "roles"))]
        assert [one.number for one in await kept.versions(3, 1)] == [2]
        assert await kept.changed(1) == [("profile", "", "a"), ("roles", "", "r")]
        assert await kept.changed(4) == [("profile", "b", "a"), ("rights", "m", "")]
        assert await kept.changed(5) is None

    asyncio.run(look())
