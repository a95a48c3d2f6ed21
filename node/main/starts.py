"""What a database remembers of its node: how often it started, under which branch of the journal,
and whether another copy of it was proven."""

from __future__ import annotations

from typing import Final

from sqlalchemy import Connection

from hub.store.tx import Tx
from node.store.repository import NodeStore

BOOT_KEY: Final = "boot_no"
BRANCH_KEY: Final = "branch"
NODE_KEY: Final = "node_id"
COPY_KEY: Final = "copy_proven"
"""Rows of ``meta``."""


def started(conn: Connection) -> tuple[int, int]:
    """Boot number and branch that this database remembers."""
    store = NodeStore()
    return int(store.meta(conn, BOOT_KEY) or 0), int(store.meta(conn, BRANCH_KEY) or 0)


def remember_start(tx: Tx, boot_no: int, node: str) -> None:
    """Note this start."""
    store = NodeStore()
    store.set_meta(tx.conn, BOOT_KEY, str(boot_no))
    store.set_meta(tx.conn, NODE_KEY, node)


def proven(conn: Connection) -> str:
    """Why this copy stands still, from an earlier start; "" = it does not."""
    return NodeStore().meta(conn, COPY_KEY) or ""


def remember_proof(tx: Tx, why: str) -> None:
    """Note that another copy of this node was proven to exist."""
    NodeStore().set_meta(tx.conn, COPY_KEY, why)
