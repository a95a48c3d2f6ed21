"""Conditions that were imported before standards had editions stay in force."""

from __future__ import annotations

from datetime import date
from pathlib import Path

from alembic import command
from alembic.config import Config
from sqlalchemy import Connection, text

from hub.store.engine import connect, open_engine
from node.core.standards import in_force
from node.service.standards.rows import edition_of
from node.store import schema
from node.store.repository import NodeStore

STORE = NodeStore()
ROW = ("INSERT INTO filing_condition (standard_ref, kind, code, condition_no, name, filing, "
       "limit_text, limit_count, limit_unit) VALUES (:ref, 'matter', :code, 1, '店外经营', "
       "'出店摆卖', '4小时', 4, 'work_hour')")


def _to(conn: Connection, revision: str) -> None:
    config = Config()
    config.set_main_option("script_location", str(
        Path(schema.__file__).parent / "migrations"))
    config.attributes["connection"] = conn
    command.upgrade(config, revision)


def test_conditions_of_before_become_the_first_edition(bare_database_url: str) -> None:
    url = bare_database_url
    with connect(open_engine(url)) as conn, conn.begin():
        _to(conn, "0002_places")
        for ref, code in [("GB/T 47678.5-2026", "09005"), ("GB/T 30428.2-2013", "0405")]:
            conn.execute(text(ROW), {"ref": ref, "code": code})

    schema.migrate(url)

    with connect(open_engine(url)) as conn:
        for ref, code, minor in [
            ("GB/T 47678.5-2026", "09005", 3), ("GB/T 30428.2-2013", "0405", 2),
        ]:
            edition = in_force(
                [edition_of(row) for row in STORE.editions(conn, ref)], date(2026, 11, 1))
            assert edition is not None
            assert (edition.version, edition.layout.minor, edition.basis) == (1, minor, "installed")
            [kept] = STORE.filing_conditions(conn, ref, 1, kind="matter", code=code)
            assert (kept["limit_count"], kept["limit_assumed"]) == (4, False)
            row = STORE.class_row(conn, ref, 1, "matter", code)
            assert row is not None
            assert (row["name"], row["origin"]) == ("店外经营", "local")
