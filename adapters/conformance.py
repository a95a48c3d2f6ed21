"""The one suite every kind of adapter passes, shipped so that a vendor can run it too.

A vendor writes a ``Bench``: how to make the adapter, and how to play the unit behind it (usually
its simulator). ``CHECKS`` are plain coroutines over a bench; each either returns or raises
``Broken`` with the sentence that no longer holds. Under pytest::

    @pytest.mark.parametrize("check", CHECKS)
    def test_conformance(check, tmp_path):
        asyncio.run(run_check(check, MyBench(tmp_path)))

A check that a kind cannot pass is named in its ``quality.toml`` with a sentence; nothing is
skipped silently.
"""

from __future__ import annotations

import asyncio
import logging
import time
from abc import ABC, abstractmethod
from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from enum import StrEnum

from adapters.contract import (
    Adapter,
    AdapterError,
    OutcomeUnknown,
    Page,
    PhotoRef,
    UnitAct,
    UnitEvent,
    UnitRejected,
    UnitUnreadable,
    Unreadable,
    WorkOrder,
)
from adapters.mapping import image_type

PATIENCE_S = 30.0
"""How long a check waits for a unit that works in its own time."""


class Broken(Exception):
    """A sentence of the contract does not hold for this adapter."""


class Trouble(StrEnum):
    """What a bench must be able to switch on at its unit."""

    NONE = "none"
    LOSE_ANSWER = "lose_answer"
    FAIL_AFTER_COMMIT = "fail_after_commit"
    OUTAGE = "outage"
    SLOW = "slow"
    DOUBLE_AND_REORDER = "double_and_reorder"
    GARBAGE = "garbage"


@dataclass(frozen=True, slots=True, kw_only=True)
class Held:
    """One work order as the unit's own books show it. ``live``: somebody would still work on it."""

    key: str
    live: bool
    photos: int


class Bench(ABC):
    """One adapter and the unit behind it, fresh for each check."""

    patience_s: float = PATIENCE_S
    secrets: Sequence[bytes] = ()
    """Values that must never show; the adapter under test is configured with them."""

    @abstractmethod
    async def open(self) -> Adapter:
        """Start the unit and make the adapter."""

    @abstractmethod
    async def reopen(self) -> Adapter:
        """Another adapter over the same configuration, as after a crash of the node."""

    @abstractmethod
    async def close(self) -> None:
        """Stop everything."""

    @abstractmethod
    def photo(self) -> PhotoRef:
        """A photo on local disk that an order may carry."""

    @abstractmethod
    async def held(self) -> list[Held]:
        """The unit's books, after it has taken in everything that is under way."""

    @abstractmethod
    async def say(self, key: str, act: UnitAct, *, photos: int = 0) -> None:
        """Let the unit's people say something about an order they hold."""

    @abstractmethod
    async def trouble(self, what: Trouble) -> None:
        """Switch trouble on; ``NONE`` switches all of it off."""

    async def submit_and_lose(self, adapter: Adapter, order: WorkOrder) -> None:
        """Submit so that the unit takes the order and the answer never reaches the caller."""
        try:
            await adapter.submit(order)
        except OutcomeUnknown:
            return
        raise Broken("an answer was lost and submit did not say that the outcome is unknown")

    async def say_unforeseen(self, key: str) -> None:
        """Let the unit show a status that nobody has mapped."""
        raise NotImplementedError

    def push(self, key: str, act: UnitAct) -> tuple[Mapping[str, str], bytes]:
        """Headers and body of a rightly signed notification."""
        raise NotImplementedError


Check = Callable[[Bench], Awaitable[None]]


def order(bench: Bench, number: int, *, generation: int = 1, photos: bool = False) -> WorkOrder:
    """A work order for tests; the number makes it distinct."""
    assignment = f"018f0000-0000-7000-8000-{number:012d}"
    return WorkOrder(
        key=f"{assignment}/{generation}",
        case_id=f"018f0000-0000-7000-9000-{number:012d}",
        case_no=f"2026-{number:05d}",
        generation=generation,
        standard_ref="GB/T 30428.2-2013",
        kind="component",
        code="0103",
        code_name="路灯",
        area="420203001",
        address='黄石大道 1 号, "东门"',
        lon=115.09,
        lat=30.21,
        text='路灯不亮；\n杆号 A-7，逗号,引号"俱全',
        urgent=number % 2 == 1,
        finish_by=datetime(2026, 7, 1, 8, 30, tzinfo=UTC),
        photos=(bench.photo(),) if photos else (),
    )


