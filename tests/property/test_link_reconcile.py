"""Anti-entropy over two random sets: after a round the asker knows exactly what differs."""

from __future__ import annotations

import hashlib
from dataclasses import replace

from hypothesis import given, settings
from hypothesis import strategies as st

from hub.link import reconcile
from hub.link.messages import DigestAsk, DigestRow, List, Message, Result, Tell
from hub.link.steps import Alarm, Compare, ComparedCounts, Digested, Read, Repair, Report, Write

Rows = dict[bytes, bytes]
KEYS = st.builds(
    lambda window, case, key: bytes([0, 0, window, case, key]),
    st.integers(0, 3), st.integers(0, 3), st.integers(0, 5),
)
SETS = st.dictionaries(KEYS, st.sampled_from([b"x", b"y"]), max_size=40)
DEPTH_BYTES = {0: 3, 1: 4, 2: 5}


def digest_rows(rows: Rows, ask: DigestAsk, limit: int) -> Digested:
    size = DEPTH_BYTES[ask.depth]
    groups: dict[bytes, list[tuple[bytes, bytes]]] = {}
    for key, value in sorted(rows.items()):
        if key.startswith(ask.prefix) and key[:size] > ask.after:
            groups.setdefault(key[:size], []).append((key, value))
    found = [
        DigestRow(
            key=prefix, count=len(one),
            value=hashlib.sha256(b"".join(k + v for k, v in one)).digest(),
        )
        for prefix, one in sorted(groups.items())
    ]
    if ask.depth == 2:
        found = [DigestRow(key=row.key, count=1, value=rows[row.key]) for row in found]
    return Digested(rows=tuple(found[:limit]), more=len(found) >= limit)


class Ends:
    """Asker and answerer with their sets, and the messages between them."""

    def __init__(self, asker: Rows, answerer: Rows) -> None:
        self.sets = {"asker": dict(asker), "answerer": dict(answerer)}
        self.states = {"asker": reconcile.Reconciler(), "answerer": reconcile.Reconciler()}
        self.reports: list[Report] = []
        self.alarms: list[Alarm] = []
        self.repairs: list[Repair] = []
        self.now = 0
        self.lose: set[int] = set()
        self.said = 0

    def run(self, round_: bytes = b"r1", *, page: int = 3) -> Report:
        step = reconcile.begin(
            self.states["asker"], scope="trace", round_=round_, since=b"", now=self.now
        )
        self._do("asker", step, page)
        while not self.reports or self.reports[-1].error == "pending":
            self.now += reconcile.ANSWER_US
            self._do("asker", reconcile.tick(self.states["asker"], self.now), page)
        return self.reports[-1]

    def _do(self, who: str, step: reconcile.Step, page: int) -> None:
        self.states[who], actions = step
        for action in actions:
            match action:
                case reconcile.Utter():
                    self.said += 1
                    if self.said not in self.lose:
                        self._heard("answerer" if who == "asker" else "asker", action.message, page)
                case Read():
                    rows = digest_rows(
                        self.sets[who], action.operation.ask, min(page, action.operation.limit)
                        if action.operation.ask.depth < 2 else action.operation.limit,
                    )
                    state = self.states[who]
                    answer = (
                        reconcile.own(state, rows, self.now) if action.ticket.kind == "own"
                        else reconcile.answered(state, action.ticket.n, rows)
                    )
                    self._do(who, answer, page)
                case Write(operation=Compare() as operation):
                    self._do(
                        who,
                        reconcile.answered(
                            self.states[who], action.ticket.n, self._compare(operation.listed)
                        ),
                        page,
                    )
                case Write(operation=Repair() as operation):
                    self.repairs.append(operation)
                    self._do(who, reconcile.repaired(self.states[who], 1, self.now), page)
                case Report():
                    self.reports.append(action)
                case Alarm():
                    self.alarms.append(action)
                case _:
                    pass

    def _heard(self, who: str, message: Message, page: int) -> None:
        state = self.states[who]
        match message:
            case DigestAsk() | List():
                self._do(who, reconcile.asked(state, message), page)
            case Tell():
                self._do(who, reconcile.told(state, message), page)
            case Result():
                self._do(who, reconcile.resulted(state, message, self.now), page)

    def _compare(self, listed: List) -> ComparedCounts:
        theirs = {row.key: row.value for row in listed.rows}
        ours = {
            key: value for key, value in self.sets["answerer"].items()
            if key.startswith(listed.prefix)
        }
        missing = [key for key in ours if key not in theirs]
        for key in missing:
            self.sets["asker"][key] = ours[key]  # resupplied
        return ComparedCounts(
            missing=len(missing),
            surplus=tuple(key for key in theirs if key not in ours),
            differ=tuple(key for key in theirs if key in ours and ours[key] != theirs[key]),
            resupplied=len(missing),
        )


@settings(max_examples=150, deadline=None)
@given(SETS, SETS, st.integers(1, 5))
def test_a_round_finds_exactly_what_differs(asker: Rows, answerer: Rows, page: int) -> None:
    ends = Ends(asker, answerer)
    report = ends.run(page=page)
    assert report.error == ""
    assert report.missing == len(answerer.keys() - asker.keys())
    assert report.surplus == len(asker.keys() - answerer.keys())
    differ = {key for key in asker.keys() & answerer.keys() if asker[key] != answerer[key]}
    assert report.differ == len(differ)
    assert answerer.keys() <= ends.sets["asker"].keys()


@settings(max_examples=60, deadline=None)
@given(SETS, SETS, st.sets(st.integers(1, 30), max_size=4))
def test_lost_messages_are_asked_again_or_end_the_round(
    asker: Rows, answerer: Rows, lose: set[int]
) -> None:
    ends = Ends(asker, answerer)
    ends.lose = lose
    report = ends.run()
    if report.error:
        assert report.error == "reconcile.unanswered"
    assert ends.states["asker"].round == b""
    ends.lose = set()
    ends.reports.clear()
    report = ends.run(b"r2")
    assert report.error == ""
    assert answerer.keys() <= ends.sets["asker"].keys()


def test_a_key_that_stays_unequal_is_an_alarm() -> None:
    ends = Ends({b"\0\0\0\0\1": b"x"}, {b"\0\0\0\0\1": b"y"})
    assert ends.run().differ == 1
    # Sealed entries never differ between honest nodes: that alone is one, at once.
    assert [alarm.code for alarm in ends.alarms] == ["reconcile.evidence"]
    ends.alarms.clear()
    ends.reports.clear()
    ends.run(b"r2")
    assert "reconcile.stubborn" in [alarm.code for alarm in ends.alarms]


def test_equal_sets_ask_once() -> None:
    rows = {bytes([0, 0, n, 1, 1]): b"x" for n in range(3)}
    ends = Ends(rows, rows)
    report = ends.run(page=10)
    assert (report.asked, report.missing, report.surplus, report.differ) == (1, 0, 0, 0)


def test_a_second_round_waits_for_the_first() -> None:
    state, _ = reconcile.begin(
        reconcile.Reconciler(), scope="trace", round_=b"a", since=b"", now=0
    )
    _, actions = reconcile.begin(state, scope="trace", round_=b"b", since=b"", now=0)
    assert actions == (Report(scope="trace", asked=0, error="reconcile.busy"),)


def test_answers_of_an_old_round_are_ignored() -> None:
    state, _ = reconcile.begin(
        reconcile.Reconciler(), scope="trace", round_=b"a", since=b"", now=0
    )
    assert reconcile.told(state, Tell(round=b"old", rows=())) == (state, ())
    assert replace(state) == state
