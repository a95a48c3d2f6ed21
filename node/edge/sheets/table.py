"""A sheet as CSV: what it is about, an empty line, headings, lines, total."""

from __future__ import annotations

import csv
import io
from collections.abc import Mapping
from typing import Any, Final

from node.edge.sheets.grid import Cell, about, headings, rows
from node.service.formulas import harmless

BOM: Final = "\ufeff"
"""Without it the spreadsheets of the country read UTF-8 as GBK."""


def table(document: Mapping[str, Any]) -> bytes:
    """UTF-8 with a mark in front, lines ended by CR LF."""
    out = io.StringIO()
    writer = csv.writer(out)
    writer.writerows([f"{zh} {en}", harmless(value)] for zh, en, value in about(document))
    writer.writerow([])
    writer.writerow([f"{zh} {en}" for zh, en, _ in headings(document)])
    for row in rows(document):
        writer.writerow([_text(cell) for cell in row])
    return (BOM + out.getvalue()).encode()


def _text(cell: Cell) -> str:
    return cell.text if cell.number is not None else harmless(cell.text)
