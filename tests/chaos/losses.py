"""A node whose disk is lost: an older backup, ``wanmi restore``, ``wanmi recover``, on it goes.

What the account must then require is told by the database as it was when it was lost: everything
that a neighbour had acknowledged comes back byte for byte; what was told to nobody may be gone.
"""

from __future__ import annotations

import asyncio
import json
import shutil
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from node.cli.demo.federation import WANMI
from tests.chaos.clients import ClientLog
from tests.chaos.stores import Store
from tests.chaos.town import Town

BACKUP_TRIES = 3
WAIT_S = 30
"""Patience of one run of ``wanmi recover``; it is run again until everybody was reached."""
RECOVER_TRIES = 20
WAITING = (3, 5)
"""Exit statuses that mean: run it again."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Lost:
    """One loss. ``first`` and ``last``: answers of the client log between backup and restart.
    ``n``: newest journal entry that is in the backup for certain. ``before``: the database as it
    was when it was lost. ``photos``, ``told``, ``handlers``: what clients knew of this node in
    between."""

    node: str
    first: int
    last: int
    n: int
    before: Store
    photos: frozenset[str]
    told: frozenset[tuple[str, str]]
    handlers: frozenset[tuple[str, str]]
    recovered: str
    """What ``wanmi recover`` said, for people."""

    @property
    def acknowledged(self) -> frozenset[bytes]:
        """Digests of entries that have to come back."""
        return self.before.acknowledged

    @property
    def cases(self) -> frozenset[str]:
        """Cases that began after the backup."""
        return frozenset(case for case, entries in self.before.journals.items()
                         if entries[0].n > self.n)

    def covers(self, index: int, node: str) -> bool:
        """Whether the answer with this number is of the time that was lost."""
        return node == self.node and self.first <= index < self.last


class Losses:
    """Takes backups and loses disks."""

    def __init__(self, town: Town, log: ClientLog) -> None:
        self._town = town
        self._log = log
        self._one_by_one = asyncio.Lock()
        self._passphrase = town.folder / "passphrase"
        self.all: list[Lost] = []
        self.failed: list[str] = []
        """What did not come back."""

    async def lose(self, node: str, gap_s: float) -> None:
        """Back up, work on for ``gap_s``, lose everything but the keys, restore, recover. One
        after the other: what two neighbours forget at the same time nobody can give back."""
        async with self._one_by_one:
            await self._lose(node, gap_s)

    async def _lose(self, node: str, gap_s: float) -> None:
        log, town = self._log, self._town
        first, photos, told = len(log.answers), set(log.photos), set(log.told)
        named = len(log.handlers)
        async with self._database_up(node):
            n = Store(node, town.databases[node]).count("SELECT coalesce(max(n), 0) FROM journal")
            kept = await self._back_up(node)
        if kept is None:
            return
        await asyncio.sleep(gap_s)
        await town.kill(node)
        async with self._database_up(node):
            before = await self._restore(node, kept)
        if before is None:
            return
        recovered = await self._recover(node)
        self.all.append(Lost(
            node=node, first=first, last=len(log.answers), n=n, before=before,
            photos=frozenset(d for at, d in log.photos - photos if at == node),
            told=frozenset((one, how) for at, one, how in set(log.told) - told if at == node),
            handlers=frozenset(
                (case, name) for at, case, name in log.handlers[named:] if at == node),
            recovered=recovered))
        await town.start_again(node)

    @asynccontextmanager
    async def _database_up(self, node: str) -> AsyncIterator[None]:
        """Nobody kills the database server meanwhile; the observer needs it as well."""
        async with AsyncExitStack() as stack:
            if node in self._town.shape.postgres:
                await stack.enter_async_context(self._town.hands("postgres"))
            yield

    async def _back_up(self, node: str) -> str | None:
        said = ""
        self._passphrase.touch(mode=0o600)
        self._passphrase.write_text("correct horse battery staple\n", encoding="utf-8")
        for _ in range(BACKUP_TRIES):
            status, said = await self._wanmi(
                "backup", "--home", str(self._town.offices[node].home), "--to",
                str(self._town.folder / "backups" / node), "--passphrase-file",
                str(self._passphrase), "--json")
            if status == 0:
                return str(json.loads(said)["path"])
        self._town.ended.append(f"{node}: no backup could be taken: {said[-200:]}")
        return None

    async def _restore(self, node: str, kept: str) -> Store | None:
        """The database as it was when it was lost; None if nothing could be restored."""
        office, number = self._town.offices[node], len(self.all)
        away = office.home.with_name(f"{node}.lost-{number}")
        office.home.rename(away)
        before, more = self._fresh_database(node, away, number)
        status, out = await self._wanmi(
            "restore", kept, "--home", str(office.home), "--passphrase-file",
            str(self._passphrase), "--json", *more)
        if status != 0:
            self.failed.append(f"{node} is not restored: {out[-300:]}")
            return None
        # Papers may have been renewed after the backup.
        shutil.copytree(away / "keys", office.home / "keys", dirs_exist_ok=True)
        return before

    def _fresh_database(self, node: str, away: Path, number: int) -> tuple[Store, tuple[str, ...]]:
        """The lost database for the observer, and where to restore to. On PostgreSQL the old one
        stays beside a new one."""
        town = self._town
        if node not in town.shape.postgres:
            return Store(node, f"sqlite:///{away / 'data' / 'wanmi.db'}"), ()
        assert town.postgres is not None
        before = Store(node, town.databases[node])
        fresh = f"{node}-{number}"
        town.postgres.create(fresh)
        town.databases[node] = town.postgres.url(fresh, town.postgres.port)
        line = town.lines[f"postgres {node}"]
        return before, ("--database-url", town.postgres.url(fresh, line.port))

    async def _recover(self, node: str) -> str:
        home = self._town.offices[node].home
        out = ""
        for _ in range(RECOVER_TRIES):
            status, out = await self._wanmi(
                "recover", "--home", str(home), "--yes", "--wait", str(WAIT_S), "--surplus",
                "adopt", "--json")
            if status == 0:
                told: dict[str, Any] = json.loads(out)
                back = sum(one["echoed"] for one in told["links"])
                return (f"{back} words and {told['entries']} entries came back, "
                        f"{told['adopted']} adopted")
            if status not in WAITING:
                break
            await asyncio.sleep(1.0)
        self.failed.append(f"{node} is not recovered: {out[-300:]}")
        return ""

    async def _wanmi(self, *command: str) -> tuple[int, str]:
        process = await asyncio.create_subprocess_exec(
            *WANMI, *command, stdout=asyncio.subprocess.PIPE, stderr=asyncio.subprocess.PIPE)
        out, err = await process.communicate()
        status = process.returncode or 0
        with (self._town.folder / "losses.log").open("a", encoding="utf-8") as file:
            file.write(f"{datetime.now(UTC):%H:%M:%S} {' '.join(command)}: {status}\n"
                       f"{err.decode()}{out.decode()}\n")
        return status, (out if status == 0 else out + err).decode()