async def run_check(check: Check, bench: Bench) -> None:
    """Run one check and clean up, whatever happens."""
    try:
        await check(bench)
    finally:
        await bench.close()


async def probe_is_harmless(bench: Bench) -> None:
    """A probe says how the unit is and leaves no trace."""
    adapter = await bench.open()
    for _ in range(2):
        health = await adapter.probe()
        expect(health.ok, f"the probe of a healthy unit says: {health.detail}")
    expect(await bench.held() == [], "a probe left something in the unit's books")
    expect((await adapter.poll("")).events == (), "a probe caused an event")


async def submitting_twice_is_one_job(bench: Bench) -> None:
    """However often an order is submitted, also after a crash, the unit holds it once."""
    adapter = await bench.open()
    one = order(bench, 1)
    first = await adapter.submit(one)
    again = await adapter.submit(one)
    expect(bool(first.unit_reference) <= bool(again.unit_reference), "the unit's number got lost")
    await (await bench.reopen()).submit(one)
    await _holds_once(bench, one.key)
    await adapter.submit(order(bench, 1, generation=2))
    expect(len(await bench.held()) == 2, "a new round is a new work order")


async def lost_answer_heals_by_lookup(bench: Bench) -> None:
    """After a lost answer a lookup finds the order, and submitting again makes no second one."""
    adapter = await bench.open()
    for number, trouble in enumerate((Trouble.LOSE_ANSWER, Trouble.FAIL_AFTER_COMMIT), start=1):
        one = order(bench, number)
        await bench.trouble(trouble)
        await bench.submit_and_lose(adapter, one)
        await bench.trouble(Trouble.NONE)
        expect(await adapter.lookup(one.key) is not None, f"{trouble}: the lookup finds nothing")
        await adapter.submit(one)
        await _holds_once(bench, one.key)
    missing = await adapter.lookup(order(bench, 99).key)
    expect(missing is None, "a lookup finds an order that was never submitted")


async def withdrawn_stays_dead(bench: Bench) -> None:
    """After a withdrawal no work is done, not even for an order that arrives afterwards."""
    adapter = await bench.open()
    taken, never = order(bench, 1), order(bench, 2)
    receipt = await adapter.submit(taken)
    await bench.held()
    for _ in range(2):
        await adapter.withdraw(taken.key, receipt.unit_reference, "错派")
        await adapter.withdraw(never.key, "", "错派")
    for late in (taken, never):
        try:
            await (await bench.reopen()).submit(late)
        except UnitRejected:
            continue
    for held in await bench.held():
        expect(not held.live, f"{held.key} was withdrawn and the unit still works on it")
    other = order(bench, 3)
    await adapter.submit(other)
    expect(
        [one.key for one in await bench.held() if one.live] == [other.key],
        "a withdrawal touched another order",
    )


async def cursor_resumes(bench: Bench) -> None:
    """Polling goes on where the node committed, also in another process, and loses nothing."""
    adapter = await bench.open()
    one = order(bench, 1)
    await adapter.submit(one)
    await bench.held()
    await bench.say(one.key, UnitAct.SIGNED)
    events, cursor = await listen(adapter, "", want=1, within_s=bench.patience_s)
    expect([event.act for event in events] == [UnitAct.SIGNED], f"heard {events}")
    again = await bench.reopen()
    same, _ = await listen(again, "", want=1, within_s=bench.patience_s)
    expect(_ids(same) == _ids(events), "the same history read again has other event ids")
    await again.settle(cursor)
    await again.settle(cursor)
    nothing = await again.poll(cursor)
    expect(nothing.events == (), "committed events came again")
    await bench.say(one.key, UnitAct.PROGRESS)
    news, _ = await listen(again, cursor, want=1, within_s=bench.patience_s)
    expect([event.act for event in news] == [UnitAct.PROGRESS], f"after the cursor: {news}")
    expect(events[0].order < news[0].order, "the later event is ordered before the earlier one")


