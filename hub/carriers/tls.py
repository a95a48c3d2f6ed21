"""Where the PEM files of one end of a TLS connection lie. Read at use, so a renewed file counts."""

from __future__ import annotations

import ssl
from dataclasses import dataclass
from pathlib import Path


@dataclass(frozen=True, slots=True, kw_only=True)
class TlsFiles:
    """``ca`` is whom we trust on the other side: the link CA at a server, the parent's CA at a
    child. The key file is nobody else's to read (mode 0600)."""

    ca: Path
    certificate: Path
    key: Path


def trusting(ca: Path) -> ssl.SSLContext:
    """A client context that trusts this authority and nobody else; TLS 1.2 or newer."""
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    context.minimum_version = ssl.TLSVersion.TLSv1_2
    context.load_verify_locations(cafile=ca)
    return context
