"""What can be done with a node that is not running: schema, tokens, tables, a first look."""

from __future__ import annotations

import time
from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any, Final, TypeVar

from hub.errors import FabricError
from hub.store import ownership, rosters
from hub.store.engine import transient
from hub.store.tx import Tx
from hub.store.writer import GroupWriter
from node.main.profiles import profile_named, profile_of
from node.main.reached import told_of
from node.main.shipped import install_shipped
from node.service.admission import Admission
from node.service.audit import PRESENT, Audit, AuditEntry, Presence, imported
from node.service.calendars import put_calendar
from node.service.cards import put_cards
from node.service.collectors import put_collectors, put_shifts, put_training
from node.service.evaluation.room import put_members
from node.service.holdings import put_responsibilities
from node.service.phrases import Phrase, phrase
from node.service.standards.editing import Editing, Hand
from node.service.views import Finding, ImportResult, Level
from node.settings import FILE_NAME, Settings, load
from node.store import audit, calendars, collectors, evaluation, schema
from node.store.repository import NodeStore

T = TypeVar("T")

OPERATOR: Final = "operator"
"""Who acts at the machine of a stopped node: nobody has shown a token."""


def migrate(home: Path) -> None:
    """Bring the database of a stopped node to this program's schema, creating it if need be, and
    lay in the lists that come with the program."""
    settings = load(home)
    settings.data.mkdir(mode=0o700, parents=True, exist_ok=True)
    ownership.refuse_if_served(settings.database_url)
    schema.migrate(settings.database_url)
    _write(home, lambda tx: install_shipped(NodeStore(), tx))


def check_profile(home: Path, name: str) -> None:
    """Raises OSError or ValueError if a node in this home could not use the profile."""
    profile_named(name, home=home)


def told(home: Path) -> dict[str, tuple[str, ...]]:
    """What the roster is to say of this node: ``doors`` and ``capabilities``."""
    return told_of(load(home))


def create_token(home: Path, name: str, scope: str, roles: Collection[str] = ()) -> str:
    """Make a token in the database of a stopped node; returns its text, once."""
    with _writer(load(home)) as writer:
        admission = Admission(
            store=NodeStore(), writer=writer, audit=_log_of(home),
            now_us=lambda: time.time_ns() // 1_000)
        return writer.run(lambda tx: admission.create_in(tx, name, scope, roles))


def forget_rosters(home: Path) -> None:
    """Of a stopped node that is to have another root."""

    def forget(tx: Tx) -> None:
        rosters.forget(tx.conn)
        _log_of(home).record(tx, AuditEntry(action="ForgetRosters", subject="roster:"))

    _write(home, forget)


INSTALLER: Final = Hand(actor="installer", basis="installed")
"""Whoever stands at the machine of a stopped node."""


def _editing(write: Callable[[Editing, Sequence[Any]], ImportResult]) -> Callable[
        [NodeStore, Tx, Sequence[Any]], ImportResult]:
    return lambda store, tx, rows: write(Editing(store, tx, INSTALLER), rows)


IMPORTS: Final[Mapping[str, Callable[[NodeStore, Tx, Sequence[Any]], ImportResult]]] = {
    "responsibilities": put_responsibilities,
    "conditions": _editing(Editing.put_conditions),
    "classes": _editing(Editing.put_classes),
    "crosswalk": _editing(Editing.put_crosswalk),
    "area-classes": _editing(Editing.put_area_classes),
    "units": put_cards,
    "calendar": lambda _store, tx, rows: put_calendar(
        calendars, tx, rows, actor=OPERATOR, now_us=time.time_ns() // 1_000
    ),
    "collectors": lambda _, tx, rows: put_collectors(collectors, tx, rows),
    "collectors/shifts": lambda _, tx, rows: put_shifts(collectors, tx, rows),
    "collectors/training": lambda _, tx, rows: put_training(collectors, tx, rows),
    "evaluation/groups": lambda _, tx, rows: put_members(evaluation, tx, rows),
}
"""How the rows of an imported table are stored, by the name of the table."""


def import_rows(home: Path, table: str, rows: Sequence[Any]) -> ImportResult:
    """Store rows of an imported table in the database of a stopped node, all or none."""

    def write(tx: Tx) -> ImportResult:
        done = IMPORTS[table](NodeStore(), tx, rows)
        _log_of(home).record(tx, imported(table, done))
        return done

    return _write(home, write)


def note(home: Path, action: str, subject: str, detail: Mapping[str, str | int | bool]) -> None:
    """Write into the audit log of a stopped node what was done to it from outside. Raises
    ``FabricError`` where its database cannot be written."""
    _write(home, lambda tx: _log_of(home).record(
        tx, AuditEntry(action=action, subject=subject, detail=detail)))


def _log_of(home: Path) -> Audit:
    return Audit(audit, alg=load(home).audit.digest)


def offline_findings(home: Path) -> list[Finding]:
    """What can be said without a running node: settings, profile, keys, schema."""
    try:
        settings = load(home)
    except ValueError as err:  # pydantic's error is one
        remedy = phrase("settings.unfit.remedy", path=str(home / FILE_NAME))
        return [_alarm("settings", phrase("verbatim", text=str(err)), remedy)]
    found = []
    try:
        profile_of(settings)
    except (OSError, ValueError) as err:
        found.append(
            _alarm("profile", phrase("verbatim", text=str(err)), phrase("profile.unfit.remedy"))
        )
    if not settings.keys.is_dir():
        found.append(_alarm("keys", phrase("keys.missing"), phrase("keys.missing.remedy")))
    try:
        version = schema.check(settings.database_url)
    except FabricError as err:
        sentence = phrase("database.unfit", reason=str(err))
        away = err.code.startswith("store.")
        remedy = phrase("database.server.remedy" if away else "database.unfit.remedy")
        found.append(_alarm("database", sentence, remedy))
    except Exception as err:
        if transient(err) is None:
            raise
        sentence = phrase("database.unfit", reason=str(err))
        found.append(_alarm("database", sentence, phrase("database.server.remedy")))
    else:
        found.append(
            Finding(
                level=Level.OK,
                subject="database",
                sentence=phrase("database.version", version=version),
            )
        )
    return found


def _alarm(subject: str, sentence: Phrase, remedy: Phrase) -> Finding:
    return Finding(level=Level.ALARM, subject=subject, sentence=sentence, remedy=remedy)


@contextmanager
def _writer(settings: Settings) -> Iterator[GroupWriter]:
    schema.check(settings.database_url)
    ownership.refuse_if_served(settings.database_url)
    at_machine = PRESENT.set(Presence(actor=OPERATOR, origin="machine"))
    try:
        with GroupWriter(settings.database_url, clock=time.time_ns) as writer:
            yield writer
    finally:
        PRESENT.reset(at_machine)


def _write(home: Path, operation: Callable[[Tx], T]) -> T:
    with _writer(load(home)) as writer:
        return writer.run(operation)


def at_rest(home: Path, operation: Callable[[GroupWriter, Tx], T]) -> T:
    """Run an operation on the database of a stopped node, for rooms that bring their own."""
    with _writer(load(home)) as writer:
        return writer.run(lambda tx: operation(writer, tx))
