"""Which limit applies to a filing condition in a class of area."""

from __future__ import annotations

from node.core.facts import TimeLimit, TimeUnit
from node.core.limits import ConditionLimit, limit_of

GENERAL = TimeLimit(value=2, unit=TimeUnit.WORK_DAY)
CORE = TimeLimit(value=4, unit=TimeUnit.WORK_HOUR)
OTHER = TimeLimit(value=2, unit=TimeUnit.URGENT_HOUR)

ROWS = (
    ConditionLimit(condition_no=1, area_class="", limit=GENERAL),
    ConditionLimit(condition_no=1, area_class="A", limit=CORE),
    ConditionLimit(condition_no=2, area_class="", limit=OTHER),
    ConditionLimit(condition_no=3, area_class="B", limit=CORE),
    ConditionLimit(condition_no=4, area_class="", limit=GENERAL),
    ConditionLimit(condition_no=4, area_class="A", limit=None),
)


def test_the_class_of_the_area_goes_before_the_row_without_a_class() -> None:
    assert CORE == limit_of(ROWS, condition_no=1, area_class="A")
    assert GENERAL == limit_of(ROWS, condition_no=1, area_class="B")
    assert GENERAL == limit_of(ROWS, condition_no=1)


def test_each_condition_has_its_own_limit() -> None:
    assert OTHER == limit_of(ROWS, condition_no=2, area_class="A")
    assert limit_of(ROWS, condition_no=9) is None
    assert limit_of((), condition_no=1) is None


def test_a_row_of_another_class_never_applies() -> None:
    assert limit_of(ROWS, condition_no=3) is None
    assert limit_of(ROWS, condition_no=3, area_class="A") is None


def test_a_class_whose_limit_cannot_be_read_falls_back_to_the_general_one() -> None:
    assert GENERAL == limit_of(ROWS, condition_no=4, area_class="A")
