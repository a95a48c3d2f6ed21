"""The links as people see and steer them: state, one sentence of why, what is parked or kept.

The link itself is run by the fabric's driver; here it is only asked, told to pause, and its rows
are read. A sentence names what a person would do next, so it says since when.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import replace
from datetime import datetime
from typing import Protocol, TypeVar

from sqlalchemy import Connection

from hub.errors import FabricError, Malformed, UnknownPeer, Unreachable
from hub.ids import LinkId, Position
from hub.link.applying import Became
from hub.link.checkpoint import FLOWING, Checkpoint, LinkState
from hub.link.quota import Quota, ended
from hub.link.status import LinkStatus
from hub.link.steps import Report
from hub.store import inbox, links, quarantine
from hub.store.inbox import InboxRow
from hub.store.tx import Writer
from hub.wire import hello_from
from node.core.audit import Outcome, Plain
from node.core.errors import Invalid
from node.service.audit import AuditEntry, Recorder, note
from node.service.catalogue import SENTENCES
from node.service.instants import to_time
from node.service.link_views import (
    LinkView,
    ParkedItem,
    QuarantinedItem,
    Reconciled,
    RoundView,
    WordView,
)
from node.service.opened import Words, opened
from node.service.phrases import Phrase, joined, phrase, told
from node.service.surroundings import uuid_text

T = TypeVar("T")

WAITS_FOR_CHANGE = frozenset({"schema.unsupported", "key.unknown", "codes.unknown"})
"""Codes that an upgrade, a roster or a code table releases; the others wait for a person."""
LANE_HELD = "lane.held"
PAGE = 200
"""Parked or quarantined rows shown per link."""


class Runner(Protocol):
    """The fabric's driver of one link, as far as it is asked here."""

    def status(self) -> LinkStatus: ...

    async def pause(self) -> None: ...

    async def resume(self) -> None: ...

    async def reconcile(self, scope: str | None = None) -> tuple[Report, ...]: ...

    async def replay(self, position: Position, *, actor: str) -> Became: ...

    async def discard(self, position: Position, *, reason: str, actor: str) -> None: ...

    async def release_parked(self, codes: Sequence[str], *, actor: str) -> int: ...

    async def release(self, *, actor: str) -> None: ...


