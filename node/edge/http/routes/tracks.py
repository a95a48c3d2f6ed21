"""Where collectors walked (手机定位): points from their phones, shifts judged, firms summed."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated, Any, Literal

from fastapi import APIRouter, Path
from pydantic import Field

from node.edge.http.answers import BODY, fails
from node.edge.http.asked import Asked, Instant, Name, Short
from node.edge.http.bodies import JsonRoute
from node.edge.http.desk import Desk
from node.edge.http.gate import Caller, Operator, Reader
from node.edge.http.told import Told
from node.service.imports.collectors import NUMBER
from node.service.track_points import POINTS_MAX, Sent
from node.service.tracks import Viewer

router = APIRouter(prefix="/api/v1/collectors", tags=["units"], route_class=JsonRoute)

NumberPath = Annotated[str, Path(description="Number of the collector.", pattern=NUMBER.pattern)]
SEEN = ("track.role", "track.purpose", "collector.unknown", "track.shift", *BODY)


class PointIn(Asked):
    """Where a phone was."""

    at: Instant = Field(examples=["2026-11-26T08:31:20+08:00"])
    x: float = Field(allow_inf_nan=False, examples=[115.1012], description="Longitude or easting.")
    y: float = Field(allow_inf_nan=False, examples=[30.2025])
    accuracy_m: float | None = Field(default=None, ge=0, le=1_000_000, allow_inf_nan=False)


class TrackIn(Asked):
    """A batch of points."""

    crs: Name = Field(default="CGCS2000", description="System of all points, as of reports.")
    points: Annotated[tuple[PointIn, ...], Field(min_length=1, max_length=POINTS_MAX)]


class TakenOut(Told):
    """What became of a batch; the figures sum to it."""

    taken: int
    known: int = Field(description="There already, or the same place and step as another.")
    coarse: int = Field(description="Less accurate than the rules want; not kept.")
    off_duty: int = Field(description="Outside of the collector's shifts; not kept.")
    too_old: int = Field(description="Older than a device may have been offline; not kept.")
    ahead: int = Field(description="Of the future; not kept.")


class LookIn(Asked):
    """Which shift, and what for; both are in the audit log."""

    purpose: Short = Field(default="", examples=["月度考评"])
    begins_at: Instant | None = Field(
        default=None, description="Begin of the shift; absent = the one that is on, or the last.")


class PurposeIn(Asked):
    """What a look is for; it is in the audit log."""

    purpose: Short = Field(default="", examples=["就近派单"])


class TableIn(Asked):
    """Which shifts, and what for."""

    purpose: Short = Field(default="", examples=["月度考评"])
    period: Name = Field(examples=["2026-11"], description="A day, week, month or longer.")
    by: Literal["firm", "team", "collector"] = "firm"


class FiguresOut(Told):
    """What shifts come to. Seconds; rates from 0 to 1, null = no data."""

    shifts: int
    untracked: int = Field(description="No phone said anything: counted as not walked.")
    unmapped: int = Field(description="The beat is not drawn: in no coverage.")
    planned_s: int
    on_s: int = Field(description="On the beat.")
    off_s: int = Field(description="Elsewhere.")
    coverage: float | None = Field(description="Weighed by the length of the shifts.")
    reported: int
    valid: int
    valid_rate: float | None
    score: float | None = Field(description="0 to 100.")


class PartOut(Told):
    """A grid of the beat, in squares."""

    code: str
    covered: int
    total: int


class PatrolOut(FiguresOut):
    """One shift."""

    collector: str
    name: str
    team: str
    firm: str
    beat: str
    begins_at: datetime
    ends_at: datetime
    until: datetime = Field(description="Judged up to here.")
    reports_until: datetime = Field(
        description="Reports registered up to here are this shift's: a phone may send later.")
    rules: str
    settled: bool = Field(description="No further point is taken for it.")
    points: int
    covered: int
    total: int
    silent_s: int
    parts: list[PartOut]


class PositionOut(Told):
    """Where somebody on duty was last seen in the shift that is on; CGCS2000."""

    collector: str
    name: str
    team: str
    beat: str
    at: datetime
    lon: float
    lat: float


class LineOut(FiguresOut):
    """A firm, a team or a collector; an empty key is those who belong to none."""

    key: str
    name: str


class TableOut(Told):
    """Shifts of a period that are over, summed."""

    period: str
    by: str
    rules: str
    pending: int = Field(description="Shifts not computed yet, and in no sum: ask again.")
    lines: list[LineOut]


@router.post("/{number}/track", operation_id="sendTrack", response_model=TakenOut,
             summary="Points of a collector's phone; a batch that comes twice changes nothing",
             responses=fails("track.sender", "collector.unknown", "place.crs", "place.point",
                             *BODY))
async def send(number: NumberPath, body: TrackIn, desk: Desk, caller: Operator) -> object:
    points = [Sent(at=one.at, x=one.x, y=one.y, accuracy_m=one.accuracy_m)
              for one in body.points]
    return await desk.tracks.points.take(
        number, points, body.crs, actor=caller.name, roles=caller.roles)


@router.post("/{number}/patrol", operation_id="readPatrol", response_model=PatrolOut,
             summary="How a shift comes out: coverage of the beat, valid reports (audited)",
             responses=fails(*SEEN))
async def patrol(number: NumberPath, body: LookIn, desk: Desk, caller: Reader) -> object:
    return await desk.tracks.shift(number, body.begins_at, _viewer(caller, body.purpose))


@router.post("/{number}/track/read", operation_id="readTrack",
             response_model=dict[str, Any],
             summary="The track of a shift as GeoJSON, in CGCS2000 (audited)",
             responses=fails(*SEEN))
async def track(number: NumberPath, body: LookIn, desk: Desk, caller: Reader) -> object:
    return await desk.tracks.track(number, body.begins_at, _viewer(caller, body.purpose))


@router.post("/positions", operation_id="readPositions", response_model=list[PositionOut],
             summary="Where those on duty were last seen (audited)",
             responses=fails("track.role", "track.purpose", *BODY))
async def positions(body: PurposeIn, desk: Desk, caller: Reader) -> object:
    return await desk.tracks.positions(_viewer(caller, body.purpose))


@router.post("/patrol", operation_id="readPatrolTable", response_model=TableOut,
             summary="Firms, teams or collectors: coverage, time on the beat, valid reports of a "
             "period (audited)",
             responses=fails("track.role", "track.purpose", "evaluation.period",
                             "evaluation.too_many", *BODY))
async def table(body: TableIn, desk: Desk, caller: Reader) -> object:
    return await desk.tracks.table(body.period, body.by, _viewer(caller, body.purpose))


def _viewer(caller: Caller, purpose: str) -> Viewer:
    return Viewer(name=caller.name, roles=caller.roles, purpose=purpose)
