"""More broken code: what trusts keys, disks, leases, credit and clocks that it must not trust."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from sqlalchemy import Engine, event, func, select

from hub import wire
from hub.envelope import Draft, Flag
from hub.ids import MsgId
from hub.link import (
    answers,
    applying,
    incoming,
    operations,
    outgoing,
    renewing,
    sealing,
    sender,
    session,
    standstill,
    steps,
)
from hub.link.messages import Ack
from hub.link.turn import Phase, Turn
from hub.roster import keyring, renewal
from hub.store import engine, outbox
from hub.store.tables import inbox as inbox_rows
from hub.store.tables import link as link_rows
from tests.sim.fabric.mutants import Patched
from tests.sim.fabric.terms import SECOND
from tests.sim.fabric.trust import Trust

Patches = list[tuple[Any, str, Any]]


class DedupByTimeWindow(Patched):
    """Knows a word again only for two minutes."""

    unique_inbox = False

    def patches(self) -> Patches:
        from hub.store import inbox

        def seen(conn: Any, msg_ids: Any) -> set[bytes]:
            newest = conn.execute(select(func.max(inbox_rows.c.received_at))).scalar() or 0
            return set(conn.execute(select(inbox_rows.c.msg_id).where(
                inbox_rows.c.msg_id.in_(list(msg_ids)),
                inbox_rows.c.received_at > newest - 120 * SECOND)).scalars())

        return [(inbox, "seen", seen)]


class RetryWithNewId(Patched):
    """What was not acknowledged is said again as a new word."""

    def patches(self) -> Patches:
        greet = operations.greet

        def again(tx: Any, row: Any, operation: Any) -> Any:
            result = greet(tx, row, operation)
            if result.fault or result.verdict is None:
                return result
            rows = outbox.numbered_after(tx.conn, row.link, row.acked)
            copies = []
            for one in rows:
                head, body, _ = wire.sealed_parts(one.sealed)
                header = wire.header_from(head)
                if header.type in wire.HUB_TYPES:
                    continue
                copies.append(Draft(
                    msg_id=MsgId(bytes(reversed(header.msg_id))), type=header.type,
                    schema_rev=header.schema_rev, occurred_at_us=header.occurred_at_us,
                    hlc=header.hlc, body=body, lane=header.lane, prio=1,
                    flags=Flag(header.flags)))
            fresh = [one for one in copies if not tx.conn.execute(
                select(outbox.outbox.c.id).where(outbox.outbox.c.msg_id == one.msg_id)).first()]
            outbox.enqueue(tx, row.link, fresh)
            return result

        return [(operations, "greet", again)]


class PollByLastId(Patched):
    """Looks for drafts behind the last one it has seen."""

    def patches(self) -> Patches:
        plan = outbox.plan
        last: dict[tuple[int, str], int] = {}

        def behind(conn: Any, link: Any, limit: int) -> Any:
            at = last.get((id(conn), link), 0)
            rows = tuple(row for row in plan(conn, link, limit) if row.id > at)
            if rows:
                last[id(conn), link] = max(row.id for row in rows)
            return rows

        return [(outbox, "plan", behind)]


class SyncNormal(Patched):
    """The database is prepared with ``synchronous=NORMAL``."""

    def patches(self) -> Patches:
        prepare = engine._prepare_sqlite

        def normal(made: Engine, *, read_only: bool) -> None:
            prepare(made, read_only=read_only)

            @event.listens_for(made, "connect")
            def _connected(connection: Any, _record: Any) -> None:
                connection.execute("PRAGMA synchronous=NORMAL")

        return [(engine, "_prepare_sqlite", normal)]


class LeaseGuardOff(Patched):
    """A process that lost a link goes on as if it held it."""

    def patches(self) -> Patches:
        kind = operations.LinkOperations
        read, write = kind.read, kind.write

        def holder(conn: Any, link: Any) -> int:
            return int(conn.execute(
                select(link_rows.c.holder_no).where(link_rows.c.link == link)).scalar())

        def reading(self: Any, conn: Any, operation: Any, *, now_us: int) -> Any:
            mine = replace(self, holder_no=holder(conn, self.link))
            return read(mine, conn, operation, now_us=now_us)

        def writing(self: Any, tx: Any, operation: Any) -> Any:
            return write(replace(self, holder_no=holder(tx.conn, self.link)), tx, operation)

        return [(kind, "read", reading), (kind, "write", writing)]


class AckHeadUnchecked(Patched):
    """Believes an Ack whatever it says the peer has."""

    def patches(self) -> Patches:
        acknowledge = operations.acknowledge

        def believe(tx: Any, row: Any, operation: Any) -> Any:
            at = min(operation.ack.inn, row.out)
            chain = operations._chain_at(tx.conn, row.link, at)
            if chain is None:
                return acknowledge(tx, row, operation)
            ack = replace(operation.ack, inn=at, in_head=chain, countersign=None)
            return acknowledge(tx, row, replace(operation, ack=ack))

        return [(operations, "acknowledge", believe)]


class ResendWithoutHello(Patched):
    """What is not acknowledged in time is sent again into the same contact."""

    def patches(self) -> Patches:
        flow = outgoing.flow

        def again(turn: Turn) -> None:
            s = turn.s.snd
            waited = turn.now.mono - (s.flights[0].at if s.flights else turn.now.mono)
            if turn.up() and waited >= 5 * SECOND:
                turn.set(snd=sender.rewind(s, s.acked))
            flow(turn)

        return [(outgoing, "flow", again), (sender, "stalled", lambda state, now: False)]


class FencedWithoutProof(Patched):
    """Takes a peer's bare word for the proof that another copy lives."""

    def patches(self) -> Patches:
        heard = standstill.got_fault

        def obey(turn: Turn, contact: int, fault: Any, own: Any) -> None:
            if contact == turn.s.contact and fault.code == "FENCED":
                standstill.copy_proven(turn)
            heard(turn, contact, fault, own)

        return [(standstill, "got_fault", obey)]


