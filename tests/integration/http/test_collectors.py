"""Collectors over REST and through the command line of a running node."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import httpx
import pytest
from rich.cells import cell_len
from typer.testing import CliRunner

from node.cli import app
from tests.integration.http.node import Node

LIST = "编号,姓名,班组,公司,责任网格,到岗\nC01,甲,一中队,蓝天,B1,2026-01-01\nC02,乙,一中队,,B2,\n"
SHIFTS = (
    "编号,责任网格,上班,下班\n"
    "C01,B1,2026-11-26 08:00,2026-11-26 16:00\nC01,B1,2026-11-26 22:00,2026-11-27 06:00\n"
)
TRAINING = "编号,日期,课程,学时,成绩\nC01,2026-03-02,立案标准,8,合格\n"


def run(node: Node, *words: str, lang: str = "zh") -> Any:
    return CliRunner().invoke(
        app, ["collector", *words, "--home", str(node.home), "--lang", lang],
        env={"COLUMNS": "80", "WANMI_TOKEN": "", "WANMI_URL": "", "WANMI_HOME": ""})


def post(api: httpx.Client, path: str, text: str, **params: Any) -> httpx.Response:
    return api.post(f"/api/v1/collectors{path}", content=text.encode(), params=params,
                    headers={"Content-Type": "text/csv; charset=utf-8"})


@pytest.fixture
def listed(api: httpx.Client) -> httpx.Client:
    for path, text in (("", LIST), ("/shifts", SHIFTS), ("/training", TRAINING)):
        answer = post(api, path, text)
        assert answer.status_code == 200, answer.text
    return api


def test_a_collector_is_shown_with_shifts_and_training(
    listed: httpx.Client, node: Node, tmp_path: Path
) -> None:
    told = listed.get("/api/v1/collectors/C01").json()
    assert ("甲", "一中队", "蓝天", "B1") == (
        told["name"], told["team"], told["firm"], told["beat"])
    assert [("2026-03-02", "合格")] == [(one["day"], one["result"]) for one in told["training"]]
    beats = listed.get("/api/v1/collectors/beats", params={"day": "2026-11-26"}).json()
    assert {"B1": 600, "B2": 0} == {
        one["beat"]: one["staffed_minutes"] for one in beats["beats"]}
    assert "B2" == beats["beats"][0]["beat"]
    shown = run(node, "beats", "--day", "2026-11-26")
    assert shown.exit_code == 1, shown.output
    assert "1 个无人当班" in shown.output
    for words in (["list"], ["show", "C01"], ["beats", "--day", "2026-11-26"]):
        said = run(node, *words).output
        assert max(cell_len(line) for line in said.splitlines()) <= 80, said
    file = tmp_path / "shifts.csv"
    file.write_text(SHIFTS, encoding="utf-8")
    assert run(node, "shifts", str(file)).exit_code == 0


@pytest.mark.parametrize(("path", "text", "where"), [
    ("", "编号,姓名\nC 9,丁\n", "row/2/collector"),
    ("", "编号,姓名\nC09,\n", "row/2/name"),
    ("", "编号,姓名,到岗,离岗\nC09,丁,2026-02-01,2026-01-01\n", "row/2/valid_to"),
    ("/shifts", SHIFTS + "C01,B2,2026-11-26 15:00,2026-11-26 17:00\n", "row/4/begins_at"),
    ("/shifts", SHIFTS + "C02,B2,2026-11-26 15:00,2026-11-26 14:00\n", "row/4/ends_at"),
    ("/shifts", SHIFTS + "C02,B2,2026-11-26 15:00,2026-11-28 14:00\n", "row/4/ends_at"),
    ("/shifts", SHIFTS + "C02,B2,9999-12-31 23:00,9999-12-31 22:00\n", "row/4/ends_at"),
    ("/training", "编号,日期,课程\nC01,昨天,安全\n", "row/2/day"),
])
def test_a_wrong_line_is_named_and_nothing_is_taken(
    api: httpx.Client, path: str, text: str, where: str
) -> None:
    assert post(api, "", LIST).status_code == 200
    before = [api.get(f"/api/v1/collectors/{one}").json() for one in ("C01", "C02")]
    answer = post(api, path, text)
    assert (422, "table.invalid") == (answer.status_code, answer.json()["code"])
    assert [where] == [one["pointer"] for one in answer.json()["errors"]]
    assert before == [api.get(f"/api/v1/collectors/{one}").json() for one in ("C01", "C02")]
    assert 404 == api.get("/api/v1/collectors/C09").status_code


def test_what_the_list_does_not_have_is_refused_with_its_code(listed: httpx.Client) -> None:
    for path, text, status, code in (
        ("/shifts", SHIFTS.replace("C01", "C77"), 404, "collector.unknown"),
        ("/training", TRAINING.replace("C01", "C77"), 404, "collector.unknown"),
        ("/shifts", "编号,责任网格,上班,下班\nC01,B2,2026-11-26 15:00,2026-11-26 17:00\n",
         409, "collector.overlap"),
    ):
        answer = post(listed, path, text)
        assert (status, code) == (answer.status_code, answer.json()["code"]), answer.text


def test_reading_is_not_importing(listed: httpx.Client, node: Node) -> None:
    token = listed.post("/api/v1/tokens", json={"name": "reader-c", "scope": "read"}).json()
    with node.client(token["token"]) as reader:
        assert 200 == reader.get("/api/v1/collectors").status_code
        assert 403 == post(reader, "", LIST).status_code
