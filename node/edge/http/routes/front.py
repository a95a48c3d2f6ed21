"""The front door: whoever types the bare address of a node is shown its console."""

from __future__ import annotations

from fastapi import APIRouter, Response
from fastapi.responses import RedirectResponse

from node.edge.http.gate import CONSOLE

router = APIRouter(include_in_schema=False)


@router.get("/")
async def front() -> Response:
    return RedirectResponse(CONSOLE, status_code=303)
