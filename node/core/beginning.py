"""How a case begins out of another: an assisting part, or one that takes a closed case up again."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime

from node.core import events as ev
from node.core.effects import OpenAnother
from node.core.facts import NodeId


def begin(
    another: OpenAnother, *, node: NodeId, case_no: str, at: datetime
) -> tuple[ev.Event, ...]:
    """The first events of the new case, which is ``node``'s own, under its number. A part is filed
    in the same breath, under the condition of its lead: that was looked at and filed already."""
    opened = ev.CaseOpened(
        at=at,
        case_id=another.case_id,
        facts=replace(another.facts, filing_node=node, case_no=case_no),
        contact=another.contact,
        wants_reply=another.wants_reply,
        text=another.text,
    )
    if another.filed is None:
        return (opened,)
    condition = another.condition
    if condition is None:
        return (
            opened, ev.CaseFiled(at=at, text=another.filed, wanted=another.facts.wanted)
        )
    filed = ev.CaseFiled(
        at=at,
        text=another.filed,
        condition_no=condition.condition_no,
        catalog_version=condition.catalog_version,
        filing=condition.filing,
        closing=condition.closing,
        limit_count=condition.limit_count,
        limit_unit=condition.limit_unit,
        wanted=another.facts.wanted,
    )
    return (opened, filed)
