"""What axe-core finds on a page."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

from playwright.sync_api import Page

AXE = Path(__file__).with_name("vendor") / "axe.min.js"


def serious(page: Page) -> list[Any]:
    """Rule, impact and places of what is serious or critical."""
    # Beside the policy of the page, which allows nothing that is not a file of ours.
    session = page.context.new_cdp_session(page)
    session.send("Runtime.evaluate", {"expression": AXE.read_text(encoding="utf-8")})
    told = session.send("Runtime.evaluate", {
        "expression": "axe.run(document, {resultTypes: ['violations']})"
        ".then(r => JSON.stringify(r.violations.map(v => [v.id, v.impact,"
        " v.nodes.map(n => n.html.slice(0, 120))])))",
        "awaitPromise": True, "returnByValue": True})
    return [one for one in json.loads(told["result"]["value"])
            if one[1] in {"serious", "critical"}]
