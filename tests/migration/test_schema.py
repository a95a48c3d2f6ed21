"""The schema gate, and that migrations and tables say the same on both databases."""

from __future__ import annotations

from pathlib import Path

import pytest
from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext
from sqlalchemy import inspect, text

from hub.errors import Fenced, Incompatible
from hub.store.engine import connect, open_engine, sole_process
from hub.store.tables import metadata as hub_metadata
from node.store import schema
from node.store.access import meta, set_meta
from node.store.tables import metadata as node_metadata


def test_migrated_schema_is_what_the_tables_say(database_url: str) -> None:
    with connect(open_engine(database_url)) as conn:
        # On SQLite an identity column looks like a default; its text is compared below.
        defaults = conn.dialect.name == "postgresql"
        context = MigrationContext.configure(
            conn,
            opts={
                "compare_type": True, "compare_server_default": defaults,
                # An index of the database's own kind; its text is compared below.
                "include_object": lambda _obj, name, *_: "case_words" not in name
                and name != "ix_cases_words",
            },
        )
        assert compare_metadata(context, [hub_metadata, node_metadata]) == []  # type: ignore[arg-type]


def test_checks_partial_indexes_and_counters_are_in_the_migrated_schema(database_url: str) -> None:
    """Alembic compares neither CHECKs nor the WHERE of an index nor AUTOINCREMENT: compare the
    text of the tables with one made from today's metadata."""
    with connect(open_engine(database_url)) as conn:
        if conn.dialect.name == "sqlite":
            query = "SELECT name, sql FROM sqlite_master WHERE name NOT LIKE 'alembic%' ORDER BY 1"
        else:
            query = (
                "SELECT indexname, indexdef FROM pg_indexes WHERE schemaname = 'public' "
                "AND tablename <> 'alembic_version' UNION ALL "
                "SELECT conname, pg_get_constraintdef(oid) FROM pg_constraint "
                "WHERE connamespace = 'public'::regnamespace AND conrelid <> "
                "'alembic_version'::regclass UNION ALL "
                "SELECT table_name || '.' || column_name, coalesce(collation_name, '') "
                "|| identity_generation FROM information_schema.columns "
                "WHERE table_schema = 'public' ORDER BY 1, 2"
            )
        migrated = {name: _plain(sql) for name, sql in conn.execute(text(query)).all()}
        conn.rollback()
        with conn.begin():
            for metadata in (hub_metadata, node_metadata):
                metadata.drop_all(conn)
                metadata.create_all(conn)
        made = {name: _plain(sql) for name, sql in conn.execute(text(query)).all()}
    assert migrated == made


def _plain(sql: str | None) -> str:
    # The order of table constraints and line breaks mean nothing.
    return "".join(sorted("".join((sql or "").replace('"', "").split())))


def test_bare_database_is_refused_and_left_alone(bare_database_url: str) -> None:
    with pytest.raises(Incompatible, match="wanmi migrate") as refusal:
        schema.check(bare_database_url)
    assert refusal.value.code == "schema.missing"
    if bare_database_url.startswith("sqlite"):
        assert not Path(bare_database_url.removeprefix("sqlite:///")).exists()


def test_migrating_makes_a_database_that_may_start_and_is_idempotent(
    bare_database_url: str,
) -> None:
    assert schema.migrate(bare_database_url) == schema.SCHEMA_VERSION
    assert schema.migrate(bare_database_url) == schema.SCHEMA_VERSION
    assert schema.check(bare_database_url) == schema.SCHEMA_VERSION


def test_migration_that_fails_leaves_nothing_behind(
    bare_database_url: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    with connect(open_engine(bare_database_url)) as conn, conn.begin():
        conn.execute(text("CREATE TABLE access_log (mine INTEGER)"))  # in the way of the last step
    with pytest.raises(Exception, match="access_log"):
        schema.migrate(bare_database_url)
    with connect(open_engine(bare_database_url)) as conn:
        assert inspect(conn).get_table_names() == ["access_log"]


def test_program_older_than_the_database_takes_refuses(database_url: str) -> None:
    newer = schema.SCHEMA_VERSION + 1
    _set(database_url, version=newer, compat=newer)
    with pytest.raises(Incompatible, match="newer program") as refusal:
        schema.check(database_url)
    assert refusal.value.code == "schema.too_new"


def test_program_one_release_older_starts_while_the_database_still_takes_it(
    database_url: str,
) -> None:
    _set(database_url, version=schema.SCHEMA_VERSION + 1, compat=schema.SCHEMA_VERSION)
    assert schema.check(database_url) == schema.SCHEMA_VERSION + 1


def test_older_program_never_migrates_a_newer_database(database_url: str) -> None:
    _set(database_url, version=schema.SCHEMA_VERSION + 1, compat=1)
    with pytest.raises(Incompatible, match="newer program"):
        schema.migrate(database_url)
    with connect(open_engine(database_url)) as conn:
        assert meta(conn, schema.VERSION_KEY) == str(schema.SCHEMA_VERSION + 1)


def test_database_never_brought_up_to_the_program_is_refused(database_url: str) -> None:
    _set(database_url, version=schema.SCHEMA_VERSION - 1, compat=0)
    with pytest.raises(Incompatible, match="wanmi migrate") as refusal:
        schema.check(database_url)
    assert refusal.value.code == "schema.too_old"


def test_new_database_file_is_its_owners_alone(tmp_path: Path) -> None:
    path = tmp_path / "data" / "wanmi.db"
    schema.migrate(f"sqlite:///{path}")
    assert path.stat().st_mode & 0o777 == 0o600


def test_database_in_use_is_not_migrated(tmp_path: Path) -> None:
    url = f"sqlite:///{tmp_path / 'wanmi.db'}"
    with sole_process(url), pytest.raises(Fenced, match="has it open"):
        schema.migrate(url)


def _set(url: str, *, version: int, compat: int) -> None:
    with connect(open_engine(url)) as conn, conn.begin():
        set_meta(conn, schema.VERSION_KEY, str(version))
        set_meta(conn, schema.COMPAT_KEY, str(compat))
