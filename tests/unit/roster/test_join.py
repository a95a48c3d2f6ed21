"""Joining by paper: the whole way, and every way it must not go."""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import replace
from functools import partial
from pathlib import Path
from typing import Any

import pytest

from hub.errors import FabricError
from hub.roster import join
from hub.roster.documents import Endpoints, JoinRequest, Kit
from hub.roster.identity import Identity
from hub.roster.keys import SignKey
from hub.roster.roster import Freshness, Member, open_roster
from tests.trees import (
    CITY,
    DAY,
    DISTRICT,
    NOW,
    SOMEWHERE,
    STREET,
    bring_in,
    grow,
    newcomer,
)


def refusal(act: Callable[[], object]) -> str:
    with pytest.raises(FabricError) as refused:
        act()
    return refused.value.code


@pytest.fixture
def city(tmp_path: Path) -> Identity:
    city = newcomer(tmp_path, CITY, None)
    join.found(city, now_us=NOW)
    return city


@pytest.fixture
def district(tmp_path: Path) -> Identity:
    return newcomer(tmp_path, DISTRICT, CITY)


def test_three_tiers_join_and_know_each_other(tmp_path: Path) -> None:
    tree = grow(tmp_path)
    for identity in (tree.city, tree.district, tree.street):
        again = Identity.load(identity.directory)
        assert again.root_key() == replace(tree.city.root_key())
        assert again.roster() is not None
    newest = tree.city.roster()
    assert newest is not None
    assert [member.id for member in newest.members] == [CITY, DISTRICT, STREET]
    assert [(n.link, n.peer_is) for n in tree.district.neighbours()] == [
        ("420200-420203", "PARENT"),
        ("420203-420203001", "CHILD"),
    ]
    kit = tree.street.kit()
    assert kit is not None
    assert kit.endpoints == SOMEWHERE
    assert (tree.street.directory / "client.pem").read_text() == kit.certificate
    assert (tree.street.directory / "parent-ca.pem").read_text() == kit.ca


def test_papers_survive_being_written_and_read(city: Identity, district: Identity) -> None:
    request = join.make_join_request(district, now_us=NOW)
    assert JoinRequest.from_json(request.to_json()) == request
    kit = join.accept(city, request, endpoints=SOMEWHERE, now_us=NOW)
    assert Kit.from_json(kit.to_json().encode()) == kit


def changed(text: str, path: list[str | int], value: Any) -> str:
    whole = json.loads(text)
    inner = whole
    for step in path[:-1]:
        inner = inner[step]
    assert inner[path[-1]] != value
    inner[path[-1]] = value
    return json.dumps(whole)


@pytest.mark.parametrize(
    ("path", "value", "code"),
    [
        (["node"], "420204", "request.proof"),
        (["name"], "somebody", "request.proof"),
        (["parent"], "420299", "request.proof"),
        (["csr"], "other", "request.proof"),
        (["made_at_us"], NOW + 1, "request.proof"),
        (["expires_at_us"], NOW + 900 * DAY, "request.proof"),
        (["sign_keys", 0, "valid_to_us"], NOW + 9999 * DAY, "request.proof"),
        (["nkey"], "U" + "A" * 55, "request.proof"),
        (["proof", "value"], "AAAA", "request.proof"),
        (["proof", "key_id"], "0" * 20, "request.proof"),
        (["sign_keys", 0, "key_id"], "0" * 20, "request.malformed"),
        (["version"], 2, "request.malformed"),
        (["kind"], "wanmi.kit", "request.malformed"),
        (["node"], "lower case", "request.malformed"),
        (["nkey"], "U\n} evil {", "request.malformed"),
        (["sign_keys"], [], "request.malformed"),
        (["made_at_us"], True, "request.malformed"),
    ],
)
def test_a_tampered_request_is_refused(
    city: Identity, district: Identity, path: list[str | int], value: Any, code: str
) -> None:
    text = changed(join.make_join_request(district, now_us=NOW).to_json(), path, value)

    def act() -> None:
        request = JoinRequest.from_json(text)
        join.accept(city, request, endpoints=SOMEWHERE, now_us=NOW)

    assert refusal(act) == code
    assert city.children() == ()
    assert city.roster() == join.found(city, now_us=NOW)


def test_unknown_and_missing_fields_are_refused(district: Identity) -> None:
    whole = json.loads(join.make_join_request(district, now_us=NOW).to_json())
    extra = json.dumps({**whole, "note": "hello"})
    assert refusal(lambda: JoinRequest.from_json(extra)) == "request.malformed"
    half = json.dumps({**whole, "name": "half a pair: \ud83d"})
    assert refusal(lambda: JoinRequest.from_json(half)) == "request.malformed"
    del whole["csr"]
    assert refusal(lambda: JoinRequest.from_json(json.dumps(whole))) == "request.malformed"
    for text in ("", "[]", "{", "x" * 100_000, "[" * 30_000):
        assert refusal(partial(JoinRequest.from_json, text)) == "request.malformed"


