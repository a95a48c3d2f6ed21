"""What the room of places needs from the tables; ``node.store.places``, ``node.store.lookups`` and
``node.store.wording`` satisfy these by shape.

Each method runs on the connection of the caller's transaction and never commits.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from typing import Any, Final, Protocol

from sqlalchemy import Connection

from node.core.roles import Scope

TOPIC: Final = "places"
"""Woken after a version was written."""

Row = Mapping[str, Any]
Box = tuple[float, float, float, float]
"""west, south, east, north in degrees."""


class LayerStore(Protocol):
    """Rows of layers, imports, versions."""

    def digests(
        self, conn: Connection, layer: str, keys: Collection[str]
    ) -> dict[str, bytes]: ...

    def rows_of(
        self, conn: Connection, layer: str, keys: Collection[str]
    ) -> dict[str, dict[str, Any]]: ...

    def page(
        self, conn: Connection, layer: str, *, after: str = "", limit: int, area: str = ""
    ) -> Sequence[Row]: ...

    def save_rows(
        self, conn: Connection, layer: str, rows: Sequence[dict[str, Any]], number: int
    ) -> None: ...

    def delete_rows(
        self, conn: Connection, layer: str, keys: Collection[str], number: int
    ) -> None: ...

    def undo(self, conn: Connection, layer: str, limit: int) -> bool: ...

    def sweep(self, conn: Connection, layer: str, after: int, limit: int) -> int: ...

    def layer_digests(
        self, conn: Connection, layer: str, after: str, limit: int
    ) -> Sequence[Row]: ...

    def count(self, conn: Connection, layer: str) -> int: ...

    def unnamed_keys(
        self, conn: Connection, layer: str, import_id: str, *, area: str, after: str, limit: int
    ) -> list[str]: ...

    def begin_import(self, conn: Connection, row: Row) -> None: ...

    def import_row(self, conn: Connection, import_id: str) -> Row | None: ...

    def update_import(self, conn: Connection, import_id: str, **values: Any) -> None: ...

    def end_import(self, conn: Connection, import_id: str) -> None: ...

    def staged_lines(
        self, conn: Connection, import_id: str, keys: Collection[str]
    ) -> dict[str, int]: ...

    def stage(self, conn: Connection, rows: Sequence[Row]) -> None: ...

    def staged(
        self, conn: Connection, import_id: str, after: str, limit: int
    ) -> Sequence[Row]: ...

    def staged_count(self, conn: Connection, import_id: str) -> int: ...

    def add_version(self, conn: Connection, row: Row) -> None: ...

    def versions(self, conn: Connection, layer: str, limit: int) -> Sequence[Row]: ...

    def newest_numbers(self, conn: Connection) -> dict[str, int]: ...

    def add_changes(self, conn: Connection, rows: Sequence[Row]) -> None: ...

    def changes_of(
        self, conn: Connection, layer: str, number: int, after: int, limit: int
    ) -> Sequence[Row]: ...

    def next_change(
        self, conn: Connection, layer: str, keys: Collection[str], after_number: int
    ) -> dict[str, Row]: ...

    def history(self, conn: Connection, layer: str, key: str) -> Sequence[Row]: ...


class LookupStore(Protocol):
    """What lies where, now."""

    def components_in(
        self, conn: Connection, box: Box, limit: int, *, state: str = "", type_code: str = "",
        removed: bool = False,
    ) -> Sequence[Row]: ...

    def addresses_in(self, conn: Connection, box: Box, limit: int) -> Sequence[Row]: ...

    def grids_in(self, conn: Connection, kind: str, box: Box, limit: int) -> Sequence[Row]: ...

    def organisations_in(
        self, conn: Connection, box: Box, limit: int, day: object
    ) -> Sequence[Row]: ...

    def components_like(
        self, conn: Connection, *, after: str, limit: int, grid_code: str = "", area: str = "",
        state: str = "", type_code: str = "", stale_on: object = None,
        owner_unknown: bool = False,
    ) -> Sequence[Row]: ...

    def stale_count(self, conn: Connection, day: object) -> int: ...

    def outlines(
        self, conn: Connection, after: tuple[str, str], limit: int
    ) -> Sequence[Row]: ...

    def coverages(self, conn: Connection) -> Sequence[Row]: ...

    def beats_of(self, conn: Connection, unit: str) -> Sequence[Row]: ...

    def regions_like(self, conn: Connection, prefix: str, limit: int) -> dict[str, str]: ...

    def has_grids(self, conn: Connection, kind: str) -> bool: ...

    def region_names(self, conn: Connection, codes: Collection[str]) -> dict[str, str]: ...

    def cases_of(self, conn: Connection, component: str, limit: int) -> Sequence[Row]: ...

    def cases_in(
        self, conn: Connection, box: Box, limit: int, *, scope: Scope, status: str = "",
        code: str = "", live_only: bool = True,
    ) -> Sequence[Row]: ...


class WordStore(Protocol):
    """The index of texts."""

    def known_texts(self, conn: Connection, layer: str, texts: Collection[str]) -> set[str]: ...

    def add_texts(
        self, conn: Connection, layer: str, texts: Sequence[tuple[str, Sequence[str]]]
    ) -> None: ...

    def frequencies(self, conn: Connection, grams: Collection[str]) -> dict[str, int]: ...

    def candidates(
        self, conn: Connection, grams: Collection[str], limit: int
    ) -> Sequence[Row]: ...

    def labelled(
        self, conn: Connection, layer: str, text: str, limit: int
    ) -> Sequence[Row]: ...
