"""What an office is granted: a profile file, the only place where cities and tiers differ.

A profile says which capabilities are granted, whether work that arrives is handed on by the
responsibility table without a person, and whether an assignee's "done" goes up at once. Shipped
profiles lie in ``node/profiles``; a city may write its own.
"""

from __future__ import annotations

import tomllib
from pathlib import Path

from pydantic import BaseModel, ConfigDict

from node.core.capability import Capability
from node.core.context import Relay


class Profile(BaseModel):
    """One profile file, validated; unknown keys are mistakes."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    title: str
    """What screens call it, in Chinese."""
    capabilities: frozenset[Capability]
    """Granted rights; the effective ones are these ∩ what the topology allows."""
    auto_route: bool
    """Hand an order on at once when the responsibility table names exactly one."""
    relay_done: Relay
    """``auto``: an assignee's done is ours at once. ``confirm``: one of us looks first."""
    limits: str = "standard"
    """The file of limits: a shipped one (``node/limits``) by name, or a .toml in the home."""


def read_profile(path: Path) -> Profile:
    """Read a profile file. ``OSError``, ``tomllib.TOMLDecodeError`` or ``ValidationError``."""
    return Profile.model_validate(tomllib.loads(path.read_text(encoding="utf-8")))
