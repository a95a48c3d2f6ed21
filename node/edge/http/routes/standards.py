"""Standards: editions, classes, filing conditions, crosswalk, classes of area."""

from __future__ import annotations

from functools import partial
from typing import Annotated, Any

from fastapi import APIRouter, Query, Request
from fastapi.responses import PlainTextResponse

from node.core.codes import Layout
from node.edge.http.answers import BODY, fails
from node.edge.http.asked import CLEAN
from node.edge.http.bodies import JsonRoute
from node.edge.http.desk import LIMIT_DEFAULT, After, Desk, Limit
from node.edge.http.gate import Admin, Reader
from node.edge.http.imports import IMPORT_FAILS, SHEET_BODY, DryRun, SkipBad, taken
from node.edge.http.standards import (
    ActivateIn,
    AddClassIn,
    ApproveIn,
    AreaClassOut,
    ClassAdded,
    ClassOut,
    ClassWhole,
    ConditionOut,
    CrossingOut,
    CrossingsOut,
    EditionIn,
    EditionOut,
    RegisterIn,
    TakenOut,
)
from node.edge.http.telling_tables import ImportOut
from node.edge.http.told import Counted, PageOut
from node.service.imports.area_classes import AREA_CLASSES
from node.service.imports.codes import CODES
from node.service.imports.conditions import CONDITIONS
from node.service.imports.crosswalk import CROSSWALK
from node.service.standards.handbook import Handbook
from node.service.standards.views import NewClass

router = APIRouter(prefix="/api/v1", tags=["standards"])
"""Sheets come in here."""
verbs = APIRouter(prefix="/api/v1", tags=["standards"], route_class=JsonRoute)
"""JSON comes in here."""

Ref = Annotated[str, CLEAN, Query(min_length=1, max_length=200, description="The standard.",
                                  examples=["GB/T 47678.5-2026"])]
RefOrAll = Annotated[str, CLEAN, Query(max_length=200, description="The standard; empty = all "
                                       "that are in force.")]
Version = Annotated[int, Query(ge=0, le=10**6, description="Its edition; 0 = the one in force.")]
KindQuery = Annotated[str, Query(pattern="^(component|matter)?$", description="Empty = both.")]
OneKind = Annotated[str, Query(pattern="^(component|matter)$", description="component, matter")]
Code = Annotated[str, CLEAN, Query(min_length=1, max_length=20, description="The class code.")]
Searched = Annotated[str, CLEAN, Query(max_length=100, description="Part of the name, or the "
                                       "beginning of the code.")]
GivenRef = Annotated[str, CLEAN, Query(max_length=200, description="The standard of all rows, "
                                       "where the sheet does not say.")]
GivenKind = Annotated[str, CLEAN, Query(max_length=20, description="The kind of all rows, "
                                        "likewise.")]
Which = Annotated[Handbook, Query(description="supervision: what is a case; handling: who ends "
                                  "it, how soon, and what must be true then.")]
SAYS_NO = ("case.invalid", "case.not_permitted", "case.wrong_status")


@router.get("/standards", operation_id="listStandards",
            summary="Every standard with version, digest and days", response_model=list[EditionOut],
            responses=fails())
async def standards(desk: Desk, _caller: Reader) -> object:
    return await desk.standards.editions()


@router.get("/classes", operation_id="listClasses", summary="Classes of an edition, searched",
            response_model=PageOut[ClassOut], responses=fails("page.cursor", "case.invalid"))
async def classes(
    *, desk: Desk, _caller: Reader, standard_ref: Ref, version: Version = 0, kind: KindQuery = "",
    text: Searched = "", after: After = "", limit: Limit = LIMIT_DEFAULT,
) -> object:
    return await desk.standards.classes(
        standard_ref, version=version, kind=kind, text=text, after=after, limit=limit)


@router.get("/classes/one", operation_id="getClass",
            summary="A class with its conditions and its crosswalk", response_model=ClassWhole,
            responses=fails("case.invalid"))
async def one_class(
    desk: Desk, _caller: Reader, standard_ref: Ref, kind: OneKind, code: Code,
    version: Version = 0,
) -> object:
    return await desk.standards.one_class(standard_ref, kind, code, version=version)


