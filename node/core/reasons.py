"""Reason codes: which words of a list may be given for a request or a refusal.

The lists are data of an office (its files of approvals and of sources). A verb without a list takes
any code. What a neighbour or a unit's own system says is never held to them: only what people here
choose is.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

from node.core.errors import Invalid

NOT_ACCEPT: Final = "not_accept"
DECLINE: Final = "decline"
VOID_CASE: Final = "void_case"
INTAKE_VERBS: Final = (NOT_ACCEPT, DECLINE, VOID_CASE)
"""What an office refuses by itself; the other verbs are the kinds of requests."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Reason:
    """One row of a list. ``needs_text``: the code alone says nothing (其他)."""

    verb: str
    code: str
    zh: str
    en: str
    needs_text: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Reasons:
    """Every list of one file."""

    rows: tuple[Reason, ...] = ()

    def of(self, verb: str) -> tuple[Reason, ...]:
        """The list of a verb; empty = any code is taken."""
        return tuple(one for one in self.rows if one.verb == verb)

    def find(self, verb: str, code: str) -> Reason | None:
        """The reason that this code names under this verb, None = it is in no list of ours."""
        return next((one for one in self.of(verb) if one.code == code), None)

    def check(self, verb: str, code: str, text: str) -> None:
        """``Invalid``: ``reason.unknown`` (not in the list of the verb), ``reason.text`` (the code
        needs words beside it). An empty code is none: the words alone were given."""
        listed = self.of(verb)
        if not listed or not code:
            return
        found = self.find(verb, code)
        if found is None:
            raise Invalid(
                f"{code!r} is no reason for {verb}: {', '.join(one.code for one in listed)}",
                code="reason.unknown",
                field="reason_code",
                given=code,
                known_zh="、".join(f"{one.code} {one.zh}" for one in listed),
                known_en=", ".join(f"{one.code} ({one.en})" for one in listed),
            )
        if found.needs_text and not text.strip():
            raise Invalid(
                f"the reason {code!r} says nothing alone: write why",
                code="reason.text",
                field="text",
                given=code,
            )


NO_REASONS: Final = Reasons()
"""No lists: any code is taken."""