def test_wrong_parent_and_old_requests_are_refused(
    city: Identity, district: Identity, tmp_path: Path
) -> None:
    elsewhere = newcomer(tmp_path, STREET, DISTRICT)
    request = join.make_join_request(elsewhere, now_us=NOW)
    accept = join.accept
    assert refusal(
        lambda: accept(city, request, endpoints=SOMEWHERE, now_us=NOW)
    ) == "request.parent"
    assert refusal(lambda: join.add_to_roster(city, request, now_us=NOW)) == "roster.no_parent"
    old = join.make_join_request(district, now_us=NOW)
    assert refusal(
        lambda: accept(city, old, endpoints=SOMEWHERE, now_us=NOW + 15 * DAY)
    ) == "request.expired"
    assert refusal(
        lambda: accept(city, old, endpoints=Endpoints(), now_us=NOW)
    ) == "kit.endpoints"
    assert refusal(lambda: join.make_join_request(city, now_us=NOW)) == "request.root"
    assert refusal(lambda: join.found(district, now_us=NOW)) == "roster.not_root"


def test_a_second_acceptance_is_a_fresh_kit_and_other_keys_are_a_question(
    city: Identity, district: Identity, tmp_path: Path
) -> None:
    request = join.make_join_request(district, now_us=NOW)
    first = join.accept(city, request, endpoints=SOMEWHERE, now_us=NOW)
    second = join.accept(city, request, endpoints=SOMEWHERE, now_us=NOW + DAY)
    assert second.expires_at_us > first.expires_at_us
    assert second.roster == first.roster
    join.enter(district, first, now_us=NOW)
    join.enter(district, second, now_us=NOW + DAY)
    impostor = newcomer(tmp_path / "impostor", DISTRICT, CITY)
    theirs = join.make_join_request(impostor, now_us=NOW)
    assert refusal(
        lambda: join.accept(city, theirs, endpoints=SOMEWHERE, now_us=NOW)
    ) == "request.other_keys"
    join.accept(city, theirs, endpoints=SOMEWHERE, now_us=NOW, rekey=True)


def test_a_retired_child_comes_back_with_new_keys_only(
    city: Identity, district: Identity, tmp_path: Path
) -> None:
    request = join.make_join_request(district, now_us=NOW)
    join.accept(city, request, endpoints=SOMEWHERE, now_us=NOW)
    join.retire(city, DISTRICT, now_us=NOW + DAY)
    assert [n.retired for n in city.neighbours()] == [True]
    assert refusal(
        lambda: join.accept(city, request, endpoints=SOMEWHERE, now_us=NOW + DAY)
    ) == "request.retired"
    replaced = newcomer(tmp_path / "replaced", DISTRICT, CITY)
    fresh = join.make_join_request(replaced, now_us=NOW + DAY)
    join.accept(city, fresh, endpoints=SOMEWHERE, now_us=NOW + DAY, rekey=True)
    assert [n.retired for n in city.neighbours()] == [False]
    assert refusal(lambda: join.retire(city, STREET, now_us=NOW)) == "request.stranger"


@pytest.mark.parametrize(
    ("path", "value", "code"),
    [
        (["parent"], "420299", "kit.proof"),
        (["child"], "420204", "kit.proof"),
        (["endpoints", "grpc"], ["evil.example:8443"], "kit.proof"),
        (["ca"], "other", "kit.proof"),
        (["certificate"], "other", "kit.proof"),
        (["roster"], "AAAA", "kit.proof"),
        (["expires_at_us"], NOW + 999 * DAY, "kit.proof"),
        (["version"], 0, "kit.malformed"),
        (["endpoints", "grpc"], "evil.example:8443", "kit.malformed"),
    ],
)
def test_a_tampered_kit_is_refused(
    city: Identity, district: Identity, path: list[str | int], value: Any, code: str
) -> None:
    request = join.make_join_request(district, now_us=NOW)
    kit = join.accept(city, request, endpoints=SOMEWHERE, now_us=NOW)
    text = changed(kit.to_json(), path, value)
    assert refusal(lambda: join.enter(district, Kit.from_json(text), now_us=NOW)) == code
    assert district.kit() is None
    assert not (district.directory / "client.pem").exists()


