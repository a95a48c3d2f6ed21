"""A district and its city, from their command lines: what is contested near a border goes up by
itself, and several cases are asked about as one problem, decided once, and told one by one."""

from __future__ import annotations

import json
from collections.abc import Iterator
from contextlib import ExitStack
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import httpx
import pytest

from tests.integration.http.conftest import opening
from tests.integration.http.node import DISTRICT, wanmi
from tests.integration.http.town import Town, document, start_town, until
from tests.places import LAT, LON, STEP, grid

BEYOND = "420204001001"


@dataclass(frozen=True, slots=True, kw_only=True)
class Desks:
    city: httpx.Client
    district: httpx.Client
    town: Town

    def at_city(self, *typed: str) -> str:
        return wanmi(*typed, "--home", str(self.town.city.home))

    def at_district(self, *typed: str) -> str:
        return wanmi(*typed, "--home", str(self.town.district.home))

    def handed_down(self, **place: Any) -> tuple[str, str]:
        """Id and number of a fresh case that the district holds."""
        answer = self.city.post("/api/v1/cases", json=opening(
            place={"area": DISTRICT, "address": "界河路9号", "lon": LON + STEP / 2,
                   "lat": LAT + STEP / 2, **place})).json()
        case_id, number = answer["case_id"], answer["case_no"]
        for verb, body in (("file", {}), ("dispatch", {"to": f"node:{DISTRICT}"})):
            said = self.city.post(f"/api/v1/cases/{case_id}/{verb}", json=body)
            assert said.status_code == 200, said.text
        until(self.district, case_id, "the order", lambda one: one["status"] == "held")
        return case_id, number


@pytest.fixture(scope="module")
def desks(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Desks]:
    town = start_town(tmp_path_factory.mktemp("problems"))
    try:
        with ExitStack() as stack:
            city, district = (stack.enter_context(one.client())
                              for one in (town.city, town.district))
            yield Desks(city=city, district=district, town=town)
    finally:
        ended = town.stop()
    assert ended == [0, 0, 0]


def _leads(one: dict[str, Any]) -> list[str]:
    return [asked["lead"] for asked in one["coordinations"]]


def test_a_contest_near_a_border_reaches_the_committee_and_its_decision_the_district(
    desks: Desks, tmp_path: Path
) -> None:
    layer = tmp_path / "grids.geojson"
    squares = (grid(0, 0), grid(1, 0), grid(2, 0, area=BEYOND, code=f"{BEYOND}001"))
    layer.write_text(json.dumps({"type": "FeatureCollection", "features": [
        {"type": "Feature", "geometry": one.pop("outline"), "properties": one}
        for one in map(dict, squares)]}), encoding="utf-8")
    desks.at_city("import", "grids", str(layer))
    case_id, number = desks.handed_down(lon=LON + 1.99 * STEP)
    far, _ = desks.handed_down()

    desks.at_district("case", "dispute", number, "--reason", "boundary", "--text", "在界河以东")
    desks.at_district("case", "dispute", far, "--reason", "boundary", "--text", "在界河以东")

    above = until(desks.city, case_id, "the question", lambda one: bool(one["coordinations"]))
    [asked] = above["coordinations"]
    assert ("boundary", "committee", False) == (asked["kind"], asked["level"], asked["upward"])
    assert "第九条第一项" in asked["rule"]
    assert above["contested"]
    assert {"coordination", "request"} <= {one["kind"] for one in above["work_items"]}
    lonely = until(desks.city, far, "the contest", lambda one: bool(one["disputes"]))
    assert [] == lonely["coordinations"]
    assert number in desks.at_city("case", "list", "--contested")
    course = desks.city.get(f"/api/v1/cases/{case_id}/timeline").json()["entries"]
    [asked_by_itself] = [one for one in course if one["event_type"] == "CoordinationAsked"]
    assert "自动提请，依据" in asked_by_itself["words"]
    assert "CoordinationAsked" in desks.at_city("case", "timeline", number)
    assert "near a border: 420203、420204" in desks.at_district("case", "show", number)

    desks.at_city("case", "coordination-decide", number, "--lead", f"node:{DISTRICT}", "--text",
                  "由西塞山区牵头")
    below = until(desks.district, case_id, "the decision", lambda one: bool(one["coordinations"]))
    assert (False, [f"node:{DISTRICT}"]) == (below["contested"], _leads(below))
    assert number not in desks.at_city("case", "list", "--contested")
    desks.at_city("case", "dispute-decide", number, "--dismiss", "--text", "按协调决定办理")
    until(desks.district, case_id, "the answer",
          lambda one: one["disputes"][0]["upheld"] is False)