@router.post("/classes", operation_id="importClasses",
             summary="Import classes from CSV or .xlsx into a draft",
             description="Columns `standard_ref,kind`, then `code`, or `major,minor`; `name` and "
             "optionally `major_name,origin,incident,valid_from,valid_to,handling_unit,"
             "department,legal_basis,collection`. Lost zeros are padded by the standard's width.",
             response_model=ImportOut, openapi_extra=SHEET_BODY, responses=IMPORT_FAILS)
async def import_classes(
    *, request: Request, desk: Desk, caller: Admin, dry_run: DryRun = False,
    skip_bad: SkipBad = False, standard_ref: GivenRef = "", kind: GivenKind = "",
) -> object:
    return await taken(request, CODES,
                       partial(desk.standards.import_classes, actor=caller.name),
                       dry_run=dry_run, skip_bad=skip_bad,
                       given={"standard_ref": standard_ref, "kind": kind})


@verbs.post("/classes/local", operation_id="addClass",
            summary="Add a local class with its condition and limit to the draft",
            status_code=201, response_model=ClassAdded, responses=fails(*BODY, *SAYS_NO))
async def add_class(body: AddClassIn, desk: Desk, caller: Admin) -> object:
    return await desk.standards.add_class(NewClass(**body.model_dump()), actor=caller.name)


@router.get("/conditions", operation_id="listConditions",
            summary="Filing conditions (立案条件) with their limits",
            response_model=PageOut[ConditionOut],
            responses=fails("page.cursor", "case.invalid"))
async def conditions(
    desk: Desk, _caller: Reader, standard_ref: RefOrAll = "", version: Version = 0,
    after: After = "", limit: Limit = LIMIT_DEFAULT,
) -> object:
    return await desk.standards.conditions(
        standard_ref, version=version, after=after, limit=limit)


@router.post("/conditions", operation_id="importConditions",
             summary="Import filing conditions from CSV or .xlsx into a draft",
             description="The usual nine columns of a city's sheet (major code and name, minor "
             "code and name, handling unit, department, filing, closing, limit; merged cells "
             "inherit), or `standard_ref,kind,code,condition_no,filing` and optionally "
             "`closing,evidence,dimension,area_class,limit_text` (as printed: `4小时`, "
             "`2紧急工作时`, `5天`) or `limit_count,limit_unit`.",
             response_model=ImportOut, openapi_extra=SHEET_BODY, responses=IMPORT_FAILS)
async def import_conditions(
    *, request: Request, desk: Desk, caller: Admin, dry_run: DryRun = False,
    skip_bad: SkipBad = False, standard_ref: GivenRef = "", kind: GivenKind = "",
) -> object:
    return await taken(request, CONDITIONS,
                       partial(desk.standards.import_conditions, actor=caller.name),
                       dry_run=dry_run, skip_bad=skip_bad,
                       given={"standard_ref": standard_ref, "kind": kind})


@router.get("/crosswalk", operation_id="listCrosswalk",
            summary="What became of each class: every decision",
            response_model=PageOut[CrossingOut], responses=fails("page.cursor"))
async def crosswalk(
    desk: Desk, _caller: Reader, after: After = "", limit: Limit = LIMIT_DEFAULT,
) -> object:
    return await desk.standards.crosswalk(after=after, limit=limit)


@router.get("/crosswalk/one", operation_id="getCrossings",
            summary="What became of one class, and what became it", response_model=CrossingsOut,
            responses=fails())
async def crossed(
    desk: Desk, _caller: Reader, standard_ref: Ref, kind: OneKind, code: Code,
) -> object:
    return await desk.standards.crossed(standard_ref, kind, code)


@router.post("/crosswalk", operation_id="importCrosswalk",
             summary="Import decisions of the crosswalk from CSV or .xlsx",
             description="Columns `old_standard,old_kind,old_code,verdict` and, where it goes "
             "somewhere, `new_standard,new_kind,new_code`. A class decided otherwise than before "
             "gets a new version; the older one stays.",
             response_model=ImportOut, openapi_extra=SHEET_BODY, responses=IMPORT_FAILS)
