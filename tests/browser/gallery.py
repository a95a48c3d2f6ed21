"""The last part of docs/console.md: every page, as it was pictured."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from pathlib import Path

from tests.browser.shots import Shot

HEAD = "## Pictures"
LEAD = (
    "Taken by `make screenshots`: left Chinese and light, right English and dark. Cases, figures\n"
    "and maps are those of `make demo`; pages of those who run a node show one with something\n"
    "wrong.\n"
)


def write(page: Path, shots: Iterable[tuple[Shot, Sequence[str]]]) -> None:
    """Put the pictures at the end of the page, instead of those that were there."""
    before = page.read_text(encoding="utf-8").partition(f"{HEAD}\n")[0].rstrip("\n")
    lines = [f"{before}\n", HEAD, "", LEAD]
    for shot, files in shots:
        lines.append(f"### {shot.title}\n")
        width = 240 if shot.phone else 420
        lines.append(" ".join(
            f'<img src="images/console/{file}" width="{width}" alt="{shot.title}">'
            for file in files) + "\n")
    page.write_text("\n".join(lines), encoding="utf-8")
