"""What the recovery of a link does inside a transaction: our own lost words back from the peer.

Steps: ``ECHO`` (the peer is asked for our own words), ``ECHOED`` (they are back, a person
confirms), ``OPENED`` (a new epoch is cut where the peer stands), ``DONE`` (the peer took it).
Everything a step knows is in the row of ``recovery``, so a crash at any moment costs nothing.

A person's acts (``begin``, ``confirm``, ``waive``) happen while the link's driver is stopped.
"""

from __future__ import annotations

from collections.abc import Sequence

from hub import wire
from hub.envelope import PRIO_WORD
from hub.errors import Fenced, Malformed, UnknownPeer
from hub.ids import START, ZERO_CHAIN, Chain, IdSource, LinkId, Position
from hub.link import judge, steps
from hub.link.applying import Applier
from hub.link.checkpoint import RECOVERING_REASONS, Checkpoint, LinkState, Recovery
from hub.link.epochs import draft_of, open_epoch
from hub.link.recoverer import BEFORE_ALL
from hub.link.sealing import Sealing
from hub.store import blobs, links, outbox, recoveries
from hub.store.tx import Tx

ECHO, ECHOED, OPENED, DONE, WAIVED = "ECHO", "ECHOED", "OPENED", "DONE", "WAIVED"
UNFINISHED = frozenset({ECHO, ECHOED, OPENED})
"""Steps in which a node does not work yet."""
_REASONS = {
    ECHO: Recovery.ECHO, ECHOED: Recovery.ECHOED, OPENED: Recovery.OPENED, WAIVED: Recovery.WAIVED,
}


# -- what a person does ------------------------------------------------------------------------


def begin(tx: Tx, link: LinkId, *, by: str) -> bool:
    """Put a link under recovery; False if it is already, or retired: then nothing changes."""
    row = links.read(tx.conn, link)
    if row is None:
        raise UnknownPeer(f"recovering {link}: no such link", code="link.unknown")
    if row.state is LinkState.RETIRED or row.recovers:
        return False
    recoveries.forget(tx, link)
    recoveries.put(
        tx,
        recoveries.Row(
            link=link, step=ECHO, by=by, began_at_us=tx.now_us, done_at_us=None, verdict="",
            tries=0, base=row.acked, at=None, at_head=None, cut=None, cut_head=None, echoed=0,
            redrafted=0, lost=0, epoch=None, inn=row.inn,
        ),
    )
    _stand(tx, link, ECHO)
    links.set_retry(tx, link, n=0, at_us=0)
    return True


def confirm(tx: Tx, sealing: Sealing, *, ids: IdSource, reason: str, by: str) -> int:
    """A person has seen what came back: open the new epoch; its number. ``Fenced`` while our own
    words are not all back."""
    link = sealing.link
    row = _row(tx, link)
    if row.step != ECHOED or row.cut is None or row.cut_head is None:
        raise Fenced(f"opening an epoch on {link}: it is not fetched back", code="recovery.early")
    point = links.read(tx.conn, link)
    assert point is not None, "a recovery has its link"
    outbox.acknowledge(tx, link, after=min(point.acked, row.cut), upto=row.cut)
    epoch = open_epoch(
        tx, sealing, ids=ids, cut=row.cut, head=row.cut_head, reason=reason, confirmed_by=by
    )
    recoveries.put(tx, row._replace(step=OPENED, epoch=epoch, by=by))
    _stand(tx, link, OPENED)
    return epoch


def waive(tx: Tx, link: LinkId, *, by: str) -> None:
    """Go on without this neighbour for now; the link stands still until it is recovered."""
    row = _row(tx, link)
    recoveries.put(tx, row._replace(step=WAIVED, by=by))
    _stand(tx, link, WAIVED)


# -- what the machine asks for -----------------------------------------------------------------


