"""The permission matrix of the console: every page and every form, asked by address by somebody of
every post. What the rule of access says of the operation, the console says; nothing else.

In one process, without a browser: who may is decided before a page is made.
"""

from __future__ import annotations

import asyncio
import re
from collections import Counter
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

import httpx
import pytest
import structlog
from fastapi import APIRouter
from fastapi.dependencies.models import Dependant
from fastapi.routing import APIRoute
from prometheus_client import CollectorRegistry

from node.core.errors import NotPermitted
from node.core.roles import CaseAt, Person, Scope, permit
from node.edge.console import rooms
from node.edge.console.cases.acting import all_verbs
from node.edge.console.upkeep.sections import TABLES
from node.edge.http import ceilings
from node.edge.http.app import create_app
from node.edge.http.doors import DOORS
from node.edge.http.gate import Right, needed
from node.edge.http.routes import units
from node.main.serving import Running, running
from node.service.people.book import Posts, read_roles
from node.service.people.sessions import Stage, Visitor, csrf_of
from node.service.upkeep.views import File
from node.settings import load
from tests.integration.http.conftest import opening
from tests.integration.http.node import CITY, wanmi
from tests.unit.console.test_house import ROLES

PROFILES: Final = ROLES.parents[1] / "profiles"
AREA, CODE = "420203", "01001"
NOBODY: Final = "7f3a2b1c-0000-4000-8000-000000000001"
PLACEHOLDERS: Final[Mapping[str, str]] = {
    "link": f"{CITY}-420299", "position": "1:1", "node": "420299", "adapter": "none", "item": "1",
    "name": "none", "login": "no.such", "z": "16", "x": "1", "y": "1", "code": "none",
    "layer": "grid.unit", "number": "1", "word": "none", "rest": "nowhere", "draft_id": NOBODY,
    "notice_id": NOBODY, "alarm_id": NOBODY, "side": "after", "setting": "none",
}
"""Values of addresses: of things that are not there, so that whoever may changes nothing."""
TABLE: Final = "units"
WITHIN: Final[Mapping[str, tuple[str, ...]]] = {
    "/console/upkeep/tables/{name}": (TABLES[TABLE].reads,),
    "/console/upkeep/tables/{name}/new": (TABLES[TABLE].writes,),
    "/console/upkeep/tables/{name}/check": (TABLES[TABLE].writes,),
    "/console/upkeep/tables/{name}/versions": (TABLES[TABLE].reads,),
    "/console/upkeep/tables/{name}/versions/{number}": (TABLES[TABLE].reads,),
    "/console/upkeep/tables/{name}/versions/{number}/changes.csv": (TABLES[TABLE].reads,),
    "/console/upkeep/tables/{name}/versions/{number}/back": (TABLES[TABLE].writes,),
    "/console/upkeep/drafts/{draft_id}": (TABLES[TABLE].writes,),
    "/console/upkeep/drafts/{draft_id}/rejects.csv": (TABLES[TABLE].writes,),
    "/console/upkeep/drafts/{draft_id}/changes.csv": (TABLES[TABLE].writes,),
    "/console/upkeep/drafts/{draft_id}/take": (TABLES[TABLE].writes,),
    "/console/upkeep/drafts/{draft_id}/drop": (TABLES[TABLE].writes,),
    "/console/dispatch": ("listCases",),
    "/console/alarms": ("listAlarms",),
}
"""What a page asks for beside the operation that it names: one address serves several tables."""
OF_WORDS: Final[Mapping[str, Mapping[str, str]]] = {
    "/console/upkeep/standards/{word}": {
        "approve": "approveStandard", "discard": "discardStandard",
        "activate": "activateStandard", "class": "addClass"},
    "/console/cases/{case_id}/verbs/{word}": {
        word: verb.operation for word, verb in all_verbs().items()},
}
"""What an address asks for by its word."""
BY_ITSELF: Final = frozenset({"POST /console/links/keys/change"})
"""What acts without a field, on the whole node: asked of those alone who may not."""
FURTHER: Final = frozenset({
    "/console/audit", "/console/audit/verify", "/console/cases/{case_id}/evidence",
    "/console/map/people", "/console/alarms/{alarm_id}", "/console/alarms/{alarm_id}/take",
    "/console/alarms/{alarm_id}/settle",
})
"""Where the rules of the office (personal data, patrols) name posts besides: these may be refused
to somebody whose role holds the operation, as in the API."""
FREE: Final = frozenset({
    "/console", "/console/{rest:path}", "/console/events", "/console/frame", "/console/look",
    "/console/style", "/console/phone/in", "/console/phone/worker.js",
    "/console/phone/app.webmanifest",
})
"""Pages of everybody who is logged in: the frame, and files that say nothing of the office."""
ENDLESS: Final = "/console/events"
TOGETHER: Final = 50
"""Calls at once: each refusal is written to the audit log, and many share one commit."""
EACH: Final = 2
"""Posts that ask for an address that is theirs."""
LOW: Final = frozenset({"all_read", "all_operate"})
"""Posts with every verb and a lower ceiling; ``home`` makes them."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Asked:
    """One address of the console with what it needs."""

    method: str
    path: str
    url: str
    operations: tuple[str, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Somebody:
    """An account that is logged in."""

    person: Person
    ceiling: Right
    session: str


def _routes(routers: Iterator[APIRouter]) -> Iterator[APIRoute]:
    for router in routers:
        yield from (one for one in router.routes if isinstance(one, APIRoute))


def pages() -> list[APIRoute]:
    return [one for one in _routes(iter(rooms.routers()))
            if not one.path.startswith("/console/static/")]


def of_the_api() -> dict[str, APIRoute]:
    """Routes of the API by the name of their operation."""
    routers = [router for word, door in DOORS if word.startswith("/api/") for router in door()]
    host: Any = None  # whoever runs adapters is asked by their handlers alone
    found = _routes(iter([*routers, units.router(host)]))
    return {one.operation_id: one for one in found if one.operation_id}


def needs(dependant: Dependant) -> Iterator[Right]:
    """The rights that a route of the API asks for before it does anything."""
    for one in dependant.dependencies:
        closure = getattr(one.call, "__closure__", None)
        if getattr(one.call, "__qualname__", "").startswith("_at_least") and closure:
            yield Right(closure[0].cell_contents)
        yield from needs(one)


RANK: Final = {Right.READ: 0, Right.OPERATE: 1, Right.ADMIN: 2}


def asked(case_id: str, draft_id: str) -> list[Asked]:
    """Every address and method of the console, with values filled in."""
    values = {**PLACEHOLDERS, "case_id": case_id}
    found = []
    for route in pages():
        path, operation = route.path, str(route.operation_id)
        for method in sorted(route.methods):
            # The form of a verb is shown to whoever reads the case and is offered the verb.
            words = OF_WORDS.get(path, {"": ""}) if method == "POST" else {"": ""}
            for word, inner in words.items():
                filled = {**values, **({"word": word} if word else {})}
                if path.startswith("/console/upkeep/tables/"):
                    filled["name"] = TABLE
                if path.startswith("/console/upkeep/drafts/"):
                    filled["draft_id"] = draft_id
                url = re.sub(r"\{(\w+)(:path)?\}", lambda hit: filled[hit[1]], path)  # noqa: B023
                within = WITHIN.get(path, ()) + ((inner,) if inner else ())
                found.append(Asked(method=method, path=path, url=url,
                                   operations=(operation, *within)))
    return found


def refused(
    posts: Posts, api: Mapping[str, APIRoute], one: Asked, who: Somebody, case: CaseAt
) -> bool | None:
    """What the API would answer; None = either: a rule of its own is asked as well, or it is the
    form for something that a ceiling forbids to send."""
    for operation in one.operations:
        for act in posts.acts.get(operation, (operation,)):
            try:
                permit(posts.book, who.person, act, case if "{case_id}" in one.path else None)
            except NotPermitted:
                return True
    lower = [
        operation for operation in one.operations if operation in api
        for needed in needs(api[operation].dependant) if RANK[who.ceiling] < RANK[needed]]
    if one.path in FURTHER or (
        lower and one.method == "GET" and all("GET" not in api[each].methods for each in lower)
    ):
        return None
    return bool(lower)


def matrix(
    posts: Posts, api: Mapping[str, APIRoute], everything: list[Asked], staff: list[Somebody],
) -> Iterator[tuple[Somebody, Asked, bool]]:
    """Who asks for what, and whether it is refused. Everybody asks for every page and form that is
    not theirs; one that is theirs is asked for by the first two posts that may. Verbs all go one
    way: each is asked for by two posts that may not as well, and by the lower ceilings."""
    case, seen = CaseAt(area=AREA, code=CODE), Counter[tuple[str, bool]]()
    for who in staff:
        for one in everything:
            no = refused(posts, api, one, who, case)
            if no is None or (not no and _acts(one)):
                continue
            seen[one.url, no] += 1
            whoever = no and one.path not in OF_WORDS
            if whoever or seen[one.url, no] <= EACH or who.person.roles & LOW:
                yield who, one, no


def _acts(one: Asked) -> bool:
    """Whether it ends, or changes something for all others, if it is let do it."""
    return (f"{one.method} {one.path}" in BY_ITSELF or one.path == ENDLESS
            or one.url.endswith(("/take", "/drop")))


async def _seated(node: Running, login: str, role: str, **scope: list[str]) -> Somebody:
    """An account of one post, logged in as by the way in."""
    people = node.office.people

    def write(accounts: Any, tx: Any) -> str:
        accounts.create_in(tx, login, "王丽", actor="test", roles=(role,), **scope)
        row = accounts._one(tx.conn, login)
        people.login.put_password(tx, row, "")
        return people.sessions.begin(tx, row["id"], Stage.FULL, Visitor())

    session = await people.write(write)
    book = people.book
    return Somebody(
        session=session, ceiling=Right(book.ceiling([role]).value),
        person=Person(name=login, roles=frozenset({role}), scope=Scope(
            areas=tuple(scope.get("areas", ())), units=tuple(scope.get("units", ())))))


async def _status(client: httpx.AsyncClient, one: Asked, who: Somebody) -> tuple[int, str]:
    # As a script asks: what is refused is a short message, and no frame is made around it.
    answer = await client.request(
        one.method, one.url, headers={
            "HX-Request": "true", "Origin": "http://node", "Accept-Language": "en",
            "X-CSRF-Token": csrf_of(who.session), "Cookie": f"wanmi_session={who.session}"},
        **({"data": {"none": ""}} if one.method == "POST" else {}))
    return answer.status_code, answer.text


@pytest.fixture(scope="module")
def home(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A city whose roles are the shipped ones and two more: somebody with every verb and tool whose
    ceiling is to look, and one whose ceiling is to handle cases."""
    made = tmp_path_factory.mktemp("matrix") / CITY
    wanmi("init", "--home", str(made), "--id", CITY, "--profile", "city",
          "--http-port", "0", "--grpc-port", "0")
    posts = read_roles(ROLES)
    verbs = sorted({one for role in posts.book.roles.values() for one in role.verbs})
    more = "".join(
        f'\n[roles.all_{ceiling}]\ntitle = "全部"\ntitle_en = "all"\nceiling = "{ceiling}"\n'
        f"verbs = {verbs}\ntools = {sorted(posts.book.tools)}\n" for ceiling in ("read", "operate"))
    (made / "our-roles.toml").write_text(
        ROLES.read_text(encoding="utf-8") + more.replace("'", '"'), encoding="utf-8")
    profile = PROFILES / "city.toml"
    (made / "our.toml").write_text(
        'roles = "our-roles.toml"\n' + profile.read_text(encoding="utf-8"), encoding="utf-8")
    settings = made / "wanmi.toml"
    settings.write_text(settings.read_text(encoding="utf-8").replace(
        'profile = "city"', 'profile = "our.toml"'), encoding="utf-8")
    return made


