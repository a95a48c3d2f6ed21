"""One line of a table: its cells by column, and the usual ways to read a cell.

Every reader raises ``Wrong`` with the column, what is wrong and how to mend it; the table turns
that into a fault of the line.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from datetime import date, datetime, timedelta, timezone
from typing import Final, TypeVar

from node.service.imports.report import RowFault
from node.service.phrases import NOTHING, Phrase, phrase

Choice = TypeVar("Choice")

CHINA: Final = timezone(timedelta(hours=8))
"""Dates without a time mean midnight of China's one time zone."""
DIGITS_MAX: Final = 9
DATE: Final = re.compile(r"^(\d{4})[-/.年](\d{1,2})[-/.月](\d{1,2})日?$|^(\d{4})(\d{2})(\d{2})$")
"""2026-03-01, 2026/3/1, 2026.3.1, 2026年3月1日, 20260301."""
KINDS: Final = {
    "component": "component", "部件": "component", "管理部件": "component",
    "matter": "matter", "事件": "matter", "事项": "matter", "管理事项": "matter",
}


class Wrong(Exception):
    """A cell, or with ``column`` "" the line, cannot be taken."""

    def __init__(
        self, column: str, sentence: Phrase, mend: Phrase = NOTHING, code: str = "cell.invalid"
    ) -> None:
        super().__init__(str(sentence))
        self.column, self.code, self.sentence, self.mend = column, code, sentence, mend


class Line:
    """Cells of one line by canonical column name; an absent column reads as empty."""

    def __init__(self, number: int, cells: Mapping[str, str]) -> None:
        self.number = number
        self.cells = dict(cells)
        self.warnings: list[RowFault] = []

    def __getitem__(self, column: str) -> str:
        return self.cells.get(column, "")

    def put(self, column: str, text: str) -> None:
        """What a cell really says (a code with its zeros): so it is sent on."""
        self.cells[column] = text

    def wrong(self, column: str, key: str, **values: str | int) -> Wrong:
        """The failure ``key`` of the catalogue, with its mending under ``<key>.mend``; a given
        value is called ``given`` there."""
        values = {"given": self[column], **values}
        return Wrong(column, phrase(key, **values), phrase(f"{key}.mend", **values))

    def warn(self, column: str, key: str, **values: str | int) -> None:
        """Let the line in, and say what a person should look at."""
        values = {"given": self[column], **values}
        self.warnings.append(RowFault(
            row=self.number, column=column, code=key, sentence=phrase(key, **values),
            mend=phrase(f"{key}.mend", **values)))

    def kind(self, column: str = "kind") -> str:
        """``component`` or ``matter``."""
        if self[column] not in KINDS:
            raise self.wrong(column, "cell.kind")
        return KINDS[self[column]]

    def number_of(self, column: str) -> int:
        """A whole number from 0 on."""
        text = self[column]
        if not text.isascii() or not text.isdigit() or len(text) > DIGITS_MAX:
            raise self.wrong(column, "cell.number")
        return int(text)

    def decimal(self, column: str) -> float:
        """A number with or without a fraction."""
        try:
            value = float(self[column])
        except ValueError as error:
            raise self.wrong(column, "cell.number") from error
        if value != value or value in (float("inf"), float("-inf")):  # noqa: PLR0124 - NaN
            raise self.wrong(column, "cell.number")
        return value

    def choice(self, column: str, choices: Mapping[str, Choice]) -> Choice:
        """One of the given words."""
        if self[column] not in choices:
            names = "、".join(name for name in choices if name)
            raise self.wrong(column, "cell.choice", names=names)
        return choices[self[column]]

    def flag(self, column: str) -> bool:
        """Yes or no; an empty cell means no."""
        return self.choice(column, {"": False, "0": False, "否": False, "no": False,
                                    "1": True, "是": True, "yes": True})

    def day(self, column: str) -> date | None:
        """A day; an empty cell is None."""
        text = self[column]
        if not text:
            return None
        found = DATE.match(text)
        try:
            if found is None:
                return datetime.fromisoformat(text).date()
            year, month, day = (int(part) for part in found.groups() if part)
            return date(year, month, day)
        except ValueError as error:
            raise self.wrong(column, "cell.date") from error

    def instant(self, column: str) -> datetime | None:
        """An aware instant; a day alone means its first moment in China; empty is None."""
        text = self[column]
        if not text:
            return None
        if DATE.match(text):
            day = self.day(column)
            assert day is not None
            return datetime(day.year, day.month, day.day, tzinfo=CHINA)
        try:
            instant = datetime.fromisoformat(text)
        except ValueError as error:
            raise self.wrong(column, "cell.date") from error
        return instant if instant.tzinfo else instant.replace(tzinfo=CHINA)
