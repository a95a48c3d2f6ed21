"""A folder of files as a unit's system, for a city that is about to run."""

from __future__ import annotations

import shutil
from pathlib import Path

EXAMPLE = Path(__file__).parents[2] / "deploy" / "examples" / "huangshi" / "adapters" / "telecom"
ADAPTER = "telecom"
UNREAD = "流水号,外部编号,状态,时间,说明\n7,x/1,已上天,2026-11-26 09:00:00,请联系 13800001234\n"


def lay(home: Path) -> None:
    """The adapter and its shared folder."""
    shared, folder = home / "shared", home / "adapters" / ADAPTER
    for name in ("orders", "results"):
        (shared / name).mkdir(parents=True, exist_ok=True)
    folder.mkdir(parents=True, exist_ok=True)
    shutil.copy(EXAMPLE / "mapping.toml", folder / "mapping.toml")
    (folder / "manifest.toml").write_text(
        f'id = "{ADAPTER}"\nkind = "file_drop"\nname = "黄石电信"\npoll_every_s = 0.5\n'
        f'[config]\nfolder = "{shared}"\ncomplete = "still"\nstill_s = 0.1\n', encoding="utf-8")


def speak(home: Path) -> None:
    """Their system says something in words that nobody agreed on."""
    (home / "shared" / "results" / "Z00000007.csv").write_text(UNREAD, encoding="utf-8")
