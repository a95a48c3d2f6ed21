"""Terms on which a token lets somebody in: until when, from where, and for what part of what its
holder may do."""

from __future__ import annotations

import ipaddress
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from typing import Final

from node.core.errors import Invalid
from node.core.roles import WHOLE, Scope

ADDRESSES_MAX: Final = 20
"""Addresses or networks of one token."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Terms:
    """``expires_at`` None = when it is revoked. ``addresses``: networks it may come from, none =
    any. ``by_roles``: held by its roles and scope, not by its ceiling alone. ``acts``: the verbs
    and tools to which it is narrowed, none = all of its roles."""

    expires_at: datetime | None = None
    addresses: tuple[str, ...] = ()
    by_roles: bool = False
    acts: tuple[str, ...] = ()
    scope: Scope = WHOLE


FREE: Final = Terms()
"""A program's token that its ceiling alone holds."""


def refusal(terms: Terms, now: datetime, address: str) -> str:
    """Why a token does not let anybody in: ``auth.expired``, ``auth.address``, or "" = it does."""
    if terms.expires_at is not None and now >= terms.expires_at:
        return "auth.expired"
    if terms.addresses and not _within(address, terms.addresses):
        return "auth.address"
    return ""


def _within(address: str, networks: Iterable[str]) -> bool:
    try:
        here = ipaddress.ip_address(address)
    except ValueError:
        return False
    if isinstance(here, ipaddress.IPv6Address) and here.ipv4_mapped is not None:
        here = here.ipv4_mapped
    return any(here in ipaddress.ip_network(one) for one in networks)


def networks(given: Iterable[str]) -> tuple[str, ...]:
    """Addresses and networks in their one form. ``Invalid`` (``token.addresses``)."""
    try:
        found = {str(ipaddress.ip_network(one.strip(), strict=False)) for one in given}
    except ValueError as error:
        raise Invalid(f"{error}: write 10.0.0.7 or 10.0.0.0/24", code="token.addresses") from error
    if len(found) > ADDRESSES_MAX:
        raise Invalid(f"a token has {ADDRESSES_MAX} addresses at most", code="token.addresses")
    return tuple(sorted(found))
