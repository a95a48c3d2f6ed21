"""Lines of the record in another language: whatever is said goes through the one who says it."""

from __future__ import annotations

from node.service.paper_words import SENTENCES, said, step

ENTRY = {
    "event_type": "Assigned", "late": True,
    "event": {"to": "node:420203", "kind": "extension", "granted": True, "how": "due",
              "outcome": "filed", "ending": "closed", "score": 4, "cost_fen": 12_300,
              "text": "请尽快", "filing": "缺失", "limits": {"finish_by": "t"}, "until": "t",
              "collector": "C-17"},
}


def test_what_is_said_in_chinese_is_what_stands_in_papers() -> None:
    line = said(ENTRY, lambda who: "西塞山区", lambda at: "03-04 18:00")
    assert line.split("；") == [
        "派往 西塞山区", "延期", "同意", "到期", "已立案", "结案", "4 分", "123.00 元", "请尽快",
        "采集员 C-17", "立案条件：缺失", "时限至 03-04 18:00", "至 03-04 18:00"]
    assert step(ENTRY) == "派遣（迟到）"


def test_every_text_of_a_line_can_be_said_otherwise_and_is_listed() -> None:
    asked: list[str] = []

    def say(text: str, /, **values: object) -> str:
        asked.append(text)
        return text % values if values else text

    step(ENTRY, say)
    said(ENTRY, str, str, say)
    assert set(asked) - {"%(value)s"} <= set(SENTENCES)
    assert "派往 %(value)s" in asked
