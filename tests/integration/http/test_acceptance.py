"""The acceptance run of a real node; and a node that began with few rights and was given more."""

from __future__ import annotations

import io
from collections.abc import Iterator
from pathlib import Path
from secrets import token_hex
from typing import Any

import httpx
import pytest
from openpyxl import load_workbook
from rich.cells import cell_len
from typer.testing import CliRunner

from hub.ports import free_port
from node.cli import app
from tests.integration.http.conftest import opening
from tests.integration.http.node import Node, launch, wanmi

OWN = "420281"
FEW = """
title = "试点"
capabilities = ["intake", "observe"]
auto_route = true
relay_done = "auto"
acceptance = "criteria.toml"
"""
MORE = FEW.replace('["intake", "observe"]', (
    '["intake", "file", "dispatch", "check", "close", "coordinate", "evaluate", "observe"]'))
CRITERIA = """
version = "own-1"
title = "试点验收"
source = "自定"
months = 1
[[check]]
code = "parked"
zh = "挂起的来件"
en = "parked"
measure = "parked"
unit = "count"
at_most = 0
source = "自定"
mend_zh = "处理"
mend_en = "see to it"
[[check]]
code = "backup"
zh = "最近备份"
en = "backup"
measure = "backup_age"
unit = "hours"
at_most = 26
source = "自定"
mend_zh = "运行 wanmi backup"
mend_en = "run wanmi backup"
[[check]]
code = "filing"
zh = "立案条件"
en = "conditions"
measure = "conditions"
unit = "count"
at_least = 0
needs = ["file"]
source = "自定"
mend_zh = "导入"
mend_en = "import"
"""


def screen(home: Path, *words: str, status: int, lang: str = "zh") -> str:
    """What whoever stands before the node sees, on eighty columns."""
    result = CliRunner().invoke(
        app, [*words, "--home", str(home), "--lang", lang],
        env={"COLUMNS": "80", "WANMI_TOKEN": "", "WANMI_URL": "", "WANMI_HOME": ""})
    assert result.exit_code == status, (words, result.output)
    return result.output


def verdicts(api: httpx.Client) -> dict[str, str]:
    told = api.get("/api/v1/acceptance")
    assert told.status_code == 200, told.text
    return {one["code"]: one["verdict"] for one in told.json()["checks"]}


def test_an_office_that_has_just_begun_fails_and_is_told_what_to_do(
    api: httpx.Client, node: Node, case: dict[str, Any], tmp_path: Path
) -> None:
    del case
    told = api.get("/api/v1/acceptance").json()
    found = {one["code"]: one for one in told["checks"]}
    assert told["passed"] is False
    assert found["trial"]["verdict"] == "fail"
    assert (found["trial"]["value"], found["trial"]["at_least"]) == (0.0, 3.0)
    assert found["closing"]["verdict"] == "fail"
    assert found["closing"]["value"] is None
    assert found["roles"]["verdict"] == "pass"  # the account of init stands for every post
    assert sum(told["counts"].values()) == len(found)

    for lang in ("zh", "en"):
        shown = screen(node.home, "acceptance", status=1, lang=lang)
        assert max(cell_len(line) for line in shown.splitlines()) <= 80, shown
    said = screen(node.home, "acceptance", "--out", str(tmp_path / "list.html"), status=1)
    assert "验收不通过" in said
    assert "试运行 2010年7月至9月" in said
    page = (tmp_path / "list.html").read_text(encoding="utf-8")
    assert page.count("<tr class=") == len(found)
    assert "http" not in page.replace("http-equiv", "")
    screen(node.home, "acceptance", "--out", str(tmp_path / "list.csv"), status=1)
    lines = (tmp_path / "list.csv").read_text(encoding="utf-8-sig").splitlines()
    assert any(line.startswith("试运行月数,") and "不通过" in line for line in lines)
    book = api.get("/api/v1/acceptance", params={"format": "xlsx"})
    leaf = load_workbook(io.BytesIO(book.content)).active
    assert "试运行月数" in [row[0] for row in leaf.iter_rows(values_only=True)]
    assert "acceptance.format" in screen(
        node.home, "acceptance", "--out", str(tmp_path / "list.doc"), status=2)


