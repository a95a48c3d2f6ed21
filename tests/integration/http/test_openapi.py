"""The published document: whole, unambiguous, and honest about failures."""

from __future__ import annotations

from typing import Any

import httpx
import pytest
from openapi_spec_validator import OpenAPIV31SpecValidator

from node.edge.http.answers import known_codes


@pytest.fixture
def document(api: httpx.Client) -> dict[str, Any]:
    found: dict[str, Any] = api.get("/api/v1/openapi.json").json()
    return found


OURS = ("/api/", "/healthz", "/readyz", "/metrics")
"""Mounted routers (forms, webhooks) answer in their own ways and are tested where they live."""


def _operations(document: dict[str, Any]) -> list[tuple[str, str, dict[str, Any]]]:
    return [(method, path, operation) for path, item in document["paths"].items()
            for method, operation in item.items() if path.startswith(OURS)]


def _references(value: object) -> set[str]:
    if isinstance(value, dict):
        own = {value["$ref"]} if isinstance(value.get("$ref"), str) else set()
        return own.union(*(_references(one) for one in value.values()))
    if isinstance(value, list):
        return set().union(*(_references(one) for one in value))
    return set()


def test_the_document_is_openapi(document: dict[str, Any]) -> None:
    OpenAPIV31SpecValidator(document).validate()


def test_every_reference_leads_somewhere(document: dict[str, Any]) -> None:
    for reference in _references(document):
        assert reference.startswith("#/"), reference
        target: Any = document
        for step in reference[2:].split("/"):
            assert step in target, reference
            target = target[step]
    assert document["openapi"].startswith("3.1")


def test_operations_have_unique_ids_summaries_and_tags(document: dict[str, Any]) -> None:
    operations = _operations(document)
    ids = [operation["operationId"] for _, _, operation in operations]

    assert len(ids) == len(set(ids))
    assert len(ids) >= 45
    for _, path, operation in operations:
        assert operation["summary"], path
        assert operation["tags"], path


def test_every_operation_documents_its_problems(document: dict[str, Any]) -> None:
    for method, path, operation in _operations(document):
        failures = {status: answer for status, answer in operation["responses"].items()
                    if status.startswith(("4", "5"))}
        assert "500" in failures, path
        if path.startswith("/api/"):
            assert {"401", "403", "422", "503"} <= set(failures), path
            assert operation["security"] == [{"token": []}], path
        if method == "post" and "requestBody" in operation:
            assert "413" in failures, path
            assert "415" in failures, path
        for status, answer in failures.items():
            assert set(answer["content"]) == {"application/problem+json"}, (path, status)
            assert "`" in answer["description"], (path, status)


def test_models_and_parameters_are_described(document: dict[str, Any]) -> None:
    for name, schema in document["components"]["schemas"].items():
        assert schema.get("description") or "enum" in schema or name.startswith("Body_"), name
    for _, path, operation in _operations(document):
        for parameter in operation.get("parameters", ()):
            named = (path, parameter["name"])
            assert parameter.get("description") or parameter["schema"].get("description") or (
                parameter["name"] == "name"), named


def test_the_problem_lists_every_code(document: dict[str, Any]) -> None:
    problem = document["components"]["schemas"]["Problem"]

    assert problem["properties"]["code"]["examples"] == sorted(known_codes())
    assert set(problem["required"]) >= {"type", "title", "status", "detail", "code", "retry"}
