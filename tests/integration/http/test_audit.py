"""The audit log of a running node, over REST and through the command line."""

from __future__ import annotations

import csv
import io
import shutil
import sqlite3
import time
from contextlib import closing
from pathlib import Path
from typing import Any

import httpx
import pytest
from openpyxl import load_workbook
from rich.cells import cell_len
from typer.testing import CliRunner

from node.cli import app
from node.cli.speech import Exit
from node.main.auditing import verify_audit
from node.verifier.verify_evidence import Check, read
from tests.integration.http.node import CITY, LINK, Node


def run(home: Path, *words: str, lang: str = "zh") -> Any:
    return CliRunner().invoke(
        app, ["audit", *words, "--home", str(home), "--lang", lang],
        env={"COLUMNS": "80", "WANMI_TOKEN": "", "WANMI_URL": "", "WANMI_HOME": ""})


def rows(api: httpx.Client, **which: Any) -> list[dict[str, Any]]:
    answer = api.get("/api/v1/audit", params=which)
    assert answer.status_code == 200, answer.text
    found: list[dict[str, Any]] = answer.json()["items"]
    return found


def test_what_people_do_to_the_node_is_in_the_log_with_who_and_from_where(
    api: httpx.Client
) -> None:
    assert api.post("/api/v1/tokens", json={"name": "audited", "scope": "read"}).is_success
    assert api.post(f"/api/v1/links/{LINK}/pause").is_success
    assert api.post(f"/api/v1/links/{LINK}/resume").is_success
    assert api.post("/api/v1/tokens/audited/lock", json={"reason": "遗失"}).is_success
    assert api.delete("/api/v1/tokens/audited").is_success
    done = [(one["action"], one["subject"], one["reason"]) for one in rows(api)[:5]]
    assert done == [
        ("RevokeToken", "token:audited", ""), ("LockToken", "token:audited", "遗失"),
        ("ResumeLink", f"link:{LINK}", ""), ("PauseLink", f"link:{LINK}", ""),
        ("CreateToken", "token:audited", "")]
    last = rows(api, action="LockToken")[0]
    assert (last["actor"], last["roles"], last["origin"]) == ("init", ["*"], "127.0.0.1")
    [began] = rows(api, action="StartNode")
    assert began["subject"] == f"node:{CITY}"
    assert {"boot", "program", "profile", "settings", "configuration"} == set(began["detail"])
    first = rows(api, until=began["at"])[-1]
    assert (first["n"], first["action"], first["origin"]) == (1, "CreateToken", "machine")


def test_a_refused_act_leaves_no_row_and_no_gap(api: httpx.Client) -> None:
    assert api.post("/api/v1/tokens", json={"name": "twice", "scope": "read"}).is_success
    before = rows(api)[0]["n"]
    assert api.post("/api/v1/tokens", json={"name": "twice", "scope": "read"}).status_code == 422
    assert api.post("/api/v1/tokens/twice/lock", json={"reason": "遗失"}).is_success
    assert rows(api)[0]["n"] == before + 1


def test_reading_takes_the_role_of_the_auditor(node: Node, api: httpx.Client) -> None:
    made = {name: api.post("/api/v1/tokens", json={
        "name": name, "scope": "read", "roles": roles}).json()["token"]
        for name, roles in (("sun-auditor", ["auditor"]), ("qian-clerk", ["dispatcher"]))}
    with node.client(made["sun-auditor"]) as auditor, node.client(made["qian-clerk"]) as clerk:
        assert auditor.get("/api/v1/audit").is_success
        assert auditor.get("/api/v1/audit/verify").json()["holds"]
        for path in ("", "/verify", "/export"):
            refused = clerk.get(f"/api/v1/audit{path}")
            assert (403, "audit.role") == (refused.status_code, refused.json()["code"])
            assert "auditor" in refused.json()["detail"]


def test_a_page_goes_on_behind_the_one_before(api: httpx.Client) -> None:
    first = api.get("/api/v1/audit", params={"limit": 2}).json()
    second = api.get("/api/v1/audit", params={"limit": 2, "after": first["next"]}).json()
    numbers = [one["n"] for page in (first, second) for one in page["items"]]
    assert numbers == sorted(numbers, reverse=True)
    assert numbers[0] - numbers[-1] == 3
    assert api.get("/api/v1/audit", params={"after": "x"}).json()["code"] == "page.cursor"


def test_files_hold_the_rows_and_taking_them_out_is_a_row(
    node: Node, api: httpx.Client, tmp_path: Path
) -> None:
    for name in ("audit.xlsx", "audit.csv"):
        made = run(node.home, "export", str(tmp_path / name), "--about", "token:")
        assert made.exit_code == 0, made.output
    taken = rows(api, action="ExportAudit")
    assert taken[0]["actor"] == "cli"
    leaf = load_workbook(tmp_path / "audit.xlsx").active
    assert leaf is not None
    cells = [[cell.value for cell in line] for line in leaf.iter_rows()]
    assert cells[3][0] == "序号 n"
    assert (cells[4][0], cells[4][5]) == (1, "CreateToken")
    text = (tmp_path / "audit.csv").read_text(encoding="utf-8-sig")
    lines = list(csv.reader(io.StringIO(text)))
    assert lines[4][:1] == ["1"]
    assert all(line[6].startswith("token:") for line in lines[4:])


