"""Every failure of the runbook names a test that tries it, and the test exists."""

from __future__ import annotations

import re
from pathlib import Path

from node.cli.recovery import VERDICTS
from tests.test_features import named_in

ROOT = Path(__file__).resolve().parents[1]
PAGE = (ROOT / "docs" / "operating" / "recovery.md").read_text(encoding="utf-8")
COLUMNS = 6


def rows() -> list[list[str]]:
    table = PAGE.partition("## Every failure")[2]
    lines = [line for line in table.splitlines() if line.startswith("| ")]
    return [[cell.strip() for cell in line.strip("|").split("|")] for line in lines[1:]]


def test_every_row_says_what_is_seen_what_it_means_what_to_do_and_when_it_is_over() -> None:
    assert len(rows()) >= 28
    assert [] == [row[0] for row in rows() if len(row) != COLUMNS or not all(row)]


def test_every_row_names_a_test_that_exists() -> None:
    missing = []
    for row in rows():
        proof = re.fullmatch(r"`([^`:]+)::(test_\w+)`", row[-1])
        if proof is None or not (ROOT / proof[1]).is_file():
            missing.append(row[0])
        elif proof[2] not in named_in(ROOT / proof[1]):
            missing.append(f"{row[0]}: {proof[0]}")
    assert [] == missing


def test_every_outcome_of_a_hello_is_explained() -> None:
    assert [] == sorted(one for one in VERDICTS if f"`{one}`" not in PAGE)
