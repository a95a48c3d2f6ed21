"""``wanmi`` against a running node, and against one that is stopped."""

from __future__ import annotations

import json
import re
import sqlite3
from pathlib import Path
from secrets import token_hex
from typing import Any

import httpx
import pytest
from typer.testing import CliRunner, Result

from node.cli import app
from node.cli.speech import Exit
from tests.integration.http.node import CITY, DISTRICT, LINK, Node, wanmi

QUIET = {"WANMI_TOKEN": "", "WANMI_URL": "", "WANMI_HOME": "", "COLUMNS": "200"}


def run(node: Node, *args: str, lang: str = "en") -> Result:
    return CliRunner().invoke(app, [*args, "--home", str(node.home), "--lang", lang], env=QUIET)


def said(node: Node, *args: str) -> Any:
    """The JSON a command prints."""
    result = run(node, *args, "--json")
    assert result.exit_code == Exit.OK, (args, result.stdout, result.stderr)
    return json.loads(result.stdout)


@pytest.fixture
def opened(node: Node) -> dict[str, Any]:
    """A case opened from the command line."""
    reply: dict[str, Any] = said(
        node, "case", "open", "--standard", "GB/T 47678.5-2026", "--kind", "component",
        "--code", "01001", "--area", "420203", "--address", "颐阳路12号", "--text", "井盖缺失",
        "--source", "superior", "--detail", "ordering_body=市政府办公室")
    return reply


def test_a_case_is_worked_on_by_its_number(node: Node, opened: dict[str, Any]) -> None:
    number = opened["case_no"]

    filed = run(node, "case", "file", number, lang="zh")
    assert filed.exit_code == Exit.OK, filed.stderr
    assert "待派遣" in filed.stdout
    sent = said(node, "case", "dispatch", number, "--to", f"node:{DISTRICT}", "--version", "2")
    shown = said(node, "case", "show", number)
    listed = said(node, "case", "list", "--text", number, "--status", "dispatched")
    events = said(node, "case", "timeline", opened["case_id"])["entries"]

    assert sent["status"] == shown["status"] == "dispatched"
    assert [item["case_id"] for item in listed["items"]] == [opened["case_id"]]
    assert len(events) == shown["version"]
    told = run(node, "case", "timeline", number, lang="zh").stdout
    assert re.search(r"20\d\d-\d\d-\d\d \d\d:\d\d  黄石市  cli  派遣\n", told)
    assert "派往 西塞山区" in told
    assert "CaseFiled" not in told
    back = said(node, "case", "withdraw", number, "--reason", "派遣错误", "--key", token_hex(4))
    assert back["status"] == "pending_dispatch"
    for args in (("case", "list"), ("case", "show", number), ("case", "timeline", number),
                 ("case", "forms", number),
                 ("link", "list"), ("link", "state", LINK), ("link", "why", LINK),
                 ("link", "parked"), ("link", "quarantine", LINK), ("adapter", "list"),
                 ("token", "list"), ("roster", "show")):
        result = run(node, *args, lang="zh")
        assert result.exit_code == Exit.OK, (args, result.stderr)
        assert result.stdout.strip(), args


def test_whom_to_dispatch_to_comes_from_the_table_or_the_caller_is_asked(
    node: Node, opened: dict[str, Any]
) -> None:
    said(node, "case", "file", opened["case_no"])

    result = run(node, "case", "dispatch", opened["case_no"])

    assert result.exit_code == Exit.REFUSED
    assert "--to" in result.stderr


def test_the_same_key_runs_a_verb_once(node: Node, opened: dict[str, Any]) -> None:
    key = token_hex(8)

    first = said(node, "case", "file", opened["case_no"], "--key", key)
    again = said(node, "case", "file", opened["case_no"], "--key", key)

    assert (first["repeated"], again["repeated"]) == (False, True)
    assert first["version"] == again["version"]


