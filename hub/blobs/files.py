"""Attachments as files named by their digest. What is here under its final name is whole.

Bytes go to a temporary name, are fsynced, renamed, and the directory is fsynced, so a crash never
leaves half a photo under a name that promises a whole one. Half-pulled files live in a folder of
their own; their chunks are checked again before they are believed.

Everything here blocks; callers in the event loop use worker threads.
"""

from __future__ import annotations

import contextlib
import hashlib
import os
import secrets
import time
from collections.abc import Iterable
from dataclasses import dataclass
from io import BufferedReader
from pathlib import Path

from hub.envelope import Alg
from hub.errors import Malformed, Unsealed
from hub.store.blobs import BLOB_BYTES_MAX

CHUNK_BYTES = 64 * 1024
"""One piece of a pull: small enough to let words pass on a 2 Mbit/s line (a quarter second)."""
PARTS, NEW, BARE = "part", "new", "bare"
LEFT_S = 3_600.0
"""A file that nobody has finished putting for so long was left by a process that died; younger
ones may belong to another process of the node."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Stored:
    """What was just put: its address and size."""

    digest: bytes
    size: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Manifest:
    """Size and the digests of all 64 KiB pieces, in order."""

    size: int
    chunk_digests: tuple[bytes, ...]


class BlobStore:
    """The blob directory of one node."""

    __slots__ = ("_bytes_max", "_directory")

    def __init__(self, directory: Path, *, bytes_max: int = BLOB_BYTES_MAX) -> None:
        self._directory = directory
        self._bytes_max = bytes_max
        for folder in (directory, directory / PARTS, directory / NEW, directory / BARE):
            folder.mkdir(parents=True, exist_ok=True)
        for leftover in (directory / NEW).iterdir():
            with contextlib.suppress(FileNotFoundError):
                if time.time() - leftover.stat().st_mtime > LEFT_S:
                    leftover.unlink()

    def path(self, digest: bytes) -> Path:
        """Where the whole file is, or would be."""
        name = digest.hex()
        return self._directory / name[:2] / name

    def exists(self, digest: bytes) -> bool:
        """Whether the whole file is here."""
        return self.path(digest).is_file()

    def open(self, digest: bytes) -> BufferedReader:
        """The whole file for reading; ``FileNotFoundError`` when it is not here."""
        return self.path(digest).open("rb")

    def put(self, data: bytes) -> Stored:
        """Store bytes durably under their SHA-256; storing them twice is one file."""
        return self.put_stream((data,))

    def put_stream(self, pieces: Iterable[bytes]) -> Stored:
        """Store a stream durably; ``Malformed`` (``blob.too_large``) beyond the limit."""
        digest = hashlib.sha256()
        size = 0
        temporary = self._directory / NEW / secrets.token_hex(16)
        try:
            with temporary.open("xb") as file:
                for piece in pieces:
                    size += len(piece)
                    if size > self._bytes_max:
                        raise Malformed(
                            f"storing an attachment of more than {self._bytes_max} bytes",
                            code="blob.too_large",
                        )
                    digest.update(piece)
                    file.write(piece)
                file.flush()
                os.fsync(file.fileno())
            self._keep(temporary, digest.digest())
        finally:
            temporary.unlink(missing_ok=True)
        return Stored(digest=digest.digest(), size=size)

    def verify(self, digest: bytes, *, alg: Alg = Alg.SHA256) -> bool:
        """Whether the whole file is here and its bytes are what the digest says."""
        try:
            with self.open(digest) as file:
                return hashlib.file_digest(file, alg.value).digest() == digest
        except FileNotFoundError:
            return False

    def remove(self, digest: bytes) -> None:
        """Forget the whole file (it was found damaged, or nobody needs it any more)."""
        self.path(digest).unlink(missing_ok=True)
        self.bare_path(digest).unlink(missing_ok=True)

    def bare_path(self, digest: bytes) -> Path:
        """Where the copy for showing of the file with this digest is, or would be."""
        return self._directory / BARE / digest.hex()

    def put_bare(self, digest: bytes, data: bytes) -> None:
        """Keep a copy for showing, durably; it goes with its file and can be made again."""
        temporary = self._directory / NEW / secrets.token_hex(16)
        try:
            with temporary.open("xb") as file:
                file.write(data)
                file.flush()
                os.fsync(file.fileno())
            temporary.replace(self.bare_path(digest))
            _sync(self._directory / BARE)
        finally:
            temporary.unlink(missing_ok=True)

    def manifest(self, digest: bytes, *, alg: Alg = Alg.SHA256) -> Manifest:
        """The manifest of a whole file, verified on the way: ``Unsealed`` (``blob.damaged``) when
        the disk does not give back what was stored."""
        whole = hashlib.new(alg.value)
        pieces: list[bytes] = []
        size = 0
        try:
            with self.open(digest) as file:
                while piece := file.read(CHUNK_BYTES):
                    whole.update(piece)
                    pieces.append(hashlib.new(alg.value, piece).digest())
                    size += len(piece)
        except FileNotFoundError as err:
            raise Unsealed(f"reading blob {digest.hex()[:16]}: it is gone",
                           code="blob.damaged") from err
        if whole.digest() != digest:
            raise Unsealed(f"reading blob {digest.hex()[:16]}: its bytes changed on disk",
                           code="blob.damaged")
        return Manifest(size=size, chunk_digests=tuple(pieces))

    def read_chunks(self, digest: bytes, numbers: Iterable[int]) -> list[tuple[int, bytes]]:
        """These pieces of a whole file; numbers beyond its end are left out."""
        with self.open(digest) as file:
            return [(n, piece) for n in numbers if (piece := _pread(file, n))]

    def write_part(self, digest: bytes, pieces: Iterable[tuple[int, bytes]]) -> None:
        """Put checked pieces into the partial file. Not fsynced: they are checked again on
        resume, so a lost page costs one chunk."""
        handle = os.open(self._part(digest), os.O_RDWR | os.O_CREAT, 0o644)
        try:
            for n, piece in pieces:
                os.pwrite(handle, piece, n * CHUNK_BYTES)
        finally:
            os.close(handle)

    def part_chunks(
        self, digest: bytes, expected: Iterable[tuple[int, bytes]], *, alg: Alg = Alg.SHA256
    ) -> frozenset[int]:
        """Which of the expected (number, digest) pieces the partial file really holds."""
        try:
            with self._part(digest).open("rb") as file:
                return frozenset(
                    n for n, value in expected
                    if hashlib.new(alg.value, _pread(file, n)).digest() == value
                )
        except FileNotFoundError:
            return frozenset()

    def complete(self, digest: bytes, size: int, *, alg: Alg = Alg.SHA256) -> bool:
        """Turn the partial file into the whole one if its digest holds; else drop it."""
        part = self._part(digest)
        with part.open("r+b" if part.exists() else "w+b") as file:
            file.truncate(size)
            if hashlib.file_digest(file, alg.value).digest() != digest:
                part.unlink(missing_ok=True)
                return False
            os.fsync(file.fileno())
        self._keep(part, digest)
        return True

    def drop_part(self, digest: bytes) -> None:
        """Start from zero."""
        self._part(digest).unlink(missing_ok=True)

    def _part(self, digest: bytes) -> Path:
        return self._directory / PARTS / digest.hex()

    def _keep(self, temporary: Path, digest: bytes) -> None:
        final = self.path(digest)
        with contextlib.suppress(FileExistsError):
            final.parent.mkdir()
            _sync(self._directory)
        temporary.replace(final)
        _sync(final.parent)


def _pread(file: BufferedReader, n: int) -> bytes:
    return os.pread(file.fileno(), CHUNK_BYTES, n * CHUNK_BYTES)


def _sync(directory: Path) -> None:
    handle = os.open(directory, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)
