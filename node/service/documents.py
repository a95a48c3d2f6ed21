"""The document of one case (案卷): everything that this office knows of it, as JSON-ready data.

It comes from the folded case, the journal and the stored traces; delivery is joined from the outbox
and never mixed into a status.
"""

from __future__ import annotations

import dataclasses
from collections.abc import Callable
from datetime import datetime
from typing import Any

from sqlalchemy import Connection

from node.core.case import Assignment, Case, Duty, Request
from node.core.errors import UnknownCase
from node.core.facts import Facts, Limits, Photo, RequestKind
from node.core.granting import would_end
from node.core.handling import may_assign
from node.core.offers import askable, deciders, offered
from node.core.rights import ASSIGN_HANDLER
from node.core.stages import shown
from node.core.turns import Turn, turn_of
from node.service.flag_lines import flag_line
from node.service.folding import CaseCache, clock_columns
from node.service.instants import to_time
from node.service.kin import Kin
from node.service.phrases import phrase
from node.service.ports import Codec, Row, Store
from node.service.surroundings import Surroundings, uuid_bytes
from node.service.timing import light_of, overdue, timed
from node.service.views import WorkItemView

DISPUTE = RequestKind.DISPUTE.value
"""Under what the file of approvals lists the reasons of a dispute."""


class Documents:
    """Documents of the cases of one office."""

    def __init__(
        self,
        *,
        store: Store,
        codec: Codec,
        surroundings: Surroundings,
        now_us: Callable[[], int],
        rows_max: int,
        timeline_max: int,
        kin: Kin | None = None,
    ) -> None:
        self._store = store
        self._codec = codec
        self._surroundings = surroundings
        self._now_us = now_us
        self._rows_max = rows_max
        self._timeline_max = timeline_max
        self._kin = kin

    def of(self, conn: Connection, case_id: str) -> dict[str, Any]:
        """The document on an open connection. ``UnknownCase`` if there is none."""
        case, opened_us = load_case(self._store, conn, case_id)
        now_us = self._now_us()
        live = case.live
        here = self._surroundings
        columns = clock_columns(case, calendar=here.calendar, limits=here.limits)
        light = light_of(columns, now_us)
        items = self._store.work_items(conn, case_id=case_id, limit=self._rows_max)
        return {
            "case_id": case.case_id,
            "case_no": case.facts.case_no if case.facts is not None else "",
            "node": self._surroundings.node,
            "status": case.status.value,
            "version": case.version,
            "own": case.duty is None,
            "facts": _facts(case.facts),
            "duty": _duty(case.duty),
            "assignment": _assignment(live),
            "assignments": [
                _assignment(one) for one in (*case.past, live) if one is not None
            ],
            "result": _plain(case.result),
            "requests": self._requests(case),
            "late": [_plain(one) for one in case.late],
            "supervisions": [_plain(one) for one in case.supervisions],
            "press_count": case.press_count,
            "return_count": case.return_count,
            "stage": self._stage(case),
            "flags": [{**_plain(one), "sentence": flag_line(one)} for one in case.flags],
            "no_owner": case.no_owner,
            "contested": case.contested,
            "coordinations": [
                {**_plain(one), "open": one.is_open} for one in case.coordinations
            ],
            "disputes": [
                {**_plain(one), **self._reason(DISPUTE, one.reason_code)}
                for one in case.disputes
            ],
            "repairs": [
                {**_plain(one), "outstanding_fen": one.outstanding_fen} for one in case.repairs
            ],
            "rework_count": case.rework_count,
            "extension_count": case.extension_count,
            "suspension_count": case.suspension_count,
            "appeal_count": case.appeal_count,
            "refusal_count": case.refusal_count,
            "exempt": case.exempt,
            "suspended_until": _plain(case.suspended_until),
            "transfer": _plain(case.transfer),
            "closed_how": case.closed_how,
            "bonds": self._bonds(conn, case),
            "photos": _photos(case),
            "work_items": [_plain(item_view(one)) for one in items],
            **self._open_to(case),
            "clocks": self._clocks(conn, case_id, now_us),
            "light": light.value,
            "overdue": overdue(columns, now_us),
            "opened_at": to_time(opened_us).isoformat(),
            "updated_at": case.updated_at.isoformat(),
            **(self._kin.of(conn, case, opened_us=opened_us) if self._kin is not None else {}),
        }

    def _stage(self, case: Case) -> dict[str, Any] | None:
        """Where it stands among the stages that this office shows."""
        arrangement = self._surroundings.arrangement
        if arrangement is None:
            return None
        found = shown(arrangement.stages, case.status)
        return {"zh": found.stage.zh, "en": found.stage.en, "position": found.position,
                "of": found.of}

    def _clocks(self, conn: Connection, case_id: str, now_us: int) -> list[dict[str, Any]]:
        here = self._surroundings
        rows = (
            *self._store.case_journal(conn, case_id, 0, self._timeline_max),
            *self._store.case_traces(conn, case_id, self._timeline_max),
        )
        return timed(
            (self._codec.read_entry(bytes(row["entry"])) for row in rows),
            calendar=here.calendar,
            limits=here.limits,
            now=to_time(now_us),
        )

    def _bonds(self, conn: Connection, case: Case) -> list[dict[str, Any]]:
        """How far what we said has come, per neighbour."""
        bonds = []
        for row in self._store.bonds(conn, uuid_bytes(case.case_id)):
            waiting = row["drafts"] + row["unacked"]
            state = "queued" if row["drafts"] else "sent" if row["unacked"] else "delivered"
            since = to_time(row["oldest_at"]) if waiting and row["oldest_at"] else None
            peer = row["link"].removeprefix(f"{self._surroundings.node}-")
            if row["link"] == self._surroundings.parent_link:
                peer = self._surroundings.parent
            sentence = phrase("bond.delivered", peer=peer)
            if since is not None:
                sentence = phrase(f"bond.{state}", peer=peer, since=since)
            bonds.append(
                {
                    "neighbour": f"node:{peer}",
                    "state": state,
                    "queued": row["drafts"],
                    "unacked": row["unacked"],
                    "since": since.isoformat() if since is not None else None,
                    "sentence": sentence,
                }
            )
        for one in (*case.past, case.live):
            if one is not None and one.to.kind.value == "adapter":
                bonds.extend(self._job_bond(conn, one))
        return bonds

    def _job_bond(self, conn: Connection, one: Assignment) -> list[dict[str, Any]]:
        row = self._store.adapter_job(conn, one.to.id, one.assignment_id, one.generation)
        if row is None:
            return []
        waiting = row["next_try_at"] is not None
        outcome = (row["outcome"] or "").lower()
        if not waiting:
            # Nothing to do without a yes or a no: it was parked for a person.
            state = outcome if outcome in ("accepted", "rejected") else "parked"
        else:
            state = "unknown" if outcome == "unknown" else "queued"
        since = to_time(row["created_at"])
        peer, wish, stands = one.to.id, phrase(f"wish.{row['wish']}"), phrase(f"job.{state}")
        sentence = phrase("bond.job", peer=peer, wish=wish, state=stands)
        if waiting:
            sentence = phrase(
                "bond.job_waiting",
                peer=peer, wish=wish, state=stands, since=since, tries=row["tries"],
            )
        return [
            {
                "neighbour": str(one.to),
                "state": state,
                "queued": int(waiting),
                "unacked": 0,
                "since": since.isoformat() if waiting else None,
                "unit_reference": row["unit_reference"],
                "sentence": sentence,
            }
        ]

    def _open_to(self, case: Case) -> dict[str, Any]:
        """Commands that may be tried from here with our capabilities, which of them take a role
        besides, and the kinds of requests that may be made: what the case itself and this office's
        own rules speak against is left out."""
        here = self._surroundings
        rights = here.arrangement.rights if here.arrangement is not None else None
        at_desk = rights.at_desk(ASSIGN_HANDLER) if rights is not None else None
        desk = [ASSIGN_HANDLER] if may_assign(case, here.capabilities, at_desk) else []
        office = here.context(now_us=self._now_us(), actor="", cause="")
        verbs = (offered(case, here.capabilities, office=office) if rights is None
                 else offered(case, here.capabilities, rights.needed, office))
        return {
            "verbs": sorted([*verbs, *desk]),
            "askable": [kind.value for kind in askable(case, office)],
            "deciders": {
                verb: list(roles) for verb, roles in deciders(case, here.ladders).items()
                if verb in verbs},
        }

    def _requests(self, case: Case) -> list[dict[str, Any]]:
        """Open requests: what our assignee asked of us, with whose turn it is, and what we asked of
        our assignor."""
        found = []
        ladders = self._surroundings.ladders
        for one in (case.live, *case.past):
            if one is not None and one.request is not None:
                turn = turn_of(case, one, one.request, ladders)
                found.append(self._request(one.request, "in", str(one.to), turn, one.limits))
        duty = case.duty
        if duty is not None and duty.request is not None:
            found.append(self._request(duty.request, "out", f"node:{duty.assignor}", None,
                                       duty.limits))
        return found

    def _request(
        self, request: Request, direction: str, neighbour: str, turn: Turn | None, limits: Limits
    ) -> dict[str, Any]:
        plain: dict[str, Any] = _plain(request)
        here = self._surroundings.context(now_us=self._now_us(), actor="", cause="")
        return {
            **plain,
            **self._reason(request.kind.value, request.reason_code),
            "direction": direction,
            "neighbour": neighbour,
            "turn": _plain(turn),
            "deadline": _plain(limits.finish_by),
            "would_end": _plain(would_end(limits, request, here)),
        }

    def _reason(self, verb: str, code: str) -> dict[str, str]:
        """The name of a reason code in our lists, in both languages; "" = it is in none."""
        ladders = self._surroundings.ladders
        found = ladders.reasons.find(verb, code) if ladders is not None else None
        return {
            "reason_zh": found.zh if found is not None else "",
            "reason_en": found.en if found is not None else "",
        }


