"""One sheet as a document: what is counted, digested, sent up and drawn as a file.

It says nothing of when or by whom it was drawn up, so the same figures are the same bytes.
"""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final, NoReturn

from node.core.approvals import Ladders
from node.core.errors import Invalid
from node.core.periods import Period, read_period
from node.core.stock import Flow, Piece, Why, age_classes, flows, in_stock, ways_out
from node.service.canonical import canonical

SCHEMA: Final = 1
"""Of the document. A reader that knows less shows what it knows."""
LINES_MAX: Final = 100
"""Lines of one table: the largest are shown, the rest stands in one line."""
REASON_CHARS_MAX: Final = 60
"""What a reason is counted under: the beginning of what was written."""
REST: Final = "…"
"""The key of the line that takes in what is not shown by itself."""
COUNT_MAX: Final = 2**53
"""What every reader of JSON holds exactly."""
COUNTS: Final = ("opening", "came", "resolved", "closing")


@dataclass(frozen=True, slots=True, kw_only=True)
class About:
    """What a sheet tells of a case of the longest standing."""

    case_no: str
    name: str
    area: str
    opened_at: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class Whose:
    """Whose library it is, and what was done there in the period beside it."""

    node: str
    name: str
    ladders: Ladders


def document(
    whose: Whose, period: Period, pieces: Sequence[Piece], about: Mapping[str, About]
) -> dict[str, Any]:
    """The sheet of a period. ``pieces``: whole cases, each in order; ``about`` every one of their
    cases."""
    rules, begins, ends = whose.ladders.stock, period.begins, period.ends
    closing = in_stock(pieces, ends)
    ages = [_days(about[one.case_id].opened_at, ends) for one in closing]
    standing = sorted(
        closing, key=lambda one: (about[one.case_id].opened_at, one.case_id)
    )[: rules.longest]
    since = _in_since(pieces)
    whole = flows(pieces, lambda _: "", begins, ends)
    return {
        "schema": SCHEMA,
        "node": whose.node,
        "node_name": whose.name,
        "period": period.name,
        "begins": begins.isoformat(),
        "ends": ends.isoformat(),
        "rules": whose.ladders.version,
        "long_overdue_days": whose.ladders.thresholds.long_overdue_days,
        "total": _counts(whole.get("", Flow())),
        "by_why": _lines(flows(pieces, lambda one: one.why.value, begins, ends)),
        "by_reason": _lines(flows(pieces, _reason, begins, ends)),
        "by_holder": _lines(flows(pieces, lambda one: one.holder, begins, ends)),
        "by_age": [
            {"from_days": low, "to_days": high, "count": count}
            for low, high, count in zip(
                (0, *rules.age_days), (*rules.age_days, None),
                age_classes(ages, rules.age_days), strict=True,
            )
        ],
        "ways_out": {way.value: count for way, count in ways_out(pieces, begins, ends).items()},
        "longest": [
            {
                "case_id": one.case_id,
                "case_no": about[one.case_id].case_no,
                "name": about[one.case_id].name[:REASON_CHARS_MAX],
                "area": about[one.case_id].area,
                "why": one.why.value,
                "reason": one.reason[:REASON_CHARS_MAX],
                "holder": one.holder,
                "since": since[one.case_id, one.until].isoformat(),
                "age_days": _days(about[one.case_id].opened_at, ends),
            }
            for one in standing
        ],
    }


def of_holder(holder: str) -> Callable[[Piece], bool]:
    """Chooses what lies with one unit."""
    return lambda one: one.holder == holder


def _reason(one: Piece) -> str:
    """The reason it waits for; what is long overdue waits for none."""
    reason = " ".join(one.reason.split())[:REASON_CHARS_MAX]
    return reason if one.why is Why.SUSPENDED else ""


def _days(since: datetime, until: datetime) -> int:
    return max(0, (until - since).days)


def _in_since(pieces: Sequence[Piece]) -> Mapping[tuple[str, datetime | None], datetime]:
    """By case and end of a piece: since when the case is in the library without a break."""
    found: dict[tuple[str, datetime | None], datetime] = {}
    last: Piece | None = None
    begun: datetime | None = None
    for one in pieces:
        goes_on = last is not None and (last.case_id, last.until) == (one.case_id, one.since)
        begun = begun if goes_on and begun is not None else one.since
        found[one.case_id, one.until] = begun
        last = one
    return found


def _counts(flow: Flow) -> dict[str, int]:
    return {name: getattr(flow, name) for name in COUNTS}


def _lines(found: Mapping[str, Flow]) -> list[dict[str, Any]]:
    """Largest closing stock first; what is beyond a page of lines is one line of its own."""
    order = sorted(found, key=lambda key: (-found[key].closing, -found[key].opening, key))
    shown = order if len(order) <= LINES_MAX else order[: LINES_MAX - 1]
    told = [{"key": key, **_counts(found[key])} for key in shown]
    if len(shown) < len(order):
        rest: Counter[str] = Counter()
        for key in order[len(shown):]:
            rest.update(_counts(found[key]))
        told.append({"key": REST, **{name: rest[name] for name in COUNTS}})
    return told


# --- from elsewhere -------------------------------------------------------------------------------


def read_document(raw: bytes, *, node: str, period: str) -> dict[str, Any]:
    """A document that came over a link. ``Invalid`` (``word.malformed``) unless it is in its one
    form, about this office and period, and its figures add up."""
    try:
        told = json.loads(raw, parse_constant=_no_number)
        sound = isinstance(told, dict) and canonical(told) == raw
        sound = sound and (told["node"], told["period"]) == (node, period)
        sound = sound and read_period(period).name == period and isinstance(told["schema"], int)
        for line in (told["total"], *told["by_why"], *told["by_reason"], *told["by_holder"]):
            sound = sound and _adds_up(line)
        for line in told["by_age"]:
            sound = sound and _count(line["count"])
        sound = sound and all(isinstance(one["case_no"], str) for one in told["longest"])
    except (KeyError, TypeError, ValueError, RecursionError, UnicodeError, Invalid):
        sound = False
    if not sound:
        raise Invalid("this sheet is none: its figures cannot be read", code="word.malformed")
    return told  # type: ignore[no-any-return]


def _no_number(text: str) -> NoReturn:
    raise ValueError(f"{text} is no figure")


def _count(value: object) -> bool:
    return type(value) is int and 0 <= value <= COUNT_MAX


def _adds_up(line: Mapping[str, Any]) -> bool:
    opening, came, resolved, closing = (line[name] for name in COUNTS)
    if not all(_count(one) for one in (opening, came, resolved, closing)):
        return False
    return bool(opening + came - resolved == closing)
