"""``office.sharing``: what neighbours may read of us, giving it at once, and reading theirs.

A data set is read live over the link, page by page, as it is at that moment; nothing is copied.
Each page that is given, and each one that is refused, is in the audit log of the office that was
asked; whoever asks has it in theirs.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final, Protocol

from sqlalchemy import Connection

from hub.errors import Unreachable
from hub.ids import LinkId
from hub.store.tx import Writer
from node.core.audit import Outcome, Plain
from node.core.errors import Invalid, NoRoute, NotPermitted, Refused
from node.core.sharing import permit
from node.service.audit import AuditEntry, Recorder, note
from node.service.instants import to_time
from node.service.ports import Row
from node.service.sharing.catalogue import Catalogue
from node.service.surroundings import Surroundings

ASKED, ANSWERED, REFUSED = "ASKED", "ANSWERED", "REFUSED"
"""What a row of the audit log says of us: we asked, we answered, we did not."""
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
    """The tables that data sets are read from."""

    def page(
        self, conn: Connection, layer: str, *, after: str = "", limit: int, area: str = ""
    ) -> Sequence[Row]: ...


class LogStore(Protocol):
    """The audit log, read (``node.store.audit``)."""

    def rows(
        self, conn: Connection, where: Row, *, before: int | None, limit: int
    ) -> Sequence[Row]: ...


class SharingRoom:
    """Both sides of sharing."""

    def __init__(
        self,
        *,
        catalogue: Catalogue,
        log: LogStore,
        audit: Recorder,
        layers: LayerStore,
        writer: Writer,
        surroundings: Surroundings,
        asker: DatasetAsker,
        now_us: Callable[[], int],
    ) -> None:
        self.catalogue = catalogue
        self._log_rows = log
        self._audit = audit
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
        rows = await self._writer.read(lambda conn: self._log_rows.rows(
            conn, {"action": METHOD}, before=None, limit=LOG_MAX))
        return [_told(row) for row in rows]

    async def _log(
        self, side: str, peer: str, wanted: Wanted, *, rows: int, why: str = ""
    ) -> None:
        refused = side == REFUSED
        detail: dict[str, Plain] = {"side": side, "peer": peer, "rows": rows}
        if why:
            detail["why"] = why
        await note(self._writer, self._audit, AuditEntry(
            action=METHOD, actor=wanted.actor, origin="" if side == ASKED else f"node:{peer}",
            subject=f"dataset:{wanted.dataset}", reason=wanted.purpose.strip(),
            outcome=Outcome.REFUSED if refused else Outcome.DONE, detail=detail))


def _told(row: Row) -> dict[str, Any]:
    detail = json.loads(row["detail"] or "{}")
    # A row from before the audit log has data set and reason in its purpose.
    purpose = (row["subject"].removeprefix("dataset:"), detail.get("why", ""), row["reason"])
    return {
        "at": to_time(row["at"]), "side": detail.get("side", ""), "peer": detail.get("peer", ""),
        "actor": row["actor"], "purpose": " · ".join(filter(None, purpose)),
        "row_count": detail.get("rows", 0),
    }


def _shown(row: Row) -> dict[str, Any]:
    """A row for somebody else: texts, numbers and days; an outline as WKB in hex."""
    return {
        name: value.hex() if isinstance(value, bytes) else value
        for name, value in row.items() if name not in HIDDEN}
