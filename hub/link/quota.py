"""What one neighbour may cost this node: bytes of its words and photos a day, and bytes of its
words that wait for a person.

Whoever comes to an end is not taken from any further until the next day begins, or until somebody
settles what waits. Nothing is refused and nothing is lost: words stay in the outbox of the peer,
photos stay wanted. The other links have quotas of their own and do not notice.
"""

from __future__ import annotations

from dataclasses import dataclass, replace

DAY_US = 86_400 * 1_000_000
WORDS, PHOTOS, PARKED = "words", "photos", "parked"


@dataclass(frozen=True, slots=True, kw_only=True)
class Quota:
    """Bounds in bytes. A day is one of UTC: at offices in China it begins at eight."""

    words_bytes_day: int
    photos_bytes_day: int
    parked_bytes: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Spent:
    """Bytes of words and photos that were taken on ``day`` (days since 1970-01-01)."""

    day: int = 0
    words: int = 0
    photos: int = 0

    def at(self, now_us: int) -> Spent:
        """What counts at this moment: nothing of another day does."""
        day = day_of(now_us)
        return self if day == self.day else replace(self, day=day, words=0, photos=0)


NOTHING = Spent()


def day_of(now_us: int) -> int:
    """The day of a moment in µs, in days since 1970-01-01."""
    return now_us // DAY_US


def ended(quota: Quota, spent: Spent, *, parked: int, now_us: int) -> tuple[str, ...]:
    """Which bounds are reached, ``WORDS``, ``PHOTOS``, ``PARKED``; ``parked`` in bytes."""
    today = spent.at(now_us)
    return tuple(name for name, used, most in (
        (WORDS, today.words, quota.words_bytes_day),
        (PHOTOS, today.photos, quota.photos_bytes_day),
        (PARKED, parked, quota.parked_bytes),
    ) if used >= most)


def shuts(reached: tuple[str, ...]) -> bool:
    """Whether words are not taken any more; photos alone keep no word away."""
    return WORDS in reached or PARKED in reached


def admits(quota: Quota, spent: Spent, size: int, *, now_us: int) -> bool:
    """Whether a photo of ``size`` bytes may still be pulled today. The first of a day always may,
    however large: one that never fits would keep all behind it waiting for ever."""
    used = spent.at(now_us).photos
    return used == 0 or used + size <= quota.photos_bytes_day
