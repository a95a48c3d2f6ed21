"""Sheets of the evaluation as files for people: a page that prints, a workbook, a table.

Each is made from the document of a sheet alone, so a document kept for years can be drawn again.
Machinery that only a rendering needs is loaded when it renders.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from types import MappingProxyType
from typing import Any, Final

from node.edge.sheets.page import page
from node.edge.sheets.table import table
from node.edge.sheets.workbook import workbook
from node.service.canonical import canonical

RENDERS: Final[Mapping[str, Callable[[Mapping[str, Any]], bytes]]] = MappingProxyType(
    {"json": canonical, "html": page, "csv": table, "xlsx": workbook}
)
"""Format → rendering of a document."""

MEDIA_TYPES: Final[Mapping[str, str]] = MappingProxyType(
    {
        "json": "application/json",
        "html": "text/html; charset=utf-8",
        "csv": "text/csv; charset=utf-8",
        "xlsx": "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
    }
)
