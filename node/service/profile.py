"""What an office is granted: a profile file, the only place where cities and tiers differ.

A profile says which capabilities are granted, whether work that arrives is handed on by the
responsibility table without a person, and whether an assignee's "done" goes up at once. Shipped
profiles lie in ``node/profiles``; a city may write its own.
"""

from __future__ import annotations

import tomllib
from datetime import timedelta
from pathlib import Path
from typing import Literal

from pydantic import BaseModel, ConfigDict, Field, field_validator

from node.core.capability import Capability
from node.core.context import Relay
from node.core.routing import Prefer
from node.core.similar import RADIUS_M_MAX, WINDOW_MAX, Similarity
from node.core.spot import PictureRules

PUBLIC_FIELDS = ("status", "name", "area", "grid", "opened_at", "updated_at", "result", "photo")
"""What a public page may show of a case at most; the reporter is not among it."""


class IntakeRules(BaseModel):
    """How reports are taken here; unknown keys are mistakes."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    sources: str = "sources"
    """The file of sources: the shipped one (``node/standards``), or a .toml in the home."""
    notices: str = "notices"
    """The file of notices, found the same way."""
    calls: str = "calls"
    """The file of kinds of calls and their limits, found the same way."""
    filing_condition: Literal["required", "optional"] = "optional"
    """Whether filing names a filing condition, where the class has any."""
    similar_m: float = Field(default=50.0, gt=0, le=RADIUS_M_MAX)
    """Metres within which a report of the same class is similar."""
    similar_h: float = Field(default=24.0, gt=0, le=WINDOW_MAX / timedelta(hours=1))
    """Hours within which it is."""
    reopen_score_max: int = Field(default=2, ge=0, le=5)
    """A satisfaction of that or less asks for a reopening; 0 = never by itself."""
    reported_age_h: float = Field(default=72.0, gt=0)
    """Hours that a device may have been offline: an older report is not taken as it stands."""
    photo_age_h: float = Field(default=24.0, ge=0)
    """A picture taken more than so many hours before its report is doubted; 0 = never."""
    photo_ahead_min: float = Field(default=10.0, ge=0)
    """So is one taken more than so many minutes after it."""
    photo_m: float = Field(default=200.0, ge=0)
    """So is one taken more than so many metres away: phones err by tens of metres among houses."""
    public_fields: frozenset[str] = frozenset(PUBLIC_FIELDS)
    """What whoever has the follow-up code of a report sees of it."""

    @field_validator("public_fields")
    @classmethod
    def _may_be_public(cls, value: frozenset[str]) -> frozenset[str]:
        if unknown := value - frozenset(PUBLIC_FIELDS):
            raise ValueError(f"{sorted(unknown)} may not be public, only {PUBLIC_FIELDS}")
        return value

    @property
    def condition_required(self) -> bool:
        """As the core asks it."""
        return self.filing_condition == "required"

    @property
    def similarity(self) -> Similarity:
        """As the core computes with it."""
        return Similarity(radius_m=self.similar_m, window=timedelta(hours=self.similar_h))

    @property
    def pictures(self) -> PictureRules:
        """As the core doubts pictures."""
        return PictureRules(
            age_h=self.photo_age_h, ahead_min=self.photo_ahead_min, metres=self.photo_m
        )

    @property
    def reported_age_max(self) -> timedelta:
        """As the core compares with it."""
        return timedelta(hours=self.reported_age_h)


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
    intake: IntakeRules = IntakeRules()
    """How reports are taken."""
    limits: str = "standard"
    """The file of limits: a shipped one (``node/limits``) by name, or a .toml in the home."""
    feedback: str = "open"
    """What a feedback must show: a shipped file (``node/feedback``) by name, or a .toml."""
    patrol: str = "standard"
    """The file of patrol rules (``node/patrol``), named in the same way."""
    acceptance: str = "acceptance"
    """The file of criteria of an acceptance run (``node/standards``, or a .toml in the home)."""
    sharing: str = "sharing"
    """The file of shared data sets, found the same way."""
    privacy: str = "standard"
    """The file of personal data (``node/privacy``), named in the same way."""
    auditors: tuple[str, ...] = Field(default=("auditor",), min_length=1, max_length=20)
    """The roles in which somebody reads the audit log (审计管理员)."""
    evidence: tuple[str, ...] = Field(
        default=("auditor", "shift_leader", "centre_head", "supervisor"),
        min_length=1, max_length=20)
    """The roles in which somebody takes evidence about a case out."""
    accounts: str = "standard"
    """The file of account rules (``node/accounts``), named in the same way."""
    roles: str = "standard"
    """The file of roles (``node/roles``), named in the same way."""
    separated_admins: bool = True
    """System, security and audit are administered by three people who handle no case (三员分立). A
    small office may say false; the doctor and the acceptance run say so."""
    approvals: str = "standard"
    """The file of approvals (``node/approvals``), named in the same way."""


def read_profile(path: Path) -> Profile:
    """Read a profile file. ``OSError``, ``tomllib.TOMLDecodeError`` or ``ValidationError``."""
    return Profile.model_validate(tomllib.loads(path.read_text(encoding="utf-8")))
