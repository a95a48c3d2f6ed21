from hub.v1 import envelope_pb2 as _envelope_pb2
from hub.v1 import blob_pb2 as _blob_pb2
from google.protobuf.internal import containers as _containers
from google.protobuf import descriptor as _descriptor
from google.protobuf import message as _message
from collections.abc import Iterable as _Iterable, Mapping as _Mapping
from typing import ClassVar as _ClassVar, Optional as _Optional, Union as _Union

DESCRIPTOR: _descriptor.FileDescriptor

class LinkMessage(_message.Message):
    __slots__ = ("hello", "frame", "ack", "pull", "fault", "roster", "renew", "digest_ask", "tell", "list", "result", "claims")
    HELLO_FIELD_NUMBER: _ClassVar[int]
    FRAME_FIELD_NUMBER: _ClassVar[int]
    ACK_FIELD_NUMBER: _ClassVar[int]
    PULL_FIELD_NUMBER: _ClassVar[int]
    FAULT_FIELD_NUMBER: _ClassVar[int]
    ROSTER_FIELD_NUMBER: _ClassVar[int]
    RENEW_FIELD_NUMBER: _ClassVar[int]
    DIGEST_ASK_FIELD_NUMBER: _ClassVar[int]
    TELL_FIELD_NUMBER: _ClassVar[int]
    LIST_FIELD_NUMBER: _ClassVar[int]
    RESULT_FIELD_NUMBER: _ClassVar[int]
    CLAIMS_FIELD_NUMBER: _ClassVar[int]
    hello: SignedHello
    frame: Frame
    ack: Ack
    pull: Pull
    fault: Fault
    roster: RosterOffer
    renew: Renew
    digest_ask: DigestAsk
    tell: Tell
    list: List
    result: Result
    claims: Claims
    def __init__(self, hello: _Optional[_Union[SignedHello, _Mapping]] = ..., frame: _Optional[_Union[Frame, _Mapping]] = ..., ack: _Optional[_Union[Ack, _Mapping]] = ..., pull: _Optional[_Union[Pull, _Mapping]] = ..., fault: _Optional[_Union[Fault, _Mapping]] = ..., roster: _Optional[_Union[RosterOffer, _Mapping]] = ..., renew: _Optional[_Union[Renew, _Mapping]] = ..., digest_ask: _Optional[_Union[DigestAsk, _Mapping]] = ..., tell: _Optional[_Union[Tell, _Mapping]] = ..., list: _Optional[_Union[List, _Mapping]] = ..., result: _Optional[_Union[Result, _Mapping]] = ..., claims: _Optional[_Union[Claims, _Mapping]] = ...) -> None: ...

class SignedHello(_message.Message):
    __slots__ = ("hello", "seal")
    HELLO_FIELD_NUMBER: _ClassVar[int]
    SEAL_FIELD_NUMBER: _ClassVar[int]
    hello: bytes
    seal: _envelope_pb2.Signature
    def __init__(self, hello: _Optional[bytes] = ..., seal: _Optional[_Union[_envelope_pb2.Signature, _Mapping]] = ...) -> None: ...

class Hello(_message.Message):
    __slots__ = ("link", "proto_min", "proto_max", "out", "in_head", "backlog", "holder_no", "holder_id", "recovering", "roster_serial", "types", "credit", "sent_at_us", "standing")
    class TypesEntry(_message.Message):
        __slots__ = ("key", "value")
        KEY_FIELD_NUMBER: _ClassVar[int]
        VALUE_FIELD_NUMBER: _ClassVar[int]
        key: str
        value: int
        def __init__(self, key: _Optional[str] = ..., value: _Optional[int] = ...) -> None: ...
    LINK_FIELD_NUMBER: _ClassVar[int]
    FROM_FIELD_NUMBER: _ClassVar[int]
    PROTO_MIN_FIELD_NUMBER: _ClassVar[int]
    PROTO_MAX_FIELD_NUMBER: _ClassVar[int]
    OUT_FIELD_NUMBER: _ClassVar[int]
    IN_FIELD_NUMBER: _ClassVar[int]
    IN_HEAD_FIELD_NUMBER: _ClassVar[int]
    BACKLOG_FIELD_NUMBER: _ClassVar[int]
    HOLDER_NO_FIELD_NUMBER: _ClassVar[int]
    HOLDER_ID_FIELD_NUMBER: _ClassVar[int]
    RECOVERING_FIELD_NUMBER: _ClassVar[int]
    ROSTER_SERIAL_FIELD_NUMBER: _ClassVar[int]
    TYPES_FIELD_NUMBER: _ClassVar[int]
    CREDIT_FIELD_NUMBER: _ClassVar[int]
    SENT_AT_US_FIELD_NUMBER: _ClassVar[int]
    STANDING_FIELD_NUMBER: _ClassVar[int]
    link: str
    proto_min: int
    proto_max: int
    out: _envelope_pb2.Position
    in_head: bytes
    backlog: int
    holder_no: int
    holder_id: bytes
    recovering: bool
    roster_serial: int
    types: _containers.ScalarMap[str, int]
    credit: int
    sent_at_us: int
    standing: bool
    def __init__(self, link: _Optional[str] = ..., proto_min: _Optional[int] = ..., proto_max: _Optional[int] = ..., out: _Optional[_Union[_envelope_pb2.Position, _Mapping]] = ..., in_head: _Optional[bytes] = ..., backlog: _Optional[int] = ..., holder_no: _Optional[int] = ..., holder_id: _Optional[bytes] = ..., recovering: _Optional[bool] = ..., roster_serial: _Optional[int] = ..., types: _Optional[_Mapping[str, int]] = ..., credit: _Optional[int] = ..., sent_at_us: _Optional[int] = ..., standing: _Optional[bool] = ..., **kwargs) -> None: ...

