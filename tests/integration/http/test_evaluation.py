"""Evaluation over REST and through the command line of a running node."""

from __future__ import annotations

import io
import json
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import httpx
import pytest
from openpyxl import load_workbook
from typer.testing import CliRunner

from node.cli import app
from node.core.clock import BEIJING
from tests.integration.http.node import Node

EVALUATION = "/api/v1/evaluation"


@pytest.fixture
def month(case: dict[str, Any]) -> str:
    """The month in which the case was opened."""
    return datetime.now(BEIJING).strftime("%Y-%m")


def run(node: Node, *words: str) -> Any:
    return CliRunner().invoke(
        app, ["evaluate", *words, "--home", str(node.home), "--lang", "zh"])


def test_sheet_opens_down_to_its_cases(api: httpx.Client, case: Any, month: str) -> None:
    sheet = api.get(f"{EVALUATION}/source", params={"period": month}).json()
    (line,) = [one for one in sheet["lines"] if one["key"] == ["superior"]]
    asked = {"subject": "source", "period": month, "key": "superior", "counter": "reported",
             "window": "reported", "limit": 200}
    page = api.get(f"{EVALUATION}/cases", params=asked).json()
    assert line["counts"]["reported@reported"] == len(page["items"]) >= 1
    assert case["case_id"] in [one["case_id"] for one in page["items"]]
    assert sheet["definition"]["digest"] == api.get(
        f"{EVALUATION}/definitions").json()[-1]["digest"]


@pytest.mark.parametrize(
    ("path", "status", "code"),
    [
        ("mayor?period=2026-11", 404, "evaluation.subject"),
        ("unit?period=soon", 422, "evaluation.period"),
        ("unit?period=2026-11&version=no", 404, "evaluation.version"),
        ("unit?period=2026-11&where=unit", 422, "evaluation.filter"),
        ("unit?period=2026-11&format=pdf", 422, "request.invalid"),
        ("unit", 422, "request.invalid"),
        ("definitions/no", 404, "evaluation.version"),
        ("publications/018f0000-0000-7000-8000-000000000000", 404, "evaluation.publication"),
    ],
)
def test_what_cannot_be_asked_is_refused_with_its_code(
    api: httpx.Client, path: str, status: int, code: str
) -> None:
    answer = api.get(f"{EVALUATION}/{path}")
    assert (answer.status_code, answer.json()["code"]) == (status, code)


def test_files_come_with_their_type_and_open_again(api: httpx.Client, month: str) -> None:
    for format_, kind in (("html", "text/html"), ("csv", "text/csv"), ("xlsx", "application/vnd")):
        answer = api.get(f"{EVALUATION}/source", params={"period": month, "format": format_})
        assert answer.status_code == 200
        assert answer.headers["content-type"].startswith(kind)
    assert load_workbook(io.BytesIO(answer.content)).sheetnames == ["综合评价", "指标说明"]


def test_finished_period_is_published_and_kept(api: httpx.Client, month: str) -> None:
    running = api.post(f"{EVALUATION}/publications", json={"subject": "source", "period": month})
    assert (running.status_code, running.json()["code"]) == (409, "evaluation.unfinished")
    yesterday = (datetime.now(BEIJING) - timedelta(days=1)).strftime("%Y-%m-%d")
    made = api.post(f"{EVALUATION}/publications",
                    json={"subject": "source", "period": yesterday, "open": True})
    assert made.status_code == 201, made.text
    assert made.json()["key_id"]
    assert len(made.json()["signature"]) == 128
    place = f"{EVALUATION}/publications/{made.json()['publication_id']}"
    assert api.get(f"{place}/json").json()["period"] == yesterday
    assert api.get(place).json()["definition_text"].startswith("#")
    assert api.get(f"{EVALUATION}/publications").json()["items"][0]["publication_id"] == (
        made.json()["publication_id"])


def test_groupings_are_imported_as_a_sheet(api: httpx.Client, month: str) -> None:
    wrong = "scheme,key,member_of,valid_from,valid_to\nfirm,a,甲,2026-02-01,2026-01-01\n"
    answer = api.post(f"{EVALUATION}/groups", content=wrong.encode(),
                      headers={"Content-Type": "text/csv"})
    assert answer.json()["code"] == "table.invalid"
    assert answer.json()["errors"][0]["code"] == "cell.invalid"
    right = "分组方式,编号,所属\nname,superior,上级交办\n"
    answer = api.post(f"{EVALUATION}/groups", content=right.encode(),
                      headers={"Content-Type": "text/csv"})
    assert answer.json()["rows"] == 1
    lines = api.get(f"{EVALUATION}/source", params={"period": month}).json()["lines"]
    assert ["上级交办"] in [one["names"] for one in lines]


def test_command_line_shows_exports_compares_and_verifies(
    node: Node, month: str, tmp_path: Path
) -> None:
    shown = run(node, "show", "source", month)
    assert shown.exit_code == 0, shown.output
    assert "立案率" in shown.output
    out = tmp_path / "sheet.json"
    assert run(node, "export", "source", month, str(out)).exit_code == 0
    same = run(node, "compare", str(out))
    assert (same.exit_code, "0 处不一致" in same.output) == (0, True), same.output
    theirs = json.loads(out.read_text("utf-8"))
    theirs["lines"][0]["counts"]["reported@reported"] += 1
    out.write_text(json.dumps(theirs), encoding="utf-8")
    other = run(node, "compare", str(out))
    assert (other.exit_code, "reported@reported" in other.output) == (1, True)
    rebuilt = run(node, "rebuild")
    assert rebuilt.exit_code == 0, rebuilt.output
    verified = run(node, "verify")
    assert (verified.exit_code, "0 处不一致" in verified.output) == (0, True), verified.output
    cases = run(node, "cases", "source", month, "reported@reported", "superior")
    assert cases.exit_code == 0, cases.output
    laps = run(node, "laps", "source", month)
    assert laps.exit_code == 0, laps.output
    book = run(node, "handbook")
    assert "handled_on_time ÷ should_handle" in book.output
    rules = run(node, "definitions", "2026-1")
    assert "[rates.handling]" in rules.output
