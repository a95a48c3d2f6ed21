"""Failures as RFC 9457 problem details (``application/problem+json``).

``code`` is what programs branch on: stable and dotted, from the error itself. ``title`` depends
on the code and the asked language alone; ``detail`` says what happened this time.
"""

from __future__ import annotations

import re
import traceback
from collections.abc import Iterable, Mapping, Sequence
from http import HTTPStatus
from string import Formatter
from typing import Any, Final

import structlog
from fastapi import FastAPI
from fastapi.exceptions import RequestValidationError, ResponseValidationError
from pydantic import BaseModel, ConfigDict, Field
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import JSONResponse, Response

from hub.errors import FabricError, Retry
from hub.ids import NODE_ID
from node.core.errors import Refused
from node.edge.http.status import CODES, Row, row_of
from node.edge.http.verb_paths import word_of
from node.service.case_words import LEVELS, PHOTOS, POSITIONS, STATUSES, VERBS
from node.service.catalogue import SENTENCES
from node.service.phrases import Phrase, phrase

MEDIA_TYPE: Final = "application/problem+json"
TYPE_PREFIX: Final = "urn:wanmi:problem:"
"""``type`` is a URN: a node on a closed network has no page of its own to point at."""
ERRORS_MAX: Final = 100
"""Entries under ``errors``; a body with more mistakes is not worth listing in full."""
RETRY_AFTER_S: Final = 2
"""Said with 503, so that clients do not come back in a tight loop."""

log = structlog.get_logger(__name__)


class Fault(BaseModel):
    """One mistake in a request."""

    pointer: str = Field(description="JSON pointer into the body, or where else it lies: "
                         "`query/limit`, `header/if-match`, `row/12`.", examples=["/text"])
    code: str = Field(description="Stable kind of the mistake.", examples=["string_too_short"])
    detail: str = Field(description="What is wrong, in words.")


class Problem(BaseModel):
    """RFC 9457 problem details."""

    model_config = ConfigDict(json_schema_extra={"examples": [{
        "type": "urn:wanmi:problem:case.wrong_status",
        "title": "案卷当前状态不允许此操作",
        "status": 409,
        "detail": "cannot sign: the case is reported",
        "code": "case.wrong_status",
        "retry": "after_change",
        "remedy": "查看案卷状态后选择可用的操作",
        "request_id": "0197b5c0-4f6e-7d2a-8f10-2d5b6d1c9f00",
        "errors": [],
    }]})

    type: str = Field(description="`urn:wanmi:problem:` and the code.")
    title: str = Field(description="Short title by code, in the asked language (zh-CN, en).")
    status: int = Field(description="The HTTP status again.")
    detail: str = Field(description="What happened this time.")
    code: str = Field(description="Stable dotted code; programs branch on this alone.")
    retry: Retry = Field(description="`never`; `later`: the same call may work; `after_change`: "
                         "something has to change first.")
    remedy: str = Field(description="What you may do about it.")
    request_id: str = Field(default="", description="Names this call in the log of the node.")
    errors: list[Fault] = Field(default_factory=list, description="Single mistakes, if any.")


class BadCall(Exception):
    """A failure of HTTP itself, by ``code`` of ``status.CODES``. The message is the detail, unless
    there are ``words`` for it in both languages."""

    def __init__(
        self, code: str, detail: str, *, faults: Sequence[Fault] = (),
        headers: Mapping[str, str] | None = None, words: Phrase | None = None,
    ) -> None:
        super().__init__(detail)
        self.words = words
        self.code = code
        self.row: Row = CODES[code]
        self.faults = tuple(faults)
        self.headers = dict(headers or {})


def language(accept: str) -> str:
    """``zh-CN`` or ``en``, whichever an Accept-Language header prefers; zh-CN if it says neither.

    Malformed weights count as zero: a broken header must not break a call.
    """
    best, chosen = 0.0, "zh-CN"
    for part in accept.split(","):
        tag, _, params = part.strip().partition(";")
        name = tag.strip().lower()
        offered = {"zh": "zh-CN", "en": "en"}.get(name.partition("-")[0])
        if offered is None:
            continue
        quality = 1.0
        key, _, value = params.strip().partition("=")
        if key.strip() == "q":
            try:
                quality = float(value)
            except ValueError:
                quality = 0.0
        if quality > best:
            best, chosen = quality, offered
    return chosen


def problem(
    request: Request, *, code: str, row: Row, detail: str, faults: Sequence[Fault] = (),
    headers: Mapping[str, str] | None = None,
) -> Response:
    """The answer for one failure."""
    tongue = language(request.headers.get("accept-language", ""))
    chinese = tongue == "zh-CN"
    body = Problem(
        type=TYPE_PREFIX + code,
        title=row.zh if chinese else row.en,
        status=int(row.status),
        detail=detail,
        code=code,
        retry=row.retry,
        remedy=row.remedy_zh if chinese else row.remedy_en,
        request_id=str(request.scope.get("state", {}).get("request_id", "")),
        errors=list(faults[:ERRORS_MAX]),
    )
    out = {"Content-Language": tongue, **(headers or {})}
    if row.status is HTTPStatus.SERVICE_UNAVAILABLE:
        out.setdefault("Retry-After", str(RETRY_AFTER_S))
    if code.startswith("auth.") and row.status is HTTPStatus.UNAUTHORIZED:
        out.setdefault("WWW-Authenticate", 'Bearer realm="wanmi"')
    return JSONResponse(
        body.model_dump(mode="json"), status_code=int(row.status), headers=out,
        media_type=MEDIA_TYPE,
    )


