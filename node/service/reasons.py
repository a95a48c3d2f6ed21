"""Lists of reasons in the files of approvals and of sources, validated."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Annotated

from pydantic import BaseModel, ConfigDict, Field, StringConstraints

from node.core.reasons import Reason, Reasons

REASONS_MAX = 200
"""Reasons of one file: a desk chooses from a list it can read."""
Words = Annotated[str, StringConstraints(strip_whitespace=True, min_length=1, max_length=100)]


class ReasonIn(BaseModel):
    """One reason. ``needs_text``: the code alone says nothing (其他)."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    verb: str
    code: Annotated[str, StringConstraints(pattern=r"^[a-z][a-z0-9_]{0,39}$")]
    zh: Words
    en: Words
    needs_text: bool = False


ReasonsIn = Annotated[tuple[ReasonIn, ...], Field(max_length=REASONS_MAX)]


def sound(rows: Iterable[ReasonIn], verbs: Iterable[str]) -> None:
    """``ValueError`` for a verb that takes no reason, or a code that stands twice under one."""
    known, seen = frozenset(verbs), set()
    for row in rows:
        if row.verb not in known:
            raise ValueError(f"{row.verb!r} takes no reason here: {', '.join(sorted(known))}")
        if (row.verb, row.code) in seen:
            raise ValueError(f"the reason {row.code} stands twice under {row.verb}")
        seen.add((row.verb, row.code))


def reasons(rows: Iterable[ReasonIn]) -> Reasons:
    """As the core reads them."""
    return Reasons(
        rows=tuple(
            Reason(
                verb=row.verb, code=row.code, zh=row.zh, en=row.en, needs_text=row.needs_text
            )
            for row in rows
        )
    )
