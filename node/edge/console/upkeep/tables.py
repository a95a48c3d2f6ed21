"""Pages of a maintained table: what holds, a sheet sent in, what it would change, versions."""

from __future__ import annotations

import asyncio
from collections.abc import Iterator, Mapping, Sequence
from itertools import islice
from typing import Annotated, Any, Final
from urllib.parse import urlencode

from fastapi import APIRouter, Query, Response
from fastapi.responses import StreamingResponse
from starlette.datastructures import FormData, UploadFile

from node.core.revising import Change
from node.edge.console.upkeep import cells, month, shown
from node.edge.console.upkeep.sections import PATH, TABLES, TableSection, tabs
from node.edge.console.visit import HEADERS, Here, PageRoute, Visit, form_of
from node.edge.http.gate import Right
from node.edge.http.problems import BadCall
from node.service.imports.sheet import encodings
from node.service.upkeep.room import VERSIONS_SHOWN
from node.service.upkeep.views import Draft, File

router = APIRouter(prefix=PATH, include_in_schema=False, route_class=PageRoute)

ROWS_SHOWN: Final = 50
LINES: Final = 500
"""Lines of a file that are made at once."""
Number = Annotated[int, Query(ge=0, le=10**9)]
Text = Annotated[str, Query(max_length=100)]


async def opened(visit: Visit, name: str, *, to_write: bool = False) -> TableSection:
    """The section of a table, if this person may read it, or write it. ``BadCall``
    (``http.not_found``), ``NotPermitted``."""
    if name not in TABLES:
        raise BadCall("http.not_found", f"no table {name[:40]} is maintained here")
    section = TABLES[name]
    await visit.admit(section.writes if to_write else section.reads)
    return section


def may(visit: Visit, operation: str) -> bool:
    """Whether this person is offered to change what the operation changes."""
    return visit.caller.scope == Right.ADMIN and visit.may(operation)


@router.get("/tables/{name}", operation_id="listStandards")
async def table(
    *, name: str, visit: Here, text: Text = "", after: Number = 0, year: Number = 0,
    at: Annotated[int, Query(ge=0, le=12)] = 0,
) -> Response:
    """What holds now, searched; the calendar as a month."""
    section = await opened(visit, name)
    upkeep = visit.desk.upkeep
    common: dict[str, Any] = {
        "tabs": tabs(visit), "section": section, "writes": may(visit, section.writes),
        "versioned": upkeep.is_versioned(name),
        "waiting": await upkeep.drafts(name) if may(visit, section.writes) else [],
    }
    if name == "calendar":
        return await visit.page(
            "upkeep/calendar.html", **common, month=await month.shown(visit, year, at))
    rows = await upkeep.rows(name)
    names = {} if "name" in section.columns else visit.desk.standards.class_names()

    def lines(some: Sequence[Mapping[str, Any]]) -> list[tuple[list[str], str]]:
        return [(cells.listed(visit, row, section.columns, names), _page_of(row)) for row in some]

    def fitting() -> tuple[int, list[tuple[list[str], str]]]:
        found = [line for line in lines(rows) if any(text in one for one in line[0])]
        return len(found), found[after : after + ROWS_SHOWN]

    # What is searched is what is shown: every row is written for it, and others are served
    # meanwhile.
    count, page = await asyncio.to_thread(fitting) if text else (
        len(rows), lines(rows[after : after + ROWS_SHOWN]))
    return await visit.page(
        "upkeep/table.html", **common, text=text, count=count, all=len(rows),
        heads=[cells.label(visit, one) for one in section.columns],
        rows=page, after=after, next=after + ROWS_SHOWN if count > after + ROWS_SHOWN else 0,
        before=max(0, after - ROWS_SHOWN) if after else -1)


def _page_of(row: Mapping[str, Any]) -> str:
    """The page of the class that a row is about; "" = it is about none."""
    if not row.get("version") or not row.get("code"):
        return ""
    return f"{PATH}/class?" + urlencode(
        {one: row[one] for one in ("standard_ref", "kind", "code", "version")})


