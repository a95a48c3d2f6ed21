"""Files as surveys and drawing programs make them: read whole, with every mistake of every line."""

from __future__ import annotations

import csv
import json
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import pytest

from node.service.imports.report import RowFault
from node.service.places import files
from node.service.places.files import Reading, pieces
from node.service.places.layers import columns_of
from tests.places import COMMUNITY, LAT, LON, STEP, component, grid, square

GRIDS = "grid.unit"
GK_114 = (
    'PROJCS["CGCS2000_3_Degree_GK_CM_114E",GEOGCS["GCS_China_Geodetic_Coordinate_System_2000",'
    'DATUM["D_China_2000",SPHEROID["CGCS2000",6378137.0,298.257222101]],PRIMEM["Greenwich",0.0],'
    'UNIT["Degree",0.0174532925199433]],PROJECTION["Gauss_Kruger"],'
    'PARAMETER["False_Easting",500000.0],PARAMETER["False_Northing",0.0],'
    'PARAMETER["Central_Meridian",114.0],PARAMETER["Scale_Factor",1.0],'
    'PARAMETER["Latitude_Of_Origin",0.0],UNIT["Meter",1.0]]'
)
"""As drawing programs write it into a .prj file."""
NATIONAL = ("GLBJBSM", "GLBJMC", "ZGBMDM", "ZGBMMC", "QSDWMC", "SZDYWGBSM", "GLBJZT", "CSRQ",
            "BGRQ", "SJLY", "PointX", "PointY")


def read(path: Path, layer: str, **said: Any) -> tuple[list[dict[str, Any]], list[RowFault]]:
    """Every row and every fault of a file."""
    rows: list[dict[str, Any]] = []
    faults: list[RowFault] = []
    for piece in pieces(Reading(path=path, layer=layer, **said)):
        rows += [columns_of(body) for _, body in piece.rows]
        faults += piece.faults
    return rows, faults


def table(path: Path, heading: Sequence[str], *lines: Sequence[object], encoding: str) -> Path:
    with path.open("w", encoding=encoding, newline="") as out:
        csv.writer(out).writerows([heading, *lines])
    return path


def national(n: int, **changes: object) -> list[object]:
    values: dict[str, object] = {
        "GLBJBSM": component(n)["code"], "GLBJMC": "供水井盖", "ZGBMDM": "91350100M000100Y43",
        "ZGBMMC": "黄石市城市管理委员会", "QSDWMC": "黄石市自来水公司",
        "SZDYWGBSM": COMMUNITY + "001",
        "GLBJZT": "完好", "CSRQ": "20240501", "BGRQ": "", "SJLY": "实测",
        "PointX": LON + n * 1e-4, "PointY": LAT, **changes,
    }
    return [values[name] for name in NATIONAL]


def test_components_are_read_under_the_national_names_in_a_spreadsheets_encoding(
    tmp_path: Path,
) -> None:
    path = table(tmp_path / "a.csv", NATIONAL, national(1), national(2, GLBJZT="破损"),
                 encoding="gb18030")
    rows, faults = read(path, "component", encoding="gb18030",
                        given={"standard_ref": "GB/T 47678.5-2026"})
    assert faults == []
    first, second = rows
    assert (first["state"], second["state"], first["source"]) == ("intact", "damaged", "surveyed")
    assert (first["type_code"], str(first["initial_on"])) == ("01001", "2024-05-01")
    assert (first["x"], first["crs"], first["lon"]) == (LON + 1e-4, "CGCS2000", LON + 1e-4)
    again, [fault] = read(path, "component")
    assert (again, fault.code) == ([], "table.encoding")


def test_every_mistake_of_every_line_is_told_with_column_and_mending(tmp_path: Path) -> None:
    path = table(
        tmp_path / "a.csv", NATIONAL, national(1), national(2, GLBJZT="坏了"),
        national(3, ZGBMDM="91350100M000100Y44"), national(1), national(4, CSRQ="2024年"),
        national(5, GLBJBSM="4202030100100000"), national(6, PointX="东"), national(7, GLBJMC=""),
        national(8, PointX=604961.7),
        encoding="utf-8-sig")
    rows, faults = read(path, "component", given={"standard_ref": "GB/T 47678.5-2026"})
    assert [row["code"][-1] for row in rows] == ["1"]
    assert [(one.row, one.column, one.code) for one in faults] == [
        (3, "state", "cell.invalid"), (4, "code", "unit.credit_code"),
        (5, "code", "code.repeated"), (6, "initial_on", "cell.invalid"),
        (7, "code", "codes.identity"), (8, "x", "cell.invalid"), (9, "name", "cell.empty"),
        (10, "x", "place.point")]
    assert all(one.mend.say(tongue) for one in faults for tongue in ("zh-CN", "en"))


