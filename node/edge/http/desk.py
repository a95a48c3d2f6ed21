"""How a route reaches the office and its settings, and the path parameters all routes share."""

from __future__ import annotations

from typing import Annotated
from uuid import UUID

from fastapi import Depends, Header, Path, Query, Request

from node.edge.http.limits import PAGE_ITEMS_DEFAULT, PAGE_ITEMS_MAX
from node.edge.http.problems import language
from node.service.office import Office
from node.settings import Settings


async def office_of(request: Request) -> Office:
    office = request.app.state.office
    assert isinstance(office, Office)
    return office


async def settings_of(request: Request) -> Settings:
    settings = request.app.state.settings
    assert isinstance(settings, Settings)
    return settings


async def tongue_of(
    accept_language: Annotated[str, Header(
        description="Language of sentences for people: zh-CN (default) or en.",
    )] = "",
) -> str:
    """``zh-CN`` or ``en``, as the caller prefers."""
    return language(accept_language)


Tongue = Annotated[str, Depends(tongue_of)]
Desk = Annotated[Office, Depends(office_of)]
Set = Annotated[Settings, Depends(settings_of)]
CasePath = Annotated[UUID, Path(description="Id of the case.")]
LinkPath = Annotated[str, Path(
    description="Id of the link, `<parent>-<child>`.", examples=["420200-420203"],
    pattern=r"^[0-9A-Z]{2,32}-[0-9A-Z]{2,32}$",
)]
PositionPath = Annotated[str, Path(
    description="`<epoch>:<seq>`, as the parked list says it.", examples=["1:17"],
    pattern=r"^[0-9]{1,10}:[0-9]{1,18}$",
)]
AdapterPath = Annotated[str, Path(
    description="Id of the adapter.", pattern=r"^[a-z0-9][a-z0-9_-]{0,63}$",
)]
ItemPath = Annotated[int, Path(ge=1, le=2**53, description="Id of the item.")]
Limit = Annotated[int, Query(
    ge=1, le=PAGE_ITEMS_MAX, description="Items per page.",
)]
After = Annotated[str, Query(
    max_length=512, description="The `next` of the page before; empty = from the start.",
)]
LIMIT_DEFAULT = PAGE_ITEMS_DEFAULT
