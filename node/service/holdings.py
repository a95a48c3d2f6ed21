"""The table a city brings along of who answers for what and where.

It is imported whole, by natural key; routing reads it from memory.
"""

from __future__ import annotations

import dataclasses
from collections.abc import Iterable, Iterator, Sequence
from typing import Any, Protocol

from hub.store.tx import Tx
from node.core.errors import Invalid
from node.core.facts import Address, Facts
from node.core.revising import counted
from node.core.routing import DutyKind, Qualifier
from node.core.routing import Responsibility as CoreRow
from node.service.instants import to_time, to_us
from node.service.ports import Row, Store
from node.service.register import EMPTY, Register
from node.service.revising import RevisionStore, compared, keyed, revise
from node.service.views import ImportResult, Responsibility

TOPIC = TABLE = "responsibilities"
"""Woken when rows changed: the node's other processes read them anew."""


class HoldingStore(Store, RevisionStore, Protocol):
    """What the table needs from below."""


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

    def covers(self, standard_ref: str, kind: str, code: str) -> bool:
        """Whether some row is for this class or one above it, wherever it holds."""
        return any(
            row.kind in ("", kind)
            for standard in (standard_ref, "")
            for length in range(len(code) + 1)
            for row in self._by_code.get((standard, code[:length]), ())
        )

    def rows(self) -> Iterator[CoreRow]:
        """All of them."""
        for rows in self._by_code.values():
            yield from rows

    def units_named(self) -> frozenset[str]:
        """Everybody whom some row names, by unit id or name or, without a unit, by address."""
        return frozenset(row.who for row in self.rows())

    def __len__(self) -> int:
        return sum(len(rows) for rows in self._by_code.values())


def responsibility(row: Row, register: Register = EMPTY) -> CoreRow:
    """A row of table ``responsibility`` as the core reads it; its unit's card says where orders
    go, unless the row does. ``ValueError``: an address, duty or qualifier that cannot be read."""
    valid_from, valid_to = row["valid_from"], row["valid_to"]
    unit = register.find(row["unit"] or row["assignee"])
    assignee = Address.parse(row["assignee"]) if row["assignee"] else None
    if assignee is None and unit is not None:
        assignee = unit.address
    return CoreRow(
        standard_ref=row["standard_ref"],
        kind=row["kind"],
        code=row["code"],
        area=row["area"],
        assignee=assignee,
        unit=unit.unit_id if unit is not None else row["unit"],
        territorial=unit.territorial if unit is not None else False,
        duties=_duties(row["duty"]),
        qualifier=Qualifier(row["qualifier"]),
        zone=tuple(row["zone"].split()),
        valid_from=to_time(valid_from) if valid_from else None,
        valid_to=to_time(valid_to) if valid_to else None,
        note=row["note"],
    )


def _duties(joined: str) -> frozenset[DutyKind]:
    kinds = frozenset(DutyKind(one) for one in joined.split("/") if one)
    return kinds or frozenset({DutyKind.RECTIFY})


def put_responsibilities(
    store: HoldingStore, tx: Tx, rows: Sequence[Responsibility], *, whole: bool = False,
    source: str = "", seen: str = "",
) -> ImportResult:
    """Write rows of the responsibility table as a version, and keep those aside that a person has
    to map; ``Invalid`` names the row that cannot be read. ``whole``: rows of the table that are
    not among them go. ``seen``: see ``revise``."""
    given = responsibility_rows(rows)
    changes = compared(store, tx.conn, TABLE, given, whole=whole)
    revise(store, tx, TABLE, changes, source=source, seen=seen)
    tx.wake(TOPIC)
    aside = [_phrase_row(row, tx.now_us) for row in rows if row.unmapped]
    if aside:
        store.put_phrases(tx.conn, aside)
    added = counted(changes).added
    return ImportResult(
        added=added, replaced=len(keyed(TABLE, given)) - added, aside=len(aside))


def responsibility_rows(rows: Iterable[Responsibility]) -> list[Row]:
    """Rows of table ``responsibility``, without those that a person has to map. ``Invalid`` names
    the row that cannot be read."""
    given: list[Row] = [_responsibility_row(row) for row in rows if not row.unmapped]
    for number, row in enumerate(given, start=1):
        try:
            responsibility(row)
        except ValueError as err:
            raise Invalid(f"row {number}: {err}", code="table.invalid") from err
        if not row["unit"] and not row["assignee"]:
            raise Invalid(f"row {number}: it names nobody", code="table.invalid")
    return given


def _responsibility_row(row: Responsibility) -> dict[str, Any]:
    values = dataclasses.asdict(row)
    del values["unmapped"], values["name"]
    return {
        **values,
        "duty": row.duty or str(DutyKind.RECTIFY),
        "valid_from": to_us(row.valid_from) if row.valid_from is not None else 0,
        "valid_to": to_us(row.valid_to) if row.valid_to is not None else None,
    }


def _phrase_row(row: Responsibility, now_us: int) -> dict[str, Any]:
    return {
        "unit": row.unit or row.assignee,
        "phrase": row.phrase,
        "area": row.area,
        "duty": row.duty,
        "qualifier": row.qualifier,
        "standard_ref": row.standard_ref,
        "kind": row.kind,
        "code": row.code,
        "name": row.name,
        "note": row.note,
        "created_at": now_us,
    }
