"""The observer's account: the ledger of what was said against every database at the end.

Nodes that were put back to an old image have forgotten words and effects; of them, and of their
neighbours, only what must hold for everybody is asked: nothing twice, nothing out of order, no
silent standstill.
"""

from __future__ import annotations

from collections import Counter
from itertools import pairwise

from hub import wire
from hub.ids import ZERO_CHAIN
from hub.seal import chain_value
from tests.sim.fabric.office import FUTURE, WORD
from tests.sim.fabric.world import Broken, End, World

__all__ = ["Broken", "check", "nothing_else_waits", "quiet", "standing"]
STILL = ("FENCED", "QUARANTINED", "RECOVERING")


def standing(end: End) -> tuple[object, ...]:
    row = end.node.disk.rows(
        "SELECT out_epoch, out_seq, acked_epoch, acked_seq, in_epoch, in_seq FROM link "
        "WHERE link = ?", end.link,
    )[0]
    drafts = end.node.disk.rows(
        "SELECT count(*) FROM outbox WHERE link = ? AND seq IS NULL", end.link
    )[0][0]
    return (*row, drafts)


def quiet(world: World, end: End) -> bool:
    """Everything said here is acknowledged, or the link stands still and says why."""
    peer = world.nodes[end.peer].ends[end.link]
    if retired(world, end):
        return True
    if end.state()[0] in STILL or peer.state()[0] in STILL:
        # Where persons lead offices through recovery, only broken seals may stop a link for good.
        return not world.guided or any(
            one.state()[1].startswith("link.unsealed") for one in (end, peer)
        )
    row = standing(end)
    if (world.guided or end.link in world.believed) and row[0:2] != standing(peer)[4:6]:
        return False  # the peer was put back, or misled, and they have not met since
    if end.dials and world.trust is not None and world.trust.waits(end.node.id):
        return False  # for papers, or for its parent to hear of them
    return row[0:2] == row[2:4] and row[6] == 0


def retired(world: World, end: End) -> bool:
    """Was the child of this link retired?"""
    return end.node.id in world.revoked or end.peer in world.revoked


def _revoked_is_not_heard(world: World, end: End) -> None:
    """I13: nothing is taken from a node that was revoked."""
    before = world.revoked.get(end.peer, {}).get(end.link)
    if before is None or end.node.id in world.restored:
        return
    now = end.node.disk.rows("SELECT in_epoch, in_seq FROM link WHERE link = ?", end.link)[0]
    if now != before:
        raise Broken(f"I13: {end.node.id} took {now} from {end.peer}, revoked after {before}")


def nothing_else_waits(world: World) -> None:
    """I11: while poison waits, every lane without a parked word is served, and every parked word
    has its bytes and a code."""
    for end in world.ends():
        disk = end.node.disk
        bad = disk.rows(
            "SELECT count(*) FROM inbox WHERE outcome = 'PARKED' AND (sealed IS NULL OR code = '')"
        )[0][0]
        if bad:
            raise Broken(f"I11: {bad} parked words of {end.node.id} lack bytes or a code")
        held = disk.rows(
            "SELECT count(*) FROM inbox a WHERE code = 'lane.held' AND outcome = 'PARKED' AND NOT "
            "EXISTS (SELECT 1 FROM inbox b WHERE b.link = a.link AND b.lane = a.lane AND "
            "b.outcome = 'PARKED' AND (b.epoch, b.seq) < (a.epoch, a.seq))"
        )[0][0]
        if held:
            raise Broken(f"I11: {held} words of {end.node.id} wait behind nobody")


def check(world: World) -> None:
    for node in world.nodes.values():
        if node.office.misled:
            raise Broken(f"G2: {node.id}: {node.office.misled[0]}")
    for end in world.ends():
        peer = world.nodes[end.peer].ends[end.link]
        moved = {end.node.id, end.peer} & world.restored
        still = end.state()[0] in STILL or peer.state()[0] in STILL
        _stands_with_reason(end)
        _effects_once(end, peer)
        if end.node.id not in world.cloned:
            _lane_order(end, peer)
        _zombies_noticed(world, end, peer)
        _revoked_is_not_heard(world, end)
        if world.guided and not still and not retired(world, end):
            _brought_back(end, peer, cloned=end.node.id in world.cloned)
        if moved or retired(world, end):
            continue
        if still and _epoch_refused(world, end, peer):
            continue
        if still and end.link not in world.zombie_heard:
            raise Broken(
                f"{end.link} stands still without cause: {end.state()}, {peer.state()}"
            )
        if not still:
            _chain(end, peer, holes=(end.node.id, end.link) in world.reworked)
            _delivered(end, peer)


