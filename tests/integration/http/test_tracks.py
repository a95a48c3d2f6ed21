"""A phone sends where it was; a leader sees the shift, the firm, and a file for the map."""

from __future__ import annotations

import json
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from secrets import token_bytes

import httpx
import pytest
from rich.cells import cell_len

from node.core.clock import BEIJING
from node.core.outlines import metres_per_degree
from tests.integration.http.conftest import opening
from tests.integration.http.node import Node, served
from tests.integration.http.test_alarms import run, token
from tests.integration.http.test_collectors import post
from tests.pictures import jpeg

LON, LAT = 115.31, 30.31
PER_LON, PER_LAT = metres_per_degree(LAT)
NOW = datetime.now(UTC).replace(second=0, microsecond=0)
BEGINS = NOW - timedelta(hours=3)
"""Of a shift that was over an hour ago."""
COMMUNITY = "420203001009"


def near(east: float, north: float) -> list[float]:
    return [LON + east / PER_LON, LAT + north / PER_LAT]


def report(api: httpx.Client, number: str) -> str:
    photos = [
        {**api.post("/api/v1/photos", files={
            "file": ("x.jpg", jpeg(token_bytes(16)), "image/jpeg")}).json(), "role": role}
        for role in ("near", "far")]
    answer = api.post("/api/v1/cases", json=opening(
        source="collector", details={"collector": number}, photos=photos,
        reported_at=(BEGINS + timedelta(minutes=30)).isoformat()))
    assert answer.status_code == 201, answer.text
    return str(answer.json()["case_id"])


@pytest.fixture(scope="module")
def node(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Node]:
    """A node of its own: what is patrolled on a day is counted by other tests."""
    with served(tmp_path_factory.mktemp("node")) as running:
        yield running


@pytest.fixture(scope="module")
def beat(node: Node, tmp_path_factory: pytest.TempPathFactory) -> str:
    """A beat of two unit grids, each a street of 300 by 20 metres; two people, one shift each."""
    folder = tmp_path_factory.mktemp("grids")
    units = folder / "units.geojson"
    units.write_text(json.dumps({"type": "FeatureCollection", "features": [
        {"type": "Feature", "properties": {"code": f"{COMMUNITY}{n + 1:03}", "name": ""},
         "geometry": {"type": "Polygon", "coordinates": [[
             near(0, 200 * n), near(300, 200 * n), near(300, 200 * n + 20),
             near(0, 200 * n + 20), near(0, 200 * n)]]}} for n in range(2)]}), encoding="utf-8")
    beats = folder / "beats.csv"
    beats.write_text(
        f"code,name,units\nTRK1,团城山片,{COMMUNITY}001 {COMMUNITY}002\n", encoding="utf-8")
    for words in (["grids", str(units)], ["grids", str(beats), "--kind", "beat"]):
        said = run(node, "import", *words, given=node.token)
        assert said.exit_code == 0, said.output

    def day(at: datetime) -> str:
        return f"{at.astimezone(BEIJING):%Y-%m-%d %H:%M}"

    with node.client() as api:
        for path, text in (
            ("", "编号,姓名,班组,公司,责任网格\nT01,甲,一中队,蓝天,TRK1\n"
             "T02,乙,一中队,蓝天,TRK1\n"),
            ("/shifts", "编号,责任网格,上班,下班\n" + "".join(
                f"{one},TRK1,{day(BEGINS)},{day(BEGINS + timedelta(hours=hours))}\n"
                for one, hours in (("T01", 2), ("T02", 1)))),
        ):
            answer = post(api, path, text)
            assert answer.status_code == 200, answer.text
    return "TRK1"


