"""Layers of places from files through the command line: into a stopped node, and by REST."""

from __future__ import annotations

import csv
import json
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from tests.integration.http.node import WANMI, Node, served
from tests.places import COMMUNITY, LAT, LON, STEP, component, grid, square

HEADING = ("code", "name", "owner_name", "maintainer_name", "grid", "state", "x", "y",
           "update_due_on")


def wanmi(home: Path, *args: str, ok: bool = True) -> Any:
    """One command; its JSON document (of the failure, if it fails)."""
    done = subprocess.run(
        (*WANMI, *args, "--home", str(home), "--json", "--lang", "en"), capture_output=True,
        text=True, timeout=120, check=False)
    assert (done.returncode == 0) is ok, (args, done.stdout, done.stderr)
    return json.loads(done.stdout if ok else done.stderr)


def components(path: Path, numbers: range, **changes: str) -> Path:
    with path.open("w", encoding="utf-8-sig", newline="") as out:
        table = csv.writer(out)
        table.writerow(HEADING)
        for n in numbers:
            row = component(n, grid=COMMUNITY + "001", state="完好", update_due_on="", **changes)
            table.writerow([row[name] for name in HEADING])
    return path


def grids(path: Path, *features: dict[str, Any]) -> Path:
    path.write_text(json.dumps({"type": "FeatureCollection", "features": [
        {"type": "Feature", "properties": {"code": one["code"], "name": one.get("name", "")},
         "geometry": one["outline"]} for one in features]}), encoding="utf-8")
    return path


@pytest.fixture
def home(tmp_path: Path) -> Path:
    """A node that does not run."""
    made = tmp_path / "home"
    subprocess.run((*WANMI, "init", "--home", str(made), "--id", "420200", "--name", "黄石市",
                    "--http-port", "1"), check=True, capture_output=True, timeout=120)
    subprocess.run((*WANMI, "migrate", "--home", str(made)), check=True, capture_output=True,
                   timeout=120)
    return made


def test_a_survey_is_imported_once_updated_and_reported(home: Path, tmp_path: Path) -> None:
    first = components(tmp_path / "first.csv", range(1, 1_301))
    done = wanmi(home, "import", "components", str(first))
    assert done["version"] == {
        "layer": "component", "number": 1, "rows": 1_300, "added": 1_300, "changed": 0,
        "removed": 0, "unchanged": 0}
    again = wanmi(home, "import", "components", str(first))
    assert (again["version"]["number"], again["version"]["unchanged"]) == (1, 1_300)

    update = components(tmp_path / "update.csv", range(1, 1_300), owner_name="黄石水务集团")
    report = tmp_path / "report.csv"
    checked = wanmi(home, "import", "components", str(update), "--complete", "--dry-run")
    assert (checked["version"], checked["retiring"]) == (None, 1)
    changed = wanmi(home, "import", "components", str(update), "--complete", "--dated",
                    "2026-04-01", "--report", str(report))
    assert {name: changed["version"][name] for name in (
        "number", "added", "changed", "removed", "unchanged")} == {
        "number": 2, "added": 0, "changed": 1_299, "removed": 1, "unchanged": 0}
    with report.open(encoding="utf-8-sig", newline="") as file:
        lines = list(csv.DictReader(file))
    assert lines[0] == {"key": component(1)["code"], "what": "changed", "field": "owner_name",
                        "old": "黄石市自来水公司", "new": "黄石水务集团"}
    assert {line["field"] for line in lines if line["what"] == "removed"} == {
        "state", "changed_on"}
    assert len(lines) == 1_301


def test_wrong_rows_keep_a_file_out_or_are_laid_beside_it(home: Path, tmp_path: Path) -> None:
    path = components(tmp_path / "a.csv", range(1, 4))
    text = path.read_text(encoding="utf-8-sig")
    path.write_text(text.replace(component(2)["code"], "42"), encoding="utf-8")
    refused = wanmi(home, "import", "components", str(path), ok=False)
    assert (refused["code"], refused["count"]) == ("table.invalid", 1)
    [fault] = refused["faults"]
    assert (fault["row"], fault["column"], fault["code"]) == (3, "code", "codes.identity")
    assert fault["mend"]

    done = wanmi(home, "import", "components", str(path), "--skip-bad")
    assert (done["version"]["added"], done["skipped"]) == (2, 1)
    with Path(done["rejects"]).open(encoding="utf-8-sig", newline="") as file:
        [rejected] = csv.DictReader(file)
    assert (rejected["line"], rejected["code"], rejected["owner_name"]) == (
        "3", "42", "黄石市自来水公司")


def test_overlapping_grids_leave_the_layer_as_it_is(home: Path, tmp_path: Path) -> None:
    good = grids(tmp_path / "good.geojson", grid(0, 0), grid(1, 0))
    assert wanmi(home, "import", "grids", str(good))["version"]["added"] == 2
    shifted = [[x + STEP / 2, y] for x, y in square(2, 0)]
    bad = grids(tmp_path / "bad.geojson", grid(2, 0, outline={
        "type": "Polygon", "coordinates": [[[x - STEP, y] for x, y in shifted]]}))
    refused = wanmi(home, "import", "grids", str(bad), ok=False)
    assert [(one["row"], one["code"]) for one in refused["faults"]] == [(1, "grid.overlap")]
    assert wanmi(home, "import", "grids", str(good))["version"]["rows"] == 2


