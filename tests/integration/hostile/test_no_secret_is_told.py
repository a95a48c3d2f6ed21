"""Secrets of all kinds are canaries; what a node prints, answers and keeps in the open has none."""

from __future__ import annotations

import io
import json
import logging
import re
import shutil
import subprocess
from collections.abc import Iterator
from contextlib import redirect_stderr
from pathlib import Path

import httpx
import pytest
import structlog

from hub.ports import free_port
from node.main import logs
from node.settings import load
from tests.integration.http.node import CITY, DISTRICT, WANMI, launch, wanmi

PASSPHRASE = "canary-passphrase-of-the-keys"
BACKUP = "canary-passphrase-of-backups"
DATABASE = "canary-database-password"
BEARER, HOOK = "canary-bearer-of-the-unit", "canary-secret-of-the-webhook"
WRONG = "canary-wrong-token-0123456789"
PASSWORD = "canary correct horse battery"
CODE = "CANARY7K3M"
GIVEN = (PASSPHRASE, BACKUP, DATABASE, BEARER, HOOK, WRONG, PASSWORD, CODE, "13812345678")
"""What somebody types, sends or configures. Beside these: what the node itself makes."""


def secret_file(path: Path, text: str) -> Path:
    path.write_text(text, encoding="utf-8")
    path.chmod(0o600)
    return path


def run(*args: str) -> tuple[int, str]:
    """A command and all that it prints."""
    done = subprocess.run((*WANMI, *args), capture_output=True, text=True, timeout=120, check=False)
    return done.returncode, done.stdout + done.stderr


def adapter(home: Path) -> None:
    folder = home / "adapters" / "power"
    folder.mkdir(parents=True, exist_ok=True)
    (folder / "manifest.toml").write_text(
        'id = "power"\nkind = "rest"\nname = "供电公司"\npoll_every_s = 1\n[config]\n'
        f'base_url = "http://127.0.0.1:{free_port()}"\nauth = "bearer"\n'
        'secret_file = "token"\nwebhook_secret_file = "hook"\n', encoding="utf-8")
    source = Path(__file__).parents[3] / "adapters" / "rest" / "example-mapping.toml"
    shutil.copy(source, folder / "mapping.toml")
    secret_file(folder / "token", BEARER)
    secret_file(folder / "hook", HOOK)


def provoke(api: httpx.Client) -> list[str]:
    """Calls that go wrong in ways in which programs like to quote; every answer with its head."""
    wrong = {"Authorization": f"Bearer {WRONG}"}
    calls: list[tuple[str, str, dict[str, object]]] = [
        ("GET", "/api/v1/cases", {"headers": wrong}),
        ("GET", f"/api/v1/cases?token={WRONG}", {}),
        ("GET", f"/f/power/{WRONG}", {}),
        ("POST", "/hooks/power", {"content": b"{}", "headers": {"X-Signature": WRONG}}),
        ("POST", "/account/login", {"data": {"login": "li.jie", "password": PASSWORD}}),
        ("POST", "/account/login", {"json": {"login": "li.jie", "password": PASSWORD}}),
        ("GET", f"/public/cases/4202002026112600001?code={CODE}", {}),
        ("POST", "/api/v1/cases", {"json": {"password": PASSWORD, "reporter": {
            "phone": "13812345678x" * 9}}}),
        ("POST", "/api/v1/cases", {"content": f'{{"text": "{PASSWORD}"'.encode(), "headers": {
            "Content-Type": "application/json"}}),
        ("POST", "/api/v1/tokens", {"json": {"name": "x", "scope": PASSWORD}}),
        ("POST", "/api/v1/photos", {"files": {"file": (f"{PASSWORD}.jpg", b"none")}}),
        ("GET", "/api/v1/links", {}), ("GET", "/api/v1/adapters", {}), ("GET", "/metrics", {}),
    ]
    heard = []
    for method, path, more in calls:
        answer = api.request(method, path, **more)  # type: ignore[arg-type]
        heard.append(f"{method} {path.partition('?')[0]} {answer.headers!r} {answer.text}")
        assert answer.status_code != 500, answer.text
    return heard


def searched(where: str, text: str, secrets: dict[str, str]) -> list[str]:
    return [f"{name} in {where}" for name, secret in secrets.items() if secret in text]