def test_failures_have_their_exit_codes_and_say_what_to_do(
    node: Node, opened: dict[str, Any]
) -> None:
    number = opened["case_no"]
    expected = [
        (("case", "close", number, "--text", "x"), Exit.REFUSED),
        (("case", "file", number, "--version", "9"), Exit.REFUSED),
        (("case", "show", "00000000-0000-7000-8000-000000000000"), Exit.UNKNOWN),
        (("case", "show", "no-such-number"), Exit.UNKNOWN),
        (("link", "why", f"{CITY}-420299"), Exit.UNKNOWN),
        (("link", "replay", LINK, "1:99"), Exit.REFUSED),
        (("link", "reconcile", LINK), Exit.SILENT),
        (("adapter", "probe", "nobody"), Exit.UNKNOWN),
        (("case", "list", "--token", "wrong"), Exit.TOKEN),
        (("case", "list", "--limit", "0"), Exit.USAGE),
        (("case", "feed-back", number, "--result", "x", "--photo", "/nowhere"), Exit.USAGE),
    ]
    for args, code in expected:
        result = run(node, *args)
        assert result.exit_code == code, (args, result.stdout, result.stderr)
        assert result.stderr.strip(), args
        assert "Traceback" not in result.stderr, args
    problem = run(node, "case", "close", number, "--text", "x", "--json")
    assert json.loads(problem.stderr)["code"] == "case.wrong_status"


def test_a_scope_that_is_too_small_is_a_matter_of_tokens(node: Node) -> None:
    token = said(node, "token", "create", "cli-reader", "--scope", "read")["token"]

    refused = run(node, "link", "pause", LINK, "--token", token)
    revoked = run(node, "token", "revoke", "cli-reader")
    dead = run(node, "link", "list", "--token", token)

    assert (refused.exit_code, revoked.exit_code, dead.exit_code) == (
        Exit.TOKEN, Exit.OK, Exit.TOKEN)


def test_a_link_is_paused_and_resumed(node: Node) -> None:
    assert said(node, "link", "pause", LINK)["paused"] is True
    assert said(node, "link", "resume", LINK)["paused"] is False


def test_link_alone_lists_and_options_before_a_subcommand_hold_for_it(node: Node) -> None:
    home = ("--home", str(node.home), "--lang", "zh")
    alone = CliRunner().invoke(app, ["link", *home], env=QUIET)
    why = CliRunner().invoke(app, ["link", *home, "why", LINK], env=QUIET)

    assert (alone.exit_code, why.exit_code) == (Exit.OK, Exit.OK), alone.stderr + why.stderr
    assert f"{LINK}：" in alone.stdout
    assert why.stdout.strip() in alone.stdout


def test_a_photo_above_the_limit_is_never_blamed_on_a_node_that_does_not_answer(
    node: Node, tmp_path: Path
) -> None:
    photo = tmp_path / "huge.png"
    photo.write_bytes(b"\x89PNG\r\n\x1a\n" + bytes(12 * 1024 * 1024))
    refused = run(node, "case", "open", "--standard", "GB/T 30428.2-2013", "--kind", "component",
                  "--code", "0101", "--area", "420203", "--address", "x", "--text", "x",
                  "--photo", str(photo))

    # Whether the node's answer overtakes the cut connection depends on the machine.
    assert refused.exit_code in {Exit.REFUSED, Exit.SILENT}
    assert "body.too_large" in refused.stderr or "node.cut" in refused.stderr


def test_a_large_table_goes_through_in_pieces(
    node: Node, tmp_path: Path, api: httpx.Client
) -> None:
    table = tmp_path / "conditions.csv"
    table.write_text("standard_ref,kind,code,name,condition_no,condition,limit\n" + "".join(
        f"GB/T 47678.5-2026,部件,{n},井盖{n},1,开裂,4小时\n" for n in range(50_100, 51_200)
        if n % 1000), encoding="utf-8")

    first = said(node, "import", "conditions", str(table))
    again = said(node, "import", "conditions", str(table))

    assert (first["added"], again["added"], again["replaced"]) == (1_099, 0, 0)
    [note] = [one for one in first["notes"] if "approve" in one]
    assert "draft" in note


