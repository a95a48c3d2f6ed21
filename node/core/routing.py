"""Who is responsible for what, where: a table, and one explicit answer with its reason.

Responsibility is (class, area, ownership) → unit and duty. A known component speaks first: its
maintainer while the maintenance period runs, then its owner. Then the rows: the most specific area
wins, then the most specific code, then a row whose qualifier holds. Nobody, several, or an answer
that hangs on something unknown is an answer of its own: the table never guesses, a person decides.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Final

from node.core.facts import Address, Facts


class DutyKind(StrEnum):
    """How a unit is concerned with a class of problems; published lists join several."""

    RECTIFY = "rectify"
    """Puts it right (整改)."""
    ENFORCE = "enforce"
    """Ends it by law on the spot (执法)."""
    REGULATE = "regulate"
    """Sees to it that others do (监管)."""
    MANAGE = "manage"
    """Manages the class of things (管理)."""
    PENALISE = "penalise"
    """Punishes it (处罚)."""
    ASSIST = "assist"
    """Helps whoever leads (协助)."""


LEADING: Final = frozenset({DutyKind.RECTIFY, DutyKind.ENFORCE})
"""Only such a unit is proposed as lead."""


class Qualifier(StrEnum):
    """What a row is limited to, besides class and area."""

    NONE = ""
    OWN_ASSETS = "own_assets"
    """Things that the unit owns or maintains (涉及本单位)."""
    MAINTENANCE_PERIOD = "maintenance_period"
    """Things that it built, while its maintenance of them runs (养护期内)."""
    OPERATING_AREA = "operating_area"
    """Inside the area that it runs (运行管理范围)."""


class Prefer(StrEnum):
    """Who goes first where a bureau and an area both fit (主地协同)."""

    NEITHER = ""
    AREA = "area"
    BUREAU = "bureau"


class Reason(StrEnum):
    """What decided, or why nobody could."""

    ROW = "row"
    """One row is the most specific."""
    ONLY_ONE = "only_one"
    """One unit alone is named, within a limit that nobody can check here."""
    MAINTAINER = "maintainer"
    OWNER = "owner"
    AREA_FIRST = "area_first"
    """A bureau fits as well; the area goes first (属地为主)."""
    BUREAU_FIRST = "bureau_first"
    TERRITORY = "territory"
    """Nobody is responsible: the area takes it (属地管理)."""
    DECIDED = "decided"
    """A coordination named the lead."""
    NONE = "none"
    """No row fits."""
    SEVERAL = "several"
    """Equally specific rows name several."""
    UNSETTLED = "unsettled"
    """It hangs on whose thing it is, or on where exactly, and that is not known."""
    NO_WAY_IN = "no_way_in"
    """The unit is known, and no order can reach it."""


OWN_CHOICE: Final = "own_choice"
"""Basis of a handing-over whose assignee a person chose against, or without, a proposal."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Unit:
    """A responsible unit as routing needs it. ``address`` None = no order can reach it.
    ``territorial``: it answers for an area (``region``), not for a class of things."""

    unit_id: str
    name: str = ""
    address: Address | None = None
    territorial: bool = False
    region: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Asset:
    """A component's owner and maintainer. ``maintained_until`` ends the maintainer's duty; None =
    open. A unit is None where the register names nobody we know."""

    owner: Unit | None = None
    maintainer: Unit | None = None
    maintained_until: datetime | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Responsibility:
    """One row. ``kind``, ``code`` and ``area`` are prefixes ("" = any); a code means something
    only inside its ``standard_ref``. ``zone``: beginnings of the unit grids of an operating area.
    Valid in [valid_from, valid_to); None = open. ``unit`` is the unit's id; ``assignee`` where its
    orders go, None = nowhere yet."""

    standard_ref: str
    kind: str
    code: str
    area: str
    assignee: Address | None
    unit: str = ""
    territorial: bool = False
    duties: frozenset[DutyKind] = frozenset({DutyKind.RECTIFY})
    qualifier: Qualifier = Qualifier.NONE
    zone: tuple[str, ...] = ()
    valid_from: datetime | None = None
    valid_to: datetime | None = None
    note: str = ""

    @property
    def who(self) -> str:
        """The unit, by its id or, where the row names none, by its address."""
        return self.unit or str(self.assignee)

    def holds_at(self, at: datetime) -> bool:
        """Whether the row is valid at that time."""
        if self.valid_from is not None and at < self.valid_from:
            return False
        return self.valid_to is None or at < self.valid_to


@dataclass(frozen=True, slots=True, kw_only=True)
class Named:
    """Somebody whom the table names: the unit (id, or address as text) and its address."""

    unit: str
    address: Address | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Routed:
    """The answer. ``to`` is set iff one unit is named and can be reached. ``named`` are all that
    fit best, ``over`` those that gave way to it, ``row`` the row that decided."""

    to: Address | None
    candidates: tuple[Address, ...]
    reason: str = Reason.NONE
    named: tuple[Named, ...] = ()
    over: tuple[Named, ...] = ()
    assistants: tuple[Named, ...] = ()
    row: Responsibility | None = None


NOBODY: Final = Routed(to=None, candidates=(), reason=Reason.NONE)
_Score = tuple[int, int, bool, int]


