"""What a row of each layer is: read and checked once, then the same bytes everywhere.

A row travels as JSON (from the file to the node, into the staging table, into the history of what
was before), in one canonical form: sorted keys, ISO days, outlines as hexadecimal WKB. Its digest
is taken over that form, so two nodes with the same row have the same digest.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, fields, replace
from datetime import date
from functools import cache
from types import MappingProxyType
from typing import Any, Final

from pydantic import TypeAdapter, ValidationError

from node.core.components import Component, check_component, class_of
from node.core.errors import Invalid
from node.core.grids import Grid, GridKind, area_of, check_grid
from node.core.outlines import Outline, from_geojson, from_wkb, to_wkb
from node.core.regions import Region, check_credit_code, check_region
from node.service.projection import to_cgcs2000

DIGEST_BYTES: Final = 16
NAME_CHARS_MAX: Final = 100
CREDIT_CODE_CHARS: Final = 18
"""A code of that length is a unified social credit code, and its check sign must hold."""
NOTE_CHARS_MAX: Final = 1_000
"""C100 and C1000 of the national attribute table."""

Row = Mapping[str, Any]
_DAYS: Final = frozenset({
    "valid_from", "valid_to", "initial_on", "changed_on", "maintained_from", "maintained_to",
    "update_due_on",
})


@dataclass(frozen=True, slots=True, kw_only=True)
class Layer:
    """One kind of geography. ``read`` turns what a file or caller says into a checked row (its
    columns without digest), raising ``Invalid`` whose ``detail`` names the field. ``retire`` makes
    the row of something that a complete update no longer names, None = it is deleted."""

    name: str
    kind: str = ""
    read: Callable[[Mapping[str, Any]], dict[str, Any]]
    retire: Callable[[dict[str, Any], date], dict[str, Any]] | None = None
    label: Callable[[Row], str] | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class AddressPoint:
    """A point of the gazetteer: a door plate, a shop, a landmark. ``code`` names it for ever."""

    code: str
    text: str
    kind: str = ""
    area: str = ""
    lon: float
    lat: float
    x: float
    y: float
    crs: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Organisation:
    """A unit on the ground (机构): a bureau, a company, a station. ``code`` is its unified social
    credit code, or an id of this office for a section without one."""

    code: str
    name: str
    kind: str = ""
    parent: str = ""
    area: str = ""
    address: str = ""
    lon: float | None = None
    lat: float | None = None
    x: float | None = None
    y: float | None = None
    crs: str = ""
    valid_from: date | None = None
    valid_to: date | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Coverage:
    """An area in which the method applies (覆盖范围)."""

    code: str
    name: str = ""
    valid_from: date | None = None
    valid_to: date | None = None


@cache
def _adapter(kind: type) -> TypeAdapter[Any]:
    """Built when the first row of its layer is read: most nodes import nothing for months."""
    return TypeAdapter(kind)


def canonical(row: Row) -> bytes:
    """The one JSON form of a row's columns (``digest`` is not part of it)."""
    return json.dumps(
        {name: _plain(value) for name, value in row.items() if name != "digest"},
        ensure_ascii=False, sort_keys=True, separators=(",", ":"),
    ).encode()


def digest_of(body: bytes) -> bytes:
    """Of a canonical row."""
    return hashlib.sha256(body).digest()[:DIGEST_BYTES]


def columns_of(body: bytes) -> dict[str, Any]:
    """The columns of a canonical row, with its digest."""
    row = json.loads(body)
    for name in _DAYS & row.keys():
        row[name] = date.fromisoformat(row[name]) if row[name] else None
    if row.get("outline"):
        row["outline"] = bytes.fromhex(row["outline"])
    row["digest"] = digest_of(body)
    return dict(row)


def _plain(value: Any) -> Any:
    if isinstance(value, date):
        return value.isoformat()
    if isinstance(value, bytes):
        return value.hex()
    return value


# --- rows -----------------------------------------------------------------------------------------


def read_region(given: Mapping[str, Any]) -> dict[str, Any]:
    """Fields: code name [pseudo valid_from valid_to]."""
    one: Region = _shape(Region, given)
    _bounded(one.name, "name", NAME_CHARS_MAX, needed=True)
    _ruled("code", lambda: check_region(one.code, pseudo=one.pseudo))
    return _flat(one)


