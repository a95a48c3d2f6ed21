"""What everything that callers send has in common: clean texts, and no unknown members.

Unknown members are refused rather than ignored: a misspelt ``expected_version`` that silently
does nothing would be worse than an error.
"""

from __future__ import annotations

from typing import Annotated

from pydantic import AfterValidator, BaseModel, ConfigDict, StringConstraints

from node.edge.http.limits import SHORT_CHARS_MAX, TEXT_CHARS_MAX


def _no_controls(text: str) -> str:
    """Control characters break CSV files, terminals and PostgreSQL (NUL); newline and tab stay."""
    for char in text:
        if (char < " " and char not in "\n\r\t") or char == "\x7f":
            raise ValueError("control characters are not allowed")
    return text


CLEAN = AfterValidator(_no_controls)
"""Also for texts in addresses and queries."""
Text = Annotated[str, StringConstraints(strip_whitespace=True, max_length=TEXT_CHARS_MAX), CLEAN]
Words = Annotated[
    str, StringConstraints(strip_whitespace=True, min_length=1, max_length=TEXT_CHARS_MAX), CLEAN
]
Short = Annotated[str, StringConstraints(strip_whitespace=True, max_length=SHORT_CHARS_MAX), CLEAN]
Name = Annotated[
    str, StringConstraints(strip_whitespace=True, min_length=1, max_length=SHORT_CHARS_MAX), CLEAN
]


class Asked(BaseModel):
    """Common to all requests."""

    model_config = ConfigDict(extra="forbid", frozen=True)
