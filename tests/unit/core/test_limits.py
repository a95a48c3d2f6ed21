"""Which limit a new leg gets."""

from __future__ import annotations

import pytest

from node.core.facts import TimeLimit, TimeUnit
from node.core.limits import LimitSet, handling_limit

OFFICE = LimitSet(handling=TimeLimit(value=7, unit=TimeUnit.WORK_DAY))
FILED = TimeLimit(value=4, unit=TimeUnit.WORK_HOUR)


def test_the_filing_condition_goes_before_the_office() -> None:
    assert FILED == handling_limit(FILED, OFFICE, urgent=False)
    assert OFFICE.handling == handling_limit(None, OFFICE, urgent=False)
    assert handling_limit(None, LimitSet(), urgent=True) is None


@pytest.mark.parametrize(
    ("unit", "natural"),
    [
        (TimeUnit.WORK_HOUR, TimeUnit.URGENT_HOUR),
        (TimeUnit.WORK_DAY, TimeUnit.CALENDAR_DAY),
        (TimeUnit.URGENT_HOUR, TimeUnit.URGENT_HOUR),
        (TimeUnit.CALENDAR_DAY, TimeUnit.CALENDAR_DAY),
        (TimeUnit.MINUTE, TimeUnit.MINUTE),
    ],
)
def test_an_urgent_case_counts_natural_time(unit: TimeUnit, natural: TimeUnit) -> None:
    limit = handling_limit(TimeLimit(value=3, unit=unit), OFFICE, urgent=True)
    assert TimeLimit(value=3, unit=natural) == limit
