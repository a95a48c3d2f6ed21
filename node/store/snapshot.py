"""A consistent copy of the whole database while others write, and putting it back.

SQLite: the backup API inside one read transaction, so the copy is of one instant however long it
takes; writers go on. PostgreSQL: every table by ``COPY`` in one repeatable-read transaction, which
needs no other program; it is put back into a database that the migrations of the same version have
made. What the copy says of itself (``Facts``) is read from the same instant.
"""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Callable, Iterator, Mapping
from contextlib import closing, contextmanager
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any, cast

from sqlalchemy import Connection, column, delete, func, inspect, select, table, text

from hub.errors import Malformed, Unsealed
from hub.store import links
from hub.store.engine import connect, database_url, open_engine
from hub.store.tables import blob
from node.store import schema
from node.store.access import meta

Progress = Callable[[int, int], None]
"""Told ``(done, total)``: pages or tables."""

SQLITE_FILE = "wanmi.db"
TABLES_FOLDER, TABLES_FILE = "tables", "tables.json"
PAGES_PER_STEP = 2_048
"""Pages (8 MiB) copied between two looks at the progress bar."""
BOOT, BRANCH, NODE, RECOVERING = "boot_no", "branch", "node_id", "recovering"
_MIGRATIONS = "alembic_version"


@dataclass(frozen=True, slots=True, kw_only=True)
class LinkStand:
    """Where one link stood at the instant of the copy; positions are ``epoch:seq``."""

    link: str
    state: str
    out: str
    acked: str
    inn: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Facts:
    """What a copy says of itself."""

    kind: str
    """sqlite or postgresql."""
    schema: int
    node: str
    boot_no: int
    branch: int
    links: tuple[LinkStand, ...]
    photos: tuple[str, ...]
    """Digests of the photos that the copy says are whole."""
    recovering: bool
    """A person is leading this office through a recovery that has not ended."""

    def document(self) -> dict[str, Any]:
        """For a manifest; the photos have their own list there."""
        document = asdict(self)
        del document["photos"]
        return document


def take(url: str, folder: Path, progress: Progress) -> Facts:
    """Copy the database into ``folder``. Raises ``Incompatible`` where there is no schema."""
    if database_url(url).get_backend_name() == "sqlite":
        return _take_sqlite(url, folder, progress)
    return _take_postgres(url, folder, progress)


def examine(folder: Path) -> None:
    """Look whether a copy can be read at all; ``Unsealed`` (``backup.database``) if not."""
    file = folder / SQLITE_FILE
    if file.is_file():
        with closing(_still(file)) as conn:
            try:
                found = conn.execute("PRAGMA quick_check(1)").fetchone()
            except sqlite3.DatabaseError as err:
                found = (str(err),)
        if found[0] != "ok":
            raise Unsealed(f"reading {file.name}: {found[0]}", code="backup.database")
        return
    for name in _tables(folder):
        if not (folder / TABLES_FOLDER / f"{name}.copy").is_file():
            raise Unsealed(f"reading the copy: table {name} is missing", code="backup.database")


def put_back(folder: Path, url: str, version: int, progress: Progress) -> None:
    """Fill an empty database from a copy and bring it to this program's schema."""
    if database_url(url).get_backend_name() == "sqlite":
        _put_back_sqlite(folder, url, progress)
    else:
        _put_back_postgres(folder, url, version, progress)
    schema.migrate(url)


# --- SQLite ---------------------------------------------------------------------------------------


def _take_sqlite(url: str, folder: Path, progress: Progress) -> Facts:
    schema.check(url)
    source = Path(str(database_url(url).database))
    target = folder / SQLITE_FILE
    target.touch(mode=0o600)
    with closing(sqlite3.connect(source, isolation_level=None)) as reading:
        # Held open for the whole copy: a commit of the node would make the copy start again.
        reading.execute("BEGIN")
        reading.execute("SELECT count(*) FROM sqlite_master").fetchone()
        with closing(sqlite3.connect(target)) as writing:
            reading.backup(
                writing, pages=PAGES_PER_STEP,
                progress=lambda _status, left, total: progress(total - left, total),
            )
        reading.execute("ROLLBACK")
    with _still_connection(target) as conn:
        return _facts(conn, "sqlite")


def _put_back_sqlite(folder: Path, url: str, progress: Progress) -> None:
    source = folder / SQLITE_FILE
    if not source.is_file():
        raise _other_kind("PostgreSQL", "SQLite")
    target = Path(str(database_url(url).database))
    if target.exists():
        raise Malformed(f"restoring: {target} is there already", code="backup.not_empty")
    target.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    target.touch(mode=0o600)
    with closing(_still(source)) as reading, closing(sqlite3.connect(target)) as writing:
        writing.execute("PRAGMA synchronous=FULL")
        reading.backup(
            writing, pages=PAGES_PER_STEP,
            progress=lambda _status, left, total: progress(total - left, total),
        )


def _still(file: Path) -> sqlite3.Connection:
    """A file that nobody writes: nothing is laid beside it."""
    return sqlite3.connect(f"{file.absolute().as_uri()}?mode=ro&immutable=1", uri=True)


