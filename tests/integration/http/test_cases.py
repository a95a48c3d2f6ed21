"""A case over REST: open, list, verbs, repeats, versions, export."""

from __future__ import annotations

import csv
import io
from secrets import token_hex
from typing import Any

import httpx
import pytest

from tests.integration.http.conftest import opening
from tests.integration.http.node import DISTRICT, LINK


def _post(api: httpx.Client, case: dict[str, Any], verb: str, **body: Any) -> httpx.Response:
    return api.post(f"/api/v1/cases/{case['case_id']}/{verb}", json=body)


def test_a_case_goes_out_to_the_district_and_waits_for_the_link(
    api: httpx.Client, case: dict[str, Any]
) -> None:
    assert (case["status"], case["version"]) == ("reported", 1)
    filed = _post(api, case, "file", expected_version=1)
    assert filed.status_code == 200, filed.text
    sent = _post(api, case, "dispatch", to=f"node:{DISTRICT}", text="请处理")
    assert sent.status_code == 200, sent.text
    assert sent.headers["etag"] == f'"{sent.json()["version"]}"'

    document = api.get(f"/api/v1/cases/{case['case_id']}").json()

    assert document["status"] == "dispatched"
    assert document["assignment"]["assignee"] == f"node:{DISTRICT}"
    [bond] = document["bonds"]
    assert (bond["state"], bond["queued"] + bond["unacked"]) == ("queued", 1)
    assert bond == api.get(f"/api/v1/cases/{case['case_id']}/bonds").json()[0]
    assert "withdraw" in document["verbs"]
    [link] = [one for one in api.get("/api/v1/links").json() if one["link"] == LINK]
    assert link["drafts"] >= 1
    assert link["sentence"]
    assert api.get(f"/api/v1/links/{LINK}/why").json()["sentence"] == link["sentence"]


def test_journal_and_timeline_tell_the_same_story(
    api: httpx.Client, case: dict[str, Any]
) -> None:
    _post(api, case, "decline", reason="不属于城市管理范围")

    entries = api.get(f"/api/v1/cases/{case['case_id']}/journal").json()["items"]
    timeline = api.get(f"/api/v1/cases/{case['case_id']}/timeline").json()["entries"]

    assert [entry["version"] for entry in entries] == [1, 2]
    assert [entry["event_type"] for entry in entries] == [
        entry["event_type"] for entry in timeline]
    assert {entry["actor"] for entry in entries} == {"init"}
    assert all(entry["own"] and entry["verified"] for entry in timeline)
    first = api.get(f"/api/v1/cases/{case['case_id']}/journal", params={"limit": 1}).json()
    rest = api.get(f"/api/v1/cases/{case['case_id']}/journal",
                   params={"limit": 1, "after": first["next"]}).json()
    assert [first["items"][0]["version"], rest["items"][0]["version"]] == [1, 2]


def test_a_verb_that_does_not_start_here_is_a_conflict(
    api: httpx.Client, case: dict[str, Any]
) -> None:
    for verb, body in (("close", {"text": "好了"}), ("sign", {}), ("check", {"passed": True}),
                       ("feed-back", {"result": "好了"}), ("withdraw", {"reason": "x"})):
        answer = _post(api, case, verb, **body)
        assert answer.status_code == 409, (verb, answer.text)
        assert answer.json()["code"].startswith("case."), verb
        assert answer.json()["retry"] == "after_change"
    assert api.get(f"/api/v1/cases/{case['case_id']}").json()["version"] == 1


def test_an_assignee_nobody_knows_is_refused(api: httpx.Client, case: dict[str, Any]) -> None:
    _post(api, case, "file")

    unknown = _post(api, case, "dispatch", to="node:999999")
    shapeless = _post(api, case, "dispatch", to="district")

    assert (unknown.status_code, unknown.json()["code"]) == (409, "case.no_route")
    assert (shapeless.status_code, shapeless.json()["code"]) == (422, "request.invalid")


def test_repeating_a_call_with_its_key_changes_nothing(api: httpx.Client) -> None:
    key = {"Idempotency-Key": f"intake-{token_hex(8)}"}

    first = api.post("/api/v1/cases", json=opening(), headers=key)
    again = api.post("/api/v1/cases", json=opening(), headers=key)

    assert first.status_code == again.status_code == 201
    assert (first.json()["repeated"], again.json()["repeated"]) == (False, True)
    assert {**first.json(), "repeated": True} == again.json()
    assert first.headers["location"] == again.headers["location"]
    journal = api.get(first.headers["location"] + "/journal").json()["items"]
    assert len(journal) == first.json()["version"]


def test_the_same_key_with_other_content_is_a_mismatch(api: httpx.Client) -> None:
    key = {"Idempotency-Key": f"intake-{token_hex(8)}"}
    first = api.post("/api/v1/cases", json=opening(), headers=key)

    other = api.post("/api/v1/cases", json=opening(text="别的"), headers=key)
    elsewhere = api.post(f"/api/v1/cases/{first.json()['case_id']}/file", json={}, headers=key)

    assert (other.status_code, other.json()["code"]) == (422, "idempotency.mismatch")
    assert (elsewhere.status_code, elsewhere.json()["code"]) == (422, "idempotency.mismatch")


