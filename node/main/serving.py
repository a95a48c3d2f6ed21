"""A node at run time: everything started in order, stopped in the reverse one.

Order matters: schema, writer, roster, office, links, adapters, and the HTTP door last, so that
whoever is let in finds everything there. At the end the doors close first and the writer last.
"""

from __future__ import annotations

import asyncio
import signal
import sys
import time
from collections.abc import AsyncIterator, Mapping
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from functools import cache, partial
from hashlib import sha256
from importlib.metadata import version as version_of
from pathlib import Path
from typing import TYPE_CHECKING

import structlog
from prometheus_client import REGISTRY, CollectorRegistry

from hub.errors import FabricError, Fenced
from hub.ids import LinkId
from hub.link.driver import LinkDriver
from hub.link.metrics import LinkMetrics
from hub.link.recovering import UNFINISHED
from hub.roster import join
from hub.roster.claiming import Claims
from hub.roster.identity import Identity
from hub.roster.keeper import RosterKeeper
from hub.roster.renewing import Renewals
from hub.roster.rotating import Rotation
from hub.store import recoveries
from hub.store.engine import DAMAGED, check_sound, database_url
from hub.store.metrics import WriterMetrics
from hub.store.tx import Tx
from hub.store.writer import GroupWriter, any_turn
from node.edge.adapter_host import AdapterHost
from node.edge.http.app import create_app
from node.edge.http.doors import API, Door, Routers
from node.edge.http.server import Server
from node.main import logs
from node.main.alarms import Alarms
from node.main.dialing import ask_at_the_door
from node.main.duty import REFRESH_S, Duty, background, every
from node.main.fabric import Fabric
from node.main.gauges import LOOK_S, NodeGauges
from node.main.marks import COPIED, MARKER_FILE, copied, write_marker
from node.main.profiles import profile_of, texts_of
from node.main.reached import told_of
from node.main.rooms import Rooms, furnish
from node.main.starts import remember_start, started
from node.main.trusted import trust_findings
from node.service import configuration
from node.service.audit import Audit, AuditEntry, note
from node.service.fresh import SystemIds
from node.service.office import Office
from node.service.phrases import phrase
from node.service.surroundings import uuid_text
from node.service.views import Finding, Level
from node.settings import FILE_NAME, Settings, load
from node.store import audit as audits
from node.store import revisions, schema
from node.store.gauges import has_collectors, waiting_alarms
from node.store.intake import IntakeStore
from node.store.people import count_accounts

if TYPE_CHECKING:
    from node.main.enrolling import Enrolling
    from node.main.several import Several

SWITCH_INTERVAL_S = 0.0002
"""The writer's thread gives the GIL away at every row; at the default of 5 ms a busy event loop
makes it wait ten times as long as its work takes (measured)."""
log = structlog.get_logger("node.main")


@dataclass(frozen=True, slots=True, kw_only=True)
class Running:
    """A node that serves: what tests and the demo hold on to."""

    office: Office
    rooms: Rooms
    writer: GroupWriter
    fabric: Fabric
    host: AdapterHost
    server: Server
    settings: Settings
    several: Several | None = None
    """The other processes of this node; None on SQLite, where there is one."""


def serve(home: Path) -> int:
    """Run the node of a home directory until SIGTERM or SIGINT; returns the exit status. Raises
    the FabricError for which it could not start, once it is in the log."""
    settings = load(home)
    logs.configure(settings)
    sys.setswitchinterval(SWITCH_INTERVAL_S)
    try:
        asyncio.run(run(settings))
    except FabricError as err:
        log.error("node_refused", code=err.code, detail=str(err))  # noqa: TRY400 - a sentence
        raise
    return 0


async def run(settings: Settings) -> None:
    """Serve until a signal."""
    stop = asyncio.Event()
    loop = asyncio.get_running_loop()
    for number in (signal.SIGTERM, signal.SIGINT):
        loop.add_signal_handler(number, stop.set)
    async with running(settings, registry=REGISTRY) as node:
        log.info("node_up", http=node.server.url, grpc_port=node.fabric.grpc_port)
        if node.several is not None:
            node.several.on_end(stop.set)
        await stop.wait()
        log.info("node_stopping")
    if node.several is not None and node.several.ended is not None:
        raise node.several.ended


