"""Papers of a case: the work slip, and the whole case on one sheet."""

from __future__ import annotations

from asyncio import to_thread
from typing import Any
from urllib.parse import quote

from fastapi import APIRouter, Response

from node.edge.http.answers import fails
from node.edge.http.desk import CasePath, Desk
from node.edge.http.gate import Reader
from node.edge.paper_pages import page
from node.service.papers import Paper

router = APIRouter(prefix="/api/v1", tags=["cases"])

CSP = "default-src 'none'; style-src 'unsafe-inline'; img-src data:; frame-ancestors 'none'"
"""A page of ours carries style and photos within and loads nothing."""
HTML: dict[int | str, dict[str, Any]] = {200: {"description": "A page made to be printed on A4.",
              "content": {"text/html": {"schema": {"type": "string"}}}}}


@router.get("/cases/{case_id}/slip.html", operation_id="printSlip", response_class=Response,
            summary="The work slip from supervision to command (工作任务单)",
            responses={**HTML, **fails("case.unknown")})
async def slip(case_id: CasePath, desk: Desk, _caller: Reader) -> Response:
    return await _drawn(await desk.papers.slip(str(case_id)), "工作任务单")


@router.get("/cases/{case_id}/file.html", operation_id="printCase", response_class=Response,
            summary="The whole case on one sheet for the file (案卷)",
            responses={**HTML, **fails("case.unknown", "dossier.too_long")})
async def file(case_id: CasePath, desk: Desk, _caller: Reader) -> Response:
    return await _drawn(await desk.papers.file(str(case_id)), "案卷")


async def _drawn(paper: Paper, name: str) -> Response:
    # Some megabytes of photos are turned into text: not in the loop.
    data = await to_thread(page, paper)
    return Response(
        data, media_type="text/html; charset=utf-8",
        headers={
            "Content-Security-Policy": CSP, "Cache-Control": "no-store",
            "Content-Disposition": f"inline; filename*=UTF-8''{quote(paper.case_no + name)}.html",
        },
    )
