"""What callers send, as pydantic models: the shape only. Rules of the trade are the core's.

Unknown members are refused rather than ignored: a misspelt ``expected_version`` that silently
does nothing would be worse than an error.
"""

from __future__ import annotations

from typing import Annotated, Literal, Self

from pydantic import (
    AfterValidator,
    Field,
    StringConstraints,
    model_validator,
)

from node.core.facts import (
    LIMIT_COUNT_MAX,
    Address,
    Category,
    Limits,
    Photo,
    PhotoRole,
    Place,
    TimeUnit,
)
from node.edge.http.asked import Asked, Instant, Name, Short, Text, Words
from node.edge.http.limits import PHOTOS_MAX, SHORT_CHARS_MAX
from node.service.reporting import Shot

Digest = Annotated[str, StringConstraints(pattern=r"^[0-9a-f]{64}$")]
AreaCode = Annotated[str, StringConstraints(pattern=r"^[0-9A-Z]{2,18}$")]


def _is_address(text: str) -> str:
    Address.parse(text)
    return text


AddressText = Annotated[
    str, StringConstraints(strip_whitespace=True, max_length=SHORT_CHARS_MAX),
    AfterValidator(_is_address),
]


class CategoryIn(Asked):
    """Type of the problem: the code means something only together with standard and kind."""

    standard_ref: Name = Field(examples=["GB/T 30428.2-2013"], description="The standard or "
                               "local list that the code is taken from.")
    kind: Literal["component", "matter"] = Field(description="部件 or 事件/事项.")
    code: Name = Field(examples=["0101"])
    name: Short = Field(default="", examples=["上水井盖"])
    condition_no: int = Field(default=0, ge=0, le=999, description="Number of the filing "
                              "condition (立案条件), 0 = none chosen.")

    def value(self) -> Category:
        return Category(standard_ref=self.standard_ref, kind=self.kind, code=self.code,
                        name=self.name, condition_no=self.condition_no)


class PlaceIn(Asked):
    """Where it is."""

    area: AreaCode = Field(examples=["420203"], description="Division code (GB/T 2260 or "
                           "GB/T 10114).")
    address: Name = Field(examples=["颐阳路12号门前"])
    lon: float | None = Field(default=None, ge=-180, le=180, examples=[115.1167])
    lat: float | None = Field(default=None, ge=-90, le=90, examples=[30.2009])
    x: float | None = Field(default=None, allow_inf_nan=False, description="Easting, instead of "
                            "lon, where `crs` is a projection.", examples=[604961.67])
    y: float | None = Field(default=None, allow_inf_nan=False, description="Northing.")
    crs: Name = Field(default="CGCS2000", description="System of the point: CGCS2000, WGS84, "
                      "GCJ02, BD09, or EPSG:4491 to 4554. It is converted to CGCS2000, and the "
                      "original is kept.")
    grid: Short = Field(default="", description="Unit grid (单元网格); empty = found by the point.")

    def value(self) -> Place:
        """As it was given: the point is the original one."""
        x, y = (self.lon, self.lat) if self.x is None else (self.x, self.y)
        return Place(area=self.area, address=self.address, grid=self.grid,
                     original_x=x, original_y=y, original_crs=self.crs)

    @model_validator(mode="after")
    def _is_one_point(self) -> Self:
        if (self.lon is None) != (self.lat is None) or (self.x is None) != (self.y is None):
            raise ValueError("a point has two numbers")
        if self.lon is not None and self.x is not None:
            raise ValueError("give lon and lat, or x and y")
        return self


class PhotoIn(Asked):
    """A photo that was uploaded before (`POST /photos`)."""

    digest: Digest = Field(description="SHA-256 in hex, as the upload answered.",
                           examples=["9f86d081884c7d659a2feaa0c55ad015"
                                     "a3bf4f1b2b0b822cd15d6c15b0f00a08"])
    size: int = Field(gt=0, le=2**31)
    media_type: Literal["image/jpeg", "image/png", "image/webp"]
    role: PhotoRole = Field(default=PhotoRole.NEAR)
    caption: Short = ""
    taken_at: Instant | None = Field(
        default=None, description="When the device took it, as it says; of a report only.",
        examples=["2026-03-02T08:39:00+08:00"])
    taken_x: float | None = Field(default=None, allow_inf_nan=False, description="Where the device "
                                  "was: longitude or easting.")
    taken_y: float | None = Field(default=None, allow_inf_nan=False)
    taken_crs: Name = Field(default="CGCS2000", description="System of that point.")

    def value(self) -> Photo:
        return Photo(digest=self.digest, size=self.size, media_type=self.media_type,
                     role=self.role, caption=self.caption)

    def shot(self) -> Shot:
        """What the device says of it."""
        return Shot(digest=self.digest, at=self.taken_at, x=self.taken_x, y=self.taken_y,
                    crs=self.taken_crs)

    @model_validator(mode="after")
    def _was_at_one_point(self) -> Self:
        if (self.taken_x is None) != (self.taken_y is None):
            raise ValueError("a point has two numbers")
        return self


Photos = Annotated[tuple[PhotoIn, ...], Field(max_length=PHOTOS_MAX)]


