"""Hand-written journals: entries of named offices, at hours of one morning."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

from node.core import events as ev
from node.core.calendar import EVERYDAY
from node.core.facts import (
    Address,
    Category,
    Ending,
    Facts,
    Limits,
    NodeId,
    Place,
    TimeLimit,
    TimeUnit,
)
from node.core.limits import LimitSet, Post
from node.core.tally import Noted, Row, rows_of

T0 = datetime(2026, 11, 2, 1, 0, tzinfo=UTC)  # Monday, 09:00 in Beijing
CITY, DISTRICT, STREET = "420200", "420203", "420203001"
CASE = "case"
CATEGORY = Category(standard_ref="GB/T 30428.2-2013", kind="component", code="0101", name="井盖")
MINUTES = {"accept": 30, "file": 30, "dispatch": 30, "verify": 120, "check": 240, "close": 60}
LIMITS = LimitSet(
    steps={Post(name): TimeLimit(value=n, unit=TimeUnit.MINUTE) for name, n in MINUTES.items()}
)


def counted(case_id: str, entries: Iterable[Noted]) -> tuple[Row, ...]:
    """The rows of a case, posts judged by round minutes."""
    return rows_of(case_id, entries, calendar=EVERYDAY, limits=LIMITS)


def at(hours: float) -> datetime:
    """So many hours after nine."""
    return T0 + timedelta(hours=hours)


def limits(hours: float | None, sign: float | None = 1) -> Limits:
    return Limits(
        sign_by=at(sign) if sign is not None else None,
        finish_by=at(hours) if hours is not None else None,
    )


def facts(**changed: Any) -> Facts:
    told = Facts(
        case_no="4202002026110200001",
        filing_node=NodeId(CITY),
        category=CATEGORY,
        place=Place(area="420203001002", address="湖滨大道1号", grid="42020300100211"),
        text="井盖破损",
        source="collector",
        reported_at=T0,
    )
    return replace(told, **changed)


class Journal:
    """Entries as offices write them, each with its own count."""

    def __init__(self) -> None:
        self.entries: list[Noted] = []
        self._versions: dict[str, int] = {}

    def __call__(
        self, node: str, actor: str, hour: float, entry: Any, /, **fields: Any
    ) -> Journal:
        version = self._versions.get(node, 0) + 1
        self._versions[node] = version
        event = entry(at=at(hour), **fields)
        self.entries.append(
            Noted(node=NodeId(node), branch=0, version=version, actor=actor, event=event)
        )
        return self

    # --- what offices write often ---

    def opened(self, hour: float = 0, *, actor: str = "wang", **changed: Any) -> Journal:
        return self(CITY, actor, hour, ev.CaseOpened, case_id=CASE, facts=facts(**changed))

    def filed(self, hour: float = 0.25, *, actor: str = "lead") -> Journal:
        return self(CITY, actor, hour, ev.CaseFiled)

    def assigned(
        self, hour: float = 0.5, *, to: str = f"node:{DISTRICT}", name: str = "a1",
        node: str = CITY, actor: str = "disp", hours: float | None = 8,
    ) -> Journal:
        return self(
            node, actor, hour, ev.Assigned, assignment_id=name, to=Address.parse(to),
            generation=1, limits=limits(hours),
        )

    def taken(
        self, hour: float = 0.6, *, node: str = DISTRICT, name: str = "a1",
        hours: float | None = 8, assignor: str = CITY, **changed: Any,
    ) -> Journal:
        return self(
            node, f"node:{assignor}", hour, ev.OrderTaken, case_id=CASE, assignor=assignor,
            assignment_id=name, generation=1, limits=limits(hours), facts=facts(**changed),
        )

    def done(self, hour: float, *, node: str = DISTRICT, said: float | None = None) -> Journal:
        said_at = at(hour if said is None else said)
        return self(node, "clerk", hour, ev.DutyDone, result="已更换", said_at=said_at)

    def ended(self, hour: float, ending: Ending, *, node: str = DISTRICT) -> Journal:
        return self(node, f"node:{CITY}", hour, ev.DutyEnded, ending=ending)

    def told(self, hour: float, *, name: str = "a1", said: float | None = None) -> Journal:
        """The filing office hears that it is done."""
        return self(
            CITY, f"node:{DISTRICT}", hour, ev.AssigneeDone, assignment_id=name, generation=1,
            said_at=at(hour if said is None else said), result="已更换",
        )

    # --- what comes of it ---

    def rows(self) -> tuple[Row, ...]:
        return counted(CASE, self.entries)

    def case(self) -> Row:
        (row,) = [one for one in self.rows() if one.kind == "case"]
        return row

    def leg(self, unit: str = DISTRICT) -> Row:
        (row,) = [one for one in self.rows() if one.kind == "leg" and one.unit == unit]
        return row

    def legs(self, unit: str = DISTRICT) -> list[Row]:
        return [one for one in self.rows() if one.kind == "leg" and one.unit == unit]

    def steps(self, post: str, step: str = "") -> list[Row]:
        found = [one for one in self.rows() if one.kind == "post" and one.post == post]
        return [one for one in found if step in ("", one.step)]