@asynccontextmanager
async def running(settings: Settings, *, registry: CollectorRegistry) -> AsyncIterator[Running]:
    """A node that serves for as long as the block lasts; several may share one process if each
    brings its own registry."""
    await _look_through(settings)
    schema.check(settings.database_url)
    identity = await asyncio.to_thread(Identity.load, settings.keys)
    async with AsyncExitStack() as stack:
        several = _several(settings)
        writer = await _open_writer(settings, registry, several)
        stack.push_async_callback(writer.close)
        if several is not None:
            stack.push_async_callback(asyncio.to_thread, several.stop)
            await asyncio.to_thread(several.start, writer)
        owns = several is None or several.owns
        branch = await _count_start(settings, writer)
        alarms = Alarms()
        keeper = RosterKeeper(
            identity=identity, writer=writer, now_us=_now_us, alarm=alarms.raise_alarm
        )
        told = told_of(settings)
        if owns and identity.is_root:
            await asyncio.to_thread(join.renew_roster, identity, now_us=_now_us(), **told)
        await keeper.refresh()
        claims = Claims(
            identity=identity, keeper=keeper, writer=writer, now_us=_now_us,
            alarm=alarms.raise_alarm, approve=settings.roster.approve,
        )
        drivers: dict[LinkId, LinkDriver] = {}

        async def issued() -> None:
            await keeper.refresh()
            await fabric.refresh()

        async def noted(action: str, detail: Mapping[str, str]) -> None:
            await note(writer, Audit(audits, alg=settings.audit.digest), AuditEntry(
                action=action, subject=f"node:{settings.node.id}", detail=dict(detail)))

        renewals = Renewals(
            identity=identity, keeper=keeper, now_us=_now_us, issued=issued, told=told,
            fixed_nkeys=bool(settings.nats.servers),
            call_door=partial(ask_at_the_door, settings=settings, identity=identity),
            note=noted,
        )
        host: AdapterHost

        async def more() -> list[Finding]:
            found = await trust_findings(keeper, writer, renewals)
            stale = await rooms.places.findings()
            differing = await rooms.comparison.findings()
            year = await rooms.calendars.findings()
            patrolled = await writer.read(has_collectors)
            beats = await rooms.office.collectors.findings() if patrolled else []
            boxes = await fabric.findings()
            help_ = await writer.read(waiting_alarms)
            waiting = rooms.office.alarms.findings(*help_) if help_[0] else []
            # A node that never took a call does not build their rooms.
            calls = (
                await rooms.office.calls.book.findings()
                if await writer.read(IntakeStore.any_call) else []
            )
            if writer.damage:
                alarms.raise_alarm(DAMAGED, writer.damage)
            beside = several.findings() if several is not None else []
            people = (
                separation_findings(separated=profile.separated_admins)
                if await writer.read(count_accounts) else []
            )
            anchored = rooms.office.audit.findings() if settings.audit.anchor else []
            return [*people, *waiting, *anchored, *alarms.findings(), *found, *host.findings(),
                    *stale, *differing, *year, *beats, *boxes, *calls, *beside]

        @cache
        def belonging() -> Enrolling:
            # Loaded here: nodes are invited rarely.
            from node.main.enrolling import enrolling

            return enrolling(
                settings, identity=identity, keeper=keeper, renewals=renewals, writer=writer,
                now_us=_now_us, look=duty.refresh,
            )

        rooms = furnish(
            settings,
            writer=writer,
            tree=keeper.keys,
            runners=drivers,
            now_us=_now_us,
            branch=branch,
            alarm=alarms.raise_alarm,
            more_findings=more,
            seal=identity.live_signer,
            keys=keeper.keys,
            belonging=lambda: (
                belonging().membership, belonging().invitations, belonging().own_keys
            ),
        )
        profile = profile_of(settings)
        rooms.open()
        stack.callback(rooms.close)
        if owns:
            await _invite_first(settings, rooms.office, writer)
        await rooms.office.cards.reload()
        await rooms.office.standards.reload()
        await rooms.calendars.load()
        fabric = Fabric(
            settings,
            identity=identity,
            keeper=keeper,
            claims=claims,
            renewals=renewals,
            writer=writer,
            rooms=rooms,
            drivers=drivers,
            now_us=_now_us,
            alarm=alarms.raise_alarm,
            metrics=LinkMetrics(registry),
        )
        host = AdapterHost(
            office=rooms.office,
            folder=settings.adapters_home,
            now=_now,
            only=settings.node.adapters,
            unusable=rooms.surroundings.unusable,
            names=rooms.surroundings.adapter_names,
        )
        duty = Duty(
            identity=identity, keeper=keeper, claims=claims, renewals=renewals,
            rotation=Rotation(
                identity=identity, keeper=keeper, claims=claims, now_us=_now_us,
                alarm=alarms.raise_alarm, days=settings.keyring.sign_days, note=noted,
            ),
            writer=writer, rooms=rooms, fabric=fabric, told=told, enrolling=belonging, host=host,
            alarms=alarms,
            stack=await stack.enter_async_context(AsyncExitStack()),
        )
        if owns:
            await duty.begin()
        else:
            await fabric.look()
        shown = NodeGauges(
            registry, writer=writer, keeper=keeper, fabric=fabric, rooms=rooms,
            now_us=_now_us, several=several,
        )
        for name, loop in (
            ("refresh", every(REFRESH_S, duty.refresh)),
            ("gauges", every(LOOK_S, shown.look)),
            ("lag", shown.measure_lag()),
        ):
            background(name, loop, stack)
        if several is not None:
            from node.main.several import SIGN_S

            background("signs", every(SIGN_S, several.watch_signs), stack)
            background("others", several.keep_fresh(rooms, keeper.refresh), stack)
            if not owns:
                background("takeover", _take_over(several, duty), stack)
        app = create_app(
            rooms.office,
            settings,
            doors=doors_of(host),
            registry=registry,
            beside=several,
            adapters=host,
        )
        server = Server(
            app,
            host=settings.http.host,
            port=settings.http.port,
            stop_s=settings.limits.stop_grace_s,
        )
        stack.push_async_callback(server.stop)
        await server.start()
        if several is not None:
            several.serves_at(server.url)
        yield Running(
            office=rooms.office,
            rooms=rooms,
            writer=writer,
            fabric=fabric,
            host=host,
            server=server,
            settings=settings,
            several=several,
        )


