"""Between protobuf bytes and the pure values of the fabric, in both directions.

The only module of ``hub`` that builds or reads link messages, headers and drafts. It checks form
and limits (``Malformed``), never signatures: that is ``hub.seal``. Nothing that was received is
ever serialised again; what must be kept is kept as the bytes that came.
"""

from __future__ import annotations

from google.protobuf.message import DecodeError
from google.protobuf.message import Message as Proto

from hub.envelope import (
    ATTACHMENTS_MAX,
    FRAME_ENVELOPES_MAX,
    HEADER_BYTES_MAX,
    LANE_BYTES_MAX,
    SEALED_BYTES_MAX,
    VERSION,
    Alg,
    Attachment,
    Draft,
    Flag,
    Header,
    Notice,
)
from hub.errors import Incompatible, Malformed
from hub.ids import NODE_ID, Chain, LinkId, MsgId, NodeId, Position
from hub.link import messages as say
from hub.v1 import envelope_pb2 as pb
from hub.v1 import link_pb2 as lk

NOTICE_TYPE = "hub.v1.Notice"
EPOCH_START_TYPE = "hub.v1.EpochStart"
HUB_TYPES = {NOTICE_TYPE: 1, EPOCH_START_TYPE: 1}
"""Types the fabric reads itself, with their highest schema revision."""

HASH_BYTES = 32
MSG_ID_BYTES = 16
ROWS_MAX = 4_096
"""Rows of one anti-entropy message; more are malformed (messages stay under 256 KiB)."""
CLAIMS_MAX = 64
"""Claims of one message; more follow in the next."""
DOORS_MAX = 8
"""Addresses of each carrier in one renewal, as many as a kit has."""
TYPES_MAX = 256
"""Readable types in one Hello; a guard, a node has about a dozen."""

_ALG_TO = {Alg.SHA256: pb.DIGEST_ALG_SHA256, Alg.SM3: pb.DIGEST_ALG_SM3}
_ALG_FROM = {int(number): alg for alg, number in _ALG_TO.items()}
_NO_ATTACHMENTS: tuple[Attachment, ...] = ()


# -- headers ---------------------------------------------------------------------------------


def _attachments_to(items: tuple[Attachment, ...]) -> list[pb.Attachment]:
    return [
        pb.Attachment(alg=_ALG_TO[a.alg], digest=a.digest, size=a.size, media_type=a.media_type)
        for a in items
    ]


def _attachments_from(items: object) -> tuple[Attachment, ...]:
    found: list[Attachment] = []
    for item in items:  # type: ignore[attr-defined]
        alg = _ALG_FROM.get(item.alg)
        if alg is None or len(item.digest) != HASH_BYTES:
            raise Malformed("reading an attachment: unknown digest")
        found.append(
            Attachment(
                digest=item.digest, size=item.size, media_type=item.media_type, alg=alg
            )
        )
    return tuple(found)


def header_bytes(header: Header) -> bytes:
    """Serialise a header we made; its bytes are what seals and chain cover."""
    epoch, seq = header.position
    proto = pb.Header(
        version=header.version,
        msg_id=header.msg_id,
        origin=header.origin,
        dest=header.dest,
        link_epoch=epoch,
        link_seq=seq,
        prev_hash=header.prev_hash,
        lane=header.lane,
        type=header.type,
        schema_rev=header.schema_rev,
        digest_alg=_ALG_TO[header.digest_alg],
        body_digest=header.body_digest,
        occurred_at=header.occurred_at_us,
        hlc=header.hlc,
        causation_id=header.causation_id,
        correlation_id=header.correlation_id,
        traceparent=header.traceparent,
        flags=int(header.flags),
    )
    if header.attachments:
        proto.attachments.extend(_attachments_to(header.attachments))
    data: bytes = proto.SerializeToString()
    if len(data) > HEADER_BYTES_MAX:
        raise Malformed(f"building a header of {len(data)} bytes, more than {HEADER_BYTES_MAX}")
    return data


