"""The doctor: what is wrong or will be, one sentence each, with what to do about it."""

from __future__ import annotations

import asyncio
import shutil
from collections.abc import Awaitable, Callable
from pathlib import Path

from hub.errors import FabricError
from hub.store.tx import Tx, Writer
from node.service.adapters import UnitDesk
from node.service.neighbours import Neighbours
from node.service.queries import AMBER_AFTER_S, RED_AFTER_S
from node.service.surroundings import Surroundings
from node.service.views import AdapterView, Finding, Level, LinkView

WRITE_TIMEOUT_S = 5.0
"""A commit that takes longer than this is not a working database."""
ADAPTER_OLD_S = 3600.0
"""An order that its unit has not taken for an hour is worth a telephone call."""

_ORDER = {Level.ALARM: 0, Level.WARN: 1, Level.OK: 2}


class Doctor:
    """Looks at everything and reports. ``more``: further sources (roster, certificates, host)."""

    def __init__(
        self,
        *,
        writer: Writer,
        neighbours: Neighbours,
        units: UnitDesk,
        surroundings: Surroundings,
        home: Path,
        disk_warn: float,
        disk_full: float,
        more: Callable[[], Awaitable[list[Finding]]],
    ) -> None:
        self._writer = writer
        self._neighbours = neighbours
        self._units = units
        self._surroundings = surroundings
        self._home = home
        self._disk_warn = disk_warn
        self._disk_full = disk_full
        self._more = more

    def disk_used(self) -> float:
        """Used share of the disk under the home directory."""
        usage = shutil.disk_usage(self._home)
        return 1 - usage.free / usage.total

    async def ready(self) -> list[Finding]:
        """What keeps this node from serving."""
        found = []
        try:
            async with asyncio.timeout(WRITE_TIMEOUT_S):
                await self._writer.write(_nothing, urgent=True)
        except (TimeoutError, FabricError) as err:
            found.append(
                Finding(
                    level=Level.ALARM,
                    subject="database",
                    sentence=f"a commit did not go through: {err or 'no answer in time'}",
                    remedy="look at the disk and, if there is one, at the database server",
                )
            )
        disk = self._disk()
        if disk.level is Level.ALARM:
            found.append(disk)
        return found

    async def findings(self) -> list[Finding]:
        """Everything, worst first."""
        found = [*await self.ready(), self._disk()]
        found += [_link(view) for view in await self._neighbours.links()]
        found += [_adapter(view) for view in await self._units.views()]
        found += await self._more()
        unique = {(one.subject, one.sentence): one for one in found}
        return sorted(unique.values(), key=lambda one: _ORDER[one.level])

    def _disk(self) -> Finding:
        used = self.disk_used()
        level, remedy = Level.OK, ""
        if used >= self._disk_full:
            level, remedy = Level.ALARM, "make room: new cases and words are refused"
        elif used >= self._disk_warn:
            level, remedy = Level.WARN, "make room soon: neighbours are told to wait"
        return Finding(
            level=level, subject="disk", sentence=f"{used:.0%} of the disk is used", remedy=remedy
        )


def _nothing(tx: Tx) -> None:
    """The smallest operation that must commit."""
    del tx


def _link(view: LinkView) -> Finding:
    level, remedy = Level.OK, ""
    waited_s = view.oldest_undelivered_s or 0.0
    if view.state in ("FENCED", "QUARANTINED", "RECOVERING"):
        level, remedy = Level.ALARM, "this link needs a person: see the recovery page of the docs"
    elif waited_s > RED_AFTER_S or view.parked:
        level = Level.ALARM
        remedy = "see the parked words" if view.parked else "look at the line and at the neighbour"
    elif not view.connected or waited_s > AMBER_AFTER_S:
        level, remedy = Level.WARN, "look at the line and at the neighbour"
    return Finding(
        level=level, subject=f"link {view.link}", sentence=view.sentence, remedy=remedy
    )


def _adapter(view: AdapterView) -> Finding:
    level, remedy = Level.OK, ""
    if view.unknown or (view.oldest_waiting_s or 0.0) > ADAPTER_OLD_S:
        level, remedy = Level.WARN, "look at the unit's system, then try the job again"
    if view.quarantined:
        level, remedy = Level.WARN, "look at the unreadable messages and correct the mapping"
    return Finding(
        level=level, subject=f"adapter {view.adapter}", sentence=view.sentence, remedy=remedy
    )