def plan(tx: Tx, row: Checkpoint, operation: steps.Greet) -> steps.EchoPlan:
    """What a Hello means for a link that is being recovered: note where the peer stands, say
    what is still to be fetched."""
    hello = operation.hello
    known = _row(tx, row.link)
    verdict = judge.judge(
        judge.Evidence(
            out=row.out,
            acked=row.acked,
            chain_at_peer=_chain_at(tx, row.link, hello.inn),
            oldest=None,
            before_oldest=None,
        ),
        peer_in=hello.inn,
        peer_head=hello.in_head,
    )
    ours = _chain_at(tx, row.link, hello.inn) == hello.in_head
    moved = known.cut is not None and (known.cut, known.cut_head) != (hello.inn, hello.in_head)
    if known.step == OPENED and known.epoch is not None:
        if ours and hello.inn.epoch == known.epoch:
            return steps.EchoPlan(upto=hello.inn, after=hello.inn, complete=True, lifted=True)
        if moved:
            known = burn(tx, row)
    elif known.step == ECHOED and moved:
        known = known._replace(step=ECHO)
        _stand(tx, row.link, ECHO)
    known = known._replace(
        verdict=known.verdict or verdict.value, cut=hello.inn, cut_head=hello.in_head
    )
    recoveries.put(tx, known)
    return steps.EchoPlan(
        upto=hello.inn, after=known.at or known.base or BEFORE_ALL, complete=ours
    )


def take(
    tx: Tx, applier: Applier, row: Checkpoint, operation: steps.TakeEcho
) -> steps.EchoTaken:
    """Take our own words back, in order: into the outbox where the peer has them, and to the
    application. Nothing is taken of what does not join on."""
    known = _row(tx, row.link)
    if known.step != ECHO:
        raise Fenced(f"taking an echo on {row.link}: it is not asked for", code="link.stopped")
    at, head = known.at, known.at_head
    if at is None and known.base is not None:
        at, head = known.base, _chain_at(tx, row.link, known.base)
    if operation.oldest:
        at = head = None
    fresh: list[steps.Checked] = []
    for one in operation.envelopes:
        header, chain = one.opened.header, one.opened.chain
        if (header.origin, header.dest) != (applier.me, applier.peer):
            raise Malformed(f"taking an echo on {row.link}: a word of another link")
        if at is not None and header.position <= at:
            continue
        if at is not None and not _joins(one, at, head):
            break
        if at is None:
            known = known._replace(base=Position(header.position.epoch, header.position.seq - 1))
        fresh.append(one)
        at, head = header.position, chain
    if not fresh:
        joins = not operation.envelopes or (at is not None and _last(operation.envelopes) <= at)
        return steps.EchoTaken(at=at or BEFORE_ALL, joins=joins)
    for one in fresh:
        prio = PRIO_WORD
        if one.opened.header.type not in wire.HUB_TYPES:
            prio = applier.application.readopt(tx, row.link, one.opened)
        _place(tx, row.link, one, prio)
    applier.application.flush(tx)
    recoveries.mark(tx, row.link, [one.opened.header.msg_id for one in fresh])
    recoveries.put(
        tx,
        known._replace(at=at, at_head=head, echoed=recoveries.count(tx.conn, row.link)),
    )
    assert at is not None, "something was taken"
    return steps.EchoTaken(at=at, joins=True)


def settle(tx: Tx, row: Checkpoint, operation: steps.SettleEcho) -> Checkpoint:
    """All that the peer has of us is back. What we have numbered beyond the point where that
    begins, and the peer does not have, becomes drafts again."""
    known = _row(tx, row.link)
    cut, cut_head = known.cut, known.cut_head
    if known.step != ECHO or cut is None:
        return _fresh(tx, row.link)
    came = recoveries.marked(tx.conn, row.link)
    if came and known.base is not None:
        redrafted, lost = _redraft_strays(tx, row.link, known.base, came)
        known = known._replace(
            redrafted=known.redrafted + redrafted, lost=known.lost + lost
        )
    if operation.bare and cut_head is not None:
        outbox.place_bare(tx, row.link, position=cut, chain=cut_head)
    recoveries.put(tx, known._replace(step=ECHOED))
    _stand(tx, row.link, ECHOED)
    return _fresh(tx, row.link)


