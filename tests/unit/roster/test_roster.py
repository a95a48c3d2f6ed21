"""The roster: signed, numbered, expiring; a changed one never opens."""

from __future__ import annotations

from dataclasses import replace

import pytest

from hub.errors import FabricError, Malformed, UnknownPeer, Untrusted
from hub.roster.keyring import EARLY_US, GRACE_US, RosterKeyRing
from hub.roster.keys import SignKey
from hub.roster.roster import (
    KEYS_LISTED_MAX,
    ROSTER_BYTES_MAX,
    Freshness,
    Member,
    PublicKey,
    Roster,
    decode,
    encode,
    first_roster,
    open_roster,
    reissue,
    sign_roster,
    with_member,
    without_keys_of,
)
from hub.store.rosters import KeyRow
from hub.v1 import roster_pb2
from tests.trees import CITY, DAY, DISTRICT, HOUR, NOW, STREET


def public(key: SignKey, *, since: int = NOW, until: int = NOW + 730 * DAY) -> PublicKey:
    return PublicKey(
        key_id=key.key_id, public=key.public, valid_from_us=since, valid_to_us=until
    )


def member(node: str, parent: str | None, *keys: SignKey) -> Member:
    return Member(
        id=node, parent=parent, name=f"单位 {node}",  # type: ignore[arg-type]
        sign_keys=tuple(public(key) for key in keys),
    )


CITY_KEY, DISTRICT_KEY, STREET_KEY = (SignKey.generate() for _ in range(3))
ROOT_KEY = SignKey.generate()
ROSTER = Roster(
    serial=7, issued_at_us=NOW, expires_at_us=NOW + 7 * DAY,
    members=(
        member(CITY, None, CITY_KEY),
        member(DISTRICT, CITY, DISTRICT_KEY),
        member(STREET, DISTRICT, STREET_KEY),
    ),
)


def test_a_signed_roster_opens_to_what_was_signed() -> None:
    assert open_roster(sign_roster(ROSTER, ROOT_KEY), root_key=public(ROOT_KEY)) == ROSTER
    assert decode(encode(ROSTER)) == ROSTER


def test_every_flipped_byte_of_a_signed_roster_is_refused() -> None:
    signed = sign_roster(ROSTER, ROOT_KEY)
    pinned = public(ROOT_KEY)
    for place in range(len(signed)):
        changed = bytearray(signed)
        changed[place] ^= 0x01
        with pytest.raises(FabricError):
            open_roster(bytes(changed), root_key=pinned)


def test_a_roster_by_another_key_is_refused_with_its_own_code() -> None:
    with pytest.raises(Untrusted) as refused:
        open_roster(sign_roster(ROSTER, SignKey.generate()), root_key=public(ROOT_KEY))
    assert refused.value.code == "roster.key"


def test_a_roster_claiming_our_root_key_id_needs_our_root_key() -> None:
    class Pretender:
        alg, key_id = ROOT_KEY.alg, ROOT_KEY.key_id

        def sign(self, data: bytes) -> bytes:
            return DISTRICT_KEY.sign(data)

    with pytest.raises(FabricError) as refused:
        open_roster(sign_roster(ROSTER, Pretender()), root_key=public(ROOT_KEY))
    assert refused.value.code == "roster.unsealed"


@pytest.mark.parametrize(
    "members",
    [
        (),
        (member(CITY, None), member(DISTRICT, None)),
        (member(CITY, None), member(CITY, None)),
        (member(CITY, None), member(STREET, DISTRICT)),
        (member(CITY, None), member(DISTRICT, STREET), member(STREET, DISTRICT)),
        (member(CITY, None, CITY_KEY), member(DISTRICT, CITY, CITY_KEY)),
    ],
    ids=["empty", "two roots", "one twice", "orphan", "circle", "one key of two nodes"],
)
def test_a_senseless_tree_is_no_roster(members: tuple[Member, ...]) -> None:
    with pytest.raises(Malformed) as refused:
        replace(ROSTER, members=members)
    assert refused.value.code == "roster.malformed"


