"""The page on security names its proofs, and the proofs exist."""

from __future__ import annotations

import re

from tests.test_features import ROOT, named_in

PAGE = (ROOT / "docs" / "security.md").read_text(encoding="utf-8")
BOUNDARIES = 5


def test_every_named_test_exists() -> None:
    missing = []
    named = re.findall(r"`(tests/[^`]+)`", PAGE)
    assert len(named) > 60
    for proof in named:
        path, _, test = proof.partition("::")
        if not (ROOT / path).is_file() or (test and test not in named_in(ROOT / path)):
            missing.append(proof)
    assert [] == missing


def test_every_threat_has_an_answer_with_a_proof() -> None:
    part = PAGE.split("### Supply chain")[0]
    rows = [line.split("|")[1:-1] for line in part.splitlines()
            if re.match(r"\| [STRIDE](, [STRIDE])* \|", line)]
    assert len(rows) >= 4 * BOUNDARIES
    assert [] == [row[1] for row in rows if not row[2].strip() or "`tests/" not in row[3]]
