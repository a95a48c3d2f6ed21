"""Intake over REST and the command line: from a call to the reporter's last word."""

from __future__ import annotations

from secrets import token_bytes, token_hex
from typing import Any

import httpx
import pytest
from rich.cells import cell_len
from typer.testing import CliRunner

from node.cli import app
from tests.integration.http.conftest import opening
from tests.integration.http.node import DISTRICT, PUBLIC_REPORTS_MAX, Node
from tests.integration.http.test_command_line import said
from tests.pictures import jpeg

PHONE = "13800000000"


def _post(api: httpx.Client, path: str, **body: Any) -> httpx.Response:
    return api.post(f"/api/v1{path}", json=body)


def _call(api: httpx.Client, **changed: Any) -> dict[str, Any]:
    answer = api.post("/api/v1/cases", json=opening(
        source="hotline", details={}, reporter={
            "name": "张先生", "phone": PHONE, "wants_reply": True, "channel": "phone"},
        **changed))
    assert answer.status_code == 201, answer.text
    reply: dict[str, Any] = answer.json()
    return reply


def test_a_call_runs_from_verifying_to_the_reporter_s_last_word(api: httpx.Client) -> None:
    call = _call(api)
    case = f"/cases/{call['case_id']}"
    unseen = _post(api, f"{case}/file")
    assert (unseen.status_code, unseen.json()["code"]) == (409, "intake.unverified")
    assert "须先核实" in unseen.json()["detail"]
    offered = set(api.get(f"/api/v1{case}").json()["verbs"])
    assert "start-verify" in offered
    assert offered.isdisjoint({"file", "accept"}), "what would be refused is not offered"
    assert _post(api, f"{case}/start-verify", collector="C-17").json()["status"] == "verifying"
    listed = api.get("/api/v1/cases", params={"task_for": "C-17", "text": call["case_no"]}).json()
    assert [call["case_id"]] == [one["case_id"] for one in listed["items"]]
    assert _post(api, f"{case}/verify", found=True).json()["status"] == "pending_filing"
    assert _post(api, f"{case}/file").json()["status"] == "pending_dispatch"

    document = api.get(f"/api/v1{case}").json()
    assert (True, True) == (document["contact"], document["verified"])
    assert PHONE not in str(document)
    assert PHONE not in str(api.get(f"/api/v1{case}/timeline").json())
    shown = _post(api, f"{case}/reporter", purpose="回访").json()
    assert (PHONE, "张先生") == (shown["phone"], shown["name"])
    assert _post(api, f"{case}/reporter", purpose="").status_code == 422
    found = _post(api, "/reporters/search", phone="+86 138 0000 0000", purpose="来电").json()
    assert call["case_no"] in [one["case_no"] for one in found["cases"]]


def test_the_end_is_told_rated_and_taken_up_again(api: httpx.Client, node: Node) -> None:
    call = _call(api)
    case = f"/cases/{call['case_id']}"
    _post(api, f"{case}/self-handle", result="已扶正井盖")
    same_hand = _post(api, f"{case}/close", text="已恢复")
    assert (same_hand.status_code, same_hand.json()["code"]) == (403, "case.same_hand")
    other = _post(api, "/tokens", name=f"closer-{token_hex(3)}", scope="operate").json()["token"]
    with node.client(token=other) as closer:
        assert _post(closer, f"{case}/close", text="已恢复").json()["status"] == "closed"
    (notice,) = api.get("/api/v1/notices", params={"case_id": call["case_id"]}).json()["items"]
    assert ("closed", "pending", "reporter") == (
        notice["kind"], notice["state"], notice["recipient"])
    key = {"Idempotency-Key": token_hex(8)}
    body = {"delivered": True, "note": "已电话告知"}
    for _ in range(2):
        told = api.post(f"/api/v1/notices/{notice['id']}/outcome", json=body, headers=key)
        assert (told.status_code, told.json()["state"]) == (200, "delivered")
    assert _post(api, f"/notices/{notice['id']}/outcome", delivered=False).status_code == 409

    with node.client(token="") as anybody:
        page = f"/public/cases/{call['case_no']}"
        assert anybody.get(page, params={"code": "WRONG"}).status_code == 404
        shown = anybody.get(page, params={"code": call["follow_up"]}).json()
        assert ("closed", True) == (shown["status"], shown["may_rate"])
        assert {"case_no", "status", "name", "area", "opened_at"} <= set(shown)
        assert PHONE not in str(shown)
        rated = anybody.post(f"{page}/satisfaction", params={"code": call["follow_up"]},
                             json={"score": 1, "text": "次日又坏"})
        assert rated.status_code == 204
        again = anybody.post(f"{page}/satisfaction", params={"code": call["follow_up"]},
                             json={"score": 5})
        assert (again.status_code, again.json()["code"]) == (409, "intake.rated")

    decided = _post(api, f"{case}/reopen-decision", granted=True).json()
    assert decided["opened_no"]
    new = api.get(f"/api/v1/cases/{decided['opened_id']}").json()
    assert ("reported", call["case_no"]) == (new["status"], new["reopens"]["case_no"])
    old = api.get(f"/api/v1{case}").json()
    assert decided["opened_no"] == old["reopened_as"]["case_no"]


