"""``office.access``: may this person do this, to this case? Asked once for every call of the API,
before anything else is done.

The rule is ``node.core.roles.permit``; here is what it needs: which verbs and tools an operation
says, and where the case lies. A denial names what is lacking and who can grant it, and is written
to the audit log.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Sequence
from datetime import timedelta
from typing import Final, Protocol

from sqlalchemy import Connection

from hub.store.tx import Writer
from node.core.audit import Outcome
from node.core.errors import Invalid, NotPermitted
from node.core.passes import Terms, networks
from node.core.roles import (
    ALL,
    CaseAt,
    Person,
    Reach,
    RoleBook,
    Scope,
    combined,
    may,
    permit,
)
from node.service.audit import AuditEntry, Recorder
from node.service.instants import to_time
from node.service.people.book import VERBS, Posts

LACKING: Final = {
    "area": ("区域", "area"), "class": ("类别", "class"), "unit": ("单位", "unit"),
}


class CaseStore(Protocol):
    """``node.store.scopes``."""

    def case_at(self, conn: Connection, case_id: str) -> CaseAt | None: ...


class Access:
    """Asks the rule and explains its answer."""

    def __init__(
        self, *, posts: Posts, rows: CaseStore, writer: Writer, audit: Recorder,
        now_us: Callable[[], int],
    ) -> None:
        self._now_us = now_us
        self._posts = posts
        self._rows = rows
        self._writer = writer
        self._audit = audit

    @property
    def book(self) -> RoleBook:
        """The roles of this office."""
        return self._posts.book

    async def admit(self, person: Person, operation: str, case_id: str = "") -> None:
        """Refuse what is not theirs (``NotPermitted``): an operation that no file names is
        nobody's but a program's. ``case_id`` "" = the operation is about none."""
        if person.is_unbound:
            return
        acts = self._posts.acts.get(operation, (operation,))
        case = None
        if case_id and not person.scope.is_whole and Reach.CASE in map(self.book.reach, acts):
            case = await self._writer.read(lambda conn: self._rows.case_at(conn, case_id))
        for act in acts:
            try:
                permit(self.book, person, act, case)
            except NotPermitted as denied:
                await self._note(AuditEntry(
                    action=act, actor=person.name, roles=person.roles, outcome=Outcome.REFUSED,
                    reason=denied.code,
                    subject=f"case:{case_id}" if case_id else f"operation:{operation}",
                ))
                raise self._explained(denied, act) from denied

    async def _note(self, entry: AuditEntry) -> None:
        await self._writer.write(lambda tx: self._audit.record(tx, entry))

    def allows(self, person: Person, operation: str) -> bool:
        """Whether a role of theirs holds an operation, whatever the case; nothing is recorded. For
        answers that are fuller for some than for others."""
        return person.is_unbound or all(
            may(self.book, person, act)
            for act in self._posts.acts.get(operation, (operation,)))

    def opens(self, person: Person, operation: str) -> bool:
        """Whether a screen offers them this operation: it is theirs, and reaches as far as they do.
        Nobody is refused by it: what is done is asked again by ``admit``."""
        acts = self._posts.acts.get(operation, (operation,))
        return self.allows(person, operation) and (
            person.is_unbound
            or person.scope.is_whole
            or all(self.book.reach(act) is not Reach.WHOLE for act in acts)
        )

    def held(self, person: Person) -> list[str]:
        """Every verb and tool that they may use."""
        return self.may_see(person, sorted({*VERBS, *self.book.tools}))

    def terms(
        self, *, days: int, addresses: Collection[str], by_roles: bool, acts: Collection[str],
        scope: Scope, roles: Collection[str],
    ) -> Terms:
        """The terms of a new token. ``Invalid``: ``token.terms`` for an act that nobody has,
        ``token.addresses``; ``role.unknown`` where it is to be held by roles."""
        wrong = sorted(set(acts) - VERBS - set(self.book.tools))
        if wrong:
            raise Invalid(f"there is no such verb or tool: {', '.join(wrong)}",
                          code="token.terms", wrong=", ".join(wrong))
        if by_roles:
            combined(self.book, [one for one in roles if one != ALL])
        return Terms(
            expires_at=to_time(self._now_us()) + timedelta(days=days) if days else None,
            addresses=networks(addresses), by_roles=by_roles or not scope.is_whole,
            acts=tuple(sorted(acts)), scope=scope,
        )

    def may_see(self, person: Person, acts: Sequence[str]) -> list[str]:
        """Those of these verbs and tools that one of their roles holds."""
        return [one for one in acts if may(self.book, person, one)]

    def _explained(self, denied: NotPermitted, act: str) -> NotPermitted:
        detail = denied.detail
        tool = self.book.tools.get(act)
        names = {"verb": (tool.title, tool.title_en)} if tool is not None else {}
        for key, into in (("needed", "posts"), ("granting", "giver")):
            roles = [one for one in detail.get(key, "").split(",") if one]
            names[into] = self._titles(roles)
        parts = [LACKING[one] for one in detail.get("lacking", "").split(",") if one]
        names["lacking"] = "、".join(zh for zh, _ in parts), ", ".join(en for _, en in parts)
        said = {f"{key}_zh": zh for key, (zh, _) in names.items()}
        said |= {f"{key}_en": en for key, (_, en) in names.items()}
        if tool is None:
            said["verb"] = act
        return NotPermitted(str(denied), code=denied.code, **said)

    def _titles(self, roles: Sequence[str]) -> tuple[str, str]:
        held = [self.book.roles[one] for one in roles if one in self.book.roles]
        if not held:
            return "（无）", "(nobody)"
        return "、".join(one.title for one in held), ", ".join(one.title_en for one in held)

