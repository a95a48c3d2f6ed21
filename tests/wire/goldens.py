"""Golden envelopes and link messages: bytes of a release, kept for ever.

``python -m tests.wire.goldens`` writes what is missing and touches nothing that exists: bytes of
an earlier release are evidence, not output. Tests open the files with today's code and compare
every field with ``index.json``.
"""

from __future__ import annotations

import json
from dataclasses import asdict
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any
from uuid import UUID

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from hub import wire
from hub.envelope import Alg, Attachment, Flag, Header, Notice
from hub.ids import ZERO_CHAIN, Chain, LinkId, MsgId, NodeId, Position
from hub.link import messages as msg
from hub.seal import Ed25519Key, Ed25519Signer, digest, seal, sign_countersign, sign_hello
from node.core import words as w
from node.core.facts import (
    AssignmentId,
    CaseId,
    Category,
    Facts,
    Limits,
    Origin,
    Outcome,
    Photo,
    PhotoRole,
    Place,
    RequestId,
    RequestKind,
    TimeUnit,
)
from node.edge.codec import WordCodec
from node.service.ports import StockSheet

FOLDER = Path(__file__).parent / "golden"
LINK = LinkId("420200-420203")
CITY, DISTRICT, STREET = NodeId("420200"), NodeId("420203"), NodeId("420203001")
NODES = (CITY, DISTRICT, STREET)
CODEC = WordCodec()
AT_US = 1_760_000_000_000_000


def signer(node: NodeId) -> Ed25519Signer:
    """A key anybody can make again: its secret is the node's number."""
    number = NODES.index(node) + 1
    private = Ed25519PrivateKey.from_private_bytes(bytes([number]) * 32)
    return Ed25519Signer(f"golden-{node}", private)


class GoldenKeys:
    """The keys of the golden nodes, and their tree."""

    def public(self, key_id: str, node: NodeId, at_us: int) -> Ed25519Key | None:
        if node not in NODES or key_id != f"golden-{node}":
            return None
        return Ed25519Key.of(signer(node).private.public_key().public_bytes_raw())

    def refusal(self, key_id: str, node: NodeId, at_us: int) -> str:
        return "" if self.public(key_id, node, at_us) is not None else "key.unknown"

    def parent_of(self, node: NodeId) -> NodeId | None:
        return {DISTRICT: CITY, STREET: DISTRICT}.get(node)

    def is_below(self, node: NodeId, ancestor: NodeId) -> bool:
        at: NodeId | None = node
        while at is not None and at != ancestor:
            at = self.parent_of(at)
        return at == ancestor

    def serial(self) -> int:
        return 1


