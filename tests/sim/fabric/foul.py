"""What people with bad intentions or bad luck do to a link: second copies, forged words, lies.

Nobody here holds more than the story says: a stranger's key, a stolen key of a node, a key that was
ended, or a peer's own voice.
"""

from __future__ import annotations

import random
from typing import TYPE_CHECKING, Any

from hub.envelope import Alg, Header
from hub.ids import MsgId, NodeId, Position
from hub.link import messages as msg
from hub.seal import digest, seal
from hub.wire import message_bytes
from tests.sim.fabric.keys import SimSigner, signer_of
from tests.sim.fabric.office import WORD
from tests.sim.fabric.terms import FORGED, MS, SECOND, STRANGE
from tests.sim.fabric.trust import key_of

if TYPE_CHECKING:
    from tests.sim.fabric.end import End
    from tests.sim.fabric.world import World


def zombie(world: World, rng: random.Random) -> None:
    """Somebody with a node's key seals another word for a position that is taken."""
    end, peer, at = _aim(world, rng)
    if at is None or at[1] < 2:
        return
    prev = peer.node.disk.rows(
        "SELECT chain FROM inbox WHERE link = ? AND epoch = ? AND seq = ?",
        end.link, at[0], at[1] - 1,
    )
    if not prev:
        return
    world.struck["zombies"] += 1
    world.tell(f"somebody seals a second word for {at[:2]} in the name of {end.node.id}")
    _deliver(world, peer, _forged(end, rng, Position(at[0], at[1]), prev[0][0], FORGED,
                                  end.sealing.signers[0]))


def impostor(world: World, rng: random.Random) -> None:
    """Somebody with a node's key speaks before it: the next position, and nothing wrong with it
    but that the node never said it."""
    end, peer, at = _aim(world, rng)
    if at is None:
        return
    world.struck["impostors"] += 1
    world.tell(f"somebody says the word after {at[:2]} in the name of {end.node.id}")
    _deliver(world, peer, _forged(end, rng, Position(at[0], at[1] + 1), at[2], FORGED,
                                  end.sealing.signers[0]))


def forger(world: World, rng: random.Random) -> None:
    """Somebody seals the next word with a key of his own, or with one that was ended."""
    end, peer, at = _aim(world, rng)
    if at is None:
        return
    signer: Any = SimSigner("key-nobody", b"nobody")
    if world.trust is not None:
        papers = world.trust.papers[end.node.id]
        ended = papers.number > 0 and peer.node.disk.rows(
            "SELECT 1 FROM node_key WHERE key_id = ? AND revoked_from < ?",
            key_of(end.node.id, 0).key_id, peer.node.wall() - 10 * SECOND)
        signer = key_of(end.node.id, 0 if ended else 99)
    elif rng.random() < 0.5:
        signer = SimSigner(signer_of(end.node.id).key_id, b"guessed")
    world.struck["forgers"] += 1
    world.tell(f"somebody without its key says the word after {at[:2]} for {end.node.id}")
    _deliver(world, peer, _forged(end, rng, Position(at[0], at[1] + 1), at[2], STRANGE, signer))


def liar(world: World, rng: random.Random) -> None:
    """A peer says that a newer copy of us exists, and shows nothing."""
    end, peer, at = _aim(world, rng)
    if at is None or peer.session is None or not peer.session.contact:
        return
    world.struck["liars"] += 1
    world.tell(f"{end.node.id} tells {peer.node.id} without proof that it is an older copy")
    fault = msg.Fault(code="FENCED", detail="there is a newer one", inn=Position(1, 0))
    contact, life = peer.session.contact, peer.node.life

    def arrive() -> None:
        if peer.node.up and peer.node.life == life:
            peer.hear(contact, message_bytes(fault), 0)

    world.at(MS, arrive)


def pause(world: World, rng: random.Random) -> None:
    """A person pauses a link at the end that is dialed: every try is answered, none succeeds."""
    end = rng.choice([one for one in world.ends() if not one.dials])
    long = rng.randint(40 * SECOND, 160 * SECOND)
    if not end.steer(True):
        return
    before = world.dials[end.link]
    world.struck["pauses"] += 1
    world.tell(f"a person at {end.node.id} pauses {end.link} for {long // SECOND} s")

    def resume() -> None:
        world.observe_dials(end, world.dials[end.link] - before)
        if not end.steer(False):
            world.at(SECOND, resume)

    world.at(long, resume)


def _aim(world: World, rng: random.Random) -> tuple[End, End, tuple[int, int, bytes] | None]:
    """Whose name is used, who hears it, and where that one stands; None if it does not listen."""
    end = rng.choice(world.ends())
    peer = world.nodes[end.peer].ends[end.link]
    row = peer.node.disk.rows(
        "SELECT in_epoch, in_seq, in_head FROM link WHERE link = ?", end.link
    )[0]
    listens = peer.node.up and peer.session is not None and peer.state()[0] in ("UP", "DOWN")
    return end, peer, row if listens else None


def _forged(end: End, rng: random.Random, at: Position, prev: Any, body: bytes,
            signer: Any) -> bytes:
    header = Header(
        msg_id=MsgId(rng.randbytes(16)), origin=end.node.id, dest=end.peer,
        position=at, prev_hash=prev, lane=b"", type=WORD,
        schema_rev=1, body_digest=digest(Alg.SHA256, body), occurred_at_us=0, hlc=0,
    )
    sealed, _ = seal(header, body, (signer,))
    return message_bytes(msg.Frame(link=end.link, origin=end.node.id, envelopes=(sealed,)))


def _deliver(world: World, peer: End, frame: bytes) -> None:
    """It reaches the receiver whatever the weather: the question is what it makes of it."""
    life, contact = peer.node.life, (peer.session.contact if peer.session else 0) or 1

    def arrive() -> None:
        if peer.node.up and peer.node.life == life:
            peer.hear(contact, frame, 0)

    world.at(MS, arrive)


def takeover(world: World, rng: random.Random) -> None:
    """A process that was only paused goes on beside its successor: two over one database."""
    node = world.nodes[rng.choice(sorted(world.nodes))]
    if not node.up or node.full or world.trust is not None:
        return
    world.struck["takeovers"] += 1
    world.tell(f"a second process serves {node.id}; the first one does not know")
    world.ghosts.append(node)
    world.nodes[node.id] = node.successor()


def end_all(world: World, node: NodeId) -> None:
    """The machine stops: whoever serves the node by now, and who still believes to."""
    for process in (world.nodes[node], *world.ghosts):
        if process.id == node:
            process.crash()


def end_ghosts(world: World) -> None:
    for ghost in world.ghosts:
        ghost.up = False
        ghost.life += 1
        for end in ghost.ends.values():
            end.session = None
        world.net.forget(ghost)

