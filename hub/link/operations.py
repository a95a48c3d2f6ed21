"""What one link does inside a transaction: the operations the machines describe, carried out.

Each begins with ``links.hold``: without the row under our holder number nothing is written. A
refused or impossible operation raises, so that its savepoint is rolled back; a verdict that must
itself be remembered (a fork, a twin) is written and returned instead.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import Connection

from hub import wire
from hub.application import Application
from hub.envelope import Opened, Outcome
from hub.errors import Fenced, Malformed
from hub.ids import START, ZERO_CHAIN, Chain, LinkId, Position
from hub.link import judge, recovering, steps
from hub.link.applying import LANE_HELD, Applier, Became
from hub.link.checkpoint import FLOWING, Checkpoint, LinkState
from hub.link.messages import PROTO_MIN
from hub.seal import Signer, reseal
from hub.store import countersigns, inbox, links, outbox, quarantine
from hub.store.tx import Tx

PEER_RECOVERING = (
    "link.peer_recovering: the peer is being recovered and fetches back its own words; what we "
    "have for it waits"
)
EVIDENCE_MAX = 64
"""Pieces of evidence kept of one incident: a frame's worth."""


@dataclass(frozen=True, slots=True, kw_only=True)
class LinkOperations:
    """Operations of one link under one holder number."""

    applier: Applier
    holder_no: int
    signers: Sequence[Signer] = ()
    """Our keys of today: what was numbered under earlier ones is sealed again when it is resent,
    for the peer may have ended them. Empty: whatever is stored is sent."""

    @property
    def link(self) -> LinkId:
        return self.applier.link

    @property
    def application(self) -> Application:
        return self.applier.application

    def read(self, conn: Connection, operation: steps.Reading, *, now_us: int) -> object:
        """Carry out an operation that changes nothing, on any connection."""
        match operation:
            case steps.Plan():
                return outbox.plan(conn, self.link, operation.limit)
            case steps.Load():
                ready = outbox.load(
                    conn,
                    self.link,
                    after=operation.after,
                    limit=operation.limit,
                    bytes_max=operation.bytes_max,
                )
                signers = tuple(self.signers)  # they may change at any moment
                if not signers:
                    return ready
                return tuple(one._replace(sealed=reseal(one.sealed, signers)) for one in ready)
            case steps.Survey():
                found = links.read(conn, self.link, counted=True)
                if found is None or found.holder_no != self.holder_no:
                    raise Fenced(f"surveying link {self.link}: another process holds it")
                return found
            case steps.ReadEcho():
                return inbox.echo(
                    conn,
                    self.link,
                    after=operation.after,
                    limit=operation.limit,
                    bytes_max=operation.bytes_max,
                )
            case steps.ReadDigest():
                ask = operation.ask
                rows = self.application.digest(
                    Tx(conn, now_us), self.link, ask.scope, ask.depth, ask.prefix, ask.after,
                    operation.limit,
                )
                return steps.Digested(rows=tuple(rows), more=len(rows) >= operation.limit)

    def write(self, tx: Tx, operation: steps.Writing) -> object:
        """Carry out an operation inside the writer's transaction."""
        row = links.hold(tx, self.link, self.holder_no)
        match operation:
            case steps.Accept():
                return accept(tx, self.applier, row, operation)
            case steps.Number():
                number(tx, row, operation)
            case steps.Acknowledge():
                return acknowledge(tx, row, operation)
            case steps.Greet():
                return greet(tx, row, operation)
            case steps.Stop():
                if row.state in FLOWING or operation.state not in FLOWING:
                    links.set_state(tx, row.link, operation.state, operation.reason)
                return operation.proof is not None and _never_ours(tx, row, operation.proof)
            case steps.Keep():
                keep(tx, row.link, operation.code, operation.evidence)
            case steps.Postpone():
                links.set_retry(tx, row.link, n=operation.n, at_us=operation.at_us)
                if operation.reason and row.state is LinkState.DOWN:
                    links.set_state(tx, row.link, row.state, operation.reason)
            case steps.Compare():
                return self._compare(tx, operation)
            case steps.Repair():
                return self._repair(tx, operation)
            case steps.TakeEcho():
                return recovering.take(tx, self.applier, row, operation)
            case steps.SettleEcho():
                return recovering.settle(tx, row, operation)
            case steps.LiftRecovery():
                return recovering.lift(tx, row)
            case steps.BurnEpoch():
                recovering.burn(tx, row)
                return _fresh(tx, row.link)
        return None

    def _compare(self, tx: Tx, operation: steps.Compare) -> steps.ComparedCounts:
        listed = operation.listed
        found = self.application.compare(
            tx, self.link, listed.scope, listed.prefix, listed.rows
        )
        resupplied = 0
        if found.missing:
            resupplied = self.application.resupply(tx, self.link, listed.scope, found.missing)
        return steps.ComparedCounts(
            missing=len(found.missing),
            pending=found.pending,
            surplus=tuple(found.surplus)[: wire.ROWS_MAX],
            differ=tuple(found.differ)[: wire.ROWS_MAX],
            resupplied=resupplied,
        )

    def _repair(self, tx: Tx, operation: steps.Repair) -> int:
        done = 0
        if operation.surplus:
            done += self.application.surplus(
                tx, self.link, operation.scope, operation.surplus
            )
        if operation.differ and operation.scope == "assignment":
            # The assignor's word about its own assignment is the one that counts: say it again.
            done += self.application.resupply(
                tx, self.link, operation.scope, operation.differ
            )
        return done


