"""Every text of the pages has its English, and no template has a text of its own."""

from __future__ import annotations

import re
from pathlib import Path

from node.edge import console
from tests.console_words import catalogues, literals, texts

CONSOLE = Path(console.__file__).parent
UNSAID = re.compile(r'[^(]"[，。；：、]"\.join|f"[^"]*[，。；：、（）][^"]*"')
"""Signs between values that a page of another language shows as they are."""
FIELD = re.compile(r"%\((\w+)\)s")


def test_no_template_holds_a_text_of_its_own() -> None:
    assert [] == literals()


def test_signs_between_values_are_those_of_the_language_too() -> None:
    assert [] == [
        (path.name, found) for path in sorted(CONSOLE.rglob("*.py"))
        for found in UNSAID.findall(path.read_text(encoding="utf-8"))]


def test_every_text_has_its_english_with_the_same_values() -> None:
    english = {entry.msgid: entry.msgstr for file in catalogues().values() for entry in file}
    assert [] == sorted(text for text in texts() if not english.get(text))
    assert [] == sorted(
        text for text in texts()
        if sorted(FIELD.findall(text)) != sorted(FIELD.findall(english[text])))


def test_no_catalogue_keeps_a_text_that_nobody_says_or_that_another_has() -> None:
    kept = [entry.msgid for file in catalogues().values() for entry in file]
    assert sorted(texts()) == sorted(kept)
