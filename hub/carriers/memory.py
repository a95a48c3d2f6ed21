"""A pair of ends in one loop, with seeded faults: for tests and for two nodes in one process.

Every decision (lose, double, hold back) is drawn per message from a generator seeded with the
seed and the direction, so one seed gives one sequence whatever the clock does. It passes the
same contract suite as the real carriers.
"""

from __future__ import annotations

import asyncio
import random
from collections.abc import AsyncIterator, Awaitable, Callable
from dataclasses import dataclass

from hub.carriers.buffer import Buffer
from hub.carriers.port import Contact, Kind, Parcel, check_size
from hub.errors import Unreachable
from hub.ids import LinkId, NodeId

HELD_BACK_MAX = 3
"""By how many later messages a reordered one may be overtaken."""
HELD_BACK_S = 0.02
"""Seconds after which a message held back goes on when nothing follows it."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Faults:
    """What goes wrong, as chances between 0 and 1 per message."""

    loss: float = 0.0
    double: float = 0.0
    reorder: float = 0.0
    delay_s: float = 0.0
    """Largest delay of one message; delayed messages keep their order."""
    cut_after: int | None = None
    """The contact breaks after so many messages of one direction; None means never."""


NO_FAULTS = Faults()


@dataclass(frozen=True, slots=True, kw_only=True)
class _Sent:
    data: bytes
    copies: int
    overtaken_by: int
    delay_s: float


class _Wire:
    """One direction of one contact: draws the faults when sent, applies them under way."""

    def __init__(self, faults: Faults, seed: str) -> None:
        self.arrived: Buffer[bytes] = Buffer()
        self._sent: Buffer[_Sent] = Buffer()
        self._faults = faults
        # faults need repeatable chances, not secret ones
        self._rng = random.Random(seed)  # noqa: S311
        self._left = faults.cut_after
        self._under_way = asyncio.get_running_loop().create_task(self._carry())

    async def send(self, data: bytes) -> bool:
        """False when this is the message at which the contact breaks."""
        if self._left is not None:
            if self._left == 0:
                return False
            self._left -= 1
        # one draw per fault and message: switching one fault off leaves the others' draws alone
        faults, rng = self._faults, self._rng
        lost = rng.random() < faults.loss
        doubled = rng.random() < faults.double
        held_back = rng.random() < faults.reorder
        places = rng.randint(1, HELD_BACK_MAX)
        sent = _Sent(
            data=data,
            copies=0 if lost else 2 if doubled else 1,
            overtaken_by=places if held_back else 0,
            delay_s=rng.random() * faults.delay_s,
        )
        await self._sent.put(sent, len(data))
        return True

    def end(self) -> None:
        """The sender said its last; what it said before still arrives."""
        self._sent.close()

    def cut(self) -> None:
        """What is under way is lost; what has arrived can still be read."""
        self._under_way.cancel()
        self._sent.close(forget=True)
        self.arrived.close()

    async def finished(self) -> None:
        await asyncio.wait((self._under_way,))

    async def _carry(self) -> None:
        held: list[tuple[int, _Sent]] = []
        try:
            while True:
                try:
                    async with asyncio.timeout(HELD_BACK_S if held else None):
                        sent = await self._sent.get()
                except TimeoutError:
                    held = await self._let_go(held, all_of_them=True)
                    continue
                if sent is None:
                    await self._let_go(held, all_of_them=True)
                    self.arrived.close()
                    return
                if sent.overtaken_by:
                    held.append((sent.overtaken_by, sent))
                    continue
                await self._arrive(sent)
                held = await self._let_go([(left - 1, late) for left, late in held])
        except Unreachable:
            return  # the reader went away: what is under way is lost, as on any wire

    async def _let_go(
        self, held: list[tuple[int, _Sent]], *, all_of_them: bool = False
    ) -> list[tuple[int, _Sent]]:
        for left, late in held:
            if left <= 0 or all_of_them:
                await self._arrive(late)
        return [] if all_of_them else [(left, late) for left, late in held if left > 0]

    async def _arrive(self, sent: _Sent) -> None:
        if sent.delay_s:
            await asyncio.sleep(sent.delay_s)
        for _ in range(sent.copies):
            await self.arrived.put(sent.data, len(sent.data))


class _MemoryContact:
    kind = Kind.MEMORY

    def __init__(self, *, link: LinkId, peer: NodeId, out: _Wire, inn: _Wire) -> None:
        self.link = link
        self.peer = peer
        self._out = out
        self._in = inn
        self._closed = False

    async def say(
        self,
        data: bytes,
        *,
        frame: bool,
        msg_id: str = "",  # noqa: ARG002 - a stream stores nothing, so it has nothing to compare
    ) -> None:
        check_size(data, frame=frame)
        if self._closed or self._in.arrived.closed:
            raise Unreachable("speaking on a contact that has ended")
        if not await self._out.send(data):
            self.cut()
            raise Unreachable("the contact broke")

    async def parcels(self) -> AsyncIterator[Parcel]:
        while (data := await self._in.arrived.get()) is not None:
            yield Parcel(data=data)

    async def close(self) -> None:
        self._closed = True
        self._out.end()
        self._in.cut()
        await self._in.finished()

    def cut(self) -> None:
        self._closed = True
        self._out.cut()
        self._in.cut()


class _MemoryListener:
    def __init__(self) -> None:
        self.handler: Callable[[Contact], Awaitable[None]] | None = None
        self._serving: dict[asyncio.Task[None], _MemoryContact] = {}

    async def start(self, handler: Callable[[Contact], Awaitable[None]]) -> None:
        self.handler = handler

    def serve(self, contact: _MemoryContact) -> None:
        assert self.handler is not None, "dialled before the listener was started"
        task = asyncio.get_running_loop().create_task(self._run(self.handler, contact))
        self._serving[task] = contact
        task.add_done_callback(lambda done: self._serving.pop(done, None))

    async def _run(
        self, handler: Callable[[Contact], Awaitable[None]], contact: _MemoryContact
    ) -> None:
        try:
            await handler(contact)
        finally:
            await contact.close()

    async def stop(self) -> None:
        self.handler = None
        serving = dict(self._serving)
        for contact in serving.values():
            await contact.close()
        if serving:
            await asyncio.wait(serving)


class MemoryPair:
    """Both ends of one link; ``cut`` breaks what is open and refuses dials until ``heal``."""

    kind = Kind.MEMORY

    def __init__(self, link: LinkId, *, seed: int, faults: Faults) -> None:
        self.link = link
        self._parent, self._child = (NodeId(end) for end in link.split("-"))
        self._seed = seed
        self._faults = faults
        self._dials = 0
        self._cut = False
        self._open: list[_MemoryContact] = []
        self._listener = _MemoryListener()

    @property
    def dialer(self) -> MemoryPair:
        return self

    @property
    def listener(self) -> _MemoryListener:
        return self._listener

    async def dial(self) -> Contact:
        if self._cut or self._listener.handler is None:
            raise Unreachable(f"dialling {self._parent}: nobody listens")
        self._dials += 1
        up = _Wire(self._faults, f"{self._seed}/{self._dials}/up")
        down = _Wire(self._faults, f"{self._seed}/{self._dials}/down")
        mine = _MemoryContact(link=self.link, peer=self._parent, out=up, inn=down)
        theirs = _MemoryContact(link=self.link, peer=self._child, out=down, inn=up)
        self._open = [mine, theirs]
        self._listener.serve(theirs)
        return mine

    def cut(self) -> None:
        self._cut = True
        for contact in self._open:
            contact.cut()

    def heal(self) -> None:
        self._cut = False


def memory_pair(link: LinkId, *, seed: int = 0, faults: Faults = NO_FAULTS) -> MemoryPair:
    """The two ends of a link in this loop; the same seed and faults give the same sequence."""
    return MemoryPair(link, seed=seed, faults=faults)