def load_case(store: Store, conn: Connection, case_id: str) -> tuple[Case, int]:
    """A case as it stands, and when it was opened (µs). ``UnknownCase`` if there is none."""
    try:
        uuid_bytes(case_id)
    except ValueError as err:
        raise UnknownCase(f"{case_id!r} is no case id", case_id=case_id) from err
    row = store.load_cases(conn, (case_id,)).get(case_id)
    if row is None:
        raise UnknownCase(f"there is no case {case_id} here", case_id=case_id)
    return CaseCache(1).read(case_id, bytes(row.state)), row.opened_at


def _plain(value: Any) -> Any:
    """A frozen value as JSON-ready data."""
    if dataclasses.is_dataclass(value) and not isinstance(value, type):
        return {
            field.name: _plain(getattr(value, field.name)) for field in dataclasses.fields(value)
        }
    if isinstance(value, datetime):
        return value.isoformat()
    if isinstance(value, tuple | list):
        return [_plain(one) for one in value]
    return value


def _facts(facts: Facts | None) -> dict[str, Any] | None:
    if facts is None:
        return None
    return {**_plain(facts), "source_details": dict(facts.source_details)}


def _limits(limits: Limits) -> dict[str, Any]:
    plain: dict[str, Any] = _plain(limits)
    return plain


