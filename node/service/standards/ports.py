"""What the room of standards asks of the store (``node.store.standards`` by shape)."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Protocol

from sqlalchemy import Connection

from node.service.ports import Row
from node.service.revising import RevisionStore

Triple = tuple[str, str, str]
"""Standard, kind, code."""


class StandardsStore(RevisionStore, Protocol):
    """Statements on the caller's transaction; none commits."""

    def editions(self, conn: Connection, standard_ref: str = "") -> Sequence[Row]: ...

    def add_edition(self, conn: Connection, row: Row) -> None: ...

    def update_edition(
        self, conn: Connection, standard_ref: str, version: int, values: Row
    ) -> None: ...

    def delete_edition(self, conn: Connection, standard_ref: str, version: int) -> None:
        """With its content."""
        ...

    def copy_content(
        self, conn: Connection, standard_ref: str, version: int, to: int
    ) -> None: ...

    def put_standards(
        self, conn: Connection, table: str, rows: Sequence[Row]
    ) -> tuple[int, int]:
        """Into ``class_code`` or ``filing_condition``: (added, replaced)."""
        ...

    def classes(
        self, conn: Connection, standard_ref: str, version: int, *, kind: str = "",
        text: str = "", after: int = 0, limit: int | None = None,
    ) -> Sequence[Row]: ...

    def class_row(
        self, conn: Connection, standard_ref: str, version: int, kind: str, code: str
    ) -> Row | None: ...

    def filing_conditions(
        self, conn: Connection, standard_ref: str, version: int, *, kind: str = "",
        code: str = "", after: int = 0, limit: int | None = None,
    ) -> Sequence[Row]: ...

    def list_conditions(
        self, conn: Connection, found: Sequence[tuple[str, int]], *, after: int, limit: int
    ) -> Sequence[Row]:
        """Of several editions (standard, version), in key order."""
        ...

    def dimensions(self, conn: Connection) -> Sequence[str]: ...

    def area_classes(self, conn: Connection) -> Sequence[Row]: ...

    def crossings(
        self, conn: Connection, *, old: Sequence[Triple] | None = None,
        new: Sequence[Triple] | None = None, after: int = 0, limit: int | None = None,
    ) -> Sequence[Row]: ...

    def add_crossings(self, conn: Connection, rows: Sequence[Row]) -> None: ...
