"""A file of shared data sets (TOML), validated. The shipped one lies in ``node/standards``; a
profile names it, or one of the office's own."""

from __future__ import annotations

import tomllib
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from types import MappingProxyType
from typing import Annotated, Final, Self

from pydantic import BaseModel, ConfigDict, Field, StringConstraints, model_validator

from hub.ids import NODE_ID
from node.core.sharing import DataSet, Sharing

SETS_MAX: Final = 64
NODES_MAX: Final = 200
LAYERS: Final = frozenset({
    "", "address", "component", "coverage", "grid.beat", "grid.responsibility", "grid.unit",
    "organisation", "region",
})
"""What of a node can be a data set (``node.store.places``)."""

Words = Annotated[str, StringConstraints(strip_whitespace=True, min_length=1, max_length=300)]


@dataclass(frozen=True, slots=True, kw_only=True)
class Catalogue:
    """One file. ``free_not_for``: groups of units that are no bodies of government."""

    version: str
    sets: Mapping[str, DataSet]
    free_not_for: frozenset[str]


class _Row(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid")


class SetRow(_Row):
    """One data set."""

    code: Annotated[str, StringConstraints(pattern=r"^[a-z][a-z0-9_]{0,31}$")]
    zh: Words
    en: Words
    sharing: Sharing
    basis: Words
    source: Words
    layer: str = ""
    nodes: Annotated[frozenset[str], Field(max_length=NODES_MAX)] = frozenset()

    @model_validator(mode="after")
    def _is_sound(self) -> Self:
        if self.layer not in LAYERS:
            raise ValueError(f"{self.code}: {self.layer!r} is no layer of places")
        if (self.sharing is Sharing.BARRED) is bool(self.layer):
            raise ValueError(f"{self.code}: a shared set names its layer, a barred one none")
        if self.sharing is Sharing.BARRED and self.nodes:
            raise ValueError(f"{self.code}: what a law bars is approved for nobody")
        if self.sharing is Sharing.APPROVED and not self.nodes:
            raise ValueError(f"{self.code}: an approved set names the nodes it was approved for")
        for one in self.nodes:
            if not NODE_ID.fullmatch(one):
                raise ValueError(f"{self.code}: {one!r} is no id of a node")
        return self


class SharingFile(_Row):
    """One file; unknown keys are mistakes."""

    version: Words
    free_not_for: frozenset[str] = frozenset()
    dataset: Annotated[tuple[SetRow, ...], Field(max_length=SETS_MAX)]

    @model_validator(mode="after")
    def _has_one_of_each(self) -> Self:
        codes = [one.code for one in self.dataset]
        if len(set(codes)) < len(codes):
            raise ValueError("a data set stands twice in the file")
        return self


def read_catalogue(path: Path) -> Catalogue:
    """Read a file of data sets. ``OSError``, ``TOMLDecodeError`` or ``ValidationError``."""
    file = SharingFile.model_validate(tomllib.loads(path.read_text(encoding="utf-8")))
    return Catalogue(
        version=file.version, free_not_for=file.free_not_for,
        sets=MappingProxyType({
            one.code: DataSet(**{name: getattr(one, name) for name in SetRow.model_fields})
            for one in file.dataset}))
