"""Bytes nobody should send: each gets a stable code, is kept or parked, and stops nothing else.

A calm simulated link carries honest words before and after; the hostile frame arrives in between
on the contact that is up, as from a broken or malicious peer that owns the carrier.
"""

from __future__ import annotations

import zlib
from collections.abc import Callable
from dataclasses import dataclass

import pytest

from hub import wire
from hub.envelope import SEALED_BYTES_MAX, Alg, Draft, Flag, Header
from hub.ids import ZERO_CHAIN, Chain, MsgId, NodeId, Position
from hub.link import messages as msg
from hub.seal import digest, seal
from hub.store import outbox
from tests.sim.fabric.keys import SimSigner, signer_of
from tests.sim.fabric.office import WORD
from tests.sim.fabric.world import CHILDREN, MS, PARENT, SECOND, End, Profile, World

CHILD = CHILDREN[0]


@dataclass(frozen=True, kw_only=True)
class Scene:
    """Where the link stands when the hostile frame comes."""

    end: End
    inn: Position
    head: Chain
    last_sealed: bytes

    def header(self, **changes: object) -> Header:
        values: dict[str, object] = {
            "msg_id": MsgId(bytes([200]) * 16),
            "origin": CHILD,
            "dest": PARENT,
            "position": Position(self.inn.epoch, self.inn.seq + 1),
            "prev_hash": self.head,
            "lane": b"hostile",
            "type": WORD,
            "schema_rev": 1,
            "body_digest": digest(Alg.SHA256, b"forged"),
            "occurred_at_us": 0,
            "hlc": 0,
        }
        return Header(**{**values, **changes})  # type: ignore[arg-type]

    def sealed(self, signer: SimSigner | None = None, **changes: object) -> bytes:
        return seal(self.header(**changes), b"forged", [signer or signer_of(CHILD)])[0]


def garbage(scene: Scene) -> bytes:
    return b"\xff\x00 no envelope"


def no_seal(scene: Scene) -> bytes:
    head, body, _ = wire.sealed_parts(scene.sealed())
    return wire.sealed_bytes(head, body, ())


def wrong_signature(scene: Scene) -> bytes:
    return scene.sealed(SimSigner(f"key-{CHILD}", b"another secret"))


def other_body(scene: Scene) -> bytes:
    head, _, seals = wire.sealed_parts(scene.sealed())
    return wire.sealed_bytes(head, b"swapped", seals)


def oversized(scene: Scene) -> bytes:
    head, _, seals = wire.sealed_parts(scene.sealed())
    return wire.sealed_bytes(head, bytes(100), seals) + b"\x12" + bytes(SEALED_BYTES_MAX)


def foreign_origin(scene: Scene) -> bytes:
    return scene.sealed(origin=NodeId("420204"))


def siblings_word(scene: Scene) -> bytes:
    """A whole word of another child, under a seal that only other links know."""
    sibling = CHILDREN[1]
    return scene.sealed(SimSigner("key-elsewhere", b"its own"), origin=sibling)


def future_layout(scene: Scene) -> bytes:
    return scene.sealed(version=9)


def short_msg_id(scene: Scene) -> bytes:
    return scene.sealed(msg_id=MsgId(b"short"))


def bomb(scene: Scene) -> bytes:
    body = zlib.compress(bytes(4 * 1024 * 1024))
    header = scene.header(flags=int(Flag.DEFLATED), body_digest=digest(Alg.SHA256, body))
    return seal(header, body, [signer_of(CHILD)])[0]


REFUSED = [
    (garbage, "MALFORMED"),
    (no_seal, "UNSEALED"),
    (wrong_signature, "UNSEALED"),
    (other_body, "UNSEALED"),
    (oversized, "MALFORMED"),
    (foreign_origin, "MALFORMED"),
    (siblings_word, "MALFORMED"),
    (short_msg_id, "MALFORMED"),
    (bomb, "MALFORMED"),
]


