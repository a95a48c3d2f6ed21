"""What is to be told to whoever waits for an end, oldest first, and writing down how it went."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Annotated, Any, Final
from urllib.parse import urlencode
from uuid import UUID

from fastapi import APIRouter, Query, Response

from node.edge.console.asked import asked, given
from node.edge.console.callbacks.words import KINDS, REPORTER, STATES
from node.edge.console.visit import Here, PageRoute, form_of
from node.edge.console.work.rows import short
from node.edge.http.asking_intake import NoticeOutcomeIn
from node.edge.http.desk import After
from node.edge.http.repeats import fingerprint, keyed
from node.edge.http.routes.intake import outcome
from node.service.case_words import CHANNELS

if TYPE_CHECKING:
    from node.edge.console.visit import Visit

PATH: Final = "/console/callbacks"
router = APIRouter(prefix=PATH, include_in_schema=False, route_class=PageRoute)
ROWS: Final = 30
PENDING: Final = "pending"
State = Annotated[str, Query(pattern=f"^({'|'.join(STATES)})?$")]


@dataclass(frozen=True, slots=True, kw_only=True)
class Owed:
    """One notice. ``who``: the reporter, or the body with its own number; ``open``: telling it can
    still be written down."""

    notice_id: str
    case_id: str
    case_no: str
    kind: str
    who: str
    person: bool
    channel: str
    text: str
    state: str
    state_said: str
    since: str
    told: str
    open: bool


def owed(visit: Visit, item: Mapping[str, Any]) -> Owed:
    """A notice of the use case as a page shows it."""
    say, person = visit.say, item["recipient"] == REPORTER
    told = item["told_at"]
    body = f"{item['recipient']} {item['reference']}".strip()
    parts = (short(told.isoformat()) if told is not None else "", item["told_by"], item["note"])
    return Owed(
        notice_id=item["id"], case_id=item["case_id"], case_no=item["case_no"],
        kind=say(KINDS.get(item["kind"], item["kind"])), who=say("举报人") if person else body,
        person=person, channel=say(CHANNELS.get(item["channel"], item["channel"])),
        text=item["text"], state=item["state"],
        state_said=say(STATES.get(item["state"], item["state"])),
        since=short(item["created_at"].isoformat()), told=" ".join(one for one in parts if one),
        open=item["state"] != "delivered" and visit.may("recordNotice"),
    )


async def owed_for(visit: Visit, case_id: str) -> list[Owed]:
    """What is still to be told about one case, to whoever may see that."""
    if not visit.may("listNotices"):
        return []
    page = await visit.desk.notices.list(case_id=case_id, limit=ROWS)
    return [one for one in (owed(visit, item) for item in page.items) if one.open]


@router.get("", operation_id="listNotices")
async def listed(visit: Here, state: State = PENDING, after: After = "") -> Response:
    """The oldest first; to a script that asks for more, what follows."""
    state = state or PENDING
    page = await visit.desk.notices.list(state=state, after=after, limit=ROWS)
    values: dict[str, Any] = {
        "found": [owed(visit, item) for item in page.items],
        "more": f"{PATH}?{urlencode({'state': state, 'after': page.next})}" if page.next else "",
        "reads": visit.may("readReporter"),
    }
    if visit.is_fragment:
        return visit.part("callbacks/cards.html", **values)
    return await visit.page(
        "callbacks/list.html", **values, state=state,
        tabs=[(f"{PATH}?{urlencode({'state': key})}", visit.say(title), key == state)
              for key, title in STATES.items()])


@router.get("/{notice_id}", operation_id="recordNotice")
async def form(notice_id: UUID, visit: Here, no: Annotated[str, Query(max_length=40)] = "",
               told: Annotated[str, Query(pattern="^(yes|no)?$")] = "") -> Response:
    """How it went, as a dialog or a page of its own."""
    values: dict[str, Any] = {
        "notice_id": str(notice_id), "no": no, "told": told, "key": visit.desk.fresh_id(),
        "channels": [(key, visit.say(word)) for key, word in CHANNELS.items()],
    }
    if visit.is_fragment:
        return visit.part("callbacks/form.html", **values)
    return await visit.page("callbacks/form_page.html", **values)


@router.post("/{notice_id}", operation_id="recordNotice")
async def record(notice_id: UUID, visit: Here) -> Response:
    """Write it down, as the API does."""
    fields = await form_of(visit.request)
    body = asked(NoticeOutcomeIn, {
        "delivered": {"yes": True, "no": False}.get(given(fields, "delivered")),
        "channel": given(fields, "channel"), "note": given(fields, "note")})
    sent = fingerprint("POST", f"notices/{notice_id}", "", body.model_dump_json().encode())
    key = given(fields, "key")[:80] or visit.desk.fresh_id()
    await outcome(notice_id=notice_id, body=body, desk=visit.desk, caller=visit.caller,
                  key=keyed(visit.caller, key, sent))
    if not visit.is_fragment:
        return visit.goes(PATH)
    return visit.part("callbacks/done.html", notice_id=str(notice_id), no=given(fields, "no")[:40],
                      delivered=body.delivered)
