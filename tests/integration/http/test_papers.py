"""The work slip and the whole case as pages: complete, escaped, self-contained."""

from __future__ import annotations

import html
import re
import struct
import zlib
from collections.abc import Iterator
from contextlib import ExitStack
from html.parser import HTMLParser
from pathlib import Path
from typing import Any

import httpx
import pytest

from node.service.papers import PHOTO_BYTES_MAX
from tests.integration.http.conftest import opening
from tests.integration.http.node import DISTRICT, wanmi
from tests.integration.http.town import Town, start_town, until

VOID = {"meta", "col", "img", "br", "link"}
EVIL = '井盖缺失<script>alert("x")</script> & "引号"'


class Strict(HTMLParser):
    """Every element that is opened is closed, in order; collects tags and what the page loads."""

    def __init__(self) -> None:
        super().__init__()
        self.open: list[str] = []
        self.tags: set[str] = set()
        self.loads: list[str] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.add(tag)
        self.loads += [value or "" for name, value in attrs if name in ("src", "href")]
        if tag not in VOID:
            self.open.append(tag)

    def handle_endtag(self, tag: str) -> None:
        assert self.open.pop() == tag, (tag, self.getpos())


def read(page: str) -> tuple[Strict, str]:
    """The page's structure, and what a person reads of it, in one line."""
    found = Strict()
    found.feed(page)
    assert found.open == []
    body = re.sub(r"<style>.*?</style>", "", page, flags=re.DOTALL)
    return found, " ".join(html.unescape(re.sub(r"<[^>]+>", " ", body)).split())


def picture(width: int, height: int, colour: tuple[int, int, int], noise: int = 0) -> bytes:
    """A PNG of one colour; ``noise`` more bytes behind its last row."""
    def chunk(kind: bytes, data: bytes) -> bytes:
        return struct.pack(">I", len(data)) + kind + data + struct.pack(
            ">I", zlib.crc32(kind + data))

    line = b"\0" + bytes(colour) * width
    return b"".join((
        b"\x89PNG\r\n\x1a\n", chunk(b"IHDR", struct.pack(">IIBBBBB", width, height, 8, 2, 0, 0, 0)),
        chunk(b"IDAT", zlib.compress(line * height) + b"x" * noise), chunk(b"IEND", b""),
    ))


def upload(api: httpx.Client, data: bytes, role: str, **more: str) -> dict[str, Any]:
    stored = api.post("/api/v1/photos", files={"file": ("a.png", data, "image/png")}).json()
    return {**stored, "role": role, **more}


@pytest.fixture(scope="module")
def town(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Town]:
    made = start_town(tmp_path_factory.mktemp("town"))
    try:
        yield made
    finally:
        ended = made.stop()
    assert ended == [0, 0, 0]


