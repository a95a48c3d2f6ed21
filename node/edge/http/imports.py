"""A sheet in a request becomes rows in the office: the same way for every kind of table.

CSV (UTF-8, or GB18030 when the caller says so) and Excel workbooks are read; all rows are stored
or none, unless the caller asks to leave the bad lines out.
"""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Mapping, Sequence
from typing import Annotated, Any, Final, TypeVar

from fastapi import Query, Request

from node.edge.http.answers import fails
from node.edge.http.bodies import sheet_bytes
from node.edge.http.problems import ERRORS_MAX, BadCall, Fault, language
from node.edge.http.telling_tables import ImportOut
from node.service.imports.report import RowFault
from node.service.imports.sheet import XLSX_TYPE
from node.service.imports.table import CALL_ROWS_MAX, Table
from node.service.views import ImportResult

Item = TypeVar("Item")

DryRun = Annotated[bool, Query(description="Check every row, store nothing.")]
SkipBad = Annotated[bool, Query(
    description="Leave wrong rows out instead of refusing the whole table; the answer lists them.",
)]
SHEET_BODY: Final[dict[str, Any]] = {"requestBody": {"required": True, "content": {
    "text/csv": {"schema": {"type": "string"}},
    XLSX_TYPE: {"schema": {"type": "string", "format": "binary"}},
}}}
IMPORT_FAILS: Final = fails("table.invalid", "body.encoding", "body.too_large", "body.media_type")


async def taken(
    request: Request, table: Table[Item],
    store: Callable[[Sequence[Item]], Awaitable[ImportResult]], *,
    dry_run: bool, skip_bad: bool, given: Mapping[str, str] | None = None,
) -> ImportOut:
    """Read the body as ``table`` and store its rows; raises ``BadCall`` with every wrong row."""
    data, encoding = await sheet_bytes(request)
    # A workbook takes its time: others are served meanwhile.
    _, parsed = await asyncio.to_thread(
        table.parse, data, encoding=encoding, given=given, rows_max=CALL_ROWS_MAX)
    tongue = language(request.headers.get("accept-language", ""))
    if not parsed.accepted(skip_bad=skip_bad):
        [*_, last] = parsed.faults
        if last.code == "table.encoding":
            raise BadCall("body.encoding", last.say(tongue))
        raise BadCall(
            "table.invalid", f"{len(parsed.faults)} row(s) cannot be imported; nothing was stored",
            faults=_told(parsed.faults, tongue),
        )
    result = ImportResult(added=0, replaced=0) if dry_run else await store(parsed.rows)
    return ImportOut(
        rows=len(parsed.rows), added=result.added, replaced=result.replaced, dry_run=dry_run,
        aside=result.aside,
        skipped=len({fault.row for fault in parsed.faults}),
        faults=_told(parsed.faults, tongue), warnings=_told(parsed.warnings, tongue),
        notes=[note.say(tongue) for note in result.notes],
    )


def _told(faults: Sequence[RowFault], tongue: str) -> list[Fault]:
    return [
        Fault(pointer=f"row/{fault.row}" + (f"/{fault.column}" if fault.column else ""),
              code=fault.code, detail=fault.say(tongue))
        for fault in faults[:ERRORS_MAX]
    ]
