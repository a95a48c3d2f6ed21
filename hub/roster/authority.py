"""The link authority: a parent's own CA, trusted by its direct children and by nobody else.

It makes two kinds of certificate, and neither can stand in for the other: a child's client
certificate (client authentication only, NodeId in the common name and as a URI) and the parent's
server certificate (server authentication only, host names). So one child can never play the
parent to another child.
"""

from __future__ import annotations

import hashlib
import ipaddress
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path

from cryptography import x509
from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import ExtendedKeyUsageOID, NameOID

from hub.errors import Malformed, Untrusted
from hub.ids import NodeId, node_id
from hub.roster.keys import TlsKey, spki_digest, write_public

CERTIFICATE_LIFE = timedelta(days=30)
"""Short, so that a stolen device locks itself out; renewed at two thirds of its life."""
MEMBER_LIFE = timedelta(days=397)
"""Of a server that stands on a machine of its own and is renewed by hand; a year and a month."""
AUTHORITY_LIFE = timedelta(days=3650)
BACKDATE = timedelta(days=1)
"""Certificates start a day early: clocks of units are wrong by hours, and that must not cut them
off."""
CSR_BYTES_MAX = 8 * 1024
HOSTS_MAX = 32
NODE_URI = "urn:wanmi:node:"
LOOPBACK_HOSTS = ("localhost", "127.0.0.1", "::1")
KEY_FILE, CERTIFICATE_FILE = "ca.key", "ca.pem"


@dataclass(frozen=True, slots=True, kw_only=True)
class Certificate:
    """An issued certificate with what a certificate row keeps of it."""

    pem: str
    serial: str
    node: NodeId
    spki_digest: bytes
    not_before_us: int
    not_after_us: int
    hosts: frozenset[str] = frozenset()

    def covers(self, hosts: Sequence[str]) -> bool:
        """Whether a server certificate names all these hosts and addresses."""
        return self.hosts.issuperset(hosts)

    @property
    def renew_at_us(self) -> int:
        """Two thirds of its life: from here on it should be renewed."""
        return self.not_before_us + (self.not_after_us - self.not_before_us) * 2 // 3


