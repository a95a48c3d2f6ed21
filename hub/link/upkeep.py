"""What a running link needs besides its machine: the lease, a look at free places, forgetting.

Runs for as long as the driver does. A failure of one round is logged and tried again; only a lost
lease ends it.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from dataclasses import dataclass

import structlog

from hub.errors import FabricError, Fenced
from hub.ids import LinkId
from hub.link import steps
from hub.store import inbox, links, outbox
from hub.store.tx import Tx, Writer

LEASE_US = 30_000_000
RENEW_S = 10.0
"""How often the lease is renewed; it lapses after three missed renewals."""
ROOM_S = 1.0
"""How often free places (writer, disk) are looked at."""
TRIM_ROUNDS = 3_600
"""Rounds of ``ROOM_S`` between two looks at what may be forgotten."""
KEEP_BYTES_US = 30 * 86_400 * 1_000_000
"""Sealed bytes of delivered words: what a peer restored from a backup may ask for again."""
KEEP_ROWS_US = 90 * 86_400 * 1_000_000

log = structlog.get_logger(__name__)


@dataclass(frozen=True, slots=True, kw_only=True)
class Upkeep:
    """Upkeep of one link under one holder number. ``credit``: envelopes this node takes now, None
    where nobody counts them."""

    link: LinkId
    holder_no: int
    writer: Writer
    credit: Callable[[], int] | None
    feed: Callable[[steps.Input], None]

    async def run(self) -> None:
        """Go on until cancelled, or until another process holds the link."""
        rounds = 0
        room: int | None = None
        while True:
            await asyncio.sleep(ROOM_S)
            rounds += 1
            try:
                if self.credit is not None and (credit := self.credit()) != room:
                    room = credit
                    self.feed(steps.Room(credit=credit))
                if rounds % int(RENEW_S / ROOM_S) == 0:
                    await self.writer.write(self._renew)
                if rounds % TRIM_ROUNDS == 0:
                    await self.writer.write(self._trim)
            except Fenced as err:
                self.feed(steps.Failed(ticket=steps.Ticket("lease"), code=err.code, fenced=True))
                return
            except FabricError as err:
                log.warning("link.upkeep_failed", link=self.link, code=err.code)
            except Exception:
                log.exception("link.upkeep_broke", link=self.link)

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