def test_the_doctor_reads_the_node_and_its_machine(node: Node) -> None:
    result = run(node, "doctor", "--json")
    document = json.loads(result.stdout)

    assert document["online"] is True
    subjects = {finding["subject"] for finding in document["findings"]}
    assert {"home", "keys", "certificate", "roster", "disk"} <= subjects
    assert any(LINK in finding["subject"] or LINK in finding["sentence"]
               for finding in document["findings"])
    alarms = [one for one in document["findings"] if one["level"] == "alarm"]
    assert result.exit_code == (Exit.FOUND if alarms else Exit.OK)


def test_a_running_node_is_not_migrated_under_its_feet(node: Node) -> None:
    result = run(node, "migrate")

    assert result.exit_code == Exit.REFUSED
    assert "Traceback" not in result.stderr


def test_init_never_touches_a_node_that_is_there(node: Node) -> None:
    before = {path: path.read_bytes() for path in (node.home / "keys").iterdir() if path.is_file()}

    result = run(node, "init", "--id", CITY)

    assert result.exit_code == Exit.HOME
    assert before == {path: path.read_bytes() for path in before}


@pytest.fixture(scope="module")
def stopped(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A node that was made and never started."""
    home = tmp_path_factory.mktemp("stopped") / "420200"
    made = json.loads(wanmi("init", "--home", str(home), "--id", CITY, "--http-port", "1",
                            "--json"))
    assert made["token"] not in "".join(
        path.read_text(errors="replace") for path in home.rglob("*") if path.is_file())
    return home


def _offline(home: Path, *args: str) -> Result:
    return CliRunner().invoke(app, [*args, "--home", str(home), "--lang", "en"], env=QUIET)


def test_tables_and_tokens_reach_the_database_of_a_stopped_node(
    stopped: Path, tmp_path: Path
) -> None:
    table = tmp_path / "responsibilities.csv"
    table.write_text("standard_ref,kind,code,area,assignee,duty\nS,matter,1,42,node:X,rectify\n")

    imported = _offline(stopped, "import", "responsibilities", str(table), "--json")
    token = _offline(stopped, "token", "create", "screen", "--scope", "read", "--json")

    assert json.loads(imported.stdout)["added"] == 1, imported.stderr
    assert json.loads(token.stdout)["token"], token.stderr
    with sqlite3.connect(stopped / "data" / "wanmi.db") as database:
        names = {name for (name,) in database.execute("SELECT name FROM api_token")}
    database.close()
    assert names == {"init", "cli", "screen"}


def test_the_doctor_finds_open_keys_and_a_broken_home_offline(stopped: Path) -> None:
    key = next(path for path in (stopped / "keys").iterdir() if path.suffix == ".key")
    fine = _offline(stopped, "doctor", "--json")
    key.chmod(0o644)
    try:
        ill = _offline(stopped, "doctor", "--json")
    finally:
        key.chmod(0o600)

    assert fine.exit_code == Exit.OK, fine.stdout
    assert json.loads(fine.stdout)["online"] is False
    assert ill.exit_code == Exit.FOUND
    alarms = [one for one in json.loads(ill.stdout)["findings"] if one["level"] == "alarm"]
    assert any("chmod 600" in one["remedy"] and key.name in one["sentence"] for one in alarms)


def test_init_goes_on_where_an_earlier_run_was_cut_short(tmp_path: Path) -> None:
    home = tmp_path / "420200"
    wanmi("init", "--home", str(home), "--id", CITY, "--json")
    fingerprint = (home / "keys" / "sign.key").read_bytes()

    def cut_after_the_keys() -> None:
        (home / "wanmi.toml").unlink()
        for path in (home / "data").iterdir():
            path.unlink()

    cut_after_the_keys()
    again = _offline(home, "init", "--id", CITY, "--json")
    cut_after_the_keys()
    other = _offline(home, "init", "--id", "420300", "--json")

    assert again.exit_code == Exit.OK, again.stderr
    assert (home / "keys" / "sign.key").read_bytes() == fingerprint
    assert other.exit_code == Exit.REFUSED
