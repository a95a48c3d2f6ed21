"""A county that ran alone is attached under a city later: nothing of it is converted."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import httpx

from hub.ports import free_port
from tests.integration.http.conftest import opening
from tests.integration.http.node import CITY, Node, launch, wanmi
from tests.integration.http.test_papers import picture, upload
from tests.integration.http.town import until

COUNTY = "420222"


def made(folder: Path, node: str, profile: str, *grpc: int) -> tuple[Path, int, str]:
    home, port = folder / node, free_port()
    said = json.loads(wanmi(
        "init", "--home", str(home), "--id", node, "--profile", profile, "--http-port", str(port),
        "--grpc-port", str(grpc[0] if grpc else 0), "--nats-port", "0", "--json"))
    return home, port, said["token"]


def done(api: httpx.Client, case_id: str, verb: str, **body: Any) -> None:
    answer = api.post(f"/api/v1/cases/{case_id}/{verb}", json=body)
    assert answer.status_code == 200, (verb, answer.text)


def filed(api: httpx.Client) -> str:
    case_id: str = api.post("/api/v1/cases", json=opening(
        place={"area": COUNTY, "address": "兴国大道1号"})).json()["case_id"]
    done(api, case_id, "file", text="同意立案")
    return case_id


def served(home: Path, port: int, token: str) -> Node:
    node = launch(home, port, token)
    node.wait_ready()
    return node


def test_a_county_runs_alone_and_later_under_a_city_without_conversion(tmp_path: Path) -> None:
    grpc = free_port()
    county_home, county_port, county_token = made(tmp_path, COUNTY, "single_level")
    county = served(county_home, county_port, county_token)
    with county.client() as api:
        open_case, ended = filed(api), filed(api)
        done(api, ended, "void", reason="重复登记")
        before = {case: api.get(f"/api/v1/cases/{case}/journal").json()
                  for case in (open_case, ended)}
    assert county.stop() == 0

    city_home, city_port, city_token = made(tmp_path, CITY, "city", grpc)
    kit = tmp_path / "kit.json"
    said = json.loads(wanmi("link", "attach", CITY, "--home", str(county_home), "--json"))
    wanmi("link", "accept", "--home", str(city_home), said["request"], "--out", str(kit),
          "--grpc", f"localhost:{grpc}")
    wanmi("link", "join", "--home", str(county_home), str(kit), "--prefer", "GRPC")
    nodes = [launch(city_home, city_port, city_token),
             launch(county_home, county_port, county_token)]
    try:
        for node in nodes:
            node.wait_ready()
        with nodes[0].client() as city, nodes[1].client() as api:
            for case, journal in before.items():
                assert api.get(f"/api/v1/cases/{case}/journal").json() == journal
            ordered = filed(city)
            done(city, ordered, "dispatch", to=f"node:{COUNTY}")
            until(api, ordered, "the order", lambda _: True)
            done(api, ordered, "sign")
            done(api, ordered, "feed-back", result="已修复", photos=[
                upload(api, picture(4, 3, (1, 2, 3)), "handle_after")])
            until(city, ordered, "the feedback", lambda one: one["status"] == "feedback_given")
            done(city, ordered, "check", passed=True)
            done(city, ordered, "close", text="结案")
            until(api, ordered, "the end", lambda one: one["status"] == "ended")
            # Its own case of before goes on as if nothing had happened, and is not the city's.
            done(api, open_case, "void", reason="现场已无问题")
            own = api.get(f"/api/v1/cases/{open_case}").json()
            assert (own["status"], own["own"]) == ("voided", True)
            assert city.get(f"/api/v1/cases/{open_case}").status_code == 404
            assert api.get("/api/v1/directory").json()["parent"] == CITY
    finally:
        statuses = [node.stop() for node in nodes]
    assert statuses == [0, 0]
