"""A mailbox in use: kept as it should be by its parent, read in order by either side.

JetStream is never believed to be complete. What a box lost is sent again after the next Hello, so
the parent may make streams and consumers anew whenever they are missing, wrong or stuck.
"""

from __future__ import annotations

import asyncio
import json
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field
from typing import Any

import structlog
from nats.aio.msg import Msg
from nats.aio.subscription import Subscription

from hub.errors import Unreachable
from hub.nats.session import STATUS, NatsSession
from hub.nats.subjects import NANOSECONDS, UNACKED_MAX, Mailbox

PULL_S = 20.0
"""Seconds one pull request stays open at the server."""
PULL_BEAT_S = 5.0
"""Seconds between the server's signs of life while a pull waits."""
PULL_DEAF_S = 2.5 * PULL_BEAT_S
"""Seconds without any of them after which the pull is taken for lost."""
PULL_RETRY_S = 1.0
"""Seconds to wait when the consumer is not there: its parent is about to make it."""
STALLED_S = 30.0
"""Seconds in which a box with frames, a waiting reader and free places delivered nothing."""
NOT_FOUND = (10014, 10059)
"""The API's codes for: no such consumer, no such stream."""
ACK, NAK = b"+ACK", b"-NAK"

log = structlog.get_logger()


def api(domain: str, call: str) -> str:
    """The subject of a JetStream API call."""
    return f"$JS.{domain}.API.{call}" if domain else f"$JS.API.{call}"


@dataclass(slots=True)
class BoxKeeper:
    """The parent's care for one mailbox. Holds what it saw at its last look."""

    box: Mailbox
    domain: str = ""
    replicas: int = 1
    """Servers that keep the box; 1 where there is only one."""
    stored_bytes: int = 0
    away: tuple[str, ...] = ()
    """Servers whose copy was missing or behind at the last two looks: a fresh one always is."""
    _behind: frozenset[str] = frozenset()
    recreated: int = 0
    """How often the consumer was made anew because it was stuck; an alarm, not a failure."""
    _delivered: tuple[int, float] | None = field(default=None)

    async def converge(self, session: NatsSession, now_s: float) -> None:
        """Make stream and consumer what they should be. Raises ``Unreachable``."""
        state = await self._converge_stream(session)
        self.stored_bytes = int(state.get("bytes", 0))
        consumer = await self._converge_consumer(session)
        if self._stuck(state, consumer, now_s):
            log.warning("mailbox_stalled", stream=self.box.stream)
            await self._call(session, f"CONSUMER.DELETE.{self.box.stream}.{self.box.consumer}")
            await self._create_consumer(session)
            self.recreated += 1
            self._delivered = None

    async def _converge_stream(self, session: NatsSession) -> dict[str, Any]:
        name, wanted = self.box.stream, self.box.stream_config(
            replicas=self.replicas)
        found = await self._call(session, f"STREAM.INFO.{name}", missing_is_fine=True)
        if found is not None and _drift(wanted, found["config"]):
            changed = await session.api(api(self.domain, f"STREAM.UPDATE.{name}"), wanted)
            if "error" in changed:  # what cannot be changed is made anew; a box holds only copies
                log.warning("mailbox_replaced", stream=name, reason=changed["error"])
                await self._call(session, f"STREAM.DELETE.{name}")
                found = None
        if found is None:
            found = await self._call(session, f"STREAM.CREATE.{name}", wanted)
            assert found is not None
            log.info("mailbox_created", stream=name)
        behind = frozenset(
            one["name"] for one in (found.get("cluster") or {}).get("replicas") or ()
            if one.get("offline") or not one.get("current"))
        self.away, self._behind = tuple(behind & self._behind), behind
        state: dict[str, Any] = found["state"]
        return state

    async def _converge_consumer(self, session: NatsSession) -> dict[str, Any]:
        where = f"{self.box.stream}.{self.box.consumer}"
        found = await self._call(session, f"CONSUMER.INFO.{where}", missing_is_fine=True)
        if found is not None and _drift(self.box.consumer_config(), found["config"]):
            await self._call(session, f"CONSUMER.DELETE.{where}")
            found = None
        if found is None:
            found = await self._create_consumer(session)
        return found

    async def _create_consumer(self, session: NatsSession) -> dict[str, Any]:
        found = await self._call(
            session,
            f"CONSUMER.DURABLE.CREATE.{self.box.stream}.{self.box.consumer}",
            {"stream_name": self.box.stream, "config": self.box.consumer_config()},
        )
        assert found is not None
        return found

    def _stuck(self, state: dict[str, Any], consumer: dict[str, Any], now_s: float) -> bool:
        """Ahead of its stream (after power loss), or frames and a reader but nothing moves."""
        if consumer["ack_floor"]["stream_seq"] > state["last_seq"]:
            return True
        delivered = int(consumer["delivered"]["consumer_seq"])
        should_move = (
            consumer["num_pending"] > 0
            and consumer["num_waiting"] > 0
            and consumer["num_ack_pending"] < UNACKED_MAX
        )
        if not should_move or self._delivered is None or self._delivered[0] != delivered:
            self._delivered = (delivered, now_s)
            return False
        return now_s - self._delivered[1] >= STALLED_S

    async def _call(
        self,
        session: NatsSession,
        call: str,
        body: dict[str, Any] | None = None,
        *,
        missing_is_fine: bool = False,
    ) -> dict[str, Any] | None:
        answer = await session.api(api(self.domain, call), body)
        error = answer.get("error")
        if error is None:
            return answer
        if missing_is_fine and error.get("err_code") in NOT_FOUND:
            return None
        raise Unreachable(f"asking JetStream for {call}: {error.get('description')}")


