"""Languages, single mistakes and what a problem never shows."""

from __future__ import annotations

import json
from typing import Any

import pytest
from pydantic import AwareDatetime, BaseModel, Field, ValidationError
from starlette.requests import Request

from node.core.errors import NoRoute, Refused, WrongStatus
from node.edge.http.problems import failure, fault_of, language
from node.edge.http.routes.invitations import InvitationIn


@pytest.mark.parametrize(("header", "expected"), [
    ("", "zh-CN"),
    ("en", "en"),
    ("en-GB,zh;q=0.5", "en"),
    ("zh-TW, en;q=0.9", "zh-CN"),
    ("fr, en;q=0.2", "en"),
    ("fr", "zh-CN"),
    ("en;q=broken", "zh-CN"),
    ("en;q=0", "zh-CN"),
    ("*", "zh-CN"),
])
def test_the_preferred_language_is_taken_and_chinese_is_the_default(
    header: str, expected: str
) -> None:
    assert expected == language(header)


def test_an_id_that_no_node_can_have_is_answered_in_words_and_not_by_a_pattern() -> None:
    with pytest.raises(ValidationError) as wrong:
        InvitationIn(node="420203-power", name="供电公司")
    [item] = wrong.value.errors()

    for tongue, said in (("zh-CN", "统一社会信用代码"), ("en", "a division code")):
        detail = fault_of({**item, "loc": ("body", *item["loc"])}, tongue).detail
        assert said in detail
        assert "[0-9A-Z]" not in detail


def test_a_mistake_in_the_body_is_a_json_pointer_without_the_input() -> None:
    fault = fault_of({"loc": ("body", "place", "area"), "type": "missing", "msg": "Field required",
                      "input": "secret"})

    assert fault.pointer == "/place/area"
    assert "secret" not in fault.model_dump_json()


def test_a_mistake_elsewhere_names_where_it_lies() -> None:
    assert fault_of({"loc": ("query", "limit"), "type": "t", "msg": "m"}).pointer == "query/limit"


class _Asked(BaseModel):
    """What a clerk sends and gets wrong."""

    text: str = Field(min_length=1)
    until: AwareDatetime
    lon: float = Field(le=180)


def test_mistakes_of_a_clerk_are_told_in_chinese_with_an_example() -> None:
    with pytest.raises(ValidationError) as wrong:
        _Asked.model_validate({"text": "", "until": "2026-11-30", "lon": 500})

    told = {item["loc"][0]: fault_of({**item, "loc": ("body", *item["loc"])}, "zh-CN").detail
            for item in wrong.value.errors()}

    assert told == {
        "text": "至少 1 个字", "until": "时间须带时区，如 2026-11-27T10:00:00+08:00",
        "lon": "不得大于 180.0",
    }


@pytest.mark.parametrize(("tongue", "expected"), [
    ("zh-CN", "案卷目前为“待立案”，不能进行此操作（结案）"),
    ("en", "close does not start from pending_filing"),
])
def test_a_verb_out_of_turn_is_refused_in_the_language_of_the_reader(
    tongue: str, expected: str
) -> None:
    request = Request({"type": "http", "headers": [(b"accept-language", tongue.encode())]})
    refused = WrongStatus("said in English", why="verb", verb="Close", status="pending_filing")

    body: dict[str, Any] = json.loads(bytes(failure(request, refused).body))

    assert (expected, "case.wrong_status") == (body["detail"], body["code"])


def test_what_has_no_sentence_of_its_own_keeps_its_words() -> None:
    request = Request({"type": "http", "headers": []})

    refused = WrongStatus("in words", code="of.its.own")

    body: dict[str, Any] = json.loads(bytes(failure(request, refused).body))

    assert body["detail"] == "in words"


@pytest.mark.parametrize(("refused", "expected"), [
    (WrongStatus("e", code="approval.return_open", request_id="r1"),
     "对方申请回退，须先审批（申请编号 r1）"),
    (NoRoute("e", code="coordination.no_body", level="area"),
     "本节点及其上级都没有“属地政府（area）”这一级的协调机构"),
    (NoRoute("e", why="stranger", to="node:9"), "node:9 不是本节点的下级或适配器"),
    (WrongStatus("e", why="signed", status="held"), "已经签收"),
])
def test_what_stands_in_the_way_is_said_in_chinese(refused: Refused, expected: str) -> None:
    request = Request({"type": "http", "headers": []})

    body: dict[str, Any] = json.loads(bytes(failure(request, refused).body))

    assert body["detail"] == expected


def test_a_refusal_without_the_values_of_its_sentence_keeps_its_words() -> None:
    request = Request({"type": "http", "headers": []})
    refused = WrongStatus("in words", code="approval.return_open", status="handling")

    answer = failure(request, refused)

    assert (answer.status_code, json.loads(bytes(answer.body))["detail"]) == (409, "in words")
