"""Drawing up the problem library's sheets: count a period, publish, send up, see who has sent.

A sheet is counted from our own cases and journal. Publishing it and putting it on its way are one
commit, so what was published goes up exactly once, however long the line is down; the office
above keeps it under (node, period, version) and nothing ever changes it. Where the figures of a
period come out differently later (other rules), they are a further version beside the first.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Collection, Mapping, Sequence
from datetime import datetime, timedelta
from hashlib import sha256
from typing import Any, Final, Protocol

from sqlalchemy import Connection

from hub.application import APPLIED, Settled, parked
from hub.envelope import PRIO_TRACE, Draft, Received
from hub.ids import MsgId
from hub.store.outbox import enqueue
from hub.store.tx import Tx, Writer
from node.core.approvals import Ladders
from node.core.errors import Invalid
from node.core.periods import Period, Span, before, last_finished, read_period
from node.core.stock import Piece, due_at, pieces
from node.service.canonical import canonical
from node.service.folding import read_event
from node.service.hlc import HybridClock
from node.service.instants import to_time, to_us
from node.service.ports import Codec, Row, StockSheet
from node.service.stock.document import About, Whose, document, of_holder, read_document
from node.service.surroundings import Surroundings, uuid_bytes
from node.service.views import Page

BATCH: Final = 400
"""Cases whose journals are read at once."""
CASES_MAX: Final = 200_000
"""Cases in one library: a city with more has other troubles, and a page has no room for them."""
CATCH_UP_MAX: Final = 31
"""Periods that are made up for when a node was away: a month of days."""
ROWS_MAX: Final = 200
BY_ITSELF: Final = "schedule"
"""Who drew up what the rules schedule."""
NOT_YOURS, NOT_MAKER, DIFFERS = "word.not_yours", "stock.not_maker", "stock.differs"
SPANS: Final = frozenset({Span.DAY, Span.WEEK, Span.MONTH})
"""What the library may be summed up for."""
_CURSOR: Final = re.compile(r"(\d{1,18})\.([^.]{1,64})\.([0-9W-]{4,10})\.(\d{1,9})", re.ASCII)


class StockStore(Protocol):
    """What it asks of the tables (``node.store.stock``)."""

    def stock_candidates(
        self, conn: Connection, *, begins: int, ends: int, overdue_before: int, after: str,
        limit: int,
    ) -> Sequence[Row]: ...

    def stock_entries(self, conn: Connection, case_ids: Collection[str]) -> Sequence[Row]: ...

    def add_sheet(self, conn: Connection, row: Row) -> None: ...

    def keep_sheet(self, conn: Connection, row: Row) -> str: ...

    def one_sheet(
        self, conn: Connection, node: str, period: str, version: int
    ) -> Row | None: ...

    def sheets(
        self, conn: Connection, *, node: str, span: str,
        before: tuple[int, str, str, int] | None, limit: int,
    ) -> Sequence[Row]: ...

    def newest_sheets(
        self, conn: Connection, nodes: Collection[str], period: str
    ) -> Sequence[Row]: ...

    def drawn_periods(
        self, conn: Connection, node: str, span: str, since: int
    ) -> Sequence[str]: ...


class Stock:
    """Sheets of the problem library."""

    def __init__(
        self,
        *,
        store: StockStore,
        codec: Codec,
        clock: HybridClock,
        writer: Writer,
        surroundings: Surroundings,
        now_us: Callable[[], int],
    ) -> None:
        self._store = store
        self._codec = codec
        self._clock = clock
        self._writer = writer
        self._surroundings = surroundings
        self._now_us = now_us

    # --- counting -----------------------------------------------------------------------------

    async def count(self, period: str, *, unit: str = "") -> dict[str, Any]:
        """The sheet of a finished period as it would be published; with ``unit`` (an assignee such
        as ``node:420203``) what lay with it alone. ``Invalid``: ``evaluation.period``,
        ``stock.span``, ``stock.unfinished``, ``stock.no_rules``."""
        chosen = self._finished(period)
        ladders = self._ladders()
        found, about = await self._pieces(chosen, ladders)
        if unit:
            choose = of_holder(unit)
            found = [one for one in found if choose(one)]
        whose = Whose(
            node=self._surroundings.node, name=self._surroundings.name, ladders=ladders
        )
        return document(whose, chosen, found, about)

    def _ladders(self) -> Ladders:
        ladders = self._surroundings.ladders
        if ladders is None:
            raise Invalid("this office has no file of approvals, so it sums up nothing",
                          code="stock.no_rules")
        return ladders

    def _finished(self, name: str) -> Period:
        period = read_period(name)
        if period.span not in SPANS:
            raise Invalid(f"the problem library is summed up by day, week or month, not {name}",
                          code="stock.span")
        if to_time(self._now_us()) < period.ends:
            raise Invalid(f"{name} is not over before {period.ends.isoformat()}",
                          code="stock.unfinished")
        return period

    async def _pieces(
        self, period: Period, ladders: Ladders
    ) -> tuple[list[Piece], dict[str, About]]:
        grace = timedelta(days=ladders.thresholds.long_overdue_days)
        found: list[Piece] = []
        about: dict[str, About] = {}
        after = ""
        while True:
            rows, more, after = await self._writer.read(
                lambda conn, after=after: self._batch(conn, period, grace, after)  # type: ignore[misc]
            )
            found += more
            about.update(rows)
            if not after:
                return found, about
            if len(about) > CASES_MAX:
                raise Invalid(f"more than {CASES_MAX} cases in one library", code="stock.too_many")

    def _batch(
        self, conn: Connection, period: Period, grace: timedelta, after: str
    ) -> tuple[dict[str, About], list[Piece], str]:
        rows = self._store.stock_candidates(
            conn, begins=to_us(period.begins), ends=to_us(period.ends),
            overdue_before=to_us(period.ends - grace), after=after, limit=BATCH,
        )
        events: dict[str, list[Any]] = {row["case_id"]: [] for row in rows}
        for row in self._store.stock_entries(conn, list(events)):
            entry = self._codec.read_entry(bytes(row["entry"]))
            events[row["case_id"]].append(read_event(entry.event_type, entry.event))
        found: list[Piece] = []
        about: dict[str, About] = {}
        for row in rows:
            case_id = row["case_id"]
            _, stays = pieces(case_id, events[case_id], grace, period.ends)
            if not stays:
                continue
            found += stays
            about[case_id] = About(
                case_no=row["case_no"], name=row["name"], area=row["area"],
                opened_at=to_time(row["opened_at"]),
            )
        return about, found, rows[-1]["case_id"] if len(rows) == BATCH else ""

    # --- publishing ---------------------------------------------------------------------------

    async def publish(self, period: str, *, actor: str) -> dict[str, Any]:
        """Keep the sheet of a finished period and send it to the office above. Where the figures
        are those of the newest version already, nothing is done and that version is returned."""
        chosen = self._finished(period)
        told = await self.count(period)
        raw = canonical(told)
        row = await self._writer.write(lambda tx: self._keep(tx, chosen, raw, actor), urgent=True)
        return _listed(row)

    def _keep(self, tx: Tx, period: Period, raw: bytes, actor: str) -> Row:
        node = self._surroundings.node
        digest = sha256(raw).hexdigest()
        newest = self._store.one_sheet(tx.conn, node, period.name, 0)
        if newest is not None and newest["digest"] == digest:
            return newest
        version = newest["version"] + 1 if newest is not None else 1
        sheet = StockSheet(node=node, period=period.name, version=version, document=raw)
        type_, rev, body = self._codec.say_stock(sheet)
        link = self._surroundings.parent_link
        msg = self._surroundings.ids.uuid7() if link is not None else None
        row = {
            "node": node,
            "period": period.name,
            "version": version,
            "span": period.span.value,
            "begins_at": to_us(period.begins),
            "drawn_at": tx.now_us,
            "drawn_by": actor,
            "digest": digest,
            "document": raw,
            "msg": msg,
            "received_at": None,
            "sealed": None,
        }
        self._store.add_sheet(tx.conn, row)
        if link is not None and msg is not None:
            enqueue(tx, link, [Draft(
                msg_id=MsgId(msg),
                type=type_,
                schema_rev=rev,
                occurred_at_us=tx.now_us,
                hlc=self._clock.tick(tx.now_us),
                body=body,
                prio=PRIO_TRACE,
                causation_id=uuid_bytes(self._surroundings.fresh_id()),
            )])
        return row

    async def publish_due(self) -> int:
        """Publish what the rules schedule and is due by our calendar; returns how many sheets.
        Periods that passed while the node was away are made up for. Safe to call at any time."""
        ladders = self._surroundings.ladders
        if ladders is None:
            return 0
        done = 0
        now = to_time(self._now_us())
        for span in ladders.stock.every:
            for period in await self._missing(span, now):
                if due_at(period, self._surroundings.calendar) <= now:
                    await self.publish(period.name, actor=BY_ITSELF)
                    done += 1
        return done

    async def _missing(self, span: Span, now: datetime) -> list[Period]:
        """Finished periods without a sheet since the last one that has one, oldest first; without
        any earlier sheet the last period alone."""
        walked = [last_finished(span, now)]
        while len(walked) < CATCH_UP_MAX:
            walked.append(before(walked[-1]))
        there = set(await self._writer.read(
            lambda conn: self._store.drawn_periods(
                conn, self._surroundings.node, span.value, to_us(walked[-1].begins))
        ))
        missing: list[Period] = []
        for period in walked:
            if period.name in there:
                return missing[::-1]
            missing.append(period)
        return missing[:1]

    # --- hearing ------------------------------------------------------------------------------

    def hear(self, tx: Tx, received: Received, sheet: StockSheet) -> Settled:
        """Take a sheet from below, inside the fabric's transaction: once, and never changed."""
        if received.peer_is_parent:
            return parked(NOT_YOURS)
        if sheet.node != received.peer:
            return parked(NOT_MAKER)
        try:
            read_document(sheet.document, node=sheet.node, period=sheet.period)
        except Invalid as refused:
            return parked(refused.code)
        period = read_period(sheet.period)
        digest = sha256(sheet.document).hexdigest()
        kept = self._store.keep_sheet(tx.conn, {
            "node": sheet.node,
            "period": period.name,
            "version": sheet.version,
            "span": period.span.value,
            "begins_at": to_us(period.begins),
            "drawn_at": received.opened.header.occurred_at_us,
            "drawn_by": "",
            "digest": digest,
            "document": sheet.document,
            "msg": received.opened.header.msg_id,
            "received_at": received.received_at_us,
            "sealed": received.opened.sealed,
        })
        return APPLIED if kept == digest else parked(DIFFERS)

    # --- reading ------------------------------------------------------------------------------

    async def sheets(
        self, *, node: str = "", span: str = "", after: str = "", limit: int = 50
    ) -> Page:
        """What was published here and below, newest period first. ``node`` "" = everybody's.
        Items: node own period span version drawn_at drawn_by received_at digest."""
        limit = max(1, min(limit, ROWS_MAX))
        last = _cursor(after)
        rows = await self._writer.read(lambda conn: self._store.sheets(
            conn, node=node, span=span, before=last, limit=limit))
        end = rows[-1] if len(rows) == limit else None
        return Page(
            items=tuple(_listed(row) for row in rows),
            next="" if end is None else
            f"{end['begins_at']}.{end['node']}.{end['period']}.{end['version']}",
        )

    async def sheet(self, period: str, *, node: str = "", version: int = 0) -> dict[str, Any]:
        """One sheet as published, with ``document``; ``node`` "" = our own, ``version`` 0 = the
        newest. ``Invalid`` (``stock.unknown``) if there is none."""
        whose = node or self._surroundings.node
        row = await self._writer.read(
            lambda conn: self._store.one_sheet(conn, whose, period, version))
        if row is None:
            raise Invalid(f"{whose} has published no sheet of {period}", code="stock.unknown")
        told = read_document(bytes(row["document"]), node=whose, period=period)
        return {**_listed(row), "document": told}

    async def below(self, period: str) -> dict[str, Any]:
        """What the offices below have sent of a period: ``{period due_at late_from, lines}`` with
        node state (``received``, ``awaited`` before the grace is over, ``missing``) version
        received_at and the total figures; ``expected`` False = the rules ask for none."""
        chosen = self._finished(period)
        rules = self._ladders().stock
        children = self._surroundings.children
        rows = await self._writer.read(
            lambda conn: self._store.newest_sheets(conn, children, chosen.name))
        due = due_at(chosen, self._surroundings.calendar)
        late_from = due + timedelta(hours=rules.grace_h)
        late = to_time(self._now_us()) >= late_from
        sent = {row["node"]: row for row in rows}
        return {
            "period": chosen.name,
            "expected": chosen.span in rules.below,
            "due_at": due.isoformat(),
            "late_from": late_from.isoformat(),
            "lines": [_line(node, sent.get(node), late=late) for node in children],
        }


