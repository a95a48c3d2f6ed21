"""Evaluation: indicators, sheets, the cases behind a figure, times, publications, the proof."""

from __future__ import annotations

import dataclasses
from typing import Annotated, Any
from uuid import UUID

from fastapi import APIRouter, Path, Query, Request, Response

from node.edge.http.answers import BODY, fails
from node.edge.http.bodies import JsonRoute
from node.edge.http.desk import LIMIT_DEFAULT, After, Desk, Limit
from node.edge.http.evaluation_words import (
    NAME,
    DefinitionOut,
    DefinitionTextOut,
    EvaluatedOut,
    Format,
    Group,
    LapsOut,
    Open,
    Period,
    PublicationOut,
    PublicationWholeOut,
    PublishIn,
    RebuiltOut,
    SheetOut,
    VerifiedOut,
    Version,
    Where,
    ask,
)
from node.edge.http.gate import Admin, Operator, Reader
from node.edge.http.imports import IMPORT_FAILS, SHEET_BODY, DryRun, SkipBad, taken
from node.edge.http.telling_tables import ImportOut
from node.edge.http.told import PageOut
from node.edge.sheets import MEDIA_TYPES
from node.service.evaluation.versions import Version as Rules
from node.service.imports.groups import GROUPS

router = APIRouter(prefix="/api/v1/evaluation", tags=["evaluation"], route_class=JsonRoute)
imports = APIRouter(prefix="/api/v1/evaluation", tags=["evaluation"])
"""Sheets come as CSV or .xlsx, not as JSON."""

ASK_FAILS = (
    "evaluation.period", "evaluation.subject", "evaluation.version", "evaluation.definition",
    "evaluation.filter", "evaluation.too_many",
)
SubjectPath = Annotated[str, Path(pattern=NAME, description="Name of the subject.")]
SubjectQuery = Annotated[str, Query(pattern=NAME, description="Name of the subject.")]
NameQuery = Annotated[str, Query(pattern=r"^[a-z][a-z_0-9]{0,63}$")]
PublicationPath = Annotated[UUID, Path(description="Id of the publication.")]
CSP = "default-src 'none'; style-src 'unsafe-inline'; frame-ancestors 'none'"
"""A page of ours carries its style within and loads nothing."""


def _rules(version: Rules) -> dict[str, Any]:
    definition = version.definition
    return {
        "version": definition.version,
        "title": definition.title,
        "valid_from": definition.valid_from.isoformat(),
        "digest": definition.digest,
        "source": definition.source,
        "subjects": [
            {"name": one.name, "zh": one.zh, "en": one.en, "kind": one.kind.value,
             "personal": one.personal}
            for one in definition.subjects.values()
        ],
    }


@router.get("/definitions", operation_id="listIndicators", response_model=list[DefinitionOut],
            summary="Versions of the indicators (考评指标), oldest first",
            responses=fails("evaluation.definition"))
async def definitions(desk: Desk, _caller: Reader) -> object:
    return [_rules(one) for one in desk.evaluation.definitions.all()]


@router.get("/definitions/{version}", operation_id="getIndicators",
            response_model=DefinitionTextOut,
            summary="One version with its very text",
            responses=fails("evaluation.definition", "evaluation.version"))
async def definition(
    version: Annotated[str, Path(max_length=64, description="Its name.")],
    desk: Desk, _caller: Reader,
) -> object:
    found = desk.evaluation.definitions.named(version)
    return {**_rules(found), "text": found.text}


@router.get("/cases", operation_id="listEvaluatedCases", response_model=PageOut[EvaluatedOut],
            summary="The cases behind one figure: as many as it says",
            responses=fails(*ASK_FAILS, "evaluation.figure", "evaluation.key", "page.cursor"))
async def cases(
    *, desk: Desk, _caller: Reader, subject: SubjectQuery, period: Period,
    counter: Annotated[NameQuery, Query(description="The counter.")],
    window: Annotated[NameQuery, Query(description="The window it is counted over.")],
    key: Annotated[list[str], Query(max_length=8, description="The parts of the line's key.")],
    attributed: Annotated[bool, Query(description="The figure's name ends in `*`.")] = False,
    where: Where = None, version: Version = "", after: After = "", limit: Limit = LIMIT_DEFAULT,
) -> object:
    return await desk.evaluation.cases(
        ask(subject, period, version, where), key=key, counter=counter, window=window,
        attributed=attributed, after=after, limit=limit,
    )


@router.get("/laps/{subject}", operation_id="getLaps", response_model=LapsOut,
            summary="How long it took from step to step (三个第一时间)",
            responses=fails(*ASK_FAILS))