def header_from(data: bytes) -> Header:
    """Read a header whose seal was verified. ``Malformed`` where it breaks the layout,
    ``Incompatible`` for a layout from the future."""
    if len(data) > HEADER_BYTES_MAX:
        raise Malformed("reading a header: too long", code="envelope.too_large")
    proto = pb.Header()
    _parse(proto, data, "a header")
    if proto.version != VERSION:
        raise Incompatible(f"reading an envelope of layout {proto.version}, we know {VERSION}")
    alg = _ALG_FROM.get(proto.digest_alg)
    if (
        alg is None
        or len(proto.msg_id) != MSG_ID_BYTES
        or len(proto.prev_hash) != HASH_BYTES
        or len(proto.body_digest) != HASH_BYTES
        or len(proto.lane) > LANE_BYTES_MAX
        or not proto.type
        or proto.link_epoch < 1
        or proto.link_seq < 1
        or len(proto.attachments) > ATTACHMENTS_MAX
        or not NODE_ID.fullmatch(proto.origin)
        or not NODE_ID.fullmatch(proto.dest)
    ):
        raise Malformed("reading a header: a field breaks the layout")
    return Header(
        version=proto.version,
        msg_id=MsgId(proto.msg_id),
        origin=NodeId(proto.origin),
        dest=NodeId(proto.dest),
        position=Position(proto.link_epoch, proto.link_seq),
        prev_hash=Chain(proto.prev_hash),
        lane=proto.lane,
        type=proto.type,
        schema_rev=proto.schema_rev,
        digest_alg=alg,
        body_digest=proto.body_digest,
        occurred_at_us=proto.occurred_at,
        hlc=proto.hlc,
        causation_id=proto.causation_id,
        correlation_id=proto.correlation_id,
        traceparent=proto.traceparent,
        attachments=_attachments_from(proto.attachments) if proto.attachments else _NO_ATTACHMENTS,
        flags=proto.flags,
    )


# -- sealed envelopes ------------------------------------------------------------------------


def sealed_bytes(header: bytes, body: bytes, seals: tuple[tuple[str, str, bytes], ...]) -> bytes:
    """Put header, body and seals ``(alg, key_id, value)`` together; done once, by the origin."""
    proto = pb.SealedEnvelope(header=header, body=body)
    for alg, key_id, value in seals:
        proto.seals.append(pb.Signature(alg=alg, key_id=key_id, value=value))
    data: bytes = proto.SerializeToString()
    if len(data) > SEALED_BYTES_MAX:
        raise Malformed(
            f"sealing {len(data)} bytes, more than {SEALED_BYTES_MAX}", code="envelope.too_large"
        )
    return data


def sealed_parts(data: bytes) -> tuple[bytes, bytes, tuple[tuple[str, str, bytes], ...]]:
    """Split a sealed envelope into header bytes, body bytes and seals; reads nothing inside."""
    if len(data) > SEALED_BYTES_MAX:
        raise Malformed("reading an envelope: too long", code="envelope.too_large")
    proto = pb.SealedEnvelope()
    _parse(proto, data, "an envelope")
    return (
        proto.header,
        proto.body,
        tuple((seal.alg, seal.key_id, seal.value) for seal in proto.seals),
    )


# -- drafts, notices, epoch starts -----------------------------------------------------------


def draft_bytes(draft: Draft) -> bytes:
    """What waits in ``outbox.draft``; ``msg_id``, ``lane`` and ``prio`` are columns."""
    proto = pb.Draft(
        type=draft.type,
        schema_rev=draft.schema_rev,
        occurred_at=draft.occurred_at_us,
        hlc=draft.hlc,
        causation_id=draft.causation_id,
        correlation_id=draft.correlation_id,
        traceparent=draft.traceparent,
        flags=int(draft.flags),
        body=draft.body,
    )
    if draft.attachments:
        proto.attachments.extend(_attachments_to(draft.attachments))
    data: bytes = proto.SerializeToString()
    return data


def draft_from(data: bytes, *, msg_id: MsgId, lane: bytes, prio: int) -> Draft:
    """Read our own draft row back."""
    proto = pb.Draft()
    _parse(proto, data, "a draft")
    return Draft(
        msg_id=msg_id,
        lane=lane,
        prio=prio,
        type=proto.type,
        schema_rev=proto.schema_rev,
        occurred_at_us=proto.occurred_at,
        hlc=proto.hlc,
        causation_id=proto.causation_id,
        correlation_id=proto.correlation_id,
        traceparent=proto.traceparent,
        flags=Flag(proto.flags),
        body=proto.body,
        attachments=_attachments_from(proto.attachments) if proto.attachments else _NO_ATTACHMENTS,
    )


def notice_bytes(notice: Notice) -> bytes:
    """Body of a ``hub.v1.Notice``."""
    data: bytes = pb.Notice(
        msg_id=notice.msg_id,
        outcome=notice.outcome,
        code=notice.code,
        detail=notice.detail,
        sealed=notice.sealed,
    ).SerializeToString()
    return data


