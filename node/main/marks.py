"""Files beside the database that say what became of it, for whoever opens it next."""

from __future__ import annotations

import os
from pathlib import Path
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from node.settings import Settings

RESTORED_FILE: Final = "restored"
"""It was filled from a backup and has not been led through recovery yet."""
MARKER_FILE: Final = "boot"
"""The number of its last start, so that an older copy is recognised."""
RESTORED, ELSEWHERE, OLDER = "restored", "elsewhere", "older"
COPIED = {
    RESTORED: "this home was restored from a backup",
    ELSEWHERE: "the database has been started before, this home never",
    OLDER: "the database remembers an earlier start than this home: an older copy",
}


def copied(settings: Settings, boot_no: int) -> str:
    """Why this database cannot be the newest one of its node (a key of ``COPIED``), "" if nothing
    says so."""
    marker = settings.data / MARKER_FILE
    if (settings.data / RESTORED_FILE).exists():
        return RESTORED
    if not marker.exists():
        return ELSEWHERE if boot_no else ""
    last = int(marker.read_text())
    if boot_no < last:
        return OLDER
    return ""


def write_marker(marker: Path, boot_no: int) -> None:
    """Put the number of a start beside the database, durably."""
    fresh = marker.with_suffix(".new")
    with fresh.open("w", encoding="ascii") as file:
        file.write(str(boot_no))
        file.flush()
        os.fsync(file.fileno())
    fresh.replace(marker)
