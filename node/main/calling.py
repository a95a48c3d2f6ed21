"""Puts the rooms of calls together, when somebody first takes or looks for one."""

from __future__ import annotations

from collections.abc import Callable

from hub.store.tx import Writer
from node.main.profiles import calls_named
from node.service.audit import Recorder
from node.service.calls.book import CallBook
from node.service.calls.callers import Callers
from node.service.calls.figures import CallFigures
from node.service.calls.room import CallRooms, Calls
from node.service.calls.telling import Telling
from node.service.handle import Handler
from node.service.ports import Store
from node.service.reporters import Reporters
from node.service.reporting import Reporting
from node.service.surroundings import Surroundings
from node.settings import Settings
from node.store import calls as rows


def call_rooms(
    settings: Settings,
    *,
    store: Store,
    audit: Recorder,
    writer: Writer,
    handler: Handler,
    reporting: Reporting,
    reporters: Reporters,
    surroundings: Surroundings,
    now_us: Callable[[], int],
) -> CallRooms:
    """The rooms over one writer, with the rules that the profile names."""
    rules = calls_named(surroundings.profile.intake.calls, home=settings.home)
    telling = Telling(rules, surroundings)
    book = CallBook(
        rows=rows, writer=writer, telling=telling, now_us=now_us,
        rows_max=settings.limits.page_rows_max)
    return CallRooms(
        log=Calls(
            rules=rules,
            telling=telling,
            book=book,
            store=store,
            rows=rows,
            writer=writer,
            handler=handler,
            reporting=reporting,
            reporters=reporters,
            surroundings=surroundings,
        ),
        book=book,
        callers=Callers(
            rules=rules,
            telling=telling,
            audit=audit,
            rows=rows,
            writer=writer,
            reporters=reporters,
            now_us=now_us,
        ),
        figures=CallFigures(rows=rows, writer=writer, telling=telling, now_us=now_us),
    )
