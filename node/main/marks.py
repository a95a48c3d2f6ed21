"""Files beside the database that say what became of it, for whoever opens it next."""

from __future__ import annotations

from typing import Final

RESTORED_FILE: Final = "restored"
"""It was filled from a backup and has not been led through recovery yet."""
