"""The statements of roster, keys, certificates and attachments on every database."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from sqlalchemy import Connection

from hub.envelope import Attachment
from hub.ids import LinkId, NodeId
from hub.store import blobs, rosters
from hub.store.blobs import PRIO_ON_VIEW, BlobState
from hub.store.engine import open_engine
from hub.store.rosters import ROSTERS_KEPT, CertificateRow, KeyRow

A, B = LinkId("420200-420203"), LinkId("420200-420204")
MSG = bytes(16)


@pytest.fixture
def conn(database_url: str) -> Iterator[Connection]:
    engine = open_engine(database_url)
    with engine.connect() as connection, connection.begin():
        yield connection
    engine.dispose()


def photo(n: int, size: int = 10) -> Attachment:
    return Attachment(digest=bytes([n]) * 32, size=size, media_type="image/jpeg")


def test_the_newest_rosters_are_kept(conn: Connection) -> None:
    assert rosters.newest(conn) is None
    for serial in (3, 1, 2, *range(4, 12)):
        signed = f"roster {serial}".encode()
        assert rosters.add_roster(conn, serial=serial, signed=signed, received_at_us=1)
    assert not rosters.add_roster(conn, serial=11, signed=b"other", received_at_us=2)
    assert rosters.newest(conn) == b"roster 11"
    kept = conn.exec_driver_sql("SELECT count(*) FROM roster").scalar()
    assert kept == ROSTERS_KEPT


def test_keys_and_certificates_are_revoked_by_their_owner(conn: Connection) -> None:
    def key(name: str, node: str) -> KeyRow:
        return KeyRow(
            key_id=name, node=NodeId(node), alg="ed25519", public=bytes(32), valid_from_us=1,
            valid_to_us=9,
        )

    def certificate(serial: str, link: LinkId, spki: bytes) -> CertificateRow:
        return CertificateRow(
            serial=serial, link=link, spki_digest=spki, nkey="U", not_after_us=5
        )

    for name, node in (("k1", "420203"), ("k2", "420203"), ("k3", "420204")):
        assert rosters.enrol_key(conn, key(name, node))
    assert not rosters.enrol_key(conn, key("k1", "420203"))
    for serial, link in (("c1", A), ("c2", A), ("c3", B)):
        rosters.put_certificate(conn, certificate(serial, link, serial.encode()))
    rosters.replace_others(
        conn, node=NodeId("420203"), link=A, key_ids=["k2"], older_than_us=0,
        spki_digests=[b"c1", b"c2"], at_us=6,
    )

    def state() -> dict[str, int | None]:
        keys = {row.key_id: row.revoked_from_us for row in rosters.enrolled_keys(conn)}
        return keys | {row.serial: row.revoked_at_us for row in rosters.certificates(conn)}

    assert set(state().values()) == {None}
    rosters.replace_others(
        conn, node=NodeId("420203"), link=A, key_ids=["k2"], older_than_us=1,
        spki_digests=[b"c2"], at_us=7,
    )
    assert state() == {"k1": 7, "k2": None, "k3": None, "c1": 7, "c2": None, "c3": None}
    rosters.revoke(conn, node=NodeId("420203"), link=A, at_us=8)
    rosters.put_certificate(conn, certificate("c1", A, b"c1"))
    assert state() == {"k1": 7, "k2": 8, "k3": None, "c1": 7, "c2": 8, "c3": None}


def test_a_reference_is_per_link(conn: Connection) -> None:
    blobs.refer(conn, A, [], MSG)
    blobs.refer(conn, A, [photo(1).digest, photo(2).digest], MSG)
    blobs.refer(conn, A, [photo(2).digest], bytes(range(16)))
    assert blobs.referred(conn, A, photo(1).digest)
    assert not blobs.referred(conn, B, photo(1).digest)
    assert not blobs.referred(conn, A, photo(3).digest)


def test_wanting_is_idempotent_and_whole_is_left_alone(conn: Connection) -> None:
    assert not blobs.want(conn, A, (), MSG, 100)
    assert blobs.want(conn, A, (photo(1), photo(2)), MSG, 100)
    assert blobs.want(conn, A, (photo(1),), MSG, 200)
    row = blobs.find(conn, photo(1).digest)
    assert row is not None
    assert (row.state, row.source_link, row.next_try_at_us) == (BlobState.WANTED, A, 100)
    blobs.finish(conn, photo(1).digest)
    blobs.want(conn, B, (photo(1),), MSG, 300)
    row = blobs.find(conn, photo(1).digest)
    assert row is not None
    assert (row.state, row.source_link) == (BlobState.WHOLE, A)
    assert blobs.totals(conn) == {BlobState.WHOLE: (1, 10), BlobState.WANTED: (1, 10)}


def test_a_second_source_is_asked_once_the_first_has_failed(conn: Connection) -> None:
    digest = photo(1).digest
    blobs.want(conn, A, (photo(1),), MSG, 100)
    blobs.want(conn, B, (photo(1),), MSG, 100)
    assert blobs.next_wanted(conn, B, 100) is None
    blobs.pull_again(conn, digest, tries=1, at_us=999)
    blobs.want(conn, B, (photo(1),), MSG, 200)
    row = blobs.next_wanted(conn, B, 200)
    assert row is not None
    assert (row.digest, row.tries) == (digest, 0)
    blobs.give_up(conn, digest)
    assert blobs.next_try_at(conn, B) is None
    blobs.want(conn, B, (photo(1),), MSG, 300)
    assert blobs.next_try_at(conn, B) == 300


def test_what_is_due_comes_by_priority_and_failures(conn: Connection) -> None:
    blobs.want(conn, A, tuple(photo(n) for n in (1, 2, 3, 4)), MSG, 100)
    blobs.pull_again(conn, photo(1).digest, tries=1, at_us=100)
    blobs.postpone(conn, photo(2).digest, 500)

    def order(now_us: int) -> list[int]:
        seen: list[int] = []
        while (row := blobs.next_wanted(conn, A, now_us)) is not None:
            seen.append(row.digest[0])
            blobs.finish(conn, row.digest)
        return seen

    assert blobs.next_try_at(conn, A) == 100
    assert blobs.view(conn, photo(4).digest, 100)
    row = blobs.next_wanted(conn, A, 100)
    assert row is not None
    assert (row.digest[0], row.prio) == (4, PRIO_ON_VIEW)
    assert order(100) == [4, 3, 1]
    assert blobs.next_try_at(conn, A) == 500
    assert order(500) == [2]
    assert not blobs.view(conn, photo(4).digest, 600)


def test_chunks_remember_what_is_here(conn: Connection) -> None:
    digest = photo(1).digest
    blobs.want(conn, A, (photo(1),), MSG, 100)
    blobs.begin(conn, digest, [b"a", b"b", b"c"])
    blobs.mark(conn, digest, [0, 2])
    blobs.mark(conn, digest, [2], have=False)
    assert blobs.chunks(conn, digest) == [(0, b"a", True), (1, b"b", False), (2, b"c", False)]
    row = blobs.find(conn, digest)
    assert row is not None
    assert row.state is BlobState.PARTIAL
    blobs.begin(conn, digest, [b"d"])
    assert blobs.chunks(conn, digest) == [(0, b"d", False)]
    blobs.finish(conn, digest)
    assert blobs.chunks(conn, digest) == []


def test_a_photo_made_here_settles_a_pull_of_the_same_bytes(conn: Connection) -> None:
    blobs.want(conn, A, (photo(1),), MSG, 100)
    for n in (1, 2, 2):
        blobs.adopt(conn, digest=photo(n).digest, size=10, media_type="image/jpeg")
    assert blobs.totals(conn) == {BlobState.WHOLE: (2, 20)}
    assert blobs.next_wanted(conn, A, 100) is None