class CreditIgnored(Patched):
    """Sends whatever is ready, whether the peer has room or not."""

    def patches(self) -> Patches:
        frame = sender._frame
        return [(sender, "_frame", lambda state, *, credit: frame(state, credit=10_000))]


class BackoffResetByInbound(Patched):
    """Hearing from the peer counts as success: the next try comes at once."""

    def patches(self) -> Patches:
        got = incoming.got

        def hopeful(turn: Turn, given: Any) -> None:
            turn.set(retry_n=0, tries=0)
            got(turn, given)

        return [(incoming, "got", hopeful)]


class RevisionUnchecked(Patched):
    """Gives the office whatever arrives, readable or not."""

    def patches(self) -> Patches:
        return [(applying.Applier, "_unreadable", lambda self, header, park: None)]


class SealUnchecked(Patched):
    """Opens envelopes without a look at their seals."""

    def patches(self) -> Patches:
        from hub import seal

        return [(seal, "_check_seals", lambda *_args, **_values: None)]


class StrangerBelieved(Patched):
    """A seal under a key that nobody knows counts as good."""

    def patches(self) -> Patches:
        from hub.errors import UnknownPeer
        from hub.seal import open_envelope, reopen

        def believe(data: bytes, **values: Any) -> Any:
            try:
                return open_envelope(data, **values)
            except UnknownPeer:
                return reopen(data)

        return [(sealing, "open_envelope", believe)]


class RevokedKeyTaken(Patched):
    """A key that was ended still seals."""

    def patches(self) -> Patches:
        refusal = keyring.refusal_of

        def kind(known: Any, node: Any, at_us: int) -> str:
            why = refusal(known, node, at_us)
            return "" if why == "key.revoked" else why

        return [(keyring, "refusal_of", kind)]


class OldSealResent(Patched):
    """What was numbered under a key that is gone is resent under it."""

    def patches(self) -> Patches:
        return [(operations, "reseal", lambda sealed, _signers: sealed)]


class OldPapersEndAtOnce(Patched):
    """A parent that issues newer papers ends those of before, although the answer may be lost."""

    def patches(self) -> Patches:
        grant = Trust.grant

        def ending(self: Trust, child: Any, tls: int) -> bool:
            done = grant(self, child, tls)
            self.confirm(child, f"{child}-{tls}")
            return done

        return [(Trust, "grant", ending)]


class UnheardPapersForgotten(Patched):
    """A parent that issues papers once more keeps those it last heard of, and none in between."""

    def patches(self) -> Patches:
        return [(renewal, "beside", lambda before, present: before or (present,))]


class RenewedAndSilent(Patched):
    """Newer papers begin no new contact: the old one goes on, and nobody hears of the change."""

    def patches(self) -> Patches:
        return [(renewing, "renewed", lambda _turn: None), (renewing, "RENEW_EVERY_US", 1 << 60)]


class SealedAfterReserialising(Patched):
    """Verifies and keeps a header as this version would write it, not as it came."""

    def patches(self) -> Patches:
        original = wire.sealed_parts

        def rewritten(data: bytes) -> Any:
            head, body, seals = original(data)
            return WRITTEN(wire.header_from(head)), body, seals

        return [(wire, "sealed_parts", rewritten)]


WRITTEN = wire.header_bytes


class NoWatchdog(Patched):
    """Waits for ever for a peer that is silent."""

    def patches(self) -> Patches:
        return [(session, "SILENCE_US", 10**15), (sender, "STALL_US", 10**15)]


class FailureAcknowledged(Patched):
    """Acknowledges a frame whose transaction failed."""

    def patches(self) -> Patches:
        failed = answers.failed

        def cheerful(turn: Turn, given: steps.Failed) -> None:
            if given.ticket.kind == "accept" and turn.s.phase is Phase.UP and turn.s.rcv.writing:
                last = turn.s.rcv.writing[0].envelopes[-1].opened
                turn.say(Ack(inn=last.header.position, in_head=last.chain, credit=512,
                             sent_at_us=turn.now.wall))
            failed(turn, given)

        return [(answers, "failed", cheerful)]


class NoNotices(Patched):
    """Nobody is told of a word that could not be applied, or was given up."""

    def patches(self) -> Patches:
        return [(applying.Applier, "notices", lambda self, tx, became: None)]
