"""Opens a new epoch on a link: the one way to go on after a cut history.

The number is at least the present time in milliseconds, not "highest + 1": after two restores the
same number would come up twice and two headers would be signed for one position. Words after the
cut become drafts again under their own message ids and places; should one have arrived
nevertheless, the peer's inbox recognises it.

The caller knows what the peer has (``cut``, ``head``), has stopped the link's driver, and a person
has confirmed.
"""

from __future__ import annotations

from hub import wire
from hub.envelope import Draft, Flag, Header
from hub.errors import Fenced, UnknownPeer
from hub.ids import START, ZERO_CHAIN, Chain, IdSource, MsgId, Position
from hub.link.checkpoint import LinkState
from hub.link.sealing import Sealing
from hub.seal import digest, reopen, seal
from hub.store import links, outbox
from hub.store.tx import Tx


def open_epoch(
    tx: Tx,
    sealing: Sealing,
    *,
    ids: IdSource,
    cut: Position,
    head: Chain,
    reason: str,
    confirmed_by: str,
) -> int:
    """Seal ``EpochStart`` as the first envelope of a new epoch; the epoch's number. ``Fenced``
    where our own history does not hold ``cut``: then it must be fetched from the peer first."""
    link = sealing.link
    row = links.read(tx.conn, link)
    if row is None:
        raise UnknownPeer(f"opening an epoch on {link}: no such link", code="link.unknown")
    ours = ZERO_CHAIN if cut == START else outbox.chain_at(tx.conn, link, cut)
    if ours != head:
        raise Fenced(
            f"opening an epoch on {link}: {cut} is not in our history", code="link.cut_unknown"
        )
    epoch = next_epoch(max(row.out.epoch, cut.epoch), tx.now_us)
    rows = outbox.numbered_after(tx.conn, link, cut)
    said = [one for one in rows if one.type != wire.EPOCH_START_TYPE and one.sealed is not None]
    outbox.redraft(tx, [(one.id, draft_of(one)) for one in said])
    kept = {one.id for one in said}
    # Starts that were never taken, and words whose bytes were trimmed: anti-entropy says them anew.
    outbox.remove(tx, [one.id for one in rows if one.id not in kept])
    body = wire.epoch_start_bytes(cut=cut, head=head, reason=reason, confirmed_by=confirmed_by)
    msg_id = MsgId(ids.uuid7())
    position = Position(epoch, 1)
    header = Header(
        msg_id=msg_id,
        origin=sealing.me,
        dest=sealing.peer,
        position=position,
        prev_hash=head,
        lane=b"",
        type=wire.EPOCH_START_TYPE,
        schema_rev=1,
        digest_alg=sealing.digest_alg,
        body_digest=digest(sealing.digest_alg, body),
        occurred_at_us=tx.now_us,
        hlc=(tx.now_us // 1_000) << 16,
    )
    sealed, chain = seal(header, body, sealing.signers)
    outbox.insert_sealed(
        tx, link, msg_id=msg_id, type_=wire.EPOCH_START_TYPE, position=position, chain=chain,
        sealed=sealed,
    )
    links.move_out(tx, link, position, chain)
    links.set_acked(tx, link, cut)
    links.set_state(tx, link, LinkState.DOWN, "link.new_epoch: " + reason)
    return epoch


def next_epoch(highest: int, now_us: int) -> int:
    """A number that no lost copy of this node can have used: at least the time in milliseconds."""
    return max(highest + 1, now_us // 1_000)


def draft_of(row: outbox.Numbered) -> Draft:
    """A sealed word of ours as a draft again, with everything its header said."""
    assert row.sealed is not None, "only what still has its bytes can be said again"
    header = reopen(row.sealed).header
    _, stored, _ = wire.sealed_parts(row.sealed)
    return Draft(
        msg_id=header.msg_id,
        lane=header.lane,
        prio=row.prio,
        type=header.type,
        schema_rev=header.schema_rev,
        occurred_at_us=header.occurred_at_us,
        hlc=header.hlc,
        body=stored,
        causation_id=header.causation_id,
        correlation_id=header.correlation_id,
        traceparent=header.traceparent,
        attachments=header.attachments,
        flags=Flag(header.flags),
    )
