"""Shared data sets: who may read what, at once, and every refusal is in the log. Both databases."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Coroutine, Iterator
from pathlib import Path
from typing import Any, TypeVar, cast

import pytest
from pydantic import ValidationError
from sqlalchemy import insert

import node
from hub.ask import messages
from hub.ask.desk import AskDesk
from hub.ids import LinkId
from hub.store.tx import Tx
from hub.store.writer import GroupWriter
from node.core.context import Relay
from node.core.errors import Invalid, NoRoute, NotPermitted
from node.core.facts import Address
from node.core.routing import Unit
from node.edge.rpc.sharing import BYTES_MAX, LinkReader, shared
from node.service.fresh import SystemIds
from node.service.profile import Profile
from node.service.register import Entry, Register
from node.service.sharing.catalogue import read_catalogue
from node.service.sharing.room import SharedPage, SharingRoom, Wanted
from node.service.surroundings import Surroundings, Tree
from node.store import audit, places
from node.store.tables import organisation
from tests.audits import AUDIT

T = TypeVar("T")
SHIPPED = Path(node.__file__).parent / "standards" / "sharing.toml"
OWNER, PARENT, POWER, WATER = "420203", "420200", "91420200POWER0001X", "91420200WATER0001X"
NOW = 1_770_000_000_000_000
APPROVED = f"""
[[dataset]]
code = "pipes"
zh = "管线单位"
en = "pipes"
layer = "organisation"
sharing = "approved"
basis = "黄政批〔2026〕1号"
source = "自定"
nodes = ["{POWER}"]
"""


def run(work: Coroutine[Any, Any, T]) -> T:
    return asyncio.run(work)


class Wire:
    """Carries a question to the other office's answering side, as the desk would."""

    def __init__(self, peer: str, room: Callable[[], SharingRoom]) -> None:
        self.peer, self.room = peer, room
        self.bytes = 0

    async def ask(self, link: LinkId, question: messages.Question) -> messages.Answer:
        del link
        try:
            answer = await shared(self.room, self.peer, question)
        except (Invalid, NotPermitted) as refused:
            return messages.Answer(id=question.id, code=refused.code)
        self.bytes = max(self.bytes, len(answer.body))
        return answer


class Office:
    """An office that owns data, with a parent and two enterprises below."""

    def __init__(self, writer: GroupWriter, folder: Path) -> None:
        file = folder / "sharing.toml"
        file.write_text(SHIPPED.read_text(encoding="utf-8") + APPROVED, encoding="utf-8")
        here = Surroundings(
            node=OWNER, name="西塞山区", parent=PARENT, adapters=(), ids=SystemIds(),
            children=(POWER, WATER), tree=cast("Tree", None), profile=Profile(
                title="区", capabilities=frozenset(), auto_route=False, relay_done=Relay.AUTO))
        here.register = Register([
            Entry(unit=Unit(unit_id=one, name=one, address=Address.parse(f"node:{one}")),
                  group="enterprise") for one in (POWER, WATER)])
        self.writer = writer
        self.peer = PARENT
        self.room = SharingRoom(
            catalogue=read_catalogue(file), log=audit, audit=AUDIT, layers=places, writer=writer,
            surroundings=here, now_us=lambda: NOW, asker=LinkReader(
                desk=cast("AskDesk", None), ids=SystemIds(), timeout_s=5))

    def read(self, dataset: str, *, by: str = PARENT, after: str = "", limit: int = 500) -> tuple[
            str, SharedPage | None]:
        """What a neighbour reads, through the bytes that go over the line."""
        wire = Wire(by, lambda: self.room)
        reader = LinkReader(desk=cast("AskDesk", wire), ids=SystemIds(), timeout_s=5)
        found = run(reader.read(LinkId("l"), OWNER, Wanted(
            dataset=dataset, after=after, limit=limit, actor="clerk", purpose="比对")))
        assert wire.bytes <= messages.BODY_BYTES_MAX
        return found

    def log(self) -> list[tuple[str, str, str, int]]:
        return [(one["side"], one["peer"], one["purpose"], one["row_count"])
                for one in run(self.room.log())]


@pytest.fixture
def office(database_url: str, tmp_path: Path) -> Iterator[Office]:
    with GroupWriter(database_url, clock=lambda: NOW * 1_000) as writer:
        yield Office(writer, tmp_path)


