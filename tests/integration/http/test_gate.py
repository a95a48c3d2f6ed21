"""Who gets in, and what every answer carries."""

from __future__ import annotations

import re
import socket
import time
from urllib.parse import urlsplit

import httpx
import pytest

from tests.integration.http.node import Node


def test_every_operation_below_api_asks_for_a_token_first(node: Node, api: httpx.Client) -> None:
    document = api.get("/api/v1/openapi.json").json()
    tried = 0
    with node.client("") as stranger:
        for path, item in document["paths"].items():
            for method in item:
                if not path.startswith("/api/") and path != "/metrics":
                    continue
                address = re.sub(r"\{[^}]*\}", "x", path)
                answer = stranger.request(method, address, content=b"\xff" * 100)
                assert answer.status_code == 401, (method, path)
                assert answer.json()["code"] == "auth.missing"
                assert answer.headers["www-authenticate"].startswith("Bearer")
                tried += 1
    assert tried > 40


@pytest.mark.parametrize("header", [
    "Bearer", "Basic dXNlcjpwYXNz", "Bearer wrong", "bearer " + "x" * 5000,
    "Bearer \u00e9",
])
def test_whatever_is_no_token_of_ours_is_refused(node: Node, header: str) -> None:
    with node.client("") as stranger:
        answer = stranger.get("/api/v1/cases", headers={"Authorization": header.encode()})

    assert answer.status_code in (401, 431, 400)
    if answer.headers["content-type"] == "application/problem+json":
        assert answer.json()["code"] in ("auth.missing", "auth.invalid")


def test_liveness_and_readiness_are_open_and_metrics_are_not(node: Node) -> None:
    with node.client("") as stranger:
        assert stranger.get("/healthz").json()["node"] == "420200"
        assert stranger.get("/readyz").json()["status"] == "ready"
        assert stranger.get("/metrics").status_code == 401
    with node.client() as api:
        metrics = api.get("/metrics")
    assert "node_http_calls_total" in metrics.text
    assert re.search(r"\{case_id\}|/healthz", metrics.text)


def test_a_scope_that_is_too_small_is_told_which_it_needs(node: Node, api: httpx.Client) -> None:
    made = api.post("/api/v1/tokens", json={"name": "screen", "scope": "read"})
    assert made.status_code == 201
    with node.client(made.json()["token"]) as reader:
        assert reader.get("/api/v1/cases").status_code == 200
        answer = reader.post("/api/v1/cases", json={})
        tokens = reader.get("/api/v1/tokens")

    assert (answer.status_code, answer.json()["code"]) == (403, "auth.scope")
    assert "operate" in answer.json()["detail"]
    assert tokens.status_code == 403


def test_a_revoked_token_is_dead_at_once(node: Node, api: httpx.Client) -> None:
    token = api.post("/api/v1/tokens", json={"name": "gone", "scope": "read"}).json()["token"]
    with node.client(token) as client:
        assert client.get("/api/v1/links").status_code == 200
        assert api.delete("/api/v1/tokens/gone").json() == {"count": 1}
        answer = client.get("/api/v1/links")

    assert (answer.status_code, answer.json()["code"]) == (401, "auth.invalid")


def test_answers_carry_security_headers_and_a_request_id(api: httpx.Client) -> None:
    for path in ("/api/v1/cases", "/api/v1/nothing", "/healthz"):
        headers = api.get(path).headers
        assert headers["x-content-type-options"] == "nosniff"
        assert headers["x-frame-options"] == "DENY"
        assert "default-src 'none'" in headers["content-security-policy"]
        assert headers["cache-control"] == "no-store"
        assert len(headers["x-request-id"]) == 36
        assert "server" not in headers


def test_unknown_addresses_and_methods_are_problems_too(api: httpx.Client) -> None:
    missing = api.get("/api/v1/nothing")
    wrong = api.delete("/api/v1/cases")

    assert (missing.status_code, missing.json()["code"]) == (404, "http.not_found")
    assert (wrong.status_code, wrong.json()["code"]) == (405, "http.method_not_allowed")
    assert "GET" in wrong.headers["allow"] or "POST" in wrong.headers["allow"]


def test_titles_are_chinese_unless_english_is_asked_for(api: httpx.Client) -> None:
    chinese = api.get("/api/v1/nothing")
    english = api.get("/api/v1/nothing", headers={"Accept-Language": "en"})

    assert (chinese.json()["title"], chinese.headers["content-language"]) == ("资源不存在", "zh-CN")
    assert english.json()["title"] == "There is nothing at this address"
    assert chinese.json()["code"] == english.json()["code"]


def test_the_log_names_calls_and_never_shows_a_token(node: Node, api: httpx.Client) -> None:
    answer = api.get("/api/v1/cases", params={"text": "very-private-words"})
    assert answer.status_code == 200

    deadline = time.monotonic() + 10
    while True:  # the line is written after the answer has gone out
        log = node.log.read_text(encoding="utf-8", errors="replace")
        if answer.headers["x-request-id"] in log:
            break
        assert time.monotonic() < deadline, log[-2000:]
        time.sleep(0.05)
    assert node.token not in log
    assert "very-private-words" not in log


def test_a_caller_that_hangs_up_within_its_body_is_no_bug(node: Node) -> None:
    address = urlsplit(node.url)
    call = (f"POST /api/v1/cases HTTP/1.1\r\nHost: x\r\nAuthorization: Bearer {node.token}\r\n"
            "Content-Type: application/json\r\nContent-Length: 500\r\n\r\n{\"category\"")
    with socket.create_connection((address.hostname or "", address.port or 0), timeout=5) as line:
        line.sendall(call.encode())
        time.sleep(0.3)
    with node.client() as api:
        deadline = time.monotonic() + 5
        while 'status="499"' not in (said := api.get("/metrics").text):
            assert time.monotonic() < deadline, said
            time.sleep(0.05)

    assert "http.bug" not in node.log.read_text(errors="replace")
