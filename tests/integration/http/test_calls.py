"""Calls over REST and the command line: apart by what they concern, and all of them answered."""

from __future__ import annotations

import io
import sqlite3
from contextlib import closing
from pathlib import Path
from secrets import randbelow, token_hex
from typing import Any

import httpx
import pytest
from openpyxl import load_workbook
from rich.cells import cell_len
from typer.testing import CliRunner

from node.cli import app
from tests.integration.http.conftest import opening
from tests.integration.http.node import Node

NAME = "欧阳某某"


def phone() -> str:
    return f"139{randbelow(10**8):08}"


def screen(node: Node, *words: str, lang: str = "zh", status: int = 0) -> str:
    """What a clerk sees, on eighty columns."""
    result = CliRunner().invoke(
        app, ["call", *words, "--home", str(node.home), "--lang", lang],
        env={"COLUMNS": "80", "WANMI_TOKEN": "", "WANMI_URL": "", "WANMI_HOME": ""})
    assert result.exit_code == status, (words, result.output)
    return result.output


def post(api: httpx.Client, path: str, *, status: int = 200, **body: Any) -> dict[str, Any]:
    answer = api.post(f"/api/v1{path}", json=body)
    assert answer.status_code == status, answer.text
    told: dict[str, Any] = answer.json()
    return told


def take(api: httpx.Client, kind: str, **given: Any) -> dict[str, Any]:
    return post(api, "/calls", status=201, kind=kind, **{"words": "询问路灯报修", **given})


def refused(api: httpx.Client, path: str, **body: Any) -> tuple[int, str]:
    answer = api.post(f"/api/v1{path}", json=body)
    return answer.status_code, answer.json()["code"]


def closed(api: httpx.Client, node: Node) -> dict[str, Any]:
    """A case that was put right on the spot and closed."""
    opened = post(api, "/cases", status=201, **opening(source="hotline", details={}))
    post(api, f"/cases/{opened['case_id']}/self-handle", result="已扶正井盖")
    token = post(api, "/tokens", status=201, name=f"closer-{token_hex(3)}",
                 scope="operate")["token"]
    with node.client(token=token) as closer:
        post(closer, f"/cases/{opened['case_id']}/close", text="已恢复")
    return opened


def test_the_three_kinds_are_kept_apart_and_all_are_answered(
    api: httpx.Client, node: Node, case: dict[str, Any]
) -> None:
    about = case["case_id"]
    assert refused(api, "/calls", kind="urge", words="何时修好") == (422, "call.case")
    assert refused(api, "/calls", kind="consultation", words="咨询", case_id=about) == (
        422, "call.case")
    early = api.post("/api/v1/calls", json={"kind": "opinion", "words": "不满意", "case_id": about})
    assert (early.status_code, early.json()["code"]) == (422, "call.case")
    assert "尚未办结" in early.json()["detail"]

    question = take(api, "consultation", answer={"text": "请拨打12319", "channel": "phone"})
    urge = take(api, "urge", case_id=about, words="何时修好")
    done = closed(api, node)
    opinion = take(api, "opinion", case_id=done["case_id"], words="没有修好")
    assert ("answered", "open", "open") == (
        question["state"], urge["state"], opinion["state"])
    for concern, number in (("none", question), ("case", urge), ("result", opinion)):
        found = api.get("/api/v1/calls", params={"concerns": concern, "limit": 200}).json()["items"]
        numbers = {one["call_no"] for one in found}
        assert number["call_no"] in numbers
        assert len({question["call_no"], urge["call_no"], opinion["call_no"]} & numbers) == 1
    for number in (urge["call_no"], opinion["call_no"]):
        told = post(api, f"/calls/{number}/answer", text="已告知", channel="sms")
        assert told["state"] == "answered"
        assert refused(api, f"/calls/{number}/answer", text="再答") == (409, "call.answered")
    document = api.get(f"/api/v1/cases/{about}").json()
    assert [("urge", "answered", "已告知")] == [
        (one["kind"], one["state"], one["answer"]) for one in document["calls"]]
    shown = CliRunner().invoke(
        app, ["case", "show", case["case_no"], "--home", str(node.home), "--lang", "zh"],
        env={"COLUMNS": "80", "WANMI_TOKEN": "", "WANMI_URL": "", "WANMI_HOME": ""}).output
    assert f"来电 {urge['call_no']}  催问  按时答复" in shown
    assert "答复：已告知" in shown


