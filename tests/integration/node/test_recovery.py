"""A lost disk, last hour's backup, and work that went on meanwhile: real nodes over real carriers.

Afterwards both ends of every link hold the same journal entries, byte for byte, every case stands
where its neighbours say it stands, and nothing happened twice.
"""

from __future__ import annotations

import asyncio
import shutil
from collections.abc import Callable, Sequence
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from prometheus_client import CollectorRegistry
from sqlalchemy import text

from hub.errors import Fenced
from hub.store.engine import connect, open_engine
from node.core import commands as cmd
from node.core.facts import Address, Limits
from node.main import backups, recovering, restoring
from node.main.recovering import Told, Wishes
from node.main.serving import Running, running
from node.service.recollection import Unclaimed
from node.settings import Settings, load
from tests.integration.node.homes import nothing, write_settings
from tests.integration.node.town import Plan, head, opened, plan, until
from tests.trees import CITY, DISTRICT, STREET

PASSPHRASE = "correct horse battery staple"


class Script:
    """Whoever leads: confirms, and decides about work that nobody knows."""

    def __init__(self, surplus: str = "later", *, confirms: bool = True) -> None:
        self.surplus = surplus
        self.confirms = confirms
        self.why: list[str] = []
        self.seen: list[Told] = []
        self.asked: list[Unclaimed] = []

    def begun(self, why: Sequence[str], links: Sequence[str]) -> None:
        self.why += [*why, *links]

    def progress(self, phase: str, stands: Sequence[recovering.Stand]) -> None:
        pass

    def confirm(self, told: Told) -> bool:
        self.seen.append(told)
        return self.confirms

    def unclaimed(self, one: Unclaimed) -> str:
        self.asked.append(one)
        return self.surplus


async def led(settings: Settings, script: Script | None = None, **given: Any) -> Told:
    wishes = Wishes(**{"wait_s": 60.0, **given})
    return await recovering.lead(settings, script or Script(), wishes)


def query(url: str, sql: str, **values: Any) -> list[tuple[Any, ...]]:
    with connect(open_engine(url, read_only=True)) as conn, conn.begin():
        return [tuple(row) for row in conn.execute(text(sql), values)]


async def dispatched(above: Running, below: str) -> str:
    case_id = await opened(above)
    await above.office.handle(cmd.Dispatch(
        **head(above, case_id), to=Address.parse(f"node:{below}"),
        limits=Limits(finish_by=datetime.now(UTC) + timedelta(hours=4))))
    return case_id


async def stands(node: Running, case_id: str, status: str) -> None:
    async def there() -> bool:
        try:
            return (await node.office.case(case_id))["status"] == status
        except Exception:
            return False

    await until(f"{case_id} at {node.settings.node.id} to be {status}", there)


async def sign(node: Running, case_id: str) -> None:
    await node.office.handle(cmd.Sign(**head(node, case_id)))


async def done(node: Running, case_id: str) -> None:
    await node.office.handle(cmd.FeedBack(**head(node, case_id), result="已更换", photos=()))


async def called_back(node: Running, case_id: str) -> None:
    await node.office.handle(cmd.WithdrawAssignment(**head(node, case_id), reason="另派"))


async def all_quiet(*nodes: Running) -> None:
    """Nothing is under way between these nodes."""
    async def quiet() -> bool:
        for node in nodes:
            rows = query(node.settings.database_url,
                         "SELECT count(*) FROM outbox WHERE acked_at IS NULL")
            if rows[0][0]:
                return False
        return True

    await until("quiet links", quiet)


def rebuilt(settings: Settings, kept: backups.Backup, words: Path) -> Settings:
    """The machine is gone; a new one gets its home from the backup."""
    shutil.rmtree(settings.home)
    restoring.restore(kept.path, settings.home, passphrase_file=words,
                      database_url=settings.database.url.get_secret_value(), progress=nothing)
    return load(settings.home)


def backed_up(settings: Settings, folder: Path) -> tuple[backups.Backup, Path]:
    words = folder / "passphrase"
    words.write_text(PASSPHRASE, encoding="utf-8")
    words.chmod(0o600)
    kept = backups.backup(settings.home, folder / "kept", keep=0, passphrase_file=words,
                          progress=nothing)
    return kept, words


def same_on_both_sides(above: Settings, below: Settings) -> None:
    """What the upper holds of the lower's entries is the lower's journal, byte for byte."""
    node = below.node.id
    ours = query(below.database_url,
                 "SELECT j.case_id, j.branch, j.version, j.digest FROM journal j JOIN cases c ON "
                 "c.case_id = j.case_id WHERE c.assignor = :above ORDER BY 1, 2, 3",
                 above=above.node.id)
    theirs = query(above.database_url,
                   "SELECT case_id, branch, version, digest FROM trace WHERE node = :node "
                   "ORDER BY 1, 2, 3", node=node)
    assert [(*row[:3], bytes(row[3])) for row in ours] == [
        (*row[:3], bytes(row[3])) for row in theirs]
    assert ours, "nothing was compared"


