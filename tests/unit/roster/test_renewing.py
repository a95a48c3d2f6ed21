"""When a running node asks for papers, how often, and what a parent refuses."""

from __future__ import annotations

import asyncio
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest

from hub.ids import NodeId
from hub.link.messages import Renew
from hub.roster import join, renewing
from hub.roster.documents import JoinRequest
from hub.roster.identity import Child, Identity
from hub.roster.keyring import RosterKeyRing
from hub.roster.renewing import Renewals
from hub.roster.roster import Roster
from node.main.trusted import own_finding
from node.service.views import Level
from tests.trees import CITY, DAY, DISTRICT, NOW, STREET, Tree, grow

MINUTE, SECOND = 60_000_000, 1_000_000


@dataclass
class Kept:
    """What a keeper answers, read anew each time."""

    identity: Identity

    @property
    def roster(self) -> Roster | None:
        return self.identity.roster()

    @property
    def keys(self) -> RosterKeyRing:
        return RosterKeyRing(self.roster, ())

    @property
    def children(self) -> tuple[Child, ...]:
        return self.identity.children()


@dataclass
class End:
    """One node's papers; time passes only when a test says so."""

    identity: Identity
    more: dict[str, Any] = field(default_factory=dict)
    now_us: int = NOW
    issued: int = 0
    renewed: int = 0

    def __post_init__(self) -> None:
        async def issued() -> None:
            self.issued += 1

        async def renewed() -> None:
            self.renewed += 1

        self.renewals = Renewals(
            identity=self.identity, keeper=Kept(self.identity),  # type: ignore[arg-type]
            now_us=lambda: self.now_us, issued=issued, told={}, **self.more,
        )
        self.renewals.listen(news=lambda: None, renewed=renewed)

    async def asks(self, *, after: int = 0) -> list[Renew]:
        self.now_us += after
        await self.renewals.tend()
        return list(self.renewals.pending())


def ends(tmp_path: Path, **more: Any) -> tuple[Tree, End, End]:
    tree = grow(tmp_path)
    return tree, End(tree.city, more), End(tree.district)


async def given(parent: End, child: End, asked: Renew) -> Renew:
    answer = await parent.renewals.hear(DISTRICT, asked)
    assert answer is not None
    await child.renewals.hear(CITY, answer)
    return answer


def test_a_child_asks_at_two_thirds_of_the_life_and_then_less_and_less(tmp_path: Path) -> None:
    async def story() -> None:
        _, _, child = ends(tmp_path)
        assert await child.asks() == []
        assert await child.asks(after=19 * DAY) == []
        [first] = await child.asks(after=DAY)
        assert first.grpc == ("localhost:8443",)
        said = 1
        for _ in range(24 * 60):
            said += len(await child.asks(after=MINUTE))
        assert 24 <= said <= 32, "every hour in the end"

    asyncio.run(story())


def test_a_child_says_under_which_papers_it_speaks_and_stops_asking(tmp_path: Path) -> None:
    async def story() -> None:
        tree, parent, child = ends(tmp_path)
        [asked] = await child.asks(after=21 * DAY)
        parent.now_us = child.now_us
        await given(parent, child, asked)
        assert (parent.issued, child.renewed) == (1, 1)
        [said] = await child.asks(after=DAY)
        kit = tree.district.kit()
        papers = child.renewals.papers
        assert papers is not None
        assert said == Renew(in_use=papers.serial)
        assert kit is not None
        assert kit.expires_at_us == papers.ends_at_us > NOW + 50 * DAY
        assert await parent.renewals.hear(DISTRICT, said) is None
        assert parent.issued == 2, "the old ones ended"
        assert await parent.renewals.hear(DISTRICT, said) is None
        assert parent.issued == 2

    asyncio.run(story())


def test_a_person_may_want_it_at_once(tmp_path: Path) -> None:
    async def story() -> None:
        _, _, child = ends(tmp_path)
        await child.renewals.want()
        assert len(child.renewals.pending()) == 1

    asyncio.run(story())


def test_a_refusal_is_told_and_the_child_asks_again_later(tmp_path: Path) -> None:
    async def story() -> None:
        tree, parent, child = ends(tmp_path)
        [asked] = await child.asks(after=21 * DAY)
        parent.now_us = child.now_us
        join.retire(tree.city, DISTRICT, now_us=child.now_us)
        assert (await given(parent, child, asked)).code == "renew.retired"
        assert await child.asks() == []
        papers = child.renewals.papers
        assert papers is not None
        assert papers.refused[0] == "renew.retired"
        assert own_finding(papers, papers.ends_at_us - 15 * DAY) == []
        [found] = own_finding(papers, papers.ends_at_us - 3 * DAY)
        assert found.level is Level.ALARM
        assert found.sentence.say("zh") == "证书还有 3 天到期，上级不再换发：本节点已被停用"
        [over] = own_finding(papers, papers.ends_at_us + 2 * DAY)
        assert over.sentence.say("en") == "the certificate from the parent ended 2 day(s) ago"
        assert len(await child.asks(after=2 * MINUTE)) == 1

    asyncio.run(story())


