"""Every door of a node, one after the other: what each answer carries and what it never carries."""

from __future__ import annotations

import re
from collections.abc import Iterator

import httpx
import pytest

from tests.integration.http.node import Node, served

METHODS = ("GET", "POST", "PUT", "PATCH", "DELETE", "OPTIONS", "TRACE", "CONNECTX")
PAGES = ("/console", "/console/work", "/console/events", "/console/static/0/console.js",
         "/console/static/0/../pages/layout.html", "/console/cases/0/verbs/close",
         "/", "/account/login", "/account/password", "/f/none/x", "/f/none/x/photo/0", "/nothing",
         "/api/v1/nothing", "/public/cases/1?code=x", "/healthz", "/readyz", "/ownerz", "/metrics",
         "/hooks/none", "/api/v1/openapi.json", "/docs", "/redoc", "/..%2f..%2fetc/passwd",
         "//example.com/", "/%00", "/api/v1/photos/" + "0" * 64)
INSIDE = re.compile(
    r"Traceback|File \"|site-packages|\.py\b|uvicorn|starlette|fastapi|sqlalchemy|"
    r"Python/|SELECT |psycopg|sqlite", re.IGNORECASE)


@pytest.fixture(scope="module")
def node(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Node]:
    with served(tmp_path_factory.mktemp("node")) as made:
        yield made


def flaws(name: str, answer: httpx.Response) -> list[str]:
    """What is wrong with an answer, whatever it says."""
    heads = answer.headers
    policy = heads.get("content-security-policy", "")
    found = [
        f"{name}: {what}" for what, wrong in (
            ("may be sniffed", heads.get("x-content-type-options") != "nosniff"),
            ("may be framed", "frame-ancestors 'none'" not in policy and "sandbox" not in policy),
            ("loads from anywhere", not policy.startswith("default-src 'none'")),
            ("runs script of its own text", "unsafe-eval" in policy or (
                "script-src" in policy and "unsafe-inline" in policy.split("script-src")[1])),
            # Pages whose forms must show their origin tell it to this node, and to nobody else.
            ("tells where it was called from", heads.get("referrer-policy") not in (
                "no-referrer", "same-origin")),
            ("is open to other origins", any(
                one.startswith("access-control-") for one in heads)),
            ("names its server", "server" in heads or "x-powered-by" in heads),
            ("is kept by caches", "no-store" not in heads.get("cache-control", "")
             and "immutable" not in heads.get("cache-control", "")),
            ("has no number to ask for", not heads.get("x-request-id")),
            ("is a bug", answer.status_code >= 500 and answer.status_code != 503),
        ) if wrong
    ]
    if answer.status_code >= 400 and INSIDE.search(answer.text):
        found.append(f"{name}: shows its inside")
    return found


def test_every_operation_answers_with_its_guards_up(node: Node) -> None:
    """Called by nobody, by somebody with a senseless body, and from a page elsewhere."""
    found: list[str] = []
    with node.client() as api, node.client(token="") as nobody:
        document = api.get("/api/v1/openapi.json").json()
        operations = [
            (method.upper(), re.sub(r"\{[^}]+\}", "0", path))
            for path, item in document["paths"].items() for method in item
            if "changes" not in path
        ]
        assert len(operations) > 150
        for method, path in operations:
            name = f"{method} {path}"
            away = {"Origin": "https://example.com", "Accept-Language": "en"}
            found += flaws(name, nobody.request(method, path, headers=away))
            if method != "GET":
                found += flaws(name + " [senseless]", api.request(
                    method, path, headers=away, content=b'{"x": [1, null, {"y": "\\u0000"}]}'))
    assert [] == found


def test_every_page_and_every_method_answers_with_its_guards_up(node: Node) -> None:
    found: list[str] = []
    with node.client(token="") as nobody:
        for path in PAGES:
            for method in METHODS:
                answer = nobody.request(method, path, headers={
                    "Origin": "https://example.com", "Access-Control-Request-Method": "POST"})
                found += flaws(f"{method} {path}", answer)
                if method in {"TRACE", "CONNECTX", "OPTIONS"}:
                    assert answer.status_code >= 400, (method, path)
    assert [] == found
