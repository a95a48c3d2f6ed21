"""One row of the evaluation, and what it is computed from."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from types import MappingProxyType

from node.core.counters import RowKind
from node.core.events import Event
from node.core.facts import Facts, NodeId

NOTHING: Mapping[str, datetime] = MappingProxyType({})


@dataclass(frozen=True, slots=True, kw_only=True)
class Noted:
    """One journal entry of a case: ours, or one from below under its maker's seal."""

    node: NodeId
    branch: int
    version: int
    actor: str
    event: Event


@dataclass(frozen=True, slots=True, kw_only=True)
class About:
    """The keys that the facts of a case give to each of its rows."""

    filing_node: str
    case_no: str
    area: str
    grid: str
    standard_ref: str
    category_kind: str
    code: str
    component: str
    source: str

    @classmethod
    def case(cls, facts: Facts) -> About:
        """As these facts tell."""
        category = facts.category
        return cls(
            filing_node=facts.filing_node,
            case_no=facts.case_no,
            area=facts.place.area,
            grid=facts.place.grid,
            standard_ref=category.standard_ref,
            category_kind=category.kind,
            code=category.code,
            component=facts.component,
            source=facts.source,
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class Row:
    """What one case, leg or step counts for. ``ref`` names it within its case and kind; ``marks``
    hold the instants of ``node.core.counters.MARKS`` that are set. Instants are aware UTC."""

    case_id: str
    kind: RowKind
    ref: str
    maker: str
    about: About
    unit: str = ""
    assignor: str = ""
    post: str = ""
    step: str = ""
    actor: str = ""
    score: str = ""
    excluded: str = ""
    begun_at: datetime | None = None
    due_at: datetime | None = None
    done_at: datetime | None = None
    filed_at: datetime | None = None
    rated_at: datetime | None = None
    marks: Mapping[str, datetime] = field(default_factory=lambda: NOTHING)

    @property
    def settle_at(self) -> datetime | None:
        """When the row counts as settled: done, or due without being done, whichever came
        first, but never before it began: what came when its time was up counts where it came.
        None: neither, because it is suspended or has no deadline."""
        both = [one for one in (self.due_at, self.done_at) if one is not None]
        settled = min(both, default=None)
        if settled is None or self.begun_at is None:
            return settled
        return max(settled, self.begun_at)


def in_order(entries: list[Noted]) -> list[Noted]:
    """The entries of one maker as it wrote them, whatever the order in which they arrived."""
    return sorted(entries, key=lambda one: (one.branch, one.version))
