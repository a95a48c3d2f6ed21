"""A name and a phone left at the city, looked for wherever the case goes: databases, words,
mailboxes and change feeds of the offices that do not need them."""

from __future__ import annotations

import asyncio
import json
import sqlite3
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

import pytest

from hub.seal import reopen
from node.core import commands as cmd
from node.core.facts import Address, CaseId, Category, CommandId, Limits, Place
from node.core.reporter import Reporter
from node.main.serving import Running
from tests.integration.node.losses import all_quiet, done, query, sign, stands
from tests.integration.node.town import STANDARD, head, plan
from tests.trees import CITY, DISTRICT, STREET

NAME, PHONE = "上官举报人甲", "13877665544"
CANARIES = (NAME, PHONE, "138-7766-5544")
SEEN = "桥头第三个井盖"
"""What is told on purpose: if this were not found below, nothing could be."""


async def story(folder: Path) -> tuple[Path, Path, list[str]]:
    town = plan(folder, prefer="NATS", nats=True, street=False)
    told: list[str] = []
    async with town.running(CITY, DISTRICT) as node:
        city, district = node[CITY], node[DISTRICT]
        case_id = await reported(city)
        await city.office.handle(cmd.Dispatch(
            **head(city, case_id), to=Address.parse(f"node:{DISTRICT}"), limits=Limits()))
        await stands(district, case_id, "held")
        await sign(district, case_id)
        await done(district, case_id)
        await stands(city, case_id, "feedback_given")
        drilled = await city.office.drill(case_id, DISTRICT, purpose="督查", actor="leader")
        await all_quiet(city, district)
        told.append(repr(drilled))
        for one in (city, district):
            office = one.office
            told += [
                repr(await office.case(case_id)), repr(await office.timeline(case_id)),
                repr(await office.journal(case_id)), repr(await office.changes(0)),
                repr(await office.work_items()), repr(await office.findings()),
            ]
        masked = await city.office.privacy.reporter(
            case_id, purpose="查看", actor="wang", roles=frozenset({"dispatcher"}))
        assert masked is not None
        assert (masked.name, masked.phone) == ("上**", "138****5544")
        bundle = await city.office.bundles.make(
            case_id, reason="复议", actor="auditor", roles=frozenset({"auditor"}))
        await asyncio.to_thread(_whole, bundle.path, told)
        # The words themselves, inflated: a deflated body would hide what it says.
        told += [*words(city), *words(district)]
    return town.settings[CITY].home, town.settings[DISTRICT].home, told


def _whole(path: Path, told: list[str]) -> None:
    from node.verifier.verify_evidence import read

    told += [data.decode("utf-8", "replace") for data in read(path).values()]


async def reported(city: Running) -> str:
    office = city.office
    case_id = office.fresh_id()
    await office.handle(cmd.OpenCase(
        command_id=CommandId(office.fresh_id()), actor="hotline", case_id=CaseId(case_id),
        case_no="", category=Category(
            standard_ref=STANDARD, kind="component", code="01001", name="供水井盖"),
        place=Place(area=STREET, address="湖滨大道 1 号"), text=SEEN,
        source="superior", source_details=(("ordering_body", "市政府办公室"),),
        reporter=Reporter(name=NAME, phone="138-7766-5544", wants_reply=True, channel="sms")))
    await office.handle(cmd.File(**head(city, case_id)))
    return case_id


def words(node: Running) -> Iterator[str]:
    for table in ("outbox", "inbox"):
        for (sealed,) in query(node.settings.database_url,
                               f"SELECT sealed FROM {table} WHERE sealed IS NOT NULL"):
            opened = reopen(bytes(sealed))
            yield opened.body.decode("utf-8", "replace")
            yield json.dumps(repr(opened.header), ensure_ascii=False)


def holding(folder: Path, needle: str) -> set[str]:
    """Files below a folder whose bytes contain it."""
    return {
        path.relative_to(folder).as_posix() for path in folder.rglob("*")
        if path.is_file() and needle.encode() in path.read_bytes()
    }


def tables_with(database: Path, needle: str) -> set[str]:
    with closing(sqlite3.connect(database)) as conn:
        names = [row[0] for row in conn.execute(
            "SELECT name FROM sqlite_master WHERE type = 'table' AND name NOT LIKE 'sqlite%'")]
        return {
            name for name in names
            for row in conn.execute(f'SELECT * FROM "{name}"')
            if any(needle in (cell.decode("utf-8", "replace") if isinstance(cell, bytes)
                              else str(cell)) for cell in row)
        }


@pytest.mark.nats
def test_who_reported_stays_at_the_office_that_was_told(tmp_path: Path) -> None:
    city, district, told = asyncio.run(story(tmp_path))
    assert any(SEEN in one for one in told)
    for canary in CANARIES:
        assert not [one[:200] for one in told if canary in one], canary
        assert holding(district, canary) == set(), canary
        assert holding(city / "nats", canary) == set(), canary
        assert holding(district / "nats", canary) == set(), canary
    # At the city it lies in one column, and the audit log tells of the looks without it.
    [database] = (city / "data").glob("*.db")
    assert tables_with(database, NAME) == tables_with(database, "138-7766-5544") == {"cases"}
    assert tables_with(database, SEEN) > {"cases"}
    assert tables_with(next((district / "data").glob("*.db")), SEEN)
