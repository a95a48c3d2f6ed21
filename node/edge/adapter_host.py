"""Runs the adapters of one node: loads what is installed, starts and stops it, and is the door for
what comes from outside (webhooks, forms).

The office owns every row and decides every consequence; a kind owns every word on the wire to its
unit. Adapters are strangers to one another: each has its own runner, so a slow or broken unit
delays nobody but itself.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Mapping, Sequence
from datetime import datetime
from pathlib import Path

import structlog

from adapters.contract import AdapterError, FormDesk, FormLink, Health, MappingError
from adapters.manifest import FILE_NAME, ManifestError, load_adapter
from adapters.remarks import Remark
from node.edge.adapter_runner import CALL_S_MAX, Replayed, Runner, Standing, UnitsOffice
from node.service.adapter_views import UnitHeard
from node.service.phrases import phrase
from node.service.views import Finding, Level


def installed(folder: Path) -> tuple[str, ...]:
    """Ids of the adapters a node's home holds: folders with a manifest."""
    if not folder.is_dir():
        return ()
    return tuple(sorted(one.name for one in folder.iterdir() if (one / FILE_NAME).is_file()))


class AdapterHost:
    """All adapters of one node. ``start`` never fails because of one of them: a manifest that
    cannot be used is a finding, the others run."""

    def __init__(
        self,
        *,
        office: UnitsOffice,
        folder: Path,
        now: Callable[[], datetime],
        only: Sequence[str] = (),
        unusable: dict[str, str] | None = None,
        names: dict[str, str] | None = None,
    ) -> None:
        """``only``: ids to run, as the settings list them; empty = every installed one.
        ``unusable`` is filled with those that could not be started, and why; ``names`` with what
        the others are called."""
        self._office = office
        self._folder = folder
        self._only = tuple(only)
        self._now = now
        self._log = structlog.get_logger("wanmi.adapters")
        self._runners: dict[str, Runner] = {}
        self._broken = {} if unusable is None else unusable
        self._names = {} if names is None else names
        self._may_work = asyncio.Event()
        self._may_work.set()
        self._held = ""

    async def start(self) -> None:
        """Load and run every installed adapter."""
        for name in self._only or installed(self._folder):
            await self._load(name)

    async def _load(self, name: str) -> None:
        try:
            manifest = await asyncio.to_thread(load_adapter, self._folder / name)
            adapter = await asyncio.to_thread(manifest.create, self._now)
        except (ManifestError, MappingError, OSError, ImportError) as err:
            self._broken[name] = str(err)
            self._log.error("adapter.unusable", adapter=name, problem=str(err))
            return
        self._names[name] = manifest.name
        runner = Runner(
            manifest=manifest,
            adapter=adapter,
            office=self._office,
            now=self._now,
            may_work=self._may_work,
            log=self._log.bind(adapter=name, kind=manifest.kind.kind),
        )
        self._runners[name] = runner
        runner.start()

    async def restart(self, name: str) -> bool:
        """Load one adapter anew, with the files that lie there now; what was under way with it is
        unknown and is looked up. False: it is none of ours."""
        if name not in self._runners and name not in self._broken:
            return False
        runner = self._runners.pop(name, None)
        if runner is not None:
            await runner.stop()
        self._broken.pop(name, None)
        await self._load(name)
        return True

    def folder_of(self, name: str) -> Path | None:
        """Where the files of an adapter lie; None: it is none of ours."""
        known = name in self._runners or name in self._broken
        return self._folder / name if known else None

    async def try_out(self, name: str, mapping_text: str) -> Health:
        """Make an adapter of its own with another mapping, ask the unit's system how it is, and let
        it go again: nothing of what runs is touched. ``ManifestError``, ``MappingError``: it could
        not be made."""
        manifest = await asyncio.to_thread(load_adapter, self._folder / name, mapping_text)
        adapter = await asyncio.to_thread(manifest.create, self._now)
        try:
            async with asyncio.timeout(CALL_S_MAX):
                return await adapter.probe()
        except AdapterError as err:
            return Health(ok=False, detail=err.remark)
        except TimeoutError:
            return Health(ok=False, detail=Remark("", "slow", seconds=int(CALL_S_MAX)))
        finally:
            await adapter.close()

    async def stop(self) -> None:
        """End all calls; what was under way is unknown and is looked up at the next start."""
        await asyncio.gather(*(runner.stop() for runner in self._runners.values()))
        self._runners.clear()

    def hold(self, reason: str) -> None:
        """Do no outside work: this copy of the node may not be the only one."""
        self._held = reason
        self._may_work.clear()
        self._log.warning("adapter.held", reason=reason)

    def release(self) -> None:
        """Outside work may go on."""
        self._held = ""
        self._may_work.set()

    def standings(self) -> tuple[Standing, ...]:
        """How every adapter is, those that could not be started included."""
        running = [runner.standing() for runner in self._runners.values()]
        broken = [
            Standing(
                id=name,
                kind="",
                name=name,
                up=False,
                detail=problem,
                since=self._now(),
                heard_at=None,
                can=(),
            )
            for name, problem in self._broken.items()
        ]
        return tuple(sorted([*running, *broken], key=lambda one: one.id))

    def findings(self) -> list[Finding]:
        """What the doctor should say about adapters."""
        found = [
            Finding(
                level=Level.ALARM,
                subject=f"adapter {name}",
                sentence=phrase("adapter.unusable", adapter=name, problem=problem),
                remedy=phrase("adapter.unusable.remedy", adapter=name),
            )
            for name, problem in sorted(self._broken.items())
        ]
        if self._held:
            found.append(
                Finding(
                    level=Level.ALARM,
                    subject="adapters",
                    sentence=phrase("adapter.held", reason=self._held),
                    remedy=phrase("adapter.held.remedy"),
                )
            )
        for one in self.standings():
            if not one.up and one.id in self._runners:
                minutes = int((self._now() - one.since).total_seconds() // 60)
                found.append(
                    Finding(
                        level=Level.ALARM if minutes >= 60 else Level.WARN,
                        subject=f"adapter {one.id}",
                        sentence=phrase(
                            "adapter.lost", name=one.name, minutes=minutes, detail=one.detail
                        ),
                        remedy=phrase("adapter.lost.remedy"),
                    )
                )
        return found

    def has(self, adapter: str) -> bool:
        """Whether this adapter runs here."""
        return adapter in self._runners

    async def push(self, adapter: str, headers: Mapping[str, str], body: bytes) -> UnitHeard:
        """Take a pushed notification for an adapter that runs here. ``UnitRejected``: not to be
        trusted. What cannot be read is quarantined, so the sender need not repeat it."""
        return await self._runners[adapter].push(headers, body)

    async def replay(self, adapter: str, item: int, *, actor: str) -> Replayed | None:
        """Read a quarantined item again. None: no such adapter or unsettled item."""
        runner = self._runners.get(adapter)
        return None if runner is None else await runner.replay(item, actor=actor)

    async def probe(self, adapter: str) -> Health | None:
        """Ask a unit's system how it is, changing nothing. None: no such adapter."""
        if adapter in self._broken:
            return Health(ok=False, detail=self._broken[adapter])
        runner = self._runners.get(adapter)
        return None if runner is None else await runner.probe()

    def form_desk(self, adapter: str) -> FormDesk | None:
        """The form side of an adapter, if its kind has one."""
        runner = self._runners.get(adapter)
        desk = runner.adapter if runner else None
        return desk if isinstance(desk, FormDesk) else None

    def nudge(self, adapter: str) -> None:
        """Poll this adapter now: somebody has just said something."""
        runner = self._runners.get(adapter)
        if runner is not None:
            runner.nudge()

    async def form_links(self, case_id: str = "") -> tuple[tuple[str, FormLink], ...]:
        """Links for a clerk to pass on, with the adapter each belongs to."""
        found: list[tuple[str, FormLink]] = []
        for name in self._runners:
            desk = self.form_desk(name)
            if desk is not None:
                found += [(name, link) for link in await desk.links(case_id)]
        return tuple(found)

    async def renew_form_link(self, adapter: str, key: str) -> FormLink | None:
        """A fresh link; the old one is void. None: no such adapter, form or work."""
        desk = self.form_desk(adapter)
        return None if desk is None else await desk.renew(key)
