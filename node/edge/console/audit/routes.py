"""The audit log: rows by filters, a look through all of it; exports are the API's own."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Annotated, Any
from urllib.parse import urlencode

from fastapi import APIRouter, Query, Response

from node.core.audit import Outcome
from node.core.calendar import BEIJING
from node.edge.console.audit import words
from node.edge.console.people.view import titles
from node.edge.console.upkeep.layers import TITLES
from node.edge.console.upkeep.sections import TABLES
from node.edge.console.visit import Here, PageRoute, Visit
from node.edge.http.desk import After
from node.edge.http.problems import BadCall
from node.edge.http.status import CODES
from node.edge.http.verb_paths import PATHS
from node.service.audit_book import AuditFilter, flaw_said
from node.service.case_words import VERBS
from node.service.instants import to_second

router = APIRouter(prefix="/console/audit", include_in_schema=False, route_class=PageRoute)
ROWS = 50
"""Rows of one page."""
FLAWS_SHOWN = 50
Part = Annotated[str, Query(max_length=200)]


@dataclass(frozen=True, slots=True, kw_only=True)
class Entry:
    """One row of the log."""

    n: int
    at: str
    actor: str
    roles: str
    origin: str
    action: str
    code: str
    subject: str
    look: str
    outcome: str
    reason: str
    detail: str


def _entry(visit: Visit, one: Mapping[str, Any]) -> Entry:
    say = visit.say
    look, outcome = words.OUTCOMES[one["outcome"]]
    return Entry(
        n=one["n"], at=to_second(one["at"]), actor=one["actor"], roles=titles(visit, one["roles"]),
        origin=say(words.ORIGINS.get(one["origin"], one["origin"])),
        action=_called(visit, one["action"]), code=one["action"],
        subject=_about(visit, one["subject"]), look=look, outcome=say(outcome),
        reason=_why(visit, one["reason"]),
        detail=say("，").join(
            f"{say(words.DETAILS.get(name, name))} {_value(visit, name, value)}"
            for name, value in one["detail"].items() if value not in ("", None)),
    )


def _value(visit: Visit, name: str, value: object) -> str:
    if name in ("roles", "before") and isinstance(value, str):
        return titles(visit, value.split(",")) if value else "—"
    if isinstance(value, bool):
        return visit.say("是") if value else visit.say("否")
    return visit.say(words.VALUES.get(str(value), str(value)))


def _about(visit: Visit, subject: str) -> str:
    """What an act was about, by its kind, and by a name where the console has one."""
    kind, _, rest = subject.partition(":")
    say = visit.say
    if kind == "table" and rest in TABLES:
        rest = say(TABLES[rest].title)
    elif kind == "layer" and rest in TITLES:
        rest = say(TITLES[rest])
    return f"{say(words.KINDS.get(kind, kind))} {rest}".strip()


def _why(visit: Visit, reason: str) -> str:
    """A reason: what somebody wrote, a word of the way in, or the title of a refusal."""
    if reason in CODES:
        row = CODES[reason]
        return row.en if visit.language == "en" else row.zh
    return visit.say(words.REASONS.get(reason, reason))


def _called(visit: Visit, action: str) -> str:
    """An act by its name: one of the log's own, a verb on cases, or a tool that was refused."""
    say, tool = visit.say, visit.desk.access.book.tools.get(action)
    if tool is not None:
        return tool.title_en if visit.language == "en" else tool.title
    if action in PATHS and PATHS[action] in VERBS:
        return say(VERBS[PATHS[action]])
    return say(words.ACTIONS.get(action, action))


def _instant(text: str) -> datetime | None:
    """What a browser's field of day and time says, in Beijing time."""
    if not text:
        return None
    try:
        found = datetime.fromisoformat(text)
    except ValueError as error:
        raise BadCall("page.cursor", f"{text[:40]!r} is no time") from error
    return found if found.tzinfo is not None else found.replace(tzinfo=BEIJING)


@router.get("", operation_id="listAudit")
async def rows(  # noqa: PLR0917 - the query of a page
    visit: Here, actor: Part = "", action: Part = "", subject: Part = "", about: Part = "",
    outcome: Outcome | None = None, since: Part = "", until: Part = "", after: After = "",
) -> Response:
    """Rows, the newest first; to a script that asks for more, those that follow."""
    # Somebody who has chosen a kind writes the name alone.
    exact = f"{about}{subject}" if subject and about and ":" not in subject else subject
    which = AuditFilter(
        actor=actor, action=action, subject=exact, about=about,
        outcome=outcome.value if outcome is not None else "", since=_instant(since),
        until=_instant(until))
    page = await visit.desk.audit.page(which, after, ROWS, roles=visit.caller.roles)
    filters = {name: value for name, value in (
        ("actor", actor), ("action", action), ("subject", subject), ("about", about),
        ("outcome", which.outcome), ("since", since), ("until", until)) if value}
    query = urlencode(filters)
    shown: dict[str, Any] = {
        "rows": [_entry(visit, one) for one in page.items],
        "more": f"/console/audit?{urlencode({**filters, 'after': page.next})}"
        if page.next else "",
    }
    if visit.is_fragment:
        return visit.part("audit/rows.html", **shown)
    say = visit.say
    asked = {**filters, **({"subject": exact} if exact else {}), **{
        name: found.isoformat() for name, found in (
            ("since", which.since), ("until", which.until)) if found is not None}}
    return await visit.page(
        "audit/list.html", **shown, filters=filters, query=urlencode(asked), first=not query,
        actions=[(key, say(word)) for key, word in words.ACTIONS.items()],
        kinds=[(f"{key}:", say(word)) for key, word in words.KINDS.items()],
        outcomes=[(key, say(word)) for key, (_, word) in words.OUTCOMES.items()],
        verifies=visit.may("verifyAudit"), exports=visit.may("exportAudit"))


@router.get("/verify", operation_id="verifyAudit")
async def verify(visit: Here) -> Response:
    """Look through the whole log."""
    found = await visit.desk.audit.verify(roles=visit.caller.roles)
    shown: dict[str, Any] = {
        "found": found,
        "flaws": [flaw_said(one.code, one.n, one.other).say(visit.language)
                  for one in found.flaws[:FLAWS_SHOWN]],
    }
    if visit.is_fragment:
        return visit.part("audit/verdict.html", **shown)
    return await visit.page("audit/verified.html", **shown)