def test_a_question_goes_up_from_the_district_and_the_citys_decision_comes_back(
    desks: Desks
) -> None:
    case_id, number = desks.handed_down()
    desks.at_district("case", "coordinate", number, "multi_department", "--level", "committee",
                      "--text", "须水务、电力一并处置")
    until(desks.city, case_id, "the question", lambda one: bool(one["coordinations"]))
    assert "decided as committee" in desks.at_district("case", "show", number)
    desks.at_city("case", "coordination-decide", number, "--lead", "市水务局", "--assistant",
                  "市供电公司", "--text", "市水务局牵头")
    below = until(desks.district, case_id, "the decision", lambda one: _leads(one) == ["市水务局"])
    assert ["市供电公司"] == below["coordinations"][0]["assistants"]
    kinds = [entry["event_type"] for entry in desks.city.get(
        f"/api/v1/cases/{case_id}/timeline").json()["entries"]]
    assert 2 == kinds.count("CoordinationAsked") == kinds.count("CoordinationDecided")


def _asked_as_one(desks: Desks, cases: list[tuple[str, str]]) -> str:
    """The problem that the district makes of these cases, as it stands at the city."""
    (first, number), *others = cases
    named = [part for _, other in others for part in ("--with", other)]
    desks.at_district("case", "coordinate", number, "policy", "--level", "committee",
                      "--text", "整段管网老化", *named)
    found = document(desks.district, first)["problems"]
    assert [[case_id for case_id, _ in others]] == [
        [other["case_id"] for other in one["cases"]] for one in found]
    for case_id, _ in cases:
        until(desks.city, case_id, "its question", lambda one: bool(one["coordinations"]))
    return str(found[0]["problem_id"])


def test_several_cases_are_asked_about_as_one_decided_once_and_each_has_its_own_record(
    desks: Desks
) -> None:
    cases = [desks.handed_down() for _ in range(2)]
    name = _asked_as_one(desks, cases)

    said = desks.at_city("case", "problem-decide", name, "--lead", "市水务局", "--text", "整段改造")

    assert "decided for 2 case(s)" in said
    for case_id, number in cases:
        assert number in said
        below = until(desks.district, case_id, "its decision",
                      lambda one: "市水务局" in _leads(one))
        assert [name] == [one["problem_id"] for one in below["coordinations"]]
        journal = desks.district.get(f"/api/v1/cases/{case_id}/journal").json()["items"]
        assert [(name, "市水务局", "整段改造")] == [
            (one["event"]["problem_id"], one["event"]["lead"], one["event"]["text"])
            for one in journal if one["event_type"] == "CoordinationDecided"]
    assert name in desks.at_district("case", "problems", "--all")


