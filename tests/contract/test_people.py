"""Accounts, logins and sessions, from the use cases to the tables of both databases."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Coroutine, Iterator
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any, TypeVar

import pyotp
import pytest

from hub.store.tx import Tx
from hub.store.writer import GroupWriter
from node.core.errors import Refused
from node.main.profiles import accounts_named, roles_named
from node.service.audit import AuditEntry
from node.service.fresh import SystemIds
from node.service.instants import to_us
from node.service.people.accounts import Accounts, Invitation
from node.service.people.login import Came
from node.service.people.room import People
from node.service.people.rules import HashRules
from node.service.people.sessions import SessionView, Stage, Visitor, forget
from node.service.surroundings import uuid_text
from node.store import people as rows

T = TypeVar("T")
NOW = datetime(2026, 11, 26, 2, tzinfo=UTC)
DESK = Visitor(address="10.0.0.7", agent="Firefox")
ELSEWHERE = Visitor(address="203.0.113.9", agent="curl")
GOOD, BETTER = "seven lamps are dark", "eight drains are full"
LIGHT = HashRules(memory_kib=64, passes=1, at_once=2, waiting=8)
"""Real Argon2id, with parameters that no test waits for."""


class Clock:
    """What time it is."""

    now = NOW

    def us(self) -> int:
        return to_us(self.now)

    def pass_by(self, **span: float) -> None:
        self.now += timedelta(**span)


class Notes:
    """What was recorded."""

    def __init__(self) -> None:
        self.entries: list[AuditEntry] = []

    def record(self, tx: Tx, entry: AuditEntry) -> None:
        self.entries.append(entry)

    def said(self) -> list[tuple[str, str, str]]:
        return [(one.action, one.outcome.value, one.reason) for one in self.entries]


def run(work: Coroutine[Any, Any, T]) -> T:
    return asyncio.run(work)


def refused(work: Coroutine[Any, Any, Any]) -> str:
    with pytest.raises(Refused) as error:
        run(work)
    return error.value.code


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
def notes() -> Notes:
    return Notes()


@pytest.fixture
def writer(database_url: str, clock: Clock) -> Iterator[GroupWriter]:
    with GroupWriter(database_url, clock=lambda: clock.us() * 1_000) as writer:
        yield writer


def room(writer: GroupWriter, clock: Clock, notes: Notes, *, file: str = "standard",
         light: HashRules = LIGHT) -> People:
    return People(
        rows=rows, writer=writer,
        rules=replace(accounts_named(file, home=Path()), hash=light),
        book=roles_named("standard", home=Path()).book, audit=notes, key=b"k" * 32,
        office="黄石市", fresh_id=lambda: uuid_text(SystemIds().uuid7()), now_us=clock.us)


@pytest.fixture
def people(writer: GroupWriter, clock: Clock, notes: Notes) -> People:
    return room(writer, clock, notes)


def make(people: People, login: str, *roles: str, password: str = GOOD) -> Came:
    """An account whose owner has set a password by the link."""
    made: Invitation = run(people.write(lambda accounts, tx: accounts.create_in(
        tx, login, "王丽", actor="admin", roles=roles)))
    return run(people.accounts.set_up(made.token, password, DESK))


def session(people: People, came: Came) -> SessionView:
    found = run(people.sessions.find(came.session_id))
    assert found is not None
    return found


def code_at(secret: str, clock: Clock) -> str:
    return pyotp.TOTP(secret).at(clock.now)


def enrolled(people: People, clock: Clock, login: str) -> tuple[Came, str, list[str]]:
    """A security administrator with a second factor; its secret and recovery codes."""
    came = make(people, login, "security_admin")
    assert came.stage is Stage.ENROL
    uri, secret = run(people.login.offer(session(people, came)))
    assert uri.startswith("otpauth://totp/")
    came, codes = run(people.login.enrol(
        session(people, came), code_at(secret, clock), DESK))
    assert came.stage is Stage.FULL
    return came, secret, codes


# --- the first account ----------------------------------------------------------------------------


def test_the_first_account_is_made_by_a_link_that_opens_once_and_soon(
    people: People, clock: Clock
) -> None:
    make_link = lambda accounts, tx: accounts.first_link_in(tx)  # noqa: E731
    old, link = run(people.write(make_link)), run(people.write(make_link))
    assert old is not None
    assert link is not None
    assert refused(people.accounts.opened(old.token)) == "account.link"
    assert refused(people.accounts.opened("guess")) == "account.link"

    assert refused(people.accounts.set_up(
        link.token, "short", DESK, login="boss", name="李")) == "password.short"
    came = run(people.accounts.set_up(link.token, GOOD, DESK, login="Boss", name="李强"))

    assert (came.login, came.stage) == ("boss", Stage.ENROL)
    assert run(people.accounts.one("boss")).roles == ("security_admin",)
    assert refused(people.accounts.set_up(
        link.token, GOOD, DESK, login="two", name="二")) == "account.link"
    assert run(people.write(make_link)) is None


def test_a_link_is_of_no_use_a_day_later(people: People, clock: Clock) -> None:
    made = run(people.write(lambda accounts, tx: accounts.create_in(
        tx, "wang", "王丽", actor="admin")))
    clock.pass_by(hours=23, minutes=59)
    assert run(people.accounts.opened(made.token)).login == "wang"
    clock.pass_by(minutes=1)

    assert refused(people.accounts.set_up(made.token, GOOD, DESK)) == "account.link"


# --- coming in ------------------------------------------------------------------------------------


def test_whoever_is_wrong_hears_the_same_whatever_was_wrong(people: People, notes: Notes) -> None:
    make(people, "wang", "dispatcher")

    assert refused(people.login.enter("wang", "not this one", DESK)) == "login.failed"
    assert refused(people.login.enter("nobody", GOOD, DESK)) == "login.failed"
    assert refused(people.login.enter("wa\x00ng", GOOD, DESK)) == "login.failed"
    assert notes.said()[-3:] == [("Login", "refused", "wrong")] * 3


def test_a_session_holds_in_every_process_and_its_id_is_not_in_the_database(
    people: People, writer: GroupWriter, clock: Clock, notes: Notes
) -> None:
    make(people, "wang", "dispatcher")
    came = run(people.login.enter("WANG", GOOD, DESK))
    other = room(writer, clock, notes)

    found = run(other.sessions.find(came.session_id))

    assert found is not None
    assert (found.login, found.stage, found.roles) == (
        "wang", Stage.FULL, frozenset({"dispatcher"}))
    kept = run(writer.read(lambda conn: rows.sessions_of(
        conn, found.account, clock.us(), 10**15)))
    assert came.session_id not in str(kept)


def test_a_session_ends_when_it_is_unused_or_old(people: People, clock: Clock) -> None:
    make(people, "wang", "dispatcher")
    idle = run(people.login.enter("wang", GOOD, DESK))
    clock.pass_by(minutes=31)
    assert run(people.sessions.find(idle.session_id)) is None

    used = run(people.login.enter("wang", GOOD, DESK))
    for _ in range(28):
        clock.pass_by(minutes=25)
        assert run(people.sessions.find(used.session_id)) is not None
    clock.pass_by(minutes=25)
    assert run(people.sessions.find(used.session_id)) is None


def test_one_account_has_so_many_sessions_and_the_oldest_goes(
    people: People, clock: Clock
) -> None:
    make(people, "wang", "dispatcher")
    came = []
    for _ in range(people.rules.session.most + 1):
        clock.pass_by(seconds=1)
        came.append(run(people.login.enter("wang", GOOD, DESK)))

    assert run(people.sessions.find(came[0].session_id)) is None
    assert all(run(people.sessions.find(one.session_id)) for one in came[1:])


def test_weaker_hashes_are_made_anew_at_login(
    people: People, writer: GroupWriter, clock: Clock, notes: Notes
) -> None:
    make(people, "wang", "dispatcher")
    stronger = room(writer, clock, notes, light=LIGHT.model_copy(
        update={"memory_kib": 128, "passes": 2}))

    run(stronger.login.enter("wang", GOOD, DESK))

    row = run(writer.read(lambda conn: rows.account_by_login(conn, "wang")))
    assert row is not None
    assert "m=128,t=2,p=1" in row["password"]
    assert run(people.login.enter("wang", GOOD, DESK)).stage is Stage.FULL


# --- failures -------------------------------------------------------------------------------------


def fail(people: People, visitor: Visitor, times: int, login: str = "wang") -> None:
    for _ in range(times):
        assert refused(people.login.enter(login, "not this one", visitor)) == "login.failed"


def test_failures_make_one_wait_longer_each_time_also_after_a_restart(
    people: People, writer: GroupWriter, clock: Clock, notes: Notes
) -> None:
    make(people, "wang", "dispatcher")
    clock.pass_by(days=31)
    fail(people, DESK, 6)

    again = room(writer, clock, notes)
    with pytest.raises(Refused) as error:
        run(again.login.enter("wang", GOOD, DESK))
    assert (error.value.code, error.value.detail["seconds"]) == ("login.wait", "10")
    clock.pass_by(seconds=11)
    fail(again, DESK, 1)
    with pytest.raises(Refused) as error:
        run(again.login.enter("wang", GOOD, DESK))
    assert error.value.detail["seconds"] == "20"
    clock.pass_by(seconds=21)
    assert run(again.login.enter("wang", GOOD, DESK)).stage is Stage.FULL
    fail(again, DESK, 5)


def test_many_tries_side_by_side_gain_nothing(people: People, clock: Clock) -> None:
    make(people, "wang", "dispatcher")

    async def guesses() -> list[str]:
        said = await asyncio.gather(
            *(people.login.enter("wang", f"guess number {n}", ELSEWHERE) for n in range(8)),
            return_exceptions=True)
        return [getattr(one, "code", type(one).__name__) for one in said]

    run(guesses())

    assert refused(people.login.enter("wang", GOOD, ELSEWHERE)) == "login.wait"


def test_whoever_fails_elsewhere_on_purpose_does_not_keep_the_only_administrator_out(
    people: People, clock: Clock
) -> None:
    enrolled(people, clock, "boss")
    for _ in range(30):
        fail(people, ELSEWHERE, 1, "boss")
        clock.pass_by(seconds=901)
    assert refused(people.login.enter("boss", "still wrong", ELSEWHERE)) == "login.failed"
    assert refused(people.login.enter("boss", GOOD, ELSEWHERE)) == "login.wait"

    known = run(people.login.enter("boss", GOOD, DESK))

    assert known.stage is Stage.FACTOR
    clock.pass_by(seconds=901)
    assert run(people.login.enter("boss", GOOD, ELSEWHERE)).stage is Stage.FACTOR


def test_an_office_behind_one_address_is_not_shut_out_by_those_who_come_in(
    people: People, clock: Clock
) -> None:
    for n in range(30):
        make(people, f"clerk{n}", "dispatcher")
    clock.pass_by(days=31)

    for n in range(30):
        assert run(people.login.enter(f"clerk{n}", GOOD, DESK)).stage is Stage.FULL


# --- the second factor ----------------------------------------------------------------------------


def test_a_code_counts_once_and_so_does_every_code_before_it(
    people: People, clock: Clock
) -> None:
    _, secret, _ = enrolled(people, clock, "boss")
    used = code_at(secret, clock)
    came = run(people.login.enter("boss", GOOD, DESK))
    assert refused(people.login.second(session(people, came), used, DESK)) == "factor.wrong"
    clock.pass_by(seconds=30)
    fresh = code_at(secret, clock)

    full = run(people.login.second(session(people, came), fresh, DESK))

    assert full.stage is Stage.FULL
    assert full.session_id != came.session_id
    assert run(people.sessions.find(came.session_id)) is None
    again = run(people.login.enter("boss", GOOD, DESK))
    assert refused(people.login.second(session(people, again), fresh, DESK)) == "factor.wrong"
    assert refused(people.login.second(session(people, again), used, DESK)) == "factor.wrong"


def test_guessing_codes_makes_one_wait_whichever_session_guesses(
    people: People, clock: Clock
) -> None:
    enrolled(people, clock, "boss")
    for _ in range(6):
        came = run(people.login.enter("boss", GOOD, DESK))
        assert refused(
            people.login.second(session(people, came), "000000", DESK)) == "factor.wrong"

    came = run(people.login.enter("boss", GOOD, DESK))
    assert refused(people.login.second(session(people, came), "000000", DESK)) == "login.wait"


def test_a_recovery_code_lets_one_in_once(people: People, clock: Clock) -> None:
    _, _, codes = enrolled(people, clock, "boss")
    assert len(set(codes)) == people.rules.recovery_codes
    came = run(people.login.enter("boss", GOOD, DESK))
    assert run(people.login.second(
        session(people, came), codes[0].lower().replace("-", " "), DESK)).stage is Stage.FULL

    again = run(people.login.enter("boss", GOOD, DESK))
    assert refused(people.login.second(session(people, again), codes[0], DESK)) == "factor.wrong"


def test_the_secret_is_sealed_in_the_database(
    people: People, clock: Clock, writer: GroupWriter
) -> None:
    _, secret, _ = enrolled(people, clock, "boss")

    row = run(writer.read(lambda conn: rows.account_by_login(conn, "boss")))

    assert row is not None
    assert secret.encode() not in bytes(row["factor"])


# --- passwords ------------------------------------------------------------------------------------


def test_a_change_of_password_ends_every_other_session_and_takes_no_old_one(
    people: People
) -> None:
    make(people, "wang", "dispatcher")
    one, two = (run(people.login.enter("wang", GOOD, DESK)) for _ in range(2))
    mine = session(people, one)
    assert refused(people.login.change(mine, "not this", BETTER, DESK)) == "login.failed"
    assert refused(people.login.change(mine, GOOD, GOOD, DESK)) == "password.used"
    assert refused(people.login.change(mine, GOOD, "wang is my name", DESK)) == "password.name"
    assert refused(people.login.change(mine, GOOD, "ｗａｎｇ is my name", DESK)) == "password.name"

    came = run(people.login.change(mine, GOOD, BETTER, DESK))

    assert [run(people.sessions.find(c.session_id)) is None for c in (one, two, came)] == [
        True, True, False]
    assert refused(people.login.enter("wang", GOOD, DESK)) == "login.failed"
    assert refused(people.login.change(
        session(people, came), BETTER, GOOD, DESK)) == "password.used"


def test_where_the_rules_let_passwords_grow_old_a_new_one_is_due(
    writer: GroupWriter, clock: Clock, notes: Notes
) -> None:
    strict = room(writer, clock, notes, file="graded")
    make(strict, "wang", "dispatcher", password="Seven Lamps 7")
    clock.pass_by(days=91)

    came = run(strict.login.enter("wang", "Seven Lamps 7", DESK))

    assert came.stage is Stage.CHANGE
    changed = run(strict.login.change(
        session(strict, came), "Seven Lamps 7", "Eight Drains 8", DESK))
    assert changed.stage is Stage.FULL
    assert run(strict.login.enter("wang", "Eight Drains 8", DESK)).stage is Stage.FULL


def test_a_reset_voids_the_password_at_once_and_leaves_the_second_factor(
    people: People, clock: Clock
) -> None:
    came, _, _ = enrolled(people, clock, "boss")
    link = run(people.write(
        lambda accounts, tx: accounts.reset_in(tx, "boss", actor="operator")))
    assert run(people.sessions.find(came.session_id)) is None
    assert refused(people.login.enter("boss", GOOD, DESK)) == "login.failed"
    assert refused(people.accounts.set_up(link.token, GOOD, DESK)) == "password.used"

    assert run(people.accounts.set_up(link.token, BETTER, DESK)).stage is Stage.FACTOR
    lost = run(people.write(
        lambda accounts, tx: accounts.reset_in(tx, "boss", actor="operator", factor=True)))
    assert run(people.accounts.set_up(lost.token, "nine trees have grown", DESK)).stage is (
        Stage.ENROL)


# --- administering --------------------------------------------------------------------------------


def act(people: People, what: str, login: str, **given: Any) -> Any:
    return run(people.write(lambda accounts, tx: getattr(accounts, f"{what}_in")(
        tx, login, **{"actor": "boss", **given})))


def refusing(people: People, what: str, login: str, **given: Any) -> str:
    return refused(people.write(lambda accounts, tx: getattr(accounts, f"{what}_in")(
        tx, login, **{"actor": "boss", **given})))


def test_a_lock_ends_sessions_at_once_and_a_grant_makes_one_log_in_anew(
    people: People, notes: Notes
) -> None:
    make(people, "wang", "dispatcher")
    came = run(people.login.enter("wang", GOOD, DESK))
    act(people, "lock", "wang", reason="调离")
    assert run(people.sessions.find(came.session_id)) is None
    assert refused(people.login.enter("wang", GOOD, DESK)) == "login.locked"
    assert refused(people.login.enter("wang", "not this one", DESK)) == "login.failed"
    act(people, "unlock", "wang")
    came = run(people.login.enter("wang", GOOD, DESK))

    act(people, "grant", "wang", roles=["shift_leader"], areas=["420203"])

    assert run(people.sessions.find(came.session_id)) is None
    mine = session(people, run(people.login.enter("wang", GOOD, DESK)))
    assert (mine.roles, mine.scope.areas) == (frozenset({"shift_leader"}), ("420203",))
    done = [one.action for one in notes.entries if one.actor == "boss"]
    assert done == ["LockAccount", "UnlockAccount", "GrantRoles"]


def while_hashing(people: People, act: Callable[[Accounts, Tx], Any]) -> None:
    """The next password is hashed so long that an administrator does something meanwhile."""
    passwords = people.login._passwords
    hashed = passwords.hashed

    async def slowly(password: str) -> str:
        await people.write(act)
        return await hashed(password)

    passwords.hashed = slowly  # type: ignore[method-assign]


def test_a_lock_holds_against_a_password_that_is_being_changed(people: People) -> None:
    came = make(people, "wang", "dispatcher")
    while_hashing(people, lambda accounts, tx: accounts.lock_in(
        tx, "wang", actor="admin", reason="长期离岗"))

    assert refused(people.login.change(
        session(people, came), GOOD, BETTER, DESK)) == "login.failed"
    assert run(people.accounts.one("wang")).state == "locked"


def test_a_login_under_way_does_not_outlive_a_reset(
    people: People, writer: GroupWriter, clock: Clock, notes: Notes
) -> None:
    make(people, "wang", "dispatcher")
    stronger = room(writer, clock, notes, light=LIGHT.model_copy(update={"passes": 2}))
    while_hashing(stronger, lambda accounts, tx: accounts.reset_in(tx, "wang", actor="admin"))

    assert refused(stronger.login.enter("wang", GOOD, DESK)) == "login.failed"
    assert refused(people.login.enter("wang", GOOD, DESK)) == "login.failed"


def test_nobody_administers_themselves_and_somebody_who_gives_rights_remains(
    people: People, clock: Clock
) -> None:
    enrolled(people, clock, "boss")
    for name, given in (("lock", {"reason": "x"}), ("end", {}), ("grant", {"roles": []})):
        assert refusing(people, name, "boss", **given) == "account.own"
        assert refusing(people, name, "boss", **given, actor="cli") == "account.last"
    make(people, "second", "security_admin")

    act(people, "end", "boss", actor="second")

    assert refused(people.login.enter("boss", GOOD, DESK)) == "login.failed"
    assert refusing(people, "create", "boss", name="又一个") == "account.login_in_use"


def test_three_administrators_are_three_accounts(people: People) -> None:
    assert refusing(
        people, "create", "all", name="全", roles=["administrator", "auditor"]) == "role.apart"
    assert refusing(
        people, "create", "all", name="全", roles=["auditor", "dispatcher"]) == "role.apart"
    assert refusing(people, "create", "all", name="全", roles=["king"]) == "role.unknown"


def test_what_nobody_asks_for_any_more_is_dropped(
    people: People, writer: GroupWriter, clock: Clock
) -> None:
    make(people, "wang", "dispatcher")
    fail(people, ELSEWHERE, 3)
    clock.pass_by(days=200)

    run(writer.write(lambda tx: forget(rows, tx)))

    assert run(writer.read(lambda conn: rows.failures(
        conn, [("login", "wang"), ("address", ELSEWHERE.address)]))) == []
    assert isinstance(people.accounts, Accounts)
