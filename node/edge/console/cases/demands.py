"""What this one case demands of a form, said beside the fields before anybody sends it: photos of
its class, its closing condition, the end of a suspension. The rules themselves are the core's."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import TYPE_CHECKING, Any, Final

from node.core.facts import RequestKind
from node.service.case_words import PHOTOS

if TYPE_CHECKING:
    from node.edge.console.cases.fields import Field
    from node.edge.console.visit import Visit

FEEDBACK: Final = "feed-back"
ENDS: Final = {
    RequestKind.SUSPENSION.value: "挂账须写明到什么时候",
    RequestKind.EXTENSION.value: "留空即按规则顺延",
}
"""What is said beside the time that a request asks for, by its kind."""


def demanded(
    visit: Visit, word: str, field: Field, document: Mapping[str, Any], given: Mapping[str, str],
) -> Field:
    """The field with what this case demands there."""
    if field.name == "wanted_until" and given.get("kind", "") in ENDS:
        return replace(field, hint=visit.say(ENDS[given["kind"]]),
                       required=given["kind"] == RequestKind.SUSPENSION)
    if word != FEEDBACK:
        return field
    facts = document["facts"] or {}
    wanted = facts.get("wanted") or {}
    if field.name == "photos" and wanted.get("photos"):
        roles = visit.say("、").join(visit.say(PHOTOS.get(one, one)) for one in wanted["photos"])
        return replace(field, required=True, hint=visit.say("须附：%(roles)s", roles=roles))
    if field.name == "closing_met" and facts.get("closing"):
        # Somebody says so by hand: what nobody looked at is not met.
        return replace(
            field, required=True, chosen="",
            hint=visit.say("结案条件：%(closing)s", closing=facts["closing"]))
    return field
