"""Which key a node may go over to alone: one that its roster counts."""

from __future__ import annotations

import asyncio
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any, cast

import pytest

from hub.errors import Untrusted
from hub.roster import join
from hub.roster.roster import Roster
from node.service.own_keys import OwnKeys
from tests.trees import CITY, HOUR, NOW, grow


@dataclass(slots=True)
class Kept:
    roster: Roster | None


class NoPapers:
    papers = None


def ended(roster: Roster, key_id: str) -> Roster:
    """The same roster, with one key over."""
    return replace(roster, members=tuple(
        replace(member, sign_keys=tuple(
            replace(key, revoked_from_us=NOW) if key.key_id == key_id else key
            for key in member.sign_keys
        ))
        for member in roster.members
    ))


def test_nobody_goes_over_to_a_key_that_the_roster_has_ended(tmp_path: Path) -> None:
    city = grow(tmp_path).city.going_over("ed25519", now_us=NOW + HOUR)
    listing = join.list_own_keys(city, now_us=NOW + HOUR)
    assert city.beside is not None
    beside = city.beside.key_id
    assert beside in {key.key_id for key in listing.good_keys(CITY)}

    over = ended(listing, beside)
    assert beside not in {key.key_id for key in over.good_keys(CITY)}
    keys = OwnKeys(
        identity=city, keeper=Kept(over), renewals=NoPapers(), writer=cast("Any", None),
        now_us=lambda: NOW + HOUR, note=lambda _tx, _deed: None,
    )
    with pytest.raises(Untrusted) as refused:
        asyncio.run(keys.end(actor="wang"))
    assert refused.value.code == "keys.not_listed"
    assert not asyncio.run(keys.view()).listed
    assert listing.good_keys(cast("Any", "999999")) == ()
