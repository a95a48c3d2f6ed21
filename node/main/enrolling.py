"""Puts together how nodes come to belong: the enrol desk and its door, the rooms of members and
invitations. Loaded when somebody first invites, or when the database says that somebody was."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Coroutine
from contextvars import Context
from dataclasses import dataclass
from typing import Any

import structlog

from hub.enrol.deed import Deed
from hub.enrol.desk import EnrolDesk
from hub.enrol.door import EnrolDoor
from hub.errors import FabricError
from hub.roster.identity import Identity
from hub.roster.keeper import RosterKeeper
from hub.roster.renewing import Renewals
from hub.store.tx import Tx, Writer
from node.core.audit import Outcome
from node.main.reached import endpoints_of
from node.service.audit import Audit, AuditEntry
from node.service.invitations import Invitations
from node.service.membership import Membership
from node.service.own_keys import OwnKeys
from node.settings import Settings
from node.store import audit as audits

SAID_NO = frozenset({"refused", "spoilt"})

log = structlog.get_logger("node.main")


@dataclass(frozen=True, slots=True, kw_only=True)
class Enrolling:
    """The parts of one node."""

    membership: Membership
    invitations: Invitations
    own_keys: OwnKeys
    door: EnrolDoor


def enrolling(
    settings: Settings,
    *,
    identity: Identity,
    keeper: RosterKeeper,
    renewals: Renewals,
    writer: Writer,
    now_us: Callable[[], int],
    look: Callable[[], Coroutine[Any, Any, None]],
) -> Enrolling:
    """All of it; nothing is open yet. ``look`` takes over at once what changed."""
    audit = Audit(audits, alg=settings.audit.digest)

    def note(tx: Tx, deed: Deed) -> None:
        audit.record(tx, AuditEntry(
            action=deed.action, actor=deed.actor, subject=f"node:{deed.node}",
            outcome=Outcome.REFUSED if deed.outcome in SAID_NO else Outcome.DONE,
            reason=deed.reason, detail={"became": deed.outcome}, origin=deed.origin,
        ))

    async def look_apart() -> None:
        # Links that begin here go on for years: what they write is nobody's doing at a door.
        await asyncio.get_running_loop().create_task(look(), context=Context())

    async def taken() -> None:
        try:
            await look_apart()
        except FabricError as err:  # it is a child all the same; the half-minute's look goes on
            log.warning("look_failed", code=err.code, detail=str(err))

    desk = EnrolDesk(
        identity=identity, writer=writer, now_us=now_us, taken=taken, note=note
    )
    hosts = settings.grpc.hosts
    door = EnrolDoor(
        desk, identity=identity, host=settings.grpc.host, port=settings.enrol.port, hosts=hosts,
        now_us=now_us, renewals=renewals,
    )
    return Enrolling(
        membership=Membership(
            identity=identity, keeper=keeper, writer=writer, now_us=now_us,
            look=look_apart, note=note,
        ),
        invitations=Invitations(
            desk=desk, open_door=door.open, follow=door.follow,
            host=hosts[0] if hosts else "localhost", endpoints=endpoints_of(settings),
            second_approver=settings.enrol.second_approver, now_us=now_us,
        ),
        own_keys=OwnKeys(
            identity=identity, keeper=keeper, renewals=renewals, writer=writer, now_us=now_us,
            note=note,
        ),
        door=door,
    )
