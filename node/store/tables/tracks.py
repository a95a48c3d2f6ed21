"""Where collectors were on duty, and what came out for each shift.

Points are personal data: they are in this table alone, in no journal and no word, and are deleted
after the time that the rules give. What came out stays.
"""

from __future__ import annotations

from sqlalchemy import (
    BigInteger,
    Boolean,
    Column,
    Float,
    Index,
    Integer,
    PrimaryKeyConstraint,
    String,
    Table,
    Text,
)

from node.store.tables.naming import metadata

track_point = Table(
    "track_point",
    metadata,
    Column("collector", String, nullable=False),
    # The mark it leaves (node.core.tracks): begin of the step, and the cell. The first that comes
    # stands for all others of it.
    Column("step_at", BigInteger, nullable=False),
    Column("x", Integer, nullable=False),
    Column("y", Integer, nullable=False),
    Column("at", BigInteger, nullable=False),
    Column("lon", Float(53), nullable=False),  # CGCS2000
    Column("lat", Float(53), nullable=False),
    Column("accuracy_m", Float(53), nullable=True),
    PrimaryKeyConstraint("collector", "step_at", "x", "y"),
    Index("ix_track_point_at", "at"),
)

track_result = Table(
    "track_result",
    metadata,
    Column("collector", String, nullable=False),
    Column("begins_at", BigInteger, nullable=False),
    Column("until_at", BigInteger, nullable=False),  # the end of the shift, or when it was judged
    Column("beat", String, nullable=False),
    Column("rules", String, nullable=False),
    Column("ground", String, nullable=False),  # versions of the layers of grids
    Column("points", Integer, nullable=False),
    Column("covered", Integer, nullable=False),
    Column("total", Integer, nullable=False),
    Column("on_s", Integer, nullable=False),
    Column("off_s", Integer, nullable=False),
    Column("parts", Text, nullable=False),  # JSON: [[code, covered, total], …]
    Column("computed_at", BigInteger, nullable=False),
    # No further point is taken for it: what came out stays, also when its points are gone.
    Column("settled", Boolean, nullable=False),
    PrimaryKeyConstraint("collector", "begins_at"),
)
