"""The parent's enrol desk on a real database: one token, one node, one set of keys."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable
from dataclasses import dataclass, field, replace
from datetime import timedelta
from pathlib import Path

import pytest

from hub.enrol import proof
from hub.enrol.deed import Deed
from hub.enrol.desk import REFUSED, UNLISTED, Answer, EnrolDesk
from hub.enrol.invitation import LIFE_MAX, TRIES_MAX, EnrolState, Invitation, InviteState
from hub.errors import FabricError
from hub.ids import NodeId
from hub.roster import join
from hub.roster.documents import Endpoints
from hub.roster.identity import Identity
from hub.roster.keeper import RosterKeeper
from hub.roster.roster import sign_roster
from hub.store import rosters
from hub.store.engine import connect, open_engine
from hub.store.tables import invite, metadata
from hub.store.tx import Tx
from hub.store.writer import GroupWriter
from tests.trees import CITY, DISTRICT, NOW, SOMEWHERE, STREET, grow, newcomer

NEW = NodeId("420204")
SECOND = 1_000_000
HOUR = 3600 * SECOND


@dataclass
class Parent:
    """A node's desk, at a time the test sets."""

    identity: Identity
    url: str
    now_us: int = NOW
    taken: int = 0
    notes: list[tuple[str, str]] = field(default_factory=list)

    async def __aenter__(self) -> Parent:
        self.writer = GroupWriter(self.url, clock=lambda: self.now_us * 1000)
        self.writer.start()
        await self.writer.write(lambda tx: metadata.create_all(tx.conn))
        self.keeper = RosterKeeper(
            identity=self.identity, writer=self.writer, now_us=lambda: self.now_us,
            alarm=lambda code, text: None,
        )
        await self.keeper.refresh()
        self.desk = EnrolDesk(
            identity=self.identity, writer=self.writer, now_us=lambda: self.now_us,
            taken=self._taken, note=self._note,
        )
        return self

    async def __aexit__(self, *_: object) -> None:
        await self.writer.close()

    def _note(self, _tx: Tx, deed: Deed) -> None:
        self.notes.append((deed.action, deed.outcome))

    async def _taken(self) -> None:
        self.taken += 1
        await self.keeper.refresh()

    async def invite(
        self, node: str = NEW, *, actor: str = "li", life: timedelta = LIFE_MAX,
        approve: bool = False, rekey: bool = False, at: tuple[str, ...] = ("localhost:8444",),
        endpoints: Endpoints = SOMEWHERE,
    ) -> Invitation:
        return await self.desk.invite(
            NodeId(node), name="新区", actor=actor, life=life, needs_approval=approve,
            rekey=rekey, at=at, endpoints=endpoints,
        )

    async def submit(
        self, invited: Invitation, child: Identity, *, signer: Identity | None = None,
        nonce: bytes | None = None, token: bytes | None = None,
    ) -> Answer:
        request = join.make_join_request(child, now_us=self.now_us)
        nonce = self.desk.challenge(child.node) if nonce is None else nonce
        proofs = proof.prove(
            proof.SUBMIT_TAG, ((signer or child).sign,), nonce=nonce, csr=request.csr,
            node=child.node)
        return await self.desk.submit(
            token=invited.token if token is None else token, nonce=nonce,
            request=request.to_json().encode(), proofs=proofs)

    async def status(self, child: Identity, *, signer: Identity | None = None) -> Answer:
        nonce = self.desk.challenge(child.node)
        return await self.desk.status(
            node=child.node, nonce=nonce, proofs=proof.prove(
                proof.STATUS_TAG, ((signer or child).sign,), nonce=nonce, csr="",
                node=child.node))

    async def state(self, node: str = NEW) -> InviteState:
        return next(
            one for one in await self.desk.invitations() if one.node == node).state(self.now_us)


@pytest.fixture
def parent(tmp_path: Path) -> Parent:
    return Parent(grow(tmp_path).city, f"sqlite:///{tmp_path}/w.db")


