"""Lists of cases: how one is asked for, sorted and gone on with, and what a row of it shows."""

from __future__ import annotations

import json
from collections.abc import Mapping
from datetime import datetime
from typing import Any

from node.core.errors import Invalid
from node.core.facts import Rank
from node.service.instants import to_time, to_us
from node.service.ports import Row
from node.service.timing import light_of, overdue
from node.service.views import CaseFilter

NEWEST = "-opened"
"""The order of a list that names none."""
SORTS = ("opened", "no", "status", "code", "limit")
"""What a list can be sorted by; with a minus the greatest comes first."""
TEXT_SORTS = frozenset({"no", "status", "code"})
OWN = "own"
"""The origin of what was opened here; anything else came down from whoever it names."""
HANDED = "yes"
"""Somebody below has it."""
UNSIGNED, ASKING = "offered", "asking"
"""How a duty that we hold stands: nobody has signed for it yet, or an answer to a request of ours
is waited for."""


def asked_for(which: CaseFilter, now_us: int) -> dict[str, Any]:
    """The filters as the store takes them; what is not asked for is not among them."""
    where: dict[str, Any] = {
        name: value
        for name in (
            "status", "area", "code", "text", "assignee", "source", "task_for", "flag",
            "handler")
        if (value := getattr(which, name))
    }
    if which.waits:
        kind, _, detail = which.waits.partition("/")
        where["waits"] = (kind, detail)
    if not which.scope.is_whole:
        where["scope"] = which.scope
    if which.overdue:
        where["overdue_at"] = now_us
    if which.no_owner:
        where["no_owner"] = True
    if which.contested:
        where["contested"] = True
    if which.handed:
        where["handed"] = which.handed == HANDED
    if which.undispatched:
        where["undispatched"] = True
    if which.origin:
        where["own"] = which.origin == OWN
    if which.light:
        where["light"] = (which.light, now_us)
    if which.opened_from is not None:
        where["opened_from"] = to_us(which.opened_from)
    if which.opened_to is not None:
        where["opened_to"] = to_us(which.opened_to)
    return where


def item_of(row: Row, now_us: int) -> dict[str, Any]:
    """A row of the list as it is shown."""
    finish_by = row["finish_by"]
    light = light_of(row, now_us)
    return {
        "case_id": row["case_id"],
        "case_no": row["case_no"],
        "status": row["status"],
        "area": row["area"],
        "address": row["address"],
        "code": row["code"],
        "standard_ref": row["standard_ref"],
        "kind": row["kind"],
        "name": row["name"],
        "urgent": bool(row["urgent"]),
        "source": row["source"],
        "task_for": row["task_for"],
        "duplicate_of": row["duplicate_of"],
        "assignee": row["assignee"],
        "own": row["assignor"] is None,
        "origin": OWN if row["assignor"] is None else f"node:{row['assignor']}",
        "lon": row["lon"],
        "lat": row["lat"],
        "finish_by": to_time(finish_by).isoformat() if finish_by is not None else None,
        "opened_at": to_time(row["opened_at"]).isoformat(),
        "updated_at": to_time(row["updated_at"]).isoformat(),
        "version": row["version"],
        "overdue": overdue(row, now_us),
        "light": light.value,
    }


def stands(state: bytes) -> str:
    """How the duty of a folded case stands, ``UNSIGNED`` or ``ASKING``, else "". Only the duty is
    looked at: a page of cases is not folded for two words."""
    duty = json.loads(state).get("duty") or {}
    if duty.get("request"):
        return ASKING
    return UNSIGNED if duty.get("rank") == Rank.OFFERED else ""


def supervised(state: bytes) -> Mapping[str, Any] | None:
    """As ``stands``, of the supervisions that are kept with the case: the one that counts."""
    given = json.loads(state).get("supervisions") or ()
    first = min(
        given, key=lambda one: (one["replied"], datetime.fromisoformat(one["reply_by"])),
        default=None)
    return {key: first[key] for key in ("replied", "reply_by")} if first is not None else None


def cursor(after: str) -> tuple[int, str] | None:
    """Where the page before ended, newest first. ``Invalid`` (``page.cursor``)."""
    if not after:
        return None
    opened, dot, case_id = after.partition(".")
    if not dot or not opened.isdecimal():
        raise Invalid("this is no cursor of a page", code="page.cursor")
    return int(opened), case_id


def sorted_cursor(after: str, *, of_text: bool) -> tuple[Any, str] | None:
    """A page in another order goes on behind an id and the key that it was sorted by. ``Invalid``
    (``page.cursor``)."""
    if not after:
        return None
    case_id, dot, key = after.partition(".")
    if not dot or not (of_text or (key.isascii() and key.isdecimal() and len(key) < 20)):
        raise Invalid("this is no cursor of a page", code="page.cursor")
    return (key if of_text else int(key)), case_id