def _drift(wanted: dict[str, Any], found: dict[str, Any]) -> bool:
    """Whether something we set is otherwise at the server. It leaves out what is false or zero,
    and what it adds by itself is its own business."""
    return any(found.get(name) != value for name, value in wanted.items() if value)


Taken = Callable[[bytes, Callable[[], Awaitable[None]]], Awaitable[None]]
"""Takes a frame and the function that acknowledges it; may wait."""


class BoxReader:
    """Pulls a mailbox in order, one open pull request at a time, until its session ends."""

    def __init__(self, session: NatsSession, box: Mailbox, *, domain: str, taken: Taken) -> None:
        self._session = session
        self._next = api(domain, f"CONSUMER.MSG.NEXT.{box.stream}.{box.consumer}")
        self._taken = taken
        self._arrived: asyncio.Queue[Msg] = asyncio.Queue()  # bounded by UNACKED_MAX at the server
        self._unacked: set[str] = set()
        self._inbox = session.inbox()
        self._listening: Subscription | None = None
        self._pull_no = 0
        self._left = 0

    async def run(self) -> None:
        """Read until cancelled or the session ends."""
        self._listening = await self._session.subscribe(f"{self._inbox}.*", self._arrived.put)
        await self._pull()
        while not self._session.closed.is_set():
            try:
                async with asyncio.timeout(PULL_DEAF_S):
                    message = await self._arrived.get()
            except TimeoutError:
                await self._pull()
                continue
            await self._take(message)

    async def give_back(self) -> None:
        """After ``run`` has ended: listen no more, and hand back what was delivered and not
        acknowledged, so that it need not wait a minute for the next reader."""
        listening, self._listening = self._listening, None
        if listening is not None:
            # or the server would go on filling our open pull request
            await self._session.unsubscribe(listening)
        unacked, self._unacked = self._unacked, set()
        while not self._arrived.empty():
            message = self._arrived.get_nowait()
            if not message.subject.startswith(self._inbox):
                unacked.add(message.reply)
        for reply in unacked:
            await self._session.publish(reply, NAK)

    async def _take(self, message: Msg) -> None:
        status = (message.headers or {}).get(STATUS)
        if status is None or not message.subject.startswith(self._inbox):
            self._unacked.add(message.reply)
            self._left -= 1
            if self._left <= 0:
                await self._pull()  # before we wait for a place: the next batch comes meanwhile
            await self._taken(message.data, self._acker(message.reply))
        elif status == "100" or not message.subject.endswith(f".{self._pull_no}"):
            return  # a sign of life, or the end of a pull we gave up before
        else:
            if status not in ("404", "408"):  # not merely "nothing came": consumer gone, moved
                await asyncio.sleep(PULL_RETRY_S)
            await self._pull()

    def _acker(self, reply: str) -> Callable[[], Awaitable[None]]:
        async def ack() -> None:
            if reply not in self._unacked:
                return  # acknowledged before, or handed back
            self._unacked.discard(reply)
            try:
                await self._session.publish(reply, ACK)
            except Unreachable:
                return  # it will be delivered again, and the inbox knows it by then

        return ack

    async def _pull(self) -> None:
        self._pull_no += 1
        self._left = UNACKED_MAX
        wish = {
            "batch": UNACKED_MAX,
            "expires": int(PULL_S * NANOSECONDS),
            "idle_heartbeat": int(PULL_BEAT_S * NANOSECONDS),
        }
        await self._session.publish(
            self._next, json.dumps(wish).encode(), reply=f"{self._inbox}.{self._pull_no}"
        )