def _epoch_refused(world: World, end: End, peer: End) -> bool:
    """What was under way when an epoch was opened arrived before it: the cut had moved on, and
    only a person can fetch back what the peer took."""
    reworked = {(end.node.id, end.link), (peer.node.id, peer.link)} & world.reworked
    return bool(reworked) and any("cut_moved" in one.state()[1] for one in (end, peer))


def _stands_with_reason(end: End) -> None:
    state, reason = end.state()
    if state in STILL and ":" not in reason:
        raise Broken(f"{end.node.id}/{end.link} is {state} and does not say why: {reason!r}")


def _zombies_noticed(world: World, end: End, peer: End) -> None:
    states = {end.state()[0], peer.state()[0]}
    # A word in the name of a node that had said less looks to it like history of its own.
    noticed = {"QUARANTINED"} if end.link not in world.believed else set(STILL)
    spared = world.restored or retired(world, end)
    if end.link in world.zombie_heard and not states & noticed and not spared:
        raise Broken(f"I17: a second envelope for one position on {end.link} went unnoticed")
    if end.link in world.believed:
        return
    for one in (end, peer):
        if one.node.disk.rows("SELECT count(*) FROM effect WHERE mark = 'forged' AND link = ?",
                              end.link)[0][0]:
            raise Broken("a forged word took effect")


def _effects_once(end: End, peer: End) -> None:
    """I4: one effect per word, and none of a word nobody said."""
    effects = Counter(
        row[0]
        for row in peer.node.disk.rows("SELECT msg_id FROM effect WHERE link = ?", end.link)
    )
    said = {word.msg_id for word in end.said}
    for msg_id, count in effects.items():
        if count > 1:
            raise Broken(f"I4: a word took effect {count} times at {peer.node.id}")
        if msg_id not in said and (end.link not in end.node.world.believed):
            raise Broken(f"I4: a word that was never said took effect at {peer.node.id}")


def _lane_order(end: End, peer: End) -> None:
    """G3: effects of one lane in the order of commits; overtaking words excepted."""
    order = {word.msg_id: n for n, word in enumerate(end.said)}
    free = {word.msg_id for word in end.said if word.overtake}
    last: dict[bytes, int] = {}
    for lane, msg_id in peer.node.disk.rows(
        "SELECT lane, msg_id FROM effect WHERE link = ? ORDER BY n", end.link
    ):
        if not lane or msg_id in free or msg_id not in order:
            continue
        if order[msg_id] < last.get(lane, -1):
            raise Broken(f"G3: lane {lane!r} at {peer.node.id} took effect out of order")
        last[lane] = order[msg_id]


def _delivered(end: End, peer: End) -> None:
    """I2: every word is in the inbox exactly once, with the effect its outcome says."""
    rows = {
        row[0]: row[1]
        for row in peer.node.disk.rows(
            "SELECT msg_id, outcome FROM inbox WHERE link = ? AND outcome <> 'DUPLICATE'",
            end.link,
        )
    }
    effects = {
        row[0]
        for row in peer.node.disk.rows("SELECT msg_id FROM effect WHERE link = ?", end.link)
    }
    told = {
        row[0]
        for row in end.node.disk.rows(
            "SELECT msg_id FROM told WHERE outcome = 'DISCARDED'"
        )
    }
    for word in end.said:
        outcome = rows.get(word.msg_id)
        if outcome is None:
            raise Broken(f"I2: a word of {end.node.id} never arrived at {peer.node.id}")
        if outcome == "APPLIED" and word.msg_id not in effects:
            raise Broken(f"I2: a word is APPLIED without effect at {peer.node.id}")
        if outcome == "PARKED":
            raise Broken(f"I11: a word is still parked at {peer.node.id} after the cure")
        if outcome == "DISCARDED" and (word.msg_id in effects or word.msg_id not in told):
            raise Broken(f"I2: a word was discarded and its origin {end.node.id} does not know")


