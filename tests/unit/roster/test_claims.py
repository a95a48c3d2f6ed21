"""What is claimed about members: who may say it, what it must carry, what the root makes of it."""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from hub.errors import FabricError
from hub.roster import join
from hub.roster.claims import (
    CLAIM_BYTES_MAX,
    CLAIM_CONTEXT,
    Claim,
    ClaimKind,
    judge,
    of_children,
    of_own_keys,
    open_claim,
    seal_claim,
)
from hub.roster.documents import Endpoints
from hub.roster.identity import Identity
from hub.roster.keyring import RosterKeyRing
from hub.roster.keys import SignKey
from hub.roster.roster import KEY_LIFE_US, PublicKey, Roster
from hub.suites.registry import ED25519
from hub.v1 import envelope_pb2, roster_pb2
from tests.trees import (
    CITY,
    DAY,
    DISTRICT,
    NOW,
    SOMEWHERE,
    STREET,
    Tree,
    bring_in,
    grow,
    newcomer,
)

FRESH = "420203002"


def code(act: Callable[..., object], *given: Any, **named: Any) -> str:
    with pytest.raises(FabricError) as refused:
        act(*given, **named)
    return refused.value.code


@pytest.fixture
def tree(tmp_path: Path) -> Tree:
    return grow(tmp_path)


def roster(identity: Identity) -> Roster:
    found = identity.roster()
    assert found is not None
    return found


def ring(tree: Tree) -> RosterKeyRing:
    return RosterKeyRing(roster(tree.city))


def taken_in(tree: Tree, folder: Path, node: str = FRESH) -> Identity:
    """A street that the district accepted and nobody told the root of."""
    child = newcomer(folder, node, DISTRICT)  # type: ignore[arg-type]
    request = join.make_join_request(
        child, now_us=NOW, doors=("street.example:8443",), capabilities=("file", "intake"))
    join.accept(tree.district, request, endpoints=SOMEWHERE, now_us=NOW)
    return child


def claimed(tree: Tree, roster_: Roster | None = None) -> tuple[Claim, ...]:
    return of_children(
        DISTRICT, tree.district.children(), roster_ or roster(tree.city), now_us=NOW)


def public(key: SignKey, *, life: int = KEY_LIFE_US) -> PublicKey:
    return PublicKey(
        key_id=key.key_id, public=key.public, valid_from_us=NOW, valid_to_us=NOW + life)


def test_a_parent_claims_whom_it_took_in_until_the_roster_names_it(
    tree: Tree, tmp_path: Path
) -> None:
    assert claimed(tree) == ()  # the street it has is named
    child = taken_in(tree, tmp_path)
    [claim] = claimed(tree)
    assert (claim.kind, claim.node, claim.by) == (ClaimKind.ADD, FRESH, DISTRICT)
    signed = seal_claim(claim, (tree.district.sign,))
    assert open_claim(signed, keys=ring(tree), at_us=NOW) == claim
    judge(claim, sender=DISTRICT, tree=ring(tree))
    before = roster(tree.city).serial
    assert join.take_claims(tree.city, [claim], now_us=NOW) == ()
    after = roster(tree.city)
    assert after.serial == before + 1
    member = after.member(child.node)
    assert member is not None
    assert (member.parent, member.name) == (DISTRICT, child.name)
    assert (member.endpoints, member.capabilities) == (
        ("street.example:8443",), ("file", "intake"))
    assert [key.key_id for key in member.sign_keys] == [child.sign.key_id]
    assert claimed(tree) == ()
    # Said again, late: nothing changes, no serial is spent.
    assert join.take_claims(tree.city, [claim], now_us=NOW + DAY) == ()
    assert roster(tree.city) == after


def test_a_root_that_was_away_for_weeks_takes_what_was_claimed_meanwhile(
    tree: Tree, tmp_path: Path
) -> None:
    taken_in(tree, tmp_path)
    late = NOW + 40 * DAY  # the request itself was good for 14 days
    assert join.take_claims(tree.city, claimed(tree), now_us=late) == ()
    assert roster(tree.city).member(FRESH) is not None  # type: ignore[arg-type]


def test_several_claims_are_one_roster(tree: Tree, tmp_path: Path) -> None:
    for node in (FRESH, "420203003", "420203004"):
        taken_in(tree, tmp_path, node)
    before = roster(tree.city).serial
    assert join.take_claims(tree.city, claimed(tree), now_us=NOW) == ()
    assert roster(tree.city).serial == before + 1
    assert len(roster(tree.city).members) == 6