def header(**changes: Any) -> Header:
    """A header with every field set."""
    body = changes.pop("body", b"a body")
    values: dict[str, Any] = {
        "msg_id": MsgId(bytes(range(16))),
        "origin": CITY,
        "dest": DISTRICT,
        "position": Position(3, 7),
        "prev_hash": Chain(bytes([9]) * 32),
        "lane": bytes(range(16, 32)),
        "type": "node.v1.Order",
        "schema_rev": 2,
        "body_digest": digest(Alg.SHA256, body),
        "occurred_at_us": AT_US,
        "hlc": (AT_US // 1000 << 16) + 5,
        "causation_id": bytes([1]) * 16,
        "correlation_id": bytes([2]) * 16,
        "traceparent": "00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01",
        "attachments": (
            Attachment(digest=bytes([7]) * 32, size=123_456, media_type="image/jpeg"),
        ),
        "flags": int(Flag.OVERTAKE),
    }
    return Header(**{**values, **changes})


def envelopes() -> dict[str, tuple[NodeId, bytes]]:
    """Name, sealing node and bytes of each golden envelope."""
    full, _ = seal(header(), b"a body", [signer(CITY)])
    bare, _ = seal(
        Header(
            msg_id=MsgId(bytes(16)), origin=DISTRICT, dest=CITY, position=Position(1, 1),
            prev_hash=ZERO_CHAIN, lane=b"", type="node.v1.Report", schema_rev=1,
            body_digest=digest(Alg.SHA256, b""), occurred_at_us=0, hlc=0,
        ),
        b"",
        [signer(DISTRICT)],
    )
    original, _ = seal(
        header(origin=STREET, dest=DISTRICT, type="node.v1.Report", flags=0), b"a body",
        [signer(STREET)],
    )
    relayed, _ = seal(
        header(
            origin=DISTRICT, dest=CITY, body=original, type="node.v1.Report", lane=b"",
            flags=int(Flag.RELAYED), attachments=(),
        ),
        original,
        [signer(DISTRICT)],
    )
    start = wire.epoch_start_bytes(
        cut=Position(3, 7), head=Chain(bytes([9]) * 32), reason="restored", confirmed_by="op"
    )
    epoch, _ = seal(
        header(
            type=wire.EPOCH_START_TYPE, body=start, position=Position(4, 1), lane=b"", flags=0,
            attachments=(),
        ),
        start,
        [signer(CITY)],
    )
    note = wire.notice_bytes(
        Notice(msg_id=MsgId(bytes(range(16))), outcome="PARKED", code="assignment.unknown",
               detail="no such assignment")
    )
    notice, _ = seal(
        header(type=wire.NOTICE_TYPE, body=note, lane=b"", flags=0, attachments=()), note,
        [signer(CITY)],
    )
    spoken = {}
    for name, word in words().items():
        type_, rev, said = CODEC.say(word)
        node, dest = (CITY, DISTRICT) if isinstance(word, w.Directive) else (DISTRICT, CITY)
        sealed, _ = seal(
            header(origin=node, dest=dest, body=said, type=type_, schema_rev=rev, flags=0,
                   attachments=()),
            said,
            [signer(node)],
        )
        spoken[name] = (node, sealed)
    type_, rev, said = CODEC.say_stock(sheet())
    stock, _ = seal(
        header(origin=DISTRICT, dest=CITY, body=said, type=type_, schema_rev=rev, lane=b"",
               flags=0, attachments=()),
        said,
        [signer(DISTRICT)],
    )
    return {
        **spoken,
        "stock-sheet": (DISTRICT, stock),
        "order-full": (CITY, full),
        "report-bare": (DISTRICT, bare),
        "trace-relayed": (DISTRICT, relayed),
        "epoch-start": (CITY, epoch),
        "notice": (CITY, notice),
    }


def sheet() -> StockSheet:
    """A sheet of a problem library."""
    return StockSheet(
        node=DISTRICT, period="2026-W48", version=2,
        document='{"node_name":"黄石港区","total":{"closing":3}}'.encode(),
    )


def words() -> dict[str, w.Word]:
    """One word of each act that came after the first release, by the name of its envelope."""
    ids = [str(UUID(int=number)) for number in range(1, 6)]
    later = datetime(2026, 12, 1, 10, 0, tzinfo=UTC)
    limits = Limits(
        finish_by=later, calendar="huangshi@3", starts_at=later - timedelta(days=2),
        warn_at=later - timedelta(hours=9), count=2, unit=TimeUnit.WORK_DAY,
    )
    about = {"case_id": CaseId(ids[0]), "assignment_id": AssignmentId(ids[1]), "generation": 3}
    up = {"case_id": CaseId(ids[1]), "assignment_id": AssignmentId(ids[1]), "generation": 1}
    photo = Photo(digest="ab" * 32, size=4_711, media_type="image/jpeg", role=PhotoRole.REFERENCE)
    return {
        "directive-resume": w.Directive(
            **about, text="条件已具备",
            act=w.Resume(request_id=RequestId(ids[2]), limits=limits, how="person"),
        ),
        "directive-supervise-kind": w.Directive(
            **about, text="说明原因",
            act=w.Supervise(supervision_id=ids[3], reply_by=later, kind="leader"),
        ),
        "directive-decision-limits": w.Directive(
            **about, text="同意",
            act=w.Decision(request_id=RequestId(ids[2]), granted=True, decider="值班长",
                           limits=limits, until=later),
        ),
        "report-request-photos": w.Report(
            **about, text="管线改迁",
            act=w.RequestReport(
                request_id=RequestId(ids[2]), kind=RequestKind.EXTENSION,
                reason_code="engineering", asker="clerk", wanted_until=later, photos=(photo,),
                ordinal=2,
            ),
        ),
        "report-submitted": w.Report(
            **up, text="请区中心受理", act=w.SubmittedReport(facts=_registered(later, photo)),
        ),
        "report-recalled": w.Report(**up, text="已当场处理", act=w.RecalledReport()),
        "directive-told": w.Directive(
            case_id=CaseId(ids[0]), assignment_id=AssignmentId(ids[1]), generation=1,
            text="不属城市管理范围",
            act=w.Told(outcome=Outcome.NOT_ACCEPTED, case_no="42020320261201000017",
                       reason_code="out_of_scope", by=CITY),
        ),
    }


def _registered(at: datetime, photo: Photo) -> Facts:
    """A report of a street's video centre, as it goes up."""
    return Facts(
        case_no="42020300120261201000003", filing_node=STREET,
        category=Category(standard_ref="GB/T 47678.5-2026", kind="matter", code="01001",
                          name="暴露垃圾"),
        place=Place(area="420203001", address="湖滨大道 1 号"), text="监控发现路口堆放垃圾",
        source="video", reported_at=at, photos=(photo,), source_details=(("camera", "K-12"),),
        origin=Origin(node=DISTRICT, case_id=CaseId(str(UUID(int=1))),
                      case_no="42020300120261201000003", registered_by=STREET),
    )


def messages() -> dict[str, msg.Message]:
    """One of each link message."""
    head = Chain(bytes([3]) * 32)
    hello = msg.Hello(
        link=LINK, sender=DISTRICT, out=Position(2, 30), inn=Position(3, 7), in_head=head,
        holder_no=4, holder_id=b"holder-4", backlog=12, roster_serial=8,
        types=(("node.v1.Order", 2),), credit=512, sent_at_us=AT_US,
    )
    countersign = msg.Countersign(
        position=Position(3, 7), head=head, committed_at_us=AT_US, signed=b""
    )
    row = msg.DigestRow(key=b"\x01\x02\x03", count=4, value=bytes([5]) * 32)
    return {
        "hello": sign_hello(hello, signer(DISTRICT)),
        "ack": msg.Ack(
            inn=Position(3, 7), in_head=head, credit=500, sent_at_us=AT_US, echo_at_us=AT_US - 9,
            echo_held_us=4, out=Position(2, 31), backlog=1,
            countersign=sign_countersign(
                countersign, link=LINK, origin=CITY, signer=signer(DISTRICT)
            ),
        ),
        "frame": msg.Frame(
            link=LINK, origin=CITY, envelopes=(envelopes()["order-full"][1],)
        ),
        "pull": msg.Pull(after=Position(3, 6), echo=True),
        "fault": msg.Fault(code="FORK", detail="at 3:7", inn=Position(3, 6), in_head=head,
                           proof=b"proof"),
        "roster": msg.RosterOffer(want_serial=9),
        "claims": msg.Claims(signed=(b"one", b"two")),
        "digest-ask": msg.DigestAsk(round=b"r", scope="trace", depth=1, prefix=b"\x01\x02\x03"),
        "tell": msg.Tell(round=b"r", rows=(row,), next=b"\x01\x02\x03"),
        "list": msg.List(round=b"r", scope="trace", prefix=b"\x01\x02\x03", rows=(row,)),
        "result": msg.Result(round=b"r", missing=2, pending=1, surplus=(b"a",), differ=(b"b",)),
    }


def plain(value: Any) -> Any:
    """A value as JSON can say it."""
    if isinstance(value, bytes):
        return value.hex()
    if isinstance(value, dict):
        return {key: plain(one) for key, one in value.items()}
    if isinstance(value, (tuple, list)):
        return [plain(one) for one in value]
    return value


def fields(value: Any) -> Any:
    return plain(asdict(value))


def write() -> None:
    """Add what is missing; existing files stay as they are."""
    FOLDER.mkdir(exist_ok=True)
    path = FOLDER / "index.json"
    index = json.loads(path.read_text()) if path.exists() else {}
    for name, (node, data) in envelopes().items():
        if name not in index:
            (FOLDER / f"{name}.bin").write_bytes(data)
            head, body, _ = wire.sealed_parts(data)
            index[name] = {
                "kind": "envelope", "node": node, "header": fields(wire.header_from(head)),
                "body": body.hex(),
            }
    for name, message in messages().items():
        if name not in index:
            (FOLDER / f"{name}.bin").write_bytes(wire.message_bytes(message))
            index[name] = {
                "kind": "message", "type": type(message).__name__, "fields": fields(message)
            }
    path.write_text(json.dumps(index, indent=1, sort_keys=True) + "\n")


if __name__ == "__main__":
    write()
