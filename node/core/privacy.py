"""Personal data as a rule: who sees a field in the clear, what everybody else sees, how long it is
kept.

Which fields there are is data of the office. The law asks for the least that serves the purpose
(个人信息保护法 art. 6), for the shortest time (art. 19), and to keep others from it (art. 51).
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import timedelta
from enum import StrEnum
from typing import Final

from node.core.approvals import role_for
from node.core.errors import Invalid, NotPermitted
from node.core.masks import masked_name, masked_phone

EVERYBODY: Final = "*"
"""Among the roles of a field: whoever may read the record at all."""


class Mask(StrEnum):
    """What is shown instead of a value."""

    NAME = "name"
    PHONE = "phone"
    NONE = "none"
    """Nothing of it: the value is left out."""


@dataclass(frozen=True, slots=True, kw_only=True)
class PersonalField:
    """One kind of personal data. ``roles`` see it when they read for a purpose; ``unmask`` may see
    one of one case for a reason. ``legs``: words that carry it to other offices. ``keep``: after
    its matter has ended; None = another rule keeps it (``kept_by``)."""

    name: str
    zh: str
    en: str
    kind: str
    where: str
    mask: Mask
    roles: tuple[str, ...]
    unmask: tuple[str, ...] = ()
    legs: tuple[str, ...] = ()
    keep: timedelta | None = None
    kept_by: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class PrivacyRules:
    """The table of one office."""

    version: str
    source: str
    fields: Mapping[str, PersonalField]

    def field(self, name: str) -> PersonalField:
        """``Invalid`` (``privacy.field``) for one that is not in the table."""
        found = self.fields.get(name)
        if found is None:
            raise Invalid(
                f"{name} is none of {', '.join(self.fields)}", code="privacy.field", given=name,
                known=", ".join(self.fields))
        return found

    def sees(self, name: str, roles: frozenset[str]) -> bool:
        """Whether somebody in these roles sees it in the clear."""
        field = self.field(name)
        return EVERYBODY in field.roles or bool(role_for(roles, field.roles))

    def shown(self, name: str, value: str, roles: frozenset[str]) -> str:
        """The value, or its mask."""
        return value if self.sees(name, roles) else masked(self.field(name).mask, value)

    def unmaskable(self, name: str, roles: frozenset[str]) -> None:
        """May somebody in these roles see one of one case for a reason? ``NotPermitted``
        (``privacy.role``); ``Invalid`` (``privacy.field``)."""
        field = self.field(name)
        allowed = (*field.unmask, *(role for role in field.roles if role != EVERYBODY))
        if not field.unmask or not role_for(roles, allowed):
            raise NotPermitted(
                f"{name} is shown in the role {' or '.join(allowed)}", code="privacy.role",
                needed=", ".join(allowed), held=", ".join(sorted(roles)) or "-")


def masked(mask: Mask, value: str) -> str:
    """What is shown instead: 张**, 138****1234, or nothing."""
    if mask is Mask.NAME:
        return masked_name(value)
    return masked_phone(value) if mask is Mask.PHONE else ""


def due_before(field: PersonalField, now_us: int) -> int | None:
    """What ended before this time is erased; None = this rule erases nothing of it."""
    if field.keep is None:
        return None
    return now_us - field.keep // timedelta(microseconds=1)
