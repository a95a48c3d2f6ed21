"""What a kind of table must know to be maintained."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, Protocol

from sqlalchemy import Connection

from node.core.revising import Change
from node.service.imports.table import Table
from node.service.ports import Row
from node.service.upkeep.views import Given, VersionView
from node.service.views import ImportResult


class Kind(Protocol):
    """One kind. ``takes_whole``: a sheet may stand for the whole table."""

    @property
    def table(self) -> Table[Any]: ...

    @property
    def takes_whole(self) -> bool: ...

    def rows(self, conn: Connection) -> Sequence[Row]:
        """What holds now, in the order of its key."""
        ...

    def compare(self, conn: Connection, given: Given) -> tuple[Change, ...]:
        """What a sheet would change. ``Invalid`` for one that cannot be stored."""
        ...

    async def take(self, given: Given, *, actor: str, seen: str) -> ImportResult:
        """Store it. ``WrongStatus`` (``upkeep.moved``) if that would not change what was
        ``seen``."""
        ...


class VersionedKind(Kind, Protocol):
    """A kind of which earlier versions can be put back; others have a life of their own (editions
    of standards)."""

    def versions(self, conn: Connection, before: int, limit: int) -> list[VersionView]:
        """Below the number ``before`` (0 = all), newest first."""
        ...

    def changed(self, conn: Connection, number: int) -> tuple[Change, ...] | None:
        """What a version changed; None = there is none of that number."""
        ...

    def back(self, conn: Connection, number: int) -> tuple[Change, ...]:
        """What putting it back would change."""
        ...

    async def put_back(self, number: int, *, actor: str, seen: str) -> None:
        """Make it the newest version once more."""
        ...
