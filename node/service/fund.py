"""The fund for repairs by proxy (代整治资金): what was paid, what came back, who still owes.

The ledger is a projection: every line is an entry of the journal, written again from there at any
time with the same result. Only deposits are book entries of their own. Amounts are whole fen.
"""

from __future__ import annotations

import csv
import io
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Protocol

from sqlalchemy import Connection

from hub.store.tx import Tx, Writer
from node.core.errors import Invalid
from node.core.events import CostRecovered, ProxyRepairRecorded
from node.core.fund import AMOUNT_FEN_MAX
from node.service.audit import AuditEntry, Recorder
from node.service.folding import read_event
from node.service.instants import to_minute, to_time
from node.service.ports import Codec, Row

BATCH_MAX = 500
"""Journal entries written into the ledger in one transaction."""
OPEN_MAX = 2_000
"""Open recoveries shown at once; a city with more has a court case, not a ledger."""
DEPOSITS_MAX = 500
CSV_MAX = 100_000
"""Lines of one export."""
CSV_HEADING = (
    "日期", "案卷号", "类别", "金额（元）", "实施单位", "责任单位", "经办", "说明", "整治编号",
)
_KIND_SAID = {"repair": "代整治支出", "recovery": "追缴"}


class FundStore(Protocol):
    """What the fund needs from below."""

    def fund_mark(self, conn: Connection) -> int: ...

    def fund_news(self, conn: Connection, after: int, limit: int) -> Sequence[Row]: ...

    def add_fund_entries(self, conn: Connection, rows: Sequence[Row]) -> None: ...

    def forget_fund_entries(self, conn: Connection) -> None: ...

    def fund_entries(self, conn: Connection, after: int, limit: int) -> Sequence[Row]: ...

    def fund_sums(self, conn: Connection) -> Row: ...

    def open_recoveries(self, conn: Connection, limit: int) -> Sequence[Row]: ...

    def add_deposit(self, conn: Connection, row: Row) -> int: ...

    def deposits(self, conn: Connection, limit: int) -> Sequence[Row]: ...


@dataclass(frozen=True, slots=True, kw_only=True)
class Owed:
    """A repair that somebody still owes for."""

    case_id: str
    case_no: str
    repair_id: str
    performer: str
    payer: str
    at: datetime
    cost_fen: int
    recovered_fen: int

    @property
    def outstanding_fen(self) -> int:
        return self.cost_fen - self.recovered_fen


@dataclass(frozen=True, slots=True, kw_only=True)
class Statement:
    """How the fund stands. ``balance_fen`` = deposited - paid + recovered; it may be negative.
    ``by_payer`` sums what each responsible body owes."""

    deposited_fen: int
    paid_fen: int
    recovered_fen: int
    outstanding_fen: int
    by_payer: Mapping[str, int]
    owed: tuple[Owed, ...]

    @property
    def balance_fen(self) -> int:
        return self.deposited_fen - self.paid_fen + self.recovered_fen


