"""Photos, tables, links and the rest of the house over REST."""

from __future__ import annotations

import hashlib
import io
from secrets import token_bytes, token_hex

import httpx
import pytest
from openpyxl import Workbook

from node.service.imports.sheet import XLSX_TYPE
from tests.integration.http.node import LINK, Node
from tests.pictures import jpeg, part

JPEG = jpeg(bytes(200))
CSV = {"Content-Type": "text/csv; charset=utf-8"}


def test_a_photo_comes_back_as_it_went_and_twice_is_once(api: httpx.Client) -> None:
    data = JPEG + token_bytes(16)
    first = api.post("/api/v1/photos", files={"file": ("evil.html", data, "text/html")})
    again = api.post("/api/v1/photos", files={"file": ("x.jpg", data, "image/jpeg")})
    assert first.status_code == again.status_code == 201, first.text
    assert first.json() == again.json() == {
        "digest": hashlib.sha256(data).hexdigest(), "size": len(data), "media_type": "image/jpeg"}

    fetched = api.get(first.headers["location"])

    assert fetched.content == data
    assert fetched.headers["content-type"] == "image/jpeg"
    assert fetched.headers["x-content-type-options"] == "nosniff"
    assert "immutable" in fetched.headers["cache-control"]


@pytest.mark.parametrize("data", [b"", b"<script>alert(1)</script>", b"GIF89a" + b"\x00" * 50])
def test_what_is_no_photo_is_refused_whatever_it_is_called(
    api: httpx.Client, data: bytes
) -> None:
    answer = api.post("/api/v1/photos", files={"file": ("photo.jpg", data, "image/jpeg")})

    assert (answer.status_code, answer.json()["code"]) == (415, "photo.media_type")


@pytest.mark.parametrize(("data", "code", "zh"), [
    (JPEG[:24], "photo.torn", "不完整"),
    (jpeg(width=20_001), "photo.pixels", "6400 万像素"),
    (jpeg(width=9_000, height=9_000), "photo.pixels", "9000×9000"),
])
def test_a_photo_that_nobody_could_look_at_is_refused_with_the_reason(
    api: httpx.Client, data: bytes, code: str, zh: str
) -> None:
    answer = api.post("/api/v1/photos", files={"file": ("photo.jpg", data, "image/jpeg")},
                      headers={"Accept-Language": "zh-CN"})

    assert (answer.status_code, answer.json()["code"]) == (422, code)
    assert zh in answer.json()["detail"]


def test_a_page_inside_a_photo_is_never_run(api: httpx.Client) -> None:
    """The evidence stays as it came; whoever looks at it runs nothing of it."""
    polyglot = jpeg(beside=part(0xFE, b"<html><script>alert(1)</script>")) + b"<svg onload=x>"
    stored = api.post("/api/v1/photos", files={"file": ("a.html", polyglot, "text/html")})

    fetched = api.get(stored.headers["location"])

    assert polyglot == fetched.content
    assert "image/jpeg" == fetched.headers["content-type"]
    assert "nosniff" == fetched.headers["x-content-type-options"]
    assert "default-src 'none'; sandbox" == fetched.headers["content-security-policy"]
    assert fetched.headers["content-disposition"].startswith('inline; filename="')
    assert fetched.headers["content-disposition"].endswith('.jpg"')


def test_only_whoever_may_take_evidence_sees_what_the_camera_wrote_beside_the_picture(
    node: Node, api: httpx.Client
) -> None:
    plain = jpeg(token_bytes(30))
    told = plain[:20] + part(0xE1, b"Exif\0\0GPS 30.2001N 115.0389E") + plain[20:] + b"tail"
    address = api.post("/api/v1/photos", files={"file": ("a.jpg", told)}).headers["location"]
    got = {}
    for role in ("unit_clerk", "handler", "collector", "shift_leader", "supervisor"):
        made = api.post("/api/v1/tokens", json={
            "name": f"{role} {token_hex(4)}", "scope": "operate", "roles": [role],
            "by_roles": True})
        assert made.status_code == 201, made.text
        with node.client(made.json()["token"]) as person:
            answer = person.get(address)
            assert answer.headers["content-type"] == "image/jpeg"
            got[role] = answer.content == told, answer.content == plain, answer.headers["etag"]

    assert api.get(address).content == told, "a program of the office itself"
    assert {role for role, (whole, _, _) in got.items() if whole} == {"shift_leader", "supervisor"}
    assert {role for role, (_, bare, _) in got.items() if bare} == {
        "unit_clerk", "handler", "collector"}
    assert got["unit_clerk"][2] != got["supervisor"][2]


def test_a_photo_that_is_too_large_is_refused(api: httpx.Client) -> None:
    over = JPEG + b"\x00" * (10 * 1024 * 1024)
    way_over = JPEG + b"\x00" * (11 * 1024 * 1024)

    for data in (over, way_over):
        try:
            answer = api.post("/api/v1/photos", files={"file": ("x.jpg", data, "image/jpeg")})
        except (httpx.WriteError, httpx.ReadError, httpx.RemoteProtocolError):
            continue  # it may hang up while we are still sending
        assert (answer.status_code, answer.json()["code"]) == (413, "body.too_large")


def test_uploads_of_another_shape_are_refused(api: httpx.Client) -> None:
    nothing = api.post("/api/v1/photos", files={"other": ("x.jpg", JPEG)})
    plain = api.post("/api/v1/photos", content=JPEG, headers={"Content-Type": "image/jpeg"})
    torn = api.post("/api/v1/photos", content=b"--b\r\nContent-Disp",
                    headers={"Content-Type": "multipart/form-data; boundary=b"})

    assert [answer.status_code for answer in (nothing, plain)] == [422, 422]
    assert torn.status_code in (400, 422)
    for answer in (nothing, plain, torn):
        assert answer.headers["content-type"] == "application/problem+json"


