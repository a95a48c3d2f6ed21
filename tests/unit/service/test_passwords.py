"""Passwords are hashed beside the event loop, few at a time, and compared whatever keyboard wrote
them."""

from __future__ import annotations

import asyncio
import threading
import time

import pytest

from hub.errors import Overloaded
from node.service.people import passwords
from node.service.people.passwords import Passwords
from node.service.people.rules import HashRules, common_passwords

LIGHT = HashRules(memory_kib=64, passes=1, at_once=2, waiting=8)


def test_a_flood_waits_in_a_short_line_and_takes_the_memory_of_two(
    monkeypatch: pytest.MonkeyPatch
) -> None:
    lock, now, most = threading.Lock(), 0, 0

    def slowly(_kept: str, _password: str) -> bool:
        nonlocal now, most
        with lock:
            now += 1
            most = max(most, now)
        time.sleep(0.02)
        with lock:
            now -= 1
        return True

    monkeypatch.setattr(passwords, "_same", slowly)

    async def flood() -> list[object]:
        hall = Passwords(LIGHT)
        tries = (hall.fits("kept", f"guess {n}") for n in range(40))
        return await asyncio.gather(*tries, return_exceptions=True)

    said = asyncio.run(flood())

    assert said.count(True) == LIGHT.waiting
    assert sum(isinstance(one, Overloaded) for one in said) == 40 - LIGHT.waiting
    assert most == LIGHT.at_once


def test_the_loop_goes_on_while_a_password_is_hashed() -> None:
    heavy = Passwords(HashRules(memory_kib=64 * 1024, passes=3, at_once=1, waiting=1))

    async def story() -> int:
        ticks = 0
        hashing = asyncio.ensure_future(heavy.hashed("seven lamps are dark"))
        while not hashing.done():
            await asyncio.sleep(0.001)
            ticks += 1
        return ticks

    assert asyncio.run(story()) > 5


def test_one_password_is_the_same_from_every_keyboard() -> None:
    async def story() -> tuple[bool, bool]:
        hall = Passwords(LIGHT)
        kept = await hall.hashed("Ｆｕｌｌ ｗｉｄｔｈ é")
        return await hall.fits(kept, "Full width e\u0301"), await hall.fits(kept, "full width é")

    assert asyncio.run(story()) == (True, False)


def test_a_hash_says_whether_it_is_weaker_than_the_rules_ask_for() -> None:
    kept = asyncio.run(Passwords(LIGHT).hashed("x"))

    def weaker(**more: int) -> bool:
        return Passwords(LIGHT.model_copy(update=more)).is_weaker(kept)

    assert not weaker()
    assert weaker(memory_kib=128)
    assert weaker(passes=2)
    assert not weaker(memory_kib=32)
    assert Passwords(LIGHT).is_weaker("$2b$12$some-other-hash")


def test_the_list_of_common_passwords_is_there_and_in_small_letters() -> None:
    common = common_passwords()

    assert {"password", "qwertyuiop", "woaini1314", "shuzichengguan"} <= common
    assert len(common) > 10_000
    assert all(one == one.lower() for one in common)
