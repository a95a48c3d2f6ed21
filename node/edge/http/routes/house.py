"""The rest of the house: adapters, work that waits, findings, directory, tokens."""

from __future__ import annotations

import base64
from typing import Annotated

from fastapi import APIRouter, Path, Query

from node.core.passes import FREE
from node.core.roles import scoped
from node.edge.http.answers import BODY, fails
from node.edge.http.asked import CLEAN
from node.edge.http.asking import LockIn, ResumeIn, SettleIn, TokenIn
from node.edge.http.bodies import JsonRoute
from node.edge.http.desk import LIMIT_DEFAULT, AdapterPath, Desk, ItemPath, Limit, Tongue
from node.edge.http.gate import Admin, Operator, Reader, Right
from node.edge.http.problems import BadCall
from node.edge.http.telling import WorkItemOut
from node.edge.http.telling_house import (
    AdapterOut,
    AdapterQuarantinedOut,
    DirectoryOut,
    FindingOut,
    OpenJobOut,
    TokenMade,
    TokenOut,
)
from node.edge.http.told import Counted, spoken
from node.service.adapter_views import AdapterQuarantined

router = APIRouter(prefix="/api/v1", route_class=JsonRoute)


@router.get("/adapters", operation_id="listAdapters", summary="Standing of every adapter",
            tags=["adapters"], response_model=list[AdapterOut], responses=fails())
async def adapters(desk: Desk, _caller: Reader, tongue: Tongue) -> object:
    return [spoken(view, tongue) for view in await desk.adapters()]


@router.get("/adapters/{adapter}/jobs", operation_id="listAdapterJobs",
            summary="Jobs that are not settled, parked ones first", tags=["adapters"],
            response_model=list[OpenJobOut], responses=fails())
async def adapter_jobs(adapter: AdapterPath, desk: Desk, _caller: Reader) -> object:
    return await desk.adapter_jobs(adapter)


@router.post("/adapters/{adapter}/jobs/resume", operation_id="resumeAdapterJob",
             summary="Try a parked job again now", tags=["adapters"],
             response_model=Counted, responses=fails("http.not_found", *BODY))
async def resume_job(
    adapter: AdapterPath, body: ResumeIn, desk: Desk, caller: Operator,
) -> object:
    if not await desk.resume_job(adapter, body.key, actor=caller.name):
        raise BadCall("http.not_found", f"{adapter} has no parked job {body.key}")
    return Counted(count=1)


def _quarantined(item: AdapterQuarantined) -> AdapterQuarantinedOut:
    return AdapterQuarantinedOut(
        id=item.id, adapter=item.adapter, source=item.source, code=item.code, detail=item.detail,
        evidence=base64.b64encode(item.evidence).decode(), at=item.at,
    )


@router.get("/adapters/{adapter}/quarantine", operation_id="listAdapterQuarantine",
            summary="What a unit's system said that nobody could read", tags=["adapters"],
            response_model=list[AdapterQuarantinedOut], responses=fails())
async def adapter_quarantine(adapter: AdapterPath, desk: Desk, _caller: Reader) -> object:
    return [_quarantined(item) for item in await desk.adapter_quarantined(adapter)]


@router.post("/adapters/{adapter}/quarantine/{item}/settle",
             operation_id="settleAdapterQuarantine", summary="Tick a quarantined item off",
             tags=["adapters"], response_model=Counted, responses=fails("http.not_found"))
async def settle_quarantine(
    adapter: AdapterPath, item: ItemPath, desk: Desk, caller: Operator,
) -> object:
    if not any(found.id == item for found in await desk.adapter_quarantined(adapter)):
        raise BadCall("http.not_found", f"{adapter} has no unsettled item {item}")
    return Counted(count=int(await desk.settle_quarantined(item, actor=caller.name)))


@router.get("/work-items", operation_id="listWorkItems",
            summary="What waits for a person: calls for help, then the oldest", tags=["work"],
            response_model=list[WorkItemOut], responses=fails())
