"""How the keys of a sheet are called: by what this office itself knows of units, areas, classes
and sources. What it does not know keeps its key."""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping
from datetime import date
from typing import Final

from node.core.codes import ClassKey
from node.core.indicators import Subject
from node.service.surroundings import Surroundings

OFFICES: Final = frozenset({"unit", "assignor", "filing_node", "maker"})
"""Columns of a row whose values are units and offices."""
CLASS: Final = ("standard_ref", "category_kind", "code")
"""Columns of a row that name a class together."""

RegionNames = Callable[[Collection[str]], Mapping[str, str]]
"""Names of divisions by code, as far as they were imported."""


def known_names(
    subject: Subject, keys: Collection[tuple[str, ...]], *, here: Surroundings,
    regions: RegionNames, day: date,
) -> dict[str, str]:
    """Part of a key → name, for every part of these keys that this office knows. A code that two
    standards of the sheet use for different classes is called by neither."""
    columns = [one.column for one in subject.keys]
    found: dict[str, str] = {}
    for place, column in enumerate(columns):
        values = {key[place] for key in keys if key[place]}
        if column in OFFICES:
            found |= {one: here.name_of_unit(one) for one in values}
        elif column == "area":
            found |= regions(values)
        elif column == "source" and here.sources is not None:
            found |= {one: row.zh for one in values
                      if (row := here.sources.rows.get(one)) is not None}
    if set(CLASS) <= set(columns):
        found |= _classes(keys, [columns.index(one) for one in CLASS], here, day)
    return {key: name for key, name in found.items() if name}


def _classes(
    keys: Collection[tuple[str, ...]], places: list[int], here: Surroundings, day: date
) -> dict[str, str]:
    if here.catalog is None:
        return {}
    names: dict[str, set[str]] = {}
    for key in keys:
        ref, kind, code = (key[place] for place in places)
        entry = here.catalog.entry(ClassKey(standard_ref=ref, kind=kind, code=code), day)
        names.setdefault(code, set()).add(entry.name if entry is not None else "")
    return {code: theirs.pop() for code, theirs in names.items() if len(theirs) == 1}