def failure(request: Request, error: Exception) -> Response:
    """The answer for any exception that a call ended with."""
    if isinstance(error, BadCall):
        tongue = language(request.headers.get("accept-language", ""))
        detail = error.words.say(tongue) if error.words is not None else str(error)
        return problem(request, code=error.code, row=error.row, detail=detail,
                       faults=error.faults, headers=error.headers)
    if isinstance(error, Refused | FabricError):
        return _family(request, error)
    return _bug(request, error)


async def told(request: Request, error: Exception) -> Problem:
    """What any exception tells a caller, for doors that say it in another form."""
    if isinstance(error, RequestValidationError):
        answer = await _validation(request, error)
    elif isinstance(error, HTTPException):
        answer = await _http(request, error)
    else:
        answer = failure(request, error)
    problem = Problem.model_validate_json(bytes(answer.body))
    return problem.model_copy(update={
        "detail": on_screen(problem.detail),
        "errors": [one.model_copy(update={"detail": on_screen(one.detail)})
                   for one in problem.errors]})


_FOR_PROGRAMS: Final = re.compile(
    r"（[a-z_]+(?:，命令行 [^）]*)?）|[；，]命令行如 .*$"
    r"| \((?:[a-z_]+, )?--[^)]*\)| \([a-z]+_[a-z_]+\)|[:;] --[a-z].*$")
"""Of a sentence: names of fields of the API, and options of the command line."""


def on_screen(sentence: str) -> str:
    """The sentence for whoever sees a form, where fields have other names and there are no
    options."""
    return _FOR_PROGRAMS.sub("", sentence)


def install(app: FastAPI) -> None:
    """Answer the failures of ``app`` with problem details; bugs are left to the gate, which is
    outside of everything."""
    for kind in (BadCall, Refused, FabricError):
        app.add_exception_handler(kind, _known)
    app.add_exception_handler(RequestValidationError, _validation)
    app.add_exception_handler(HTTPException, _http)


async def _known(request: Request, error: Exception) -> Response:
    return failure(request, error)


def _family(request: Request, error: Refused | FabricError) -> Response:
    code, row = row_of(error)
    detail: Mapping[str, str] = error.detail if isinstance(error, Refused) else {}
    said = said_in(error, language(request.headers.get("accept-language", "")))
    faults = [
        fault for key, value in detail.items() for fault in _faults(request, code, key, value, said)
    ]
    return problem(request, code=code, row=row, detail=said, faults=faults)


def said_in(error: Refused | FabricError, tongue: str) -> str:
    """What a refusal says, in this language: a sentence of the catalogue, or its own words."""
    code, _ = row_of(error)
    detail: Mapping[str, str] = error.detail if isinstance(error, Refused) else {}
    why = error.why if isinstance(error, Refused) else ""
    values = _in_tongue(detail, tongue)
    for key in (f"refusal.{code}.{why}", f"refusal.{code}"):
        if key in SENTENCES and _fields(SENTENCES[key][0]) <= values.keys():
            return phrase(key, **values).say(tongue)
    if tongue == "zh-CN":
        from node.service.refusals import chinese  # most nodes refuse nobody for days

        return chinese(code, why, values) or str(error)
    return str(error)


def _fields(sentence: str) -> set[str]:
    """What a sentence takes. A code may be raised elsewhere with other values: that refusal keeps
    its own words instead of failing the call."""
    return {name for _, name, _, _ in Formatter().parse(sentence) if name}


_INSIDE: Final = frozenset({
    "intake.detail", "intake.detail_missing", "intake.class_detail_missing",
})
"""Refusals whose fields lie under ``details`` of the body; the core does not know bodies."""
_ITSELF: Final = frozenset({"photos"})


def _faults(request: Request, code: str, key: str, value: str, said: str) -> list[Fault]:
    """One detail of a refusal. ``field`` names what in the request is wrong, so it is the place;
    ``fields`` are all places, if there are several."""
    if key not in ("field", "fields"):
        return [Fault(pointer=f"/{key}", code=code, detail=value)]
    places = value.split(", ")
    if key == "fields":
        places = places[1:]  # the first is the field
    return [Fault(pointer=_place(request, code, one), code=code, detail=said) for one in places]


def _place(request: Request, code: str, field: str) -> str:
    if field in request.query_params:
        return f"query/{field}"
    inside = "details/" if code in _INSIDE and field not in _ITSELF else ""
    return f"/{inside}{field.replace('.', '/')}"


