"""How a call is told: its row with names in words, instants, and where it stands."""

from __future__ import annotations

from typing import Any

from node.core.calls import CallRules, state_of
from node.core.errors import Invalid
from node.service.instants import to_time
from node.service.ports import Row
from node.service.surroundings import Surroundings

TIMES = ("received_at", "due_by", "answered_at", "reopened_at")


class Telling:
    """Says calls in the words of the rules and of the register of units."""

    def __init__(self, rules: CallRules, here: Surroundings) -> None:
        self.rules = rules
        self._here = here

    def call(self, row: Row, now_us: int) -> dict[str, Any]:
        """Every column, instants aware, with kind, channel and answer_channel named (``…_zh``,
        ``…_en``), holder_name and ``state``."""
        kind = self.rules.kinds.get(row["kind"])
        times = {name: to_time(row[name]) if row[name] is not None else None for name in TIMES}
        named = {}
        for name in ("channel", "answer_channel"):
            way = self.rules.channels.get(row[name])
            named[f"{name}_zh"] = way.zh if way is not None else row[name]
            named[f"{name}_en"] = way.en if way is not None else row[name]
        return {
            **{name: value for name, value in row.items() if name != "command_id"},
            **named,
            **times,
            "kind_zh": kind.zh if kind is not None else row["kind"],
            "kind_en": kind.en if kind is not None else row["kind"],
            "holder_name": self.unit(row["holder"]),
            "state": state_of(
                to_time(row["due_by"]), times["answered_at"], to_time(now_us)).value,
        }

    def unit(self, named: str) -> str:
        """The name of a unit, "" = our own desk."""
        return self._here.register.called(named) if named else ""

    def kind(self, code: str) -> str:
        """The name of a kind; a code that the rules list no more is its own name."""
        found = self.rules.kinds.get(code)
        return found.zh if found is not None else code

    def channel(self, code: str) -> str:
        """The name of a channel."""
        found = self.rules.channels.get(code)
        return found.zh if found is not None else code


def known(row: Row | None) -> Row:
    """The row, or ``Invalid`` (``call.unknown``)."""
    if row is None:
        raise Invalid("there is no such call here", code="call.unknown")
    return row
