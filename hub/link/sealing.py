"""What happens to a batch on a worker thread: sealing ours, verifying theirs.

One call per frame: a hundred microseconds per signature would block an event loop, and a hop to
a thread per envelope would cost as much again. Touches no database and no carrier.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from typing import NamedTuple, cast

from hub import wire
from hub.envelope import Alg, Draft, Flag, Header, Opened
from hub.errors import Incompatible, Malformed, UnknownPeer, Unsealed
from hub.ids import Chain, LinkId, MsgId, NodeId, Position
from hub.link import messages as msg
from hub.link.steps import Checked, Flaw, Got, Seal, SealedRow, Verified
from hub.seal import (
    KeyRing,
    Signer,
    check_countersign,
    check_hello,
    digest,
    open_envelope,
    open_original,
    seal,
    sign_countersign,
    sign_hello,
)
from hub.suites.registry import digest_of

Lower = Callable[[str, int, int, bytes], bytes | None]
"""``Application.lower``: a body in an older revision, None if it cannot be said."""


class DraftRow(NamedTuple):
    """A planned outbox row, as ``hub.store.outbox`` reads it."""

    id: int
    msg_id: MsgId
    lane: bytes
    prio: int
    draft: bytes


@dataclass(frozen=True, slots=True, kw_only=True)
class Sealing:
    """Keys and names of one link."""

    link: LinkId
    me: NodeId
    peer: NodeId
    signers: Sequence[Signer]
    keys: KeyRing
    lower: Lower
    dual: bool = False

    @property
    def digest_alg(self) -> Alg:
        """Of the envelopes we seal now."""
        return digest_of(self.signers)

    def seal(self, action: Seal) -> tuple[SealedRow, ...]:
        """Number and seal a planned batch in chain order."""
        types = dict(action.types)
        signers = tuple(self.signers)  # they may change at any moment; a batch has one set
        alg = digest_of(signers)
        at, head = action.base, action.head
        done = []
        for row in cast(tuple[DraftRow, ...], action.rows):
            draft = wire.draft_from(row.draft, msg_id=row.msg_id, lane=row.lane, prio=row.prio)
            at = Position(at.epoch, at.seq + 1)
            sealed, head = self._seal_one(self._said_for(draft, types), at, head, signers, alg)
            done.append(SealedRow(row.id, at, head, sealed))
        return tuple(done)

    def verify(self, frame: msg.Frame, now_us: int) -> Verified:
        """Open every envelope of a frame, up to the first that is not sound. An echo is under our
        own seal; one from before we had two keys is as good."""
        sound: list[Checked] = []
        echo = frame.origin == self.me
        maker, dual = (self.me, False) if echo else (self.peer, self.dual)
        for data in frame.envelopes:
            try:
                opened = open_envelope(
                    data, keys=self.keys, node=maker, at_us=now_us, dual=dual
                )
            except (Unsealed, UnknownPeer, Malformed, Incompatible) as err:
                flaw = _flaw(err)
                if flaw is Flaw.UNKNOWN_KEY and _claimed(data) not in (None, maker):
                    # No roster makes another node's word one of the peer's: nothing to wait for.
                    flaw = Flaw.MALFORMED
                return Verified(envelopes=tuple(sound), flaw=flaw, detail=str(err), flawed=data)
            park = ""
            if opened.header.flags & Flag.RELAYED:
                opened, park = open_original(opened, keys=self.keys, sender=maker)
            sound.append(Checked(opened, park))
        return Verified(envelopes=tuple(sound))

    def sign(self, message: msg.Message) -> msg.Message:
        """A Hello, or the countersign of an Ack, under our own seal; other messages as they are."""
        if isinstance(message, msg.Hello):
            return sign_hello(message, self.signers[0])
        if isinstance(message, msg.Ack) and message.countersign is not None:
            signed = sign_countersign(
                message.countersign, link=self.link, origin=self.peer, signer=self.signers[0]
            )
            return replace(message, countersign=signed)
        return message

    def check(self, message: msg.Message, *, contact: int, token: int, now_us: int) -> Got:
        """The input for an arrived message. Raises ``Unsealed`` for a Hello or a countersign that
        is not the peer's, ``UnknownPeer`` for a Hello under a key nobody has told us of."""
        if isinstance(message, msg.Hello):
            check_hello(message, keys=self.keys, node=self.peer, at_us=now_us)
        elif isinstance(message, msg.Ack) and message.countersign is not None:
            message = self._countersigned(message, message.countersign, now_us)
        elif isinstance(message, msg.Fault) and message.proof:
            return Got(contact=contact, message=message, own=self._own(message.proof, now_us))
        return Got(contact=contact, message=message, token=token)

    def _countersigned(
        self, ack: msg.Ack, countersign: msg.Countersign, now_us: int
    ) -> msg.Ack:
        """The Ack with its evidence, or without it if we cannot judge that: its position is
        checked against our own chain anyway."""
        try:
            check_countersign(
                countersign, link=self.link, origin=self.me, keys=self.keys, node=self.peer,
                at_us=now_us,
            )
        except UnknownPeer:
            return replace(ack, countersign=None)
        return ack

    def _own(self, proof: bytes, now_us: int) -> msg.Hello | Opened | None:
        """The proof of a Fault, if it is a Hello or an envelope under our own seal."""
        try:
            hello = wire.hello_from(proof)
            check_hello(hello, keys=self.keys, node=self.me, at_us=now_us)
        except (Malformed, Unsealed, UnknownPeer):
            return self._own_word(proof, now_us)
        return hello if hello.link == self.link else None

    def _own_word(self, proof: bytes, now_us: int) -> Opened | None:
        try:
            opened = open_envelope(proof, keys=self.keys, node=self.me, at_us=now_us)
        except (Malformed, Unsealed, UnknownPeer, Incompatible):
            return None
        header = opened.header
        return opened if (header.origin, header.dest) == (self.me, self.peer) else None

    def _said_for(self, draft: Draft, types: dict[str, int]) -> Draft:
        """The draft as the peer can read it, where the application knows how; originals of
        others are never touched."""
        readable = types.get(draft.type)
        if readable is None or readable >= draft.schema_rev or draft.flags & (
            Flag.RELAYED | Flag.DEFLATED
        ):
            return draft
        body = self.lower(draft.type, draft.schema_rev, readable, draft.body)
        if body is None:
            return draft
        return replace(draft, body=body, schema_rev=readable)

    def _seal_one(
        self, draft: Draft, at: Position, prev: Chain, signers: Sequence[Signer], alg: Alg
    ) -> tuple[bytes, Chain]:
        header = Header(
            msg_id=draft.msg_id,
            origin=self.me,
            dest=self.peer,
            position=at,
            prev_hash=prev,
            lane=draft.lane,
            type=draft.type,
            schema_rev=draft.schema_rev,
            digest_alg=alg,
            body_digest=digest(alg, draft.body),
            occurred_at_us=draft.occurred_at_us,
            hlc=draft.hlc,
            causation_id=draft.causation_id,
            correlation_id=draft.correlation_id,
            traceparent=draft.traceparent,
            attachments=draft.attachments,
            flags=int(draft.flags),
        )
        return seal(header, draft.body, signers)


def _claimed(data: bytes) -> NodeId | None:
    """Whose word an envelope says it is; nothing has been verified."""
    try:
        return wire.header_from(wire.sealed_parts(data)[0]).origin
    except (Malformed, Incompatible):
        return None


def _flaw(err: Exception) -> Flaw:
    if isinstance(err, UnknownPeer):
        return Flaw.UNKNOWN_KEY
    if isinstance(err, Incompatible):
        return Flaw.INCOMPATIBLE
    return Flaw.MALFORMED if isinstance(err, Malformed) else Flaw.UNSEALED
