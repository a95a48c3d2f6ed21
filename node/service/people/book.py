"""A file of roles (TOML), validated: what ``node.core.roles.RoleBook`` is read from, and which
operation of the API asks for which verbs or tool.

The shipped one lies in ``node/roles``; a profile names it, or one of the office's own.
"""

from __future__ import annotations

import tomllib
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Annotated

from pydantic import BaseModel, ConfigDict, Field

from node.core.rights import CALL_VERBS, DUTY_VERBS, OWN_VERBS
from node.core.roles import Ceiling, Reach, Role, RoleBook, Tool

VERBS = OWN_VERBS | DUTY_VERBS | CALL_VERBS
ROLES_MAX, TOOLS_MAX = 100, 200
_Name = Annotated[str, Field(pattern=r"^[a-z][a-z0-9_]{0,39}$")]
_Title = Annotated[str, Field(min_length=1, max_length=40)]


class _Table(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid")


class ToolIn(_Table):
    """``[tools.…]``."""

    title: _Title
    title_en: _Title
    reach: Reach
    operations: tuple[str, ...]


class RoleIn(_Table):
    """``[roles.…]``."""

    title: _Title
    title_en: _Title
    ceiling: Ceiling
    alone: bool = False
    begins: Annotated[str, Field(pattern=r"^[a-z]{0,40}$")] = ""
    verbs: tuple[str, ...]
    tools: tuple[str, ...]


class _File(_Table):
    version: Annotated[str, Field(min_length=1, max_length=40)]
    title: _Title
    granting: _Name
    first: Annotated[tuple[_Name, ...], Field(min_length=1)]
    basic: tuple[_Name, ...]
    operations: Mapping[str, Annotated[tuple[str, ...], Field(min_length=1)]]
    tools: Annotated[Mapping[_Name, ToolIn], Field(max_length=TOOLS_MAX)]
    roles: Annotated[Mapping[_Name, RoleIn], Field(min_length=1, max_length=ROLES_MAX)]


class Disordered(ValueError):
    """A file of roles that contradicts itself; ``problems`` lists each mistake."""

    def __init__(self, problems: tuple[str, ...]) -> None:
        super().__init__("; ".join(problems))
        self.problems = problems


@dataclass(frozen=True, slots=True, kw_only=True)
class Posts:
    """The roles of an office, and what each operation of the API asks for (all of it)."""

    book: RoleBook
    acts: Mapping[str, tuple[str, ...]]


def read_roles(path: Path) -> Posts:
    """Read a file. ``OSError``, ``tomllib.TOMLDecodeError``, ``ValidationError`` or
    ``Disordered``."""
    given = _File.model_validate(tomllib.loads(path.read_text(encoding="utf-8")))
    problems = tuple(_problems(given))
    if problems:
        raise Disordered(problems)
    acts = {name: tuple(verbs) for name, verbs in given.operations.items()}
    for name, tool in given.tools.items():
        acts.update(dict.fromkeys(tool.operations, (name,)))
    return Posts(
        book=RoleBook(
            version=given.version, title=given.title, granting=given.granting,
            first=given.first, basic=frozenset(given.basic),
            roles={
                name: Role(
                    title=role.title, title_en=role.title_en, verbs=frozenset(role.verbs),
                    tools=frozenset(role.tools), ceiling=role.ceiling, alone=role.alone,
                    begins=role.begins,
                )
                for name, role in given.roles.items()
            },
            tools={
                name: Tool(title=tool.title, title_en=tool.title_en, reach=tool.reach)
                for name, tool in given.tools.items()
            },
        ),
        acts=acts,
    )


def _problems(given: _File) -> list[str]:
    found = []
    seen: dict[str, str] = dict.fromkeys(given.operations, "operations")
    for operation, verbs in given.operations.items():
        found += [f"operations.{operation}: there is no verb {one}"
                  for one in verbs if one not in VERBS]
    for name, tool in given.tools.items():
        for one in tool.operations:
            if one in seen:
                found.append(f"tools.{name}: {one} stands in {seen[one]} already")
            seen[one] = f"tools.{name}"
    for name, role in given.roles.items():
        found += [f"roles.{name}: there is no verb {one}"
                  for one in role.verbs if one not in VERBS]
        found += [f"roles.{name}: there is no tool {one}"
                  for one in role.tools if one not in given.tools]
    found += [f"first: there is no role {one}" for one in given.first if one not in given.roles]
    found += [f"basic: there is no tool {one}" for one in given.basic if one not in given.tools]
    holders = [name for name in given.first
               if name in given.roles and given.granting in given.roles[name].tools]
    if not holders:
        found.append(f"first: whoever comes first has to have {given.granting}")
    return found