@pytest.fixture(scope="module")
def running(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Node]:
    with served(tmp_path_factory.mktemp("places")) as node:
        yield node


def test_a_running_node_takes_layers_and_answers_from_them(
    running: Node, tmp_path: Path,
) -> None:
    home = running.home
    wanmi(home, "import", "grids", str(grids(
        tmp_path / "g.geojson", *(grid(x, 0, name=f"颐阳路{x}段") for x in range(3)))))
    wanmi(home, "import", "components", str(components(tmp_path / "c.csv", range(1, 700))))
    spots = tmp_path / "a.csv"
    spots.write_text(f"地址,经度,纬度\n西塞山区颐阳路12号,{LON},{LAT}\n", encoding="utf-8")
    wanmi(home, "import", "gazetteer", str(spots))
    refused = wanmi(home, "import", "grids", str(grids(
        tmp_path / "b.geojson", {**grid(4, 0), "outline": grid(0, 0)["outline"]})), ok=False)
    assert refused["faults"][0]["code"] == "grid.overlap"

    x, y = LON + STEP / 2, LAT + STEP / 2
    spot = wanmi(home, "place", "locate", str(x), str(y))
    assert (spot["grid"], spot["covered"]) == (grid(0, 0)["code"], None)
    assert spot["address"]["text"] == "西塞山区颐阳路12号"
    [best] = wanmi(home, "place", "search", "颐阳路12号", "--limit", "1")
    assert best["text"] == "西塞山区颐阳路12号"

    with running.client() as api:
        opened = api.post("/api/v1/cases", json={
            "category": {"standard_ref": "GB/T 47678.5-2026", "kind": "component",
                         "code": "01001"},
            "place": {"area": "420203", "address": "颐阳路12号门前", "lon": x, "lat": y},
            "text": "井盖缺失", "component": component(1)["code"]}).json()
        facts = api.get(f"/api/v1/cases/{opened['case_id']}").json()["facts"]
        assert facts["place"]["grid"] == grid(0, 0)["code"]
        assert (facts["place"]["original_x"], facts["place"]["original_crs"]) == (x, "CGCS2000")
        one = api.get(f"/api/v1/components/{component(1)['code']}").json()
        assert [case["case_id"] for case in one["cases"]] == [opened["case_id"]]
        assert [unit["role"] for unit in one["answerable"]] == ["maintainer", "owner"]
        drawn = api.get("/api/v1/map/cases", params={
            "box": f"{LON},{LAT},{LON + STEP},{LAT + STEP}"}).json()["features"]
        assert [case["id"] for case in drawn] == [opened["case_id"]]
        near = api.get("/api/v1/components/nearest", params={"x": LON, "y": LAT, "limit": 2})
        assert [row["code"] for row in near.json()] == [
            component(1)["code"], component(2)["code"]]
        national = api.get("/api/v1/components.csv").content.decode("utf-8-sig").splitlines()
        assert national[0].startswith("GLBJBSM,GLBJMC,ZGBMDM")
        assert (len(national), "完好" in national[1]) == (700, True)
        assert api.get("/api/v1/components/1").json()["code"] == "place.unknown"
        projected = api.post("/api/v1/cases", json={
            "category": {"standard_ref": "GB/T 47678.5-2026", "kind": "component",
                         "code": "01001"},
            "place": {"area": "420203", "address": "x", "x": 604961.67, "y": 3342786.48,
                      "crs": "EPSG:4547"}, "text": "井盖缺失"}).json()
        place = api.get(f"/api/v1/cases/{projected['case_id']}").json()["facts"]["place"]
        assert (round(place["lon"], 6), place["crs"], place["original_crs"]) == (
            115.09, "CGCS2000", "EPSG:4547")
        refusal = api.post("/api/v1/cases", json={
            "category": {"standard_ref": "x", "kind": "component", "code": "01001"},
            "place": {"area": "420203", "address": "x", "lon": 1, "lat": 2, "crs": "BJ54"},
            "text": "井盖缺失"})
        assert (refusal.status_code, refusal.json()["code"]) == (422, "place.crs")

    out = tmp_path / "out.geojson"
    wanmi(home, "layer", "export", "grid.unit", str(out))
    exported = json.loads(out.read_text(encoding="utf-8"))
    assert [one["id"] for one in exported["features"]] == [grid(n, 0)["code"] for n in range(3)]
    again = wanmi(home, "import", "grids", str(out))
    assert (again["version"]["number"], again["version"]["unchanged"]) == (1, 3), (
        "what is exported is what was imported")


def test_a_node_without_grids_loads_no_geometry() -> None:
    loaded = subprocess.run(
        (sys.executable, "-c", "import sys, node.main.serving; print([name for name in "
         "('shapely', 'pyproj', 'numpy', 'openpyxl', 'shapefile') if name in sys.modules])"),
        capture_output=True, text=True, check=True, timeout=60).stdout.strip()
    assert loaded == "[]"
