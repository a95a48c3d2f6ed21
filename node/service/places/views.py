"""What the room of places answers."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any


@dataclass(frozen=True, slots=True, kw_only=True)
class Division:
    """One division near a point. ``metres`` 0.0 = the point lies in it."""

    code: str
    name: str
    metres: float


@dataclass(frozen=True, slots=True, kw_only=True)
class GridAt:
    """A grid by kind and code."""

    kind: str
    code: str


@dataclass(frozen=True, slots=True, kw_only=True)
class AddressAt:
    """The nearest address point."""

    code: str
    text: str
    metres: float


@dataclass(frozen=True, slots=True, kw_only=True)
class Located:
    """What is known of a point.

    ``grid`` is the one unit grid, "" where there is none. ``covered``: inside the coverage; None =
    no coverage is registered here. ``divisions``: those of the point and, where another one's
    border is no farther than the set distance, that one too; ``contested`` says that there are
    several. ``x``, ``y``, ``crs`` are the point as it was given.
    """

    lon: float
    lat: float
    x: float
    y: float
    crs: str
    grid: str
    grid_name: str
    area: str
    beats: tuple[GridAt, ...]
    covered: bool | None
    divisions: tuple[Division, ...]
    contested: bool
    address: AddressAt | None


@dataclass(frozen=True, slots=True, kw_only=True)
class LayerVersionView:
    """One version of a layer. ``digest`` in hex: equal digests are equal layers."""

    layer: str
    number: int
    at: Any
    dated: Any
    source: str
    actor: str
    digest: str
    row_count: int
    added: int
    changed: int
    removed: int
    unchanged: int


@dataclass(frozen=True, slots=True, kw_only=True)
class RowChange:
    """What an import did to one row. ``fields``: name → old and new value of what differs."""

    id: int
    key: str
    what: str
    fields: Mapping[str, tuple[Any, Any]]
