"""What the office keeps of its joint problems while their cases go on and end."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest

from node.core import commands as cmd
from node.core.coordination import CoordinationKind
from node.core.facts import CaseId, CommandId
from node.store import problems
from tests.unit.service.world import CITY, TestOffice, World


@pytest.fixture
def world() -> Iterator[World]:
    made = World()
    yield made
    made.close()


@pytest.fixture
def city(world: World, database_url: str) -> TestOffice:
    office = world.open(CITY, database_url)
    office.desk.problems = problems
    return office


def test_a_problem_whose_cases_have_all_ended_takes_no_room_among_those_that_wait(
    world: World, city: TestOffice
) -> None:
    def verb(make: Any, case_id: str, **fields: Any) -> None:
        city.do(make(command_id=CommandId(world.fresh()), actor="甲", case_id=CaseId(case_id),
                     **fields))

    def listed(*, only_open: bool) -> list[str]:
        rows = city.writer.run(
            lambda tx: problems.listed(tx.conn, 10, only_open=only_open))
        return [row["problem_id"] for row in rows]

    ended, goes_on = world.file_case(city), world.file_case(city)
    for case_id, name in ((ended, "ended"), (goes_on, "goes on")):
        verb(cmd.AskCoordination, case_id, coordination_id=world.fresh(), level="committee",
             kind=CoordinationKind.NO_OWNER, text="请定", problem_id=name)
    assert {"ended", "goes on"} == set(listed(only_open=True))
    verb(cmd.VoidCase, ended, reason="重复", reason_code="duplicate")
    assert ["goes on"] == listed(only_open=True)
    assert {"ended", "goes on"} == set(listed(only_open=False))
