"""What is counted about a case, one row at a time: the vocabulary of the comprehensive evaluation.

A counter is never a number somebody typed in. A row of the evaluation (one case, one leg of a
unit, one step of a person's post) keeps *instants*: when something became true. A counter says
from which instant a row counts, and what takes it out again, so the same row answers for any
period and any cut. What is counted, and over which period, is told apart: the period belongs to
the indicator (``node.core.indicators``).
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from types import MappingProxyType
from typing import Final


class RowKind(StrEnum):
    """What a row is about."""

    CASE = "case"
    LEG = "leg"
    POST = "post"


class Post(StrEnum):
    """Posts whose steps are counted by person."""

    COLLECTOR = "collector"
    INTAKE_OPERATOR = "intake_operator"
    SHIFT_LEADER = "shift_leader"
    DISPATCHER = "dispatcher"
    REPORTER = "reporter"
    """Whoever handed the report in: the source says whether a collector or an operator did."""


class Excluded(StrEnum):
    """Why a row is charged to nobody."""

    VOIDED = "voided"
    DUPLICATE = "duplicate"
    RETURNED = "returned"
    WITHDRAWN = "withdrawn"
    TRANSFERRED = "transferred"
    SUPERSEDED = "superseded"


TIMES: Final = ("begun_at", "due_at", "done_at", "settle_at", "filed_at", "rated_at")
"""Instants of a row by which a period may choose it. ``begun_at``: it came (reported, handed over,
the step was due to begin). ``due_at``: the deadline as moved by grants; None while suspended or
without one. ``done_at``: finished (closed, handled, the step taken). ``settle_at``: the earlier of
the two, so that every row is settled in exactly one period. ``filed_at``: the case was filed.
``rated_at``: its reporter said what it was worth, which may be long after it was closed."""

MARKS: Final = (
    "reported", "registered", "accepted", "accepted_on_time", "rejected",
    "verify_sent", "verify_sent_on_time", "verified", "verified_on_time",
    "filed", "filed_on_time", "filed_correctly", "declined", "valid_report",
    "dispatched", "dispatched_on_time", "misdispatched",
    "signed", "signed_on_time",
    "handled", "handled_on_time", "handled_on_time_by_round", "handled_late",
    "check_sent", "check_sent_on_time", "checked", "checked_on_time",
    "should_close", "closed", "closed_on_time", "ended",
    "reworked", "shirked", "returned", "extended", "suspended", "voided", "withdrawn",
    "supervised", "pressed", "exempt", "forced", "self_handled", "transferred", "unowned",
    "outside_beat", "false_report",
    "contested", "contest_settled", "handled_on_time_apart",
)
"""Instants that a row may carry: when this became true. A row has those that make sense for it."""

KEYS: Final = (
    "area", "grid", "standard_ref", "category_kind", "code", "component", "source", "unit",
    "assignor", "filing_node", "maker", "post", "step", "actor", "score",
)
"""What rows are grouped and filtered by. Text; "" = not known, or not of this kind of row.
``score`` is the reporter's, "1" to "5"."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Filter:
    """A row passes if the column is (or with ``negate`` is not) one of the values; a value ``*``
    stands for anything that is not empty."""

    column: str
    values: tuple[str, ...]
    negate: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Counter:
    """0 or 1 for a row. True as of a cut if ``since`` is set and before it, none of ``unless`` is
    set at all, and none of ``until`` is set before it. ``charged``: a row that is excluded does
    not count; a counter of what was excluded counts it all the same."""

    name: str
    zh: str
    en: str
    kinds: tuple[RowKind, ...]
    since: str
    unless: tuple[str, ...] = ()
    until: tuple[str, ...] = ()
    charged: bool = True
    where: tuple[Filter, ...] = ()


_C, _L, _P = RowKind.CASE, RowKind.LEG, RowKind.POST


