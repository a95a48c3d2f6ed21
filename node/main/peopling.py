"""The rooms of people and of access, loaded when somebody first comes who has an account; and what
can be done with the accounts of a node that is not running."""

from __future__ import annotations

import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from pathlib import Path
from types import MappingProxyType
from typing import Any, Final

from hub.store.tx import Writer
from hub.store.writer import GroupWriter
from node.core.mapping import Grant
from node.core.roles import scoped
from node.main.offline import OPERATOR, at_rest
from node.main.profiles import accounts_named, profile_of, roles_named
from node.main.secrets import secret
from node.service.audit import Audit, Recorder
from node.service.fresh import SystemIds
from node.service.people.access import Access
from node.service.people.accounts import Accounts, AccountView, Invitation
from node.service.people.book import Posts
from node.service.people.federated import Elsewhere
from node.service.people.room import People
from node.service.profile import Profile
from node.service.surroundings import uuid_text
from node.settings import Oidc, Settings, load
from node.store import audit as audits
from node.store import people as rows
from node.store import scopes

FACTOR_FILE: Final = "factors.key"
"""Seals the secrets of second factors. It lies outside of the database; a node restored without it
has its people set them up anew (``wanmi account reset --factor``)."""


def posts_of(settings: Settings, profile: Profile) -> Posts:
    """The roles of this node, as its profile wants them."""
    posts = roles_named(profile.roles, home=settings.home)
    return replace(posts, book=replace(posts.book, separated=profile.separated_admins))


def people_room(
    settings: Settings, *, profile: Profile, writer: Writer, fresh_id: Callable[[], str],
    now_us: Callable[[], int], audit: Recorder,
) -> People:
    """Accounts, the way in, sessions."""
    return People(
        rows=rows,
        writer=writer,
        rules=accounts_named(profile.accounts, home=settings.home),
        book=posts_of(settings, profile).book,
        audit=audit,
        key=secret(settings.keys / FACTOR_FILE),
        office=settings.node.name or settings.node.id,
        fresh_id=fresh_id,
        now_us=now_us,
        elsewhere=_elsewhere(settings.oidc) if settings.oidc is not None else None,
    )


def _elsewhere(oidc: Oidc) -> Elsewhere:
    # Loaded here: most offices have accounts of their own alone.
    from node.edge.oidc import OpenIdProvider

    return Elsewhere(
        provider=OpenIdProvider(
            issuer=oidc.issuer, client_id=oidc.client_id,
            secret=oidc.client_secret.get_secret_value(), scopes=oidc.scopes,
        ),
        grants=tuple(
            Grant(
                claim=one.claim, value=one.value, roles=one.roles,
                scope=scoped(one.areas, one.classes, one.units),
            )
            for one in oidc.grants
        ),
        login_claim=oidc.login_claim, name_claim=oidc.name_claim, title=oidc.title,
    )


def access_room(
    settings: Settings, *, profile: Profile, writer: Writer, audit: Recorder,
    now_us: Callable[[], int],
) -> Access:
    """Who may do what."""
    return Access(
        posts=posts_of(settings, profile), rows=scopes, writer=writer, audit=audit, now_us=now_us)


# --- at the machine of a stopped node -------------------------------------------------------------


ACTS: Final[Mapping[str, Callable[..., Any]]] = MappingProxyType({
    "create": Accounts.create_in, "roles": Accounts.grant_in, "lock": Accounts.lock_in,
    "unlock": Accounts.unlock_in, "reset": Accounts.reset_in, "end": Accounts.end_in,
})
"""What whoever stands there may do to accounts, by the name of its command."""


def account(home: Path, act: str, given: Mapping[str, Any]) -> Invitation | None:
    """Do it in the database of a stopped node; the link that it makes, if any."""
    made: Invitation | None = at_rest(
        home, lambda writer, tx: ACTS[act](
            _resting(home, writer).accounts, tx, actor=OPERATOR, **given))
    return made


def accounts(home: Path) -> Sequence[AccountView]:
    """The accounts of a stopped node, by login name."""
    return at_rest(home, lambda writer, tx: _resting(home, writer).accounts.list_in(tx.conn))


def first_link(home: Path) -> Invitation | None:
    """The link that makes the first account of a stopped node; None if there is one."""
    return at_rest(
        home, lambda writer, tx: _resting(home, writer).accounts.first_link_in(tx))


def _resting(home: Path, writer: GroupWriter) -> People:
    settings = load(home)
    return people_room(
        settings, profile=profile_of(settings), writer=writer,
        fresh_id=lambda: uuid_text(SystemIds().uuid7()), now_us=lambda: time.time_ns() // 1_000,
        audit=Audit(audits, alg=settings.audit.digest),
    )
