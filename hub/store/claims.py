"""Statements over ``claim``: new members that wait at the root for a person, and the answers."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum

from sqlalchemy import Connection, bindparam, delete, func, select, update

from hub.ids import NodeId
from hub.store.dialect import insert_ignore
from hub.store.tables import claim

WAITING_MAX = 1_000
"""Claims that wait at once; further ones are said again and find room later."""


class ClaimState(StrEnum):
    """What a person said."""

    WAITING = "WAITING"
    APPROVED = "APPROVED"
    REFUSED = "REFUSED"


@dataclass(frozen=True, slots=True, kw_only=True)
class ClaimRow:
    """One new member that its parent claims. Times in µs; 0 = not decided."""

    node: NodeId
    by: NodeId
    name: str
    signed: bytes
    heard_at_us: int
    state: ClaimState = ClaimState.WAITING
    decided_by: str = ""
    decided_at_us: int = 0
    reason: str = ""


_PUT = insert_ignore(claim, ["node_id"])
_ROWS = select(claim).order_by(claim.c.heard_at, claim.c.node_id)
_COUNT = select(func.count()).select_from(claim)
_RENEW = (
    update(claim)
    .where(claim.c.node_id == bindparam("node"), claim.c.state != ClaimState.APPROVED)
    .where(claim.c.parent_id != bindparam("parent"))
    .values(
        parent_id=bindparam("parent"), name=bindparam("called"), signed=bindparam("said"),
        heard_at=bindparam("heard"), state=ClaimState.WAITING, decided_by="", decided_at=0,
        reason="",
    )
)
_DECIDE = (
    update(claim)
    .where(claim.c.node_id == bindparam("node"), claim.c.state != ClaimState.APPROVED)
    .values(
        state=bindparam("to"), decided_by=bindparam("by"), decided_at=bindparam("at"),
        reason=bindparam("why"),
    )
)
_FORGET = delete(claim).where(claim.c.node_id.in_(bindparam("nodes", expanding=True)))


def put(conn: Connection, row: ClaimRow) -> None:
    """Let a claim wait. The same parent claiming it again changes nothing, also not a refusal;
    another parent's claim takes its place."""
    if (conn.execute(_COUNT).scalar() or 0) < WAITING_MAX:
        _PUT.run(
            conn,
            {
                "node_id": row.node,
                "parent_id": row.by,
                "name": row.name,
                "signed": row.signed,
                "heard_at": row.heard_at_us,
                "state": row.state,
                "decided_by": row.decided_by,
                "decided_at": row.decided_at_us,
                "reason": row.reason,
            },
        )
    conn.execute(
        _RENEW,
        {"node": row.node, "parent": row.by, "called": row.name, "said": row.signed,
         "heard": row.heard_at_us},
    )


def rows(conn: Connection) -> tuple[ClaimRow, ...]:
    """Everything that waits or was decided and is not in the roster, oldest first."""
    return tuple(
        ClaimRow(
            node=NodeId(row.node_id),
            by=NodeId(row.parent_id),
            name=row.name,
            signed=row.signed,
            heard_at_us=row.heard_at,
            state=ClaimState(row.state),
            decided_by=row.decided_by,
            decided_at_us=row.decided_at,
            reason=row.reason,
        )
        for row in conn.execute(_ROWS)
    )


def decide(
    conn: Connection, node: NodeId, *, state: ClaimState, by: str, at_us: int, reason: str
) -> bool:
    """A person's answer, also another one after a refusal; False if there is nothing to answer."""
    return conn.execute(
        _DECIDE, {"node": node, "to": state, "by": by, "at": at_us, "why": reason}
    ).rowcount == 1


def forget(conn: Connection, nodes: Sequence[NodeId]) -> None:
    """These are members now, or shall be asked about anew."""
    conn.execute(_FORGET, {"nodes": list(nodes)})
