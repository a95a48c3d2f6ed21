"""Whole nodes together over real carriers: a case goes down and comes back, photos follow."""

from __future__ import annotations

import asyncio
import sqlite3
import ssl
from contextlib import closing
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from node.core import commands as cmd
from node.core.decide import duty as deciding
from node.core.errors import Invalid, NoRoute, NotPermitted, Refused, UnknownCase
from node.core.facts import Address, Limits, Photo, PhotoRole
from node.service.inquiry import GET_CASE, Question
from node.service.phrases import phrase
from tests.integration.node.town import head, opened, plan, routes, until
from tests.pictures import jpeg
from tests.trees import CITY, DISTRICT, STREET

JPEG = jpeg(b"photo" * 40_000)


async def there_and_back(town, nodes: tuple[str, ...]) -> None:
    async with town.running(*nodes) as node:
        city, district, street = node[CITY], node[DISTRICT], node[STREET]
        await routes(district, (STREET, f"node:{STREET}"))
        case_id = await opened(city)
        limits = Limits(finish_by=datetime.now(UTC) + timedelta(hours=4))
        await city.office.handle(
            cmd.Dispatch(**head(city, case_id), to=Address.parse(f"node:{DISTRICT}"),
                         limits=limits)
        )

        async def arrived() -> bool:
            try:
                return (await street.office.case(case_id))["status"] == "held"
            except Refused:
                return False

        await until("the order at the street", arrived)
        stored = await street.office.put_photo(JPEG, "image/jpeg")
        await street.office.handle(cmd.Sign(**head(street, case_id)))
        photo = Photo(digest=stored.digest, size=stored.size, media_type="image/jpeg",
                      role=PhotoRole.AFTER)
        await street.office.handle(
            cmd.FeedBack(**head(street, case_id), result="已更换", photos=(photo,))
        )

        async def done() -> bool:
            return (await city.office.case(case_id))["status"] == "feedback_given"

        await until("the street's done at the city", done)

        async def complete() -> bool:
            timeline = await city.office.timeline(case_id)
            kinds = {(entry["node"], entry["event_type"]) for entry in timeline["entries"]}
            return {(STREET, "DutyDone"), (DISTRICT, "AssigneeDone")} <= kinds

        await until("the street's own entries at the city", complete)

        async def photo_here() -> bool:
            return await city.office.photo_path(stored.digest) is not None

        await until("the photo at the city", photo_here)
        path, media_type = await city.office.photo_path(stored.digest)
        assert (JPEG, "image/jpeg") == (path.read_bytes(), media_type)

        drilled = await city.office.drill(case_id, STREET, purpose="核查", actor="supervisor")
        assert ("ok", "done") == (drilled.code, drilled.document["status"])

        with pytest.raises(NoRoute):
            await street.office.drill(case_id, DISTRICT, purpose="反向", actor="x")
        own = await opened(district)
        with pytest.raises(UnknownCase):
            await city.office.drill(own, DISTRICT, purpose="核查", actor="supervisor")
        asked = Question(method=GET_CASE, target=DISTRICT, case_id=own, actor="x", purpose="y")
        with pytest.raises(UnknownCase):
            await district.office.inquiry.answer_case(CITY, asked)
        with pytest.raises(NotPermitted):
            await district.office.inquiry.answer_case(STREET, asked)

        for view in await city.office.links():
            assert (True, 0) == (view.connected, view.parked)
        counts = await city.office.reconcile(f"{CITY}-{DISTRICT}")
        assert [(0, 0, 0)] * 2 == [(one.missing, one.surplus, one.differ) for one in counts]

        await city.office.handle(cmd.StartCheck(**head(city, case_id)))
        await city.office.handle(cmd.PassCheck(**head(city, case_id)))
        await city.office.handle(cmd.Close(**head(city, case_id), text="结案"))

        async def ended() -> bool:
            return (await street.office.case(case_id))["status"] == "ended"

        await until("the end at the street", ended)
        levels = {one.subject: one for one in await city.office.findings()}
        assert phrase("link.well") == levels[f"link {CITY}-{DISTRICT}"].sentence


def test_three_nodes_over_grpc(tmp_path: Path) -> None:
    asyncio.run(there_and_back(plan(tmp_path), (CITY, DISTRICT, STREET)))