@router.get("/tables/{name}/new", operation_id="listStandards")
async def new(name: str, visit: Here) -> Response:
    """The form for a sheet."""
    section = await opened(visit, name, to_write=True)
    columns = visit.desk.upkeep.kind(name).table.columns
    return await visit.page(
        "upkeep/new.html", tabs=tabs(visit), section=section, encodings=encodings(),
        takes_whole=visit.desk.upkeep.kind(name).takes_whole,
        given=[(one, cells.label(visit, one), await _usual(visit) if one == "standard_ref" else "")
               for one in section.given],
        columns=[(one.headings[0] if one.headings else one.name, one.name,
                  one.needed and one.name not in section.given) for one in columns])


async def _usual(visit: Visit) -> str:
    """The standard of a sheet that does not say it: the one in force, where it is one."""
    found = {one["standard_ref"] for one in await visit.desk.standards.editions()
             if one["standing"] == "active"}
    return next(iter(found)) if len(found) == 1 else ""


@router.post("/tables/{name}/check", operation_id="listStandards")
async def check(name: str, visit: Here) -> Response:
    """Read a sheet; it waits, and its page says what it is worth."""
    section = await opened(visit, name, to_write=True)
    file = await sent(visit, section.given)
    draft = await visit.desk.upkeep.check(name, file, actor=visit.caller.name)
    return visit.goes(f"{PATH}/drafts/{draft.id}")


async def sent(visit: Visit, given: Sequence[str]) -> File:
    """The file of a form, with values for columns that it lacks. ``BadCall``
    (``request.invalid``) without one."""
    fields = await form_of(visit.request)
    found = fields.get("file")
    if not isinstance(found, UploadFile) or not found.filename:
        raise BadCall("request.invalid", visit.say("请选择文件"))
    return File(
        name=found.filename, data=await found.read(), encoding=said(fields, "encoding"),
        sheet=said(fields, "sheet"), whole=said(fields, "whole") == "yes",
        given={one: said(fields, f"given.{one}") for one in given},
        language=visit.language)


def said(fields: FormData, name: str) -> str:
    """A field of a form; "" = it is empty."""
    given = fields.get(name, "")
    return given.strip()[:200] if isinstance(given, str) else ""


# --- a sheet that waits ---------------------------------------------------------------------------


async def _waiting(visit: Visit, draft_id: str) -> tuple[TableSection, Draft]:
    draft = await visit.desk.upkeep.draft(draft_id)
    return await opened(visit, draft.kind, to_write=True), draft


@router.get("/drafts/{draft_id}", operation_id="listStandards")
async def waiting(draft_id: str, visit: Here) -> Response:
    """What is wrong with it, what it would change, and the choice."""
    section, draft = await _waiting(visit, draft_id)
    upkeep = visit.desk.upkeep
    preview = None if draft.report.hopeless else await upkeep.preview(draft)
    gaps = await upkeep.consequences(draft.kind, preview) if preview else None
    return await visit.page(
        "upkeep/draft.html", tabs=tabs(visit, section.path), section=section, draft=draft,
        line=shown.draft_line(visit, draft), faults=shown.faults(visit, draft.report.faults),
        warnings=shown.faults(visit, draft.report.warnings), preview=preview,
        sum=shown.sum_of(visit, preview.counts) if preview else "",
        gaps=shown.gaps(visit, gaps) if gaps else [],
        changes=shown.changes(visit, preview.changes) if preview else [],
        more=max(0, len(preview.changes) - shown.CHANGES_SHOWN) if preview else 0)


@router.get("/drafts/{draft_id}/rejects.csv", operation_id="listStandards")
async def rejected(draft_id: str, visit: Here) -> Response:
    """The wrong lines as they were, with what is wrong and how to mend it before them."""
    _, draft = await _waiting(visit, draft_id)
    return file_of(iter(["\ufeff" + draft.rejects]), "rejected.csv")


@router.get("/drafts/{draft_id}/changes.csv", operation_id="listStandards")
async def changes_of_draft(draft_id: str, visit: Here) -> Response:
    """Everything that it would change."""
    _, draft = await _waiting(visit, draft_id)
    return _changes(visit, (await visit.desk.upkeep.preview(draft)).changes)


