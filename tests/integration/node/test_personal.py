"""A node that seals names and phones, from its settings to its command line."""

from __future__ import annotations

import asyncio
import json
from pathlib import Path

import pytest
from typer.testing import CliRunner

from hub.errors import FabricError
from hub.roster import vault
from hub.suites.registry import SM2
from node.cli import app
from node.core import commands as cmd
from node.core.facts import CaseId, Category, CommandId, Place
from node.core.reporter import Reporter
from node.main.serving import Running
from node.settings import Personal, load
from tests.integration.node.homes import write_settings
from tests.integration.node.town import STANDARD, Plan, plan
from tests.trees import CITY

REPORTER = Reporter(name="欧阳建国", phone="13800001234", wants_reply=True, channel="sms")


async def reported(node: Running) -> str:
    case_id: str = node.office.fresh_id()
    await node.office.handle(cmd.OpenCase(
        command_id=CommandId(node.office.fresh_id()), actor="hotline", case_id=CaseId(case_id),
        case_no="", text="井盖破损", source="hotline", reporter=REPORTER,
        category=Category(standard_ref=STANDARD, kind="component", code="01001", name="供水井盖"),
        place=Place(area="420203001", address="湖滨大道 1 号")))
    return case_id


def open_and_read(town: Plan, *known: str) -> str:
    """A report more; those known from before, and it, are read."""

    async def work() -> str:
        async with town.running(CITY) as nodes:
            case_id = await reported(nodes[CITY])
            for one in (*known, case_id):
                found = await nodes[CITY].office.reporters.read(one, purpose="回访", actor="x")
                assert found == REPORTER
            return case_id

    return asyncio.run(work())


def shown(home: Path) -> bool:
    """Whether any file of the database shows the phone."""
    return any(REPORTER.phone.encode() in path.read_bytes() or
               REPORTER.name.encode() in path.read_bytes()
               for path in (home / "data").glob("wanmi.db*"))


def keys_data(home: Path, *args: str) -> dict[str, object]:
    result = CliRunner().invoke(app, ["keys", "data", *args, "--json", "--home", str(home)], env={
        "WANMI_TOKEN": "", "WANMI_URL": "", "WANMI_HOME": "", "LANG": "C.UTF-8"})
    assert result.exit_code == 0, result.output
    said: dict[str, object] = json.loads(result.stdout)
    return said


@pytest.mark.parametrize("suite", ["ed25519", SM2])
def test_names_and_phones_are_sealed_and_their_key_is_renewed(tmp_path: Path, suite: str) -> None:
    town = plan(tmp_path, street=False, suites={CITY: suite})
    settings = town.settings[CITY].model_copy(update={"personal": Personal(sealed=True)})
    town = Plan({CITY: settings})
    home, file = settings.home, settings.keys / "data.key"
    write_settings(settings)
    (home / "wanmi.toml").write_text(
        (home / "wanmi.toml").read_text().replace("sealed = false", "sealed = true"))
    assert load(home).personal.sealed
    first = open_and_read(town)
    assert not shown(home)
    assert file.stat().st_mode & 0o777 == 0o600
    cipher = "sm4-gcm" if suite == SM2 else "aes-256-gcm"
    assert file.read_text().startswith(f"{cipher} ")
    other = "aes-256-gcm" if suite == SM2 else "sm4-gcm"
    assert keys_data(home, "--renew", "--cipher", other) == {
        "reporters": 1, "callers": 0, "sealed": True}
    lines = file.read_text().splitlines()
    assert [line.split()[0] for line in lines] == [other, cipher]
    file.write_text(lines[0] + "\n")  # nothing lies under the older one any more
    second = open_and_read(town, first)
    vault.protect(settings.keys, b"correct horse battery")
    open_and_read(town, first, second)
    assert not shown(home)
    vault.unprotect(settings.keys)
    file.rename(file.with_suffix(".lost"))
    with pytest.raises(FabricError) as lost:
        open_and_read(town, first)  # a new key is made, which opens nothing of before
    assert lost.value.code == "cipher.key"


def test_an_office_that_does_not_seal_makes_no_key(tmp_path: Path) -> None:
    town = plan(tmp_path, street=False)
    open_and_read(town)
    assert shown(town.settings[CITY].home)
    assert not (town.settings[CITY].keys / "data.key").exists()
