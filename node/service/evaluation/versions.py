"""Versions of the indicators as the rooms hold them: which one there is, which one held when.

Apart from the reading of files, whose machinery only an office needs that evaluates.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from node.core.errors import Invalid
from node.core.indicators import Definition
from node.core.periods import Period
from node.service.phrases import Phrase, phrase


@dataclass(frozen=True, slots=True, kw_only=True)
class Version:
    """A definition with the very text it was read from."""

    definition: Definition
    text: str


class BadDefinition(Invalid):
    """A file of indicators that cannot be used; ``sentences`` say everything that is wrong."""

    default_code = "evaluation.definition"

    def __init__(self, name: str, sentences: Sequence[Phrase] = ()) -> None:
        listed = "; ".join(sentence.say("en") for sentence in sentences)
        super().__init__(f"{name}: {listed}", code="evaluation.definition", name=name)
        self.sentences = tuple(sentences)


class Definitions:
    """Every version this node knows; the one that holds for a period is the newest of those that
    were valid when the period began."""

    def __init__(self, versions: Iterable[Version]) -> None:
        found: dict[str, Version] = {}
        for version in versions:
            name = version.definition.version
            if name in found:
                raise BadDefinition(name, [phrase("definition.twice", given=name)])
            found[name] = version
        self._versions = found

    def all(self) -> tuple[Version, ...]:
        """Oldest first."""
        return tuple(
            sorted(
                self._versions.values(),
                key=lambda one: (one.definition.valid_from, one.definition.version),
            )
        )

    def named(self, version: str) -> Version:
        """``Invalid`` (``evaluation.version``) if there is no such version."""
        found = self._versions.get(version)
        if found is None:
            raise Invalid(f"there are no indicators {version!r}", code="evaluation.version")
        return found

    def of(self, period: Period, version: str = "") -> Version:
        """The version that holds for a period, unless one is named."""
        if version:
            return self.named(version)
        held = [one for one in self.all() if one.definition.valid_from <= period.first]
        if not held:
            raise Invalid(
                f"no version of the indicators was valid on {period.first}",
                code="evaluation.version",
            )
        return held[-1]
