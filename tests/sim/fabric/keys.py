"""Seals for the simulated world: keyed digests behind the production protocols.

They are as unforgeable as the world needs (nobody in it knows another's secret) and forty times
cheaper than signatures, so that a seed costs milliseconds.
"""

from __future__ import annotations

import hashlib
from dataclasses import dataclass

from hub.ids import NodeId

ALG = "sim"


@dataclass(frozen=True, slots=True)
class SimSigner:
    key_id: str
    secret: bytes
    alg: str = ALG

    def sign(self, data: bytes) -> bytes:
        return hashlib.blake2b(data, key=self.secret, digest_size=32).digest()


@dataclass(frozen=True, slots=True)
class SimKey:
    secret: bytes
    alg: str = ALG

    def holds(self, data: bytes, signature: bytes) -> bool:
        return hashlib.blake2b(data, key=self.secret, digest_size=32).digest() == signature


class SimKeyRing:
    """Every node's key, and the tree; parents by node."""

    def __init__(self, parents: dict[NodeId, NodeId | None]) -> None:
        self._parents = parents
        self._keys = {node: SimKey(secret_of(node)) for node in parents}

    def public(self, key_id: str, node: NodeId, at_us: int) -> SimKey | None:
        return self._keys.get(node) if key_id == f"key-{node}" else None

    def refusal(self, key_id: str, node: NodeId, at_us: int) -> str:
        return "" if self.public(key_id, node, at_us) is not None else "key.unknown"

    def parent_of(self, node: NodeId) -> NodeId | None:
        return self._parents.get(node)

    def name_of(self, node: NodeId) -> str:
        return node if node in self._parents else ""

    def is_below(self, node: NodeId, ancestor: NodeId) -> bool:
        at: NodeId | None = node
        while at is not None:
            if at == ancestor:
                return True
            at = self._parents.get(at)
        return False

    def serial(self) -> int:
        return 1


def secret_of(node: NodeId) -> bytes:
    return hashlib.sha256(f"secret of {node}".encode()).digest()


def signer_of(node: NodeId) -> SimSigner:
    return SimSigner(f"key-{node}", secret_of(node))
