"""Result rows as plain dictionaries: nothing above holds on to a cursor."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from sqlalchemy import CursorResult

Row = Mapping[str, Any]
"""One table row; the keys are the column names."""


def all_rows(result: CursorResult[Any]) -> list[Row]:
    """Every row of the result."""
    names = tuple(result.keys())
    return [dict(zip(names, row, strict=True)) for row in result]


def one_row(result: CursorResult[Any]) -> Row | None:
    """The only row, None if there is none."""
    row = result.one_or_none()
    return None if row is None else dict(zip(result.keys(), row, strict=True))
