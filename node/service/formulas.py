"""Texts that a spreadsheet would carry out as a formula, and how they are written so none does.

For every table that leaves the node as CSV: its cells hold what callers and neighbours wrote.
"""

from __future__ import annotations

from typing import Final

FORMULA_SIGNS: Final = ("=", "+", "-", "@", "\t", "\r", "\n", "＝", "＋", "－", "＠")
"""What makes a spreadsheet program compute a cell; East Asian editions take the wide ones too."""


def harmless(value: object) -> str:
    """A cell that no spreadsheet takes for a formula; None is an empty one."""
    text = "" if value is None else str(value)
    return "'" + text if text.lstrip(" ").startswith(FORMULA_SIGNS) else text