@pytest.fixture
def child(tmp_path: Path) -> Identity:
    return newcomer(tmp_path, NEW, CITY)


async def code(work: Awaitable[object]) -> str:
    with pytest.raises(FabricError) as refused:
        await work
    return refused.value.code


def test_an_invited_node_gets_its_kit_and_is_known_at_once(
    parent: Parent, child: Identity
) -> None:
    async def run() -> None:
        async with parent as city:
            invited = await city.invite()
            assert (invited.parent, invited.node) == (CITY, NEW)
            assert invited.authority == city.identity.authority(now_us=NOW).fingerprint()
            answer = await city.submit(invited, child)
            assert answer.state is EnrolState.ACCEPTED
            assert answer.kit is not None
            join.enter(child, answer.kit, now_us=NOW, root_fingerprint=invited.root)
            assert answer.kit.endpoints == SOMEWHERE
            assert city.taken == 1
            assert await city.state() is InviteState.USED
            spki = child.tls.spki_digest()
            assert city.keeper.admit(frozenset({NEW}), spki) == f"{CITY}-{NEW}"
            assert city.keeper.keys.public(child.sign.key_id, NEW, NOW) is not None
            assert city.notes == [
                ("InviteNode", "made"), ("EnrolNode", "submitted"), ("EnrolNode", "accepted")]

    asyncio.run(run())


def test_the_token_is_in_no_row_and_no_file(parent: Parent, tmp_path: Path) -> None:
    async def run() -> bytes:
        async with parent as city:
            return (await city.invite()).token

    token = asyncio.run(run())
    with connect(open_engine(parent.url)) as conn:
        [row] = conn.execute(invite.select()).all()
    assert len(row.token_hash) == 32
    for path in tmp_path.rglob("*"):
        if path.is_file():
            assert token not in path.read_bytes(), path
            assert token.hex().encode() not in path.read_bytes(), path


def test_the_same_keys_get_the_same_certificate_again_and_other_keys_nothing(
    parent: Parent, child: Identity, tmp_path: Path
) -> None:
    async def run() -> None:
        async with parent as city:
            invited = await city.invite()
            first = await city.submit(invited, child)
            again = await city.submit(invited, child)
            asked = await city.status(child)
            assert first.kit is not None
            assert again.kit is not None
            assert asked.kit is not None
            assert first.kit.certificate == again.kit.certificate == asked.kit.certificate
            assert city.taken == 1
            thief = newcomer(tmp_path / "thief", NEW, CITY)
            stolen = await city.submit(invited, thief)
            assert (stolen.state, stolen.code, stolen.kit) == (EnrolState.REFUSED, REFUSED, None)
            assert stolen.stranger
            assert (await city.status(child, signer=thief)).kit is None
            certificates = await city.writer.read(rosters.certificates)
            assert sum(one.link == f"{CITY}-{NEW}" for one in certificates) == 1

    asyncio.run(run())


def test_every_wrong_token_hears_the_same(
    parent: Parent, child: Identity, tmp_path: Path
) -> None:
    async def run() -> None:
        async with parent as city:
            invited = await city.invite()
            other = newcomer(tmp_path, NodeId("420205"), CITY)
            answers = [
                await city.submit(invited, child, token=bytes(32)),
                await city.submit(invited, child, token=b""),
                await city.submit(invited, child, token=invited.token[:-1]),
                await city.submit(invited, other),
                await city.submit(invited, other, token=bytes(32)),
            ]
            assert len(set(answers)) == 1
            assert answers[0].code == REFUSED
            assert city.identity.child(NEW) is None
            assert (await city.submit(invited, child)).kit is not None

    asyncio.run(run())


