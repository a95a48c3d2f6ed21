"""Three offices with consoles of their own, city, district and unit, and a line between city and
district that can be cut."""

from __future__ import annotations

import json
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from typer.testing import CliRunner

from hub.ports import free_port
from node.cli import app
from tests.browser.line import Line
from tests.browser.table import answers_for
from tests.browser.town import account
from tests.integration.http.node import Node, launch

CITY, DISTRICT, UNIT = "420200", "420203", "420203008"
OFFICES = (
    (CITY, "黄石市", "city", ""), (DISTRICT, "西塞山区", "district", CITY),
    (UNIT, "八泉街道", "unit", DISTRICT),
)
"""Id, name, profile, parent; those of the worked example."""
PEOPLE = {
    CITY: (("liu.yang", "刘洋", ("shift_leader", "dispatcher", "intake_operator")),),
    DISTRICT: (("zhang.jun", "张军", ("dispatcher", "unit_clerk")),),
    UNIT: (("wang.li", "王丽", ("unit_clerk",)),),
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Federation:
    """The running offices by id, and the line between the first two."""

    nodes: dict[str, Node]
    line: Line


def _said(*args: str) -> str:
    """What a command of the line says. In this process, which has loaded it all; in a thread,
    because the browser's loop runs in this one."""
    with ThreadPoolExecutor(1) as beside:
        done = beside.submit(CliRunner().invoke, app, [*args, "--lang", "en"]).result(120)
    assert done.exit_code == 0, (args, done.output, done.exception)
    return done.stdout


@contextmanager
def federation(folder: Path) -> Iterator[Federation]:
    """Make them, join them, start them and make accounts; they end with the block."""
    doors = {one: free_port() for one, *_ in OFFICES}
    made: dict[str, tuple[int, str]] = {}
    for node, name, profile, parent in OFFICES:
        port = free_port()
        said = json.loads(_said(
            "init", "--home", str(folder / node), "--id", node, "--name", name, "--profile",
            profile, "--http-port", str(port), "--grpc-port", str(doors[node]), "--nats-port",
            "0", *(("--parent", parent) if parent else ()), "--json"))
        made[node] = port, said["token"]
    with (folder / CITY / "wanmi.toml").open("a", encoding="utf-8") as settings:
        settings.write("\n[public]\nreports = true\n")
    line = Line(doors[CITY])
    nodes: dict[str, Node] = {}
    try:
        _join(folder, DISTRICT, CITY, line.port)
        _said("roster", "add", "--home", str(folder / CITY),
              str(folder / UNIT / "join-request.json"))
        _join(folder, UNIT, DISTRICT, doors[DISTRICT])
        for node, (port, token) in made.items():
            nodes[node] = launch(folder / node, port, token)
        for node, running in nodes.items():
            running.wait_ready()
            with running.client() as api:
                for login, name, roles in PEOPLE[node]:
                    account(running, api, login, name, roles)
        with nodes[CITY].client() as api:
            answers_for(api, DISTRICT, (("component", "01001"), ("matter", "01001")))
        yield Federation(nodes=nodes, line=line)
    finally:
        for running in reversed(nodes.values()):
            running.stop()
        line.end()


def _join(folder: Path, child: str, parent: str, port: int) -> None:
    kit = folder / f"{child}.kit.json"
    _said("link", "accept", "--home", str(folder / parent),
          str(folder / child / "join-request.json"), "--out", str(kit),
          "--grpc", f"127.0.0.1:{port}")
    _said("link", "join", "--home", str(folder / child), str(kit))
