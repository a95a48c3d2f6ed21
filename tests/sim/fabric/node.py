"""One office of the fabric: a disk that lasts, and lives that do not."""

from __future__ import annotations

import copy
from collections.abc import Callable
from typing import TYPE_CHECKING, Any

from hub.envelope import WINDOW_ENVELOPES_MAX
from hub.ids import LinkId, NodeId, link_id
from hub.link import steps
from hub.link.checkpoint import LinkState
from hub.store import links
from tests.sim.fabric.disk import Disk
from tests.sim.fabric.end import End
from tests.sim.fabric.office import NEWEST, SimOffice
from tests.sim.fabric.terms import MS, SECOND, WALL_AT_START
from tests.sim.fabric.trust import LOOK_US, Keeping

if TYPE_CHECKING:
    from tests.sim.fabric.world import World


class Node:
    """One office: a disk that lasts, and ends of links that live until the next crash."""

    def __init__(self, world: World, id_: NodeId, peers: tuple[NodeId, ...]) -> None:
        self.world = world
        self.id = id_
        self.up = False
        self.life = 0
        self.office = self.make_office()
        self.keeping: Keeping | None = None
        self.skew_us = world.rng.randint(-1, 1) * world.profile.skew_ms * MS
        self.drift_ppm = world.rng.randint(-1, 1) * world.profile.drift_ppm
        self.full = False
        """No write succeeds."""
        self.tight = False
        """Nothing new is taken from peers."""
        self.disk = self.make_disk()
        self._disk_free = 0
        self._answered = 0
        self.numbering = False
        """The branch of the present recovery is set: numbers are safe."""
        self.ends = {}
        parent = world.keys.parent_of(id_)
        for peer in peers:
            link = (
                link_id(parent=peer, child=id_) if peer == parent
                else link_id(parent=id_, child=peer)
            )
            self.disk.write(
                lambda tx, link=link, peer=peer: links.create(
                    tx, link=link, peer=peer, peer_is_parent=peer == parent,
                    prefer=world.profile.kinds[0].value,
                )
            )
            self.ends[link] = self.make_end(link, peer)
        self.disk.sync()

    def make_office(self) -> Any:
        office = SimOffice()
        if self.world.profile.mixed:
            office.version = self.world.rng.choice((NEWEST - 1, NEWEST))
        return office

    def change_version(self) -> int:
        """The other of the two versions from the next start on; which one that is."""
        self.office.version = NEWEST + NEWEST - 1 - self.office.version
        return int(self.office.version)

    def make_disk(self) -> Disk:
        return Disk(self.wall, unique_inbox=self.world.mutant.unique_inbox)

    def make_end(self, link: LinkId, peer: NodeId) -> End:
        return End(self, link, peer)

    def wall(self) -> int:
        drift = self.world.now * self.drift_ppm // 1_000_000
        return WALL_AT_START + self.world.now + self.skew_us + drift

    def recovery_steps(self) -> list[str]:
        """The steps of the recoveries that are under way here."""
        return [row[0] for row in self.disk.rows("SELECT step FROM recovery WHERE step <> 'DONE'")]

    def read_only(self) -> bool:
        """Between a loss and its confirmation nobody commits anything here."""
        return not self.numbering and bool({"ECHO", "ECHOED"} & set(self.recovery_steps()))

    def later(self, delay: int, call: Callable[[], None]) -> None:
        """Run unless this life has ended by then."""
        life = self.life

        def run() -> None:
            if self.up and self.life == life:
                call()

        self.world.at(delay, run)

    def disk_at(self, call: Callable[[], None]) -> None:
        """Writes happen one after another."""
        at = max(self.world.now, self._disk_free) + self.world.rng.randint(100, 3 * MS)
        self._disk_free = at
        self.later(at - self.world.now, call)

    def answer(self, call: Callable[[], None]) -> None:
        """Results of writes come back in order."""
        at = max(self.world.now + self.world.rng.randint(1, MS), self._answered + 1)
        self._answered = at
        self.later(at - self.world.now, call)

    def woken(self, topics: set[str]) -> None:
        for end in self.ends.values():
            if f"link:{end.link}" in topics:
                self.later(1, lambda end=end: end.feed(steps.Woken()))

    def successor(self) -> Node:
        """Another process over the same database, already running; this one goes on."""
        new = copy.copy(self)
        new.office, new.up, new.life = self.office, False, 0
        new.ends = {}
        for link, old in self.ends.items():
            end = new.make_end(link, old.peer)
            end.said, end.alarms, end.accepted_contacts = old.said, old.alarms, 1_000
            new.ends[link] = end
        new.start()
        return new

    def start(self) -> None:
        self.up = True
        self.life += 1
        if self.world.trust is not None:
            self.keeping = Keeping(self, self.world.trust.papers[self.id])
            self._refresh()
            self.later(LOOK_US, self._look_again)
        for end in self.ends.values():
            end.start()
        if self.world.profile.mixed:
            self.release({"schema.unsupported"}, actor="start")

    def release(self, codes: set[str], *, actor: str) -> None:
        """What waited for this version is offered again."""
        for end in self.ends.values():
            settler = end.settler()
            _, woken = self.disk.write(
                lambda tx, settler=settler: settler.release(tx, codes, actor=actor))
            self.woken(woken)

    # -- papers --------------------------------------------------------------------------

    @property
    def serial(self) -> int:
        return self.keeping.keeper.newest_serial() if self.keeping is not None else 0

    def _look_again(self) -> None:
        self.later(LOOK_US, self._look_again)
        if not self.full:
            self.look()

    def look(self) -> None:
        """Take over what administrators changed: keys, rosters, retired children."""
        before = self.serial
        self._refresh()
        if self.serial != before:
            self.rostered()

    def _refresh(self) -> None:
        assert self.keeping is not None
        self.keeping.refresh()
        for child in self.keeping.papers.children():
            end = self.ends[link_id(parent=self.id, child=child.node)]
            if child.retired_at_us is not None:
                self._retire(end)

    def _retire(self, end: End) -> None:
        """As a node drops a retired child: nothing runs, listens or is said there any more."""
        if end.link not in self.world.revoked[end.peer]:
            row = self.disk.rows("SELECT in_epoch, in_seq FROM link WHERE link = ?", end.link)
            self.world.revoked[end.peer][end.link] = row[0]
        if end.session is not None or not end.retired:
            self.disk.write(lambda tx: links.set_state(
                tx, end.link, LinkState.RETIRED, "the child was retired"))
        end.retired, end.session = True, None
        self.world.net.break_all(end.link)

    def rostered(self) -> None:
        for end in self.ends.values():
            end.feed(steps.Rostered(serial=self.serial))

    # -- dying ---------------------------------------------------------------------------

    def crash(self) -> None:
        if not self.up:
            return
        world = self.world
        world.log(self.id, "", "crash", "")
        world.struck["crash"] += 1
        self.up = False
        self.life += 1
        world.net.forget(self)
        for end in self.ends.values():
            end.session = None
        if not world.calm:
            world.at(world.rng.randint(10 * MS, 90 * SECOND), self.start_again)

    def start_again(self) -> None:
        if self.up or self.world.nodes[self.id] is not self:
            return  # it runs, or another process serves the node
        if self.full:  # taking a link is a write
            self.world.at(5 * SECOND, self.start_again)
            return
        self.world.tell(f"{self.id} starts")
        self.start()

    def fill(self, *, whole: bool) -> None:
        """The disk gets full: credit goes first, then every write fails."""
        self.tight, self.full = True, whole
        self._say_room(0)

    def empty(self) -> None:
        self.tight = self.full = False
        self._say_room(WINDOW_ENVELOPES_MAX)

    def _say_room(self, credit: int) -> None:
        if self.up:
            for end in self.ends.values():
                end.room(credit)
