"""What goes wrong and when: a schedule drawn from a seed, and the hands that carry it out.

The schedule is whole before the run begins, so that it can be printed and repeated. Kinds come from
a shuffled deck: a short run sees few of them often less than once, a long one all of them evenly.
A thing that is broken is not broken again before it has been mended.
"""

from __future__ import annotations

import asyncio
import os
import shutil
import signal
from collections.abc import Callable, Iterator
from contextlib import AsyncExitStack
from dataclasses import dataclass
from pathlib import Path
from random import Random

from tests.chaos import papers
from tests.chaos.boxes import Boxes
from tests.chaos.clients import ClientLog
from tests.chaos.losses import Losses
from tests.chaos.town import Town
from tests.proxy import Proxy, Weather

KILL, STOP, WIPE, FULL, FLIP, ROT, POWER, EXPIRE = (
    "kill", "stop", "wipe", "full", "flip", "rot", "power", "expire")
LEADER, QUORUM, ROLL, RESTORE, CUT = "leader", "quorum", "roll", "restore", "cut"
DELAY, THIN, SLICE, HOLE, RESET = "delay", "thin", "slice", "hole", "reset"
BOTH, THERE, BACK = "both ways", "there", "back"
DECK = (KILL, KILL, KILL, STOP, STOP, DELAY, THIN, SLICE, HOLE, HOLE, RESET, WIPE, FULL, FLIP,
        ROT, POWER, POWER, POWER, EXPIRE, LEADER, QUORUM, ROLL, RESTORE, CUT, CUT)
LINE_KINDS = (DELAY, THIN, SLICE, HOLE, RESET)
LONG_STOP_S, SHORT_STOP_S = 45.0, 5.0
DEAD_S, HOLE_S, WEATHER_S, FULL_S, EXPIRED_S, QUORUM_S, RESTORE_S = (
    (0.2, 3.0), (3.0, 40.0), (3.0, 20.0), (2.0, 8.0), (6.0, 15.0), (10.0, 25.0), (5.0, 40.0))
SPANS = {KILL: DEAD_S, POWER: DEAD_S, HOLE: HOLE_S, FULL: FULL_S, EXPIRE: EXPIRED_S,
         LEADER: DEAD_S, QUORUM: QUORUM_S, RESTORE: RESTORE_S, CUT: HOLE_S}
