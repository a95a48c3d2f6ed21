"""Whom the town's table names, and addresses that are found by their words."""

from __future__ import annotations

from collections.abc import Sequence

import httpx

from tests.browser.ground import lay_addresses
from tests.integration.http.node import DISTRICT

STANDARD = "GB/T 47678.5-2026"
NAMED = (("matter", "06010"), ("component", "01037"), ("component", "01001"))
"""Classes that the district answers for."""


def name_district(api: httpx.Client) -> None:
    """The card of the district, its rows of the table, two addresses."""
    card = {"name": "西塞山区", "kind": "district", "region": DISTRICT,
            "address": f"node:{DISTRICT}", "clerks": [{"name": "受理员"}]}
    assert api.put(f"/api/v1/units/{DISTRICT}", json=card).status_code == 200
    answers_for(api, DISTRICT, NAMED)
    lay_addresses(api, (("颐阳路12号", 0), ("磁湖路88号", 1)))


def answers_for(api: httpx.Client, node: str, classes: Sequence[tuple[str, str]]) -> None:
    """Rows of the table: the office answers for these classes (kind, code) in its own area."""
    rows = "".join(f"{STANDARD},{kind},{code},{node},node:{node},主责\n" for kind, code in classes)
    taken = api.post("/api/v1/responsibilities", headers={"Content-Type": "text/csv"},
                     content=f"standard_ref,kind,code,area,assignee,duty\n{rows}".encode())
    assert taken.status_code == 200, taken.text
