"""A disk that can be filled: a small tmpfs of its own, where the system lets us mount one.

Where it does not (no root), the run goes on without this fault and says so: a limit on file sizes
(RLIMIT_FSIZE) is no substitute, because it kills by SIGXFSZ or fails one file while the others
grow, and SQLite then meets another error than a full disk gives.
"""

from __future__ import annotations

import contextlib
import os
import shutil
import subprocess
import tempfile
from dataclasses import dataclass
from pathlib import Path

SIZE = "96m"
FILLER = "filler"


@dataclass(frozen=True, slots=True, kw_only=True)
class SmallDisk:
    """A file system of its own at ``at``."""

    at: Path

    @classmethod
    def mount(cls, at: Path) -> SmallDisk | None:
        """None where mounting is not allowed here."""
        done = subprocess.run(
            ["mount", "-t", "tmpfs", "-o", f"size={SIZE},mode=0700", "tmpfs", str(at)],
            capture_output=True, check=False)
        return cls(at=at) if done.returncode == 0 else None

    def fill(self) -> int:
        """Leave no byte; how many it took."""
        size = 0
        with (self.at / FILLER).open("ab", buffering=0) as file, contextlib.suppress(OSError):
            for piece in (1 << 20, 1 << 12, 1):
                with contextlib.suppress(OSError):
                    while written := os.write(file.fileno(), b"\0" * piece):
                        size += written
        return size

    def free(self) -> None:
        """Make room again."""
        (self.at / FILLER).unlink(missing_ok=True)

    def unmount(self) -> None:
        """Give it back, whoever still looks at it; what is on it stays readable at its place."""
        with tempfile.TemporaryDirectory(dir=self.at.parent) as kept:
            shutil.copytree(self.at, kept, dirs_exist_ok=True)
            subprocess.run(["umount", "-l", str(self.at)], capture_output=True, check=False)
            shutil.copytree(kept, self.at, dirs_exist_ok=True)
