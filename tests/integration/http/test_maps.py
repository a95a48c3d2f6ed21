"""Maps over HTTP: who gets which tiles, how they are kept, and whom a page may ask."""

from __future__ import annotations

import gzip
from collections.abc import Iterator
from typing import Any

import httpx
import pytest

from node.core.tiles import plane
from node.edge.console.map.style import style
from node.edge.console.visit import POLICY, with_tiles
from node.service.maps.room import View
from node.settings import BaseMap
from tests.browser.ground import lay
from tests.integration.http.node import Node, served
from tests.integration.http.test_accounts import browse, enrolled, open_case, person
from tests.places import COMMUNITY, LAT, LON, STEP
from tests.tiles import decoded

__all__ = ["browse", "person"]
POINT = (115.1, 30.2)
"""Where ``open_case`` opens."""


@pytest.fixture(scope="module")
def node(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Node]:
    """A node with ground of its own: other tests count layers."""
    with served(tmp_path_factory.mktemp("node")) as running:
        with running.client() as api:
            lay(api)
        yield running


def path(layer: str, z: int, lon: float, lat: float) -> str:
    across, down = plane(lon, lat)
    return f"/console/map/tiles/{layer}/{z}/{int(across * 2**z)}/{int(down * 2**z)}"


def cases_in(browser: Any, query: str = "") -> set[str]:
    answer = browser.get(path("cases", 14, *POINT) + query)
    assert answer.status_code == 200, answer.text
    return {one.properties["id"] for one in decoded(answer.content).get("cases", [])}


def test_a_tile_is_packed_named_by_its_version_and_not_sent_twice(person: Any) -> None:
    browser = person("map.one", "dispatcher")
    sources = browser.get("/console/map/style.json").json()["sources"]
    (template,) = sources["ground"]["tiles"]
    version = template.partition("?v=")[2]
    where = path("ground", 15, LON + STEP / 2, LAT + STEP / 2)

    named = browser.get(f"{where}?v={version}")
    assert (200, "gzip", f'"{version}"') == (
        named.status_code, named.headers["content-encoding"], named.headers["etag"])
    assert "max-age=604800" in named.headers["cache-control"]
    assert "grids" in decoded(named.content)
    for old in ("", "?v=older"):
        assert "no-cache" in browser.get(where + old).headers["cache-control"]
    same = browser.http.get(where, headers={"If-None-Match": f'"{version}"'})
    assert (304, b"") == (same.status_code, same.content)
    plain = browser.http.get(where, headers={"Accept-Encoding": "identity"})
    assert "content-encoding" not in plain.headers
    assert decoded(plain.content) == decoded(named.content)
    assert gzip.compress(plain.content, mtime=0) != plain.content


def test_tiles_that_there_are_not_are_not_found(person: Any) -> None:
    browser = person("map.two", "dispatcher")
    for wrong in ("ground/3/8/0", "ground/21/0/0", "cases/0/0/1"):
        assert browser.get(f"/console/map/tiles/{wrong}").status_code in (404, 422), wrong
    assert browser.get("/console/map/tiles/components/15/0/0?code=x").status_code == 422


def test_what_somebody_may_not_read_is_in_no_tile_list_or_card(
    api: httpx.Client, person: Any
) -> None:
    inside, outside = open_case(api, "420204"), open_case(api, "420203")
    whole, part = person("map.all", "dispatcher"), person(
        "map.part", "dispatcher", areas=["420204"])
    assert {inside, outside} <= cases_in(whole)
    mine = cases_in(part)
    assert inside in mine
    assert outside not in mine
    assert outside not in cases_in(whole, "?area=420204")
    part.get("/console/map/list?box=115,30,116,31")
    assert inside in part.page
    assert outside not in part.page
    part.get(f"/console/map/cases?case={outside}")
    assert outside not in part.page
    drawn = part.api("GET", "/map/cases?box=115,30,116,31").json()["features"]
    assert inside in {one["id"] for one in drawn}
    assert outside not in {one["id"] for one in drawn}