def notice_from(data: bytes) -> Notice:
    """Read a peer's notice."""
    proto = pb.Notice()
    _parse(proto, data, "a notice")
    return Notice(
        msg_id=MsgId(proto.msg_id),
        outcome=proto.outcome,
        code=proto.code,
        detail=proto.detail,
        sealed=proto.sealed,
    )


def epoch_start_bytes(*, cut: Position, head: Chain, reason: str, confirmed_by: str) -> bytes:
    """Body of the first envelope of a new epoch."""
    data: bytes = pb.EpochStart(
        cut=_position_to(cut), cut_head=head, reason=reason, confirmed_by=confirmed_by
    ).SerializeToString()
    return data


def epoch_start_from(data: bytes) -> tuple[Position, Chain]:
    """Cut and chain value at the cut."""
    proto = pb.EpochStart()
    _parse(proto, data, "an epoch start")
    return _position_from(proto.cut), Chain(proto.cut_head)


# -- link messages ---------------------------------------------------------------------------


def hello_bytes(hello: say.Hello) -> bytes:
    """The bytes of a Hello that its seal covers."""
    proto = lk.Hello(
        link=hello.link,
        proto_min=hello.proto_min,
        proto_max=hello.proto_max,
        out=_position_to(hello.out),
        in_head=hello.in_head,
        backlog=hello.backlog,
        holder_no=hello.holder_no,
        holder_id=hello.holder_id,
        recovering=hello.recovering,
        standing=hello.standing,
        roster_serial=hello.roster_serial,
        types=dict(hello.types),
        credit=hello.credit,
        sent_at_us=hello.sent_at_us,
        # ``from`` and ``in`` are words of Python, so they cannot be written as keywords.
        **{"from": hello.sender, "in": _position_to(hello.inn)},
    )
    # A map field is serialised in no promised order; the bytes are made once and sent as made.
    data: bytes = proto.SerializeToString()
    return data


def signed_hello_bytes(hello: bytes, seal: tuple[str, str, bytes]) -> bytes:
    """A Hello with its seal ``(alg, key_id, value)``, as kept in ``link.peer_hello``."""
    alg, key_id, value = seal
    data: bytes = lk.SignedHello(
        hello=hello, seal=pb.Signature(alg=alg, key_id=key_id, value=value)
    ).SerializeToString()
    return data


def signed_hello_parts(data: bytes) -> tuple[bytes, tuple[str, str, bytes]]:
    """Split a signed Hello into its bytes and its seal."""
    proto = lk.SignedHello()
    _parse(proto, data, "a signed hello")
    return proto.hello, (proto.seal.alg, proto.seal.key_id, proto.seal.value)


def hello_from(signed: bytes) -> say.Hello:
    """Read a signed Hello, from a message or from ``link.peer_hello``; seal not checked here."""
    inner, _ = signed_hello_parts(signed)
    proto = lk.Hello()
    _parse(proto, inner, "a hello")
    if len(proto.types) > TYPES_MAX:
        raise Malformed("reading a hello: too many types")
    return say.Hello(
        link=LinkId(proto.link),
        sender=NodeId(getattr(proto, "from")),
        out=_position_from(proto.out),
        inn=_position_from(getattr(proto, "in")),
        in_head=_head(proto.in_head),
        holder_no=proto.holder_no,
        holder_id=proto.holder_id,
        backlog=proto.backlog,
        proto_min=proto.proto_min,
        proto_max=proto.proto_max,
        recovering=proto.recovering,
        standing=proto.standing,
        roster_serial=proto.roster_serial,
        types=tuple(sorted(proto.types.items())),
        credit=proto.credit,
        sent_at_us=proto.sent_at_us,
        signed=signed,
    )


def countersign_statement(
    *, link: LinkId, origin: NodeId, position: Position, head: Chain, committed_at_us: int
) -> bytes:
    """What a countersign seals: the receiver has everything of ``origin`` up to ``position``."""
    data: bytes = lk.CountersignStatement(
        link=link,
        origin=origin,
        position=_position_to(position),
        head=head,
        committed_at_us=committed_at_us,
    ).SerializeToString()
    return data


def signed_countersign_bytes(statement: bytes, seal: tuple[str, str, bytes]) -> bytes:
    """A countersign as it travels and as it is kept."""
    alg, key_id, value = seal
    data: bytes = lk.Countersign(
        statement=statement, seal=pb.Signature(alg=alg, key_id=key_id, value=value)
    ).SerializeToString()
    return data


