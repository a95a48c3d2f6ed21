"""The worked example holds together, and the importers take every file of it without a fault."""

from __future__ import annotations

import csv
import json
import sqlite3
import tomllib
from collections import Counter
from contextlib import closing
from pathlib import Path
from shutil import copyfile

import pytest

from node.cli.demo.basedata import lay_in
from node.cli.demo.day import Twist, plan
from node.cli.demo.federation import Plan, wanmi
from node.cli.demo.ground import generate
from node.cli.demo.sheets import Sheets
from node.core.approvals import Ladders
from node.main.profiles import approvals_named, profile_named
from node.service.approvals import read_approvals
from node.service.imports.conditions import CONDITIONS

ROOT = Path(__file__).resolve().parents[3]
EXAMPLE = ROOT / "deploy" / "examples" / "huangshi"
ACTING = {"rectify", "enforce"}
DUTIES = {"rectify", "regulate", "manage", "enforce", "penalise", "assist"}


def rows(name: str, folder: Path = EXAMPLE) -> list[dict[str, str]]:
    with (folder / name).open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))


@pytest.fixture(scope="module")
def ground(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("ground")
    generate(EXAMPLE, folder)
    return folder


def test_all_bodies_of_article_six_and_the_divisions_are_units() -> None:
    units = rows("units.csv")

    assert 53 == len(units) == len({unit["unit_id"] for unit in units})
    kinds = Counter(unit["kind"] for unit in units)
    assert {"district": 6, "zone": 2, "bureau": 34, "enterprise": 11} == kinds
    assert 46 == sum(unit["mention"] == "named" for unit in units)
    assert all(unit["section"] and unit["group"] for unit in units)


def test_every_way_into_a_unit_is_a_node_or_an_adapter_of_the_federation() -> None:
    federation = Plan.read(EXAMPLE / "federation.toml")
    doors = {f"node:{node.id}" for node in federation.nodes} | {
        f"adapter:{one.id}" for one in federation.adapters if one.node == federation.root.id}

    named = {unit["address"] for unit in rows("units.csv")} - {""}

    assert named <= doors
    assert {door for door in doors if door.startswith("adapter:")} <= named


def test_every_condition_is_of_a_class_of_the_shipped_list() -> None:
    shipped = {
        row["code"]: row["name"] for row in rows("gbt47678_5_2026.csv", ROOT / "node/standards")
        if row["kind"] == "matter"
    }
    conditions = rows("conditions.csv")

    assert [] == [row for row in conditions if shipped.get(row["code"]) != row["name"]]
    assert 222 == len({row["code"] for row in conditions})
    assert 680 == len(conditions)


def test_every_condition_is_numbered_and_has_a_limit_and_an_end() -> None:
    numbers: dict[str, set[int]] = {}
    for row in rows("conditions.csv"):
        numbers.setdefault(row["code"], set()).add(int(row["condition_no"]))
        for name in ("condition", "limit", "closing_condition", "limit_source"):
            assert row[name], (row, name)

    assert all(found == set(range(1, 1 + len(found))) for found in numbers.values())


def test_every_class_has_somebody_who_acts_or_is_listed_for_a_person() -> None:
    classes = {row["code"] for row in rows("conditions.csv")}
    led = {row["code"] for row in rows("responsibilities.csv")
           if ACTING & set(row["duty"].split("/"))}
    listed = {row["ref"] for row in rows("unmapped.csv") if row["what"] == "class"}

    assert classes == led | listed
    assert not led & listed


def test_every_responsibility_names_a_unit_an_area_and_known_duties() -> None:
    units = {unit["unit_id"] for unit in rows("units.csv")}
    regions = {row["code"] for row in rows("regions.csv")}
    federation = Plan.read(EXAMPLE / "federation.toml")
    doors = {f"adapter:{one.id}" for one in federation.adapters} | {
        f"node:{node.id}" for node in federation.nodes}

    for row in rows("responsibilities.csv"):
        assert row["unit"] in units or (not row["unit"] and row["assignee"] in doors), row
        assert row["area"] == "4202" or row["area"] in regions, row
        assert set(row["duty"].split("/")) <= DUTIES, row
        assert row["source"], row


def test_every_phrase_of_the_published_list_is_mapped_or_listed() -> None:
    mapped = {
        row["source"].removeprefix("兰州清单").partition(" ")[0]
        for row in rows("responsibilities.csv") if row["source"].startswith("兰州清单")
    }
    listed = {row["ref"] for row in rows("unmapped.csv") if row["what"] == "phrase"}

    assert {"74", "63", "92", "83"} <= mapped
    assert 29 == len(listed)
    assert not listed & mapped


def test_an_owner_keeps_its_qualifier_and_a_builder_its_period() -> None:
    qualifiers = Counter(row["qualifier"] for row in rows("responsibilities.csv"))

    assert {"", "own_assets", "operating_area", "maintenance_period"} == set(qualifiers)


def test_every_area_that_is_classed_is_a_region() -> None:
    regions = {row["code"] for row in rows("regions.csv")}
    classed = rows("area_classes.csv")

    assert {"A", "B"} == {row["area_class"] for row in classed}
    assert {row["area"] for row in classed} <= regions


def test_zones_without_a_national_code_are_pseudo_regions() -> None:
    pseudo = {row["code"] for row in rows("regions.csv") if row["pseudo"]}
    zones = {unit["region"] for unit in rows("units.csv") if unit["kind"] == "zone"}

    assert {"420271", "420272"} == zones
    assert zones <= pseudo


def test_the_ground_is_the_same_every_time_and_small(ground: Path, tmp_path: Path) -> None:
    generate(EXAMPLE, tmp_path)

    files = sorted(path.name for path in ground.iterdir())
    assert ["addresses.csv", "beats.geojson", "components.csv", "coverage.geojson",
            "unit_grids.geojson"] == files
    for name in files:
        assert (ground / name).read_bytes() == (tmp_path / name).read_bytes()


def test_unit_grids_lie_in_registered_communities(ground: Path) -> None:
    regions = {row["code"] for row in rows("regions.csv")}
    grids = json.loads((ground / "unit_grids.geojson").read_text(encoding="utf-8"))["features"]

    codes = [grid["properties"]["code"] for grid in grids]
    assert 400 == len(codes) == len(set(codes))
    assert {code[:12] for code in codes} <= regions
    assert all(len(code) == 15 for code in codes)


def test_components_have_grid_owner_or_are_owner_unknown(ground: Path) -> None:
    names = {unit["name"] for unit in rows("units.csv")}
    components = rows("components.csv", ground)

    assert 2000 == len(components) == len({one["GLBJBSM"] for one in components})
    owners = Counter(one["QSDWMC"] for one in components)
    assert set(owners) - {""} <= names
    assert 10 < owners[""] < 40
    assert {"市城投公司"} == {one["YHDWMC"] for one in components if one["maintained_to"]}


def test_no_text_of_the_example_names_a_person_or_a_telephone() -> None:
    for path in EXAMPLE.glob("*.csv"):
        for line in path.read_text(encoding="utf-8").splitlines():
            for cell in line.split(","):
                assert not (len(cell) == 11 and cell.startswith("1") and cell.isdigit()), line


def test_a_planned_day_only_asks_for_what_somebody_can_do(ground: Path) -> None:
    planned = plan(example=EXAMPLE, ground=ground, city="420200", seed=7, cases=300,
                   crossed="420203")
    sheets = Sheets.read(EXAMPLE, "420200")

    assert all(one.lead == sheets.lead(one.condition.code, one.area) for one in planned
               if one.twist is not Twist.NO_OWNER and not one.component)
    assert any(one.component for one in planned)
    assert all(one.lead for one in planned)
    assert {one.grid[:9] for one in planned} == {one.area for one in planned}


def test_the_conditions_import_without_a_fault() -> None:
    _, parsed = CONDITIONS.parse((EXAMPLE / "conditions.csv").read_bytes())

    assert () == parsed.faults
    assert 680 == len(parsed.rows)
    assert {row.area_class for row in parsed.rows} == {"", "A", "B"}


@pytest.fixture(scope="module")
def city(ground: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The database of the city's node after it took over everything."""
    home = tmp_path_factory.mktemp("city")
    wanmi("init", "--home", str(home), "--id", "420200", "--name", "黄石市", "--profile", "city",
          "--json")
    lay_in(wanmi, home=home, node="420200", example=EXAMPLE, ground=ground, root=True)
    return home / "data" / "wanmi.db"


def counted(database: Path, sql: str) -> list[tuple[object, ...]]:
    with closing(sqlite3.connect(database)) as db:
        return db.execute(sql).fetchall()


def test_the_city_takes_every_file_over_without_a_fault(city: Path) -> None:
    assert [(680, 222)] == counted(
        city, "SELECT count(*), count(DISTINCT code) FROM filing_condition")
    assert [(len(rows("area_classes.csv")),)] == counted(
        city, "SELECT count(*) FROM area_class")
    assert [(53,)] == counted(city, "SELECT count(*) FROM unit")
    mine = [row for row in rows("responsibilities.csv") if row["node"] == "420200"]
    assert [(len(mine),)] == counted(city, "SELECT count(*) FROM responsibility")


def test_the_city_knows_its_ground(city: Path) -> None:
    assert [(len(rows("regions.csv")),)] == counted(city, "SELECT count(*) FROM region")
    assert [("beat", 16), ("unit", 400)] == counted(
        city, "SELECT kind, count(*) FROM grid GROUP BY kind ORDER BY kind")
    assert [(400, 400)] == counted(
        city, "SELECT count(*), count(DISTINCT unit) FROM grid_unit WHERE kind = 'beat'")
    assert [(1,)] == counted(city, "SELECT count(*) FROM coverage")
    assert [(2000, 1985)] == counted(
        city, "SELECT count(*), sum(owner_name <> '' OR maintainer_name <> '') FROM component")
    assert [(144,)] == counted(city, "SELECT count(*) FROM address")


def test_the_city_works_other_hours_in_summer(city: Path) -> None:
    hours = counted(city, "SELECT valid_from, intervals FROM calendar_hours "
                    "WHERE version = (SELECT max(version) FROM calendar_hours) "
                    "ORDER BY valid_from")

    assert [("", "08:00-12:00 14:00-18:00"), ("2026-05-01", "08:00-12:00 15:00-18:30")] == hours


def test_the_city_approves_by_a_file_of_its_own() -> None:
    shipped = read_approvals(ROOT / "node" / "approvals" / "standard.toml")
    own = read_approvals(EXAMPLE / "approvals.toml")

    def steps(ladders: Ladders) -> tuple[tuple[str, ...], ...]:
        return ladders.ladder("suspension", None).steps

    assert ((("dispatcher", "centre_head"),), (("dispatcher",), ("centre_head",))) == (
        steps(shipped), steps(own))
    assert own.version != shipped.version


def test_the_city_s_node_of_the_demo_runs_on_the_rules_of_the_example(tmp_path: Path) -> None:
    root = Plan.read(EXAMPLE / "federation.toml").root
    for name in root.files:
        copyfile(EXAMPLE / name, tmp_path / name)
    profile = profile_named(root.profile, home=tmp_path)

    assert read_approvals(EXAMPLE / "approvals.toml") == approvals_named(
        profile.approvals, home=tmp_path)
    assert profile_named("city", home=tmp_path) == profile.model_copy(
        update={"approvals": "standard"})


def test_the_rules_of_approval_differ_from_the_shipped_ones_in_the_two_places_they_name() -> None:
    ours = tomllib.loads((EXAMPLE / "approvals.toml").read_text("utf-8"))
    shipped = tomllib.loads(
        (ROOT / "node" / "approvals" / "standard.toml").read_text("utf-8"))
    assert ours["rules"].pop("appeal") != shipped["rules"].pop("appeal")
    differ = [mine["verb"] for mine, theirs
              in zip(ours.pop("ladders"), shipped.pop("ladders"), strict=True) if mine != theirs]
    assert differ == ["suspension"]
    assert ours.pop("version") != shipped.pop("version")
    assert ours == shipped
