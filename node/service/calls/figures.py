"""Figures about calls: how many came in a period, of which kind, and how they were answered."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import asdict
from typing import Any

from sqlalchemy import Connection

from hub.store.tx import Writer
from node.core.calls import CallCount, Concern
from node.core.periods import read_period
from node.service.calls.ports import CallStore
from node.service.calls.telling import Telling
from node.service.instants import to_time, to_us
from node.service.ports import Row


class CallFigures:
    """Counts calls."""

    def __init__(
        self, *, rows: CallStore, writer: Writer, telling: Telling, now_us: Callable[[], int],
    ) -> None:
        self._rows = rows
        self._writer = writer
        self._telling = telling
        self._now_us = now_us

    async def of(self, period: str) -> dict[str, Any]:
        """Calls received in a period (``2026-11-25``, ``2026-W48``, ``2026-11``, …) and what has
        become of them by now: ``{period begins ends as_of rules total by_kind by_concern by_holder
        by_channel}``; each line has key name received answered in_time late overdue waiting
        in_time_share became reopened. ``Invalid`` (``evaluation.period``)."""
        chosen = read_period(period)
        now = self._now_us()
        begins, ends = to_us(chosen.begins), to_us(chosen.ends)

        def read(conn: Connection) -> list[Sequence[Row]]:
            return [
                self._rows.count_calls(conn, begins=begins, ends=ends, now=now, by=by)
                for by in ("kind", "concerns", "holder", "channel")
            ]

        kinds, concerns, holders, channels = await self._writer.read(read)
        counted = {row["key"]: count_of(row) for row in concerns}
        total = sum((counted.values()), CallCount())
        return {
            "period": chosen.name, "begins": chosen.begins, "ends": chosen.ends,
            "as_of": to_time(now), "rules": self._telling.rules.version,
            "total": _line("", "", total),
            "by_concern": [
                _line(one.value, one.value, counted.get(one.value, CallCount()))
                for one in Concern],
            "by_kind": self._by_kind(kinds),
            "by_holder": [
                _line(row["key"], self._telling.unit(row["key"]), count_of(row))
                for row in holders],
            "by_channel": [
                _line(row["key"], self._telling.channel(row["key"]), count_of(row))
                for row in channels],
        }

    def _by_kind(self, rows: Sequence[Row]) -> list[Mapping[str, Any]]:
        """Every kind in the order of the rules, then those that the rules list no more."""
        counted = {row["key"]: count_of(row) for row in rows}
        codes = dict.fromkeys([*self._telling.rules.kinds, *counted])
        return [
            _line(one, self._telling.kind(one), counted.get(one, CallCount())) for one in codes]


def count_of(row: Row) -> CallCount:
    """A line of ``CallStore.count_calls``."""
    return CallCount(**{name: value for name, value in row.items() if name != "key"})


def _line(key: str, name: str, count: CallCount) -> Mapping[str, Any]:
    share = count.in_time_share
    return {
        "key": key, "name": name, **asdict(count), "answered": count.answered,
        "in_time_share": float(share) if share is not None else None,
    }