class LimitsIn(Asked):
    """Instants with a time zone; absent = no limit."""

    sign_by: Instant | None = Field(default=None, examples=["2026-03-02T10:00:00+08:00"])
    finish_by: Instant | None = Field(default=None, examples=["2026-03-04T18:00:00+08:00"])
    calendar: Short = Field(default="", description="What the instants were computed with.")
    count: int = Field(default=0, ge=0, le=LIMIT_COUNT_MAX, examples=[4], description="Instead of "
                       "`finish_by`: so many of `unit` from the moment of handing over.")
    unit: TimeUnit | None = Field(default=None, examples=["work_hour"])

    def value(self) -> Limits:
        return Limits(sign_by=self.sign_by, finish_by=self.finish_by, calendar=self.calendar,
                      count=self.count, unit=self.unit)


class VerbIn(Asked):
    """Common to verbs on a case."""

    expected_version: int | None = Field(
        default=None, ge=0, le=2**53, description="The version you have seen; `If-Match` says the "
        "same. Absent = whatever it is now.", examples=[3],
    )


class DispatchIn(VerbIn):
    """派遣."""

    to: AddressText | None = Field(
        default=None, examples=["node:420203", "adapter:power_workorders"],
        description="The assignee: `node:<id>` or `adapter:<id>`; `GET …/proposal` says whom the "
        "responsibility table names.")
    unit: Short = Field(default="", description="Instead of `to`: a unit's card, by id or name.")
    limits: LimitsIn | None = Field(default=None, description="Absent: as the proposal says.")
    text: Text = ""


    @model_validator(mode="after")
    def _names_one(self) -> Self:
        if (self.to is None) == (not self.unit):
            raise ValueError("name either to or unit")
        return self


class SignIn(VerbIn):
    """签收."""

    unit_reference: Short = Field(default="", description="Your own number for the work.")


class ProgressIn(VerbIn):
    """Work goes on (处置进展)."""

    text: Words = Field(examples=["已到场，正在围挡"])


class FeedBackIn(VerbIn):
    """反馈."""

    result: Words = Field(examples=["已更换井盖，恢复通行"])
    photos: Photos = ()
    closing_met: bool = Field(
        default=False, description="The closing condition of the case (`facts.closing`, 结案条件) "
        "is met; the feedback then names it. What else it must show: `facts.wanted`.")


class WithdrawIn(VerbIn):
    """撤回."""

    reason: Words = Field(examples=["派遣错误，改派热力公司"])


class CheckIn(VerbIn):
    """核查: `passed` ends the handling, otherwise it goes round again (返工)."""

    passed: bool
    text: Text = Field(default="", description="What was found; needed when it failed.")
    limits: LimitsIn | None = Field(default=None, description="New limits of the rework; absent: "
                                    "as the proposal says.")
    photos: Photos = ()


class CloseIn(VerbIn):
    """结案. A closing always carries its words."""

    text: Words = Field(examples=["核查属实，问题已解决"])


class AdoptLateIn(VerbIn):
    """Take a late result as ours (采用迟到的反馈)."""

    cause: Name = Field(description="Message id of the late report, from the timeline.")
    text: Text = ""


class DrillIn(Asked):
    """Look at a case inside the node that handles it (下钻)."""

    target: Name = Field(examples=["420203"], description="Id of the node to ask.")
    purpose: Words = Field(examples=["超期督查"], description="Recorded at both ends.")


class ResumeIn(Asked):
    """Try a parked job again."""

    key: Name = Field(description="As the list of jobs says it, `<assignment>/<generation>`.")


class SettleIn(Asked):
    """Tick a work item off."""

    id: Name = Field(description="As the list of work items says it.")


class LockIn(Asked):
    """Why a token is locked."""

    reason: Name = Field(examples=["设备在巡查途中被抢"])


class TokenIn(Asked):
    """Make a token."""

    name: Name = Field(examples=["hotline-12319"], description="Who it speaks for; the audit "
                       "trail shows it as the actor.")
    scope: Literal["read", "operate", "admin"] = "operate"
    roles: Annotated[tuple[Name, ...], Field(max_length=20)] = Field(
        default=(), examples=[["dispatcher", "shift_leader"]],
        description="Roles in which it decides requests (审批角色); `*` = all of them.")
    by_roles: bool = Field(default=False, description="Held by these roles and the scope below, "
                           "not by its `scope` alone.")
    acts: Annotated[tuple[Name, ...], Field(max_length=100)] = Field(
        default=(), examples=[["list_cases", "read_cases"]],
        description="Only these verbs and tools; empty = all.")
    days: int = Field(default=0, ge=0, le=3_650, description="Days until it ends; 0 = when it is "
                      "revoked.")
    addresses: Annotated[tuple[Name, ...], Field(max_length=20)] = Field(
        default=(), examples=[["10.0.0.0/24"]], description="Where it may come from; empty = "
        "anywhere.")
    areas: Annotated[tuple[Name, ...], Field(max_length=50)] = ()
    codes: Annotated[tuple[Name, ...], Field(max_length=50)] = ()
    units: Annotated[tuple[Name, ...], Field(max_length=50)] = ()
