"""Keep the summary of a run: ``python -m tests.chaos.record run/chaos-7.json``.

``recorded.json`` holds one summary per seed, length and kind of run; the newest replaces an older
one. What is written there was measured, never written by hand.
"""

from __future__ import annotations

import json
import sys
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

RECORDED = Path(__file__).parent / "recorded.json"


def recorded() -> list[dict[str, Any]]:
    """Every summary, in the order of seeds."""
    found: list[dict[str, Any]] = json.loads(RECORDED.read_text("utf-8"))
    return found


def keep(summary: dict[str, Any], day: str) -> None:
    """Add one."""
    summary = {"mutant": "", **summary}  # a summary of the first days says nothing of mutants
    key = [summary[name] for name in ("seed", "minutes", "mutant")]
    others = [one for one in (recorded() if RECORDED.exists() else [])
              if [one.get(name) for name in ("seed", "minutes", "mutant")] != key]
    kept = sorted([*others, {"day": day, **summary}],
                  key=lambda one: (one.get("mutant", ""), one["seed"]))
    RECORDED.write_text(json.dumps(kept, ensure_ascii=False, indent=1) + "\n", encoding="utf-8")


if __name__ == "__main__":
    for name in sys.argv[1:]:
        keep(json.loads(Path(name).read_text("utf-8")), datetime.now(UTC).date().isoformat())
