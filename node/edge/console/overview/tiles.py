"""The file of figures of the day: which of them the indicators in force can tell."""

from __future__ import annotations

import tomllib
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache
from importlib.resources import files
from typing import Any

from node.core.indicators import Definition, Shown


@dataclass(frozen=True, slots=True, kw_only=True)
class Tile:
    """One figure: a counter over a window, or a rate; see ``tiles.toml``."""

    title: str
    subject: str
    counter: str = ""
    window: str = ""
    rate: str = ""
    our: str = ""
    trend: str = ""
    parts: bool = False

    def shown(self, definition: Definition) -> tuple[Shown, ...]:
        """What is counted for it: of a rate numerator and denominator, in this order; nothing where
        the rules lack it."""
        subject = definition.subjects.get(self.subject)
        if subject is None:
            return ()
        if self.rate:
            rate = definition.rates.get(self.rate)
            if rate is None or rate.attributed:
                return ()
            names, window = [rate.numerator, rate.denominator], rate.window
        else:
            names, window = [self.counter], self.window
        known = window in definition.windows and all(
            name in definition.counters and subject.kind in definition.counters[name].kinds
            for name in names)
        return tuple(Shown(counter=name, window=window) for name in names) if known else ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Tiles:
    """The whole file."""

    version: str
    places: str
    classes: str
    days: int
    lines: int
    tiles: Sequence[Tile]

    def told_by(self, definition: Definition) -> list[Tile]:
        """Those that these rules can tell."""
        return [one for one in self.tiles if one.shown(definition)]


@cache
def tiles() -> Tiles:
    """The shipped file; it is part of the program, so it is sound."""
    text = files("node.edge.console.overview").joinpath("tiles.toml").read_text(encoding="utf-8")
    given: dict[str, Any] = tomllib.loads(text)
    listed = [Tile(**one) for one in given.pop("tile")]
    return Tiles(**given, tiles=listed)
