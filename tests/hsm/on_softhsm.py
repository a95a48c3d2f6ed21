"""A node whose sign key and roster key live in a device: ``make hsm``.

Part of ``make test`` where the device is there: SoftHSM, a package of the system (Debian and
Ubuntu: ``softhsm2``). ``WANMI_TEST_PKCS11`` says where its library lies, if elsewhere.
"""

from __future__ import annotations

import asyncio
import itertools
import json
import os
import subprocess
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pkcs11
import pytest
from pkcs11 import Attribute, KeyType, Mechanism
from typer.testing import CliRunner, Result

from hub.errors import FabricError
from hub.roster import vault
from hub.roster.identity import Identity
from hub.roster.keys import SignKey
from hub.seal import ED25519
from hub.suites.registry import verify
from node.cli import app
from tests.integration.node.test_nodes import there_and_back
from tests.integration.node.town import plan
from tests.trees import CITY, DISTRICT, STREET

MODULE = os.environ.get("WANMI_TEST_PKCS11", "/usr/lib/softhsm/libsofthsm2.so")  # noqa: TID251
PIN = "87654321"
NUMBERS = itertools.count(1)
EDWARDS25519 = b"\x13\x0cedwards25519"
"""CKA_EC_PARAMS: the curve by its name, DER."""


class Device:
    """A fresh token; keys are made in it as an administrator would."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self.pin = folder / "pin"
        self.pin.write_text(PIN + "\n")
        self.pin.chmod(0o600)
        self.label = f"wanmi-{next(NUMBERS)}"
        subprocess.run(
            ["softhsm2-util", "--init-token", "--free", "--label", self.label, "--so-pin",
             "12345678", "--pin", PIN], check=True, capture_output=True)

    def make(self, label: str) -> str:
        """An Ed25519 key; returns its address."""
        token = pkcs11.lib(MODULE).get_token(token_label=self.label)
        with token.open(rw=True, user_pin=PIN) as session:
            curve = session.create_domain_parameters(
                KeyType.EC_EDWARDS, {Attribute.EC_PARAMS: EDWARDS25519}, local=True)
            curve.generate_keypair(
                mechanism=Mechanism.EC_EDWARDS_KEY_PAIR_GEN, store=True, label=label)
        return self.address(label)

    def address(self, label: str) -> str:
        return (f"pkcs11:token={self.label};object={label}"
                f"?module-path={MODULE}&pin-source=file:{self.pin}")


@pytest.fixture(scope="session", autouse=True)
def _store(tmp_path_factory: pytest.TempPathFactory) -> Iterator[None]:
    folder = tmp_path_factory.mktemp("softhsm")
    (folder / "tokens").mkdir()
    config = folder / "softhsm2.conf"
    config.write_text(f"directories.tokendir = {folder / 'tokens'}\n")
    os.environ["SOFTHSM2_CONF"] = str(config)  # noqa: TID251 - read by the device's own library
    pkcs11.lib(MODULE)
    yield
    del os.environ["SOFTHSM2_CONF"]  # noqa: TID251


@pytest.fixture
def device(tmp_path: Path) -> Device:
    made = Device(tmp_path)
    pkcs11.lib(MODULE).reinitialize()  # tokens made by another process are seen from now on
    return made


def test_the_device_signs_and_the_key_stays_in_it(device: Device, tmp_path: Path) -> None:
    key = SignKey.in_device(device.make("sign"))
    assert verify(ED25519, key.public, key.sign(b"word"), b"word")
    assert not verify(ED25519, key.public, key.sign(b"word"), b"worD")
    key.save(tmp_path / "sign.key")
    again = SignKey.load(tmp_path / "sign.key")
    assert again.key_id == key.key_id
    with ThreadPoolExecutor(4) as pool:
        words = [str(n).encode() for n in range(100)]
        signed = list(pool.map(again.sign, words))
    assert all(verify(ED25519, key.public, s, w) for s, w in zip(signed, words, strict=True))


def test_a_session_that_was_lost_is_opened_again(device: Device) -> None:
    key = SignKey.in_device(device.make("sign"))
    key._private._session.close()  # type: ignore[attr-defined]
    assert verify(ED25519, key.public, key.sign(b"word"), b"word")


def test_a_wrong_pin_and_a_missing_key_are_told_apart(device: Device) -> None:
    address = device.make("sign")
    with pytest.raises(FabricError) as absent:
        SignKey.in_device(device.address("other"))
    assert absent.value.code == "keys.device"
    device.pin.write_text("11111111")
    with pytest.raises(FabricError) as wrong:
        SignKey.in_device(address)
    assert wrong.value.code == "keys.pin"
    assert "11111111" not in str(wrong.value)


def test_a_town_whose_city_signs_and_names_members_by_its_device(
    device: Device, tmp_path: Path
) -> None:
    """The city's words, and every roster, are under keys that nobody can copy."""
    town = plan(tmp_path / "town", street=True)
    keys = town.settings[CITY].keys
    city = Identity.load(keys)
    grown = city.going_over(ED25519, now_us=city.made_at_us,
                            made=SignKey.in_device(device.make("sign")))
    from hub.roster import join

    join.list_own_keys(grown, now_us=city.made_at_us)
    grown.gone_over()
    assert b"PRIVATE" not in (keys / "sign.key").read_bytes()
    vault.protect(keys, b"correct horse battery")
    asyncio.run(there_and_back(town, (CITY, DISTRICT, STREET)))


def run(home: Path, *args: str) -> Result:
    return CliRunner().invoke(app, [*args, "--home", str(home), "--json"], env={
        "WANMI_TOKEN": "", "WANMI_URL": "", "WANMI_HOME": "", "LANG": "C.UTF-8"})


def test_a_root_is_made_with_both_keys_in_the_device(device: Device, tmp_path: Path) -> None:
    home = tmp_path / "home"
    sign, roster_key, later = (device.make(label) for label in ("sign", "roster", "next"))
    made = run(home, "init", "--id", "420200", "--http-port", "1", "--sign-device",
               sign, "--roster-device", roster_key)
    assert made.exit_code == 0, made.output
    for name in ("sign.key", "roster.key"):
        assert (home / "keys" / name).read_bytes().startswith(b"pkcs11:")
    identity = Identity.load(home / "keys")
    roster = identity.roster()
    assert roster is not None
    assert roster.member(identity.node) is not None
    said = json.loads(run(home, "keys", "status").stdout)
    assert (said["opens"], said["key_id"]) == (True, identity.sign.key_id)
    changed = run(home, "keys", "change", "--device", later)
    assert changed.exit_code == 0, changed.output
    assert run(home, "keys", "change", "--end").exit_code == 0
    assert Identity.load(home / "keys").sign.key_id != identity.sign.key_id
