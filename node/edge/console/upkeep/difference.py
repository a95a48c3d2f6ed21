"""What one text has that another has not, line by line."""

from __future__ import annotations

import difflib
from typing import Final

LINES_SHOWN: Final = 400
"""Lines of a difference on a page."""
COMPARED_MAX: Final = 2_000
"""Lines of a text that is set beside another: of longer ones no difference is shown, for that takes
the square of their length."""
LOOKS: Final = {"+": "ins", "-": "del"}


def difference(now: str, text: str) -> list[tuple[str, str]]:
    """Lines that go and come (del, ins), with a little around them (same)."""
    old, new = now.splitlines(), text.splitlines()
    if max(len(old), len(new)) > COMPARED_MAX:
        return []
    found = list(difflib.unified_diff(old, new, lineterm="", n=2))[2:]
    return [(LOOKS.get(one[:1], "same"), one) for one in found[:LINES_SHOWN]]
