"""Who reported a case: shown for a purpose, as far as the roles of whoever asks see it. Both the
reading and the unmasking of one field are in the audit log."""

from __future__ import annotations

from typing import Any, Final
from uuid import UUID

from fastapi import APIRouter, Response

from node.core.masks import HIDDEN
from node.edge.console.asked import asked, given
from node.edge.console.cases.acting import offers_of
from node.edge.console.visit import Here, PageRoute, form_of
from node.edge.http.asking_intake import PurposeIn, UnmaskIn
from node.edge.http.routes.intake import reporter, unmask
from node.edge.http.telling_intake import ReporterOut
from node.service.privacy import NAME, PHONE

router = APIRouter(
    prefix="/console/cases/{case_id}/reporter", include_in_schema=False, route_class=PageRoute)
PURPOSES: Final = ("回访办理结果", "核实现场情况", "告知不予受理或不予立案")
"""Why a reporter is called, for whoever need not write it themselves."""
AFTER: Final = ("satisfaction", "reopen")
"""Verbs that follow from what a reporter says."""


@router.get("", operation_id="readReporter")
async def why(case_id: UUID, visit: Here) -> Response:
    """What for: it is written down."""
    await visit.admit("getCase", str(case_id))
    values: dict[str, Any] = {
        "case": await visit.desk.case(str(case_id)), "found": None,
        "purposes": [visit.say(one) for one in PURPOSES]}
    if visit.is_fragment:
        return visit.part("cases/reporter.html", **values)
    return await visit.page("cases/reporter_page.html", **values)


@router.post("", operation_id="readReporter")
async def shown(case_id: UUID, visit: Here) -> Response:
    """Name and phone, or their masks."""
    await visit.admit("getCase", str(case_id))
    fields = await form_of(visit.request)
    purpose = given(fields, "purpose")
    body = asked(PurposeIn, {"purpose": purpose})
    found = await reporter(case_id=case_id, body=body, desk=visit.desk, caller=visit.caller)
    document = await visit.desk.case(str(case_id))
    name, phone = getattr(found, "name", ""), getattr(found, "phone", "")
    values: dict[str, Any] = {
        "case": document, "found": found, "purpose": purpose, "purposes": [],
        "nobody": isinstance(found, ReporterOut) and not (name or phone),
        "masked": [key for key, value in ((NAME, name), (PHONE, phone)) if HIDDEN in value]
        if visit.may("unmaskReporter") else [],
        "titles": {NAME: visit.say("显示完整姓名"), PHONE: visit.say("显示完整电话")},
        "offers": [one for one in offers_of(visit, document) if one.word in AFTER],
    }
    if visit.is_fragment:
        return visit.part("cases/reporter.html", **values)
    return await visit.page("cases/reporter_page.html", **values)


@router.post("/unmask", operation_id="unmaskReporter")
async def unmasked(case_id: UUID, visit: Here) -> Response:
    """One field in the clear."""
    fields = await form_of(visit.request)
    body = asked(UnmaskIn, {"field": given(fields, "field"), "reason": given(fields, "reason")})
    answer = await unmask(case_id=case_id, body=body, desk=visit.desk, caller=visit.caller)
    value = getattr(answer, "value", "")
    if visit.is_fragment:
        return visit.part("cases/unmasked.html", value=value)
    return await visit.page("cases/unmasked_page.html", value=value, case_id=str(case_id))
