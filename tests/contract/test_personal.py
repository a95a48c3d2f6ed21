"""Names and phones sealed in both databases: written, read, found, sealed anew, laid open."""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Any

import pytest
from sqlalchemy import select

from hub.errors import Unsealed, Untrusted
from hub.store.tx import Tx
from hub.store.writer import GroupWriter
from hub.suites.cipher import AES, ALGORITHMS, SM4, Cipher, CipherKey
from node.core.reporter import Reporter
from node.main.resealing import BATCH, _callers, _reporters
from node.service.instants import to_us
from node.service.personal import Personal
from node.service.reporters import private_of, reporter_of
from node.store.tables import call_private, cases
from tests.contract.test_call_store import MONDAY, Desk, ident, put_case, run

NAME, PHONE = "张建国", "13800001234"
REPORTER = Reporter(name=NAME, phone=PHONE, wants_reply=True, channel="sms")


@pytest.fixture
def desk(database_url: str) -> Iterator[Desk]:
    with GroupWriter(database_url, clock=lambda: to_us(MONDAY) * 1_000) as writer:
        yield Desk(writer, [MONDAY])


def key(n: int, alg: str = AES) -> CipherKey:
    return CipherKey(alg, bytes([n]) * 32)


def stored(desk: Desk) -> str:
    """Everything the two places hold."""
    def read(conn: Any) -> str:
        rows = [tuple(row) for row in conn.execute(select(call_private))]
        rows += [(bytes(row[0] or b"").decode(),) for row in conn.execute(select(cases.c.private))]
        return repr(rows)

    found: str = run(desk.writer.read(read))
    return found


def walk(desk: Desk, step: Any, keeping: Personal) -> int:
    done, after = 0, ""
    while True:
        count, after = run(desk.writer.write(lambda tx, at=after: step(tx, keeping, at)))
        done += count
        if not after:
            return done


def put(desk: Desk, n: int, personal: Personal) -> str:
    return put_case(desk, n, private=private_of(REPORTER, personal))


@pytest.mark.parametrize("alg", ALGORITHMS)
def test_a_caller_is_sealed_found_by_phone_and_read_with_a_purpose(desk: Desk, alg: str) -> None:
    desk.reporters.personal = Personal(Cipher([key(1, alg)]))
    number = desk.take(name=NAME, phone=PHONE)["call_no"]
    assert NAME not in stored(desk)
    assert PHONE not in stored(desk)
    caller = run(desk.rooms.callers.read(number, purpose="回访", actor="clerk"))
    assert (caller.name, caller.phone) == (NAME, PHONE)
    found = run(desk.rooms.callers.find(PHONE, purpose="回访", actor="clerk"))
    assert [one["call_no"] for one in found] == [number]


def test_a_reporter_is_sealed_and_read_and_how_to_tell_them_stays_readable(desk: Desk) -> None:
    personal = desk.reporters.personal = Personal(Cipher([key(1)]))
    case_id = put(desk, 1, personal)
    assert NAME not in stored(desk)
    assert PHONE not in stored(desk)
    read = run(desk.reporters.read(case_id, purpose="回访", actor="clerk"))
    assert read == REPORTER
    told = reporter_of(private_of(REPORTER, personal))
    assert told == Reporter(wants_reply=True, channel="sms")


def test_what_was_written_open_is_read_and_whoever_lost_the_key_hears_it(desk: Desk) -> None:
    case_id, number = put(desk, 1, Personal()), desk.take(name=NAME, phone=PHONE)["call_no"]
    desk.reporters.personal = Personal(Cipher([key(1)]))
    assert run(desk.reporters.read(case_id, purpose="x", actor="clerk")) == REPORTER
    assert run(desk.rooms.callers.read(number, purpose="x", actor="clerk")).name == NAME
    sealed = put(desk, 2, desk.reporters.personal)
    for lost in (Personal(), Personal(Cipher([key(2)]))):
        desk.reporters.personal = lost
        with pytest.raises(Untrusted) as refused:
            run(desk.reporters.read(sealed, purpose="x", actor="clerk"))
        assert refused.value.code == "cipher.key"


def test_a_sealed_text_opens_in_its_own_place_alone(desk: Desk) -> None:
    personal = desk.reporters.personal = Personal(Cipher([key(1)]))
    number = desk.take(name=NAME, phone=PHONE)["call_no"]
    private = json.loads(private_of(REPORTER, personal))

    def moved(tx: Tx) -> None:
        tx.conn.execute(call_private.update().values(name=private["reporter"]["sealed"]))

    run(desk.writer.write(moved))
    with pytest.raises(Unsealed) as refused:
        run(desk.rooms.callers.read(number, purpose="x", actor="clerk"))
    assert refused.value.code == "cipher.broken"


def test_everything_is_sealed_anew_under_the_newest_key_and_laid_open_again(desk: Desk) -> None:
    old, new = key(1), key(2, SM4)
    count = BATCH + 3
    written = [Personal(), Personal(Cipher([old]))]
    ids = [put(desk, n, written[n % 2]) for n in range(1, count + 1)]
    put_case(desk, count + 1)  # nobody left a name
    numbers = []
    for n in range(4):
        desk.reporters.personal = written[n % 2]
        numbers.append(desk.take(name=NAME, phone=PHONE, command_id=ident(5_000 + n))["call_no"])
    both = Personal(Cipher([new, old]))
    assert walk(desk, _reporters, both) == count
    assert walk(desk, _callers, both) == 4
    assert NAME not in stored(desk)
    desk.reporters.personal = Personal(Cipher([new]))  # the old key may go now
    for case_id in (ids[0], ids[-1]):
        assert run(desk.reporters.read(case_id, purpose="x", actor="clerk")) == REPORTER
    for number in numbers:
        assert run(desk.rooms.callers.read(number, purpose="x", actor="clerk")).phone == PHONE
    open_again = Personal(Cipher([new]), seals=False)
    walk(desk, _reporters, open_again)
    walk(desk, _callers, open_again)
    desk.reporters.personal = Personal()
    assert run(desk.reporters.read(ids[0], purpose="x", actor="clerk")) == REPORTER
    assert run(desk.rooms.callers.read(numbers[0], purpose="x", actor="clerk")).name == NAME
