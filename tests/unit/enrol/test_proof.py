"""Proofs that a newcomer holds its keys, nonces that are ours, and how often strangers may call."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from hub.enrol.proof import (
    NONCE_BYTES,
    NONCE_LIFE_S,
    STATUS_TAG,
    SUBMIT_TAG,
    Nonces,
    check,
    prove,
)
from hub.enrol.turnstile import (
    CALLS_PER_MINUTE,
    FAILURE_S,
    PEER_CALLS_PER_MINUTE,
    PEER_FAILURES_MAX,
    PEERS_MAX,
    Turnstile,
)
from hub.errors import FabricError
from hub.roster import join
from hub.roster.keys import SignKey
from tests.trees import CITY, DISTRICT, NOW, newcomer

NONCE = bytes(NONCE_BYTES)


def code(act: Callable[..., object], *given: Any, **named: Any) -> str:
    with pytest.raises(FabricError) as refused:
        act(*given, **named)
    return refused.value.code


def test_every_key_of_the_request_must_sign_this_nonce_request_and_node(tmp_path: Path) -> None:
    child = newcomer(tmp_path, DISTRICT, CITY)
    request = join.make_join_request(child, now_us=NOW)
    said = {"nonce": NONCE, "csr": request.csr, "node": request.node}
    good = prove(SUBMIT_TAG, (child.sign,), **said)  # type: ignore[arg-type]
    check(SUBMIT_TAG, good, request, nonce=NONCE)
    stranger = SignKey.generate()
    pretended = replace(
        prove(SUBMIT_TAG, (stranger,), **said)[0],  # type: ignore[arg-type]
        key_id=child.sign.key_id)
    wrong = [
        (SUBMIT_TAG, ()),
        (SUBMIT_TAG, (pretended,)),
        (STATUS_TAG, good),
        (SUBMIT_TAG, (replace(good[0], alg="sm2"),)),
        (SUBMIT_TAG, (replace(good[0], value=good[0].value[:-1]),)),
    ]
    for changed in ({"nonce": b"\1" * NONCE_BYTES}, {"csr": "other"}, {"node": "420299"}):
        wrong.append(
            (SUBMIT_TAG, prove(SUBMIT_TAG, (child.sign,), **{**said, **changed})))  # type: ignore[arg-type]
    for tag, proofs in wrong:
        assert code(check, tag, proofs, request, nonce=NONCE) == "enrol.proof"
    second = SignKey.generate()
    two = replace(request, sign_keys=(*request.sign_keys, replace(
        request.sign_keys[0], key_id=second.key_id, public=second.public)))
    assert code(check, SUBMIT_TAG, good, two, nonce=NONCE) == "enrol.proof"
    both = prove(SUBMIT_TAG, (second, child.sign), **said)  # type: ignore[arg-type]
    check(SUBMIT_TAG, both, two, nonce=NONCE)


def test_a_nonce_is_ours_for_one_node_and_for_two_minutes() -> None:
    nonces = Nonces()
    nonce = nonces.make(DISTRICT, now_s=1000.0)
    assert len(nonce) == NONCE_BYTES
    assert nonce != nonces.make(DISTRICT, now_s=1000.0)
    nonces.check(nonce, DISTRICT, now_s=1000.0)
    nonces.check(nonce, DISTRICT, now_s=1000.0 + NONCE_LIFE_S - 1)

    def refused(nonce: bytes, node: str = DISTRICT, now_s: float = 1000.0) -> bool:
        return code(nonces.check, nonce, node, now_s=now_s) == "enrol.nonce"  # type: ignore[arg-type]

    assert refused(nonce, now_s=1000.0 + NONCE_LIFE_S + 1)
    assert refused(nonce, now_s=990.0)
    assert refused(nonce, CITY)
    assert refused(nonce[:-1])
    assert refused(b"")
    assert refused(bytes(NONCE_BYTES))
    assert refused(Nonces().make(DISTRICT, now_s=1000.0))


def test_one_address_is_slowed_down_and_the_others_go_on() -> None:
    door = Turnstile()
    assert all(door.admit("a", now_s=0.0) for _ in range(PEER_CALLS_PER_MINUTE))
    assert not door.admit("a", now_s=1.0)
    assert door.admit("b", now_s=1.0)
    assert door.admit("a", now_s=61.0)


def test_everybody_together_is_bounded_too() -> None:
    door = Turnstile()
    got = sum(door.admit(f"peer {n}", now_s=0.0) for n in range(CALLS_PER_MINUTE + 50))
    assert got == CALLS_PER_MINUTE
    assert door.admit("another", now_s=60.5)


def test_wrong_tokens_shut_one_address_out_for_a_while() -> None:
    door = Turnstile()
    for _ in range(PEER_FAILURES_MAX):
        assert door.admit("a", now_s=0.0)
        door.failed("a", now_s=0.0)
    assert not door.admit("a", now_s=FAILURE_S - 1)
    assert door.admit("b", now_s=1.0)
    assert door.admit("a", now_s=FAILURE_S + 1)


def test_many_addresses_do_not_fill_the_memory() -> None:
    door = Turnstile()
    for n in range(PEERS_MAX + 100):
        door.failed(f"peer {n}", now_s=float(n))
    assert len(door._peers) == PEERS_MAX
