"""``office.budget``: what an office needs money, machines and people for, year by year.

Volumes are those of the evaluation, so they equal its page. Storage is measured by the node itself,
once a day into one row a month. People are counted from live tokens and from the units' cards.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Any, Final, Protocol

from sqlalchemy import Connection

from hub.store.tx import Tx, Writer
from node.core.budget import Grown, Stored, growth
from node.core.clock import BEIJING
from node.core.errors import Invalid
from node.core.periods import read_period
from node.service.instants import to_time, to_us
from node.service.ports import Row
from node.service.surroundings import Surroundings

if TYPE_CHECKING:
    from node.service.evaluation.room import Ask

KIND: Final = "wanmi.budget/1"
SUBJECT: Final = "office"
"""The subject of the indicators that counts volumes of every office that files. Rules of a city's
own that lack it give no volumes."""
MEASURE_EVERY: Final = timedelta(days=1)
MONTHS: Final = 12


class Figures(Protocol):
    """What the budget asks of the evaluation (``node.service.evaluation.room``)."""

    async def figures(self, ask: Ask) -> dict[str, Any]: ...


class BudgetStore(Protocol):
    """What it asks of the tables (``node.store.budget``)."""

    def database_bytes(self, conn: Connection) -> int: ...

    def blobs_kept(self, conn: Connection) -> tuple[int, int]: ...

    def accounts(self, conn: Connection) -> Mapping[str, int]: ...

    def staffed_cards(self, conn: Connection, at_us: int) -> Sequence[Row]: ...

    def measured(self, conn: Connection, month: str) -> Row | None: ...

    def measured_before(self, conn: Connection, month: str) -> Sequence[Row]: ...

    def put_measured(self, conn: Connection, row: Row) -> None: ...


class Budget:
    """Measures the node, and tells a year."""

    def __init__(
        self,
        *,
        store: BudgetStore,
        writer: Writer,
        surroundings: Surroundings,
        evaluation: Callable[[], Figures],
        now_us: Callable[[], int],
    ) -> None:
        self._store = store
        self._writer = writer
        self._surroundings = surroundings
        self._evaluation = evaluation
        self._now_us = now_us

    # --- measuring ----------------------------------------------------------------------------

    async def measure_due(self) -> bool:
        """Measure if the month's row is older than a day; whether it did. Safe at any time."""
        now = to_time(self._now_us())
        there = await self._writer.read(lambda conn: self._store.measured(conn, month_of(now)))
        if there is not None and now - to_time(there["measured_at"]) < MEASURE_EVERY:
            return False
        await self.measure()
        return True

    async def measure(self) -> None:
        """Measure now, into the row of this month."""
        now = to_time(self._now_us())
        row = await self._writer.read(lambda conn: self._measured(conn, now))

        def write(tx: Tx) -> None:
            self._store.put_measured(tx.conn, row)

        await self._writer.write(write)

    def _measured(self, conn: Connection, now: datetime) -> Row:
        size, count = self._store.blobs_kept(conn)
        return {
            "month": month_of(now),
            "measured_at": to_us(now),
            "database_bytes": self._store.database_bytes(conn),
            "blob_bytes": size,
            "blobs": count,
            "accounts": sum(self._store.accounts(conn).values()),
            "clerks": sum(one["clerks"] for one in self._store.staffed_cards(conn, to_us(now))),
        }

    # --- telling ------------------------------------------------------------------------------

    async def year(self, year: int) -> dict[str, Any]:
        """A year as one document::

            kind node node_name year as_of definition{version digest}
            volumes [ {month office reported filed should_close closed} ]   by month and office
            volumes_year [ {office reported filed should_close closed} ]
            storage [ {month since measured_at database_bytes blob_bytes blobs database_growth
                      blob_growth growth accounts clerks} ]     growth null = the first measured
            people  {accounts{scope: n} units[{unit_id name group address clerks}]}     of today

        ``Invalid`` (``evaluation.period``): there is no such year, or it has not begun."""
        now = to_time(self._now_us())
        period = read_period(f"{year:04d}")
        if now < period.begins:
            raise Invalid(f"{year} has not begun", code="evaluation.period")
        months = [f"{year:04d}-{month:02d}" for month in range(1, MONTHS + 1)]
        months = [one for one in months if read_period(one).begins <= now]
        volumes, rules = await self._volumes(months)
        by_year, _ = await self._volumes([period.name])

        def read(conn: Connection) -> tuple[Sequence[Row], Mapping[str, int], Sequence[Row]]:
            return (
                self._store.measured_before(conn, f"{year + 1:04d}-01"),
                self._store.accounts(conn),
                self._store.staffed_cards(conn, to_us(now)),
            )

        rows, accounts, cards = await self._writer.read(read)
        measured = {row["month"]: row["measured_at"] for row in rows}
        return {
            "kind": KIND,
            "node": self._surroundings.node,
            "node_name": self._surroundings.name,
            "year": year,
            "as_of": now.isoformat(),
            "definition": rules,
            "volumes": volumes,
            "volumes_year": [{name: value for name, value in one.items() if name != "month"}
                             for one in by_year],
            "storage": [
                _told(one, measured[one.stored.month])
                for one in growth(map(_stored, rows)) if one.stored.month in months
            ],
            "people": {
                "accounts": dict(accounts),
                "units": [
                    {"unit_id": row["unit_id"], "name": row["name"], "group": row["body_group"],
                     "address": row["address"], "clerks": row["clerks"]}
                    for row in cards if row["clerks"] or row["address"]
                ],
            },
        }

    async def _volumes(
        self, periods: Sequence[str]
    ) -> tuple[list[dict[str, Any]], dict[str, str]]:
        """Volumes of every office in each of these periods, and the rules of the last."""
        # Loaded here: an office that never asks for a budget does not carry the evaluation.
        from node.service.evaluation.room import Ask

        found: list[dict[str, Any]] = []
        rules = {"version": "", "digest": ""}
        for name in periods:
            try:
                sheet = await self._evaluation().figures(Ask(subject=SUBJECT, period=name))
            except Invalid as error:
                if error.code == "evaluation.subject":
                    continue
                raise
            rules = {key: sheet["definition"][key] for key in rules}
            for line in sheet["lines"]:
                counts = {one.partition("@")[0]: count for one, count in line["counts"].items()}
                found.append({
                    "month": name, "office": line["key"][0],
                    **{one: counts.get(one, 0) for one in COUNTED},
                })
        found.sort(key=lambda one: (one["month"], one["office"]))
        return found, rules


COUNTED: Final = ("reported", "filed", "should_close", "closed")
"""Counters of the subject that are volumes."""


def month_of(now: datetime) -> str:
    """The month of civil time, ``2026-11``."""
    return now.astimezone(BEIJING).strftime("%Y-%m")


def _stored(row: Row) -> Stored:
    return Stored(**{name: row[name] for name in (
        "month", "database_bytes", "blob_bytes", "blobs", "accounts", "clerks")})


def _told(one: Grown, measured_at: int) -> dict[str, Any]:
    stored = one.stored
    return {
        "month": stored.month,
        "since": one.since,
        "measured_at": to_time(measured_at).isoformat(),
        "database_bytes": stored.database_bytes,
        "blob_bytes": stored.blob_bytes,
        "blobs": stored.blobs,
        "database_growth": one.database_growth,
        "blob_growth": one.blob_growth,
        "growth": one.growth,
        "accounts": stored.accounts,
        "clerks": stored.clerks,
    }