def test_a_citizen_reports_without_an_account_and_follows_it(
    api: httpx.Client, node: Node
) -> None:
    report = opening(source="website", details={}, reporter={
        "name": "张先生", "phone": PHONE, "wants_reply": True})
    with node.client(token="") as citizen:
        made = citizen.post("/public/reports", json=report)
        assert made.status_code == 201, made.text
        receipt = made.json()
        assert {"case_no", "code", "status"} == set(receipt)
        page = f"/public/cases/{receipt['case_no']}"
        shown = citizen.get(page, params={"code": receipt["code"]}).json()
        assert ("reported", "供水井盖") == (shown["status"], shown["name"])
        assert citizen.get("/api/v1/cases").status_code == 401

        inside = citizen.post("/public/reports", json=report | {"source": "collector"})
        assert (inside.status_code, inside.json()["code"]) == (422, "public.source")
        for _ in range(PUBLIC_REPORTS_MAX - 1):
            assert citizen.post("/public/reports", json=report).status_code == 201
        more = citizen.post("/public/reports", json=report)
        assert (more.status_code, more.json()["code"]) == (429, "public.busy")
    (listed,) = api.get("/api/v1/cases", params={"text": receipt["case_no"]}).json()["items"]
    document = api.get(f"/api/v1/cases/{listed['case_id']}").json()
    assert ("website", True) == (document["facts"]["source"], document["contact"])
    assert PHONE not in str(document)
    entry = api.get(f"/api/v1/cases/{listed['case_id']}/journal").json()["items"][0]
    assert entry["actor"] == "public"


def test_similar_reports_are_suggested_and_merged(api: httpx.Client) -> None:
    place = {"area": "420203", "address": "颐阳路12号", "lon": 115.2 + int(token_hex(3), 16) / 1e9,
             "lat": 30.25}
    first, second = _call(api, place=place), _call(api, place=place)
    asked = {"standard_ref": "GB/T 47678.5-2026", "kind": "component", "code": "01001",
             "lon": place["lon"], "lat": place["lat"]}
    near = api.get("/api/v1/cases/similar", params=asked).json()
    assert {first["case_id"], second["case_id"]} <= {one["case_id"] for one in near}
    document = api.get(f"/api/v1/cases/{second['case_id']}").json()
    assert first["case_no"] in [one["case_no"] for one in document["similar"]]
    merged = _post(api, f"/cases/{second['case_id']}/not-accept", reason="同一问题",
                   reason_code="duplicate", duplicate_of=first["case_id"])
    assert merged.json()["status"] == "not_accepted"
    original = api.get(f"/api/v1/cases/{first['case_id']}").json()
    assert [second["case_no"]] == [one["case_no"] for one in original["duplicates"]]
    unknown = _post(api, f"/cases/{first['case_id']}/not-accept", reason="同一问题",
                    duplicate_of="01900000-0000-7000-8000-000000000001")
    assert (unknown.status_code, unknown.json()["code"]) == (422, "intake.duplicate_of")


