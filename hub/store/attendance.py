"""Attends for one of several processes on one PostgreSQL: is seen, looks who owns the node, takes
over when the owner is gone, and hears what the others commit.

A thread of its own with a session of its own beats every second. The owner is gone when its session
with the database has ended (killed, machine switched off) and it has been silent for a moment, or
when it has been silent for longer although its session stands (stopped, swapped out, cut off). A
takeover raises the term; what the one before still tries to write is refused by ``admit``, which
its own writer asks at the beginning of every transaction: beats decide who goes on, terms decide
who may write.

This module must never know what the owner does.
"""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from enum import StrEnum
from typing import Any

import structlog
from sqlalchemy import Connection, text
from sqlalchemy.exc import DBAPIError

from hub.errors import FabricError, Overloaded
from hub.store import ownership
from hub.store.engine import connect, open_engine, transient
from hub.store.ownership import Process, Standing
from hub.store.writer import CHANNEL, EVERYTHING, Turn

BEAT_S = 1.0
"""Between two beats, and two looks."""
ENDED_S = 2.0
"""Silence of an owner without a session before another takes over: one that merely lost its
connection comes back within a beat."""
SILENT_S = 6.0
"""Silence of an owner whose session stands before another takes over."""
LIVING_S = 10.0
"""A process that was not seen for so long is not there any more."""
FORGET_S = 86_400.0
"""Rows of processes that ended without saying so are struck out after this."""
TURN_S = 3.0
"""Longest wait for the turn to take over; beats must go on."""
LOOKS = 2
"""Looks in a row that must find the owner gone: the first one after the database stood still would
find everybody silent."""
HANDED_OVER = "node.handed_over"

log = structlog.get_logger(__name__)


class Role(StrEnum):
    """What this process is. LOST: it was the owner and another took over; it must end."""

    OWNER = "owner"
    STANDBY = "standby"
    LOST = "lost"


@dataclass(frozen=True, slots=True, kw_only=True)
class Stand:
    """This process beside the others, as of the last look."""

    role: Role
    term: int
    since_us: int
    """Since when the present owner has been that."""
    owner_url: str
    processes: tuple[Process, ...] = ()


