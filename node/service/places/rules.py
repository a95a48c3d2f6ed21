"""A refusal of the core as a fault of a line: which column, what is wrong, how to mend it."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from node.core.errors import Invalid
from node.service.catalogue import SENTENCES
from node.service.imports.report import RowFault
from node.service.phrases import phrase


def fault_of(error: Invalid, *, line: int, given: Mapping[str, Any]) -> RowFault:
    """The fault. The column is the field that the refusal names; the sentence has what was given
    there, and what the core says of it."""
    column = next(iter(error.detail), "")
    key = f"place.{error.code}"
    if key not in SENTENCES:
        key = "place.row.shape"
    values = {"given": str(given.get(column, ""))[:60], "reason": str(error)[:200],
              "detail": str(error)[:200]}
    return RowFault(row=line, column=column, code=error.code, sentence=phrase(key, **values),
                    mend=phrase(f"{key}.mend", **values))