LAST_SHARE = 0.85
"""Of the run after which nothing new breaks."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Fault:
    """One thing that goes wrong: from ``at_s`` for ``for_s`` seconds of the run."""

    at_s: float
    for_s: float
    kind: str
    target: str
    way: str = BOTH
    amount: float = 0.0
    """Seconds of a delay, bytes per second of a thin line, bytes of a slice."""

    def __str__(self) -> str:
        how = {DELAY: f"{self.amount * 1000:.0f} ms", THIN: f"{self.amount / 1024:.0f} KiB/s",
               SLICE: f"{self.amount:.0f} B"}.get(self.kind, "")
        way = self.way if self.kind in (*LINE_KINDS, CUT) and self.kind != RESET else ""
        words = " ".join(part for part in (self.kind, self.target, way, how) if part)
        return f"{self.at_s:6.1f} s  {words} for {self.for_s:.1f} s"


@dataclass(frozen=True, slots=True, kw_only=True)
class Targets:
    """What there is to break, by name."""

    processes: tuple[str, ...]
    lines: tuple[str, ...]
    mailboxes: tuple[str, ...]
    disks: tuple[str, ...]
    albums: tuple[str, ...] = ()
    powered: tuple[str, ...] = ()
    papers: tuple[str, ...] = ()
    clusters: tuple[str, ...] = ()
    restored: tuple[str, ...] = ()
    veths: tuple[str, ...] = ()

    @classmethod
    def of(cls, town: Town) -> Targets:
        """Everything in the town."""
        return cls(
            processes=town.processes(), lines=tuple(sorted(town.lines)),
            mailboxes=(*(f"nats {plan.id}" for plan in town.plan.nodes if plan.nats),
                       *town.members()),
            disks=(town.shape.small_disk,) if town.disk is not None else (),
            albums=tuple(f"photos {plan.id}" for plan in town.plan.nodes),
            powered=tuple(sorted(town.power)),
            papers=tuple(plan.id for plan in town.plan.nodes if plan.profile == "street"),
            clusters=(f"boxes {town.shape.cluster}",) if town.cluster is not None else (),
            veths=(f"veth {town.shape.apart}",) if town.booth is not None else (),
            restored=town.losable())

    def among(self, kind: str) -> tuple[str, ...]:
        """Which of them this can befall."""
        if kind in LINE_KINDS:
            return self.lines
        some = {WIPE: self.mailboxes, FLIP: self.mailboxes, FULL: self.disks, ROT: self.albums,
                POWER: self.powered, EXPIRE: self.papers, LEADER: self.clusters,
                QUORUM: self.clusters, ROLL: self.clusters, RESTORE: self.restored, CUT: self.veths}
        return some.get(kind, self.processes)


def schedule(seed: int, seconds: float, targets: Targets, *, every_s: float) -> list[Fault]:
    """Faults in the order in which they begin; the same for the same arguments."""
    random = Random(f"schedule {seed}")
    free: dict[str, float] = {}
    found: list[Fault] = []
    at, kinds = 1.0, _deck(random)
    while (at := at + random.uniform(0.3, 1.7) * every_s) < seconds * LAST_SHARE:
        kind = next(kinds)
        open_ = [one for one in targets.among(kind) if free.get(one, 0.0) <= at]
        if not open_:
            continue
        fault = _draw(random, kind, random.choice(open_), round(at, 1), seconds)
        free[fault.target] = fault.at_s + fault.for_s + 4.0
        found.append(fault)
    return found


def _deck(random: Random) -> Iterator[str]:
    while True:
        deck = list(DECK)
        random.shuffle(deck)
        yield from deck


def _draw(random: Random, kind: str, target: str, at: float, seconds: float) -> Fault:
    longest = max(2.0, seconds * 0.25)
    if kind == STOP:
        for_s = random.choice((SHORT_STOP_S, LONG_STOP_S))
    elif kind in (RESET, WIPE, FLIP, ROT, ROLL):
        for_s = 0.0
    else:
        for_s = random.uniform(*SPANS.get(kind, WEATHER_S))
    amount = {DELAY: random.uniform(0.05, 1.5), THIN: random.uniform(2_048, 65_536),
              SLICE: float(random.choice((13, 100, 1_400)))}.get(kind, 0.0)
    return Fault(at_s=at, for_s=round(min(for_s, longest), 1), kind=kind, target=target,
                 way=random.choice((BOTH, THERE, BACK)), amount=amount)


class Hands:
    """Carries a schedule out and mends what it broke."""

    def __init__(self, town: Town, log: ClientLog, tell: Callable[[Fault], None]) -> None:
        self._town = town
        self._tell = tell
        self.losses = Losses(town, log)
        self._boxes = Boxes(town)
        self.done: list[Fault] = []
        self.unseen = self._boxes.unseen
        """What should have been told to a person and was not."""
        self.rotten: dict[str, set[str]] = {}
        """Photos whose bytes were changed, by node; each only at one."""

    async def work(self, faults: list[Fault]) -> None:
        """Each at its time; returns when everything is mended."""
        began = asyncio.get_running_loop().time()
        async with asyncio.TaskGroup() as group:
            for fault in faults:
                await asyncio.sleep(began + fault.at_s - asyncio.get_running_loop().time())
                self._tell(fault)
                self.done.append(fault)
                group.create_task(self._alone(fault))

    async def _alone(self, fault: Fault) -> None:
        """One fault at a time at one place. Papers need the parent as well, and a parent that is
        being recovered needs the child: its hands are waited for first, with the child's free, or
        nobody would start a child again that ended meanwhile."""
        async with AsyncExitStack() as held:
            if fault.kind == "expire":
                parent = self._town.offices[fault.target].plan.parent
                await held.enter_async_context(self._town.hands(parent))
            await held.enter_async_context(self._town.hands(fault.target))
            await self._happen(fault)

    async def _happen(self, fault: Fault) -> None:
        town = self._town
        match fault.kind:
            case "kill":
                await town.kill(fault.target)
                await asyncio.sleep(fault.for_s)
                await town.start_again(fault.target)
            case "power":
                await town.lose_power(fault.target)
                await asyncio.sleep(fault.for_s)
                await town.start_again(fault.target)
            case "expire":
                await self._expire(fault)
            case "stop":
                town.signal(fault.target, signal.SIGSTOP)
                try:
                    await asyncio.sleep(fault.for_s)
                finally:
                    town.signal(fault.target, signal.SIGCONT)
            case "wipe":
                await self._wipe(fault.target)
            case "flip":
                await self._flip(fault.target, fault)
            case "leader" | "quorum" | "roll":
                await self._boxes.befall(fault.kind, fault.for_s, Random(str(fault)))
            case "cut":
                assert town.booth is not None
                ways = (THERE, BACK) if fault.way == BOTH else (fault.way,)
                await asyncio.to_thread(town.booth.cut, *ways)
                await asyncio.sleep(fault.for_s)
                await asyncio.to_thread(town.booth.mend, *ways)
            case "restore":
                await self.losses.lose(fault.target, fault.for_s)
            case "rot":
                await asyncio.to_thread(self._rot, fault.target.removeprefix("photos "), fault)
            case "full":
                assert town.disk is not None
                await asyncio.to_thread(town.disk.fill)
                await asyncio.sleep(fault.for_s)
                town.disk.free()
            case "reset":
                town.lines[fault.target].reset()
            case _:
                await self._weather(fault, town.lines[fault.target])

    async def _weather(self, fault: Fault, line: Proxy) -> None:
        ways = {BOTH: (line.there, line.back), THERE: (line.there,), BACK: (line.back,)}[fault.way]
        for weather in ways:
            _change(weather, fault)
        await asyncio.sleep(fault.for_s)
        for weather in ways:
            weather.clear()

    async def _wipe(self, name: str) -> None:
        """Kill the server and delete what it keeps before its keeper starts it again."""
        await self._town.kill(name)
        await asyncio.to_thread(_empty, self._town.store_of(name))
        await self._town.start_again(name)

    async def _expire(self, fault: Fault) -> None:
        """Let a street's certificate run out, see that its doctor knows, and renew it."""
        town, child = self._town, fault.target
        await asyncio.to_thread(papers.expire, town, child)
        await asyncio.sleep(fault.for_s)
        told = await town.doctor(child)
        if not any(one["level"] == "alarm" and "certificate" in one["sentence"] for one in told):
            self.unseen.append(f"{child}: the doctor does not speak of the certificate: {told}")
        await papers.renew(town, child)

    async def _flip(self, name: str, fault: Fault) -> None:
        """Kill the server and change a bit in each file of messages that it left."""
        await self._town.kill(name)
        random = Random(str(fault))
        for path in sorted(self._town.store_of(name).rglob("*.blk")):
            await asyncio.to_thread(flip_bit, path, random)
        await self._town.start_again(name)

    def _rot(self, node: str, fault: Fault) -> None:
        """Change a bit of a photo that a neighbour holds as well."""
        town = self._town
        plan = next(one for one in town.plan.nodes if one.id == node)
        beside = [one.id for one in town.plan.nodes if one.id == plan.parent or one.parent == node]
        elsewhere = {path.name for one in beside for path in _photos(town, one)}
        spoiled = set().union(*self.rotten.values())
        found = [path for path in _photos(town, node)
                 if path.name in elsewhere and path.name not in spoiled]
        if found:
            random = Random(str(fault))
            path = random.choice(found)
            self.rotten.setdefault(node, set()).add(path.name)
            flip_bit(path, random)

    def mend(self) -> None:
        """Whatever is still broken (a run that was given up)."""
        for line in self._town.lines.values():
            line.heal()
        if self._town.booth is not None:
            self._town.booth.mend()
        if self._town.disk is not None:
            self._town.disk.free()


def _change(weather: Weather, fault: Fault) -> None:
    match fault.kind:
        case "delay":
            weather.delay_s = fault.amount
        case "thin":
            weather.bytes_per_s = fault.amount
            weather.slice_bytes = 4_096
        case "slice":
            weather.slice_bytes = int(fault.amount)
        case "hole":
            weather.flowing.clear()


def _empty(store: Path) -> None:
    for folder in [Path(base) / "jetstream" for base, names, _ in os.walk(store)
                   if "jetstream" in names]:
        shutil.rmtree(folder, ignore_errors=True)


def _photos(town: Town, node: str) -> list[Path]:
    return sorted(path for path in (town.offices[node].home / "blobs").rglob("*")
                  if path.is_file() and path.parent.name == path.name[:2])


def flip_bit(path: Path, random: Random) -> None:
    """Change one bit, as a disk that forgets does."""
    try:
        with path.open("r+b") as file:
            size = file.seek(0, os.SEEK_END)
            if size:
                at = random.randrange(size)
                file.seek(at)
                was = file.read(1)[0]
                file.seek(at)
                file.write(bytes([was ^ (1 << random.randrange(8))]))
    except FileNotFoundError:
        return  # its keeper was faster
