"""Evidence bundles of real nodes, checked by the program inside of them on a bare Python."""

from __future__ import annotations

import asyncio
import json
import random
import subprocess
import sys
import zipfile
from collections.abc import Callable, Mapping
from hashlib import sha256
from pathlib import Path
from typing import Any, NamedTuple

import pytest

from hub.link import acks
from hub.suites.registry import SM2
from node.core import commands as cmd
from node.core.errors import Refused
from node.core.facts import Address, Limits
from node.main.serving import Running
from node.service.bundles import SIGNED_WITH
from node.store import audit
from node.verifier.verify_evidence import Check, read
from tests.integration.node.losses import all_quiet, dispatched, done, query, sign, stands
from tests.integration.node.town import head, plan, until
from tests.trees import CITY, DISTRICT, STREET

COUNTERSIGN_S = 1.0
"""In the wild a minute."""
AUDITOR = frozenset({"auditor"})


class Bundle(NamedTuple):
    """A bundle as files, and the fingerprint that the auditor has from elsewhere."""

    files: Mapping[str, bytes]
    fingerprint: str
    path: Path

    def of(self, folder: str) -> list[str]:
        return sorted(name for name in self.files if name.startswith(folder + "/"))


async def taken(node: Running, case_id: str, folder: Path) -> Bundle:
    made = await node.office.bundles.make(
        case_id, reason="行政复议", actor="auditor", roles=AUDITOR)
    path = folder / f"{node.settings.node.id}.zip"
    made.path.rename(path)
    return Bundle(read(path), made.fingerprint, path)


async def story(folder: Path, **suites: str) -> dict[str, Bundle]:
    """A case goes down two tiers and comes back handled, with a photo; somebody looked at it."""
    town = plan(folder, suites=suites)
    async with town.running(CITY, DISTRICT, STREET) as node:
        city, district, street = (node[one] for one in (CITY, DISTRICT, STREET))
        case_id = await dispatched(city, DISTRICT)
        await stands(district, case_id, "held")
        await district.office.handle(cmd.Dispatch(
            **head(district, case_id), to=Address.parse(f"node:{STREET}"), limits=Limits()))
        await stands(street, case_id, "held")
        await sign(street, case_id)
        await done(street, case_id)
        await stands(city, case_id, "feedback_given")
        await city.office.drill(case_id, DISTRICT, purpose="督查", actor="leader")
        await all_quiet(city, district, street)
        # Another case goes the same way before the city signs that it has everything.
        await asyncio.sleep(COUNTERSIGN_S)
        other = await dispatched(city, DISTRICT)
        await stands(district, other, "held")
        await sign(district, other)

        async def countersigned() -> bool:
            return bool(query(district.settings.database_url, "SELECT 1 FROM countersign"))

        await until("a countersign", countersigned)
        await all_quiet(city, district, street)
        with pytest.raises(Refused) as role:
            await city.office.bundles.make(case_id, reason="x", actor="x", roles=frozenset())
        with pytest.raises(Refused) as why:
            await city.office.bundles.make(case_id, reason=" ", actor="x", roles=AUDITOR)
        assert ("evidence.role", "evidence.reason") == (role.value.code, why.value.code)
        found = {one: await taken(node[one], case_id, folder) for one in (CITY, DISTRICT, STREET)}
        rows = await city.writer.read(lambda conn: audit.rows(
            conn, {"action": "ExportEvidence"}, before=None, limit=9))
        assert [("auditor", f"case:{case_id}", "行政复议")] == [
            (row["actor"], row["subject"], row["reason"]) for row in rows]
        assert not list((city.settings.data).glob("evidence-*")), "nothing is left behind"
    return found


@pytest.fixture(scope="module")
def bundles(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Bundle]:
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(acks, "COUNTERSIGN_US", COUNTERSIGN_S * 1e6)
        return asyncio.run(story(tmp_path_factory.mktemp("evidence")))


@pytest.fixture(scope="module")
def city(bundles: dict[str, Bundle]) -> Bundle:
    return bundles[CITY]


def check(files: Mapping[str, bytes], fingerprint: str = "") -> list[str]:
    return Check(dict(files), fingerprint).run().broken


