"""Lost disks of real nodes: backing up, rebuilding, leading, and what must hold afterwards."""

from __future__ import annotations

import shutil
from collections.abc import Callable, Sequence
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

from sqlalchemy import text

from hub.store.engine import connect, open_engine
from node.core import commands as cmd
from node.core.facts import Address, Limits, Photo, PhotoRole
from node.main import backups, recovering, restoring
from node.main.recovering import Told, Wishes
from node.main.serving import Running
from node.service.recollection import Unclaimed
from node.settings import Settings, load
from tests.integration.node.homes import nothing, write_settings
from tests.integration.node.town import Plan, head, opened, plan, until
from tests.pictures import jpeg
from tests.trees import STREET

JPEG = jpeg(b"photo" * 200)
PASSPHRASE = "correct horse battery staple"


class Script:
    """Whoever leads: confirms, and decides about work that nobody knows."""

    def __init__(self, surplus: str = "later", *, confirms: bool = True) -> None:
        self.surplus = surplus
        self.confirms = confirms
        self.why: list[object] = []
        self.seen: list[Told] = []
        self.asked: list[Unclaimed] = []

    def begun(self, why: Sequence[recovering.Reason], links: Sequence[str]) -> None:
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


async def done(node: Running, case_id: str, more: bytes = b"") -> None:
    stored = await node.office.put_photo(JPEG + more, "image/jpeg")
    photo = Photo(digest=stored.digest, size=stored.size, media_type="image/jpeg",
                  role=PhotoRole.AFTER)
    await node.office.handle(
        cmd.FeedBack(**head(node, case_id), result="已更换", photos=(photo,)))


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


def town_with_files(folder: Path, **given: Any) -> tuple[Plan, Callable[[str], Settings]]:
    town = plan(folder, **given)
    for settings in town.settings.values():
        write_settings(settings)
    return town, lambda node: town.settings[node]


async def on(node: Running, case_id: str) -> None:
    """The district hands it on to its street."""
    await node.office.handle(cmd.Dispatch(
        **head(node, case_id), to=Address.parse(f"node:{STREET}"), limits=Limits()))


def emptied(settings: Settings) -> None:
    """The database server lost this database; an empty one takes its name."""
    with connect(open_engine(settings.database_url)) as conn, conn.begin():
        conn.execute(text("DROP SCHEMA public CASCADE"))
        conn.execute(text("CREATE SCHEMA public"))