@pytest.mark.slow
def test_no_secret_is_in_what_a_node_prints_answers_or_keeps_in_the_open(tmp_path: Path) -> None:
    home, port = tmp_path / CITY, free_port()
    kept_apart = tmp_path / "apart"
    kept_apart.mkdir(mode=0o700)
    passphrase = secret_file(kept_apart / "passphrase", PASSPHRASE + "\n")
    made = json.loads(wanmi(
        "init", "--home", str(home), "--id", CITY, "--name", "黄石市", "--profile", "city",
        "--http-port", str(port), "--grpc-port", str(free_port()), "--nats-port", "0",
        "--passphrase-file", str(passphrase), "--json"))
    adapter(home)
    node = launch(home, port, made["token"])
    printed: dict[str, str] = {}
    secrets = {one: one for one in GIVEN} | {"the first token": made["token"]}
    try:
        node.wait_ready()
        with node.client() as api:
            answers = provoke(api)
        one = json.loads(wanmi("token", "create", "canary", "--home", str(home), "--scope", "read",
                               "--json"))
        secrets["a token"] = one["token"]
        _, invitation = run("invite", "create", DISTRICT, "--name", "西塞山区", "--home", str(home),
                            "--at", "localhost:8444", "--grpc", "localhost:8443")
        found = re.search(r"wanmi-invitation-1\.\S+", invitation)
        assert found, invitation
        secrets["an invitation"] = found[0].rstrip(".")
        for args in (("doctor",), ("doctor", "--json"), ("keys", "status"), ("token", "list"),
                     ("account", "list"), ("adapter", "list"), ("invite", "list")):
            printed[" ".join(args)] = run(*args, "--home", str(home))[1]
        printed["backup"] = run(
            "backup", "--home", str(home), "--to", str(tmp_path / "kept"), "--passphrase-file",
            str(secret_file(kept_apart / "backup", BACKUP + "\n")))[1]
    finally:
        node.stop()
    leaks = searched("the log", node.log.read_text(encoding="utf-8", errors="replace"), secrets)
    for text in answers:
        # what a caller asked with is in the address it asked for, at most
        leaks += searched("an answer to " + text[:40], text.partition(" ")[2].partition(" ")[2],
                          secrets)
    for where, text in printed.items():
        leaks += searched(where, text, secrets)
    their_own = {"token", "hook", "cli.token"}
    for path in [*home.rglob("*"), *(tmp_path / "kept").rglob("*")]:
        if path.is_file() and path.name not in their_own:
            leaks += searched(str(path), path.read_bytes().decode("latin-1"), secrets)
    assert [] == leaks


@pytest.mark.parametrize("command", ["doctor", "serve"])
def test_the_password_of_a_database_that_does_not_answer_is_not_told(
    tmp_path: Path, command: str
) -> None:
    home = tmp_path / CITY
    wanmi("init", "--home", str(home), "--id", CITY, "--json")
    settings = home / "wanmi.toml"
    url = f"postgresql+psycopg://wanmi:{DATABASE}@127.0.0.1:{free_port()}/wanmi"
    text = settings.read_text(encoding="utf-8")
    settings.write_text(re.sub(r'(\[database\][^\[]*?\nurl = )""', rf'\1"{url}"', text),
                        encoding="utf-8")
    assert DATABASE in settings.read_text(encoding="utf-8")

    status, said = run(command, "--home", str(home))

    assert status != 0
    assert said.strip()
    assert DATABASE not in said


@pytest.fixture
def _loggers_as_before() -> Iterator[None]:
    root = logging.getLogger()
    before = root.handlers[:]
    yield
    for handler in [one for one in root.handlers if one not in before]:
        root.removeHandler(handler)
    structlog.reset_defaults()
    structlog.contextvars.clear_contextvars()


@pytest.mark.usefixtures("_loggers_as_before")
def test_what_a_library_says_is_a_line_like_all_others(tmp_path: Path) -> None:
    home = tmp_path / CITY
    wanmi("init", "--home", str(home), "--id", CITY, "--json")
    out = io.StringIO()

    with redirect_stderr(out):
        logs.configure(load(home))
        logs.configure(load(home))
        logging.getLogger("asyncio").warning("a socket %s", "closed")
        logging.getLogger("asyncio").info("nothing of interest")

    [line] = [json.loads(one) for one in out.getvalue().splitlines()]
    assert (line["event"], line["logger"], line["level"]) == ("library", "asyncio", "warning")
    assert line["detail"] == "a socket closed"
    assert line["node"] == CITY


@pytest.mark.usefixtures("_loggers_as_before")
@pytest.mark.parametrize("form", ["json", "text"])
def test_a_traceback_shows_where_and_not_what(tmp_path: Path, form: str) -> None:
    home = tmp_path / CITY
    wanmi("init", "--home", str(home), "--id", CITY, "--json")
    out = io.StringIO()

    def dies(password: str) -> None:
        told = {"phone": password}
        raise RuntimeError(f"{len(told)} parts")

    with redirect_stderr(out):
        logs.configure(load(home, log_format=form))
        log = structlog.get_logger("crash")
        try:
            dies(PASSWORD)
        except RuntimeError:
            log.exception("bug", access_token=WRONG, cookie=CODE, passphrase=PASSPHRASE)
    said = out.getvalue()
    assert "dies" in said
    assert "RuntimeError" in said
    assert [] == searched("the traceback", said, {one: one for one in GIVEN})
