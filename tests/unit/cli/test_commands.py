"""Commands from the outside: exit codes, languages, files; without a node."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from typer.testing import CliRunner, Result

from hub.ids import NodeId
from hub.ports import free_port
from hub.roster import join
from hub.roster.identity import Identity
from node.cli import app
from node.cli.home import REQUEST_FILE, render_settings, write_private
from node.cli.speech import Exit
from node.settings import FILE_NAME, load

NOW_US = 1_790_000_000_000_000


def run(*args: str, lang: str = "en") -> Result:
    return CliRunner().invoke(app, [*args, "--lang", lang], env={
        "WANMI_TOKEN": "", "WANMI_URL": "", "WANMI_HOME": "", "COLUMNS": "200"})


@pytest.fixture
def clock(monkeypatch: pytest.MonkeyPatch) -> None:
    """Papers of these tests are made and read at one instant."""
    monkeypatch.setattr("time.time_ns", lambda: NOW_US * 1000)


def _home(folder: Path, node: str, parent: str = "") -> Path:
    """A node's files as ``init`` leaves them, without a database."""
    home = folder / node
    identity = Identity.create(
        home / "keys", node=NodeId(node), name=node,
        parent=NodeId(parent) if parent else None, now_us=NOW_US)
    if parent:
        request = join.make_join_request(identity, now_us=NOW_US).to_json()
        (home / REQUEST_FILE).write_text(request, encoding="utf-8")
    else:
        join.found(identity, now_us=NOW_US)
    write_private(home / FILE_NAME, render_settings(
        id_=node, name=node, profile="city", parent=parent, http_port=free_port(),
        grpc_port=8443, nats_port=4222, nats=False, database_url=""))
    return home


def test_a_folder_that_is_no_home_says_how_to_make_one(tmp_path: Path) -> None:
    result = run("case", "list", "--home", str(tmp_path))

    assert result.exit_code == Exit.HOME
    assert "wanmi init" in result.stderr


def test_chinese_is_spoken_unless_english_is_asked_for(tmp_path: Path) -> None:
    assert "不是节点目录" in run("case", "list", "--home", str(tmp_path), lang="zh").stderr


def test_a_node_that_does_not_answer_is_told_apart_from_a_missing_token(tmp_path: Path) -> None:
    home = _home(tmp_path, "420200")

    without = run("link", "list", "--home", str(home))
    silent = run("link", "list", "--home", str(home), "--token", "whatever")

    assert (without.exit_code, silent.exit_code) == (Exit.TOKEN, Exit.SILENT)
    assert "wanmi serve" in silent.stderr


def test_something_else_on_the_port_is_not_taken_for_a_node(tmp_path: Path) -> None:
    import http.server
    import threading

    server = http.server.HTTPServer(("127.0.0.1", 0), http.server.BaseHTTPRequestHandler)
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01})
    thread.start()
    try:
        url = f"http://127.0.0.1:{server.server_address[1]}"
        result = run("link", "list", "--url", url, "--token", "t")
    finally:
        server.shutdown()
        thread.join(5)
        server.server_close()

    assert result.exit_code == Exit.SILENT
    assert "501" in result.stderr or "not as a wanmi node" in result.stderr


@pytest.mark.usefixtures("clock")
def test_three_nodes_join_one_below_the_other_by_files_alone(tmp_path: Path) -> None:
    city = _home(tmp_path, "420200")
    district = _home(tmp_path, "420203", "420200")
    street = _home(tmp_path, "420203001", "420203")

    for parent, child, steps in ((city, district, ()), (district, street, ("roster",))):
        kit = tmp_path / f"{child.name}.kit"
        if steps:
            added = run("roster", "add", "--home", str(city), str(child / REQUEST_FILE), "--json")
            assert added.exit_code == Exit.OK, added.stderr
        accepted = run("link", "accept", "--home", str(parent), str(child / REQUEST_FILE),
                       "--out", str(kit), "--grpc", "127.0.0.1:9", "--json")
        assert accepted.exit_code == Exit.OK, accepted.stderr
        if steps:
            # The parent's own roster does not name the grandchild before it has travelled.
            Identity.load(parent / "keys").keep_roster(
                Identity.load(city / "keys").signed_roster() or b"")
        joined = run("link", "join", "--home", str(child), str(kit), "--prefer", "NATS", "--json")
        assert joined.exit_code == Exit.OK, joined.stderr

    parent = load(street).parent
    assert parent is not None
    assert (parent.id, parent.grpc, parent.prefer) == ("420203", "127.0.0.1:9", "NATS")
    shown = json.loads(run("roster", "show", "--home", str(city), "--json").stdout)
    assert {member["node"] for member in shown["members"]} == {"420200", "420203", "420203001"}


@pytest.mark.usefixtures("clock")
def test_papers_that_do_not_hold_are_refused_in_words(tmp_path: Path) -> None:
    city = _home(tmp_path, "420200")
    district = _home(tmp_path, "420203", "420200")
    request = district / REQUEST_FILE
    torn = tmp_path / "torn.json"
    torn.write_bytes(request.read_bytes()[:-40])
    other = _home(tmp_path / "other", "420299")

    for home, paper in ((city, torn), (other, request)):
        result = run("link", "accept", "--home", str(home), str(paper),
                     "--out", str(tmp_path / "kit"), "--grpc", "127.0.0.1:9")
        assert result.exit_code == Exit.REFUSED, (result.stdout, result.stderr)
        assert "Traceback" not in result.stderr
    missing = run("link", "accept", "--home", str(city), str(tmp_path / "no"),
                  "--out", str(tmp_path / "kit"))
    assert missing.exit_code == Exit.USAGE
    assert not (tmp_path / "kit").exists()


