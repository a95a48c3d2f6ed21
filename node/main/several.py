"""This process among several that serve one node on a shared PostgreSQL.

It is seen by the others, becomes the owner when nobody is, hears what the others commit and drops
what it had read before. A process from which the node was taken ends: what it had in memory belongs
to an owner that no longer is, and its supervisor starts it again as one that stands by.
"""

from __future__ import annotations

import asyncio
import os
import socket
import time
from collections.abc import Awaitable, Callable, Iterable, Mapping
from dataclasses import replace
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING

import structlog

from hub.errors import FabricError, Fenced, Overloaded
from hub.roster.keeper import TOPIC as ROSTER
from hub.store import ownership
from hub.store.attendance import HANDED_OVER, LIVING_S, Attendance, Role, Stand
from hub.store.engine import connect, open_engine
from hub.store.ownership import Process
from hub.store.writer import EVERYTHING, GroupWriter
from node.service.calendars import TOPIC as CALENDAR
from node.service.cards import TOPIC as CARDS
from node.service.holdings import TOPIC as RESPONSIBILITIES
from node.service.instants import to_time
from node.service.phrases import phrase
from node.service.standards.desk import TOPIC as STANDARDS
from node.service.views import Finding, Level

if TYPE_CHECKING:
    from node.main.rooms import Rooms
    from node.settings import Settings

SIGNS = ".processes"
"""Folder below the photos in which every process leaves a sign: whoever does not see the signs of
the others does not see their photos either."""
SIGN_S, SIGN_OLD_S = 30.0, 180.0
"""How often a sign is renewed, and the age at which one is taken for a copy of a sign."""
RELOAD_AGAIN_S = 5.0
"""After a reload that failed."""

log = structlog.get_logger("node.main")


