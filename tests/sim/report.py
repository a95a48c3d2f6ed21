"""The page on reliability: what was tried, what was promised, what was broken on purpose.

``python -m tests.sim.report --write`` lives the seeds, hunts the mutants and writes
``docs/reliability.md``; without ``--write`` it prints the page. A test holds the page against the
tables of the code: it names every fault, promise, mutant and kept seed.
"""

from __future__ import annotations

import argparse
import os
from collections import Counter
from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import ProcessPoolExecutor
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from rich.progress import Progress

from tests.sim.__main__ import KEPT, TOWN
from tests.sim.elsewhere import ELSEWHERE, fails
from tests.sim.fabric import faults, killed
from tests.sim.fabric import story as fabric
from tests.sim.promises import PROMISES
from tests.sim.town import mutants as town_mutants
from tests.sim.town import places
from tests.sim.town import story as town

PAGE = Path(__file__).parents[2] / "docs" / "reliability.md"
HUNT = 40
CELL_MAX = 190

ASKED_FOR: tuple[tuple[str, str], ...] = (
    ("ack before commit", "AckBeforeCommit"),
    ("no inbox uniqueness", "NoInboxUniqueness"),
    ("cause unchecked", "CauseUnchecked, EventsUnchecked, CommandIdUnchecked"),
    ("dedup by time window", "DedupByTimeWindow"),
    ("retry with a new message id", "RetryWithNewId"),
    ("poll by id > last", "PollByLastId"),
    ("trace outside the transaction", "TraceOutsideTransaction"),
    ("synchronous=NORMAL", "SyncNormal"),
    ("lease guard off", "LeaseGuardOff"),
    ("report fence off", "ReportFenceOff"),
    ("order fence off", "OrderFenceOff"),
    ("tombstone off", "TombstoneOff"),
    ("rank rule off", "RankRuleOff"),
    ("rework without a new number", "ReworkKeepsNumber"),
    ("inner assignment survives the outer", "InnerSurvivesOuter"),
    ("OVERTAKE for all", "OvertakeForAll"),
    ("lane not held behind a parked word", "LaneNotHeld, TownLaneNotHeld"),
    ("numbers before Hello", "NumbersBeforeHello"),
    ("no marker check", "NoMarkerCheck"),
    ("no epoch bump", "NoEpochBump"),
    ("epoch = highest + 1", "EpochIsHighestPlusOne"),
    ("branch not set", "BranchNotSet"),
    ("fenced leftovers into the inbox", "LeftoversIntoTheInbox"),
    ("echo not re-attached", "EchoNotReattached"),
    ("readopt skipped", "ReadoptSkipped"),
    ("duplicate without chain check", "DuplicateWithoutChainCheck"),
    ("ack head unchecked", "AckHeadUnchecked"),
    ("resend without Hello", "ResendWithoutHello"),
    ("FENCED obeyed without proof", "FencedWithoutProof"),
    ("sealing after re-serialising", "SealedAfterReserialising"),
    ("header parsed before verification", "HeaderReadFirst"),
    ("relay re-signed instead of original", "RelayResigned"),
    ("wildcard permission", "WildcardPermission"),
    ("blob reference unchecked", "BlobReferenceUnchecked"),
    ("Notice for a Notice", "NoticeForNotice"),
    ("back-off reset by inbound", "BackoffResetByInbound"),
    ("credit ignored", "CreditIgnored"),
    ("publish taken as success", "PublishTakenAsAck"),
)
"""What the design asks to be broken, and the mutant that breaks it."""

UNCOVERED = (
    "A PostgreSQL under a kernel that loses power, and pages that a disk lost or damaged: the "
    "world asks the database only whether it syncs at commit. Files of a real database under "
    "faults are the affair of the runs with real processes ([chaos](chaos.md)).",
    "A key that was ended counts again at a receiver whose wall clock is set back to before that "
    "moment: ends of keys are times, and a node has no other clock to judge them by. The contact "
    "itself is refused by the certificate's row, which knows no time.",
    "A second loss of one office, and an older backup put in place than the newest: words that "
    "were lost in between may come again, behind newer ones of their case.",
    "Trees deeper than three tiers, more than three children, and links that change their parent.",
    "Photos: their transfer is tested on its own; in the worlds they are names only.",
    "Questions (drill-down) and the change feed: tested on their own, over real doors.",
    "Three mailbox servers as one cluster are broken in the runs with real processes; a wide-area "
    "line between them nowhere.",
    "Two mutants of one kind at once: each is hunted alone.",
)
"""What nothing here looks at, honestly."""


@dataclass(frozen=True, slots=True)
class Lived:
    """What one seed did."""

    words: int
    struck: Counter[str]
    broke: str


