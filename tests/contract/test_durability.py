"""What a commit promises is what its connection was told to promise: on disk before the answer."""

from __future__ import annotations

from sqlalchemy import Connection, text

from hub.store.tx import Tx
from hub.store.writer import GroupWriter


def test_a_writer_commits_to_the_disk_and_not_to_a_cache(database_url: str) -> None:
    with GroupWriter(database_url) as writer:
        assert writer.run(_promises) in (
            {"journal_mode": "wal", "synchronous": "2"},
            {"synchronous_commit": "on", "fsync": "on", "full_page_writes": "on"},
        )


def _promises(tx: Tx) -> dict[str, str]:
    conn: Connection = tx.conn
    if conn.dialect.name == "sqlite":
        return {name: str(conn.execute(text(f"PRAGMA {name}")).scalar_one())
                for name in ("journal_mode", "synchronous")}
    return {name: str(conn.execute(text(f"SHOW {name}")).scalar_one())
            for name in ("synchronous_commit", "fsync", "full_page_writes")}
