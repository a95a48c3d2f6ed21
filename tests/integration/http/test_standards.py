"""Standards over REST and on the command line, on a running node."""

from __future__ import annotations

import io
import json
from collections.abc import Iterator
from pathlib import Path
from secrets import token_hex
from typing import Any

import httpx
import pytest
from openpyxl import Workbook
from typer.testing import CliRunner

from node.cli import app
from node.cli.speech import Exit
from node.service.imports.sheet import XLSX_TYPE
from tests.integration.http.node import Node

CSV = {"Content-Type": "text/csv; charset=utf-8"}
NEW, OLD = "GB/T 47678.5-2026", "GB/T 30428.2-2013"
QUIET = {"WANMI_TOKEN": "", "WANMI_URL": "", "WANMI_HOME": "", "COLUMNS": "200"}


@pytest.fixture
def colleague(node: Node, api: httpx.Client) -> Iterator[httpx.Client]:
    """Another person with the same rights."""
    made = api.post("/api/v1/tokens", json={"name": f"张{token_hex(4)}", "scope": "admin"}).json()
    with node.client(made["token"]) as client:
        yield client


def draft_of(api: httpx.Client, ref: str = NEW) -> int:
    """The number of the open draft."""
    [version] = [one["version"] for one in api.get("/api/v1/standards").json()
                 if (one["standard_ref"], one["standing"]) == (ref, "draft")]
    return int(version)


def run(node: Node, *args: str, exit_code: Exit = Exit.OK) -> Any:
    result = CliRunner().invoke(
        app, [*args, "--home", str(node.home), "--lang", "en", "--json"], env=QUIET)
    assert result.exit_code == exit_code, (args, result.stdout, result.stderr)
    return json.loads(result.stdout if exit_code == Exit.OK else result.stderr)


def test_a_running_node_shows_version_and_digest_of_every_standard(api: httpx.Client) -> None:
    found = {one["standard_ref"]: one for one in api.get("/api/v1/standards").json()
             if one["version"] == 1}

    assert {ref: len(one["digest"]) for ref, one in found.items()} == {
        NEW: 64, OLD: 64, "CJ/T 214-2007": 64}
    assert found[NEW]["effective_from"] == "2026-07-01"
    assert found[OLD]["standing"] == "superseded"
    assert found[NEW]["basis"] == "shipped"


def test_classes_are_found_by_name_and_one_is_shown_whole(api: httpx.Client) -> None:
    page = api.get("/api/v1/classes", params={
        "standard_ref": NEW, "kind": "matter", "text": "店外"}).json()
    whole = api.get("/api/v1/classes/one", params={
        "standard_ref": NEW, "kind": "matter", "code": "09005"}).json()
    absent = api.get("/api/v1/classes/one", params={
        "standard_ref": NEW, "kind": "matter", "code": "09007"})

    assert [item["code"] for item in page["items"]] == ["09005"]
    assert [one["old"]["code"] for one in whole["came_from"]] == ["0405"]
    assert (absent.status_code, absent.json()["code"]) == (422, "codes.unknown")


def test_conditions_wait_for_another_person_and_then_count(
    api: httpx.Client, colleague: httpx.Client
) -> None:
    head = "standard_ref,kind,code,condition_no,condition,limit,closing_condition\n"
    rows = "".join(f"{NEW},事项,9005,{n},出店摆卖,{n}小时,收回\n" for n in range(1, 6))
    first = api.post("/api/v1/conditions", content=(head + rows).encode(), headers=CSV)
    again = api.post("/api/v1/conditions", headers={"Content-Type": "text/csv; charset=gb18030",
                                                    "Accept-Language": "zh-CN"},
                     content=(head + rows).encode("gb18030"))
    assert (first.json()["added"], again.json()["replaced"]) == (5, 0), (first.text, again.text)
    assert "须由另一人批准" in again.json()["notes"][0]
    draft = draft_of(api)
    body = {"standard_ref": NEW, "version": draft}

    own = api.post("/api/v1/standards/approve", json=body)
    done = colleague.post("/api/v1/standards/approve", json=body)

    assert (own.status_code, own.json()["code"]) == (403, "standard.own_draft")
    assert (done.status_code, done.json()["standing"]) == (200, "active"), done.text
    found, after = [], ""
    while True:
        page = api.get("/api/v1/conditions", params={
            "standard_ref": NEW, "after": after, "limit": 2}).json()
        found += [row for row in page["items"] if row["code"] == "09005"]
        after = page["next"]
        if not after:
            break
    assert [(row["condition_no"], row["limit_count"], row["limit_unit"]) for row in found] == [
        (n, n, "work_hour") for n in range(1, 6)]
    late = colleague.post("/api/v1/standards/approve", json=body)
    assert (late.status_code, late.json()["code"]) == (409, "standard.approved")


