"""Every operation held to its own description: calls are drawn from the published document, good
ones and bad ones, and each answer has to be one that the document announces.

The same calls every time: derandomised, bounded, one after the other against a running node. Ids of
things that exist are put into half of the addresses, so that calls reach what lies behind a look-up.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from typing import Any, Final

import pytest
import requests
import schemathesis
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis.errors import Unsatisfiable
from schemathesis import GenerationMode
from schemathesis.checks import not_a_server_error
from schemathesis.core.failures import Failure, FailureGroup
from schemathesis.specs.openapi.checks import (
    content_type_conformance,
    response_headers_conformance,
    response_schema_conformance,
    status_code_conformance,
)

from tests.integration.http.conftest import opening
from tests.integration.http.node import LINK, Node, start
from tests.pictures import jpeg

SHARDS: Final = 4
GOOD, BAD = 10, 8
"""Calls of an operation as its description allows them, and as it forbids them."""
ENDLESS: Final = frozenset({"streamChanges"})
"""A feed that never ends; it has tests of its own."""
CHECKS: Final = (not_a_server_error, status_code_conformance, content_type_conformance,
                 response_headers_conformance, response_schema_conformance)
SHAPE: Final = frozenset({"request.invalid", "body.malformed", "body.encoding"})
"""Refusals that say: this is not what is described."""
BEYOND: Final = frozenset({"value_error"})
"""Mistakes that JSON Schema has no word for: control characters, two fields that belong together."""


@pytest.fixture(scope="module")
def node(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Node]:
    made = start(tmp_path_factory.mktemp("node"))
    try:
        yield made
    finally:
        made.stop()


@pytest.fixture(scope="module")
def real(node: Node) -> dict[str, list[str]]:
    """Ids of what is there, by the name of the parameter."""
    with node.client() as api:
        cases = [api.post("/api/v1/cases", json=opening()).json()["case_id"] for _ in range(4)]
        for case in cases[1:]:
            assert api.post(f"/api/v1/cases/{case}/file", json={}).status_code < 500
        photo = api.post("/api/v1/photos", files={"file": ("a.jpg", jpeg(b"x"))}).json()["digest"]
        made = api.post("/api/v1/accounts", json={"login": "wangli", "name": "王丽", "roles": []})
        assert made.status_code == 201, made.text
    return {"case_id": cases, "digest": [photo], "link": [LINK], "login": ["wangli"],
            "dataset": ["cases"], "what": ["grids", "cases"]}


def document(node: Node) -> dict[str, Any]:
    with node.client() as api:
        found: dict[str, Any] = api.get("/api/v1/openapi.json").json()
    return found


def operations(node: Node) -> list[Any]:
    schema = schemathesis.openapi.from_dict(document(node))
    schema.config.update(base_url=node.url)
    found = [one.ok() for one in schema.get_all_operations()]
    return [one for one in found if one.definition.raw["operationId"] not in ENDLESS]


def named(case: Any) -> str:
    return f"{case.method} {case.formatted_path} {case.query or ''} {case.body!r}"[:600]


def flaws(case: Any, response: Any, mode: GenerationMode) -> list[str]:
    """In what the answer is not as described."""
    found = []
    try:
        case.validate_response(response, checks=list(CHECKS))
    except FailureGroup as group:
        found += [f"{one.title}: {str(one.message)[:300]}" for one in group.exceptions]
    except Failure as one:
        found.append(f"{one.title}: {str(one.message)[:300]}")
    code, faults = "", []
    if response.status_code >= 400 and response.content:
        said = json.loads(response.content)
        code, faults = said.get("code", ""), said.get("errors", [])
    if mode is GenerationMode.POSITIVE and code in SHAPE and not (
        faults and all(one["code"] in BEYOND for one in faults)
    ):
        found.append(f"refused as described: {code} {faults[:3]}")
    if mode is GenerationMode.NEGATIVE and response.status_code < 300:
        found.append(f"accepted, {response.status_code}, although the description forbids it: "
                     f"{case.meta.phase.data.description if case.meta else ''}")
    return [f"{case.operation.definition.raw['operationId']}: {one} <- {named(case)}"
            for one in found]


def tried(
    operation: Any, mode: GenerationMode, count: int, call: Callable[[Any], list[str]]
) -> list[str]:
    found: list[str] = []

    @settings(max_examples=count, derandomize=True, deadline=None, database=None,
              phases=(Phase.generate,), suppress_health_check=list(HealthCheck))
    @given(operation.as_strategy(generation_mode=mode))
    def each(case: Any) -> None:
        found.extend(call(case))

    try:
        each()
    except Unsatisfiable:  # nothing can be wrong where nothing is given
        assert mode is GenerationMode.NEGATIVE, operation.label
    return found


@pytest.mark.slow
@pytest.mark.parametrize("shard", range(SHARDS))
def test_every_operation_answers_as_it_is_described(
    node: Node, real: dict[str, list[str]], shard: int
) -> None:
    found: list[str] = []
    turn = 0
    with requests.Session() as session:
        session.trust_env = False
        session.headers["Authorization"] = f"Bearer {node.token}"
        mine = operations(node)[shard::SHARDS]
        assert len(mine) > 40
        for operation in mine:
            for mode, count in ((GenerationMode.POSITIVE, GOOD), (GenerationMode.NEGATIVE, BAD)):
                def call(case: Any, mode: GenerationMode = mode) -> list[str]:
                    nonlocal turn
                    turn += 1
                    given = case.path_parameters or {}
                    if mode is GenerationMode.POSITIVE and turn % 2:
                        for name in given.keys() & real.keys():
                            given[name] = real[name][turn % len(real[name])]
                    response = case.call(session=session, timeout=20)
                    return flaws(case, response, mode)

                found += tried(operation, mode, count, call)
    assert [] == found, f"{len(found)}:\n" + "\n".join(found[:40])