def test_the_screen_is_read_at_eighty_columns(node: Node, api: httpx.Client) -> None:
    assert api.post("/api/v1/tokens/nobody/lock", json={"reason": "设备遗失"}).is_success
    shown = run(node.home, "list", "--limit", "5")
    assert shown.exit_code == 0, shown.output
    assert "init (*) @ 127.0.0.1" in shown.output
    assert "LockToken token:nobody tokens=0" in shown.output
    assert "设备遗失" in shown.output
    assert all(cell_len(line) <= 80 for line in shown.output.splitlines())


@pytest.fixture
def copied(node: Node, api: httpx.Client, tmp_path: Path) -> Path:
    """The node's home as it is now, with a database that somebody may touch."""
    assert api.post("/api/v1/tokens/nobody/lock", json={"reason": "遗失"}).is_success
    home = tmp_path / "copy"
    shutil.copytree(node.home, home, ignore=shutil.ignore_patterns("data", "nats"))
    (home / "data").mkdir()
    [database] = (node.home / "data").glob("*.db")
    with closing(sqlite3.connect(database)) as source, closing(
            sqlite3.connect(home / "data" / database.name)) as target:
        source.backup(target)
    return home


def touch(home: Path, *statements: str) -> None:
    [database] = (home / "data").glob("*.db")
    with closing(sqlite3.connect(database)) as conn:
        for name in ("update", "delete"):
            conn.execute(f"DROP TRIGGER audit_log_{name}")
        for statement in statements:
            conn.execute(statement)
        conn.commit()


def test_verify_says_that_it_holds_and_up_to_where_it_is_signed(
    node: Node, api: httpx.Client, copied: Path
) -> None:
    deadline = time.monotonic() + 30
    while api.get("/api/v1/audit/verify").json()["proven"] == 0:
        assert time.monotonic() < deadline, "nobody signed the end of the log"
        time.sleep(0.2)
    for home in (node.home, copied):  # while it runs, and of a stopped one
        told = run(home, "verify")
        assert told.exit_code == Exit.OK, told.output
        assert "完整：每一行都接得上" in told.output


def test_verify_names_the_first_broken_row_and_its_status_says_so(copied: Path) -> None:
    touch(copied, "UPDATE audit_log SET actor = 'nobody' WHERE n = 3")
    told = run(copied, "verify")
    assert told.exit_code == Exit.FOUND
    assert "第 3 行被改动" in told.output
    assert "不完整：自第 3 行起对不上" in told.output
    assert "NOT whole: it breaks at row 3" in run(copied, "verify", lang="en").output


def test_verify_finds_rows_that_are_gone(copied: Path) -> None:
    touch(copied, "DELETE FROM audit_log WHERE n IN (2, 3)")
    assert [(2, "audit.gap")] == [
        (one["n"], one["code"]) for one in verify_audit(copied, None)["flaws"]]


def test_a_file_that_is_no_anchor_is_refused_with_its_line(copied: Path, tmp_path: Path) -> None:
    file = tmp_path / "heads"
    file.write_text("nothing\n", encoding="utf-8")
    told = run(copied, "verify", "--anchors", str(file))
    assert told.exit_code == Exit.REFUSED, told.output
    assert "audit.anchor_file" in told.output + told.stderr


def test_evidence_is_taken_by_the_auditor_for_a_reason(
    node: Node, api: httpx.Client, case: dict[str, Any], tmp_path: Path
) -> None:
    at = f"/api/v1/cases/{case['case_id']}/evidence"
    assert api.post(at, json={}).json()["code"] == "evidence.reason"
    clerk = api.post("/api/v1/tokens", json={
        "name": "li-clerk", "scope": "operate", "roles": ["dispatcher"]}).json()["token"]
    with node.client(clerk) as other:
        assert other.post(at, json={"reason": "好奇"}).json()["code"] == "evidence.role"
    assert api.post(f"/api/v1/cases/{LINK}/evidence", json={"reason": "x"}).status_code == 422
    answer = api.post(at, json={"reason": "行政复议 2026-18"})
    assert answer.headers["content-type"] == "application/zip"
    assert len(answer.headers["x-root-key"]) == 64
    file = tmp_path / "case.zip"
    made = CliRunner().invoke(
        app, ["evidence", case["case_no"], "--reason", "再取一次", "--out", str(file),
              "--home", str(node.home), "--lang", "zh"],
        env={"COLUMNS": "80", "WANMI_TOKEN": "", "WANMI_URL": "", "WANMI_HOME": ""})
    assert made.exit_code == 0, made.output
    assert answer.headers["x-root-key"] in made.output
    told = Check(read(file), answer.headers["x-root-key"]).run()
    assert told.broken == []
    assert "登记 CaseOpened" in "\n".join(told.lines)
    taken = rows(api, subject=f"case:{case['case_id']}", action="ExportEvidence")
    assert [one["reason"] for one in taken] == ["再取一次", "行政复议 2026-18"]
    assert not list((node.home / "data").glob("evidence-*"))


def test_a_backup_is_in_the_log_of_the_running_node(
    node: Node, api: httpx.Client, tmp_path: Path
) -> None:
    made = CliRunner().invoke(
        app, ["backup", "--home", str(node.home), "--to", str(tmp_path), "--lang", "en"],
        env={"COLUMNS": "80", "WANMI_TOKEN": "", "WANMI_URL": "", "WANMI_HOME": ""})
    assert made.exit_code == 0, made.output
    [row] = rows(api, action="BackUpNode")
    assert row["subject"].startswith(f"backup:{tmp_path}")
    assert row["detail"]["keys"] is False