# -- hello -----------------------------------------------------------------------------------


def greet(tx: Tx, row: Checkpoint, operation: steps.Greet) -> steps.Judged:
    """Judge a Hello: is this the living peer, and does it still have what we sent?"""
    hello = operation.hello
    echoes = hello.recovering and row.state is not LinkState.RETIRED
    if row.state not in FLOWING and not row.recovers and not echoes:
        return _refused(row, operation, "GOODBYE", row.reason or f"link.{row.state.lower()}")
    if hello.link != row.link or hello.sender != row.peer:
        return _refused(row, operation, "MALFORMED", "link.malformed: a hello of another link")
    if not judge.protocols_meet(hello, operation.min_proto):
        asked = (
            f", the roster asks for {operation.min_proto}"
            if operation.min_proto > PROTO_MIN else ""
        )
        reason = (
            f"link.incompatible: the peer speaks protocol {hello.proto_min} to "
            f"{hello.proto_max}{asked}; upgrade the older side"
        )
        links.set_state(tx, row.link, LinkState.DOWN, reason)
        return _refused(row, operation, "INCOMPATIBLE", reason)
    last = wire.hello_from(row.peer_hello) if row.peer_hello else None
    who = judge.holder(hello, our_in=row.inn, last=last)
    if row.recovers and (hello.standing or who is not judge.Holder.FENCED):
        # A twin may be the reason why we recover: the new epoch decides between the two.
        return steps.Judged(
            hello=hello, holder=who, verdict=None, echo=recovering.plan(tx, row, operation),
            checkpoint=_fresh(tx, row.link), detail="link.recovering",
        )
    if who is judge.Holder.ECHO_ONLY:
        if row.state in FLOWING:
            links.set_state(tx, row.link, LinkState.DOWN, PEER_RECOVERING)
        return steps.Judged(
            hello=hello, holder=who, verdict=None, checkpoint=_fresh(tx, row.link),
            detail=PEER_RECOVERING,
        )
    if hello.standing:
        return _refused(row, operation, "GOODBYE", "link.peer_stands: the peer stands still", who)
    if who is judge.Holder.FENCED:
        proof = last.signed if last is not None and hello.holder_no < last.holder_no else b""
        return _refused(
            row, operation, "FENCED", "link.peer_fenced: an older copy of the peer spoke", who,
            proof=proof,
        )
    if who is judge.Holder.TWIN:
        reason = (
            "link.twin: two running copies of the peer speak on this link under one holder "
            "number. Switch one off, then recover the other."
        )
        keep(tx, row.link, "TWIN", (row.peer_hello, hello.signed))
        return _stopped(
            tx, operation, state=LinkState.QUARANTINED, reason=reason, fault="TWIN", who=who,
            link=row.link, proof=row.peer_hello,
        )
    return _judge(tx, row, operation, who)


