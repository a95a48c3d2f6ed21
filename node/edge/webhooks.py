"""The door for pushed notifications of unit systems: ``POST /hooks/{adapter}``.

A notification proves itself by its signature; there is no bearer token. It is answered only after
what it said is committed, so a sender that gets no answer sends again, harmlessly.
"""

from __future__ import annotations

from fastapi import APIRouter, Request, Response
from fastapi.responses import JSONResponse

from adapters.contract import UnitRejected
from node.edge.adapter_host import AdapterHost
from node.edge.http.answers import fails
from node.edge.http.desk import AdapterPath
from node.edge.http.problems import BadCall

BODY_BYTES_MAX = 8 * 1024 * 1024
"""One notification with its photos inside."""


def router(host: AdapterHost) -> APIRouter:
    """Routes over this host's adapters."""
    routes = APIRouter(tags=["webhooks"])

    @routes.post("/hooks/{adapter}", operation_id="pushNotification", status_code=202,
                 summary="Notification of a unit's system (signed)",
                 responses=fails("adapter.not_signed", "adapter.unknown", "body.too_large",
                                 "node.overloaded", "http.internal", always=()))
    async def push(adapter: AdapterPath, request: Request) -> Response:
        # Before a byte of a stranger's body is read.
        if not host.has(adapter):
            raise BadCall("adapter.unknown", "no such adapter at this node")
        body = bytearray()
        async for chunk in request.stream():
            body += chunk
            if len(body) > BODY_BYTES_MAX:
                raise BadCall("body.too_large", f"at most {BODY_BYTES_MAX} bytes",
                              headers={"Connection": "close"})
        try:
            heard = await host.push(adapter, dict(request.headers), bytes(body))
        except UnitRejected as error:
            # The reason stays here: it would tell a forger what to do better.
            raise BadCall("adapter.not_signed", "the signature does not hold") from error
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
