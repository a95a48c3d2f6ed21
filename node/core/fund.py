"""Repairs by proxy (代整治): somebody repairs first, the fund pays, whoever should have repaired
pays it back. Amounts are whole fen."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

REPAIRS_KEPT_MAX = 16
"""Repairs by proxy of one case; the seventeenth needs a contract, not a record."""
AMOUNT_FEN_MAX = 10**13
"""A hundred thousand million yuan: above it a cell has slipped."""


@dataclass(frozen=True, slots=True, kw_only=True)
class ProxyRepair:
    """One repair and what has come back for it. ``payer`` "" = the fund bears it."""

    repair_id: str
    performer: str
    payer: str
    cost_fen: int
    recorded_at: datetime
    text: str = ""
    recovered_fen: int = 0

    @property
    def outstanding_fen(self) -> int:
        """What the payer still owes the fund."""
        return self.cost_fen - self.recovered_fen if self.payer else 0