def test_an_unhappy_opinion_asks_that_the_case_be_taken_up_again(
    api: httpx.Client, node: Node, case: dict[str, Any]
) -> None:
    done = closed(api, node)
    number = take(api, "opinion", case_id=done["case_id"], words="次日又坏")["call_no"]
    urge = take(api, "urge", case_id=case["case_id"])["call_no"]
    assert refused(api, f"/calls/{urge}/reopen", text="请重办") == (409, "call.no_opinion")
    for _ in range(2):
        asked = post(api, f"/calls/{number}/reopen", text="次日同一处又缺失")
    assert [one["step"] for one in asked["steps"]] == ["received", "reopen"]
    assert asked["reopened_at"]
    document = api.get(f"/api/v1/cases/{done['case_id']}").json()
    assert document["reopening"]["text"] == "次日同一处又缺失"
    decided = post(api, f"/cases/{done['case_id']}/reopen-decision", granted=True)
    assert decided["opened_no"]
    assert "已申请重办" in screen(node, "show", number)


def test_a_call_becomes_a_case_whose_reporter_is_the_caller(
    api: httpx.Client, node: Node, case: dict[str, Any]
) -> None:
    theirs = phone()
    number = take(api, "complaint", name=NAME, phone=theirs, words="门前井盖缺失")["call_no"]
    body = opening(source="hotline", details={})
    first = post(api, f"/calls/{number}/open", status=201, **body)
    again = post(api, f"/calls/{number}/open", status=201, **body)
    assert first["case_id"] == again["case_id"]
    document = api.get(f"/api/v1/cases/{first['case_id']}").json()
    assert (document["contact"], document["wants_reply"]) == (True, True)
    assert [number] == [one["call_no"] for one in document["calls"]]
    found = post(api, "/reporters/search", phone=theirs, purpose="再次来电")["cases"]
    assert [first["case_no"]] == [one["case_no"] for one in found]
    assert refused(api, f"/calls/{number}/case", case_id=case["case_id"]) == (409, "call.became")

    linked = take(api, "complaint")["call_no"]
    screen(node, "case", linked, "--case", case["case_no"])
    assert f"转为案卷：{case['case_no']}" in screen(node, "show", linked)
    assert refused(api, f"/calls/{linked}/open", **body) == (409, "call.became")
    opened = CliRunner().invoke(
        app, ["case", "open", "--standard", "GB/T 47678.5-2026", "--kind", "component", "--code",
              "01001", "--area", "420203", "--address", "颐阳路3号", "--text", "井盖缺失",
              "--call", take(api, "complaint", name=NAME, phone=phone())["call_no"],
              "--home", str(node.home), "--json"],
        env={"WANMI_TOKEN": "", "WANMI_URL": "", "WANMI_HOME": ""})
    assert opened.exit_code == 0, opened.output


def test_who_called_stands_nowhere_but_in_its_own_table(
    api: httpx.Client, node: Node, case: dict[str, Any]
) -> None:
    theirs = phone()
    name = f"欧阳{token_hex(4)}"
    made = take(api, "urge", case_id=case["case_id"], name=name, phone=theirs)
    number = made["call_no"]
    seen = [made, *(api.get(f"/api/v1{path}").json() for path in (
        f"/calls/{number}", "/calls", f"/cases/{case['case_id']}",
        f"/cases/{case['case_id']}/journal", f"/cases/{case['case_id']}/timeline"))]
    for document in seen:
        assert name not in str(document)
        assert theirs not in str(document)
    assert theirs not in node.log.read_text(errors="replace")
    export = api.get("/api/v1/calls/export").content.decode()
    assert made["phone"] in export
    assert theirs not in export
    with closing(sqlite3.connect(node.home / "data" / "wanmi.db")) as database:
        tables = [row[0] for row in database.execute(
            "SELECT name FROM sqlite_master WHERE type = 'table'")]
        holding = {table for table in tables for row in database.execute(
            f'SELECT * FROM "{table}"')
            if theirs in str(row)}
    assert holding == {"call_private"}

    assert refused(api, f"/calls/{number}/caller", purpose="") == (422, "request.invalid")
    shown = post(api, f"/calls/{number}/caller", purpose="回访")
    assert (shown["name"], shown["phone"]) == (name, theirs)
    [found] = post(api, "/calls/search", phone=theirs, purpose="再次来电")["calls"]
    assert found["call_no"] == number
    assert "已删除" in screen(node, "erase", number, "--reason", "来电人要求")
    gone = post(api, f"/calls/{number}/caller", purpose="回访")
    assert (gone["name"], gone["phone"]) == ("", "")