class Fund:
    """The ledger of one office."""

    def __init__(
        self, *, store: FundStore, codec: Codec, writer: Writer, audit: Recorder,
        now_us: Callable[[], int], rows_max: int,
    ) -> None:
        self._store = store
        self._codec = codec
        self._writer = writer
        self._audit = audit
        self._now_us = now_us
        self._rows_max = rows_max

    async def statement(self) -> Statement:
        """How the fund stands now."""
        await self._catch_up()

        def look(conn: Connection) -> tuple[Row, Sequence[Row]]:
            return self._store.fund_sums(conn), self._store.open_recoveries(conn, OPEN_MAX)

        sums, rows = await self._writer.read(look)
        owed = tuple(Owed(**{**row, "at": to_time(row["at"])}) for row in rows)
        by_payer: dict[str, int] = {}
        for one in owed:
            by_payer[one.payer] = by_payer.get(one.payer, 0) + one.outstanding_fen
        return Statement(
            deposited_fen=sums["deposited"], paid_fen=sums["paid"],
            recovered_fen=sums["recovered"],
            outstanding_fen=sum(by_payer.values()),
            by_payer=dict(sorted(by_payer.items(), key=lambda item: -item[1])), owed=owed,
        )

    async def entries(self, after: str, limit: int) -> tuple[list[dict[str, Any]], str]:
        """One page of the ledger in the order of the journal, and the cursor of the next."""
        if after and not after.isdecimal():
            raise Invalid("this is no cursor of a page", code="page.cursor")
        await self._catch_up()
        limit = max(1, min(limit, self._rows_max))
        rows = await self._writer.read(
            lambda conn: self._store.fund_entries(conn, int(after or 0), limit)
        )
        items = [{**row, "at": to_time(row["at"])} for row in rows]
        return items, str(rows[-1]["n"]) if len(rows) == limit else ""

    async def as_csv(self) -> str:
        """The whole ledger as CSV text, amounts in yuan."""
        await self._catch_up()
        rows = await self._writer.read(
            lambda conn: self._store.fund_entries(conn, 0, CSV_MAX)
        )
        out = io.StringIO()
        sheet = csv.writer(out)
        sheet.writerow(CSV_HEADING)
        for row in rows:
            sheet.writerow((
                to_minute(to_time(row["at"])),
                _cell(row["case_no"]), _KIND_SAID[row["kind"]],
                yuan(row["amount_fen"]), _cell(row["performer"]), _cell(row["payer"]),
                _cell(row["actor"]), _cell(row["text"]), _cell(row["repair_id"]),
            ))
        return out.getvalue()

    async def deposit(self, deposit_id: str, amount_fen: int, text: str, *, actor: str) -> bool:
        """Money was put into the fund; False if this id was booked before."""
        if not 0 < amount_fen <= AMOUNT_FEN_MAX:
            raise Invalid(
                f"amount_fen is an amount in fen, from 1 to {AMOUNT_FEN_MAX}", field="amount_fen",
                why="amount"
            )
        row = {"deposit_id": deposit_id, "amount_fen": amount_fen, "actor": actor, "text": text}

        def book(tx: Tx) -> bool:
            new = self._store.add_deposit(tx.conn, {**row, "at": tx.now_us})
            if new:
                self._audit.record(tx, AuditEntry(
                    action="Deposit", actor=actor, subject=f"deposit:{deposit_id}", reason=text,
                    detail={"amount_fen": amount_fen}))
            return new > 0

        return await self._writer.write(book, urgent=True)

    async def deposits(self) -> list[dict[str, Any]]:
        """What was put in, newest first."""
        rows = await self._writer.read(lambda conn: self._store.deposits(conn, DEPOSITS_MAX))
        return [{**row, "at": to_time(row["at"])} for row in rows]

    async def rebuild(self) -> int:
        """Write the whole ledger again from the journal; returns the number of lines."""
        await self._writer.write(
            lambda tx: self._store.forget_fund_entries(tx.conn), urgent=True
        )
        return await self._catch_up()

    async def _catch_up(self) -> int:
        """Take over what the journal has and the ledger has not; how many lines were written."""
        written = 0
        while True:
            news = await self._writer.read(
                lambda conn: self._store.fund_news(conn, self._store.fund_mark(conn), 1)
            )
            if not news:
                return written
            written += await self._writer.write(self._take, urgent=True)

    def _take(self, tx: Tx) -> int:
        news = self._store.fund_news(tx.conn, self._store.fund_mark(tx.conn), BATCH_MAX)
        rows = [self._line(row) for row in news]
        if rows:
            self._store.add_fund_entries(tx.conn, rows)
        return len(rows)

    def _line(self, row: Row) -> dict[str, Any]:
        entry = self._codec.read_entry(bytes(row["entry"]))
        event = read_event(entry.event_type, entry.event)
        line: dict[str, Any] = {
            "n": row["n"], "case_id": row["case_id"], "case_no": row["case_no"],
            "at": entry.occurred_at_us, "actor": entry.actor,
        }
        if isinstance(event, ProxyRepairRecorded):
            return {**line, "repair_id": event.repair_id, "kind": "repair",
                    "amount_fen": event.cost_fen, "performer": event.performer,
                    "payer": event.payer, "text": event.text}
        assert isinstance(event, CostRecovered), "the statement asks for these two"
        return {**line, "repair_id": event.repair_id, "kind": "recovery",
                "amount_fen": event.amount_fen, "performer": "", "payer": event.payer,
                "text": event.text}


def yuan(fen: int) -> str:
    """1234567 fen as ``12345.67``."""
    sign, fen = ("-", -fen) if fen < 0 else ("", fen)
    return f"{sign}{fen // 100}.{fen % 100:02d}"


def _cell(text: str) -> str:
    """Text that a spreadsheet takes for text, whatever it begins with."""
    return f"'{text}" if text.startswith(("=", "+", "-", "@", "\t", "\r")) else text
