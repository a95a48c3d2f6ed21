"""Items for people that one transaction opens and settles, gathered and written together."""

from __future__ import annotations

from typing import Any, Final
from uuid import UUID, uuid5

from hub.store.tx import Tx
from node.service.ports import Store

WORK_ITEMS: Final = UUID("6f0f5a0e-5d0b-5c1e-9a53-2f6b1c1f7a10")
"""Name space of work item ids: one item per case, kind and ref, however often it is opened."""


def work_id(case_id: str, kind: str, ref: str) -> str:
    """The id of a work item."""
    return str(uuid5(WORK_ITEMS, f"{case_id}/{kind}/{ref}"))


class StagedWork:
    """What the desk holds of them until it is flushed."""

    def __init__(self, store: Store) -> None:
        self._store = store
        self._opened: dict[str, dict[str, Any]] = {}
        self._settled: list[tuple[str, str, str]] = []

    def clear(self) -> None:
        """Forget everything that is staged."""
        self._opened.clear()
        self._settled.clear()

    def open(self, case_id: str, kind: str, ref: str, detail: str, *, now_us: int) -> None:
        """Stage an item for a person; opening it again is harmless."""
        item = work_id(case_id, kind, ref)
        self._opened[item] = {
            "id": item,
            "case_id": case_id,
            "kind": kind,
            "detail": detail,
            "created_at": now_us,
        }

    def settle(self, case_id: str, kind: str, ref: str) -> None:
        """Stage the end of an item; ``ref`` "" = of all of the case and kind."""
        for item, row in list(self._opened.items()):
            same = row["case_id"] == case_id and row["kind"] == kind
            if same and (not ref or item == work_id(case_id, kind, ref)):
                del self._opened[item]
        self._settled.append((case_id, kind, ref))

    def flush(self, tx: Tx) -> None:
        """Write what is staged: what was settled first."""
        for case_id, kind, ref in self._settled:
            if ref:
                self._store.settle_work_items(
                    tx.conn, tx.now_us, item=work_id(case_id, kind, ref)
                )
            else:
                self._store.settle_work_items(tx.conn, tx.now_us, case_id=case_id, kind=kind)
        if self._opened:
            self._store.add_work_items(tx.conn, list(self._opened.values()))
        if self._opened or self._settled:
            tx.wake("case")