async def laps(
    subject: SubjectPath, desk: Desk, _caller: Reader, period: Period,
    where: Where = None, version: Version = "",
) -> object:
    return await desk.evaluation.laps(ask(subject, period, version, where))


# --- publications ---------------------------------------------------------------------------------


@router.post("/publications", operation_id="publishSheet", status_code=201,
             response_model=PublicationWholeOut,
             summary="Keep a sheet as published, in every format, under our signature",
             responses=fails(
                 *ASK_FAILS, "evaluation.unfinished", "case.not_permitted", *BODY))
async def publish(body: PublishIn, desk: Desk, caller: Operator) -> object:
    asked = ask(body.subject, body.period, body.version, body.where, body.group)
    return await desk.publications.publish(asked, open_to_all=body.open, actor=caller.name)


@router.get("/publications", operation_id="listPublications",
            response_model=PageOut[PublicationOut],
            summary="What was published, newest first", responses=fails("page.cursor"))
async def publications(
    desk: Desk, _caller: Reader, after: After = "", limit: Limit = LIMIT_DEFAULT,
) -> object:
    return await desk.publications.publications(after, limit)


@router.get("/publications/{publication_id}", operation_id="getPublication",
            response_model=PublicationWholeOut,
            summary="One publication with its seal and its rules",
            responses=fails("evaluation.publication"))
async def publication(publication_id: PublicationPath, desk: Desk, _caller: Reader) -> object:
    return await desk.publications.publication(str(publication_id))


@router.get("/publications/{publication_id}/{format_}", operation_id="getPublicationFile",
            summary="One file, byte for byte as it was published", response_class=Response,
            responses=fails("evaluation.publication", "evaluation.format"))
async def publication_file(
    publication_id: PublicationPath,
    format_: Annotated[Format, Path(description="json, html, csv or xlsx.")],
    desk: Desk, _caller: Reader,
) -> Response:
    kept = await desk.publications.file(str(publication_id), format_)
    return _file(kept.data, kept.format, f"{publication_id}")


# --- the projection -------------------------------------------------------------------------------


@router.post("/rebuild", operation_id="rebuildEvaluation", response_model=RebuiltOut,
             summary="Compute the rows anew, one step at a time", responses=fails())
async def rebuild(desk: Desk, _caller: Admin, after: After = "") -> object:
    return await desk.evaluation.rebuild(after)


@router.post("/verify", operation_id="verifyEvaluation", response_model=VerifiedOut,
             summary="Compute rows again and say where the stored ones differ, one step at a time",
             responses=fails())
async def verify(desk: Desk, _caller: Reader, after: After = "") -> object:
    found, step = await desk.evaluation.verify(after)
    return {**dataclasses.asdict(step), "differences": [dataclasses.asdict(one) for one in found]}


@imports.post("/groups", operation_id="importGroups", response_model=ImportOut,
              summary="Import groupings from CSV or .xlsx: all of them or none",
              description="Columns `scheme,key,member_of` and optionally `valid_from,valid_to`. "
              "A row with the same scheme, key and begin replaces the old one.",
              openapi_extra=SHEET_BODY, responses=IMPORT_FAILS)
async def import_groups(
    request: Request, desk: Desk, _caller: Admin, dry_run: DryRun = False,
    skip_bad: SkipBad = False,
) -> object:
    return await taken(request, GROUPS, desk.evaluation.put_members,
                       dry_run=dry_run, skip_bad=skip_bad)


# --- sheets ---------------------------------------------------------------------------------------
# Last, because its path takes any name.


@router.get("/{subject}", operation_id="getSheet", response_model=SheetOut,
            summary="Figures of every key of a subject in a period, as data or as a file",
            responses=fails(*ASK_FAILS, "evaluation.format"))
async def sheet(
    *, subject: SubjectPath, desk: Desk, _caller: Reader, period: Period,
    where: Where = None, version: Version = "", group: Group = "",
    open_: Annotated[Open, Query(alias="open")] = False,
    format_: Annotated[Format, Query(
        alias="format", description="json, html, csv or xlsx.")] = "json",
) -> object:
    asked = ask(subject, period, version, where, group)
    if format_ == "json":
        return await desk.evaluation.figures(asked, open_to_all=open_)
    data = await desk.publications.rendered(asked, format_, open_to_all=open_)
    return _file(data, format_, f"{subject}-{period}")


def _file(data: bytes, format_: str, name: str) -> Response:
    shown = "inline" if format_ == "html" else "attachment"
    return Response(
        data,
        media_type=MEDIA_TYPES[format_],
        headers={
            "Content-Disposition": f'{shown}; filename="{name}.{format_}"',
            "Content-Security-Policy": CSP,
        },
    )