def read_grid(given: Mapping[str, Any], kind: GridKind) -> dict[str, Any]:
    """Fields: code outline(GeoJSON geometry or WKB in hex) [area name standard area_m2 valid_from
    valid_to void note units]. ``area`` absent = the division part of the code. A beat may have
    ``units`` instead of an outline."""
    outline = _outline(given.get("outline"), needed=kind is GridKind.UNIT)
    plain = {name: value for name, value in given.items() if name != "outline"}
    one: Grid = _shape(Grid, {"area": "", **plain, "kind": kind})
    _ruled("code", lambda: check_grid(kind, one.code, one.area, one.standard))
    if kind is GridKind.UNIT:
        one = replace(one, area=area_of(one.code, one.standard), units=())
    elif outline is None and not one.units:
        raise _wrong("outline", "neither an outline nor unit grids", "grid.empty")
    _bounded(one.name, "name", NAME_CHARS_MAX)
    _bounded(one.note, "note", NOTE_CHARS_MAX)
    row = _flat(one)
    row["kind"] = kind.value
    row["units"] = sorted(set(one.units))
    row["area_m2"] = one.area_m2 or (round(outline.area_m2, 2) if outline else 0.0)
    row.update(_drawn(outline))
    return row


def read_coverage(given: Mapping[str, Any]) -> dict[str, Any]:
    """Fields: code outline [name valid_from valid_to]."""
    outline = _outline(given.get("outline"), needed=True)
    assert outline is not None
    one: Coverage = _shape(Coverage, {k: v for k, v in given.items() if k != "outline"})
    _bounded(one.code, "code", NAME_CHARS_MAX, needed=True)
    return {**_flat(one), "area_m2": round(outline.area_m2, 2), **_drawn(outline)}


def read_component(given: Mapping[str, Any]) -> dict[str, Any]:
    """Fields of ``Component``; the point either as ``x``, ``y``, ``crs`` or as ``lon``, ``lat``."""
    one: Component = _shape(Component, _placed(given, needed=False))
    _ruled("code", lambda: check_component(one))
    for name in ("name", "department_name", "owner_name", "maintainer_name", "source",
                 "street_name", "community_name"):
        _bounded(getattr(one, name), name, NAME_CHARS_MAX)
    _bounded(one.note, "note", NOTE_CHARS_MAX)
    row = _flat(one)
    row["type_code"] = one.type_code or class_of(one.code, one.standard_ref)
    row["state"] = one.state.value
    row["label"] = component_label(row)
    return row


def read_address(given: Mapping[str, Any]) -> dict[str, Any]:
    """Fields: text and a point [code kind area]. ``code`` absent = the text itself."""
    given = {"code": given.get("text", ""), **{k: v for k, v in given.items() if v != ""}}
    one: AddressPoint = _shape(AddressPoint, _placed(given, needed=True))
    _bounded(one.text, "text", 2 * NAME_CHARS_MAX, needed=True)
    _bounded(one.code, "code", 2 * NAME_CHARS_MAX, needed=True)
    return {**_flat(one), "label": one.text}


def read_organisation(given: Mapping[str, Any]) -> dict[str, Any]:
    """Fields: code name [kind parent area address valid_from valid_to], a point, the outline of the
    ground it answers for; either may be left out."""
    outline = _outline(given.get("outline"), needed=False)
    plain = {name: value for name, value in given.items() if name != "outline"}
    one: Organisation = _shape(Organisation, _placed(plain, needed=False))
    _bounded(one.name, "name", NAME_CHARS_MAX, needed=True)
    _bounded(one.code, "code", NAME_CHARS_MAX, needed=True)
    for name in ("kind", "parent", "area"):
        _bounded(getattr(one, name), name, NAME_CHARS_MAX)
    _bounded(one.address, "address", 2 * NAME_CHARS_MAX)
    if len(one.code) == CREDIT_CODE_CHARS:
        _ruled("code", lambda: check_credit_code(one.code))
    return {**_flat(one), **_drawn(outline)}


def component_label(row: Row) -> str:
    """Street, community and name: under these words a component is found."""
    return f"{row['street_name']}{row['community_name']}{row['name']}"


def grid_label(row: Row) -> str:
    """The name of a grid; unnamed grids are found by code alone."""
    return str(row["name"])


def _flat(one: Any) -> dict[str, Any]:
    """The fields of a value that holds nothing nested; ``asdict`` copies each of them in depth."""
    return {field.name: getattr(one, field.name) for field in fields(one)}


def _shape(kind: type, given: Mapping[str, Any]) -> Any:
    try:
        return _adapter(kind).validate_python(dict(given))
    except ValidationError as error:
        first = error.errors(include_url=False, include_context=False, include_input=False)[0]
        field = ".".join(str(part) for part in first["loc"])
        raise _wrong(field, f"{field}: {first['msg']}", "row.shape") from error


def _ruled(field: str, check: Callable[[], object]) -> None:
    try:
        check()
    except Invalid as error:
        raise _wrong(field, str(error), error.code) from error


