"""Every kind of adapter against the one conformance suite, before its own simulator."""

from __future__ import annotations

import asyncio
from pathlib import Path

import pytest

from adapters.conformance import CHECKS, Bench, Check, run_check
from adapters.manifest import catalogue, load_kind
from adapters.quality import RULES, Grade, load_card
from tests.adapter_benches import FileDropBench, HumanBench, RestBench

BENCHES: dict[str, type[Bench]] = {
    "file_drop": FileDropBench,
    "human": HumanBench,
    "rest": RestBench,
}


RUNS = [
    pytest.param(kind, check, id=f"{kind}-{check.__name__}")
    for kind in sorted(BENCHES)
    for check in CHECKS
    if check.__name__ not in load_card(kind).exempt
]
"""What a card exempts, with its sentence, is not run; what a kind claims may not be exempt."""


@pytest.mark.parametrize(("kind", "check"), RUNS)
def test_conformance(kind: str, check: Check, tmp_path: Path) -> None:
    bench = BENCHES[kind](tmp_path)  # type: ignore[call-arg]
    asyncio.run(run_check(check, bench))


def test_every_kind_of_the_catalogue_has_a_bench_and_a_gold_card() -> None:
    assert catalogue() == tuple(sorted(BENCHES))
    assert {kind: load_card(kind).grade for kind in catalogue()} == dict.fromkeys(
        catalogue(), Grade.GOLD
    )


def test_every_check_is_a_rule() -> None:
    assert {check.__name__ for check in CHECKS} <= set(RULES)


@pytest.mark.parametrize("kind", catalogue())
def test_exemptions_agree_with_what_the_kind_claims(kind: str) -> None:
    """What a manifest claims may not be exempt, what it does not claim must be."""
    can, exempt = load_kind(kind).can, load_card(kind).exempt
    assert ("webhook" in can) == ("webhook_is_signed" not in exempt)
    assert ("photos_in" in can) == ("photos_survive" not in exempt)