class LinkAuthority:
    """The CA of one parent. Its key lies in the same private directory as the node's keys."""

    __slots__ = ("_certificate", "_key", "node", "pem")

    def __init__(self, *, node: NodeId, key: TlsKey, certificate: x509.Certificate) -> None:
        self.node = node
        self._key = key
        self._certificate = certificate
        self.pem = certificate.public_bytes(serialization.Encoding.PEM).decode()

    @classmethod
    def create(cls, directory: Path, *, node: NodeId, now: datetime) -> LinkAuthority:
        """Make the CA of ``node``; refuses when there is one already."""
        key = TlsKey.generate()
        key.save(directory / KEY_FILE)
        name = x509.Name([
            x509.NameAttribute(NameOID.COMMON_NAME, f"wanmi link authority {node}"),
        ])
        certificate = (
            x509.CertificateBuilder()
            .subject_name(name)
            .issuer_name(name)
            .public_key(key.private.public_key())
            .serial_number(x509.random_serial_number())
            .not_valid_before(now - BACKDATE)
            .not_valid_after(now + AUTHORITY_LIFE)
            .add_extension(x509.BasicConstraints(ca=True, path_length=0), critical=True)
            .add_extension(_usage(authority=True), critical=True)
            .add_extension(
                x509.SubjectKeyIdentifier.from_public_key(key.private.public_key()), critical=False
            )
            .sign(key.private, hashes.SHA256())
        )
        authority = cls(node=node, key=key, certificate=certificate)
        write_public(directory / CERTIFICATE_FILE, authority.pem.encode())
        return authority

    @classmethod
    def load(cls, directory: Path, *, node: NodeId) -> LinkAuthority:
        """Read what ``create`` wrote."""
        try:
            pem = (directory / CERTIFICATE_FILE).read_bytes()
            certificate = x509.load_pem_x509_certificate(pem)
        except (OSError, ValueError) as err:
            raise Untrusted("reading the link authority", code="keys.missing") from err
        return cls(node=node, key=TlsKey.load(directory / KEY_FILE), certificate=certificate)

    def fingerprint(self) -> str:
        """SHA-256 of the CA certificate, hexadecimal: what two administrators read out loud."""
        return fingerprint(self.pem)

    def issue(self, csr_pem: str, *, node: NodeId, now: datetime) -> Certificate:
        """A 30 day client certificate for the child ``node``; names come from us, not the CSR."""
        public = read_csr(csr_pem, node=node)
        names: list[x509.GeneralName] = [x509.UniformResourceIdentifier(NODE_URI + node)]
        return self._sign(public, node, names, (ExtendedKeyUsageOID.CLIENT_AUTH,), now=now)

    def server_certificate(
        self, key: TlsKey, *, hosts: Sequence[str], now: datetime
    ) -> Certificate:
        """The parent's own server certificate for gRPC and NATS; loopback is always included."""
        return self._sign(
            key.private.public_key(), self.node, self._names(hosts),
            (ExtendedKeyUsageOID.SERVER_AUTH,), now=now,
        )

    def member_certificate(
        self, key: TlsKey, *, hosts: Sequence[str], now: datetime, routes: bool = False
    ) -> Certificate:
        """Of one mailbox server in a cluster. ``routes``: for the doors between the servers, where
        each calls and is called; no link authority may sign that, or a child could join them."""
        usages = (ExtendedKeyUsageOID.SERVER_AUTH,)
        return self._sign(
            key.private.public_key(), self.node, self._names(hosts),
            (*usages, ExtendedKeyUsageOID.CLIENT_AUTH) if routes else usages, now=now,
            life=MEMBER_LIFE,
        )

    def _names(self, hosts: Sequence[str]) -> list[x509.GeneralName]:
        if len(hosts) > HOSTS_MAX:
            raise Malformed(f"more than {HOSTS_MAX} host names", code="certificate.hosts")
        names = [_general_name(host) for host in dict.fromkeys((*LOOPBACK_HOSTS, *hosts))]
        return [*names, x509.UniformResourceIdentifier(NODE_URI + self.node)]

    def _sign(
        self,
        public: ec.EllipticCurvePublicKey,
        node: NodeId,
        names: list[x509.GeneralName],
        usages: Sequence[x509.ObjectIdentifier],
        *,
        now: datetime,
        life: timedelta = CERTIFICATE_LIFE,
    ) -> Certificate:
        certificate = (
            x509.CertificateBuilder()
            .subject_name(x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, node)]))
            .issuer_name(self._certificate.subject)
            .public_key(public)
            .serial_number(x509.random_serial_number())
            .not_valid_before(now - BACKDATE)
            .not_valid_after(now + life)
            .add_extension(x509.SubjectAlternativeName(names), critical=False)
            .add_extension(x509.BasicConstraints(ca=False, path_length=None), critical=True)
            .add_extension(_usage(authority=False), critical=True)
            .add_extension(x509.ExtendedKeyUsage(usages), critical=False)
            .add_extension(
                x509.AuthorityKeyIdentifier.from_issuer_public_key(
                    self._key.private.public_key()
                ),
                critical=False,
            )
            .sign(self._key.private, hashes.SHA256())
        )
        return describe(certificate)

    def __repr__(self) -> str:
        return f"LinkAuthority({self.node}, {self.fingerprint()[:20]})"


def make_csr(key: TlsKey, *, node: NodeId) -> str:
    """A certificate request of ``node``, PEM."""
    return (
        x509.CertificateSigningRequestBuilder()
        .subject_name(x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, node)]))
        .sign(key.private, hashes.SHA256())
        .public_bytes(serialization.Encoding.PEM)
        .decode()
    )


def read_csr(pem: str, *, node: NodeId) -> ec.EllipticCurvePublicKey:
    """The P-256 key of a request in the name of ``node`` whose own signature holds."""
    if len(pem) > CSR_BYTES_MAX:
        raise Malformed("reading a certificate request: too long", code="csr.malformed")
    try:
        csr = x509.load_pem_x509_csr(pem.encode())
        holds = csr.is_signature_valid
        public = csr.public_key()
    except (ValueError, InvalidSignature) as err:
        raise Malformed("reading a certificate request", code="csr.malformed") from err
    if not holds:
        raise Untrusted("the certificate request's signature does not hold", code="csr.proof")
    if not isinstance(public, ec.EllipticCurvePublicKey) or public.curve.name != "secp256r1":
        raise Untrusted("the certificate request is not for a P-256 key", code="csr.key")
    if _common_name(csr.subject) != node:
        raise Untrusted(f"the certificate request is not in the name of {node}", code="csr.name")
    return public


