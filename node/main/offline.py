"""What can be done with a node that is not running: schema, tokens, tables, a first look."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import TypeVar

from hub.errors import FabricError
from hub.store.engine import transient
from hub.store.tx import Tx
from hub.store.writer import GroupWriter
from node.main.profiles import profile_of
from node.service.admission import Admission
from node.service.holdings import put_conditions, put_responsibilities
from node.service.views import FilingCondition, Finding, ImportResult, Level, Responsibility
from node.settings import Settings, load
from node.store import schema
from node.store.repository import NodeStore

T = TypeVar("T")


def migrate(home: Path) -> None:
    """Bring the database of a stopped node to this program's schema, creating it if need be."""
    settings = load(home)
    settings.data.mkdir(mode=0o700, parents=True, exist_ok=True)
    schema.migrate(settings.database_url)


def create_token(home: Path, name: str, scope: str) -> str:
    """Make a token in the database of a stopped node; returns its text, once."""
    with _writer(load(home)) as writer:
        admission = Admission(store=NodeStore(), writer=writer)
        return writer.run(lambda tx: admission.create_in(tx, name, scope))


def import_responsibilities(home: Path, rows: Sequence[Responsibility]) -> ImportResult:
    """Store rows of the responsibility table in the database of a stopped node."""
    return _write(home, lambda tx: put_responsibilities(NodeStore(), tx, rows))


def import_conditions(home: Path, rows: Sequence[FilingCondition]) -> ImportResult:
    """Store filing conditions in the database of a stopped node."""
    return _write(home, lambda tx: put_conditions(NodeStore(), tx, rows))


def offline_findings(home: Path) -> list[Finding]:
    """What can be said without a running node: settings, profile, keys, schema."""
    try:
        settings = load(home)
    except ValueError as err:  # pydantic's error is one
        return [_alarm("settings", str(err), f"correct {home / 'wanmi.toml'}")]
    found = []
    try:
        profile_of(settings)
    except (OSError, ValueError) as err:
        found.append(_alarm("profile", str(err), "name a shipped profile or the path of a file"))
    if not settings.keys.is_dir():
        found.append(_alarm("keys", "this home has no keys", "run wanmi init"))
    try:
        version = schema.check(settings.database_url)
    except FabricError as err:
        found.append(_alarm("database", str(err), "run wanmi migrate with the newest program"))
    except Exception as err:
        if transient(err) is None:
            raise
        found.append(_alarm("database", str(err), "look at the database server"))
    else:
        found.append(
            Finding(level=Level.OK, subject="database", sentence=f"schema version {version}")
        )
    return found


def _alarm(subject: str, sentence: str, remedy: str) -> Finding:
    return Finding(level=Level.ALARM, subject=subject, sentence=sentence, remedy=remedy)


@contextmanager
def _writer(settings: Settings) -> Iterator[GroupWriter]:
    schema.check(settings.database_url)
    with GroupWriter(settings.database_url, clock=time.time_ns) as writer:
        yield writer


def _write(home: Path, operation: Callable[[Tx], T]) -> T:
    with _writer(load(home)) as writer:
        return writer.run(operation)