def test_a_key_belongs_to_one_caller(api: httpx.Client, node: Any) -> None:
    key = {"Idempotency-Key": f"shared-{token_hex(8)}"}
    token = api.post("/api/v1/tokens", json={"name": "other", "scope": "operate"}).json()["token"]

    first = api.post("/api/v1/cases", json=opening(), headers=key)
    with node.client(token) as other:
        second = other.post("/api/v1/cases", json=opening(text="别的"), headers=key)

    assert second.status_code == 201, second.text
    assert first.json()["case_id"] != second.json()["case_id"]


@pytest.mark.parametrize("key", ["", "two words", "x" * 129, "käse"])
def test_keys_of_another_shape_are_refused(api: httpx.Client, key: str) -> None:
    answer = api.post("/api/v1/cases", json=opening(),
                      headers={"Idempotency-Key": key.encode()})

    assert (answer.status_code, answer.json()["code"]) == (422, "idempotency.invalid")


def test_who_has_seen_an_older_version_is_told_so(
    api: httpx.Client, case: dict[str, Any]
) -> None:
    address = f"/api/v1/cases/{case['case_id']}/file"
    _post(api, case, "file")

    stale = api.post(f"/api/v1/cases/{case['case_id']}/dispatch",
                     json={"to": f"node:{DISTRICT}"}, headers={"If-Match": '"1"'})
    both = api.post(address, json={"expected_version": 2}, headers={"If-Match": '"1"'})
    broken = api.post(address, json={}, headers={"If-Match": "latest"})

    assert (stale.status_code, stale.json()["code"]) == (409, "case.version_conflict")
    assert (both.status_code, both.json()["code"]) == (422, "request.version_invalid")
    assert (broken.status_code, broken.json()["code"]) == (422, "request.version_invalid")


def test_a_listing_is_walked_without_gaps_or_doubles_while_cases_come_in(
    api: httpx.Client,
) -> None:
    mark = token_hex(6)
    opened = [
        api.post("/api/v1/cases", json=opening(
            place={"area": "420204001", "address": f"{mark} {n}号"})).json()["case_id"]
        for n in range(7)
    ]

    seen: list[str] = []
    after = ""
    while True:
        page = api.get("/api/v1/cases", params={"text": mark, "limit": 3, "after": after}).json()
        assert len(page["items"]) <= 3
        seen += [item["case_id"] for item in page["items"]]
        if len(seen) == 3:
            api.post("/api/v1/cases", json=opening(
                place={"area": "420204001", "address": f"{mark} late"}))
        after = page["next"]
        if not after:
            break

    assert seen == list(reversed(opened))


def test_filters_narrow_the_list(api: httpx.Client, case: dict[str, Any]) -> None:
    def found(**params: Any) -> list[str]:
        page = api.get("/api/v1/cases", params={"text": case["case_no"], **params}).json()
        return [item["case_id"] for item in page["items"]]

    assert found() == [case["case_id"]]
    assert found(status="reported", area="4202", code="01001") == [case["case_id"]]
    assert found(opened_from="2020-01-01T00:00:00+08:00") == [case["case_id"]]
    for other in ({"status": "closed"}, {"area": "4203"}, {"code": "9999"}, {"overdue": True},
                  {"opened_to": "2020-01-01T00:00:00+08:00"}, {"assignee": "node:1"}):
        assert found(**other) == [], other


def test_the_export_is_utf8_with_bom_and_no_formula_runs(api: httpx.Client) -> None:
    mark = token_hex(6)
    body = opening(place={"area": "420203", "address": f"{mark}号"})
    body["category"]["name"] = "=cmd|' /C calc'!A0"
    api.post("/api/v1/cases", json=body)

    answer = api.get("/api/v1/cases.csv", params={"text": mark})

    assert answer.headers["content-type"] == "text/csv; charset=utf-8"
    assert answer.content.startswith("\ufeff案卷标识".encode())
    [row] = csv.DictReader(io.StringIO(answer.text.removeprefix("\ufeff")))
    assert row["分类名称"].startswith("'=")
    english = api.get("/api/v1/cases.csv", params={"text": mark},
                      headers={"Accept-Language": "en"})
    assert english.text.removeprefix("\ufeff").startswith("case_id,case_no")


def test_a_proposal_names_whom_the_table_names(api: httpx.Client) -> None:
    code = token_hex(4)
    table = ("standard_ref,kind,code,area,assignee,duty\n"
             f"GB/T 47678.5-2026,component,{code},4202,node:{DISTRICT},主责\n")
    imported = api.post("/api/v1/responsibilities", content=table.encode(),
                        headers={"Content-Type": "text/csv"})
    assert {"rows": 1, "added": 1, "replaced": 0, "dry_run": False} == {
        name: imported.json()[name] for name in ("rows", "added", "replaced", "dry_run")
    }
    body = opening()
    body["category"]["code"] = code
    case = api.post("/api/v1/cases", json=body).json()

    proposal = api.get(f"/api/v1/cases/{case['case_id']}/proposal").json()
    refused = _post(api, case, "file")
    assert (refused.status_code, refused.json()["code"]) == (422, "category.out_of_list")
    _post(api, case, "file", out_of_list_reason="市领导指定纳入")
    sent = _post(api, case, "dispatch", to=proposal["assignee"])

    assert proposal["assignee"] == f"node:{DISTRICT}"
    assert sent.status_code == 200
    document = api.get(f"/api/v1/cases/{case['case_id']}").json()
    assert document["assignment"]["limits"]["finish_by"] is not None
