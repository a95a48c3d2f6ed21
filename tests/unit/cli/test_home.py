"""The settings file that ``init`` writes and ``link join`` changes."""

from __future__ import annotations

import stat
from pathlib import Path

import pytest

from node.cli.home import render_settings, settings_of, with_values, write_private
from node.cli.speech import Exit, Speech, Trouble
from node.settings import FILE_NAME

SPEECH = Speech(language="en")


def _rendered(**changed: object) -> str:
    given: dict[str, object] = {
        "id_": "420203", "name": "西塞山区", "profile": "district", "parent": "420200",
        "http_port": 8081, "grpc_port": 8444, "nats_port": 4223, "nats": True,
        "database_url": "",
    }
    return render_settings(**{**given, **changed})  # type: ignore[arg-type]


def test_what_init_writes_can_be_read_back(tmp_path: Path) -> None:
    (tmp_path / FILE_NAME).write_text(_rendered(), encoding="utf-8")

    settings = settings_of(tmp_path, SPEECH)

    assert (settings.node.id, settings.node.name) == ("420203", "西塞山区")
    assert settings.parent is not None
    assert settings.parent.id == "420200"
    assert (settings.http.port, settings.grpc.port, settings.nats.port) == (8081, 8444, 4223)
    assert settings.nats.embedded


def test_names_with_quotes_and_backslashes_survive(tmp_path: Path) -> None:
    name = 'a "b" \\ c\td'
    (tmp_path / FILE_NAME).write_text(_rendered(name=name, parent=""), encoding="utf-8")

    settings = settings_of(tmp_path, SPEECH)

    assert settings.node.name == name
    assert settings.parent is None


def test_joining_changes_its_own_table_and_keeps_comments(tmp_path: Path) -> None:
    before = _rendered()

    after = with_values(before, "parent", {
        "id": "420200", "grpc": "city.example:8443", "nats": "", "prefer": "NATS"})

    (tmp_path / FILE_NAME).write_text(after, encoding="utf-8")
    settings = settings_of(tmp_path, SPEECH)
    assert settings.parent is not None
    assert (settings.parent.grpc, settings.parent.prefer) == ("city.example:8443", "NATS")
    assert settings.grpc.port == 8444
    comments = [line for line in before.splitlines() if line.startswith("#")]
    assert comments == [line for line in after.splitlines() if line.startswith("#")]


def test_a_missing_table_is_added(tmp_path: Path) -> None:
    after = with_values(_rendered(parent=""), "parent", {"id": "420200", "grpc": "a:1"})

    (tmp_path / FILE_NAME).write_text(after, encoding="utf-8")
    parent = settings_of(tmp_path, SPEECH).parent
    assert parent is not None
    assert (parent.id, parent.grpc) == ("420200", "a:1")


@pytest.mark.parametrize("content", ["[node]\nid = 'x'", "not toml", "[http]\nport = 1"])
def test_unusable_settings_are_trouble_with_the_home_not_a_traceback(
    tmp_path: Path, content: str
) -> None:
    (tmp_path / FILE_NAME).write_text(content, encoding="utf-8")

    with pytest.raises(Trouble) as caught:
        settings_of(tmp_path, SPEECH)

    assert caught.value.code is Exit.HOME


def test_secrets_are_private_even_over_an_open_file(tmp_path: Path) -> None:
    path = tmp_path / "keys" / "cli.token"
    path.parent.mkdir()
    path.write_text("old")
    path.chmod(0o644)

    write_private(path, "secret")

    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    assert path.read_text() == "secret"


def test_the_digest_of_the_audit_log_is_that_of_the_suite(tmp_path: Path) -> None:
    (tmp_path / FILE_NAME).write_text(_rendered(audit_digest="sm3"), encoding="utf-8")
    settings = settings_of(tmp_path, SPEECH)
    assert (settings.audit.digest, settings.audit.keep_days, settings.audit.anchor) == (
        "sm3", 1_095, "")


@pytest.mark.parametrize("days", [0, 30, 183])
def test_an_audit_log_is_never_kept_less_than_six_months(tmp_path: Path, days: int) -> None:
    text = _rendered().replace("keep_days = 1095", f"keep_days = {days}")
    (tmp_path / FILE_NAME).write_text(text, encoding="utf-8")
    with pytest.raises(Trouble) as refused:
        settings_of(tmp_path, SPEECH)
    assert refused.value.code is Exit.HOME
    assert "keep_days" in str(refused.value)
