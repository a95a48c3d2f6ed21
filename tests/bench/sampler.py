"""Where a process spends its time, by looking at every thread's stack many times a second.

No instrumentation, so the measured code runs as it is; a thread that waits (lock, socket, fsync
inside the C library) counts as such under the function that called it.
"""

from __future__ import annotations

import sys
import threading
import time
from collections import Counter
from pathlib import Path
from types import FrameType

EVERY_S = 0.004
ROOT = Path(__file__).parents[2]
OURS = ("hub", "node", "adapters", "tests")
IDLE = {("selectors.py", "select"), ("threading.py", "wait"), ("queue.py", "get"),
        ("thread.py", "_worker"), ("threading.py", "run"), ("unix_events.py", "_do_waitpid")}
"""Innermost frames of a thread with nothing to do."""
TOP = 12


class Sampler:
    """Counts, per thread role, the innermost function of this project on the stack."""

    def __init__(self) -> None:
        self._counts: Counter[tuple[str, str]] = Counter()
        self._looks = 0
        self._over = threading.Event()
        self._thread = threading.Thread(target=self._watch, name="sampler", daemon=True)

    def start(self) -> None:
        """Begin to look."""
        self._thread.start()

    def stop(self) -> list[tuple[str, str, float]]:
        """End; rows of (thread, function, share of the time), the largest first."""
        self._over.set()
        self._thread.join()
        looks = max(1, self._looks)
        return [(*key, count / looks) for key, count in self._counts.most_common(TOP)]

    def _watch(self) -> None:
        while not self._over.wait(EVERY_S):
            self._looks += 1
            names = {thread.ident: thread.name for thread in threading.enumerate()}
            for ident, frame in sys._current_frames().items():
                name = names.get(ident, "?").rstrip("0123456789-_")
                if name == "sampler" or _is_idle(frame):
                    continue
                self._counts[(name, _place(frame))] += 1


def _is_idle(frame: FrameType) -> bool:
    code = frame.f_code
    return (Path(code.co_filename).name, code.co_name) in IDLE


def _place(frame: FrameType) -> str:
    """The innermost frame that is ours; what lies below it is its cost."""
    inner = frame.f_code.co_filename
    at: FrameType | None = frame
    while at is not None:
        path = Path(at.f_code.co_filename)
        if path.is_relative_to(ROOT) and path.relative_to(ROOT).parts[0] in OURS:
            called = "" if at is frame else f" > {Path(inner).parent.name}/{Path(inner).stem}"
            module = ".".join(path.relative_to(ROOT).with_suffix("").parts)
            return f"{module}.{at.f_code.co_name}{called}"
        at = at.f_back
    return f"{Path(inner).parent.name}/{Path(inner).stem}"


def cpu_s() -> float:
    """CPU seconds of this process so far."""
    return time.process_time()
