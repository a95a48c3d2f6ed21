"""A file of account rules (TOML), validated, and the list of common passwords.

The shipped ones lie in ``node/accounts``; a profile names one, or one of the office's own.
"""

from __future__ import annotations

import tomllib
from dataclasses import dataclass
from datetime import timedelta
from functools import cache
from importlib.resources import files
from pathlib import Path
from typing import Annotated

from pydantic import BaseModel, ConfigDict, Field

from node.core.accounts import PasswordRules, SessionRules, WaitRules

MEMORY_KIB_MIN, MEMORY_KIB_MAX = 8, 1024 * 1024
"""Of one hash: the least that Argon2 takes, and a gigabyte."""


class _Table(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid")


class PasswordIn(_Table):
    """``[password]``."""

    length_min: Annotated[int, Field(ge=8, le=64)]
    length_max: Annotated[int, Field(ge=64, le=512)]
    kinds: Annotated[int, Field(ge=1, le=4)]
    history: Annotated[int, Field(ge=0, le=24)]
    age_days: Annotated[int, Field(ge=0, le=3_650)]


class HashRules(_Table):
    """``[hash]``: Argon2id with one lane."""

    memory_kib: Annotated[int, Field(ge=MEMORY_KIB_MIN, le=MEMORY_KIB_MAX)]
    passes: Annotated[int, Field(ge=1, le=10)]
    at_once: Annotated[int, Field(ge=1, le=16)]
    waiting: Annotated[int, Field(ge=1, le=1_000)]


class WaitsIn(_Table):
    """``[waits]``."""

    free: Annotated[int, Field(ge=1, le=20)]
    first_s: Annotated[int, Field(ge=1, le=3_600)]
    longest_s: Annotated[int, Field(ge=1, le=3_600)]
    forget_min: Annotated[int, Field(ge=1, le=1_440)]
    known_days: Annotated[int, Field(ge=0, le=365)]


class SessionIn(_Table):
    """``[session]``."""

    idle_min: Annotated[int, Field(ge=1, le=1_440)]
    absolute_h: Annotated[int, Field(ge=1, le=72)]
    stage_min: Annotated[int, Field(ge=1, le=60)]
    most: Annotated[int, Field(ge=1, le=50)]


class LinkIn(_Table):
    """``[link]``: a one-time link lives a day at most."""

    setup_h: Annotated[int, Field(ge=1, le=24)]
    reset_h: Annotated[int, Field(ge=1, le=24)]


class FactorIn(_Table):
    """``[factor]``."""

    required: tuple[str, ...]
    recovery_codes: Annotated[int, Field(ge=4, le=20)]
    drift_steps: Annotated[int, Field(ge=0, le=4)]


class _File(_Table):
    version: Annotated[str, Field(min_length=1, max_length=40)]
    title: Annotated[str, Field(min_length=1, max_length=80)]
    password: PasswordIn
    hash: HashRules
    waits: WaitsIn
    session: SessionIn
    link: LinkIn
    factor: FactorIn


@dataclass(frozen=True, slots=True, kw_only=True)
class AccountRules:
    """The rules of one office. ``known``: how long an address stays a known one."""

    version: str
    title: str
    password: PasswordRules
    hash: HashRules
    waits: WaitRules
    known: timedelta
    session: SessionRules
    setup_link: timedelta
    reset_link: timedelta
    factor_roles: frozenset[str]
    recovery_codes: int
    drift_steps: int


def read_account_rules(path: Path) -> AccountRules:
    """Read a file. ``OSError``, ``tomllib.TOMLDecodeError`` or ``ValidationError``."""
    given = _File.model_validate(tomllib.loads(path.read_text(encoding="utf-8")))
    password, waits, session = given.password, given.waits, given.session
    return AccountRules(
        version=given.version,
        title=given.title,
        password=PasswordRules(
            length_min=password.length_min, length_max=password.length_max,
            kinds=password.kinds, history=password.history,
            age=timedelta(days=password.age_days) if password.age_days else None,
        ),
        hash=given.hash,
        waits=WaitRules(
            free=waits.free, first=timedelta(seconds=waits.first_s),
            longest=timedelta(seconds=waits.longest_s),
            forget=timedelta(minutes=waits.forget_min),
        ),
        known=timedelta(days=waits.known_days),
        session=SessionRules(
            idle=timedelta(minutes=session.idle_min), absolute=timedelta(hours=session.absolute_h),
            stage=timedelta(minutes=session.stage_min), most=session.most,
        ),
        setup_link=timedelta(hours=given.link.setup_h),
        reset_link=timedelta(hours=given.link.reset_h),
        factor_roles=frozenset(given.factor.required),
        recovery_codes=given.factor.recovery_codes,
        drift_steps=given.factor.drift_steps,
    )


@cache
def common_passwords() -> frozenset[str]:
    """Passwords that anybody tries first, in small letters (``node/accounts/common.csv``)."""
    text = (files("node") / "accounts" / "common.csv").read_text(encoding="utf-8")
    return frozenset(line for line in text.splitlines() if line and not line.startswith("#"))
