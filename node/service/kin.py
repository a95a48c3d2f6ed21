"""What stands beside a case: similar reports, duplicates, parts and their lead, what it reopens.

Queries only; they run on a reader's connection and change nothing.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass, fields
from datetime import datetime
from typing import Any, Protocol

from sqlalchemy import Connection

from hub.store.tx import Writer
from node.core.case import Case, Stage
from node.core.coordination import COORDINATIONS_KEPT_MAX, PROBLEM_CASES_MAX
from node.core.facts import Category, Place
from node.core.similar import Similarity, cells_around, distance_m
from node.service.instants import to_time, to_us
from node.service.ports import Row

SIMILAR_MAX = 20
"""Similar reports shown; a place with more is a complaint of its own."""
CANDIDATES_MAX = 2_000
"""Rows of the four cells that are sifted by distance: one class, one neighbourhood, one window."""
DUPLICATES_SHOWN_MAX = 50
SIBLINGS_MAX = COORDINATIONS_KEPT_MAX * (PROBLEM_CASES_MAX + 1)
CHAIN_MAX = 16
"""Steps from a duplicate to the case that goes on: each is a merge of what had been merged into."""
_EARLY = (Stage.REPORTED, Stage.VERIFYING, Stage.ACCEPTED)
"""Stages in which a person still decides whether it is a case of its own."""


class BriefStore(Protocol):
    """Cases by name, number, status and what they follow (``node.store.intake``)."""

    def brief(self, conn: Connection, case_ids: Collection[str]) -> Sequence[Row]: ...


class KinStore(BriefStore, Protocol):
    """Look-ups over case rows (``node.store.intake``)."""

    def near(
        self,
        conn: Connection,
        *,
        cells: Collection[int],
        code: str,
        since: int,
        until: int,
        limit: int,
    ) -> Sequence[Row]: ...

    def duplicates(
        self, conn: Connection, case_ids: Collection[str], limit: int
    ) -> Sequence[Row]: ...


class JointStore(Protocol):
    """Which cases are treated as one problem (``node.store.problems``)."""

    def siblings(self, conn: Connection, case_id: str, limit: int) -> Sequence[Row]: ...


@dataclass(frozen=True, slots=True, kw_only=True)
class SimilarCase:
    """One report that may be about the same problem."""

    case_id: str
    case_no: str
    status: str
    address: str
    source: str
    duplicate_of: str
    distance_m: float
    opened_at: datetime
    lon: float
    lat: float


class Kin:
    """Finds what belongs together."""

    def __init__(
        self,
        *,
        rows: KinStore,
        writer: Writer,
        now_us: Callable[[], int],
        similarity: Similarity,
        joint: JointStore | None = None,
    ) -> None:
        self._rows = rows
        self._writer = writer
        self._now_us = now_us
        self._joint = joint
        self.similarity = similarity

    async def similar(
        self, place: Place, category: Category, *, at: datetime | None = None
    ) -> list[SimilarCase]:
        """Reports of the class near this place and time, nearest first; none without a point."""
        at_us = to_us(at) if at is not None else self._now_us()
        return await self._writer.read(
            lambda conn: self.near(conn, place, category, at_us=at_us)
        )

    def near(
        self, conn: Connection, place: Place, category: Category, *, at_us: int, but: str = ""
    ) -> list[SimilarCase]:
        """The same on an open connection, without the case ``but``."""
        lon, lat = place.lon, place.lat
        if lon is None or lat is None:
            return []
        radius = self.similarity.radius_m
        window = int(self.similarity.window.total_seconds() * 1e6)
        rows = self._rows.near(
            conn,
            cells=cells_around(lon, lat, radius),
            code=category.code,
            since=at_us - window,
            until=at_us + window,
            limit=CANDIDATES_MAX,
        )
        found = [
            _similar(row, away)
            for row in rows
            if row["case_id"] != but
            and row["kind"] == category.kind
            and row["standard_ref"] == category.standard_ref
            and (away := distance_m(lon, lat, row["lon"], row["lat"])) <= radius
        ]
        found.sort(key=lambda one: (one.distance_m, one.case_id))
        return found[:SIMILAR_MAX]

    def of(self, conn: Connection, case: Case, *, opened_us: int) -> dict[str, Any]:
        """The members of a case document that speak of other cases."""
        facts = case.facts
        named = [one for one in (
            case.duplicate_of,
            facts.part_of if facts is not None else "",
            facts.reopens if facts is not None else "",
            case.reopening.new_case_id if case.reopening is not None else "",
            *case.parts,
        ) if one]
        known = {row["case_id"]: row for row in self._rows.brief(conn, named)}
        similar: list[SimilarCase] = []
        if case.duty is None and case.stage in _EARLY and facts is not None:
            similar = self.near(
                conn, facts.place, facts.category, at_us=opened_us, but=case.case_id
            )
        followers = self._rows.duplicates(conn, (case.case_id,), DUPLICATES_SHOWN_MAX)
        return {
            "contact": case.contact,
            "wants_reply": case.wants_reply,
            "verified": case.verified,
            "self_handled": case.self_handled is not None,
            "task": _members(case.task),
            "condition": _members(case.condition),
            "satisfaction": _members(case.satisfaction),
            "reopening": _members(case.reopening),
            "passing": _members(case.passing),
            "opened_why": case.opened_why,
            "similar": [_plain(one) for one in similar],
            "duplicate_of": _brief(known, case.duplicate_of),
            "goes_on_as": _brief_of(goes_on(self._rows, conn, case.duplicate_of)),
            "duplicates": [
                {"case_id": row["case_id"], "case_no": row["case_no"], "status": row["status"]}
                for row in followers
            ],
            "lead": _brief(known, facts.part_of if facts is not None else ""),
            "problems": self._problems(conn, case),
            "parts": [_brief(known, one) for one in case.parts],
            "reopens": _brief(known, facts.reopens if facts is not None else ""),
            "reopened_as": _brief(
                known, case.reopening.new_case_id if case.reopening is not None else ""
            ),
        }


    def _problems(self, conn: Connection, case: Case) -> list[dict[str, Any]]:
        """The joint problems that it is part of, each with the other cases."""
        names = dict.fromkeys(one.problem_id for one in case.coordinations if one.problem_id)
        if not names or self._joint is None:
            return []
        rows = self._joint.siblings(conn, case.case_id, SIBLINGS_MAX)
        others = [row["case_id"] for row in rows if row["case_id"] != case.case_id]
        known = {row["case_id"]: row for row in self._rows.brief(conn, others)}
        return [
            {
                "problem_id": name,
                "cases": [
                    _brief(known, row["case_id"]) for row in rows
                    if row["problem_id"] == name and row["case_id"] != case.case_id
                ],
            }
            for name in names
        ]


def goes_on(rows: BriefStore, conn: Connection, case_id: str) -> Row | None:
    """The case in which a report goes on, at the end of a chain of duplicates that begins with
    ``case_id`` ("" = none): what was merged is merged again with its original. None = not here.
    A chain has no way back (``node.core.decide.intake.original``)."""
    last: Row | None = None
    for _ in range(CHAIN_MAX):
        found = rows.brief(conn, (case_id,)) if case_id else ()
        if not found:
            break
        (last,) = found
        case_id = last["duplicate_of"] or ""
    return last


def _brief_of(row: Row | None) -> dict[str, Any] | None:
    if row is None:
        return None
    return {"case_id": row["case_id"], "case_no": row["case_no"], "status": row["status"]}


def _members(value: Any) -> dict[str, Any] | None:
    """A small value of a case, its instants as text."""
    if value is None:
        return None
    found = {}
    for field in fields(value):
        member = getattr(value, field.name)
        found[field.name] = member.isoformat() if isinstance(member, datetime) else member
    return found


def _similar(row: Row, away: float) -> SimilarCase:
    return SimilarCase(
        case_id=row["case_id"],
        case_no=row["case_no"],
        status=row["status"],
        address=row["address"],
        source=row["source"],
        duplicate_of=row["duplicate_of"] or "",
        distance_m=round(away, 1),
        opened_at=to_time(row["opened_at"]),
        lon=row["lon"],
        lat=row["lat"],
    )


def _plain(one: SimilarCase) -> dict[str, Any]:
    return {
        "case_id": one.case_id,
        "case_no": one.case_no,
        "status": one.status,
        "address": one.address,
        "source": one.source,
        "duplicate_of": one.duplicate_of,
        "distance_m": one.distance_m,
        "opened_at": one.opened_at.isoformat(),
    }


def _brief(known: Mapping[str, Row], case_id: str) -> dict[str, Any] | None:
    """A case by name, number and status; one that is not here by its name alone."""
    if not case_id:
        return None
    row = known.get(case_id)
    return {
        "case_id": case_id,
        "case_no": row["case_no"] if row is not None else "",
        "status": row["status"] if row is not None else "",
    }