def _wrong(field: str, why: str, code: str) -> Invalid:
    """A refusal that names its field; ``code`` may itself be one, so not by keyword."""
    refusal = Invalid(why, code=code)
    refusal.detail = {field: why}
    return refusal


def _bounded(text: str, field: str, most: int, *, needed: bool = False) -> None:
    if "\x00" in text or len(text) > most or (needed and not text.strip()):
        raise _wrong(field, f"{field}: 1 to {most} characters", "row.shape")


def _outline(given: Any, *, needed: bool) -> Outline | None:
    if given in (None, ""):
        if needed:
            raise _wrong("outline", "there is no outline", "outline.shape")
        return None
    try:
        return from_wkb(bytes.fromhex(given)) if isinstance(given, str) else from_geojson(given)
    except ValueError as error:
        raise _wrong("outline", "it is no hexadecimal WKB", "outline.shape") from error
    except Invalid as error:
        raise _wrong("outline", str(error), error.code) from error


def _drawn(outline: Outline | None) -> dict[str, Any]:
    if outline is None:
        return {"outline": None, "west": None, "south": None, "east": None, "north": None}
    west, south, east, north = outline.box
    return {"outline": to_wkb(outline), "west": west, "south": south, "east": east, "north": north}


def _placed(given: Mapping[str, Any], *, needed: bool) -> dict[str, Any]:
    """The fields with ``lon`` and ``lat`` in CGCS2000 beside the point as it was given."""
    placed = dict(given)
    x, y = placed.get("x"), placed.get("y")
    if x in (None, "") or y in (None, ""):
        x, y = placed.get("lon"), placed.get("lat")
    if x in (None, "") or y in (None, ""):
        if needed:
            raise _wrong("x", "there is no point", "place.point")
        placed.update(x=None, y=None, lon=None, lat=None, crs="")
        return placed
    try:
        x, y = float(x), float(y)
    except (TypeError, ValueError) as error:
        raise _wrong("x", f"{x!r}, {y!r} are no numbers", "place.point") from error
    crs = placed.get("crs") or "CGCS2000"
    try:
        lon, lat = to_cgcs2000(x, y, crs)
    except Invalid as error:
        raise _wrong("crs" if error.code == "place.crs" else "x", str(error),
                     error.code) from error
    placed.update(x=x, y=y, crs=crs, lon=lon, lat=lat)
    return placed


# --- what becomes of rows that a complete update no longer names ----------------------------------


def _void(row: dict[str, Any], day: date) -> dict[str, Any]:
    return {**row, "void": True, "valid_to": day}


def _ended(row: dict[str, Any], day: date) -> dict[str, Any]:
    return {**row, "valid_to": day}


def _removed(row: dict[str, Any], day: date) -> dict[str, Any]:
    return {**row, "state": "removed", "changed_on": day}


def _grid_layer(kind: GridKind) -> Layer:
    return Layer(
        name=f"grid.{kind.value}", kind=kind.value, retire=_void, label=grid_label,
        read=lambda given: read_grid(given, kind),
    )


LAYERS: Final[Mapping[str, Layer]] = MappingProxyType({
    layer.name: layer
    for layer in (
        Layer(name="region", read=read_region, retire=_ended),
        *(_grid_layer(kind) for kind in GridKind),
        Layer(name="coverage", read=read_coverage),
        Layer(name="component", read=read_component, retire=_removed,
              label=lambda row: str(row["label"])),
        Layer(name="address", read=read_address, label=lambda row: str(row["label"])),
        Layer(name="organisation", read=read_organisation, retire=_ended),
    )
})
"""Every layer by name."""


def layer_named(name: str) -> Layer:
    """``Invalid`` (``layer.unknown``): there is no such layer."""
    if name not in LAYERS:
        raise Invalid(f"{name!r} is no layer: {', '.join(LAYERS)}", code="layer.unknown")
    return LAYERS[name]


def grams(text: str) -> Sequence[str]:
    """The pieces a text is found by, each once: pairs of signs for Chinese, whole runs of digits
    and of Latin letters (so that 12号 is not 112号), without spaces and punctuation."""
    found: dict[str, None] = {}
    run = ""
    before = ""
    for sign in text.casefold() + " ":
        latin = sign.isascii() and sign.isalnum()
        if latin:
            run += sign
            continue
        if run:
            found[run] = None
            if before:
                found[before + run] = None
            before, run = run, ""
        if not sign.isalnum():
            before = ""
            continue
        if before:
            found[before + sign] = None
        before = sign
    return tuple(piece[:32] for piece in found)
