"""Who may come in by a login service elsewhere, and as what: rows over the claims it makes.

The rows are asked in order and the first that fits counts; whom none fits has no account here,
however well somebody else knows them.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from node.core.roles import WHOLE, Scope


@dataclass(frozen=True, slots=True, kw_only=True)
class Grant:
    """Whoever has ``value`` (or a list with it) under ``claim`` gets these roles and this
    scope."""

    claim: str
    value: str
    roles: tuple[str, ...]
    scope: Scope = WHOLE


def mapped(claims: Mapping[str, object], grants: Iterable[Grant]) -> Grant | None:
    """The first row that fits, None = nobody here."""
    return next((one for one in grants if one.value in _values(claims.get(one.claim))), None)


def _values(said: object) -> tuple[str, ...]:
    if isinstance(said, str):
        return (said,)
    if isinstance(said, list):
        return tuple(one for one in said if isinstance(one, str))
    return ()