class Neighbours:
    """Views and verbs over the links of this node."""

    def __init__(
        self,
        *,
        writer: Writer,
        audit: Recorder,
        now_us: Callable[[], int],
        runners: Mapping[LinkId, Runner],
        quota: Callable[[str], Quota],
        words: Words,
    ) -> None:
        self._writer = writer
        self._audit = audit
        self._now_us = now_us
        self._runners = runners
        self._quota = quota
        self._words = words
        self._contacts: dict[str, datetime | None] = {}

    def contacts(self) -> Mapping[str, datetime | None]:
        """Last contact per child, as of the last look."""
        return self._contacts

    # --- views --------------------------------------------------------------------------------

    async def links(self) -> list[LinkView]:
        """Every link with its sentence."""
        now_us = self._now_us()
        standing = {link: runner.status() for link, runner in self._runners.items()}

        def look(conn: Connection) -> list[LinkView]:
            return [
                _view(conn, point, standing.get(point.link), now_us, self._quota(point.peer))
                for point in links.all_links(conn, counted=True)
            ]

        return await self._writer.read(look)

    async def refresh_contacts(self) -> None:
        """Read when each child was last heard."""
        self._contacts = {
            view.peer: view.last_contact for view in await self.links() if view.peer_is == "CHILD"
        }

    async def parked(self, link: str) -> list[ParkedItem]:
        """Words that wait; "" = of all links."""

        def look(conn: Connection) -> list[ParkedItem]:
            return [
                _parked(one, row)
                for one in self._named(conn, link)
                for row in inbox.parked(conn, one, limit=PAGE)
            ]

        return await self._writer.read(look)

    async def word(self, link: str, position: str) -> WordView:
        """One parked word, opened. ``UnknownPeer`` (``word.unknown``): none is parked there."""
        where = _position(position)

        def look(conn: Connection) -> InboxRow | None:
            (one,) = self._named(conn, link)
            return inbox.row(conn, one, where)

        row = await self._writer.read(look)
        found = opened(row, _parked(LinkId(link), row), self._words) if row is not None else None
        if found is None:
            raise UnknownPeer(f"no word is parked at {position} of {link}", code="word.unknown")
        return found

    def marks(self) -> tuple[object, ...]:
        """What of the links moves by itself, without a commit: to be compared with what it was,
        by whoever shows links as they stand. Asks nothing of the database."""
        found: list[object] = []
        for link, runner in self._runners.items():
            try:
                one = runner.status()
            except Unreachable:  # it begins anew just now
                found.append(link)
                continue
            found.append((
                one.link, one.up, one.paused, one.state, one.reason, one.drafts, one.unacked,
                one.inn, one.rounds))
        return tuple(found)

    async def quarantined(self, link: str) -> list[QuarantinedItem]:
        """Unacceptable bytes; "" = of all links."""

        def look(conn: Connection) -> list[QuarantinedItem]:
            return [
                QuarantinedItem(
                    id=item.id,
                    link=one,
                    code=item.code,
                    size=len(item.data),
                    at=to_time(item.at_us),
                )
                for one in self._named(conn, link)
                for item in quarantine.items(conn, one, limit=PAGE)
            ]

        return await self._writer.read(look)

    def _named(self, conn: Connection, link: str) -> list[LinkId]:
        known = [point.link for point in links.all_links(conn)]
        if not link:
            return known
        if link not in known:
            raise UnknownPeer(f"there is no link {link!r} here", code="link.unknown")
        return [LinkId(link)]

    # --- verbs --------------------------------------------------------------------------------

    async def pause(self, link: str, *, actor: str) -> None:
        """Stop talking."""
        runner = self._runner(link)
        await self._steer("PauseLink", link, runner.pause, actor=actor)

    async def resume(self, link: str, *, actor: str) -> None:
        """Talk again."""
        runner = self._runner(link)
        await self._steer("ResumeLink", link, runner.resume, actor=actor)

    async def replay(self, link: str, position: str, *, actor: str) -> str:
        """Try a parked word again."""
        runner, where = self._runner(link), _position(position)
        became = await self._steer(
            "ReplayWord", link, lambda: runner.replay(where, actor=actor), actor=actor,
            detail={"position": position})
        return became.outcome.value

    async def replay_all(self, link: str, *, actor: str) -> int:
        """Try every parked word again; those behind another of their lane follow by themselves."""
        runner = self._runner(link)
        codes = await self._writer.read(lambda conn: inbox.parked_counts(conn, LinkId(link)))
        wanted = sorted(set(codes) - {LANE_HELD})
        return await self._steer(
            "ReplayWords", link, lambda: runner.release_parked(wanted, actor=actor), actor=actor,
            detail={"codes": ",".join(wanted)})

    async def release(self, link: str, *, actor: str) -> None:
        """Lift a quarantine for broken seals."""
        runner = self._runner(link)
        await self._steer(
            "ReleaseLink", link, lambda: runner.release(actor=actor), actor=actor)

    async def discard(self, link: str, position: str, *, reason: str, actor: str) -> None:
        """Give it up."""
        if not reason.strip():
            raise Invalid("giving a word up takes a reason", code="word.reason_missing")
        runner, where = self._runner(link), _position(position)
        await self._steer(
            "DiscardWord", link, lambda: runner.discard(where, reason=reason, actor=actor),
            actor=actor, reason=reason, detail={"position": position})

    async def reconcile(self, link: str) -> list[Reconciled]:
        """Compare both ends now, in both scopes."""
        found = []
        for report in await self._runner(link).reconcile():
            if report.error:
                raise Unreachable(f"comparing {link}: {report.error}", code="reconcile.failed")
            found.append(
                Reconciled(
                    link=link,
                    scope=report.scope,
                    missing=report.missing,
                    pending=report.pending,
                    surplus=report.surplus,
                    differ=report.differ,
                )
            )
        return found

    async def _steer(
        self, action: str, link: str, act: Callable[[], Awaitable[T]], *, actor: str,
        reason: str = "", detail: Mapping[str, Plain] | None = None,
    ) -> T:
        """Do it once it is in the audit log; what then fails is there as well. The fabric has
        transactions of its own, in which nothing of the office belongs."""
        entry = AuditEntry(
            action=action, actor=actor, subject=f"link:{link}", reason=reason,
            detail=detail or {})
        await note(self._writer, self._audit, entry)
        try:
            return await act()
        except FabricError as err:
            await note(self._writer, self._audit, replace(
                entry, outcome=Outcome.FAILED, detail={**entry.detail, "code": err.code}))
            raise

    def _runner(self, link: str) -> Runner:
        runner = self._runners.get(LinkId(link))
        if runner is None:
            raise UnknownPeer(f"there is no link {link!r} here", code="link.unknown")
        return runner


def _parked(link: LinkId, row: InboxRow) -> ParkedItem:
    return ParkedItem(
        link=link,
        position=str(row.position),
        msg_id=uuid_text(row.msg_id),
        lane=row.lane.hex(),
        type=row.type,
        code=row.code,
        received_at=to_time(row.received_at_us),
        waits_for=waits_for(row.code),
        sentence=why_parked(row.code),
    )