def test_a_token_tried_wrongly_too_often_is_spoilt(
    parent: Parent, child: Identity, tmp_path: Path
) -> None:
    async def run() -> None:
        async with parent as city:
            invited = await city.invite()
            other = newcomer(tmp_path, NodeId("420205"), CITY)
            for _ in range(TRIES_MAX):
                assert await city.state() is InviteState.OPEN
                await city.submit(invited, other)
            assert await city.state() is InviteState.SPOILT
            answer = await city.submit(invited, child)
            assert (answer.code, answer.kit) == ("invite.spoilt", None)

    asyncio.run(run())


def test_form_nonce_and_proofs_are_judged_before_any_token(
    parent: Parent, child: Identity, tmp_path: Path
) -> None:
    async def run() -> None:
        async with parent as city:
            invited = await city.invite()
            old = city.desk.challenge(NEW)
            elsewhere = city.desk.challenge(DISTRICT)
            thief = newcomer(tmp_path / "thief", NEW, CITY)
            for token in (invited.token, bytes(32)):
                assert (await city.submit(
                    invited, child, nonce=elsewhere, token=token)).code == "enrol.nonce"
                assert (await city.submit(
                    invited, child, signer=thief, token=token)).code == "enrol.proof"
                garbage = await city.desk.submit(
                    token=token, nonce=old, request=b"{}", proofs=())
                assert garbage.code == "request.malformed"
            city.now_us += 121 * SECOND
            assert (await city.submit(invited, child, nonce=old)).code == "enrol.nonce"
            assert (await city.submit(invited, child)).kit is not None

    asyncio.run(run())


def test_an_invitation_expires_and_is_not_made_for_longer_than_a_day(
    parent: Parent, child: Identity
) -> None:
    async def run() -> None:
        async with parent as city:
            for life in (LIFE_MAX + timedelta(seconds=1), timedelta(0), timedelta(hours=-1)):
                assert await code(city.invite(life=life)) == "invite.life"
            invited = await city.invite(life=timedelta(hours=1))
            city.now_us += HOUR
            answer = await city.submit(invited, child)
            assert (answer.state, answer.code) == (EnrolState.REFUSED, "invite.expired")
            assert city.identity.child(NEW) is None
            fresh = await city.invite()
            assert (await city.submit(fresh, child)).kit is not None

    asyncio.run(run())


def test_invitations_that_make_no_sense_are_not_made(parent: Parent, tmp_path: Path) -> None:
    async def run() -> None:
        async with parent as city:
            assert await code(city.invite(CITY)) == "invite.self"
            assert await code(city.invite(DISTRICT)) == "invite.known"
            assert await code(city.invite(at=())) == "invite.address"
            assert await code(city.invite(at=("nowhere",))) == "invite.address"
            assert await code(city.invite(endpoints=Endpoints())) == "invite.address"
            await city.invite()
            assert await code(city.invite()) == "invite.open"
            await city.desk.withdraw(NEW, actor="li")
            assert await code(city.desk.withdraw(NEW, actor="li")) == "invite.withdrawn"
            assert await code(city.desk.withdraw(STREET, actor="li")) == "invite.unknown"
            await city.invite()

    asyncio.run(run())


def test_a_withdrawn_invitation_lets_nobody_in(parent: Parent, child: Identity) -> None:
    async def run() -> None:
        async with parent as city:
            invited = await city.invite()
            await city.desk.withdraw(NEW, actor="wang")
            assert (await city.submit(invited, child)).code == "invite.withdrawn"
            assert await city.desk.door_until_us() == 0

    asyncio.run(run())


