"""What the evaluation needs from the store, beside what every use case has."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from typing import Protocol

from sqlalchemy import Connection

from node.core.counting import Listing, Question, Timing
from node.service.ports import Row


class EvaluationStore(Protocol):
    """Rows, groupings and publications. Ids are UUID text, instants microseconds."""

    def evaluation_entries(self, conn: Connection, case_ids: Collection[str]) -> Sequence[bytes]:
        """The bytes of all journal entries of these cases, own and from below, in any order."""
        ...

    def evaluation_cases(self, conn: Connection, after: str, limit: int) -> Sequence[str]:
        """Ids of cases in order, from the one behind ``after`` on."""
        ...

    def evaluation_case_count(self, conn: Connection) -> int: ...

    def replace_evaluation(
        self, conn: Connection, case_ids: Collection[str], rows: Sequence[Row]
    ) -> None:
        """Put these rows in place of whatever these cases have."""
        ...

    def stored_evaluation(self, conn: Connection, case_ids: Collection[str]) -> Sequence[Row]:
        """The rows of these cases by case, kind and ref."""
        ...

    def tally(
        self, conn: Connection, question: Question
    ) -> Sequence[tuple[tuple[str, ...], list[int]]]:
        """Counts per combination of keys, in the order of the question's counters."""
        ...

    def evaluated_cases(
        self, conn: Connection, listing: Listing, after: tuple[str, str] | None, limit: int
    ) -> Sequence[Row]:
        """The rows behind one figure by (case_id, ref). An empty key: of every combination."""
        ...

    def count_evaluated(self, conn: Connection, listing: Listing) -> int:
        """How many they are."""
        ...

    def timing(
        self, conn: Connection, asked: Timing
    ) -> Sequence[tuple[tuple[str, ...], int, int, int]]:
        """Per combination of keys: rows, sum and greatest of the times, in microseconds."""
        ...

    def region_names(self, conn: Connection, codes: Collection[str]) -> Mapping[str, str]:
        """Names of divisions by code; those that were not imported are not among them."""
        ...

    def put_evaluation_groups(self, conn: Connection, rows: Sequence[Row]) -> None:
        """Upsert: scheme key member_of valid_from valid_to."""
        ...

    def evaluation_groups(self, conn: Connection, at_us: int) -> Sequence[Row]:
        """What belonged to what at that instant."""
        ...

    def add_publication(self, conn: Connection, row: Row, files: Sequence[Row]) -> None: ...

    def publications(
        self, conn: Connection, before: tuple[int, str] | None, limit: int, *,
        open_only: bool = False,
    ) -> Sequence[Row]:
        """Newest first, without texts and signatures."""
        ...

    def was_published(
        self, conn: Connection, *, subject: str, period: str, by: str, open_to_all: bool
    ) -> bool: ...

    def one_publication(self, conn: Connection, publication_id: str) -> Row | None: ...

    def publication_files(self, conn: Connection, publication_id: str) -> Sequence[Row]:
        """format digest bytes."""
        ...

    # what every use case has (``node.service.ports.Store``)
    def changes(self, conn: Connection, after: int, limit: int) -> Sequence[Row]: ...

    def latest_change(self, conn: Connection) -> int: ...

    def meta(self, conn: Connection, key: str) -> str | None: ...

    def set_meta(self, conn: Connection, key: str, value: str) -> None: ...
