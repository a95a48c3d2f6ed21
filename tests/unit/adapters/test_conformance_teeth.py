"""The suite must bite: mutants of a good adapter that it has to catch."""

from __future__ import annotations

import asyncio
from pathlib import Path

import pytest

from adapters import conformance
from adapters.conformance import Broken, Check, run_check
from tests.adapter_benches import FileDropBench, RestBench

MUTANTS = [
    pytest.param(
        conformance.submitting_twice_is_one_job,
        ('reference = "data.orderNo"', 'reference = "data.orderNo"\nidempotent = true'),
        id="believes the unit notices repeats",
    ),
    pytest.param(
        conformance.lost_answer_heals_by_lookup,
        ('query = { extNo = "{key}" }', 'query = { extNo = "other" }'),
        id="looks up something else",
    ),
    pytest.param(
        conformance.withdrawn_stays_dead,
        ('body = { extNo = "{key}", reason', 'body = { extNo = "nobody", reason'),
        id="withdraws another order",
    ),
    pytest.param(
        conformance.cursor_resumes,
        ('next = "data.next"', 'next = "data.nowhere"'),
        id="never moves its cursor",
    ),
    pytest.param(
        conformance.doubles_and_disorder_are_harmless,
        ('event_id = { path = "eventId" }', 'event_id = { path = "orderNo" }'),
        id="takes the order's number for the event's",
    ),
    pytest.param(
        conformance.photos_survive,
        ('send = "base64"', 'send = "none"'),
        id="keeps the photos to itself",
    ),
]


class MutantBench(RestBench):
    """The REST bench with one line of its mapping changed."""

    def __init__(self, home: Path, change: tuple[str, str]) -> None:
        super().__init__(home)
        self.change = change

    def write(self, manifest: str, kind: str) -> Path:
        folder = super().write(manifest, kind)
        mapping = folder / "mapping.toml"
        before = mapping.read_text("utf-8")
        after = before.replace(*self.change, 1)
        assert before != after, "the mutation did not take"
        mapping.write_text(after, "utf-8")
        return folder


@pytest.mark.parametrize(("check", "change"), MUTANTS)
def test_mutant_is_caught(check: Check, change: tuple[str, str], tmp_path: Path) -> None:
    bench = MutantBench(tmp_path, change)
    bench.patience_s = 3.0
    with pytest.raises(Broken):
        asyncio.run(run_check(check, bench))


def test_a_folder_that_forgets_what_it_dropped_is_caught(tmp_path: Path) -> None:
    class Forgetful(FileDropBench):
        async def submit_and_lose(self, adapter: object, order: object) -> None:
            await super().submit_and_lose(adapter, order)  # type: ignore[arg-type]
            for record in (self.home / "share" / "outstanding").iterdir():
                record.unlink()
            (self.home / "share" / "receipts.csv").unlink(missing_ok=True)

    with pytest.raises(Broken, match="lookup finds nothing"):
        asyncio.run(run_check(conformance.lost_answer_heals_by_lookup, Forgetful(tmp_path)))
