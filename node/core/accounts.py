"""Accounts of people: their states, what a password must be, how long a failure makes one wait.

Everything here is a rule over values that it is given: the numbers are data (``node/accounts``),
the clock and the hashing are the service's.
"""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Final

from node.core.errors import Invalid, WrongStatus

LOGIN_CHARS_MIN, LOGIN_CHARS_MAX = 2, 40
_LOGIN: Final = frozenset("abcdefghijklmnopqrstuvwxyz0123456789._-")
RUN_MAX: Final = 4
"""Letters or digits in a row (aaaa, 1234) that count as one sign for the length."""


class AccountState(StrEnum):
    """Where an account stands."""

    INVITED = "invited"
    ACTIVE = "active"
    LOCKED = "locked"
    ENDED = "ended"


_MOVES: Final = {
    "lock": ((AccountState.INVITED, AccountState.ACTIVE), AccountState.LOCKED),
    "unlock": ((AccountState.LOCKED,), AccountState.ACTIVE),
    "end": (
        (AccountState.INVITED, AccountState.ACTIVE, AccountState.LOCKED), AccountState.ENDED,
    ),
    "reset": ((AccountState.INVITED, AccountState.ACTIVE), AccountState.INVITED),
    "admit": ((AccountState.INVITED, AccountState.ACTIVE), AccountState.ACTIVE),
}


def moved(state: AccountState, act: str) -> AccountState:
    """The state after lock, unlock, end, reset (a new link is out) or admit (a password was set).
    ``WrongStatus`` (``account.state``) where that cannot be: what ended stays ended."""
    begins, after = _MOVES[act]
    if state not in begins:
        raise WrongStatus(
            f"the account is {state}", code="account.state", state=state.value, act=act
        )
    return after


@dataclass(frozen=True, slots=True, kw_only=True)
class PasswordRules:
    """What a password must be. ``kinds``: how many of capitals, small letters, digits and other
    signs; ``history``: as many earlier ones are not taken again; ``age`` None = it does not grow
    old."""

    length_min: int
    length_max: int
    kinds: int
    history: int
    age: timedelta | None


@dataclass(frozen=True, slots=True, kw_only=True)
class WaitRules:
    """Failures that cost nothing, the first wait after them, which doubles, the longest one, and
    the quiet time after which all is forgotten."""

    free: int
    first: timedelta
    longest: timedelta
    forget: timedelta


@dataclass(frozen=True, slots=True, kw_only=True)
class SessionRules:
    """How long a session lasts: unused, at all, and between the password and the second factor."""

    idle: timedelta
    absolute: timedelta
    stage: timedelta
    most: int


def login_name(text: str) -> str:
    """A login name as it is kept. ``Invalid`` (``account.login``)."""
    name = text.strip().lower()
    if not LOGIN_CHARS_MIN <= len(name) <= LOGIN_CHARS_MAX or not _LOGIN.issuperset(name):
        raise Invalid(
            f"a login name has {LOGIN_CHARS_MIN} to {LOGIN_CHARS_MAX} of a-z 0-9 . _ -",
            code="account.login",
        )
    return name


def acceptable(
    password: str, rules: PasswordRules, *, names: Collection[str], common: Collection[str]
) -> None:
    """Refuse a password that is too short or too long, too plain, holds one of ``names`` (of the
    account, the office), or is among the ``common`` ones (in small letters). ``Invalid`` with a
    code of its own for each (``password.…``). After NIST SP 800-63B-4 §3.1.1.2."""
    if len(password) > rules.length_max:
        raise Invalid(
            f"a password has {rules.length_max} signs at most", code="password.long",
            most=str(rules.length_max),
        )
    if _signs(password) < rules.length_min:
        raise Invalid(
            f"a password has {rules.length_min} signs at least; a row like aaaa or 1234 counts "
            "as one", code="password.short", least=str(rules.length_min),
        )
    if _kinds(password) < rules.kinds:
        raise Invalid(
            f"a password has {rules.kinds} of: capitals, small letters, digits, other signs",
            code="password.plain", kinds=str(rules.kinds),
        )
    small = password.casefold()
    if any(len(name) > 1 and name.casefold() in small for name in names):
        raise Invalid("a password does not hold the name of the account or the office",
                      code="password.name")
    if small in common or small.rstrip("0123456789!@#.") in common:
        raise Invalid("this password is among the first that anybody tries",
                      code="password.common")


def _signs(password: str) -> int:
    """Length, where rows of equal or neighbouring signs count once."""
    count = row = step = 0
    before = ""
    for char in password:
        gap = ord(char) - ord(before) if before else 2
        goes_on = row > 1 and gap == step
        row = 1 if abs(gap) > 1 else row + 1 if goes_on else 2
        step, before = gap, char
        count += 1
        if row == RUN_MAX:
            count -= RUN_MAX - 1
        elif row > RUN_MAX:
            count -= 1
    return count


def _kinds(password: str) -> int:
    return sum((
        any(char.isupper() for char in password),
        any(char.islower() for char in password),
        any(char.isdigit() for char in password),
        any(not (char.isupper() or char.islower() or char.isdigit()) for char in password),
    ))


def wait_after(failures: int, rules: WaitRules) -> timedelta:
    """How long nobody is tried again after so many failures in a row. It is bounded: whoever fails
    on purpose never shuts anybody out for good."""
    beyond = failures - rules.free
    if beyond <= 0:
        return timedelta(0)
    doubled: int = 1 << min(beyond - 1, 30)
    return min(rules.first * doubled, rules.longest)


def is_old(changed: datetime, now: datetime, rules: PasswordRules) -> bool:
    """Whether a password has to be changed for its age."""
    return rules.age is not None and now - changed >= rules.age
