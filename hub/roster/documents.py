"""The two papers of joining: a child's ``JoinRequest`` and the ``Kit`` its parent gives back.

They are carried by hand (a stick, a mail), so each is one JSON text with a version, an end of
validity and a proof: a signature by the maker's sign key over everything else in canonical form.
They hold public things only.
"""

from __future__ import annotations

import base64
import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from typing import Any, TypeVar

from hub.errors import Malformed, Unsealed, Untrusted
from hub.ids import NodeId, node_id
from hub.roster.keys import SignKey
from hub.roster.roster import NAME_CHARS_MAX, ROSTER_BYTES_MAX, PublicKey
from hub.seal import ED25519
from hub.suites import registry as suites

VERSION = 1
REQUEST_BYTES_MAX = 64 * 1024
KIT_BYTES_MAX = 64 * 1024 + ROSTER_BYTES_MAX * 4 // 3
"""A kit carries the roster in base64."""
KEYS_MAX = 4
"""Sign keys a node offers at once: one per algorithm, twice during a rotation."""
ENDPOINTS_MAX = 8
ENDPOINT_CHARS_MAX = 200
CAPABILITIES_MAX = 32
WORD_CHARS_MAX = 40
TEXT_CHARS_MAX = 16 * 1024
REQUEST_KIND, KIT_KIND = "wanmi.join-request", "wanmi.kit"
REQUEST_CONTEXT, KIT_CONTEXT = b"wanmi/join/1\0", b"wanmi/kit/1\0"

T = TypeVar("T")


