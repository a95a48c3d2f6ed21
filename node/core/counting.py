"""A question to the rows of the evaluation: what to count, of which rows, in which period.

Plain values between the use case that asks and the store that answers with one statement over all
keys. What a counter means is told by ``node.core.counters``; here is only what is asked.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from types import MappingProxyType

from node.core.counters import Counter, RowKind
from node.core.indicators import Key

NO_WHERE: Mapping[str, tuple[str, ...]] = MappingProxyType({})
NO_PREFIX: Mapping[str, str] = MappingProxyType({})


@dataclass(frozen=True, slots=True, kw_only=True)
class Scope:
    """Which rows: of a kind, one of ``columns`` in [begins, ends), keys among ``where`` (``*`` =
    not empty) and beginning with ``prefixes``, not of a node on trial. A key of some length is
    counted only where it is that long. Instants are aware UTC."""

    kind: RowKind
    columns: tuple[str, ...]
    begins: datetime
    ends: datetime
    cut: datetime
    where: Mapping[str, tuple[str, ...]] = field(default_factory=lambda: NO_WHERE)
    prefixes: Mapping[str, str] = field(default_factory=lambda: NO_PREFIX)
    trial_nodes: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Question:
    """Count each of these counters, per combination of keys."""

    scope: Scope
    keys: tuple[Key, ...]
    counters: tuple[Counter, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Listing:
    """The rows behind one figure: those of one combination of keys that a counter counts; with an
    empty ``key`` those of every combination."""

    scope: Scope
    keys: tuple[Key, ...]
    key: tuple[str, ...]
    counter: Counter


@dataclass(frozen=True, slots=True, kw_only=True)
class Timing:
    """How long it took from one instant of a row to another, per combination of keys."""

    scope: Scope
    keys: tuple[Key, ...]
    begin: str
    end: str