def test_a_key_that_is_not_what_its_id_says_is_refused() -> None:
    forged = replace(public(CITY_KEY), public=DISTRICT_KEY.public)
    with pytest.raises(Malformed):
        replace(ROSTER, members=(replace(ROSTER.members[0], sign_keys=(forged,)),))


def test_ancestry_is_asked_of_the_roster() -> None:
    assert ROSTER.parent_of(STREET) == DISTRICT
    assert ROSTER.parent_of(CITY) is None
    assert ROSTER.is_below(STREET, CITY)
    assert not ROSTER.is_below(CITY, STREET)
    assert not ROSTER.is_below(CITY, CITY)
    assert ROSTER.in_subtree(CITY, CITY)
    assert ROSTER.next_hop(CITY, STREET) == DISTRICT
    assert ROSTER.next_hop(STREET, CITY) is None
    assert ROSTER.children_of(CITY) == (DISTRICT,)
    with pytest.raises(UnknownPeer) as stranger:
        ROSTER.parent_of("999999")  # type: ignore[arg-type]
    assert stranger.value.code == "roster.stranger"


def test_age_is_an_alarm_first_and_a_freeze_after_three_days() -> None:
    end = ROSTER.expires_at_us
    assert ROSTER.freshness(end - 1) is Freshness.FRESH
    assert ROSTER.freshness(end) is Freshness.EXPIRED
    assert ROSTER.freshness(end + 72 * HOUR - 1) is Freshness.EXPIRED
    assert ROSTER.freshness(end + 72 * HOUR) is Freshness.FROZEN


def test_serials_rise_by_one_and_the_same_member_again_changes_nothing() -> None:
    start = first_roster(root=CITY, name="city", key=public(CITY_KEY), now_us=NOW)
    grown = with_member(start, member(DISTRICT, CITY, DISTRICT_KEY), now_us=NOW)
    assert (start.serial, grown.serial, reissue(grown, now_us=NOW).serial) == (1, 2, 3)
    assert with_member(grown, member(DISTRICT, CITY, DISTRICT_KEY), now_us=NOW) is grown
    rotated = with_member(grown, member(DISTRICT, CITY, STREET_KEY), now_us=NOW)
    listed = rotated.member(DISTRICT)
    assert listed is not None
    assert [key.key_id for key in listed.sign_keys] == [DISTRICT_KEY.key_id, STREET_KEY.key_id]


def test_a_member_is_not_claimed_by_a_second_parent() -> None:
    with pytest.raises(Untrusted) as refused:
        with_member(ROSTER, member(STREET, CITY, SignKey.generate()), now_us=NOW)
    assert refused.value.code == "roster.other_parent"


def test_a_revoked_key_keeps_its_past_and_loses_its_future() -> None:
    revoked = without_keys_of(ROSTER, STREET, from_us=NOW + DAY, now_us=NOW + DAY)
    ring = RosterKeyRing(decode(encode(revoked)))
    assert ring.public(STREET_KEY.key_id, STREET, NOW + DAY - 1) is not None
    assert ring.public(STREET_KEY.key_id, STREET, NOW + DAY) is None
    assert ring.refusal(STREET_KEY.key_id, STREET, NOW + DAY) == "key.revoked"
    later = without_keys_of(revoked, STREET, from_us=NOW + 2 * DAY, now_us=NOW + 2 * DAY)
    assert RosterKeyRing(later).public(STREET_KEY.key_id, STREET, NOW + DAY) is None


