from google.protobuf.internal import containers as _containers
from google.protobuf.internal import enum_type_wrapper as _enum_type_wrapper
from google.protobuf import descriptor as _descriptor
from google.protobuf import message as _message
from collections.abc import Iterable as _Iterable, Mapping as _Mapping
from typing import ClassVar as _ClassVar, Optional as _Optional, Union as _Union

DESCRIPTOR: _descriptor.FileDescriptor

class DigestAlg(int, metaclass=_enum_type_wrapper.EnumTypeWrapper):
    __slots__ = ()
    DIGEST_ALG_UNSPECIFIED: _ClassVar[DigestAlg]
    DIGEST_ALG_SHA256: _ClassVar[DigestAlg]
    DIGEST_ALG_SM3: _ClassVar[DigestAlg]
DIGEST_ALG_UNSPECIFIED: DigestAlg
DIGEST_ALG_SHA256: DigestAlg
DIGEST_ALG_SM3: DigestAlg

class SealedEnvelope(_message.Message):
    __slots__ = ("header", "body", "seals")
    HEADER_FIELD_NUMBER: _ClassVar[int]
    BODY_FIELD_NUMBER: _ClassVar[int]
    SEALS_FIELD_NUMBER: _ClassVar[int]
    header: bytes
    body: bytes
    seals: _containers.RepeatedCompositeFieldContainer[Signature]
    def __init__(self, header: _Optional[bytes] = ..., body: _Optional[bytes] = ..., seals: _Optional[_Iterable[_Union[Signature, _Mapping]]] = ...) -> None: ...

class Signature(_message.Message):
    __slots__ = ("alg", "key_id", "value")
    ALG_FIELD_NUMBER: _ClassVar[int]
    KEY_ID_FIELD_NUMBER: _ClassVar[int]
    VALUE_FIELD_NUMBER: _ClassVar[int]
    alg: str
    key_id: str
    value: bytes
    def __init__(self, alg: _Optional[str] = ..., key_id: _Optional[str] = ..., value: _Optional[bytes] = ...) -> None: ...

class Attachment(_message.Message):
    __slots__ = ("alg", "digest", "size", "media_type")
    ALG_FIELD_NUMBER: _ClassVar[int]
    DIGEST_FIELD_NUMBER: _ClassVar[int]
    SIZE_FIELD_NUMBER: _ClassVar[int]
    MEDIA_TYPE_FIELD_NUMBER: _ClassVar[int]
    alg: DigestAlg
    digest: bytes
    size: int
    media_type: str
    def __init__(self, alg: _Optional[_Union[DigestAlg, str]] = ..., digest: _Optional[bytes] = ..., size: _Optional[int] = ..., media_type: _Optional[str] = ...) -> None: ...

class Header(_message.Message):
    __slots__ = ("version", "msg_id", "origin", "dest", "link_epoch", "link_seq", "prev_hash", "lane", "type", "schema_rev", "digest_alg", "body_digest", "occurred_at", "hlc", "causation_id", "correlation_id", "traceparent", "attachments", "flags")
    VERSION_FIELD_NUMBER: _ClassVar[int]
    MSG_ID_FIELD_NUMBER: _ClassVar[int]
    ORIGIN_FIELD_NUMBER: _ClassVar[int]
    DEST_FIELD_NUMBER: _ClassVar[int]
    LINK_EPOCH_FIELD_NUMBER: _ClassVar[int]
    LINK_SEQ_FIELD_NUMBER: _ClassVar[int]
    PREV_HASH_FIELD_NUMBER: _ClassVar[int]
    LANE_FIELD_NUMBER: _ClassVar[int]
    TYPE_FIELD_NUMBER: _ClassVar[int]
    SCHEMA_REV_FIELD_NUMBER: _ClassVar[int]
    DIGEST_ALG_FIELD_NUMBER: _ClassVar[int]
    BODY_DIGEST_FIELD_NUMBER: _ClassVar[int]
    OCCURRED_AT_FIELD_NUMBER: _ClassVar[int]
    HLC_FIELD_NUMBER: _ClassVar[int]
    CAUSATION_ID_FIELD_NUMBER: _ClassVar[int]
    CORRELATION_ID_FIELD_NUMBER: _ClassVar[int]
    TRACEPARENT_FIELD_NUMBER: _ClassVar[int]
    ATTACHMENTS_FIELD_NUMBER: _ClassVar[int]
    FLAGS_FIELD_NUMBER: _ClassVar[int]
    version: int
    msg_id: bytes
    origin: str
    dest: str
    link_epoch: int
    link_seq: int
    prev_hash: bytes
    lane: bytes
    type: str
    schema_rev: int
    digest_alg: DigestAlg
    body_digest: bytes
    occurred_at: int
    hlc: int
    causation_id: bytes
    correlation_id: bytes
    traceparent: str
    attachments: _containers.RepeatedCompositeFieldContainer[Attachment]
    flags: int
    def __init__(self, version: _Optional[int] = ..., msg_id: _Optional[bytes] = ..., origin: _Optional[str] = ..., dest: _Optional[str] = ..., link_epoch: _Optional[int] = ..., link_seq: _Optional[int] = ..., prev_hash: _Optional[bytes] = ..., lane: _Optional[bytes] = ..., type: _Optional[str] = ..., schema_rev: _Optional[int] = ..., digest_alg: _Optional[_Union[DigestAlg, str]] = ..., body_digest: _Optional[bytes] = ..., occurred_at: _Optional[int] = ..., hlc: _Optional[int] = ..., causation_id: _Optional[bytes] = ..., correlation_id: _Optional[bytes] = ..., traceparent: _Optional[str] = ..., attachments: _Optional[_Iterable[_Union[Attachment, _Mapping]]] = ..., flags: _Optional[int] = ...) -> None: ...

