"""What a password must be, how long a failure makes one wait, where an account may go."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from node.core.accounts import (
    AccountState,
    PasswordRules,
    WaitRules,
    acceptable,
    is_old,
    login_name,
    moved,
    wait_after,
)
from node.core.errors import Refused

RULES = PasswordRules(length_min=12, length_max=128, kinds=1, history=5, age=None)
STRICT = PasswordRules(
    length_min=10, length_max=128, kinds=3, history=5, age=timedelta(days=90))
WAITS = WaitRules(
    free=5, first=timedelta(seconds=10), longest=timedelta(minutes=15),
    forget=timedelta(hours=1))


def refused(
    password: str, rules: PasswordRules = RULES, common: frozenset[str] = frozenset()
) -> str:
    with pytest.raises(Refused) as error:
        acceptable(password, rules, names=("wang.li", "王丽", "黄石市"), common=common)
    return error.value.code


@pytest.mark.parametrize(("password", "code"), [
    ("short", "password.short"),
    ("aaaaaaaaaaaaaaaaaaaa", "password.short"),
    ("1234567890ab", "password.short"),
    ("x" * 129, "password.long"),
    ("my-wang.li-and-more", "password.name"),
    ("今天王丽去巡查路灯了没有呢", "password.name"),
    ("WANG.LI is at home", "password.name"),
])
def test_a_weak_password_is_refused_with_the_reason(password: str, code: str) -> None:
    assert refused(password) == code


def test_what_anybody_tries_first_is_refused_also_with_an_ending() -> None:
    common = frozenset({"correcthorsebattery"})

    assert refused("CorrectHorseBattery", common=common) == "password.common"
    assert refused("correcthorsebattery1!", common=common) == "password.common"


def test_a_sentence_is_a_good_password() -> None:
    acceptable("路灯坏了三盏要赶紧修好它", RULES, names=("wang.li",), common=())
    acceptable("seven lamps are dark", RULES, names=("wang.li",), common=())


def test_kinds_of_signs_are_asked_for_where_the_rules_say_so() -> None:
    assert refused("onlysmallletters", STRICT) == "password.plain"
    acceptable("Small-and-Large", STRICT, names=(), common=())


def test_the_first_failures_cost_nothing_and_then_the_wait_doubles_up_to_a_bound() -> None:
    waits = [wait_after(n, WAITS).total_seconds() for n in range(14)]

    assert waits[:6] == [0] * 6
    assert waits[6:13] == [10, 20, 40, 80, 160, 320, 640]
    assert waits[13] == 900


@given(st.integers(min_value=0, max_value=10**9))
def test_no_number_of_failures_shuts_anybody_out_for_good(failures: int) -> None:
    assert timedelta(0) <= wait_after(failures, WAITS) <= WAITS.longest
    assert wait_after(failures, WAITS) <= wait_after(failures + 1, WAITS)


def test_a_password_grows_old_only_where_the_rules_say_so() -> None:
    then, now = datetime(2026, 1, 1, tzinfo=UTC), datetime(2026, 4, 1, tzinfo=UTC)

    assert not is_old(then, now, RULES)
    assert is_old(then, now, STRICT)
    assert not is_old(then, then + timedelta(days=89), STRICT)


def test_what_ended_stays_ended() -> None:
    for act in ("lock", "unlock", "reset", "end", "admit"):
        with pytest.raises(Refused) as error:
            moved(AccountState.ENDED, act)
        assert error.value.code == "account.state"
    assert moved(AccountState.LOCKED, "unlock") is AccountState.ACTIVE
    with pytest.raises(Refused):
        moved(AccountState.LOCKED, "admit")


@pytest.mark.parametrize("text", ["", "a", "ä", "with space", "王丽", "x" * 41, "a,b"])
def test_a_login_name_is_plain(text: str) -> None:
    with pytest.raises(Refused) as error:
        login_name(text)
    assert error.value.code == "account.login"


def test_a_login_name_is_kept_in_small_letters() -> None:
    assert login_name(" Wang.Li ") == "wang.li"