@router.post("/drafts/{draft_id}/take", operation_id="listStandards")
async def take(draft_id: str, visit: Here) -> Response:
    """Take it over."""
    section, draft = await _waiting(visit, draft_id)
    fields = await form_of(visit.request)
    done = await visit.desk.upkeep.take(
        draft_id, seen=said(fields, "seen"), skip_bad=said(fields, "skip_bad") == "yes",
        actor=visit.caller.name)
    return await visit.page(
        "upkeep/taken.html", tabs=tabs(visit, section.path), section=section, draft=draft,
        done=done, versioned=visit.desk.upkeep.is_versioned(section.name),
        notes=[one.say(visit.language) for one in done.notes])


@router.post("/drafts/{draft_id}/drop", operation_id="listStandards")
async def drop(draft_id: str, visit: Here) -> Response:
    """Throw it away."""
    section, _ = await _waiting(visit, draft_id)
    await visit.desk.upkeep.drop(draft_id)
    return visit.goes(section.path)


# --- versions -------------------------------------------------------------------------------------


@router.get("/tables/{name}/versions", operation_id="listStandards")
async def versions(name: str, visit: Here, before: Number = 0) -> Response:
    """Every version, newest first."""
    section = await opened(visit, name)
    found = await visit.desk.upkeep.versions(name, before)
    return await visit.page(
        "upkeep/versions.html", tabs=tabs(visit, section.path), section=section,
        versions=[shown.version(visit, one, newest=not before and not at)
                  for at, one in enumerate(found)],
        more=found[-1].number if len(found) == VERSIONS_SHOWN else 0)


@router.get("/tables/{name}/versions/{number}", operation_id="listStandards")
async def version(name: str, number: int, visit: Here) -> Response:
    """What a version changed."""
    section = await opened(visit, name)
    one, preview = await visit.desk.upkeep.version(name, number)
    return await visit.page(
        "upkeep/version.html", tabs=tabs(visit, section.path), section=section,
        version=shown.version(visit, one, newest=False), writes=may(visit, section.writes),
        changes=shown.changes(visit, preview.changes),
        more=max(0, len(preview.changes) - shown.CHANGES_SHOWN))


@router.get("/tables/{name}/versions/{number}/changes.csv", operation_id="listStandards")
async def changes_of_version(name: str, number: int, visit: Here) -> Response:
    """The same as a file, whole."""
    await opened(visit, name)
    _, preview = await visit.desk.upkeep.version(name, number)
    return _changes(visit, preview.changes)


@router.get("/tables/{name}/versions/{number}/back", operation_id="listStandards")
async def back(name: str, number: int, visit: Here) -> Response:
    """What putting it back would change."""
    section = await opened(visit, name, to_write=True)
    preview = await visit.desk.upkeep.back(name, number)
    gaps = await visit.desk.upkeep.consequences(name, preview)
    return await visit.page(
        "upkeep/back.html", tabs=tabs(visit, section.path), section=section, number=number,
        preview=preview, sum=shown.sum_of(visit, preview.counts),
        changes=shown.changes(visit, preview.changes),
        gaps=shown.gaps(visit, gaps) if gaps else [],
        more=max(0, len(preview.changes) - shown.CHANGES_SHOWN))


@router.post("/tables/{name}/versions/{number}/back", operation_id="listStandards")
async def put_back(name: str, number: int, visit: Here) -> Response:
    """Put it back."""
    section = await opened(visit, name, to_write=True)
    fields = await form_of(visit.request)
    await visit.desk.upkeep.put_back(
        name, number, seen=said(fields, "seen"), actor=visit.caller.name)
    return visit.goes(f"{section.path}/versions")


def _changes(visit: Visit, found: tuple[Change, ...]) -> Response:
    return file_of(shown.report(visit, found), "changes.csv")


def file_of(parts: Iterator[str], name: str) -> Response:
    """A file of many lines, made in a thread while it goes out."""
    blocks = iter(lambda: "".join(islice(parts, LINES)), "")
    return StreamingResponse(
        blocks, media_type="text/csv; charset=utf-8",
        headers={**HEADERS, "Content-Disposition": f'attachment; filename="{name}"'})