@pytest.mark.parametrize(("tongue", "words"), [
    ("zh-CN", "来源“采集员巡查”还须填写：“采集员”（collector）；并附照片"),
    ("en", "a report by collector patrol needs “collector” (collector), and photos: near"),
])
def test_what_a_source_asks_for_is_named_in_the_reader_s_language(
    api: httpx.Client, tongue: str, words: str
) -> None:
    answer = api.post("/api/v1/cases", json=opening(source="collector", details={}),
                      headers={"Accept-Language": tongue})
    assert (answer.status_code, answer.json()["code"]) == (422, "intake.detail_missing")
    assert answer.json()["detail"].startswith(words)


def test_a_patrol_report_brings_its_collector_and_two_photos(api: httpx.Client) -> None:
    photos = []
    for role in ("near", "far"):
        stored = api.post("/api/v1/photos", files={
            "file": ("x.jpg", jpeg(token_bytes(16)), "image/jpeg")}).json()
        photos.append({**stored, "role": role})
    body = opening(source="collector", details={"collector": "C-17", "beat": "B-3"})
    assert api.post("/api/v1/cases", json=body).json()["code"] == "intake.photo_missing"
    case = api.post("/api/v1/cases", json={**body, "photos": photos}).json()
    document = api.get(f"/api/v1/cases/{case['case_id']}").json()
    assert {"collector": "C-17", "beat": "B-3"} == document["facts"]["source_details"]
    listed = api.get("/api/v1/cases", params={"source": "collector", "text": case["case_no"]})
    assert [case["case_id"]] == [one["case_id"] for one in listed.json()["items"]]


def test_a_part_assists_its_lead(api: httpx.Client, case: dict[str, Any]) -> None:
    _post(api, f"/cases/{case['case_id']}/file")
    opened = _post(api, f"/cases/{case['case_id']}/part", text="协助围挡").json()
    part = api.get(f"/api/v1/cases/{opened['opened_id']}").json()
    assert ("pending_dispatch", case["case_no"]) == (part["status"], part["lead"]["case_no"])
    lead = api.get(f"/api/v1/cases/{case['case_id']}").json()
    assert [opened["opened_no"]] == [one["case_no"] for one in lead["parts"]]


def test_a_part_that_cannot_be_handed_over_is_not_opened_either(
    api: httpx.Client, case: dict[str, Any]
) -> None:
    lead = f"/cases/{case['case_id']}"
    _post(api, f"{lead}/file")

    def parts() -> list[dict[str, Any]]:
        found: list[dict[str, Any]] = api.get(f"/api/v1{lead}").json()["parts"]
        return found

    unknown = _post(api, f"{lead}/part", text="协助围挡", unit="42")
    stranger = _post(api, f"{lead}/part", text="协助围挡", to="node:420299")
    assert (unknown.status_code, unknown.json()["code"]) == (404, "unit.unknown")
    assert (stranger.status_code, stranger.json()["code"]) == (409, "case.no_route")
    assert parts() == []

    sent = _post(api, f"{lead}/part", text="协助围挡", to=f"node:{DISTRICT}")
    assert sent.status_code == 200, sent.text
    [part] = parts()
    assert (part["case_id"], part["status"]) == (sent.json()["opened_id"], "dispatched")
    begun = api.get(f"/api/v1/cases/{part['case_id']}").json()
    assert begun["assignment"]["limits"]["finish_by"] is not None


def test_the_desk_works_from_a_terminal(node: Node) -> None:
    call = said(
        node, "case", "open", "--standard", "GB/T 47678.5-2026", "--kind", "component",
        "--code", "01001", "--area", "420203", "--address", "颐阳路12号", "--text", "井盖缺失",
        "--caller", "王先生", "--phone", "13911111111", "--reply")
    number = call["case_no"]
    assert 8 == len(call["follow_up"])
    said(node, "case", "verify", number, "--collector", "C-17")
    said(node, "case", "verify", number, "--not-found", "--text", "现场未见")
    (notice,) = said(node, "notice", "list", "--case", number)["items"]
    told = said(node, "notice", "told", notice["id"], "--failed", "--note", "无人接听")
    assert told["state"] == "failed"
    found = said(node, "caller", "find", "13911111111", "--purpose", "来电查询")
    assert [number] == [one["case_no"] for one in found]
    assert said(node, "case", "reporter", number, "--purpose", "回访")["name"] == "王先生"
    assert {one["code"] for one in said(node, "case", "sources")["sources"]} >= {"media", "app"}