async def work_items(
    desk: Desk, caller: Reader,
    settled: Annotated[bool, Query(description="The settled ones instead.")] = False,
    limit: Limit = LIMIT_DEFAULT,
) -> object:
    return await desk.work_items(settled=settled, limit=limit, scope=caller.person.scope)


@router.post("/work-items/settle", operation_id="settleWorkItem",
             summary="Tick a work item off (count 0: it was settled already)", tags=["work"],
             response_model=Counted, responses=fails("alarm.unsaid", *BODY))
async def settle_work(body: SettleIn, desk: Desk, caller: Operator) -> object:
    return Counted(count=int(await desk.settle_work(body.id, actor=caller.name)))


@router.get("/findings", operation_id="listFindings",
            summary="What the doctor has to say, worst first", tags=["health"],
            response_model=list[FindingOut], responses=fails())
async def findings(desk: Desk, _caller: Reader, tongue: Tongue) -> object:
    return [spoken(finding, tongue) for finding in await desk.findings()]


@router.get("/directory", operation_id="getDirectory",
            summary="Whom this node may hand work to, and what it may do", tags=["work"],
            response_model=DirectoryOut, responses=fails())
async def directory(desk: Desk, _caller: Reader) -> object:
    return await desk.directory()


@router.get("/tokens", operation_id="listTokens", summary="Live tokens by name",
            tags=["tokens"], response_model=list[TokenOut], responses=fails())
async def tokens(desk: Desk, _caller: Admin) -> object:
    return [
        TokenOut(
            name=view.name, scope=view.scope, roles=list(view.roles), locked_at=view.locked_at,
            locked_by=view.locked_by, lock_reason=view.lock_reason, account=view.account,
            by_roles=view.terms.by_roles, acts=list(view.terms.acts),
            expires_at=view.terms.expires_at, addresses=list(view.terms.addresses),
        )
        for view in await desk.tokens()
    ]


@router.post("/tokens", operation_id="createToken",
             summary="Make a token; it is shown this once", tags=["tokens"], status_code=201,
             response_model=TokenMade,
             responses=fails("token.roles", "token.terms", "token.addresses", "role.unknown",
                             "role.scope", *BODY))
async def create_token(body: TokenIn, desk: Desk, _caller: Admin) -> object:
    terms = desk.access.terms(
        days=body.days, addresses=body.addresses, by_roles=body.by_roles, acts=body.acts,
        scope=scoped(body.areas, body.codes, body.units), roles=body.roles,
    ) if body.model_fields_set - {"name", "scope", "roles"} else FREE
    token = await desk.create_token(body.name, body.scope, body.roles, terms)
    return TokenMade(name=body.name, scope=body.scope, roles=list(body.roles), token=token)


TokenPath = Annotated[str, CLEAN, Path(min_length=1, max_length=200, description="Its name.")]


@router.post("/tokens/{name}/lock", operation_id="lockToken",
             summary="A device is lost: nobody comes in with its token, from now on; open sessions "
             "end (count 0: there is none, or it is locked already)",
             tags=["tokens"], response_model=Counted,
             responses=fails("alarm.role", "token.admin", "token.own", *BODY))
async def lock_token(name: TokenPath, body: LockIn, desk: Desk, caller: Operator) -> object:
    return Counted(count=await desk.alarms.lock_out(
        name, reason=body.reason, actor=caller.name, roles=caller.roles,
        admin=caller.scope is Right.ADMIN))


@router.post("/tokens/{name}/unlock", operation_id="unlockToken",
             summary="Let the token of a lost device in again", tags=["tokens"],
             response_model=Counted, responses=fails())
async def unlock_token(name: TokenPath, desk: Desk, caller: Admin) -> object:
    return Counted(count=await desk.admission.unlock(name, actor=caller.name))


@router.delete("/tokens/{name}", operation_id="revokeToken",
               summary="Revoke every token of a name", tags=["tokens"], response_model=Counted,
               responses=fails())
async def revoke_token(name: TokenPath, desk: Desk, _caller: Admin) -> object:
    return Counted(count=await desk.revoke_token(name))
