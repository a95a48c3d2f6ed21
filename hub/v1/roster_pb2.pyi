from hub.v1 import envelope_pb2 as _envelope_pb2
from google.protobuf.internal import containers as _containers
from google.protobuf.internal import enum_type_wrapper as _enum_type_wrapper
from google.protobuf import descriptor as _descriptor
from google.protobuf import message as _message
from collections.abc import Iterable as _Iterable, Mapping as _Mapping
from typing import ClassVar as _ClassVar, Optional as _Optional, Union as _Union

DESCRIPTOR: _descriptor.FileDescriptor

class SignedRoster(_message.Message):
    __slots__ = ("roster", "seal")
    ROSTER_FIELD_NUMBER: _ClassVar[int]
    SEAL_FIELD_NUMBER: _ClassVar[int]
    roster: bytes
    seal: _envelope_pb2.Signature
    def __init__(self, roster: _Optional[bytes] = ..., seal: _Optional[_Union[_envelope_pb2.Signature, _Mapping]] = ...) -> None: ...

class Roster(_message.Message):
    __slots__ = ("serial", "issued_at_us", "expires_at_us", "members", "min_proto", "words")
    SERIAL_FIELD_NUMBER: _ClassVar[int]
    ISSUED_AT_US_FIELD_NUMBER: _ClassVar[int]
    EXPIRES_AT_US_FIELD_NUMBER: _ClassVar[int]
    MEMBERS_FIELD_NUMBER: _ClassVar[int]
    MIN_PROTO_FIELD_NUMBER: _ClassVar[int]
    WORDS_FIELD_NUMBER: _ClassVar[int]
    serial: int
    issued_at_us: int
    expires_at_us: int
    members: _containers.RepeatedCompositeFieldContainer[Member]
    min_proto: int
    words: _containers.RepeatedScalarFieldContainer[str]
    def __init__(self, serial: _Optional[int] = ..., issued_at_us: _Optional[int] = ..., expires_at_us: _Optional[int] = ..., members: _Optional[_Iterable[_Union[Member, _Mapping]]] = ..., min_proto: _Optional[int] = ..., words: _Optional[_Iterable[str]] = ...) -> None: ...

class Member(_message.Message):
    __slots__ = ("id", "parent", "name", "sign_keys", "endpoints", "capabilities")
    ID_FIELD_NUMBER: _ClassVar[int]
    PARENT_FIELD_NUMBER: _ClassVar[int]
    NAME_FIELD_NUMBER: _ClassVar[int]
    SIGN_KEYS_FIELD_NUMBER: _ClassVar[int]
    ENDPOINTS_FIELD_NUMBER: _ClassVar[int]
    CAPABILITIES_FIELD_NUMBER: _ClassVar[int]
    id: str
    parent: str
    name: str
    sign_keys: _containers.RepeatedCompositeFieldContainer[SignKey]
    endpoints: _containers.RepeatedScalarFieldContainer[str]
    capabilities: _containers.RepeatedScalarFieldContainer[int]
    def __init__(self, id: _Optional[str] = ..., parent: _Optional[str] = ..., name: _Optional[str] = ..., sign_keys: _Optional[_Iterable[_Union[SignKey, _Mapping]]] = ..., endpoints: _Optional[_Iterable[str]] = ..., capabilities: _Optional[_Iterable[int]] = ...) -> None: ...

class SignKey(_message.Message):
    __slots__ = ("key_id", "alg", "public", "valid_from_us", "valid_to_us", "revoked_from_us")
    KEY_ID_FIELD_NUMBER: _ClassVar[int]
    ALG_FIELD_NUMBER: _ClassVar[int]
    PUBLIC_FIELD_NUMBER: _ClassVar[int]
    VALID_FROM_US_FIELD_NUMBER: _ClassVar[int]
    VALID_TO_US_FIELD_NUMBER: _ClassVar[int]
    REVOKED_FROM_US_FIELD_NUMBER: _ClassVar[int]
    key_id: str
    alg: str
    public: bytes
    valid_from_us: int
    valid_to_us: int
    revoked_from_us: int
    def __init__(self, key_id: _Optional[str] = ..., alg: _Optional[str] = ..., public: _Optional[bytes] = ..., valid_from_us: _Optional[int] = ..., valid_to_us: _Optional[int] = ..., revoked_from_us: _Optional[int] = ...) -> None: ...

class MemberClaim(_message.Message):
    __slots__ = ("kind", "node", "by", "made_at_us", "request", "keys", "from_us")
    class Kind(int, metaclass=_enum_type_wrapper.EnumTypeWrapper):
        __slots__ = ()
        KIND_UNSPECIFIED: _ClassVar[MemberClaim.Kind]
        ADD: _ClassVar[MemberClaim.Kind]
        KEY: _ClassVar[MemberClaim.Kind]
        REVOKE: _ClassVar[MemberClaim.Kind]
    KIND_UNSPECIFIED: MemberClaim.Kind
    ADD: MemberClaim.Kind
    KEY: MemberClaim.Kind
    REVOKE: MemberClaim.Kind
    KIND_FIELD_NUMBER: _ClassVar[int]
    NODE_FIELD_NUMBER: _ClassVar[int]
    BY_FIELD_NUMBER: _ClassVar[int]
    MADE_AT_US_FIELD_NUMBER: _ClassVar[int]
    REQUEST_FIELD_NUMBER: _ClassVar[int]
    KEYS_FIELD_NUMBER: _ClassVar[int]
    FROM_US_FIELD_NUMBER: _ClassVar[int]
    kind: MemberClaim.Kind
    node: str
    by: str
    made_at_us: int
    request: bytes
    keys: _containers.RepeatedCompositeFieldContainer[SignKey]
    from_us: int
    def __init__(self, kind: _Optional[_Union[MemberClaim.Kind, str]] = ..., node: _Optional[str] = ..., by: _Optional[str] = ..., made_at_us: _Optional[int] = ..., request: _Optional[bytes] = ..., keys: _Optional[_Iterable[_Union[SignKey, _Mapping]]] = ..., from_us: _Optional[int] = ...) -> None: ...

class SignedClaim(_message.Message):
    __slots__ = ("claim", "seals")
    CLAIM_FIELD_NUMBER: _ClassVar[int]
    SEALS_FIELD_NUMBER: _ClassVar[int]
    claim: bytes
    seals: _containers.RepeatedCompositeFieldContainer[_envelope_pb2.Signature]
    def __init__(self, claim: _Optional[bytes] = ..., seals: _Optional[_Iterable[_Union[_envelope_pb2.Signature, _Mapping]]] = ...) -> None: ...
