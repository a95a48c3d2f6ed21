"""Statements over ``invite``: whom this parent invited, and how far each came."""

from __future__ import annotations

import json
from typing import Any

from sqlalchemy import Connection, bindparam, delete, insert, select, update

from hub.enrol.invitation import Invite, InviteState
from hub.ids import NodeId
from hub.store.tables import invite

TOPIC = "invite"
"""Woken when invitations change: the process that owns the links opens or shuts the door."""
KEPT_MAX = 1_000
"""Invitations that are listed; older ones are deleted with each new one."""

_ADD = insert(invite)
_ALL = select(invite).order_by(invite.c.created_at.desc(), invite.c.node_id).limit(KEPT_MAX)
_ANY = select(invite.c.token_hash).limit(1)
_BY_HASH = select(invite).where(invite.c.token_hash == bindparam("hash"))
_OF_NODE = (
    select(invite)
    .where(invite.c.node_id == bindparam("node"))
    .order_by(invite.c.created_at.desc())
    .limit(1)
)
_KEPT = select(invite.c.token_hash).order_by(invite.c.created_at.desc()).limit(KEPT_MAX)
_TRIM = delete(invite).where(invite.c.token_hash.not_in(_KEPT.scalar_subquery()))
_ONE = update(invite).where(invite.c.token_hash == bindparam("hash"))


def add(conn: Connection, one: Invite) -> None:
    """Keep a new invitation; its token's digest names it."""
    conn.execute(
        _ADD,
        {
            "token_hash": one.token_hash,
            "node_id": one.node,
            "name": one.name,
            "kind": "REKEY" if one.rekey else "NEW",
            "created_by": one.created_by,
            "created_at": one.created_at_us,
            "expires_at": one.expires_at_us,
            "needs_approval": one.needs_approval,
            "doors": json.dumps([list(one.grpc), list(one.nats)]),
        },
    )
    conn.execute(_TRIM)


def rows(conn: Connection) -> tuple[Invite, ...]:
    """Every invitation, newest first."""
    return tuple(_read(row) for row in conn.execute(_ALL))


def any_row(conn: Connection) -> bool:
    """Whether anybody was ever invited here."""
    return conn.execute(_ANY).first() is not None


def by_hash(conn: Connection, token_hash: bytes) -> Invite | None:
    """The invitation of a token."""
    row = conn.execute(_BY_HASH, {"hash": token_hash}).one_or_none()
    return None if row is None else _read(row)


def newest_of(conn: Connection, node: NodeId) -> Invite | None:
    """The newest invitation of a node."""
    row = conn.execute(_OF_NODE, {"node": node}).one_or_none()
    return None if row is None else _read(row)


def bind(conn: Connection, token_hash: bytes, *, request: str, at_us: int) -> None:
    """The node has submitted: from now on the token belongs to these keys."""
    _change(conn, token_hash, request=request, submitted_at=at_us)


def approve(conn: Connection, token_hash: bytes, *, by: str, at_us: int) -> None:
    """Another administrator says yes."""
    _change(conn, token_hash, approved_by=by, approved_at=at_us)


def use(conn: Connection, token_hash: bytes, *, at_us: int) -> None:
    """The node is taken in."""
    _change(conn, token_hash, used_at=at_us)


def end(
    conn: Connection, token_hash: bytes, *, state: InviteState, by: str, at_us: int, reason: str
) -> None:
    """It leads nowhere from now on."""
    _change(
        conn, token_hash, ended_as=state.value, ended_by=by, ended_at=at_us, reason=reason
    )


def tried(conn: Connection, token_hash: bytes, tries: int) -> None:
    """Its token was used wrongly, so often by now."""
    _change(conn, token_hash, tries=tries)


def _change(conn: Connection, token_hash: bytes, **values: Any) -> None:
    conn.execute(_ONE.values(**values), {"hash": token_hash})


def _read(row: Any) -> Invite:
    grpc, nats = json.loads(row.doors)
    return Invite(
        token_hash=row.token_hash,
        node=NodeId(row.node_id),
        name=row.name,
        rekey=row.kind == "REKEY",
        created_by=row.created_by,
        created_at_us=row.created_at,
        expires_at_us=row.expires_at,
        needs_approval=row.needs_approval,
        grpc=tuple(grpc),
        nats=tuple(nats),
        approved_by=row.approved_by,
        approved_at_us=row.approved_at,
        request=row.request,
        submitted_at_us=row.submitted_at,
        used_at_us=row.used_at,
        tries=row.tries,
        ended_as=InviteState(row.ended_as) if row.ended_as else None,
        ended_by=row.ended_by,
        ended_at_us=row.ended_at,
        reason=row.reason,
    )
