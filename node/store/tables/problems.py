"""Joint problems: which cases are treated as one (综合治理). A projection of the cases' own
records, by which the cases of a problem are found."""

from __future__ import annotations

from sqlalchemy import BigInteger, Boolean, Column, Index, PrimaryKeyConstraint, String, Table

from hub.store.dialect import partial_index
from node.store.tables.naming import UUID_TEXT, metadata

problem_case = Table(
    "problem_case",
    metadata,
    Column("problem_id", String, nullable=False),
    Column("case_id", UUID_TEXT, nullable=False),
    Column("coordination_id", UUID_TEXT, nullable=False),
    Column("open", Boolean, nullable=False),  # to be decided: no answer, and the case goes on
    Column("asked_at", BigInteger, nullable=False),
    PrimaryKeyConstraint("problem_id", "case_id", "coordination_id", name="pk_problem_case"),
    Index("ix_problem_case_case", "case_id"),
    partial_index("ix_problem_case_open", "asked_at", "problem_id", where="open"),
)
OPEN = "problem_case.open"
"""In the words of the index over open ones: SQLite uses one for nothing else."""
