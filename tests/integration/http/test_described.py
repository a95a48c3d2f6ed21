"""Every operation held to its own description: calls are drawn from the published document, good
ones and bad ones, and each answer has to be one that the document announces.

The same calls every time: derandomised, bounded, one after the other against a running node. Ids
of things that exist are put into half of the addresses, so that calls reach what lies behind a
look-up.
"""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Iterator
from typing import Any, Final

import pytest
import requests
import schemathesis
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis.errors import Unsatisfiable
from schemathesis import GenerationMode
from schemathesis.core.failures import Failure, FailureGroup
from schemathesis.specs.openapi.checks import (
    content_type_conformance,
    response_headers_conformance,
    response_schema_conformance,
    status_code_conformance,
)

from tests.integration.http.conftest import opening
from tests.integration.http.node import LINK, Node, served
from tests.pictures import jpeg

SHARDS: Final = 4
GOOD, BAD = 6, 4
"""Calls of an operation as its description allows them, and as it forbids them."""
ENDLESS: Final = frozenset({"streamChanges"})
"""A feed that never ends; it has tests of its own."""
CHECKS: Final = (status_code_conformance, content_type_conformance,
                 response_headers_conformance, response_schema_conformance)
LATER: Final = frozenset({502, 503})
"""Said, where described, when a neighbour does not answer or answers nonsense."""
SHAPE: Final = frozenset({"request.invalid", "body.malformed", "body.encoding"})
"""Refusals that say: this is not what is described."""
TOLERATED: Final = "additionalProperties"
"""A query with more than is known is answered; a body with more is not, by its own refusal."""
BEYOND: Final = frozenset({"value_error"})
"""Mistakes that JSON Schema has no word for: control characters, fields that belong together."""


@pytest.fixture(scope="module")
def node(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Node]:
    with served(tmp_path_factory.mktemp("node")) as made:
        yield made


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
    described = document(node)
    for item in described["paths"].values():
        for operation in item.values():
            operation.pop("security", None)  # tokens are tried in test_gate
    schema = schemathesis.openapi.from_dict(described)
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
    if response.status_code >= 500 and response.status_code not in LATER:
        found.append(f"broke: {response.status_code}")
    wrong = case.meta.phase.data.description or "" if case.meta else ""
    plain = case.media_type is not None and "json" not in case.media_type
    if mode is GenerationMode.NEGATIVE and response.status_code < 300 and not (
        plain or TOLERATED in wrong  # a table is text: any value of another type is text as well
    ):
        found.append(f"accepted, {response.status_code}, although forbidden: {wrong}")
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
    assert not found, f"{len(found)}:\n" + "\n".join(found[:60])


# --- what was found so, each case by itself -------------------------------------------------------


def code(answer: Any) -> tuple[int, str, list[str]]:
    said = answer.json()
    return answer.status_code, said["code"], [one["pointer"] for one in said["errors"]]


def test_a_bare_number_is_no_instant(node: Node) -> None:
    """Seconds or milliseconds: whoever writes one means one of them, and nobody can tell which."""
    with node.client() as api:
        for number in ("1764115200", "3.2e-89", "-114310142189.11812"):
            for path in ("handlers", "audit", "cases"):
                name = "opened_from" if path == "cases" else "since"
                answer = api.get(f"/api/v1/{path}", params={name: number})
                assert code(answer) == (422, "request.invalid", [f"query/{name}"])
        answer = api.post("/api/v1/cases", json=opening(reported_at=1764115200))
        assert code(answer) == (422, "request.invalid", ["/reported_at"])
        assert api.get("/api/v1/handlers", params={
            "since": "2026-11-01T00:00:00+08:00"}).status_code == 200


def test_a_unit_of_a_kind_that_is_not_listed_is_refused_at_its_field(node: Node) -> None:
    with node.client() as api:
        answer = api.put("/api/v1/units/X9", json={"kind": "none", "name": "某单位"})
    assert code(answer)[:2] == (422, "unit.kind")
    assert "/kind" in code(answer)[2]


def test_the_document_says_which_texts_are_clean_and_which_are_not_blank(node: Node) -> None:
    text = document(node)["components"]["schemas"]["OpenIn"]["properties"]
    assert text["details"]["additionalProperties"] is False
    for value, sound in (("井盖缺失", True), ("a\nb\tc", True), ("\x07", False), (" \t", False)):
        assert (re.search(text["text"]["pattern"], value) is not None) is sound, value
        with node.client() as api:
            answer = api.post("/api/v1/cases", json=opening(text=value))
        assert (answer.status_code == 201) is sound, (value, answer.text)


def test_files_of_figures_are_announced_beside_their_json(node: Node) -> None:
    described = document(node)["paths"]
    with node.client() as api:
        for path, kinds in (("acceptance", ("html", "csv", "xlsx")), ("budget", ("csv", "xlsx"))):
            announced = described[f"/api/v1/{path}"]["get"]["responses"]["200"]["content"]
            assert len(announced) == 1 + len(kinds)
            for kind in kinds:
                answer = api.get(f"/api/v1/{path}", params={"format": kind, "year": 2026})
                assert answer.headers["content-type"].partition(";")[0] in announced
