"""Who may do what to which case: roles, the scope they cover, and one decision.

A role names verbs (commands of the core) and tools (everything else that an office does: lists,
imports, links, accounts). A scope says of which cases: of areas, of classes, of units; an empty
part is all of it. Both are data; this module only compares. Whether the *office* holds a right is
another question (``node.core.rights``), and it is asked as well.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass
from enum import StrEnum
from typing import Final

from node.core.errors import Invalid, NotPermitted

ALL: Final = "*"
"""Among the roles of a token: every one of them."""
SCOPE_MAX: Final = 50
"""Entries of one part of a scope."""


class Reach(StrEnum):
    """How a tool meets a scope that is not the whole office."""

    OPEN = "open"
    """Says nothing of cases: reference data, oneself."""
    CASE = "case"
    """About one case, which is compared with the scope."""
    LISTED = "listed"
    """A list, from which what is outside of the scope is left out."""
    WHOLE = "whole"
    """About all cases at once: only for those whose scope is the whole office."""


class Ceiling(StrEnum):
    """The most that somebody may do, before any role is asked; each includes the one before."""

    READ = "read"
    OPERATE = "operate"
    ADMIN = "admin"


_RANK: Final = {Ceiling.READ: 0, Ceiling.OPERATE: 1, Ceiling.ADMIN: 2}


@dataclass(frozen=True, slots=True, kw_only=True)
class Scope:
    """``areas``: codes of divisions, each with all below it. ``codes``: classes, by the beginning
    of their code. ``units``: assignees (``node:…``, ``adapter:…``) that hold, or held, the case.
    A case is inside if it fits every part that is not empty."""

    areas: tuple[str, ...] = ()
    codes: tuple[str, ...] = ()
    units: tuple[str, ...] = ()

    @property
    def is_whole(self) -> bool:
        """Whether it leaves nothing out."""
        return not (self.areas or self.codes or self.units)


WHOLE: Final = Scope()


@dataclass(frozen=True, slots=True, kw_only=True)
class CaseAt:
    """What a scope is compared with. ``units``: everybody it is, or was, assigned to."""

    area: str
    code: str
    units: frozenset[str] = frozenset()


@dataclass(frozen=True, slots=True, kw_only=True)
class Tool:
    """Something an office does that is no verb on a case."""

    title: str
    title_en: str
    reach: Reach


@dataclass(frozen=True, slots=True, kw_only=True)
class Role:
    """One post. ``alone``: whoever has it has no other role, while administrators are separated
    (三员分立). ``begins``: the room of the console that opens first, "" = the first of theirs."""

    title: str
    title_en: str
    verbs: frozenset[str] = frozenset()
    tools: frozenset[str] = frozenset()
    ceiling: Ceiling = Ceiling.READ
    alone: bool = False
    begins: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class RoleBook:
    """The roles of one office. ``granting``: the tool of those who give roles. ``separated``:
    whether roles that stand alone do. ``basic``: tools that everybody has."""

    version: str
    title: str
    roles: Mapping[str, Role]
    tools: Mapping[str, Tool]
    granting: str
    first: tuple[str, ...]
    basic: frozenset[str] = frozenset()
    separated: bool = True

    def holders(self, act: str) -> tuple[str, ...]:
        """Roles that hold a verb or tool, in the order of the data."""
        return tuple(
            name for name, role in self.roles.items() if act in role.verbs or act in role.tools
        )

    def reach(self, act: str) -> Reach:
        """Of a tool; a verb is about one case."""
        tool = self.tools.get(act)
        return tool.reach if tool is not None else Reach.CASE

    def ceiling(self, roles: Iterable[str]) -> Ceiling:
        """The highest one of these roles; ``ALL`` of them have the highest there is."""
        named = set(roles)
        found = [role.ceiling for name, role in self.roles.items() if {name, ALL} & named]
        return max(found, key=lambda one: _RANK[one], default=Ceiling.READ)


@dataclass(frozen=True, slots=True, kw_only=True)
class Person:
    """Who asks. ``by_roles`` False: a program's token, for which its ceiling alone is asked.
    ``acts`` None, or the verbs and tools to which a token is narrowed."""

    name: str
    roles: frozenset[str] = frozenset()
    scope: Scope = WHOLE
    by_roles: bool = True
    acts: frozenset[str] | None = None

    @property
    def is_unbound(self) -> bool:
        """Whether nothing but its ceiling holds it: there is nothing to ask."""
        return not self.by_roles and self.acts is None and self.scope.is_whole


def may(book: RoleBook, person: Person, act: str) -> bool:
    """Whether one of the roles holds a verb or tool, and the token was not narrowed below it."""
    if person.acts is not None and act not in person.acts and act not in book.basic:
        return False
    if not person.by_roles or ALL in person.roles or act in book.basic:
        return True
    roles = book.roles
    return any(
        act in roles[one].verbs or act in roles[one].tools for one in person.roles if one in roles
    )


def covers(scope: Scope, case: CaseAt) -> bool:
    """Whether a case is inside of a scope."""
    return (
        (not scope.areas or any(case.area.startswith(one) for one in scope.areas))
        and (not scope.codes or any(case.code.startswith(one) for one in scope.codes))
        and (not scope.units or not case.units.isdisjoint(scope.units))
    )


def permit(book: RoleBook, person: Person, act: str, case: CaseAt | None = None) -> None:
    """The one decision: who (roles and scope), what (a verb or tool), which (a case, None = none
    is meant, or there is none). ``NotPermitted`` with ``right.missing``, ``scope.outside`` or
    ``scope.whole``, and who could: ``needed`` are the roles that hold the act."""
    if not may(book, person, act):
        raise NotPermitted(
            f"{person.name} holds no role that may {act}", code="right.missing",
            act=act, needed=",".join(book.holders(act)), granting=",".join(granters(book)),
        )
    if person.scope.is_whole:
        return
    reach = book.reach(act)
    if reach is Reach.WHOLE:
        raise NotPermitted(
            f"{act} is about the whole office, and the scope of {person.name} is a part of it",
            code="scope.whole", act=act, granting=",".join(granters(book)),
        )
    if reach is Reach.CASE and case is not None and not covers(person.scope, case):
        raise NotPermitted(
            f"this case is outside of the scope of {person.name}", code="scope.outside",
            act=act, lacking=",".join(_lacking(person.scope, case)),
            granting=",".join(granters(book)),
        )


def granters(book: RoleBook) -> tuple[str, ...]:
    """Roles that give roles."""
    return book.holders(book.granting)


def _lacking(scope: Scope, case: CaseAt) -> list[str]:
    parts = (
        ("area", Scope(areas=scope.areas)), ("class", Scope(codes=scope.codes)),
        ("unit", Scope(units=scope.units)),
    )
    return [name for name, part in parts if not covers(part, case)]


def combined(book: RoleBook, roles: Collection[str]) -> tuple[str, ...]:
    """The roles of one account, sorted. ``Invalid``: ``role.unknown``; ``role.apart`` for roles
    that no one account holds together."""
    named = tuple(sorted(set(roles)))
    for one in named:
        if one not in book.roles:
            raise Invalid(f"there is no role {one}", code="role.unknown", role=one)
    alone = [one for one in named if book.roles[one].alone]
    if book.separated and alone and len(named) > 1:
        raise Invalid(
            f"{alone[0]} is held alone: {', '.join(named)} are hands of different people",
            code="role.apart", role=alone[0], role_zh=book.roles[alone[0]].title,
            role_en=book.roles[alone[0]].title_en, named=", ".join(named),
        )
    return named


def scoped(areas: Iterable[str], codes: Iterable[str], units: Iterable[str]) -> Scope:
    """A scope from lists; ``Invalid`` (``role.scope``)."""
    parts = [tuple(sorted({one.strip() for one in part if one.strip()}))
             for part in (areas, codes, units)]
    for part in parts:
        if len(part) > SCOPE_MAX or any("," in one or len(one) > 80 for one in part):
            raise Invalid(
                f"a scope has {SCOPE_MAX} entries of a kind at most, without commas",
                code="role.scope",
            )
    return Scope(areas=parts[0], codes=parts[1], units=parts[2])