def test_a_refusal_points_at_the_field_of_the_body(api: httpx.Client) -> None:
    missing = _post(api, "/cases", **opening(details={}))
    silent = _post(api, "/cases", **opening(
        source="hotline", details={}, reporter={"name": "张先生", "wants_reply": True}))

    for answer, code, pointer in ((missing, "intake.detail_missing", "/details/ordering_body"),
                                  (silent, "intake.contact", "/reporter/phone")):
        assert (answer.status_code, answer.json()["code"]) == (422, code)
        said = {one["pointer"]: one["detail"] for one in answer.json()["errors"]}
        assert said[pointer] == answer.json()["detail"]

    bare = _post(api, "/cases", **opening(source="collector", details={})).json()
    assert {"/details/collector", "/photos"} <= {one["pointer"] for one in bare["errors"]}
    for word in ("采集员巡查", "“采集员”（collector）", "--detail collector=",
                 "近景（near，命令行 --photo）", "远景（far，命令行 --photo-far）"):
        assert word in bare["detail"]


def test_what_is_odd_about_a_report_is_said_in_the_answer_and_a_false_picture_is_settled(
    api: httpx.Client,
) -> None:
    near = api.post("/api/v1/photos", files={
        "file": ("x.jpg", jpeg(token_bytes(16)), "image/jpeg")}).json()
    far = api.post("/api/v1/photos", files={
        "file": ("y.jpg", jpeg(token_bytes(16)), "image/jpeg")}).json()
    details = {"collector": f"C-{token_hex(3)}"}
    first = api.post("/api/v1/cases", json=opening(source="collector", details=details, photos=[
        {**near, "role": "near"}, {**far, "role": "far"}])).json()
    assert first["warnings"] == []
    again = api.post("/api/v1/cases", headers={"Accept-Language": "zh-CN"}, json=opening(
        source="collector", details=details, photos=[
            {**near, "role": "near", "taken_at": "2026-01-01T08:00:00+08:00"},
            {**far, "role": "far", "taken_x": 115.2, "taken_y": 30.2}])).json()
    said = "".join(again["warnings"])
    assert 4 == len(again["warnings"])
    assert all(word in said for word in ("与上报时间不符", "米，待核实", first["case_no"]))
    path = f"/cases/{again['case_id']}"
    flags = api.get(f"/api/v1{path}").json()["flags"]
    assert {"photo_time", "photo_place", "photo_repeated"} == {one["kind"] for one in flags}
    listed = api.get("/api/v1/cases", params={"flag": "photo_repeated", "text": again["case_no"]})
    assert [again["case_id"]] == [one["case_id"] for one in listed.json()["items"]]

    for one in flags:
        settled = _post(api, f"{path}/doubt", ref=one["ref"], confirmed=False, text="核对原图")
        assert settled.status_code == 200, settled.text
    twice = _post(api, f"{path}/doubt", ref=flags[0]["ref"], confirmed=True, text="再看")
    assert (twice.status_code, twice.json()["code"]) == (409, "case.wrong_status")
    assert [] == api.get("/api/v1/cases", params={
        "flag": "photo_repeated", "text": again["case_no"]}).json()["items"]


def test_a_reason_that_no_list_has_is_refused_with_those_that_are(api: httpx.Client) -> None:
    call = _call(api)
    wrong = _post(api, f"/cases/{call['case_id']}/not-accept", reason="看错", reason_code="mood")
    assert (wrong.status_code, wrong.json()["code"]) == (422, "reason.unknown")
    assert "duplicate 重复上报" in wrong.json()["detail"]
    listed = api.get("/api/v1/sources").json()["reasons"]
    assert {"not_accept", "decline", "void_case", "return", "extension", "appeal"} <= {
        one["verb"] for one in listed}
    taken = _post(api, f"/cases/{call['case_id']}/not-accept", reason="看错", reason_code="other")
    assert taken.json()["status"] == "not_accepted"