def doors_of(host: AdapterHost) -> Mapping[str, Door]:
    """The doors to the adapters: their standing, one-time forms, pushed notifications."""

    def standing() -> Routers:
        from node.edge.http.routes import units

        return (units.router(host),)

    def pages() -> Routers:
        from node.edge import forms

        return (forms.router(host),)

    def hooks() -> Routers:
        from node.edge import webhooks

        return (webhooks.router(host),)

    words = (API + word for word in ("adapters", "cases", "forms"))
    return {**dict.fromkeys(words, standing), "/f": pages, "/hooks": hooks}


# --- starting -------------------------------------------------------------------------------------


def _now_us() -> int:
    return time.time_ns() // 1_000


def _now() -> datetime:
    return datetime.now(UTC)


async def _look_through(settings: Settings) -> None:
    """Refuse to serve from a database whose pages are damaged: what it says would be spread."""
    seconds = settings.limits.start_check_s
    if seconds and not await asyncio.to_thread(
            check_sound, settings.database_url, seconds=seconds):
        log.info("database_not_looked_through", seconds=seconds)


def _several(settings: Settings) -> Several | None:
    """Our place among the processes of this node, where there may be some."""
    if database_url(settings.database_url).get_backend_name() == "sqlite":
        return None
    # Loaded here: an office on SQLite is alone.
    from node.main.several import Several

    return Several(settings, me=uuid_text(SystemIds().uuid7()))


