"""Questions and answers of supervision, as values and as bytes. Bodies belong to the office."""

from __future__ import annotations

from dataclasses import dataclass

from google.protobuf.message import DecodeError

from hub.errors import Malformed
from hub.ids import LinkId, NodeId, node_id
from hub.v1 import link_pb2

BODY_BYTES_MAX = 256 * 1024
"""One page of a journal or a work list; longer ones are paged by their method."""
ID_BYTES = 16
METHOD_CHARS_MAX = 64
ACTOR_CHARS_MAX = 200
PURPOSE_CHARS_MAX = 1000
"""Why a person looks at another office's case, in their own words; kept in the audit logs."""
CODE_CHARS_MAX = 64
DEADLINE_MS_MAX = 60_000
"""A person waits for the answer; beyond a minute the screen shows the traces instead."""
OK = "ok"


@dataclass(frozen=True, slots=True, kw_only=True)
class Question:
    """``id``: 16 fresh bytes, kept on every hop. ``target`` may lie deeper than the peer; passing
    it on is the office's business. ``deadline_ms``: how long this asker waits."""

    id: bytes
    target: NodeId
    method: str
    body: bytes
    actor: str
    purpose: str
    deadline_ms: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Answer:
    """``code`` is ``ok`` or a stable error code; ``as_of_us``: when the answerer looked."""

    id: bytes
    code: str = OK
    body: bytes = b""
    as_of_us: int = 0

    @property
    def ok(self) -> bool:
        """Whether ``body`` is what was asked for."""
        return self.code == OK


def encode(link: LinkId, message: Question | Answer) -> bytes:
    """The bytes for an ask stream; ``Malformed`` (``ask.too_large``) beyond a limit."""
    _check(message)
    if isinstance(message, Answer):
        answer = link_pb2.Answer(
            id=message.id, code=message.code, body=message.body, as_of_us=message.as_of_us
        )
        return link_pb2.AskMessage(answer=answer).SerializeToString()
    question = link_pb2.Question(
        id=message.id,
        target=message.target,
        method=message.method,
        body=message.body,
        actor=message.actor,
        purpose=message.purpose,
        deadline_ms=message.deadline_ms,
        link=link,
    )
    return link_pb2.AskMessage(question=question).SerializeToString()


def decode(link: LinkId, data: bytes) -> Question | Answer:
    """Read what arrived on the stream of ``link``; ``Malformed`` when it breaks a rule."""
    try:
        whole = link_pb2.AskMessage.FromString(data)
        message = _question(whole.question) if whole.HasField("question") else _answer(whole.answer)
    except (DecodeError, ValueError) as err:
        raise Malformed(f"reading an ask message on {link}: {err}", code="ask.malformed") from err
    if isinstance(message, Question) and whole.question.link != link:
        raise Malformed(f"a question of another link came on {link}", code="ask.malformed")
    _check(message)
    return message


def _question(message: link_pb2.Question) -> Question | Answer:
    return Question(
        id=message.id,
        target=node_id(message.target),
        method=message.method,
        body=message.body,
        actor=message.actor,
        purpose=message.purpose,
        deadline_ms=message.deadline_ms,
    )


def _answer(message: link_pb2.Answer) -> Question | Answer:
    return Answer(
        id=message.id, code=message.code, body=message.body, as_of_us=message.as_of_us
    )


def _check(message: Question | Answer) -> None:
    if len(message.body) > BODY_BYTES_MAX:
        raise Malformed(f"a body of {len(message.body)} bytes", code="ask.too_large")
    good = len(message.id) == ID_BYTES
    if isinstance(message, Question):
        good = good and (
            0 < len(message.method) <= METHOD_CHARS_MAX
            and len(message.actor) <= ACTOR_CHARS_MAX
            and len(message.purpose) <= PURPOSE_CHARS_MAX
            and 0 < message.deadline_ms <= DEADLINE_MS_MAX
        )
    else:
        good = good and 0 < len(message.code) <= CODE_CHARS_MAX
    if not good:
        raise Malformed("an ask message breaks a limit", code="ask.malformed")
