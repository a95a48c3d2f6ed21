"""An invitation: one line that survives being pasted, a life of a day, hands that stay apart."""

from __future__ import annotations

from dataclasses import replace

import pytest

from hub.enrol.invitation import (
    APPROVAL_LIFE,
    COLLECT_LIFE,
    LIFE_MAX,
    TOKEN_BYTES,
    Invitation,
    Invite,
    InviteState,
    fresh_token,
    may_approve,
    refuse_unless_live,
    split_address,
    token_hash,
)
from hub.errors import FabricError
from tests.trees import CITY, DISTRICT, HOUR, NOW

PAPER = Invitation(
    parent=CITY, parent_name="黄石市", at=("city.example:8444", "[2001:db8::1]:8444"),
    authority="a" * 64, root="b" * 64, node=DISTRICT, name="西塞山区", token=bytes(range(32)),
)
INVITE = Invite(
    token_hash=b"h", node=DISTRICT, name="西塞山区", rekey=False, created_by="li",
    created_at_us=NOW, expires_at_us=NOW + 24 * HOUR, needs_approval=True,
)


def code(text: str) -> str:
    with pytest.raises(FabricError) as refused:
        Invitation.from_text(text)
    return refused.value.code


def test_an_invitation_is_one_line_and_reads_back() -> None:
    text = PAPER.to_text()
    assert len(text.split()) == 1
    assert len(text) < 800
    assert Invitation.from_text(text) == PAPER
    wrapped = "\n  ".join(text[n:n + 60] for n in range(0, len(text), 60))
    assert Invitation.from_text(f"  {wrapped}\r\n") == PAPER


def test_a_line_that_lost_or_changed_anything_is_refused() -> None:
    text = PAPER.to_text()
    for place in range(len(text)):
        assert code(text[:place] + text[place + 1:]) == "invite.malformed", place
    for wrong in ("", "wanmi", text[:-20], text + "x", "x" * 5000, text.replace(".", "")):
        assert code(wrong) == "invite.malformed"


@pytest.mark.parametrize("change", [
    {"node": "lower"}, {"at": ()}, {"at": ("nowhere",)}, {"at": ("h:0",)}, {"authority": "A" * 64},
    {"root": "b" * 63}, {"token": b"short"}, {"name": "bell\a"}, {"name": "n" * 201},
    {"at": tuple(f"h:{n}" for n in range(1, 10))},
])
def test_a_whole_line_that_says_something_impossible_is_refused(change: dict[str, object]) -> None:
    assert code(replace(PAPER, **change).to_text()) == "invite.malformed"  # type: ignore[arg-type]


def test_the_token_is_not_in_what_is_logged_or_kept() -> None:
    assert TOKEN_BYTES * 8 >= 128
    token = fresh_token()
    assert len({fresh_token() for _ in range(100)} | {token}) == 101
    assert token not in token_hash(token)
    shown = repr(replace(PAPER, token=token))
    assert token.hex() not in shown
    assert "token" not in shown


def test_an_invitation_lives_a_day_at_most() -> None:
    assert LIFE_MAX.total_seconds() <= 24 * 3600
    assert INVITE.state(NOW) is InviteState.OPEN
    assert INVITE.state(INVITE.expires_at_us - 1) is InviteState.OPEN
    assert INVITE.state(INVITE.expires_at_us) is InviteState.EXPIRED


def test_who_has_submitted_waits_longer_than_the_token_lives() -> None:
    waiting = replace(INVITE, submitted_at_us=NOW + HOUR, request="{}")
    later = NOW + 48 * HOUR
    assert waiting.state(later) is InviteState.WAITING
    assert replace(waiting, approved_by="wang").state(later) is InviteState.APPROVED
    ends = waiting.submitted_at_us + int(APPROVAL_LIFE.total_seconds() * 1e6)
    assert waiting.state(ends) is InviteState.EXPIRED
    assert replace(waiting, used_at_us=later).state(ends) is InviteState.USED
    for state in (InviteState.WITHDRAWN, InviteState.REFUSED, InviteState.SPOILT):
        assert replace(waiting, ended_as=state).state(NOW) is state


def test_whoever_invited_does_not_approve() -> None:
    may_approve(INVITE, "wang", now_us=NOW)

    def refused(invite: Invite, actor: str, now_us: int = NOW) -> str:
        with pytest.raises(FabricError) as err:
            may_approve(invite, actor, now_us=now_us)
        return err.value.code

    assert refused(INVITE, "li") == "invite.same_person"
    assert refused(replace(INVITE, needs_approval=False), "wang") == "invite.not_asked"
    assert refused(INVITE, "wang", INVITE.expires_at_us) == "invite.expired"
    assert refused(replace(INVITE, used_at_us=NOW), "wang") == "invite.used"


def test_the_door_stays_open_for_whoever_may_still_come() -> None:
    assert INVITE.keeps_door_until_us() == INVITE.expires_at_us
    used = replace(INVITE, submitted_at_us=NOW, used_at_us=NOW + HOUR)
    assert used.keeps_door_until_us() == NOW + HOUR + int(COLLECT_LIFE.total_seconds() * 1e6)
    gone = replace(INVITE, ended_as=InviteState.WITHDRAWN, ended_at_us=NOW)
    assert gone.keeps_door_until_us() == 0
    refused = replace(gone, submitted_at_us=NOW, ended_as=InviteState.REFUSED)
    assert refused.keeps_door_until_us() > NOW
    with pytest.raises(FabricError):
        refuse_unless_live(gone, now_us=NOW)


def test_addresses_are_split_or_refused() -> None:
    assert split_address("city.example:8444") == ("city.example", 8444)
    assert split_address("[2001:db8::1]:1") == ("2001:db8::1", 1)
    for wrong in ("city", ":1", "city:", "city:x", "city:65536", "城:1", "h" * 300 + ":1"):
        with pytest.raises(ValueError, match="no host:port"):
            split_address(wrong)
