"""What a collector's phone fetches: the pack of the beat, the tasks, the worker."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import httpx

from tests import beat
from tests.integration.http.conftest import opening
from tests.integration.http.node import Node
from tests.integration.http.test_accounts import browse, person

__all__ = ["browse", "person"]


def test_the_pack_holds_the_beat_what_stands_there_and_what_may_be_reported(
    node: Node, api: httpx.Client, person: Any, tmp_path: Path
) -> None:
    browser = person("c301", "collector")
    before = browser.get("/console/phone/pack").json()
    assert (before["collector"], before["beat"], before["components"]) == (None, None, [])
    assert before["source"]["code"] == "collector"
    assert before["age_h"] <= before["keep_h"]

    beat.lay(node, api, tmp_path, "c301", "王丽")
    answer = browser.get("/console/phone/pack")
    pack = answer.json()
    assert (pack["collector"]["beat"], pack["beat"]["name"]) == (beat.BEAT, beat.BEAT_NAME)
    assert [one["beat"] for one in pack["shifts"]] == [beat.BEAT]
    assert sorted(one["code"][-3:] for one in pack["grids"]) == ["001", "002"]
    assert all(one["outline"]["type"] == "Polygon" for one in pack["grids"])
    assert {one[0] for one in pack["components"]} == {one[0] for one in beat.COMPONENTS}
    assert pack["whole"] is True
    cover = next(one for one in pack["classes"]
                 if (one["kind"], one["code"]) == ("component", "01001"))
    assert (cover["name"], cover["fault"]) == ("供水井盖", "01001")
    assert {"major_name", "conditions", "incident"} <= set(cover)

    lon, lat = beat.at(30.0, 30.0)
    made = api.post("/api/v1/cases", json=opening(place={
        "area": "420203", "address": "杭州东路", "lon": lon, "lat": lat})).json()["case_id"]
    other = api.post("/api/v1/tokens", json={"name": "checker-p", "scope": "operate"}).json()
    with node.client(other["token"]) as judge:
        for client, word, body in ((api, "self-handle", {"result": "已扶正"}),
                                   (judge, "start-check", {})):
            done = client.post(f"/api/v1/cases/{made}/{word}", json=body)
            assert done.status_code == 200, done.text
    (free,) = browser.get("/console/phone/tasks").json()
    assert (free["case_id"], free["kind"], free["own"]) == (made, "check", False)
    assert free["result"] == "已扶正"

    same = browser.http.get(
        "/console/phone/pack", headers={"If-None-Match": answer.headers["etag"]})
    assert (same.status_code, same.content) == (304, b"")


def test_tasks_are_those_of_whoever_asks_and_go_when_they_are_done(
    api: httpx.Client, person: Any
) -> None:
    ours, other = person("c302", "collector"), person("c303", "collector")
    made = api.post("/api/v1/cases", json=opening(text="井盖松动，车过有响声")).json()
    sent = api.post(f"/api/v1/cases/{made['case_id']}/start-verify",
                    json={"collector": "c302", "text": "看清权属标识"})
    assert sent.status_code == 200, sent.text

    (task,) = ours.get("/console/phone/tasks").json()
    assert (task["case_id"], task["kind"], task["own"], task["order"]) == (
        made["case_id"], "verify", True, "看清权属标识")
    assert (task["text"], task["address"]) == ("井盖松动，车过有响声", "颐阳路12号门前")
    assert other.get("/console/phone/tasks").json() == []

    done = ours.api("POST", f"/cases/{made['case_id']}/verify", json={"found": True})
    assert done.status_code == 200, done.text
    assert ours.get("/console/phone/tasks").json() == []


def test_the_worker_may_keep_the_page_and_a_stranger_is_told_so(node: Node, person: Any) -> None:
    browser = person("c304", "collector")
    worker = browser.get("/console/phone/worker.js")
    assert worker.headers["service-worker-allowed"] == "/console/phone"
    assert worker.headers["content-type"].startswith("text/javascript")
    assert "connect-src 'self'" in worker.headers["content-security-policy"]
    manifest = browser.get("/console/phone/app.webmanifest").json()
    assert (manifest["start_url"], manifest["short_name"]) == ("/console/phone", "Patrol")
    for one in manifest["icons"]:
        assert browser.get(one["src"]).status_code == 200
    page = browser.get("/console/phone")
    assert page.status_code == 200
    assert browser.cookie not in page.text
    assert "c304" not in page.text

    with node.client("") as stranger:
        for path in ("/console/phone/pack", "/console/phone/tasks"):
            assert stranger.get(path, headers={"HX-Request": "true"}).status_code == 401


def test_a_clerk_is_not_shown_the_phone_and_gets_nothing_there(person: Any) -> None:
    clerk = person("c305", "unit_clerk")
    assert clerk.get("/console/phone").status_code == 403
    assert clerk.get("/console/work").status_code == 200
    assert "/console/phone" not in clerk.page
