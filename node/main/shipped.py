"""The lists of classes that come with the program, laid into a database that lacks them.

They are files beside the code (``node/standards``), each with a sentence on where it comes from,
read by the same importers as anybody's sheet.
"""

from __future__ import annotations

import tomllib
from importlib.resources import files
from importlib.resources.abc import Traversable
from typing import Any, Final, TypeVar

from hub.store.tx import Tx
from node.core.codes import LAYOUTS
from node.core.standards import Edition
from node.service.imports.codes import CODES
from node.service.imports.crosswalk import CROSSWALK
from node.service.imports.table import Table
from node.service.standards.editing import Editing, Hand
from node.store.repository import NodeStore

FOLDER: Final = "standards"
MANIFEST: Final = "shipped.toml"
SHIPPED: Final = Hand(actor="wanmi", basis="shipped")

Item = TypeVar("Item")


def install_shipped(store: NodeStore, tx: Tx) -> int:
    """Lay in every shipped list that is not there yet, in its present version; returns how many.
    What people added stays: it is carried over into the fresh edition."""
    folder = files("node") / FOLDER
    manifest = tomllib.loads((folder / MANIFEST).read_text(encoding="utf-8"))
    editing = Editing(store, tx, SHIPPED)
    count = 0
    for one in manifest["standard"]:
        edition = Edition(
            standard_ref=one["ref"], version=0, layout=LAYOUTS[one["ref"]], basis=SHIPPED.basis,
            effective_from=one.get("effective_from"), effective_to=one.get("effective_to"),
            source=one["source"])
        rows = _rows(folder, one, CODES, {"standard_ref": one["ref"]})
        count += editing.install(edition, rows)
    for one in manifest["crosswalk"]:
        if not store.crossings(tx.conn, limit=1):
            editing.put_crosswalk(_rows(folder, one, CROSSWALK, {}), source=one["source"])
            count += 1
    return count


def _rows(
    folder: Traversable, one: dict[str, Any], table: Table[Item], given: dict[str, str]
) -> tuple[Item, ...]:
    _, parsed = table.parse((folder / one["file"]).read_bytes(), given=given)
    assert not parsed.faults, f"{one['file']} is shipped with faults: {parsed.faults}"
    return parsed.rows
