"""The adapter host over REST: how each adapter stands, a harmless probe, one-time form links.

Made by a function because the host belongs to the composition root, not to the office.
"""

from __future__ import annotations

from datetime import datetime

from fastapi import APIRouter
from pydantic import Field

from adapters.manifest import FILE_BYTES_MAX
from node.edge.adapter_host import AdapterHost
from node.edge.adapter_mappings import exchange, mapping_text, mark_of, tried
from node.edge.http.answers import BODY, fails
from node.edge.http.asked import Asked, Name
from node.edge.http.bodies import JsonRoute
from node.edge.http.desk import AdapterPath, CasePath, Desk, ItemPath, Tongue
from node.edge.http.gate import Admin, Operator, Reader
from node.edge.http.problems import BadCall
from node.edge.http.telling_house import ReheardOut
from node.edge.http.told import Counted, Told
from node.service.adapter_sentences import placed, said


class StandingOut(Told):
    """How one adapter is, as the host sees it."""

    id: str
    kind: str
    name: str
    up: bool
    detail: str
    since: datetime
    heard_at: datetime | None = None
    can: list[str] = Field(default=[], description="What the legacy system can do.")


class ProbeOut(Told):
    """Answer of a harmless probe."""

    adapter: str
    ok: bool
    detail: str


class MappingVersionOut(Told):
    """One time that the mapping was changed here."""

    number: int
    at: datetime
    actor: str


class MappingOut(Told):
    """The mapping of an adapter (`mapping.toml`) and when it was changed. `mark` names this very
    text: whoever exchanges it says which one was seen."""

    adapter: str
    text: str
    mark: str
    versions: list[MappingVersionOut]


class MappingIn(Asked):
    """A mapping to be looked through and tried."""

    text: str = Field(max_length=FILE_BYTES_MAX, examples=['[times]\nzone = "+08:00"\n'])


class MappingPut(MappingIn):
    """A mapping to be used from now on, instead of the one with `mark`."""

    mark: Name


class TriedOut(Told):
    """What came of it: everything that is wrong, or how the unit's system answered to an adapter
    made with it."""

    adapter: str
    problems: list[str]
    ok: bool
    detail: str


class FormLinkOut(Told):
    """A one-time link for a unit without a system. The address is a credential."""

    adapter: str
    key: str
    case_id: str
    case_no: str
    url: str
    state: str
    expires_at: datetime


class RenewIn(Asked):
    """Make a link anew; the old one is void."""

    adapter: Name
    key: Name = Field(description="Key of the work order, `<assignment>/<generation>`.")


def router(host: AdapterHost) -> APIRouter:
    """Routes over this host's adapters, behind the token."""
    routes = APIRouter(prefix="/api/v1", tags=["adapters"], route_class=JsonRoute)

    @routes.get("/adapters/standings", operation_id="listAdapterStandings",
                summary="Every adapter: up or down since when, and what its system can do",
                response_model=list[StandingOut], responses=fails())
    async def standings(_caller: Reader) -> object:
        return host.standings()

    @routes.post("/adapters/{adapter}/probe", operation_id="probeAdapter",
                 summary="Reach the legacy system, change nothing", response_model=ProbeOut,
                 responses=fails("http.not_found"))
    async def probe(adapter: AdapterPath, _caller: Operator) -> object:
        health = await host.probe(adapter)
        if health is None:
            raise BadCall("http.not_found", f"there is no adapter {adapter} at this node")
        return ProbeOut(adapter=adapter, ok=health.ok, detail=health.detail)

    @routes.post("/adapters/{adapter}/quarantine/{item}/replay",
                 operation_id="replayAdapterQuarantine",
                 summary="Read a quarantined item again, after a mapping was mended",
                 response_model=ReheardOut, responses=fails("http.not_found"))
    async def replay(adapter: AdapterPath, item: ItemPath, caller: Operator) -> object:
        done = await host.replay(adapter, item, actor=caller.name)
        if done is None:
            raise BadCall("http.not_found", f"{adapter} has no unsettled item {item}")
        return ReheardOut(
            item=item, settled=done.settled, applied=done.heard.applied, late=done.heard.late,
            repeated=done.heard.repeated, detail=done.detail)

    @routes.get("/adapters/{adapter}/mapping", operation_id="getAdapterMapping",
                summary="The mapping of an adapter, and when it was changed",
                response_model=MappingOut, responses=fails("adapter.no_mapping"))
    async def mapping(adapter: AdapterPath, desk: Desk, _caller: Admin) -> object:
        text = await mapping_text(host, adapter)
        return MappingOut(
            adapter=adapter, text=text, mark=mark_of(text), versions=[
                MappingVersionOut(number=one.number, at=one.at, actor=one.actor)
                for one in await desk.upkeep.mappings.versions(adapter)])

    @routes.post("/adapters/{adapter}/mapping/try", operation_id="tryAdapterMapping",
                 summary="Look a mapping through and ask the unit's system; change nothing",
                 response_model=TriedOut, responses=fails("adapter.no_mapping", *BODY))
    async def try_mapping(
        adapter: AdapterPath, body: MappingIn, tongue: Tongue, _caller: Admin,
    ) -> object:
        found = await tried(host, adapter, body.text)
        return TriedOut(adapter=adapter, problems=[
            ": ".join(filter(None, placed(one, tongue))) for one in found.problems],
                        ok=found.ok, detail=said(found.detail, tongue))

    @routes.put("/adapters/{adapter}/mapping", operation_id="putAdapterMapping",
                summary="Use another mapping from now on; the adapter is loaded anew",
                response_model=Counted, responses=fails(
                    "adapter.no_mapping", "adapter.mapping", "upkeep.moved", *BODY))
    async def put_mapping(
        adapter: AdapterPath, body: MappingPut, desk: Desk, caller: Admin,
    ) -> object:
        await exchange(host, desk.upkeep.mappings, adapter, body.text, seen=body.mark,
                       actor=caller.name)
        return Counted(count=1)

    # Whoever holds such an address may speak for the unit, so reading is not enough here.
    @routes.get("/cases/{case_id}/forms", operation_id="listForms",
                summary="One-time form links of a case", response_model=list[FormLinkOut],
                responses=fails())
    async def forms(case_id: CasePath, _caller: Operator) -> object:
        return [
            FormLinkOut(adapter=adapter, key=link.key, case_id=link.case_id, case_no=link.case_no,
                        url=link.url, state=str(link.state), expires_at=link.expires_at)
            for adapter, link in await host.form_links(str(case_id))
        ]

    @routes.post("/forms/renew", operation_id="renewForm",
                 summary="Make a form link anew; the old one is void",
                 response_model=FormLinkOut, responses=fails("http.not_found", *BODY))
    async def renew(body: RenewIn, _caller: Operator) -> object:
        link = await host.renew_form_link(body.adapter, body.key)
        if link is None:
            raise BadCall("http.not_found", f"{body.adapter} has no form for {body.key}")
        return FormLinkOut(
            adapter=body.adapter, key=link.key, case_id=link.case_id, case_no=link.case_no,
            url=link.url, state=str(link.state), expires_at=link.expires_at)

    return routes
