"""A unit's card, its gaps, and what an office still lacks, as plain values."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from types import MappingProxyType
from typing import Final

from node.service.phrases import NOTHING, Phrase


class Way(StrEnum):
    """How a unit gets its orders and says what became of them."""

    NONE = ""
    NODE = "node"
    SYSTEM = "system"
    FORM = "form"
    """A page that one of its people opens: nobody opens it without a clerk."""


WAYS: Final[Mapping[str, str]] = MappingProxyType({
    "": Way.NONE, "node": Way.NODE, "节点": Way.NODE, "system": Way.SYSTEM, "系统": Way.SYSTEM,
    "form": Way.FORM, "表单": Way.FORM,
})


def own_way(address: str) -> str:
    """How orders get to an address that says no more: a node is one, an adapter a system."""
    if not address:
        return Way.NONE
    return Way.NODE if address.startswith("node:") else Way.SYSTEM


@dataclass(frozen=True, slots=True, kw_only=True)
class Clerk:
    """Somebody who takes over cases (联络人). ``account`` is the token or login used."""

    name: str
    phone: str = ""
    active: bool = True
    account: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Plan:
    """An emergency plan (应急处置方案). ``digest`` names the stored file, ``place`` where it lies
    otherwise."""

    title: str
    digest: str = ""
    place: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class UnitCard:
    """One responsible unit (责任单位). ``region`` is the division code it answers for, of the
    nation or, where a zone has none there, of the city itself. ``address`` is where its orders go,
    "" = nowhere yet. Instants are aware UTC."""

    unit_id: str
    name: str
    kind: str
    group: str = ""
    parent: str = ""
    region: str = ""
    territorial: bool = False
    address: str = ""
    way: str = ""
    credit_code: str = ""
    leader: str = ""
    leader_phone: str = ""
    section: str = ""
    crew: str = ""
    duty_phone: str = ""
    clerks: tuple[Clerk, ...] = ()
    plans: tuple[Plan, ...] = ()
    note: str = ""
    valid_from: datetime | None = None
    valid_to: datetime | None = None

    def answers(self) -> bool:
        """Would somebody answer an order: a system that takes it, or an active clerk?"""
        if self.way == Way.NONE:
            return False
        return self.way != Way.FORM or any(one.active for one in self.clerks)

    def lacks(self) -> tuple[str, ...]:
        """What the card leaves open, as keys ``unit.lacks.<key>`` of the catalogue."""
        missing = [
            name
            for name in ("leader", "section", "crew", "duty_phone")
            if not getattr(self, name)
        ]
        if not any(one.active for one in self.clerks):
            missing.append("clerk")
        if not self.address:
            missing.append("address")
        if not self.plans:
            missing.append("plan")
        if self.territorial and not self.region:
            missing.append("region")
        return tuple(missing)


@dataclass(frozen=True, slots=True, kw_only=True)
class Gap:
    """What one card lacks. ``refused``: no order can be sent there as it stands."""

    unit_id: str
    name: str
    refused: bool
    lacks: tuple[str, ...]
    sentence: Phrase = NOTHING


@dataclass(frozen=True, slots=True, kw_only=True)
class Step:
    """One line of the set-up checklist: how much there is, and how much is missing."""

    subject: str
    complete: bool
    there: int
    missing: int
    sentence: Phrase
