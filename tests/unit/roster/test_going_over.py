"""A node goes over to another sign key: both seal for a while, then the new one alone."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest

from hub import wire
from hub.envelope import Alg
from hub.errors import UnknownPeer, Unsealed, Untrusted
from hub.ids import LinkId, NodeId, Position
from hub.link import messages as msg
from hub.link.sealing import Sealing
from hub.link.steps import Flaw
from hub.roster import join
from hub.roster.identity import Identity
from hub.roster.keyring import RosterKeyRing
from hub.roster.roster import open_roster
from hub.seal import ED25519, open_envelope, reseal, seal
from hub.store.rosters import KeyRow
from hub.suites.registry import SM2, digest_of
from tests.trees import CITY, DAY, DISTRICT, NOW, SOMEWHERE, grow
from tests.wire.goldens import header


def knows(*identities: Identity, old: bool = True, new: bool = True) -> RosterKeyRing:
    rows = []
    for identity in identities:
        for n, key in enumerate(identity.public_keys()):
            if (old, new)[n]:
                rows.append(KeyRow(
                    key_id=key.key_id, node=identity.node, alg=key.alg, public=key.public,
                    valid_from_us=key.valid_from_us, valid_to_us=key.valid_to_us))
    return RosterKeyRing(None, rows)


def test_both_keys_are_asked_for_listed_and_loaded_again(tmp_path: Path) -> None:
    tree = grow(tmp_path)
    later = NOW + 800 * DAY  # the first key's term is over: the second has one of its own
    grown = tree.district.going_over(SM2, now_us=later)
    again = Identity.load(tree.district.directory)
    assert again.public_keys() == grown.public_keys()
    assert [key.alg for key in again.public_keys()] == [ED25519, SM2]
    assert again.public_keys()[1].valid_from_us == later
    request = join.make_join_request(again, now_us=later)
    request.verify(now_us=later)
    with pytest.raises(Untrusted) as unasked:
        join.accept(tree.city, request, endpoints=SOMEWHERE, now_us=later)
    assert unasked.value.code == "request.other_keys"
    join.accept(tree.city, request, endpoints=SOMEWHERE, now_us=later, rekey=True)
    roster = open_roster(tree.city.signed_roster() or b"", root_key=tree.city.root_key())
    member = roster.member(DISTRICT)
    assert member is not None
    assert {key.key_id for key in member.sign_keys} == {
        key.key_id for key in again.public_keys()}
    with pytest.raises(Untrusted) as twice:
        again.going_over(ED25519, now_us=later)
    assert twice.value.code == "keys.going_over"


def test_the_end_leaves_the_new_key_alone_and_the_old_one_to_look_at(tmp_path: Path) -> None:
    tree = grow(tmp_path)
    old = tree.district.sign
    with pytest.raises(Untrusted) as early:
        tree.district.gone_over()
    assert early.value.code == "keys.not_going_over"
    grown = tree.district.going_over(SM2, now_us=NOW + DAY)
    assert [one.alg for one in grown.signers] == [ED25519, SM2]
    gone = grown.gone_over()
    again = Identity.load(tree.district.directory)
    assert grown.beside is not None
    assert again.sign.key_id == gone.sign.key_id == grown.beside.key_id
    assert again.signers == (again.sign,)
    assert again.public_keys() == (grown.public_keys()[1],)
    assert (tree.district.directory / "sign-before.key").exists()
    again.going_over(ED25519, now_us=NOW + 2 * DAY).gone_over()
    assert Identity.load(tree.district.directory).sign.key_id != old.key_id


def test_the_root_lists_its_own_second_key(tmp_path: Path) -> None:
    tree = grow(tmp_path)
    grown = tree.city.going_over(SM2, now_us=NOW)
    roster = join.list_own_keys(grown, now_us=NOW)
    member = roster.member(CITY)
    assert member is not None
    assert [key.alg for key in member.sign_keys] == [ED25519, SM2]
    assert join.list_own_keys(grown, now_us=NOW).serial == roster.serial


def test_whoever_knows_one_key_verifies_that_one(tmp_path: Path) -> None:
    grown = grow(tmp_path).city.going_over(SM2, now_us=NOW)
    assert digest_of(grown.signers) is Alg.SHA256, "as those expect who know the old one alone"
    sealed, _ = seal(header(origin=CITY), b"a body", grown.signers)
    for old, new in ((True, False), (False, True), (True, True)):
        keys = knows(grown, old=old, new=new)
        open_envelope(sealed, keys=keys, node=CITY, at_us=NOW)
        if old and new:
            open_envelope(sealed, keys=keys, node=CITY, at_us=NOW, dual=True)
        else:
            with pytest.raises(Unsealed) as one:
                open_envelope(sealed, keys=keys, node=CITY, at_us=NOW, dual=True)
            assert one.value.code == "seal.dual"
    with pytest.raises(UnknownPeer):
        open_envelope(sealed, keys=knows(grown, old=False, new=False), node=CITY, at_us=NOW)


@pytest.mark.parametrize("spoiled", [0, 1])
def test_a_broken_seal_beside_a_good_one_is_refused_by_whoever_knows_both(
    tmp_path: Path, spoiled: int
) -> None:
    grown = grow(tmp_path).city.going_over(SM2, now_us=NOW)
    sealed, _ = seal(header(origin=CITY), b"a body", grown.signers)
    head, body, seals = wire.sealed_parts(sealed)
    alg, key_id, value = seals[spoiled]
    forged = [*seals]
    forged[spoiled] = (alg, key_id, value[:-1] + bytes([value[-1] ^ 1]))
    with pytest.raises(Unsealed):
        open_envelope(wire.sealed_bytes(head, body, tuple(forged)), keys=knows(grown), node=CITY,
                      at_us=NOW)


def test_what_was_sealed_once_gets_both_seals_before_it_is_sent_again(tmp_path: Path) -> None:
    tree = grow(tmp_path)
    grown = tree.city.going_over(SM2, now_us=NOW)
    once, _ = seal(header(origin=CITY), b"a body", (tree.city.sign,))
    both = reseal(once, grown.signers)
    assert both != once
    open_envelope(both, keys=knows(grown), node=CITY, at_us=NOW, dual=True)
    assert reseal(both, grown.signers) == both
    gone = grown.gone_over()
    assert reseal(both, gone.signers) == both, "it carries the new seal already"
    open_envelope(reseal(once, gone.signers), keys=knows(grown, old=False), node=CITY, at_us=NOW)


def test_a_link_that_asks_for_two_asks_the_peer_and_not_ourselves(tmp_path: Path) -> None:
    """An echo of our own words from before the change must still be good."""
    tree = grow(tmp_path)
    district = tree.district.going_over(SM2, now_us=NOW)
    link = LinkId(f"{CITY}-{DISTRICT}")
    sealing = Sealing(
        link=link, me=CITY, peer=DISTRICT, signers=tree.city.signers,
        keys=knows(tree.city, district), lower=lambda *_: None, dual=True)

    def frame(origin: NodeId, sealed: bytes) -> msg.Frame:
        return msg.Frame(link=link, origin=origin, envelopes=(sealed,))

    def said(origin: NodeId, dest: NodeId, signers: tuple[object, ...]) -> msg.Frame:
        head = replace(header(origin=origin), dest=dest, position=Position(1, 1))
        return frame(origin, seal(head, b"a body", signers)[0])  # type: ignore[arg-type]

    assert sealing.verify(said(CITY, DISTRICT, tree.city.signers), NOW).flaw is None
    assert sealing.verify(said(DISTRICT, CITY, district.signers), NOW).flaw is None
    lacking = sealing.verify(said(DISTRICT, CITY, (district.sign,)), NOW)
    assert (lacking.flaw, lacking.envelopes) == (Flaw.UNSEALED, ())
