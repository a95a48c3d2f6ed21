"""Pages of those who run a node, for ``tests.browser.screenshots``: a city with a district, a word
that is parked, an adapter."""

from __future__ import annotations

from collections.abc import Collection, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import httpx
from playwright.sync_api import Browser, Page

from tests.browser.below import Below, join, until
from tests.browser.drop import ADAPTER, lay, speak
from tests.browser.people import DESK, PHONE, opened
from tests.browser.staff import CSRF, STAFF, come
from tests.integration.http.node import DISTRICT, LINK, Node, start

PAGES = (
    ("links", "chen.jie", "/console/links"), ("link", "chen.jie", f"/console/links/{LINK}"),
    ("word", "chen.jie", f"/console/links/{LINK}/parked/{{parked}}"),
    ("invitations", "chen.jie", "/console/links/invitations"),
    ("keys", "chen.jie", "/console/links/keys"), ("doctor", "chen.jie", "/console/links/doctor"),
    ("retire", "chen.jie", f"/console/links/retire/{DISTRICT}"),
    ("adapters", "chen.jie", "/console/adapters"),
    ("adapter", "chen.jie", f"/console/adapters/{ADAPTER}"),
    ("mapping", "chen.jie", f"/console/adapters/{ADAPTER}/mapping"),
    ("upkeep", "chen.jie", "/console/upkeep"),
    ("upkeep-table", "chen.jie", "/console/upkeep/tables/responsibilities"),
    ("upkeep-new", "chen.jie", "/console/upkeep/tables/responsibilities/new"),
    ("upkeep-sheet", "chen.jie", "/console/upkeep/drafts/{sheet}"),
    ("upkeep-versions", "chen.jie", "/console/upkeep/tables/responsibilities/versions"),
    ("upkeep-gaps", "chen.jie", "/console/upkeep/gaps"),
    ("upkeep-month", "chen.jie", "/console/upkeep/tables/calendar?year=2026&at=10"),
    ("upkeep-standards", "chen.jie", "/console/upkeep/standards"),
    ("upkeep-rules", "chen.jie", "/console/upkeep/rules?to=unit"),
    ("upkeep-layers", "chen.jie", "/console/upkeep/layers"),
    ("people", "zhao.min", "/console/people"), ("new-account", "zhao.min", "/console/people/new"),
    ("account", "zhao.min", "/console/people/of/chen.jie"),
    ("tokens", "zhao.min", "/console/people/tokens"),
    ("roles", "zhao.min", "/console/people/roles"), ("audit", "sun.hao", "/console/audit"),
)
"""File, whose page, address."""
EXAMPLE = Path(__file__).parents[2] / "deploy" / "examples" / "huangshi"
SHEET = (
    "标准,类别,代码,区划,责任单位,职责\n"
    "GB/T 47678.5-2026,事件,06013,420203,4202U36,主责\n"
    "GB/T 47678.5-2026,事情,06014,420203,4202U36,主责\n"
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Running:
    """The city, its district, and whoever is logged in."""

    city: Node
    below: Below
    states: dict[str, Any]
    parked: str
    sheet: str

    def take(self, at: Browser, target: Path, wanted: Collection[str] = ()) -> None:
        """Every page in both sizes and both themes; ``wanted``: only these files or pages."""
        for size in (DESK, PHONE):
            for theme in ("light", "dark"):
                pages: dict[str, Page] = {}
                for name, login, path in PAGES:
                    file = f"console-{name}-{theme}-{size[0]}.png"
                    if wanted and not {file, name} & set(wanted):
                        continue
                    if login not in pages:
                        pages[login] = opened(
                            at, self.city.url, size=size, theme=theme, state=self.states[login])
                    pages[login].goto(path.format(parked=self.parked, sheet=self.sheet))
                    pages[login].wait_for_timeout(300)
                    pages[login].screenshot(path=target / file)
                for page in pages.values():
                    page.context.close()


def files_of_running() -> set[str]:
    """Every file that ``take`` may write, and the pages by their names."""
    names = {name for name, *_ in PAGES}
    return names | {f"console-{name}-{theme}-{size[0]}.png" for name in names
                    for theme in ("light", "dark") for size in (DESK, PHONE)}


def sheet(city: Node, state: Any) -> str:
    """A responsibility table with a wrong line, sent in and waiting; returns its id."""
    with httpx.Client(base_url=city.url, trust_env=False, follow_redirects=True, timeout=30,
                      cookies={one["name"]: one["value"] for one in state["cookies"]},
                      headers={"Origin": city.url}) as http:
        form = http.get("/console/upkeep/tables/responsibilities/new").text
        csrf = CSRF.search(form)
        assert csrf, form
        answer = http.post(
            "/console/upkeep/tables/responsibilities/check", data={"csrf": csrf[1]},
            files={"file": ("权责清单.csv", SHEET.encode(), "text/csv")})
        assert answer.status_code == 200, answer.text
        return answer.url.path.rpartition("/")[2]


@contextmanager
def running(folder: Path) -> Iterator[Running]:
    """A city with one word parked."""
    city = start(folder, lay)
    below = None
    try:
        below = join(city)
        with city.client() as api:
            states = {login: come(city, api, login, name, roles) for login, name, roles in STAFF}
            until("the link", lambda: api.get(f"/api/v1/links/{LINK}").json()["connected"])
            below.line.cut()
            below.says("node.v1.Prophecy", b"\x0a\x01?")
            below.line.heal()
            speak(city.home)
            waiting = f"/api/v1/links/{LINK}/parked"
            until("a parked word", lambda: bool(api.get(waiting).json()))
            parked = api.get(waiting).json()[0]["position"]
            until("something unreadable", lambda: bool(
                api.get(f"/api/v1/adapters/{ADAPTER}/quarantine").json()))
            api.post("/api/v1/invitations", json={
                "node": "420204", "name": "下陆区", "approve": True, "grpc": ["127.0.0.1:9"]})
            for table in ("units", "responsibilities"):
                done = api.post(f"/api/v1/{table}", content=(EXAMPLE / f"{table}.csv").read_bytes(),
                                headers={"Content-Type": "text/csv"})
                assert done.status_code == 200, done.text
        yield Running(city=city, below=below, states=states, parked=parked,
                      sheet=sheet(city, states["chen.jie"]))
    finally:
        if below is not None:
            below.stop()
        city.stop()
