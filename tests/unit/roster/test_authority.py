"""The link authority: right certificates for the right side, and nothing else."""

from __future__ import annotations

from datetime import timedelta
from pathlib import Path

import pytest
from cryptography import x509
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import ExtendedKeyUsageOID

from hub.errors import FabricError
from hub.roster.authority import (
    CERTIFICATE_LIFE,
    LinkAuthority,
    at,
    make_csr,
    node_of,
    verify_issued,
)
from hub.roster.keys import TlsKey
from tests.trees import CITY, DISTRICT, NOW, STREET

WHEN = at(NOW)


@pytest.fixture
def authority(tmp_path: Path) -> LinkAuthority:
    return LinkAuthority.create(tmp_path, node=CITY, now=WHEN)


def usages(pem: str) -> list[x509.ObjectIdentifier]:
    certificate = x509.load_pem_x509_certificate(pem.encode())
    return list(certificate.extensions.get_extension_for_class(x509.ExtendedKeyUsage).value)


def test_a_child_certificate_names_the_child_and_lasts_thirty_days(
    authority: LinkAuthority,
) -> None:
    key = TlsKey.generate()
    issued = authority.issue(make_csr(key, node=DISTRICT), node=DISTRICT, now=WHEN)
    assert issued.node == node_of(issued.pem) == DISTRICT
    assert issued.spki_digest == key.spki_digest()
    assert at(issued.not_after_us) == WHEN + CERTIFICATE_LIFE
    assert usages(issued.pem) == [ExtendedKeyUsageOID.CLIENT_AUTH]
    verify_issued(issued.pem, authority_pem=authority.pem, now=WHEN)


def test_a_child_certificate_cannot_play_the_parent(authority: LinkAuthority) -> None:
    server = authority.server_certificate(TlsKey.generate(), hosts=["hub.example"], now=WHEN)
    assert usages(server.pem) == [ExtendedKeyUsageOID.SERVER_AUTH]
    assert server.covers(["hub.example", "localhost", "127.0.0.1"])
    assert not server.covers(["other.example"])


def test_certificates_of_others_and_of_other_times_are_refused(
    authority: LinkAuthority, tmp_path: Path
) -> None:
    other = tmp_path / "other"
    other.mkdir()
    stranger = LinkAuthority.create(other, node=CITY, now=WHEN)
    csr = make_csr(TlsKey.generate(), node=DISTRICT)
    issued = authority.issue(csr, node=DISTRICT, now=WHEN)

    def code(authority_pem: str, days: int) -> str:
        with pytest.raises(FabricError) as refused:
            verify_issued(
                issued.pem, authority_pem=authority_pem, now=WHEN + timedelta(days=days)
            )
        return refused.value.code

    assert code(stranger.pem, 0) == "certificate.issuer"
    assert code(authority.pem, 31) == "certificate.expired"
    assert code(authority.pem, -2) == "certificate.expired"


def test_a_request_for_another_name_or_key_kind_is_refused(authority: LinkAuthority) -> None:
    def code(csr: str) -> str:
        with pytest.raises(FabricError) as refused:
            authority.issue(csr, node=DISTRICT, now=WHEN)
        return refused.value.code

    assert code(make_csr(TlsKey.generate(), node=STREET)) == "csr.name"
    assert code(make_csr(TlsKey(ec.generate_private_key(ec.SECP384R1())), node=DISTRICT)) == (
        "csr.key"
    )
    assert code("-----BEGIN nothing") == "csr.malformed"
    assert code("x" * 10_000) == "csr.malformed"


def test_a_reloaded_authority_issues_for_the_same_trust(
    authority: LinkAuthority, tmp_path: Path
) -> None:
    again = LinkAuthority.load(tmp_path, node=CITY)
    assert again.fingerprint() == authority.fingerprint()
    csr = make_csr(TlsKey.generate(), node=DISTRICT)
    issued = again.issue(csr, node=DISTRICT, now=WHEN)
    verify_issued(issued.pem, authority_pem=authority.pem, now=WHEN)


def test_the_server_certificate_is_renewed_in_time_and_for_new_hosts(tmp_path: Path) -> None:
    from tests.trees import DAY, newcomer

    city = newcomer(tmp_path, CITY, None)
    first = city.server_certificate(hosts=["a.example"], now_us=NOW)
    assert city.server_certificate(hosts=["a.example"], now_us=NOW + DAY).pem == first.pem
    more = city.server_certificate(hosts=["a.example", "10.0.0.1"], now_us=NOW + DAY)
    assert more.serial != first.serial
    later = city.server_certificate(hosts=["a.example"], now_us=NOW + 25 * DAY)
    assert later.serial != more.serial
    assert later.not_after_us > more.not_after_us