def test_a_workbook_is_read_like_a_table(tmp_path: Path) -> None:
    from openpyxl import Workbook

    book = Workbook()
    sheet = book.active
    assert sheet is not None
    sheet.append(["部件标识码", "部件名称", "权属单位", "状态", "经度", "纬度", "坐标系",
                  "养护期至"])
    sheet.append([component(1)["code"], "供水井盖", "黄石市自来水公司", "完好", LON, LAT, "GCJ02",
                  "2027-12-31"])
    sheet.append([component(2)["code"], "供水井盖", None, None, None, None, None, None])
    book.save(tmp_path / "a.xlsx")
    rows, faults = read(tmp_path / "a.xlsx", "component")
    assert faults == []
    first, second = rows
    assert (first["x"], first["crs"], str(first["maintained_to"])) == (LON, "GCJ02", "2027-12-31")
    assert 0.004 < LON - first["lon"] < 0.007
    assert (second["lon"], second["owner_name"], second["crs"]) == (None, "", "")


def test_geojson_grids_and_components_are_read_feature_by_feature(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(files, "READ_CHARS", 100)  # features are cut in the middle again and again
    features = [
        {"type": "Feature", "properties": {"BGID": grid(x, 0)["code"], "名称": f"第{x}格", "n": x},
         "geometry": {"type": "Polygon", "coordinates": [square(x, 0)]}}
        for x in range(1_200)
    ]
    for n, one in enumerate(features):
        one["properties"]["BGID"] = f"42020300100{n // 999 + 1}{n % 999 + 1:03}"  # type: ignore[index]
    path = tmp_path / "g.geojson"
    path.write_text(json.dumps({"type": "FeatureCollection", "features": features}, indent=1),
                    encoding="utf-8")
    rows, faults = read(path, GRIDS)
    assert faults == []
    assert (len(rows), rows[3]["name"], rows[3]["area"]) == (1_200, "第3格", "420203001001")
    assert abs(rows[0]["area_m2"] - 10_690) < 20

    points = {"type": "FeatureCollection", "crs": {"properties": {
        "name": "urn:ogc:def:crs:EPSG::4547"}}, "features": [
        {"type": "Feature", "properties": {"code": component(1)["code"], "name": "井盖"},
         "geometry": {"type": "Point", "coordinates": [604961.6694, 3342786.4772]}},
        {"type": "Feature", "properties": {"code": component(2)["code"], "name": "井盖"},
         "geometry": {"type": "LineString", "coordinates": []}}]}
    (tmp_path / "c.json").write_text(json.dumps(points), encoding="utf-8")
    [one], [fault] = read(tmp_path / "c.json", "component")
    assert (round(one["lon"], 6), round(one["lat"], 6)) == (115.09, 30.2)
    assert (one["x"], one["crs"]) == (604961.6694, "EPSG:4547")
    assert (fault.row, fault.code) == (2, "place.point")


@pytest.mark.parametrize("text", [
    "", "{}", '{"features": [{"type": "Feature"}', '{"features": [1]}', "[" * 50])
def test_a_torn_geojson_file_says_so(tmp_path: Path, text: str) -> None:
    path = tmp_path / "g.geojson"
    path.write_text(text, encoding="utf-8")
    rows, faults = read(path, GRIDS)
    assert (rows, len(faults)) == ([], 1)
    assert faults[0].code.startswith("table.")


def shapefile_of(
    path: Path, rows: Sequence[tuple[Mapping[str, Any], Sequence[Sequence[float]]]], *,
    encoding: str, prj: str = "", cpg: str = "",
) -> Path:
    """A real shapefile with text attributes."""
    import shapefile

    with shapefile.Writer(str(path), shapeType=shapefile.POLYGON, encoding=encoding) as out:
        for name in rows[0][0]:
            out.field(name, "C", size=80)
        for properties, ring in rows:
            out.poly([[list(point) for point in reversed(ring)]])
            out.record(**properties)
    path.with_suffix(".cpg").unlink(missing_ok=True)
    for suffix, text in ((".prj", prj), (".cpg", cpg)):
        if text:
            path.with_suffix(suffix).write_text(text, encoding="ascii")
    return path


def test_a_shapefile_is_read_in_its_own_projection_and_encoding(tmp_path: Path) -> None:
    from pyproj import Transformer

    to_zone = Transformer.from_crs("EPSG:4490", "EPSG:4547", always_xy=True).transform
    drawn = [
        ({"BGID": grid(x, 0)["code"], "网格名称": f"颐阳路{x}段"},
         [to_zone(*point) for point in square(x, 0)])
        for x in range(3)
    ]
    path = shapefile_of(tmp_path / "grids.shp", drawn, encoding="gb18030", prj=GK_114, cpg="GBK")
    rows, faults = read(path, GRIDS, area="420203")
    assert faults == []
    assert [row["name"] for row in rows] == ["颐阳路0段", "颐阳路1段", "颐阳路2段"]
    assert abs(rows[0]["west"] - LON) < 1e-9
    assert abs(rows[2]["east"] - (LON + 3 * STEP)) < 1e-9
    assert {one.code for one in read(path, GRIDS, area="420204")[1]} == {"grid.prefix"}


def test_a_shapefile_that_says_no_system_or_another_encoding_is_told(tmp_path: Path) -> None:
    drawn = [({"BGID": grid(0, 0)["code"], "NAME": "颐阳路"}, square(0, 0))]
    silent = shapefile_of(tmp_path / "a.shp", drawn, encoding="utf-8")
    [fault] = read(silent, GRIDS)[1]
    assert fault.code == "file.no_crs"
    assert read(silent, GRIDS, crs="CGCS2000")[1] == []
    lying = shapefile_of(tmp_path / "b.shp", drawn, encoding="gb18030", prj=GK_114, cpg="UTF-8")
    [fault] = read(lying, GRIDS)[1]
    assert (fault.code, "gb18030" in fault.mend.say("en")) == ("table.encoding", True)
    (tmp_path / "c.shp").write_bytes(b"no shapefile")
    (tmp_path / "c.prj").write_text(GK_114, encoding="ascii")
    [fault] = read(tmp_path / "c.shp", GRIDS)[1]
    assert fault.code == "table.unreadable"


def test_the_wrong_system_is_noticed_by_where_the_points_fall(tmp_path: Path) -> None:
    path = tmp_path / "g.geojson"
    path.write_text(json.dumps({"features": [
        {"properties": {"code": grid(0, 0)["code"]}, "geometry": {
            "type": "Polygon", "coordinates": [square(0, 0)]}}]}), encoding="utf-8")
    [fault] = read(path, GRIDS, crs="EPSG:4547")[1]
    assert (fault.column, fault.code) == ("", "place.point")
    [fault] = read(path, GRIDS, crs="Beijing 1954")[1]
    assert fault.code == "place.crs"


def test_regions_beats_coverage_and_addresses_have_their_own_tables(tmp_path: Path) -> None:
    path = table(tmp_path / "r.csv", ["区划代码", "区划名称", "功能区", "生效"],
                 ["420203", "西塞山区", "", ""], ["428871", "黄石新港园区", "是", "2026-01-01"],
                 ["428871", "重复", "是", ""], ["429905", "无此市", "否", ""],
                 encoding="utf-8-sig")
    rows, faults = read(path, "region")
    assert [(row["code"], row["pseudo"]) for row in rows] == [("420203", False), ("428871", True)]
    assert [(one.row, one.code) for one in faults] == [(4, "code.repeated"), (5, "region.code")]

    beats = table(tmp_path / "b.csv", ["网格编码", "区划代码", "包含单元网格"],
                  ["XS-01", "420203", f"{COMMUNITY}001、{COMMUNITY}002"], ["XS-02", "420203", ""],
                  encoding="utf-8")
    [beat], [fault] = read(beats, "grid.beat")
    assert beat["units"] == [f"{COMMUNITY}001", f"{COMMUNITY}002"]
    assert fault.code == "grid.empty"

    spots = table(tmp_path / "g.csv", ["地址", "类型", "经度", "纬度"],
                  ["颐阳路12号", "门牌", LON, LAT], ["无坐标", "门牌", "", ""], encoding="utf-8")
    [spot], [fault] = read(spots, "address", crs="BD09")
    assert (spot["code"], spot["crs"], spot["x"]) == ("颐阳路12号", "BD09", LON)
    assert fault.code == "place.point"

    (tmp_path / "c.geojson").write_text(json.dumps({"features": [
        {"properties": {"名称": "建成区"}, "geometry": {
            "type": "Polygon", "coordinates": [square(0, 0)]}}]}), encoding="utf-8")
    [cover], faults = read(tmp_path / "c.geojson", "coverage")
    assert (cover["code"], faults) == ("建成区", [])


def test_an_unknown_kind_of_file_and_a_missing_one_are_told(tmp_path: Path) -> None:
    (tmp_path / "a.dwg").write_bytes(b"AC1032")
    [fault] = read(tmp_path / "a.dwg", GRIDS)[1]
    assert fault.code == "file.kind"
    [fault] = read(tmp_path / "none.csv", "component")[1]
    assert fault.code == "table.unreadable"
    (tmp_path / "empty.csv").write_bytes(b"")
    [fault] = read(tmp_path / "empty.csv", "component")[1]
    assert fault.code == "table.empty"