def _judge(
    tx: Tx, row: Checkpoint, operation: steps.Greet, who: judge.Holder
) -> steps.Judged:
    hello = operation.hello
    peer_in = hello.inn
    kept = outbox.oldest_kept(tx.conn, row.link)
    verdict = judge.judge(
        judge.Evidence(
            out=row.out,
            acked=row.acked,
            chain_at_peer=_chain_at(tx.conn, row.link, peer_in),
            oldest=kept[0] if kept else None,
            before_oldest=kept[1] if kept else None,
        ),
        peer_in=peer_in,
        peer_head=hello.in_head,
    )
    links.keep_hello(tx, row.link, hello.signed)
    stop = judge.STOPS.get(verdict)
    if stop is not None:
        state, reason = stop
        detail = f"{reason} (ours {row.out}, acknowledged {row.acked}; the peer has {peer_in})"
        fault = "FORK" if verdict is judge.Verdict.FORK else "GOODBYE"
        if verdict is judge.Verdict.FORK:
            keep(tx, row.link, "FORK", (hello.signed,))
        return _stopped(
            tx, operation, state=state, reason=detail, fault=fault, who=who, verdict=verdict,
            link=row.link,
        )
    if verdict is judge.Verdict.PEER_RESTORED:
        outbox.take_back(tx, row.link, peer_in)
        links.set_acked(tx, row.link, peer_in)
    elif verdict is judge.Verdict.ACKS_LOST:
        outbox.acknowledge(tx, row.link, after=row.acked, upto=peer_in)
        links.set_acked(tx, row.link, peer_in)
    links.set_state(tx, row.link, LinkState.UP, "")
    return steps.Judged(
        hello=hello,
        holder=who,
        verdict=verdict,
        checkpoint=_fresh(tx, row.link),
        acked_head=hello.in_head,
    )


def _refused(
    row: Checkpoint,
    operation: steps.Greet,
    fault: str,
    detail: str,
    who: judge.Holder | None = None,
    *,
    proof: bytes = b"",
) -> steps.Judged:
    return steps.Judged(
        hello=operation.hello, holder=who, verdict=None, checkpoint=row, fault=fault,
        detail=detail, proof=proof,
    )


def _stopped(
    tx: Tx,
    operation: steps.Greet,
    *,
    link: LinkId,
    state: LinkState,
    reason: str,
    fault: str,
    who: judge.Holder,
    verdict: judge.Verdict | None = None,
    proof: bytes = b"",
) -> steps.Judged:
    links.set_state(tx, link, state, reason)
    return steps.Judged(
        hello=operation.hello, holder=who, verdict=verdict, checkpoint=_fresh(tx, link),
        fault=fault, detail=reason, proof=proof,
    )


def _fresh(tx: Tx, link: LinkId) -> Checkpoint:
    found = links.read(tx.conn, link, counted=True)
    assert found is not None, "the row was held at the beginning of this transaction"
    return found


def _never_ours(tx: Tx, row: Checkpoint, proof: Opened) -> bool:
    """Whether our outbox shows that we did not make this envelope. What was trimmed long ago
    proves nothing."""
    at = proof.header.position
    ours = outbox.chain_at(tx.conn, row.link, at)
    if ours is not None:
        return ours != proof.chain
    kept = outbox.oldest_kept(tx.conn, row.link)
    return kept is None or at > kept[0]


def _chain_at(conn: Connection, link: LinkId, at: Position) -> Chain | None:
    return ZERO_CHAIN if at == START else outbox.chain_at(conn, link, at)


# -- sending ---------------------------------------------------------------------------------


def number(tx: Tx, row: Checkpoint, operation: steps.Number) -> None:
    """Make a sealed batch durable; ``Fenced`` if the link moved or stands still."""
    if row.out != operation.base or row.state not in FLOWING:
        raise Fenced(
            f"numbering on {row.link} after {operation.base}: it stands at {row.out}, {row.state}",
            code="link.moved",
        )
    outbox.number(tx, operation.rows)
    last = operation.rows[-1]
    links.move_out(tx, row.link, last.position, last.chain)


def acknowledge(tx: Tx, row: Checkpoint, operation: steps.Acknowledge) -> steps.Acked:
    """The peer has us up to a position: believed only if its chain value is ours."""
    ack = operation.ack
    at = ack.inn
    chain = _chain_at(tx.conn, row.link, at)
    stale = at < row.acked
    if chain is None and not stale and at.epoch < row.out.epoch:
        # A word under way when a new epoch was opened arrived before its start: the peer is where
        # our history no longer goes, as a Hello would have told.
        state, sentence = judge.STOPS[judge.Verdict.CUT_MOVED]
        reason = f"{sentence} (ours {row.out}, acknowledged {row.acked}; the peer has {at})"
        links.set_state(tx, row.link, state, reason)
        return steps.Acked(
            acked=row.acked, acked_head=ZERO_CHAIN, count=0, stopped=state, reason=reason
        )
    if at > row.out or (chain != ack.in_head and not (stale and chain is None)):
        reason = (
            f"link.fork: the peer acknowledged {at} with a chain value that is not ours; somebody "
            "sealed in our name. Keep both databases and decide which copy shall live."
        )
        links.set_state(tx, row.link, LinkState.QUARANTINED, reason)
        return steps.Acked(
            acked=row.acked, acked_head=ZERO_CHAIN, count=0, stopped=LinkState.QUARANTINED,
            reason=reason,
        )
    if ack.countersign is not None:
        countersigns.put(tx, row.link, ack.countersign)
    if stale:
        head = _chain_at(tx.conn, row.link, row.acked) or ZERO_CHAIN
        return steps.Acked(acked=row.acked, acked_head=head, count=0)
    count = 0
    if at > row.acked:
        count = outbox.acknowledge(tx, row.link, after=row.acked, upto=at)
        links.move_acked(tx, row.link, at)
    return steps.Acked(acked=at, acked_head=ack.in_head, count=count)