def _in_tongue(detail: Mapping[str, str], tongue: str) -> dict[str, str]:
    """The values of a refusal; names that data has in both languages come in the asked one."""
    mine = "_zh" if tongue == "zh-CN" else "_en"
    named = {key.removesuffix(mine): value for key, value in detail.items() if key.endswith(mine)}
    if tongue == "zh-CN" and "status" in detail:
        named["status"] = STATUSES.get(detail["status"], detail["status"])
    if "verb" in detail:
        word = word_of(detail["verb"])
        named["verb"] = VERBS.get(word, word) if tongue == "zh-CN" else word
    for key in ("needed", "held"):
        if tongue == "zh-CN" and detail.get(key):
            named[key] = _positions(detail[key].split(", "))
    if tongue == "zh-CN" and detail.get("level") in LEVELS:
        named["level"] = f"{LEVELS[detail['level']]}（{detail['level']}）"
    if detail.get("roles"):
        named["roles"] = _photos(detail["roles"].split(", "), tongue)
    return {**detail, **named}


_OPTIONS: Final = {
    "near": "--photo", "far": "--photo-far", "handle_before": "--photo-before",
    "handle_after": "--photo",
}
"""How the command line takes a photo of that role."""


def _photos(roles: Iterable[str], tongue: str) -> str:
    """What photos are to show, each with its role and the option that gives it."""
    if tongue != "zh-CN":
        return ", ".join(f"{one} ({_OPTIONS[one]})" if one in _OPTIONS else one for one in roles)
    return "、".join(
        f"{PHOTOS.get(one, one)}（{one}，命令行 {_OPTIONS[one]}）" if one in _OPTIONS
        else f"{PHOTOS.get(one, one)}（{one}）" for one in roles
    )


def _positions(roles: Iterable[str]) -> str:
    """Roles as people call them, each with the word that a token bears."""
    return "、".join(f"{POSITIONS[one]}（{one}）" if one in POSITIONS else one for one in roles)


async def _validation(request: Request, error: Exception) -> Response:
    assert isinstance(error, RequestValidationError)
    tongue = language(request.headers.get("accept-language", ""))
    mistakes = error.errors()
    return problem(
        request, code="request.invalid", row=CODES["request.invalid"],
        detail=phrase("mistakes", count=len(mistakes)).say(tongue),
        faults=[fault_of(item, tongue) for item in mistakes[:ERRORS_MAX]],
    )


def fault_of(item: Mapping[str, Any], tongue: str = "en") -> Fault:
    """One pydantic error, in Chinese where the catalogue has a sentence for its kind. The input
    itself is left out: it may be large, or a secret."""
    place, *rest = (str(part) for part in item["loc"])
    pointer = "/" + "/".join(rest) if place == "body" else "/".join((place, *rest))
    return Fault(pointer=pointer, code=str(item["type"]), detail=_mistake(item, tongue))


def _mistake(item: Mapping[str, Any], tongue: str) -> str:
    key = f"mistake.{item['type']}"
    if item.get("ctx", {}).get("pattern") == f"^{NODE_ID.pattern}$":
        return phrase("node_id.shape").say(tongue)
    if tongue != "zh-CN" or key not in SENTENCES:
        return str(item["msg"])
    named = {name: str(value) for name, value in item.get("ctx", {}).items()}
    return phrase(key, message=str(item["msg"]), **named).say(tongue)


_BY_STATUS: Final = {
    HTTPStatus.NOT_FOUND: "http.not_found",
    HTTPStatus.METHOD_NOT_ALLOWED: "http.method_not_allowed",
    HTTPStatus.REQUEST_ENTITY_TOO_LARGE: "body.too_large",
    HTTPStatus.UNSUPPORTED_MEDIA_TYPE: "body.media_type",
    HTTPStatus.NOT_ACCEPTABLE: "http.not_acceptable",
    HTTPStatus.UNPROCESSABLE_ENTITY: "request.invalid",
}


async def _http(request: Request, error: Exception) -> Response:
    """Failures that the framework raises by itself."""
    assert isinstance(error, HTTPException)
    code = _BY_STATUS.get(HTTPStatus(error.status_code))
    if code is None:
        code = "http.bad_request" if error.status_code < 500 else "http.internal"
    return problem(request, code=code, row=CODES[code], detail=str(error.detail),
                   headers=error.headers)


def _trace(error: Exception) -> str:
    """Where it broke. A validation error repeats the data it looked at; only places are kept."""
    if isinstance(error, ResponseValidationError):
        return "; ".join(f"{item['loc']}: {item['type']}" for item in error.errors()[:ERRORS_MAX])
    return "".join(traceback.format_exception(error))


def _bug(request: Request, error: Exception) -> Response:
    """A bug: the log has the whole story, the caller a request id and nothing else."""
    log.error(
        "http.bug", path=request.scope.get("path"), error=type(error).__name__,
        request_id=request.scope.get("state", {}).get("request_id", ""),
        # As plain text: a renderer that shows local variables would show the token.
        trace=_trace(error),
    )
    return problem(request, code="http.internal", row=CODES["http.internal"],
                   detail="the call failed inside the node; nothing is known to have changed")
