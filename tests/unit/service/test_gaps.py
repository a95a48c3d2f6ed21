"""What the responsibility table leaves open: rows that hold for no class."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta

from node.core.codes import ClassKey
from node.core.facts import Address
from node.core.routing import Responsibility
from node.service.upkeep.gaps import strange

NOW = datetime(2026, 3, 2, tzinfo=UTC)
GB, OLD = "GB/T 47678.5-2026", "GB/T 30428.2-2013"


def _key(kind: str, code: str) -> ClassKey:
    return ClassKey(standard_ref=GB, kind=kind, code=code)


CLASSES = (_key("matter", "01005"), _key("component", "02018"))


def row(code: str, *, kind: str = "matter", standard: str = GB) -> Responsibility:
    return Responsibility(
        standard_ref=standard, kind=kind, code=code, area="420203",
        assignee=Address.parse("node:4202U36"))


def test_a_row_whose_code_begins_no_class_is_named() -> None:
    wrong = [row("09999"), row("02018"), row("010055")]
    right = [row("01005"), row("01"), row(""), row("02018", kind="component"), row("02", kind="")]
    assert strange([*wrong, *right], CLASSES, NOW) == tuple(wrong)


def test_rows_of_another_time_or_standard_are_no_fault() -> None:
    over = replace(row("09999"), valid_to=NOW - timedelta(days=1))
    assert strange([over, row("09999", standard=OLD)], CLASSES, NOW) == ()