def test_a_clerk_reads_calls_on_eighty_columns(
    api: httpx.Client, node: Node, tmp_path: Path
) -> None:
    said = screen(node, "record", "--kind", "consultation", "--words", "占道经营举报电话是多少",
                  "--name", NAME, "--phone", phone())
    number = next(word for word in said.replace("，", " ").split() if word.startswith("LD"))
    screen(node, "answer", number, "--text", "无人接听", "--unreached")
    screens = [
        screen(node, "list", "--state", "open"),
        screen(node, "show", number),
        screen(node, "answer", number, "--text", "已告知举报电话12319", "--channel", "sms"),
        screen(node, "list", "--kind", "consultation"),
        screen(node, "kinds"),
        screen(node, "figures", api.get(f"/api/v1/calls/{number}").json()["received_at"][:7]),
    ]
    for shown in screens:
        assert max(cell_len(line) for line in shown.splitlines()) <= 80, shown
    assert "未联系上" in screens[2]
    assert "短信答复：已告知举报电话12319" in screens[2]
    assert "按时率" in screens[5]
    assert "asks how a case stands" in screen(node, "kinds", lang="en")
    assert "call.unknown" in screen(node, "show", "LD0", status=4)

    for name in ("calls.csv", "calls.xlsx"):
        file = tmp_path / name
        screen(node, "export", str(file), "--kind", "consultation")
        screen(node, "export", str(tmp_path / f"figures-{name}"), "--period", "2026")
    text = (tmp_path / "calls.csv").read_text(encoding="utf-8-sig")
    assert number in text
    assert "已告知举报电话12319" in text
    leaf = load_workbook(io.BytesIO((tmp_path / "calls.xlsx").read_bytes())).active
    assert number in [row[0] for row in leaf.iter_rows(values_only=True)]


def test_a_unit_hands_in_its_answer_and_a_repeat_changes_nothing(
    api: httpx.Client, node: Node
) -> None:
    assert refused(api, "/calls", kind="complaint", words="噪声", unit="外星局") == (
        404, "unit.unknown")
    key = {"Idempotency-Key": token_hex(8)}
    body = {"kind": "complaint", "words": "夜间施工噪声"}
    first, again = (api.post("/api/v1/calls", json=body, headers=key) for _ in range(2))
    assert first.json()["call_no"] == again.json()["call_no"]
    other = api.post("/api/v1/calls", json={**body, "words": "别的"}, headers=key)
    assert (other.status_code, other.json()["code"]) == (422, "idempotency.mismatch")
    reader = post(api, "/tokens", status=201, name=f"reader-{token_hex(3)}", scope="read")["token"]
    with node.client(token=reader) as looks:
        assert refused(looks, "/calls", **body) == (403, "auth.scope")
        assert looks.get("/api/v1/calls/rules").json()["keep_days"] == 1095
    for wrong in ("calls?after=x", "calls/figures?period=2026-13"):
        assert api.get(f"/api/v1/{wrong}").status_code == 422


@pytest.mark.parametrize("body", [
    {"kind": "gossip"}, {"kind": "consultation", "channel": "pigeon"},
    {"kind": "consultation", "answer_by": "2020-01-01T00:00:00+08:00"},
    {"kind": "consultation", "words": ""}, {"kind": "consultation", "answer": {"text": ""}},
])
def test_what_cannot_be_taken_down_is_refused_and_leaves_nothing(
    api: httpx.Client, body: dict[str, Any]
) -> None:
    mark = token_hex(6)
    answer = api.post("/api/v1/calls", json={"words": mark, **body})
    assert answer.status_code == 422, answer.text
    assert api.get("/api/v1/calls", params={"text": mark}).json()["items"] == []