def test_every_page_and_every_form_is_open_to_those_posts_that_the_api_lets_do_it(
    home: Path
) -> None:
    posts, api = read_roles(home / "our-roles.toml"), of_the_api()

    async def go() -> tuple[list[Any], int]:
        async with running(load(home), registry=CollectorRegistry()) as node:
            app = create_app(node.office, node.settings, registry=CollectorRegistry(),
                             adapters=node.host)
            token = await node.office.create_token("test", "admin", ("*",))
            async with httpx.AsyncClient(
                transport=httpx.ASGITransport(app=app), base_url="http://node"
            ) as client:
                opened = await client.post("/api/v1/cases", json=opening(), headers={
                    "Authorization": f"Bearer {token}"})
                case_id = opened.json()["case_id"]
                draft = await node.office.upkeep.check(
                    TABLE, File(name="u.csv", data=b"unit_id,name\n"), actor="test")
                staff = [
                    await _seated(node, name.replace("_", "."), name) for name in posts.book.roles]
                staff += [
                    await _seated(node, "elsewhere", "unit_clerk", areas=["420204"]),
                    await _seated(node, "part", "dispatcher", areas=[AREA])]
                calls = list(matrix(posts, api, asked(case_id, draft.id), staff))
                wrong: list[Any] = []
                for at in range(0, len(calls), TOGETHER):
                    answers = await asyncio.gather(*(
                        _status(client, one, who) for who, one, _ in calls[at : at + TOGETHER]))
                    wrong += [
                        (who.person.name, one.method, one.url, status, no, said[:300])
                        for (who, one, no), (status, said) in zip(
                            calls[at : at + TOGETHER], answers, strict=True)
                        if (status == 403) != no or status >= 500]
                return wrong, len(calls)

    with structlog.testing.capture_logs():  # thousands of lines that nobody reads
        wrong, count = asyncio.run(go())
    assert wrong == []
    assert count > 1_500


