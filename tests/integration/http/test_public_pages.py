"""Citizens at the office's public pages: nobody logs in, and nothing is seen without its code."""

from __future__ import annotations

import re
from collections.abc import Iterator
from datetime import datetime, timedelta
from typing import Any

import httpx
import pytest

from node.core.clock import BEIJING
from tests.integration.http.node import PUBLIC_REPORTS_MAX, Node, served
from tests.pictures import jpeg, part

KEY = re.compile(r'name="key" value="([^"]+)"')
RECEIPT = re.compile(r'id="(number|code)" class="number">([^<]+)<')
FORM = {"category": "GB/T 47678.5-2026|matter|01001", "text": "人行道上井盖缺了一块",
        "address": "颐阳路12号门前", "area": "420203", "consent": "yes"}


@pytest.fixture(scope="module")
def node(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Node]:
    """A node of its own: reports of one address are counted."""
    with served(tmp_path_factory.mktemp("node"), public="evaluation = true\n") as running:
        yield running


@pytest.fixture
def citizen(node: Node) -> Iterator[httpx.Client]:
    with node.client("") as client:
        yield client


def send(citizen: httpx.Client, key: str = "", photo: bytes = b"", **fields: str) -> Any:
    key = key or KEY.findall(citizen.get("/public/report").text)[0]
    files = [("photos", ("a.jpg", photo, "image/jpeg"))] if photo else []
    return citizen.post("/public/report", data={"key": key, **FORM, **fields}, files=files)


def test_a_citizen_reports_with_a_photo_follows_and_rates_it(
    node: Node, citizen: httpx.Client
) -> None:
    assert "/public/report" in citizen.get("/public").text
    key = KEY.findall(citizen.get("/public/report").text)[0]
    secret = b"Exif\0\0where it was taken"
    photo = jpeg(b"cover", beside=part(0xE1, secret))
    made = send(citizen, key, photo, name="张先生", phone="07140000000")
    assert made.status_code == 201, made.text
    given = dict(RECEIPT.findall(made.text))
    again = send(citizen, key, photo, name="张先生", phone="07140000000")
    assert dict(RECEIPT.findall(again.text)) == given

    with node.client() as api:
        (case,) = api.get("/api/v1/cases", params={"text": given["number"]}).json()["items"]
        path = f"/api/v1/cases/{case['case_id']}"
        facts = api.get(path).json()["facts"]
        assert (facts["source"], facts["photos"][0]["role"]) == ("website", "near")
        assert "07140000000" not in str(api.get(path).json())

        shown = citizen.post("/public/follow", data=given)
        assert "供水井盖异常" in shown.text
        assert "07140000000" not in shown.text
        assert "img" not in shown.text
        wrong = citizen.post("/public/follow", data={**given, "code": "AAAAAAAA"})
        assert (wrong.status_code, "供水井盖" in wrong.text) == (404, False)

        after = {**api.post("/api/v1/photos", files={"file": ("b.jpg", jpeg(
            b"after", beside=part(0xE1, secret)), "image/jpeg")}).json(), "role": "public"}
        done = api.post(f"{path}/self-handle", json={"result": "已换新盖"})
        assert done.status_code == 200, done.text
        closer = api.post("/api/v1/tokens", json={"name": "closer-p", "scope": "operate"}).json()
    with node.client(closer["token"]) as other:
        for word, body in (("start-check", {}), ("check", {"passed": True, "photos": [after]}),
                           ("close", {"text": "已恢复"})):
            done = other.post(f"{path}/{word}", json=body)
            assert done.status_code == 200, (word, done.text)

    closed = citizen.post("/public/follow", data=given).text
    assert "已换新盖" in closed
    (shown_photo,) = re.findall(r'<img src="([^"]+)"', closed)
    bytes_shown = citizen.get(shown_photo.replace("&amp;", "&")).content
    assert bytes_shown.startswith(b"\xff\xd8")
    assert secret not in bytes_shown
    rated = citizen.post("/public/follow/rate", data={**given, "score": "4", "text": "很快"})
    assert "感谢您的评价" in rated.text
    assert "score" not in rated.text
    twice = citizen.post("/public/follow/rate", data={**given, "score": "1"})
    assert twice.status_code in {403, 409}


