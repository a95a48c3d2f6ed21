"""Calling back on pages: who reported is shown for a purpose, what is owed is listed and written
down, and whoever holds another post is refused."""

from __future__ import annotations

from typing import Any

import httpx
import pytest

from tests.integration.http.conftest import opening
from tests.integration.http.test_accounts import browse, invited, person

__all__ = ["browse", "person"]


def reported(api: httpx.Client) -> str:
    """A case whose reporter wants to hear of it."""
    body = opening(reporter={"name": "李建国", "phone": "13800001234", "wants_reply": True})
    answer = api.post("/api/v1/cases", json=body)
    assert answer.status_code == 201, answer.text
    return str(answer.json()["case_id"])


def owed(api: httpx.Client, case_id: str) -> dict[str, Any]:
    """What is to be told to the reporter."""
    notices = api.get("/api/v1/notices", params={"case_id": case_id}).json()["items"]
    (found,) = (one for one in notices if one["recipient"] == "reporter")
    return dict(found)


@pytest.mark.usefixtures("node")
def test_a_reporter_is_shown_for_a_purpose_that_is_written_down(
    api: httpx.Client, person: Any
) -> None:
    case_id = reported(api)
    browser, clerk = person("wu.qian", "intake_operator"), person("qin.lan", "dispatcher")
    browser.get(f"/console/cases/{case_id}")
    assert f"/console/cases/{case_id}/reporter" in browser.page
    assert "13800001234" not in browser.page
    assert browser.get(f"/console/cases/{case_id}/reporter").status_code == 200
    assert browser.send(f"/console/cases/{case_id}/reporter", purpose="").status_code == 422
    browser.get(f"/console/cases/{case_id}/reporter")
    assert browser.send(f"/console/cases/{case_id}/reporter", purpose="回访").status_code == 200
    assert "李建国" in browser.page
    assert "13800001234" in browser.page
    found = api.get("/api/v1/audit", params={"subject": f"case:{case_id}"}).json()["items"]
    assert [(one["actor"], one["reason"]) for one in found] == [("wu.qian", "回访")]
    assert clerk.get(f"/console/cases/{case_id}/reporter").status_code == 403
    clerk.get(f"/console/cases/{case_id}")
    assert f"/console/cases/{case_id}/reporter" not in clerk.page


@pytest.mark.usefixtures("node")
def test_what_is_owed_is_listed_until_it_is_told(api: httpx.Client, person: Any) -> None:
    case_id = reported(api)
    refused = api.post(f"/api/v1/cases/{case_id}/not-accept", json={
        "reason": "不属于受理范围", "reason_code": "out_of_scope"})
    assert refused.status_code == 200, refused.text
    number = api.get(f"/api/v1/cases/{case_id}").json()["case_no"]
    browser, clerk = person("shen.yu", "intake_operator"), person("luo.jing", "dispatcher")
    browser.get("/console/callbacks")
    assert number in browser.page
    path = f"/console/callbacks/{owed(api, case_id)['id']}"
    assert path in browser.page
    browser.get(f"/console/cases/{case_id}")
    assert path in browser.page
    assert clerk.get("/console/callbacks").status_code == 403
    for told, state in (("no", "failed"), ("yes", "delivered")):
        browser.get(path)
        assert browser.send(path, delivered=told, channel="phone").status_code == 200
        now = owed(api, case_id)
        assert (now["state"], now["told_by"]) == (state, "shen.yu")
    browser.get("/console/callbacks?state=delivered")
    assert number in browser.page
    browser.get(path)
    assert browser.send(path, delivered="yes").status_code == 409


@pytest.mark.usefixtures("node")
def test_the_printed_case_names_people_and_the_form_of_a_rating_has_words(
    api: httpx.Client, person: Any
) -> None:
    case_id = reported(api)
    head = person("gao.lei", "shift_leader", "centre_head")
    for verb, body in (("file", {}), ("force-close", {"text": "会议决定"})):
        done = head.api("POST", f"/cases/{case_id}/{verb}", json=body)
        assert done.status_code == 200, done.text
    paper = head.http.get(f"/api/v1/cases/{case_id}/file.html").text
    assert "王丽" in paper
    assert "gao.lei" not in paper

    clerk = person("shen.min", "intake_operator")
    clerk.get(f"/console/cases/{case_id}/verbs/satisfaction")
    assert '<option value="1">' in clerk.page
    assert '<option value="phone" selected>' in clerk.page
    done = clerk.send(f"/console/cases/{case_id}/verbs/satisfaction", score="2", channel="phone")
    assert done.status_code == 200, done.text
    found = api.get(f"/api/v1/cases/{case_id}").json()
    assert (found["satisfaction"]["score"], found["satisfaction"]["channel"]) == (2, "phone")
    assert "reopen-decision" in found["verbs"]


@pytest.mark.usefixtures("node")
def test_a_refusal_names_the_field_that_it_is_about(api: httpx.Client, browse: Any) -> None:
    case_id = reported(api)
    head = invited(browse("zh"), api, "tan.min", "shift_leader")
    assert head.api("POST", f"/cases/{case_id}/file", json={}).status_code == 200
    head.get(f"/console/cases/{case_id}/verbs/void")
    refused = head.send(f"/console/cases/{case_id}/verbs/void", reason=" . ", duplicate_of=case_id)
    assert refused.status_code == 422
    assert "重复的案卷号：" in refused.text
