"""What a neighbour may cost: bounds of a day, of what waits, and how a machine stands when one is
reached."""

from __future__ import annotations

import pytest

from hub.ids import Position
from hub.link import messages as msg
from hub.link import quota, steps
from hub.link.quota import DAY_US, Quota, Spent, admits, ended, shuts
from hub.link.receiver import QUEUE_FRAMES_MAX
from tests.unit.hub.link.test_session import CHILD, LINK, End

BOUNDS = Quota(words_bytes_day=1_000, photos_bytes_day=2_000, parked_bytes=500)
NOON = 20_000 * DAY_US + DAY_US // 2


@pytest.mark.parametrize(("words", "photos", "parked", "reached", "shut"), [
    (0, 0, 0, (), False),
    (999, 1_999, 499, (), False),
    (1_000, 0, 0, (quota.WORDS,), True),
    (0, 2_000, 0, (quota.PHOTOS,), False),
    (0, 0, 500, (quota.PARKED,), True),
    (5_000, 5_000, 5_000, (quota.WORDS, quota.PHOTOS, quota.PARKED), True),
])
def test_words_and_parked_words_shut_a_link_and_photos_alone_do_not(
    words: int, photos: int, parked: int, reached: tuple[str, ...], shut: bool
) -> None:
    spent = Spent(day=20_000, words=words, photos=photos)

    found = ended(BOUNDS, spent, parked=parked, now_us=NOON)

    assert (found, shuts(found)) == (reached, shut)


def test_another_day_begins_at_nothing_and_what_waits_goes_on_counting() -> None:
    spent = Spent(day=20_000, words=9_999, photos=9_999)

    assert ended(BOUNDS, spent, parked=0, now_us=NOON + DAY_US) == ()
    assert ended(BOUNDS, spent, parked=500, now_us=NOON + DAY_US) == (quota.PARKED,)
    # A clock that was put back makes no spent day unspent for good: it counts from nothing again.
    assert spent.at(NOON - DAY_US) == Spent(day=19_999)


def test_the_first_photo_of_a_day_is_pulled_however_large_and_the_others_as_they_fit() -> None:
    assert admits(BOUNDS, Spent(), 1 << 26, now_us=NOON)
    some = Spent(day=20_000, photos=1_500)
    assert admits(BOUNDS, some, 500, now_us=NOON)
    assert not admits(BOUNDS, some, 501, now_us=NOON)
    assert admits(BOUNDS, some, 1 << 26, now_us=NOON + DAY_US)


def frame(n: int) -> msg.Frame:
    return msg.Frame(link=LINK, origin=CHILD, envelopes=(b"envelope %d" % n,))


def credits(actions: tuple[steps.Action, ...]) -> list[int]:
    return [action.message.credit for action in actions
            if isinstance(action, steps.Say) and isinstance(action.message, msg.Ack)]


def test_a_shut_link_says_no_credit_looks_at_no_frame_and_holds_few() -> None:
    end = End().up()
    end.feed(steps.Room(credit=400, shut=True))

    seen = [one for n in range(50) for one in end.say(frame(n), token=n + 1)]

    assert not [one for one in seen if isinstance(one, steps.Verify)]
    assert len(end.state.rcv.queue) == QUEUE_FRAMES_MAX
    assert [one.token for one in seen if isinstance(one, steps.Finish)] == list(
        range(QUEUE_FRAMES_MAX + 1, 51))
    assert set(credits(end.wait(11))) == {0}
    assert end.state.rcv.inn == Position(2, 5)


def test_an_open_link_goes_on_with_what_waited() -> None:
    end = End().up()
    end.feed(steps.Room(credit=400, shut=True))
    end.say(frame(1), token=1)

    opened = end.feed(steps.Room(credit=400))

    assert [one.frame for one in opened if isinstance(one, steps.Verify)] == [frame(1)]
    assert set(credits(end.wait(11))) == {400}
