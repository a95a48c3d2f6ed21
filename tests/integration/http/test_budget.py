"""The year of an office for its budget, over REST and through the command line."""

from __future__ import annotations

import csv
import io
from datetime import datetime
from pathlib import Path
from typing import Any

import httpx
from openpyxl import load_workbook
from rich.cells import cell_len
from typer.testing import CliRunner

from node.cli import app
from node.core.clock import BEIJING
from tests.integration.http.conftest import opening
from tests.integration.http.node import CITY, Node

NOW = datetime.now(BEIJING)


def run(node: Node, *words: str, lang: str = "zh") -> Any:
    return CliRunner().invoke(
        app, ["budget", *words, "--home", str(node.home), "--lang", lang],
        env={"COLUMNS": "80", "WANMI_TOKEN": "", "WANMI_URL": "", "WANMI_HOME": ""})


def year_of(api: httpx.Client, year: int = NOW.year) -> dict[str, Any]:
    answer = api.get("/api/v1/budget", params={"year": year})
    assert answer.status_code == 200, answer.text
    told: dict[str, Any] = answer.json()
    return told


def test_volumes_of_a_year_are_those_of_the_evaluation(api: httpx.Client) -> None:
    before = {one["office"]: one for one in year_of(api)["volumes_year"]}
    case_id = api.post("/api/v1/cases", json=opening()).json()["case_id"]
    assert api.post(f"/api/v1/cases/{case_id}/file", json={}).status_code == 200
    told = year_of(api)
    (mine,) = [one for one in told["volumes_year"] if one["office"] == CITY]
    assert mine["filed"] == before.get(CITY, {"filed": 0})["filed"] + 1
    sheet = api.get("/api/v1/evaluation/office", params={"period": str(NOW.year)}).json()
    (line,) = [one for one in sheet["lines"] if one["key"] == [CITY]]
    assert {name: mine[name] for name in ("reported", "filed", "should_close", "closed")} == {
        name.partition("@")[0]: count for name, count in line["counts"].items()
        if name.partition("@")[0] in mine}
    months = [one for one in told["volumes"] if one["office"] == CITY]
    assert mine["filed"] == sum(one["filed"] for one in months)
    assert {one["month"] for one in told["volumes"]} <= {
        f"{NOW.year}-{month:02d}" for month in range(1, NOW.month + 1)}


def test_a_running_node_has_measured_itself_and_says_who_uses_it(api: httpx.Client) -> None:
    told = year_of(api)
    (line,) = told["storage"]
    assert (NOW.strftime("%Y-%m"), None, "") == (line["month"], line["growth"], line["since"])
    assert line["database_bytes"] > 100_000
    before = told["people"]["accounts"].get("read", 0)
    assert api.post("/api/v1/tokens", json={"name": "auditor", "scope": "read"}).is_success
    assert before + 1 == year_of(api)["people"]["accounts"]["read"]


def test_a_year_that_has_not_begun_is_refused(api: httpx.Client) -> None:
    answer = api.get("/api/v1/budget", params={"year": NOW.year + 1})
    assert (422, "evaluation.period") == (answer.status_code, answer.json()["code"])
    for year in ("1", "99999", "all"):
        answer = api.get("/api/v1/budget", params={"year": year})
        assert (422, "request.invalid") == (answer.status_code, answer.json()["code"])


def test_files_hold_what_the_screen_shows(
    node: Node, api: httpx.Client, tmp_path: Path
) -> None:
    told = year_of(api)
    for name in ("budget.xlsx", "budget.csv"):
        made = run(node, "export", str(tmp_path / name), "--year", str(NOW.year))
        assert made.exit_code == 0, made.output
    book = load_workbook(tmp_path / "budget.xlsx")
    cells = [cell.value for row in book["经费测算"].iter_rows() for cell in row]
    rows = list(csv.reader(io.StringIO((tmp_path / "budget.csv").read_text("utf-8-sig"))))
    assert NOW.strftime("%Y-%m") in cells
    assert told["storage"][0]["blobs"] in cells
    assert ["经费测算表 for the budget", str(NOW.year)] == rows[0]
    shown = run(node, "show")
    assert shown.exit_code == 0, shown.output
    assert max(cell_len(line) for line in shown.output.splitlines()) <= 80
    assert "在用账号" in shown.output
    assert "live token" in run(node, "show", lang="en").output
    assert run(node, "export", str(tmp_path / "budget.pdf")).exit_code == 2
    assert run(node, "export", str(tmp_path / "no" / "budget.csv")).exit_code == 2
