"""Questions and answers of drill-down on the fabric's ask streams: bytes to use cases and back.

``node/v1/inspect.proto`` gives the bodies; who may ask what is the inquiry's business.
"""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import TYPE_CHECKING, Any

from google.protobuf.message import DecodeError

from hub.ask import messages
from hub.ask.desk import AskDesk
from hub.ids import IdSource, LinkId
from hub.ids import NodeId as HubNodeId
from node.core.errors import Invalid, Refused
from node.edge.rpc.standards import COMPARE, compared
from node.service.inquiry import (
    GET_CASE,
    LIST_JOURNAL,
    LIST_WORK,
    Inquiry,
    Question,
    Reading,
)
from node.service.standards.comparing import Comparison
from node.service.surroundings import uuid_bytes, uuid_text
from node.v1 import inspect_pb2 as pb
from node.v1 import words_pb2

if TYPE_CHECKING:
    from node.service.sharing.room import SharingRoom

READ_DATASET = "ReadDataset"
"""The method of ``node.edge.rpc.sharing``."""
JOURNAL_ROWS_MAX = 500
"""Entries of one answer, as inspect.proto says; the answer's own byte limit may cut it earlier."""
DOCUMENT_BYTES_MAX = messages.BODY_BYTES_MAX - 4096
"""A document beyond this is answered with a code: the asker shows its traces instead."""


class LinkAsker:
    """``node.service.inquiry.Asker`` over the fabric's desk."""

    def __init__(self, *, desk: AskDesk, ids: IdSource, timeout_s: float) -> None:
        self._desk = desk
        self._ids = ids
        self._deadline_ms = min(int(timeout_s * 1000), messages.DEADLINE_MS_MAX)

    async def ask(self, link: LinkId, question: Question) -> Reading:
        """Ask for a case's document."""
        answer = await self._desk.ask(
            link,
            messages.Question(
                id=self._ids.uuid7(),
                target=HubNodeId(question.target),
                method=question.method,
                body=pb.GetCase(case_id=uuid_bytes(question.case_id)).SerializeToString(),
                actor=question.actor,
                purpose=question.purpose,
                deadline_ms=self._deadline_ms,
            ),
        )
        document: dict[str, Any] = {}
        if answer.ok:
            document = json.loads(pb.CaseView.FromString(answer.body).json)
        return Reading(code=answer.code, as_of_us=answer.as_of_us, document=document)


class Answerer:
    """Answers what comes in on the ask streams; passes deeper questions on."""

    def __init__(
        self,
        *,
        node: str,
        peer_of: Callable[[LinkId], str],
        inquiry: Callable[[], Inquiry],
        comparison: Callable[[], Comparison],
        sharing: Callable[[], SharingRoom],
        desk: Callable[[], AskDesk],
        now_us: Callable[[], int],
    ) -> None:
        self._node = node
        self._peer_of = peer_of
        self._inquiry = inquiry
        self._comparison = comparison
        self._sharing = sharing
        self._desk = desk
        self._now_us = now_us

    async def __call__(self, link: LinkId, asked: messages.Question) -> messages.Answer:
        """One question. Refusals become codes; fabric errors are the desk's to turn."""
        try:
            return await self._answer(link, asked)
        except Refused as refused:
            return messages.Answer(id=asked.id, code=refused.code)

    async def _answer(self, link: LinkId, asked: messages.Question) -> messages.Answer:
        inquiry, peer = self._inquiry(), self._peer_of(link)
        if asked.method == COMPARE and asked.target == self._node:
            return compared(self._comparison, peer, asked, self._now_us())
        if asked.method == READ_DATASET and asked.target == self._node:
            # Loaded here: most offices are asked for nothing of theirs.
            from node.edge.rpc.sharing import shared

            return await shared(self._sharing, peer, asked)
        body = _read(asked)
        case_id = "" if isinstance(body, pb.ListWork) else uuid_text(body.case_id)
        question = Question(
            method=asked.method,
            target=asked.target,
            case_id=case_id,
            actor=asked.actor,
            purpose=asked.purpose,
        )
        if asked.target != self._node:
            hop = await inquiry.pass_on(peer, question)
            return await self._desk().ask(hop, asked)
        as_of_us = self._now_us()
        if isinstance(body, pb.GetCase):
            document = await inquiry.answer_case(peer, question)
            said = pb.CaseView(json=_json(document)).SerializeToString()
        elif isinstance(body, pb.ListJournal):
            said = await self._journal(inquiry, peer, question, body)
        else:
            limit = body.limit or JOURNAL_ROWS_MAX
            page = await inquiry.answer_work(
                peer, question, status=body.status, after=body.after, limit=limit
            )
            said = pb.WorkPage(json=_json(list(page.items)), next=page.next).SerializeToString()
        if len(said) > DOCUMENT_BYTES_MAX:
            return messages.Answer(id=asked.id, code="ask.too_large")
        return messages.Answer(id=asked.id, body=said, as_of_us=as_of_us)

    async def _journal(
        self, inquiry: Inquiry, peer: str, question: Question, body: pb.ListJournal
    ) -> bytes:
        limit = min(body.limit or JOURNAL_ROWS_MAX, JOURNAL_ROWS_MAX)
        entries = await inquiry.answer_journal(
            peer, question, after=body.after_version, limit=limit
        )
        fitting: list[words_pb2.JournalEntry] = []
        size = 0
        for raw in entries:
            size += len(raw) + 8
            if size > DOCUMENT_BYTES_MAX:
                break
            fitting.append(words_pb2.JournalEntry.FromString(raw))
        more = len(fitting) < len(entries) or len(entries) == limit
        return pb.JournalPage(entries=fitting, more=more).SerializeToString()


def _read(asked: messages.Question) -> pb.GetCase | pb.ListJournal | pb.ListWork:
    kinds: dict[str, type[pb.GetCase | pb.ListJournal | pb.ListWork]] = {
        GET_CASE: pb.GetCase,
        LIST_JOURNAL: pb.ListJournal,
        LIST_WORK: pb.ListWork,
    }
    kind = kinds.get(asked.method)
    if kind is None:
        raise Invalid(f"no method {asked.method!r}", code="ask.unknown_method")
    try:
        body = kind.FromString(asked.body)
    except DecodeError as err:
        raise Invalid("a question's body does not parse", code="ask.malformed") from err
    if not isinstance(body, pb.ListWork) and len(body.case_id) != 16:
        raise Invalid("a case id has 16 bytes", code="ask.malformed")
    return body


def _json(value: Any) -> bytes:
    # Sentences travel as text: the office that asked reads them in Chinese, as it would its own.
    return json.dumps(value, ensure_ascii=False, separators=(",", ":"), default=str).encode()