def test_a_retired_child_is_claimed_until_every_key_of_it_ends(tree: Tree) -> None:
    ended_at = NOW + DAY
    join.retire(tree.district, STREET, now_us=ended_at)
    [claim] = claimed(tree)
    assert (claim.kind, claim.from_us) == (ClaimKind.REVOKE, ended_at)
    judge(claim, sender=DISTRICT, tree=ring(tree))
    signed = seal_claim(claim, (tree.district.sign,))
    assert open_claim(signed, keys=ring(tree), at_us=ended_at) == claim
    assert join.take_claims(tree.city, [claim], now_us=ended_at + 1) == ()
    keys = ring(tree)
    assert keys.refusal(tree.street.sign.key_id, STREET, ended_at) == "key.revoked"
    assert keys.refusal(tree.street.sign.key_id, STREET, ended_at - 1) == ""
    assert claimed(tree) == ()


def test_an_ending_does_not_reach_keys_that_came_later(tree: Tree, tmp_path: Path) -> None:
    """A child that ended comes back with new keys; the old claim arrives once more."""
    join.retire(tree.district, STREET, now_us=NOW)
    [old] = claimed(tree)
    join.take_claims(tree.city, [old], now_us=NOW)
    again = newcomer(tmp_path / "again", STREET, DISTRICT)
    bring_again = join.make_join_request(again, now_us=NOW + DAY)
    join.accept(tree.district, bring_again, endpoints=SOMEWHERE, now_us=NOW + DAY, rekey=True)
    join.take_claims(tree.city, claimed(tree), now_us=NOW + DAY)
    join.take_claims(tree.city, [old], now_us=NOW + DAY)
    keys = ring(tree)
    assert keys.refusal(again.sign.key_id, STREET, NOW + 2 * DAY) == ""
    assert keys.refusal(tree.street.sign.key_id, STREET, NOW + 2 * DAY) == "key.revoked"


def test_keys_that_were_lost_end_when_the_child_comes_with_others(
    tree: Tree, tmp_path: Path
) -> None:
    """Also one it had gone over to meanwhile; one it goes over to afterwards does not."""
    went = tree.street.going_over(ED25519, now_us=NOW)
    join.take_claims(
        tree.city, of_own_keys(STREET, went.public_keys(), roster(tree.city), now_us=NOW),
        now_us=NOW)
    assert went.beside is not None
    again = newcomer(tmp_path / "again", STREET, DISTRICT, now_us=NOW + DAY)
    join.accept(
        tree.district, join.make_join_request(again, now_us=NOW + DAY), endpoints=SOMEWHERE,
        now_us=NOW + DAY, rekey=True)
    claims = claimed(tree)
    assert [one.kind for one in claims] == [ClaimKind.ADD, ClaimKind.REVOKE]
    for one in claims:
        signed = seal_claim(one, (tree.district.sign,))
        assert open_claim(signed, keys=ring(tree), at_us=NOW + DAY) == one
        judge(one, sender=DISTRICT, tree=ring(tree))
    join.take_claims(tree.city, claims, now_us=NOW + DAY)
    keys = ring(tree)
    for lost in (tree.street.sign, went.beside):
        assert keys.refusal(lost.key_id, STREET, NOW + DAY) == "key.revoked"
        assert keys.refusal(lost.key_id, STREET, NOW) == ""
    assert keys.refusal(again.sign.key_id, STREET, NOW + DAY) == ""
    later = again.going_over(ED25519, now_us=NOW + 2 * DAY)
    join.take_claims(
        tree.city, of_own_keys(STREET, later.public_keys(), roster(tree.city), now_us=NOW),
        now_us=NOW + 2 * DAY)
    assert claimed(tree) == ()


def test_an_ending_of_somebody_the_root_never_heard_of_changes_nothing(
    tree: Tree, tmp_path: Path
) -> None:
    child = taken_in(tree, tmp_path)
    claim = Claim(
        kind=ClaimKind.REVOKE, node=child.node, by=DISTRICT, made_at_us=NOW,
        keys=(public(child.sign),), from_us=NOW)
    before = roster(tree.city)
    assert join.take_claims(tree.city, [claim], now_us=NOW) == ()
    assert roster(tree.city) == before
    assert claim.is_shown(before)


def key_claim(identity: Identity, *keys: SignKey, by: SignKey | None = None) -> bytes:
    claim = Claim(
        kind=ClaimKind.KEY, node=identity.node, by=identity.node, made_at_us=NOW,
        keys=tuple(public(key) for key in keys))
    return seal_claim(claim, (by or identity.sign, *keys))