def test_where_the_user_cannot_be_changed_the_child_asks_without_one_at_once(
    tmp_path: Path,
) -> None:
    async def story() -> None:
        tree, parent, child = ends(tmp_path, fixed_nkeys=True)
        [asked] = await child.asks(after=21 * DAY)
        parent.now_us = child.now_us
        assert (await given(parent, child, asked)).code == "renew.nkey"
        [again] = await child.asks()
        assert JoinRequest.from_json(again.request).nkey == tree.district.nats.public
        assert (await given(parent, child, again)).code == ""
        assert child.renewed == 1

    asyncio.run(story())


def test_nobody_asks_for_another_or_all_the_time(tmp_path: Path) -> None:
    async def story() -> None:
        tree, parent, child = ends(tmp_path)
        [asked] = await child.asks(after=21 * DAY)
        parent.now_us = child.now_us

        async def code(sender: NodeId, said: Renew) -> str:
            answer = await parent.renewals.hear(sender, said)
            assert answer is not None
            return answer.code

        assert await code(STREET, asked) == "renew.not_yours"
        assert await code(DISTRICT, Renew(request=b"{}")) == "request.malformed"
        long = Renew(request=asked.request, grpc=("h" * 300,))
        assert await code(DISTRICT, long) == "request.malformed"
        assert await code(DISTRICT, asked) == ""
        assert await code(DISTRICT, asked) == "renew.soon"
        parent.now_us += renewing.GRANT_PAUSE_US
        assert await code(DISTRICT, asked) == ""
        child_record = tree.city.child(DISTRICT)
        assert child_record is not None

    asyncio.run(story())


def test_papers_of_somebody_else_are_not_taken_and_it_asks_again(tmp_path: Path) -> None:
    async def story() -> None:
        tree, parent, child = ends(tmp_path)
        [asked] = await child.asks(after=21 * DAY)
        parent.now_us = child.now_us
        answer = await parent.renewals.hear(DISTRICT, asked)
        assert answer is not None
        forged = answer.kit.replace(b'"child": "420203"', b'"child": "420204"')
        with pytest.raises(Exception, match="changed on its way"):
            await child.renewals.hear(CITY, Renew(kit=forged))
        assert child.renewed == 0
        assert tree.district.held.keys.client_tls is None
        assert len(await child.asks(after=2 * MINUTE)) == 1

    asyncio.run(story())


def test_after_its_end_a_certificate_is_renewed_for_two_weeks_at_the_door(tmp_path: Path) -> None:
    async def story() -> None:
        tree = grow(tmp_path)
        parent = End(tree.city)

        async def call(renew: Renew) -> Renew:
            return await parent.renewals.ask_lapsed(renew)

        child = End(tree.district, {"call_door": call})
        parent.now_us = child.now_us = NOW + 29 * DAY
        assert not parent.renewals.any_lapsed()
        await child.renewals.tend()
        assert child.renewed == 0, "while it is good the link brings it"
        parent.now_us = child.now_us = NOW + 45 * DAY
        assert not parent.renewals.any_lapsed(), "too late"
        await child.renewals.tend()
        assert child.renewed == 0
        parent.now_us = child.now_us = NOW + 31 * DAY
        assert parent.renewals.any_lapsed()
        await child.renewals.tend()
        assert child.renewed == 1
        assert not parent.renewals.any_lapsed()

    asyncio.run(story())


def test_the_door_says_no_more_than_no_to_whoever_proves_nothing(tmp_path: Path) -> None:
    async def story() -> None:
        tree, parent, child = ends(tmp_path)
        [asked] = await child.asks(after=31 * DAY)
        parent.now_us = child.now_us

        async def code(said: Renew) -> str:
            return (await parent.renewals.ask_lapsed(said)).code

        assert await code(Renew(request=b"")) == "enrol.refused"
        street = End(tree.street)
        [strange] = await street.asks(after=31 * DAY)
        assert await code(strange) == "enrol.refused"
        parent.now_us = NOW + 45 * DAY
        assert await code(asked) == "enrol.refused"
        parent.now_us = child.now_us
        join.retire(tree.city, DISTRICT, now_us=parent.now_us)
        assert await code(asked) == "enrol.refused"

    asyncio.run(story())


def test_the_root_has_nothing_to_renew(tmp_path: Path) -> None:
    async def story() -> None:
        tree, parent, _ = ends(tmp_path)
        await parent.renewals.want()
        assert parent.renewals.papers is None
        assert list(parent.renewals.pending()) == []
        assert tree.city.is_root

    asyncio.run(story())