def countersign_parts(
    signed: bytes,
) -> tuple[bytes, tuple[str, str, bytes], LinkId, NodeId, say.Countersign]:
    """Split a countersign: statement, seal, link, origin and its values."""
    outer = lk.Countersign()
    _parse(outer, signed, "a countersign")
    proto = lk.CountersignStatement()
    _parse(proto, outer.statement, "a countersign statement")
    return (
        outer.statement,
        (outer.seal.alg, outer.seal.key_id, outer.seal.value),
        LinkId(proto.link),
        NodeId(proto.origin),
        say.Countersign(
            position=_position_from(proto.position),
            head=_head(proto.head),
            committed_at_us=proto.committed_at_us,
            signed=signed,
        ),
    )


def renew_message(renew: say.Renew) -> lk.Renew:
    """What is said of papers, also outside of a link."""
    return lk.Renew(
        request=renew.request, grpc=renew.grpc, nats=renew.nats, in_use=renew.in_use,
        kit=renew.kit, code=renew.code, detail=renew.detail,
    )


def renew_from(renew: lk.Renew) -> say.Renew:
    """``Malformed`` with more addresses than a kit has."""
    if len(renew.grpc) > DOORS_MAX or len(renew.nats) > DOORS_MAX:
        raise Malformed(f"reading a renewal with more than {DOORS_MAX} addresses")
    return say.Renew(
        request=renew.request, grpc=tuple(renew.grpc), nats=tuple(renew.nats),
        in_use=renew.in_use, kit=renew.kit, code=renew.code, detail=renew.detail,
    )


def message_bytes(message: say.Message) -> bytes:
    """Serialise a link message. A ``Hello`` and a ``Countersign`` must be signed already."""
    proto = lk.LinkMessage()
    match message:
        case say.Frame():
            proto.frame.link = message.link
            proto.frame.origin = message.origin
            proto.frame.envelopes.extend(message.envelopes)
        case say.Ack():
            ack = lk.Ack(
                in_head=message.in_head,
                credit=message.credit,
                sent_at_us=message.sent_at_us,
                echo_at_us=message.echo_at_us,
                echo_held_us=message.echo_held_us,
                out=_position_to(message.out),
                backlog=message.backlog,
            )
            getattr(ack, "in").CopyFrom(_position_to(message.inn))
            if message.countersign is not None:
                assert message.countersign.signed, "a countersign is signed before it is said"
                ack.countersign.MergeFromString(message.countersign.signed)
            proto.ack.CopyFrom(ack)
        case say.Hello():
            assert message.signed, "a hello is signed before it is said"
            proto.hello.MergeFromString(message.signed)
        case say.Pull():
            proto.pull.CopyFrom(lk.Pull(echo=message.echo, after=_position_to(message.after)))
        case say.Fault():
            proto.fault.CopyFrom(
                lk.Fault(
                    code=message.code,
                    detail=message.detail,
                    in_head=message.in_head,
                    proof=message.proof,
                    **{"in": _position_to(message.inn)},
                )
            )
        case say.RosterOffer():
            proto.roster.want_serial = message.want_serial
            proto.roster.signed = message.signed
            proto.roster.SetInParent()
        case say.Claims():
            proto.claims.signed.extend(message.signed)
            proto.claims.SetInParent()
        case say.Renew():
            proto.renew.CopyFrom(renew_message(message))
        case say.DigestAsk():
            proto.digest_ask.CopyFrom(
                lk.DigestAsk(
                    round=message.round,
                    scope=message.scope,
                    depth=message.depth,
                    prefix=message.prefix,
                    after=message.after,
                )
            )
        case say.Tell():
            proto.tell.CopyFrom(
                lk.Tell(round=message.round, rows=_rows_to(message.rows), next=message.next)
            )
        case say.List():
            proto.list.CopyFrom(
                lk.List(
                    round=message.round,
                    rows=_rows_to(message.rows),
                    scope=message.scope,
                    prefix=message.prefix,
                )
            )
        case say.Result():
            proto.result.CopyFrom(
                lk.Result(
                    round=message.round,
                    missing=message.missing,
                    pending=message.pending,
                    surplus=message.surplus,
                    differ=message.differ,
                )
            )
    data: bytes = proto.SerializeToString()
    return data