def nothing_twice(*nodes: Settings) -> None:
    """One journal entry per cause and part, one live assignment per case, folded rows without a
    hole, and generations that only rise."""
    for settings in nodes:
        url = settings.database_url
        assert [] == query(url, "SELECT cause, part FROM journal WHERE cause IS NOT NULL "
                                "GROUP BY cause, part HAVING count(*) > 1")
        assert [] == query(url, "SELECT case_id FROM assignment WHERE ended IS NULL "
                                "GROUP BY case_id HAVING count(*) > 1")
        assert [] == query(url, "SELECT c.case_id FROM cases c WHERE c.version <> (SELECT "
                                "count(*) FROM journal j WHERE j.case_id = c.case_id)")
        assert [] == query(url, "SELECT case_id FROM (SELECT case_id, event_type, count(*) AS n "
                                "FROM journal WHERE event_type IN ('DutyDone', 'AssigneeDone', "
                                "'OrderTaken') GROUP BY case_id, event_type) x WHERE n > 1")


def generations_agree(above: Settings, below: Settings) -> None:
    live = query(above.database_url,
                 "SELECT assignment_id, generation FROM assignment WHERE ended IS NULL AND "
                 "assignee = :to ORDER BY 1", to=f"node:{below.node.id}")
    held = query(below.database_url,
                 "SELECT assignment_id, held_generation FROM cases WHERE assignor = :above AND "
                 "duty IN ('held', 'done') ORDER BY 1", above=above.node.id)
    assert live == held


async def street_of(town: Plan, folder: Path, settings: Callable[[str], Settings]) -> None:
    """The story of a street whose disk dies an hour after its backup."""
    async with town.running(CITY, DISTRICT) as node:
        district = node[DISTRICT]
        async with running(settings(STREET), registry=CollectorRegistry()) as street:
            before = [await dispatched(district, STREET) for _ in range(4)]
            for case_id in before:
                await stands(street, case_id, "held")
            await sign(street, before[0])
            await all_quiet(district, street)
            kept, words = await asyncio.to_thread(backed_up, settings(STREET), folder)
            # Work goes on after the backup: old cases move, new ones come, one is called back.
            await done(street, before[0])
            await sign(street, before[1])
            await done(street, before[1])
            after = [await dispatched(district, STREET) for _ in range(3)]
            for case_id in after:
                await stands(street, case_id, "held")
            await sign(street, after[0])
            await done(street, after[0])
            await stands(district, before[1], "feedback_given")
            await stands(district, after[0], "feedback_given")
            await called_back(district, before[3])
            await stands(street, before[3], "ended")
            await all_quiet(district, street)
            lost_journal = query(settings(STREET).database_url,
                                 "SELECT case_id, branch, version, digest FROM journal ORDER BY n")
        # The disk is gone. The district works on meanwhile.
        meanwhile = await dispatched(district, STREET)
        await called_back(district, after[2])
        fresh = await asyncio.to_thread(rebuilt, settings(STREET), kept, words)
        with pytest.raises(Fenced) as refused:
            async with running(fresh, registry=CollectorRegistry()):
                pass
        assert refused.value.code == "node.restored"
        script = Script()
        told = await led(fresh, script)
        assert told.stands[0].step == "DONE"
        assert told.entries > 0
        assert told.apart == 0
        assert script.seen[0].stands[0].verdict == "behind"
        back = query(fresh.database_url,
                     "SELECT case_id, branch, version, digest FROM journal ORDER BY n")
        assert {tuple(row[:3]): bytes(row[3]) for row in lost_journal}.items() <= {
            tuple(row[:3]): bytes(row[3]) for row in back}.items()
        async with running(fresh, registry=CollectorRegistry()) as street:
            for case_id, status in [
                (before[0], "done"), (before[1], "done"), (before[2], "held"),
                (before[3], "ended"), (after[0], "done"), (after[1], "held"), (after[2], "ended"),
                (meanwhile, "held"),
            ]:
                await stands(street, case_id, status)
            await sign(street, meanwhile)
            await done(street, meanwhile)
            await stands(district, meanwhile, "feedback_given")
            await all_quiet(district, street)
            rounds = await district.fabric._drivers[
                f"{DISTRICT}-{STREET}"].reconcile()
            assert [(0, 0, 0)] * len(rounds) == [
                (one.missing, one.surplus, one.differ) for one in rounds]
        same_on_both_sides(settings(DISTRICT), fresh)
        generations_agree(settings(DISTRICT), fresh)
        nothing_twice(settings(DISTRICT), fresh)


def town_with_files(folder: Path, **given: Any) -> tuple[Plan, Callable[[str], Settings]]:
    town = plan(folder, **given)
    for settings in town.settings.values():
        write_settings(settings)
    return town, lambda node: town.settings[node]


def test_a_street_comes_back_from_an_hour_old_backup(tmp_path: Path) -> None:
    town, settings = town_with_files(tmp_path)
    asyncio.run(street_of(town, tmp_path, settings))


def test_a_street_comes_back_over_mailboxes(tmp_path: Path) -> None:
    town, settings = town_with_files(tmp_path, prefer="NATS", nats=True)
    asyncio.run(street_of(town, tmp_path, settings))
