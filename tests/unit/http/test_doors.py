"""Doors: what lies behind a word is loaded when somebody first asks there, and only then."""

from __future__ import annotations

import asyncio
import subprocess
import sys

import httpx
import pytest
from fastapi import APIRouter, FastAPI

from node.edge.http.doors import DOORS, Doors, House, word_of

LATE = (
    "alembic", "click.testing", "chinese_calendar", "jinja2", "openpyxl", "rich", "shapely",
    "shapefile", "numpy", "pyproj", "nats", "pydantic.v1", "sqlalchemy.dialects.postgresql",
    "adapters.mapping", "node.edge.forms", "node.edge.webhooks", "node.edge.sheets",
    "node.edge.http.asking", "node.edge.http.telling",
    *(f"node.edge.http.telling_{name}" for name in (
        "house", "intake", "ledger", "links", "record", "tables")),
    *(f"node.edge.http.routes.{name}" for name in (
        "acceptance", "alarms", "calls", "cases", "evaluation", "fund", "house", "intake", "links",
        "places", "sharing", "standards", "tracks", "unit_cards", "units", "verbs")),
    "difflib", "tarfile", "node.main.backups", "node.main.restoring", "node.service.refusals",
    "node.core.acceptance", "node.main.accepting", "node.service.acceptance",
    "node.store.acceptance", "node.core.sharing", "node.main.sharing", "node.service.sharing",
    "node.edge.rpc.sharing",
    "node.core.calls", "node.main.calling", "node.service.calls", "node.store.calls",
    "node.main.evaluating", "node.main.offline", "node.main.shipped",
    "node.service.collectors", "node.core.patrol", "node.store.collectors",
    "node.service.tracks", "node.service.track_points", "node.service.walks", "node.core.tracks",
    "node.core.patrol_sums", "node.store.tracks",
    "node.service.alarms", "node.service.patrol_rules", "node.core.alarms", "node.store.alarms",
    "node.core.tally", "node.service.evaluation.room", "node.service.places.imports",
    "ctypes", "pkcs11", "nacl.pwhash", "hub.suites.openssl", "hub.suites.sm2", "hub.suites.cipher",
    "node.main.data_keys", "node.main.resealing",
    "node.main.peopling", "node.edge.account_pages", "node.edge.oidc", "pyotp", "segno",
    "node.edge.console", "polib", "joserfc", "node.core.mapping", "node.service.people.federated",
    *(f"node.service.people.{name}" for name in (
        "access", "accounts", "book", "factors", "login", "passwords", "room", "rules", "waits")),
)
"""What a node loads when there is work for it: each was measured in the memory of idle streets."""


def test_an_idle_node_loads_no_rooms_and_libraries_that_nobody_has_asked_for() -> None:
    asked = ("import sys, node.__main__, node.main.serving; "
             f"print([one for one in {LATE!r} if sys.modules.get(one)])")
    loaded = subprocess.run(
        (sys.executable, "-c", asked), capture_output=True, text=True, check=True, timeout=60,
    ).stdout.strip()
    assert loaded == "[]"


def test_every_route_lies_behind_the_word_that_opens_it() -> None:
    homes: dict[str, set[str]] = {}
    for word, door in DOORS:
        for router in door():
            for route in router.routes:
                homes.setdefault(route.path, set()).add(word)  # type: ignore[attr-defined]
    astray = {path for path, words in homes.items() if word_of(path) not in words}
    assert homes
    assert not astray


def test_every_module_of_routes_lies_behind_a_door() -> None:
    behind = {route.endpoint.__module__  # type: ignore[attr-defined]
              for _, door in DOORS for router in door() for route in router.routes}
    named = subprocess.run(
        (sys.executable, "-c", "import pkgutil, node.edge.http.routes as here; "
         "print(*(one.name for one in pkgutil.iter_modules(here.__path__)))"),
        capture_output=True, text=True, check=True, timeout=60).stdout.split()
    # Health is there from the start; the adapters' routes get their host from the node.
    assert set(named) - {name.rpartition(".")[2] for name in behind} == {"health", "units"}


def _get(app: FastAPI, *paths: str) -> list[httpx.Response]:
    """Each path asked for, one after another."""
    async def go() -> list[httpx.Response]:
        transport = httpx.ASGITransport(app=app, raise_app_exceptions=False)
        async with httpx.AsyncClient(transport=transport, base_url="http://node") as client:
            return [await client.get(path) for path in paths]

    return asyncio.run(go())


@pytest.mark.parametrize(("path", "word"), [
    ("/api/v1/cases", "/api/v1/cases"),
    ("/api/v1/cases.csv", "/api/v1/cases"),
    ("/api/v1/cases/7/sign", "/api/v1/cases"),
    ("/api/v1/", "/api/v1/"),
    ("/f/human/secret", "/f"),
    ("/", "/"),
])
def test_the_first_word_of_a_path_names_the_door(path: str, word: str) -> None:
    assert word_of(path) == word


def test_a_door_opens_once_at_the_first_call_below_its_words_and_several_may_share_one() -> None:
    opened: list[str] = []

    def door(name: str) -> APIRouter:
        router = APIRouter()

        @router.get(f"/api/v1/{name}/{{item}}/{name}")
        async def answer(item: str) -> str:
            return name + item

        opened.append(name)
        return router

    def first() -> list[APIRouter]:
        return [door("a")]

    def second() -> list[APIRouter]:
        return [door("b"), door("c")]

    app = FastAPI()
    house = House(app, [("/api/v1/a", first), ("/api/v1/b", second), ("/api/v1/a", second)])
    app.add_middleware(Doors, house=house)

    (none,) = _get(app, "/api/v1/none/1/none")
    assert (none.status_code, opened) == (404, [])
    (found,) = _get(app, "/api/v1/b/1/b")
    assert (found.json(), opened) == ("b1", ["b", "c"])
    assert [one.json() for one in _get(app, "/api/v1/a/2/a", "/api/v1/a/3/a")] == ["a2", "a3"]
    house.open_all()
    assert opened == ["b", "c", "a"]


def test_a_door_that_could_not_be_opened_is_tried_again() -> None:
    tried: list[int] = []

    def door() -> list[APIRouter]:
        tried.append(1)
        if len(tried) == 1:
            raise OSError("the disk was away")
        router = APIRouter()
        router.add_api_route("/api/v1/a", lambda: 1)
        return [router]

    app = FastAPI()
    app.add_middleware(Doors, house=House(app, [("/api/v1/a", door)]))

    failed, found = _get(app, "/api/v1/a", "/api/v1/a")
    assert (failed.status_code, found.json()) == (500, 1)
