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
from node.core.routing import Prefer


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
    arrangement: str = ""
    """How its city is arranged, in Chinese; ``source`` names the notice."""
    source: str = ""
    rights: str = "standard"
    """The matrix of rights: a shipped one (``node/rights``) by name, or a .toml in the home."""
    separated: bool = True
    """No account both handles a case and checks or closes it (监管分离)."""
    prefer: Prefer = Prefer.NEITHER
    """Who is proposed where a bureau and an area both fit; "" = the more specific row."""
    stages: str = "seven"
    """How many stages screens show: a shipped list (``node/stages``), or a .toml in the home."""
    coordination: str = "standard"
    """Who decides what no rule solves (``node/coordination``, or a .toml in the home)."""
    decides: frozenset[str] = frozenset()
    """The levels of coordination that this office itself decides."""
    targets_answer: bool = True
    """Refuse to dispatch to a unit where nobody would answer."""
    limits: str = "standard"
    """The file of limits: a shipped one (``node/limits``) by name, or a .toml in the home."""
    approvals: str = "standard"
    """The file of approvals (``node/approvals``), named in the same way."""


def read_profile(path: Path) -> Profile:
    """Read a profile file. ``OSError``, ``tomllib.TOMLDecodeError`` or ``ValidationError``."""
    return Profile.model_validate(tomllib.loads(path.read_text(encoding="utf-8")))
