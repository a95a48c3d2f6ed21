"""The page of obligations names its proofs, and the proofs exist."""

from __future__ import annotations

import ast
import re
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
ROW = re.compile(r"^\| (F\d{2,3}) \| (.+?) \| (works|partly|not yet) \| (.*?) \| (.*?) ?\|$")
OBLIGATIONS = [f"F{number:02}" for number in range(1, 121)]


def rows() -> list[tuple[str, str, list[str], str]]:
    """(number, state, named tests, note) of every row."""
    page = (ROOT / "docs" / "features.md").read_text(encoding="utf-8")
    found = [ROW.match(line) for line in page.splitlines() if line.startswith("| F")]
    assert None not in found, "a row of the page has another shape"
    return [
        (row[1], row[3], re.findall(r"`([^`]+)`", row[4]), row[5]) for row in found if row
    ]


def test_every_obligation_has_its_row_once() -> None:
    assert OBLIGATIONS == [number for number, *_ in rows()]


def test_every_named_test_exists() -> None:
    missing = []
    for number, _, named, _ in rows():
        for proof in named:
            path, _, test = proof.partition("::")
            if not (ROOT / path).is_file() or (test and test not in named_in(ROOT / path)):
                missing.append(f"{number}: {proof}")
    assert [] == missing


def test_what_works_is_proven_and_what_works_partly_says_what_is_missing() -> None:
    assert [] == [number for number, state, named, _ in rows() if state == "works" and not named]
    assert [] == [
        number for number, state, named, note in rows()
        if state == "partly" and not (named and note)
    ]
    assert [] == [number for number, state, named, _ in rows() if state == "not yet" and named]


def named_in(path: Path) -> set[str]:
    """Names of the test functions of a file, also of those inside classes."""
    tree = ast.parse(path.read_text(encoding="utf-8"))
    return {
        item.name for item in ast.walk(tree)
        if isinstance(item, ast.FunctionDef | ast.AsyncFunctionDef)
        and item.name.startswith("test_")
    }
