"""What everything that callers send has in common: clean texts, and no unknown members.

Unknown members are refused rather than ignored: a misspelt ``expected_version`` that silently
does nothing would be worse than an error.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Annotated, Any

from pydantic import (
    AwareDatetime,
    BaseModel,
    BeforeValidator,
    ConfigDict,
    GetCoreSchemaHandler,
    GetJsonSchemaHandler,
)
from pydantic import StringConstraints as Chars
from pydantic_core import core_schema

from node.edge.http.limits import SHORT_CHARS_MAX, TEXT_CHARS_MAX


def _no_controls(text: str) -> str:
    """Control characters break CSV files, terminals and PostgreSQL (NUL); newline and tab stay."""
    for char in text:
        if (char < " " and char not in "\n\r\t") or char == "\x7f":
            raise ValueError("control characters are not allowed")
    return text


_CONTROLS = r"\u0000-\u0008\u000b\u000c\u000e-\u001f\u007f"


@dataclass(frozen=True, slots=True)
class _Clean:
    """A text without control characters, and the published document says so. ``filled``: it has
    something besides spaces, which are taken off its ends."""

    filled: bool

    @property
    def pattern(self) -> str:
        sound = f"[^{_CONTROLS}]*"
        return f"^{sound}[^{_CONTROLS}\\s]{sound}$" if self.filled else f"^{sound}$"

    def __get_pydantic_core_schema__(
        self, source: Any, handler: GetCoreSchemaHandler
    ) -> core_schema.CoreSchema:
        return core_schema.no_info_after_validator_function(_no_controls, handler(source))

    def __get_pydantic_json_schema__(
        self, schema: core_schema.CoreSchema, handler: GetJsonSchemaHandler
    ) -> dict[str, Any]:
        described = handler(schema)
        described.setdefault("pattern", self.pattern)
        return described


CLEAN, FILLED = _Clean(filled=False), _Clean(filled=True)
"""Also for texts in addresses and queries."""
Text = Annotated[str, Chars(strip_whitespace=True, max_length=TEXT_CHARS_MAX), CLEAN]
Words = Annotated[
    str, Chars(strip_whitespace=True, min_length=1, max_length=TEXT_CHARS_MAX), FILLED
]
Short = Annotated[str, Chars(strip_whitespace=True, max_length=SHORT_CHARS_MAX), CLEAN]
Name = Annotated[
    str, Chars(strip_whitespace=True, min_length=1, max_length=SHORT_CHARS_MAX), FILLED
]


def _written(value: object) -> object:
    """A bare number would be taken for seconds, or if it is large for milliseconds: nobody says
    which they mean."""
    if isinstance(value, int | float) or (isinstance(value, str) and not _DATE.match(value)):
        raise ValueError("an instant is written as 2026-03-04T18:00:00+08:00")
    return value


_DATE = re.compile(r"\s*\d{4}-\d\d-\d\d")
Instant = Annotated[AwareDatetime, BeforeValidator(_written)]


class Asked(BaseModel):
    """Common to all requests."""

    model_config = ConfigDict(extra="forbid", frozen=True)
