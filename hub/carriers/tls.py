"""Where the PEM files of one end of a TLS connection lie. Read at use, so a renewed file counts."""

from __future__ import annotations

import os
import ssl
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from hub.errors import Untrusted
from hub.roster.keys import read_secret
from hub.roster.vault import is_sealed


@dataclass(frozen=True, slots=True, kw_only=True)
class TlsFiles:
    """``ca`` is whom we trust on the other side: the link CA at a server, the parent's CA at a
    child. The key file is nobody else's to read (mode 0600). ``newer_key``: counts in its place
    once it is there."""

    ca: Path
    certificate: Path
    key: Path
    newer_key: Path | None = None

    @property
    def _key(self) -> Path:
        newer = self.newer_key
        return newer if newer is not None and newer.exists() else self.key

    def private_key(self) -> bytes:
        """The key itself, PEM, opened if it lies sealed. Never log what this returns."""
        return read_secret(self._key)

    @property
    def sealed(self) -> bool:
        """Whether the key file is of no use to a program that cannot open it."""
        with self._key.open("rb") as file:
            return is_sealed(file.read(64))

    @contextmanager
    def key_file(self) -> Iterator[Path]:
        """A path under which a library of this process finds the key while the block lasts."""
        if not self.sealed:
            yield self._key
            return
        handle = in_memory("tls.key", self.private_key())
        try:
            yield path_of(handle)
        finally:
            os.close(handle)


def in_memory(name: str, data: bytes) -> int:
    """A file that exists in memory alone, for programs and libraries that read keys by path: it
    has no name on any disk, and is gone with the last process that holds it. Returns its
    descriptor. ``Untrusted`` (``keys.no_memory_file``) on systems other than Linux."""
    if not hasattr(os, "memfd_create"):
        raise Untrusted(
            f"handing {name} to a program that reads files: this system has no files in memory",
            code="keys.no_memory_file",
        )
    handle = os.memfd_create(name, os.MFD_CLOEXEC)
    rewrite(handle, data)
    return handle


def rewrite(handle: int, data: bytes) -> None:
    """Replace what a file in memory holds."""
    os.ftruncate(handle, 0)
    os.pwrite(handle, data, 0)


def path_of(handle: int) -> Path:
    """Where a file in memory is found by this process, and by one that inherits the descriptor."""
    return Path("/proc/self/fd") / str(handle)


def trusting(ca: Path) -> ssl.SSLContext:
    """A client context that trusts this authority and nobody else; TLS 1.2 or newer."""
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    context.minimum_version = ssl.TLSVersion.TLSv1_2
    context.load_verify_locations(cafile=ca)
    return context
