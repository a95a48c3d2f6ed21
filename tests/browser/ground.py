"""Ground for the browser: squares of grids, covers along a street, names of divisions.

The squares lie where the cases of the town do; divisions are those of the worked example.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import httpx

from tests.places import COMMUNITY, LAT, LON, STEP, address, component, grid

WIDE, HIGH = 20, 12
COVERS = 60
SPOTS = ((4, 2), (7, 5), (12, 3), (15, 8), (9, 9), (2, 7), (17, 2), (11, 6))
"""In which square each case of the town lies."""


def spot(at: int) -> tuple[float, float]:
    """Longitude and latitude of a case of the town."""
    x, y = SPOTS[at % len(SPOTS)]
    return round(LON + (x + 0.4) * STEP, 6), round(LAT + (y + 0.6) * STEP, 6)


def lay(api: httpx.Client) -> None:
    """Import the ground into a running node."""
    _take(api, "region", [
        {"code": COMMUNITY[:6], "name": "西塞山区"},
        {"code": COMMUNITY[:9], "name": "章山街道"}])
    _take(api, "grid.unit", [grid(x, y) for y in range(HIGH) for x in range(WIDE)])
    _take(api, "component", [
        component(n, state="damaged" if n % 9 == 0 else "intact") for n in range(1, COVERS + 1)])


def lay_addresses(api: httpx.Client, texts: Sequence[tuple[str, int]]) -> None:
    """Import addresses, each where a case of the town lies."""
    _take(api, "address", [address(text, *spot(at)) for text, at in texts])


def _take(api: httpx.Client, layer: str, rows: Sequence[dict[str, Any]]) -> None:
    begun = api.post("/api/v1/places/imports", json={"layer": layer, "source": "town.json"})
    assert begun.status_code == 201, begun.text
    path = f"/api/v1/places/imports/{begun.json()['id']}"
    _ok(api.post(f"{path}/rows", json={
        "rows": [{"line": n, "row": row} for n, row in enumerate(rows, start=1)]}))
    checked = _ok(api.post(f"{path}/check"))
    assert checked["faults"] == [], checked
    after = ""
    while after := _ok(api.post(f"{path}/apply", json={"after": after}))["next"]:
        pass
    _ok(api.post(f"{path}/finish"))


def _ok(answer: httpx.Response) -> dict[str, Any]:
    assert answer.status_code == 200, answer.text
    return dict(answer.json())
