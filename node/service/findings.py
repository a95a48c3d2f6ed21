"""The doctor: what is wrong or will be, one sentence each, with what to do about it."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from pathlib import Path

from hub.errors import FabricError
from hub.store.tx import Tx, Writer
from node.service.adapter_views import AdapterView
from node.service.adapters import UnitDesk
from node.service.disk import disk_finding, used_share
from node.service.link_views import LinkView
from node.service.neighbours import Neighbours
from node.service.phrases import NOTHING, Phrase, phrase
from node.service.queries import AMBER_AFTER_S, RED_AFTER_S
from node.service.surroundings import Surroundings
from node.service.views import Finding, Level

WRITE_TIMEOUT_S = 5.0
"""A commit that takes longer than this is not a working database."""
ADAPTER_OLD_S = 3600.0
"""An order that its unit has not taken for an hour is worth a telephone call."""

REFUSED = "link.refused"
"""Reason of a link whose parent no longer accepts our certificate."""
UNSEALED = "link.unsealed"
"""Reason of a quarantined link that a person may release; the other standstills need recovery."""

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
        return used_share(self._home)

    async def ready(self) -> list[Finding]:
        """What keeps this node from serving."""
        found = []
        try:
            async with asyncio.timeout(WRITE_TIMEOUT_S):
                await self._writer.write(_nothing, urgent=True)
        except (TimeoutError, FabricError) as err:
            reason = phrase("verbatim", text=str(err)) if str(err) else phrase("database.slow")
            found.append(
                Finding(
                    level=Level.ALARM,
                    subject="database",
                    sentence=phrase("database.stuck", reason=reason),
                    remedy=phrase("database.stuck.remedy"),
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
        troubled = {one.subject for one in found if one.level is not Level.OK}
        unique = {
            (one.subject, one.sentence): one for one in found
            if one.level is not Level.OK or one.subject not in troubled
        }
        return sorted(unique.values(), key=lambda one: _ORDER[one.level])

    def _disk(self) -> Finding:
        return disk_finding(self.disk_used(), warn=self._disk_warn, full=self._disk_full)


def _nothing(tx: Tx) -> None:
    """The smallest operation that must commit."""
    del tx


def _link(view: LinkView) -> Finding:
    level, remedy = trouble(view)
    return Finding(
        level=level, subject=f"link {view.link}", sentence=view.sentence, remedy=remedy
    )


def trouble(view: LinkView) -> tuple[Level, Phrase]:
    """How bad it is with a link and what to do, the worst first."""
    waited_s = view.oldest_undelivered_s or 0.0
    if view.state == "QUARANTINED" and view.reason.startswith(UNSEALED):
        return Level.ALARM, phrase("remedy.unsealed", link=view.link)
    if view.state in ("FENCED", "QUARANTINED", "RECOVERING"):
        return Level.ALARM, phrase("remedy.recovery")
    if view.reached:
        return Level.ALARM, phrase("remedy.quota", link=view.link, peer=view.peer)
    if view.parked:
        return Level.ALARM, phrase("remedy.parked", link=view.link)
    if view.retired:
        return Level.OK, NOTHING
    if view.paused:
        level = Level.ALARM if waited_s > RED_AFTER_S else Level.WARN
        return level, phrase("remedy.paused", link=view.link)
    # Papers that the parent refuses are no matter of the line: looking there helps nobody.
    away = phrase("remedy.link.refused" if view.reason.startswith(REFUSED) else "remedy.line")
    if waited_s > RED_AFTER_S:
        return Level.ALARM, away
    if not view.connected or waited_s > AMBER_AFTER_S:
        return Level.WARN, away
    if view.quarantined:
        return Level.WARN, phrase("remedy.quarantined", link=view.link)
    return Level.OK, NOTHING


def _adapter(view: AdapterView) -> Finding:
    level, remedy = Level.OK, NOTHING
    if view.quarantined:
        level = Level.WARN
        remedy = phrase("adapter.quarantined.remedy", adapter=view.adapter)
    old = (view.oldest_waiting_s or 0.0) > ADAPTER_OLD_S
    if view.unknown or view.parked or old:
        level = Level.ALARM if view.parked else Level.WARN
        remedy = phrase("adapter.job.remedy", adapter=view.adapter)
    return Finding(
        level=level, subject=f"adapter {view.adapter}", sentence=view.sentence, remedy=remedy
    )
