"""A rule says no, and a person can act: ``Refused`` with a stable code.

    Refused
    ├── WrongStatus      the case is not where this verb starts       case.wrong_status
    ├── VersionConflict  somebody else was faster                     case.version_conflict
    ├── NotPermitted     a capability or right is missing             case.not_permitted
    ├── NoRoute          nobody, or several, are responsible          case.no_route
    ├── UnknownCase      there is no such case here                   case.unknown
    ├── UnknownUnit      there is no such unit here                   unit.unknown
    └── Invalid          a field breaks a rule of the trade           case.invalid
"""

from __future__ import annotations

from typing import ClassVar


class Refused(Exception):
    """A rule of the trade says no. ``code`` is stable and dotted; ``detail`` names what to do.
    ``why`` tells apart what shares a code: the edge says a sentence of its own for it, in the
    reader's language."""

    default_code: ClassVar[str] = "case.refused"

    def __init__(
        self, message: str, *, code: str | None = None, why: str = "", **detail: str
    ) -> None:
        super().__init__(message)
        self.code = code or self.default_code
        self.why = why
        self.detail = detail


class WrongStatus(Refused):
    """The case is not in a status from which this verb starts."""

    default_code = "case.wrong_status"


class VersionConflict(Refused):
    """The case has moved on since the caller read it."""

    default_code = "case.version_conflict"


class NotPermitted(Refused):
    """This office or person does not hold the capability."""

    default_code = "case.not_permitted"


class NoRoute(Refused):
    """The responsibility table names nobody, or several."""

    default_code = "case.no_route"


class UnknownCase(Refused):
    """There is no such case at this node."""

    default_code = "case.unknown"


class UnknownUnit(Refused):
    """There is no card of such a unit at this node."""

    default_code = "unit.unknown"


class Invalid(Refused):
    """A field breaks a rule of the trade (not of the wire)."""

    default_code = "case.invalid"
