"""Accounts, roles and tokens as their pages show them."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from node.core.roles import ALL, Role
from node.edge.console.frame import moment
from node.edge.console.people import words
from node.service.people.accounts import AccountView
from node.service.people.sessions import SessionRow
from node.service.views import TokenView

if TYPE_CHECKING:
    from node.edge.console.visit import Visit


@dataclass(frozen=True, slots=True, kw_only=True)
class Person:
    """One account. ``own``: of whoever looks; nobody changes their own."""

    login: str
    name: str
    look: str
    state: str
    state_said: str
    roles: str
    scope: str
    factor: str
    made: str
    locked: str
    own: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class Post:
    """One role. ``held``: whether the account has it."""

    name: str
    title: str
    alone: bool
    held: bool
    verbs: int
    tools: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Pass:
    """One token."""

    name: str
    scope: str
    owner: str
    roles: str
    ends: str
    addresses: str
    locked: str


def titles(visit: Visit, roles: Sequence[str]) -> str:
    """Roles by their titles; one that the office has no more by its name."""
    book = visit.desk.access.book
    return visit.say("、").join(
        title(visit, book.roles[one]) if one in book.roles
        else visit.say("全部岗位") if one == ALL else one
        for one in roles)


def title(visit: Visit, role: Role) -> str:
    """A role's title in the language of the page."""
    return role.title_en if visit.language == "en" else role.title


def person(visit: Visit, one: AccountView) -> Person:
    """One account."""
    say = visit.say
    look, said = words.STATES[one.state]
    parts = [
        say("区划 %(all)s", all=say("、").join(one.areas)) if one.areas else "",
        say("类别 %(all)s", all=say("、").join(one.codes)) if one.codes else "",
        say("单位 %(all)s", all=say("、").join(map(visit.desk.queries.called, one.units)))
        if one.units else "",
    ]
    return Person(
        login=one.login, name=one.name, look=look, state=one.state, state_said=say(said),
        roles=titles(visit, one.roles) or say("尚无岗位"),
        scope=say("；").join(filter(None, parts)) or say("全部"),
        factor=say("已启用") if one.second_factor else say("未启用"),
        made=say("%(at)s，由 %(by)s", at=moment(one.created_at), by=one.created_by),
        locked=say("%(at)s 由 %(by)s 锁定：%(why)s", at=moment(one.locked_at), by=one.locked_by,
                   why=one.lock_reason or "—") if one.locked_at is not None else "",
        own=one.login == visit.caller.name,
    )


def fits(one: AccountView, text: str, role: str, state: str) -> bool:
    """Whether an account is asked for; "" = whichever."""
    return (
        (not text or text in one.login or text in one.name)
        and (not role or role in one.roles)
        and (one.state == state if state else one.state != "ended")
    )


def posts(visit: Visit, held: Sequence[str] = ()) -> list[Post]:
    """Every role of the office."""
    book = visit.desk.access.book
    english = visit.language == "en"
    return [
        Post(
            name=name, title=title(visit, role), alone=role.alone, held=name in held,
            verbs=len(role.verbs),
            tools=visit.say("、").join(
                (tool.title_en if english else tool.title)
                for key, tool in book.tools.items() if key in role.tools),
        )
        for name, role in book.roles.items()
    ]


def passes(visit: Visit, tokens: Sequence[TokenView]) -> list[Pass]:
    """Live tokens."""
    say = visit.say
    return [
        Pass(
            name=one.name, scope=say(words.SCOPES.get(one.scope, one.scope)),
            owner=one.account or say("程序"), roles=titles(visit, one.roles) or "—",
            ends=moment(one.terms.expires_at) if one.terms.expires_at is not None
            else say("不限"),
            addresses=say("、").join(one.terms.addresses) or say("不限"),
            locked=say("%(at)s 挂失：%(why)s", at=moment(one.locked_at),
                       why=one.lock_reason or "—") if one.locked_at is not None else "",
        )
        for one in tokens
    ]


def sessions(rows: Sequence[SessionRow]) -> list[tuple[str, str, str, str]]:
    """From where somebody is logged in: address, browser, since when, last used."""
    return [(one.address, one.agent, moment(one.made_at), moment(one.seen_at)) for one in rows]