def test_before_the_decision_cases_come_in_and_go_and_what_ended_is_named_and_passed_over(
    desks: Desks
) -> None:
    cases = [desks.handed_down() for _ in range(4)]
    (first, gone, ended, later), numbers = zip(*cases, strict=True)
    name = _asked_as_one(desks, cases[:3])
    [problem] = [one for one in desks.city.get("/api/v1/problems").json()
                 if one["problem_id"] == name]
    assert (3, "committee", "整段管网老化") == (
        problem["waits"], problem["level"], problem["text"])
    assert 0 == desks.district.get(f"/api/v1/problems/{name}").json()["waits"]

    path = f"/api/v1/problems/{name}"
    for verb, body in (("cases", {"case_id": later}),
                       ("removal", {"case_id": gone, "text": "权属已查明"})):
        answer = desks.city.post(f"{path}/{verb}", json=body)
        assert answer.status_code == 200, answer.text
    alone = desks.city.post(f"/api/v1/cases/{first}/coordination-decision", json={
        "coordination_id": document(desks.city, first)["coordinations"][0]["coordination_id"],
        "lead": "市水务局", "text": "单独决定"})
    assert (409, "case.wrong_status") == (alone.status_code, alone.json()["code"])
    assert name in alone.json()["detail"]
    voided = desks.city.post(f"/api/v1/cases/{ended}/void", json={
        "reason": "重复", "reason_code": "duplicate"})
    assert voided.status_code == 200

    key = {"Idempotency-Key": "one-decision"}
    body = {"lead": "市水务局", "assistants": ["市城管局"], "text": "整段改造"}
    settled = desks.city.post(f"{path}/decision", json=body, headers=key).json()
    assert [numbers[0], numbers[3]] == [one["case_no"] for one in settled["decided"]]
    assert [(numbers[2], "voided", "over")] == [
        (one["case_no"], one["status"], one["skipped"]) for one in settled["skipped"]]
    assert settled == desks.city.post(f"{path}/decision", json=body, headers=key).json()
    other = desks.city.post(f"{path}/decision", json={**body, "lead": "别家"}, headers=key)
    assert (422, "idempotency.mismatch") == (other.status_code, other.json()["code"])
    again = desks.city.post(f"{path}/decision", json=body)
    assert (409, "problem.nothing_open") == (again.status_code, again.json()["code"])
    late = desks.city.post(f"{path}/cases", json={"case_id": gone})
    assert (409, "problem.nothing_open") == (late.status_code, late.json()["code"])

    for case_id in (first, later):
        until(desks.district, case_id, "its decision", lambda one: "市水务局" in _leads(one))
    left = document(desks.city, gone)["coordinations"][0]
    assert (True, "") == (left["open"], left["problem_id"])
    assert name not in {one["problem_id"] for one in desks.city.get("/api/v1/problems").json()}


def test_what_cannot_be_joined_is_said_with_the_case_and_changes_nothing(desks: Desks) -> None:
    (one, _), (two, number) = (desks.handed_down() for _ in range(2))
    path = f"/api/v1/cases/{one}/coordination"
    body = {"kind": "policy", "level": "committee", "text": "一并研究", "with_cases": [two]}
    asked = desks.district.post(f"/api/v1/cases/{two}/coordination", json={
        **body, "with_cases": []})
    assert asked.status_code == 200
    refused = desks.district.post(path, json=body)
    assert (409, "case.wrong_status") == (refused.status_code, refused.json()["code"])
    assert {"pointer": "/case_no", "detail": number, "code": "case.wrong_status"} in [
        {key: fault[key] for key in ("pointer", "detail", "code")}
        for fault in refused.json()["errors"]]
    assert [] == document(desks.district, one)["coordinations"]

    gone = "0197b5c0-0000-7000-8000-000000000000"
    missing = desks.district.post(path, json={**body, "with_cases": [gone]})
    assert (404, "case.unknown") == (missing.status_code, missing.json()["code"])
    many = desks.district.post(path, json={**body, "with_cases": [gone] * 64})
    assert (422, "request.invalid") == (many.status_code, many.json()["code"])
    for verb, sent, code in (
        ("cases", {"case_id": one}, "problem.unknown"),
        ("removal", {"case_id": one, "text": "另案"}, "problem.not_in"),
        ("decision", {"lead": "x", "text": "y"}, "problem.unknown"),
    ):
        answer = desks.district.post(f"/api/v1/problems/{gone}/{verb}", json=sent)
        assert (404, code) == (answer.status_code, answer.json()["code"])
    assert 404 == desks.district.get(f"/api/v1/problems/{gone}").status_code
