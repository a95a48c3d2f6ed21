"""Bytes of earlier releases still open, and still say what they said."""

from __future__ import annotations

import json

import pytest

from hub import wire
from hub.envelope import Flag
from hub.link import messages as msg
from hub.seal import (
    chain_value,
    check_countersign,
    check_hello,
    open_envelope,
    open_original,
)
from node.edge.codec import WordCodec
from tests.wire.goldens import (
    AT_US,
    CITY,
    DISTRICT,
    FOLDER,
    LINK,
    STREET,
    GoldenKeys,
    fields,
    sheet,
    words,
)

INDEX = json.loads((FOLDER / "index.json").read_text())
ENVELOPES = sorted(name for name, one in INDEX.items() if one["kind"] == "envelope")
MESSAGES = sorted(name for name, one in INDEX.items() if one["kind"] == "message")


def data(name: str) -> bytes:
    return (FOLDER / f"{name}.bin").read_bytes()


def test_every_file_is_in_the_index() -> None:
    assert sorted(INDEX) == sorted(path.stem for path in FOLDER.glob("*.bin"))


@pytest.mark.parametrize("name", ENVELOPES)
def test_a_golden_envelope_opens(name: str) -> None:
    told = INDEX[name]
    opened = open_envelope(data(name), keys=GoldenKeys(), node=told["node"], at_us=AT_US)
    assert fields(opened.header) == told["header"]
    assert opened.body.hex() == told["body"]
    head, _, _ = wire.sealed_parts(data(name))
    assert opened.chain == chain_value(opened.header.digest_alg, head)


@pytest.mark.parametrize("name", sorted(words()))
def test_a_golden_word_still_says_what_it_said(name: str) -> None:
    told = INDEX[name]
    assert words()[name] == WordCodec().read(told["header"]["type"], bytes.fromhex(told["body"]))


def test_a_golden_sheet_still_says_what_it_said() -> None:
    told = INDEX["stock-sheet"]
    assert sheet() == WordCodec().read(told["header"]["type"], bytes.fromhex(told["body"]))


def test_an_act_that_must_not_be_ignored_raises_its_revision_and_no_other_does() -> None:
    revs = {name: INDEX[name]["header"]["schema_rev"] for name in words()}
    raised = {"directive-resume", "directive-told", "report-submitted", "report-recalled"}
    assert raised == {name for name, rev in revs.items() if rev > 1}


def test_a_relayed_original_keeps_its_own_seal() -> None:
    outer = open_envelope(data("trace-relayed"), keys=GoldenKeys(), node=DISTRICT, at_us=AT_US)
    assert outer.header.flags == Flag.RELAYED
    opened, park = open_original(outer, keys=GoldenKeys(), sender=DISTRICT)
    assert park == ""
    assert opened.original is not None
    assert (opened.original.header.origin, opened.original.header.dest) == (STREET, DISTRICT)
    assert opened.original.body == b"a body"


@pytest.mark.parametrize("name", MESSAGES)
def test_a_golden_message_reads(name: str) -> None:
    message = wire.message_from(data(name))
    assert type(message).__name__ == INDEX[name]["type"]
    assert fields(message) == INDEX[name]["fields"]


def test_golden_signatures_of_hello_and_countersign_hold() -> None:
    hello, ack = wire.message_from(data("hello")), wire.message_from(data("ack"))
    assert isinstance(hello, msg.Hello)
    check_hello(hello, keys=GoldenKeys(), node=DISTRICT, at_us=AT_US)
    assert isinstance(ack, msg.Ack)
    assert ack.countersign is not None
    check_countersign(
        ack.countersign, link=LINK, origin=CITY, keys=GoldenKeys(), node=DISTRICT, at_us=AT_US
    )