def test_a_citizen_who_is_not_content_is_told_what_becomes_of_it(
    node: Node, citizen: httpx.Client
) -> None:
    given = dict(RECEIPT.findall(send(citizen, phone="07140000000").text))
    with node.client() as api:
        (case,) = api.get("/api/v1/cases", params={"text": given["number"]}).json()["items"]
        path = f"/api/v1/cases/{case['case_id']}"
        for word, body in (
            ("start-verify", {"collector": "C017"}), ("verify", {"found": True}), ("file", {}),
            ("force-close", {"text": "会议决定"}),
        ):
            done = api.post(f"{path}/{word}", json=body)
            assert done.status_code == 200, (word, done.text)
        assert "重新办理" not in citizen.post("/public/follow", data=given).text

        rated = citizen.post("/public/follow/rate", data={**given, "score": "1"})
        assert "已提请决定是否重新办理" in rated.text
        done = api.post(f"{path}/reopen-decision", json={"granted": True, "text": "同意"})
        assert done.status_code == 200, done.text
    assert "已决定重新办理" in citizen.post("/public/follow", data=given).text


def test_what_is_missing_is_said_and_what_was_typed_stays(citizen: httpx.Client) -> None:
    for fields, said in (
        ({"consent": ""}, "请先阅读并同意"), ({"text": " "}, "请填写说明"),
        ({"address": ""}, "请填写地址"), ({"category": "no|matter|1"}, "请选择是什么问题"),
        ({"phone": "not a phone"}, "填写有误：电话"), ({"area": "?"}, "填写有误：所在区域"),
    ):
        answer = send(citizen, **{"name": "张先生", **fields})
        assert (answer.status_code, said in answer.text) == (422, True), answer.text
        assert 'value="张先生"' in answer.text
    bad = send(citizen, photo=b"no picture at all")
    assert bad.status_code in {415, 422}, bad.text


def test_one_address_reports_so_often_and_is_refused_before_its_photos_are_read(
    citizen: httpx.Client,
) -> None:
    made = [send(citizen).status_code for _ in range(PUBLIC_REPORTS_MAX + 1)]
    assert made[-1] == 429
    refused = citizen.post("/public/report", content=b"x" * 100,
                           headers={"Content-Type": "multipart/form-data; boundary=b"})
    assert refused.status_code == 429
    large = citizen.post("/public/report", content=b"x" * 20_000_000,
                         headers={"Content-Type": "multipart/form-data; boundary=b"})
    assert large.status_code == 413


def test_only_what_was_published_for_everybody_is_shown(
    node: Node, citizen: httpx.Client
) -> None:
    assert "还没有公示" in citizen.get("/public/results").text
    yesterday = (datetime.now(BEIJING) - timedelta(days=1)).strftime("%Y-%m-%d")
    made = {}
    with node.client() as api:
        for shown in (True, False):
            answer = api.post("/api/v1/evaluation/publications", json={
                "subject": "source", "period": yesterday, "open": shown})
            assert answer.status_code == 201, answer.text
            made[shown] = answer.json()["publication_id"]
        kept = api.get(f"/api/v1/evaluation/publications/{made[True]}/html").content
    listed = citizen.get("/public/results").text
    assert f"/public/results/{made[True]}.html" in listed
    assert made[False] not in listed
    assert citizen.get(f"/public/results/{made[True]}.html").content == kept
    for kind in ("html", "xlsx", "csv"):
        assert citizen.get(f"/public/results/{made[False]}.{kind}").status_code == 404
    assert citizen.get(f"/public/results/{made[True]}.json").status_code in {404, 422}


def test_pages_speak_english_and_keep_it(citizen: httpx.Client) -> None:
    assert 'lang="en"' in citizen.get("/public?lang=en").text
    assert "Follow a report" in citizen.get("/public/follow").text
