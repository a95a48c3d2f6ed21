"""Places on one machine: points among fifty thousand unit grids, and a survey of components."""

from __future__ import annotations

import csv
import subprocess
import sys
import tempfile
import time
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from random import Random

import psutil

from node.core.outlines import outline_of, to_wkb
from node.service.places.atlas import Atlas, Entry
from tests.places import LAT, LON, STEP, component, square

TODAY = date(2026, 3, 2)
GRIDS, WIDE = 50_000, 250
POINTS = 20_000
FULL_ROWS, QUICK_ROWS = 200_000, 10_000
LOOK_S = 0.02
"""Between two looks at the memory of a process that imports."""
MIB = 2**20


@dataclass(frozen=True, slots=True, kw_only=True)
class PlacesResult:
    """``lookups_us``: what each look-up took, sorted."""

    build_s: float
    index_mib: float
    lookups_us: list[float]
    import_rows: int
    import_s: float
    import_mib: float

    def lookup(self, share: float) -> float:
        """Microseconds that this share of the look-ups stayed within."""
        return self.lookups_us[min(len(self.lookups_us) - 1, int(len(self.lookups_us) * share))]


def measure(*, quick: bool) -> PlacesResult:
    """Build the index and ask it; import a survey with ``wanmi import`` in a process of its own."""
    build_s, index_mib, lookups = _points()
    rows = QUICK_ROWS if quick else FULL_ROWS
    import_s, import_mib = _survey(rows)
    return PlacesResult(
        build_s=build_s, index_mib=index_mib, lookups_us=lookups, import_rows=rows,
        import_s=import_s, import_mib=import_mib,
    )


def _points() -> tuple[float, float, list[float]]:
    outlines = [
        to_wkb(outline_of([[square(n % WIDE, n // WIDE)]])) for n in range(GRIDS)
    ]
    before = psutil.Process().memory_info().rss
    began = time.perf_counter()
    atlas = Atlas(entries=[
        Entry(kind="unit", code=f"{n + 1:015}", area="420203001001", outline=outline)
        for n, outline in enumerate(outlines)
    ])
    build_s = time.perf_counter() - began
    index_mib = (psutil.Process().memory_info().rss - before) / MIB
    rng = Random(1)
    took = []
    for n in range(POINTS):
        # One in ten lies on a border.
        x = rng.random() * WIDE if n % 10 else float(rng.randrange(WIDE))
        lon, lat = LON + x * STEP, LAT + rng.random() * (GRIDS // WIDE) * STEP
        start = time.perf_counter()
        spot = atlas.locate(lon, lat, TODAY)
        took.append((time.perf_counter() - start) * 1e6)
        assert spot.unit, (lon, lat)
    return build_s, index_mib, sorted(took)


def _survey(rows: int) -> tuple[float, float]:
    """Seconds and the largest resident memory of the importing process, in MiB."""
    with tempfile.TemporaryDirectory(prefix="wanmi-bench-") as folder:
        home, file = Path(folder) / "home", Path(folder) / "components.csv"
        names = ("code", "name", "owner_name", "maintainer_name", "community_name", "x", "y")
        with file.open("w", encoding="utf-8", newline="") as out:
            table = csv.writer(out)
            table.writerow(names)
            for n in range(1, rows + 1):
                row = component(n, community_name=f"社区{n % 90}")
                table.writerow([row[name] for name in names])
        wanmi = (sys.executable, "-m", "node.cli")
        subprocess.run((*wanmi, "init", "--home", str(home), "--id", "420200", "--http-port", "1"),
                       check=True, capture_output=True)
        began = time.perf_counter()
        process = subprocess.Popen(
            (*wanmi, "import", "components", str(file), "--home", str(home)),
            stdout=subprocess.DEVNULL)
        peak = _peak_mib(process)
        assert process.returncode == 0, process.returncode
        return time.perf_counter() - began, peak


def _peak_mib(process: subprocess.Popen[bytes]) -> float:
    """The largest resident memory of a process, looked at until it ends. What ``wait4`` says of it
    would be that of this process, if larger: the kernel carries the mark over a fork and exec."""
    status, peak = Path(f"/proc/{process.pid}/status"), 0.0
    while process.poll() is None:
        lines = dict(line.split(":", 1) for line in status.read_text().splitlines())
        peak = max(peak, int(lines.get("VmHWM", "0 kB").split()[0]) / 1024)
        time.sleep(LOOK_S)
    return peak
