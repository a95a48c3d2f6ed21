"""One run from beginning to end, and what came of it."""

from __future__ import annotations

import asyncio
import json
import tempfile
import time
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from random import Random
from typing import Any

from node.cli.demo.federation import WANMI
from tests.chaos.account import Finding, Scene, account
from tests.chaos.clients import Client, ClientLog, Person, Terminal
from tests.chaos.faults import Fault, Hands, Targets, schedule
from tests.chaos.quiet import restless
from tests.chaos.stores import Edge, Ring, Store
from tests.chaos.town import Shape, Town

QUIET_S = 60.0
LOOK_S = 0.5
EVERY_S = 4.0
"""Mean seconds between two faults."""
PAUSE_S = 0.5
"""Mean seconds between two acts of one person."""
BROKEN_KEPT_MAX, REFUSED_KEPT_MAX = 20, 12
BUGS = ('"exception":', '"http.bug"', "Traceback (most recent", "Task exception was never")
"""What a log says of something that nobody expected."""
Tell = Callable[[str], None]


@dataclass(frozen=True, slots=True, kw_only=True)
class Wanted:
    """What was asked for."""

    seed: int
    seconds: float
    every_s: float = EVERY_S
    pause_s: float = PAUSE_S
    shape: Shape = field(default_factory=Shape)
    mutant: str = ""
    """Name of a weakness that every node was given."""


@dataclass(slots=True, kw_only=True)
class Outcome:
    """What a run did, for people and for machines."""

    wanted: Wanted
    folder: Path
    faults: list[Fault]
    findings: list[Finding]
    answered: Counter[str]
    refused: Counter[str]
    repeats: int
    words: int
    quiet_s: float
    left_out: list[str]
    notes: list[str]
    scene: Scene

    @property
    def broken(self) -> list[str]:
        """Every broken invariant in one sentence."""
        return [f"{one.name}: {what}" for one in self.findings
                for what in dict.fromkeys(one.broken)]

    def summary(self) -> dict[str, Any]:
        """As ``recorded.json`` keeps it."""
        return {
            "seed": self.wanted.seed, "minutes": round(self.wanted.seconds / 60, 2),
            "mutant": self.wanted.mutant,
            "faults": dict(sorted(Counter(one.kind for one in self.faults).items())),
            "targets": dict(sorted(Counter(one.target for one in self.faults).items())),
            "commands_answered": self.answered.total(), "verbs": dict(sorted(
                self.answered.items())),
            "refused_by_a_rule": self.refused.total(),
            "refused_most": dict(self.refused.most_common(REFUSED_KEPT_MAX)),
            "repeated_calls": self.repeats,
            "words": self.words, "quiet_after_s": round(self.quiet_s, 1),
            "left_out": self.left_out, "notes": self.notes,
            "invariants": {one.name: one.counted for one in self.findings},
            "broken": self.broken[:BROKEN_KEPT_MAX],
            "outcome": "broken" if self.broken else "held",
        }


async def run(
    wanted: Wanted, tell: Tell, folder: Path | None = None, *, make: type[Town] = Town
) -> Outcome:
    """Build, break, heal, wait, account. The folder of a run that held may be deleted."""
    town = make(folder or Path(tempfile.mkdtemp(prefix="wanmi-chaos-")), wanted.shape)
    try:
        return await live(town, wanted, tell)
    finally:
        await town.remove()


