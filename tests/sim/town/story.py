"""A whole life of the town: trouble, then calm, then people bring every case to its end."""

from __future__ import annotations

from dataclasses import dataclass

from hub import wire
from hub.ids import Position
from hub.link.epochs import draft_of, open_epoch
from hub.link.steps import Report
from hub.seal import reopen
from hub.store import outbox
from tests.sim.fabric.world import SECOND, Broken, End, Mutant
from tests.sim.town import account
from tests.sim.town.people import People
from tests.sim.town.places import Weather
from tests.sim.town.world import TownEnd, TownWorld

TROUBLE_US = 240 * SECOND
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


def tell(seed: int, *, weather: Weather | None = None, mutant: Mutant | None = None) -> Told:
    """Run one seed. ``Broken`` names the invariant."""
    mutant = mutant or Mutant()
    with mutant:
        world = TownWorld(seed, weather=weather, mutant=mutant)
        try:
            return _live(world)
        finally:
            for node in world.nodes.values():
                node.disk.close()


def _live(world: TownWorld) -> Told:
    people = People(world)
    for node in world.offices:
        world.at(world.rng.randint(1, 2 * SECOND), node.start_again)
    _plan(world, people)
    while world.now < TROUBLE_US:
        world.run_until(world.now + 4 * LOOK_US)
        account.glance(world)
    world.calm = True
    world.net.cut.clear()
    for node in world.offices:
        node.start_again()
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
    return Told(world.seed, world.trace, words, len(people.ledger), missing)


def _plan(world: TownWorld, people: People) -> None:
    weather, rng = world.weather, world.rng

    def sometime() -> int:
        return rng.randint(SECOND, TROUBLE_US - SECOND)

    links = sorted({end.link for end in world.ends()})
    for _ in range(weather.acts):
        world.at(sometime(), people.act)
        if rng.random() < 0.3:
            world.at(sometime(), people.crew)
    for _ in range(rng.randrange(4)):
        world.at(sometime(), people.look_into_links)
    for _ in range(rng.randrange(8)):
        world.at(sometime(), people.tell_somebody)
    for _ in range(weather.cuts):
        link, begin, silently = rng.choice(links), sometime(), rng.random() < 0.5
        world.at(begin, lambda link=link, silently=silently: world.net.cut_off(
            link, silently=silently))
        world.at(begin + rng.randint(SECOND, 90 * SECOND),
                 lambda link=link: world.net.cut.discard(link))
    for _ in range(weather.wipes):
        world.at(sometime(), lambda: [box.clear() for box in world.net.boxes.values()])
    if weather.poison:
        for _ in range(3):
            world.at(sometime(), lambda: people.settle_parked(give_up=False))
    if weather.discard:
        for _ in range(3):
            world.at(sometime(), lambda: people.settle_parked(give_up=True))
    if weather.burst:
        for _ in range(3):
            world.at(sometime(), people.burst)
    for _ in range(weather.trims):
        world.at(sometime(), lambda: _trim(world))
    for _ in range(weather.new_epochs):
        world.at(sometime(), lambda: _new_epoch(world))


def _trim(world: TownWorld) -> None:
    """An office forgets the inbox rows it need not keep: what comes again is told by its cause."""
    node = world.rng.choice(world.offices)
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


def _new_epoch(world: TownWorld) -> None:
    """An operator opens a new epoch on a link whose end is down; some words that had arrived are
    said again, as after a restore whose echo was incomplete."""
    end: End = world.rng.choice(world.ends())
    peer = world.nodes[end.peer].ends[end.link]
    row = peer.node.disk.rows(
        "SELECT in_epoch, in_seq, in_head FROM link WHERE link = ?", end.link)[0]
    out = end.node.disk.rows("SELECT out_epoch, out_seq FROM link WHERE link = ?", end.link)[0]
    if end.state()[0] not in ("UP", "DOWN") or out != row[:2]:
        return  # a word under way would move the cut
    end.node.crash()
    cut = Position(row[0], row[1])
    arrived = [
        one
        for one in end.node.disk.read(
            lambda conn: outbox.numbered_after(conn, end.link, Position(1, 0)))
        if one.type != wire.EPOCH_START_TYPE and reopen(one.sealed).header.position < cut
    ]
    again = [(one.id, draft_of(one)) for one in arrived if world.rng.random() < 0.3]
    end.node.disk.write(lambda tx: outbox.redraft(tx, again))
    world.reworked.add((end.node.id, end.link))
    end.node.disk.write(
        lambda tx: open_epoch(tx, end.sealing, ids=world.ids, cut=cut, head=row[2],
                              reason="practice", confirmed_by="op"))


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
