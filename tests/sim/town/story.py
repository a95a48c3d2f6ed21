"""A whole life of the town: trouble, then calm, then people bring every case to its end."""

from __future__ import annotations

import random
from collections import Counter
from dataclasses import dataclass, replace

from hub.ids import MsgId, Position
from hub.link.epochs import draft_of
from hub.link.steps import Report
from hub.store import outbox
from node.edge.codec import DIRECTIVE, ORDER, REPORT
from tests.sim.fabric.plan import (
    ACTS,
    Act,
    Step,
    begin_epoch,
    schedule,
    spread,
)
from tests.sim.fabric.terms import TROUBLE_US
from tests.sim.fabric.world import SECOND, Broken, End, Mutant
from tests.sim.town import account
from tests.sim.town.people import People
from tests.sim.town.places import Weather
from tests.sim.town.world import TownEnd, TownWorld

CALM_US = 2_400 * SECOND
LOOK_US = 5 * SECOND
ROUNDS_MAX = 150
"""Steps in which people must have brought everything to its end."""
SETTLE_ROUNDS = 20


@dataclass(frozen=True, slots=True)
class Told:
    """What a seed did."""

    seed: int
    trace: str
    words: int
    commands: int
    missing: int
    struck: Counter[str]
    verbs: Counter[str]
    """Verbs that were accepted; of the clock, how often it spoke."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Script:
    """A seed told otherwise than it is drawn: with another weather, without some steps, shorter."""

    weather: Weather | None = None
    steps: tuple[Step, ...] | None = None
    until: int = TROUBLE_US


def tell(seed: int, *, weather: Weather | None = None, mutant: Mutant | None = None,
         script: Script | None = None, notes: list[tuple[int, str]] | None = None) -> Told:
    """Run one seed. ``Broken`` names the invariant. ``notes`` is filled with what happened."""
    mutant = mutant or Mutant()
    script = script or Script(weather=weather)
    with mutant:
        world = TownWorld(seed, weather=script.weather, mutant=mutant)
        world.notes = notes
        try:
            return _live(world, script)
        finally:
            for node in world.nodes.values():
                node.disk.close()


def _live(world: TownWorld, script: Script) -> Told:
    people = People(world)
    for node in world.offices:
        world.at(world.rng.randint(1, 2 * SECOND), node.start_again)
    steps = script.steps
    schedule(world, draw_plan(world.seed, world.weather) if steps is None else steps, acts(people))
    while world.now < script.until:
        world.run_until(min(script.until, world.now + 4 * LOOK_US))
        account.glance(world)
    world.tell("no fault strikes any more")
    world.grow_calm()
    _settle_down(world)
    account.nothing_waits_for_nobody(world)
    world.heal()
    _settle_down(world)
    _clear_parked(world, people)
    if not world.given_up:
        account.at_rest(world, people)
    missing = _nothing_missing(world)
    _settle_down(world)  # time has passed meanwhile: a timer may have spoken
    account.at_rest(world, people)
    for _ in range(ROUNDS_MAX):
        if not people.finish():
            break
        _settle_down(world)
        account.glance(world)
    else:
        raise Broken(f"liveness: still open: {account.open_cases(world)}")
    account.at_rest(world, people)
    account.all_ended(world)
    _nothing_missing(world)
    words = sum(node.disk.rows("SELECT count(*) FROM outbox")[0][0] for node in world.offices)
    verbs = Counter(type(one.command).__name__ for one in people.ledger if one.reply is not None)
    verbs["TellReporter"] += people.told
    verbs["TimerFired"] += sum(
        node.disk.rows("SELECT count(*) FROM timer WHERE fired_at IS NOT NULL")[0][0]
        for node in world.offices)
    return Told(world.seed, world.trace, words, len(people.ledger), missing, world.struck, verbs)


def draw_plan(seed: int, weather: Weather) -> tuple[Step, ...]:
    """What people do, and what goes wrong meanwhile, in order of time."""
    luck = random.Random(f"people {seed}")
    return spread(seed, {
        "act": weather.acts, "crew": weather.acts // 3, "look": luck.randrange(4),
        "notice": luck.randrange(8), "sheet": weather.sheets, "joint": weather.acts // 20,
        "burst": 3 if weather.burst else 0,
        "replay": 3 if weather.poison else 0, "discard": 3 if weather.discard else 0,
        "trim": weather.trims, "new_epoch": weather.new_epochs, "echo": weather.echoes,
        "cut": weather.cuts, "one_way": weather.one_way, "clog": weather.clogs,
        "carrier_down": weather.carrier_down, "wipe": weather.wipes, "stall": weather.stalls,
        "power": weather.power, "disk_full": weather.disk_full,
        "clock_step": weather.clock_steps, "upgrade": weather.upgrades,
    })


def acts(people: People) -> dict[str, Act]:
    """What the steps of a plan do in this town."""
    return {
        **ACTS,
        "act": lambda _world, _luck: people.act(),
        "crew": lambda _world, _luck: people.crew(),
        "look": lambda _world, _luck: people.look_into_links(),
        "notice": lambda _world, _luck: people.tell_somebody(),
        "sheet": lambda world, luck: people.sum_up(
            luck.choice(world.offices), luck.randint(2, 4)),
        "joint": lambda _world, _luck: people.treat_as_one(),
        "burst": lambda _world, _luck: people.burst(),
        "replay": lambda _world, _luck: people.settle_parked(give_up=False) and None,
        "discard": lambda _world, _luck: people.settle_parked(give_up=True) and None,
        "trim": _trim,
        "new_epoch": _new_epoch,
        "echo": _echo,
    }


def _trim(world: TownWorld, luck: random.Random) -> None:
    """An office forgets the inbox rows it need not keep: what comes again is told by its cause."""
    node = luck.choice(world.offices)
    if not node.up:
        return
    for end in node.ends.values():
        rows = node.disk.rows(
            "SELECT msg_id, epoch, seq FROM inbox WHERE link = ? AND outcome <> 'PARKED' AND NOT "
            "(epoch = (SELECT in_epoch FROM link WHERE link = ?) AND "
            "seq = (SELECT in_seq FROM link WHERE link = ?))", end.link, end.link, end.link,
        )
        world.trimmed |= {row[0] for row in rows}
        for row in rows:
            node.disk.rows("DELETE FROM inbox WHERE link = ? AND epoch = ? AND seq = ?",
                           end.link, row[1], row[2])


def _new_epoch(world: TownWorld, luck: random.Random) -> None:
    """An operator opens a new epoch on a link whose end is down; some words that had arrived are
    said again, as after a restore whose echo was incomplete."""
    end: End = luck.choice(world.ends())
    peer = world.nodes[end.peer].ends[end.link]
    row = peer.node.disk.rows(
        "SELECT in_epoch, in_seq, in_head FROM link WHERE link = ?", end.link)[0]
    out = end.node.disk.rows("SELECT out_epoch, out_seq FROM link WHERE link = ?", end.link)[0]
    if end.state()[0] not in ("UP", "DOWN") or out != row[:2]:
        return  # a word under way would move the cut
    end.node.crash()
    world.struck["new_epochs"] += 1
    world.tell(f"a person opens a new epoch at {end.node.id} on {end.link}")
    begin_epoch(world, end, cut=Position(row[0], row[1]), head=row[2], rng=luck)


def _echo(world: TownWorld, luck: random.Random) -> None:
    """An office says a word again under a new message id, as a system does that was put together
    from two backups: no inbox knows it, so its number and its content must."""
    end: End = luck.choice(world.ends())
    if not end.node.up:
        return
    said = [
        one for one in end.node.disk.read(
            lambda conn: outbox.numbered_after(conn, end.link, Position(1, 0)))
        if one.type in (ORDER, DIRECTIVE, REPORT)
    ]
    if not said:
        return
    type_ = luck.choice(sorted({one.type for one in said}))
    among = [one for one in said if one.type == type_]
    again = replace(draft_of(luck.choice(among)), msg_id=MsgId(world.ids.uuid7()))
    _, woken = end.node.disk.write(lambda tx: outbox.enqueue(tx, end.link, [again]))
    world.struck["echoes"] += 1
    end.node.woken(woken)


def _settle_down(world: TownWorld) -> None:
    """Run until nothing is under way anywhere."""
    began = world.now
    while world.now - began < CALM_US:
        world.run_until(world.now + LOOK_US)
        world.fail_if_failed()
        if not account.restless(world):
            return
    raise Broken("I14: not quiet within the bound: " + "; ".join(account.restless(world)))


def _clear_parked(world: TownWorld, people: People) -> None:
    """What waits for a person after the cure can only be the wake of words that were given up."""
    if world.given_up == 0:
        return
    for attempt in range(SETTLE_ROUNDS):
        if not people.settle_parked(give_up=attempt % 2 == 1):
            return
        _settle_down(world)


def _nothing_missing(world: TownWorld) -> int:
    """Rounds of anti-entropy on every link: the first may find what was given up, the second
    must find nothing."""
    first = _round(world)
    if any(first.values()) and not world.given_up:
        raise Broken(f"I7: anti-entropy found {first} at rest")
    _settle_down(world)
    second = _round(world)
    if any(second.values()):
        raise Broken(f"I7: anti-entropy still finds {second} after its repair")
    return first["missing"]


def _round(world: TownWorld) -> dict[str, int]:
    found = {"missing": 0, "surplus": 0, "differ": 0}
    for end in world.ends():
        assert isinstance(end, TownEnd)
        if end.dials:
            continue
        for scope in ("trace", "assignment"):
            report = _compare(world, end, scope)
            for name in found:
                found[name] += getattr(report, name)
    return found


def _compare(world: TownWorld, end: TownEnd, scope: str) -> Report:
    """One answered round. A contact may end in the middle of it (a change of carrier, say): then
    a person asks again."""
    began = world.now
    while world.now - began < CALM_US:
        end.reports.clear()
        end.reconcile(scope)
        while not end.reports and world.now - began < CALM_US:
            world.run_until(world.now + SECOND)
        for report in end.reports:
            if report.scope == scope and not report.error:
                return report
    raise Broken(f"anti-entropy of {end.link} is not answered: {end.reports}")
