"""What an office works by: its profile, its limits; and what another profile would change."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final

from node.core.capability import effective
from node.core.limits import LimitSet
from node.core.revising import Change, differences
from node.core.rights import Rights, openings
from node.service.profile import Profile
from node.service.surroundings import Surroundings

if TYPE_CHECKING:
    from node.service.evaluation.versions import Version

KEY: Final = "profile"


@dataclass(frozen=True, slots=True, kw_only=True)
class Switch:
    """What another profile would change: its settings, and which verbs the office would gain and
    lose, each with its side (own, duty, calls)."""

    settings: Change | None
    gained: tuple[tuple[str, str], ...]
    lost: tuple[tuple[str, str], ...]


class Rulebook:
    """The profiles that come with the program and the office's own, limits, indicators.
    ``named`` reads a profile with all its files, ``rights`` its matrix; both raise ``OSError`` or
    ``ValueError``."""

    def __init__(
        self, *, surroundings: Surroundings, names: Callable[[], Sequence[str]],
        named: Callable[[str], Profile], rights: Callable[[Profile], Rights],
    ) -> None:
        self._surroundings = surroundings
        self._names, self._named, self._rights = names, named, rights

    def names(self) -> Sequence[str]:
        """Of those that can be named in the settings."""
        return self._names()

    def titles(self) -> dict[str, str]:
        """The title of each, as its file gives it. A file that cannot be used has none."""
        found = {}
        for name in self.names():
            try:
                found[name] = self._named(name).title
            except (OSError, ValueError):
                found[name] = ""
        return found

    def present(self) -> tuple[Profile, Rights]:
        """What the office works by."""
        profile = self._surroundings.profile
        arranged = self._surroundings.arrangement
        return profile, arranged.rights if arranged is not None else self._rights(profile)

    def limits(self) -> LimitSet:
        """The limits of posts, and the one of handling where no condition gives one."""
        return self._surroundings.limits

    def looked_through(self, text: str, name: str) -> Version:
        """A file of indicators, if it can be used here. ``BadDefinition`` with every fault."""
        # Loaded here: only whoever writes such a file asks.
        from node.service.evaluation.definitions import read_definition

        return read_definition(text, name=name, sources=self._surroundings.sources)

    def switch(self, name: str) -> Switch:
        """What naming another one would change. ``OSError``, ``ValueError``: it cannot be used."""
        other = self._named(name)
        now, rights = self.present()
        before, after = _plain(now), _plain(other)
        changes = differences({KEY: before}, {KEY: after})
        opened = self._open(now, rights), self._open(other, self._rights(other))
        return Switch(
            settings=changes[0] if changes else None,
            gained=tuple(sorted(opened[1] - opened[0])), lost=tuple(sorted(opened[0] - opened[1])))

    def _open(self, profile: Profile, rights: Rights) -> frozenset[tuple[str, str]]:
        here = self._surroundings
        assignees = bool(here.adapters) or bool(here.children)
        return openings(rights, effective(profile.capabilities, has_assignees=assignees))


def _plain(profile: Profile) -> dict[str, Any]:
    """Settings by their dotted names, as values of JSON; sets in order."""
    found: dict[str, Any] = {}
    meant = profile.model_dump()
    for name, value in profile.model_dump(mode="json").items():
        inner, kinds = (value, meant[name]) if isinstance(value, dict) else (
            {"": value}, {"": meant[name]})
        for part, one in inner.items():
            key = f"{name}.{part}" if part else name
            found[key] = sorted(one) if isinstance(kinds.get(part), frozenset) else one
    return found
