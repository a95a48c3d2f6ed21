"""What else a recovery meets: a crash at any moment, neighbours who are away, the old machine that
comes back, and work that nobody here knows of."""

from __future__ import annotations

import asyncio
import json
import shutil
import signal
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
from prometheus_client import CollectorRegistry
from sqlalchemy import text

from hub.errors import Fenced, Unreachable
from hub.store.engine import connect, open_engine
from node.core.errors import Refused
from node.main.serving import running
from node.settings import Settings, load
from tests.integration.node.losses import (
    Script,
    all_quiet,
    backed_up,
    dispatched,
    done,
    generations_agree,
    led,
    nothing_twice,
    query,
    rebuilt,
    same_on_both_sides,
    sign,
    stands,
    town_with_files,
)
from tests.integration.node.town import until
from tests.trees import CITY, DISTRICT, STREET

ROOT = Path(__file__).resolve().parents[3]


def by_hand(settings: Settings, *more: str) -> subprocess.Popen[str]:
    """`wanmi recover` as a person starts it."""
    return subprocess.Popen(
        (sys.executable, "-m", "node.cli", "recover", "--home", str(settings.home), "--yes",
         "--wait", "60", "--json", *more),
        cwd=ROOT, text=True, stdout=subprocess.PIPE, stderr=subprocess.PIPE)


def test_a_recovery_killed_again_and_again_comes_to_its_end(tmp_path: Path) -> None:
    town, settings = town_with_files(tmp_path)

    async def story() -> None:
        async with town.running(CITY, DISTRICT) as node:
            district = node[DISTRICT]
            async with running(settings(STREET), registry=CollectorRegistry()) as street:
                early = await dispatched(district, STREET)
                await stands(street, early, "held")
                kept, words = await asyncio.to_thread(backed_up, settings(STREET), tmp_path)
                cases = [await dispatched(district, STREET) for _ in range(3)]
                for case_id in cases:
                    await stands(street, case_id, "held")
                    await sign(street, case_id)
                    await done(street, case_id)
                    await stands(district, case_id, "feedback_given")
                await all_quiet(district, street)
            fresh = await asyncio.to_thread(rebuilt, settings(STREET), kept, words)
            for seconds in (0.8, 1.6, 2.2, 2.8, 3.4):
                process = by_hand(fresh)
                await asyncio.sleep(seconds)
                if process.poll() is None:
                    process.send_signal(signal.SIGKILL)
                await asyncio.to_thread(process.communicate)
                if process.returncode == 0:
                    break
            last = by_hand(fresh)
            out, err = await asyncio.to_thread(last.communicate)
            assert last.returncode == 0, err
            assert json.loads(out)["apart"] == 0
            async with running(fresh, registry=CollectorRegistry()) as street:
                for case_id in cases:
                    await stands(street, case_id, "done")
                await stands(street, early, "held")
                await all_quiet(district, street)
            same_on_both_sides(settings(DISTRICT), fresh)
            generations_agree(settings(DISTRICT), fresh)
            nothing_twice(settings(DISTRICT), fresh)

    asyncio.run(story())


def test_nothing_goes_on_before_a_person_has_confirmed(tmp_path: Path) -> None:
    town, settings = town_with_files(tmp_path)

    async def story() -> None:
        async with town.running(CITY, DISTRICT) as node:
            async with running(settings(STREET), registry=CollectorRegistry()) as street:
                await stands(street, await dispatched(node[DISTRICT], STREET), "held")
                await all_quiet(street)
                kept, words = await asyncio.to_thread(backed_up, settings(STREET), tmp_path)
            fresh = await asyncio.to_thread(rebuilt, settings(STREET), kept, words)
            told = await led(fresh, Script(confirms=False))
            assert [one.step for one in told.stands] == ["ECHOED"]
            assert query(fresh.database_url, "SELECT out_epoch FROM link") == [(1,)]
            with pytest.raises(Fenced) as refused:
                async with running(fresh, registry=CollectorRegistry()):
                    pass
            assert refused.value.code == "node.restored"
            # Restored from a backup of now, it would take the epoch of this recovery for its own
            # again and give numbers twice (a seed of the simulated fabric).
            later = tmp_path / "later"
            later.mkdir()
            with pytest.raises(Fenced) as half:
                await asyncio.to_thread(backed_up, fresh, later)
            assert half.value.code == "backup.recovering"
            assert not list(later.glob("kept/*/manifest.json"))
            told = await led(fresh)
            assert [one.step for one in told.stands] == ["DONE"]
            assert query(fresh.database_url, "SELECT out_epoch FROM link") > [(1_000_000,)]
            assert not (await led(fresh)).needed

    asyncio.run(story())


