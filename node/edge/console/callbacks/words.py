"""Words of this room."""

from __future__ import annotations

from typing import Final

KINDS: Final = {
    "not_accepted": "不予受理", "not_filed": "不予立案", "closed": "办结", "voided": "作废",
    "merged": "已有同类案卷", "merged_ended": "原案已了结", "reopened": "重新办理",
    "reopen_refused": "不予重办",
}
"""What is to be told."""
STATES: Final = {"pending": "待回告", "failed": "未告知成", "delivered": "已回告"}
"""How far telling has come; each is a tab."""
REPORTER: Final = "reporter"
"""The recipient who is a person; every other one is the name of a body."""