@contextmanager
def _still_connection(file: Path) -> Iterator[Connection]:
    engine = open_engine(f"sqlite:///{file}", read_only=True)
    with connect(engine) as conn, conn.begin():
        yield conn
    with closing(sqlite3.connect(file)) as after:
        # The readers asked for a WAL. One file without companions: nothing can be forgotten.
        after.execute("PRAGMA journal_mode=DELETE")


# --- PostgreSQL -----------------------------------------------------------------------------------


def _take_postgres(url: str, folder: Path, progress: Progress) -> Facts:
    schema.check(url)
    (folder / TABLES_FOLDER).mkdir(mode=0o700)
    with connect(open_engine(url, read_only=True)) as conn, conn.begin():
        facts = _facts(conn, "postgresql")
        seen = inspect(conn)
        tables = {
            name: [
                one["name"] for one in seen.get_columns(name) if not one.get("computed")
            ]
            for name in sorted(seen.get_table_names())
            if name != _MIGRATIONS
        }
        for done, (name, columns) in enumerate(tables.items()):
            progress(done, len(tables))
            with (folder / TABLES_FOLDER / f"{name}.copy").open("xb") as out:
                statement = f"COPY {_quoted(name)} ({_list(columns)}) TO STDOUT (FORMAT binary)"
                with _driver(conn).cursor() as cursor, cursor.copy(statement) as copy:
                    for piece in copy:
                        out.write(piece)
        progress(len(tables), len(tables))
    (folder / TABLES_FILE).write_text(json.dumps(tables), encoding="utf-8")
    return facts


def _put_back_postgres(folder: Path, url: str, version: int, progress: Progress) -> None:
    tables = _tables(folder)
    with connect(open_engine(url)) as conn, conn.begin():
        if inspect(conn).get_table_names():
            raise Malformed(
                "restoring: the named database holds tables already", code="backup.not_empty"
            )
    schema.migrate(url, version)
    with connect(open_engine(url)) as conn, conn.begin():
        for done, (name, columns) in enumerate(tables.items()):
            progress(done, len(tables))
            # What the migrations lay in themselves is in the copy as well.
            conn.execute(delete(table(name)))
            statement = f"COPY {_quoted(name)} ({_list(columns)}) FROM STDIN (FORMAT binary)"
            file = folder / TABLES_FOLDER / f"{name}.copy"
            with (
                file.open("rb") as reading,
                _driver(conn).cursor() as cursor,
                cursor.copy(statement) as copy,
            ):
                while piece := reading.read(1 << 20):
                    copy.write(piece)
            _go_on_counting(conn, name)
        progress(len(tables), len(tables))


def _go_on_counting(conn: Connection, named: str) -> None:
    """Numbers that the database gives itself go on after the highest that came back."""
    counted = conn.execute(
        text(
            "SELECT column_name FROM information_schema.columns "
            "WHERE table_schema = current_schema() AND table_name = :table AND is_identity = 'YES'"
        ),
        {"table": named},
    ).scalars()
    for name in list(counted):
        sequence = func.pg_get_serial_sequence(_quoted(named), name)
        highest: Any = func.coalesce(func.max(column(name)), 0)
        conn.execute(select(func.setval(sequence, highest + 1, False)).select_from(table(named)))


def _tables(folder: Path) -> Mapping[str, list[str]]:
    try:
        return cast(
            "Mapping[str, list[str]]",
            json.loads((folder / TABLES_FILE).read_text(encoding="utf-8")),
        )
    except FileNotFoundError as err:
        raise _other_kind("SQLite", "PostgreSQL") from err


def _driver(conn: Connection) -> Any:
    """The driver's own connection, for ``COPY``."""
    return conn.connection.driver_connection


def _quoted(name: str) -> str:
    return '"' + name.replace('"', '""') + '"'


def _list(columns: list[str]) -> str:
    return ", ".join(map(_quoted, columns))


def _other_kind(has: str, wants: str) -> Malformed:
    return Malformed(
        f"restoring: the backup is of a {has} database, the settings name a {wants} one",
        code="backup.other_database",
    )


# --- both -----------------------------------------------------------------------------------------


def _facts(conn: Connection, kind: str) -> Facts:
    whole = conn.execute(select(blob.c.digest).where(blob.c.state == "WHOLE")).scalars()
    return Facts(
        kind=kind,
        schema=int(meta(conn, schema.VERSION_KEY) or 0),
        node=meta(conn, NODE) or "",
        boot_no=int(meta(conn, BOOT) or 0),
        branch=int(meta(conn, BRANCH) or 0),
        links=tuple(
            LinkStand(
                link=one.link, state=one.state.value, out=f"{one.out}", acked=f"{one.acked}",
                inn=f"{one.inn}",
            )
            for one in links.all_links(conn)
        ),
        photos=tuple(sorted(bytes(digest).hex() for digest in whole)),
        recovering=bool(meta(conn, RECOVERING)),
    )
