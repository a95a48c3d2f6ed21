"""Pages of the console in a browser on one machine: first contentful paint, bytes, layout shift.

``python -m tests.bench.pages`` prints a table for docs/console.md. A page is opened again and again
in a browser that keeps files, as a desk does all day; *nothing kept* is a fresh browser; *first of
all* is that, and the node has never made the page since it started. The raw limit is a page of one
word from a bare server in the same run.
"""

from __future__ import annotations

import statistics
import tempfile
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any, Final

from playwright.sync_api import Browser, Page

from tests.browser.people import SHIFTS, browser, log_in, opened
from tests.browser.town import Town, build

ROUNDS: Final = 20
FRESH: Final = 7
"""Browsers that keep nothing yet."""
KB: Final = 1024
PAGES: Final = (
    ("案卷工作台", "/console/work"), ("案卷", "/console/cases/{case}"),
    ("受理登记", "/console/intake"), ("派遣台", "/console/dispatch"),
    ("申请审批", "/console/requests"), ("综合评价", "/console/evaluation"),
    ("地图", "/console/map"),
)
PAINTED: Final = """async () => {
  const painted = () => performance.getEntriesByName('first-contentful-paint')[0];
  while (!painted()) await new Promise(done => setTimeout(done, 5));
  return painted().startTime;
}"""


class _Word(BaseHTTPRequestHandler):
    def do_GET(self) -> None:
        self.send_response(200)
        self.send_header("Content-Type", "text/html")
        self.send_header("Content-Length", "15")
        self.end_headers()
        self.wfile.write(b"<p>wanmi wanmi\n")

    def log_message(self, *_args: object) -> None:
        """Nothing: the table is the output."""


@contextmanager
def bare() -> Iterator[str]:
    """A server of one word; yields its address."""
    server = ThreadingHTTPServer(("127.0.0.1", 0), _Word)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    try:
        yield f"http://127.0.0.1:{server.server_port}"
    finally:
        server.shutdown()


def painted(page: Page, path: str) -> list[float]:
    """Milliseconds to the first contentful paint, load by load."""
    found = []
    for _ in range(ROUNDS):
        page.goto(path)
        found.append(float(page.evaluate(PAINTED)))
    return found


def weighed(at: Browser, town: Town, state: Any, path: str) -> tuple[float, float, float]:
    """(bytes without the map library, first paint in ms, layout shift) in a browser that keeps
    nothing yet."""
    page = opened(at, town.node.url, state=state)
    page.add_init_script(SHIFTS)
    sizes: list[int] = []

    def weigh(answer: Any) -> None:
        if "maplibre" not in answer.url and "/tiles/" not in answer.url:
            sizes.append(int(answer.headers.get("content-length", "0")))

    page.on("response", weigh)
    page.goto(path)
    first = float(page.evaluate(PAINTED))
    page.wait_for_timeout(800)
    moved = float(page.evaluate("window.moved"))
    page.context.close()
    return sum(sizes) / KB, first, moved


def main() -> None:
    """Measure and print."""
    with tempfile.TemporaryDirectory() as folder, browser() as at, bare() as limit:
        town = build(Path(folder))
        try:
            page = opened(at, town.node.url)
            log_in(page, "liu.yang")
            state = page.context.storage_state()
            raw = statistics.median(painted(opened(at, limit), limit))
            print(f"one word from a bare server: p50 {raw:.0f} ms\n")
            print("| Page | First paint p50, p95 | × bare | Nothing kept p50 | First of all "
                  "| kB without map library | Layout shift |\n|---|---|---|---|---|---|---|")
            for name, path in PAGES:
                where = path.format(case=town.cases[0]["case_id"])
                (kb, first, moved), *others = [
                    weighed(at, town, state, where) for _ in range(1 + FRESH)]
                cold = statistics.median(one[1] for one in others)
                warm = sorted(painted(page, where))
                p50, p95 = statistics.median(warm), warm[int(len(warm) * 0.95) - 1]
                print(f"| {name} | {p50:.0f} ms, {p95:.0f} ms | {p50 / raw:.1f} | {cold:.0f} ms "
                      f"| {first:.0f} ms | {kb:.0f} | {moved:.3f} |")
        finally:
            town.node.stop()


if __name__ == "__main__":
    main()
