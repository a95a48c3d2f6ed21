"""Manifests: every kind declares itself, every mistake is named."""

from __future__ import annotations

import tomllib
from datetime import UTC, datetime
from importlib.resources import files
from pathlib import Path
from typing import Any

import pytest

from adapters.contract import Adapter, MappingError, Secret
from adapters.manifest import ManifestError, catalogue, load_adapter, load_kind, read_kind
from adapters.quality import RULES, CardError, Grade, read_card

GOOD = """
id = "power"
kind = "rest"
name = "供电公司"
[config]
base_url = "https://10.0.0.8/api"
auth = "bearer"
secret_file = "token"
"""


def install(home: Path, manifest: str = GOOD, *, token_mode: int = 0o600) -> Path:
    folder = home / "power"
    folder.mkdir()
    (folder / "manifest.toml").write_text(manifest, "utf-8")
    (folder / "mapping.toml").write_bytes(
        (files("adapters") / "rest" / "example-mapping.toml").read_bytes()
    )
    (folder / "token").write_bytes(b"s3cr3t-token\n")
    (folder / "token").chmod(token_mode)
    return folder


@pytest.mark.parametrize("kind", catalogue())
def test_every_kind_has_the_same_rooms(kind: str) -> None:
    folder = files("adapters") / kind
    for room in ("manifest.toml", "quality.toml", "adapter.py", "simulator.py"):
        assert (folder / room).is_file(), f"{kind} lacks {room}"
    manifest = load_kind(kind)
    assert all(key.doc for key in manifest.config.values())


def test_a_good_adapter_loads_with_defaults_and_hides_its_secret(tmp_path: Path) -> None:
    manifest = load_adapter(install(tmp_path))
    assert manifest.config["timeout_s"] == 10.0
    secret = manifest.config["secret_file"]
    assert isinstance(secret, Secret)
    assert secret.text() == "s3cr3t-token"
    assert "s3cr3t" not in f"{manifest!r} {secret} {secret!r}"
    adapter: Adapter = manifest.create(lambda: datetime.now(UTC))
    assert "s3cr3t" not in repr(adapter)


@pytest.mark.parametrize(
    ("change", "sentence"),
    [
        (('id = "power"', 'id = "water"'), "id: must be 'power'"),
        (('kind = "rest"', 'kind = "soap"'), "'soap' is not in the catalogue"),
        (('base_url = "https://10.0.0.8/api"', ""), "config.base_url: required"),
        (('auth = "bearer"', 'auth = "digest"'), "config.auth: one of"),
        (('auth = "bearer"', "timeout_s = 0"), "config.timeout_s: at least"),
        (('auth = "bearer"', "timeout_s = true"), "config.timeout_s: must be number"),
        (('auth = "bearer"', "timout_s = 3"), "config.timout_s: rest has no such key"),
        (('secret_file = "token"', 'secret_file = "nowhere"'), "cannot be read"),
        (('name = "供电公司"', 'colour = "red"'), "colour: unknown key"),
        (('name = "供电公司"', "poll_every_s = 0"), "poll_every_s: seconds"),
        (('name = "供电公司"', "name = "), "is not TOML"),
    ],
)
def test_mistakes_are_named(tmp_path: Path, change: tuple[str, str], sentence: str) -> None:
    manifest = GOOD.replace(*change, 1)
    assert manifest != GOOD
    with pytest.raises(ManifestError, match=sentence):
        load_adapter(install(tmp_path, manifest))


def test_a_secret_that_others_can_read_is_refused(tmp_path: Path) -> None:
    with pytest.raises(ManifestError, match="chmod 600"):
        load_adapter(install(tmp_path, token_mode=0o644))


def test_a_broken_mapping_stops_the_adapter_before_it_starts(tmp_path: Path) -> None:
    folder = install(tmp_path)
    mapping = folder / "mapping.toml"
    mapping.write_text(mapping.read_text("utf-8").replace('done = ["40"]', ""), "utf-8")
    with pytest.raises(MappingError, match="'40' is declared but means nothing"):
        load_adapter(folder)


@pytest.mark.parametrize(
    ("change", "sentence"),
    [
        ({"calls": None}, r"calls.probe.path: required"),
        ({"base_url": "ftp://x"}, r"config.base_url"),
    ],
)
def test_the_kind_checks_its_own_tables(
    tmp_path: Path, change: dict[str, Any], sentence: str
) -> None:
    folder = install(tmp_path)
    if "calls" in change:
        table = tomllib.loads((folder / "mapping.toml").read_text("utf-8"))
        cut = (folder / "mapping.toml").read_text("utf-8").partition("[calls.probe]")[0]
        assert "calls" in table
        (folder / "mapping.toml").write_text(cut, "utf-8")
    else:
        text = (folder / "manifest.toml").read_text("utf-8")
        (folder / "manifest.toml").write_text(
            text.replace("https://10.0.0.8/api", change["base_url"]), "utf-8"
        )
    manifest = load_adapter(folder)
    with pytest.raises(MappingError, match=sentence):
        manifest.create(lambda: datetime.now(UTC))


def test_a_kind_that_hears_nothing_is_no_adapter() -> None:
    with pytest.raises(ManifestError, match="hears nothing back"):
        read_kind({"kind": "x", "version": "1", "title": "X", "can": ["lookup"]}, "x")


def test_an_exemption_needs_a_sentence() -> None:
    rules = dict.fromkeys(RULES, "done")
    assert read_card({"rules": rules}, "x").grade is Grade.GOLD
    rules["photos_survive"] = "exempt"
    with pytest.raises(CardError, match="photos_survive: an exemption needs a sentence"):
        read_card({"rules": rules, "exempt": {"photos_survive": "no time"}}, "x")
    rules["photos_survive"] = "todo"
    assert read_card({"rules": rules}, "x").grade is Grade.SILVER
    del rules["photos_survive"]
    with pytest.raises(CardError, match="photos_survive: no entry"):
        read_card({"rules": rules}, "x")