def test_the_nine_column_workbook_of_a_city_is_read(api: httpx.Client) -> None:
    book = Workbook()
    sheet = book.active
    assert sheet is not None
    for row in (["大类代码", "大类名称", "小类代码", "小类名称", "处置单位", "主管部门", "立案条件",
                 "结案条件", "处置时限"],
                [9, "街面秩序类", 6, "无照经营游商", "城管中队", "城管局", "流动摆摊", "劝离",
                 "1小时"],
                [None, None, None, None, None, None, "阻碍通行", None, "尽快"]):
        sheet.append(row)
    sheet.merge_cells("A2:A3")
    out = io.BytesIO()
    book.save(out)

    answer = api.post("/api/v1/conditions", content=out.getvalue(),
                      headers={"Content-Type": XLSX_TYPE},
                      params={"standard_ref": NEW, "kind": "事项"})

    assert answer.status_code == 200, answer.text
    assert (answer.json()["rows"], [one["pointer"] for one in answer.json()["warnings"]]) == (
        2, ["row/3/limit_text"])
    whole = api.get("/api/v1/classes/one", params={
        "standard_ref": NEW, "kind": "matter", "code": "09006", "version": draft_of(api)}).json()
    assert [(row["condition_no"], row["closing"], row["limit_assumed"])
            for row in whole["conditions"]] == [(1, "劝离", False), (2, "劝离", True)]
    assert api.post("/api/v1/standards/discard", json={
        "standard_ref": NEW, "version": draft_of(api)}).json() == {"count": 1}


def test_what_a_sheet_has_wrong_is_named_by_line_and_column(api: httpx.Client) -> None:
    table = ("standard_ref,kind,code,condition_no,condition\n"
             f"{NEW},事项,900500,1,x\n{NEW},东西,09005,1,x\n{NEW},事项,09005,一,x\n")

    answer = api.post("/api/v1/conditions", content=table.encode(), headers=CSV)

    assert (answer.status_code, answer.json()["code"]) == (422, "table.invalid")
    assert [fault["pointer"] for fault in answer.json()["errors"]] == [
        "row/2/code", "row/3/kind", "row/4/condition_no"]
    assert "2+3" in answer.json()["errors"][0]["detail"]


def test_the_command_line_lists_searches_adds_and_approves(
    node: Node, colleague: httpx.Client, tmp_path: Path
) -> None:
    listed = run(node, "standard", "list")
    assert {one["standard_ref"] for one in listed} >= {NEW, OLD}
    [shop] = run(node, "standard", "show", NEW, "店外")
    assert shop["code"] == "09005"
    crossed = run(node, "standard", "crosswalk", "0508")
    assert [one["new"]["code"] for one in crossed["became"]] == ["10002"]

    added = run(node, "standard", "add-class", NEW, "--kind", "matter", "--major", "10",
                "--name", "路面塌陷", "--filing", "路面塌陷危及通行", "--limit", "2紧急工作时",
                "--incident")
    own = run(node, "standard", "approve", NEW, "--version", str(added["version"]),
              exit_code=Exit.REFUSED)

    assert (added["code"], own["code"]) == ("10999", "standard.own_draft")
    assert colleague.post("/api/v1/standards/approve", json={
        "standard_ref": NEW, "version": added["version"]}).status_code == 200
    whole = run(node, "standard", "class", NEW, "10999")
    assert (whole["incident"], whole["conditions"][0]["limit_unit"]) == (True, "urgent_hour")
    out = tmp_path / "edition.json"
    run(node, "standard", "export", NEW, "--out", str(out))
    assert run(node, "standard", "take-over", str(out))["digest"] == whole["digest"]
    book = tmp_path / "handling.md"
    run(node, "standard", "handbook", "handling", NEW, "--out", str(book))
    assert "| 10999 | 路面塌陷（地方） | 1 |  | 2紧急工作时 |" in book.read_text("utf-8")
    for args in (("list",), ("show", NEW, "店外"), ("class", NEW, "10999"), ("crosswalk", "0508")):
        drawn = CliRunner().invoke(
            app, ["standard", *args, "--home", str(node.home), "--lang", "zh"], env=QUIET)
        assert drawn.exit_code == Exit.OK, drawn.stderr


def test_codes_and_crosswalk_are_imported_from_files(node: Node, tmp_path: Path) -> None:
    example = Path(__file__).parents[3] / "deploy" / "examples" / "yuncheng"

    codes = run(node, "import", "codes", str(example / "local_classes.csv"))
    walk = run(node, "import", "crosswalk", str(example / "local_crosswalk.csv"))
    again = run(node, "import", "crosswalk", str(example / "local_crosswalk.csv"))

    assert (codes["added"], walk["added"], again["added"], again["replaced"]) == (58, 58, 0, 58)
    [version] = {one["version"] for one in run(node, "standard", "list")
                 if (one["standard_ref"], one["standing"]) == (OLD, "draft")}
    [stall] = run(node, "standard", "show", OLD, "早餐车", "--version", str(version))
    assert (stall["code"], stall["origin"]) == ("0491", "local")
    run(node, "standard", "discard", OLD, "--version", str(version))
    zones = tmp_path / "zones.csv"
    zones.write_text("区域,区域类别\n420203,A\n", encoding="utf-8")
    assert run(node, "import", "area-classes", str(zones))["added"] == 1
    wrong = tmp_path / "wrong.csv"
    wrong.write_text("old_standard,old_kind,old_code,verdict\nGB/T 30428.2-2013,事件,0501,same\n",
                     encoding="utf-8")
    refused = run(node, "import", "crosswalk", str(wrong), exit_code=Exit.REFUSED)
    assert [(fault["row"], fault["column"]) for fault in refused["faults"]] == [(2, "verdict")]
