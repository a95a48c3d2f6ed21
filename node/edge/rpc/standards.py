"""The comparison of standards on the fabric's ask streams: bytes to use case and back."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence

from google.protobuf.message import DecodeError

from hub.ask import messages
from hub.ask.desk import AskDesk
from hub.errors import Malformed
from hub.ids import IdSource, LinkId
from hub.ids import NodeId as HubNodeId
from node.core.errors import Invalid
from node.service.standards.comparing import Comparison, InUse
from node.v1 import inspect_pb2 as pb

COMPARE = "CompareStandards"
ACTOR = "wanmi"
"""Nobody in person asks this."""


class LinkComparer:
    """``node.service.standards.comparing.StandardsAsker`` over the fabric's desk."""

    def __init__(self, *, desk: AskDesk, ids: IdSource, timeout_s: float) -> None:
        self._desk, self._ids = desk, ids
        self._deadline_ms = min(int(timeout_s * 1000), messages.DEADLINE_MS_MAX)

    async def compare(
        self, link: LinkId, target: str, mine: Sequence[InUse]
    ) -> Sequence[InUse] | None:
        """Tell ours, hear theirs."""
        answer = await self._desk.ask(link, messages.Question(
            id=self._ids.uuid7(), target=HubNodeId(target), method=COMPARE,
            body=pb.CompareStandards(in_use=_said(mine)).SerializeToString(),
            actor=ACTOR, purpose=COMPARE, deadline_ms=self._deadline_ms,
        ))
        if not answer.ok:
            return None
        try:
            return _heard(pb.StandardsView.FromString(answer.body).in_use)
        except DecodeError as err:
            raise Malformed("an answer about standards does not parse") from err


def compared(
    comparison: Callable[[], Comparison], peer: str, asked: messages.Question, as_of_us: int
) -> messages.Answer:
    """Answer a peer's comparison. Raises ``Refused``."""
    try:
        body = pb.CompareStandards.FromString(asked.body)
    except DecodeError as err:
        raise Invalid("a question's body does not parse", code="ask.malformed") from err
    mine = comparison().answer(peer, _heard(body.in_use))
    return messages.Answer(
        id=asked.id, body=pb.StandardsView(in_use=_said(mine)).SerializeToString(),
        as_of_us=as_of_us)


def _said(some: Iterable[InUse]) -> list[pb.StandardInUse]:
    return [pb.StandardInUse(standard_ref=one.standard_ref, version=one.version, digest=one.digest)
            for one in some]


def _heard(some: Iterable[pb.StandardInUse]) -> list[InUse]:
    return [InUse(standard_ref=one.standard_ref, version=one.version, digest=one.digest)
            for one in some]