def test_whoever_reads_no_cases_has_a_map_of_the_ground_alone(
    api: httpx.Client, person: Any
) -> None:
    open_case(api)
    browser = enrolled(person("map.admin", "administrator"))
    sources = browser.get("/console/map/style.json").json()["sources"]
    assert "ground" in sources
    assert not {"cases", "heat"} & set(sources)
    assert browser.get("/console/map").status_code == 200
    assert 'id="map-list"' not in browser.page
    assert browser.get(path("cases", 14, *POINT)).status_code == 403
    assert browser.api("GET", "/map/cases?box=115,30,116,31").status_code == 403
    assert browser.api("GET", "/map/grids?box=115,30,116,31").status_code == 200


def test_a_point_a_component_and_a_case_say_what_they_are(
    api: httpx.Client, person: Any
) -> None:
    case = open_case(api)
    browser = person("map.card", "dispatcher")
    browser.get(f"/console/map/at?lon={LON + STEP / 2}&lat={LAT + STEP / 2}")
    assert f"{COMMUNITY}001" in browser.page
    browser.get("/console/map/component/42020301001000001")
    assert "黄石市自来水公司" in browser.page
    assert browser.get("/console/map/component/none").status_code == 404
    browser.get(f"/console/map/cases?case={case}")
    assert f"/console/cases/{case}" in browser.page
    browser.get(f"/console/cases/{case}")
    assert 'data-map="/console/map/style.json"' in browser.page


def test_where_collectors_are_takes_a_purpose(person: Any) -> None:
    leader, clerk = person("map.lead", "shift_leader"), person("map.clerk", "dispatcher")
    leader.get("/console/map")
    assert 'action="/console/map/people"' in leader.page
    assert leader.send("/console/map/people", purpose=" ").status_code == 422
    assert "track.purpose" in leader.page
    leader.get("/console/map")
    assert leader.send("/console/map/people", purpose="就近派单").status_code == 200
    assert leader.api("POST", "/collectors/positions", json={"purpose": "核对"}).json() == []
    clerk.get("/console/map")
    assert 'action="/console/map/people"' not in clerk.page
    assert clerk.send("/console/map/people", purpose="就近派单").status_code == 403


def test_a_service_of_pictures_is_asked_only_where_the_settings_name_it() -> None:
    seen = View(box=None, ground="7", components="")
    none = style(seen, BaseMap(), "light=red", cases=True)
    assert {"land", "grids"} < {one["id"] for one in none["layers"]}
    assert [] == [one for one in none["sources"].values() if one["type"] == "raster"]
    assert "components" not in none["sources"]
    assert ["/console/map/tiles/cases/{z}/{x}/{y}?light=red"] == none["sources"]["cases"]["tiles"]
    assert with_tiles(BaseMap().origins) == POLICY

    base = BaseMap(
        tiles="https://t0.example.cn/vec?x={x}&y={y}&l={z}&tk={key}", key="a b",  # type: ignore[arg-type]
        labels="https://t0.example.cn/cva?x={x}&y={y}&l={z}&tk={key}", attribution="GS(2024)0650号")
    made = style(seen, base, "", cases=False)
    assert ["land", "base", "base-labels"] == [one["id"] for one in made["layers"][:3]]
    assert ["https://t0.example.cn/vec?x={x}&y={y}&l={z}&tk=a%20b"] == (
        made["sources"]["base"]["tiles"])
    policy = with_tiles(base.origins)
    assert "img-src 'self' https://t0.example.cn data: blob:;" in policy
    assert "connect-src 'self' https://t0.example.cn;" in policy
    assert policy.count("https://") == 2
    for wrong in ("http://x/{z}/{x}", "ftp://x/{z}/{x}/{y}", "https://x y/{z}/{x}/{y}",
                  "https://a.cn;script-src/{z}/{x}/{y}"):
        with pytest.raises(ValueError, match="expected https"):
            BaseMap(tiles=wrong)
