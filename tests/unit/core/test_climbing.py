"""An order that nobody signs climbs the unit's card, rung by rung, until somebody signs."""

from __future__ import annotations

from datetime import timedelta

from node.core import commands as cmd
from node.core import events as ev
from node.core.climbing import Chain, Rung, Step
from node.core.effects import TimerKind, WorkKind
from node.core.facts import Ending, TimeLimit, TimeUnit
from tests.town import Office, Town, adapter, limits, node, register


def _minutes(value: int) -> TimeLimit:
    return TimeLimit(value=value, unit=TimeUnit.MINUTE)


CHAIN = Chain(
    steps=(Step(after=_minutes(0), to=Rung.CLERK), Step(after=_minutes(30), to=Rung.LEADER),
           Step(after=_minutes(90), to=Rung.DUTY)),
    text="应于 {since} 前签收，现转{post}{name}", posts={"leader": "分管领导"},
)


def _unsigned() -> tuple[Office, Office]:
    town = Town(chain=CHAIN)
    city = town.office("C")
    unit = town.office("U", "C")
    register(city)
    city.do(cmd.Dispatch, to=node("U"), limits=limits(48))
    town.settle()
    return city, unit


def _next(office: Office) -> tuple[str, str, str] | None:
    kinds = (TimerKind.SIGN_BY, TimerKind.CLIMB)
    return next((key for key in office.timers if key[1] in kinds), None)


def _turns(office: Office) -> list[str]:
    return [f"{one.post} {one.name}" for one in office.journal["case"]
            if isinstance(one, ev.OrderClimbed)]


def _fire(office: Office) -> None:
    key = _next(office)
    assert key is not None
    office.fire(key)
    office.town.settle()


def test_each_rung_is_named_on_both_desks_and_the_item_moves_on() -> None:
    city, unit = _unsigned()
    sign_by = limits().sign_by
    assert sign_by is not None

    _fire(city)
    first = city.cases["case"].live
    assert first is not None
    assert first.climbed is not None
    assert (first.climbed.name, first.climbed.next_at) == (
        "clerk@U", sign_by + timedelta(minutes=30))
    assert {ref for _, kind, ref in city.work if kind == WorkKind.CLIMB} == {first.climb_ref}
    _fire(city)
    live = city.cases["case"].live
    assert live is not None
    assert {ref for _, kind, ref in city.work if kind == WorkKind.CLIMB} == {live.climb_ref}
    assert live.climb_ref != first.climb_ref
    assert unit.cases["case"].press_text == "应于 11-20 10:00 前签收，现转分管领导leader@U"
    _fire(city)

    assert _turns(city) == ["clerk clerk@U", "leader leader@U", "duty duty@U"]
    assert unit.cases["case"].press_count == 3
    assert _next(city) is None, "the chain ends, and each rung was climbed once"
    city.town.check_at_rest()


def test_a_signature_ends_the_climb() -> None:
    city, unit = _unsigned()
    _fire(city)

    unit.do(cmd.Sign)
    city.town.settle()

    assert _next(city) is None
    assert not [item for item in city.work if item[1] == WorkKind.CLIMB]
    assert _turns(city) == ["clerk clerk@U"]


def test_what_is_called_back_climbs_no_further() -> None:
    city, _ = _unsigned()
    _fire(city)

    city.do(cmd.WithdrawAssignment, reason="派遣错误")

    assert city.cases["case"].past[-1].ended is Ending.WITHDRAWN
    assert _next(city) is None
    assert not [item for item in city.work if item[1] == WorkKind.CLIMB]


def test_a_timer_of_an_earlier_rung_or_of_shorter_data_means_nothing() -> None:
    city, _ = _unsigned()
    _fire(city)
    key = _next(city)
    assert key is not None
    version = city.cases["case"].version

    city.do(cmd.TimerFired, kind=TimerKind.CLIMB, ref=key[2][:-1] + "1", due_at=city.town.now)
    assert city.cases["case"].version == version
    city.town.chain = Chain(steps=CHAIN.steps[:1])
    city.fire(key)

    assert city.cases["case"].version == version


def test_a_unit_s_system_is_not_pressed_for_it_but_the_desk_says_whom_to_call() -> None:
    town = Town(chain=CHAIN)
    city = town.office("C")
    town.system("S", "C")
    register(city)
    city.do(cmd.Dispatch, to=adapter("S"), limits=limits(48))
    town.settle()

    _fire(city)

    assert _turns(city) == ["clerk clerk@S"]
    assert not town.busy()
