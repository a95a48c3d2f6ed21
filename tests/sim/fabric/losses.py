"""Lost disks and second copies, and the persons who lead an office through its recovery.

In such a world nothing may stand still for good: whoever lost history fetches it back, and once it
is calm the persons also take care of every other link that stands still.
"""

from __future__ import annotations

import random
from typing import TYPE_CHECKING

from hub.link import recovering
from hub.store import recoveries
from hub.store.tx import Tx
from tests.sim.fabric import foul
from tests.sim.fabric.terms import SECOND, TROUBLE_US

if TYPE_CHECKING:
    from tests.sim.fabric.end import End
    from tests.sim.fabric.node import Node
    from tests.sim.fabric.world import World

LOOK_US = 10 * SECOND
"""How often somebody looks at offices in recovery."""


def lose(world: World, rng: random.Random) -> None:
    """A backup is taken now; later the disk is lost, the newest backup is put in its place, and its
    office is led through recovery."""
    node = world.nodes[rng.choice(sorted(world.nodes))]
    if not set(node.recovery_steps()) & recovering.UNFINISHED:  # none is taken meanwhile
        world.backups[node.id] = node.disk.image()

    def lost() -> None:
        if world.calm or node.id not in world.backups:
            return
        world.struck["recoveries"] += 1
        world.tell(f"{node.id} lost its disk; a person puts the backup in its place")
        foul.end_all(world, node.id)
        world.restored.add(node.id)
        node.disk.put_back(world.backups[node.id])
        begin(world, world.nodes[node.id])

    world.at(rng.randint(SECOND, max(2 * SECOND, TROUBLE_US - world.now)), lost)


def clone(world: World, rng: random.Random) -> None:
    """A copy of a machine is started from an old image and works for a while; then the old machine
    comes back and knows nothing of it."""
    node = world.nodes[rng.choice(sorted(world.nodes))]
    images = [node.disk.image()]

    def switch() -> None:
        if world.calm:
            return
        world.struck["clones"] += 1
        world.tell(f"another copy of {node.id} takes over")
        foul.end_all(world, node.id)
        world.restored.add(node.id)
        world.cloned.add(node.id)
        images.append(node.disk.image())
        node.disk.put_back(images.pop(0))

    away = rng.randint(SECOND, max(2 * SECOND, (TROUBLE_US - world.now) // 2))
    world.at(away, switch)
    world.at(rng.randint(away + SECOND, max(away + 2 * SECOND, TROUBLE_US - world.now)), switch)


def begin(world: World, node: Node) -> None:
    """A person begins the recovery of every link of an office; it is stopped for a moment."""
    node.crash()
    node.numbering = False
    for end in node.ends.values():
        node.disk.write(lambda tx, end=end: recovering.begin(tx, end.link, by="op"))
    if world.calm:
        node.start_again()


def operate(world: World) -> None:
    """Persons look at offices in recovery and confirm what came back; once it is calm they also
    take care of what stands still."""
    for node in world.nodes.values():
        steps = node.recovery_steps()
        if node.up and not node.full and "ECHOED" in steps and "ECHO" not in steps:
            _confirm(world, node)
    if world.calm:
        for node in world.nodes.values():
            if _is_to_be_recovered(node):
                world.restored.add(node.id)
                begin(world, node)
    world.at(LOOK_US, lambda: operate(world))


def _is_to_be_recovered(node: Node) -> bool:
    """An end that stands still, but not for broken seals, which are no loss."""
    return any(
        end.state()[0] in ("FENCED", "QUARANTINED", "RECOVERING")
        and not end.state()[1].startswith(("recovery.", "link.unsealed"))
        for end in node.ends.values()
    )


def _confirm(world: World, node: Node) -> None:
    """What came back is confirmed: the branch first, then a new epoch on every link."""
    world.tell(f"what came back at {node.id} is confirmed")
    node.crash()
    node.disk.write(lambda tx: node.office.set_branch(tx, node.wall() // SECOND))
    node.numbering = True
    for end in node.ends.values():
        def confirm(tx: Tx, end: End = end) -> None:
            row = recoveries.read(tx.conn, end.link)
            if row is not None and row.step == recovering.ECHOED:
                recovering.confirm(tx, end.sealing, ids=world.ids, reason="restored", by="op")

        node.disk.write(confirm)
        world.observe_epoch(end)
    node.start_again()
