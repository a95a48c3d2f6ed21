"""What is forgotten in time, what never is, and what the judge makes of it."""

from __future__ import annotations

import pytest

from hub.envelope import BODY_BYTES_MAX, Draft
from hub.errors import Fenced, Malformed
from hub.ids import Chain, MsgId, Position
from hub.link.epochs import open_epoch
from hub.link.steps import SealedRow
from hub.store import inbox, outbox
from tests.sim.fabric.office import WORD
from tests.sim.fabric.world import CHILDREN, PARENT, SECOND, End, Profile, World

CHILD = CHILDREN[0]


def test_bytes_go_before_rows_and_the_acked_row_stays() -> None:
    _, child, parent = delivered(10)
    late = child.node.wall() + 1
    child.node.disk.write(
        lambda tx: outbox.trim(
            tx, child.link, acked=Position(1, 10), bytes_before_us=late, rows_before_us=late
        )
    )
    assert child.node.disk.rows("SELECT seq FROM outbox WHERE sealed IS NOT NULL") == [(10,)]
    assert child.node.disk.rows("SELECT count(*) FROM outbox") == [(10,)]
    child.node.disk.write(
        lambda tx: outbox.trim(
            tx, child.link, acked=Position(1, 10), bytes_before_us=late, rows_before_us=late
        )
    )
    assert child.node.disk.rows("SELECT seq FROM outbox") == [(10,)]
    parent.node.disk.write(
        lambda tx: inbox.trim(
            tx, parent.link, inn=Position(1, 10), bytes_before_us=late, rows_before_us=late
        )
    )
    assert parent.node.disk.rows("SELECT seq FROM inbox") == [(10,)]


def test_epoch_starts_alone_carry_nobody_across_what_was_trimmed() -> None:
    """They are kept for ever, so they must not count as the oldest kept row."""
    world, child, parent = delivered(6)
    child.node.crash()
    row = parent.node.disk.rows(
        "SELECT in_epoch, in_seq, in_head FROM link WHERE link = ?", child.link
    )[0]
    child.node.disk.write(
        lambda tx: open_epoch(
            tx, child.sealing, ids=world.ids, cut=Position(row[0], row[1]), head=row[2],
            reason="practice", confirmed_by="op",
        )
    )
    child.node.start_again()
    utter(world, child, 8)
    world.run_until(world.now + 60 * SECOND)
    epoch, seq = child.node.disk.rows("SELECT acked_epoch, acked_seq FROM link")[0]
    assert seq == 9
    whole = child.node.disk.read(lambda conn: outbox.oldest_kept(conn, child.link))
    assert whole == (Position(1, 1), None)
    child.node.disk.rows(
        "UPDATE outbox SET sealed = NULL WHERE type = ? AND (epoch = 1 OR seq < 5)", WORD
    )
    kept = child.node.disk.read(lambda conn: outbox.oldest_kept(conn, child.link))
    assert kept == (Position(epoch, 5), Position(epoch, 4))
    child.node.disk.rows("UPDATE outbox SET sealed = x'00' WHERE epoch = ? AND seq = 2", epoch)
    kept = child.node.disk.read(lambda conn: outbox.oldest_kept(conn, child.link))
    assert kept == (Position(epoch, 1), Position(1, 6))


def test_a_word_no_envelope_carries_is_refused_where_it_is_said() -> None:
    world, child, _ = delivered(1)
    for body, lane in ((bytes(BODY_BYTES_MAX + 1), b""), (b"", bytes(65))):
        draft = Draft(
            msg_id=MsgId(world.ids.uuid7()), type=WORD, schema_rev=1, occurred_at_us=0, hlc=0,
            body=body, lane=lane,
        )
        with pytest.raises(Malformed) as refused:
            child.node.disk.write(lambda tx, one=draft: outbox.enqueue(tx, child.link, [one]))
        assert refused.value.code == "envelope.too_large"