def put(office: Office, *codes: str, name: str = "市政局") -> None:
    blank = {"kind": "", "parent": "", "area": "420203", "address": "", "crs": "", "digest": b"d"}

    def write(tx: Tx) -> None:
        tx.conn.execute(insert(organisation), [
            {**blank, "code": code, "name": name} for code in codes])

    run(office.writer.write(write))


def test_what_public_money_built_is_read_at_once_and_page_by_page(office: Office) -> None:
    assert office.read("organisations")[1].rows == []  # type: ignore[union-attr]
    put(office, "1", "2", "3")
    seen, after = [], ""
    while True:
        code, page = office.read("organisations", after=after, limit=2)
        assert (code, page is not None) == ("ok", True)
        assert page is not None
        seen += [row["code"] for row in page.rows]
        assert page.sharing == "free"
        assert "digest" not in str(page.rows)
        after = page.next
        if not after:
            break
    assert seen == ["1", "2", "3"]
    assert office.log()[0] == ("ANSWERED", PARENT, "organisations · 比对", 1)


def test_rows_that_fill_an_answer_go_on_in_the_next(office: Office) -> None:
    put(office, *(f"{n:03}" for n in range(40)), name="字" * (BYTES_MAX // 90))
    seen, after, pages = [], "", 0
    while True:
        _, page = office.read("organisations", after=after)
        assert page is not None
        seen += [row["code"] for row in page.rows]
        pages, after = pages + 1, page.next
        if not after:
            break
    assert seen == [f"{n:03}" for n in range(40)]
    assert pages > 1
    # The log says what was given, not what was read to give it.
    assert [side for side, *_ in office.log()] == ["ANSWERED"] * pages
    assert sum(rows for *_, rows in office.log()) == 40


def test_a_row_that_no_answer_holds_is_said_to_be_too_large(office: Office) -> None:
    put(office, "1", name="字" * BYTES_MAX)
    assert office.read("organisations") == ("ask.too_large", None)
    assert office.log() == [("ANSWERED", PARENT, "organisations · 比对", 0)]


def test_what_a_law_bars_is_refused_to_everybody_and_logged(office: Office) -> None:
    for peer in (PARENT, POWER):
        assert office.read("reporters", by=peer) == ("share.barred", None)
    assert office.log() == [
        ("REFUSED", POWER, "reporters · share.barred · 比对", 0),
        ("REFUSED", PARENT, "reporters · share.barred · 比对", 0)]


def test_an_enterprise_reads_only_what_was_approved_for_it(office: Office) -> None:
    put(office, "1")
    for dataset, peer, code in (
        ("pipes", POWER, "ok"), ("pipes", WATER, "share.not_approved"),
        ("pipes", PARENT, "share.not_approved"), ("organisations", WATER, "share.not_approved"),
        ("secrets", PARENT, "share.unknown"),
    ):
        found, page = office.read(dataset, by=peer)
        assert found == code, (dataset, peer)
        assert (page is not None) is (code == "ok")
    assert [one[0] for one in office.log()] == ["REFUSED"] * 4 + ["ANSWERED"]


def test_whoever_reads_says_why_and_asks_a_neighbour(office: Office) -> None:
    wanted = Wanted(dataset="grids", after="", limit=9, actor="clerk", purpose=" ")
    with pytest.raises(Invalid) as aimless:
        run(office.room.read(PARENT, wanted))
    assert aimless.value.code == "drill.purpose"
    with pytest.raises(NoRoute):
        run(office.room.read("999999", Wanted(
            dataset="grids", after="", limit=9, actor="clerk", purpose="比对")))


@pytest.mark.parametrize(("old", "new", "said"), [
    ('nodes = ["91420200POWER0001X"]', "nodes = []", "names the nodes"),
    ('layer = "organisation"\nsharing = "approved"', 'layer = "people"\nsharing = "approved"',
     "no layer"),
    ('sharing = "approved"', 'sharing = "barred"', "barred one none"),
    ('code = "pipes"', 'code = "grids"', "twice"),
    ('sharing = "approved"', 'sharing = "open"', "sharing"),
    ('nodes = ["91420200POWER0001X"]', 'nodes = ["x y"]', "no id of a node"),
])
def test_a_catalogue_that_is_not_sound_is_none(
    tmp_path: Path, old: str, new: str, said: str
) -> None:
    text = SHIPPED.read_text(encoding="utf-8") + APPROVED
    assert old in text
    own = tmp_path / "sharing.toml"
    own.write_text(text.replace(old, new, 1), encoding="utf-8")
    with pytest.raises(ValidationError, match=said):
        read_catalogue(own)
