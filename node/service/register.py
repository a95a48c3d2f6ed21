"""The units of an office as routing asks for them: by id, name, credit code or address.

Held in memory and replaced as a whole whenever a card changes, so that the writer thread reads it
without a lock.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from types import MappingProxyType

from node.core.climbing import Rung
from node.core.facts import Address
from node.core.routing import Unit


@dataclass(frozen=True, slots=True, kw_only=True)
class Entry:
    """One unit, why nobody there would answer ("" = somebody does), who is named on its card, and
    the group in which it is reported."""

    unit: Unit
    gap: str = ""
    credit_code: str = ""
    chain: Mapping[Rung, str] = field(default_factory=dict)
    group: str = ""


class Register:
    """Every unit that counts today."""

    def __init__(self, entries: Iterable[Entry] = ()) -> None:
        kept = tuple(entries)
        self.units: tuple[Unit, ...] = tuple(one.unit for one in kept)
        self._gaps: Mapping[str, str] = MappingProxyType(
            {str(one.unit.address): one.gap for one in kept if one.unit.address is not None}
        )
        self._chains: Mapping[str, Mapping[Rung, str]] = MappingProxyType(
            {str(one.unit.address): one.chain for one in kept if one.unit.address is not None}
        )
        self._groups: Mapping[str, str] = MappingProxyType(
            {one.unit.unit_id: one.group for one in kept}
        )
        found: dict[str, Unit] = {}
        for unit in self.units:
            # an id is never mistaken for somebody else's name
            found.setdefault(unit.name, unit)
        for one in kept:
            if one.unit.address is not None:
                found[str(one.unit.address)] = one.unit
            if one.credit_code:
                found[one.credit_code] = one.unit
        for unit in self.units:
            found[unit.unit_id] = unit
        self._found = MappingProxyType(found)

    def find(self, named: str) -> Unit | None:
        """The unit of this id, name, address or social credit code."""
        return self._found.get(named) if named else None

    def group_of(self, named: str) -> str:
        """The group in which that unit is reported; "" = there is no card, or it says none."""
        unit = self.find(named)
        return self._groups[unit.unit_id] if unit is not None else ""

    def called(self, named: str) -> str:
        """The name of that unit, or what it was called."""
        unit = self.find(named)
        return unit.name if unit is not None and unit.name else named

    def unanswerable(self, to: Address) -> str:
        """Why nobody would answer an order to this address; "" = somebody does, or nobody has
        written a card."""
        return self._gaps.get(str(to), "")

    def named_at(self, to: Address, rung: Rung) -> str:
        """Who is named on the card of this address; "" = nobody, or there is no card."""
        return self._chains.get(str(to), {}).get(rung, "")

    def __len__(self) -> int:
        return len(self.units)


EMPTY = Register()
