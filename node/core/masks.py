"""What is shown of a person's name and phone to whoever may not read them whole."""

from __future__ import annotations

import re
from typing import Final

HIDDEN: Final = "*"
PHONE_SHOWN: Final = (3, 4)
"""Digits of a long phone that a mask leaves, in front and behind."""
PHONE_LONG: Final = 11


def masked_name(name: str) -> str:
    """The family name, as far as one character tells it: ``王**``; "" stays ""."""
    name = name.strip()
    return name[:1] + HIDDEN * min(2, len(name) - 1) if name else ""


def masked_phone(phone: str) -> str:
    """``138****0000``; a shorter number shows its last two digits, a very short one nothing."""
    digits = "".join(char for char in phone if char.isdecimal() and char.isascii())
    front, behind = PHONE_SHOWN if len(digits) >= PHONE_LONG else (0, 2)
    if len(digits) <= 2 * behind:
        return HIDDEN * len(digits)
    return digits[:front] + HIDDEN * (len(digits) - front - behind) + digits[-behind:]


_NUMBER: Final = re.compile(
    r"(?<![0-9])(?!(?:19|20)[0-9]{2}-[0-9]{2}-[0-9]{2}(?![0-9]))[0-9](?:[ -]?[0-9]){6,}")
"""Seven digits and more, as phones and numbers of papers have them; a day is none."""


def masked_numbers(text: str) -> str:
    """A text in which somebody may have written a phone or the number of a paper: long numbers
    masked as phones are, the rest as it stands."""
    return _NUMBER.sub(lambda found: masked_phone(found[0]), text)