async def live(town: Town, wanted: Wanted, tell: Tell) -> Outcome:
    """The same in a town that its owner removes: PostgreSQL still runs when this returns."""
    await town.build()
    await town.start()
    targets = Targets.of(town)
    left_out = [] if town.disk is not None or town.power else [
        "full disk: no tmpfs can be mounted here"]
    if town.booth is None:
        left_out.append("a veth that is cut: no network name space can be made here")
    if not town.power:
        left_out.append("loss of power: no LazyFS was given")
    for what in left_out:
        tell(f"left out: {what}")
    faults = schedule(wanted.seed, wanted.seconds, targets, every_s=wanted.every_s)
    for fault in faults:
        tell(f"plan {fault}")
    log = ClientLog(town.folder / "clients.jsonl")
    hands = Hands(town, log, lambda fault: tell(f"now  {fault}"))
    stop = asyncio.Event()
    keeper = asyncio.create_task(town.keep())
    people = asyncio.gather(*_people(town, log, wanted, stop))
    began = time.monotonic()
    try:
        await hands.work(faults)
        await asyncio.sleep(max(0.0, began + wanted.seconds - time.monotonic()))
        hands.mend()
        tell(f"healed after {time.monotonic() - began:.0f} s; {len(log.answers)} answers")
        healed = time.monotonic()
        stop.set()
        _, waiting = await asyncio.wait([people], timeout=QUIET_S)
        findings = [Finding(
            name="G5: everybody was answered in the end", counted=f"{len(log.answers)} answers",
            broken=("somebody waits for ever", *town.ended) if waiting else ())]
        if not waiting:
            people.result()  # raises what one of them died of
        findings.append(Finding(
            name="what was lost comes back from the neighbours",
            counted="; ".join(f"{one.node}: {one.recovered}" for one in hands.losses.all),
            broken=tuple(hands.losses.failed)))
        expired = sum(one.kind == "expire" for one in hands.done)
        findings.append(Finding(
            name="what a person must know is told", counted=f"{expired} certificates ran out",
            broken=tuple(hands.unseen)))
        findings.append(await _verified(town, hands))
        quiet_s, left = await _until_quiet(town, healed, hands)
        tell(f"quiet after {quiet_s:.1f} s" if not left else f"not quiet: {left}")
        findings.append(Finding(name="I14: it comes to rest", counted=f"{quiet_s:.1f} s",
                                broken=tuple(left)))
        if not waiting and not left:
            findings.append(await _reconciled(town, log, wanted.seed))
    finally:
        keeper.cancel()
        people.cancel()
        await asyncio.gather(keeper, people, return_exceptions=True)
    await town.stop()
    scene = await _scene(town, log, hands)
    findings += await asyncio.to_thread(account, scene)
    findings.append(Finding(name="no bug was answered", counted=f"{len(log.bugs)} answers 500",
                            broken=tuple(log.bugs)))
    findings.append(_logs(town))
    words = sum(store.count("SELECT count(*) FROM outbox") for store in _stores(town).values())
    outcome = Outcome(
        wanted=wanted, folder=town.folder, faults=hands.done, findings=findings,
        answered=log.verbs(), refused=log.refused, repeats=log.repeats, words=words,
        quiet_s=quiet_s, left_out=left_out, notes=town.ended, scene=scene)
    (town.folder / "summary.json").write_text(
        json.dumps(outcome.summary(), ensure_ascii=False, indent=1), encoding="utf-8")
    return outcome


def _people(town: Town, log: ClientLog, wanted: Wanted, stop: asyncio.Event) -> list[Any]:
    found: list[Any] = []
    for office in town.offices.values():
        node, plan = office.plan.id, office.plan
        assignees = [f"node:{one.id}" for one in town.plan.children(node)]
        assignees += [f"adapter:{one.id}" for one in town.plan.adapters if one.node == node]
        link = f"{plan.parent}-{node}" if plan.parent else f"{node}-{node}"
        for number in range(2):
            random = Random(f"{wanted.seed}/{node}/{number}")
            client = Client(office, town.lines[town.door(node, number)].port, log, random)
            opens = 0.0 if plan.profile == "street" else 0.3 if not plan.parent else 0.05
            found.append(_work(client, Person(
                client, random, opens=opens, pause_s=wanted.pause_s, assignees=assignees,
                link=link), stop))
    street = next(o for o in town.offices.values() if o.plan.profile == "street")
    found.append(Terminal(street, town.lines[f"http {street.plan.id}"].port, log,
                          Random(f"{wanted.seed}/terminal")).work(stop))
    return found


async def _work(client: Client, person: Person, stop: asyncio.Event) -> None:
    try:
        await person.work(stop)
    finally:
        await client.close()


