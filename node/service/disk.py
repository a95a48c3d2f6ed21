"""How full the disk under a home directory is, for the doctor of a running and a stopped node."""

from __future__ import annotations

import shutil
from pathlib import Path

from node.service.phrases import NOTHING, phrase
from node.service.views import Finding, Level


def used_share(home: Path) -> float:
    """Used share of the disk that holds ``home``, 0 to 1, as ``df`` counts it: of what this
    process may use, so that a reserve for the administrator does not look like room. File systems
    that do not say how large they are (some network and FUSE ones) count as empty."""
    usage = shutil.disk_usage(home)
    whole = usage.used + usage.free
    return usage.used / whole if whole else 0.0


def disk_finding(used: float, *, warn: float, full: float) -> Finding:
    """What to say of a used share; ``warn`` and ``full`` are the node's limits."""
    level, remedy = Level.OK, NOTHING
    if used >= full:
        level, remedy = Level.ALARM, phrase("disk.full.remedy")
    elif used >= warn:
        level, remedy = Level.WARN, phrase("disk.warn.remedy", full=round(full * 100))
    sentence = phrase("disk.used", percent=round(used * 100))
    return Finding(level=level, subject="disk", sentence=sentence, remedy=remedy)
