"""What two ends say about attachments, as values and as bytes (``hub/v1/blob.proto``)."""

from __future__ import annotations

from dataclasses import dataclass

from google.protobuf.message import DecodeError

from hub.envelope import Alg
from hub.errors import Malformed
from hub.ids import LinkId
from hub.v1 import blob_pb2, envelope_pb2

ASK_CHUNKS_MAX = 16
"""Chunks of one ask, and so the most that is in flight: 1 MiB."""

_ALG_OUT = {
    Alg.SHA256: envelope_pb2.DIGEST_ALG_SHA256,
    Alg.SM3: envelope_pb2.DIGEST_ALG_SM3,
}
_ALG_IN = {number: alg for alg, number in _ALG_OUT.items()}


@dataclass(frozen=True, slots=True, kw_only=True)
class BlobAsk:
    """Give me these chunks; none = the manifest."""

    digest: bytes
    alg: Alg
    chunks: tuple[int, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class BlobManifest:
    """Size and the digests of all pieces."""

    digest: bytes
    size: int
    chunk_digests: tuple[bytes, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class BlobChunk:
    """One piece."""

    digest: bytes
    n: int
    data: bytes


@dataclass(frozen=True, slots=True, kw_only=True)
class BlobLater:
    """Not now: it is being fetched from below, or words go first."""

    digest: bytes
    after_s: int


@dataclass(frozen=True, slots=True, kw_only=True)
class BlobGone:
    """Not from me."""

    digest: bytes
    code: str


BulkMessage = BlobAsk | BlobManifest | BlobChunk | BlobLater | BlobGone


def encode(link: LinkId, message: BulkMessage) -> bytes:
    """The bytes for a bulk stream."""
    match message:
        case BlobAsk():
            whole = blob_pb2.BulkMessage(link=link, ask=blob_pb2.BlobAsk(
                digest=message.digest, alg=_ALG_OUT[message.alg], chunks=message.chunks))
        case BlobManifest():
            whole = blob_pb2.BulkMessage(link=link, manifest=blob_pb2.BlobManifest(
                digest=message.digest, size=message.size, chunk_digests=message.chunk_digests))
        case BlobChunk():
            whole = blob_pb2.BulkMessage(link=link, chunk=blob_pb2.BlobChunk(
                digest=message.digest, n=message.n, bytes=message.data))
        case BlobLater():
            whole = blob_pb2.BulkMessage(link=link, later=blob_pb2.BlobLater(
                digest=message.digest, after_s=message.after_s))
        case BlobGone():
            whole = blob_pb2.BulkMessage(link=link, gone=blob_pb2.BlobGone(
                digest=message.digest, code=message.code))
    return whole.SerializeToString()


def decode(link: LinkId, data: bytes) -> BulkMessage:
    """Read what arrived on the stream of ``link``; ``Malformed`` (``blob.malformed``)."""
    try:
        whole = blob_pb2.BulkMessage.FromString(data)
    except DecodeError as err:
        raise Malformed(f"reading a bulk message on {link}", code="blob.malformed") from err
    if whole.link != link:
        raise Malformed(f"a bulk message for {whole.link[:80]!r} came on {link}",
                        code="blob.malformed")
    match whole.WhichOneof("message"):
        case "ask":
            alg = _ALG_IN.get(whole.ask.alg)
            if alg is None or len(whole.ask.chunks) > ASK_CHUNKS_MAX:
                raise Malformed(f"an ask on {link} breaks a limit", code="blob.malformed")
            return BlobAsk(digest=whole.ask.digest, alg=alg, chunks=tuple(whole.ask.chunks))
        case "manifest":
            return BlobManifest(
                digest=whole.manifest.digest,
                size=whole.manifest.size,
                chunk_digests=tuple(whole.manifest.chunk_digests),
            )
        case "chunk":
            return BlobChunk(
                digest=whole.chunk.digest, n=whole.chunk.n, data=whole.chunk.bytes
            )
        case "later":
            return BlobLater(digest=whole.later.digest, after_s=whole.later.after_s)
        case "gone":
            return BlobGone(digest=whole.gone.digest, code=whole.gone.code[:64])
        case _:
            raise Malformed(f"an empty bulk message on {link}", code="blob.malformed")
