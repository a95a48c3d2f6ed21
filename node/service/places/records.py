"""Rows of layers as people ask for them: a component with its past, a grid, versions, differences.

What a row was at some moment is found from the present backwards: the first change after that
moment kept what was before it.
"""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import asdict, fields
from datetime import date, datetime
from typing import Any, Final

from sqlalchemy import Connection

from node.core.components import Component
from node.core.errors import Invalid
from node.core.outlines import from_wkb, to_geojson
from node.service.instants import to_time
from node.service.places.layers import LAYERS, canonical, columns_of
from node.service.places.ports import LayerStore, LookupStore, Row
from node.service.places.views import LayerVersionView, RowChange

CASES_MAX: Final = 200
"""Past cases shown with one component."""
_COMPONENT = tuple(one.name for one in fields(Component))


def unknown(what: str) -> Invalid:
    """There is no such thing here (``place.unknown``)."""
    return Invalid(f"{what} is not registered here", code="place.unknown")


def component_of(row: Mapping[str, Any]) -> Component:
    """The value of a row."""
    return Component(**{name: row[name] for name in _COMPONENT})


def component_document(
    conn: Connection, store: LayerStore, lookups: LookupStore, code: str, *,
    today: date, at_us: int | None,
) -> dict[str, Any]:
    """One component, JSON-ready; ``at_us`` = as it was known then. ``place.unknown``: none such."""
    current = store.rows_of(conn, "component", [code]).get(code)
    past = store.history(conn, "component", code)
    row = current if at_us is None else _as_of(current, past, at_us)
    if row is None:
        raise unknown(f"component {code}")
    one = component_of(row)
    day = today if at_us is None else to_time(at_us).date()
    return {
        **_plain(asdict(one)),
        "version": 1 + sum(
            1 for change in past
            if change["what"] != "added" and (at_us is None or change["at"] <= at_us)
        ),
        "current": current is not None and canonical(row) == canonical(current),
        "owner_unknown": one.owner_unknown,
        "stale": one.is_stale_on(day),
        "units": {
            role: asdict(unit) for role, unit in (
                ("department", one.department), ("owner", one.owner),
                ("maintainer", one.maintainer),
            )
        },
        "answerable": [
            {"role": role.value, **asdict(unit)} for role, unit in one.answerable_on(day)
        ],
        "history": [
            {"number": change["number"], "what": change["what"],
             "at": to_time(change["at"]).isoformat()}
            for change in past
        ],
        "cases": [
            {**{name: value for name, value in row.items() if name != "opened_at"},
             "opened_at": to_time(row["opened_at"]).isoformat()}
            for row in lookups.cases_of(conn, code, CASES_MAX)
        ],
    }


def _as_of(
    current: dict[str, Any] | None, past: Sequence[Row], at_us: int
) -> dict[str, Any] | None:
    """The row at a moment; None = it was not known yet. ``past`` is newest first."""
    row = current
    for change in past:
        if change["at"] <= at_us:
            break
        row = columns_of(bytes(change["before"])) if change["before"] is not None else None
    return row


def grid_document(row: Mapping[str, Any]) -> dict[str, Any]:
    """One grid, JSON-ready, with its outline as GeoJSON."""
    shown = {name: value for name, value in row.items()
             if name not in {"digest", "outline", "west", "south", "east", "north"}}
    box = [row["west"], row["south"], row["east"], row["north"]]
    return {
        **_plain(shown),
        "box": box if row["outline"] is not None else None,
        "outline": to_geojson(from_wkb(bytes(row["outline"]))) if row["outline"] else None,
    }


def feature(layer: str, row: Mapping[str, Any]) -> dict[str, Any]:
    """A row as a GeoJSON feature, in longitude and latitude of CGCS2000."""
    hidden = {"digest", "outline", "west", "south", "east", "north", "label"}
    geometry: dict[str, Any] | None = None
    if row.get("outline") is not None:
        geometry = to_geojson(from_wkb(bytes(row["outline"])))
    elif row.get("lon") is not None:
        geometry = {"type": "Point", "coordinates": [row["lon"], row["lat"]]}
    properties = _plain({name: value for name, value in row.items() if name not in hidden})
    return {"type": "Feature", "id": row.get("case_id") or row["code"], "geometry": geometry,
            "properties": {"layer": layer, **properties}}


def version_view(row: Row) -> LayerVersionView:
    """From a row of the table."""
    return LayerVersionView(**{
        **row, "at": to_time(row["at"]), "digest": bytes(row["digest"]).hex(),
    })


def changes_of(
    conn: Connection, store: LayerStore, layer: str, number: int, *, after: int, limit: int
) -> list[RowChange]:
    """What a version changed, with old and new values of the fields that differ. The new values
    are those the version left, also when later versions changed them again."""
    if layer not in LAYERS:
        raise unknown(f"layer {layer}")
    changes = store.changes_of(conn, layer, number, after, limit)
    keys = [change["key"] for change in changes if change["what"] != "added"]
    later = store.next_change(conn, layer, keys, number)
    now = store.rows_of(conn, layer, [key for key in keys if key not in later])
    told = []
    for change in changes:
        key = change["key"]
        old = json.loads(bytes(change["before"])) if change["before"] is not None else {}
        new: dict[str, Any] = {}
        if key in later and later[key]["before"] is not None:
            new = json.loads(bytes(later[key]["before"]))
        elif key in now:
            new = json.loads(canonical(now[key]))
        differ = {
            name: (old.get(name), new.get(name)) for name in sorted(old)
            if old.get(name) != new.get(name)
        } if change["what"] != "added" else {}
        told.append(RowChange(id=change["id"], key=key, what=change["what"], fields=differ))
    return told


def _plain(values: Mapping[str, Any]) -> dict[str, Any]:
    return {
        name: value.isoformat() if isinstance(value, date | datetime) else
        value.hex() if isinstance(value, bytes) else value
        for name, value in values.items()
    }
