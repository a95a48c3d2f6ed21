"""A beat of two unit grids with some components, and somebody who patrols it, at a running node."""

from __future__ import annotations

import csv
import json
from datetime import UTC, datetime, timedelta
from pathlib import Path

import httpx
from typer.testing import CliRunner

from node.cli import app
from node.core.clock import BEIJING
from node.core.outlines import metres_per_degree
from tests.integration.http.node import Node

LON, LAT = 115.205, 30.255
COMMUNITY, BEAT, BEAT_NAME = "420203001008", "TCS1", "团城山一片"
PER_LON, PER_LAT = metres_per_degree(LAT)
STANDARD = "GB/T 47678.5-2026"
COMPONENTS = (
    # code, name, class, metres east and north of the corner
    ("42020301001900001", "供水井盖", "01001", 20.0, 20.0),
    ("42020301037900001", "路灯", "01037", 60.0, 30.0),
    ("42020304002900001", "行道树", "04002", 150.0, 40.0),
)


def at(east: float, north: float) -> list[float]:
    """A point so many metres from the corner of the beat, as longitude and latitude."""
    return [LON + east / PER_LON, LAT + north / PER_LAT]


def lay(node: Node, api: httpx.Client, folder: Path, collector: str, name: str) -> None:
    """Import grids, beat and components, and register a collector who is on it for four hours."""
    units = folder / "units.geojson"
    units.write_text(json.dumps({"type": "FeatureCollection", "features": [
        {"type": "Feature", "properties": {"code": f"{COMMUNITY}{n + 1:03}", "name": ""},
         "geometry": {"type": "Polygon", "coordinates": [[
             at(100 * n, 0), at(100 * n + 100, 0), at(100 * n + 100, 100), at(100 * n, 100),
             at(100 * n, 0)]]}} for n in range(2)]}), encoding="utf-8")
    beats = folder / "beats.csv"
    beats.write_text(f"code,name,units\n{BEAT},{BEAT_NAME},{COMMUNITY}001 {COMMUNITY}002\n",
                     encoding="utf-8")
    things = folder / "components.csv"
    with things.open("w", encoding="utf-8", newline="") as out:
        table = csv.writer(out)
        table.writerow(("GLBJBSM", "GLBJMC", "QSDWMC", "SZDYWGBSM", "GLBJZT", "standard_ref",
                        "type_code", "lon", "lat", "crs"))
        for code, called, kind, east, north in COMPONENTS:
            lon, lat = at(east, north)
            table.writerow((code, called, "黄石市城市管理局", f"{COMMUNITY}{1 + (east > 100):03}",
                            "完好", STANDARD, kind, f"{lon:.6f}", f"{lat:.6f}", "CGCS2000"))
    for words in (("grids", str(units)), ("grids", str(beats), "--kind", "beat"),
                  ("components", str(things))):
        said = CliRunner().invoke(
            app, ["import", *words, "--home", str(node.home), "--lang", "zh", "--token",
                  node.token], env={"WANMI_TOKEN": "", "WANMI_URL": "", "WANMI_HOME": ""})
        assert said.exit_code == 0, said.output
    now = datetime.now(UTC)
    begins, ends = ((now + timedelta(hours=hours)).astimezone(BEIJING) for hours in (-2, 2))
    for path, text in (
        ("", f"编号,姓名,班组,公司,责任网格\n{collector},{name},一中队,蓝天,{BEAT}\n"),
        ("/shifts", f"编号,责任网格,上班,下班\n{collector},{BEAT},{begins:%Y-%m-%d %H:%M},"
                    f"{ends:%Y-%m-%d %H:%M}\n"),
    ):
        answer = api.post(f"/api/v1/collectors{path}", content=text.encode(),
                          headers={"Content-Type": "text/csv; charset=utf-8"})
        assert answer.status_code == 200, answer.text
