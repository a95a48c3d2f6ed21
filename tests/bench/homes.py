"""Homes for measured nodes: bare identities for the stations, whole nodes for the offices."""

from __future__ import annotations

import re
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path

import httpx

from hub.ids import NodeId
from hub.ports import free_port
from hub.roster import join
from tests.trees import CITY, DISTRICT, bring_in, newcomer

WANMI = (sys.executable, "-m", "node.cli")
COMMAND_S = 60.0
ANSWER_S = 60.0


def bare_pair(folder: Path) -> tuple[Path, Path]:
    """Identities of a parent and its child, joined today."""
    now_us = time.time_ns() // 1_000
    city = newcomer(folder, CITY, None, now_us=now_us)
    join.found(city, now_us=now_us)
    bring_in(city, newcomer(folder, DISTRICT, CITY, now_us=now_us), city, now_us=now_us)
    return folder / CITY, folder / DISTRICT


def whole_pair(folder: Path, *, child: NodeId, profile: str, carrier: str) -> tuple[Path, Path]:
    """A city and one child, made with the commands that administrators use."""
    above, below = folder / CITY, folder / child
    grpc, nats = free_port(), free_port()
    whole(above, CITY, "city", "--grpc-port", str(grpc), "--nats-port", str(nats),
          *(("--nats",) if carrier == "NATS" else ()))
    whole(below, child, profile, "--parent", CITY)
    kit = folder / "kit.json"
    reach = ("--grpc", f"localhost:{grpc}")
    if carrier == "NATS":
        reach += ("--nats", f"tls://localhost:{nats}")
    _wanmi("link", "accept", "--home", str(above), str(below / "join-request.json"),
           "--out", str(kit), *reach)
    _wanmi("link", "join", "--home", str(below), str(kit), "--prefer", carrier)
    return above, below


def whole(home: Path, node: str, profile: str, *more: str) -> Path:
    """One node, made with the command that administrators use."""
    _wanmi("init", "--home", str(home), "--id", node, "--profile", profile,
           "--http-port", str(free_port()), *more)
    return home


def serve(home: Path, log: Path) -> subprocess.Popen[bytes]:
    """A running node; end it with ``terminate``."""
    with log.open("wb") as file:
        return subprocess.Popen(
            (*WANMI, "serve", "--home", str(home)), stdout=file, stderr=file
        )


def caller(home: Path) -> httpx.Client:
    """Calls the API of a home's node with the token of its command line."""
    token = (home / "keys" / "cli.token").read_text(encoding="ascii").strip()
    return httpx.Client(
        base_url=f"http://127.0.0.1:{http_port(home)}", trust_env=False, timeout=ANSWER_S,
        headers={"Authorization": f"Bearer {token}"},
    )


def is_ready(client: httpx.Client) -> bool:
    """Whether the node serves."""
    return client.get("/readyz").is_success


def until(what: str, client: httpx.Client, holds: Callable[[httpx.Client], bool],
          within_s: float) -> None:
    """Wait for it; a node that does not answer yet has not got so far."""
    deadline = time.monotonic() + within_s
    while time.monotonic() < deadline:
        try:
            if holds(client):
                return
        except httpx.HTTPError:
            pass
        time.sleep(0.1)
    raise RuntimeError(f"{what} did not come up")


def _wanmi(*arguments: str) -> None:
    done = subprocess.run(
        (*WANMI, *arguments), capture_output=True, text=True, timeout=COMMAND_S, check=False
    )
    if done.returncode:
        raise RuntimeError(f"wanmi {' '.join(arguments)}: {done.stdout}{done.stderr}")


def http_port(home: Path) -> int:
    """As the settings of a home say."""
    found = re.search(r"\[http\][^\[]*?port\s*=\s*(\d+)", (home / "wanmi.toml").read_text())
    assert found is not None, "init writes the port"
    return int(found[1])