def _view(
    conn: Connection, point: Checkpoint, status: LinkStatus | None, now_us: int, quota: Quota
) -> LinkView:
    parked = inbox.parked_counts(conn, point.link)
    quarantined = sum(quarantine.counts(conn, point.link).values())
    parked_bytes, today = inbox.parked_bytes(conn, point.link), point.spent.at(now_us)
    reached = ended(quota, today, parked=parked_bytes, now_us=now_us)
    oldest_us = links.oldest_undelivered_us(conn, point.link)
    connected = status is not None and status.up
    proto, serial = _greeted(point)
    heard_us = (status.last_contact_us if status is not None else None) or point.last_contact_at_us
    return LinkView(
        link=point.link,
        peer=point.peer,
        peer_is="PARENT" if point.peer_is_parent else "CHILD",
        state=point.state.value,
        reason=point.reason,
        sentence=sentence(
            point,
            connected=connected,
            heard_us=heard_us,
            oldest_us=oldest_us,
            parked=parked,
            quarantined=quarantined,
            reached=reached,
        ),
        connected=connected,
        carrier=status.carrier if status is not None else "",
        prefer=point.prefer,
        drafts=point.drafts,
        unacked=point.unacked,
        oldest_undelivered_s=(now_us - oldest_us) / 1e6 if oldest_us is not None else None,
        last_contact=_when(heard_us),
        credit=status.credit if status is not None else 0,
        peer_backlog=status.peer_backlog if status is not None else 0,
        clock_offset_s=status.offset_s if connected and status is not None else None,
        parked=sum(count for count, _ in parked.values()),
        parked_codes={code: count for code, (count, _) in parked.items()},
        quarantined=quarantined,
        paused=point.paused,
        words_today_bytes=today.words,
        photos_today_bytes=today.photos,
        parked_bytes=parked_bytes,
        reached=reached,
        peer_proto=proto,
        peer_roster=serial,
        rounds=tuple(
            RoundView(
                scope=one.scope, at=to_time(one.at_us), missing=one.missing, pending=one.pending,
                surplus=one.surplus, differ=one.differ, error=one.error)
            for one in (status.rounds if status is not None else ())
        ),
    )


def _greeted(point: Checkpoint) -> tuple[int, int]:
    """What the neighbour said of itself in its last greeting: protocol and roster."""
    if not point.peer_hello:
        return 0, 0
    try:
        hello = hello_from(point.peer_hello)
    except Malformed:
        return 0, 0
    return hello.proto_max, hello.roster_serial


def waits_for(code: str) -> str:
    """What releases a parked word: person, change or lane."""
    if code == LANE_HELD:
        return "lane"
    return "change" if code in WAITS_FOR_CHANGE else "person"


def why_parked(code: str) -> Phrase:
    """What a parked word waits for, and what to do about it."""
    key = f"parked.{code}"
    return phrase(key if key in SENTENCES else "parked.other")


def sentence(
    point: Checkpoint,
    *,
    connected: bool,
    heard_us: int,
    oldest_us: int | None,
    parked: Mapping[str, tuple[int, int]],
    quarantined: int,
    reached: Sequence[str] = (),
) -> Phrase:
    """Why this link stands as it does, in one sentence."""
    parts = []
    waiting = point.drafts + point.unacked
    if waiting and oldest_us is not None:
        since = to_time(oldest_us)
        parts.append(phrase("link.queued", count=waiting, peer=point.peer, since=since))
    standing = _standing(point, connected=connected, heard_us=heard_us)
    if standing is not None:
        parts.append(standing)
    waits = sum(count for code, (count, _) in parked.items() if code != LANE_HELD)
    if waits:
        whys = dict.fromkeys(why_parked(code) for code in sorted(set(parked) - {LANE_HELD}))
        parts.append(phrase("link.parked", count=waits, why=joined(tuple(whys))))
    if quarantined:
        parts.append(phrase("link.quarantined", count=quarantined))
    parts += [phrase(f"link.quota.{one}") for one in reached]
    if not parts:
        return phrase("link.well")
    if standing is None:
        parts.append(phrase("link.up"))
    return joined(parts)


def _standing(point: Checkpoint, *, connected: bool, heard_us: int) -> Phrase | None:
    """Why nothing flows; None while the link is up."""
    if point.paused:
        return phrase("link.paused")
    if point.state is LinkState.RETIRED:
        return phrase("link.retired")
    if point.state not in FLOWING:
        return phrase(
            "link.stopped",
            state=phrase(f"state.{point.state.value}"),
            reason=told("fabric", point.reason),
        )
    if connected:
        return None
    why = told("fabric", point.reason)
    if not heard_us:
        return phrase("link.never_why", reason=why) if point.reason else phrase("link.never")
    since = to_time(heard_us)
    if point.reason:
        return phrase("link.down_why", since=since, reason=why)
    return phrase("link.down", since=since)


def _when(us: int) -> datetime | None:
    return to_time(us) if us else None


def _position(text: str) -> Position:
    epoch, colon, seq = text.partition(":")
    if not colon or not epoch.isdecimal() or not seq.isdecimal():
        raise Invalid("a position is <epoch>:<seq>", code="word.position")
    return Position(int(epoch), int(seq))
