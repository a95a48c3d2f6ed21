"""Everything behind ``/console/upkeep``."""

from __future__ import annotations

from typing import Final

from node.edge.console.upkeep import (
    configurations,
    layers,
    mapping,
    routes,
    rules,
    standards,
    tables,
)

ROUTERS: Final = (routes.router, tables.router, standards.router, layers.router,
                  rules.router, configurations.router, mapping.router)
