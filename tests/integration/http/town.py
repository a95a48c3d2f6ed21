"""City, district and street as real nodes in processes of their own, joined over gRPC."""

from __future__ import annotations

import json
import time
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import httpx

from hub.ports import free_port
from hub.roster.identity import Identity
from tests.integration.http.node import CITY, DISTRICT, Node, launch, wanmi

STREET = "420203001"
WITHIN_S = 30.0


@dataclass(slots=True, kw_only=True)
class Town:
    """The three offices, highest first."""

    city: Node
    district: Node
    street: Node

    def stop(self) -> list[int]:
        """End them, lowest first; their exit statuses."""
        return [one.stop() for one in (self.street, self.district, self.city)]


def start_town(folder: Path) -> Town:
    """Made with the commands that administrators use, and running."""
    homes = {node: folder / node for node in (CITY, DISTRICT, STREET)}
    http = {node: free_port() for node in homes}
    grpc = {CITY: free_port(), DISTRICT: free_port(), STREET: 0}
    above = {DISTRICT: CITY, STREET: DISTRICT}
    tokens = {}
    for (node, home), profile in zip(homes.items(), ("city", "district", "street"), strict=True):
        parent = ("--parent", above[node]) if node in above else ()
        made = wanmi("init", "--home", str(home), "--id", node, "--profile", profile,
                     "--http-port", str(http[node]), "--grpc-port", str(grpc[node]),
                     "--nats-port", "0", *parent, "--json")
        tokens[node] = json.loads(made)["token"]
    for child, parent in above.items():
        paper, kit = homes[child] / "join-request.json", folder / f"{child}.kit.json"
        if parent != CITY:
            wanmi("roster", "add", "--home", str(homes[CITY]), str(paper))
            # The roster that names the grandchild travels later; here it is carried by hand.
            Identity.load(homes[parent] / "keys").keep_roster(
                Identity.load(homes[CITY] / "keys").signed_roster() or b"")
        wanmi("link", "accept", "--home", str(homes[parent]), str(paper), "--out", str(kit),
              "--grpc", f"localhost:{grpc[parent]}")
        wanmi("link", "join", "--home", str(homes[child]), str(kit), "--prefer", "GRPC")
    nodes = [launch(homes[node], http[node], tokens[node]) for node in homes]
    town = Town(city=nodes[0], district=nodes[1], street=nodes[2])
    try:
        for one in nodes:
            one.wait_ready()
    except BaseException:
        for one in nodes:
            one.process.kill()
        raise
    return town


def document(api: httpx.Client, case_id: str) -> dict[str, Any]:
    """The case as this office knows it; {} = not at all yet."""
    answer = api.get(f"/api/v1/cases/{case_id}")
    found: dict[str, Any] = answer.json() if answer.status_code == 200 else {}
    return found


def until(
    api: httpx.Client, case_id: str, what: str, holds: Callable[[dict[str, Any]], bool],
) -> dict[str, Any]:
    """The case's document once it is so; the failure says what was waited for."""
    deadline = time.monotonic() + WITHIN_S
    while True:
        found = document(api, case_id)
        if found and holds(found):
            return found
        assert time.monotonic() < deadline, (what, found)
        time.sleep(0.05)