@pytest.mark.parametrize(("make", "code"), REFUSED, ids=[make.__name__ for make, _ in REFUSED])
def test_what_cannot_be_trusted_is_kept_and_the_link_goes_on(
    make: Callable[[Scene], bytes], code: str
) -> None:
    world, end = calm_link()
    before = world.nodes[PARENT].disk.rows("SELECT count(*) FROM inbox")[0][0]
    inject(world, end, make)
    rows = end.node.disk.rows("SELECT code FROM quarantine")
    assert [(code,)] == rows
    assert world.nodes[PARENT].disk.rows("SELECT count(*) FROM inbox")[0][0] == before
    words_still_cross(world, end)


def test_a_layout_from_the_future_waits_for_an_upgrade() -> None:
    """It is sound: nothing to keep as evidence, it comes again; a person is told."""
    world, end = calm_link()
    inject(world, end, future_layout)
    assert end.node.disk.rows("SELECT code FROM quarantine") == []
    assert "link.incompatible" in end.alarms
    words_still_cross(world, end)


def unknown_type(scene: Scene) -> bytes:
    return scene.sealed(type="sim.v9.Unheard")


def future_revision(scene: Scene) -> bytes:
    return scene.sealed(schema_rev=7)


def unknown_flag(scene: Scene) -> bytes:
    return scene.sealed(flags=128)


def broken_original(scene: Scene) -> bytes:
    header = scene.header(
        flags=int(Flag.RELAYED), body_digest=digest(Alg.SHA256, b"no original")
    )
    return seal(header, b"no original", [signer_of(CHILD)])[0]


PARKED = [
    (unknown_type, "schema.unsupported"),
    (future_revision, "schema.unsupported"),
    (unknown_flag, "schema.unsupported"),
    (broken_original, "trace.unsealed"),
]


@pytest.mark.parametrize(("make", "code"), PARKED, ids=[make.__name__ for make, _ in PARKED])
def test_what_cannot_be_read_is_parked_and_told(
    make: Callable[[Scene], bytes], code: str
) -> None:
    world, end = calm_link()
    # The honest end never said this word; only the receiver's bookkeeping is looked at.
    scene = inject(world, end, make)
    row = end.node.disk.rows(
        "SELECT outcome, code FROM inbox WHERE epoch = ? AND seq = ?",
        scene.inn.epoch, scene.inn.seq + 1,
    )
    assert [("PARKED", code)] == row
    notices = end.node.disk.rows("SELECT count(*) FROM outbox WHERE type = 'hub.v1.Notice'")
    assert [(1,)] == notices
    assert end.state()[0] in ("UP", "DOWN", "QUARANTINED")


def replayed(scene: Scene) -> bytes:
    return scene.last_sealed


def test_a_replayed_envelope_changes_nothing() -> None:
    world, end = calm_link()
    before = end.node.disk.rows("SELECT * FROM inbox")
    inject(world, end, replayed)
    assert end.node.disk.rows("SELECT * FROM inbox") == before
    assert end.node.disk.rows("SELECT count(*) FROM quarantine") == [(0,)]
    words_still_cross(world, end)


def ahead(scene: Scene) -> bytes:
    return scene.sealed(position=Position(scene.inn.epoch, scene.inn.seq + 40))


def test_an_envelope_from_the_future_waits_and_is_forgotten() -> None:
    world, end = calm_link()
    inject(world, end, ahead)
    words_still_cross(world, end)


def wrongly_chained(scene: Scene) -> bytes:
    return scene.sealed(prev_hash=ZERO_CHAIN)


def second_at_position(scene: Scene) -> bytes:
    return scene.sealed(position=scene.inn, prev_hash=ZERO_CHAIN)


