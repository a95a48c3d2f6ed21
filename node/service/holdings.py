"""The table a city brings along of who answers for what and where.

It is imported whole, by natural key; routing reads it from memory.
"""

from __future__ import annotations

import dataclasses
from collections.abc import Iterable, Sequence
from typing import Any

from hub.store.tx import Tx
from node.core.errors import Invalid
from node.core.facts import Address, Facts
from node.core.routing import DutyKind
from node.core.routing import Responsibility as CoreRow
from node.service.instants import to_time, to_us
from node.service.ports import Row, Store
from node.service.views import ImportResult, Responsibility


class Table:
    """The responsibility table, indexed by standard and code so that a look-up reads few rows."""

    def __init__(self, rows: Iterable[CoreRow] = ()) -> None:
        self._by_code: dict[tuple[str, str], list[CoreRow]] = {}
        for row in rows:
            self._by_code.setdefault((row.standard_ref, row.code), []).append(row)

    def candidates(self, facts: Facts) -> list[CoreRow]:
        """Rows whose standard and code may match: every prefix of the code, with the standard or
        without one."""
        category = facts.category
        found: list[CoreRow] = []
        for standard in dict.fromkeys((category.standard_ref, "")):
            for length in range(len(category.code) + 1):
                found.extend(self._by_code.get((standard, category.code[:length]), ()))
        return found


def responsibility(row: Row) -> CoreRow:
    """A row of table ``responsibility`` as the core reads it."""
    valid_from, valid_to = row["valid_from"], row["valid_to"]
    return CoreRow(
        standard_ref=row["standard_ref"],
        kind=row["kind"],
        code=row["code"],
        area=row["area"],
        assignee=Address.parse(row["assignee"]),
        duty=DutyKind(row["duty"] or DutyKind.LEAD),
        valid_from=to_time(valid_from) if valid_from else None,
        valid_to=to_time(valid_to) if valid_to else None,
    )


def put_responsibilities(
    store: Store, tx: Tx, rows: Sequence[Responsibility]
) -> ImportResult:
    """Write rows of the responsibility table; ``Invalid`` names the row that cannot be read."""
    given = [_responsibility_row(row) for row in rows]
    for number, row in enumerate(given, start=1):
        try:
            responsibility(row)
        except ValueError as err:
            raise Invalid(f"row {number}: {err}", code="table.invalid") from err
    added, replaced = store.import_rows(tx.conn, "responsibility", given)
    return ImportResult(added=added, replaced=replaced)


def _responsibility_row(row: Responsibility) -> dict[str, Any]:
    return {
        **dataclasses.asdict(row),
        "valid_from": to_us(row.valid_from) if row.valid_from is not None else None,
        "valid_to": to_us(row.valid_to) if row.valid_to is not None else None,
    }
