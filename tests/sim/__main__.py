"""``make sim SEEDS=…``: many seeds of the fabric's simulated world, with a progress bar.

Each seed is a whole life: parent and three children, both carriers, the faults that the seed
switched on, then calm, then the account. A failing seed is printed and kept in ``seeds.txt``,
which the tests replay for ever.
"""

from __future__ import annotations

import argparse
import os
from collections.abc import Iterator
from concurrent.futures import ProcessPoolExecutor
from pathlib import Path

from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeRemainingColumn

from tests.sim.fabric.story import tell

KEPT = Path(__file__).parent / "seeds.txt"
CHUNK = 8


def live(seed: int) -> tuple[int, int, str]:
    """One seed: its number, the words it moved, what broke ("" if nothing did)."""
    try:
        told = tell(seed)
    except Exception as err:  # a broken invariant or a bug: both are findings
        return seed, 0, f"{type(err).__name__}: {err}"
    return seed, told.words, ""


def kept() -> tuple[int, ...]:
    """Seeds that once failed."""
    lines = KEPT.read_text("utf-8").splitlines() if KEPT.exists() else []
    return tuple(int(line.split()[0]) for line in lines if line and not line.startswith("#"))


def _run(seeds: range, processes: int) -> Iterator[tuple[int, int, str]]:
    with ProcessPoolExecutor(processes) as pool:
        yield from pool.map(live, seeds, chunksize=CHUNK)


def main() -> int:
    """0 if every seed held."""
    parser = argparse.ArgumentParser(prog="make sim", description=__doc__)
    parser.add_argument("--seeds", type=int, default=2_000, help="how many")
    parser.add_argument("--first", type=int, default=1, help="the first seed")
    parser.add_argument("--processes", type=int, default=os.cpu_count() or 1)
    asked = parser.parse_args()
    console = Console()
    words, broken = 0, []
    columns = (TextColumn("seeds"), BarColumn(), MofNCompleteColumn(), TimeRemainingColumn(),
               TextColumn("{task.description}"))
    with Progress(*columns, console=console) as progress:
        bar = progress.add_task("", total=asked.seeds)
        for seed, moved, what in _run(range(asked.first, asked.first + asked.seeds),
                                      asked.processes):
            words += moved
            if what:
                broken.append((seed, what))
                console.print(f"[red]seed {seed}: {what}[/red]")
            progress.update(bar, advance=1, description=f"{words} words, {len(broken)} broken")
    known = set(kept())
    with KEPT.open("a", encoding="utf-8") as file:
        file.writelines(f"{seed}  # {what.splitlines()[0][:100]}\n"
                        for seed, what in broken if seed not in known)
    console.print(f"{asked.seeds} seeds, {words} words, {len(broken)} broken")
    return 1 if broken else 0


if __name__ == "__main__":
    raise SystemExit(main())
