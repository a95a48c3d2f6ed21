"""Doors of the application: routes by the first word of their path, loaded when somebody first
asks below it.

A route costs memory for its models, its readers and its documentation. An office that nobody asks
for standards, maps or evaluation does not carry their routes: the first call below a word imports
them and adds them to the application, and that call and all later ones find them there. Access,
body limits and problems lie outside of the doors and hold before one is opened; OpenAPI opens all.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Iterable, Sequence
from typing import Final

from fastapi import APIRouter, Depends, FastAPI
from starlette.types import ASGIApp, Receive, Scope, Send

from node.edge.http.gate import admitted

Routers = Sequence[APIRouter]
Door = Callable[[], Routers]
"""Imports routers, in the order in which they are to be asked."""

API: Final = "/api/v1/"


def _cases() -> Routers:
    from node.edge.http.routes import (
        cases,
        coordination,
        evidence,
        handlers,
        intake,
        intake_verbs,
        papers,
        requests,
        verbs,
    )

    # `cases/similar` must be asked before `cases/{case_id}`.
    return (intake.router, cases.router, verbs.router, intake_verbs.router, requests.router,
            coordination.router, papers.router, handlers.router, evidence.router)


def _handlers() -> Routers:
    from node.edge.http.routes import handlers

    return (handlers.counts,)


def _problems() -> Routers:
    from node.edge.http.routes import problems

    return (problems.router,)


def _public() -> Routers:
    from node.edge.http.routes import public

    return (public.router,)


def _public_pages() -> Routers:
    from node.edge.console.public import routes

    return (routes.router,)


def _ledger() -> Routers:
    from node.edge.http.routes import ledger, stock

    return (ledger.router, stock.router)


def _photos() -> Routers:
    from node.edge.http.routes import photos

    return (photos.router,)


def _links() -> Routers:
    from node.edge.http.routes import links

    return (links.router,)


def _members() -> Routers:
    from node.edge.http.routes import federation, invitations, members, own_keys

    return members.router, invitations.router, own_keys.router, federation.router


def _responsibilities() -> Routers:
    from node.edge.http.routes import tables

    return tables.router, tables.mapping


def _units() -> Routers:
    from node.edge.http.routes import unit_cards

    return unit_cards.router, unit_cards.cards


def _audit() -> Routers:
    from node.edge.http.routes import audit

    return (audit.router,)


def _personal() -> Routers:
    from node.edge.http.routes import personal

    return (personal.router,)


def _budget() -> Routers:
    from node.edge.http.routes import budget

    return (budget.router,)


def _acceptance() -> Routers:
    from node.edge.http.routes import acceptance

    return (acceptance.router,)


def _shared() -> Routers:
    from node.edge.http.routes import sharing

    return (sharing.router,)


def _alarms() -> Routers:
    from node.edge.http.routes import alarms

    return (alarms.router,)


def _calls() -> Routers:
    from node.edge.http.routes import calls

    return (calls.router,)


def _collectors() -> Routers:
    from node.edge.http.routes import collectors, tracks

    return collectors.router, tracks.router


def _fund() -> Routers:
    from node.edge.http.routes import fund

    return (fund.router,)


def _standards() -> Routers:
    from node.edge.http.routes import standards

    return standards.router, standards.verbs


def _accounts() -> Routers:
    from node.edge.http.routes import accounts

    return (accounts.router,)


def _account_pages() -> Routers:
    from node.edge import account_pages

    return (account_pages.router,)


def _console() -> Routers:
    from node.edge.console import rooms

    return rooms.routers()


def _front() -> Routers:
    from node.edge.http.routes import front

    return (front.router,)


def _house() -> Routers:
    from node.edge.http.routes import house

    return (house.router,)


def _changes() -> Routers:
    from node.edge.http.routes import changes

    return (changes.router,)


def _places() -> Routers:
    from node.edge.http.routes import place_imports, places

    return place_imports.router, places.router


def _calendar() -> Routers:
    from node.edge.http.routes import calendar

    return (calendar.router,)


def _evaluation() -> Routers:
    from node.edge.http.routes import evaluation

    return evaluation.imports, evaluation.router


DOORS: Final[Sequence[tuple[str, Door]]] = (
    *((API + word, _cases) for word in ("cases", "notices", "reporters", "sources")),
    (API + "handlers", _handlers),
    (API + "problems", _problems),
    ("/public", _public),
    ("/public", _public_pages),
    ("/account", _account_pages),
    ("/console", _console),
    ("/", _front),
    *((API + word, _accounts) for word in ("accounts", "me", "roles")),
    (API + "ledger", _ledger),
    (API + "photos", _photos),
    *((API + word, _links) for word in ("links", "parked")),
    *((API + word, _members) for word in (
        "children", "federation", "invitations", "keys", "roster")),
    (API + "responsibilities", _responsibilities),
    *((API + word, _units) for word in ("setup", "units")),
    (API + "acceptance", _acceptance),
    (API + "shared", _shared),
    (API + "alarms", _alarms),
    (API + "audit", _audit),
    (API + "budget", _budget),
    (API + "personal", _personal),
    (API + "calls", _calls),
    (API + "collectors", _collectors),
    (API + "fund", _fund),
    *((API + word, _standards) for word in (
        "area-classes", "classes", "conditions", "crosswalk", "standards")),
    *((API + word, _house) for word in (
        "adapters", "directory", "findings", "tokens", "work-items")),
    (API + "changes", _changes),
    *((API + word, _places) for word in ("components", "grids", "layers", "map", "places")),
    (API + "calendar", _calendar),
    (API + "evaluation", _evaluation),
)
"""What lies below the first word of a path. Several doors may share a word."""


def word_of(path: str) -> str:
    """The first word of a path. An ending belongs to no word: ``cases.csv`` lies behind
    ``cases``."""
    before = API if path.startswith(API) else "/"
    return before + path[len(before):].partition("/")[0].partition(".")[0]


class House:
    """The doors of one application."""

    def __init__(self, app: FastAPI, doors: Iterable[tuple[str, Door]]) -> None:
        self._app = app
        self._shut: dict[str, list[Door]] = {}
        for word, door in doors:
            self._shut.setdefault(word, []).append(door)
        self._open: set[Door] = set()
        self._opening = asyncio.Lock()

    async def come(self, path: str) -> None:
        """Open what leads to a path. Loading takes some tenths of a second once, in a thread: the
        node goes on meanwhile."""
        word = word_of(path)
        if word not in self._shut:
            return
        async with self._opening:
            for door in self._shut.get(word, ()):
                if door not in self._open:
                    self._add(door, await asyncio.to_thread(door))
            self._shut.pop(word, None)

    def open_all(self) -> None:
        """Everything, for those who describe the whole application."""
        for doors in self._shut.values():
            for door in doors:
                if door not in self._open:
                    self._add(door, door())
        self._shut.clear()

    def _add(self, door: Door, routers: Routers) -> None:
        if door in self._open:  # somebody asked for all of them meanwhile
            return
        for router in routers:
            self._app.include_router(router, dependencies=[Depends(admitted)])
        self._open.add(door)


class Doors:
    """ASGI middleware, innermost: opens the doors to a path before the application looks for the
    route."""

    def __init__(self, app: ASGIApp, *, house: House) -> None:
        self._app = app
        self._house = house

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] == "http":
            await self._house.come(scope["path"])
        await self._app(scope, receive, send)
