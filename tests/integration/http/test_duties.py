"""Units, responsibility, coordination and the fund over REST, as a unit's IT people would do it."""

from __future__ import annotations

import csv
import io
from datetime import UTC, datetime, timedelta
from secrets import token_hex
from time import sleep
from typing import Any

import httpx

from tests.integration.http.conftest import opening
from tests.integration.http.node import DISTRICT, Node, wanmi

CSV = {"Content-Type": "text/csv"}


def _filed(api: httpx.Client, **changed: Any) -> str:
    case = api.post("/api/v1/cases", json=opening(**changed)).json()
    assert api.post(f"/api/v1/cases/{case['case_id']}/file", json={}).status_code == 200
    return str(case["case_id"])


def _post(api: httpx.Client, case: str, verb: str, **body: Any) -> httpx.Response:
    return api.post(f"/api/v1/cases/{case}/{verb}", json=body)


def test_a_unit_is_written_listed_masked_and_dispatched_to(node: Node, api: httpx.Client) -> None:
    unit = f"u{token_hex(3)}"
    body = {"name": f"区局{unit}", "kind": "district", "region": "420203",
            "address": f"node:{DISTRICT}", "leader_phone": "13900001234",
            "clerks": [{"name": "受理员", "phone": "0714-6350000"}]}
    assert api.put(f"/api/v1/units/{unit}", json=body).json()["added"] == 1
    assert api.put(f"/api/v1/units/{unit}", json={**body, "kind": "castle"}).status_code == 422
    made = api.post("/api/v1/tokens", json={"name": unit, "scope": "read"}).json()
    with node.client(made["token"]) as reader:
        assert reader.get(f"/api/v1/units/{unit}").json()["leader_phone"] == "139****1234"
        assert reader.put(f"/api/v1/units/{unit}", json=body).status_code == 403
    shown = api.get(f"/api/v1/units/{unit}").json()
    assert ("13900001234", "node", True) == (
        shown["leader_phone"], shown["way"], shown["territorial"])
    case = _filed(api)
    assert _post(api, case, "dispatch", to=f"node:{DISTRICT}", unit=unit).status_code == 422
    missing = _post(api, case, "dispatch", unit="no such unit")
    assert (404, "unit.unknown") == (missing.status_code, missing.json()["code"])
    assert _post(api, case, "dispatch", unit=body["name"]).status_code == 200
    gaps = {gap["unit_id"]: gap for gap in api.get("/api/v1/units/gaps").json()}
    assert "plan" in gaps[unit]["lacks"]
    assert {"units", "links"} <= {step["subject"] for step in api.get("/api/v1/setup").json()}


def test_an_urgent_case_names_who_stands_by(node: Node, api: httpx.Client) -> None:
    unit = f"y{token_hex(3)}"  # the last card of an address is the one that counts
    card = {"name": f"抢修{unit}", "kind": "district", "region": "420203",
            "address": f"node:{DISTRICT}", "leader_phone": "13900001234", "crew": "抢修一队",
            "duty_phone": "0714-6350000", "clerks": [{"name": "受理员"}],
            "plans": [{"title": "管网抢修预案", "place": "值班室"}]}
    assert api.put(f"/api/v1/units/{unit}", json=card).status_code == 200
    calm, urgent = _filed(api), _filed(api, urgent=True)
    for case in (calm, urgent):
        assert _post(api, case, "dispatch", to=f"node:{DISTRICT}").status_code == 200
    made = api.post("/api/v1/tokens", json={"name": unit, "scope": "read"}).json()

    with node.client(made["token"]) as reader:
        assert reader.get(f"/api/v1/cases/{calm}/standby").json() == []
        [found] = reader.get(f"/api/v1/cases/{urgent}/standby").json()

    assert (found["address"], found["crew"], found["duty_phone"]) == (
        f"node:{DISTRICT}", "抢修一队", "0714-6350000")
    assert found["plans"] == [{"title": "管网抢修预案", "digest": "", "place": "值班室"}]
    assert "leader_phone" not in found
    missing = api.get("/api/v1/cases/01900000-0000-7000-8000-000000000009/standby")
    assert (missing.status_code, missing.json()["code"]) == (404, "case.unknown")


def test_an_order_that_nobody_signs_is_the_turn_of_the_clerk_on_the_card(
    api: httpx.Client
) -> None:
    unit = f"z{token_hex(3)}"  # comes after every other card of this address
    card = {"name": f"区局{unit}", "kind": "district", "region": "420203",
            "address": f"node:{DISTRICT}", "leader": "分管副局长",
            "clerks": [{"name": "离岗受理员", "active": False},
                       {"name": "受理员甲", "phone": "0714-6350000"}]}
    assert api.put(f"/api/v1/units/{unit}", json=card).status_code == 200
    case = _filed(api)
    soon = (datetime.now(UTC) + timedelta(seconds=0.5)).isoformat()
    assert _post(api, case, "dispatch", to=f"node:{DISTRICT}",
                 limits={"sign_by": soon}).status_code == 200

    document: dict[str, Any] = {}
    for _ in range(300):
        document = api.get(f"/api/v1/cases/{case}").json()
        if document["assignment"]["climbed"] is not None:
            break
        sleep(0.1)

    climbed = document["assignment"]["climbed"]
    assert (climbed["step"], climbed["post"], climbed["name"]) == (1, "clerk", "受理员甲")
    half_an_hour = datetime.fromisoformat(climbed["next_at"]) - datetime.fromisoformat(soon)
    assert half_an_hour == timedelta(minutes=30)
    assert ("climb", "clerk 受理员甲") in {
        (one["kind"], one["detail"]) for one in document["work_items"]}
    assert "0714" not in api.get(f"/api/v1/cases/{case}/timeline").text


