"""``make screenshots``: the pictures of docs/console.md, of a node with a few cases. With a folder
as argument every page is taken in both sizes and both themes."""

from __future__ import annotations

import sys
import tempfile
from pathlib import Path

from tests.browser.people import DESK, PHONE, browser, log_in, opened
from tests.browser.running_pictures import files_of_running, running
from tests.browser.town import build

DOCS = Path(__file__).resolve().parents[2] / "docs" / "images"
SHOWN = frozenset({"console-work-light-1280.png", "console-work-dark-360.png"})
"""What the page of the docs shows."""

FIGURES = (
    ("overview", "/console/overview"), ("evaluation", "/console/evaluation"),
    ("evaluation-line", "/console/evaluation/line?subject=district&key=420203"),
    ("evaluation-meaning",
     "/console/evaluation/meaning?subject=district&of=rate&name=closing_on_time"),
    ("evaluation-cases",
     "/console/evaluation/cases?subject=district&figure=reported@reported&rate=filing"),
    ("evaluation-published", "/console/evaluation/published"),
    ("problems", "/console/library"), ("problems-sheet", "/console/library/sheets"),
    ("fund", "/console/fund"), ("budget", "/console/budget"),
)
"""Pages of figures, by name."""


def main(target: Path, only: frozenset[str] = frozenset()) -> None:
    """Take them; ``only`` empty = all, else files, or pages by their name."""
    target.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory() as folder, browser() as found:
        town = build(Path(folder))
        case = f"/console/cases/{town.cases[0]['case_id']}"
        pages = (("login", "/account/login"), ("work", "/console/work"), ("case", case),
                 ("verb", f"{case}/verbs/supervise"), ("intake", "/console/intake"),
                 ("dispatch", "/console/dispatch"), ("requests", "/console/requests"),
                 ("supervise", "/console/supervise"),
                 ("phone", "/console/phone"), ("public", "/public"), ("report", "/public/report"),
                 ("map", "/console/map"), *FIGURES, ("style", "/console/style"))
        try:
            for size in (DESK, PHONE):
                for theme in ("light", "dark"):
                    page = opened(found, town.node.url, size=size, theme=theme)
                    for name, path in pages:
                        file = f"console-{name}-{theme}-{size[0]}.png"
                        if name == "work":
                            log_in(page, "liu.yang")
                        if only and not {file, name} & only:
                            continue
                        page.goto(path)
                        page.wait_for_timeout(300)
                        page.screenshot(path=target / file, full_page=name == "style")
                    page.context.close()
        finally:
            town.node.stop()
    if not only or only & files_of_running():
        with tempfile.TemporaryDirectory() as folder, browser() as found, \
                running(Path(folder)) as made:
            made.take(found, target, only)


if __name__ == "__main__":
    if sys.argv[1:]:
        main(Path(sys.argv[1]), frozenset(sys.argv[2:]))
    else:
        main(DOCS, SHOWN)
