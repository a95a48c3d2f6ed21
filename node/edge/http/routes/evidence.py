"""Everything that proves what happened to one case, as one file (证据包)."""

from __future__ import annotations

from typing import Annotated, Any
from urllib.parse import quote

from fastapi import APIRouter
from fastapi.responses import FileResponse
from pydantic import Field
from starlette.background import BackgroundTask

from node.edge.http.answers import BODY, fails
from node.edge.http.asked import Asked, Short
from node.edge.http.bodies import JsonRoute
from node.edge.http.desk import CasePath, Desk
from node.edge.http.gate import Reader

router = APIRouter(prefix="/api/v1", tags=["audit"], route_class=JsonRoute)

ZIP: dict[int | str, dict[str, Any]] = {200: {
    "description": "A zip that `verify.py` inside of it checks. `X-Root-Key` is the fingerprint of "
    "the root key.",
    "content": {"application/zip": {"schema": {"type": "string", "format": "binary"}}}}}


class EvidenceIn(Asked):
    """What for."""

    reason: Annotated[Short, Field(examples=["行政复议 2026-18"])] = ""


@router.post("/cases/{case_id}/evidence", operation_id="exportEvidence",
             response_class=FileResponse,
             summary="A signed bundle of everything that proves what happened to a case (audited)",
             responses={**ZIP, **fails("case.unknown", "evidence.role", "evidence.reason",
                                       "evidence.unsigned", "dossier.too_long", *BODY)})
async def evidence(
    case_id: CasePath, body: EvidenceIn, desk: Desk, caller: Reader,
) -> FileResponse:
    made = await desk.bundles.make(
        str(case_id), reason=body.reason, actor=caller.name, roles=caller.roles)
    return FileResponse(
        made.path, media_type="application/zip",
        headers={"Content-Disposition": f"attachment; filename*=UTF-8''{quote(made.name)}",
                 "X-Root-Key": made.fingerprint},
        background=BackgroundTask(made.path.unlink, missing_ok=True))
