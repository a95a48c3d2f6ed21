"""Looking deeper: a parent asks a node below about a case it handed down.

Allowed only downwards and only for cases that came from the asker; every hop writes its audit log
before it answers. A question changes nothing and is never repeated; without a live answer the
screen falls back to the traces it has, with their age.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Protocol

from sqlalchemy import Connection

from hub.errors import FabricError
from hub.ids import LinkId
from hub.ids import NodeId as HubNodeId
from hub.store.tx import Writer
from node.core.errors import Invalid, NoRoute, NotPermitted, UnknownCase
from node.service.audit import AuditEntry, Recorder, note
from node.service.instants import to_time
from node.service.ports import Store
from node.service.queries import Queries
from node.service.surroundings import Surroundings
from node.service.views import CaseFilter, Drilled, Page

DEPTH_MAX = 16
"""Hops from here to a target; a tree deeper than this is a roster gone wrong."""
ASKED, ANSWERED = "ASKED", "ANSWERED"
GET_CASE, LIST_JOURNAL, LIST_WORK = "GetCase", "ListJournal", "ListWork"


@dataclass(frozen=True, slots=True, kw_only=True)
class Question:
    """Who asks whom about what. ``case_id`` is "" for ``ListWork``."""

    method: str
    target: str
    case_id: str
    actor: str
    purpose: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Reading:
    """A live answer as it came: ``code`` "ok" or why not."""

    code: str
    as_of_us: int
    document: Mapping[str, Any]


class Asker(Protocol):
    """Puts a question on a link and waits (``node.edge.rpc.inspect``). Raises ``Unreachable``."""

    async def ask(self, link: LinkId, question: Question) -> Reading: ...


class Inquiry:
    """Both sides of drill-down."""

    def __init__(
        self,
        *,
        store: Store,
        writer: Writer,
        audit: Recorder,
        surroundings: Surroundings,
        queries: Queries,
        asker: Asker,
    ) -> None:
        self._store = store
        self._writer = writer
        self._audit = audit
        self._surroundings = surroundings
        self._queries = queries
        self._asker = asker

    # --- asking -------------------------------------------------------------------------------

    async def drill(self, case_id: str, target: str, *, purpose: str, actor: str) -> Drilled:
        """Ask a node below; see ``Office.drill``."""
        if not purpose.strip():
            raise Invalid("looking into another office takes a purpose", code="drill.purpose")
        await self._queries.case(case_id)  # UnknownCase: we can only ask about what we know
        hop = self.next_hop(target)
        question = Question(
            method=GET_CASE, target=target, case_id=case_id, actor=actor, purpose=purpose
        )
        await self._log(ASKED, target, question, rows=1)
        try:
            reading = await self._asker.ask(hop, question)
        except FabricError as err:
            return await self._from_traces(case_id, target, code=err.code)
        if reading.code != "ok":
            return await self._from_traces(case_id, target, code=reading.code)
        return Drilled(
            code="ok",
            target=target,
            as_of=to_time(reading.as_of_us),
            document=reading.document,
        )

    def next_hop(self, target: str) -> LinkId:
        """The link under which a node lies. ``NoRoute`` if it does not lie below us."""
        at: str | None = target
        for _ in range(DEPTH_MAX):
            if at is None:
                break
            link = self._surroundings.link_to(at)
            if link is not None and at != self._surroundings.parent:
                return link
            at = self._surroundings.tree.parent_of(HubNodeId(at))
        raise NoRoute(f"{target} does not lie below this node", target=target)

    async def _from_traces(self, case_id: str, target: str, *, code: str) -> Drilled:
        timeline = await self._queries.timeline(case_id)
        entries = [entry for entry in timeline["entries"] if entry["node"] == target]
        contact = timeline["as_of"].get(target, {})
        return Drilled(
            code=code,
            target=target,
            as_of=None,
            document={"case_id": case_id, "entries": entries, "contact": contact},
            stale=True,
        )

    # --- answering ----------------------------------------------------------------------------

    async def answer_case(self, peer: str, question: Question) -> Mapping[str, Any]:
        """The document of a case that ``peer`` handed to us."""
        await self._permit(peer, question)
        await self._log(ANSWERED, peer, question, rows=1)
        return await self._queries.case(question.case_id)

    async def answer_journal(
        self, peer: str, question: Question, *, after: int, limit: int
    ) -> Sequence[bytes]:
        """Our own entries of such a case, as their very bytes."""
        await self._permit(peer, question)

        def read(conn: Connection) -> list[bytes]:
            rows = self._store.case_journal(conn, question.case_id, after, limit)
            return [bytes(row["entry"]) for row in rows]

        entries = await self._writer.read(read)
        await self._log(ANSWERED, peer, question, rows=len(entries))
        return entries

    async def answer_work(
        self, peer: str, question: Question, *, status: str, after: str, limit: int
    ) -> Page:
        """Our listing, restricted to what ``peer`` handed to us: own cases are nobody's."""
        if peer != self._surroundings.parent:
            raise NotPermitted("only a parent may ask", code="ask.not_permitted")
        page = await self._queries.cases(CaseFilter(status=status), after, limit)
        theirs = tuple(item for item in page.items if not item["own"])
        await self._log(ANSWERED, peer, question, rows=len(theirs))
        return Page(items=theirs, next=page.next)

    async def pass_on(self, peer: str, question: Question) -> LinkId:
        """The link to pass a question on to; the hop is logged like an answer."""
        if question.case_id:
            await self._permit(peer, question)
        elif peer != self._surroundings.parent:
            raise NotPermitted("only a parent may ask", code="ask.not_permitted")
        link = self.next_hop(question.target)
        await self._log(ANSWERED, peer, question, rows=0)
        return link

    async def _permit(self, peer: str, question: Question) -> None:
        """Only the parent, only what it assigned. A stranger's case looks like no case."""
        if peer != self._surroundings.parent:
            raise NotPermitted("only a parent may ask", code="ask.not_permitted")
        document = await self._queries.case(question.case_id)
        if document["duty"] is None or document["duty"]["assignor"] != f"node:{peer}":
            raise UnknownCase(f"{peer} has not handed us {question.case_id}")

    async def _log(self, side: str, peer: str, question: Question, *, rows: int) -> None:
        asked = side == ASKED
        await note(self._writer, self._audit, AuditEntry(
            action=question.method, actor=question.actor,
            origin="" if asked else f"node:{peer}",
            subject=f"case:{question.case_id}" if question.case_id else f"node:{question.target}",
            reason=question.purpose.strip(),
            detail={"side": side, "peer": peer, "rows": rows}))