@dataclass(frozen=True, slots=True)
class Kill:
    """How a mutant ended."""

    name: str
    what: str
    seed: str
    broke: str


def fabric_seed(seed: int) -> Lived:
    try:
        told = fabric.tell(seed)
    except Exception as err:
        return Lived(0, Counter(), f"seed {seed}: {err}")
    return Lived(told.words, told.struck, "")


def town_seed(seed: int) -> Lived:
    try:
        told = town.tell(seed)
    except Exception as err:
        return Lived(0, Counter(), f"seed {TOWN}{seed}: {err}")
    return Lived(told.words, told.struck + Counter({f"verb {v}": n for v, n in told.verbs.items()}),
                 "")


def fabric_kill(number: int) -> Kill:
    mutant, weather, first = killed.KILLED_BY[number]
    return _hunt(mutant, first, "",
                 lambda seed: fabric.tell(seed, profile=weather(), mutant=mutant()))


def town_kill(number: int) -> Kill:
    mutant, weather, first = town_mutants.KILLED_BY[number]
    return _hunt(mutant, first, TOWN,
                 lambda seed: town.tell(seed, weather=weather(), mutant=mutant()))


def _hunt(mutant: type[Any], first: int, mark: str, live: Callable[[int], Any]) -> Kill:
    for seed in range(first, first + HUNT):
        try:
            live(seed)
        except Exception as err:
            said = f"{err}" if isinstance(err, AssertionError) else f"{type(err).__name__}: {err}"
            return Kill(mutant.__name__, _what(mutant), f"{mark}{seed}", said.splitlines()[0])
    return Kill(mutant.__name__, _what(mutant), "none found", "")


def _what(mutant: type[Any]) -> str:
    return " ".join((mutant.__doc__ or "").split())


def page(*, seeds: int, towns: int, processes: int) -> str:
    """Live everything and write it down."""
    with ProcessPoolExecutor(processes) as pool, Progress() as progress:
        def every(call: Callable[[int], Any], numbers: Iterable[int], title: str) -> list[Any]:
            numbers = list(numbers)
            return list(progress.track(pool.map(call, numbers, chunksize=4), total=len(numbers),
                                       description=title))

        lived = every(fabric_seed, range(1, seeds + 1), "fabric")
        towns_lived = every(town_seed, range(1, towns + 1), "town")
        kills = every(fabric_kill, range(len(killed.KILLED_BY)), "mutants of the fabric")
        town_kills = every(town_kill, range(len(town_mutants.KILLED_BY)), "mutants of the town")
    real = [(one, fails(one)) for one in ELSEWHERE]
    return "\n".join(_sections(lived, towns_lived, kills, town_kills, real)) + "\n"


def _sections(lived: list[Lived], towns: list[Lived], kills: list[Kill], town_kills: list[Kill],
              real: list[Any]) -> Iterator[str]:
    broken = [one.broke for one in (*lived, *towns) if one.broke]
    verbs = sum(n for one in towns for name, n in one.struck.items() if name.startswith("verb "))
    yield from (*HEAD.splitlines(), "")
    yield (f"This page was made from {len(lived)} seeds of the fabric ({_sum(lived)} words) and "
           f"{len(towns)} of the town ({_sum(towns)} words, {verbs} acts of people), of which "
           f"{len(broken) or 'none'} broke a promise.")
    yield from (f"- {one}" for one in broken)
    yield from ("", "## Faults", "", *FAULTS_HEAD.splitlines(), "")
    yield from _table(("fault", "what happens", "fabric", "town"), _faults(lived, towns))
    yield from ("", "## Promises", "")
    yield from _table(("", "promise", "worlds"),
                      ((name, *rest) for name, rest in PROMISES.items()))
    yield from ("", "## Mutants", "", *MUTANTS_HEAD.splitlines(), "")
    yield from _table(("mutant", "what is broken", "seed", "what the observer said"),
                      ((f"`{one.name}`", one.what, one.seed, one.broke)
                       for one in (*kills, *town_kills)))
    yield from ("", "### Killed by tests of the real thing", "")
    yield from _table(("mutant", "what is broken", "the test that fails"),
                      ((f"`{one.mutant.__name__}`", _what(one.mutant),
                        f"`{one.test}`" if said else "none") for one, said in real))
    yield from ("", "### Killed by no seed", "")
    yield from _table(("mutant", "what is broken", "why it is believed"),
                      ((f"`{mutant.__name__}`", _what(mutant), why)
                       for mutant, _, why in killed.NOT_KILLED))
    yield from ("", "### What the design asks to be broken", "")
    yield from _table(("asked for", "mutant"), ((what, f"`{name}`".replace(", ", "`, `"))
                                                for what, name in ASKED_FOR))
    yield from ("", "## Found on the way", "", *FOUND_HEAD.splitlines(), "")
    yield from _table(("seed", "what it found"), kept_sentences())
    yield from ("", "## Not covered", "")
    yield from (f"- {one}" for one in UNCOVERED)


