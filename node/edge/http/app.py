"""The application: gate, body limit, problems and routes put together.

``create_app`` is called once by the composition root. Extra routers (one-time forms, webhooks,
the console) are mounted as they are: outside ``/api`` they carry their own keys, below it the
gate asks for a token like for everything else.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from importlib.metadata import version
from types import MappingProxyType
from typing import Any

from fastapi import APIRouter, Depends, FastAPI
from fastapi.openapi.utils import get_openapi
from prometheus_client import REGISTRY, CollectorRegistry

from node.edge.adapter_host import AdapterHost
from node.edge.http import problems
from node.edge.http.answers import known_codes
from node.edge.http.beside import Beside
from node.edge.http.bodies import BodyLimit
from node.edge.http.doors import DOORS, Door, Doors, House
from node.edge.http.gate import Gate, HttpMetrics, admitted
from node.edge.http.limits import (
    ACCOUNT_BYTES_MAX,
    DOCUMENT_PATH,
    EDITION_BYTES_MAX,
    FORM_BYTES_MAX,
    MULTIPART_OVERHEAD_BYTES,
)
from node.edge.http.listeners import Listeners
from node.edge.http.problems import MEDIA_TYPE, Problem
from node.edge.http.routes import health
from node.service.office import Office
from node.settings import Settings

DESCRIPTION = """
One office of a federation for digital urban management. Every call under `/api` needs
`Authorization: Bearer <token>`, or the cookie of a browser session. Failures are RFC 9457 problem
details: branch on `code`, do what
`retry` says. Verbs take an `Idempotency-Key`, so a lost answer can be asked for again, and
`If-Match` with the version you have seen, so nobody's work is overwritten.
"""

def create_app(
    office: Office, settings: Settings, routers: Iterable[APIRouter] = (), *,
    doors: Mapping[str, Door] = MappingProxyType({}), registry: CollectorRegistry = REGISTRY,
    beside: Beside | None = None, adapters: AdapterHost | None = None,
) -> FastAPI:
    """The ASGI application of one node. ``routers`` are there from the start, ``doors`` when
    somebody first asks below their words. ``registry`` is what ``/metrics`` shows. ``beside``:
    where several processes serve the node, what this one is among them. ``adapters``: whoever runs
    them, for the pages that show and try them."""
    app = FastAPI(
        title="wanmi", version=version("wanmi"), description=DESCRIPTION,
        openapi_url="/api/v1/openapi.json",
        # The bundled pages load scripts from elsewhere; a node asks nothing of the outside.
        docs_url=None, redoc_url=None,
        redirect_slashes=False,
    )
    app.state.office = office
    app.state.settings = settings
    app.state.registry = registry
    app.state.beside = beside
    app.state.adapters = adapters
    app.state.listeners = Listeners(most=settings.http.changes_clients_max)
    problems.install(app)
    house = House(app, (*DOORS, *doors.items()))
    for router in (health.router, *routers):
        app.include_router(router, dependencies=[Depends(admitted)])
    photo_bytes = settings.limits.photo_bytes_max + MULTIPART_OVERHEAD_BYTES
    body_bytes = settings.http.body_bytes_max

    def limit_of(path: str) -> int:
        if path.startswith("/f/"):
            # Several photos at once; above its own limit the page answers in words of its own.
            return 4 * FORM_BYTES_MAX
        if path == "/console/intake" or path.startswith(("/console/cases/", "/console/upkeep/")):
            return FORM_BYTES_MAX  # a report or a verb with its photos, a table
        if path.startswith("/account/"):
            return ACCOUNT_BYTES_MAX
        if path.startswith("/public/"):
            pictures = settings.public.photos_max * settings.public.photo_bytes_max
            return body_bytes + (pictures if path == "/public/report" else 0)
        if path == DOCUMENT_PATH:
            return max(body_bytes, EDITION_BYTES_MAX)
        words = path.startswith("/api/") and path != "/api/v1/photos"
        return body_bytes if words else photo_bytes

    app.add_middleware(Doors, house=house)
    if beside is not None:
        # Loaded here: an office on SQLite is alone.
        from node.edge.http.onward import Onward

        app.add_middleware(Onward, beside=beside)
    app.add_middleware(BodyLimit, limit_of=limit_of)
    app.add_middleware(
        Gate, office=office, settings=settings, metrics=HttpMetrics(registry))
    app.openapi = lambda: _openapi(app, house)  # type: ignore[method-assign]
    return app


def _openapi(app: FastAPI, house: House) -> dict[str, Any]:
    """FastAPI's document, with our problems instead of its own validation errors."""
    if app.openapi_schema is not None:
        return app.openapi_schema
    house.open_all()
    document = get_openapi(
        title=app.title, version=app.version, description=app.description, routes=app.routes,
    )
    schemas = document.setdefault("components", {}).setdefault("schemas", {})
    for name in ("HTTPValidationError", "ValidationError"):
        schemas.pop(name, None)
    problem = Problem.model_json_schema(ref_template="#/components/schemas/{model}")
    schemas.update(problem.pop("$defs", {}))
    problem["properties"]["code"]["examples"] = sorted(known_codes())
    schemas["Problem"] = problem
    for item in document["paths"].values():
        for operation in item.values():
            for status, answer in operation.get("responses", {}).items():
                if status.startswith(("4", "5")):
                    answer["content"] = {MEDIA_TYPE: {
                        "schema": {"$ref": "#/components/schemas/Problem"}}}
    app.openapi_schema = document
    return document