def _line(node: str, row: Row | None, *, late: bool) -> dict[str, Any]:
    if row is None:
        return {"node": node, "name": "", "state": "missing" if late else "awaited",
                "version": 0, "received_at": None, "digest": "", "total": None}
    told = read_document(bytes(row["document"]), node=node, period=row["period"])
    return {
        "node": node,
        "name": str(told.get("node_name", "")),
        "state": "received",
        "version": row["version"],
        "received_at": to_time(row["received_at"]).isoformat(),
        "digest": row["digest"],
        "total": told["total"],
    }


def _listed(row: Mapping[str, Any]) -> dict[str, Any]:
    received = row["received_at"]
    return {
        "node": row["node"],
        "own": received is None,
        "period": row["period"],
        "span": row["span"],
        "version": row["version"],
        "drawn_at": to_time(row["drawn_at"]).isoformat(),
        "drawn_by": row["drawn_by"],
        "received_at": None if received is None else to_time(received).isoformat(),
        "digest": row["digest"],
    }


def _cursor(after: str) -> tuple[int, str, str, int] | None:
    if not after:
        return None
    found = _CURSOR.fullmatch(after)
    if found is None:
        raise Invalid("this is no cursor of a page", code="page.cursor")
    begins, node, period, version = found.groups()
    return int(begins), node, period, int(version)