@pytest.mark.parametrize("make", [wrongly_chained, second_at_position])
def test_a_fork_stops_both_ways_with_evidence(make: Callable[[Scene], bytes]) -> None:
    world, end = calm_link()
    applied = end.node.disk.rows("SELECT count(*) FROM effect")
    inject(world, end, make)
    state, reason = end.state()
    assert (state, reason.split(":")[0]) == ("QUARANTINED", "link.fork")
    assert ("FORK",) in end.node.disk.rows("SELECT code FROM quarantine")
    assert end.node.disk.rows("SELECT count(*) FROM effect") == applied
    assert "link.fork" in end.alarms


def test_a_leftover_of_a_lower_epoch_is_kept_and_told() -> None:
    world, end = calm_link()
    end.node.disk.write(
        lambda tx: tx.conn.exec_driver_sql(
            "UPDATE link SET in_epoch = 5, in_seq = 9 WHERE link = ?", (end.link,)
        )
    )
    inject(world, end, lambda scene: scene.sealed(position=Position(1, 700)), settle=False)
    assert [("FENCED",)] == end.node.disk.rows("SELECT code FROM quarantine")
    assert [(1,)] == end.node.disk.rows(
        "SELECT count(*) FROM outbox WHERE type = 'hub.v1.Notice'"
    )


def test_broken_seals_at_one_position_quarantine_the_link() -> None:
    world, end = calm_link()
    for _ in range(3):
        if end.state()[0] == "QUARANTINED":
            break
        inject(world, end, wrong_signature)
    state, reason = end.state()
    assert (state, reason.split(":")[0]) == ("QUARANTINED", "link.unsealed")
    assert len(end.node.disk.rows("SELECT 1 FROM quarantine")) == 3


def calm_link() -> tuple[World, End]:
    """A link over which some honest words went up, and the parent's end of it."""
    world = World(5, profile=Profile())
    world.calm = True
    for node in world.nodes.values():
        node.start_again()
    world.run_until(5 * SECOND)
    child = world.nodes[CHILD]
    say_words(world, 3)
    world.run_until(world.now + 5 * SECOND)
    end = world.nodes[PARENT].ends[next(iter(child.ends))]
    assert end.node.disk.rows("SELECT count(*) FROM effect")[0][0] == 3
    return world, end


def say_words(world: World, count: int) -> None:
    child = world.nodes[CHILD]
    link = next(iter(child.ends))
    drafts = [
        Draft(msg_id=MsgId(world.ids.uuid7()), type=WORD, schema_rev=1, occurred_at_us=0, hlc=0,
              body=b"ok", lane=b"honest")
        for _ in range(count)
    ]
    _, woken = child.disk.write(lambda tx: outbox.enqueue(tx, link, drafts))
    child.woken(woken)


def inject(
    world: World, end: End, make: Callable[[Scene], bytes], *, settle: bool = True
) -> Scene:
    row = end.node.disk.rows(
        "SELECT in_epoch, in_seq, in_head FROM link WHERE link = ?", end.link
    )[0]
    last = end.node.disk.rows("SELECT sealed FROM inbox ORDER BY epoch DESC, seq DESC LIMIT 1")
    scene = Scene(
        end=end, inn=Position(row[0], row[1]), head=Chain(row[2]), last_sealed=last[0][0]
    )
    assert end.session is not None
    contact = end.session.contact
    frame = msg.Frame(link=end.link, origin=CHILD, envelopes=(make(scene),))
    end.hear(contact, wire.message_bytes(frame), 0)
    world.run_until(world.now + (10 * SECOND if settle else 200 * MS))
    return scene


def words_still_cross(world: World, end: End) -> None:
    before = end.node.disk.rows("SELECT count(*) FROM effect")[0][0]
    say_words(world, 2)
    # An incompatible peer is tried again every five minutes only.
    world.run_until(world.now + 600 * SECOND)
    assert end.node.disk.rows("SELECT count(*) FROM effect")[0][0] == before + 2
    assert end.state()[0] == "UP"