@pytest.fixture
def pilot(tmp_path: Path) -> Iterator[Node]:
    """A node alone that may take reports in, and no more."""
    home, port = tmp_path / OWN, free_port()
    home.mkdir()
    for name, text in (("few", FEW), ("more", MORE), ("criteria", CRITERIA)):
        (home / f"{name}.toml").write_text(text, encoding="utf-8")
    wanmi("init", "--home", str(home), "--id", OWN, "--profile", "few.toml",
          "--http-port", str(port), "--grpc-port", "0", "--nats-port", "0", "--json")
    token = (home / "keys" / "cli.token").read_text(encoding="utf-8").strip()
    running = launch(home, port, token)
    running.wait_ready()
    try:
        yield running
    finally:
        running.stop()


def post(api: httpx.Client, path: str, status: int = 200, **body: Any) -> dict[str, Any]:
    answer = api.post(f"/api/v1{path}", json=body)
    assert answer.status_code == status, answer.text
    told: dict[str, Any] = answer.json()
    return told


def journal(api: httpx.Client, case_id: str) -> list[dict[str, Any]]:
    items: list[dict[str, Any]] = api.get(f"/api/v1/cases/{case_id}/journal").json()["items"]
    return items


def volumes(api: httpx.Client, year: str) -> dict[str, int]:
    """What the evaluation counts of this office in a year."""
    sheet = api.get("/api/v1/evaluation/office", params={"period": year})
    assert sheet.status_code == 200, sheet.text
    counts: dict[str, int] = sheet.json()["total"]["counts"]
    return counts


def test_rights_come_later_and_the_history_goes_on_unbroken(pilot: Node) -> None:
    """A pilot takes reports in; made a whole office, it files and closes the very same cases."""
    with pilot.client() as api:
        first = post(api, "/cases", 201, **opening())
        second = post(api, "/cases", 201, **opening(source="hotline", details={}))
        one, two = first["case_id"], second["case_id"]
        post(api, f"/cases/{one}/accept", text="受理")
        refused = api.post(f"/api/v1/cases/{one}/file", json={})
        assert (refused.status_code, refused.json()["code"]) == (403, "case.not_permitted")
        assert verdicts(api) == {"parked": "pass", "backup": "fail", "filing": "not_applicable"}
        screen(pilot.home, "acceptance", status=1)
        wanmi("backup", "--home", str(pilot.home))
        assert "验收通过" in screen(pilot.home, "acceptance", status=0)
        before = {case: journal(api, case) for case in (one, two)}
        year = api.get("/api/v1/acceptance").json()["as_of"][:4]
        counted = volumes(api, year)
        assert counted["reported@reported"] == 2
    assert pilot.stop() == 0
    assert wanmi("verify", "--home", str(pilot.home))

    settings = pilot.home / "wanmi.toml"
    text = settings.read_text(encoding="utf-8")
    assert "few.toml" in text
    settings.write_text(text.replace("few.toml", "more.toml"), encoding="utf-8")
    wider = launch(pilot.home, int(pilot.url.rpartition(":")[2]), pilot.token)
    try:
        wider.wait_ready()
        with wider.client() as api:
            assert {case: journal(api, case) for case in (one, two)} == before
            assert volumes(api, year) == counted
            assert verdicts(api)["filing"] == "pass"
            post(api, f"/cases/{one}/file")
            post(api, f"/cases/{two}/self-handle", result="已扶正井盖")
            token = post(api, "/tokens", 201, name=f"closer-{token_hex(3)}",
                         scope="operate")["token"]
            with wider.client(token=token) as closer:
                post(closer, f"/cases/{two}/close", text="已恢复")
            for case in (one, two):
                after = journal(api, case)
                assert after[:len(before[case])] == before[case]
                assert [entry["version"] for entry in after] == list(range(1, len(after) + 1))
            later = volumes(api, year)
            assert later["reported@reported"] == 2
            assert later["filed@filed"] > counted["filed@filed"]
            screen(wider.home, "evaluate", "verify", status=0)
            screen(wider.home, "evaluate", "rebuild", status=0)
            assert volumes(api, year) == later
    finally:
        assert wider.stop() == 0
    assert wanmi("verify", "--home", str(pilot.home))
