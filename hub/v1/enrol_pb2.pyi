from hub.v1 import envelope_pb2 as _envelope_pb2
from hub.v1 import link_pb2 as _link_pb2
from google.protobuf.internal import containers as _containers
from google.protobuf.internal import enum_type_wrapper as _enum_type_wrapper
from google.protobuf import descriptor as _descriptor
from google.protobuf import message as _message
from collections.abc import Iterable as _Iterable, Mapping as _Mapping
from typing import ClassVar as _ClassVar, Optional as _Optional, Union as _Union

DESCRIPTOR: _descriptor.FileDescriptor

class ChallengeRequest(_message.Message):
    __slots__ = ("node",)
    NODE_FIELD_NUMBER: _ClassVar[int]
    node: str
    def __init__(self, node: _Optional[str] = ...) -> None: ...

class ChallengeReply(_message.Message):
    __slots__ = ("nonce", "good_for_s")
    NONCE_FIELD_NUMBER: _ClassVar[int]
    GOOD_FOR_S_FIELD_NUMBER: _ClassVar[int]
    nonce: bytes
    good_for_s: int
    def __init__(self, nonce: _Optional[bytes] = ..., good_for_s: _Optional[int] = ...) -> None: ...

class SubmitRequest(_message.Message):
    __slots__ = ("token", "nonce", "request", "proofs")
    TOKEN_FIELD_NUMBER: _ClassVar[int]
    NONCE_FIELD_NUMBER: _ClassVar[int]
    REQUEST_FIELD_NUMBER: _ClassVar[int]
    PROOFS_FIELD_NUMBER: _ClassVar[int]
    token: bytes
    nonce: bytes
    request: bytes
    proofs: _containers.RepeatedCompositeFieldContainer[_envelope_pb2.Signature]
    def __init__(self, token: _Optional[bytes] = ..., nonce: _Optional[bytes] = ..., request: _Optional[bytes] = ..., proofs: _Optional[_Iterable[_Union[_envelope_pb2.Signature, _Mapping]]] = ...) -> None: ...

class StatusRequest(_message.Message):
    __slots__ = ("node", "nonce", "proofs")
    NODE_FIELD_NUMBER: _ClassVar[int]
    NONCE_FIELD_NUMBER: _ClassVar[int]
    PROOFS_FIELD_NUMBER: _ClassVar[int]
    node: str
    nonce: bytes
    proofs: _containers.RepeatedCompositeFieldContainer[_envelope_pb2.Signature]
    def __init__(self, node: _Optional[str] = ..., nonce: _Optional[bytes] = ..., proofs: _Optional[_Iterable[_Union[_envelope_pb2.Signature, _Mapping]]] = ...) -> None: ...

class EnrolReply(_message.Message):
    __slots__ = ("state", "kit", "code", "detail")
    class State(int, metaclass=_enum_type_wrapper.EnumTypeWrapper):
        __slots__ = ()
        STATE_UNSPECIFIED: _ClassVar[EnrolReply.State]
        ACCEPTED: _ClassVar[EnrolReply.State]
        WAITING: _ClassVar[EnrolReply.State]
        REFUSED: _ClassVar[EnrolReply.State]
    STATE_UNSPECIFIED: EnrolReply.State
    ACCEPTED: EnrolReply.State
    WAITING: EnrolReply.State
    REFUSED: EnrolReply.State
    STATE_FIELD_NUMBER: _ClassVar[int]
    KIT_FIELD_NUMBER: _ClassVar[int]
    CODE_FIELD_NUMBER: _ClassVar[int]
    DETAIL_FIELD_NUMBER: _ClassVar[int]
    state: EnrolReply.State
    kit: bytes
    code: str
    detail: str
    def __init__(self, state: _Optional[_Union[EnrolReply.State, str]] = ..., kit: _Optional[bytes] = ..., code: _Optional[str] = ..., detail: _Optional[str] = ...) -> None: ...
