"""Certificates and NATS keys of one small parent, for tests that need real ones on loopback."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path

from hub.carriers.tls import TlsFiles
from hub.ids import NodeId
from hub.roster.authority import LinkAuthority, make_csr
from hub.roster.keys import TlsKey


class Pki:
    """The link authority of one parent, its server files, and files for any child."""

    def __init__(self, home: Path, *, parent: str) -> None:
        home.mkdir(parents=True, exist_ok=True)
        self._home = home
        self._now = datetime.now(UTC)
        self.authority = LinkAuthority.create(home, node=NodeId(parent), now=self._now)
        self.ca = home / "ca.pem"
        self.server = self._server("server")

    def _server(self, name: str) -> TlsFiles:
        key = TlsKey.generate()
        issued = self.authority.server_certificate(key, hosts=[], now=self._now)
        return self._files(name, key, issued.pem)

    def renewed_server(self) -> TlsFiles:
        return self._server("renewed")

    def child(self, node: str) -> TlsFiles:
        """A client certificate in the name of ``node``; the same files at every call."""
        if (self._home / f"{node}.pem").exists():
            return TlsFiles(
                ca=self.ca, certificate=self._home / f"{node}.pem", key=self._home / f"{node}.key"
            )
        key = TlsKey.generate()
        csr = make_csr(key, node=NodeId(node))
        issued = self.authority.issue(csr, node=NodeId(node), now=self._now)
        return self._files(node, key, issued.pem)

    def _files(self, name: str, key: TlsKey, pem: str) -> TlsFiles:
        key.save(self._home / f"{name}.key")
        certificate = self._home / f"{name}.pem"
        certificate.write_text(pem)
        return TlsFiles(ca=self.ca, certificate=certificate, key=self._home / f"{name}.key")
