"""What is taken a picture of: a page, seen by somebody at a place."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any


@dataclass(frozen=True, slots=True, kw_only=True)
class Shot:
    """One page. ``place`` names who looks from where; ``path`` may hold names of that place."""

    name: str
    title: str
    place: str
    path: str
    phone: bool = False
    """Whether it is made for a phone."""
    wait_ms: int = 300


@dataclass(frozen=True, slots=True, kw_only=True)
class Place:
    """A node and somebody who is logged in there (``state``: cookies; None = nobody)."""

    url: str
    state: Any = None
    names: Mapping[str, str] = field(default_factory=dict)
