"""Which carrier is next, by the clock alone."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from hub.carriers.failover import RETURN_S, STALL_S, Failover
from hub.carriers.port import Kind

BOTH = (Kind.GRPC, Kind.NATS)


def begun(prefer: Kind = Kind.NATS, kinds: tuple[Kind, ...] = BOTH) -> Failover:
    return Failover.begin(kinds, prefer=prefer, now_s=0.0, jitter=1.0)


def test_the_preferred_carrier_comes_first() -> None:
    assert Kind.NATS is begun(Kind.NATS).current
    assert Kind.GRPC is begun(Kind.GRPC).current


def test_a_preference_that_is_not_configured_is_no_preference() -> None:
    assert Kind.GRPC is begun(Kind.NATS, (Kind.GRPC,)).current


def test_thirty_seconds_without_progress_turn_to_the_other() -> None:
    calm, switch = begun().tick(STALL_S - 0.1)
    assert (Kind.NATS, False) == (calm.current, switch)
    turned, switch = calm.tick(STALL_S)
    assert (Kind.GRPC, True) == (turned.current, switch)


def test_progress_starts_the_thirty_seconds_anew() -> None:
    state = begun()
    for second in range(0, 600, 20):
        state = state.progress(float(second))
        state, switch = state.tick(second + 19.0)
        assert not switch
    assert Kind.NATS is state.current


def test_the_preferred_is_tried_again_after_five_minutes_times_jitter() -> None:
    state = begun().failed(10.0, jitter=1.2)
    assert Kind.GRPC is state.current
    due = 10.0 + RETURN_S * 1.2
    state = state.progress(due - 1.0)
    state, switch = state.tick(due - 0.5)
    assert not switch
    state, switch = state.tick(due)
    assert (Kind.NATS, True) == (state.current, switch)


def test_a_failed_try_of_the_preferred_goes_back_for_another_five_minutes() -> None:
    state = begun().failed(0.0)
    state = state.progress(RETURN_S - 1.0)
    state, _ = state.tick(RETURN_S)
    state = state.failed(RETURN_S + 5.0)
    assert Kind.GRPC is state.current
    state = state.progress(2 * RETURN_S)
    assert not state.tick(2 * RETURN_S)[1]
    assert state.progress(2 * RETURN_S + 5.0).tick(2 * RETURN_S + 5.0)[1]


def test_one_carrier_never_turns_but_a_stall_still_asks_for_a_fresh_contact() -> None:
    state = begun(Kind.GRPC, (Kind.GRPC,))
    state, switch = state.tick(STALL_S)
    assert (Kind.GRPC, True) == (state.current, switch)
    assert Kind.GRPC is state.failed(STALL_S + 1).current
    assert not state.progress(RETURN_S * 3).tick(RETURN_S * 3)[1]


@given(
    steps=st.lists(
        st.tuples(
            st.sampled_from(["progress", "failed", "tick", "opened"]),
            st.floats(0, 100),
            st.floats(0.8, 1.4),
        ),
        max_size=60,
    )
)
def test_without_progress_no_carrier_is_kept_longer_than_its_thirty_seconds(
    steps: list[tuple[str, float, float]],
) -> None:
    state, now, moved = begun(), 0.0, 0.0
    for act, wait, jitter in steps:
        now += wait
        before = state.current
        if act == "tick":
            state, switch = state.tick(now, jitter)
            if now - moved >= STALL_S:
                assert switch
                assert before is not state.current
            if switch:
                moved = now
        elif act == "failed":
            state, moved = state.failed(now, jitter), now
            assert before is not state.current
        else:
            state = state.progress(now) if act == "progress" else state.opened(now)
            moved = now
        assert state.current in BOTH