def test_a_case_with_return_extension_and_closing_prints_to_one_complete_sheet(
    town: Town, tmp_path: Path
) -> None:
    with ExitStack() as stack:
        city, district = (stack.enter_context(one.client()) for one in (town.city, town.district))

        def done(api: httpx.Client, verb: str, **body: Any) -> dict[str, Any]:
            answer = api.post(f"/api/v1/cases/{case_id}/{verb}", json=body)
            assert answer.status_code == 200, (verb, answer.text)
            return dict(answer.json())

        opened = city.post("/api/v1/cases", json=opening(
            text=EVIL, photos=[
                upload(city, picture(40, 30, (200, 40, 40)), "near", caption="<b>近</b>"),
                upload(city, picture(4, 3, (1, 2, 3), PHOTO_BYTES_MAX), "far"),
            ])).json()
        case_id, number = opened["case_id"], opened["case_no"]
        done(city, "file", text="同意立案")
        slip = city.get(f"/api/v1/cases/{case_id}/slip.html")

        def asked(kind: str, text: str, *, granted: bool, answer: str) -> None:
            done(district, "request", kind=kind, reason_code="other", text=text)
            [one] = until(city, case_id, kind, lambda seen: bool(seen["requests"]))["requests"]
            done(city, "request-decision", request_id=one["request_id"], granted=granted,
                 text=answer)
            until(district, case_id, "the answer", lambda seen: not seen["requests"])

        done(city, "dispatch", to=f"node:{DISTRICT}", limits={"count": 2, "unit": "work_day"})
        until(district, case_id, "the order", lambda _: True)
        done(district, "sign")
        named = district.put(f"/api/v1/cases/{case_id}/handler", json={
            "name": "抢修二班", "note": "先围挡再更换"})
        assert named.status_code == 200, named.text
        theirs = read(district.get(f"/api/v1/cases/{case_id}/slip.html").text)[1]
        asked("return", "不属我区管辖", granted=False, answer="属你区管辖，请处置")
        asked("extension", "等待井盖配件", granted=True, answer="同意延期一次")
        done(district, "feed-back", result="已更换井盖",
             photos=[upload(district, picture(40, 30, (40, 160, 60)), "handle_after")])
        until(city, case_id, "the result", lambda one: one["status"] == "feedback_given")
        done(city, "start-check", collector="C-07")
        done(city, "check", passed=True, text="现场已恢复", photos=[
            upload(city, picture(40, 30, (40, 60, 160)), "reference")])
        done(city, "close", text="符合结案条件，予以结案")
        until(city, case_id, "the photo of the result", lambda one: city.get(
            f"/api/v1/photos/{one['photos'][-1]['digest']}").status_code == 200)
        whole = city.get(f"/api/v1/cases/{case_id}/file.html")
        evidence = city.get(f"/api/v1/cases/{case_id}/dossier").json()["digest"]
        below = read(district.get(f"/api/v1/cases/{case_id}/file.html").text)[1]

    assert slip.headers["content-type"] == "text/html; charset=utf-8"
    assert "default-src 'none'" in slip.headers["content-security-policy"]
    page, text = read(slip.text)
    for words in ("工作任务单", number, "供水井盖（01001）", "颐阳路12号门前", EVIL,
                  "市政府办公室", "同意立案", "指挥中心", "待派遣", "近景", "<b>近</b>"):
        assert words in text, words
    assert "script" not in page.tags
    [near] = page.loads
    assert near.startswith("data:image/png;base64,"), "nothing else is loaded"
    assert "照片过大，未嵌入" in text

    page, text = read(whole.text)
    assert "script" not in page.tags
    assert [load[:15] for load in page.loads] == ["data:image/png;"] * 3
    for words in (
        number, "结案", EVIL, "回退 ", "不属我区管辖", "不同意 属你区管辖，请处置", "延期 ",
        "等待井盖配件", "同意 同意延期一次", "已更换井盖", "现场已恢复", "C-07",
        "符合结案条件，予以结案", "2工作日", "延期 1 次", evidence, "处置后", "核查照片",
        "签收", "派出核查",
    ):
        assert words in text, words
    assert text.index("不同意 属你区管辖") < text.index("同意 同意延期一次")
    assert "已更换井盖" in below
    for words in ("交办单位 420200 交办时间 20", "经办人 抢修二班 先围挡再更换"):
        assert words in theirs, words
    assert "系统" not in text, "whoever acted is named"

    for command, name in (("slip", "slip.html"), ("print", "file.html")):
        out = tmp_path / name
        wanmi("case", command, number, "-o", str(out), "--home", str(town.city.home))
        assert number in read(out.read_text(encoding="utf-8"))[1]


def test_a_fresh_report_has_a_slip_and_a_sheet_too(town: Town) -> None:
    with town.city.client() as api:
        case_id = api.post("/api/v1/cases", json=opening(urgent=True)).json()["case_id"]
        slip = read(api.get(f"/api/v1/cases/{case_id}/slip.html").text)[1]
        whole = read(api.get(f"/api/v1/cases/{case_id}/file.html").text)[1]
        unknown = api.get("/api/v1/cases/0197b5c0-0000-7000-8000-000000000000/slip.html")
    assert "紧急" in slip
    assert "现场照片 无" in slip
    assert ("未派遣" in whole, "尚未结案" in whole) == (True, True)
    assert (unknown.status_code, unknown.json()["code"]) == (404, "case.unknown")
