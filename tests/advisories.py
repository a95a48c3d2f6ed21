"""Pinned versions against published advisories: ``make audit-deps``.

    python -m tests.advisories .venv-audit/bin/pip-audit [--strict]

Ends with 1 when a pinned version has a weakness that ``advisories.toml`` does not name, or names
without a reason or beyond its day. Where the service of advisories does not answer, nothing is
known: that is said, and with ``--strict`` it ends with 3.
"""

from __future__ import annotations

import json
import subprocess
import sys
import tomllib
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any

HERE = Path(__file__).parent
WITHIN_S = 120
"""All packages together; a service that is slower is not asked today."""
NOT_ASKED = (
    "Advisories: the service did not answer for any package, so nothing was compared. "
    "Run `make audit-deps` where it is reachable. 漏洞库不可达，本次未比对依赖。"
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Verdict:
    status: int
    lines: tuple[str, ...]


def judge(told: Mapping[str, Any], lived_with: Mapping[str, Any], *, today: date) -> Verdict:
    """What pip-audit told (JSON), against the list of what we live with."""
    packages = told.get("dependencies", [])
    asked = [one for one in packages if "skip_reason" not in one]
    if not asked:
        return Verdict(status=3, lines=(NOT_ASKED,))
    lines, known = [], {}
    for entry in lived_with.get("lived-with", []):
        if not str(entry.get("reason", "")).strip() or not entry.get("package"):
            lines.append(f"{entry.get('id')}: an entry takes a package and a reason")
        elif not isinstance(entry.get("until"), date) or entry["until"] < today:
            lines.append(f"{entry['id']}: its day is over; mend it or give a new reason")
        else:
            known[entry["package"], entry["id"]] = entry["reason"]
    for one in asked:
        for weakness in one.get("vulns", []):
            ids = (weakness["id"], *weakness.get("aliases", ()))
            if not any((one["name"], id_) in known for id_ in ids):
                mended = ", ".join(weakness.get("fix_versions", ())) or "none yet"
                lines.append(
                    f"{one['name']} {one['version']}: {', '.join(ids)}; mended in: {mended}")
    skipped = len(packages) - len(asked)
    closing = f"Advisories: {len(asked)} pinned packages compared, {skipped} not known there."
    return Verdict(status=1 if lines else 0, lines=(*lines, closing))


def main(program: str, *, strict: bool) -> int:
    """Ask, judge, say."""
    try:
        done = subprocess.run(
            (program, "--no-deps", "--disable-pip", "-r", str(HERE.parent / "constraints.txt"),
             "--timeout", "8", "--progress-spinner", "off", "-f", "json"),
            capture_output=True, text=True, timeout=WITHIN_S, check=False)
        told = json.loads(done.stdout)
    except (OSError, ValueError, subprocess.TimeoutExpired):
        told = {}
    lived_with = tomllib.loads((HERE / "advisories.toml").read_text(encoding="utf-8"))
    verdict = judge(told, lived_with, today=datetime.now(UTC).date())
    print("\n".join(verdict.lines))
    return verdict.status if strict or verdict.status != 3 else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1], strict="--strict" in sys.argv[2:]))
