"""Kinds and groups of responsible units, read from data (``node/units/kinds.toml``)."""

from __future__ import annotations

import tomllib
from collections.abc import Mapping
from functools import cache
from importlib.resources import files
from types import MappingProxyType

from pydantic import BaseModel, ConfigDict

from node.core.errors import Invalid


class Kind(BaseModel):
    """One kind of body. ``territorial``: it answers for an area, not for a class of things."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    zh: str
    en: str
    group: str
    territorial: bool = False


class Kinds(BaseModel):
    """Everything a unit can be, and the groups in which units are reported."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    kinds: Mapping[str, Kind]
    groups: Mapping[str, tuple[str, str]]

    def named(self) -> Mapping[str, str]:
        """Kinds by what a sheet may call them: their key, Chinese or English."""
        return MappingProxyType({
            word: key for key, kind in self.kinds.items() for word in (key, kind.zh, kind.en)
        })

    def groups_named(self) -> Mapping[str, str]:
        """Groups by their key, Chinese or English; an empty cell stays empty."""
        return MappingProxyType({
            "": "", **{word: key for key, names in self.groups.items() for word in (key, *names)}
        })


@cache
def unit_kinds() -> Kinds:
    """The shipped file; it is part of the program, so it is sound."""
    text = (files("node") / "units" / "kinds.toml").read_text(encoding="utf-8")
    return Kinds.model_validate(tomllib.loads(text))


def group_named(word: str) -> str:
    """The key of a group that somebody named by key, Chinese or English; "" stays "". ``Invalid``
    (``unit.group``) for a word that names none."""
    named = unit_kinds().groups_named()
    if word not in named:
        known = ", ".join(f"{key} {names[0]}" for key, names in unit_kinds().groups.items())
        raise Invalid(f"{word!r} is no group of units; there are {known}", code="unit.group")
    return named[word]


def group_called(key: str, *, chinese: bool) -> str:
    """What people call a group; a key that is none of ours stays as it is."""
    names = unit_kinds().groups.get(key)
    return key if names is None else names[0 if chinese else 1]
