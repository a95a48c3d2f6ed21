"""The key ring when it is replaced: what is loaded already is not loaded again."""

from __future__ import annotations

from dataclasses import replace

from hub.ids import NodeId
from hub.roster.keyring import RosterKeyRing
from hub.roster.keys import SignKey
from hub.roster.roster import KEY_LIFE_US, PublicKey, first_roster, without_keys_of
from hub.store.rosters import KeyRow
from hub.suites.registry import SM2
from tests.trees import CITY, DISTRICT, NOW


def listed(key: SignKey) -> PublicKey:
    return PublicKey(key_id=key.key_id, alg=key.alg, public=key.public, valid_from_us=NOW,
                     valid_to_us=NOW + KEY_LIFE_US)


def enrolled(node: NodeId, key: SignKey) -> KeyRow:
    return KeyRow(key_id=key.key_id, node=node, alg=key.alg, public=key.public,
                  valid_from_us=NOW, valid_to_us=NOW + KEY_LIFE_US)


def test_keys_that_were_there_are_not_loaded_again_and_end_all_the_same() -> None:
    city, district = SignKey.generate(SM2), SignKey.generate(SM2)
    roster = first_roster(root=CITY, name="c", key=listed(city), now_us=NOW)
    ring = RosterKeyRing(roster, [enrolled(DISTRICT, district)])
    before = [ring.public(city.key_id, CITY, NOW), ring.public(district.key_id, DISTRICT, NOW)]
    assert None not in before
    ring.replace(roster, [enrolled(DISTRICT, district)])
    again = [ring.public(city.key_id, CITY, NOW), ring.public(district.key_id, DISTRICT, NOW)]
    assert all(one is other for one, other in zip(before, again, strict=True))
    ended = without_keys_of(roster, CITY, from_us=NOW, now_us=NOW)
    ring.replace(ended, [])
    assert ring.public(city.key_id, CITY, NOW) is None
    assert ring.refusal(district.key_id, DISTRICT, NOW) == "key.unknown"


def test_another_key_under_the_same_id_is_never_taken_for_the_one_before() -> None:
    first, other = SignKey.generate(), SignKey.generate()
    row = enrolled(DISTRICT, first)
    ring = RosterKeyRing(None, [row])
    ring.replace(None, [replace(row, public=other.public)])
    key = ring.public(first.key_id, DISTRICT, NOW)
    assert key is not None
    assert key.holds(b"word", other.sign(b"word"))
    assert not key.holds(b"word", first.sign(b"word"))
