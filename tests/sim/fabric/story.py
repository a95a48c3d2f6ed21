"""A whole life of a world: trouble, then calm, then the account is checked."""

from __future__ import annotations

from dataclasses import dataclass

from hub import wire
from hub.envelope import Alg, Header
from hub.ids import MsgId, Position
from hub.link import messages as msg
from hub.link.epochs import draft_of, open_epoch
from hub.seal import digest, reopen, seal
from hub.store import outbox
from hub.wire import message_bytes
from tests.sim.fabric import account
from tests.sim.fabric.keys import signer_of
from tests.sim.fabric.office import WORD
from tests.sim.fabric.world import FORGED, MS, PARENT, SECOND, Mutant, Profile, World

TROUBLE_US = 240 * SECOND
"""Length of the safety phase."""
CALM_US = 2_400 * SECOND
"""Bound of the liveness phase: several of the longest waiting times (five minutes)."""
LOOK_US = 10 * SECOND


@dataclass(frozen=True, slots=True)
class Told:
    """What a seed did, for comparing two runs and for reports."""

    seed: int
    trace: str
    words: int
    calm_after_s: float
    stopped: tuple[str, ...]
    parked: int


def tell(seed: int, *, profile: Profile | None = None, mutant: Mutant | None = None) -> Told:
    """Run one seed. ``Broken`` names the invariant."""
    mutant = mutant or Mutant()
    with mutant:
        world = World(seed, profile=profile, mutant=mutant)
        try:
            return _live(world)
        finally:
            for node in world.nodes.values():
                node.disk.close()


def _live(world: World) -> Told:
    for node in world.nodes.values():
        world.at(world.rng.randint(1, 2 * SECOND), node.start_again)
    _plan(world)
    world.run_until(TROUBLE_US)
    world.calm = True
    world.net.cut.clear()
    for node in world.nodes.values():
        node.start_again()
    parked = sum(
        node.disk.rows("SELECT count(*) FROM inbox WHERE outcome = 'PARKED'")[0][0]
        for node in world.nodes.values()
    )
    _settle_down(world)
    account.nothing_else_waits(world)
    world.heal()
    world.utter()
    spent = _settle_down(world)
    account.check(world)
    stopped = sorted({end.state()[1].split(":")[0] for end in world.ends()
                      if end.state()[0] not in ("UP", "DOWN")})
    words = sum(len(end.said) for end in world.ends())
    return Told(world.seed, world.trace, words, spent / SECOND, tuple(stopped), parked)


def _plan(world: World) -> None:
    profile, rng = world.profile, world.rng

    def sometime() -> int:
        return rng.randint(SECOND, TROUBLE_US - SECOND)

    words = 0
    while words < profile.words:
        world.at(sometime(), world.utter)
        words += 4
    if profile.burst:
        world.at(sometime(), lambda: world.utter(profile.burst))
    for _ in range(profile.cuts):
        link = rng.choice(list(world.nodes[PARENT].ends))
        begin, silently = sometime(), rng.random() < 0.5
        world.at(begin, lambda link=link, silently=silently: world.net.cut_off(
            link, silently=silently))
        world.at(
            begin + rng.randint(SECOND, 120 * SECOND), lambda link=link: world.net.cut.discard(link)
        )
    for _ in range(profile.wipes):
        world.at(sometime(), _wipe(world))
    if profile.discard:
        for _ in range(3):
            world.at(sometime(), world.discard_one)
    for _ in range(profile.restores):
        _plan_restore(world)
    for _ in range(profile.new_epochs):
        world.at(sometime(), lambda: _new_epoch(world))
    for _ in range(profile.zombies):
        world.at(sometime(), lambda: _zombie(world))


def _wipe(world: World):
    def wipe() -> None:
        for box in world.net.boxes.values():
            box.clear()

    return wipe


