"""A collector calls for help over REST, the duty desk answers by command line, a thief is shut out.
"""

from __future__ import annotations

import time
from typing import Any

import httpx
from rich.cells import cell_len
from typer.testing import CliRunner

from node.cli import app
from tests.integration.http.node import Node
from tests.integration.http.test_changes import _events


def token(api: httpx.Client, name: str, *roles: str, scope: str = "operate") -> str:
    answer = api.post("/api/v1/tokens", json={"name": name, "scope": scope, "roles": list(roles)})
    assert answer.status_code == 201, answer.text
    return str(answer.json()["token"])


def run(node: Node, *words: str, given: str, lang: str = "zh") -> Any:
    return CliRunner().invoke(
        app, [*words, "--home", str(node.home), "--lang", lang, "--token", given],
        env={"COLUMNS": "80", "WANMI_TOKEN": "", "WANMI_URL": "", "WANMI_HOME": ""})


def test_an_alarm_reaches_the_feed_and_the_desk_at_once_and_is_settled_by_words(
    node: Node, api: httpx.Client
) -> None:
    phone, duty = token(api, "C101"), token(api, "leader-a", "shift_leader")
    body = {"kind": "threat", "text": "三人围堵，抢夺设备", "x": 115.1012, "y": 30.2025,
            "crs": "GCJ02", "accuracy_m": 15}
    with node.client() as client, client.stream("GET", "/api/v1/changes") as stream:
        events = _events(stream)
        next(events)
        with node.client(phone) as mobile:
            made = mobile.post("/api/v1/alarms", json=body, headers={"Idempotency-Key": "a-1"})
            again = mobile.post("/api/v1/alarms", json=body, headers={"Idempotency-Key": "a-1"})
        heard = next(event["data"] for event in events if "data" in event)
    assert (201, made.json()) == (made.status_code, again.json())
    alarm = made.json()["id"]
    assert (alarm, "alarm") == (heard["case_id"], heard["kind"])
    assert "x" not in made.json()
    first = api.get("/api/v1/work-items").json()[0]
    assert ("alarm", alarm, "C101 threat") == (first["kind"], first["id"], first["detail"])
    refused = api.post("/api/v1/work-items/settle", json={"id": alarm})
    assert (409, "alarm.unsaid") == (refused.status_code, refused.json()["code"])

    listed = run(node, "alarm", "list", given=duty)
    shown = run(node, "alarm", "take", alarm, given=duty)
    done = run(node, "alarm", "settle", alarm, "--outcome", "police", "--report",
               "已报 110，民警到场，采集员安全撤离", "--reference", "接警单 20261126-031",
               given=duty)
    for said in (listed, shown, done, run(node, "alarm", "choices", given=duty),
                 run(node, "alarm", "show", alarm, given=duty, lang="en")):
        assert said.exit_code == 0, said.output
        assert max(cell_len(line) for line in said.output.splitlines()) <= 80, said.output
    assert "威胁、围堵" in listed.output
    assert "待接警" in listed.output
    assert "已接警：leader-a" in shown.output
    assert "误差 15 米" in shown.output
    assert "已报警：已报 110" in done.output
    assert [] == [one for one in api.get("/api/v1/work-items").json() if one["kind"] == "alarm"]
    twice = run(node, "alarm", "take", alarm, given=duty)
    assert (3, True) == (twice.exit_code, "leader-a 已处理完毕" in twice.output)


def test_only_the_duty_desk_sees_where_somebody_was(node: Node, api: httpx.Client) -> None:
    phone, clerk = token(api, "C102"), token(api, "clerk-a", "dispatcher")
    with node.client(phone) as mobile:
        alarm = mobile.post("/api/v1/alarms", json={"kind": "other"}).json()["id"]
        assert 200 == mobile.get(f"/api/v1/alarms/{alarm}").status_code
        for wrong, code in (({"kind": "none"}, "alarm.kind"),
                            ({"kind": "other", "x": 1, "y": 1, "crs": "?"}, "place.crs"),
                            ({"kind": "other", "x": 1}, "request.invalid")):
            answer = mobile.post("/api/v1/alarms", json=wrong)
            assert (422, code) == (answer.status_code, answer.json()["code"]), answer.text
    with node.client(clerk) as desk:
        assert alarm in [one["id"] for one in desk.get("/api/v1/alarms").json()["items"]]
        for answer in (desk.get(f"/api/v1/alarms/{alarm}"),
                       desk.post(f"/api/v1/alarms/{alarm}/take", json={})):
            assert (403, "alarm.role") == (answer.status_code, answer.json()["code"])


def test_a_lost_device_is_out_at_once_with_its_open_session_until_it_is_unlocked(
    node: Node, api: httpx.Client
) -> None:
    phone, duty = token(api, "C103"), token(api, "leader-b", "duty_officer")
    with node.client(phone) as mobile:
        assert 200 == mobile.get("/api/v1/collectors").status_code
        with mobile.stream("GET", "/api/v1/changes") as stream:
            events = _events(stream)
            next(events)
            began = time.monotonic()
            said = run(node, "collector", "lost", "C103", "--reason", "设备被抢", given=duty)
            assert said.exit_code == 0, said.output
            assert "已锁定 C103" in said.output
            assert [] == [one for one in events if "data" in one]  # it ended
            assert time.monotonic() - began < 10
        for answer in (mobile.get("/api/v1/collectors"),
                       mobile.post("/api/v1/alarms", json={"kind": "other"})):
            assert (401, "auth.locked") == (answer.status_code, answer.json()["code"])
        with node.client(duty) as desk:
            assert 403 == desk.post("/api/v1/tokens/C103/unlock").status_code
        (row,) = [one for one in api.get("/api/v1/tokens").json() if one["name"] == "C103"]
        assert ("leader-b", "设备被抢") == (row["locked_by"], row["lock_reason"])
        listed = run(node, "token", "list", given=node.token)
        assert "设备被抢" in listed.output
        assert "没有可锁定" in run(
            node, "token", "lock", "C103", "--reason", "x", given=duty).output
        assert run(node, "token", "unlock", "C103", given=node.token).exit_code == 0
        assert 200 == mobile.get("/api/v1/collectors").status_code
