"""The application: gate, body limit, problems and routes put together.

``create_app`` is called once by the composition root. Extra routers (one-time forms, webhooks,
the console) are mounted as they are: outside ``/api`` they carry their own keys, below it the
gate asks for a token like for everything else.
"""

from __future__ import annotations

from collections.abc import Iterable
from importlib.metadata import version
from typing import Any

from fastapi import APIRouter, FastAPI
from fastapi.openapi.utils import get_openapi
from prometheus_client import REGISTRY, CollectorRegistry

from node.edge import forms
from node.edge.http import problems
from node.edge.http.answers import known_codes
from node.edge.http.bodies import BodyLimit
from node.edge.http.gate import Gate, HttpMetrics
from node.edge.http.limits import EDITION_BYTES_MAX, MULTIPART_OVERHEAD_BYTES
from node.edge.http.problems import MEDIA_TYPE, Problem
from node.edge.http.routes import (
    calendar,
    cases,
    changes,
    coordination,
    evaluation,
    fund,
    health,
    house,
    intake,
    intake_verbs,
    ledger,
    links,
    photos,
    place_imports,
    places,
    public,
    requests,
    standards,
    tables,
    unit_cards,
    verbs,
)
from node.edge.http.routes.changes import Listeners
from node.service.office import Office
from node.settings import Settings

DESCRIPTION = """
One office of a federation for digital urban management. Every call under `/api` needs
`Authorization: Bearer <token>`. Failures are RFC 9457 problem details: branch on `code`, do what
`retry` says. Verbs take an `Idempotency-Key`, so a lost answer can be asked for again, and
`If-Match` with the version you have seen, so nobody's work is overwritten.
"""

# `cases/similar` must be asked before `cases/{case_id}`.
ROUTERS = (intake.router, cases.router, verbs.router, intake_verbs.router, public.router,
           requests.router, ledger.router, coordination.router, photos.router, links.router,
           tables.router, tables.mapping, unit_cards.router, unit_cards.cards, fund.router,
           standards.router, standards.verbs,
           house.router, changes.router, health.router, place_imports.router, places.router,
           calendar.router, evaluation.imports, evaluation.router)


def create_app(
    office: Office, settings: Settings, routers: Iterable[APIRouter] = (), *,
    registry: CollectorRegistry = REGISTRY,
) -> FastAPI:
    """The ASGI application of one node. ``registry`` is what ``/metrics`` shows."""
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
    app.state.listeners = Listeners(most=settings.http.changes_clients_max)
    problems.install(app)
    for router in (*ROUTERS, *routers):
        app.include_router(router)
    photo_bytes = settings.limits.photo_bytes_max + MULTIPART_OVERHEAD_BYTES
    body_bytes = settings.http.body_bytes_max

    def limit_of(path: str) -> int:
        if path.startswith("/f/"):
            # Several photos at once; above its own limit the page answers in words of its own.
            return 4 * forms.BODY_BYTES_MAX
        if path == standards.DOCUMENT_PATH:
            return max(body_bytes, EDITION_BYTES_MAX)
        words = path.startswith("/api/") and path != "/api/v1/photos"
        return body_bytes if words else photo_bytes

    app.add_middleware(BodyLimit, limit_of=limit_of)
    app.add_middleware(
        Gate, office=office, settings=settings, metrics=HttpMetrics(registry))
    app.openapi = lambda: _openapi(app)  # type: ignore[method-assign]
    return app


def _openapi(app: FastAPI) -> dict[str, Any]:
    """FastAPI's document, with our problems instead of its own validation errors."""
    if app.openapi_schema is not None:
        return app.openapi_schema
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
