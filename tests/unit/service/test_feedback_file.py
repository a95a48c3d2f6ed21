"""Files of what feedbacks must show: the shipped ones, and mistakes in a city's own."""

from __future__ import annotations

from pathlib import Path

import pytest
from pydantic import ValidationError

from node.core.facts import Category, PhotoRole, Wanted
from node.core.feedback import CLOSING
from node.main.profiles import feedback_named
from node.service.feedback import read_feedback
from node.service.phrases import phrase

COVER = Category(standard_ref="GB/T 47678.5-2026", kind="component", code="01001", name="井盖")


def test_the_shipped_files_ask_for_nothing_or_for_photo_and_closing_condition(
    tmp_path: Path
) -> None:
    standard = feedback_named("standard", home=tmp_path)

    assert feedback_named("open", home=tmp_path).wanted(COVER) == Wanted()
    assert standard.wanted(COVER) == Wanted(photos=(PhotoRole.AFTER,), closing=True)
    assert standard.returns_max == 2
    assert standard.reason(("handle_after", CLOSING)) == (
        "反馈材料不全，缺少：处置后照片、所达到的结案条件。请补充后重新反馈，办结时限不变")


@pytest.mark.parametrize(("text", "said"), [
    ('version = "1"\n[[rule]]\ncode = "01"', "only with its standard_ref"),
    ('version = "1"\n[[rule]]\n[[rule]]\nclosing = true', "two rows"),
    ('version = "1"\ntext = "{lacks} {who}"', "there is only lacks"),
    ('version = "1"\n[[rule]]\nphotos = ["selfie"]', "handle_after"),
    ('version = "1"\nreturns_max = 99', "less than or equal to 9"),
    ('version = "1"\n[names]\nselfie = "自拍"', "nothing that may lack"),
])
def test_a_mistake_in_the_file_is_named(tmp_path: Path, text: str, said: str) -> None:
    path = tmp_path / "ours.toml"
    path.write_text(text, encoding="utf-8")

    with pytest.raises(ValidationError, match=said):
        read_feedback(path)


def test_a_refused_feedback_says_in_both_languages_what_lacks() -> None:
    photos = phrase("refusal.feedback.photo_missing", name="井盖", roles="handle_after")
    closing = phrase("refusal.feedback.closing_missing", closing="恢复")

    assert photos.say("zh").startswith("“井盖”的反馈必须附照片：handle_after")
    assert "shows photos: handle_after" in photos.say("en")
    assert "结案条件：恢复" in closing.say("zh")
    assert "closing condition met: 恢复" in closing.say("en")
