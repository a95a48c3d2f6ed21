"""What a text can be found by: short pieces of it, so that any part of an address leads to it.

Chinese is written without spaces, so words cannot be looked up; pairs of neighbouring characters
can (Nie, Gao, Zhang & Zhou, *On the use of words and n-grams for Chinese information retrieval*,
IRAL 2000). Numbers are found by four characters in a row: there are only a hundred pairs of digits.
"""

from __future__ import annotations

import re
from functools import lru_cache
from itertools import pairwise

RUN = 4
"""Characters of a number, or of a word in Latin letters, that make one piece."""
_HOUSE = re.compile(r"(?=([^\W_\x00-\x7f][0-9a-z]{2,8}[^\W_\x00-\x7f]))")
"""A number with its neighbours on both sides, as 道123号: rare, so an address is found fast."""
SEPARATOR = " "
"""Between pieces in a line; no piece has one."""
LINES_KEPT_MAX = 1024
"""Lines found again instead of made again: a case changes often, its address hardly ever."""


def grams(text: str) -> frozenset[str]:
    """The pieces of a text. Whatever is written in a text has pieces of that text only, so nothing
    that contains a piece of writing is missed by asking for all its pieces; that it is really
    written there must be looked at. Empty if the text is too short to have any."""
    folded = text.casefold()
    pairs = {
        first + second
        for first, second in pairwise(folded)
        if first.isalnum() and second.isalnum() and not (first + second).isascii()
    }
    runs = {
        run for n in range(len(folded) - RUN + 1)
        if (run := folded[n:n + RUN]).isascii() and run.isalnum()
    }
    return frozenset(pairs | runs | {found[1] for found in _HOUSE.finditer(folded)})


@lru_cache(maxsize=LINES_KEPT_MAX)
def line_of(*texts: str) -> str:
    """The pieces of some texts in one line, sorted."""
    return SEPARATOR.join(sorted(frozenset().union(*map(grams, texts))))
