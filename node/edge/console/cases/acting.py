"""Verbs from a page: the functions that the API answers with, called with what a form carries.

A verb's form and its carrying out both come from the route of the API: its model says which fields
there are, its function does it, its operation says who may. So the console can do nothing that the
API cannot, and a new verb of the API is a new button here.
"""

from __future__ import annotations

import re
from collections.abc import Awaitable, Callable, Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime
from functools import cache
from typing import TYPE_CHECKING, Any, Final, get_type_hints
from uuid import UUID

from fastapi import Response
from pydantic import BaseModel
from starlette.datastructures import FormData

from node.core.calendar import BEIJING
from node.edge.console.asked import asked
from node.edge.console.cases.photos import photos_of
from node.edge.console.money.sums import FEN, fen
from node.edge.http.problems import BadCall
from node.edge.http.repeats import fingerprint, keyed
from node.edge.http.routes import coordination, handlers, intake_verbs, requests, verbs
from node.edge.http.routes.verbs import Act, paths_for
from node.edge.http.verb_paths import PATHS
from node.service.case_words import REQUESTS, VERBS
from node.service.views import CaseFilter

if TYPE_CHECKING:
    from fastapi.routing import APIRoute

    from node.edge.console.visit import Visit

HANDLER: Final = "handler"
BATCH: Final = ("accept", "file", "sign", "press", "start-check", "close")
"""Verbs that make sense for many cases at once: each asks for words at most."""
USUAL: Final[Mapping[str, str]] = {
    "reported": "accept", "pending_filing": "file", "held": "sign", "dispatched": "press",
    "handling": "press", "feedback_given": "start-check", "pending_close": "close",
}
"""Which of them is usual where a list shows one status only: it is chosen from the start."""
LEADING: Final = (
    "accept", "verify", "file", "dispatch", "sign", "reply", "feed-back", "request-decision",
    "dispute-decision", "coordination-decision", "reopen-decision", "close", "start-check",
    "check",
)
"""Verbs that bring a case on, in the order of its way: the one that comes next stands out."""
GRAVE: Final = frozenset({"void", "decline", "not-accept", "force-close", "withdraw", "transfer"})
"""Verbs that end something: their buttons look so."""
REQUEST: Final = "request"
ASKED: Final = ("return", "extension", "suspension", "void", "appeal")
"""What may be asked by that one verb; the other kinds of requests have verbs of their own."""
INVERSE: Final[Mapping[str, str]] = {
    "dispatch": "withdraw", "suspend": "resume-case", "submit": "recall", "transfer": "take-back",
}
"""What takes a verb back, where the rule still allows it: it is offered if the case offers it."""


NUMBERS_LIKE_MAX: Final = 20
"""Cases looked through for one number: others may hold it as a part of theirs."""
_ID: Final = re.compile("[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}")


@dataclass(frozen=True, slots=True, kw_only=True)
class Verb:
    """One verb of the API. ``model`` is the shape of its body."""

    word: str
    operation: str
    model: type[BaseModel]
    call: Callable[..., Awaitable[Any]]


@cache
def all_verbs() -> Mapping[str, Verb]:
    """Every verb on a case, by the last word of its address."""
    routes: list[APIRoute] = [
        route  # type: ignore[misc]
        for router in (verbs.router, intake_verbs.router, requests.router, coordination.router)
        for route in router.routes
    ]
    words = set(PATHS.values())
    found = {}
    for route in routes:
        word = route.path.rpartition("/")[2]
        model = get_type_hints(route.endpoint).get("body")
        if word in words and isinstance(model, type) and "act" in get_type_hints(route.endpoint):
            found[word] = Verb(
                word=word, operation=str(route.operation_id), model=model, call=route.endpoint)
    found[HANDLER] = Verb(
        word=HANDLER, operation="assignHandler", model=handlers.HandlerIn, call=handlers.assign)
    return found


@dataclass(frozen=True, slots=True, kw_only=True)
class Offer:
    """One verb that somebody is offered for a case, with the address of its form."""

    word: str
    name: str
    path: str


def titles(visit: Visit, words: Iterable[str]) -> list[tuple[str, str]]:
    """Verbs that this person is offered, with their names."""
    return [
        (word, visit.say(VERBS.get(word, word))) for word in words
        if word in all_verbs() and visit.may(all_verbs()[word].operation)
    ]


def offers_of(visit: Visit, document: Mapping[str, Any]) -> list[Offer]:
    """What a case offers to this person: what leads on first, in the order of the way, what ends
    something last. A request is offered by its kinds: each has reasons of its own."""
    path = f"/console/cases/{document['case_id']}/verbs/"
    found: list[Offer] = []
    for word, name in titles(visit, offered_to(visit, document)):
        if word != REQUEST:
            found.append(Offer(word=word, name=name, path=path + word))
            continue
        found += [
            Offer(word=word, path=f"{path}{word}?kind={kind}",
                  name=visit.say("申请%(kind)s", kind=visit.say(REQUESTS[kind])))
            for kind in document["askable"]]
    return sorted(found, key=lambda one: (
        one.word in GRAVE, LEADING.index(one.word) if one.word in LEADING else len(LEADING)))