def run_alone(bundle: Path, *words: str) -> subprocess.CompletedProcess[str]:
    """The program out of the bundle, on a Python that has nothing but its own library."""
    script = bundle.with_suffix(".py")
    with zipfile.ZipFile(bundle) as inside:
        script.write_bytes(inside.read("verify.py"))
    return subprocess.run(
        (sys.executable, "-I", "-S", str(script), str(bundle), *words),
        capture_output=True, text=True, timeout=120, check=False, cwd=bundle.parent)


def test_the_program_inside_checks_a_bundle_without_wanmi(bundles: dict[str, Bundle]) -> None:
    for node, bundle in bundles.items():
        told = run_alone(bundle.path, "--root-key", bundle.fingerprint)
        assert told.returncode == 0, told.stdout + told.stderr
        assert "全部成立" in told.stdout
        assert f"出包 made by {node}" in told.stdout
        found = json.loads(run_alone(bundle.path, "--json").stdout)
        assert found["holds"]
        assert found["entries"]


def test_it_says_who_sealed_each_entry_when_with_which_key_in_which_roster(city: Bundle) -> None:
    found = Check(dict(city.files)).run().entries
    makers = {one["sealed_by"] for one in found}
    assert makers == {CITY, DISTRICT, STREET}
    below = [one for one in found if one["node"] != CITY]
    assert all(one["sealed_by"] == one["node"] for one in below)
    assert all(one["key"] and one["roster"] and one["sealed_at"] for one in below)
    lines = run_alone(city.path).stdout
    assert f"{STREET} 封签 sealed" in lines
    assert "listed in roster" in lines
    assert "GetCase" in lines, "whoever looked is in it"


def test_a_district_shows_what_it_sent_and_that_the_city_confirmed_it(
    bundles: dict[str, Bundle]
) -> None:
    district = bundles[DISTRICT]
    assert district.of("countersigns")
    assert {name.split("/")[2].split("-")[0] for name in district.of("words")} == {"in", "out"}
    lines = "\n".join(Check(dict(district.files)).run().lines)
    assert f"{CITY} 会签 confirmed that it has what {DISTRICT} sent" in lines
    own = [one for one in Check(dict(district.files)).run().entries if one["node"] == DISTRICT]
    assert any(one["key"] for one in own), "own entries that went up carry their seal"


def test_a_bundle_of_another_root_is_not_taken_for_ours(city: Bundle) -> None:
    told = run_alone(city.path, "--root-key", "00" * 32)
    assert told.returncode == 1
    assert "这不是" in told.stdout or "不是所给的那一把" in told.stdout


def flipped(data: bytes, at: int) -> bytes:
    return data[:at] + bytes([data[at] ^ 1]) + data[at + 1:]


KINDS = ("entries", "traces", "words", "countersigns", "headers", "rosters", "photos")


@pytest.mark.parametrize("kind", [*KINDS, "manifest.json", "manifest.sig.json", "keys.json",
                                  "audit.jsonl", "file.html", "verify.py", "README.txt"])
def test_any_byte_of_any_file_changed_is_found(bundles: dict[str, Bundle], kind: str) -> None:
    """Bytes at both ends and at places drawn with a seed, of every file of the kind."""
    drawn, tried = random.Random(kind), 0
    for bundle in bundles.values():
        names = bundle.of(kind) if kind in KINDS else [kind]
        for name in names:
            data = bundle.files[name]
            places = {0, len(data) - 1, *(drawn.randrange(len(data)) for _ in range(2))}
            for at in sorted(places) if data else ():
                tried += 1
                changed = {**bundle.files, name: flipped(data, at)}
                assert is_broken(changed), f"byte {at} of {name}"
    assert tried


def is_broken(files: Mapping[str, bytes]) -> bool:
    try:
        return bool(check(files))
    except (ValueError, KeyError, TypeError):
        return True  # the program says that this is no bundle


@pytest.mark.parametrize("kind", KINDS)
def test_any_file_taken_out_or_slipped_in_is_found(bundles: dict[str, Bundle], kind: str) -> None:
    for bundle in bundles.values():
        for name in bundle.of(kind):
            less = {one: data for one, data in bundle.files.items() if one != name}
            assert is_broken(less), name
            assert is_broken({**bundle.files, name + ".x": bundle.files[name]}), name


# --- a manifest made anew with the exporting node's own key: what seals alone still find ----------