async def doubles_and_disorder_are_harmless(bench: Bench) -> None:
    """Doubled and shuffled news keep their ids, and sorting by ``order`` tells the true story."""
    adapter = await bench.open()
    one, story = order(bench, 1), (UnitAct.SIGNED, UnitAct.PROGRESS, UnitAct.DONE)
    await adapter.submit(one)
    await bench.held()
    await bench.trouble(Trouble.DOUBLE_AND_REORDER)
    for act in story:
        await bench.say(one.key, act)
    first, cursor = await listen(adapter, "", want=3, within_s=bench.patience_s)
    await bench.trouble(Trouble.NONE)
    more, _ = await listen(adapter, cursor, want=0, within_s=bench.patience_s)
    told = {event.event_id: event for event in (*first, *more)}
    heard = [event.act for event in sorted(told.values(), key=lambda event: event.order)]
    expect(heard == list(story), f"the unit said {list(story)}, we understood {heard}")


async def unforeseen_status_is_quarantined(bench: Bench) -> None:
    """A status nobody mapped is kept with its bytes, never guessed, and blocks nothing else."""
    adapter = await bench.open()
    one = order(bench, 1)
    await adapter.submit(one)
    await bench.held()
    await bench.say_unforeseen(one.key)
    await bench.say(one.key, UnitAct.DONE)
    events, unread, _ = await _listen(adapter, "", want=1, within_s=bench.patience_s)
    expect([event.act for event in events] == [UnitAct.DONE], f"heard {events}")
    expect(bool(unread), "the unforeseen status vanished")
    expect(bool(unread[0].evidence) and bool(unread[0].detail), "quarantined without evidence")


async def garbage_is_quarantined(bench: Bench) -> None:
    """Bytes that make no sense end in quarantine, and the next good answer is heard."""
    adapter = await bench.open()
    one = order(bench, 1)
    await adapter.submit(one)
    await bench.held()
    await bench.trouble(Trouble.GARBAGE)
    await bench.say(one.key, UnitAct.SIGNED)
    cursor, kept = "", False
    deadline = time.monotonic() + bench.patience_s
    while not kept and time.monotonic() < deadline:
        try:
            page = await adapter.poll(cursor)
        except UnitUnreadable as err:
            kept = bool(err.evidence)
        else:
            kept, cursor = bool(page.unreadable), page.cursor if page.unreadable else cursor
        await asyncio.sleep(0.02)
    expect(kept, "garbage was neither raised as unreadable nor listed, with its bytes")
    await bench.trouble(Trouble.NONE)
    await bench.say(one.key, UnitAct.DONE)
    events, _ = await listen(adapter, "", want=2, within_s=bench.patience_s)
    expect({UnitAct.SIGNED, UnitAct.DONE} == {event.act for event in events}, f"heard {events}")


async def no_secret_shows(bench: Bench) -> None:
    """Neither a repr, nor an error, nor a log line at any level shows a secret."""
    lines: list[str] = []
    handler = _Recorder(lines)
    root = logging.getLogger()
    level = root.level
    root.addHandler(handler)
    root.setLevel(logging.DEBUG)
    try:
        adapter = await bench.open()
        lines.append(repr(adapter))
        one = order(bench, 1)
        for trouble in (Trouble.NONE, Trouble.OUTAGE):
            await bench.trouble(trouble)
            for call in (adapter.probe(), adapter.lookup(one.key), adapter.submit(one)):
                try:
                    lines.append(repr(await call))
                except AdapterError as err:
                    lines.append(f"{err!r} {err.__cause__!r} {err.evidence!r}")
        await bench.trouble(Trouble.NONE)
    finally:
        root.removeHandler(handler)
        root.setLevel(level)
    seen = "\n".join(lines)
    expect(bool(bench.secrets), "the bench configured no secret to look for")
    for secret in bench.secrets:
        expect(secret.decode() not in seen, "a secret shows in a repr, an error or a log")


async def slow_unit_is_bounded(bench: Bench) -> None:
    """A unit that takes its time costs a bounded wait and an honest outcome."""
    adapter = await bench.open()
    await bench.trouble(Trouble.SLOW)
    one = order(bench, 1)
    began = time.monotonic()
    try:
        await adapter.submit(one)
    except AdapterError as err:
        expect(not isinstance(err, UnitRejected), "slowness was taken for a refusal")
    try:
        await adapter.poll("")
    except AdapterError as err:
        expect(not isinstance(err, UnitRejected), "slowness was taken for a refusal")
    took = time.monotonic() - began
    expect(took < bench.patience_s, f"two calls to a slow unit took {took:.1f} s")
    await bench.trouble(Trouble.NONE)
    await adapter.submit(one)
    await _holds_once(bench, one.key)


