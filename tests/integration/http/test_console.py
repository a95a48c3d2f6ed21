"""The console asks what the API asks: nobody sees or does more on a page than by a call."""

from __future__ import annotations

import re
from typing import Any

import httpx
import pytest

from tests.integration.http.node import Node
from tests.integration.http.test_accounts import browse, open_case, person

__all__ = ["browse", "person"]


def test_nobody_comes_in_without_a_login_and_a_token_is_none(
    node: Node, api: httpx.Client
) -> None:
    for path in ("/console", "/console/work", "/console/frame", "/console/nothing"):
        answer = api.get(path, follow_redirects=False)
        assert (answer.status_code, answer.headers["location"]) == (303, "/account/login"), path
    with node.client("") as stranger:
        part = stranger.get("/console/work", headers={"HX-Request": "true"})
        assert (part.status_code, "hx-redirect" in part.headers) == (401, False)
        feed = stranger.get("/console/events", headers={"Accept": "text/event-stream"})
        assert feed.status_code == 401


@pytest.mark.usefixtures("node")
def test_a_case_outside_of_somebodys_scope_is_refused_on_pages_too(
    api: httpx.Client, person: Any
) -> None:
    inside, outside = open_case(api, "420204"), open_case(api, "420203")
    browser = person("sun.hao", "dispatcher", areas=["420204"])

    assert browser.get(f"/console/cases/{inside}").status_code == 200
    for path in (f"/console/cases/{outside}", f"/console/work/row/{outside}",
                 f"/console/cases/{outside}/verbs/press"):
        refused = browser.get(path)
        assert refused.status_code == 403, path
        assert "scope.outside" in refused.text
    browser.get("/console/work")
    assert inside in browser.page
    assert outside not in browser.page


@pytest.mark.usefixtures("node")
def test_a_failure_is_a_sentence_without_codes_patterns_or_the_other_language(person: Any) -> None:
    browser = person("lin.bo", "intake_operator")
    browser.http.headers["Accept-Language"] = "zh-CN"
    for path, status, title in (
        ("/console/dispatch", 403, "岗位没有此项权限"), ("/console/nothing", 404, "没有这个页面"),
        ("/console/work?status=quatsch", 422, "填写的内容有误"),
        ("/console/cases/00000000-0000-4000-8000-000000000000", 404, "案卷不存在"),
    ):
        assert browser.get(path).status_code == status, path
        told = browser.page[browser.page.index('role="alert"'):browser.page.index("编号")]
        assert title in told
        assert re.findall("[a-z]{3,}", re.sub("<[^>]*>", "", told.partition(">")[2])) == [], path


@pytest.mark.usefixtures("node")
def test_the_frame_of_a_page_marks_where_its_reader_is(person: Any) -> None:
    browser = person("xu.fang", "intake_operator")
    browser.http.headers["Accept-Language"] = "zh-CN"
    for at, marked in (("/console/intake", "受理登记"),
                       ("/console/work?queue=verifying&status=verifying", "核实中"),
                       ("http://[", "")):
        browser.http.headers.update({
            "HX-Request": "true", "HX-Current-URL": at if "[" in at else f"http://node{at}"})
        assert browser.get("/console/frame").status_code == 200
        here = re.findall('aria-current="page"><span>([^<]*)<', browser.page)
        assert here == ([marked] if marked else [])


@pytest.mark.usefixtures("node")
def test_a_verb_of_another_post_is_refused_and_a_write_needs_the_sessions_token(
    api: httpx.Client, person: Any
) -> None:
    case = open_case(api)
    browser = person("he.min", "intake_operator")
    path = f"/console/cases/{case}/verbs"

    browser.get(f"/console/cases/{case}")
    assert browser.send(f"{path}/file", text="符合").status_code == 403
    assert "right.missing" in browser.page
    browser.get(f"/console/cases/{case}/verbs/accept")
    assert browser.send(f"{path}/accept", csrf="0" * 64).status_code == 403
    assert "auth.csrf" in browser.page
    browser.get(f"/console/cases/{case}/verbs/accept")
    assert browser.send(f"{path}/accept", origin="https://elsewhere.example").status_code == 403
    assert "auth.origin" in browser.page
    browser.get(f"/console/cases/{case}/verbs/accept")
    assert browser.send(f"{path}/accept", text="属实").status_code == 200
    assert api.get(f"/api/v1/cases/{case}").json()["status"] == "pending_filing"


def test_an_answer_that_is_owed_stands_on_the_case_with_its_limit_until_it_is_given(
    api: httpx.Client, person: Any
) -> None:
    case_id = open_case(api)
    for verb, body in (("accept", {}), ("file", {})):
        assert api.post(f"/api/v1/cases/{case_id}/{verb}", json=body).status_code == 200
    browser = person("li.ping", "unit_clerk", "dispatcher")
    path = f"/console/cases/{case_id}"

    def supervise(text: str, hour: int) -> None:
        answer = api.post(f"/api/v1/cases/{case_id}/supervise", json={
            "text": text, "reply_by": f"2099-03-05T{hour:02}:00:00+08:00", "kind": "leader"})
        assert answer.status_code == 200, answer.text

    supervise("请说明原因", 18)
    browser.get(path)
    assert "Supervision to be answered" in browser.page
    assert "by 2099-03-05 18:00" in browser.page
    browser.get(f"{path}/verbs/reply")
    assert "请说明原因 (answer due 2099-03-05 18:00)" in browser.page
    [owed] = api.get(f"/api/v1/cases/{case_id}").json()["supervisions"]
    answer = api.post(f"/api/v1/cases/{case_id}/reply", json={
        "supervision_id": owed["supervision_id"], "text": "三日内办结"})
    assert answer.status_code == 200, answer.text

    browser.get(path)
    assert "Supervision to be answered" not in browser.page
    supervise("请报进展", 19)
    browser.get(f"{path}/verbs/reply")
    assert ("请报进展" in browser.page, "请说明原因" in browser.page) == (True, False)


def test_what_is_on_its_way_is_asked_for_again_and_what_has_come_is_not(
    api: httpx.Client, person: Any
) -> None:
    case_id = open_case(api)
    browser = person("zhou.jing", "dispatcher")
    for part in ("delivery", "photos"):
        assert browser.get(f"/console/cases/{case_id}/{part}").status_code == 200
        assert "every 5s" not in browser.page
