"""What will go wrong in a seed, and when: a list of steps, each with its own stream of luck.

Because no step draws from another's stream, a story can be told again with some of them left out:
that is how a failing seed shrinks.
"""

from __future__ import annotations

import random
from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING, Any, NamedTuple

from hub import wire
from hub.errors import Fenced
from hub.ids import Position
from hub.link.epochs import draft_of, open_epoch
from hub.seal import reopen
from hub.store import outbox
from hub.store.tx import Tx
from tests.sim.fabric import foul, losses
from tests.sim.fabric.faults import Profile
from tests.sim.fabric.terms import KIB, SECOND, TROUBLE_US, Broken
from tests.sim.fabric.trust import renew, revoke, rotate

if TYPE_CHECKING:
    from tests.sim.fabric.world import World


class Step(NamedTuple):
    """One thing that happens: ``act`` names it, ``key`` seeds its luck."""

    at: int
    act: str
    key: str


Act = Callable[["World", random.Random], None]


def draw_plan(seed: int, profile: Profile) -> tuple[Step, ...]:
    """The steps of the fabric's seeds in order of time."""
    times = {
        "utter": -(-profile.words // 4), "burst": int(bool(profile.burst)),
        "cut": profile.cuts, "one_way": profile.one_way, "clog": profile.clogs,
        "carrier_down": profile.carrier_down, "wipe": profile.wipes, "stall": profile.stalls,
        "discard": 3 if profile.discard else 0, "restore": profile.restores,
        "lost_fsync": profile.lost_fsync, "power": profile.power,
        "disk_full": profile.disk_full, "clock_step": profile.clock_steps,
        "rotate": profile.rotations, "revoke": profile.revocations, "renew": profile.renewals,
        "upgrade": profile.upgrades,
        "new_epoch": profile.new_epochs, "zombie": profile.zombies,
        "impostor": profile.impostors, "forger": profile.forgers, "liar": profile.liars,
        "pause": profile.pauses, "takeover": profile.takeovers,
        "lose": profile.recoveries, "clone": profile.clones,
    }
    return spread(seed, times)


def spread(seed: int, times: Mapping[str, int], until: int = TROUBLE_US) -> tuple[Step, ...]:
    """So many steps of each kind somewhere in the time of trouble."""
    steps = []
    for act, count in times.items():
        for n in range(count):
            key = f"{seed} {act} {n}"
            at = random.Random(f"when {key}").randint(SECOND, until - SECOND)
            steps.append(Step(at, act, key))
    return tuple(sorted(steps))


def schedule(world: World, steps: tuple[Step, ...], acts: Mapping[str, Act] | None = None) -> None:
    known = acts if acts is not None else ACTS
    for step in steps:
        luck = random.Random(step.key)
        world.at(step.at, lambda act=known[step.act], luck=luck: act(world, luck))


# -- the network -----------------------------------------------------------------------------


def _link(world: World, rng: random.Random) -> Any:
    return rng.choice(sorted({end.link for end in world.ends()}))


def cut(world: World, rng: random.Random) -> None:
    link, silently, long = _link(world, rng), rng.random() < 0.5, rng.randint(SECOND, 120 * SECOND)
    world.struck["cuts"] += 1
    world.tell(f"{link} is cut {'silently ' if silently else ''}for {long // SECOND} s")
    world.net.cut_off(link, silently=silently)
    world.at(long, lambda: world.net.cut.discard(link))


def one_way(world: World, rng: random.Random) -> None:
    end = rng.choice(world.ends())
    way, long = (end.link, end.node.id), rng.randint(5 * SECOND, 120 * SECOND)
    world.struck["one_way"] += 1
    world.tell(f"nothing arrives at {end.node.id} over {end.link} for {long // SECOND} s")
    world.net.deaf.add(way)
    world.at(long, lambda: world.net.deaf.discard(way))


def clog(world: World, rng: random.Random) -> None:
    link, rate = _link(world, rng), rng.choice((2, 8, 32)) * KIB
    long = rng.randint(20 * SECOND, 120 * SECOND)
    world.struck["clogs"] += 1
    world.tell(f"{link} carries only {rate} bytes a second for {long // SECOND} s")
    world.net.narrow[link] = rate
    world.at(long, lambda: world.net.narrow.pop(link, None))


def carrier_down(world: World, rng: random.Random) -> None:
    link, kind = _link(world, rng), rng.choice(world.profile.kinds)
    long = rng.randint(10 * SECOND, 120 * SECOND)
    world.struck["carrier_down"] += 1
    world.tell(f"{kind.value} fails on {link} for {long // SECOND} s")
    world.net.down.add((link, kind))
    world.net.break_all(link, kind)
    world.at(long, lambda: world.net.down.discard((link, kind)))


def wipe(world: World, rng: random.Random) -> None:
    world.struck["wipes"] += 1
    world.tell("the store of every box is lost")
    world.net.wipe()


def stall(world: World, rng: random.Random) -> None:
    end = rng.choice(world.ends())
    box, long = (end.link, end.node.id), rng.randint(20 * SECOND, 90 * SECOND)
    world.struck["stalls"] += 1
    world.tell(f"the box of {end.node.id} on {end.link} delivers nothing for {long // SECOND} s")
    world.net.stalled.add(box)
    world.at(long, lambda: world.net.stalled.discard(box))


# -- machines --------------------------------------------------------------------------------


def _node(world: World, rng: random.Random) -> Any:
    return world.nodes[rng.choice(sorted(world.nodes))]


def power(world: World, rng: random.Random) -> None:
    node = _node(world, rng)
    world.struck["power"] += 1
    world.tell(f"the power fails at {node.id}")
    foul.end_all(world, node.id)
    node.disk.power_fails()


def lost_fsync(world: World, rng: random.Random) -> None:
    """What was committed in the last seconds before the power failed was never on the disk."""
    node = _node(world, rng)
    image = node.disk.image()

    def fails() -> None:
        if world.calm:
            return
        world.struck["lost_fsync"] += 1
        world.tell(f"the power fails at {node.id}, and its disk had lied")
        put_back(world, node, image)

    world.at(rng.randint(SECOND, 12 * SECOND), fails)


def restore(world: World, rng: random.Random) -> None:
    """A node goes back to what it was some time ago: a backup, or a rolled-back machine."""
    node = _node(world, rng)
    image = node.disk.image()

    def back() -> None:
        if world.calm:
            return
        world.struck["restores"] += 1
        world.tell(f"{node.id} goes back to an old image of its disk")
        put_back(world, node, image)

    world.at(rng.randint(SECOND, max(2 * SECOND, TROUBLE_US - world.now)), back)


def put_back(world: World, node: Any, image: bytes) -> None:
    foul.end_all(world, node.id)
    world.restored.add(node.id)
    for end in node.ends.values():
        peer = world.nodes[end.peer]
        world.had[node.id, end.link] = peer.disk.rows(
            "SELECT in_epoch, in_seq FROM link WHERE link = ?", end.link
        )[0]
    node.disk.put_back(image)


def disk_full(world: World, rng: random.Random) -> None:
    node, long = _node(world, rng), rng.randint(10 * SECOND, 120 * SECOND)
    tight = rng.random() < 0.4  # only the warning: no credit, writes still succeed
    world.struck["disk_full"] += 1
    world.tell(f"the disk of {node.id} is {'nearly ' if tight else ''}full for {long // SECOND} s")
    node.fill(whole=not tight)
    world.at(long, node.empty)


def clock_step(world: World, rng: random.Random) -> None:
    node, by = _node(world, rng), rng.choice((-3_600, -60, 60, 3_600))
    world.struck["clock_steps"] += 1
    world.tell(f"the clock of {node.id} jumps by {by} s")
    node.skew_us += by * SECOND


def upgrade(world: World, rng: random.Random) -> None:
    """A node is stopped and begins again with another version of its office."""
    node = _node(world, rng)
    version = node.change_version()
    world.struck["upgrades"] += 1
    world.tell(f"{node.id} begins again with version {version}")
    node.crash()


# -- people ----------------------------------------------------------------------------------


def utter(world: World, rng: random.Random) -> None:
    world.utter(rng=rng)


def burst(world: World, rng: random.Random) -> None:
    world.struck["burst"] += 1
    world.utter(world.profile.burst, rng=rng)


def discard(world: World, rng: random.Random) -> None:
    world.discard_one()


def new_epoch(world: World, rng: random.Random) -> None:
    """An operator opens a new epoch on a link whose end is down, from what the peer has. Some
    words that had arrived are said again, as after a restore whose echo was incomplete. Where the
    peer believed a word that this node never said, the operator is refused and leaves it so."""
    end = rng.choice(world.ends())
    peer = world.nodes[end.peer].ends[end.link]
    if end.state()[0] not in ("UP", "DOWN") or world.restored or end.node.full:
        return
    end.node.crash()
    row = peer.node.disk.rows(
        "SELECT in_epoch, in_seq, in_head FROM link WHERE link = ?", end.link
    )[0]
    world.struck["new_epochs"] += 1
    world.tell(f"a person opens a new epoch at {end.node.id} on {end.link}")
    try:
        begin_epoch(world, end, cut=Position(row[0], row[1]), head=row[2], rng=rng)
    except Fenced as refusal:
        # What was under way when an epoch was opened before may have been taken since.
        moved = (end.node.id, end.link) in world.reworked
        if end.link not in world.believed and not moved:
            raise Broken(f"a new epoch is refused, and nobody spoke for {end.node.id}: {refusal}"
                         ) from refusal
        world.tell(f"{end.node.id} never said what {end.peer} has; no new epoch is opened")


def begin_epoch(world: World, end: Any, *, cut: Position, head: bytes,
                rng: random.Random) -> None:
    """``Fenced`` where the cut is not in our history; then nothing has changed."""
    arrived = [
        one for one in end.node.disk.read(
            lambda conn: outbox.numbered_after(conn, end.link, Position(1, 0))
        )
        if one.type != wire.EPOCH_START_TYPE and reopen(one.sealed).header.position < cut
    ]
    again = [(one.id, draft_of(one)) for one in arrived if rng.random() < 0.3]

    def confirm(tx: Tx) -> None:
        outbox.redraft(tx, again)
        open_epoch(tx, end.sealing, ids=world.ids, cut=cut, head=head,
                   reason="practice", confirmed_by="op")

    end.node.disk.write(confirm)
    world.reworked.add((end.node.id, end.link))


ACTS: dict[str, Act] = {
    "utter": utter, "burst": burst, "cut": cut, "one_way": one_way, "clog": clog,
    "carrier_down": carrier_down, "wipe": wipe, "stall": stall, "discard": discard,
    "restore": restore, "lost_fsync": lost_fsync, "power": power, "disk_full": disk_full,
    "rotate": rotate, "revoke": revoke, "renew": renew, "upgrade": upgrade,
    "clock_step": clock_step, "new_epoch": new_epoch, "zombie": foul.zombie,
    "impostor": foul.impostor, "forger": foul.forger, "liar": foul.liar,
    "pause": foul.pause, "takeover": foul.takeover,
    "lose": losses.lose, "clone": losses.clone,
}