def test_a_node_goes_over_to_a_new_key_by_a_claim_under_both(tree: Tree) -> None:
    new = SignKey.generate()
    signed = join.make_key_claim(tree.street, [(public(new), new)], now_us=NOW)
    claim = open_claim(signed, keys=ring(tree), at_us=NOW)
    judge(claim, sender=DISTRICT, tree=ring(tree))
    judge(claim, sender=STREET, tree=ring(tree))
    assert not claim.is_shown(roster(tree.city))
    assert join.take_claims(tree.city, [claim], now_us=NOW) == ()
    assert claim.is_shown(roster(tree.city))
    member = roster(tree.city).member(STREET)
    assert member is not None
    assert [key.key_id for key in member.sign_keys] == [tree.street.sign.key_id, new.key_id]
    assert (member.parent, member.name) == (DISTRICT, tree.street.name)
    # From now on the new one may claim the next.
    third = SignKey.generate()
    assert open_claim(
        key_claim(tree.street, third, by=new), keys=ring(tree), at_us=NOW).key_ids == {third.key_id}


def test_a_child_that_went_over_by_a_claim_renews_its_certificate_like_anybody(
    tree: Tree,
) -> None:
    grown = tree.street.going_over(ED25519, now_us=NOW)
    later = join.make_join_request(grown, now_us=NOW)
    assert code(
        join.accept, tree.district, later, endpoints=SOMEWHERE, now_us=NOW
    ) == "request.other_keys"
    [claim] = of_own_keys(STREET, grown.public_keys(), roster(tree.city), now_us=NOW)
    join.take_claims(tree.city, [claim], now_us=NOW)
    signed = tree.city.signed_roster()
    assert signed is not None
    tree.district.keep_roster(signed)
    kit = join.accept(tree.district, later, endpoints=SOMEWHERE, now_us=NOW)
    join.enter(grown, kit, now_us=NOW)
    assert of_own_keys(STREET, grown.public_keys(), roster(tree.city), now_us=NOW) == ()
    stranger = newcomer(tree.street.directory / "s", STREET, DISTRICT)
    assert of_own_keys(STREET, stranger.public_keys(), roster(tree.city), now_us=NOW) == ()


def test_a_new_key_that_does_not_seal_is_not_taken(tree: Tree) -> None:
    new, other = SignKey.generate(), SignKey.generate()
    claim = Claim(
        kind=ClaimKind.KEY, node=STREET, by=STREET, made_at_us=NOW, keys=(public(new),))
    for signers in ((tree.street.sign,), (tree.street.sign, other)):
        signed = seal_claim(claim, signers)
        assert code(open_claim, signed, keys=ring(tree), at_us=NOW) == "claim.unsealed"


def test_a_stolen_old_key_that_was_revoked_claims_nothing(tree: Tree) -> None:
    join.revoke_in_roster(tree.city, STREET, from_us=NOW, now_us=NOW)
    signed = key_claim(tree.street, SignKey.generate())
    assert code(open_claim, signed, keys=ring(tree), at_us=NOW) == "key.unknown"


def test_a_key_for_too_long_or_for_another_node_is_malformed(tree: Tree) -> None:
    new = SignKey.generate()
    claim = Claim(
        kind=ClaimKind.KEY, node=STREET, by=STREET, made_at_us=NOW,
        keys=(public(new, life=KEY_LIFE_US + 1),))
    for wrong in (
        claim, replace(claim, keys=()), replace(claim, by=DISTRICT, keys=(public(new),)),
    ):
        signed = seal_claim(wrong, (tree.street.sign, new))
        assert code(open_claim, signed, keys=ring(tree), at_us=NOW) == "claim.malformed"


def test_another_key_than_the_claimants_does_not_pass(tree: Tree, tmp_path: Path) -> None:
    taken_in(tree, tmp_path)
    [claim] = claimed(tree)
    by_street = seal_claim(claim, (tree.street.sign,))
    assert code(open_claim, by_street, keys=ring(tree), at_us=NOW) == "key.unknown"
    good = seal_claim(claim, (tree.district.sign,))
    refused = set()
    for place in range(0, len(good), 7):
        changed = bytearray(good)
        changed[place] ^= 0x01
        refused.add(code(open_claim, bytes(changed), keys=ring(tree), at_us=NOW))
    assert refused <= {"claim.unsealed", "claim.malformed", "key.unknown", "request.malformed"}
    assert "claim.unsealed" in refused
    too_long = bytes(CLAIM_BYTES_MAX + 1)
    assert code(open_claim, too_long, keys=ring(tree), at_us=NOW) == "claim.malformed"


def test_a_hop_takes_claims_about_the_senders_subtree_only(tree: Tree, tmp_path: Path) -> None:
    other = newcomer(tmp_path, "420204", CITY)  # type: ignore[arg-type]
    bring_in(tree.city, other, tree.city)
    taken_in(tree, tmp_path)
    [claim] = claimed(tree)
    keys = ring(tree)
    judge(claim, sender=DISTRICT, tree=keys)
    assert code(judge, claim, sender=other.node, tree=keys) == "claim.not_below"
    assert code(judge, claim, sender=STREET, tree=keys) == "claim.not_below"