def resigned(bundle: Bundle, files: dict[str, bytes], seal: Callable[[bytes], bytes]) -> Any:
    manifest = json.loads(bundle.files["manifest.json"])
    manifest["files"] = [
        {"path": name, "bytes": len(data), "sha256": sha256(data).hexdigest()}
        for name, data in files.items() if not name.startswith("manifest")]
    raw = json.dumps(manifest, ensure_ascii=False, sort_keys=True, separators=(",", ":")).encode()
    signed = {**json.loads(bundle.files["manifest.sig.json"]),
              "signature": seal(SIGNED_WITH + raw).hex()}
    return {**files, "manifest.json": raw, "manifest.sig.json": json.dumps(signed).encode()}


@pytest.fixture(scope="module")
def forger(city: Bundle) -> Callable[[dict[str, bytes]], list[str]]:
    """The city's own office forges its bundle, with its own key."""
    from hub.roster.identity import Identity

    identity = Identity.load(city.path.parent / CITY / "keys")
    return lambda files: check(resigned(city, files, identity.sign.sign))


def test_the_exporting_office_cannot_change_what_others_sealed(
    city: Bundle, forger: Callable[[dict[str, bytes]], list[str]]
) -> None:
    assert forger(dict(city.files)) == []
    for name in city.of("entries"):
        node = name.split("/")[1]
        if node == CITY:
            continue
        data = city.files[name]
        for at in range(0, len(data), max(1, len(data) // 7)):
            assert forger({**city.files, name: flipped(data, at)}), f"byte {at} of {name}"
        trace = name.replace("entries/", "traces/").replace(".entry", ".sealed")
        for at in range(0, len(city.files[trace]), max(1, len(city.files[trace]) // 7)):
            assert forger({**city.files, trace: flipped(city.files[trace], at)}), (at, trace)


def test_the_exporting_office_cannot_leave_an_entry_out_or_change_a_roster_or_a_photo(
    city: Bundle, forger: Callable[[dict[str, bytes]], list[str]]
) -> None:
    *middle, _ = [name for name in city.of("entries") if name.split("/")[1] == STREET]
    for name in middle:
        trace = name.replace("entries/", "traces/").replace(".entry", ".sealed")
        less = {one: data for one, data in city.files.items() if one not in (name, trace)}
        assert any("缺少" in one for one in forger(less)), name
    for name in (*city.of("rosters"), *city.of("photos")):
        data = city.files[name]
        for at in range(0, len(data), max(1, len(data) // 9)):
            assert forger({**city.files, name: flipped(data, at)}), f"byte {at} of {name}"


def test_an_audit_row_changed_by_the_exporting_office_contradicts_its_chain(
    city: Bundle, forger: Callable[[dict[str, bytes]], list[str]]
) -> None:
    changed = city.files["audit.jsonl"].replace(b'"actor":"leader"', b'"actor":"nobody"')
    assert changed != city.files["audit.jsonl"]
    assert any("审计" in one for one in forger({**city.files, "audit.jsonl": changed}))


def test_offices_that_seal_with_sm2_are_checked_by_the_same_program(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(acks, "COUNTERSIGN_US", COUNTERSIGN_S * 1e6)
    found = asyncio.run(story(tmp_path, **{DISTRICT: SM2}))
    for bundle in found.values():
        told = run_alone(bundle.path, "--root-key", bundle.fingerprint)
        assert told.returncode == 0, told.stdout + told.stderr
    district = found[DISTRICT]
    assert json.loads(district.files["manifest.sig.json"])["alg"] == SM2
    for name in ("manifest.json", district.of("traces")[0], district.of("words")[0]):
        data = district.files[name]
        assert is_broken({**district.files, name: flipped(data, len(data) // 2)})


def test_what_is_no_bundle_is_said_to_be_none(tmp_path: Path) -> None:
    script = Path(sys.modules[Check.__module__].__file__ or "")
    (tmp_path / "empty").mkdir()
    (tmp_path / "text.zip").write_text("no zip", encoding="utf-8")
    for path in ("empty", "text.zip", "nowhere"):
        done_ = subprocess.run(
            (sys.executable, "-I", "-S", str(script), str(tmp_path / path)),
            capture_output=True, text=True, timeout=60, check=False)
        assert (done_.returncode, "不是证据包" in done_.stderr) == (2, True)
