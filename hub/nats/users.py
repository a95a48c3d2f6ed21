"""Who logs in to the mailbox servers of a parent: each child, and the parent for each of them."""

from __future__ import annotations

from collections.abc import Callable

from hub.ids import LinkId
from hub.nats.accounts import Accounts, LinkAccount
from hub.roster.identity import Identity
from hub.roster.keys import NatsKey


def box_key(identity: Identity, link: LinkId) -> NatsKey:
    """The parent's user in the account of a link, where several servers have to know it: the same
    after every start and in every process."""
    return identity.nats.derived(f"box/{link}")


def accounts_of(
    identity: Identity, keys: Callable[[LinkId], NatsKey | None], *, replicas: int = 1
) -> Accounts:
    """An account for each living child that has an nkey and for whose link ``keys`` has one."""
    found = []
    for child in identity.children():
        if child.retired_at_us is not None or not child.request.nkey:
            continue
        key = keys(LinkId(f"{identity.node}-{child.node}"))
        if key is not None:
            earlier = dict.fromkeys(request.nkey for request, _ in child.before)
            found.append(LinkAccount(
                child=child.node, child_nkey=child.request.nkey, parent_nkey=key.public,
                child_nkeys_before=tuple(
                    nkey for nkey in earlier if nkey and nkey != child.request.nkey)))
    return Accounts(links=tuple(found), replicas=replicas)
