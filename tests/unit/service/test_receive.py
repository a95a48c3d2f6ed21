"""What arrives and is not simply right: strangers' words, unreadable bodies, foreign evidence."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from hub.envelope import Draft, Flag
from hub.ids import MsgId, Position
from hub.store import inbox, outbox
from hub.store.tx import Tx
from node.core.case import Holding
from node.core.words import ProgressReport, Report
from node.service.ports import Entry
from node.service.surroundings import uuid_bytes
from tests.unit.service.world import CITY, DISTRICT, OTHER, STREET, TestOffice, World, routes


@pytest.fixture
def world(tmp_path: Path) -> Iterator[World]:
    made = World()
    made.open(CITY, tmp_path)
    district = made.open(DISTRICT, tmp_path, auto_route=True)
    district.surroundings.table = routes((STREET, f"node:{STREET}"))
    made.open(STREET, tmp_path)
    made.open(OTHER, tmp_path)
    yield made
    made.close()


def speak(office: TestOffice, peer: str, **given: object) -> None:
    """Put any draft on a link, as only a broken or hostile neighbour would."""
    draft = Draft(
        **{
            "msg_id": MsgId(office.world.ids.uuid7()),
            "schema_rev": 1,
            "occurred_at_us": office.world.now_us,
            "hlc": 1,
            **given,
        }  # type: ignore[arg-type]
    )

    def put(tx: Tx) -> None:
        outbox.enqueue(tx, office.ends[peer].link, [draft])

    office.writer.run(put)


def parked(office: TestOffice, peer: str) -> list[str]:
    link = office.ends[peer].link
    rows = office.writer.run_read(lambda conn: inbox.parked(conn, link))
    return [row.code for row in rows]


def dispatched(world: World) -> str:
    city = world.offices[CITY]
    case_id = world.file_case(city)
    world.dispatch(city, case_id, f"node:{DISTRICT}")
    world.settle()
    return case_id


def test_a_body_that_cannot_be_read_parks_alone(world: World) -> None:
    city, district = world.offices[CITY], world.offices[DISTRICT]
    speak(city, DISTRICT, type="node.v1.Order", body=b"\xff\xff", lane=b"x")
    case_id = dispatched(world)
    assert ["word.malformed"] == parked(district, CITY)
    assert Holding.HELD is district.case(case_id).holding


def test_a_word_outside_its_own_lane_is_not_taken(world: World) -> None:
    case_id = dispatched(world)
    city, district = world.offices[CITY], world.offices[DISTRICT]
    live = city.case(case_id).live
    report = Report(
        case_id=case_id, assignment_id=live.assignment_id, generation=1, act=ProgressReport()
    )
    type_, _, body = city.codec.say(report)
    speak(district, CITY, type=type_, body=body, lane=b"elsewhere")
    world.settle()
    assert ["word.malformed"] == parked(city, DISTRICT)


def test_nobody_speaks_for_anothers_assignment(world: World) -> None:
    case_id = dispatched(world)
    city, other = world.offices[CITY], world.offices[OTHER]
    live = city.case(case_id).live
    report = Report(
        case_id=case_id, assignment_id=live.assignment_id, generation=1, act=ProgressReport()
    )
    type_, _, body = city.codec.say(report)
    speak(other, CITY, type=type_, body=body, lane=uuid_bytes(case_id))
    world.settle()
    assert ["word.not_yours"] == parked(city, OTHER)
    # The neighbour is told, and shows it to a person.
    assert ["notice"] == other.work()


def test_a_child_gives_no_orders(world: World) -> None:
    dispatched(world)
    city, district = world.offices[CITY], world.offices[DISTRICT]
    link = city.ends[DISTRICT].link
    sent = city.writer.run_read(lambda conn: outbox.load(
        conn, link, after=Position(1, 0), limit=10, bytes_max=10**6
    ))
    from hub.seal import reopen

    order = reopen(sent[0].sealed)
    speak(district, CITY, type="node.v1.Order", body=order.body, lane=order.header.lane)
    world.settle()
    assert ["word.not_yours"] == parked(city, DISTRICT)


def entry_of(world: World, node: str, case_id: str, version: int = 77) -> Entry:
    return Entry(
        node=node, case_id=case_id, branch=0, version=version, generation=1,
        occurred_at_us=world.now_us, hlc=5, actor="x", cause=world.fresh(), part=0,
        event_type="DutyProgressed", event=b'{"text":"x"}',
    )


def test_evidence_about_somebody_else_is_not_believed(world: World) -> None:
    case_id = dispatched(world)
    city, district = world.offices[CITY], world.offices[DISTRICT]
    before = city.traces(case_id)
    entry = entry_of(world, STREET, case_id)
    type_, _, body = district.codec.say_trace(entry, district.codec.say_entry(entry))
    speak(district, CITY, type=type_, body=body, prio=1)
    world.settle()
    assert ["trace.not_below"] == parked(city, DISTRICT)
    assert before == city.traces(case_id)


def test_a_relay_cannot_change_what_it_relays(world: World) -> None:
    case_id = dispatched(world)
    city, district = world.offices[CITY], world.offices[DISTRICT]
    rows = district.writer.run_read(
        lambda conn: district.store.case_traces(conn, case_id, 10)
    )
    forged = bytearray(rows[0]["sealed"])
    forged[len(forged) // 2] ^= 1
    speak(
        district, CITY, type="node.v1.Report", body=bytes(forged), prio=1, flags=Flag.RELAYED
    )
    world.settle()
    assert parked(city, DISTRICT)[0] in ("trace.unsealed", "key.unknown")


def test_the_city_holds_the_streets_own_seal(world: World) -> None:
    case_id = dispatched(world)
    city, street = world.offices[CITY], world.offices[STREET]
    rows = city.writer.run_read(lambda conn: city.store.case_traces(conn, case_id, 10))
    by_street = [row for row in rows if row["node"] == STREET]
    from hub.seal import open_envelope

    opened = open_envelope(
        bytes(by_street[0]["sealed"]), keys=world.keys, node=STREET, at_us=world.now_us
    )
    assert (STREET, DISTRICT) == (opened.header.origin, opened.header.dest)
    own = street.writer.run_read(lambda conn: street.store.case_journal(conn, case_id, 0, 9))
    assert bytes(own[0]["entry"]) == bytes(by_street[0]["entry"])


def test_a_parked_word_goes_on_when_a_person_replays_it(world: World) -> None:
    city, district = world.offices[CITY], world.offices[DISTRICT]
    case_id = world.file_case(city)
    world.dispatch(city, case_id, f"node:{DISTRICT}")
    real = district.receiver._body  # a handler that fails: what a bug of a release would be

    def broken(opened: object) -> object:
        raise RuntimeError("a bug")

    district.receiver._body = broken  # type: ignore[method-assign, assignment]
    world.settle()
    assert ["a bug"] == [str(error) for _, error in world.errors]
    world.errors.clear()
    assert ["handler.failed"] == parked(district, CITY)
    district.receiver._body = real  # type: ignore[method-assign]
    settler = district.ends[CITY].settler
    link = district.ends[CITY].link
    (row,) = district.writer.run_read(lambda conn: inbox.parked(conn, link))
    became = district.writer.run(lambda tx: settler.replay(tx, row.position, actor="clerk"))
    assert "APPLIED" == became.outcome.value
    assert Holding.HELD is district.case(case_id).holding
