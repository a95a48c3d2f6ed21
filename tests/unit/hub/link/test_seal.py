"""Seals: what holds, what does not, and under which code."""

from __future__ import annotations

import zlib
from dataclasses import replace

import pytest

from hub import wire
from hub.envelope import INFLATED_BYTES_MAX, Alg, Flag, Opened
from hub.errors import Malformed, UnknownPeer, Unsealed
from hub.ids import Chain, NodeId, Position
from hub.link import messages as msg
from hub.seal import (
    Ed25519Key,
    chain_value,
    check_countersign,
    check_hello,
    digest,
    open_envelope,
    open_original,
    reopen,
    seal,
    sign_countersign,
    sign_hello,
)
from tests.wire.goldens import (
    AT_US,
    CITY,
    DISTRICT,
    LINK,
    STREET,
    GoldenKeys,
    envelopes,
    header,
    messages,
    signer,
)

KEYS = GoldenKeys()


def test_a_sealed_envelope_opens_to_what_was_sealed() -> None:
    sealed, chain = seal(header(), b"a body", [signer(CITY)])
    opened = open_envelope(sealed, keys=KEYS, node=CITY, at_us=AT_US)
    assert (opened.header, opened.body, opened.chain) == (header(), b"a body", chain)
    assert reopen(sealed) == opened


def test_every_bit_counts() -> None:
    sealed, _ = seal(header(), b"a body", [signer(CITY)])
    for at in range(0, len(sealed), 7):
        broken = sealed[:at] + bytes([sealed[at] ^ 1]) + sealed[at + 1:]
        try:
            opened = open_envelope(broken, keys=KEYS, node=CITY, at_us=AT_US)
        except (Unsealed, Malformed, UnknownPeer):
            continue
        # Bits outside of what is covered change nothing that is believed.
        assert (opened.header, opened.body) == (header(), b"a body")


def test_another_node_cannot_speak_for_the_origin() -> None:
    sealed, _ = seal(header(), b"a body", [signer(DISTRICT)])
    with pytest.raises(UnknownPeer) as refused:
        open_envelope(sealed, keys=KEYS, node=CITY, at_us=AT_US)
    assert refused.value.code == "key.unknown"


class Ended(GoldenKeys):
    """The district's key was ended at a time."""

    def refusal(self, key_id: str, node: NodeId, at_us: int) -> str:
        return "key.revoked" if node == DISTRICT and at_us >= AT_US else super().refusal(
            key_id, node, at_us)

    def public(self, key_id: str, node: NodeId, at_us: int) -> Ed25519Key | None:
        return None if node == DISTRICT and at_us >= AT_US else super().public(
            key_id, node, at_us)


def test_what_is_sealed_by_a_key_that_has_ended_is_refused_as_that() -> None:
    sealed, _ = seal(header(origin=DISTRICT), b"a body", [signer(DISTRICT)])
    open_envelope(sealed, keys=Ended(), node=DISTRICT, at_us=AT_US - 1)
    with pytest.raises(UnknownPeer) as refused:
        open_envelope(sealed, keys=Ended(), node=DISTRICT, at_us=AT_US)
    assert refused.value.code == "key.revoked"


@pytest.mark.parametrize(("relayed_at", "code"), [(AT_US - 1, ""), (AT_US, "key.revoked")])
def test_of_relayed_words_counts_when_the_relay_took_them(relayed_at: int, code: str) -> None:
    """Not when they arrive here: what was said before the end stays said."""
    inner, _ = seal(
        header(origin=DISTRICT, dest=CITY, occurred_at_us=AT_US - 5), b"a body",
        [signer(DISTRICT)])
    outer = Opened(
        header=header(origin=CITY, occurred_at_us=relayed_at, flags=int(Flag.RELAYED)),
        body=inner, sealed=b"", chain=Chain(bytes(32)))

    class Above(Ended):
        def parent_of(self, node: NodeId) -> NodeId | None:
            return {DISTRICT: CITY}.get(node)

    opened, parked = open_original(outer, keys=Above(), sender=CITY)
    assert parked == code
    assert (opened.original is not None) == (code == "")