def offered_to(visit: Visit, document: Mapping[str, Any]) -> list[str]:
    """Verbs that a case offers to this person, as the API calls them."""
    if visit.caller.scope == "read":
        return []
    return paths_for(visit.desk, visit.caller, document)


async def do(visit: Visit, case_id: str, word: str, fields: FormData, *, key: str) -> None:
    """Carry a verb out on a case with the fields of a form. Raises what the API would answer:
    ``NotPermitted``, ``Refused``, ``RequestValidationError``."""
    verb = all_verbs().get(word)
    if verb is None:
        raise BadCall("http.not_found", f"there is no verb {word[:40]}")
    await visit.admit(verb.operation, case_id)
    data = await _data(visit, verb, case_id, fields)
    body = asked(verb.model, data)
    if word == HANDLER:
        await verb.call(
            case_id=UUID(case_id), body=body, desk=visit.desk, caller=visit.caller)
        return
    sent = fingerprint("POST", f"{case_id}/{word}", "", body.model_dump_json().encode())
    await verb.call(body=body, act=Act(
        case_id=UUID(case_id), desk=visit.desk, caller=visit.caller,
        key=keyed(visit.caller, key or visit.desk.fresh_id(), sent), response=Response(),
    ))


async def _data(
    visit: Visit, verb: Verb, case_id: str, fields: FormData
) -> dict[str, Any]:
    """The body that the form means; what was left empty is left out."""
    data: dict[str, Any] = {}
    properties = verb.model.model_json_schema().get("properties", {})
    for name in properties:
        if name == "photos":
            photos = await photos_of(visit, case_id, fields)
            if photos:
                data[name] = photos
            continue
        if name == "category":
            if category := chosen_class(visit, fields):
                data[name] = category
            continue
        if name == "with_cases":
            if cases := await _numbered(visit, str(fields.get(name, ""))):
                data[name] = cases
            continue
        if name == "duplicate_of":
            if same := await _numbered(visit, str(fields.get(name, ""))):
                data[name] = same[0]
            continue
        if name == "limits":
            finish_by = str(fields.get("limits.finish_by", ""))
            if finish_by:
                data[name] = {"finish_by": instant(finish_by)}
            continue
        given = fields.get(name)
        if not isinstance(given, str) or not given.strip():
            continue
        data[name] = (fen(given, field=name) if name.endswith(FEN)
                      else _value(properties[name], given.strip()))
    return data


def chosen_class(visit: Visit, fields: FormData) -> dict[str, str] | None:
    """The class that a form names: the one chosen from the list, or the only one that what was
    typed can mean; None = nothing was typed. Raises ``BadCall``."""
    def given(name: str) -> str:
        return str(fields.get(name, "")).strip()

    typed = given("class")
    if typed and given("code"):
        return {"standard_ref": given("standard_ref"), "kind": given("kind"),
                "code": given("code"), "name": given("class_name")}
    if not typed:
        return None
    found = visit.desk.standards.named(typed, limit=2)
    exact = [one for one in found if typed in (one.name, one.key.code)]
    if len(found) != 1 and len(exact) != 1:
        raise BadCall("request.invalid", visit.say("请从列表中选定一个问题分类"))
    one, *_ = exact or found
    return {"standard_ref": one.key.standard_ref, "kind": one.key.kind, "code": one.key.code,
            "name": one.name}


async def _numbered(visit: Visit, text: str) -> list[str]:
    """Ids of the cases of which each line gives the number, or the id. Raises ``BadCall``."""
    found = []
    for line in filter(None, (one.strip() for one in text.splitlines())):
        which = CaseFilter(text=line, scope=visit.caller.person.scope)
        page = await visit.desk.cases(which, "", NUMBERS_LIKE_MAX)
        same = [item["case_id"] for item in page.items if item["case_no"] == line]
        if not same and not _ID.fullmatch(line):
            raise BadCall("request.invalid", visit.say("没有案卷号为 %(no)s 的案卷", no=line[:40]))
        found.append(same[0] if same else line)
    return found


def _value(schema: Mapping[str, Any], given: str) -> Any:
    kinds = [schema, *schema.get("anyOf", ())]
    if any(one.get("format") == "date-time" for one in kinds):
        return instant(given)
    if any(one.get("type") == "array" for one in kinds):
        return [line.strip() for line in given.splitlines() if line.strip()]
    if any(one.get("type") == "boolean" for one in kinds):
        return {"yes": True, "no": False}.get(given, given)
    if any(one.get("type") == "integer" for one in kinds):
        return int(given) if given.lstrip("-").isdecimal() and len(given) < 17 else given
    return given


def instant(given: str) -> str:
    """What a browser's field of day and time says, in Beijing time."""
    try:
        local = datetime.fromisoformat(given)
    except ValueError:
        return given
    return (local if local.tzinfo is not None else local.replace(tzinfo=BEIJING)).isoformat()