def _plan_restore(world: World) -> None:
    """A node goes back to what it was some time ago: a backup, or a rolled-back machine."""
    rng = world.rng
    node = world.nodes[rng.choice(sorted(world.nodes))]
    taken = rng.randint(SECOND, TROUBLE_US // 2)
    images: list[bytes] = []
    world.at(taken, lambda: images.append(node.disk.image()))

    def restore() -> None:
        node.crash()
        world.restored.add(node.id)
        for end in node.ends.values():
            peer = world.nodes[end.peer]
            world.had[node.id, end.link] = peer.disk.rows(
                "SELECT in_epoch, in_seq FROM link WHERE link = ?", end.link
            )[0]
        node.disk.put_back(images[0])

    world.at(rng.randint(taken + SECOND, TROUBLE_US), restore)


def _new_epoch(world: World) -> None:
    """An operator opens a new epoch on a link whose end is down, from what the peer has. Some
    words that had arrived are said again, as after a restore whose echo was incomplete."""
    rng = world.rng
    end = rng.choice(world.ends())
    peer = world.nodes[end.peer].ends[end.link]
    if end.state()[0] not in ("UP", "DOWN") or end.node.id in world.restored or world.restored:
        return
    end.node.crash()
    row = peer.node.disk.rows(
        "SELECT in_epoch, in_seq, in_head FROM link WHERE link = ?", end.link
    )[0]
    cut = Position(row[0], row[1])
    arrived = [
        one for one in end.node.disk.read(
            lambda conn: outbox.numbered_after(conn, end.link, Position(1, 0))
        )
        if one.type != wire.EPOCH_START_TYPE and reopen(one.sealed).header.position < cut
    ]
    again = [(one.id, draft_of(one)) for one in arrived if rng.random() < 0.3]
    end.node.disk.write(lambda tx: outbox.redraft(tx, again))
    world.reworked.add((end.node.id, end.link))
    end.node.disk.write(
        lambda tx: open_epoch(
            tx, end.sealing, ids=world.ids, cut=cut, head=row[2],
            reason="practice", confirmed_by="op",
        )
    )


def _zombie(world: World) -> None:
    """Somebody with a node's key seals another word for a position that is taken."""
    end = world.rng.choice(world.ends())
    peer = world.nodes[end.peer].ends[end.link]
    row = peer.node.disk.rows(
        "SELECT in_epoch, in_seq, in_head FROM link WHERE link = ?", end.link
    )[0]
    if row[1] < 2 or not peer.node.up or peer.session is None:
        return
    prev = peer.node.disk.rows(
        "SELECT chain FROM inbox WHERE link = ? AND epoch = ? AND seq = ?",
        end.link, row[0], row[1] - 1,
    )
    if not prev or peer.state()[0] not in ("UP", "DOWN"):
        return
    body = FORGED
    header = Header(
        msg_id=MsgId(world.rng.randbytes(16)), origin=end.node.id, dest=peer.node.id,
        position=Position(row[0], row[1]), prev_hash=prev[0][0], lane=b"", type=WORD,
        schema_rev=1, body_digest=digest(Alg.SHA256, body), occurred_at_us=0, hlc=0,
    )
    sealed, _ = seal(header, body, (signer_of(end.node.id),))
    frame = msg.Frame(link=end.link, origin=end.node.id, envelopes=(sealed,))
    # It reaches the receiver whatever the weather: the question is what it makes of it.
    life = peer.node.life
    contact = peer.session.contact or 1

    def arrive() -> None:
        if peer.node.up and peer.node.life == life:
            peer.hear(contact, message_bytes(frame), 0)

    world.at(MS, arrive)


def _settle_down(world: World) -> int:
    """Run until every link is quiet or stands still with a reason; how long it took."""
    began = world.now
    while world.now - began < CALM_US:
        world.run_until(world.now + LOOK_US)
        if all(account.quiet(world, end) for end in world.ends()):
            return world.now - began
    waiting = [
        f"{end.node.id}/{end.link}: {end.state()} {account.standing(end)}"
        for end in world.ends() if not account.quiet(world, end)
    ]
    raise account.Broken("I14: not quiet within the bound: " + "; ".join(waiting))
