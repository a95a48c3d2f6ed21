"""Which failures a route may answer with, said once for the code and for OpenAPI."""

from __future__ import annotations

from typing import Any, Final

from node.edge.http.status import CLASSES, CODES, Row

ALWAYS: Final = ("auth.missing", "auth.invalid", "auth.scope", "request.invalid", "node.overloaded",
                 "http.internal")
"""Every operation behind the gate can fail like this."""
BODY: Final = ("body.malformed", "body.encoding", "body.too_large", "body.media_type")
VERB: Final = (
    "case.unknown", "case.wrong_status", "case.version_conflict", "case.not_permitted",
    "case.no_route", "case.invalid", "idempotency.invalid", "idempotency.mismatch",
    "request.version_invalid",
)
APPROVAL: Final = (
    "approval.too_late", "approval.too_many", "approval.beyond_limits", "approval.filing_office",
    "approval.own", "approval.role_missing", "approval.same_reviewer", "approval.passed_up",
    "approval.suspended", "approval.return_open", "approval.not_overdue", "approval.exempt",
    "approval.no_deadline", "approval.no_end", "approval.end_past", "approval.too_long",
    "approval.no_later", "approval.decided_here",
)
"""What a request or its decision may be refused for."""
_WRITTEN: Final = {
    "html": "text/html", "csv": "text/csv",
    "xlsx": "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
}


def written(*formats: str) -> dict[str, Any]:
    """The answer of an operation that is asked for a file as well, beside its JSON."""
    return {"description": f"As JSON, or as {', '.join(formats)}.", "content": {
        _WRITTEN[one]: {"schema": {"type": "string", "format": "binary"}} for one in formats}}


LINK: Final = ("link.unknown",)

_CLASS_CODES: Final[dict[str, Row]] = {
    getattr(class_, "default_code", "") or getattr(class_, "family", ""): row
    for class_, row in CLASSES.items()
}


def known_codes() -> dict[str, Row]:
    """Every code of the table with its row; finer codes of a class share the class's row."""
    return {**_CLASS_CODES, **CODES}


def fails(*codes: str, always: tuple[str, ...] = ALWAYS) -> dict[int | str, dict[str, Any]]:
    """The ``responses`` of a route: each status with the codes it may carry."""
    rows = known_codes()
    by_status: dict[int, list[str]] = {}
    for code in (*codes, *always):
        by_status.setdefault(int(rows[code].status), []).append(code)
    return {
        status: {
            "description": "; ".join(f"`{code}` {rows[code].en}" for code in sorted(set(found))),
            "content": {"application/problem+json": {
                "schema": {"$ref": "#/components/schemas/Problem"},
            }},
        }
        for status, found in sorted(by_status.items())
    }
