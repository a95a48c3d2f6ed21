"""A seal is looked at before what it covers: nobody's bytes reach the reader of headers unless a
key that we know stands for them."""

from __future__ import annotations

import pytest

from hub import wire
from hub.errors import Unsealed
from hub.ids import NodeId
from hub.seal import open_envelope
from tests.sim.fabric.keys import SimKeyRing, signer_of

CHILD = NodeId("420203")


def test_a_header_under_a_broken_seal_is_never_read() -> None:
    signer = signer_of(CHILD)
    nonsense = b"\xff" * 64
    data = wire.sealed_bytes(nonsense, b"body", ((signer.alg, signer.key_id, b"broken"),))
    with pytest.raises(Unsealed):
        open_envelope(data, keys=SimKeyRing({CHILD: None}), node=CHILD, at_us=0)
