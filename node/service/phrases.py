"""A sentence for people, kept as key and values until somebody's language is known.

The office makes phrases (why a link is behind, what the doctor found) and never text: only the
door that hands one out knows who reads it. Chinese comes first; English is for whoever asks.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from node.core.clock import BEIJING
from node.service.catalogue import SENTENCES
from node.service.causes import cause_of

ENGLISH = "en"
"""The language besides Chinese; every other tag is answered in Chinese."""

@dataclass(frozen=True, slots=True, kw_only=True)
class Phrase:
    """One sentence. ``parts``, if any, are said one after another instead of ``key``."""

    key: str = ""
    values: tuple[tuple[str, str | int | float | datetime | Phrase], ...] = ()
    parts: tuple[Phrase, ...] = ()

    def say(self, language: str) -> str:
        """The text in ``en``, or in Chinese for anything else."""
        english = language == ENGLISH
        if self.parts:
            between = ", " if english else "，"
            return between.join(part.say(language) for part in self.parts)
        if not self.key:
            return ""
        said = {name: _said(value, language) for name, value in self.values}
        return SENTENCES[self.key][english].format(**said)

    def __str__(self) -> str:
        """Chinese, for logs and for documents that go to nobody in particular."""
        return self.say("zh")

    def __bool__(self) -> bool:
        return bool(self.key or self.parts)


NOTHING = Phrase()
"""No sentence: a finding that needs no remedy."""


def phrase(key: str, /, **values: str | int | float | datetime | Phrase) -> Phrase:
    """The sentence of a key of the catalogue."""
    assert key in SENTENCES, f"the catalogue has no {key!r}"
    return Phrase(key=key, values=tuple(values.items()))


def joined(parts: Sequence[Phrase]) -> Phrase:
    """Several sentences as one."""
    return parts[0] if len(parts) == 1 else Phrase(parts=tuple(parts))


def told(family: str, text: str) -> Phrase:
    """What the fabric says in English with a code before a colon (``link.fenced: …``): our own
    sentence for a known code of ``family``, the text itself for any other."""
    code, _, detail = text.partition(":")
    key = f"{family}.{code.strip()}"
    if key in SENTENCES:
        said = detail.strip() or code
        cause = cause_of(said)
        return phrase(key, detail=phrase(cause, detail=said) if cause else said)
    return phrase("verbatim", text=text)


def _said(value: str | int | float | datetime | Phrase, language: str) -> object:
    if isinstance(value, Phrase):
        return value.say(language)
    if isinstance(value, datetime):
        # Beijing time in either language: whoever reads this works by that clock.
        return value.astimezone(BEIJING).strftime("%m-%d %H:%M")
    return value
