"""Every sentence exists in both languages, is used, and reads well in each."""

from __future__ import annotations

import re
from datetime import UTC, datetime
from pathlib import Path
from string import Formatter

from pydantic_core._pydantic_core import list_all_errors

import node
from hub.link.judge import STOPS
from node.service.catalogue import SENTENCES
from node.service.neighbours import why_parked
from node.service.phrases import NOTHING, joined, phrase, told

ROOT = Path(node.__file__).parent
MISTAKES = [key for key in SENTENCES if key.startswith("mistake.")]
AT = datetime(2026, 3, 2, 16, 30, tzinfo=UTC)


def _fields(text: str) -> set[str]:
    return {name for _, name, _, _ in Formatter().parse(text) if name}


def test_both_languages_take_the_same_values_but_for_details_of_the_fabric() -> None:
    for key, (chinese, english) in SENTENCES.items():
        if key in MISTAKES:
            continue  # English has pydantic's own sentence
        assert _fields(english) - {"detail"} <= _fields(chinese) <= _fields(english), key


def test_a_mistake_is_one_that_pydantic_makes_and_is_said_with_the_values_it_gives() -> None:
    known = {one["type"]: one["example_context"] or {} for one in list_all_errors()}
    assert MISTAKES
    for key in MISTAKES:
        chinese, english = SENTENCES[key]
        assert _fields(chinese) <= set(known[key.removeprefix("mistake.")]), key
        assert _fields(english) == {"message"}, key


def test_the_first_text_is_chinese_and_the_second_is_not() -> None:
    for key, (chinese, english) in SENTENCES.items():
        if not re.sub("[{][a-z]+[}]|[：:]", "", english).strip():
            continue  # nothing but values and a colon
        assert re.search("[\u4e00-\u9fff]", chinese), key
        assert not re.search("[\u4e00-\u9fff]", english), key


def test_every_key_is_used() -> None:
    source = "".join(
        path.read_text(encoding="utf-8")
        for path in ROOT.rglob("*.py")
        if path.name not in ("catalogue.py", "doctor_sentences.py", "link_sentences.py")
    )
    made = ("fabric.", "parked.", "state.", "wish.", "job.", "bond.", "adapter.", "certificate.",
            "mailboxes.", "link.quota.")
    for key in SENTENCES:
        if key in MISTAKES:
            continue
        wanted = key.removeprefix("refusal.")  # said wherever the core refuses with that code
        code, _, why = wanted.rpartition(".")  # or with that code for that reason
        reasoned = f'"{code}"' in source and f'why="{why}"' in source
        assert f'"{wanted}"' in source or reasoned or key.startswith(made), key


def test_times_are_told_by_the_clock_of_the_trade() -> None:
    said = phrase("link.down", since=AT)
    assert "连接自 03-03 00:30 起中断" == said.say("zh-CN") == str(said)
    assert "link down since 03-03 00:30" == said.say("en")


def test_sentences_are_joined_in_the_language_of_the_reader() -> None:
    both = joined([phrase("link.paused"), phrase("link.quarantined", count=2)])
    assert "已由人员暂停，2 份收到的数据在隔离区" == both.say("zh-CN")
    assert "paused by a person, 2 received item(s) in quarantine" == both.say("en")
    assert phrase("link.up") == joined([phrase("link.up")])
    assert ("", False) == (NOTHING.say("en"), bool(NOTHING))


def test_every_standstill_of_a_link_is_said_in_chinese() -> None:
    for _, reason in STOPS.values():
        said = told("fabric", reason)
        assert re.search("[\u4e00-\u9fff]", said.say("zh-CN")), reason
        assert reason.partition(": ")[2] == said.say("en")
    assert "what nobody foresaw" == told("fabric", "what nobody foresaw").say("zh-CN")


def test_a_parked_word_says_what_it_waits_for() -> None:
    assert phrase("parked.schema.unsupported") == why_parked("schema.unsupported")
    assert phrase("parked.other") == why_parked("never.seen")
