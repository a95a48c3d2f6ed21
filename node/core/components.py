"""Components (管理部件): things with an owner or maintainer, and what is known of each.

The 18 attributes are those of the national attribute table; the national field names live in
import and export profiles only. Position and the dates of upkeep stand beside them, because a
component has to be found on the ground and somebody has to answer for it on a given day.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from enum import StrEnum

from node.core.codes import LAYOUTS, read_component
from node.core.errors import Invalid
from node.core.regions import check_credit_code


class ComponentState(StrEnum):
    """管理部件状态."""

    INTACT = "intact"
    DAMAGED = "damaged"
    LOST = "lost"
    ABANDONED = "abandoned"
    REMOVED = "removed"


class DataSource(StrEnum):
    """数据来源."""

    SURVEYED = "surveyed"
    TOPOGRAPHIC_MAP = "topographic_map"
    BASE_GEODATA = "base_geodata"
    OTHER = "other"


class UnitRole(StrEnum):
    """In what way a unit answers for a component."""

    MAINTAINER = "maintainer"
    OWNER = "owner"
    DEPARTMENT = "department"


@dataclass(frozen=True, slots=True, kw_only=True)
class Unit:
    """A unit as the attribute table names it: 18-sign credit code (may be missing) and name."""

    code: str = ""
    name: str = ""

    def __bool__(self) -> bool:
        return bool(self.code or self.name)


@dataclass(frozen=True, slots=True, kw_only=True)
class Component:
    """One component. ``lon`` and ``lat`` are CGCS2000 degrees; ``x``, ``y`` and ``crs`` are the
    point as the survey gave it. ``standard_ref`` says how to read ``code``."""

    # the 18 attributes
    code: str
    name: str
    department_code: str = ""
    department_name: str = ""
    owner_code: str = ""
    owner_name: str = ""
    maintainer_code: str = ""
    maintainer_name: str = ""
    grid: str = ""
    state: ComponentState = ComponentState.INTACT
    initial_on: date | None = None
    changed_on: date | None = None
    source: str = ""
    note: str = ""
    street_code: str = ""
    street_name: str = ""
    community_code: str = ""
    community_name: str = ""
    # how to read the code
    standard_ref: str = ""
    type_code: str = ""
    # where it is
    lon: float | None = None
    lat: float | None = None
    x: float | None = None
    y: float | None = None
    crs: str = ""
    # until when somebody keeps it up, and until when the record is good
    maintained_from: date | None = None
    maintained_to: date | None = None
    update_due_on: date | None = None

    @property
    def department(self) -> Unit:
        """主管部门: supervises this class of things by law."""
        return Unit(code=self.department_code, name=self.department_name)

    @property
    def owner(self) -> Unit:
        """权属单位."""
        return Unit(code=self.owner_code, name=self.owner_name)

    @property
    def maintainer(self) -> Unit:
        """养护单位."""
        return Unit(code=self.maintainer_code, name=self.maintainer_name)

    @property
    def owner_unknown(self) -> bool:
        """Neither an owner nor a maintainer is named: listed for a person to find out."""
        return not self.owner and not self.maintainer

    def is_maintained_on(self, day: date) -> bool:
        """Whether the maintainer's period covers the day; without dates it always does."""
        return (self.maintained_from is None or self.maintained_from <= day) and (
            self.maintained_to is None or day <= self.maintained_to
        )

    def answerable_on(self, day: date) -> tuple[tuple[UnitRole, Unit], ...]:
        """Who answers for it that day, first one first: the maintainer within its period, then the
        owner, then the competent department. After the period the next unit is first."""
        order = []
        if self.maintainer and self.is_maintained_on(day):
            order.append((UnitRole.MAINTAINER, self.maintainer))
        if self.owner:
            order.append((UnitRole.OWNER, self.owner))
        if self.department:
            order.append((UnitRole.DEPARTMENT, self.department))
        return tuple(order)

    def is_stale_on(self, day: date) -> bool:
        """Whether its record is past the day on which it should have been updated."""
        return self.update_due_on is not None and self.update_due_on < day


CODE_DIGITS = (16, 17, 18)
"""Digits of an instance code over the generations, for a standard whose layout is not known."""


def class_of(code: str, standard_ref: str) -> str:
    """The class code inside an instance code, "" where the standard's layout is not known: it is
    never cut by position alone."""
    if standard_ref not in LAYOUTS:
        return ""
    return read_component(LAYOUTS[standard_ref], code).code


def check_component(one: Component) -> None:
    """``Invalid`` with ``component.code``, ``component.name``, ``component.period``,
    ``component.point``, ``codes.identity`` or ``unit.credit_code``."""
    if one.standard_ref in LAYOUTS:
        read_component(LAYOUTS[one.standard_ref], one.code)
    elif not one.code.isascii() or not one.code.isdigit() or len(one.code) not in CODE_DIGITS:
        raise Invalid(
            f"{one.code!r} is no component code: 16 to 18 digits", code="component.code"
        )
    if not one.name:
        raise Invalid(f"{one.code} has no name", code="component.name")
    for unit in (one.department_code, one.owner_code, one.maintainer_code):
        if unit:
            check_credit_code(unit)
    start, end = one.maintained_from, one.maintained_to
    if start is not None and end is not None and end < start:
        raise Invalid(
            f"{one.code}: upkeep ends on {end}, before it begins on {start}",
            code="component.period",
        )
    if (one.lon is None) != (one.lat is None):
        raise Invalid(f"{one.code} has half a point", code="component.point")
