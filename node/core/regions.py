"""Divisions and organisations: what their codes say, and which codes cannot be.

A division code is GB/T 2260 (6 digits: province, city, county), with three more digits for street
or town (GB/T 10114) and three more for community or village (statistics). Development zones often
have no national code: a city registers them as **pseudo-regions** under a local one, and from then
on they count like any other division. Codes change when areas merge, so each has days on which it
holds.

An organisation is named by its unified social credit code (GB 32100).
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import date
from typing import Final

from node.core.errors import Invalid

LEVELS: Final = (2, 4, 6, 9, 12)
"""Digits of a code by level: province, city, county, street or town, community or village."""
DIVISION_DIGITS: Final = 6
"""GB/T 2260: the divisions whose governments a case may be contested between."""

CREDIT_SIGNS: Final = "0123456789ABCDEFGHJKLMNPQRTUWXY"
"""Alphabet of GB 32100: digits and capitals without I, O, S, V, Z."""
_CREDIT: Final = re.compile(f"[{CREDIT_SIGNS}]{{18}}")

_STREETS: Final = ((1, 99), (100, 199), (200, 399))
"""GB/T 10114: streets, towns, townships. Statistics use the numbers above for zones and farms."""
_LOCAL_FROM: Final = 400


@dataclass(frozen=True, slots=True, kw_only=True)
class Region:
    """One division. ``pseudo``: registered locally, without a national code. ``valid_to`` is the
    last day on which the code holds; None = until further notice."""

    code: str
    name: str
    pseudo: bool = False
    valid_from: date | None = None
    valid_to: date | None = None

    @property
    def parent(self) -> str:
        """Code of the division one level up, "" for a province."""
        shorter = [level for level in LEVELS if level < len(self.code)]
        return self.code[: shorter[-1]] if shorter else ""

    def holds_on(self, day: date) -> bool:
        """Whether the code is in force that day."""
        return (self.valid_from is None or self.valid_from <= day) and (
            self.valid_to is None or day <= self.valid_to
        )


def plain_region(code: str) -> str:
    """A code without the zeros that say "all of it": ``420200`` is the city ``4202``, and
    ``420203000000`` the county ``420203``. Prefixes of plain codes are areas."""
    for level in LEVELS:
        if len(code) > level and not code[level:].strip("0"):
            return code[:level]
    return code


def check_region(code: str, *, pseudo: bool = False) -> str:
    """The code, if it can be one. ``Invalid`` (``region.code``) says what breaks the rule.

    A pseudo-region only has to have the length of a level: its digits are the city's own.
    """
    if not code.isascii() or not code.isdigit() or len(code) not in LEVELS:
        raise Invalid(
            f"{code!r} is no division code: 2, 4, 6, 9 or 12 digits", code="region.code"
        )
    if pseudo:
        return code
    city, county = code[2:4], code[4:6]
    if not "11" <= code[:2] <= "82":
        raise Invalid(f"{code}: no province begins with {code[:2]}", code="region.code")
    if city and city != "00" and not (city <= "70" or city == "90"):
        raise Invalid(
            f"{code}: {city} is no city (01-20, 51-70), prefecture (21-50) or 90",
            code="region.code",
        )
    if city == "00" and county not in {"", "00"}:
        raise Invalid(f"{code}: county {county} without a city", code="region.code")
    if len(code) >= 9 and code[6:9] != "000":
        number = int(code[6:9])
        if number < _LOCAL_FROM and not any(low <= number <= high for low, high in _STREETS):
            raise Invalid(
                f"{code}: {code[6:9]} is no street (001-099), town (100-199) or township "
                "(200-399)",
                code="region.code",
            )
    return code


def credit_code_check_sign(body: str) -> str:
    """The 18th sign of a unified social credit code from its first 17 (GB 32100-2015)."""
    total = sum(CREDIT_SIGNS.index(sign) * pow(3, place, 31) for place, sign in enumerate(body))
    return CREDIT_SIGNS[(31 - total % 31) % 31]


def check_credit_code(code: str) -> str:
    """The code, if its signs and its check sign hold; ``Invalid`` (``unit.credit_code``)."""
    if not _CREDIT.fullmatch(code):
        raise Invalid(
            f"{code!r} is no unified social credit code: 18 of {CREDIT_SIGNS}",
            code="unit.credit_code",
        )
    expected = credit_code_check_sign(code[:17])
    if code[17] != expected:
        raise Invalid(
            f"{code}: the check sign is {code[17]}, the other signs ask for {expected}",
            code="unit.credit_code",
        )
    return code