class Attendance:
    """One per process. ``heard`` gets the topics that others woke, or ``EVERYTHING`` when some may
    have been missed; ``changed`` every new role. Both are called in the thread of the beats, or,
    LOST, in the writer's; they must not block."""

    def __init__(
        self,
        url: str,
        *,
        me: Process,
        heard: Callable[[Iterable[str]], None],
        changed: Callable[[Stand], None],
    ) -> None:
        self._url = url
        self.me = me
        self._heard = heard
        self._changed = changed
        self._stop = threading.Event()
        self._thread: threading.Thread | None = None
        self._gone_looks = 0
        self._looked = 0.0
        self._term: int | None = None
        self._lost = False
        self._guard = threading.Lock()
        self.stand = Stand(role=Role.STANDBY, term=0, since_us=0, owner_url="")

    # Life

    def start(self) -> Stand:
        """Be seen, and take over at once if nobody owns the node; then go on in a thread. Raises
        ``Overloaded`` (``store.unavailable``)."""
        conn = self._connect()
        try:
            self._round(conn, patient=False)
            self._round(conn, patient=False)
        except DBAPIError as err:
            raise transient(err) or err from err
        self._thread = threading.Thread(
            target=self._serve, args=(conn,), name="wanmi-attendance", daemon=True
        )
        self._thread.start()
        return self.stand

    def stop(self) -> None:
        """Give the node up, if we own it, and be seen no more; blocks. Safe to call twice."""
        self._stop.set()
        if self._thread is not None:
            self._thread.join()
            self._thread = None

    # The writer's side

    def admit(self, turn: Turn) -> None:
        """May a transaction go on under this term? ``Overloaded`` (``node.handed_over``) once
        another process has taken the node over from this one."""
        with self._guard:
            mine = self._term
            if not self._lost and (mine is None or turn == (mine, self.me.id)):
                return
        self._lose()
        raise Overloaded(
            "writing: another process has taken this node over; this one ends", code=HANDED_OVER
        )

    def _lose(self) -> None:
        with self._guard:
            if self._lost:
                return
            self._lost = True
            stand = self.stand = Stand(
                role=Role.LOST, term=self.stand.term, since_us=self.stand.since_us, owner_url=""
            )
        log.error("ownership.lost", term=stand.term)
        self._changed(stand)

    # The thread

    def _serve(self, first: Connection) -> None:
        conn: Connection | None = first
        away = False
        while not self._stop.is_set():
            try:
                if conn is None:
                    conn = self._connect()
                    self._heard((EVERYTHING,))
                self._round(conn, patient=True)
                self._listen(conn, BEAT_S)
                away = False
            except (DBAPIError, FabricError, OSError) as err:
                if not away:
                    log.warning("attendance.database_away", error=str(err))
                away = True
                conn = self._drop(conn)
                self._stop.wait(BEAT_S)
            except Exception:
                log.exception("attendance.failed")
                conn = self._drop(conn)
                self._stop.wait(BEAT_S)
        self._leave(conn)

    def _connect(self) -> Connection:
        engine = open_engine(self._url, shares=True).execution_options(isolation_level="AUTOCOMMIT")
        conn = connect(engine)
        try:
            # Beats need not be on disk; taking over says so for itself.
            conn.execute(text("SET synchronous_commit = off"))
            conn.execute(text(f"SET lock_timeout = {int(TURN_S * 1000)}"))
            conn.execute(text(f"LISTEN {CHANNEL}"))
        except BaseException:
            self._drop(conn)
            raise
        return conn

    @staticmethod
    def _drop(conn: Connection | None) -> None:
        if conn is not None:
            try:
                conn.invalidate()
                conn.close()
            except DBAPIError:
                return

    def _round(self, conn: Connection, *, patient: bool) -> None:
        """One beat, one look, and the consequence."""
        ownership.beat(conn, self.me)
        seen = ownership.standing(conn)
        if self._term is not None:
            if (seen.term, seen.holder) != (self._term, self.me.id):
                self._lose()
            else:
                self._show(conn, Role.OWNER, seen)
            return
        now = time.monotonic()
        steady = now - self._looked < 2 * BEAT_S + TURN_S
        self._looked = now
        self._gone_looks = self._gone_looks + 1 if _gone(seen) and steady else 0
        enough = LOOKS if patient and seen.holder else 1
        if self._gone_looks < enough or not self._take(conn, seen):
            self._show(conn, Role.STANDBY, seen)
            return
        self._show(conn, Role.OWNER, ownership.standing(conn))

    def _take(self, conn: Connection, seen: Standing) -> bool:
        """Become the owner in the place of the one we saw; False if somebody was faster, or has
        come back, or the turn did not come in time."""
        try:
            conn.execute(text("BEGIN"))
            conn.execute(text("SET LOCAL synchronous_commit = on"))
            held = ownership.hold(conn)
            now = ownership.standing(conn)
            if held != (seen.term, seen.holder) or not _gone(now):
                conn.execute(text("ROLLBACK"))
                return False
            term = ownership.take(conn, self.me.id)
            ownership.forget(conn, silent_us=int(FORGET_S * 1e6))
            conn.execute(text("COMMIT"))
        except DBAPIError as err:
            if err.connection_invalidated:
                raise
            conn.execute(text("ROLLBACK"))
            log.warning("ownership.turn_did_not_come", error=str(err.orig))
            return False
        with self._guard:
            self._term = term
        log.info("ownership.taken", term=term, before=seen.holder)
        return True

    def _show(self, conn: Connection, role: Role, seen: Standing) -> None:
        processes = ownership.living(conn, within_us=int(LIVING_S * 1e6))
        with self._guard:
            if self._lost:
                return
            before, self.stand = self.stand, Stand(
                role=role, term=seen.term, since_us=seen.since_us, owner_url=seen.url,
                processes=processes,
            )
        if before.role is not role:
            self._changed(self.stand)

    def _listen(self, conn: Connection, seconds: float) -> None:
        """Hand on what others woke, for so long; ends early on news of the ownership."""
        until = time.monotonic() + seconds
        while not self._stop.is_set():
            left = until - time.monotonic()
            news = self._collect(conn, max(0.0, left))
            if news:
                self._heard(news)
            if left <= 0 or CHANNEL in news:
                return

    def _collect(self, conn: Connection, seconds: float) -> set[str]:
        """Topics of other processes; waits until there are some, or for so long."""
        found: set[str] = set()
        try:
            for notice in _driver(conn).notifies(timeout=seconds, stop_after=1):
                process, *topics = notice.payload.split(" ")
                if process != self.me.id:
                    found.update(topics)
        except conn.dialect.loaded_dbapi.Error as err:
            raise Overloaded(f"listening: {err}", code="store.unavailable") from err
        return found

    def _leave(self, conn: Connection | None) -> None:
        try:
            if conn is None:
                return
            if self._term is not None and ownership.give_up(
                conn, term=self._term, holder=self.me.id
            ):
                conn.execute(
                    text("SELECT pg_notify(:channel, :notice)"),
                    {"channel": CHANNEL, "notice": f"{self.me.id} {CHANNEL}"},
                )
            ownership.forget(conn, process_id=self.me.id)
        except DBAPIError as err:
            log.warning("attendance.not_taken_leave_of", error=str(err))
        finally:
            self._drop(conn)


def _gone(seen: Standing) -> bool:
    """Nobody owns the node, or whoever does shows no life."""
    if not seen.holder or seen.silent_us is None:
        return True
    silent_s = seen.silent_us / 1e6
    return silent_s > SILENT_S or (silent_s > ENDED_S and not seen.connected)


def _driver(conn: Connection) -> Any:
    return conn.connection.driver_connection
