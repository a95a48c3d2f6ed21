"""Whose document an edition is: the node that hands it out signs it, the one that takes it over
looks whether it knows that node.

An edition travels by file, through hands and mail; the digest in it says that it is whole, the
signature that it is from where it says. A signer of whom nothing is known here cannot be checked:
its document is taken over as before, and whoever takes it over is told.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Any, Final, Protocol

from node.core.errors import Invalid
from node.service.instants import to_time, to_us

SIGNED_WITH: Final = b"wanmi standard edition\x00"
"""Goes before the document into the signature, so that it can be mistaken for nothing else."""
FIELD: Final = "signature"


class Seal(Protocol):
    """The node's signature (``hub.seal.Signer``)."""

    @property
    def key_id(self) -> str: ...

    def sign(self, data: bytes, /) -> bytes: ...


class Key(Protocol):
    """A public key (``hub.seal.PublicKey``)."""

    def holds(self, data: bytes, signature: bytes, /) -> bool: ...


class Keys(Protocol):
    """Whose keys are known (``hub.seal.KeyRing``); None = not this one, or not at that time."""

    def public(self, key_id: str, node: Any, at_us: int, /) -> Key | None: ...


class Standing(StrEnum):
    """What is known of a document's signature."""

    HOLDS = "holds"
    UNKNOWN = "unknown"
    """Signed by a node, or with a key, of which nothing is known here."""
    NONE = "none"


@dataclass(frozen=True, slots=True, kw_only=True)
class Signature:
    """What a document says of its signer, and whether that holds."""

    standing: Standing
    signed_by: str = ""


def signed(document: Mapping[str, Any], *, node: str, seal: Seal, now_us: int) -> dict[str, Any]:
    """The document with a signature over all of it."""
    by = {"signed_by": node, "key_id": seal.key_id, "signed_at": to_time(now_us).isoformat()}
    whole = {**document, FIELD: by}
    return {**document, FIELD: {**by, "value": seal.sign(_bytes(whole)).hex()}}


def look(document: Mapping[str, Any], *, keys: Keys | None) -> Signature:
    """Whether the signature holds. ``Invalid``: ``bundle.signature`` if it does not although the
    signer is known, ``bundle.malformed`` if it is none."""
    found = document.get(FIELD)
    if not found:
        return Signature(standing=Standing.NONE)
    try:
        by = {name: str(found[name]) for name in ("signed_by", "key_id", "signed_at")}
        value, at_us = bytes.fromhex(found["value"]), _us(by["signed_at"])
    except (KeyError, TypeError, ValueError) as error:
        raise Invalid(f"the signature cannot be read: {error}", code="bundle.malformed"
                      ) from error
    key = keys.public(by["key_id"], by["signed_by"], at_us) if keys is not None else None
    if key is None:
        return Signature(standing=Standing.UNKNOWN, signed_by=by["signed_by"])
    if not key.holds(_bytes({**document, FIELD: by}), value):
        raise Invalid(
            f"the document is not as {by['signed_by']} signed it", code="bundle.signature",
            signer=by["signed_by"],
        )
    return Signature(standing=Standing.HOLDS, signed_by=by["signed_by"])


def _us(text: str) -> int:
    """An ISO instant with its zone, as microseconds. ``ValueError``."""
    moment = datetime.fromisoformat(text)
    if moment.tzinfo is None:
        raise ValueError("an instant without its zone")
    return to_us(moment)


def _bytes(document: Mapping[str, Any]) -> bytes:
    return SIGNED_WITH + json.dumps(
        document, ensure_ascii=False, sort_keys=True, separators=(",", ":")).encode()