class Several:
    """This process and the others. ``writer`` is given once it is made; before that nothing is
    heard."""

    def __init__(self, settings: Settings, *, me: str) -> None:
        self._loop = asyncio.get_running_loop()
        self._folder = settings.blobs / SIGNS
        self._url = settings.database_url
        self._writer: GroupWriter | None = None
        self._stale: set[str] = set()
        self._news = asyncio.Event()
        self.owned = asyncio.Event()
        """Set once this process owns the node."""
        self.ended: Exception | None = None
        """Why this process must end: another has taken the node over, or it could not."""
        self._on_end: Callable[[], None] = _nothing
        http = settings.http
        host = f"[{http.host}]" if ":" in http.host else http.host
        self._own_url = http.own_url.rstrip("/")
        url = self._own_url or f"http://{host}:{http.port}"
        self.attendance = Attendance(
            self._url,
            me=Process(id=me, url=url, place=f"{socket.gethostname()}:{os.getpid()}"),
            heard=self._heard,
            changed=self._changed,
        )

    @property
    def stand(self) -> Stand:
        """This process beside the others, as of the last look."""
        return self.attendance.stand

    @property
    def role(self) -> str:
        """owner, standby or lost."""
        return self.stand.role.value

    @property
    def term(self) -> int:
        """Of the present owner."""
        return self.stand.term

    @property
    def since(self) -> datetime:
        """When the present owner became that."""
        return to_time(self.stand.since_us)

    @property
    def owner_url(self) -> str:
        """Where the owner answers; "" = nowhere."""
        return self.stand.owner_url

    @property
    def owns(self) -> bool:
        """Whether this process owns the node."""
        return self.stand.role is Role.OWNER

    def on_end(self, call: Callable[[], None]) -> None:
        """What to call when this process must end; at once if it must already."""
        self._on_end = call
        if self.ended is not None:
            call()

    def end(self, why: Exception) -> None:
        """This process must end."""
        if self.ended is None:
            self.ended = why
            self._on_end()

    # --- life ---------------------------------------------------------------------------------

    def start(self, writer: GroupWriter) -> None:
        """Look whether this home holds the same photos as those of the others, be seen, and become
        the owner if nobody is. Blocks. ``Fenced`` (``node.home_apart``)."""
        self._writer = writer
        self.look_for_signs()
        self._sign.parent.mkdir(parents=True, exist_ok=True)
        self._renew_sign()
        try:
            self.attendance.start()
        except BaseException:
            self._sign.unlink(missing_ok=True)
            raise

    def stop(self) -> None:
        """Hand the node over and be gone. Blocks."""
        self.attendance.stop()
        self._sign.unlink(missing_ok=True)

    def serves_at(self, url: str) -> None:
        """Where the API of this process really is, if the settings do not say."""
        if not self._own_url:
            self.attendance.me = replace(self.attendance.me, url=url)

    async def watch_signs(self) -> None:
        """Renew our sign and look for those of the others; without them one that stands by ends:
        a home may have been copied together with its signs."""
        await asyncio.to_thread(self._renew_sign)
        try:
            await asyncio.to_thread(self.look_for_signs)
        except Fenced as err:
            if self.owns:
                log.error("photos_apart", detail=str(err))  # noqa: TRY400 - a sentence
            else:
                self.end(err)

    def _renew_sign(self) -> None:
        # Whole or not at all: half a sign would be none. Beside the folder, where others tidy up.
        fresh = self._folder.parent / f".{self.attendance.me.id}"
        fresh.write_text(str(int(time.time())), encoding="ascii")
        fresh.replace(self._sign)

    @property
    def _sign(self) -> Path:
        return self._folder / self.attendance.me.id

    def look_for_signs(self) -> None:
        """``Fenced`` (``node.home_apart``) if this home holds other photos than those of a process
        that serves the same node. Blocks."""
        engine = open_engine(self._url, read_only=True)
        with connect(engine) as conn, conn.begin():
            living = ownership.living(conn, within_us=int(LIVING_S * 1e6))
        signs = {one.name for one in self._folder.iterdir()} if self._folder.is_dir() else set()
        strangers = [one for one in living if not _fresh(self._folder / one.id)]
        if strangers:
            raise Fenced(
                f"starting: {strangers[0].place} serves this node from other files than those in "
                f"{self._folder.parent}: its photos cannot be seen here. Put the photos on a file "
                "system that all machines share",
                code="node.home_apart",
            )
        for name in signs - {one.id for one in living}:
            if not _fresh(self._folder / name):  # a fresh one may be of somebody who just comes
                (self._folder / name).unlink(missing_ok=True)

    # --- what the thread of the beats says ----------------------------------------------------

    def _changed(self, stand: Stand) -> None:
        if stand.role is Role.OWNER:
            self._loop.call_soon_threadsafe(self.owned.set)
        elif stand.role is Role.LOST:
            self._loop.call_soon_threadsafe(self.end, Overloaded(
                "serving: another process has taken this node over; start this one again to stand "
                "by", code=HANDED_OVER,
            ))

    def _heard(self, topics: Iterable[str]) -> None:
        found = set(topics)
        if self._writer is not None:
            self._writer.hear(found)
        self._loop.call_soon_threadsafe(self._mark, found)

    def _mark(self, topics: set[str]) -> None:
        self._stale |= topics
        self._news.set()

    # --- what others changed ------------------------------------------------------------------

    async def keep_fresh(self, rooms: Rooms, roster: Callable[[], Awaitable[None]]) -> None:
        """Read anew what other processes changed, until cancelled."""
        office = rooms.office
        reload: Mapping[str, Callable[[], Awaitable[None]]] = {
            CARDS: office.cards.reload,
            RESPONSIBILITIES: office.table.reload,
            STANDARDS: office.standards.reload,
            CALENDAR: rooms.calendars.load,
            ROSTER: roster,
        }
        while True:
            await self._news.wait()
            self._news.clear()
            stale, self._stale = self._stale, set()
            for topic, read_again in reload.items():
                if not stale & {topic, EVERYTHING}:
                    continue
                try:
                    await read_again()
                except FabricError as err:
                    log.warning("reload_failed", topic=topic, code=err.code, detail=str(err))
                    self._loop.call_later(RELOAD_AGAIN_S, self._mark, {topic})
                except Exception:
                    log.exception("reload_failed", topic=topic)

    # --- what people see ----------------------------------------------------------------------

    def findings(self) -> list[Finding]:
        """Who owns the node, and who stands by."""
        stand, me = self.stand, self.attendance.me
        key = "process.owner" if stand.role is Role.OWNER else "process.standby"
        others = [one for one in stand.processes if one.id != me.id]
        found = [
            Finding(
                level=Level.OK, subject="process",
                sentence=phrase(key, place=me.place, term=stand.term, since=self.since,
                                owner=stand.owner_url or "—"),
            )
        ]
        found += [
            Finding(
                level=Level.OK, subject="process",
                sentence=phrase("process.other", place=one.place, url=one.url),
            )
            for one in others
        ]
        if not others:
            found.append(
                Finding(
                    level=Level.OK, subject="process", sentence=phrase("process.alone"),
                )
            )
        return found


def _fresh(sign: Path) -> bool:
    """Whether this sign is here and was renewed of late."""
    try:
        return time.time() - int(sign.read_text("ascii") or 0) < SIGN_OLD_S
    except (FileNotFoundError, ValueError):
        return False


def _nothing() -> None:
    """Before anybody serves there is nothing to end."""
