"""Alive, ready, metrics: for supervisors and collectors, outside ``/api``."""

from __future__ import annotations

from datetime import datetime
from importlib.metadata import version
from typing import Any

from fastapi import APIRouter, Request, Response
from prometheus_client import CONTENT_TYPE_LATEST, generate_latest
from pydantic import BaseModel, Field

from node.edge.http.answers import fails
from node.edge.http.beside import Beside
from node.edge.http.desk import Desk
from node.edge.http.problems import BadCall, Fault, language

router = APIRouter(tags=["health"])


class HealthOut(BaseModel):
    """Alive, nothing else is claimed."""

    status: str = "alive"
    node: str
    version: str
    role: str = Field(default="owner", description="owner, standby or lost: what this process is "
                      "among several that serve the node")
    term: int = Field(default=0, description="Of the present owner; 0 where a node has one process")
    since: datetime | None = Field(default=None, description="When the owner became that")


def _health(desk: Desk, request: Request, status: str) -> HealthOut:
    beside: Beside | None = request.app.state.beside
    more: dict[str, Any] = {}
    if beside is not None:
        more = {"role": beside.role, "term": beside.term, "since": beside.since}
    return HealthOut(status=status, node=desk.node, version=version("wanmi"), **more)


@router.get("/healthz", operation_id="alive", summary="Liveness: the process answers",
            response_model=HealthOut, responses=fails("http.internal", always=()))
async def alive(desk: Desk, request: Request) -> object:
    """Says nothing about the database: a restart would not mend it."""
    return _health(desk, request, "alive")


@router.get("/ownerz", operation_id="owner",
            summary="Ownership: this process holds the links (for load balancers of the links)",
            response_model=HealthOut,
            responses=fails("node.not_owner", "http.internal", always=()))
async def owner(desk: Desk, request: Request) -> object:
    found = _health(desk, request, "owner")
    if found.role != "owner":
        raise BadCall("node.not_owner", f"this process is {found.role}, term {found.term}")
    return found


@router.get("/readyz", operation_id="ready",
            summary="Readiness: schema, writer and disk are fit for work",
            response_model=HealthOut,
            responses=fails("node.not_ready", "http.internal", always=()))
async def ready(desk: Desk, request: Request) -> object:
    # Read here and not as a parameter: nothing of this call may be refused as invalid.
    tongue = language(request.headers.get("accept-language", ""))
    found = await desk.ready()
    if found:
        raise BadCall(
            "node.not_ready", "; ".join(finding.sentence.say(tongue) for finding in found),
            faults=[
                Fault(pointer=finding.subject, code=str(finding.level),
                      detail=finding.sentence.say(tongue))
                for finding in found
            ],
        )
    return _health(desk, request, "ready")


@router.get("/metrics", operation_id="metrics", summary="Prometheus metrics",
            response_class=Response,
            description="Needs a token unless `http.metrics_open` is set on a node that listens "
            "on loopback.",
            responses={200: {"description": "Text exposition.", "content": {
                "text/plain": {"schema": {"type": "string"}}}},
                **fails("auth.missing", "auth.invalid", "http.internal", always=())})
async def metrics(request: Request) -> Response:
    return Response(
        generate_latest(request.app.state.registry), media_type=CONTENT_TYPE_LATEST)