def route(
    rows: Iterable[Responsibility],
    facts: Facts,
    at: datetime,
    *,
    asset: Asset | None = None,
    prefer: Prefer = Prefer.NEITHER,
) -> Routed:
    """Who leads for this problem at this place and time, and who assists."""
    fitting = [row for row in rows if row.holds_at(at) and _fits(row, facts)]
    assistants = _distinct(row for row in fitting if DutyKind.ASSIST in row.duties)
    by_asset = _by_asset(asset, at)
    if by_asset is not None:
        return _answer((by_asset[0],), by_asset[1], assistants=assistants)
    leading = [row for row in fitting if row.duties & LEADING]
    judged = [(row, _holds(row, facts, asset, at)) for row in leading]
    sure = [row for row, holds in judged if holds is True]
    perhaps = [row for row, holds in judged if holds is not False]
    strict, over, reason = _best(sure, prefer)
    wide, wide_over, wide_reason = _best(perhaps, prefer)
    if _who(strict) == _who(wide):
        return _answer(
            _distinct(strict), reason, over=_distinct(over), assistants=assistants,
            row=strict[0] if strict else None,
        )
    if not strict and len(_who(wide)) == 1:
        only = Reason.ONLY_ONE if wide_reason is Reason.ROW else wide_reason
        return _answer(
            _distinct(wide), only, over=_distinct(wide_over), assistants=assistants, row=wide[0]
        )
    both = _distinct((*strict, *wide))
    return _answer(both, Reason.UNSETTLED, assistants=assistants)


def by_territory(units: Iterable[Unit], facts: Facts) -> Routed:
    """Nobody is responsible: whoever answers for the smallest area around the place takes it."""
    area = facts.place.area
    around = [
        one for one in units if one.territorial and one.region and area.startswith(one.region)
    ]
    longest = max((len(one.region) for one in around), default=0)
    nearest = tuple(
        Named(unit=one.unit_id, address=one.address)
        for one in around
        if len(one.region) == longest
    )
    return _answer(nearest, Reason.TERRITORY)


def decided(lead: Unit, assistants: Sequence[Unit] = ()) -> Routed:
    """A coordination has named who leads."""
    helping = tuple(Named(unit=one.unit_id, address=one.address) for one in assistants)
    return _answer(
        (Named(unit=lead.unit_id, address=lead.address),), Reason.DECIDED, assistants=helping
    )


def _by_asset(asset: Asset | None, at: datetime) -> tuple[Named, Reason] | None:
    if asset is None:
        return None
    maintained = asset.maintained_until is None or at < asset.maintained_until
    if asset.maintainer is not None and maintained:
        one, reason = asset.maintainer, Reason.MAINTAINER
    elif asset.owner is not None:
        one, reason = asset.owner, Reason.OWNER
    else:
        return None
    return Named(unit=one.unit_id, address=one.address), reason


def _fits(row: Responsibility, facts: Facts) -> bool:
    category = facts.category
    if row.standard_ref not in ("", category.standard_ref):
        return False
    if row.kind not in ("", category.kind):
        return False
    if row.code and not row.standard_ref:
        return False  # digits without their standard mean nothing
    return facts.place.area.startswith(row.area) and category.code.startswith(row.code)


def _holds(
    row: Responsibility, facts: Facts, asset: Asset | None, at: datetime
) -> bool | None:
    """Is the row's limit met? None = that cannot be told from what is known."""
    if row.qualifier is Qualifier.NONE:
        return True
    if row.qualifier is Qualifier.OPERATING_AREA:
        if not row.zone:
            return True if row.area else None
        grid = facts.place.grid
        return grid.startswith(row.zone) if grid else None
    if asset is None or (asset.owner is None and asset.maintainer is None):
        return None
    maintains = asset.maintainer is not None and asset.maintainer.unit_id == row.unit
    in_period = asset.maintained_until is None or at < asset.maintained_until
    if row.qualifier is Qualifier.MAINTENANCE_PERIOD:
        return maintains and in_period
    owns = asset.owner is not None and asset.owner.unit_id == row.unit
    return owns or (maintains and in_period)


def _best(
    rows: Sequence[Responsibility], prefer: Prefer
) -> tuple[list[Responsibility], list[Responsibility], Reason]:
    """The most specific rows, those that gave way to a preference, and what decided."""
    areas = [row for row in rows if row.territorial]
    bureaus = [row for row in rows if not row.territorial]
    if prefer is Prefer.NEITHER or not areas or not bureaus:
        return _most_specific(rows), [], Reason.ROW
    if prefer is Prefer.AREA:
        return _most_specific(areas), _most_specific(bureaus), Reason.AREA_FIRST
    return _most_specific(bureaus), _most_specific(areas), Reason.BUREAU_FIRST


def _most_specific(rows: Sequence[Responsibility]) -> list[Responsibility]:
    best = max((_score(row) for row in rows), default=None)
    return [row for row in rows if _score(row) == best]


def _score(row: Responsibility) -> _Score:
    qualified = row.qualifier is not Qualifier.NONE
    return (len(row.area), len(row.code), qualified, bool(row.kind) + bool(row.standard_ref))


def _who(rows: Iterable[Responsibility]) -> frozenset[str]:
    return frozenset(row.who for row in rows)


def _distinct(rows: Iterable[Responsibility]) -> tuple[Named, ...]:
    return tuple({row.who: Named(unit=row.who, address=row.assignee) for row in rows}.values())


def _answer(
    named: tuple[Named, ...],
    reason: Reason,
    *,
    over: tuple[Named, ...] = (),
    assistants: tuple[Named, ...] = (),
    row: Responsibility | None = None,
) -> Routed:
    to = None
    if not named:
        reason = Reason.NONE
    elif len(named) > 1:
        reason = Reason.UNSETTLED if reason is Reason.UNSETTLED else Reason.SEVERAL
    elif reason is not Reason.UNSETTLED:
        to = named[0].address
        reason = reason if to is not None else Reason.NO_WAY_IN
    return Routed(
        to=to,
        candidates=tuple(one.address for one in named if one.address is not None),
        reason=reason,
        named=named,
        over=over,
        assistants=tuple(one for one in assistants if one not in named),
        row=row if len(named) == 1 else None,
    )
