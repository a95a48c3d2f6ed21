"""What an entry says as a line of the record: no code of the program stands in it."""

from __future__ import annotations

import pytest

from node.core.effects import TimerKind
from node.service.paper_words import said


@pytest.mark.parametrize("kind", [TimerKind.SIGN_BY, TimerKind.FINISH_BY, TimerKind.REPLY_BY])
def test_what_passed_is_named_in_chinese(kind: TimerKind) -> None:
    entry = {"event_type": "Overdue", "event": {"kind": kind.value, "due_at": "x"}}
    assert kind.value not in said(entry, str, str)