def test_a_table_with_wrong_rows_names_every_one_and_stores_nothing(tmp_path: Path) -> None:
    home = _home(tmp_path, "420200")
    table = tmp_path / "table.csv"
    table.write_text("standard_ref,kind,code,area,assignee\nS,thing,1,42,node:X\nS,matter,1,42,x\n")

    result = run("import", "responsibilities", "--home", str(home), str(table))
    as_json = run("import", "responsibilities", "--home", str(home), str(table), "--json")

    assert result.exit_code == Exit.REFUSED
    assert "row 2 kind" in result.stderr
    assert "row 3 assignee" in result.stderr
    assert [fault["row"] for fault in json.loads(as_json.stderr)["faults"]] == [2, 3]


def test_bad_rows_are_kept_aside_on_request_and_never_over_an_earlier_file(tmp_path: Path) -> None:
    home = _home(tmp_path, "420200")
    table = tmp_path / "table.csv"
    table.write_text("standard_ref,kind,code,area,assignee\nS,thing,1,42,node:X\n"
                     "S,matter,1,42,node:X\n")

    checked = run("import", "responsibilities", "--home", str(home), str(table), "--skip-bad",
                  "--dry-run", "--json")
    again = run("import", "responsibilities", "--home", str(home), str(table), "--skip-bad",
                "--dry-run")

    assert checked.exit_code == Exit.OK, checked.stderr
    said = json.loads(checked.stdout)
    assert (said["rows"], said["skipped"]) == (1, 1)
    kept = Path(said["rejects"]).read_text("utf-8-sig").splitlines()
    assert kept[1].startswith("2,kind,")
    assert kept[1].endswith("S,thing,1,42,node:X")
    assert "row 2 kind" in again.stderr
    assert (tmp_path / "table.rejected-2.csv").exists()


def test_a_table_in_another_encoding_says_which_to_try(tmp_path: Path) -> None:
    table = tmp_path / "table.csv"
    table.write_bytes("标准,类别,代码,区划,承办单位\nS,部件,1,42,node:X\n".encode("gb18030"))

    wrong = run("import", "responsibilities", "--home", str(tmp_path), str(table), "--dry-run")
    right = run("import", "responsibilities", "--home", str(tmp_path), str(table), "--dry-run",
                "--encoding", "gb18030", "--json")

    assert (wrong.exit_code, right.exit_code) == (Exit.USAGE, Exit.OK)
    assert json.loads(right.stdout)["rows"] == 1


def test_version_is_json_when_asked() -> None:
    assert set(json.loads(run("version", "--json").stdout)) == {"version"}


def test_every_command_takes_the_common_options_and_says_what_it_does() -> None:
    from typer.main import get_command

    def leaves(command: object, path: str) -> list[tuple[str, object]]:
        below = getattr(command, "commands", None)
        if not below:
            return [(path, command)]
        return [leaf for name, one in below.items() for leaf in leaves(one, f"{path} {name}")]

    found = leaves(get_command(app), "wanmi")
    assert len(found) >= 35
    for path, one in found:
        options = {name for parameter in one.params for name in parameter.opts}  # type: ignore[attr-defined]
        assert {"--home", "--json", "--lang", "--token"} <= options, path
        assert any("\u4e00" <= char <= "\u9fff" for char in one.help), path  # type: ignore[attr-defined]


def test_a_link_is_renewed_with_the_same_keys_after_its_request_has_aged(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    day_us = 86_400 * 1_000_000
    now_us = NOW_US
    monkeypatch.setattr("time.time_ns", lambda: now_us * 1000)
    city = _home(tmp_path, "420200")
    child = _home(tmp_path, "420203", "420200")
    request, kit = child / REQUEST_FILE, tmp_path / "kit.json"
    accept = ("link", "accept", "--home", str(city), str(request), "--out", str(kit),
              "--grpc", "127.0.0.1:9")
    join_ = ("link", "join", "--home", str(child), str(kit))
    for args in (accept, join_):
        assert run(*args).exit_code == Exit.OK
    key = (child / "keys" / "sign.key").read_bytes()

    now_us += 20 * day_us
    late = run(*accept)
    steps = [run(*args) for args in (
        ("link", "request", "--home", str(child)), accept, join_)]

    assert late.exit_code == Exit.REFUSED
    assert "request.expired" in late.stderr
    assert "wanmi link request" in late.stderr
    assert [step.exit_code for step in steps] == [Exit.OK] * 3, [step.stderr for step in steps]
    assert (child / "keys" / "sign.key").read_bytes() == key
    expiry = json.loads(kit.read_text(encoding="utf-8"))
    assert expiry["child"] == "420203"
    root = run("link", "request", "--home", str(city))
    assert (root.exit_code, "request.root" in root.stderr) == (Exit.REFUSED, True)