async def import_crosswalk(
    request: Request, desk: Desk, caller: Admin, dry_run: DryRun = False,
    skip_bad: SkipBad = False,
) -> object:
    return await taken(request, CROSSWALK,
                       partial(desk.standards.import_crosswalk, actor=caller.name),
                       dry_run=dry_run, skip_bad=skip_bad)


@router.get("/area-classes", operation_id="listAreaClasses",
            summary="Classes of area on which limits depend", response_model=list[AreaClassOut],
            responses=fails())
async def area_classes(desk: Desk, _caller: Reader) -> object:
    return await desk.standards.area_classes()


@router.post("/area-classes", operation_id="importAreaClasses",
             summary="Import classes of area from CSV or .xlsx",
             description="Columns `area,area_class` and optionally `dimension`.",
             response_model=ImportOut, openapi_extra=SHEET_BODY, responses=IMPORT_FAILS)
async def import_area_classes(
    request: Request, desk: Desk, caller: Admin, dry_run: DryRun = False,
    skip_bad: SkipBad = False,
) -> object:
    return await taken(request, AREA_CLASSES,
                       partial(desk.standards.import_area_classes, actor=caller.name),
                       dry_run=dry_run, skip_bad=skip_bad)


@verbs.post("/standards/approve", operation_id="approveStandard",
            summary="Approve a draft that others wrote", response_model=EditionOut,
            responses=fails(*BODY, *SAYS_NO))
async def approve(body: ApproveIn, desk: Desk, caller: Admin) -> object:
    return await desk.standards.approve(
        body.standard_ref, body.version, effective_from=body.effective_from, actor=caller.name)


@verbs.post("/standards/activate", operation_id="activateStandard",
            summary="Move the days of an approved edition", response_model=EditionOut,
            responses=fails(*BODY, *SAYS_NO))
async def activate(body: ActivateIn, desk: Desk, caller: Admin) -> object:
    return await desk.standards.activate(
        body.standard_ref, body.version, effective_from=body.effective_from,
        effective_to=body.effective_to, actor=caller.name)


@verbs.post("/standards/discard", operation_id="discardStandard",
            summary="Throw a draft away", response_model=Counted,
            responses=fails(*BODY, *SAYS_NO))
async def discard(body: EditionIn, desk: Desk, caller: Admin) -> object:
    await desk.standards.discard(body.standard_ref, body.version, actor=caller.name)
    return Counted(count=1)


@verbs.post("/standards/register", operation_id="registerStandard",
            summary="Register a standard of your own, with its digits", status_code=201,
            response_model=EditionOut, responses=fails(*BODY, *SAYS_NO))
async def register(body: RegisterIn, desk: Desk, caller: Admin) -> object:
    layout = Layout(standard_ref=body.standard_ref, major=body.major, minor=body.minor,
                    region=body.region, sequence=body.sequence, local_from=body.local_from)
    return await desk.standards.register(layout, source=body.source, actor=caller.name)


@router.get("/standards/document", operation_id="exportStandard",
            summary="An approved edition as a document for other nodes",
            response_model=dict[str, Any], responses=fails(*SAYS_NO))
async def export(desk: Desk, _caller: Reader, standard_ref: Ref, version: Version = 0) -> object:
    return await desk.standards.export(standard_ref, version)


@router.get("/standards/handbook", operation_id="printHandbook",
            summary="A handbook of an edition, as Markdown", response_class=PlainTextResponse,
            responses={200: {"content": {"text/markdown": {"schema": {"type": "string"}}}},
                       **fails("case.invalid")})
async def handbook(
    desk: Desk, _caller: Reader, standard_ref: Ref, which: Which, version: Version = 0,
) -> PlainTextResponse:
    text = await desk.standards.handbook(which, standard_ref, version, office=desk.name)
    return PlainTextResponse(text, media_type="text/markdown; charset=utf-8")


@verbs.post("/standards/document", operation_id="takeOverStandard",
            summary="Take over an edition that another node approved",
            response_model=TakenOut, responses=fails(*BODY, *SAYS_NO))
async def take_over(body: dict[str, Any], desk: Desk, caller: Admin) -> object:
    return await desk.standards.take_over(body, actor=caller.name)