def test_a_number_never_stands_without_its_row() -> None:
    _, child, _ = delivered(1)
    row = SealedRow(id=10_000, position=Position(1, 2), chain=Chain(bytes(32)), sealed=b"x")
    with pytest.raises(Fenced):
        child.node.disk.write(lambda tx: outbox.number(tx, [row]))


def test_a_trimmed_link_goes_on() -> None:
    world, child, parent = delivered(10)
    forget(child, upto=10)
    child.node.crash()
    child.node.start_again()
    utter(world, child, 2)
    world.run_until(world.now + 60 * SECOND)
    assert parent.node.disk.rows("SELECT count(*) FROM effect") == [(12,)]
    assert child.state()[0] == "UP"


def test_a_peer_older_than_what_is_kept_stops_the_link_with_a_reason() -> None:
    world, child, parent = delivered(4)
    image = parent.node.disk.image()
    utter(world, child, 6)
    world.run_until(world.now + 10 * SECOND)
    forget(child, upto=10)
    put_back(world, parent, image)
    world.run_until(world.now + 400 * SECOND)
    state, reason = child.state()
    assert (state, reason.split(":")[0]) == ("RECOVERING", "link.history_gone")


def test_a_peer_put_back_within_what_is_kept_gets_everything_again() -> None:
    world, child, parent = delivered(4)
    image = parent.node.disk.image()
    utter(world, child, 6)
    world.run_until(world.now + 10 * SECOND)
    put_back(world, parent, image)
    world.run_until(world.now + 400 * SECOND)
    assert parent.node.disk.rows("SELECT count(*) FROM effect") == [(10,)]
    assert child.state() == ("UP", "")


def test_a_sender_put_back_stops_and_names_the_remedy() -> None:
    world, child, parent = delivered(4)
    image = child.node.disk.image()
    utter(world, child, 6)
    world.run_until(world.now + 10 * SECOND)
    put_back(world, child, image)
    utter(world, child, 3)
    world.run_until(world.now + 400 * SECOND)
    state, reason = child.state()
    assert state == "FENCED"
    assert reason.split(":")[0] in ("link.behind", "link.fenced")
    # Nothing was numbered from the old image, and nothing new reached the parent.
    assert child.node.disk.rows("SELECT out_seq FROM link") == [(4,)]
    assert parent.node.disk.rows("SELECT count(*) FROM effect") == [(10,)]


def delivered(count: int) -> tuple[World, End, End]:
    """A calm link over which ``count`` words went up and were acknowledged."""
    world = World(3, profile=Profile())
    world.calm = True
    for node in world.nodes.values():
        node.start_again()
    child = next(iter(world.nodes[CHILD].ends.values()))
    world.run_until(2 * SECOND)
    utter(world, child, count)
    world.run_until(world.now + 10 * SECOND)
    parent = world.nodes[PARENT].ends[child.link]
    assert child.node.disk.rows("SELECT acked_seq FROM link") == [(count,)]
    return world, child, parent


def utter(world: World, end: End, count: int) -> None:
    drafts = [
        Draft(msg_id=MsgId(world.ids.uuid7()), type=WORD, schema_rev=1, occurred_at_us=0, hlc=0,
              body=b"ok", lane=b"lane")
        for _ in range(count)
    ]
    _, woken = end.node.disk.write(lambda tx: outbox.enqueue(tx, end.link, drafts))
    end.node.woken(woken)


def put_back(world: World, end: End, image: bytes) -> None:
    """The node's machine is restored from a backup and started."""
    world.restored.add(end.node.id)
    end.node.crash()
    end.node.disk.put_back(image)
    end.node.start_again()


def forget(end: End, *, upto: int) -> None:
    late = end.node.wall() + 1
    for _ in range(2):
        end.node.disk.write(
            lambda tx: outbox.trim(
                tx, end.link, acked=Position(1, upto), bytes_before_us=late, rows_before_us=late
            )
        )
