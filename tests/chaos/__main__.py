"""``make chaos MINUTES=10 SEED=7``: one run, told line by line; 0 if every invariant held."""

from __future__ import annotations

import argparse
import asyncio
import json
import shutil
import time
from pathlib import Path

from rich.console import Console
from rich.table import Table

from tests.chaos.run import EVERY_S, Outcome, Wanted, run
from tests.chaos.town import Shape, Town
from tests.chaos.twins import TwinTown

RUNS = Path("run")
MUTANTS = {
    "synchronous-normal": """
import sqlalchemy, hub.store.engine as engine
whole = engine._prepare_sqlite
def weak(made, *, read_only):
    whole(made, read_only=read_only)
    sqlalchemy.event.listen(made, "connect",
                            lambda conn, _record: conn.execute("PRAGMA synchronous=NORMAL"))
engine._prepare_sqlite = weak
""",
    "photos-not-synced": """
import os, hub.blobs.files as files
files.os = type("NoSync", (), {**{n: getattr(os, n) for n in dir(os) if not n.startswith("__")},
                               "fsync": staticmethod(lambda handle: None)})
""",
}
"""Weakened nodes: what only a loss of power shows."""


def main() -> int:
    """Run it."""
    parser = argparse.ArgumentParser(prog="make chaos", description=__doc__)
    parser.add_argument("--minutes", type=float, default=10.0)
    parser.add_argument("--seed", type=int, required=True)
    parser.add_argument("--every-s", type=float, default=EVERY_S, help="mean gap between faults")
    parser.add_argument("--keep", action="store_true", help="keep the files of a run that held")
    parser.add_argument("--lazyfs", type=Path, help="the LazyFS program: lose power as well")
    parser.add_argument("--mutant", choices=sorted(MUTANTS), default="",
                        help="weaken the nodes; the account must notice")
    parser.add_argument("--twins", action="store_true",
                        help="two processes serve the district on PostgreSQL")
    asked = parser.parse_args()
    console = Console()
    began = time.monotonic()
    console.print(f"seed {asked.seed}, {asked.minutes:g} minutes")
    outcome = asyncio.run(run(
        Wanted(seed=asked.seed, seconds=asked.minutes * 60, every_s=asked.every_s,
               mutant=asked.mutant,
               shape=Shape(lazyfs=asked.lazyfs and asked.lazyfs.resolve(),
                           weakened=MUTANTS[asked.mutant] if asked.mutant else "")),
        lambda said: console.print(f"{time.monotonic() - began:6.1f}  {said}", soft_wrap=True,
                                   highlight=False),
        make=TwinTown if asked.twins else Town))
    RUNS.mkdir(exist_ok=True)
    name = "-".join(part for part in ("chaos", str(asked.seed), asked.mutant) if part)
    told = RUNS / f"{name}.json"
    told.write_text(json.dumps(outcome.summary(), ensure_ascii=False, indent=1) + "\n",
                    encoding="utf-8")
    show(outcome, console)
    console.print(f"summary in {told}")
    if outcome.broken or asked.keep:
        console.print(f"files of the run in {outcome.folder}")
    else:
        shutil.rmtree(outcome.folder, ignore_errors=True)
    return 1 if outcome.broken else 0


def show(outcome: Outcome, console: Console) -> None:
    """The verdict."""
    table = Table(show_header=False, box=None)
    for one in outcome.findings:
        mark = "[red]✗[/red]" if one.broken else "[green]✓[/green]"
        table.add_row(mark, one.name, one.counted)
    console.print(table)
    for what in outcome.broken[:40]:
        console.print(f"[red]✗ {what}[/red]", soft_wrap=True, highlight=False)
    told = outcome.summary()
    console.print(f"faults {told['faults']} · {told['commands_answered']} answers of "
                  f"{len(told['verbs'])} verbs · {told['words']} words · quiet after "
                  f"{told['quiet_after_s']} s · {told['outcome']}")


if __name__ == "__main__":
    raise SystemExit(main())