def test_the_gate_knows_how_high_a_ceiling_each_operation_of_the_api_needs() -> None:
    api = of_the_api()
    asked_for = {
        name: max(needs(route.dependant), key=RANK.__getitem__, default=Right.READ)
        for name, route in api.items()}
    assert {name: needed(name) for name in api} == asked_for
    assert ceilings.ADMIN | ceilings.OPERATE <= set(api)
    assert {name for name, right in asked_for.items()
            if right is not Right.READ and api[name].methods == {"GET"}} == ceilings.LOOKS


def test_only_pages_that_say_nothing_of_the_office_are_everybodys() -> None:
    basic = read_roles(ROLES)
    free = {one.path for one in pages()
            if set(basic.acts[str(one.operation_id)]) <= basic.book.basic}
    assert free == FREE


def test_a_form_that_changes_something_names_what_changes_something_in_the_api() -> None:
    api = of_the_api()
    found = {
        route.path for route in pages() if "POST" in route.methods
        and api[str(route.operation_id)].methods == {"GET"}
        and route.path not in WITHIN and route.path not in OF_WORDS}
    assert found == {
        "/console/look",  # cookies of this browser
        "/console/work/columns",  # the same
        "/console/work/batch",  # asks for each case and verb by itself
        "/console/upkeep/indicators",  # looks a file through and keeps nothing
    }
