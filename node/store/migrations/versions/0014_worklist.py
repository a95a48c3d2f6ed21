"""The worklist of a city with millions of cases: indexes in the order of its pages, and one over
the pieces of numbers and addresses."""

from __future__ import annotations

from collections.abc import Iterator

import sqlalchemy as sa
from alembic import op

from node.core.grams import line_of
from node.store.tables.words import INDEX_OF_WORDS

revision = "0014_worklist"
down_revision = "0013_stock"
branch_labels = None
depends_on = None

ROWS = 5_000
CASES = sa.table(
    "cases", sa.column("case_id", sa.String), sa.column("case_no", sa.String),
    sa.column("address", sa.Text), sa.column("words", sa.Text),
)
OLD = ("ix_cases_opened", "ix_cases_status", "ix_cases_paused", "ix_cases_finish_by")
NEW = {
    "ix_cases_opened": ("opened_at", "case_id", "status", "area", "code", "source"),
    "ix_cases_status": ("status", "opened_at", "case_id", "area"),
    "ix_cases_code": ("code", "opened_at", "case_id", "status", "area"),
    "ix_cases_area": ("area", "opened_at", "case_id", "status", "code"),
    "ix_cases_source": ("source", "opened_at", "case_id"),
}
PARTIAL = {
    "ix_cases_assignee": (("assignee", "opened_at", "case_id"), "assignee IS NOT NULL"),
    "ix_cases_no_owner": (("opened_at", "case_id"), "no_owner"),
    "ix_cases_live": (
        ("opened_at", "case_id", "finish_by", "warn_at", "done_at", "paused", "area"), "live"),
}


def upgrade() -> None:
    dialect = op.get_bind().dialect.name
    op.add_column("cases", sa.Column("words", sa.Text(), nullable=False, server_default=""))
    if dialect == "postgresql":
        op.alter_column(
            "cases", "area", type_=sa.String(collation="C"), existing_type=sa.String(),
            existing_nullable=False,
        )
    for statement in INDEX_OF_WORDS[dialect]:
        op.execute(statement)
    for rows in _in_portions():
        op.get_bind().execute(
            sa.update(CASES).where(CASES.c.case_id == sa.bindparam("at"))
            .values(words=sa.bindparam("found")), rows,
        )
    for name in OLD:
        op.drop_index(name, "cases")
    for name, columns in NEW.items():
        op.create_index(name, "cases", list(columns))
    for name, (columns, where) in PARTIAL.items():
        op.create_index(
            name, "cases", list(columns), sqlite_where=sa.text(where),
            postgresql_where=sa.text(where),
        )


def _in_portions() -> Iterator[list[dict[str, str]]]:
    last = ""
    while True:
        found = op.get_bind().execute(
            sa.select(CASES.c.case_id, CASES.c.case_no, CASES.c.address)
            .where(CASES.c.case_id > last).order_by(CASES.c.case_id).limit(ROWS)
        ).all()
        if not found:
            return
        last = found[-1].case_id
        yield [
            {"at": row.case_id, "found": line_of(row.case_no, row.address)}
            for row in found
        ]


def downgrade() -> None:
    raise NotImplementedError("going back is restoring a backup")
