"""The public's door: shut by default, and never open to a flood."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, cast

import pytest

from hub.errors import Overloaded
from node.core.commands import OpenCase
from node.core.errors import NotPermitted
from node.core.facts import CaseId, Category, CommandId, Place
from node.main.profiles import sources_named
from node.service import posting
from node.service.posting import HOUR_US, MINUTE_US, Posting
from node.service.views import PhotoStored, Reply
from node.settings import Public

SOURCES = sources_named("sources", home=Path())


@dataclass(slots=True)
class Counter:
    """Takes every report."""

    taken: list[OpenCase] = field(default_factory=list)

    async def open(self, command: OpenCase, _fingerprint: bytes) -> Reply:
        self.taken.append(command)
        return Reply(case_id=command.case_id, version=1, status="reported")


class Clock:
    now_us = 1


async def keep(data: bytes) -> PhotoStored:
    return PhotoStored(digest=data.hex(), size=len(data), media_type="image/jpeg")


def door(counter: Counter, rules: Public) -> Posting:
    return Posting(
        reporting=cast(Any, counter), sources=SOURCES, rules=rules, now_us=lambda: Clock.now_us,
        keep=keep, code=lambda case_id: f"code of {case_id}")


def post(to: Posting, address: str = "192.0.2.1", pictures: Sequence[bytes] = ()) -> Reply:
    command = OpenCase(
        command_id=CommandId("c"), actor="", case_id=CaseId("k"), case_no="",
        category=Category(standard_ref="s", kind="matter", code="1", name=""),
        place=Place(area="420203", address="颐阳路12号"), text="井盖缺失", source="website",
    )
    return asyncio.run(to.post(command, b"", address=address, pictures=pictures))


def test_the_door_is_shut_until_the_office_opens_it() -> None:
    counter = Counter()
    with pytest.raises(NotPermitted) as refused:
        post(door(counter, Public()))
    assert (refused.value.code, counter.taken) == ("public.closed", [])


def test_one_address_posts_so_much_an_hour_and_everybody_so_much_a_minute() -> None:
    counter = Counter()
    to = door(counter, Public(reports=True, per_address_h=2, per_minute=3))
    post(to)
    post(to)
    with pytest.raises(Overloaded):
        post(to)
    post(to, "192.0.2.2")
    with pytest.raises(Overloaded):
        post(to, "192.0.2.3")
    Clock.now_us += MINUTE_US
    post(to, "192.0.2.3")
    with pytest.raises(Overloaded):
        post(to)
    Clock.now_us += HOUR_US
    post(to)
    assert len(counter.taken) == 5
    assert {one.actor for one in counter.taken} == {"public"}


def test_whoever_reports_gets_a_code_also_without_a_phone_and_pictures_go_with_it() -> None:
    counter = Counter()
    reply = post(door(counter, Public(reports=True)), pictures=(b"one", b"two"))
    assert reply.follow_up == "code of k"
    (taken,) = counter.taken
    assert [(b"one".hex(), "near"), (b"two".hex(), "near")] == [
        (one.digest, one.role.value) for one in taken.photos]


def test_a_door_that_would_refuse_says_so_before_anything_is_read_and_counts_nothing() -> None:
    with pytest.raises(NotPermitted):
        door(Counter(), Public()).ready("192.0.2.1")
    to = door(Counter(), Public(reports=True, per_address_h=1))
    for _ in range(3):
        to.ready("192.0.2.1")
    post(to)
    with pytest.raises(Overloaded):
        to.ready("192.0.2.1")


def test_addresses_are_forgotten_the_oldest_first(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(posting, "ADDRESSES_MAX", 2)
    to = door(Counter(), Public(reports=True, per_address_h=1, per_minute=100))
    for address in ("192.0.2.1", "192.0.2.2", "192.0.2.3", "192.0.2.1"):
        post(to, address)
    with pytest.raises(Overloaded):
        post(to, "192.0.2.1")
