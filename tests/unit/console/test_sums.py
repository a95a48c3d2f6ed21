"""Sums of money on pages: written in yuan, kept in fen."""

from __future__ import annotations

import pytest

from node.core.errors import Invalid
from node.edge.console.money.sums import fen, money


@pytest.mark.parametrize(("written", "amount"), [
    ("1234.5", 123_450), ("1,234.56", 123_456), ("358", 35_800), ("0.05", 5)])
def test_a_sum_is_written_in_yuan_and_kept_in_fen(written: str, amount: int) -> None:
    assert fen(written) == amount
    assert fen(money(amount)) == amount


@pytest.mark.parametrize("written", ["", "12.345", "-5", "1 yuan", "1.2.3"])
def test_what_is_no_sum_is_refused_under_the_name_of_its_field(written: str) -> None:
    with pytest.raises(Invalid) as refused:
        fen(written, field="cost_fen")
    assert refused.value.detail["field"] == "cost_fen"