def describe(certificate: x509.Certificate) -> Certificate:
    """What we keep of a certificate; ``Untrusted`` when it does not name a node consistently."""
    public = certificate.public_key()
    if not isinstance(public, ec.EllipticCurvePublicKey):
        raise Untrusted("the certificate is not for an EC key", code="certificate.key")
    return Certificate(
        pem=certificate.public_bytes(serialization.Encoding.PEM).decode(),
        serial=f"{certificate.serial_number:x}",
        node=_named(certificate),
        spki_digest=spki_digest(public),
        not_before_us=_us(certificate.not_valid_before_utc),
        not_after_us=_us(certificate.not_valid_after_utc),
        hosts=_hosts(certificate),
    )


def read_certificate(pem: str | bytes) -> Certificate:
    """Read one PEM certificate; says nothing yet about who signed it."""
    data = pem.encode() if isinstance(pem, str) else pem
    try:
        return describe(x509.load_pem_x509_certificate(data))
    except ValueError as err:
        raise Malformed("reading a certificate", code="certificate.malformed") from err


def node_of(pem: str | bytes) -> NodeId:
    """The node a (TLS-verified) certificate names: common name and URI must agree."""
    return read_certificate(pem).node


def verify_issued(pem: str, *, authority_pem: str, now: datetime) -> Certificate:
    """Check that ``pem`` was issued by this authority and is valid now."""
    try:
        certificate = x509.load_pem_x509_certificate(pem.encode())
        authority = x509.load_pem_x509_certificate(authority_pem.encode())
        certificate.verify_directly_issued_by(authority)
    except (ValueError, TypeError, InvalidSignature) as err:
        raise Untrusted(
            "the certificate was not issued by this authority", code="certificate.issuer"
        ) from err
    if not certificate.not_valid_before_utc <= now <= certificate.not_valid_after_utc:
        raise Untrusted(
            f"the certificate is valid until {certificate.not_valid_after_utc:%Y-%m-%d %H:%M} UTC",
            code="certificate.expired",
        )
    return describe(certificate)


def fingerprint(pem: str) -> str:
    """SHA-256 of a PEM certificate's DER form, hexadecimal."""
    try:
        certificate = x509.load_pem_x509_certificate(pem.encode())
    except ValueError as err:
        raise Malformed("reading a certificate", code="certificate.malformed") from err
    return hashlib.sha256(certificate.public_bytes(serialization.Encoding.DER)).hexdigest()


def at(us: int) -> datetime:
    """Microseconds since the epoch as an aware UTC time."""
    return datetime.fromtimestamp(us / 1_000_000, UTC)


def _us(moment: datetime) -> int:
    return int(moment.timestamp()) * 1_000_000


def _named(certificate: x509.Certificate) -> NodeId:
    common = _common_name(certificate.subject)
    try:
        names = certificate.extensions.get_extension_for_class(x509.SubjectAlternativeName).value
        node = node_id(common)
    except (x509.ExtensionNotFound, ValueError) as err:
        raise Untrusted("the certificate does not name a node", code="certificate.name") from err
    uris = names.get_values_for_type(x509.UniformResourceIdentifier)
    if [uri for uri in uris if uri.startswith(NODE_URI)] != [NODE_URI + node]:
        raise Untrusted(f"the certificate names {node} and others", code="certificate.name")
    return node


def _hosts(certificate: x509.Certificate) -> frozenset[str]:
    names = certificate.extensions.get_extension_for_class(x509.SubjectAlternativeName).value
    addresses = (str(one) for one in names.get_values_for_type(x509.IPAddress))
    return frozenset((*names.get_values_for_type(x509.DNSName), *addresses))


def _common_name(name: x509.Name) -> str:
    values = name.get_attributes_for_oid(NameOID.COMMON_NAME)
    return str(values[0].value) if len(values) == 1 else ""


def _general_name(host: str) -> x509.GeneralName:
    try:
        return x509.IPAddress(ipaddress.ip_address(host))
    except ValueError:
        pass
    try:
        return x509.DNSName(host)
    except ValueError as err:
        raise Malformed(f"{host!r} is no host name", code="certificate.hosts") from err


def _usage(*, authority: bool) -> x509.KeyUsage:
    return x509.KeyUsage(
        digital_signature=not authority,
        content_commitment=False,
        key_encipherment=False,
        data_encipherment=False,
        key_agreement=False,
        key_cert_sign=authority,
        crl_sign=authority,
        encipher_only=False,
        decipher_only=False,
    )
