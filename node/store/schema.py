"""The gate between a program and a database: which schema is there, may we start, bring it up.

A release may add to the schema while the one before it still runs (add first, remove a release
later). So a database carries two numbers: the version of its schema, and the oldest program
version that can still work with it (``compat``). A program older than ``compat`` refuses to start,
and so does one whose database was never brought up to it.
"""

from __future__ import annotations

from pathlib import Path

from sqlalchemy import Connection, inspect, text

from hub.errors import Incompatible
from hub.store.engine import connect, database_url, open_engine, sole_process
from node.store.access import meta, set_meta
from node.store.tables import meta as meta_table

SCHEMA_VERSION = 34
"""Number of the newest migration; rises with every one."""
SCHEMA_COMPAT = 28
"""The oldest program (by its own SCHEMA_VERSION) that can work with a database of ours."""

VERSION_KEY, COMPAT_KEY = "schema_version", "schema_compat"
_MIGRATIONS_LOCK = 0x77616E6D69
"""Advisory lock on PostgreSQL: two processes must not migrate one database at a time."""


def migrate(url: str, version: int = SCHEMA_VERSION) -> int:
    """Bring the database up to this program (or to an older ``version``, as a copy of that age
    wants it), creating it if need be, in one transaction; returns the schema version. Idempotent.
    Refuses (``Incompatible``) a database that is too new, and
    (``Fenced``) one that a running process has open."""
    _create_private(url)
    with sole_process(url), connect(open_engine(url)) as conn, conn.begin():
        if conn.dialect.name == "postgresql":
            conn.execute(text("SELECT pg_advisory_xact_lock(:key)"), {"key": _MIGRATIONS_LOCK})
        found = _versions(conn)
        if found is not None and found[0] > SCHEMA_VERSION:
            raise Incompatible(
                f"migrating: the database has schema {found[0]}, this program only knows up to "
                f"{SCHEMA_VERSION}. Install the newer program",
                code="schema.too_new",
            )
        _upgrade(conn, version)
        set_meta(conn, VERSION_KEY, str(version))
        set_meta(conn, COMPAT_KEY, str(min(version, SCHEMA_COMPAT)))
    return version


def check(url: str) -> int:
    """May this program start on this database? Returns the schema version found; ``Incompatible``
    says what to do. Changes nothing, also where there is no database yet."""
    parsed = database_url(url)
    if parsed.get_backend_name() == "sqlite" and not Path(parsed.database or "").exists():
        found = None
    else:
        with connect(open_engine(url, read_only=True)) as conn, conn.begin():
            found = _versions(conn)
    if found is None:
        raise Incompatible(
            "opening the database: it has no schema yet. Run `wanmi migrate`",
            code="schema.missing",
        )
    version, compat = found
    if version < SCHEMA_VERSION:
        raise Incompatible(
            f"opening the database: it has schema {version}, this program needs {SCHEMA_VERSION}. "
            "Run `wanmi migrate`",
            code="schema.too_old",
        )
    if compat > SCHEMA_VERSION:
        raise Incompatible(
            f"opening the database: its schema {version} takes programs from {compat} on, this "
            f"one is {SCHEMA_VERSION}. Install the newer program",
            code="schema.too_new",
        )
    return version


def _create_private(url: str) -> None:
    """A new SQLite file is its owner's alone from the first byte on: it will hold personal data.
    What SQLite lays beside it takes over its permissions."""
    parsed = database_url(url)
    if parsed.get_backend_name() == "sqlite" and parsed.database is not None:
        path = Path(parsed.database)
        path.parent.mkdir(parents=True, exist_ok=True)
        path.touch(mode=0o600, exist_ok=True)


def _versions(conn: Connection) -> tuple[int, int] | None:
    """(version, compat) of this database, None if it has none."""
    if not inspect(conn).has_table(meta_table.name):
        return None
    version, compat = meta(conn, VERSION_KEY), meta(conn, COMPAT_KEY)
    return None if version is None or compat is None else (int(version), int(compat))


def _upgrade(conn: Connection, version: int) -> None:
    # Loaded here: a node that only serves has no use for the migrations' machinery.
    from alembic import command
    from alembic.config import Config

    config = Config()
    here = Path(__file__).parent / "migrations"
    config.set_main_option("script_location", str(here).replace("%", "%%"))
    config.attributes["connection"] = conn
    command.upgrade(config, "head" if version == SCHEMA_VERSION else f"{version:04}")
