"""A street's video centre registers what its cameras see, passes it up, and hears how it goes."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import ExitStack
from dataclasses import dataclass
from hashlib import sha256
from typing import Any

import httpx
import pytest

from tests.integration.http.conftest import opening
from tests.integration.http.node import CITY, DISTRICT, wanmi
from tests.integration.http.town import STREET, Town, start_town, until
from tests.pictures import jpeg

JPEG = jpeg(bytes(200))
GONE = "0197b5c0-0000-7000-8000-000000000000"


@dataclass(frozen=True, slots=True, kw_only=True)
class Desks:
    city: httpx.Client
    district: httpx.Client
    street: httpx.Client
    town: Town


@pytest.fixture(scope="module")
def desks(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Desks]:
    town = start_town(tmp_path_factory.mktemp("town"))
    try:
        with ExitStack() as stack:
            city, district, street = (
                stack.enter_context(one.client()) for one in (town.city, town.district, town.street)
            )
            yield Desks(city=city, district=district, street=street, town=town)
    finally:
        ended = town.stop()
    assert ended == [0, 0, 0]


def _do(api: httpx.Client, case_id: str, verb: str, **body: Any) -> dict[str, Any]:
    answer = api.post(f"/api/v1/cases/{case_id}/{verb}", json=body)
    assert answer.status_code == 200, (verb, answer.text)
    reply: dict[str, Any] = answer.json()
    return reply


def _seen(street: httpx.Client, **more: Any) -> dict[str, Any]:
    """Somebody at a screen saw it: a report with a picture."""
    uploaded = street.post("/api/v1/photos", files={"file": ("c.jpg", JPEG, "image/jpeg")})
    assert uploaded.status_code in (200, 201), uploaded.text
    photo = {**uploaded.json(), "role": "near"}
    photo = {key: photo[key] for key in ("digest", "size", "media_type", "role")}
    body = opening(source="camera", details={"camera": "K-12"}, photos=[photo], **more)
    answer = street.post("/api/v1/cases", json=body)
    assert answer.status_code == 201, answer.text
    found: dict[str, Any] = answer.json()
    return found


def _above(api: httpx.Client, street: httpx.Client, case_id: str) -> str:
    passing = until(street, case_id, "its number above", lambda one: bool(
        one["passing"] and one["passing"]["case_no"]))["passing"]
    name: str = passing["as_case"]
    until(api, name, "the report", lambda one: one["status"] == "reported")
    return name


def test_a_report_with_its_picture_goes_up_and_every_answer_comes_down(desks: Desks) -> None:
    case = _seen(desks.street, reporter={"name": "李四", "phone": "13900000000",
                                         "wants_reply": True})
    refused = desks.street.post(f"/api/v1/cases/{case['case_id']}/file", json={})
    assert (refused.status_code, refused.json()["code"]) == (403, "case.not_permitted")

    said = wanmi("case", "submit", "--home", str(desks.town.street.home), case["case_id"],
                 "--text", "请区中心受理")
    assert "passed_up" in said
    above = _above(desks.district, desks.street, case["case_id"])
    taken = until(desks.district, above, "it", lambda one: True)
    assert (taken["facts"]["source"], taken["facts"]["source_details"]) == (
        "camera", {"camera": "K-12"})
    assert taken["facts"]["filing_node"] == DISTRICT
    assert (taken["facts"]["origin"]["node"], taken["facts"]["origin"]["case_no"]) == (
        STREET, case["case_no"])
    assert taken["contact"] is False
    assert "13900000000" not in str(taken)
    digest = sha256(JPEG).hexdigest()
    until(desks.district, above, "the picture", lambda _: (
        desks.district.get(f"/api/v1/photos/{digest}").status_code == 200))
    assert desks.district.get(f"/api/v1/photos/{digest}").content == JPEG

    _do(desks.district, above, "accept")
    until(desks.street, case["case_id"], "that it is accepted",
          lambda one: one["passing"]["outcome"] == "accepted")
    _do(desks.district, above, "decline", reason="已由市政部门列入维修计划",
        reason_code="out_of_scope")
    ended = until(desks.street, case["case_id"], "its end",
                  lambda one: one["status"] == "not_filed")
    assert (ended["passing"]["words"], ended["passing"]["said_by"]) == (
        "已由市政部门列入维修计划", DISTRICT)
    page = wanmi("case", "show", "--home", str(desks.town.street.home), case["case_id"])
    assert taken["case_no"] in page
    assert "not_filed" in page
    told = desks.street.get("/api/v1/notices", params={"case_id": case["case_id"]}).json()["items"]
    assert [one["kind"] for one in told] == ["not_filed"], "the street tells whoever called it"


def test_the_district_passes_it_on_to_the_city_and_the_street_reads_the_citys_number(
    desks: Desks,
) -> None:
    case = _seen(desks.street)
    _do(desks.street, case["case_id"], "submit")
    middle = _above(desks.district, desks.street, case["case_id"])
    _do(desks.district, middle, "submit", text="跨区事项")
    top = until(desks.district, middle, "the city", lambda one: bool(
        one["passing"] and one["passing"]["case_no"]))["passing"]
    _do(desks.city, top["as_case"], "not-accept", reason="不属城市管理范围")
    ended = until(desks.street, case["case_id"], "its end",
                  lambda one: one["status"] == "not_accepted")
    assert (ended["passing"]["case_no"], ended["passing"]["said_by"]) == (top["case_no"], CITY)
    origin = until(desks.city, top["as_case"], "it", lambda one: True)["facts"]["origin"]
    assert (origin["node"], origin["registered_by"]) == (DISTRICT, STREET)


def test_what_is_asked_back_in_time_comes_back(desks: Desks) -> None:
    case = _seen(desks.street)
    _do(desks.street, case["case_id"], "submit")
    above = _above(desks.district, desks.street, case["case_id"])
    _do(desks.street, case["case_id"], "recall", text="已由街道当场处理")
    until(desks.street, case["case_id"], "it back", lambda one: one["status"] == "reported")
    until(desks.district, above, "its end", lambda one: one["status"] == "not_accepted")
    late = desks.street.post(f"/api/v1/cases/{case['case_id']}/recall", json={"text": "再撤"})
    assert late.status_code == 409


def test_an_office_without_one_above_says_so(desks: Desks) -> None:
    opened = desks.city.post("/api/v1/cases", json=opening())
    refused = desks.city.post(f"/api/v1/cases/{opened.json()['case_id']}/submit", json={})
    assert refused.json()["code"] == "case.no_route"
    missing = desks.city.post(f"/api/v1/cases/{GONE}/submit", json={})
    assert missing.status_code == 404
