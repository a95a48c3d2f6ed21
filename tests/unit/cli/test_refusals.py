"""No failure reaches a person as a traceback, without a stable code, or in the wrong language."""

from __future__ import annotations

import errno
import json
import re
import socket
import subprocess
import sys
from pathlib import Path

import pytest
import typer
from typer.testing import CliRunner, Result

from hub.errors import FabricError, Fenced, Malformed, Overloaded, Unreachable, Untrusted
from node.cli import refusals
from node.cli.session import Session, command
from node.cli.speech import Exit
from node.cli.usage import spoken

ROOT = Path(__file__).parents[3]


def _cli(*args: str, **environment: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(  # noqa: PLW1510 - the status is what we look at
        (sys.executable, "-m", "node.cli", *args), cwd=ROOT, text=True, capture_output=True,
        timeout=60, env={"PATH": "/usr/bin:/bin", "PYTHONPATH": str(ROOT), **environment})


@pytest.mark.parametrize(("args", "code", "chinese", "english"), [
    (("init",), "usage.missing", "缺少 --id（节点标识", "--id (node id) is missing"),
    (("frobnicate",), "usage.command", "没有命令 frobnicate", "no command frobnicate"),
    (("serve", "--hom", "x"), "usage.option", "没有选项 --hom，是不是 --home", "mean --home"),
    (("init", "--id", "420200", "--http-port", "x"), "usage.value", "--http-port 的值", "value"),
    (("case", "show"), "usage.missing", "缺少 <case>（案卷", "<case> ("),
    (("case", "open", "--source", "hotline"), "usage.missing", "--code（分类代码）、--area（区划",
     "--code (category code), --area (division code)"),
], ids=lambda value: value if isinstance(value, str) and "." in value else "")
def test_mistakes_in_the_command_line_are_told_in_both_languages(
    args: tuple[str, ...], code: str, chinese: str, english: str
) -> None:
    told = _cli(*args, LANG="C.UTF-8")
    said = _cli(*args, LANG="en_US.UTF-8")

    assert (told.returncode, said.returncode) == (Exit.USAGE, Exit.USAGE)
    assert chinese in told.stderr
    assert english in said.stderr
    for printed in (told.stderr, said.stderr):
        assert code in printed
        assert "--help" in printed
        assert "Traceback" not in printed


def test_a_group_without_a_command_prints_its_help() -> None:
    printed = _cli("case", LANG="C.UTF-8")

    assert printed.returncode == Exit.USAGE
    assert "dispatch" in printed.stdout + printed.stderr


@pytest.mark.parametrize(("given", "code", "said"), [
    ("abc12", "init.letters", "ABC12"), ("a b", "init.id", "420203"), ("4", "init.id", "420203"),
])
def test_a_wrong_node_id_is_answered_with_a_right_one(
    tmp_path: Path, given: str, code: str, said: str
) -> None:
    printed = _cli("init", "--home", str(tmp_path / "h"), "--id", given, LANG="C.UTF-8")

    assert printed.returncode == Exit.USAGE
    assert code in printed.stderr
    assert said in printed.stderr
    assert not (tmp_path / "h").exists(), "a refused init leaves nothing behind"


def test_init_refuses_a_profile_that_serve_could_not_use(tmp_path: Path) -> None:
    printed = _cli("init", "--home", str(tmp_path / "h"), "--id", "420200", "--profile", "nosuch",
                   LANG="C.UTF-8")

    assert printed.returncode == Exit.USAGE
    assert "init.profile" in printed.stderr
    assert not (tmp_path / "h").exists()


@pytest.mark.parametrize(("url", "code"), [
    ("nonsense", "home.settings"), ("mysql://x/y", "store.url"),
    ("postgresql+psycopg://x:y@127.0.0.1:1/db", "store.unavailable"),
])
def test_init_with_a_wrong_database_can_be_run_again(tmp_path: Path, url: str, code: str) -> None:
    home = ("init", "--home", str(tmp_path / "h"), "--id", "420200")
    failed = _cli(*home, "--database-url", url, LANG="C.UTF-8")
    again = _cli(*home, LANG="C.UTF-8")

    assert code in failed.stderr
    assert "Traceback" not in failed.stderr
    assert again.returncode == Exit.OK, again.stderr


def test_serve_says_in_words_why_it_does_not_start(tmp_path: Path) -> None:
    home = tmp_path / "h"
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        made = _cli("init", "--home", str(home), "--id", "420200", "--grpc-port", "0",
                    "--http-port", str(taken.getsockname()[1]), LANG="C.UTF-8")
        port = _cli("serve", "--home", str(home), LANG="C.UTF-8")
    (home / "data" / "wanmi.db").unlink()
    schema = _cli("serve", "--home", str(home), "--lang", "en")

    assert made.returncode == Exit.OK, made.stderr
    assert (port.returncode, schema.returncode) == (Exit.HOME, Exit.REFUSED)
    assert "端口已被占用" in port.stderr
    assert "(schema.missing)" in schema.stderr
    assert "what to do: run: wanmi migrate" in schema.stderr
    assert "Traceback" not in port.stderr + schema.stderr


def _failing(error: BaseException, *args: str) -> Result:
    """A command that fails with this error."""
    group = typer.Typer()

    @command(group, "one", "")
    def one(session: Session) -> None:
        raise error

    return CliRunner().invoke(group, [*args])


def test_a_bug_is_one_sentence_and_its_traceback_lies_in_a_file() -> None:
    secret = "wanmi_secret"
    failed = _failing(RuntimeError("unthinkable"), "--token", secret)

    assert failed.exit_code == Exit.FOUND
    assert "（bug）" in failed.stderr
    assert "Traceback" not in failed.stderr
    found = re.search(r"(\S+wanmi-bug-\S+\.txt)", failed.stderr)
    assert found is not None
    file = Path(found[1])
    try:
        kept = file.read_text(encoding="utf-8")
        assert "RuntimeError: unthinkable" in kept
        assert secret not in kept
        assert file.stat().st_mode & 0o077 == 0
    finally:
        file.unlink()


def test_a_taken_port_says_so() -> None:
    failed = _failing(OSError(errno.EADDRINUSE, "Address already in use ('127.0.0.1', 8080)"))

    assert failed.exit_code == Exit.HOME
    assert "端口已被占用" in failed.stderr
    assert "8080" in failed.stderr


def test_json_failures_carry_the_code() -> None:
    failed = _failing(Fenced("process 7 has it open", code="store.in_use"), "--json")

    assert json.loads(failed.stderr)["code"] == "store.in_use"


@pytest.mark.parametrize(("error", "status"), [
    (Overloaded("the disk is full", code="store.disk_full"), Exit.SILENT),
    (Overloaded("it does not answer", code="store.unavailable"), Exit.SILENT),
    (Unreachable("nats-server was not ready after 30 s"), Exit.SILENT),
    (OSError(errno.ENOSPC, "No space left on device", "boot.new"), Exit.SILENT),
    (Fenced("process 7 has it open", code="store.in_use"), Exit.REFUSED),
    (Fenced("an older copy", code="node.restored"), Exit.REFUSED),
    (Malformed("it is damaged", code="store.damaged"), Exit.REFUSED),
])
def test_only_what_may_pass_by_itself_is_tried_again_by_the_service_manager(
    error: FabricError | OSError, status: Exit
) -> None:
    unit = (ROOT / "deploy/systemd/wanmi@.service").read_text(encoding="utf-8")
    stays_down = re.search(r"RestartPreventExitStatus=([\d ]+)", unit)
    assert stays_down is not None

    failed = _failing(error)

    assert failed.exit_code == status
    assert (str(int(status)) in stays_down[1].split()) is (status is Exit.REFUSED)


def test_a_code_nobody_explained_yet_is_explained_by_its_family() -> None:
    failed = _failing(Untrusted("new", code="kit.brand_new"), "--lang", "zh")

    assert "加入包不能使用：new（kit.brand_new）" in failed.stderr
    assert "处理办法" in failed.stderr


def test_every_refusal_that_the_trust_page_lists_is_explained() -> None:
    page = (ROOT / "docs/operating/trust.md").read_text(encoding="utf-8")
    table = page.split("## Refusals")[1].split("\n## ")[0]
    codes = {code for line in table.splitlines() if line.startswith("| `")
             for code in re.findall(r"`([a-z]+\.[a-z_]+)`", line.split("|")[1])}

    assert len(codes) > 20
    assert {code for code in codes if refusals.refusal(code) is refusals.UNKNOWN} == set()


def test_the_language_is_found_before_anything_is_parsed() -> None:
    assert spoken(["x", "--lang", "en"], {"LANG": "zh_CN.UTF-8"}) == "en"
    assert spoken(["--lang=zh"], {"LANG": "en_US.UTF-8"}) == "zh"
    assert spoken([], {"LC_ALL": "", "LANG": "en_US.UTF-8"}) == "en"
    assert spoken([], {}) == "zh"