async def outage_heals(bench: Bench) -> None:
    """While the unit is away nothing is lost and nothing is rejected; afterwards all is well."""
    adapter = await bench.open()
    one = order(bench, 1)
    await bench.trouble(Trouble.OUTAGE)
    for call in (adapter.submit(one), adapter.poll(""), adapter.lookup(one.key)):
        try:
            await call
        except AdapterError as err:
            expect(not isinstance(err, UnitRejected), "an outage was taken for a refusal")
    await bench.trouble(Trouble.NONE)
    await adapter.submit(one)
    await _holds_once(bench, one.key)


async def photos_survive(bench: Bench) -> None:
    """A photo reaches the unit with the order, and the unit's photo reaches us whole."""
    adapter = await bench.open()
    one = order(bench, 1, photos=True)
    await adapter.submit(one)
    held = await bench.held()
    expect([item.photos for item in held] == [1], f"the unit's books show {held}")
    await bench.say(one.key, UnitAct.DONE, photos=2)
    events, _ = await listen(adapter, "", want=1, within_s=bench.patience_s)
    photos = events[0].photos
    expect(len(photos) == 2, f"two photos were sent, {len(photos)} arrived")
    for photo in photos:
        expect(image_type(photo.data) == photo.media_type, "a photo came through damaged")


async def webhook_is_signed(bench: Bench) -> None:
    """A rightly signed push is read like a polled event; any other is refused unread."""
    adapter = await bench.open()
    one = order(bench, 1)
    await adapter.submit(one)
    headers, body = bench.push(one.key, UnitAct.SIGNED)
    page = adapter.webhook(headers, body)
    expect([event.act for event in page.events] == [UnitAct.SIGNED], f"heard {page.events}")
    for bad_headers, bad_body in (({}, body), (headers, body + b" "), (headers, b"{}")):
        try:
            adapter.webhook(bad_headers, bad_body)
        except UnitRejected:
            continue
        raise Broken("a notification without a valid signature was read")


CHECKS: tuple[Check, ...] = (
    probe_is_harmless,
    submitting_twice_is_one_job,
    lost_answer_heals_by_lookup,
    withdrawn_stays_dead,
    cursor_resumes,
    doubles_and_disorder_are_harmless,
    unforeseen_status_is_quarantined,
    garbage_is_quarantined,
    no_secret_shows,
    slow_unit_is_bounded,
    outage_heals,
    photos_survive,
    webhook_is_signed,
)


def expect(holds: bool, sentence: str) -> None:
    """Raise ``Broken`` unless it holds; unlike an assertion this stays under ``-O``."""
    if not holds:
        raise Broken(sentence)


async def listen(
    adapter: Adapter, cursor: str, *, want: int, within_s: float
) -> tuple[list[UnitEvent], str]:
    """Poll until ``want`` different events came (0: one quiet page) or time is over; what was
    heard, and the cursor after it. Acts that mean nothing are left out."""
    events, _, cursor = await _listen(adapter, cursor, want=want, within_s=within_s)
    return events, cursor


async def _listen(
    adapter: Adapter, cursor: str, *, want: int, within_s: float
) -> tuple[list[UnitEvent], list[Unreadable], str]:
    told: dict[str, UnitEvent] = {}
    unread: list[Unreadable] = []
    deadline = time.monotonic() + within_s
    while True:
        page = await _page(adapter, cursor)
        if page is not None:
            cursor = page.cursor
            told |= {one.event_id: one for one in page.events if one.act is not UnitAct.NONE}
            unread += page.unreadable
        if len(told) >= want and (page is None or not page.more):
            return list(told.values()), unread, cursor
        if time.monotonic() > deadline:
            raise Broken(f"waited {within_s} s for {want} events, heard {list(told.values())}")
        await asyncio.sleep(0.02)


async def _page(adapter: Adapter, cursor: str) -> Page | None:
    try:
        return await adapter.poll(cursor)
    except AdapterError:
        return None


async def _holds_once(bench: Bench, key: str) -> None:
    count = sum(held.key == key for held in await bench.held())
    expect(count == 1, f"the unit holds {count} work orders for {key}")


def _ids(events: Sequence[UnitEvent]) -> set[str]:
    return {event.event_id for event in events}


class _Recorder(logging.Handler):
    def __init__(self, lines: list[str]) -> None:
        super().__init__(logging.DEBUG)
        self.lines = lines

    def emit(self, record: logging.LogRecord) -> None:
        """Keep the line as it would be written."""
        self.lines.append(f"{record.getMessage()} {record.args!r}")
