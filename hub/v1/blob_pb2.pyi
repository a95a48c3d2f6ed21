from hub.v1 import envelope_pb2 as _envelope_pb2
from google.protobuf.internal import containers as _containers
from google.protobuf import descriptor as _descriptor
from google.protobuf import message as _message
from collections.abc import Iterable as _Iterable, Mapping as _Mapping
from typing import ClassVar as _ClassVar, Optional as _Optional, Union as _Union

DESCRIPTOR: _descriptor.FileDescriptor

class BulkMessage(_message.Message):
    __slots__ = ("link", "ask", "manifest", "chunk", "later", "gone")
    LINK_FIELD_NUMBER: _ClassVar[int]
    ASK_FIELD_NUMBER: _ClassVar[int]
    MANIFEST_FIELD_NUMBER: _ClassVar[int]
    CHUNK_FIELD_NUMBER: _ClassVar[int]
    LATER_FIELD_NUMBER: _ClassVar[int]
    GONE_FIELD_NUMBER: _ClassVar[int]
    link: str
    ask: BlobAsk
    manifest: BlobManifest
    chunk: BlobChunk
    later: BlobLater
    gone: BlobGone
    def __init__(self, link: _Optional[str] = ..., ask: _Optional[_Union[BlobAsk, _Mapping]] = ..., manifest: _Optional[_Union[BlobManifest, _Mapping]] = ..., chunk: _Optional[_Union[BlobChunk, _Mapping]] = ..., later: _Optional[_Union[BlobLater, _Mapping]] = ..., gone: _Optional[_Union[BlobGone, _Mapping]] = ...) -> None: ...

class BlobAsk(_message.Message):
    __slots__ = ("digest", "alg", "chunks")
    DIGEST_FIELD_NUMBER: _ClassVar[int]
    ALG_FIELD_NUMBER: _ClassVar[int]
    CHUNKS_FIELD_NUMBER: _ClassVar[int]
    digest: bytes
    alg: _envelope_pb2.DigestAlg
    chunks: _containers.RepeatedScalarFieldContainer[int]
    def __init__(self, digest: _Optional[bytes] = ..., alg: _Optional[_Union[_envelope_pb2.DigestAlg, str]] = ..., chunks: _Optional[_Iterable[int]] = ...) -> None: ...

class BlobManifest(_message.Message):
    __slots__ = ("digest", "size", "chunk_digests")
    DIGEST_FIELD_NUMBER: _ClassVar[int]
    SIZE_FIELD_NUMBER: _ClassVar[int]
    CHUNK_DIGESTS_FIELD_NUMBER: _ClassVar[int]
    digest: bytes
    size: int
    chunk_digests: _containers.RepeatedScalarFieldContainer[bytes]
    def __init__(self, digest: _Optional[bytes] = ..., size: _Optional[int] = ..., chunk_digests: _Optional[_Iterable[bytes]] = ...) -> None: ...

class BlobChunk(_message.Message):
    __slots__ = ("digest", "n", "bytes")
    DIGEST_FIELD_NUMBER: _ClassVar[int]
    N_FIELD_NUMBER: _ClassVar[int]
    BYTES_FIELD_NUMBER: _ClassVar[int]
    digest: bytes
    n: int
    bytes: bytes
    def __init__(self, digest: _Optional[bytes] = ..., n: _Optional[int] = ..., bytes: _Optional[bytes] = ...) -> None: ...

class BlobLater(_message.Message):
    __slots__ = ("digest", "after_s")
    DIGEST_FIELD_NUMBER: _ClassVar[int]
    AFTER_S_FIELD_NUMBER: _ClassVar[int]
    digest: bytes
    after_s: int
    def __init__(self, digest: _Optional[bytes] = ..., after_s: _Optional[int] = ...) -> None: ...

class BlobGone(_message.Message):
    __slots__ = ("digest", "code")
    DIGEST_FIELD_NUMBER: _ClassVar[int]
    CODE_FIELD_NUMBER: _ClassVar[int]
    digest: bytes
    code: str
    def __init__(self, digest: _Optional[bytes] = ..., code: _Optional[str] = ...) -> None: ...
