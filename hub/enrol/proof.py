"""That whoever submits holds every key it shows: signatures over a nonce of the parent, the
certificate request and the node's id. A tag keeps them from being taken for anything else."""

from __future__ import annotations

import hashlib
import hmac
import os
from collections.abc import Sequence
from dataclasses import dataclass

from hub.errors import Unsealed, Untrusted
from hub.ids import NodeId
from hub.roster.documents import JoinRequest, proven
from hub.seal import Signer

SUBMIT_TAG, STATUS_TAG = b"wanmi/enrol/1\0", b"wanmi/enrol-status/1\0"
NONCE_LIFE_S = 120
"""A nonce is answered within seconds; a slow line gets two minutes."""
_RANDOM_BYTES, _TIME_BYTES, _MAC_BYTES = 16, 8, 32
NONCE_BYTES = _RANDOM_BYTES + _TIME_BYTES + _MAC_BYTES


@dataclass(frozen=True, slots=True, kw_only=True)
class Proof:
    """One signature, by the key of this id."""

    key_id: str
    alg: str
    value: bytes


def statement(tag: bytes, *, nonce: bytes, csr: str, node: NodeId) -> bytes:
    """What a proof signs; nonce and digest have fixed lengths."""
    return tag + nonce + hashlib.sha256(csr.encode()).digest() + node.encode()


def prove(
    tag: bytes, signers: Sequence[Signer], *, nonce: bytes, csr: str, node: NodeId
) -> tuple[Proof, ...]:
    """The proofs of a node that holds these keys."""
    said = statement(tag, nonce=nonce, csr=csr, node=node)
    return tuple(
        Proof(key_id=one.key_id, alg=one.alg, value=one.sign(said)) for one in signers
    )


def check(tag: bytes, proofs: Sequence[Proof], request: JoinRequest, *, nonce: bytes) -> None:
    """``Unsealed`` (``enrol.proof``) unless every sign key of the request has signed. A question
    for the status is about no certificate request: each is another, also of the same keys."""
    csr = request.csr if tag == SUBMIT_TAG else ""
    said = statement(tag, nonce=nonce, csr=csr, node=request.node)
    by_key = {one.key_id: one for one in proofs}
    for key in request.sign_keys:
        one = by_key.get(key.key_id)
        if one is None or one.alg != key.alg or not proven(key, one.value, said):
            raise Unsealed(
                f"{request.node} does not prove that it holds key {key.key_id}", code="enrol.proof"
            )


class Nonces:
    """Made and recognised without being remembered, so that nobody can fill our memory: random
    bytes and a time under a key that lives as long as this process. A nonce is for one node."""

    __slots__ = ("_key",)

    def __init__(self) -> None:
        self._key = os.urandom(32)

    def make(self, node: NodeId, *, now_s: float) -> bytes:
        """A fresh nonce for this node."""
        body = os.urandom(_RANDOM_BYTES) + int(now_s * 1000).to_bytes(_TIME_BYTES, "big")
        return body + self._mac(body, node)

    def check(self, nonce: bytes, node: NodeId, *, now_s: float) -> None:
        """``Untrusted`` (``enrol.nonce``) for one that we did not make for this node, or long
        ago."""
        body, mac = nonce[:-_MAC_BYTES], nonce[-_MAC_BYTES:]
        ours = len(nonce) == NONCE_BYTES and hmac.compare_digest(mac, self._mac(body, node))
        age_s = now_s - int.from_bytes(body[_RANDOM_BYTES:], "big") / 1000 if ours else -1.0
        if not 0 <= age_s + 0.001 <= NONCE_LIFE_S:
            raise Untrusted("the nonce is not ours, or too old: ask anew", code="enrol.nonce")

    def _mac(self, body: bytes, node: NodeId) -> bytes:
        return hmac.digest(self._key, body + node.encode(), "sha256")