def kept_sentences() -> Iterator[tuple[str, str]]:
    """The seeds that are lived for ever, with what they once found."""
    for line in KEPT.read_text("utf-8").splitlines():
        seed, _, what = line.partition("#")
        if seed.strip():
            yield seed.strip(), what.strip()


def _faults(lived: list[Lived], towns: list[Lived]) -> Iterator[tuple[str, ...]]:
    struck = [sum((one.struck for one in lived), Counter()),
              sum((one.struck for one in towns), Counter())]
    drawn = [
        Counter(name for n in range(1, len(lived) + 1) for name in faults.FAULTS
                if getattr(faults.draw_profile(n), name)),
        Counter(name for n in range(1, len(towns) + 1) for name in (*faults.FAULTS, *places.FAULTS)
                if getattr(places.draw_weather(n), name)),
    ]
    for name, what in {**faults.FAULTS, **places.FAULTS}.items():
        cells = []
        for world in (0, 1):
            times = struck[world][name]
            seeds = drawn[world][name]
            cells.append(f"{seeds} seeds" + (f", {times} times" if times else "") if seeds else "")
        yield (f"`{name}`", what, *cells)


def _sum(lived: list[Lived]) -> int:
    return sum(one.words for one in lived)


def _table(head: tuple[str, ...], rows: Iterable[tuple[str, ...]]) -> Iterator[str]:
    yield f"| {' | '.join(head)} |"
    yield "|" + "---|" * len(head)
    for row in rows:
        yield f"| {' | '.join(_cell(cell) for cell in row)} |"


def _cell(text: str) -> str:
    plain = text.replace("|", "/").replace("<", "&lt;")
    return plain if len(plain) <= CELL_MAX or plain.startswith(("`", "two ")) else (
        plain[: CELL_MAX - 1] + "…")


HEAD = """# Reliability

For whoever asks why a word should not get lost, and for whoever changes something that must not.
This page is made by `python -m tests.sim.report --write`; its figures come from the run that
wrote it.

Two simulated worlds run the product itself
([0011](adr/0011-the-simulator-runs-the-real-store.md)). The *fabric* is a parent and three
children with the production link machines, operations, seals, statements, roster and key ring on
real SQLite. The *town* is whole offices on three tiers with legacy units: use cases, rules,
timers, adapters' desk, evidence and anti-entropy, and people who do every verb there is (a test
fails when a command exists that nobody in the town has done). Only carriers, clocks, threads,
files and the units' systems are played. A seed draws its own faults and strikes with them for
four minutes of its time; then it grows calm, everything must come to rest, and observers who read
the databases only compare them with what people were told. The same seed gives the same trace, in
any process.

```sh
make sim SEEDS=2000                  # the fabric; ARGS=--town for whole offices
```

A failing seed is shrunk: faults are left out one at a time, then steps, then words, then time;
what is left is printed as a numbered story, and the seed is kept in `tests/sim/seeds.txt` with
what it found. Real processes, kernels, servers and disks are put under the same faults by
[chaos](chaos.md), which finds what no simulator contains.
"""
FAULTS_HEAD = """In how many seeds a fault was on, and how often it struck there. A fault without
a number of times is a state of the whole seed, or strikes where it cannot be counted."""
MUTANTS_HEAD = """A suite that passes broken code is not believed. Each mutant breaks one thing in
the product, from test code alone; the seed is the first that notices (the unbroken code comes
through it), and the last column is what the observer said."""
FOUND_HEAD = """Each of these seeds once failed and is lived in every test run. Numbers without
`town:` are of the fabric."""


def main() -> int:
    """Print or write the page."""
    parser = argparse.ArgumentParser(prog="python -m tests.sim.report", description=__doc__)
    parser.add_argument("--seeds", type=int, default=300)
    parser.add_argument("--towns", type=int, default=60)
    parser.add_argument("--processes", type=int, default=os.cpu_count() or 1)
    parser.add_argument("--write", action="store_true", help=f"write {PAGE.name}")
    asked = parser.parse_args()
    text = page(seeds=asked.seeds, towns=asked.towns, processes=asked.processes)
    if asked.write:
        PAGE.write_text(text, encoding="utf-8")
    else:
        print(text)
    return 0


if __name__ == "__main__":
    raise SystemExit(main())