class Frame(_message.Message):
    __slots__ = ("link", "origin", "envelopes")
    LINK_FIELD_NUMBER: _ClassVar[int]
    ORIGIN_FIELD_NUMBER: _ClassVar[int]
    ENVELOPES_FIELD_NUMBER: _ClassVar[int]
    link: str
    origin: str
    envelopes: _containers.RepeatedScalarFieldContainer[bytes]
    def __init__(self, link: _Optional[str] = ..., origin: _Optional[str] = ..., envelopes: _Optional[_Iterable[bytes]] = ...) -> None: ...

class Countersign(_message.Message):
    __slots__ = ("statement", "seal")
    STATEMENT_FIELD_NUMBER: _ClassVar[int]
    SEAL_FIELD_NUMBER: _ClassVar[int]
    statement: bytes
    seal: _envelope_pb2.Signature
    def __init__(self, statement: _Optional[bytes] = ..., seal: _Optional[_Union[_envelope_pb2.Signature, _Mapping]] = ...) -> None: ...

class CountersignStatement(_message.Message):
    __slots__ = ("link", "origin", "position", "head", "committed_at_us")
    LINK_FIELD_NUMBER: _ClassVar[int]
    ORIGIN_FIELD_NUMBER: _ClassVar[int]
    POSITION_FIELD_NUMBER: _ClassVar[int]
    HEAD_FIELD_NUMBER: _ClassVar[int]
    COMMITTED_AT_US_FIELD_NUMBER: _ClassVar[int]
    link: str
    origin: str
    position: _envelope_pb2.Position
    head: bytes
    committed_at_us: int
    def __init__(self, link: _Optional[str] = ..., origin: _Optional[str] = ..., position: _Optional[_Union[_envelope_pb2.Position, _Mapping]] = ..., head: _Optional[bytes] = ..., committed_at_us: _Optional[int] = ...) -> None: ...

class Ack(_message.Message):
    __slots__ = ("in_head", "credit", "countersign", "sent_at_us", "echo_at_us", "echo_held_us", "out", "backlog")
    IN_FIELD_NUMBER: _ClassVar[int]
    IN_HEAD_FIELD_NUMBER: _ClassVar[int]
    CREDIT_FIELD_NUMBER: _ClassVar[int]
    COUNTERSIGN_FIELD_NUMBER: _ClassVar[int]
    SENT_AT_US_FIELD_NUMBER: _ClassVar[int]
    ECHO_AT_US_FIELD_NUMBER: _ClassVar[int]
    ECHO_HELD_US_FIELD_NUMBER: _ClassVar[int]
    OUT_FIELD_NUMBER: _ClassVar[int]
    BACKLOG_FIELD_NUMBER: _ClassVar[int]
    in_head: bytes
    credit: int
    countersign: Countersign
    sent_at_us: int
    echo_at_us: int
    echo_held_us: int
    out: _envelope_pb2.Position
    backlog: int
    def __init__(self, in_head: _Optional[bytes] = ..., credit: _Optional[int] = ..., countersign: _Optional[_Union[Countersign, _Mapping]] = ..., sent_at_us: _Optional[int] = ..., echo_at_us: _Optional[int] = ..., echo_held_us: _Optional[int] = ..., out: _Optional[_Union[_envelope_pb2.Position, _Mapping]] = ..., backlog: _Optional[int] = ..., **kwargs) -> None: ...