def lift(tx: Tx, row: Checkpoint) -> Checkpoint:
    """The peer took our new epoch: the link may flow."""
    known = _row(tx, row.link)
    if known.step != OPENED or known.epoch is None:
        return _fresh(tx, row.link)
    start = Position(known.epoch, 1)
    outbox.acknowledge(tx, row.link, after=row.acked, upto=start)
    links.set_acked(tx, row.link, start)
    recoveries.put(tx, known._replace(step=DONE, done_at_us=tx.now_us))
    links.set_state(tx, row.link, LinkState.DOWN, f"link.recovered: by {known.by}")
    return _fresh(tx, row.link)


def burn(tx: Tx, row: Checkpoint) -> recoveries.Row:
    """The peer stands elsewhere than where we cut: the number of our epoch is never used again,
    and what it took meanwhile is fetched."""
    known = _row(tx, row.link)
    if known.step != OPENED:
        return known
    again = known._replace(
        step=ECHO, tries=known.tries + 1, base=row.acked, at=None, at_head=None, epoch=None
    )
    recoveries.put(tx, again)
    _stand(tx, row.link, ECHO)
    return again


# -- inside ------------------------------------------------------------------------------------


def _place(tx: Tx, link: LinkId, one: steps.Checked, prio: int) -> None:
    header = one.opened.header
    there = outbox.at_position(tx.conn, link, header.position)
    if there is not None and there.msg_id != header.msg_id:
        _make_room(tx, there)
    outbox.place(
        tx,
        link,
        msg_id=header.msg_id,
        lane=header.lane,
        type_=header.type,
        prio=prio,
        position=header.position,
        chain=one.opened.chain,
        sealed=one.opened.sealed,
    )
    # The peer may ask for what our word names, as before.
    blobs.refer(tx.conn, link, [one.digest for one in header.attachments], header.msg_id)
    if blobs.miss(tx.conn, header.attachments, tx.now_us):
        tx.wake("blob")


def _make_room(tx: Tx, stray: outbox.Numbered) -> bool:
    """A word that the peer never had at its position: a draft again, if it still has bytes."""
    if stray.type == wire.EPOCH_START_TYPE or stray.sealed is None:
        outbox.remove(tx, [stray.id])
        return False
    outbox.redraft(tx, [(stray.id, draft_of(stray))])
    return True


def _redraft_strays(
    tx: Tx, link: LinkId, base: Position, came: set[bytes]
) -> tuple[int, int]:
    redrafted = lost = 0
    for stray in outbox.numbered_after(tx.conn, link, base):
        if stray.msg_id in came:
            continue
        if _make_room(tx, stray):
            redrafted += 1
        elif stray.type != wire.EPOCH_START_TYPE:
            lost += 1
    return redrafted, lost


def _joins(one: steps.Checked, at: Position, head: Chain | None) -> bool:
    header = one.opened.header
    if header.prev_hash != head:
        return False
    if header.position.epoch == at.epoch:
        return header.position.seq == at.seq + 1
    return header.position.seq == 1 and header.type == wire.EPOCH_START_TYPE


def _last(envelopes: Sequence[steps.Checked]) -> Position:
    return envelopes[-1].opened.header.position


def _chain_at(tx: Tx, link: LinkId, at: Position) -> Chain | None:
    return ZERO_CHAIN if at == START else outbox.chain_at(tx.conn, link, at)


def _row(tx: Tx, link: LinkId) -> recoveries.Row:
    found = recoveries.read(tx.conn, link)
    if found is None:
        raise Fenced(f"recovering {link}: nobody began it", code="recovery.none")
    return found


def _stand(tx: Tx, link: LinkId, step: str) -> None:
    reason = _REASONS[step]
    links.set_state(
        tx, link, LinkState.RECOVERING, f"{reason.value}: {RECOVERING_REASONS[reason]}"
    )


def _fresh(tx: Tx, link: LinkId) -> Checkpoint:
    found = links.read(tx.conn, link, counted=True)
    assert found is not None, "the row was held at the beginning of this transaction"
    return found