def test_a_feedback_without_its_photo_is_refused_here_and_comes_back_from_above(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The district's own desk refuses it. An office that has never heard of the rule says it all
    the same: the city sends it back over the link, with the reason and no new time."""

    async def story() -> None:
        town = plan(tmp_path, street=False)
        async with town.running(CITY, DISTRICT) as node:
            city, district = node[CITY], node[DISTRICT]
            case_id = await opened(city)
            limits = Limits(finish_by=datetime.now(UTC) + timedelta(hours=1))
            await city.office.handle(
                cmd.Dispatch(**head(city, case_id), to=Address.parse(f"node:{DISTRICT}"),
                             limits=limits)
            )

            async def duty() -> dict[str, object]:
                try:
                    return (await district.office.case(case_id))["duty"] or {}
                except Refused:
                    return {}

            async def held() -> bool:
                return bool(await duty())

            await until("the order at the district", held)
            first = await duty()
            with pytest.raises(Invalid) as refused:
                await district.office.handle(
                    cmd.FeedBack(**head(district, case_id), result="已更换"))
            assert refused.value.code == "feedback.photo_missing"

            monkeypatch.setattr(deciding, "refuse_lacking", lambda facts, **shown: None)
            await district.office.handle(
                cmd.FeedBack(**head(district, case_id), result="已更换"))

            async def back() -> bool:
                return (await duty())["generation"] == 2

            await until("the feedback sent back", back)
            again = await duty()
            assert (again["state"], again["limits"]) == (
                "signed", {**first["limits"], "sign_by": again["limits"]["sign_by"]})
            assert "处置后照片" in again["text"]
            stored = await district.office.put_photo(JPEG, "image/jpeg")
            photo = Photo(digest=stored.digest, size=stored.size, media_type="image/jpeg",
                          role=PhotoRole.AFTER)
            await district.office.handle(
                cmd.FeedBack(**head(district, case_id), result="已更换", photos=(photo,)))

            async def done() -> bool:
                return (await city.office.case(case_id))["status"] == "feedback_given"

            await until("the whole feedback at the city", done)
            live = (await city.office.case(case_id))["assignment"]
            assert (live["lacks"], live["returned_count"]) == ([], 1)

    asyncio.run(story())


@pytest.mark.nats
def test_three_nodes_over_mailboxes(tmp_path: Path) -> None:
    asyncio.run(
        there_and_back(plan(tmp_path, nats=True, prefer="NATS"), (CITY, DISTRICT, STREET))
    )


def test_evidence_that_was_never_sent_is_found_missing_and_healed(tmp_path: Path) -> None:
    """A row of the district's outbox is lost before it is sent; the comparison over two running
    drivers finds exactly that entry, has it said again, and finds nothing the next time."""

    async def story() -> None:
        town = plan(tmp_path, street=False)
        async with town.running(CITY, DISTRICT) as node:
            city, district = node[CITY], node[DISTRICT]
            case_id = await opened(city)
            await city.office.handle(
                cmd.Dispatch(**head(city, case_id), to=Address.parse(f"node:{DISTRICT}"),
                             limits=Limits(finish_by=datetime.now(UTC) + timedelta(hours=1)))
            )

            async def held() -> bool:
                try:
                    return (await district.office.case(case_id))["status"] == "held"
                except Refused:
                    return False

            await until("the order at the district", held)
            link = f"{CITY}-{DISTRICT}"

            async def quiet() -> bool:
                (view,) = await district.office.links()
                return (True, 0, 0) == (view.connected, view.drafts, view.unacked)

            await until("what the order itself made the district say at the city", quiet)
            await district.office.pause_link(link, actor="op")
            await district.office.handle(cmd.Sign(**head(district, case_id)))
            with closing(sqlite3.connect(tmp_path / DISTRICT / "data" / "wanmi.db")) as db, db:
                lost = db.execute(
                    "DELETE FROM outbox WHERE link = ? AND seq IS NULL AND prio = 1", (link,)
                ).rowcount
            assert 1 == lost
            await district.office.resume_link(link, actor="op")

            async def signed() -> bool:
                (assignment,) = (await city.office.case(case_id))["bonds"]
                return assignment["state"] != "queued" and await quiet()

            await until("the signature at the city", signed)

            async def missing() -> list[int]:
                return [one.missing for one in await city.office.reconcile(link)]

            assert [1, 0] == await missing()

            async def healed() -> bool:
                timeline = await city.office.timeline(case_id)
                events = {(entry["node"], entry["event_type"]) for entry in timeline["entries"]}
                return (DISTRICT, "DutySigned") in events

            await until("the lost entry at the city", healed)
            assert [0, 0] == await missing()

    asyncio.run(story())


def test_a_node_works_alone_and_catches_up(tmp_path: Path) -> None:
    async def story() -> None:
        town = plan(tmp_path, street=False)
        async with town.running(CITY) as node:
            city = node[CITY]
            case_id = await opened(city)
            await city.office.handle(
                cmd.Dispatch(**head(city, case_id), to=Address.parse(f"node:{DISTRICT}"),
                             limits=Limits(finish_by=datetime.now(UTC) + timedelta(hours=1)))
            )
            (bond,) = (await city.office.case(case_id))["bonds"]
            assert "queued" == bond["state"]
            (view,) = await city.office.links()
            said = view.sentence.say("en")
            assert said.startswith(f"1 queued for {DISTRICT} since")
            assert "link down and has never been up" in said
            assert "连接从未建立" in view.sentence.say("zh-CN")
        async with town.running(CITY, DISTRICT) as node:

            async def held() -> bool:
                try:
                    return (await node[DISTRICT].office.case(case_id))["status"] == "held"
                except Refused:
                    return False

            await until("the order after a restart of the city", held)

            async def delivered() -> bool:
                (bond,) = (await node[CITY].office.case(case_id))["bonds"]
                return bond["state"] == "delivered"

            await until("the acknowledgement", delivered)

    asyncio.run(story())


@pytest.mark.postgres
def test_two_nodes_on_postgresql(tmp_path: Path, postgres_server) -> None:
    urls = {
        node: postgres_server.create(f"node_{node}", template="template_wanmi")
        for node in (CITY, DISTRICT)
    }

    async def story() -> None:
        async with plan(tmp_path, street=False, urls=urls).running(CITY, DISTRICT) as node:
            city, district = node[CITY], node[DISTRICT]
            case_id = await opened(city)
            await city.office.handle(
                cmd.Dispatch(**head(city, case_id), to=Address.parse(f"node:{DISTRICT}"),
                             limits=Limits(finish_by=datetime.now(UTC) + timedelta(hours=1)))
            )

            async def held() -> bool:
                try:
                    return (await district.office.case(case_id))["status"] == "held"
                except Refused:
                    return False

            await until("the order", held)
            stored = await district.office.put_photo(JPEG, "image/jpeg")
            photo = Photo(digest=stored.digest, size=stored.size, media_type="image/jpeg",
                          role=PhotoRole.AFTER)
            await district.office.handle(cmd.FeedBack(
                **head(district, case_id), result="好了", photos=(photo,)))

            async def done() -> bool:
                return (await city.office.case(case_id))["status"] == "feedback_given"

            await until("the feedback", done)

    asyncio.run(story())


def test_a_new_server_certificate_is_shown_without_a_restart(tmp_path: Path) -> None:
    async def shown(port: int) -> str:
        return await asyncio.to_thread(ssl.get_server_certificate, ("127.0.0.1", port), timeout=10)

    async def story() -> None:
        async with plan(tmp_path, street=False).running(CITY, DISTRICT) as node:
            fabric = node[CITY].fabric
            file = tmp_path / CITY / "keys" / "server.pem"
            before = await shown(fabric.grpc_port)
            assert before.split() == file.read_text().split()[: len(before.split())]
            file.unlink()  # what has come to two thirds of its life is made anew in the same way
            await fabric.refresh()
            after = await shown(fabric.grpc_port)
            assert before != after
            assert after.split() == file.read_text().split()[: len(after.split())]
            case_id = await opened(node[CITY])
            assert await node[CITY].office.case(case_id)

    asyncio.run(story())


def test_an_older_database_does_not_start(tmp_path: Path) -> None:
    from hub.errors import Fenced

    town = plan(tmp_path, street=False)
    database = tmp_path / CITY / "data" / "wanmi.db"

    async def start() -> None:
        async with town.running(CITY):
            return

    asyncio.run(start())
    old = database.read_bytes()
    asyncio.run(start())
    for leftover in database.parent.glob("wanmi.db-*"):
        leftover.unlink()
    database.write_bytes(old)
    with pytest.raises(Fenced) as refused:
        asyncio.run(start())
    assert "node.restored" == refused.value.code
