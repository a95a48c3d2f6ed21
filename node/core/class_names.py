"""Classes found by what somebody types: a part of the name, the beginning of the code, or the
initials of the name in pinyin (拼音首字母, gsjg for 供水井盖).

Initials come from the order of GB 2312-80: its first level lists 3,755 signs by pinyin, so a sign's
place among them is its initial. A sign of the second level is listed by radical and has none here:
it stands for any letter. A sign with several readings has the one that it is listed under.
"""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Iterable
from functools import lru_cache
from typing import Final

from node.core.standards import ClassEntry

_LETTERS: Final = "ABCDEFGHJKLMNOPQRSTWXYZ".lower()
_STARTS: Final = (
    0xB0A1, 0xB0C5, 0xB2C1, 0xB4EE, 0xB6EA, 0xB7A2, 0xB8C1, 0xB9FE, 0xBBF7, 0xBFA6, 0xC0AC, 0xC2E8,
    0xC4C3, 0xC5B6, 0xC5BE, 0xC6DA, 0xC8BB, 0xC8F6, 0xCBFA, 0xCDDA, 0xCEF4, 0xD1B9, 0xD4D1,
)
"""Where each letter begins in the first level (GB 2312-80, section 5): no sign begins with I, U or
V."""
_LAST: Final = 0xD7F9
ANY: Final = "?"
"""The initial of a sign whose letter is not known."""
NAMES_KEPT_MAX: Final = 4_096
"""Names whose initials are kept: more than all standards have classes."""


@lru_cache(maxsize=NAMES_KEPT_MAX)
def initials(name: str) -> str:
    """One small letter for each Chinese sign, letters and digits as they are; the rest is left
    out."""
    return "".join(_initial(sign) for sign in name)


def _initial(sign: str) -> str:
    if sign.isascii():
        return sign.lower() if sign.isalnum() else ""
    try:
        code = int.from_bytes(sign.encode("gb2312"), "big")
    except UnicodeEncodeError:
        return ANY if sign.isalpha() else ""
    if not sign.isalpha():
        return ""
    return _LETTERS[bisect_right(_STARTS, code) - 1] if _STARTS[0] <= code <= _LAST else ANY


def find(entries: Iterable[ClassEntry], text: str, limit: int) -> list[ClassEntry]:
    """What fits best first: the whole name or code, then how it begins, then what is inside; of
    equal ones the shorter name, then the code. Nothing is found by nothing."""
    wanted = text.strip().lower()
    if not wanted:
        return []
    ranked = sorted(
        ((rank, len(entry.name), entry.key), entry)
        for entry in entries if (rank := _rank(entry, wanted)) is not None
    )
    return [entry for _, entry in ranked[:limit]]


def _rank(entry: ClassEntry, wanted: str) -> int | None:
    name, code = entry.name.lower(), entry.key.code.lower()
    if wanted in (name, code):
        return 0
    if name.startswith(wanted) or code.startswith(wanted):
        return 1
    if wanted in name:
        return 2
    if not (wanted.isascii() and wanted.isalpha()):
        return None
    found = _spelt(initials(entry.name), wanted)
    return None if found is None else 3 if found == 0 else 4


def _spelt(letters: str, wanted: str) -> int | None:
    """Where ``wanted`` stands in the letters; None = nowhere."""
    for start in range(len(letters) - len(wanted) + 1):
        if all(one in (ANY, sign) for one, sign in
               zip(letters[start:start + len(wanted)], wanted, strict=True)):
            return start
    return None