# -- receiving -------------------------------------------------------------------------------


@dataclass(slots=True)
class _Walk:
    """How a frame joins on to what we have."""

    inn: Position
    head: Chain
    fresh: list[steps.Checked]
    leftovers: list[steps.Checked]
    taken: steps.Taken = steps.Taken.WHOLE
    stopped_at: steps.Checked | None = None


def accept(tx: Tx, applier: Applier, row: Checkpoint, operation: steps.Accept) -> steps.Accepted:
    """Take a verified frame: what is new goes to the application and into the inbox, ``in``
    moves, and the peer is told of what could not be applied. One transaction."""
    if row.state not in FLOWING and not _lifts(operation):
        raise Fenced(f"taking a frame on {row.link}: the link is {row.state}", code="link.stopped")
    walk = _walk(tx.conn, applier, row, operation.envelopes)
    started = any(one.opened.header.type == wire.EPOCH_START_TYPE for one in walk.fresh)
    if row.state not in FLOWING and not started:
        raise Fenced(f"taking a frame on {row.link}: the link is {row.state}", code="link.stopped")
    if walk.taken is steps.Taken.FORK:
        return _forked(tx, row, walk)
    if walk.taken is steps.Taken.MALFORMED and walk.stopped_at is not None:
        keep(tx, row.link, "MALFORMED", (walk.stopped_at.opened.sealed,))
    for leftover in walk.leftovers:
        _fence_off(tx, applier, leftover)
    outcomes: tuple[tuple[str, int], ...] = ()
    if walk.fresh:
        became = applier.apply(tx, walk.fresh, operation.offset_ms)
        outcomes = _record(tx, applier, walk.fresh, became, operation.offset_ms)
        links.move_in(
            tx, row.link, walk.inn, walk.head,
            size=sum(len(one.opened.sealed) for one in walk.fresh),
        )
    if started and operation.lifting:
        # The living copy is the one that starts the new epoch: it is the one to compare with, and
        # whatever stood between us is settled.
        links.keep_hello(tx, row.link, operation.lifting)
        if not row.recovers:
            links.set_state(tx, row.link, LinkState.DOWN, "link.peer_recovered: a new epoch began")
    return steps.Accepted(
        inn=walk.inn,
        in_head=walk.head,
        fresh=len(walk.fresh),
        taken=walk.taken,
        outcomes=outcomes,
        started=started,
    )


def _lifts(operation: steps.Accept) -> bool:
    """Whether a link that stands still may take this: the start of a new epoch, in a contact in
    which the peer is being recovered."""
    first = operation.envelopes[0].opened.header if operation.envelopes else None
    return bool(operation.lifting) and first is not None and first.type == wire.EPOCH_START_TYPE


def _walk(
    conn: Connection, applier: Applier, row: Checkpoint, envelopes: Sequence[steps.Checked]
) -> _Walk:
    walk = _Walk(row.inn, row.in_head, [], [])
    stored = _stored_chains(conn, row, envelopes)
    for one in envelopes:
        header, chain = one.opened.header, one.opened.chain
        if header.origin != applier.peer or header.dest != applier.me:
            return _halt(walk, steps.Taken.MALFORMED, one)
        at = header.position
        if at <= row.inn:
            known = stored.get(at)
            if known == chain:
                continue
            if at.epoch < row.inn.epoch:
                walk.leftovers.append(one)
                walk.taken = steps.Taken.LEFTOVER
                continue
            if known is None:
                continue  # its row was trimmed; the chain above it holds
            return _halt(walk, steps.Taken.FORK, one)
        if at.epoch == walk.inn.epoch:
            if at.seq != walk.inn.seq + 1:
                return _halt(walk, steps.Taken.GAP, one)
            if header.prev_hash != walk.head:
                return _halt(walk, steps.Taken.FORK, one)
        elif at.seq != 1:
            return _halt(walk, steps.Taken.GAP, one)
        elif not _starts_here(one, walk):
            return _halt(walk, steps.Taken.CUT_MOVED, one)
        walk.fresh.append(one)
        walk.inn, walk.head = at, chain
    return walk