def test_the_ring_gives_a_key_to_its_owner_in_its_time() -> None:
    ring = RosterKeyRing(ROSTER)
    end = NOW + 730 * DAY + GRACE_US
    key = ring.public(CITY_KEY.key_id, CITY, NOW)
    assert key is not None
    assert key.holds(b"word", CITY_KEY.sign(b"word"))
    assert ring.refusal(CITY_KEY.key_id, DISTRICT, NOW) == "key.not_yours"
    assert ring.refusal(ROOT_KEY.key_id, CITY, NOW) == "key.unknown"
    assert ring.public(CITY_KEY.key_id, CITY, end) is not None
    assert ring.refusal(CITY_KEY.key_id, CITY, end + 1) == "key.expired"
    assert ring.refusal(CITY_KEY.key_id, CITY, NOW - EARLY_US - 1) == "key.expired"
    assert ring.serial() == 7
    assert ring.parent_of(STREET) == DISTRICT
    assert ring.is_below(STREET, CITY)
    assert ring.is_below(CITY, CITY)
    assert RosterKeyRing().serial() == 0
    assert not RosterKeyRing().is_below(CITY, CITY)


def test_an_enrolled_key_counts_beside_the_roster_and_its_revocation_at_once() -> None:
    new = SignKey.generate()

    def row(key: SignKey, node: str, revoked: int | None = None) -> KeyRow:
        return KeyRow(
            key_id=key.key_id, node=node, alg=key.alg,  # type: ignore[arg-type]
            public=key.public, valid_from_us=NOW, valid_to_us=NOW + DAY, revoked_from_us=revoked,
        )

    ring = RosterKeyRing(ROSTER, [row(new, "420299"), row(STREET_KEY, STREET, NOW + 5)])
    assert ring.public(new.key_id, "420299", NOW) is not None  # type: ignore[arg-type]
    assert ring.public(STREET_KEY.key_id, STREET, NOW + 4) is not None
    assert ring.refusal(STREET_KEY.key_id, STREET, NOW + 5) == "key.revoked"
    # what the roster says of a key it names wins over an enrolment for somebody else
    stolen = RosterKeyRing(ROSTER, [row(STREET_KEY, "420299")])
    assert stolen.refusal(STREET_KEY.key_id, "420299", NOW) == "key.not_yours"  # type: ignore[arg-type]


def test_doors_and_capabilities_are_listed_and_an_older_roster_still_opens() -> None:
    top, middle, leaf = ROSTER.members
    told = replace(ROSTER, members=(
        replace(top, capabilities=("close", "file")),
        replace(middle, endpoints=("d.example:8443", "tls://d.example:4222"),
                capabilities=("file",)),
        leaf,
    ))
    opened = open_roster(sign_roster(told, ROOT_KEY), root_key=public(ROOT_KEY))
    assert opened == told
    assert opened.members[1].capabilities == ("file",)
    # What an older root signed has neither; it reads as nothing told.
    older = roster_pb2.Roster.FromString(encode(told))
    older.ClearField("words")
    for member in older.members:
        member.ClearField("endpoints")
        member.ClearField("capabilities")
    assert decode(older.SerializeToString()) == ROSTER
    assert encode(ROSTER) == older.SerializeToString()


def test_a_capability_that_is_not_in_the_list_of_words_is_malformed() -> None:
    wrong = roster_pb2.Roster.FromString(encode(ROSTER))
    wrong.members[0].capabilities.append(3)
    with pytest.raises(Malformed):
        decode(wrong.SerializeToString())


def test_a_member_is_not_listed_with_keys_without_end() -> None:
    grown = ROSTER
    for _ in range(KEYS_LISTED_MAX - 1):
        grown = with_member(grown, member(STREET, DISTRICT, SignKey.generate()), now_us=NOW)
    one_more = member(STREET, DISTRICT, SignKey.generate())
    with pytest.raises(Untrusted) as refused:
        with_member(grown, one_more, now_us=NOW)
    assert refused.value.code == "roster.keys"
    listed = grown.member(STREET)
    assert listed is not None
    assert len(listed.sign_keys) == KEYS_LISTED_MAX


def test_a_whole_large_tree_with_capabilities_fits_one_message() -> None:
    members = [replace(ROSTER.members[0], capabilities=("close", "file"))]
    for n in range(4_500):
        key = SignKey.generate()
        members.append(replace(
            member(f"4202{n:05}", CITY, key), capabilities=("file", "intake")))
    signed = sign_roster(replace(ROSTER, members=tuple(members)), ROOT_KEY)
    assert len(signed) <= ROSTER_BYTES_MAX