async def _take_over(several: Several, duty: Duty) -> None:
    """Begin the owner's work once this process is the owner; what keeps it from that ends it, so
    that another one may try."""
    await several.owned.wait()
    began = time.monotonic()
    try:
        await asyncio.to_thread(several.look_for_signs)
        await duty.begin()
    except Exception as err:
        log.exception("takeover_failed")
        several.end(err)
    else:
        log.info("node_taken_over", term=several.stand.term,
                 seconds=round(time.monotonic() - began, 2))


async def _open_writer(
    settings: Settings, registry: CollectorRegistry, several: Several | None
) -> GroupWriter:
    writer = GroupWriter(
        settings.database_url,
        metrics=WriterMetrics(registry),
        queue_operations_max=settings.limits.writer_queue_max,
        process=several.attendance.me.id if several is not None else "-",
        admit=several.attendance.admit if several is not None else any_turn,
    )
    await asyncio.to_thread(writer.start)
    return writer


async def _count_start(settings: Settings, writer: GroupWriter) -> int:
    """Count this start in the database and beside it; returns the branch.

    A database behind its marker is an older copy: speaking from it would say things twice that
    neighbours have already heard differently, so the node refuses until it is recovered.
    """
    boot_no, branch = await writer.read(started)
    why = copied(settings, boot_no)
    if why:
        raise Fenced(f"starting: {COPIED[why]}; it must be recovered before it serves",
                     code="node.restored")
    unfinished = [row.link for row in await writer.read(recoveries.all_rows)
                  if row.step in UNFINISHED]
    if unfinished:
        raise Fenced(f"starting: the recovery of {', '.join(unfinished)} is not finished",
                     code="node.recovering")

    audit = Audit(audits, alg=settings.audit.digest)
    texts = await asyncio.to_thread(
        texts_of, settings.node.profile, home=settings.home)

    def count(tx: Tx) -> int:
        next_no = started(tx.conn)[0] + 1  # another process may have been counted since
        remember_start(tx, next_no, settings.node.id)
        audit.record(tx, AuditEntry(
            action="StartNode", subject=f"node:{settings.node.id}",
            detail={"boot": next_no, "program": version_of("wanmi"),
                    "profile": settings.node.profile, "settings": _digest_of_settings(settings),
                    "configuration": configuration.keep(revisions, tx, audit, texts)}))
        return next_no

    boot_no = await writer.write(count)
    await asyncio.to_thread(write_marker, settings.data / MARKER_FILE, boot_no)
    return branch


def _digest_of_settings(settings: Settings) -> str:
    """Begin of the SHA-256 of the settings file: the audit log shows when it was changed."""
    file = settings.home / FILE_NAME
    return sha256(file.read_bytes()).hexdigest()[:16] if file.is_file() else ""


async def _invite_first(settings: Settings, office: Office, writer: GroupWriter) -> None:
    """While there is no account, tell whoever starts the node by hand how to make the first one.
    The link is shown on a terminal alone: what a service writes is kept where others read it."""
    if await writer.read(count_accounts):
        return
    if not sys.stderr.isatty():
        log.info("no_account", remedy="wanmi account first")
        return
    made = await office.people.write(lambda accounts, tx: accounts.first_link_in(tx))
    if made is None:
        return
    host = settings.http.host
    base = settings.http.public_url.rstrip("/") or f"http://{host}:{settings.http.port}"
    hours = round(office.people.rules.setup_link.total_seconds() / 3600)
    for language in ("zh", "en"):
        sys.stderr.write(phrase("people.first", hours=hours).say(language) + "\n")
    sys.stderr.write(f"{base}/account/setup/{made.token}\n")


# --- findings -------------------------------------------------------------------------------------


def separation_findings(*, separated: bool) -> list[Finding]:
    """That one person may hold what three should, where a profile allows it (三员分立)."""
    if separated:
        return []
    return [Finding(
        level=Level.WARN, subject="administrators", sentence=phrase("people.merged"),
        remedy=phrase("people.merged.remedy"),
    )]
