"""Statements over ``roster``, ``node_key`` and ``certificate``, on the caller's open connection."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from sqlalchemy import Connection, bindparam, delete, select, update

from hub.ids import LinkId, NodeId
from hub.store.dialect import insert_ignore, upsert
from hub.store.tables import certificate, node_key, roster

ROSTERS_KEPT = 5
"""Superseded rosters kept for a person who asks what was valid last week."""
ENROLLED = "ENROLLED"

_ADD_ROSTER = insert_ignore(roster, ["serial"])
_NEWEST = select(roster.c.signed).order_by(roster.c.serial.desc()).limit(1)
_KEPT = select(roster.c.serial).order_by(roster.c.serial.desc()).limit(ROSTERS_KEPT)
_TRIM_ROSTERS = delete(roster).where(roster.c.serial.not_in(_KEPT.scalar_subquery()))
_ADD_KEY = insert_ignore(node_key, ["key_id"])
_ENROLLED_KEYS = select(node_key).where(node_key.c.source == ENROLLED)
_REVOKE_KEYS = (
    update(node_key)
    .where(node_key.c.node_id == bindparam("node"), node_key.c.revoked_from.is_(None))
    .values(revoked_from=bindparam("at"))
)
_REVOKE_OTHER_KEYS = _REVOKE_KEYS.where(
    node_key.c.source == ENROLLED,
    node_key.c.key_id.not_in(bindparam("kept", expanding=True)),
    node_key.c.valid_from <= bindparam("older_than"),
)
_PUT_CERTIFICATE = upsert(certificate, ["serial"], ["link", "spki_digest", "nkey", "not_after"])
_REVOKE_CERTIFICATES = (
    update(certificate)
    .where(certificate.c.link == bindparam("of"), certificate.c.revoked_at.is_(None))
    .values(revoked_at=bindparam("at"))
)
_REVOKE_OTHER_CERTIFICATES = _REVOKE_CERTIFICATES.where(
    certificate.c.spki_digest.not_in(bindparam("kept", expanding=True))
)
_CERTIFICATES = select(certificate).order_by(certificate.c.link, certificate.c.not_after)


@dataclass(frozen=True, slots=True, kw_only=True)
class KeyRow:
    """A public sign key a neighbour enrolled with us, before or beside the roster."""

    key_id: str
    node: NodeId
    alg: str
    public: bytes
    valid_from_us: int
    valid_to_us: int
    revoked_from_us: int | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class CertificateRow:
    """A client certificate we issued. ``nkey``: the NATS user that goes with it."""

    serial: str
    link: LinkId
    spki_digest: bytes
    nkey: str
    not_after_us: int
    revoked_at_us: int | None = None


def newest(conn: Connection) -> bytes | None:
    """The signed roster with the highest serial, as it was received."""
    signed: bytes | None = conn.execute(_NEWEST).scalar()
    return signed


def add_roster(conn: Connection, *, serial: int, signed: bytes, received_at_us: int) -> bool:
    """Keep a verified roster; False when this serial is here already."""
    row = {"serial": serial, "signed": signed, "received_at": received_at_us}
    added = _ADD_ROSTER.run(conn, row).rowcount == 1
    if added:
        conn.execute(_TRIM_ROSTERS)
    return added


def forget(conn: Connection) -> None:
    """Of a node that gets another root: rosters of the one before say nothing any more, and their
    serials would hide the new ones."""
    conn.execute(delete(roster))


def enrolled_keys(conn: Connection) -> tuple[KeyRow, ...]:
    """Every key that was enrolled here, revoked ones included."""
    return tuple(
        KeyRow(
            key_id=row.key_id,
            node=NodeId(row.node_id),
            alg=row.alg,
            public=row.public,
            valid_from_us=row.valid_from,
            valid_to_us=row.valid_to,
            revoked_from_us=row.revoked_from,
        )
        for row in conn.execute(_ENROLLED_KEYS)
    )


def enrol_key(conn: Connection, key: KeyRow) -> bool:
    """Trust a neighbour's key from now on; False when it is known (a revoked one stays so)."""
    row = {
        "key_id": key.key_id,
        "node_id": key.node,
        "alg": key.alg,
        "public": key.public,
        "valid_from": key.valid_from_us,
        "valid_to": key.valid_to_us,
        "revoked_from": key.revoked_from_us,
        "source": ENROLLED,
    }
    return _ADD_KEY.run(conn, row).rowcount == 1


def revoke(conn: Connection, *, node: NodeId, link: LinkId, at_us: int) -> None:
    """The parent's own, immediate revocation of a child: its enrolled keys and certificates."""
    conn.execute(_REVOKE_KEYS, {"node": node, "at": at_us})
    conn.execute(_REVOKE_CERTIFICATES, {"of": link, "at": at_us})


def replace_others(
    conn: Connection,
    *,
    node: NodeId,
    link: LinkId,
    key_ids: Sequence[str],
    older_than_us: int,
    spki_digests: Sequence[bytes],
    at_us: int,
) -> None:
    """What was enrolled for a child ends now: certificates for other TLS keys than these, and, of a
    child that came with other keys in the place of those it had, sign keys from before that time
    (0: none; a key it went over from by a claim is good to the end of its term)."""
    conn.execute(_REVOKE_OTHER_KEYS, {
        "node": node, "kept": list(key_ids), "older_than": older_than_us, "at": at_us})
    conn.execute(_REVOKE_OTHER_CERTIFICATES, {
        "of": link, "kept": list(spki_digests), "at": at_us})


def put_certificate(conn: Connection, row: CertificateRow) -> None:
    """Record an issued certificate; repeating it changes nothing, nor does it lift a revocation."""
    _PUT_CERTIFICATE.run(
        conn,
        {
            "serial": row.serial,
            "link": row.link,
            "spki_digest": row.spki_digest,
            "nkey": row.nkey,
            "not_after": row.not_after_us,
            "revoked_at": row.revoked_at_us,
        },
    )


def certificates(conn: Connection) -> tuple[CertificateRow, ...]:
    """All issued certificates, by link and end of validity."""
    return tuple(
        CertificateRow(
            serial=row.serial,
            link=LinkId(row.link),
            spki_digest=row.spki_digest,
            nkey=row.nkey,
            not_after_us=row.not_after,
            revoked_at_us=row.revoked_at,
        )
        for row in conn.execute(_CERTIFICATES)
    )


def kept(conn: Connection) -> tuple[tuple[int, bytes], ...]:
    """Every roster that is still here: serial and signed bytes, oldest first."""
    rows = conn.execute(select(roster.c.serial, roster.c.signed).order_by(roster.c.serial))
    return tuple((serial, bytes(signed)) for serial, signed in rows)