def test_the_old_machine_that_comes_back_is_fenced(tmp_path: Path) -> None:
    town, settings = town_with_files(tmp_path)

    async def story() -> None:
        async with town.running(CITY, DISTRICT) as node:
            district = node[DISTRICT]
            async with running(settings(STREET), registry=CollectorRegistry()) as street:
                case_id = await dispatched(district, STREET)
                await stands(street, case_id, "held")
                await all_quiet(district, street)
                kept, words = await asyncio.to_thread(backed_up, settings(STREET), tmp_path)
                await sign(street, case_id)
                await all_quiet(district, street)
            old_home = tmp_path / "old"
            shutil.copytree(settings(STREET).home, old_home)
            fresh = await asyncio.to_thread(rebuilt, settings(STREET), kept, words)
            await led(fresh)
            async with running(load(old_home), registry=CollectorRegistry()) as old:
                await done(old, case_id)  # it works alone and knows nothing yet

                async def fenced() -> bool:
                    rows = query(old.settings.database_url, "SELECT state FROM link")
                    return rows == [("FENCED",)]

                await until("the old machine's link to stand still", fenced)
            async with running(fresh, registry=CollectorRegistry()) as street:
                await done(street, case_id)
                await stands(district, case_id, "feedback_given")
                await all_quiet(district, street)
            same_on_both_sides(settings(DISTRICT), fresh)
            nothing_twice(settings(DISTRICT), fresh)

    asyncio.run(story())


def test_a_neighbour_who_is_away_is_waited_for_or_left_out(tmp_path: Path) -> None:
    town, settings = town_with_files(tmp_path)

    async def story() -> None:
        async with town.running(CITY) as node:
            async with running(settings(DISTRICT), registry=CollectorRegistry()) as district:
                await stands(district, await dispatched(node[CITY], DISTRICT), "held")
                await all_quiet(district)
                kept, words = await asyncio.to_thread(backed_up, settings(DISTRICT), tmp_path)
            fresh = await asyncio.to_thread(rebuilt, settings(DISTRICT), kept, words)
            with pytest.raises(Unreachable) as waiting:
                await led(fresh, wait_s=3.0)
            assert waiting.value.code == "recovery.waiting"
            assert STREET in str(waiting.value)
            told = await led(fresh, waive=(f"{DISTRICT}-{STREET}",), wait_s=8.0)
            assert {one.link: one.step for one in told.stands} == {
                f"{CITY}-{DISTRICT}": "DONE", f"{DISTRICT}-{STREET}": "WAIVED"}
            async with running(fresh, registry=CollectorRegistry()) as district:
                await stands(node[CITY], await dispatched(node[CITY], DISTRICT), "dispatched")
                with pytest.raises(Refused):
                    await dispatched(district, STREET)
            async with running(settings(STREET), registry=CollectorRegistry()):
                told = await led(fresh)
                assert {one.step for one in told.stands} == {"DONE"}
                async with running(fresh, registry=CollectorRegistry()) as district:
                    await dispatched(district, STREET)

    asyncio.run(story())


@pytest.mark.parametrize("answer", ["adopt", "withdraw"])
def test_work_that_nobody_here_knows_is_taken_over_or_called_back(
    tmp_path: Path, answer: str
) -> None:
    """The neighbour took the order so long ago that it does not keep its bytes any more."""
    town, settings = town_with_files(tmp_path)

    async def story() -> None:
        async with town.running(CITY) as _:
            async with (
                running(settings(DISTRICT), registry=CollectorRegistry()) as district,
                running(settings(STREET), registry=CollectorRegistry()) as street,
            ):
                kept, words = await asyncio.to_thread(backed_up, settings(DISTRICT), tmp_path)
                case_id = await dispatched(district, STREET)
                await stands(street, case_id, "held")
                await all_quiet(district, street)
            with connect(open_engine(settings(STREET).database_url)) as conn, conn.begin():
                conn.execute(text("UPDATE inbox SET sealed = NULL"))
            async with running(settings(STREET), registry=CollectorRegistry()) as street:
                fresh = await asyncio.to_thread(rebuilt, settings(DISTRICT), kept, words)
                script = Script(answer)
                told = await led(fresh, script)
                assert [one.neighbour for one in script.asked] == [STREET]
                async with running(fresh, registry=CollectorRegistry()) as district:
                    await _afterwards(answer, told, case_id, district, street)
                generations_agree(fresh, settings(STREET))
                nothing_twice(fresh, settings(STREET))

    asyncio.run(story())


async def _afterwards(answer: str, told: Any, case_id: str, district: Any, street: Any) -> None:
    if answer == "adopt":
        assert (told.adopted, told.called_back, told.left) == (1, 0, 0)
        await sign(street, case_id)
        await done(street, case_id)
        await stands(district, case_id, "feedback_given")
    else:
        assert (told.adopted, told.called_back, told.left) == (0, 1, 0)
        await stands(street, case_id, "ended")
    await all_quiet(district, street)
