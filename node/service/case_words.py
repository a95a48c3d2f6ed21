"""Words of a case in Chinese, for whoever reads them: the command line, and refusals."""

from __future__ import annotations

from typing import Final

STATUSES: Final[dict[str, str]] = {
    "reported": "待受理", "verifying": "核实中", "pending_filing": "待立案",
    "pending_dispatch": "待派遣", "dispatched": "已派遣待签收", "handling": "处置中",
    "suspended": "挂账中", "feedback_given": "已反馈", "checking": "核查中",
    "pending_close": "待结案", "closed": "结案", "transferred": "移送在外", "voided": "作废",
    "not_accepted": "不予受理", "not_filed": "不予立案",
    "held": "待办", "done": "已反馈", "ended": "已了结",
}
"""Case status in Chinese; English readers see the code itself."""
