"""What a node carries after years: cases, their journal, what came over links. Made in the database
of a stopped node, so that words can be measured on top of it."""

from __future__ import annotations

from pathlib import Path

from sqlalchemy import text

from hub.store.engine import connect, open_engine
from node.settings import load
from tests.bench.worklist import fill

LEAST, QUICK_MOST, MOST = 10_000, 100_000, 3_000_000
"""Cases stored before the first word is measured: a new office, and one after five years."""
ENTRIES = 2
"""Journal entries (and words that came) for each of them: fewer than a real one has, so that a
benchmark does not fill the disk; the depth of every index is that of millions all the same."""
ENTRY_BYTES = 400


def store(home: Path, cases: int) -> None:
    """Put so many old cases into a SQLite node."""
    url = load(home).database_url
    fill(url, cases, open_each=0)
    numbers = f"WITH RECURSIVE n(i) AS (SELECT 0 UNION ALL SELECT i + 1 FROM n WHERE i + 1 < " \
              f"{cases * ENTRIES})"
    with connect(open_engine(url)) as conn, conn.begin():
        conn.execute(text(f"""{numbers}
            INSERT INTO journal (
                case_id, branch, version, entry, digest, cause, part, event_type, occurred_at, hlc)
            SELECT 'c' || (i / {ENTRIES}), 0, i % {ENTRIES}, zeroblob({ENTRY_BYTES}),
                zeroblob(32), 'cause-' || ((i * 48271) % 2147483647) || '-' || i, 0,
                'ProgressReported', i, i FROM n"""))
        conn.execute(text(f"""{numbers}
            INSERT INTO inbox (
                link, epoch, seq, msg_id, lane, type, chain, outcome, received_at)
            SELECT 'past', 1, i + 1, randomblob(16), zeroblob(16), 'node.v1.Report', zeroblob(32),
                'APPLIED', i FROM n"""))
