"""The main job as its user runs it: the whole federation, one bad day, every invariant."""

from __future__ import annotations

import json
import signal
import subprocess
import sys
import time
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import httpx
import pytest

from node.cli.demo.guide import ENDS_WITH
from node.cli.demo.tour import TOLD

ROOT = Path(__file__).resolve().parents[2]


def demo(folder: Path, *args: str) -> None:
    ended = subprocess.run(
        [sys.executable, "-m", "node.cli", "demo", "--exit", "--folder", str(folder), *args],
        cwd=ROOT, capture_output=True, text=True, timeout=380, check=False,
    )
    assert 0 == ended.returncode, f"{args}\n{ended.stdout[-6000:]}\n{ended.stderr[-3000:]}"
    assert "全部成立" in ended.stdout


@pytest.mark.slow
@pytest.mark.nats
@pytest.mark.timeout(400)
def test_the_demo_ends_with_every_invariant_true(tmp_path: Path) -> None:
    demo(tmp_path / "demo", "--seed", "7", "--cases", "150")


@contextmanager
def staying(folder: Path, *args: str) -> Iterator[list[dict[str, Any]]]:
    """The demo without ``--exit``; yields its doors, then presses Ctrl-C."""
    said = folder.parent / "said.txt"
    with said.open("w") as out:
        running = subprocess.Popen(
            [sys.executable, "-m", "node.cli", "demo", "--folder", str(folder), *args],
            cwd=ROOT, stdout=out, stderr=subprocess.STDOUT, stdin=subprocess.DEVNULL)
        try:
            deadline = time.monotonic() + 300
            while ENDS_WITH not in said.read_text():
                assert running.poll() is None, said.read_text()[-6000:]
                assert time.monotonic() < deadline, said.read_text()[-6000:]
                time.sleep(0.5)
            yield json.loads((folder / TOLD).read_text())
            running.send_signal(signal.SIGINT)
            assert running.wait(60) == 0, said.read_text()[-6000:]
        finally:
            running.kill()
            running.wait()
    assert "全部成立" in said.read_text()


@pytest.mark.slow
@pytest.mark.nats
@pytest.mark.timeout(400)
def test_any_process_may_be_killed_and_started_again(tmp_path: Path) -> None:
    """Each process of the federation dies once: the root with its broker, both other tiers, the
    unit, and the legacy systems. The district that the day itself kills makes it complete. At the
    end whoever was told a login comes in with it, at every office, and finds work there."""
    kills = ("420200@0.1", "oms@0.3", "4202U36@0.4", "420203008@0.6", "telecom@0.7",
             "420203@0.9", "420200@1.0")
    with staying(tmp_path / "demo", "--seed", "11", "--cases", "70",
                 *(part for kill in kills for part in ("--kill", kill))) as doors:
        assert {"420200", "420202", "420203", "420203008", "4202U36"} == {
            door["office"] for door in doors}
        for door in doors:
            first_page(door)
    told = {line.strip("│ ") for line in (tmp_path / "said.txt").read_text().splitlines()}
    back = Counter(line.partition("✓ ")[2].split()[0] for line in told if "started again" in line)
    assert Counter(kill.partition("@")[0] for kill in kills) + Counter({"420202": 1}) == back


def first_page(door: dict[str, Any]) -> None:
    """Log in at this door as its owner does, and see the first room."""
    base = httpx.URL(door["url"]).copy_with(path="/")
    with httpx.Client(base_url=base, trust_env=False, follow_redirects=True, timeout=30,
                      headers={"Origin": str(base).rstrip("/")}) as http:
        page = http.get(door["url"])
        page = http.post("/account/login", data={
            "login": door["login"], "password": door["password"]})
        if door["codes"]:
            csrf = page.text.partition('name="csrf" value="')[2].partition('"')[0]
            page = http.post("/account/factor", data={"csrf": csrf, "code": door["codes"][0]})
        page = http.get(door["url"])
        assert page.status_code == 200, (door["login"], page.text[:500])
        assert page.url.path.startswith("/console"), (door["login"], page.url)
        assert door["name"] in page.text, door["login"]
