"""``office.sharing``: what neighbours may read of us, giving it at once, and reading theirs.

A data set is read live over the link, page by page, as it is at that moment; nothing is copied.
Each page that is given, and each one that is refused, is in the access log of the office that was
asked; whoever asks has it in theirs.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final, Protocol

from sqlalchemy import Connection

from hub.errors import Unreachable
from hub.ids import LinkId
from hub.store.tx import Writer
from node.core.errors import Invalid, NoRoute, NotPermitted, Refused
from node.core.sharing import permit
from node.service.instants import to_time
from node.service.ports import Row, Store
from node.service.sharing.catalogue import Catalogue
from node.service.surroundings import Surroundings

ASKED, ANSWERED, REFUSED = "ASKED", "ANSWERED", "REFUSED"
"""Sides of the access log."""
METHOD: Final = "ReadDataset"
ROWS_MAX: Final = 500
LOG_MAX: Final = 200
HIDDEN: Final = frozenset({"digest", "note", "label"})
"""Columns that are the node's own housekeeping, or a clerk's remark."""
REFUSALS: Final = frozenset({"share.barred", "share.not_approved"})
"""Codes that an office answers with; an older one says that it does not know the question."""
OLDER: Final = "ask.unknown_method"


@dataclass(frozen=True, slots=True, kw_only=True)
class SharedPage:
    """One page of a data set as it was at ``as_of``."""

    dataset: str
    sharing: str
    rows: Sequence[Mapping[str, Any]]
    next: str
    as_of: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class Wanted:
    """A question for one page. ``purpose`` is recorded at both ends."""

    dataset: str
    after: str
    limit: int
    actor: str
    purpose: str


class DatasetAsker(Protocol):
    """Puts the question on a link (``node.edge.rpc.sharing``): (code, page). ``FabricError``."""

    async def read(
        self, link: LinkId, target: str, wanted: Wanted
    ) -> tuple[str, SharedPage | None]: ...


class LayerStore(Protocol):
    """The tables that data sets are read from, and the access log."""

    def page(
        self, conn: Connection, layer: str, *, after: str = "", limit: int, area: str = ""
    ) -> Sequence[Row]: ...


class LogStore(Store, Protocol):
    """The access log, read."""

    def access_entries(self, conn: Connection, method: str, limit: int) -> Sequence[Row]: ...


class SharingRoom:
    """Both sides of sharing."""

    def __init__(
        self,
        *,
        catalogue: Catalogue,
        store: LogStore,
        layers: LayerStore,
        writer: Writer,
        surroundings: Surroundings,
        asker: DatasetAsker,
        now_us: Callable[[], int],
    ) -> None:
        self.catalogue = catalogue
        self._store = store
        self._layers = layers
        self._writer = writer
        self._here = surroundings
        self._asker = asker
        self._now_us = now_us

    # --- reading theirs -----------------------------------------------------------------------

    async def read(
        self, node: str, wanted: Wanted
    ) -> SharedPage:
        """A page of a neighbour's data set, as it is now. ``NoRoute`` for who is no neighbour;
        ``Invalid`` (``drill.purpose``, ``share.unknown``); ``NotPermitted`` with the code that
        they gave; ``FabricError`` while there is no line."""
        if not wanted.purpose.strip():
            raise Invalid("looking into another office takes a purpose", code="drill.purpose")
        link = self._here.link_to(node)
        if link is None:
            raise NoRoute(f"{node} is no neighbour of this node", target=node, why="no_neighbour")
        code, page = await self._asker.read(link, node, wanted)
        await self._log(ASKED, node, wanted, rows=len(page.rows) if page is not None else 0)
        if page is not None:
            return page
        if code in {"share.unknown", OLDER}:
            raise Invalid(f"{node} shares no data set {wanted.dataset!r}", code="share.unknown")
        if code not in REFUSALS:
            raise Unreachable(f"reading {wanted.dataset} of {node}: it answered {code}", code=code)
        raise NotPermitted(f"{node} does not share {wanted.dataset} with us: {code}", code=code)

    # --- giving ours --------------------------------------------------------------------------

    async def give(
        self, peer: str, wanted: Wanted, *,
        fits: Callable[[Sequence[Mapping[str, Any]]], int] = len,
    ) -> SharedPage:
        """A page for a neighbour, of as many rows as ``fits`` says that one answer holds: those
        that are given are those in the log. A refusal is logged as well: ``Invalid``
        (``share.unknown``), ``NotPermitted`` (``share.barred``, ``share.not_approved``)."""
        try:
            found = permit(
                self.catalogue.sets.get(wanted.dataset), wanted.dataset, peer,
                government=self._here.group_of_unit(peer) not in self.catalogue.free_not_for)
        except Refused as refused:
            await self._log(REFUSED, peer, wanted, rows=0, why=refused.code)
            raise
        limit = max(1, min(wanted.limit or ROWS_MAX, ROWS_MAX))
        rows = await self._writer.read(lambda conn: self._layers.page(
            conn, found.layer, after=wanted.after, limit=limit))
        shown = [_shown(row) for row in rows]
        given = shown[:fits(shown)]
        more = len(given) < len(shown) or len(rows) == limit
        await self._log(ANSWERED, peer, wanted, rows=len(given))
        return SharedPage(
            dataset=found.code, sharing=found.sharing.value, rows=given,
            next=str(given[-1]["code"]) if given and more else "",
            as_of=to_time(self._now_us()))

    async def log(self) -> list[Mapping[str, Any]]:
        """Who read what, and who was refused, newest first: at side peer actor dataset purpose
        row_count."""
        rows = await self._writer.read(
            lambda conn: self._store.access_entries(conn, METHOD, LOG_MAX))
        return [{**row, "at": to_time(row["at"])} for row in rows]

    async def _log(
        self, side: str, peer: str, wanted: Wanted, *, rows: int, why: str = ""
    ) -> None:
        now_us = self._now_us()
        purpose = " · ".join(filter(None, (wanted.dataset, why, wanted.purpose.strip())))
        await self._writer.write(
            lambda tx: self._store.log_access(tx.conn, {
                "at": now_us, "side": side, "peer": peer, "actor": wanted.actor,
                "purpose": purpose, "method": METHOD, "case_id": None, "row_count": rows}),
            urgent=True)


def _shown(row: Row) -> dict[str, Any]:
    """A row for somebody else: texts, numbers and days; an outline as WKB in hex."""
    return {
        name: value.hex() if isinstance(value, bytes) else value
        for name, value in row.items() if name not in HIDDEN}
