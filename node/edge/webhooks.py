"""The door for pushed notifications of unit systems: ``POST /hooks/{adapter}``.

A notification proves itself by its signature; there is no bearer token. It is answered only after
what it said is committed, so a sender that gets no answer sends again, harmlessly.
"""

from __future__ import annotations

from fastapi import APIRouter, Request, Response
from fastapi.responses import JSONResponse

from adapters.contract import UnitRejected
from node.edge.adapter_host import AdapterHost

BODY_BYTES_MAX = 8 * 1024 * 1024
"""One notification with its photos inside."""


def router(host: AdapterHost) -> APIRouter:
    """Routes over this host's adapters."""
    routes = APIRouter(tags=["webhooks"])

    @routes.post("/hooks/{adapter}", summary="Notification of a unit's system (signed)")
    async def push(adapter: str, request: Request) -> Response:
        body = bytearray()
        async for chunk in request.stream():
            body += chunk
            if len(body) > BODY_BYTES_MAX:
                return _problem(413, "http.too_large", f"at most {BODY_BYTES_MAX} bytes")
        try:
            heard = await host.push(adapter, dict(request.headers), bytes(body))
        except UnitRejected:
            # The reason stays here: it would tell a forger what to do better.
            return _problem(401, "adapter.not_signed", "the signature does not hold")
        if heard is None:
            return _problem(404, "adapter.unknown", "no such adapter at this node")
        return JSONResponse(
            {
                "applied": heard.applied,
                "late": heard.late,
                "repeated": heard.repeated,
                "quarantined": heard.parked,
            },
            status_code=202,
        )

    return routes


def _problem(status: int, code: str, detail: str) -> Response:
    return JSONResponse(
        {"type": "about:blank", "status": status, "code": code, "detail": detail},
        status_code=status,
        media_type="application/problem+json",
    )