def test_a_kit_that_does_not_fit_is_refused(
    city: Identity, district: Identity, tmp_path: Path
) -> None:
    request = join.make_join_request(district, now_us=NOW)
    kit = join.accept(city, request, endpoints=SOMEWHERE, now_us=NOW)

    def code(other: Kit, identity: Identity = district, now_us: int = NOW) -> str:
        return refusal(lambda: join.enter(identity, other, now_us=now_us))

    twin = newcomer(tmp_path / "twin", DISTRICT, CITY)
    moved = newcomer(tmp_path / "moved", DISTRICT, STREET)
    neighbour = newcomer(tmp_path, STREET, CITY)
    assert code(kit, twin) == "kit.certificate"
    assert code(kit, moved) == "kit.parent"
    assert code(kit, neighbour) == "kit.child"
    assert code(kit, now_us=NOW + 31 * DAY) == "kit.expired"
    assert code(replace(kit, nkey=twin.nats.public).signed(city.sign)) == "kit.nkey"
    assert code(replace(kit, roster=b"").signed(city.sign)) in ("roster.key", "roster.malformed")
    # signed by somebody who is not the parent, whatever keys the kit itself lists
    forged = replace(kit, parent_keys=(twin.public_key(),)).signed(twin.sign)
    assert code(forged) == "kit.parent_unlisted"
    wrong_print = "00:" * 32
    assert refusal(
        lambda: join.enter(district, kit, now_us=NOW, root_fingerprint=wrong_print)
    ) == "kit.root"
    told = join.fingerprint_of(city.root_key()).upper()
    join.enter(district, kit, now_us=NOW, root_fingerprint=told)


def test_a_later_kit_may_not_bring_another_root(
    city: Identity, district: Identity, tmp_path: Path
) -> None:
    bring_in(city, district, city)
    false_city = newcomer(tmp_path / "false", CITY, None)
    join.found(false_city, now_us=NOW)
    request = join.make_join_request(district, now_us=NOW)
    kit = join.accept(false_city, request, endpoints=SOMEWHERE, now_us=NOW)
    assert refusal(lambda: join.enter(district, kit, now_us=NOW)) == "kit.root"


def test_a_long_expired_roster_takes_nobody_new_and_keeps_the_known(tmp_path: Path) -> None:
    tree = grow(tmp_path)
    roster = tree.district.roster()
    assert roster is not None
    late = NOW + 11 * DAY
    assert roster.freshness(late) is Freshness.FROZEN
    new = newcomer(tmp_path, type(STREET)("420203002"), DISTRICT, now_us=late)
    request = join.make_join_request(new, now_us=late)
    assert refusal(
        lambda: join.accept(tree.district, request, endpoints=SOMEWHERE, now_us=late)
    ) == "roster.frozen"
    known = join.make_join_request(tree.street, now_us=late)
    kit = join.accept(tree.district, known, endpoints=SOMEWHERE, now_us=late)
    join.enter(tree.street, kit, now_us=late)


def test_the_root_renews_its_roster_at_half_term(city: Identity) -> None:
    assert not join.renew_roster(city, now_us=NOW + 3 * DAY)
    assert join.renew_roster(city, now_us=NOW + 4 * DAY)
    roster = city.roster()
    assert roster is not None
    assert (roster.serial, roster.expires_at_us) == (2, NOW + 11 * DAY)


def test_revocation_in_the_roster_is_signed_and_next(tmp_path: Path) -> None:
    tree = grow(tmp_path)
    signed = join.revoke_in_roster(tree.city, STREET, from_us=NOW + 5, now_us=NOW + 5)
    roster = open_roster(signed, root_key=tree.city.root_key())
    street = roster.member(STREET)
    assert isinstance(street, Member)
    assert [key.revoked_from_us for key in street.sign_keys] == [NOW + 5]
    assert roster.serial == 4


def test_a_root_that_ran_alone_becomes_a_child_with_its_own_keys(tmp_path: Path) -> None:
    city, alone = newcomer(tmp_path, CITY, None), newcomer(tmp_path, DISTRICT, None)
    join.found(city, now_us=NOW)
    join.found(alone, now_us=NOW)

    under = alone.under(CITY)

    assert (CITY, alone.sign.key_id) == (under.parent, under.sign.key_id)
    assert Identity.load(alone.directory).parent == CITY
    assert "identity.no_kit" == refusal(under.root_key)
    bring_in(city, under, city)
    roster = Identity.load(alone.directory).roster()
    assert roster is not None
    assert CITY == roster.parent_of(DISTRICT)
    assert "identity.attached" == refusal(lambda: under.under(STREET))
    assert "identity.attached" == refusal(lambda: city.under(CITY))
    assert "identity.has_children" == refusal(lambda: city.under(STREET))


def test_an_identity_is_made_once(city: Identity) -> None:
    assert city.directory.stat().st_mode & 0o777 == 0o700
    assert refusal(
        lambda: Identity.create(city.directory, node=CITY, name="x", parent=None, now_us=NOW)
    ) == "keys.exist"
    assert refusal(
        lambda: Identity.create(
            city.directory / "own", node=CITY, name="x", parent=CITY, now_us=NOW
        )
    ) == "identity.parent"
    assert refusal(lambda: Identity.load(city.directory / "nowhere")) == "keys.missing"
    assert SignKey.load(city.directory / "roster.key").key_id == city.root_key().key_id