def test_a_list_with_unknown_phrases_is_taken_and_a_phrase_is_mapped(api: httpx.Client) -> None:
    phrase = f"井盖{token_hex(3)}"
    table = ("unit,phrase,kind,code5,mapping,duty,qualifier\n"
             f"市政,{phrase},,,,rectify/manage,own assets (涉及本单位)\n")
    missing = api.post("/api/v1/responsibilities", content=table.encode(), headers=CSV)
    assert missing.status_code == 422
    taken = api.post("/api/v1/responsibilities", content=table.encode(), headers=CSV,
                     params={"standard_ref": "GB/T 47678.5-2026", "area": "420203"}).json()
    assert (0, 1, 1) == (taken["added"], taken["aside"], len(taken["warnings"]))
    [waiting] = [one for one in api.get("/api/v1/responsibilities/unmapped").json()["items"]
                 if one["phrase"] == phrase]
    assert waiting["qualifier"] == "own_assets"
    path = f"/api/v1/responsibilities/unmapped/{waiting['id']}"
    body = {"standard_ref": "GB/T 47678.5-2026", "kind": "component", "code": "01003"}
    assert api.post(path, json=body).json() == {"count": 1}
    assert api.post(path, json=body).status_code == 404


def test_what_no_rule_solves_is_asked_at_the_right_level_and_decided(api: httpx.Client) -> None:
    case = _filed(api)
    assert _post(api, case, "no-owner", text="无人认领").status_code == 200
    wrong = _post(api, case, "coordination", level="area", kind="boundary", text="两区交界")
    assert (422, "coordination.level") == (wrong.status_code, wrong.json()["code"])
    assert "应由 委员会（committee） 协调" in wrong.json()["detail"]
    assert "第九条第一项" in wrong.json()["detail"]
    assert _post(api, case, "coordination", level="committee", kind="boundary",
                 text="两区交界").status_code == 200
    document = api.get(f"/api/v1/cases/{case}").json()
    assert (True, True, 1) == (
        document["no_owner"], document["contested"], len(document["coordinations"]))
    assert "coordination" in {item["kind"] for item in document["work_items"]}
    assert document["stage"]["zh"] == "任务派遣"
    asked = document["coordinations"][0]["coordination_id"]
    decided = _post(api, case, "coordination-decision", coordination_id=asked,
                    lead=f"node:{DISTRICT}", text="由西塞山区牵头")
    assert decided.status_code == 200
    proposal = api.get(f"/api/v1/cases/{case}/proposal",
                       headers={"Accept-Language": "en"}).json()
    assert ("decided", f"node:{DISTRICT}") == (proposal["reason_code"], proposal["assignee"])
    assert "coordination" in proposal["reason"]


def test_the_fund_shows_what_was_paid_and_who_owes_it(node: Node, api: httpx.Client) -> None:
    case, payer = _filed(api), f"公司{token_hex(3)}"
    before = api.get("/api/v1/fund").json()
    assert _post(api, case, "proxy-repair", performer="抢修队", payer=payer,
                 cost_fen=30_000).status_code == 200
    [repair] = api.get(f"/api/v1/cases/{case}").json()["repairs"]
    deposit = {"deposit_id": token_hex(4), "amount_fen": 100_000, "text": "拨款"}
    assert api.post("/api/v1/fund/deposits", json=deposit).json() == {"count": 1}
    assert api.post("/api/v1/fund/deposits", json=deposit).json() == {"count": 0}
    too_much = _post(api, case, "recovery", repair_id=repair["repair_id"], amount_fen=30_001,
                     payer=payer)
    assert (422, "fund.too_much") == (too_much.status_code, too_much.json()["code"])
    assert _post(api, case, "recovery", repair_id=repair["repair_id"], amount_fen=10_000,
                 payer=payer).status_code == 200
    after = api.get("/api/v1/fund").json()
    assert 80_000 == after["balance_fen"] - before["balance_fen"]
    assert 20_000 == after["by_payer"][payer]
    export = api.get("/api/v1/fund/entries.csv")
    lines = list(csv.DictReader(io.StringIO(export.text.removeprefix("\ufeff"))))
    assert payer in {line["责任单位"] for line in lines}
    assert api.post("/api/v1/fund/rebuild").json()["count"] == len(lines)
    shown = wanmi("fund", "show", "--url", node.url, "--token", node.token)
    assert payer in shown
    assert "outstanding" in shown


def test_what_no_rule_solves_is_worked_from_the_command_line(
    node: Node, api: httpx.Client
) -> None:
    case, payer = _filed(api), f"公司{token_hex(3)}"
    door = ("--url", node.url, "--token", node.token)

    wanmi("case", "no-owner", case, "--text", "无人认领", *door)
    wanmi("case", "coordinate", case, "boundary", "--level", "committee", "--text", "两区交界",
          *door)
    wanmi("case", "coordination-decide", case, "--lead", f"node:{DISTRICT}", "--text",
          "由西塞山区牵头", *door)
    wanmi("case", "repair", case, "--performer", "抢修队", "--fen", "30000", "--payer", payer,
          *door)
    wanmi("case", "recovery", case, "--payer", payer, "--fen", "10000", *door)

    document = api.get(f"/api/v1/cases/{case}").json()
    assert document["no_owner"]
    assert [one["lead"] for one in document["coordinations"]] == [f"node:{DISTRICT}"]
    assert [one["outstanding_fen"] for one in document["repairs"]] == [20_000]
