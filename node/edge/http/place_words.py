"""What callers send and are told about places, as pydantic models."""

from __future__ import annotations

from datetime import date
from typing import Annotated, Any, Literal

from fastapi import Query
from pydantic import AwareDatetime, BaseModel, Field

from node.edge.http.asked import CLEAN, Asked, Name, Short
from node.edge.http.limits import SHORT_CHARS_MAX
from node.service.places.imports import STAGE_ROWS_MAX

X = Annotated[float, Query(description="Longitude or easting.", allow_inf_nan=False)]
Y = Annotated[float, Query(description="Latitude or northing.", allow_inf_nan=False)]
Crs = Annotated[str, CLEAN, Query(
    max_length=SHORT_CHARS_MAX, examples=["GCJ02", "EPSG:4547"],
    description="System of the point: CGCS2000, WGS84, GCJ02, BD09, or EPSG:4491 to 4554.",
)]
LayerName = Literal[
    "region", "grid.unit", "grid.beat", "grid.responsibility", "coverage", "component", "address",
    "organisation",
]
DivisionCode = Annotated[str, Query(
    pattern=r"^[0-9]{0,12}$", description="Division code; everything below it is taken in.")]


class DivisionOut(BaseModel):
    """One division near a point."""

    code: str
    name: str
    metres: float = Field(description="To its nearest unit grid; 0 = the point lies in it.")


class GridAtOut(BaseModel):
    """A grid by kind and code."""

    kind: str
    code: str


class AddressAtOut(BaseModel):
    """The nearest address point."""

    code: str
    text: str
    metres: float


class LocatedOut(BaseModel):
    """What is known of a point."""

    lon: float = Field(description="CGCS2000 degrees.")
    lat: float
    x: float = Field(description="As it was given.")
    y: float
    crs: str
    grid: str = Field(description="The one unit grid; empty = none holds the point.")
    grid_name: str
    area: str = Field(description="Division part of the grid's code.")
    beats: list[GridAtOut] = Field(description="Beats and responsibility grids.")
    covered: bool | None = Field(description="Inside the coverage; null = none is registered.")
    divisions: list[DivisionOut] = Field(
        description="The point's own division first, then those whose border is near.")
    contested: bool = Field(description="A border is near: more than one division is named.")
    address: AddressAtOut | None


class HitOut(BaseModel):
    """One answer to an address text."""

    layer: str = Field(description="address, component or grid.")
    code: str
    text: str
    lon: float | None
    lat: float | None
    score: float = Field(description="0 to 1; how much of the question it answers.")


class UnitOut(BaseModel):
    """A unit as the attribute table names it."""

    code: str
    name: str


class AnswerableOut(UnitOut):
    """Who answers for a component, first one first."""

    role: str = Field(description="maintainer (within its period), owner, department.")


class PastCaseOut(BaseModel):
    """A case about a component."""

    case_id: str
    case_no: str
    status: str
    standard_ref: str
    kind: str
    code: str
    name: str
    opened_at: AwareDatetime


class HappenedOut(BaseModel):
    """One change of a row, by the version that made it."""

    number: int
    what: str
    at: AwareDatetime


class ComponentRow(BaseModel):
    """A component in a listing."""

    code: str
    name: str
    standard_ref: str
    type_code: str
    state: str
    grid: str
    lon: float | None
    lat: float | None
    owner_name: str
    maintainer_name: str
    department_name: str
    update_due_on: date | None
    metres: float | None = Field(default=None, description="From the point that was asked about.")


class ComponentOut(ComponentRow):
    """One component with its past."""

    department_code: str
    owner_code: str
    maintainer_code: str
    initial_on: date | None
    changed_on: date | None
    source: str
    note: str
    street_code: str
    street_name: str
    community_code: str
    community_name: str
    x: float | None
    y: float | None
    crs: str
    maintained_from: date | None
    maintained_to: date | None
    version: int = Field(description="Counts the changes of this component.")
    current: bool = Field(description="False: an earlier version, as `at` asked for.")
    owner_unknown: bool
    stale: bool = Field(description="Past its update date.")
    units: dict[str, UnitOut]
    answerable: list[AnswerableOut]
    history: list[HappenedOut]
    cases: list[PastCaseOut]


class GridOut(BaseModel):
    """One grid with its outline."""

    kind: str
    code: str
    area: str
    name: str
    standard: str
    area_m2: float
    valid_from: date | None
    valid_to: date | None
    void: bool = Field(description="Retired; the code is never used again.")
    note: str
    units: list[str] = Field(description="Unit grids of a beat or responsibility grid.")
    box: list[float] | None = Field(description="west, south, east, north.")
    outline: dict[str, Any] | None = Field(description="GeoJSON geometry.")


class LayerVersionOut(BaseModel):
    """One version of a layer."""

    layer: str
    number: int
    at: AwareDatetime
    dated: date = Field(description="The day that the data speak of.")
    source: str
    actor: str
    digest: str = Field(description="Equal digests are equal layers.")
    row_count: int
    added: int
    changed: int
    removed: int
    unchanged: int


class RowChangeOut(BaseModel):
    """What a version did to one row."""

    id: int = Field(description="`after` of the next page.")
    key: str
    what: Literal["added", "changed", "removed"]
    fields: dict[str, tuple[Any, Any]] = Field(description="Name → old and new value.")


class FeaturesOut(BaseModel):
    """A GeoJSON FeatureCollection."""

    type: Literal["FeatureCollection"] = "FeatureCollection"
    features: list[dict[str, Any]]


# --- imports --------------------------------------------------------------------------------------


class ImportIn(Asked):
    """Begin an import."""

    layer: LayerName
    source: Name = Field(description="Name of the file.", examples=["components-2026.csv"])
    dated: date | None = Field(default=None, description="The day the data speak of.")
    complete: bool = Field(default=False, description="Retire what the import does not name.")
    area: Annotated[str, Field(pattern=r"^[0-9]{0,12}$")] = Field(
        default="", description="With `complete`: only below this division.")


class ImportBegun(BaseModel):
    """The import that was begun."""

    id: str


class StagedRowIn(Asked):
    """One row and the line it stands in."""

    line: int = Field(ge=0, le=2**31 - 1)
    row: dict[str, Any]


class StageIn(Asked):
    """Some rows."""

    rows: Annotated[tuple[StagedRowIn, ...], Field(max_length=STAGE_ROWS_MAX)]


class ApplyIn(Asked):
    """The next slice."""

    after: Short = Field(default="", description="`next` of the slice before.")


class StagedOut(BaseModel):
    """How many were staged."""

    staged: int


class PlaceFault(BaseModel):
    """One thing about a line."""

    row: int
    column: str
    code: str
    detail: str
    mend: str


class CheckedOut(BaseModel):
    """What the rows are together; with faults the import cannot be applied."""

    rows: int
    retiring: int
    faults: list[PlaceFault]
    warnings: list[PlaceFault]


class AppliedOut(BaseModel):
    """One slice."""

    done: int
    next: str


class FinishedOut(BaseModel):
    """The version an import led to."""

    layer: str
    number: int
    rows: int
    added: int
    changed: int
    removed: int
    unchanged: int
