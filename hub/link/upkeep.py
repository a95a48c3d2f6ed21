"""What a running link needs besides its machine: the lease, a look at free places, forgetting.

Runs for as long as the driver does. A failure of one round is logged and tried again; only a lost
lease ends it.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass
from zlib import crc32

import structlog

from hub.errors import FabricError, Fenced
from hub.ids import LinkId
from hub.link import steps
from hub.link.quota import Quota, ended, shuts
from hub.store import inbox, links, outbox
from hub.store.tx import Tx, Writer

LEASE_US = 30_000_000
ROOM_S = 1.0
"""How often free places (writer, disk) are looked at while words move."""
SHUT_ROUNDS = 5
"""Rounds between two looks at a link that has had its share."""
RENEW_ROUNDS = 10
"""Rounds between two renewals of the lease; it lapses after three missed ones."""
TRIM_ROUNDS = 3_600
"""Rounds between two looks at what may be forgotten."""
KEEP_BYTES_US = 30 * 86_400 * 1_000_000
"""Sealed bytes of delivered words: what a peer restored from a backup may ask for again."""
KEEP_ROWS_US = 90 * 86_400 * 1_000_000

log = structlog.get_logger(__name__)


@dataclass(frozen=True, slots=True, kw_only=True)
class Upkeep:
    """Upkeep of one link under one holder number. ``credit``: envelopes this node takes now, None
    where nobody counts them; ``full``: whether its disk has no place for words any more; ``quota``:
    what the peer may cost, None = anything; ``told``: which of its bounds are reached now."""

    link: LinkId
    holder_no: int
    writer: Writer
    credit: Callable[[], int] | None
    full: Callable[[], bool]
    quota: Quota | None
    told: Callable[[tuple[str, ...]], None]
    clock: Callable[[], int]
    feed: Callable[[steps.Input], None]
    stirred: asyncio.Event
    """Set when something moves on the link: free places are looked at while it does."""

    async def run(self) -> None:
        """Go on until cancelled, or until another process holds the link. All links of a node
        do so at the same moments, so that three hundred renewals are one commit."""
        loop = asyncio.get_running_loop()
        rounds = int(loop.time() / ROOM_S)
        renewed, trimmed = rounds // RENEW_ROUNDS, self._trimming(rounds)
        room: int | None = None
        reached: tuple[str, ...] = ()
        shut = False
        while True:
            await self._until_stirred((renewed + 1) * RENEW_ROUNDS * ROOM_S)
            rounds = max(rounds + 1, int(loop.time() / ROOM_S))
            await asyncio.sleep(max(0.0, rounds * ROOM_S - loop.time()))
            try:
                if not shut or rounds % SHUT_ROUNDS == 0:
                    reached = await self._share(reached)
                if self.credit is not None:
                    found = self.credit(), shuts(reached) or self.full()
                    if found != (room, shut):
                        room, shut = found
                        self.feed(steps.Room(credit=room, shut=shut))
                if room == 0 or shut:
                    self.stirred.set()  # we take nothing: look again until we do
                if rounds // RENEW_ROUNDS != renewed:
                    renewed = rounds // RENEW_ROUNDS
                    await self.writer.write(self._renew)
                if self._trimming(rounds) != trimmed:
                    trimmed = self._trimming(rounds)
                    await self.writer.write(self._trim)
            except Fenced as err:
                self.feed(steps.Failed(ticket=steps.Ticket("lease"), code=err.code, fenced=True))
                return
            except FabricError as err:
                log.warning("link.upkeep_failed", link=self.link, code=err.code)
            except Exception:
                log.exception("link.upkeep_broke", link=self.link)

    async def _share(self, before: tuple[str, ...]) -> tuple[str, ...]:
        """Which bounds the peer has reached; told when they are others than before."""
        if self.quota is None:
            return ()
        spent, parked = await self.writer.read(lambda conn: (
            links.spent(conn, self.link), inbox.parked_bytes(conn, self.link)))
        reached = ended(self.quota, spent, parked=parked, now_us=self.clock())
        if reached != before:
            self.told(reached)
        return reached

    async def _until_stirred(self, at: float) -> None:
        """Until something moves on the link, at most until a moment of the loop's clock."""
        with suppress(TimeoutError):
            async with asyncio.timeout_at(at):
                await self.stirred.wait()
        self.stirred.clear()

    def _trimming(self, rounds: int) -> int:
        """Each link forgets at its own moment, for that is work."""
        return (rounds + crc32(self.link.encode())) // TRIM_ROUNDS

    def _renew(self, tx: Tx) -> None:
        links.renew(
            tx, self.link, holder_no=self.holder_no, lease_until_us=tx.now_us + LEASE_US
        )

    def _trim(self, tx: Tx) -> None:
        """Forget bytes and rows of words that were delivered or settled long ago."""
        row = links.hold(tx, self.link, self.holder_no)
        ages = {
            "bytes_before_us": tx.now_us - KEEP_BYTES_US,
            "rows_before_us": tx.now_us - KEEP_ROWS_US,
        }
        outbox.trim(tx, self.link, acked=row.acked, **ages)
        inbox.trim(tx, self.link, inn=row.inn, **ages)