def test_a_photo_we_do_not_have_says_so(api: httpx.Client) -> None:
    answer = api.get("/api/v1/photos/" + "0" * 64)

    assert (answer.status_code, answer.json()["code"]) == (404, "photo.unknown")
    assert answer.json()["retry"] == "later"
    assert api.get("/api/v1/photos/..%2f..%2fetc").status_code in (404, 422)


def test_a_table_with_one_wrong_row_stores_none(api: httpx.Client) -> None:
    code = token_hex(4)
    table = ("standard_ref,kind,code,area,assignee\n"
             f"S,matter,{code},4202,node:420203\nS,thing,{code},4202,node:420203\n")

    answer = api.post("/api/v1/responsibilities", content=table.encode(), headers=CSV)

    assert (answer.status_code, answer.json()["code"]) == (422, "table.invalid")
    assert [fault["pointer"] for fault in answer.json()["errors"]] == ["row/3/kind"]
    rows = api.get("/api/v1/responsibilities", params={"limit": 200}).json()["items"]
    assert code not in {row["code"] for row in rows}


def test_a_workbook_is_taken_and_its_bad_rows_are_left_out_on_request(api: httpx.Client) -> None:
    code = token_hex(4)
    book = Workbook()
    assert book.active is not None
    for row in (["标准", "类别", "代码", "区划", "承办单位"],
                ["S", "事项", code, 4202, "node:420203"], ["S", "别的", code, 4202, "node:420203"]):
        book.active.append(row)
    out = io.BytesIO()
    book.save(out)
    xlsx = {"Content-Type": XLSX_TYPE}

    whole = api.post("/api/v1/responsibilities", content=out.getvalue(), headers=xlsx)
    part = api.post("/api/v1/responsibilities", content=out.getvalue(), headers=xlsx,
                    params={"skip_bad": True})
    torn = api.post("/api/v1/responsibilities", content=b"no book", headers=xlsx)

    assert (whole.status_code, whole.json()["code"]) == (422, "table.invalid")
    assert part.status_code == 200, part.text
    assert (part.json()["added"], part.json()["skipped"]) == (1, 1)
    assert [fault["pointer"] for fault in part.json()["faults"]] == ["row/3/kind"]
    assert (torn.status_code, torn.json()["code"]) == (415, "body.media_type")


@pytest.mark.parametrize(("headers", "content", "status", "code"), [
    ({"Content-Type": "application/json"}, b"{}", 415, "body.media_type"),
    ({"Content-Type": "text/csv; charset=utf-16"}, b"", 415, "body.media_type"),
    (CSV, "标准".encode("gb18030"), 400, "body.encoding"),
    (CSV, b"", 422, "table.invalid"),
    (CSV, b"a,b\n1", 422, "table.invalid"),
])
def test_tables_that_are_none_are_refused(
    api: httpx.Client, headers: dict[str, str], content: bytes, status: int, code: str
) -> None:
    answer = api.post("/api/v1/conditions", content=content, headers=headers)

    assert (answer.status_code, answer.json()["code"]) == (status, code)


def test_a_link_is_paused_and_talks_again(api: httpx.Client) -> None:
    paused = api.post(f"/api/v1/links/{LINK}/pause")
    assert paused.status_code == 200, paused.text
    assert paused.json()["paused"] is True
    assert api.post(f"/api/v1/links/{LINK}/resume").json()["paused"] is False


@pytest.mark.parametrize(("method", "path"), [
    ("GET", ""), ("GET", "/why"), ("POST", "/pause"), ("POST", "/resume"), ("GET", "/parked"),
    ("GET", "/quarantine"), ("POST", "/reconcile"), ("POST", "/parked/1:1/replay"),
])
def test_a_link_we_do_not_have_is_unknown(api: httpx.Client, method: str, path: str) -> None:
    answer = api.request(method, "/api/v1/links/420200-420299" + path)

    assert (answer.status_code, answer.json()["code"]) == (404, "link.unknown")


def test_what_is_not_parked_cannot_be_settled(api: httpx.Client) -> None:
    replay = api.post(f"/api/v1/links/{LINK}/parked/1:99/replay")
    discard = api.post(f"/api/v1/links/{LINK}/parked/1:99/discard", json={"reason": "x"})
    shapeless = api.post(f"/api/v1/links/{LINK}/parked/first/replay")

    for answer in (replay, discard):
        assert (answer.status_code, answer.json()["code"]) == (409, "inbox.not_settled")
    assert shapeless.status_code == 422
    assert api.get(f"/api/v1/links/{LINK}/parked").json() == []
    assert api.get("/api/v1/parked").json() == []


def test_reconciling_without_contact_says_to_try_later(api: httpx.Client) -> None:
    answer = api.post(f"/api/v1/links/{LINK}/reconcile")

    assert (answer.status_code, answer.json()["retry"]) == (503, "later")
    assert answer.headers["retry-after"]


def test_the_house_answers_everywhere(api: httpx.Client) -> None:
    assert api.get("/api/v1/directory").json()["children"]
    for path in ("/adapters", "/work-items", "/findings", "/tokens", "/responsibilities",
                 "/conditions", "/adapters/none/quarantine", f"/links/{LINK}/quarantine"):
        answer = api.get("/api/v1" + path)
        assert answer.status_code == 200, (path, answer.text)
    assert api.post("/api/v1/work-items/settle", json={"id": "none"}).json() == {"count": 0}
    assert {one["name"] for one in api.get("/api/v1/tokens").json()} >= {"init", "cli"}
