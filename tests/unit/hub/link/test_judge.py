"""The two tables of the judge, row by row."""

from __future__ import annotations

from typing import Any

import pytest

from hub.ids import START, ZERO_CHAIN, Chain, LinkId, NodeId, Position
from hub.link.checkpoint import FLOWING, LinkState
from hub.link.judge import STOPS, Evidence, Holder, Verdict, holder, judge, protocols_meet
from hub.link.messages import PROTO_MAX, Hello

A, B = Chain(b"a" * 32), Chain(b"b" * 32)


def evidence(**changes: Any) -> Evidence:
    values: dict[str, Any] = {
        "out": Position(5, 20), "acked": Position(5, 10), "chain_at_peer": A,
        "oldest": Position(5, 1), "before_oldest": Position(4, 8),
    }
    return Evidence(**{**values, **changes})


@pytest.mark.parametrize(
    ("peer_in", "changes", "verdict"),
    [
        (Position(6, 1), {}, Verdict.FENCED),
        (Position(5, 21), {}, Verdict.BEHIND),
        (Position(4, 7), {}, Verdict.HISTORY_GONE),
        (Position(4, 8), {}, Verdict.PEER_RESTORED),
        (Position(5, 4), {"chain_at_peer": None}, Verdict.CUT_MOVED),
        (Position(5, 4), {"chain_at_peer": B}, Verdict.FORK),
        (Position(5, 4), {}, Verdict.PEER_RESTORED),
        (Position(5, 10), {}, Verdict.NORMAL),
        (Position(5, 15), {}, Verdict.ACKS_LOST),
        (Position(5, 20), {}, Verdict.ACKS_LOST),
    ],
)
def test_each_row_of_the_table(
    peer_in: Position, changes: dict[str, Any], verdict: Verdict
) -> None:
    assert judge(evidence(**changes), peer_in=peer_in, peer_head=A) is verdict


def test_a_new_link_is_normal() -> None:
    new = evidence(out=START, acked=START, chain_at_peer=None, oldest=None, before_oldest=None)
    assert judge(new, peer_in=START, peer_head=ZERO_CHAIN) is Verdict.NORMAL
    assert judge(new, peer_in=Position(1, 1), peer_head=A) is Verdict.BEHIND


def test_an_epoch_may_begin_at_the_very_start() -> None:
    first = evidence(
        out=Position(9, 1), acked=START, chain_at_peer=None, oldest=Position(9, 1),
        before_oldest=None,
    )
    assert judge(first, peer_in=START, peer_head=ZERO_CHAIN) is Verdict.NORMAL


def test_an_empty_peer_after_trimming_is_history_gone() -> None:
    trimmed = evidence(oldest=Position(5, 6), before_oldest=Position(5, 5), chain_at_peer=None)
    assert judge(trimmed, peer_in=START, peer_head=ZERO_CHAIN) is Verdict.HISTORY_GONE


def test_every_standstill_names_a_code_and_a_sentence() -> None:
    for state, reason in STOPS.values():
        assert state not in FLOWING
        code, sentence = reason.split(":", 1)
        assert code.startswith("link.")
        assert len(sentence) > 20
    assert LinkState.QUARANTINED is STOPS[Verdict.FORK][0]


def hello(**changes: Any) -> Hello:
    values: dict[str, Any] = {
        "link": LinkId("420200-420203"), "sender": NodeId("420203"), "out": Position(3, 4),
        "inn": START, "in_head": ZERO_CHAIN, "holder_no": 5, "holder_id": b"five",
    }
    return Hello(**{**values, **changes})


@pytest.mark.parametrize(
    ("changes", "who"),
    [
        ({"recovering": True, "holder_no": 1}, Holder.ECHO_ONLY),
        ({"out": Position(2, 900)}, Holder.FENCED),
        ({"out": Position(4, 1), "holder_no": 1}, Holder.ACCEPT),
        ({"holder_no": 6, "holder_id": b"six"}, Holder.ACCEPT),
        ({}, Holder.RECONNECT),
        ({"holder_id": b"other"}, Holder.TWIN),
        ({"holder_no": 4, "holder_id": b"four"}, Holder.FENCED),
    ],
)
def test_holder_against_the_last_hello(changes: dict[str, Any], who: Holder) -> None:
    assert holder(hello(**changes), our_in=Position(3, 2), last=hello()) is who


def test_the_first_hello_is_accepted() -> None:
    assert holder(hello(), our_in=Position(3, 2), last=None) is Holder.ACCEPT


def test_protocol_ranges_must_meet() -> None:
    assert protocols_meet(hello())
    assert protocols_meet(hello(proto_min=1, proto_max=1))
    assert protocols_meet(hello(proto_min=PROTO_MAX, proto_max=PROTO_MAX + 1))
    assert not protocols_meet(hello(proto_min=PROTO_MAX + 1, proto_max=PROTO_MAX + 2))


def test_a_peer_below_what_the_roster_asks_for_does_not_meet_us() -> None:
    assert protocols_meet(hello(), PROTO_MAX)
    assert not protocols_meet(hello(proto_max=PROTO_MAX - 1), PROTO_MAX)
    assert not protocols_meet(hello(proto_max=PROTO_MAX + 1), PROTO_MAX + 1)  # we are too old