class Draft(_message.Message):
    __slots__ = ("type", "schema_rev", "occurred_at", "hlc", "causation_id", "correlation_id", "traceparent", "attachments", "flags", "body")
    TYPE_FIELD_NUMBER: _ClassVar[int]
    SCHEMA_REV_FIELD_NUMBER: _ClassVar[int]
    OCCURRED_AT_FIELD_NUMBER: _ClassVar[int]
    HLC_FIELD_NUMBER: _ClassVar[int]
    CAUSATION_ID_FIELD_NUMBER: _ClassVar[int]
    CORRELATION_ID_FIELD_NUMBER: _ClassVar[int]
    TRACEPARENT_FIELD_NUMBER: _ClassVar[int]
    ATTACHMENTS_FIELD_NUMBER: _ClassVar[int]
    FLAGS_FIELD_NUMBER: _ClassVar[int]
    BODY_FIELD_NUMBER: _ClassVar[int]
    type: str
    schema_rev: int
    occurred_at: int
    hlc: int
    causation_id: bytes
    correlation_id: bytes
    traceparent: str
    attachments: _containers.RepeatedCompositeFieldContainer[Attachment]
    flags: int
    body: bytes
    def __init__(self, type: _Optional[str] = ..., schema_rev: _Optional[int] = ..., occurred_at: _Optional[int] = ..., hlc: _Optional[int] = ..., causation_id: _Optional[bytes] = ..., correlation_id: _Optional[bytes] = ..., traceparent: _Optional[str] = ..., attachments: _Optional[_Iterable[_Union[Attachment, _Mapping]]] = ..., flags: _Optional[int] = ..., body: _Optional[bytes] = ...) -> None: ...

class EpochStart(_message.Message):
    __slots__ = ("cut", "cut_head", "reason", "confirmed_by")
    CUT_FIELD_NUMBER: _ClassVar[int]
    CUT_HEAD_FIELD_NUMBER: _ClassVar[int]
    REASON_FIELD_NUMBER: _ClassVar[int]
    CONFIRMED_BY_FIELD_NUMBER: _ClassVar[int]
    cut: Position
    cut_head: bytes
    reason: str
    confirmed_by: str
    def __init__(self, cut: _Optional[_Union[Position, _Mapping]] = ..., cut_head: _Optional[bytes] = ..., reason: _Optional[str] = ..., confirmed_by: _Optional[str] = ...) -> None: ...

class Position(_message.Message):
    __slots__ = ("epoch", "seq")
    EPOCH_FIELD_NUMBER: _ClassVar[int]
    SEQ_FIELD_NUMBER: _ClassVar[int]
    epoch: int
    seq: int
    def __init__(self, epoch: _Optional[int] = ..., seq: _Optional[int] = ...) -> None: ...

class Notice(_message.Message):
    __slots__ = ("msg_id", "outcome", "code", "detail", "sealed")
    MSG_ID_FIELD_NUMBER: _ClassVar[int]
    OUTCOME_FIELD_NUMBER: _ClassVar[int]
    CODE_FIELD_NUMBER: _ClassVar[int]
    DETAIL_FIELD_NUMBER: _ClassVar[int]
    SEALED_FIELD_NUMBER: _ClassVar[int]
    msg_id: bytes
    outcome: str
    code: str
    detail: str
    sealed: bytes
    def __init__(self, msg_id: _Optional[bytes] = ..., outcome: _Optional[str] = ..., code: _Optional[str] = ..., detail: _Optional[str] = ..., sealed: _Optional[bytes] = ...) -> None: ...
