"""Nobody signs: the order climbs the chain of persons on the unit's card (逐级催签).

The rungs are data of the office that handed over; the names stand on the card. A rung without a
name on the card is climbed all the same, and says that nobody is named there. Source: leader in
charge, section, persons who take cases over, duty rota (000 art. 10; 001 art. 11; 002 section
4(3)2; 003 section 5(1); 004 art. 8).
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum

from node.core.facts import TimeLimit


class Rung(StrEnum):
    """Who is named on a card, in the usual order of a chain."""

    CLERK = "clerk"
    """The first who takes cases over (联络人)."""
    DEPUTY = "deputy"
    """The second of them."""
    LEADER = "leader"
    """The leader in charge (分管领导)."""
    DUTY = "duty"
    """Whoever is on duty (值班): the section, whose phone is on the card and in no journal."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Step:
    """``after`` the time to sign has passed, it is ``to``'s turn."""

    after: TimeLimit
    to: Rung


@dataclass(frozen=True, slots=True, kw_only=True)
class Chain:
    """The rungs from below. ``text`` is what the unit reads, with ``{since}`` (when it should have
    been signed), ``{post}`` in the words of ``posts`` and ``{name}``."""

    steps: tuple[Step, ...] = ()
    text: str = "{post} {name} {since}"
    posts: Mapping[str, str] = field(default_factory=dict)

    def say(self, rung: Rung, name: str, since: str) -> str:
        """The sentence for one rung; without a name it stays empty there."""
        return self.text.format(post=self.posts.get(rung, rung.value), name=name, since=since)


@dataclass(frozen=True, slots=True, kw_only=True)
class Climbed:
    """How far an unsigned order has climbed: ``step`` counts from 1. ``next_at`` None = the chain
    ends here."""

    step: int
    post: str
    name: str
    since: datetime
    next_at: datetime | None
