"""The audit log (审计日志): read, taken out as a file, looked through."""

from __future__ import annotations

import asyncio
from datetime import datetime
from typing import Annotated, Any, Literal

from fastapi import APIRouter, Depends, Query, Response
from pydantic import Field

from node.core.audit import Outcome
from node.edge.http.answers import BODY, fails
from node.edge.http.asked import CLEAN, Asked, Instant, Name
from node.edge.http.bodies import JsonRoute
from node.edge.http.desk import LIMIT_DEFAULT, After, Desk, Limit
from node.edge.http.gate import Admin, Reader
from node.edge.http.told import Counted, PageOut, Told
from node.edge.sheets.plain import MEDIA
from node.service.audit import AuditEntry
from node.service.audit_book import AuditFilter, verdict_told

router = APIRouter(prefix="/api/v1/audit", tags=["audit"], route_class=JsonRoute)

Part = Annotated[str, CLEAN, Query(max_length=200)]


def _filter(  # noqa: PLR0917 - a dependency's parameters are the query
    actor: Annotated[Part, Query(description="Who did it.")] = "",
    action: Annotated[Part, Query(description="What, e.g. `LockToken`.")] = "",
    subject: Annotated[Part, Query(description="On what exactly, e.g. `token:C017`.")] = "",
    about: Annotated[Part, Query(description="What the subject begins with, e.g. `token:`.")] = "",
    outcome: Annotated[Outcome | None, Query(description="How it ended.")] = None,
    since: Annotated[Instant | None, Query(description="From this instant on.")] = None,
    until: Annotated[Instant | None, Query(description="Before this instant.")] = None,
) -> AuditFilter:
    return AuditFilter(
        actor=actor, action=action, subject=subject, about=about,
        outcome=outcome.value if outcome is not None else "", since=since, until=until)


Filter = Annotated[AuditFilter, Depends(_filter)]


class AuditRowOut(Told):
    """One row of the log."""

    n: int = Field(description="Counted without a gap.")
    at: datetime
    actor: str
    roles: list[str]
    origin: str = Field(description="Address, `machine`, or the neighbour (`node:…`) it came from.")
    action: str
    subject: str = Field(description="`kind:id`.")
    outcome: str = Field(description="done, refused or failed.")
    reason: str
    detail: dict[str, Any]
    chain: str = Field(description="The chain value, hex.")


class FlawOut(Told):
    """Where the log does not hold."""

    n: int = Field(description="The first row concerned.")
    code: str
    other: int = Field(description="The row it was compared with, 0 = none.")


class VerdictOut(Told):
    """What a look through the whole log found."""

    holds: bool
    rows: int
    first: int
    last: int
    proven: int = Field(description="The last row that a signed head confirms.")
    heads: int
    lost: int
    flaws: list[FlawOut]


class BackupIn(Asked):
    """A backup that was taken of this node."""

    path: Name
    taken_at: Instant
    keys: bool = Field(description="With the private keys, sealed.")


@router.get("", operation_id="listAudit", response_model=PageOut[AuditRowOut],
            summary="Rows of the audit log, the newest first (for the auditor)",
            responses=fails("audit.role"))
async def rows(
    desk: Desk, caller: Reader, which: Filter, after: After = "", limit: Limit = LIMIT_DEFAULT,
) -> object:
    return await desk.audit.page(which, after, limit, roles=caller.roles)


@router.get("/export", operation_id="exportAudit", response_class=Response,
            summary="The same as a file, the oldest first; taking it out is recorded",
            responses=fails("audit.role"))
async def export(
    desk: Desk, caller: Reader, which: Filter,
    format_: Annotated[Literal["csv", "xlsx"], Query(
        alias="format", description="csv or xlsx.")] = "xlsx",
) -> Response:
    found = await desk.audit.export(which, actor=caller.name, roles=caller.roles)
    from node.edge.sheets.audit import audit_table, audit_workbook

    render = audit_table if format_ == "csv" else audit_workbook
    data = await asyncio.to_thread(render, desk.node, desk.name, found)
    return Response(data, media_type=MEDIA[format_], headers={
        "Content-Disposition": f'attachment; filename="audit-{desk.node}.{format_}"'})


@router.get("/verify", operation_id="verifyAudit", response_model=VerdictOut,
            summary="Look through the whole log: does every row follow the one before",
            responses=fails("audit.role"))
async def verify(desk: Desk, caller: Reader) -> object:
    return verdict_told(await desk.audit.verify(roles=caller.roles))


@router.post("/backups", operation_id="noteBackup", response_model=Counted, status_code=201,
             summary="Record that this node was backed up (`wanmi backup` does)",
             responses=fails(*BODY))
async def note_backup(body: BackupIn, desk: Desk, caller: Admin) -> object:
    await desk.audit.note(AuditEntry(
        action="BackUpNode", actor=caller.name, subject=f"backup:{body.path}",
        detail={"taken_at": body.taken_at.isoformat(), "keys": body.keys}))
    return Counted(count=1)
