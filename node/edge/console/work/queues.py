"""Queues of the work list: named filters, each for those who have something to do there."""

from __future__ import annotations

import tomllib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from importlib.resources import files
from typing import TYPE_CHECKING, Any, Final
from urllib.parse import parse_qsl, urlencode

from node.core.roles import Scope, may
from node.edge.console.frame import Entry, shown
from node.service.views import CaseFilter

if TYPE_CHECKING:
    from node.edge.console.visit import Visit

PATH: Final = "/console/work"
FLAGS: Final = frozenset({"overdue", "no_owner", "contested", "undispatched"})
"""Filters that are set or not; the others have a value."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Queue:
    """One queue. ``verbs``: whoever holds one of them sees it, () = everybody; ``quiet``: it is
    rare, and named only while something waits there; ``page``: the desk that shows it, where it has
    one of its own; ``sort``: the order that it opens in, "" = newest first."""

    name: str
    title: str
    filters: Mapping[str, str]
    verbs: tuple[str, ...] = ()
    late: bool = False
    counted: bool = True
    quiet: bool = False
    page: str = PATH
    sort: str = ""

    @property
    def path(self) -> str:
        """Where it is shown."""
        order = {"sort": self.sort} if self.sort else {}
        return f"{self.page}?{urlencode({'queue': self.name, **self.filters, **order})}"

    def asked(self, scope: Scope) -> CaseFilter:
        """The same as the use case takes it."""
        given: dict[str, Any] = {
            name: value == "true" if name in FLAGS else value
            for name, value in self.filters.items()
        }
        return CaseFilter(**given, scope=scope)


@cache
def all_queues() -> tuple[Queue, ...]:
    """The file of queues."""
    text = files("node.edge.console.work").joinpath("queues.toml").read_text(encoding="utf-8")
    return tuple(
        Queue(**{**one, "verbs": tuple(one["verbs"])}) for one in tomllib.loads(text)["queue"])


def queues_of(visit: Visit) -> list[Queue]:
    """Those of this person."""
    book, person = visit.desk.access.book, visit.caller.person
    return [
        one for one in all_queues()
        if not one.verbs or any(may(book, person, verb) for verb in one.verbs)
    ]


async def counted(visit: Visit, queues: Sequence[Queue]) -> tuple[Entry, ...]:
    """Lines of the side with how many cases wait in each."""
    scope = visit.caller.person.scope
    asked = [one for one in queues if one.counted]
    numbers = await visit.desk.queries.counts([one.asked(scope) for one in asked])
    found = dict(zip((one.name for one in asked), numbers, strict=True))
    open_now = dict(parse_qsl(visit.seen.query)).get("queue", "")
    return tuple(
        Entry(
            path=one.path, title=visit.say(one.title), key="", here=one.name == open_now,
            count=found.get(one.name),
            shown=shown(found[one.name]) if one.name in found else "",
            late=one.late and found.get(one.name, 0) > 0,
        )
        for one in queues
        if not one.quiet or found.get(one.name) or one.name == open_now
    )
