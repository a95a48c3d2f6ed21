"""``make screenshots``: the pictures of docs/console.md, taken of a node with a few cases."""

from __future__ import annotations

import sys
import tempfile
from pathlib import Path

from tests.browser.people import DESK, PHONE, browser, log_in, opened
from tests.browser.town import build

TARGET = Path(__file__).resolve().parents[2] / "docs" / "images"


def main(target: Path = TARGET) -> None:
    target.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory() as folder, browser() as found:
        town = build(Path(folder))
        try:
            case = f"/console/cases/{town.cases[0]['case_id']}"
            for size in (DESK, PHONE):
                for theme in ("light", "dark"):
                    page = opened(found, town.node.url, size=size, theme=theme)
                    page.goto("/account/login")
                    page.screenshot(path=target / f"console-login-{theme}-{size[0]}.png")
                    log_in(page, "liu.yang")
                    for name, path in (
                        ("work", "/console/work"), ("case", case), ("style", "/console/style"),
                        ("verb", f"{case}/verbs/supervise"),
                    ):
                        page.goto(path)
                        page.wait_for_timeout(300)
                        page.screenshot(
                            path=target / f"console-{name}-{theme}-{size[0]}.png",
                            full_page=name == "style")
                    page.context.close()
        finally:
            town.node.stop()


if __name__ == "__main__":
    main(*(Path(one) for one in sys.argv[1:2]))
