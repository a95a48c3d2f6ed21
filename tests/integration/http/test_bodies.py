"""Bodies that are wrong in type, size, encoding or shape: a stable code each, and no harm."""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Any

import httpx
import pytest

from tests.integration.http.conftest import opening

JSON = {"Content-Type": "application/json"}
MIB = 1024 * 1024


@pytest.mark.parametrize(("content", "headers", "status", "code"), [
    (b"{", JSON, 400, "body.malformed"),
    (b'{"text": NaN}', JSON, 400, "body.malformed"),
    (b"[" * 100_000, JSON, 400, "body.malformed"),
    (b'{"text": "\xff\xfe"}', JSON, 400, "body.encoding"),
    ("井盖缺失".encode("gb18030"), JSON, 400, "body.encoding"),
    (b"{}", {"Content-Type": "text/plain"}, 415, "body.media_type"),
    (b"{}", {"Content-Type": "application/x-www-form-urlencoded"}, 415, "body.media_type"),
    (b"{}", {}, 415, "body.media_type"),
    (b"", JSON, 422, "request.invalid"),
    (b"null", JSON, 422, "request.invalid"),
    (b"[]", JSON, 422, "request.invalid"),
    (b'"text"', JSON, 422, "request.invalid"),
    (b"{}", JSON, 422, "request.invalid"),
    (b"x" * (MIB + 1), JSON, 413, "body.too_large"),
])
def test_a_body_that_cannot_be_read_says_why(
    api: httpx.Client, content: bytes, headers: dict[str, str], status: int, code: str
) -> None:
    answer = api.post("/api/v1/cases", content=content, headers=headers)

    assert (answer.status_code, answer.json()["code"]) == (status, code)
    assert answer.headers["content-type"] == "application/problem+json"


def test_a_chunked_body_without_a_length_is_stopped_while_it_streams(api: httpx.Client) -> None:
    sent = 0

    def endless() -> Iterator[bytes]:
        nonlocal sent
        for _ in range(64):
            sent += 64 * 1024
            yield b"x" * (64 * 1024)

    try:
        answer = api.post("/api/v1/cases", content=endless(), headers=JSON)
    except (httpx.WriteError, httpx.ReadError, httpx.RemoteProtocolError):
        pass  # the node may hang up before we have said everything
    else:
        assert (answer.status_code, answer.json()["code"]) == (413, "body.too_large")
    assert api.get("/api/v1/links").status_code == 200


def test_a_body_of_just_the_limit_is_read(api: httpx.Client) -> None:
    text = json.dumps(opening())
    padded = text + " " * (MIB - len(text.encode()))

    assert api.post("/api/v1/cases", content=padded.encode(), headers=JSON).status_code == 201


@pytest.mark.parametrize(("change", "pointer"), [
    ({"text": ""}, "/text"),
    ({"text": "x" * 4001}, "/text"),
    ({"text": "bell \u0007"}, "/text"),
    ({"text": "nul \u0000"}, "/text"),
    ({"text": 7}, "/text"),
    ({"urgent": "maybe"}, "/urgent"),
    ({"place": {"area": "42 02", "address": "x"}}, "/place/area"),
    ({"place": {"area": "420203", "address": "x", "lat": 91}}, "/place/lat"),
    ({"category": {"standard_ref": "S", "kind": "thing", "code": "1"}}, "/category/kind"),
    ({"photos": [{"digest": "abc", "size": 1, "media_type": "image/jpeg"}]}, "/photos/0/digest"),
    ({"colour": "red"}, "/colour"),
])
def test_fields_that_do_not_fit_are_named_by_pointer(
    api: httpx.Client, change: dict[str, Any], pointer: str
) -> None:
    answer = api.post("/api/v1/cases", json=opening(**change))

    assert (answer.status_code, answer.json()["code"]) == (422, "request.invalid")
    assert pointer in [fault["pointer"] for fault in answer.json()["errors"]]


def test_a_lone_surrogate_is_refused_and_not_stored(api: httpx.Client) -> None:
    body = json.dumps(opening(text="SURROGATE")).replace("SURROGATE", "\\ud800")

    answer = api.post("/api/v1/cases", content=body.encode(), headers=JSON)

    assert (answer.status_code, answer.json()["code"]) == (422, "request.invalid")


def test_what_was_sent_is_not_echoed_into_errors(api: httpx.Client) -> None:
    answer = api.post("/api/v1/cases", json=opening(text=["a-very-private-phone-number"]))

    assert answer.status_code == 422
    assert "a-very-private-phone-number" not in answer.text


@pytest.mark.parametrize("query", [
    "limit=0", "limit=201", "limit=x", "status=lost", "opened_from=2026-01-01T00:00:00",
    "area=42%2F", "overdue=perhaps", "text=" + "x" * 201,
])
def test_queries_that_do_not_fit_are_refused(api: httpx.Client, query: str) -> None:
    answer = api.get("/api/v1/cases?" + query)

    assert (answer.status_code, answer.json()["code"]) == (422, "request.invalid")
    assert answer.json()["errors"][0]["pointer"].startswith("query/")


def test_a_cursor_of_somebody_else_is_refused(api: httpx.Client) -> None:
    answer = api.get("/api/v1/cases", params={"after": "garbage"})

    assert (answer.status_code, answer.json()["code"]) == (422, "page.cursor")


def test_an_id_that_is_none_and_one_that_is_unknown_are_told_apart(api: httpx.Client) -> None:
    none = api.get("/api/v1/cases/42")
    unknown = api.get("/api/v1/cases/00000000-0000-7000-8000-000000000000")

    assert (none.status_code, none.json()["code"]) == (422, "request.invalid")
    assert (unknown.status_code, unknown.json()["code"]) == (404, "case.unknown")