def test_two_seals_where_the_link_asks_for_two() -> None:
    once, _ = seal(header(), b"a body", [signer(CITY)])
    second = replace(signer(CITY), key_id=f"second-{CITY}")
    both, _ = seal(header(), b"a body", [signer(CITY), second])
    same, _ = seal(header(), b"a body", [signer(CITY), signer(CITY)])
    open_envelope(both, keys=TwoKeys(), node=CITY, at_us=AT_US, dual=True)
    for lacking in (once, same):
        with pytest.raises(Unsealed) as refused:
            open_envelope(lacking, keys=TwoKeys(), node=CITY, at_us=AT_US, dual=True)
        assert refused.value.code == "seal.dual"


class TwoKeys(GoldenKeys):
    """A node in the middle of a change of keys: both names, one secret."""

    def public(self, key_id: str, node: NodeId, at_us: int) -> Ed25519Key | None:
        return super().public(key_id.replace("second-", "golden-"), node, at_us)


def test_a_deflated_body_is_inflated_within_bounds() -> None:
    body = zlib.compress(b"long " * 1000)
    small = header(flags=int(Flag.DEFLATED), body_digest=digest(Alg.SHA256, body))
    sealed, _ = seal(small, body, [signer(CITY)])
    assert open_envelope(sealed, keys=KEYS, node=CITY, at_us=AT_US).body == b"long " * 1000
    bomb = zlib.compress(bytes(INFLATED_BYTES_MAX + 1))
    huge = header(flags=int(Flag.DEFLATED), body_digest=digest(Alg.SHA256, bomb))
    sealed, _ = seal(huge, bomb, [signer(CITY)])
    with pytest.raises(Malformed) as refused:
        open_envelope(sealed, keys=KEYS, node=CITY, at_us=AT_US)
    assert refused.value.code == "envelope.too_large"


def test_an_original_from_elsewhere_in_the_tree_is_not_below() -> None:
    _, sealed = envelopes()["trace-relayed"]
    outer = open_envelope(sealed, keys=KEYS, node=DISTRICT, at_us=AT_US)
    assert open_original(outer, keys=KEYS, sender=DISTRICT)[1] == ""
    assert open_original(outer, keys=KEYS, sender=STREET)[1] == ""
    own, _ = seal(header(origin=CITY, dest=DISTRICT), b"a body", [signer(CITY)])
    wrapped = header(
        origin=DISTRICT, dest=CITY, flags=int(Flag.RELAYED), body_digest=digest(Alg.SHA256, own)
    )
    sealed, _ = seal(wrapped, own, [signer(DISTRICT)])
    outer = open_envelope(sealed, keys=KEYS, node=DISTRICT, at_us=AT_US)
    opened, park = open_original(outer, keys=KEYS, sender=DISTRICT)
    assert (park, opened.original) == ("trace.not_below", None)


def test_the_chain_covers_the_header_bytes() -> None:
    head = wire.header_bytes(header())
    assert chain_value(Alg.SHA256, head) == digest(Alg.SHA256, b"wanmi/chain/1\0" + head)


def test_a_hello_cannot_be_borrowed() -> None:
    hello = messages()["hello"]
    assert isinstance(hello, msg.Hello)
    check_hello(hello, keys=KEYS, node=DISTRICT, at_us=AT_US)
    with pytest.raises(Unsealed):
        check_hello(hello, keys=KEYS, node=CITY, at_us=AT_US)
    lied = sign_hello(hello, signer(CITY))
    with pytest.raises(UnknownPeer):
        check_hello(lied, keys=KEYS, node=DISTRICT, at_us=AT_US)


def test_a_countersign_speaks_of_one_link_and_origin() -> None:
    plain = msg.Countersign(
        position=Position(1, 9), head=Chain(bytes(32)), committed_at_us=AT_US, signed=b""
    )
    signed = sign_countersign(plain, link=LINK, origin=CITY, signer=signer(DISTRICT))
    check_countersign(signed, link=LINK, origin=CITY, keys=KEYS, node=DISTRICT, at_us=AT_US)
    with pytest.raises(Unsealed):
        check_countersign(
            signed, link=LINK, origin=DISTRICT, keys=KEYS, node=DISTRICT, at_us=AT_US
        )
