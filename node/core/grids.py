"""Unit grids (单元网格) and what is drawn over them: codes, kinds, validity.

Generations and cities differ in the length of a unit grid's code, so the length is only checked
against a **declared** standard; that the code begins with the division it lies in is checked
always. Beats and responsibility grids have code sets of their own, per city: only their uniqueness
is a rule.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from enum import StrEnum
from types import MappingProxyType
from typing import Final

from node.core.errors import Invalid


class GridKind(StrEnum):
    """What a polygon is for."""

    UNIT = "unit"
    """单元网格: the smallest management area; seamless, no overlap."""
    BEAT = "beat"
    """巡查网格: what one collector patrols, a set of unit grids."""
    RESPONSIBILITY = "responsibility"
    """责任网格: what one body answers for."""


@dataclass(frozen=True, slots=True, kw_only=True)
class GridStandard:
    """How a standard writes a unit grid's code: division digits, then digits of the sequence."""

    ref: str
    area_digits: int
    sequence_digits: int

    @property
    def digits(self) -> int:
        return self.area_digits + self.sequence_digits


STANDARDS: Final[Mapping[str, GridStandard]] = MappingProxyType({
    one.ref: one
    for one in (
        GridStandard(ref="GB/T 30428.1", area_digits=12, sequence_digits=3),
        GridStandard(ref="CJ/T 213-2005", area_digits=12, sequence_digits=2),
        GridStandard(ref="local-16", area_digits=13, sequence_digits=3),
    )
})
"""The standards a layer may declare. ``local-16`` is the variant with a street of four digits."""
DEFAULT_STANDARD: Final = "GB/T 30428.1"

_LOCAL_CODE: Final = re.compile(r"[0-9A-Z][0-9A-Z_.\-]{0,31}")
"""Codes of beats and responsibility grids."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Grid:
    """One grid without its outline. ``area`` is the division it lies in (digits, no trailing
    zeros). ``void``: retired; the code is never used again. ``valid_to``: its last day."""

    kind: GridKind
    code: str
    area: str
    name: str = ""
    standard: str = DEFAULT_STANDARD
    area_m2: float = 0.0
    valid_from: date | None = None
    valid_to: date | None = None
    void: bool = False
    note: str = ""
    units: tuple[str, ...] = ()
    """Codes of the unit grids of a beat or responsibility grid; empty = by its outline."""

    def holds_on(self, day: date) -> bool:
        """Whether it is in force that day."""
        return (
            not self.void
            and (self.valid_from is None or self.valid_from <= day)
            and (self.valid_to is None or day <= self.valid_to)
        )


def check_grid(kind: GridKind, code: str, area: str, standard: str) -> None:
    """``Invalid`` with ``grid.standard``, ``grid.code`` or ``grid.prefix`` if the code cannot be.

    ``area`` may be shorter than the code's own division part: a layer of a whole county is checked
    against six digits.
    """
    if kind is not GridKind.UNIT:
        if not _LOCAL_CODE.fullmatch(code):
            raise Invalid(
                f"{code!r} is no code: 1 to 32 of 0-9, A-Z, '.', '_', '-'", code="grid.code"
            )
        return
    rule = STANDARDS.get(standard)
    if rule is None:
        raise Invalid(
            f"{standard!r} is no known grid standard: {', '.join(STANDARDS)}",
            code="grid.standard",
        )
    if not code.isascii() or not code.isdigit() or len(code) != rule.digits:
        raise Invalid(
            f"{code!r}: {rule.ref} writes a unit grid with {rule.digits} digits",
            code="grid.code",
        )
    if not code[-rule.sequence_digits :].strip("0"):
        raise Invalid(f"{code}: the sequence begins with 1", code="grid.code")
    if not code.startswith(area) or len(area) > rule.area_digits:
        raise Invalid(
            f"{code} does not begin with {area}, the division it is said to lie in",
            code="grid.prefix",
        )


def area_of(code: str, standard: str) -> str:
    """The division part of a unit grid's code."""
    return code[: STANDARDS[standard].area_digits]