def test_a_second_administrator_approves_before_anything_is_given(
    parent: Parent, child: Identity
) -> None:
    async def run() -> None:
        async with parent as city:
            invited = await city.invite(actor="li", approve=True)
            waiting = await city.submit(invited, child)
            assert (waiting.state, waiting.code) == (EnrolState.WAITING, "invite.waiting")
            assert city.identity.child(NEW) is None
            assert await code(city.desk.approve(NEW, actor="li")) == "invite.same_person"
            # Cut short and run again, with a certificate request of another day.
            assert (await city.submit(invited, child)).state is EnrolState.WAITING
            assert (await city.status(child)).state is EnrolState.WAITING
            city.now_us += 30 * HOUR  # the token's own day is over: its keys are known
            await city.desk.approve(NEW, actor="wang")
            assert city.taken == 1
            kit = (await city.status(child)).kit
            assert kit is not None
            join.enter(child, kit, now_us=city.now_us, root_fingerprint=invited.root)
            [kept] = [one for one in await city.desk.invitations() if one.node == NEW]
            assert (kept.created_by, kept.approved_by) == ("li", "wang")

    asyncio.run(run())


def test_an_approval_may_come_before_the_node_does(parent: Parent, child: Identity) -> None:
    async def run() -> None:
        async with parent as city:
            invited = await city.invite(approve=True)
            await city.desk.approve(NEW, actor="wang")
            assert city.taken == 0
            assert (await city.submit(invited, child)).kit is not None

    asyncio.run(run())


def test_a_refused_node_hears_why(parent: Parent, child: Identity) -> None:
    async def run() -> None:
        async with parent as city:
            invited = await city.invite(approve=True)
            await city.submit(invited, child)
            await city.desk.refuse(NEW, actor="wang", reason="资料不全")
            answer = await city.status(child)
            assert (answer.state, answer.code) == (EnrolState.REFUSED, "invite.refused")
            assert "资料不全" in answer.detail
            assert await city.desk.door_until_us() > city.now_us

    asyncio.run(run())


def test_two_that_come_at_once_with_one_token_are_one_child(
    parent: Parent, child: Identity, tmp_path: Path
) -> None:
    async def run() -> None:
        async with parent as city:
            invited = await city.invite()
            twin = newcomer(tmp_path / "twin", NEW, CITY)
            answers = await asyncio.gather(
                city.submit(invited, child), city.submit(invited, twin))
            assert sorted(one.state.value for one in answers) == ["ACCEPTED", "REFUSED"]
            assert city.taken == 1

    asyncio.run(run())


def test_a_parent_that_is_not_named_itself_lets_its_child_wait(tmp_path: Path) -> None:
    async def run() -> None:
        tree = grow(tmp_path)
        middle, root = tree.district, tree.city.roster_signer()
        roster = tree.city.roster()
        assert roster is not None
        below = newcomer(tmp_path, NodeId("420203002"), DISTRICT)
        # As if the root had not heard of the district yet.
        middle.keep_roster(sign_roster(replace(roster, members=roster.members[:1]), root))
        async with Parent(middle, f"sqlite:///{tmp_path}/w.db") as parent:
            invited = await parent.invite(below.node)
            answer = await parent.submit(invited, below)
            assert (answer.state, answer.code) == (EnrolState.WAITING, UNLISTED)
            middle.keep_roster(sign_roster(roster, root))
            kit = (await parent.status(below)).kit
            assert kit is not None
            join.enter(below, kit, now_us=NOW, root_fingerprint=invited.root)

    asyncio.run(run())


def test_a_lost_key_comes_back_by_an_invitation_for_new_keys(tmp_path: Path) -> None:
    async def run() -> None:
        tree = grow(tmp_path)
        async with Parent(tree.city, f"sqlite:///{tmp_path}/w.db") as city:
            again = newcomer(tmp_path / "again", DISTRICT, CITY)
            invited = await city.invite(DISTRICT, rekey=True)
            kit = (await city.submit(invited, again)).kit
            assert kit is not None
            join.enter(again, kit, now_us=NOW, root_fingerprint=invited.root)
            old, new = tree.district.tls.spki_digest(), again.tls.spki_digest()
            assert city.keeper.admit(frozenset({DISTRICT}), old) is None
            assert city.keeper.admit(frozenset({DISTRICT}), new) is not None

    asyncio.run(run())
