"""One running node for the tests of this folder."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import httpx
import pytest

from tests.integration.http.node import Node, served


@pytest.fixture(scope="session")
def node(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Node]:
    """A city with one child link; every test opens cases of its own."""
    with served(tmp_path_factory.mktemp("node")) as running:
        yield running


@pytest.fixture
def api(node: Node) -> Iterator[httpx.Client]:
    """A client with the token of ``init``."""
    with node.client() as client:
        yield client


def opening(**changed: Any) -> dict[str, Any]:
    """The body that opens a case."""
    return {
        "category": {"standard_ref": "GB/T 47678.5-2026", "kind": "component", "code": "01001",
                     "name": "供水井盖"},
        "place": {"area": "420203", "address": "颐阳路12号门前", "lon": 115.1, "lat": 30.2},
        "text": "井盖缺失", "source": "superior", "details": {"ordering_body": "市政府办公室"},
        **changed,
    }


@pytest.fixture
def case(api: httpx.Client) -> dict[str, Any]:
    """A freshly opened case."""
    answer = api.post("/api/v1/cases", json=opening())
    assert answer.status_code == 201, answer.text
    reply: dict[str, Any] = answer.json()
    return reply
