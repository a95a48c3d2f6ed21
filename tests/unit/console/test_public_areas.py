"""Where a citizen may say that something is."""

from __future__ import annotations

import pytest

from node.edge.console.public.form import is_division


@pytest.mark.parametrize(("node", "is_one"), [
    ("420203", True), ("420203008", True), ("4202U36", False), ("wuhan-power", False)])
def test_offices_of_divisions_are_named_and_units_are_not(node: str, is_one: bool) -> None:
    assert is_division(node) is is_one
