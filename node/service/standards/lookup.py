"""The filing condition of a case, read from the edition it was filed under or that is in force."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date

from sqlalchemy import Connection

from node.core.facts import Facts
from node.core.standards import Condition, chosen, in_force
from node.service.standards.ports import StandardsStore
from node.service.standards.rows import condition_of, edition_of

ConditionOf = Callable[[Connection, Facts, date, str], Condition | None]
"""Of a case's facts, on a day, under an edition (``<standard>@<version>``, "" = in force then)."""


def condition_lookup(store: StandardsStore) -> ConditionOf:
    """The look-up over a store."""

    def look(conn: Connection, facts: Facts, day: date, version: str) -> Condition | None:
        category = facts.category
        number = _number(store, conn, category.standard_ref, day, version)
        if number is None:
            return None
        rows = store.filing_conditions(
            conn, category.standard_ref, number, kind=category.kind, code=category.code)
        named = [condition_of(row) for row in rows
                 if row["condition_no"] == category.condition_no]
        if not any(row.area_class for row in named):
            return named[0] if named else None
        areas = {(row["dimension"], row["area"]): row["area_class"]
                 for row in store.area_classes(conn)}
        return chosen(named, facts.place.grid or facts.place.area, areas)

    return look


def _number(
    store: StandardsStore, conn: Connection, standard_ref: str, day: date, version: str
) -> int | None:
    ref, _, number = version.rpartition("@")
    if ref == standard_ref and number.isdecimal():
        return int(number)
    edition = in_force([edition_of(row) for row in store.editions(conn, standard_ref)], day)
    return edition.version if edition else None
