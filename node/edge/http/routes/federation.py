"""The tree of nodes as this one knows it, with its own links and papers in it."""

from __future__ import annotations

from dataclasses import fields
from datetime import datetime
from importlib.metadata import version

from fastapi import APIRouter
from pydantic import Field

from node.edge.http.answers import fails
from node.edge.http.bodies import JsonRoute
from node.edge.http.desk import Desk, Tongue
from node.edge.http.gate import Reader
from node.edge.http.routes.own_keys import KeysOut
from node.edge.http.telling_links import LinkOut
from node.edge.http.told import Told, spoken

router = APIRouter(prefix="/api/v1", tags=["members"], route_class=JsonRoute)


class NodeOut(Told):
    """One node, in the order of the tree."""

    node: str = Field(examples=["420203"])
    name: str
    parent: str = Field(description="Empty for the root.")
    depth: int = Field(description="0 for the root.")
    place: str = Field(description="SELF, PARENT, CHILD or OTHER.")
    listed: bool = Field(description="Whether the roster names it.")
    keys: int = Field(description="Sign keys that are not revoked.")
    endpoints: list[str]
    capabilities: list[str]
    revoked_from: datetime | None = None
    papers_end: datetime | None = Field(
        default=None, description="End of a child's certificate, or of our own.")
    link: LinkOut | None = Field(
        default=None, description="null: no neighbour; how its links stand is not known here.")


class FederationOut(Told):
    """Everything at once."""

    node: str
    program: str = Field(description="Version of the program of this node.")
    serial: int = Field(description="Of the roster; 0 = none yet.")
    issued_at: datetime | None
    expires_at: datetime | None
    min_proto: int = Field(description="Protocol version that every member must speak.")
    proto: int = Field(description="The newest that this node speaks.")
    own: KeysOut
    nodes: list[NodeOut]


@router.get("/federation", operation_id="getFederation",
            summary="The tree of nodes, with the state of this node's own links",
            response_model=FederationOut, responses=fails())
async def federation(desk: Desk, _caller: Reader, tongue: Tongue) -> object:
    view = await desk.federation.view()
    told = {one.name: getattr(view, one.name) for one in fields(view)}
    nodes = [
        {**spoken(one, tongue),
         "link": spoken(one.link, tongue) if one.link is not None else None}
        for one in view.nodes
    ]
    return {**told, "program": version("wanmi"), "nodes": nodes}
