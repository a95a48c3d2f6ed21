"""The course of one handing-over: its rounds as the stopwatch tells them, its marks, its end.

The same course is read from either side of a hop: from the journal of the node that holds the
duty, and from the journal of the office that handed it to a legacy system, which keeps none. When
a round began, what its deadline is and how grants and pauses moved it is the stopwatch's
(``node.core.stopwatch``); here is only what that counts for.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime

from node.core.clocks import DONE, Clock, kept_in_time
from node.core.counters import Excluded
from node.core.facts import Ending, RequestKind
from node.core.limits import LimitSet

_EXCLUDED = {
    Ending.VOIDED: Excluded.VOIDED,
    Ending.RETURNED: Excluded.RETURNED,
    Ending.WITHDRAWN: Excluded.WITHDRAWN,
}
"""Endings by which the leg is charged to nobody: void, a misdispatch that was taken back, and what
the office that handed it over called back itself."""
_MARK_OF = {
    Ending.VOIDED: "voided",
    Ending.RETURNED: "returned",
    Ending.WITHDRAWN: "withdrawn",
    Ending.CLOSED: "closed",
}
_GRANTED = {
    RequestKind.EXTENSION: "extended",
    RequestKind.SUSPENSION: "suspended",
    RequestKind.APPEAL: "exempt",
}
_FIRST, _ROUND = LimitSet(rework_counts_first=True), LimitSet(rework_counts_first=False)


def contest_marks(clocks: Sequence[Clock]) -> dict[str, datetime]:
    """Since when it was undecided whose case it is, and, unless it still is, until when at last."""
    stretches = [stretch for clock in clocks for stretch in clock.contested]
    if not stretches:
        return {}
    marks = {"contested": min(one.since for one in stretches)}
    ends = [one.until for one in stretches if one.until is not None]
    if ends and not any(clock.contest_lasts for clock in clocks):
        marks["contest_settled"] = max(ends)
    return marks


class Course:
    """Mutable while a journal is read; asked afterwards. ``rounds`` and ``sign`` are the clocks
    of this leg, set once the whole journal has been read. Instants are aware UTC."""

    def __init__(self, *, assignment_id: str, to: str, begun_at: datetime) -> None:
        self.assignment_id = assignment_id
        self.to = to
        self.begun_at = begun_at
        self.rounds: tuple[Clock, ...] = ()
        self.sign: Clock | None = None
        self.ended_at: datetime | None = None
        self.ending: Ending | None = None
        self.superseded = False
        self.marks: dict[str, datetime] = {}

    def mark(self, name: str, at: datetime) -> None:
        """Set an instant; the first one counts."""
        self.marks.setdefault(name, at)

    def decide(self, kind: RequestKind, at: datetime, *, granted: bool) -> None:
        """A request was decided."""
        if granted and kind in _GRANTED:
            self.mark(_GRANTED[kind], at)
        elif not granted and kind is RequestKind.RETURN:
            self.mark("shirked", at)

    def end(self, at: datetime, ending: Ending) -> None:
        """Ended, once."""
        self.ended_at, self.ending = at, ending
        self.mark(_MARK_OF[ending], at)
        self.mark("ended", at)

    # --- asked afterwards ---------------------------------------------------------------------

    @property
    def excluded(self) -> str:
        """Why this leg is charged to nobody; "" = it counts."""
        if self.superseded:
            return Excluded.SUPERSEDED
        return _EXCLUDED.get(self.ending, "") if self.ending is not None else ""

    @property
    def exempt(self) -> bool:
        """An appeal was upheld: late is not charged."""
        return "exempt" in self.marks

    @property
    def due_at(self) -> datetime | None:
        """The first deadline as moved by grants; None while suspended or without one."""
        last = self.rounds[-1] if self.rounds else None
        return None if last is None or last.paused else last.first_finish_by

    @property
    def done_at(self) -> datetime | None:
        """When the feedback was given that passes: until a check has failed, the newest one."""
        last = self.rounds[-1] if self.rounds else None
        return last.ended_at if last is not None and last.outcome == DONE else None

    def in_time(self, done: datetime | None = None) -> bool:
        """Whether the work came before the first deadline, as grants moved it. ``done``: judge a
        result given then, which was not the leg's own."""
        rounds = self.rounds
        if done is not None and rounds:
            rounds = (replace(rounds[-1], ended_at=done, outcome=DONE),)
        return self.exempt or kept_in_time(rounds, _FIRST) is not False

    def in_time_apart(self) -> bool:
        """As ``in_time``, if the time in which it was undecided whose case it is did not count."""
        last = self.rounds[-1] if self.rounds else None
        if last is None or last.apart_by is None or last.ended_at is None:
            return self.in_time()
        return self.exempt or self.in_time() or last.ended_at <= last.apart_by

    def leg_marks(self) -> dict[str, datetime]:
        """Every mark of the leg."""
        marks = dict(self.marks)
        sign = self.sign
        if sign is not None and sign.ended_at is not None:
            marks["signed"] = sign.ended_at
            if sign.finish_by is None or sign.ended_at <= sign.finish_by:
                marks["signed_on_time"] = sign.ended_at
        done = self.done_at
        if done is not None:
            marks["handled"] = done
            marks["handled_on_time" if self.in_time() else "handled_late"] = done
            if self.exempt or kept_in_time(self.rounds, _ROUND) is not False:
                marks["handled_on_time_by_round"] = done
            if self.in_time_apart():
                marks["handled_on_time_apart"] = done
        marks.update(contest_marks(self.rounds))
        return marks
