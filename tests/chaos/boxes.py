"""What befalls a cluster of mailbox servers as a whole."""

from __future__ import annotations

import asyncio
from contextlib import AsyncExitStack
from random import Random

from node.cli.demo.federation import Trouble
from tests.chaos.town import Town

SEEN_AFTER_S = 9.0
"""A doctor that was asked before looks at the servers again by then."""
NO_MAJORITY = "no majority"
"""What its sentence says."""


class Boxes:
    """Hands on the one cluster of the town."""

    def __init__(self, town: Town) -> None:
        self._town = town
        self.unseen: list[str] = []
        """What should have been told to a person and was not."""

    async def befall(self, kind: str, for_s: float, random: Random) -> None:
        """``leader``: whoever leads a box is killed. ``quorum``: two of three are. ``roll``: one
        after the other is restarted, as for an upgrade."""
        names = list(self._town.members())
        if kind == "leader":
            await self._kill([await self._leader() or random.choice(names)], for_s)
        elif kind == "quorum":
            await self._kill(sorted(random.sample(names, 2)), for_s)
        else:
            for name in names:
                async with self._town.hands(name):
                    self._town.held_down.add(name)
                    await self._town.process(name).stop()
                    await self._town.start_again(name)
                    await self._healthy(name)

    async def _kill(self, names: list[str], for_s: float) -> None:
        town = self._town
        async with AsyncExitStack() as stack:
            for name in names:
                await stack.enter_async_context(town.hands(name))
            for name in names:
                await town.kill(name)
            await asyncio.sleep(for_s)
            if len(names) > 1 and for_s >= SEEN_AFTER_S:
                await self._told()
            for name in names:
                await town.start_again(name)
                await self._healthy(name)

    async def _told(self) -> None:
        """The parent's doctor speaks of it, unless the parent does not even answer itself."""
        node = self._town.shape.cluster
        try:
            async with asyncio.timeout(20):
                online, said = await self._town.examined(node)
        except (TimeoutError, Trouble):
            return
        if online and not any(one["level"] == "alarm" and NO_MAJORITY in one["sentence"]
                              for one in said):
            self.unseen.append(f"{node}: the doctor does not miss two mailbox servers: {said}")

    async def _leader(self) -> str:
        cluster = self._town.cluster
        assert cluster is not None
        child = next(one.id for one in self._town.plan.children(self._town.shape.cluster))
        return await cluster.leader(f"DN_{child}")

    async def _healthy(self, name: str) -> None:
        """Wait for it; if it cannot be healthy (another fault), the run goes on."""
        cluster = self._town.cluster
        assert cluster is not None
        try:
            async with asyncio.timeout(20):
                await cluster.healthy(name)
        except (TimeoutError, Trouble):
            return
