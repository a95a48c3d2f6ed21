"""A disk is lost and there is no backup at all: only the keys, which were kept elsewhere.

The neighbours run; the commands are processes, as a person starts them.
"""

from __future__ import annotations

import asyncio
import json
import shutil
import subprocess
import sys
from pathlib import Path

from prometheus_client import CollectorRegistry

from node.main.serving import running
from node.settings import Settings, load
from tests.integration.node.losses import (
    all_quiet,
    dispatched,
    done,
    generations_agree,
    nothing_twice,
    on,
    same_on_both_sides,
    sign,
    stands,
    town_with_files,
)
from tests.trees import CITY, DISTRICT, STREET

ROOT = Path(__file__).resolve().parents[3]


def wanmi(*command: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run((sys.executable, "-m", "node.cli", *command), cwd=ROOT, text=True,
                          capture_output=True, check=False)


def from_keys_alone(settings: Settings, folder: Path) -> Settings:
    """A new home with nothing in it but the keys, as the runbook makes it."""
    kept = folder / "kept-keys"
    shutil.copytree(settings.keys, kept)
    shutil.rmtree(settings.home)
    settings.home.mkdir(mode=0o700)
    shutil.copytree(kept, settings.keys)
    assert settings.parent is not None
    made = wanmi("init", "--home", str(settings.home), "--id", settings.node.id, "--profile",
                 settings.node.profile, "--parent", settings.parent.id, "--http-port", "0",
                 "--grpc-port", str(settings.grpc.port), "--json")
    assert made.returncode == 0, made.stderr
    return load(settings.home)


def test_a_district_comes_back_from_its_keys_alone(tmp_path: Path) -> None:
    town, settings = town_with_files(tmp_path)

    async def story() -> None:
        async with town.running(CITY) as above:
            city = above[CITY]
            async with (
                running(settings(DISTRICT), registry=CollectorRegistry()) as district,
                running(settings(STREET), registry=CollectorRegistry()) as street,
            ):
                through = await dispatched(city, DISTRICT)
                await stands(district, through, "held")
                await on(district, through)
                own = await dispatched(district, STREET)
                for case_id in (through, own):
                    await stands(street, case_id, "held")
                await sign(street, through)
                await all_quiet(city, district, street)
            async with running(settings(STREET), registry=CollectorRegistry()) as street:
                await done(street, own)  # said while the district is gone
                fresh = await asyncio.to_thread(from_keys_alone, settings(DISTRICT), tmp_path)
                led = await asyncio.to_thread(
                    wanmi, "recover", "--home", str(fresh.home), "--no-backup", "--yes", "--wait",
                    "60", "--surplus", "adopt", "--json")
                assert led.returncode == 0, led.stderr
                told = json.loads(led.stdout)
                assert told["needed"], "an empty database beside old keys has lost everything"
                assert {one["step"] for one in told["links"]} == {"DONE"}
                assert sum(one["echoed"] for one in told["links"]) > 4
                async with running(fresh, registry=CollectorRegistry()) as district:
                    await stands(district, through, "held")
                    await stands(district, own, "feedback_given")
                    await done(street, through)
                    await stands(city, through, "feedback_given")
                    await all_quiet(city, district, street)
                generations_agree(fresh, settings(STREET))
            generations_agree(settings(CITY), fresh)
        same_on_both_sides(settings(CITY), fresh)
        same_on_both_sides(fresh, settings(STREET))
        nothing_twice(settings(CITY), fresh, settings(STREET))

    asyncio.run(story())