def _duty(duty: Duty | None) -> dict[str, Any] | None:
    if duty is None:
        return None
    return {
        "assignor": f"node:{duty.assignor}",
        "assignment_id": duty.assignment_id,
        "generation": duty.generation,
        "state": "ended" if duty.ended is not None else duty.rank.name.lower(),
        "ended": duty.ended.value if duty.ended is not None else None,
        "limits": _limits(duty.limits),
        "text": duty.text,
        "suspended_until": _plain(duty.suspended_until),
        "rework_count": duty.rework_count,
        "extension_count": duty.extension_count,
        "suspension_count": duty.suspension_count,
    }


def _assignment(one: Assignment | None) -> dict[str, Any] | None:
    if one is None:
        return None
    return {
        "assignment_id": one.assignment_id,
        "assignee": str(one.to),
        "generation": one.generation,
        "rank": one.rank.name.lower(),
        "limits": _limits(one.limits),
        "text": one.text,
        "unit_reference": one.unit_reference,
        "assigned_at": one.assigned_at.isoformat(),
        "signed_at": _plain(one.signed_at),
        "result": _plain(one.result),
        "ended": one.ended.value if one.ended is not None else None,
        "ended_at": _plain(one.ended_at),
        "climbed": _plain(one.climbed),
        "lacks": list(one.lacks),
        "returned_count": one.returned_count,
        "sign_overdue": one.sign_overdue,
        "finish_overdue": one.finish_overdue,
        "rework_count": one.rework_count,
        "suspended_until": _plain(one.suspended_until),
        "pause_reason": one.pause_reason,
        "extension_count": one.extension_count,
        "suspension_count": one.suspension_count,
    }


def _photos(case: Case) -> list[dict[str, Any]]:
    photos: dict[tuple[str, str], Photo] = {}
    results = [one.result for one in (*case.past, case.live) if one is not None]
    if case.duty is not None:
        results.append(case.duty.result)
    results.append(case.adopted)
    for photo in case.facts.photos if case.facts is not None else ():
        photos[photo.digest, photo.role.value] = photo
    for result in results:
        for photo in result.photos if result is not None else ():
            photos[photo.digest, photo.role.value] = photo
    return [_plain(photo) for photo in photos.values()]


def item_view(row: Row) -> WorkItemView:
    """A row of what waits for a person."""
    settled = row["settled_at"]
    return WorkItemView(
        id=row["id"],
        case_id=row["case_id"] or "",
        kind=row["kind"],
        detail=row["detail"],
        created_at=to_time(row["created_at"]),
        settled_at=to_time(settled) if settled is not None else None,
    )
