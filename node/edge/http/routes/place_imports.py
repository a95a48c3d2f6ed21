"""Layers of places are imported step by step: begin, rows, check, apply, finish."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Annotated
from uuid import UUID

from fastapi import APIRouter, Path

from node.edge.http.answers import BODY, fails
from node.edge.http.bodies import JsonRoute
from node.edge.http.desk import Desk, Tongue
from node.edge.http.gate import Admin
from node.edge.http.place_words import (
    AppliedOut,
    ApplyIn,
    CheckedOut,
    FinishedOut,
    ImportBegun,
    ImportIn,
    PlaceFault,
    StagedOut,
    StageIn,
)
from node.edge.http.problems import ERRORS_MAX, BadCall, Fault
from node.edge.http.told import Counted
from node.service.imports.report import RowFault

router = APIRouter(prefix="/api/v1/places/imports", tags=["places"], route_class=JsonRoute)
ImportPath = Annotated[UUID, Path(description="Id of the import.")]


@router.post("", operation_id="beginPlaceImport", status_code=201, response_model=ImportBegun,
             summary="Begin an import of a layer; an older one that never ended is dropped",
             responses=fails(*BODY))
async def begin(body: ImportIn, desk: Desk, caller: Admin) -> object:
    return ImportBegun(id=await desk.places.imports.begin(
        body.layer, source=body.source, actor=caller.name, dated=body.dated,
        complete=body.complete, area=body.area,
    ))


@router.post("/{import_id}/rows", operation_id="stagePlaceRows", response_model=StagedOut,
             summary="Bring rows; any fault, and none of these is taken",
             responses=fails("import.unknown", "table.invalid", *BODY))
async def stage(
    import_id: ImportPath, body: StageIn, desk: Desk, _caller: Admin, tongue: Tongue,
) -> object:
    faults = await desk.places.imports.stage(
        str(import_id), [(item.line, item.row) for item in body.rows])
    if faults:
        raise BadCall(
            "table.invalid", f"{len(faults)} row(s) cannot be imported; none of these was taken",
            faults=[
                Fault(pointer=f"row/{one.row}" + (f"/{one.column}" if one.column else ""),
                      code=one.code, detail=one.say(tongue))
                for one in faults[:ERRORS_MAX]
            ],
        )
    return StagedOut(staged=len(body.rows))


@router.post("/{import_id}/check", operation_id="checkPlaceImport", response_model=CheckedOut,
             summary="Look at the rows together: overlaps, crossings, retired codes, gaps",
             responses=fails("import.unknown"))
async def check(import_id: ImportPath, desk: Desk, _caller: Admin, tongue: Tongue) -> object:
    checked = await desk.places.imports.check(str(import_id))
    return CheckedOut(rows=checked.rows, retiring=checked.retiring,
                      faults=_told(checked.faults, tongue),
                      warnings=_told(checked.warnings, tongue))


@router.post("/{import_id}/apply", operation_id="applyPlaceImport", response_model=AppliedOut,
             summary="Write the next slice", responses=fails(
                 "import.unknown", "import.unchecked", *BODY))
async def apply(import_id: ImportPath, body: ApplyIn, desk: Desk, _caller: Admin) -> object:
    return await desk.places.imports.apply(str(import_id), body.after)


@router.post("/{import_id}/finish", operation_id="finishPlaceImport", response_model=FinishedOut,
             summary="Retire what is no longer named and write the version",
             responses=fails("import.unknown", "import.unchecked"))
async def finish(import_id: ImportPath, desk: Desk, _caller: Admin) -> object:
    return await desk.places.imports.finish(str(import_id))


@router.delete("/{import_id}", operation_id="dropPlaceImport", response_model=Counted,
               summary="Forget an import; what was applied stays", responses=fails())
async def drop(import_id: ImportPath, desk: Desk, _caller: Admin) -> object:
    await desk.places.imports.drop(str(import_id))
    return Counted(count=1)


def _told(faults: Sequence[RowFault], tongue: str) -> list[PlaceFault]:
    return [
        PlaceFault(row=one.row, column=one.column, code=one.code,
                   detail=one.sentence.say(tongue), mend=one.mend.say(tongue))
        for one in faults
    ]
