"""Keys and papers of this node: how they stand, and changing them while it runs."""

from __future__ import annotations

from datetime import datetime

from fastapi import APIRouter
from pydantic import Field

from node.edge.http.answers import BODY, fails
from node.edge.http.asked import Asked
from node.edge.http.bodies import JsonRoute
from node.edge.http.desk import Desk
from node.edge.http.gate import Admin, Reader
from node.edge.http.told import Told

router = APIRouter(prefix="/api/v1", tags=["keys"], route_class=JsonRoute)


class KeysOut(Told):
    """The sign key, the one that follows it, and the certificate from the parent."""

    suite: str = Field(examples=["ed25519"])
    key_id: str
    since: datetime
    beside: str = Field(description="The key it goes over to; empty = none.")
    beside_suite: str
    listed: bool = Field(description="Whether the roster lists the key beside.")
    by_itself: bool = Field(description="Whether the change ends by itself once it is listed.")
    certificate_ends: datetime | None = Field(description="null: it has no parent.")
    certificate_renews: datetime | None = Field(description="When it is renewed by itself.")
    refused: str = Field(description="Code of why the last renewal got nothing.")


class ChangeIn(Asked):
    """To which suite."""

    suite: str = Field(
        default="", max_length=16, examples=["ed25519"],
        description="Empty: as today; then the change ends by itself.",
    )


@router.get("/keys", operation_id="getKeys", summary="How keys and certificate stand",
            response_model=KeysOut, responses=fails())
async def keys(desk: Desk, _caller: Reader) -> object:
    return await desk.own_keys.view()


@router.post("/keys/change", operation_id="changeKey",
             summary="Go over to a new sign key while everything runs", response_model=KeysOut,
             responses=fails("keys.going_over", "suite.unknown", "suite.missing", *BODY))
async def change(body: ChangeIn, desk: Desk, caller: Admin) -> object:
    return await desk.own_keys.change(body.suite, actor=caller.name)


@router.post("/keys/change/end", operation_id="endKeyChange",
             summary="Use the new sign key alone", response_model=KeysOut,
             responses=fails("keys.not_going_over", "keys.not_listed"))
async def end(desk: Desk, caller: Admin) -> object:
    return await desk.own_keys.end(actor=caller.name)


@router.post("/keys/renew", operation_id="renewPapers",
             summary="Ask the parent for a newer certificate now", response_model=KeysOut,
             responses=fails("renew.root"))
async def renew(desk: Desk, caller: Admin) -> object:
    return await desk.own_keys.renew(actor=caller.name)