def test_who_may_not_see_a_reporter_gets_masks_and_unmasks_one_field_for_a_reason(
    node: Node, api: httpx.Client
) -> None:
    name, phone = "司徒举报人乙", "13977668899"
    made = api.post("/api/v1/cases", json=opening(
        source="hotline", details={},
        reporter={"name": name, "phone": phone, "wants_reply": False})).json()
    at = f"/api/v1/cases/{made['case_id']}/reporter"
    assert api.post(at, json={"purpose": "回访"}).json()["phone"] == phone
    tokens = {role: api.post("/api/v1/tokens", json={
        "name": f"mask-{role}", "scope": "operate", "roles": [role]}).json()["token"]
        for role in ("dispatcher", "handler", "intake_operator")}
    with node.client(tokens["dispatcher"]) as clerk:
        told = clerk.post(at, json={"purpose": "查看"}).json()
        assert (told["name"], told["phone"]) == ("司**", "139****8899")
        assert clerk.post(f"{at}/unmask", json={
            "field": "reporter.phone", "reason": "问路"}).json()["value"] == phone
        assert clerk.post(f"{at}/unmask", json={
            "field": "reporter.shoe", "reason": "问路"}).json()["code"] == "privacy.field"
        assert clerk.post(f"{at}/unmask", json={"field": "reporter.phone"}).status_code == 422
    with node.client(tokens["handler"]) as other:
        refused = other.post(f"{at}/unmask", json={"field": "reporter.phone", "reason": "好奇"})
        assert (403, "privacy.role") == (refused.status_code, refused.json()["code"])
    with node.client(tokens["intake_operator"]) as intake:
        assert intake.post(at, json={"purpose": "回访"}).json()["name"] == name
    rows = api.get("/api/v1/audit", params={"action": "UnmaskField"}).json()["items"]
    assert [(one["actor"], one["outcome"], one["roles"]) for one in rows[:3]] == [
        ("mask-handler", "refused", ["handler"]), ("mask-dispatcher", "refused", ["dispatcher"]),
        ("mask-dispatcher", "done", ["dispatcher"])]
    counted = api.get("/api/v1/personal/unmaskings", params={"since": "2026-01-01T00:00:00Z"})
    assert [(one["actor"], one["count"]) for one in counted.json()] == [("mask-dispatcher", 1)]
    table = api.get("/api/v1/personal/fields").json()
    assert {one["name"] for one in table["fields"]} >= {"reporter.phone", "collector.track"}
    due = api.post("/api/v1/personal/purge", json={"dry_run": True}).json()
    assert {one["rows"] for one in due} == {0}
    log = node.log.read_text(encoding="utf-8", errors="replace")
    for canary in (name, phone):
        assert canary not in log
        assert canary not in api.get("/api/v1/changes/page").text
        assert canary not in api.get(f"/api/v1/cases/{made['case_id']}").text
        assert canary not in api.get(f"/api/v1/cases/{made['case_id']}/file.html").text
        assert canary not in api.get("/api/v1/cases.csv").text
        assert canary not in api.get("/api/v1/audit").text


def test_personal_data_is_read_at_the_command_line(node: Node, api: httpx.Client) -> None:
    made = api.post("/api/v1/cases", json=opening(
        source="hotline", details={},
        reporter={"name": "夏侯丙", "phone": "13911112222", "wants_reply": False})).json()
    for words, expected in (
        (("fields",), "举报人电话"), (("purge", "--dry-run"), "未清理"),
        (("unmask", made["case_no"], "reporter.phone", "--reason", "问路"), "13911112222"),
        (("unmasked",), "cli"),
    ):
        said = CliRunner().invoke(
            app, ["personal", *words, "--home", str(node.home), "--lang", "zh"],
            env={"COLUMNS": "80", "WANMI_TOKEN": "", "WANMI_URL": "", "WANMI_HOME": ""})
        assert said.exit_code == 0, said.output
        assert expected in said.output
        assert all(cell_len(line) <= 80 for line in said.output.splitlines())
