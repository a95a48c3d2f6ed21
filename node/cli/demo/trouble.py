"""What goes wrong on this day, in the order in which it goes wrong.

Each trouble waits for its moment (a share of the day's cases reported), does harm with the means of
the outside world (a cut cable, SIGKILL, a deleted directory) and later makes it good.
"""

from __future__ import annotations

import asyncio
import os
import shutil
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass
from pathlib import Path

import psutil

from node.cli.demo.clerks import Clerk
from node.cli.demo.desk import Desk
from node.cli.demo.federation import Federation, Office, Trouble
from node.cli.demo.people import Memory

CUT_S = 12.0
DEAD_S = 2.0
VICTIMS_TIMEOUT_S = 120.0
BROKER_TIMEOUT_S = 30.0
CUT_SHARE, KILL_SHARE, WIPE_SHARE = 0.20, 0.55, 0.75
"""Shares of the day's cases reported at which each trouble begins at the earliest."""

Tell = Callable[[str], None]


@dataclass(frozen=True, slots=True, kw_only=True)
class Kill:
    """Kill this process (a node's id or a legacy system's) once this share is reported."""

    who: str
    share: float

    @classmethod
    def parse(cls, text: str) -> Kill:
        """``420200@0.3``; ``ValueError`` says what is expected."""
        who, at, share = text.partition("@")
        if not who or not at or not 0 <= float(share) <= 1:
            raise ValueError(f"{text!r}: expected WHO@SHARE, e.g. 420200@0.3")
        return cls(who=who, share=float(share))


class Troubles:
    """The bad day of one federation."""

    def __init__(self, federation: Federation, memory: Memory, tell: Tell, *,
                 share: Callable[[], float]) -> None:
        self._federation = federation
        self._memory = memory
        self._tell = tell
        self._share = share
        self._hands = asyncio.Lock()
        """One process at a time is killed and started: two troubles may meet at the same one."""
        self.over = False
        """Whether all of it has happened and was made good."""

    async def happen(
        self, *, district: Clerk, city: Desk, victim: str, kills: Sequence[Kill]
    ) -> None:
        """The day's own troubles, and what somebody wants killed besides."""
        await asyncio.gather(self._own(district, city, victim), self._besides(kills))
        self.over = True

    async def _own(self, district: Clerk, city: Desk, victim: str) -> None:
        """The day's own troubles, one after the other."""
        await self._at(CUT_SHARE, lambda: self._cut(district, city))
        await self._at(KILL_SHARE, lambda: self._kill(victim))
        await self._at(WIPE_SHARE, self._wipe)

    async def _besides(self, kills: Sequence[Kill]) -> None:
        """What somebody who does not believe us wants killed besides."""
        for kill in sorted(kills, key=lambda one: one.share):
            await self._at(kill.share, lambda who=kill.who: self._kill(who))  # type: ignore[misc]

    async def _kill(self, who: str) -> None:
        async with self._hands:
            await self._kill_now(who)

    async def _wipe(self) -> None:
        async with self._hands:
            await self._wipe_now()

    async def _at(self, share: float, harm: Callable[[], Awaitable[None]]) -> None:
        while self._share() < share:
            await asyncio.sleep(0.1)
        await harm()

    async def _cut(self, district: Clerk, city: Desk) -> None:
        """Cut the district off; meanwhile withdraw what it is just feeding back."""
        office = district.desk.office
        victims = await self._at_work(city)
        for cable in office.cables:
            cable.cut()
        self._tell(f"✂ {office.plan.name}的链路断了 link cut: {office.plan.id}")
        crossed = await self._cross(victims, district, city)
        await asyncio.sleep(CUT_S)
        for cable in office.cables:
            cable.mend()
        self._tell(f"✓ {office.plan.name}的链路恢复 link mended; {crossed} crossed 撤回遇反馈")

    async def _at_work(self, city: Desk) -> list[str]:
        """The crossing cases, once both ends see them in the works."""
        deadline = asyncio.get_running_loop().time() + VICTIMS_TIMEOUT_S
        victims: list[str] = []
        while asyncio.get_running_loop().time() < deadline:
            chosen = [case for case in tuple(self._memory.plans) if self._memory.crosses(case)]
            above = [await city.get(f"/api/v1/cases/{case}") for case in chosen]
            victims = [case["case_id"] for case in above if case["status"] == "handling"]
            if victims and len(victims) == len(chosen) and self._share() >= CUT_SHARE:
                break
            await asyncio.sleep(0.2)
        return victims

    async def _cross(self, victims: list[str], district: Clerk, city: Desk) -> int:
        """Both sides speak about the same case while neither can hear the other."""
        crossed = 0
        self._memory.held_back = False
        for case_id in victims:
            held = await district.desk.get(f"/api/v1/cases/{case_id}")
            await district.feed_back(held)  # refused if the clerk was faster: as good
            below = await district.desk.get(f"/api/v1/cases/{case_id}")
            fed_back = below["duty"]["state"] == "done"
            if fed_back and await city.do(case_id, "withdraw", reason="群众补充情况，重新派遣"):
                crossed += 1
                self._memory.count("撤回 withdrawn")
        return crossed

    async def _kill_now(self, who: str) -> None:
        office = self._federation.offices.get(who)
        process = office.process if office else self._federation.legacy.get(who)
        if process is None:
            raise Trouble(f"nobody here is called {who}")
        await process.kill()
        self._tell(f"✂ {who} 被强行杀掉 SIGKILL")
        await asyncio.sleep(DEAD_S)
        await process.start()
        if office:
            await self._federation.ready(office)
        self._tell(f"✓ {who} 重新启动 started again")

    async def _wipe_now(self) -> None:
        """Kill the broker and delete everything it kept."""
        root = self._federation.root
        server = await self._broker_of(root)
        store = root.home / "nats"
        # Stopped first, so that its keeper cannot start it on the storage we are deleting.
        server.kill()
        server.wait(10)
        removed = await asyncio.to_thread(_empty, store)
        self._tell(f"✂ 消息服务器的存储被清空 NATS store wiped ({removed} entries)")

    async def _broker_of(self, office: Office) -> psutil.Process:
        """The nats-server that this node watches. Raises ``Trouble`` if it does not come up."""
        deadline = asyncio.get_running_loop().time() + BROKER_TIMEOUT_S
        while asyncio.get_running_loop().time() < deadline:
            assert office.process.running is not None
            for child in psutil.Process(office.process.running.pid).children(recursive=True):
                if "nats-server" in child.name():
                    return child
            await asyncio.sleep(0.2)
        raise Trouble(f"node {office.plan.id} runs no nats-server")


def _empty(store: Path) -> int:
    """Delete the JetStream store below ``store``; how many directory entries went. The keeper may
    be starting the server again meanwhile, so things come and go while we delete."""
    removed = 0
    for folder in [Path(base) / "jetstream" for base, names, _ in os.walk(store)
                   if "jetstream" in names]:
        removed += sum(len(names) + len(files) for _, names, files in os.walk(folder))
        shutil.rmtree(folder, ignore_errors=True)
    return removed