class Pull(_message.Message):
    __slots__ = ("echo", "after")
    ECHO_FIELD_NUMBER: _ClassVar[int]
    AFTER_FIELD_NUMBER: _ClassVar[int]
    echo: bool
    after: _envelope_pb2.Position
    def __init__(self, echo: _Optional[bool] = ..., after: _Optional[_Union[_envelope_pb2.Position, _Mapping]] = ...) -> None: ...

class Fault(_message.Message):
    __slots__ = ("code", "detail", "in_head", "proof")
    CODE_FIELD_NUMBER: _ClassVar[int]
    DETAIL_FIELD_NUMBER: _ClassVar[int]
    IN_FIELD_NUMBER: _ClassVar[int]
    IN_HEAD_FIELD_NUMBER: _ClassVar[int]
    PROOF_FIELD_NUMBER: _ClassVar[int]
    code: str
    detail: str
    in_head: bytes
    proof: bytes
    def __init__(self, code: _Optional[str] = ..., detail: _Optional[str] = ..., in_head: _Optional[bytes] = ..., proof: _Optional[bytes] = ..., **kwargs) -> None: ...

class RosterOffer(_message.Message):
    __slots__ = ("want_serial", "signed")
    WANT_SERIAL_FIELD_NUMBER: _ClassVar[int]
    SIGNED_FIELD_NUMBER: _ClassVar[int]
    want_serial: int
    signed: bytes
    def __init__(self, want_serial: _Optional[int] = ..., signed: _Optional[bytes] = ...) -> None: ...

class Claims(_message.Message):
    __slots__ = ("signed",)
    SIGNED_FIELD_NUMBER: _ClassVar[int]
    signed: _containers.RepeatedScalarFieldContainer[bytes]
    def __init__(self, signed: _Optional[_Iterable[bytes]] = ...) -> None: ...

class Renew(_message.Message):
    __slots__ = ("request", "grpc", "nats", "in_use", "kit", "code", "detail")
    REQUEST_FIELD_NUMBER: _ClassVar[int]
    GRPC_FIELD_NUMBER: _ClassVar[int]
    NATS_FIELD_NUMBER: _ClassVar[int]
    IN_USE_FIELD_NUMBER: _ClassVar[int]
    KIT_FIELD_NUMBER: _ClassVar[int]
    CODE_FIELD_NUMBER: _ClassVar[int]
    DETAIL_FIELD_NUMBER: _ClassVar[int]
    request: bytes
    grpc: _containers.RepeatedScalarFieldContainer[str]
    nats: _containers.RepeatedScalarFieldContainer[str]
    in_use: str
    kit: bytes
    code: str
    detail: str
    def __init__(self, request: _Optional[bytes] = ..., grpc: _Optional[_Iterable[str]] = ..., nats: _Optional[_Iterable[str]] = ..., in_use: _Optional[str] = ..., kit: _Optional[bytes] = ..., code: _Optional[str] = ..., detail: _Optional[str] = ...) -> None: ...

class DigestAsk(_message.Message):
    __slots__ = ("round", "scope", "depth", "prefix", "after")
    ROUND_FIELD_NUMBER: _ClassVar[int]
    SCOPE_FIELD_NUMBER: _ClassVar[int]
    DEPTH_FIELD_NUMBER: _ClassVar[int]
    PREFIX_FIELD_NUMBER: _ClassVar[int]
    AFTER_FIELD_NUMBER: _ClassVar[int]
    round: bytes
    scope: str
    depth: int
    prefix: bytes
    after: bytes
    def __init__(self, round: _Optional[bytes] = ..., scope: _Optional[str] = ..., depth: _Optional[int] = ..., prefix: _Optional[bytes] = ..., after: _Optional[bytes] = ...) -> None: ...

class DigestRow(_message.Message):
    __slots__ = ("key", "count", "value")
    KEY_FIELD_NUMBER: _ClassVar[int]
    COUNT_FIELD_NUMBER: _ClassVar[int]
    VALUE_FIELD_NUMBER: _ClassVar[int]
    key: bytes
    count: int
    value: bytes
    def __init__(self, key: _Optional[bytes] = ..., count: _Optional[int] = ..., value: _Optional[bytes] = ...) -> None: ...