def test_a_phone_sends_and_a_leader_sees_the_shift_the_firm_and_the_map(
    node: Node, api: httpx.Client, beat: str, tmp_path: Path
) -> None:
    phone = token(api, "T01")
    leader = token(api, "leader-t", "shift_leader")
    points = [{"at": (BEGINS + timedelta(minutes=n)).isoformat(), "accuracy_m": 10,
               **dict(zip("xy", near(50 * n, 10), strict=True))} for n in range(7)]
    with node.client(phone) as mobile:
        for expected in ({"taken": 7, "known": 0}, {"taken": 0, "known": 7}):
            answer = mobile.post("/api/v1/collectors/T01/track", json={"points": points})
            assert (200, expected) == (answer.status_code, {
                key: value for key, value in answer.json().items() if value or key in expected})
        other = mobile.post("/api/v1/collectors/T02/track", json={"points": points})
        assert (403, "track.sender") == (other.status_code, other.json()["code"])
        many = mobile.post("/api/v1/collectors/T01/track", json={"points": points * 80})
        assert (422, "request.invalid") == (many.status_code, many.json()["code"])
        theirs = mobile.post("/api/v1/collectors/T02/patrol", json={"purpose": "看看"})
        assert (403, "track.role") == (theirs.status_code, theirs.json()["code"])
        own = mobile.post("/api/v1/collectors/T01/patrol", json={"purpose": "核对"}).json()
    assert (0.5, beat, 7) == (own["coverage"], own["beat"], own["points"])
    assert (0, None) == (own["reported"], own["valid_rate"])

    filed = report(api, "T01")
    report(api, "T01")
    assert 200 == api.post(f"/api/v1/cases/{filed}/file", json={}).status_code
    page = run(node, "collector", "patrol", "T01", "--purpose", "月度考评", given=leader)
    table = run(node, "collector", "firms", f"{BEGINS.astimezone(BEIJING):%Y}", "--purpose",
                "年度考评", given=leader)
    people = run(node, "collector", "firms", f"{BEGINS.astimezone(BEIJING):%Y-%m-%d}",
                 "--purpose", "月度考评", "--by", "collector", given=leader)
    english = run(node, "collector", "patrol", "T02", "--purpose", "review", given=leader,
                  lang="en")
    for said in (page, table, people, english):
        assert said.exit_code == 0, said.output
        assert max(cell_len(line) for line in said.output.splitlines()) <= 80, said.output
    assert "网格覆盖  50.0%" in page.output
    assert "有效上报  50.0%（1/2 件）" in page.output
    assert "得分      50.0" in page.output
    assert "counted as not walked" in english.output
    # Two hours at a half, one hour at nothing.
    assert "33.3%" in table.output
    assert "50.0% 1/2" in table.output
    assert "T02 乙" in people.output
    target = tmp_path / "t01.geojson"
    wrote = run(node, "collector", "track", "T01", str(target), "--purpose", "复核", given=leader)
    assert wrote.exit_code == 0, wrote.output
    drawn = json.loads(target.read_text(encoding="utf-8"))
    assert "FeatureCollection" == drawn["type"]
    assert 7 == sum(one["properties"]["kind"] == "point" for one in drawn["features"])
    again = run(node, "collector", "track", "T01", str(target), "--purpose", "复核", given=leader)
    assert (2, True) == (again.exit_code, "已存在" in again.output)


def test_looking_takes_a_purpose_and_a_shift_that_there_is(
    node: Node, api: httpx.Client, beat: str
) -> None:
    with node.client(token(api, "leader-u", "evaluator", scope="read")) as desk:
        for path, body, status, code in (
            ("/T01/patrol", {}, 422, "track.purpose"),
            ("/T01/track/read", {"purpose": " "}, 422, "track.purpose"),
            ("/patrol", {"period": "2026-11"}, 422, "track.purpose"),
            ("/patrol", {"period": "11月", "purpose": "考评"}, 422, "evaluation.period"),
            ("/T01/patrol", {"purpose": "考评", "begins_at": NOW.isoformat()}, 404,
             "track.shift"),
            ("/T99/patrol", {"purpose": "考评"}, 404, "collector.unknown"),
        ):
            answer = desk.post(f"/api/v1/collectors{path}", json=body)
            assert (status, code) == (answer.status_code, answer.json()["code"]), answer.text
        sent = desk.post("/api/v1/collectors/T01/track", json={"points": []})
        assert 403 == sent.status_code
    wrong = run(node, "collector", "patrol", "T01", "--purpose", "x", "--begins", "今早",
                given=node.token)
    assert (2, True) == (wrong.exit_code, "不是时间" in wrong.output)
