"""The keeper of the roster in a running node: newest roster, key ring, whose certificate may enter.

Answers come from memory, so that a Hello or a new stream never waits for the database. What
changes them is either a roster a neighbour offers (it travels down the tree on the links) or a
person's provisioning step, whose files ``refresh`` takes over.
"""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass

from sqlalchemy import Connection

from hub.errors import FabricError
from hub.ids import LinkId, NodeId, link_id
from hub.link.messages import PROTO_MIN
from hub.roster.documents import Kit
from hub.roster.identity import Child, Identity
from hub.roster.keyring import RosterKeyRing
from hub.roster.roster import Freshness, PublicKey, Roster, open_roster
from hub.store import rosters
from hub.store.rosters import CertificateRow, KeyRow
from hub.store.tx import Tx, Writer

Alarm = Callable[[str, str], None]
"""(stable code, sentence): something a person must see."""
Note = Callable[[str, Mapping[str, str]], Awaitable[None]]
"""(action, detail): something that happened to keys and papers without a person, to be written
down."""


async def unnoted(action: str, detail: Mapping[str, str]) -> None:
    """For whoever keeps no log."""
    del action, detail


TOPIC = "roster"
"""Woken when a newer roster was kept: other processes of the node read it."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Shelf:
    """What the database holds about trust, read at once."""

    signed: bytes | None
    enrolled: tuple[KeyRow, ...]
    certificates: tuple[CertificateRow, ...]


def shelf(conn: Connection) -> Shelf:
    """Read everything the keeper answers from."""
    return Shelf(
        signed=rosters.newest(conn),
        enrolled=rosters.enrolled_keys(conn),
        certificates=rosters.certificates(conn),
    )


@dataclass(frozen=True, slots=True, kw_only=True)
class Papers:
    """What provisioning left as files, read and verified (off the writer's thread)."""

    node: NodeId
    children: tuple[Child, ...]
    kit: Kit | None
    roster: Roster | None
    signed: bytes


def papers(identity: Identity) -> Papers:
    """Read the identity's files; slow for a large roster, so call it on a worker thread."""
    return Papers(
        node=identity.node,
        children=identity.children(),
        kit=identity.kit(),
        roster=identity.roster() if identity.is_root or identity.kit() else None,
        signed=identity.signed_roster() or b"",
    )


def settle(tx: Tx, found: Papers) -> None:
    """Take over what provisioning wrote; repeating it changes nothing.

    Adds keys and certificates of accepted children and ends those they replace, revokes those of
    retired children, trusts the parent's key from the kit, keeps the roster if it is newer.
    """
    for child in found.children:
        settle_child(tx, found.node, child)
    if found.kit is not None:
        for key in found.kit.parent_keys:
            rosters.enrol_key(tx.conn, _row(found.kit.parent, key))
    if found.roster is not None and rosters.add_roster(
        tx.conn, serial=found.roster.serial, signed=found.signed, received_at_us=tx.now_us
    ):
        tx.wake(TOPIC)


def settle_child(tx: Tx, parent: NodeId, child: Child) -> None:
    """Know the keys and the certificate of one child, and end those they replace, or all of one
    that was retired; repeating it changes nothing."""
    link = link_id(parent=parent, child=child.node)
    for key in child.request.sign_keys:
        rosters.enrol_key(tx.conn, _row(child.node, key))
    papers = ((child.request, child.certificate), *child.before)
    for request, certificate in papers:
        rosters.put_certificate(
            tx.conn,
            CertificateRow(
                serial=certificate.serial,
                link=link,
                spki_digest=certificate.spki_digest,
                nkey=request.nkey,
                not_after_us=certificate.not_after_us,
            ),
        )
    if child.retired_at_us is not None:
        rosters.revoke(tx.conn, node=child.node, link=link, at_us=child.retired_at_us)
        return
    rosters.replace_others(
        tx.conn,
        node=child.node,
        link=link,
        key_ids=[key.key_id for key in child.request.sign_keys],
        older_than_us=child.rekeyed_at_us,
        spki_digests=[certificate.spki_digest for _, certificate in papers],
        at_us=tx.now_us,
    )


class RosterKeeper:
    """One per node. ``keys`` is the ring the seals are verified with."""

    __slots__ = ("_alarm", "_certificates", "_identity", "_now_us", "_on_newer", "_settled",
                 "_taking", "_writer", "keys", "roster", "signed")

    def __init__(
        self,
        *,
        identity: Identity,
        writer: Writer,
        now_us: Callable[[], int],
        alarm: Alarm,
    ) -> None:
        self._identity = identity
        self._writer = writer
        self._now_us = now_us
        self._alarm = alarm
        self._certificates: tuple[CertificateRow, ...] = ()
        self._settled: Papers | None = None
        # Two neighbours may offer at once, while the files are looked at: what is in memory and
        # the file copy must end as the newer one.
        self._taking = asyncio.Lock()
        self._on_newer: Callable[[], None] = _nothing
        self.keys = RosterKeyRing()
        self.roster: Roster | None = None
        self.signed = b""

    async def refresh(self) -> None:
        """Take over provisioning files and read everything anew; at start and after a person
        changed something (or every half minute)."""
        async with self._taking:
            found = await asyncio.to_thread(papers, self._identity)
            if found != self._settled:  # most looks find nothing new and cost the writer nothing
                await self._writer.write(lambda tx: settle(tx, found))
                self._settled = found
            await self._reload()

    def listen(self, newer: Callable[[], None]) -> Callable[[], None]:
        """Call ``newer`` whenever a newer roster is in use: drivers then offer it to children that
        have an older one. A commit says it too early. Returns what ends that."""
        self._on_newer = newer

        def end() -> None:
            self._on_newer = _nothing

        return end

    def newest_serial(self) -> int:
        """Serial of the roster in use; 0 before the first."""
        return self.roster.serial if self.roster else 0

    def min_proto(self) -> int:
        """The protocol version it asks every member to speak."""
        return self.roster.min_proto if self.roster else PROTO_MIN

    @property
    def children(self) -> tuple[Child, ...]:
        """Whom this node took in, or ended, as of the last look at its files."""
        return self._settled.children if self._settled is not None else ()

    def newest_signed(self) -> bytes:
        """Its signed bytes, to offer to a neighbour; empty before the first."""
        return self.signed

    async def offer(self, signed: bytes) -> bool:
        """A neighbour hands over a roster: keep it if it is genuine and newer.

        False when nothing changed. A roster that does not verify, or that has been expired so
        long that membership is frozen, raises an alarm and changes nothing; the link goes on.
        """
        async with self._taking:
            return await self._take(signed)

    async def _take(self, signed: bytes) -> bool:
        try:
            roster = await asyncio.to_thread(self._opened, signed)
        except FabricError as err:
            self._alarm(err.code, f"refusing an offered roster: {err}")
            return False
        if roster.serial <= self.newest_serial():
            return False
        if roster.freshness(self._now_us()) is Freshness.FROZEN and self.roster is not None:
            self._alarm("roster.frozen", f"refusing roster {roster.serial}: it expired long ago")
            return False

        def keep(tx: Tx) -> bool:
            added = rosters.add_roster(
                tx.conn, serial=roster.serial, signed=signed, received_at_us=tx.now_us
            )
            tx.wake(TOPIC)
            return added

        added = await self._writer.write(keep)
        await asyncio.to_thread(self._identity.keep_roster, signed)
        await self._reload()
        return added

    def freshness(self) -> Freshness | None:
        """What the age of the roster allows now; None without one. EXPIRED and FROZEN are alarms
        for a person, never a reason to stop a link."""
        return self.roster.freshness(self._now_us()) if self.roster else None

    def admit(self, names: frozenset[str], spki_digest: bytes) -> LinkId | None:
        """The link of a caller whose certificate TLS has verified, if we issued it to that child
        and have not revoked it. None = do not talk to it."""
        for row in self._certificates:
            child = NodeId(row.link.removeprefix(f"{self._identity.node}-"))
            if (
                row.spki_digest == spki_digest
                and child in names
                and row.revoked_at_us is None
                and row.link == link_id(parent=self._identity.node, child=child)
            ):
                return row.link
        return None

    def _opened(self, signed: bytes) -> Roster:
        # On a worker thread: the root's key may lie in a device, a kit is as large as a roster.
        return open_roster(signed, root_key=self._identity.root_key())

    async def _reload(self) -> None:
        found = await self._writer.read(shelf)
        newer = found.signed is not None and found.signed != self.signed
        if found.signed is not None and newer:
            self.roster = await asyncio.to_thread(self._opened, found.signed)
            self.signed = found.signed
        self._certificates = found.certificates
        self.keys.replace(self.roster, (*_own(self._identity), *found.enrolled))
        if newer:
            self._on_newer()


def _nothing() -> None:
    """Before links run there is nobody to offer a roster to."""


def _own(identity: Identity) -> tuple[KeyRow, ...]:
    """Our own sign keys verify our own words, before any roster lists them: a neighbour may hand
    them back."""
    return tuple(_row(identity.node, key) for key in identity.public_keys())


def _row(node: NodeId, key: PublicKey) -> KeyRow:
    return KeyRow(
        key_id=key.key_id,
        node=node,
        alg=key.alg,
        public=key.public,
        valid_from_us=key.valid_from_us,
        valid_to_us=key.valid_to_us,
    )
