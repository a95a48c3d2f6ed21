"""``make sim SEEDS=…``: many seeds of a simulated world, with a progress bar.

Without ``--town`` each seed is a life of the fabric: parent and three children, both carriers, the
faults that the seed switched on, then calm, then the account. With ``--town`` it is a life of whole
offices on a tree with units, and people who bring every case to its end. A failing seed is shrunk
to a short story, which is printed, and kept in ``seeds.txt``, which the tests replay for ever.
"""

from __future__ import annotations

import argparse
import os
from collections.abc import Callable, Iterator
from concurrent.futures import ProcessPoolExecutor
from pathlib import Path

from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeRemainingColumn

from tests.sim import shrink
from tests.sim.fabric import story as fabric
from tests.sim.town import story as town

KEPT = Path(__file__).parent / "seeds.txt"
TOWN = "town:"
"""Marks the seeds of the town in ``seeds.txt``; those of the fabric are bare numbers."""
CHUNK = 8
Life = tuple[int, int, str]
"""One seed: its number, the words it moved, what broke ("" if nothing did)."""


def live_fabric(seed: int) -> Life:
    """A life of the fabric alone."""
    try:
        return seed, fabric.tell(seed).words, ""
    except Exception as err:  # a broken invariant or a bug: both are findings
        return seed, 0, f"{type(err).__name__}: {err}"


def live_town(seed: int) -> Life:
    """A life of whole offices."""
    try:
        return seed, town.tell(seed).words, ""
    except Exception as err:
        return seed, 0, f"{type(err).__name__}: {err}"


def kept(mark: str = "") -> tuple[int, ...]:
    """Seeds that once failed: of the town (``mark`` TOWN) or of the fabric."""
    lines = KEPT.read_text("utf-8").splitlines() if KEPT.exists() else []
    names = [line.split()[0] for line in lines if line and not line.startswith("#")]
    if mark:
        return tuple(int(name.removeprefix(mark)) for name in names if name.startswith(mark))
    return tuple(int(name) for name in names if name.isdecimal())


def _run(live: Callable[[int], Life], seeds: range, processes: int) -> Iterator[Life]:
    with ProcessPoolExecutor(processes) as pool:
        yield from pool.map(live, seeds, chunksize=min(CHUNK, max(1, len(seeds) // processes)))


def _told(asked: argparse.Namespace, seed: int, what: str, console: Console) -> str:
    """The sentence for ``seeds.txt``; the first few seeds are also told as a story."""
    if asked.stories <= 0:
        return what.splitlines()[0][:100]
    asked.stories -= 1
    found = shrink.shrink(shrink.TOWN if asked.town else shrink.FABRIC, seed)
    if found is None:
        return what.splitlines()[0][:100]
    console.print(f"seed {seed}, the shortest of {found.runs} lives that break the same promise:")
    console.print("\n".join(found.story()), markup=False, highlight=False)
    return found.sentence()


def _keep(mark: str, sentences: list[tuple[int, str]]) -> None:
    known = set(kept(mark))
    with KEPT.open("a", encoding="utf-8") as file:
        file.writelines(f"{mark}{seed}  # {sentence}\n"
                        for seed, sentence in sentences if seed not in known)


def main() -> int:
    """0 if every seed held."""
    parser = argparse.ArgumentParser(prog="make sim", description=__doc__)
    parser.add_argument("--seeds", type=int, default=2_000, help="how many")
    parser.add_argument("--first", type=int, default=1, help="the first seed")
    parser.add_argument("--processes", type=int, default=os.cpu_count() or 1)
    parser.add_argument("--town", action="store_true", help="whole offices, not the fabric alone")
    parser.add_argument("--stories", type=int, default=3, help="failing seeds told as stories")
    asked = parser.parse_args()
    live, mark = (live_town, TOWN) if asked.town else (live_fabric, "")
    console = Console()
    words, broken = 0, []
    columns = (TextColumn("seeds"), BarColumn(), MofNCompleteColumn(), TimeRemainingColumn(),
               TextColumn("{task.description}"))
    with Progress(*columns, console=console) as progress:
        bar = progress.add_task("", total=asked.seeds)
        seeds = range(asked.first, asked.first + asked.seeds)
        for seed, moved, what in _run(live, seeds, asked.processes):
            words += moved
            if what:
                broken.append((seed, what))
                console.print(f"[red]seed {mark}{seed}: {what}[/red]")
            progress.update(bar, advance=1, description=f"{words} words, {len(broken)} broken")
    _keep(mark, [(seed, _told(asked, seed, what, console)) for seed, what in broken])
    console.print(f"{asked.seeds} seeds, {words} words, {len(broken)} broken")
    return 1 if broken else 0


if __name__ == "__main__":
    raise SystemExit(main())
