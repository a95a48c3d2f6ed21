"""Every piece of the design system on one page (``/console/style``)."""

from __future__ import annotations

from fastapi import APIRouter, Response

from node.edge.console.visit import Here, PageRoute

router = APIRouter(prefix="/console/style", include_in_schema=False, route_class=PageRoute)


@router.get("", operation_id="whoAmI")
async def style(visit: Here) -> Response:
    """Anybody who is logged in may look: it shows nothing of the office."""
    return await visit.page("style.html")