def _counters() -> Mapping[str, Counter]:
    def one(
        name: str, zh: str, en: str, kinds: tuple[RowKind, ...], since: str = "", *,
        unless: tuple[str, ...] = (), until: tuple[str, ...] = (), charged: bool = True,
    ) -> Counter:
        return Counter(
            name=name, zh=zh, en=en, kinds=kinds, since=since or name, unless=unless,
            until=until, charged=charged,
        )

    listed = (
        one("reported", "上报数", "reported", (_C, _P), charged=False),
        one("registered", "登记数", "registered", (_P,)),
        one("accepted", "受理数", "accepted", (_C, _P)),
        one("accepted_on_time", "按时受理数", "accepted on time", (_C, _P)),
        one("rejected", "不予受理数", "not accepted", (_C, _P), charged=False),
        one("verify_task_due", "应发核实数", "verify tasks due", (_P,), "verify_sent"),
        one("verify_task_sent", "核实任务发送数", "verify tasks sent", (_P,), "verify_sent"),
        one("verify_task_on_time", "按时发送核实数", "verify tasks sent on time", (_P,),
            "verify_sent_on_time"),
        one("should_verify", "应核实数", "should verify", (_C, _P), "verify_sent"),
        one("verified", "核实数", "verified", (_C, _P)),
        one("verified_on_time", "按时核实数", "verified on time", (_C, _P)),
        one("filed", "立案数", "filed", (_C, _P)),
        one("filed_on_time", "按时立案数", "filed on time", (_C, _P)),
        one("filed_correctly", "准确立案数", "filed correctly", (_C, _P)),
        one("declined", "不予立案数", "declined to file", (_C, _P), charged=False),
        one("valid_report", "有效上报数", "valid reports", (_C, _P)),
        one("should_dispatch", "应派遣数", "should dispatch", (_C,), "filed",
            unless=("self_handled",)),
        one("dispatch_tasks", "派遣任务数", "dispatch tasks", (_P,), "dispatched"),
        one("dispatched", "派遣数", "dispatched", (_C, _P)),
        one("dispatched_on_time", "按时派遣数", "dispatched on time", (_C, _P)),
        one("dispatched_correctly", "准确派遣数", "dispatched correctly", (_C, _P), "dispatched",
            unless=("misdispatched",)),
        one("misdispatched", "误派遣数", "misdispatched", (_C, _P), charged=False),
        one("signed", "签收数", "signed", (_C, _L)),
        one("signed_on_time", "按时签收数", "signed on time", (_L,)),
        one("taken", "接收数", "handed over", (_L,), "begun_at", charged=False),
        one("should_handle", "应处置数", "should handle", (_L,), "begun_at"),
        one("handled", "处置数", "handled", (_C, _L)),
        one("handled_on_time", "按期处置数", "handled on time", (_C, _L)),
        one("handled_on_time_by_round", "按返工时限处置数", "handled on time, by the round's limit",
            (_L,)),
        one("handled_on_time_apart", "按期处置数（不计争议时间）",
            "handled on time, contested time apart", (_L,)),
        one("contested", "责任争议数", "contested", (_C, _L)),
        one("contest_open", "争议未决数", "contested and undecided", (_C, _L), "contested",
            until=("contest_settled", "ended")),
        one("contest_settled", "争议已定数", "contests settled", (_C, _L)),
        one("handled_late", "超期处置数", "handled late", (_L,)),
        one("pending", "待处置数", "pending", (_L,), "begun_at", until=("handled", "ended")),
        one("pending_late", "超期待处置数", "pending and late", (_L,), "due_at",
            unless=("exempt",), until=("handled", "ended")),
        one("check_task_due", "应发核查数", "check tasks due", (_P,), "check_sent"),
        one("check_task_sent", "核查任务发送数", "check tasks sent", (_P,), "check_sent"),
        one("check_task_on_time", "按时发送核查数", "check tasks sent on time", (_P,),
            "check_sent_on_time"),
        one("should_check", "应核查数", "should check", (_P,), "check_sent"),
        one("checked", "核查数", "checked", (_C, _P)),
        one("checked_on_time", "按时核查数", "checked on time", (_C, _P)),
        one("should_close", "应结案数", "should close", (_C,)),
        one("leg_closed", "结案数（本单位）", "legs closed", (_L,), "closed"),
        one("closed", "结案数", "closed", (_C, _L, _P)),
        one("closed_on_time", "按期结案数", "closed on time", (_C, _P)),
        one("open", "未结案数", "open", (_C,), "filed", until=("ended",)),
        one("open_late", "超期未结案数", "open and late", (_C,), "due_at",
            unless=("exempt",), until=("ended",)),
        one("reworked", "返工数", "reworked", (_C, _L)),
        one("shirked", "推诿数", "shirked", (_L,), charged=False),
        one("returned", "回退数", "returned", (_C, _L), charged=False),
        one("extended", "延期数", "extended", (_C, _L)),
        one("suspended", "挂账数", "suspended", (_C, _L)),
        one("voided", "作废数", "voided", (_C, _L), charged=False),
        one("withdrawn", "撤回数", "withdrawn", (_L,), charged=False),
        one("supervised", "督办数", "supervised", (_C, _L)),
        one("pressed", "催办数", "pressed", (_C, _L)),
        one("exempt", "申诉成立数", "appeals upheld", (_C, _L)),
        one("forced", "强制结案数", "closed by decision", (_C,)),
        one("self_handled", "自行处置数", "handled by the collector", (_C, _P)),
        one("transferred", "移送数", "transferred", (_C,), charged=False),
        one("unowned", "无责任主体数", "without an owner", (_C,)),
        one("outside_beat", "网格外上报数", "reported outside the own beat", (_C, _P)),
        one("false_report", "虚假上报数", "false reports", (_C, _P), charged=False),
        one("rated", "评价数", "rated by the reporter", (_C, _L), "rated_at"),
    )
    return MappingProxyType({counter.name: counter for counter in listed})


COUNTERS: Final[Mapping[str, Counter]] = _counters()
"""Every counter by name. A definition may derive more of them by filters (by the source of the
report, say); no counter is added without an instant that a journal entry gave."""