def _brought_back(end: End, peer: End, *, cloned: bool) -> None:
    """I19, I20: the origin holds, byte for byte, what its peer has of it, and knows its numbers;
    both ends agree on the head; nothing of an older epoch was taken after a newer one. Of two
    copies that both gave numbers, only one can have given each."""
    theirs = peer.node.disk.rows(
        "SELECT epoch, seq, msg_id, type, sealed FROM inbox WHERE link = ? "
        "ORDER BY epoch, seq", end.link,
    )
    ours = {
        row[0]: (row[1], row[2], row[3])
        for row in end.node.disk.rows(
            "SELECT msg_id, epoch, seq, sealed FROM outbox WHERE link = ? AND seq IS NOT NULL",
            end.link,
        )
    }
    at = {(epoch, seq): bytes(sealed) for epoch, seq, _, _, sealed in theirs}
    for msg_id, (epoch, seq, sealed) in ours.items():
        if at.get((epoch, seq)) != sealed:
            raise Broken(f"I20: {end.node.id} and {peer.node.id} differ at {(epoch, seq)}")
        del msg_id
    numbered = {
        row[0] for row in end.node.disk.rows("SELECT msg_id FROM issued WHERE link = ?", end.link)
    }
    for epoch, seq, msg_id, type_, sealed in theirs:
        if msg_id not in ours and sealed is not None:
            raise Broken(f"I20: {peer.node.id} holds {(epoch, seq)}, which {end.node.id} forgot")
        if type_ in (WORD, FUTURE) and msg_id not in numbered and not cloned:
            raise Broken(f"I20: {end.node.id} forgot the number of what stands at {(epoch, seq)}")
    taken = peer.node.disk.rows(
        "SELECT epoch, seq FROM inbox WHERE link = ? ORDER BY rowid", end.link
    )
    for before, after in pairwise(taken):
        if after < before:
            raise Broken(f"I19: {peer.node.id} took {after} after {before}")
    out = end.node.disk.rows("SELECT out_epoch, out_seq, out_head FROM link WHERE link = ?",
                             end.link)[0]
    inn = peer.node.disk.rows("SELECT in_epoch, in_seq, in_head FROM link WHERE link = ?",
                              end.link)[0]
    if out != inn:
        raise Broken(f"I3: heads differ at quiesce on {end.link}: {out[:2]} and {inn[:2]}")


def _chain(end: End, peer: End, *, holes: bool) -> None:
    """I3: gapless, chained, and both ends agree on the head. ``holes``: rows were taken out of
    it on purpose and said again in a later epoch."""
    prev, at = ZERO_CHAIN, (1, 0)
    for epoch, seq, chain, sealed in end.node.disk.rows(
        "SELECT epoch, seq, chain, sealed FROM outbox WHERE link = ? AND seq IS NOT NULL "
        "ORDER BY epoch, seq", end.link,
    ):
        head, _, _ = wire.sealed_parts(sealed)
        header = wire.header_from(head)
        if epoch == at[0] and seq != at[1] + 1 and not holes:
            raise Broken(f"I3: {end.node.id} jumps from {at} to {(epoch, seq)}")
        if epoch == at[0] and header.prev_hash != prev and not holes:
            raise Broken(f"I3: the chain of {end.node.id} breaks at {(epoch, seq)}")
        if chain_value(header.digest_alg, head) != chain:
            raise Broken(f"I3: a stored chain value of {end.node.id} is wrong at {(epoch, seq)}")
        prev, at = chain, (epoch, seq)
    out = end.node.disk.rows("SELECT out_epoch, out_seq, out_head FROM link WHERE link = ?",
                             end.link)[0]
    inn = peer.node.disk.rows("SELECT in_epoch, in_seq, in_head FROM link WHERE link = ?",
                              end.link)[0]
    if out != inn:
        raise Broken(f"I3: heads differ at quiesce on {end.link}: {out[:2]} and {inn[:2]}")
