"""What a refusal says on a page: without the words of programs."""

from __future__ import annotations

import pytest

from node.edge.http.problems import on_screen
from node.service.phrases import phrase

KEYS = (
    "refusal.feedback.photo_missing.both", "refusal.feedback.closing_missing",
    "refusal.intake.detail_missing", "refusal.intake.detail_missing.both",
    "refusal.intake.class_detail_missing", "refusal.intake.photo_missing.both",
    "refusal.intake.outside", "refusal.intake.area",
)
VALUES = {
    "name": "供水井盖异常",
    "roles": "处置后（handle_after，命令行 --photo）", "closing": "井盖复位",
    "source_name": "热线", "lacks": "来电编号", "field": "call_no", "given": "420203",
    "grid": "420203001001001", "division": "八泉街道",
}


@pytest.mark.parametrize("key", KEYS)
@pytest.mark.parametrize("tongue", ["zh-CN", "en"])
def test_a_page_names_no_option_of_the_command_line_and_no_field_of_the_api(
    key: str, tongue: str
) -> None:
    values = VALUES if tongue == "zh-CN" else {**VALUES, "roles": "handle_after (--photo)"}
    said = on_screen(phrase(key, **values).say(tongue))
    assert said
    for word in ("--", "命令行", "closing_met", "outside_reason", "call_no"):
        assert word not in said
    assert said.count("（") == said.count("）")


def test_what_is_meant_for_people_stays() -> None:
    assert on_screen(phrase("refusal.feedback.photo_missing.both", **VALUES).say("zh-CN")) == (
        "“供水井盖异常”的反馈必须附照片：处置后；并说明已达到结案条件：井盖复位；补充后再反馈")
    assert on_screen("建筑物外立面污损（06001）已受理") == "建筑物外立面污损（06001）已受理"
