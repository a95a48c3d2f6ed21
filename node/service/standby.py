"""Who stands by in an emergency (应急): cards of whoever has an urgent case, or might get it."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from node.service.unit_views import UnitCard

if TYPE_CHECKING:
    from node.service.office import Office


async def standby(office: Office, case_id: str) -> list[UnitCard]:
    """The cards to look at before an urgent case is handed over, and while it is out: of the unit
    that has it, else of all that the tables name, the proposed one first. None for a case that is
    not urgent. Persons' phones are masked, the duty phone (值班电话) is not: it is there to be
    called. ``UnknownCase`` if there is none."""
    document = await office.case(case_id)
    facts: dict[str, Any] = document["facts"] or {}
    if not facts.get("urgent"):
        return []
    if document["assignment"] is not None:
        return await office.cards.named([document["assignment"]["assignee"]])
    found = await office.propose(case_id)
    proposed = (found.unit, found.assignee, *found.units, *found.candidates, *found.assistants)
    return await office.cards.named(proposed)
