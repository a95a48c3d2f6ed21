"""Shared data sets on the fabric's ask streams: bytes to use case and back."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping, Sequence
from typing import Any

from google.protobuf.message import DecodeError

from hub.ask import messages
from hub.ask.desk import AskDesk
from hub.errors import Malformed
from hub.ids import IdSource, LinkId
from hub.ids import NodeId as HubNodeId
from node.core.errors import Invalid
from node.service.instants import to_time, to_us
from node.service.sharing.room import SharedPage, SharingRoom, Wanted
from node.v1 import inspect_pb2 as pb

BYTES_MAX = messages.BODY_BYTES_MAX - 4096
"""Rows beyond this are left to the next page."""
READ = "ReadDataset"


class LinkReader:
    """``node.service.sharing.room.DatasetAsker`` over the fabric's desk."""

    def __init__(self, *, desk: AskDesk, ids: IdSource, timeout_s: float) -> None:
        self._desk, self._ids = desk, ids
        self._deadline_ms = min(int(timeout_s * 1000), messages.DEADLINE_MS_MAX)

    async def read(
        self, link: LinkId, target: str, wanted: Wanted
    ) -> tuple[str, SharedPage | None]:
        """Ask for one page; the code of a refusal with None."""
        answer = await self._desk.ask(link, messages.Question(
            id=self._ids.uuid7(), target=HubNodeId(target), method=READ,
            body=pb.ReadDataset(
                dataset=wanted.dataset, after=wanted.after, limit=wanted.limit,
            ).SerializeToString(),
            actor=wanted.actor, purpose=wanted.purpose, deadline_ms=self._deadline_ms))
        if not answer.ok:
            return answer.code, None
        try:
            page = pb.DatasetPage.FromString(answer.body)
            rows = json.loads(page.json)
        except (DecodeError, ValueError) as err:
            raise Malformed("an answer about a data set does not parse") from err
        return answer.code, SharedPage(
            dataset=wanted.dataset, sharing=page.sharing, rows=rows, next=page.next,
            as_of=to_time(answer.as_of_us))


async def shared(
    room: Callable[[], SharingRoom], peer: str, asked: messages.Question
) -> messages.Answer:
    """Answer a neighbour's question. Raises ``Refused``."""
    try:
        body = pb.ReadDataset.FromString(asked.body)
    except DecodeError as err:
        raise Invalid("a question's body does not parse", code="ask.malformed") from err
    rows = _Rows()
    page = await room().give(peer, Wanted(
        dataset=body.dataset, after=body.after, limit=body.limit, actor=asked.actor,
        purpose=asked.purpose), fits=rows.fit)
    if rows.cut and not rows.said:  # one row alone, e.g. the outline of a whole city
        return messages.Answer(id=asked.id, code="ask.too_large")
    body_said = pb.DatasetPage(
        json=f"[{','.join(rows.said)}]".encode(), next=page.next, sharing=page.sharing)
    return messages.Answer(
        id=asked.id, body=body_said.SerializeToString(), as_of_us=to_us(page.as_of))


class _Rows:
    """Rows in JSON, as many as one answer holds."""

    def __init__(self) -> None:
        self.said: list[str] = []
        self.cut = False

    def fit(self, rows: Sequence[Mapping[str, Any]]) -> int:
        """Put them down from the first on; how many fit."""
        size = 2
        for row in rows:
            said = json.dumps(row, ensure_ascii=False, separators=(",", ":"), default=str)
            size += len(said.encode()) + 1
            if size > BYTES_MAX:
                self.cut = True
                break
            self.said.append(said)
        return len(self.said)
