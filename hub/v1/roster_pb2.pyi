from hub.v1 import envelope_pb2 as _envelope_pb2
from google.protobuf.internal import containers as _containers
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
    __slots__ = ("serial", "issued_at_us", "expires_at_us", "members", "min_proto")
    SERIAL_FIELD_NUMBER: _ClassVar[int]
    ISSUED_AT_US_FIELD_NUMBER: _ClassVar[int]
    EXPIRES_AT_US_FIELD_NUMBER: _ClassVar[int]
    MEMBERS_FIELD_NUMBER: _ClassVar[int]
    MIN_PROTO_FIELD_NUMBER: _ClassVar[int]
    serial: int
    issued_at_us: int
    expires_at_us: int
    members: _containers.RepeatedCompositeFieldContainer[Member]
    min_proto: int
    def __init__(self, serial: _Optional[int] = ..., issued_at_us: _Optional[int] = ..., expires_at_us: _Optional[int] = ..., members: _Optional[_Iterable[_Union[Member, _Mapping]]] = ..., min_proto: _Optional[int] = ...) -> None: ...

class Member(_message.Message):
    __slots__ = ("id", "parent", "name", "sign_keys")
    ID_FIELD_NUMBER: _ClassVar[int]
    PARENT_FIELD_NUMBER: _ClassVar[int]
    NAME_FIELD_NUMBER: _ClassVar[int]
    SIGN_KEYS_FIELD_NUMBER: _ClassVar[int]
    id: str
    parent: str
    name: str
    sign_keys: _containers.RepeatedCompositeFieldContainer[SignKey]
    def __init__(self, id: _Optional[str] = ..., parent: _Optional[str] = ..., name: _Optional[str] = ..., sign_keys: _Optional[_Iterable[_Union[SignKey, _Mapping]]] = ...) -> None: ...

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
