"""Sheets of the problem library over REST and through the command line of a running node."""

from __future__ import annotations

import csv
import io
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import httpx
import pytest
from openpyxl import load_workbook
from typer.testing import CliRunner

from node.cli import app
from node.core.clock import BEIJING
from tests.integration.http.node import CITY, DISTRICT, Node

SHEETS = "/api/v1/ledger/sheets"


def ago(days: int) -> str:
    return (datetime.now(BEIJING) - timedelta(days=days)).date().isoformat()


def run(node: Node, *words: str, lang: str = "zh") -> Any:
    return CliRunner().invoke(
        app, ["case", "ledger", *words, "--home", str(node.home), "--lang", lang],
        env={"COLUMNS": "80", "WANMI_TOKEN": "", "WANMI_URL": "", "WANMI_HOME": ""})


def test_a_period_is_published_once_and_read_again(api: httpx.Client) -> None:
    day = ago(1)
    counted = api.get(f"{SHEETS}/count", params={"period": day}).json()
    first = api.post(SHEETS, json={"period": day})
    again = api.post(SHEETS, json={"period": day})
    assert (201, 1, "init") == (first.status_code, first.json()["version"],
                                first.json()["drawn_by"])
    assert first.json() == again.json()
    kept = api.get(f"{SHEETS}/{day}").json()
    assert (counted, first.json()["digest"]) == (kept["document"], kept["digest"])
    listed = api.get(SHEETS, params={"span": "day", "node": CITY}).json()["items"]
    assert day in [one["period"] for one in listed]


def test_who_has_not_sent_is_missing_once_the_grace_is_over(api: httpx.Client) -> None:
    long_ago = api.get(f"{SHEETS}/below", params={"period": ago(90)}).json()
    assert [(DISTRICT, "missing", None)] == [
        (one["node"], one["state"], one["total"]) for one in long_ago["lines"]]
    assert long_ago["expected"] is False


@pytest.mark.parametrize(("path", "status", "code"), [
    ("count?period=2099-01", 409, "stock.unfinished"),
    ("count?period=2026-Q3", 422, "request.invalid"),
    ("count?period=2026", 422, "stock.span"),
    ("count?period=2026-13", 422, "evaluation.period"),
    ("below?period=2099-01", 409, "stock.unfinished"),
    ("1999-01", 404, "stock.unknown"),
    ("2026-01?node=420299", 404, "stock.unknown"),
    ("?after=nonsense", 422, "page.cursor"),
    ("count?period=2026-01&format=pdf", 422, "request.invalid"),
])
def test_what_cannot_be_asked_of_sheets_is_refused_with_its_code(
    api: httpx.Client, path: str, status: int, code: str
) -> None:
    answer = api.get(SHEETS + (path if path.startswith("?") else f"/{path}"))
    assert (status, code) == (answer.status_code, answer.json()["code"])


def test_publishing_needs_more_than_reading(api: httpx.Client, node: Node) -> None:
    token = api.post("/api/v1/tokens", json={"name": "reader", "scope": "read"}).json()["token"]
    with node.client(token) as reader:
        assert 403 == reader.post(SHEETS, json={"period": ago(1)}).status_code
        assert 200 == reader.get(f"{SHEETS}/count", params={"period": ago(1)}).status_code


def test_files_open_as_a_table_and_as_a_workbook(
    api: httpx.Client, node: Node, tmp_path: Path
) -> None:
    day = ago(2)
    answer = api.get(f"{SHEETS}/count", params={"period": day, "format": "csv"})
    lines = list(csv.reader(io.StringIO(answer.content.decode("utf-8-sig"))))
    assert ["问题库报表 problem library", day] == lines[0]
    assert ["合计 total", "期初 opening", "本期新增 came", "本期消除 resolved",
            "期末 closing"] in lines
    target = tmp_path / "sheet.xlsx"
    assert 0 == run(node, "--period", day, "--publish", "--out", str(target)).exit_code
    leaf = load_workbook(target)["问题库报表"]
    assert day == leaf["B1"].value
    assert [0] * 4 == [leaf.cell(row=8, column=column).value for column in range(2, 6)]


def test_the_command_line_draws_the_sheet_and_says_who_is_missing(node: Node) -> None:
    drawn = run(node, "--period", ago(1))
    assert 0 == drawn.exit_code, drawn.stderr
    assert "期初 0，新增 0，消除 0，期末 0" in drawn.stdout
    missing = run(node, "--period", ago(90), "--below")
    assert f"未报：{DISTRICT}" in missing.stdout
    assert "不要求下级报送" in missing.stdout
    for words in (("--unit", "node:1"), ("--period", ago(1), "--unit", "node:1", "--publish"),
                  ("--period", ago(1), "--out", "sheet.pdf")):
        assert 2 == run(node, *words).exit_code, words