def message_from(data: bytes) -> say.Message:
    """Read one link message; ``Malformed`` names what was wrong. Seals are not checked here."""
    outer = lk.LinkMessage()
    _parse(outer, data, "a link message")
    kind = outer.WhichOneof("message")
    if kind == "frame":
        frame = outer.frame
        # An empty one ends an echo: the peer has no more of our own words.
        if len(frame.envelopes) > FRAME_ENVELOPES_MAX:
            raise Malformed(f"reading a frame of {len(frame.envelopes)} envelopes")
        return say.Frame(
            link=LinkId(frame.link), origin=NodeId(frame.origin), envelopes=tuple(frame.envelopes)
        )
    if kind == "ack":
        ack = outer.ack
        countersign = None
        if ack.HasField("countersign"):
            # Our own copy of the bytes: the statement inside is what the seal covers, and it is
            # kept untouched by protobuf as a bytes field.
            countersign = countersign_parts(ack.countersign.SerializeToString())[4]
        return say.Ack(
            inn=_position_from(getattr(ack, "in")),
            in_head=_head(ack.in_head),
            credit=ack.credit,
            sent_at_us=ack.sent_at_us,
            echo_at_us=ack.echo_at_us,
            echo_held_us=ack.echo_held_us,
            out=_position_from(ack.out),
            backlog=ack.backlog,
            countersign=countersign,
        )
    if kind == "hello":
        return hello_from(outer.hello.SerializeToString())
    if kind == "pull":
        return say.Pull(after=_position_from(outer.pull.after), echo=outer.pull.echo)
    if kind == "fault":
        fault = outer.fault
        return say.Fault(
            code=fault.code,
            detail=fault.detail,
            inn=_position_from(getattr(fault, "in")),
            in_head=_head(fault.in_head),
            proof=fault.proof,
        )
    if kind == "roster":
        return say.RosterOffer(want_serial=outer.roster.want_serial, signed=outer.roster.signed)
    if kind == "claims":
        if len(outer.claims.signed) > CLAIMS_MAX:
            raise Malformed(f"reading {len(outer.claims.signed)} claims, more than {CLAIMS_MAX}")
        return say.Claims(signed=tuple(outer.claims.signed))
    if kind == "renew":
        return renew_from(outer.renew)
    if kind == "digest_ask":
        ask = outer.digest_ask
        return say.DigestAsk(
            round=ask.round, scope=ask.scope, depth=ask.depth, prefix=ask.prefix, after=ask.after
        )
    if kind == "tell":
        return say.Tell(
            round=outer.tell.round, rows=_rows_from(outer.tell.rows), next=outer.tell.next
        )
    if kind == "list":
        return say.List(
            round=outer.list.round,
            scope=outer.list.scope,
            prefix=outer.list.prefix,
            rows=_rows_from(outer.list.rows),
        )
    if kind == "result":
        result = outer.result
        if len(result.surplus) > ROWS_MAX or len(result.differ) > ROWS_MAX:
            raise Malformed("reading a result: too many keys")
        return say.Result(
            round=result.round,
            missing=result.missing,
            pending=result.pending,
            surplus=tuple(result.surplus),
            differ=tuple(result.differ),
        )
    raise Malformed(f"reading a link message of kind {kind}", code="link.message_unknown")


# -- small parts -----------------------------------------------------------------------------


def _parse(proto: Proto, data: bytes, what: str) -> None:
    try:
        proto.ParseFromString(data)
    except (DecodeError, UnicodeDecodeError) as err:
        raise Malformed(f"reading {what}: these bytes are none") from err


def _position_to(position: Position) -> pb.Position:
    return pb.Position(epoch=position[0], seq=position[1])


def _position_from(proto: pb.Position) -> Position:
    return Position(proto.epoch, proto.seq)


def _head(value: bytes) -> Chain:
    if len(value) != HASH_BYTES:
        raise Malformed("reading a chain value: wrong length")
    return Chain(value)


def _rows_to(rows: tuple[say.DigestRow, ...]) -> list[lk.DigestRow]:
    return [lk.DigestRow(key=row.key, count=row.count, value=row.value) for row in rows]


def _rows_from(rows: object) -> tuple[say.DigestRow, ...]:
    found = tuple(
        say.DigestRow(key=row.key, count=row.count, value=row.value)
        for row in rows  # type: ignore[attr-defined]
    )
    if len(found) > ROWS_MAX:
        raise Malformed(f"reading {len(found)} anti-entropy rows, more than {ROWS_MAX}")
    return found
