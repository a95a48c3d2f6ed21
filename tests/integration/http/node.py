"""A real node in a process of its own, with one child link that nobody answers on."""

from __future__ import annotations

import json
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import httpx

from hub.ports import free_port

START_S = 60.0
STOP_S = 20.0
CITY, DISTRICT = "420200", "420203"
LINK = f"{CITY}-{DISTRICT}"
WANMI = (sys.executable, "-m", "node.cli")
CLIENTS_MAX = 3
HEARTBEAT_S = 0.5
PUBLIC_REPORTS_MAX = 4


@dataclass(slots=True, kw_only=True)
class Node:
    """One running node and how to reach it."""

    home: Path
    url: str
    token: str
    log: Path
    process: subprocess.Popen[bytes]

    def client(self, token: str | None = None, **options: object) -> httpx.Client:
        """An HTTP client that carries the token ("" = none)."""
        given = self.token if token is None else token
        headers = {"Authorization": f"Bearer {given}"} if given else {}
        return httpx.Client(base_url=self.url, headers=headers, timeout=20.0,
                            trust_env=False, **options)  # type: ignore[arg-type]

    def wait_ready(self) -> None:
        """Until it answers; a node that does not is ended, and its log is the failure."""
        deadline = time.monotonic() + START_S
        while True:
            assert self.process.poll() is None, self.log.read_text(errors="replace")
            try:
                if httpx.get(f"{self.url}/readyz", timeout=5, trust_env=False).status_code == 200:
                    return
            except httpx.HTTPError:
                pass
            if time.monotonic() > deadline:
                self.process.kill()
                raise AssertionError(self.log.read_text(errors="replace"))
            time.sleep(0.1)

    def stop(self) -> int:
        """End it with SIGTERM; returns its exit status."""
        if self.process.poll() is None:
            self.process.send_signal(signal.SIGTERM)
        try:
            return self.process.wait(STOP_S)
        except subprocess.TimeoutExpired:
            self.process.kill()
            self.process.wait(STOP_S)
            raise


def wanmi(*args: str) -> str:
    """Run one command to its end; its standard output."""
    done = subprocess.run((*WANMI, *args, "--lang", "en"), capture_output=True, text=True,
                          timeout=120, check=False)
    assert done.returncode == 0, (args, done.stdout, done.stderr)
    return done.stdout


def start(
    folder: Path, before: Callable[[Path], None] | None = None, *, public: str = "",
) -> Node:
    """Make a city with one district below it, and serve the city. ``before``: what is laid into
    its home before it runs. ``public``: further lines of its settings about the public."""
    home, below = folder / CITY, folder / DISTRICT
    port = free_port()
    made = json.loads(wanmi(
        "init", "--home", str(home), "--id", CITY, "--name", "黄石市", "--profile", "city",
        "--http-port", str(port), "--grpc-port", "0", "--nats-port", "0", "--json"))
    wanmi("init", "--home", str(below), "--id", DISTRICT, "--name", "西塞山区", "--parent", CITY,
          "--json")
    wanmi("link", "accept", "--home", str(home), str(below / "join-request.json"),
          "--out", str(folder / "kit.json"), "--grpc", "127.0.0.1:9")
    settings = home / "wanmi.toml"
    settings.write_text(settings.read_text(encoding="utf-8").replace(
        "[http]\n", f"[http]\nchanges_heartbeat_s = {HEARTBEAT_S}\n"
        f"changes_clients_max = {CLIENTS_MAX}\n")
        + f"\n[public]\nreports = true\nper_address_h = {PUBLIC_REPORTS_MAX}\n" + public,
        encoding="utf-8")
    if before is not None:
        before(home)
    node = launch(home, port, made["token"])
    node.wait_ready()
    return node


@contextmanager
def served(
    folder: Path, before: Callable[[Path], None] | None = None, *, public: str = "",
) -> Iterator[Node]:
    """As ``start``, until the end of the block, at which it has to stop without a fault."""
    node = start(folder, before, public=public)
    try:
        yield node
    finally:
        status = node.stop()
    assert status == 0, node.log.read_text(errors="replace")


def launch(home: Path, port: int, token: str) -> Node:
    """Begin to serve a home; its log lies beside it."""
    log = home.with_suffix(".log")
    with log.open("wb") as out:
        process = subprocess.Popen(
            (*WANMI, "serve", "--home", str(home)), stdout=out, stderr=subprocess.STDOUT,
            stdin=subprocess.DEVNULL,
        )
    return Node(home=home, url=f"http://127.0.0.1:{port}", token=token, log=log, process=process)
