"""Every message exists in both languages, is used, and takes the same values in both."""

from __future__ import annotations

import re
from pathlib import Path
from string import Formatter

from node.cli import texts
from node.cli.speech import Speech, language_of
from node.core.case import CaseStatus
from node.core.events import EVENTS
from node.service import case_words
from node.service.case_words import STATUSES

FOLDER = Path(texts.__file__).parent


def _fields(message: str) -> set[str]:
    return {name for _, name, _, _ in Formatter().parse(message) if name}


def test_both_languages_take_the_same_values() -> None:
    for key, (chinese, english) in texts.TEXTS.items():
        assert _fields(chinese) == _fields(english), key
        assert english != chinese or key == "link.replayed", key


def test_every_key_is_used_and_every_used_key_exists() -> None:
    source = "".join(path.read_text(encoding="utf-8") for path in FOLDER.glob("*.py")
                     if not path.name.endswith("texts.py"))
    used = set(re.findall(r'"([a-z_]+(?:\.[a-z_]+)+)"', source))
    levels = {key for key in texts.TEXTS if key.startswith("level.")}
    remedies = {key for key in texts.TEXTS if key.removesuffix(".remedy") in used & {*texts.TEXTS}}
    composed = tuple(re.findall(r'\bt\(f"((?:why|verdict)\.)\{', source))
    told = {key for key in texts.TEXTS if key.startswith(composed)}
    dotted = {key for key in texts.TEXTS if "." in key} - levels - remedies - told - {"bug.remedy"}
    assert dotted - used == set()
    called = set(re.findall(r'\bt\(\s*"([a-z_.]+)"', source))
    called |= set(re.findall(r'\btrouble\(\s*Exit\.[A-Z]+, "([a-z_.]+)"', source))
    assert called - set(texts.TEXTS) == set()


def test_every_status_of_the_core_has_a_chinese_name() -> None:
    assert {str(status) for status in CaseStatus} == set(STATUSES)


def test_every_event_of_the_core_has_a_chinese_name() -> None:
    assert {name for name in EVENTS if name != "Event"} - set(case_words.EVENTS) == set()


def test_times_are_shown_in_beijing_time_to_the_minute() -> None:
    speech = Speech(language="zh")
    assert speech.time("2026-12-02T20:01:21.213227Z") == "2026-12-03 04:01"
    assert (speech.time(None), speech.time("soon")) == ("-", "soon")


def test_chinese_comes_first_and_english_by_locale() -> None:
    assert [language_of(lang) for lang in ("", "C.UTF-8", "zh_CN.UTF-8", "en_GB.UTF-8", "EN")] == [
        "zh", "zh", "zh", "en", "en"]
