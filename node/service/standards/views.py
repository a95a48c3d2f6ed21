"""Rows of standards as they are imported and shown."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date


@dataclass(frozen=True, slots=True, kw_only=True)
class ClassRow:
    """A class of a standard. ``code`` may be the digits of a major class alone."""

    standard_ref: str
    kind: str
    code: str
    name: str
    major_name: str = ""
    origin: str = "national"
    incident: bool = False
    valid_from: date | None = None
    valid_to: date | None = None
    handling_unit: str = ""
    department: str = ""
    legal_basis: str = ""
    collection: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class CrossingRow:
    """What became of one class; ``new_code`` "" = it goes nowhere."""

    old_standard: str
    old_kind: str
    old_code: str
    verdict: str
    new_standard: str = ""
    new_kind: str = ""
    new_code: str = ""
    old_name: str = ""
    note: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class AreaClassRow:
    """The class of an area in a dimension (zone A of the zones): for every code that begins so."""

    dimension: str
    area: str
    area_class: str


@dataclass(frozen=True, slots=True, kw_only=True)
class NewClass:
    """A local class to be added at run time, with the one condition that makes it workable.
    ``code`` "" = the next free one from the top."""

    standard_ref: str
    kind: str
    major: str
    name: str
    filing: str
    closing: str = ""
    limit_text: str = ""
    handling_unit: str = ""
    department: str = ""
    incident: bool = False
    code: str = ""
