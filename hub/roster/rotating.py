"""The sign key of a running node is changed without a word being lost.

A change has three steps, and a restart between any two of them goes on where it stood: a second key
is made, and both seal; the root lists it, because the node claims it under both; then the new one
seals alone. The old one verifies to the end of its term and 30 days more. Nothing is kept of how
far it is: the keys that are there and the roster say it.

Begun by a person, by the calendar, or by another process of this node; the files decide.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable

import structlog

from hub.roster import join
from hub.roster.claiming import Claims
from hub.roster.holding import ids_of
from hub.roster.identity import Identity
from hub.roster.keeper import Alarm, Note, RosterKeeper, unnoted

SETTLE_US = 3_000_000
"""Between the roster that lists the new key and its sealing alone: children get that roster on the
contacts that are up, and shall have read it before the first word that needs it."""
LOOK_S, LOOK_BUSY_S = 30.0, 1.0
"""Pauses between two looks: usually, and while a change ends by itself."""
DAY_US = 86_400_000_000

log = structlog.get_logger(__name__)


class Rotation:
    """One per node, for the process that owns its links. ``days``: a sign key this old is changed;
    0 = only when a person says so. ``note`` writes down what happened without a person."""

    def __init__(
        self,
        *,
        identity: Identity,
        keeper: RosterKeeper,
        claims: Claims,
        now_us: Callable[[], int],
        alarm: Alarm,
        days: int,
        note: Note = unnoted,
    ) -> None:
        self._identity = identity
        self._keeper = keeper
        self._claims = claims
        self._now_us = now_us
        self._alarm = alarm
        self._days = days
        self._note = note
        self._listed_us = 0
        self._warned = ""
        self._known = ids_of(identity.held.keys)
        self._working = asyncio.Lock()

    async def tend(self) -> float:
        """Take over what the files say and do what is due; returns in how many seconds to look
        again."""
        async with self._working:
            await asyncio.to_thread(self._identity.refresh)
            if self._known != (known := ids_of(self._identity.held.keys)):
                self._known = known
                log.info("keys_changed", signers=[key.key_id for key in self._identity.signers])
                await self._keeper.refresh()  # our own keys verify our own words
                await self._claims.refresh()
            if self._identity.beside is None and self._due():
                await self._begin()
            beside = self._identity.beside
            if beside is None:
                self._listed_us = 0
                return LOOK_S
            if not self._listed(beside.key_id):
                self._listed_us = 0
                if self._identity.is_root:
                    await asyncio.to_thread(
                        join.list_own_keys, self._identity, now_us=self._now_us())
                    await self._keeper.refresh()
                return LOOK_BUSY_S if self._listed(beside.key_id) else LOOK_S
            if not self._identity.held.keys.beside_ends:
                return LOOK_S
            self._listed_us = self._listed_us or self._now_us()
            if self._now_us() - self._listed_us < SETTLE_US:
                return LOOK_BUSY_S
            await asyncio.to_thread(self._identity.gone_over)
            await self._taken_over()
            log.info("sign_key_changed", key_id=self._identity.sign.key_id)
            await self._note("EndSignKey", {"key_id": self._identity.sign.key_id, "by": "itself"})
            return LOOK_S

    def _due(self) -> bool:
        age_us = self._now_us() - self._identity.sign_from_us
        return self._days > 0 and age_us >= self._days * DAY_US

    async def _begin(self) -> None:
        """By the calendar. A key in a device is made there, by a person."""
        if self._identity.sign.in_a_device:
            if self._warned != self._identity.sign.key_id:
                self._warned = self._identity.sign.key_id
                self._alarm(
                    "keys.device_due",
                    "the sign key in the device is due to be changed: wanmi keys change --device",
                )
            return
        await asyncio.to_thread(
            self._identity.going_over, self._identity.sign.alg, now_us=self._now_us(), ends=True
        )
        await self._taken_over()
        await self._note("AddSignKey", {
            "key_id": self._identity.signers[-1].key_id, "by": "calendar"})
        await self._claims.refresh()

    async def _taken_over(self) -> None:
        await asyncio.to_thread(self._identity.refresh)
        self._known = ids_of(self._identity.held.keys)
        await self._keeper.refresh()

    def _listed(self, key_id: str) -> bool:
        roster = self._keeper.roster
        good = roster.good_keys(self._identity.node) if roster is not None else ()
        return any(key.key_id == key_id for key in good)