class Tell(_message.Message):
    __slots__ = ("round", "rows", "next")
    ROUND_FIELD_NUMBER: _ClassVar[int]
    ROWS_FIELD_NUMBER: _ClassVar[int]
    NEXT_FIELD_NUMBER: _ClassVar[int]
    round: bytes
    rows: _containers.RepeatedCompositeFieldContainer[DigestRow]
    next: bytes
    def __init__(self, round: _Optional[bytes] = ..., rows: _Optional[_Iterable[_Union[DigestRow, _Mapping]]] = ..., next: _Optional[bytes] = ...) -> None: ...

class List(_message.Message):
    __slots__ = ("round", "rows", "scope", "prefix")
    ROUND_FIELD_NUMBER: _ClassVar[int]
    ROWS_FIELD_NUMBER: _ClassVar[int]
    SCOPE_FIELD_NUMBER: _ClassVar[int]
    PREFIX_FIELD_NUMBER: _ClassVar[int]
    round: bytes
    rows: _containers.RepeatedCompositeFieldContainer[DigestRow]
    scope: str
    prefix: bytes
    def __init__(self, round: _Optional[bytes] = ..., rows: _Optional[_Iterable[_Union[DigestRow, _Mapping]]] = ..., scope: _Optional[str] = ..., prefix: _Optional[bytes] = ...) -> None: ...

class Result(_message.Message):
    __slots__ = ("round", "missing", "pending", "surplus", "differ")
    ROUND_FIELD_NUMBER: _ClassVar[int]
    MISSING_FIELD_NUMBER: _ClassVar[int]
    PENDING_FIELD_NUMBER: _ClassVar[int]
    SURPLUS_FIELD_NUMBER: _ClassVar[int]
    DIFFER_FIELD_NUMBER: _ClassVar[int]
    round: bytes
    missing: int
    pending: int
    surplus: _containers.RepeatedScalarFieldContainer[bytes]
    differ: _containers.RepeatedScalarFieldContainer[bytes]
    def __init__(self, round: _Optional[bytes] = ..., missing: _Optional[int] = ..., pending: _Optional[int] = ..., surplus: _Optional[_Iterable[bytes]] = ..., differ: _Optional[_Iterable[bytes]] = ...) -> None: ...

class AskMessage(_message.Message):
    __slots__ = ("question", "answer")
    QUESTION_FIELD_NUMBER: _ClassVar[int]
    ANSWER_FIELD_NUMBER: _ClassVar[int]
    question: Question
    answer: Answer
    def __init__(self, question: _Optional[_Union[Question, _Mapping]] = ..., answer: _Optional[_Union[Answer, _Mapping]] = ...) -> None: ...

class Question(_message.Message):
    __slots__ = ("id", "target", "method", "body", "actor", "purpose", "deadline_ms", "link")
    ID_FIELD_NUMBER: _ClassVar[int]
    TARGET_FIELD_NUMBER: _ClassVar[int]
    METHOD_FIELD_NUMBER: _ClassVar[int]
    BODY_FIELD_NUMBER: _ClassVar[int]
    ACTOR_FIELD_NUMBER: _ClassVar[int]
    PURPOSE_FIELD_NUMBER: _ClassVar[int]
    DEADLINE_MS_FIELD_NUMBER: _ClassVar[int]
    LINK_FIELD_NUMBER: _ClassVar[int]
    id: bytes
    target: str
    method: str
    body: bytes
    actor: str
    purpose: str
    deadline_ms: int
    link: str
    def __init__(self, id: _Optional[bytes] = ..., target: _Optional[str] = ..., method: _Optional[str] = ..., body: _Optional[bytes] = ..., actor: _Optional[str] = ..., purpose: _Optional[str] = ..., deadline_ms: _Optional[int] = ..., link: _Optional[str] = ...) -> None: ...

class Answer(_message.Message):
    __slots__ = ("id", "code", "body", "as_of_us")
    ID_FIELD_NUMBER: _ClassVar[int]
    CODE_FIELD_NUMBER: _ClassVar[int]
    BODY_FIELD_NUMBER: _ClassVar[int]
    AS_OF_US_FIELD_NUMBER: _ClassVar[int]
    id: bytes
    code: str
    body: bytes
    as_of_us: int
    def __init__(self, id: _Optional[bytes] = ..., code: _Optional[str] = ..., body: _Optional[bytes] = ..., as_of_us: _Optional[int] = ...) -> None: ...