async def _until_quiet(
    town: Town, since: float, hands: Hands
) -> tuple[float, list[str]]:
    stores, edges = _stores(town), _edges(town)
    forgotten = frozenset().union(*(one.photos for one in hands.losses.all))
    calm = 0
    while True:
        left = await asyncio.to_thread(restless, stores, edges, forgotten)
        calm = 0 if left else calm + 1
        passed = time.monotonic() - since
        if calm >= 3 or (left and passed > QUIET_S):
            return passed, left
        await asyncio.sleep(LOOK_S)


async def _verified(town: Town, hands: Hands) -> Finding:
    """``wanmi verify`` at every office: it finds the photos that rotted, no other damage, and has
    them fetched again."""
    broken, photos = [], 0
    for node, office in town.offices.items():
        process = await asyncio.create_subprocess_exec(
            *WANMI, "verify", "--home", str(office.home), "--json",
            stdout=asyncio.subprocess.PIPE, stderr=asyncio.subprocess.PIPE)
        out, err = await process.communicate()
        if process.returncode not in (0, 1) or not out.strip():
            broken.append(f"{node}: verify ended with {process.returncode}: {err.decode()[-300:]}")
            continue
        told = json.loads(out)
        found = {one["digest"] for one in told["damages"]}
        photos += len(found)
        broken += [f"{node}: {one}" for one in told["damages"]
                   if one["digest"] not in hands.rotten.get(node, set())]
        broken += [f"{node}: {case} is not what its journal says" for case in told["differing"]]
    return Finding(name="verify finds what rotted and nothing else",
                   counted=f"{photos} of {sum(map(len, hands.rotten.values()))} photos, the others "
                   "had been found by somebody who wanted them", broken=tuple(broken))


async def _reconciled(town: Town, log: ClientLog, seed: int) -> Finding:
    """Anti-entropy of every link finds nothing missing."""
    broken = []
    for edge in _edges(town):
        client = Client(town.offices[edge.parent], town.lines[f"http {edge.parent}"].port, log,
                        Random(f"{seed}/reconcile"))
        answer, _ = await client.call("POST", f"/api/v1/links/{edge.link}/reconcile", json={})
        await client.close()
        if answer.status_code >= 300:
            broken.append(f"{edge.link}: {answer.text[:200]}")
            continue
        broken += [f"{edge.link} {row['scope']}: {row['missing']} missing, {row['differ']} differ"
                   for row in answer.json() if row["missing"] or row["differ"]]
    return Finding(name="I7: anti-entropy finds nothing missing",
                   counted=f"{len(_edges(town))} links", broken=tuple(broken))


async def _scene(town: Town, log: ClientLog, hands: Hands) -> Scene:
    homes = {node: office.home for node, office in town.offices.items()}
    folders = {node: (town.folder / f"{node}.log", home / "data", home / "blobs")
               for node, home in homes.items()}
    return Scene(
        stores=_stores(town), edges=_edges(town), folders=folders, homes=homes, log=log,
        orders=tuple(await town.units.orders()), losses=tuple(hands.losses.all),
        boxes=tuple(town.store_of(name) for name in town.members()),
        ring=Ring(homes, {plan.id: plan.parent for plan in town.plan.nodes}))


def _stores(town: Town) -> dict[str, Store]:
    return {node: Store(node, url) for node, url in town.databases.items()}


def _edges(town: Town) -> tuple[Edge, ...]:
    return tuple(Edge(plan.parent, plan.id) for plan in town.plan.nodes if plan.parent)


def _logs(town: Town) -> Finding:
    """No process wrote of a bug."""
    broken, lines = [], 0
    for node in town.offices:
        for line in (town.folder / f"{node}.log").read_text("utf-8", "replace").splitlines():
            lines += 1
            if any(word in line for word in BUGS):
                broken.append(f"{node}: {line[:400]}")
    return Finding(name="no log tells of a bug", counted=f"{lines} lines", broken=tuple(broken))


__all__ = ["Outcome", "Wanted", "run"]
