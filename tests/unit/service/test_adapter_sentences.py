"""What adapters and the linter of mappings say is said in Chinese on a Chinese page."""

from __future__ import annotations

import time
from pathlib import Path
from string import Formatter

import pytest

import adapters
import node.edge
from adapters.contract import MappingError
from adapters.mapping_file import load_mapping
from adapters.remarks import SENTENCES, Remark, recognised
from node.service.adapter_sentences import CHINESE, placed, said


def test_every_remark_has_its_chinese_and_is_used() -> None:
    assert set(CHINESE) == set(SENTENCES)
    text = "".join(path.read_text(encoding="utf-8")
                   for root in (Path(adapters.__file__).parent, Path(node.edge.__file__).parent)
                   for path in root.rglob("*.py"))
    assert sorted(key for key in SENTENCES if f'"{key}"' not in text.replace(
        f'"{key}": ', "")) == []


def test_a_wrong_mapping_is_explained_in_chinese_place_by_place() -> None:
    with pytest.raises(MappingError) as caught:
        load_mapping({
            "times": {"zone": "Mars"}, "out": {"NO": {"field": "kee"}},
            "in": {"key": {"path": "NO"}, "colour": {"path": "C"}},
            "status": {"declared": ["10"], "in": {"done": "20"}},
        })
    found = dict(placed(one, "zh-CN") for one in caught.value.problems)
    assert found["times.zone"] == "Mars 不是时区名称，也不是 +08:00 这样的时差"
    assert found["out.NO"] == "我方没有字段 kee"
    assert found["in.status"] == "必填，现在没有"
    assert "10" in found["status.in"] or "20" in found["status.in"]
    english = [placed(one, "en") for one in caught.value.problems]
    assert ("out.NO", "we have no field 'kee'") in english


def test_what_lies_in_the_store_in_english_is_recognised_and_said_in_chinese() -> None:
    assert said("status '88' is not in the mapping", "zh-CN") == "状态 '88' 不在映射中"
    assert said(str(Remark("", "nothing_at", name="key", path="编号")), "zh-CN") == (
        "key：编号 处没有内容")
    assert said("no answer within 30 s", "zh-CN") == "30 秒内没有应答"
    assert recognised("the weather is fine") is None
    assert said("文件仍不完整", "zh-CN") == "文件仍不完整"


def test_every_sentence_is_recognised_with_its_values() -> None:
    for key, sentence in SENTENCES.items():
        values = {name: f"{name} 甲" for _, name, _, _ in Formatter().parse(sentence) if name}
        found = recognised(sentence.replace("!r}", "}").format(**values))
        assert found is not None
        assert (found.key, dict(found.values)) == (key, values)


def test_a_long_text_of_a_units_system_holds_nobody_up() -> None:
    text = "status '" + ": " * 200_000
    begun = time.perf_counter()
    assert said(text, "zh-CN") == text
    assert time.perf_counter() - begun < 1.0  # one look for each sentence, not one for each colon
