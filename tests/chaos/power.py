"""A disk that loses power: LazyFS between a node and its files.

LazyFS (https://github.com/dsrhaslab/lazyfs, BSD-3-Clause) is a FUSE file system with a page cache
of its own that only ``fsync`` empties; told to, it forgets what was not synced. It is no package:
its path is given by whoever built it (``docs/chaos.md``), and runs without it leave this fault out.
"""

from __future__ import annotations

import os
import subprocess
import time
from dataclasses import dataclass
from pathlib import Path

from node.cli.demo.federation import Trouble

READY_S = 10.0
LOSE_S = 20.0
CONFIG = """[faults]
fifo_path="{fifo}"
fifo_path_completed="{done}"
[cache]
apply_eviction=false
[cache.simple]
custom_size="0.5GB"
blocks_per_page=1
[filesystem]
log_all_operations=false
logfile="{log}"
"""


@dataclass(frozen=True, slots=True, kw_only=True)
class LazyDisk:
    """One mount: what programs see is ``at``, what is safe is below ``beside``."""

    at: Path
    beside: Path
    process: subprocess.Popen[bytes]

    @classmethod
    def mount(cls, binary: Path, at: Path) -> LazyDisk:
        """Mount an empty disk at ``at``. Raises ``Trouble``."""
        beside = at.with_name(at.name + ".disk")
        safe = beside / "root"
        safe.mkdir(parents=True)
        at.mkdir(parents=True, exist_ok=True)
        config = beside / "config.toml"
        config.write_text(CONFIG.format(fifo=beside / "fifo", done=beside / "done",
                                        log=beside / "log"))
        library = binary.parents[2] / "libs" / "libpcache" / "build"
        with (beside / "out").open("wb") as out:
            process = subprocess.Popen(
                [binary, at, "--config-path", config, "-o", "allow_other", "-o",
                 "modules=subdir", "-o", f"subdir={safe}", "-f"],
                stdout=out, stderr=out, stdin=subprocess.DEVNULL, start_new_session=True,
                env={**os.environ, "LD_LIBRARY_PATH": str(library)})  # noqa: TID251
        disk = cls(at=at, beside=beside, process=process)
        deadline = time.monotonic() + READY_S
        while not (at.is_mount() and (beside / "done").exists()):
            if process.poll() is not None or time.monotonic() > deadline:
                raise Trouble(f"LazyFS does not mount: {(beside / 'out').read_text()[-500:]}")
            time.sleep(0.05)
        return disk

    def lose(self) -> None:
        """Forget everything that was not synced; nobody may have a file open. Returns when it is
        forgotten."""
        reading = os.open(self.beside / "done", os.O_RDONLY | os.O_NONBLOCK)
        try:
            with (self.beside / "fifo").open("w") as fifo:
                fifo.write("lazyfs::clear-cache\n")
            deadline = time.monotonic() + LOSE_S
            said = b""
            while b"finished::clear-cache" not in said:
                if time.monotonic() > deadline:
                    raise Trouble("LazyFS does not say that it has forgotten")
                time.sleep(0.02)
                try:
                    said += os.read(reading, 4_096)
                except BlockingIOError:
                    continue
        finally:
            os.close(reading)

    def unmount(self) -> None:
        """Take it away; what was safe stays below ``beside``."""
        subprocess.run(["umount", "-l", str(self.at)], capture_output=True, check=False)
        self.process.terminate()
        try:
            self.process.wait(10)
        except subprocess.TimeoutExpired:
            self.process.kill()
            self.process.wait()