def _halt(walk: _Walk, taken: steps.Taken, at: steps.Checked) -> _Walk:
    walk.taken, walk.stopped_at = taken, at
    return walk


def _starts_here(one: steps.Checked, walk: _Walk) -> bool:
    """Whether an epoch start continues exactly where we stand."""
    header = one.opened.header
    if header.type != wire.EPOCH_START_TYPE or header.prev_hash != walk.head:
        return False
    try:
        return wire.epoch_start_from(one.opened.body) == (walk.inn, walk.head)
    except Malformed:
        return False


def _stored_chains(
    conn: Connection, row: Checkpoint, envelopes: Sequence[steps.Checked]
) -> dict[Position, Chain]:
    """Chain values of positions we already have, one look per epoch that occurs."""
    old = [e.opened.header.position for e in envelopes if e.opened.header.position <= row.inn]
    found: dict[Position, Chain] = {}
    for epoch in {at.epoch for at in old}:
        seqs = [at.seq for at in old if at.epoch == epoch]
        found |= inbox.chains(
            conn, row.link, epoch=epoch, first=min(seqs), last=max(seqs)
        )
    return found


def _record(
    tx: Tx,
    applier: Applier,
    fresh: Sequence[steps.Checked],
    became: Sequence[Became],
    offset_ms: int,
) -> tuple[tuple[str, int], ...]:
    """Inbox rows, wanted attachments and notices of one frame."""
    rows: list[dict[str, Any]] = []
    told = []
    counts: dict[str, int] = {}
    for one, what in zip(fresh, became, strict=True):
        opened = one.opened
        header = opened.header
        outcome = what.outcome.value
        counts[outcome] = counts.get(outcome, 0) + 1
        rows.append(
            {
                "link": applier.link,
                "epoch": header.position[0],
                "seq": header.position[1],
                "msg_id": header.msg_id,
                "lane": header.lane,
                "type": header.type,
                "chain": opened.chain,
                "sealed": opened.sealed,
                "outcome": outcome,
                "code": what.code,
                "offset_ms": offset_ms,
                "received_at": tx.now_us,
            }
        )
        if what.outcome is Outcome.PARKED and what.code != LANE_HELD:
            told.append((header.msg_id, header.type, what, b""))
    inbox.insert_rows(tx, rows)
    applier.want_attachments(
        tx,
        [
            one
            for one, what in zip(fresh, became, strict=True)
            if what.outcome is not Outcome.DUPLICATE
        ],
    )
    if told:
        applier.notices(tx, told)
    return tuple(counts.items())


def _fence_off(tx: Tx, applier: Applier, leftover: steps.Checked) -> None:
    """What a fenced copy of the peer still had in a mailbox: kept, told, never applied."""
    opened = leftover.opened
    if not quarantine.put(tx, applier.link, "FENCED", opened.sealed):
        return
    what = Became(Outcome.DISCARDED, "epoch.fenced", f"at {opened.header.position}")
    applier.notices(
        tx, [(opened.header.msg_id, opened.header.type, what, opened.sealed)]
    )


def _forked(tx: Tx, row: Checkpoint, walk: _Walk) -> steps.Accepted:
    """Two envelopes for one position: keep both, take nothing, stand still."""
    assert walk.stopped_at is not None
    theirs = walk.stopped_at.opened
    at = theirs.header.position
    ours = inbox.row(tx.conn, row.link, min(at, row.inn))
    evidence = [theirs.sealed]
    if ours is not None and ours.sealed is not None:
        evidence.append(ours.sealed)
    keep(tx, row.link, "FORK", evidence)
    links.set_state(
        tx,
        row.link,
        LinkState.QUARANTINED,
        f"link.fork: the peer sealed two envelopes for {at}; both are kept in quarantine. Decide "
        "with the peer which copy shall live.",
    )
    return steps.Accepted(
        inn=row.inn, in_head=row.in_head, fresh=0, taken=steps.Taken.FORK, proof=theirs.sealed
    )


def keep(tx: Tx, link: LinkId, code: str, evidence: Sequence[bytes]) -> None:
    """Keep bytes nobody could read or trust."""
    for data in evidence[:EVIDENCE_MAX]:
        if data:
            quarantine.put(tx, link, code, data)