@dataclass(frozen=True, slots=True, kw_only=True)
class JoinRequest:
    """What a child shows its parent and the root: who it is and its public keys."""

    node: NodeId
    name: str
    parent: NodeId
    csr: str
    sign_keys: tuple[PublicKey, ...]
    nkey: str
    made_at_us: int
    expires_at_us: int
    doors: tuple[str, ...] = ()
    """Where its own children reach it, for the roster; none on a request of an older program."""
    capabilities: tuple[str, ...] = ()
    """What its office may do, for the roster; words of whoever runs on top of the fabric."""
    proof_key_id: str = ""
    proof: bytes = b""

    def to_json(self) -> str:
        """The paper, for a person's eyes too."""
        return _text(self._body(), self.sign_keys, self.proof_key_id, self.proof)

    def signed(self, key: SignKey) -> JoinRequest:
        """The same request with its proof."""
        proof = key.sign(REQUEST_CONTEXT + _canonical(self._body()))
        return replace(self, proof_key_id=key.key_id, proof=proof)

    def verify(self, *, now_us: int) -> None:
        """The proof holds under one of its own keys, and it is not too old.

        Raises ``Unsealed`` (``request.proof``) or ``Untrusted`` (``request.expired``).
        """
        _verify(self._body(), self.sign_keys, self.proof_key_id, self.proof, REQUEST_CONTEXT,
                code="request.proof")
        if now_us >= self.expires_at_us:
            raise Untrusted(
                f"the join request of {self.node} is too old: make a new one",
                code="request.expired",
            )

    def _body(self) -> dict[str, Any]:
        body: dict[str, Any] = {
            "kind": REQUEST_KIND,
            "version": VERSION,
            "node": self.node,
            "name": self.name,
            "parent": self.parent,
            "csr": self.csr,
            "sign_keys": [_key_out(key) for key in self.sign_keys],
            "nkey": self.nkey,
            "made_at_us": self.made_at_us,
            "expires_at_us": self.expires_at_us,
        }
        # An older program refuses fields that it does not know.
        if self.doors:
            body["doors"] = list(self.doors)
        if self.capabilities:
            body["capabilities"] = list(self.capabilities)
        return body

    @classmethod
    def from_json(cls, text: str | bytes) -> JoinRequest:
        """Read the paper; ``Malformed`` (``request.malformed``) says which field is wrong."""
        fields, key_id, proof = _read(
            text, kind=REQUEST_KIND, code="request.malformed", limit=REQUEST_BYTES_MAX
        )
        return cls(
            node=fields.take("node", _node),
            name=fields.take("name", _name),
            parent=fields.take("parent", _node),
            csr=fields.take("csr", _string),
            sign_keys=fields.take("sign_keys", _keys),
            nkey=fields.take("nkey", _nkey),
            made_at_us=fields.take("made_at_us", _integer),
            expires_at_us=fields.take("expires_at_us", _integer),
            doors=fields.take("doors", _doors, ()),
            capabilities=fields.take("capabilities", _words, ()),
            proof_key_id=key_id,
            proof=fields.done(proof),
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class Endpoints:
    """Where the parent is reached: ``host:port`` for gRPC, URLs for NATS. Either may be empty."""

    grpc: tuple[str, ...] = ()
    nats: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Kit:
    """What a parent gives an accepted child: whom to dial, whom to trust, its certificate."""

    parent: NodeId
    parent_name: str
    child: NodeId
    endpoints: Endpoints
    ca: str
    certificate: str
    nkey: str
    parent_keys: tuple[PublicKey, ...]
    root_key: PublicKey
    roster: bytes
    made_at_us: int
    expires_at_us: int
    proof_key_id: str = ""
    proof: bytes = b""

    def to_json(self) -> str:
        """The paper, for a person's eyes too."""
        return _text(self._body(), self.parent_keys, self.proof_key_id, self.proof)

    def signed(self, key: SignKey) -> Kit:
        """The same kit with the parent's proof."""
        proof = key.sign(KIT_CONTEXT + _canonical(self._body()))
        return replace(self, proof_key_id=key.key_id, proof=proof)

    def verify(self, *, now_us: int) -> None:
        """The proof holds under a key of the parent, and the kit is not too old.

        Raises ``Unsealed`` (``kit.proof``) or ``Untrusted`` (``kit.expired``).
        """
        _verify(self._body(), self.parent_keys, self.proof_key_id, self.proof, KIT_CONTEXT,
                code="kit.proof")
        if now_us >= self.expires_at_us:
            raise Untrusted(
                f"the kit for {self.child} is too old: ask {self.parent} for a new one",
                code="kit.expired",
            )

    def _body(self) -> dict[str, Any]:
        return {
            "kind": KIT_KIND,
            "version": VERSION,
            "parent": self.parent,
            "parent_name": self.parent_name,
            "child": self.child,
            "endpoints": {"grpc": list(self.endpoints.grpc), "nats": list(self.endpoints.nats)},
            "ca": self.ca,
            "certificate": self.certificate,
            "nkey": self.nkey,
            "parent_keys": [_key_out(key) for key in self.parent_keys],
            "root_key": _key_out(self.root_key),
            "roster": _bytes_out(self.roster),
            "made_at_us": self.made_at_us,
            "expires_at_us": self.expires_at_us,
        }

    @classmethod
    def from_json(cls, text: str | bytes) -> Kit:
        """Read the paper; ``Malformed`` (``kit.malformed``) says which field is wrong."""
        fields, key_id, proof = _read(
            text, kind=KIT_KIND, code="kit.malformed", limit=KIT_BYTES_MAX
        )
        return cls(
            parent=fields.take("parent", _node),
            parent_name=fields.take("parent_name", _name),
            child=fields.take("child", _node),
            endpoints=fields.take("endpoints", _endpoints),
            ca=fields.take("ca", _string),
            certificate=fields.take("certificate", _string),
            nkey=fields.take("nkey", _nkey),
            parent_keys=fields.take("parent_keys", _keys),
            root_key=fields.take("root_key", _key),
            roster=fields.take("roster", _bytes),
            made_at_us=fields.take("made_at_us", _integer),
            expires_at_us=fields.take("expires_at_us", _integer),
            proof_key_id=key_id,
            proof=fields.done(proof),
        )


class _Fields:
    """The fields of a paper, each taken once, none left over."""

    __slots__ = ("_code", "_left")

    def __init__(self, left: Mapping[str, Any], code: str) -> None:
        self._left = dict(left)
        self._code = code

    def take(self, name: str, read: Callable[[Any], T], default: T | None = None) -> T:
        if name not in self._left:
            if default is not None:
                return default
            raise Malformed(f"field {name!r} is missing", code=self._code)
        try:
            return read(self._left.pop(name))
        except (Malformed, ValueError, TypeError) as err:
            raise Malformed(f"field {name!r}: {err}", code=self._code) from err

    def done(self, last: T) -> T:
        if self._left:
            raise Malformed(f"unknown fields {sorted(self._left)}", code=self._code)
        return last


def _read(text: str | bytes, *, kind: str, code: str, limit: int) -> tuple[_Fields, str, bytes]:
    if len(text) > limit:
        raise Malformed(f"longer than {limit} bytes", code=code)
    try:
        whole = json.loads(text)
    except (ValueError, RecursionError) as err:
        raise Malformed("not a JSON text", code=code) from err
    if not isinstance(whole, dict):
        raise Malformed("not a JSON object", code=code)
    fields = _Fields(whole, code)
    if fields.take("kind", _string) != kind:
        raise Malformed(f"this is no {kind}", code=code)
    version = fields.take("version", _integer)
    if version != VERSION:
        raise Malformed(f"version {version} is not known here", code=code)
    proof = _Fields(fields.take("proof", _mapping), code)
    proof.take("alg", _alg)
    key_id = proof.take("key_id", _string)
    return fields, key_id, proof.done(proof.take("value", _bytes))


def _text(
    body: Mapping[str, Any], keys: tuple[PublicKey, ...], key_id: str, proof: bytes
) -> str:
    alg = next((key.alg for key in keys if key.key_id == key_id), ED25519)
    whole = {
        **body,
        "proof": {"alg": alg, "key_id": key_id, "value": _bytes_out(proof)},
    }
    return json.dumps(whole, ensure_ascii=False, indent=2) + "\n"


def _canonical(body: Mapping[str, Any]) -> bytes:
    return json.dumps(body, ensure_ascii=False, sort_keys=True, separators=(",", ":")).encode()


def proven(key: PublicKey, signature: bytes, message: bytes) -> bool:
    """Whether the owner of this public key signed the message."""
    return suites.verify(key.alg, key.public, signature, message)


def _verify(
    body: Mapping[str, Any],
    keys: tuple[PublicKey, ...],
    key_id: str,
    proof: bytes,
    context: bytes,
    *,
    code: str,
) -> None:
    for key in keys:
        if key.key_id == key_id and proven(key, proof, context + _canonical(body)):
            return
    raise Unsealed("the proof does not hold: the paper was changed on its way", code=code)


def _node(value: Any) -> NodeId:
    return node_id(_string(value))


def _name(value: Any) -> str:
    text = _string(value)
    if len(text) > NAME_CHARS_MAX:
        raise ValueError(f"longer than {NAME_CHARS_MAX} characters")
    return text


def _nkey(value: Any) -> str:
    text = _string(value)
    # It is written into a server configuration: nothing but an nkey's own alphabet may pass.
    if len(text) != 56 or text[0] != "U" or not (text.isascii() and text.isalnum()):
        raise ValueError("not a public user nkey")
    return text


def _string(value: Any) -> str:
    if not isinstance(value, str) or len(value) > TEXT_CHARS_MAX:
        raise ValueError("not a text of sensible length")
    value.encode()  # half a surrogate pair is no text, and nobody could prove what holds one
    return value


def _integer(value: Any) -> int:
    if type(value) is not int or not 0 <= value < 1 << 62:
        raise ValueError("not a whole number in range")
    return value


def _mapping(value: Any) -> dict[str, Any]:
    if not isinstance(value, dict):
        raise TypeError("not an object")
    return value


def _alg(value: Any) -> str:
    if value not in suites.SUITES:
        raise ValueError(f"not {' or '.join(suites.SUITES)}")
    return str(value)


def _bytes(value: Any) -> bytes:
    if not isinstance(value, str):
        raise TypeError("not base64")
    return base64.b64decode(value, validate=True)


def _bytes_out(value: bytes) -> str:
    return base64.b64encode(value).decode()


def _endpoints(value: Any) -> Endpoints:
    fields = _Fields(_mapping(value), "endpoints")
    grpc, nats = fields.take("grpc", _hosts), fields.take("nats", _hosts)
    return fields.done(Endpoints(grpc=grpc, nats=nats))


def _hosts(value: Any) -> tuple[str, ...]:
    if not isinstance(value, list) or len(value) > ENDPOINTS_MAX:
        raise ValueError(f"not a list of at most {ENDPOINTS_MAX} addresses")
    return tuple(_string(one) for one in value)


def _doors(value: Any) -> tuple[str, ...]:
    doors = _hosts(value)
    if any(not 0 < len(one) <= ENDPOINT_CHARS_MAX or not one.isprintable() for one in doors):
        raise ValueError("not addresses")
    return doors


def _words(value: Any) -> tuple[str, ...]:
    if not isinstance(value, list) or len(value) > CAPABILITIES_MAX:
        raise ValueError(f"not a list of at most {CAPABILITIES_MAX} words")
    words = tuple(_string(one) for one in value)
    if any(len(one) > WORD_CHARS_MAX or not one.isidentifier() for one in words):
        raise ValueError("not words")
    return words


def _keys(value: Any) -> tuple[PublicKey, ...]:
    if not isinstance(value, list) or not 1 <= len(value) <= KEYS_MAX:
        raise ValueError(f"not a list of 1 to {KEYS_MAX} keys")
    return tuple(_key(one) for one in value)


def _key(value: Any) -> PublicKey:
    fields = _Fields(_mapping(value), "keys")
    alg = fields.take("alg", _alg)
    key_id = fields.take("key_id", _string)
    public = fields.take("public", _bytes)
    since, until = fields.take("valid_from_us", _integer), fields.take("valid_to_us", _integer)
    if not suites.fits(alg, public, key_id):
        raise ValueError("the key is not what its id says")
    if since >= until:
        raise ValueError("the key's time ends before it begins")
    return fields.done(
        PublicKey(
            key_id=key_id, alg=alg, public=public, valid_from_us=since, valid_to_us=until
        )
    )


def _key_out(key: PublicKey) -> dict[str, Any]:
    return {
        "alg": key.alg,
        "key_id": key.key_id,
        "public": _bytes_out(key.public),
        "valid_from_us": key.valid_from_us,
        "valid_to_us": key.valid_to_us,
    }
