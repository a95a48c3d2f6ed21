"""The public door: outside of the gate, opened by number and follow-up code alone."""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter, Path, Query, Request, Response
from fastapi.responses import FileResponse

from node.core.commands import OpenCase
from node.core.facts import CaseId, CommandId
from node.edge.http.answers import BODY, fails
from node.edge.http.asked import CLEAN
from node.edge.http.asking_intake import PublicRatingIn, PublicReportIn
from node.edge.http.bodies import JsonRoute
from node.edge.http.cookies import address_of
from node.edge.http.desk import Desk, Set
from node.edge.http.problems import BadCall
from node.edge.http.routes.photos import served
from node.edge.http.telling_intake import PublicOut, PublicReceiptOut

router = APIRouter(prefix="/public", tags=["public"], route_class=JsonRoute)

OPEN = ("public.unknown", "public.too_many", "request.invalid", "http.internal")
Code = Annotated[str, CLEAN, Query(min_length=1, max_length=32, examples=["7K3M9QXA"],
                                   description="As the reporter was given it.")]
Number = Annotated[str, CLEAN, Path(description="Number of the case.")]
NUMBER_CHARS_MAX = ADDRESS_CHARS_MAX = 64


@router.post("/reports", operation_id="postPublicReport", status_code=201,
             summary="Report a problem without an account (市民上报)",
             description="Shut unless the office has opened it (`[public] reports = true`). The "
             "answer holds number and code, by which the report is followed.",
             response_model=PublicReceiptOut,
             responses=fails("public.closed", "public.source", "public.busy", "place.crs",
                             "place.point", "case.invalid", "case.not_permitted",
                             always=("request.invalid", "http.internal", *BODY)))
async def post(body: PublicReportIn, request: Request, desk: Desk, settings: Set) -> object:
    address = address_of(request, settings)
    reply = await desk.posting.post(
        OpenCase(
            command_id=CommandId(desk.fresh_id()), actor="", case_id=CaseId(desk.fresh_id()),
            case_no="", category=body.category.value(), place=body.place.value(), text=body.text,
            source=body.source, source_details=tuple(body.details.items()),
            reporter=body.reporter.value() if body.reporter is not None else None,
        ),
        b"", address=address[:ADDRESS_CHARS_MAX],
    )
    return {"case_no": reply.case_no, "code": reply.follow_up, "status": reply.status}


@router.get("/cases/{number}", operation_id="getPublicCase",
            summary="How a report stands, to whoever has its code",
            response_model=PublicOut, response_model_exclude_unset=True,
            responses=fails(always=OPEN))
async def look(number: Number, code: Code, desk: Desk) -> object:
    return await desk.public.look(number[:NUMBER_CHARS_MAX], code)


@router.get("/cases/{number}/photo", operation_id="getPublicPhoto",
            summary="The photo of the result that a person marked fit for the public",
            response_class=FileResponse, responses=fails("photo.unknown", always=OPEN))
async def photo(number: Number, code: Code, desk: Desk) -> Response:
    digest = await desk.public.photo(number[:NUMBER_CHARS_MAX], code)
    found = await desk.shown_photo(digest) if digest is not None else None
    if found is None:
        raise BadCall("photo.unknown", "there is no photo to be shown")
    return served(*found, "photo", {"Cache-Control": "no-store"})


@router.post("/cases/{number}/satisfaction", operation_id="ratePublicCase",
             summary="Say what the result is worth, once (满意度)", status_code=204,
             responses=fails("case.wrong_status", "case.not_permitted", always=(*OPEN, *BODY)))
async def rate(number: Number, code: Code, body: PublicRatingIn, desk: Desk) -> Response:
    await desk.public.rate(
        number[:NUMBER_CHARS_MAX], code, score=body.score, text=body.text,
        command_id=desk.fresh_id(),
    )
    return Response(status_code=204)
