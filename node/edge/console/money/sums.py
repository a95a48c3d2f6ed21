"""Sums of money as people write them, in yuan, and as the API has them, in fen."""

from __future__ import annotations

import re
from typing import Final

from node.core.errors import Invalid
from node.service.fund import yuan

_YUAN: Final = re.compile(r"(\d{1,12})(?:\.(\d{1,2}))?")
FEN: Final = "_fen"
"""How the names of fields end that hold a sum."""


def fen(written: str, *, field: str = "amount") -> int:
    """An amount in yuan as somebody writes it, ``1,234.5``, in fen. ``Invalid``: it is none."""
    found = _YUAN.fullmatch(written.strip().replace(",", "").replace("，", ""))
    if found is None:
        raise Invalid("an amount in yuan has at most two decimals", field=field, why="amount")
    return int(found[1]) * 100 + int((found[2] or "").ljust(2, "0"))


def money(amount: int) -> str:
    """Fen as yuan with commas: ``12,345.67``."""
    whole, _, rest = yuan(amount).partition(".")
    return f"{int(whole):,}.{rest}" if not whole.startswith("-") else (
        f"-{int(whole[1:]):,}.{rest}")