def test_a_parent_claims_its_own_children_and_nobody_elses(tree: Tree) -> None:
    keys = ring(tree)

    def ends(node: str, by: str) -> Claim:
        return Claim(
            kind=ClaimKind.REVOKE, node=node, by=by, made_at_us=NOW,  # type: ignore[arg-type]
            keys=(public(tree.street.sign),), from_us=NOW)

    for node, by, sender in (
        (CITY, DISTRICT, DISTRICT), (DISTRICT, DISTRICT, DISTRICT), (DISTRICT, STREET, DISTRICT),
        (STREET, CITY, CITY),
    ):
        assert code(judge,
            ends(node, by), sender=sender, tree=keys) == "claim.not_yours", (node, by)
    # Nor does the root believe it, should a hop have let it pass.
    [(_, err)] = join.take_claims(tree.city, [ends(STREET, CITY)], now_us=NOW)
    assert err.code == "claim.not_yours"


def test_the_root_refuses_one_claim_and_takes_the_others(tree: Tree, tmp_path: Path) -> None:
    child = taken_in(tree, tmp_path)
    [good] = claimed(tree)
    thief = newcomer(tmp_path / "thief", "420203009", DISTRICT)  # type: ignore[arg-type]
    stolen = replace(
        join.make_join_request(thief, now_us=NOW), sign_keys=(child.public_key(),)
    ).signed(child.sign)
    twice = Claim(
        kind=ClaimKind.ADD, node=thief.node, by=DISTRICT, made_at_us=NOW, request=stolen)
    [(refused, err)] = join.take_claims(tree.city, [good, twice], now_us=NOW)
    assert (refused, err.code) == (twice, "roster.malformed")
    assert roster(tree.city).member(child.node) is not None
    assert roster(tree.city).member(thief.node) is None


def test_a_request_whose_text_is_none_is_malformed(tree: Tree, tmp_path: Path) -> None:
    """Half a surrogate pair has no bytes: at the root its proof would stumble, and with it every
    claim that came in the same message."""
    taken_in(tree, tmp_path)
    [good] = claimed(tree)
    outer = roster_pb2.SignedClaim.FromString(seal_claim(good, (tree.district.sign,)))
    inner = roster_pb2.MemberClaim.FromString(outer.claim)
    inner.request = json.dumps({**json.loads(inner.request), "name": "\ud83d"}).encode()
    data = inner.SerializeToString()
    sign = tree.district.sign
    hostile = roster_pb2.SignedClaim(claim=data, seals=[envelope_pb2.Signature(
        alg=sign.alg, key_id=sign.key_id, value=sign.sign(CLAIM_CONTEXT + data))])
    assert code(open_claim, hostile.SerializeToString(), keys=ring(tree), at_us=NOW) == (
        "request.malformed")


def test_only_the_root_takes_claims(tree: Tree) -> None:
    assert code(join.take_claims, tree.district, [], now_us=NOW) == "roster.not_root"
    assert code(join.require_proto, tree.district, 2, now_us=NOW) == "roster.not_root"


def test_the_root_asks_for_a_protocol_it_speaks_itself(tree: Tree) -> None:
    before = roster(tree.city).serial
    assert code(join.require_proto, tree.city, 99, now_us=NOW) == "roster.proto"
    assert join.require_proto(tree.city, 2, now_us=NOW).min_proto == 2
    assert (roster(tree.city).serial, roster(tree.city).min_proto) == (before + 1, 2)
    join.require_proto(tree.city, 2, now_us=NOW)
    assert roster(tree.city).serial == before + 1
    assert join.renew_roster(tree.city, now_us=NOW + 4 * DAY, capabilities=("close",))
    assert roster(tree.city).min_proto == 2
    top = roster(tree.city).member(CITY)
    assert top is not None
    assert top.capabilities == ("close",)


def test_doors_and_capabilities_change_with_a_later_request(tree: Tree) -> None:
    assert tree.district.child(STREET) is not None
    later = join.make_join_request(
        tree.street, now_us=NOW + DAY, doors=("s.example:8443",), capabilities=("intake",))
    join.accept(
        tree.district, later, endpoints=Endpoints(grpc=("localhost:1",)), now_us=NOW + DAY)
    [claim] = claimed(tree)
    assert join.take_claims(tree.city, [claim], now_us=NOW + DAY) == ()
    member = roster(tree.city).member(STREET)
    assert member is not None
    assert member.endpoints == ("s.example:8443",)
    assert len(member.sign_keys) == 1
