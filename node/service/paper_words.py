"""What a journal entry says, as a line of the record that a person reads.

Sentences are Chinese, as the printed record has them. A page in another language passes what says
them there; ``SENTENCES`` lists all that may be said.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any, Final, Protocol

from node.service.case_words import (
    CHANNELS,
    EVENTS,
    MATTERS,
    OUTCOMES,
    PUBLIC,
    RANKS,
    REQUESTS,
    WHYS,
)

_ANSWERS: Final[Mapping[str, tuple[str, str]]] = {
    "granted": ("同意", "不同意"), "found": ("属实", "不属实"), "upheld": ("成立", "不成立"),
}
_HOWS: Final = {
    "checked": "核查通过", "forced": "强制结案", "informational": "告知性结案", "due": "到期",
    "person": "人工", "delivered": "已告知", "failed": "未告知到",
}
_KINDS: Final = {**REQUESTS, **MATTERS, **WHYS, "sign_by": "逾期未签收", "finish_by": "处置超期",
                 "reply_by": "逾期未回复督办"}
_PLAIN: Final = (
    ("text", "%(value)s"), ("result", "%(value)s"), ("reason", "%(value)s"),
    ("collector", "采集员 %(value)s"), ("lead", "牵头 %(value)s"),
    ("receiver", "接收单位 %(value)s"), ("reference", "文号 %(value)s"),
    ("performer", "实施 %(value)s"), ("payer", "出资 %(value)s"),
    ("rule", "自动提请，依据 %(value)s"), ("problem_id", "综合问题 %(value)s"),
    ("unit_reference", "对方编号 %(value)s"), ("approver", "批准 %(value)s"),
    ("channel", "方式 %(value)s"),
)
"""Fields that are told as they are, and what stands before them."""
_INSTANTS: Final = (
    ("until", "至 %(value)s"), ("wanted_until", "申请至 %(value)s"),
    ("reply_by", "回复期限 %(value)s"), ("due_at", "期限 %(value)s"), ("due_by", "期限 %(value)s"),
)
_TO, _SCORE, _MONEY = "派往 %(value)s", "%(value)s 分", "%(value)s 元"
_FILING, _LIMIT, _LATE = "立案条件：%(value)s", "时限至 %(value)s", "%(value)s（迟到）"
_AGREED = "第 %(value)s 步同意"
SENTENCES: Final = (
    *dict.fromkeys(pattern for _, pattern in (*_PLAIN, *_INSTANTS) if pattern != "%(value)s"),
    _TO, _SCORE, _MONEY, _FILING, _LIMIT, _LATE, _AGREED, "；",
    *dict.fromkeys((
        *EVENTS.values(), *_HOWS.values(), *_KINDS.values(), *OUTCOMES.values(), *RANKS.values(),
        *(word for pair in _ANSWERS.values() for word in pair))),
)
"""Every text that stands in a line of the record."""


class Say(Protocol):
    """Says a Chinese text, its ``%(name)s`` filled in."""

    def __call__(self, text: str, /, **values: object) -> str: ...


def chinese(text: str, /, **values: object) -> str:
    """As it stands."""
    return text % values if values else text


_WAYS: Final = {**CHANNELS, **PUBLIC}


def step(entry: Mapping[str, Any], say: Say = chinese) -> str:
    """Name of the step; of a newer program's entry the name it carries."""
    name = str(entry["event_type"])
    word = say(EVENTS.get(name, name))
    return say(_LATE, value=word) if entry["late"] and name not in (
        "ReportLate", "ReportStale", "WordLate") else word


def said(
    entry: Mapping[str, Any], named: Callable[[str], str], time: Callable[[str | None], str],
    say: Say = chinese,
) -> str:
    """What it says beside its name: to whom, the answer, until when, the text."""
    event = entry["event"]
    parts: list[str] = []
    if to := event.get("to"):
        parts.append(say(_TO, value=named(_address(to))))
    if kind := event.get("kind"):
        parts.append(say(_KINDS.get(kind, kind)))
    parts += [say(yes if event[key] else no)
              for key, (yes, no) in _ANSWERS.items() if event.get(key) is not None]
    if entry["event_type"] == "RequestReviewed":
        parts.append(say(_AGREED, value=event["step"]))
    if how := event.get("how"):
        parts.append(say(_HOWS.get(how, how)))
    if outcome := event.get("outcome"):
        parts.append(say(_HOWS.get(outcome, OUTCOMES.get(outcome, outcome))))
    if ending := event.get("ending"):
        parts.append(say(RANKS.get(ending, ending)))
    if score := event.get("score"):
        parts.append(say(_SCORE, value=score))
    if cost := event.get("cost_fen") or event.get("amount_fen"):
        parts.append(say(_MONEY, value=f"{cost / 100:.2f}"))
    parts += [say(pattern, value=say(_WAYS.get(event[key], event[key])) if key == "channel"
                  else event[key]) for key, pattern in _PLAIN if event.get(key)]
    if filing := event.get("filing"):
        parts.append(say(_FILING, value=filing))
    if finish_by := (event.get("limits") or {}).get("finish_by"):
        parts.append(say(_LIMIT, value=time(finish_by)))
    parts += [say(pattern, value=time(event[key])) for key, pattern in _INSTANTS if event.get(key)]
    return say("；").join(dict.fromkeys(parts))


def _address(to: Any) -> str:
    return to if isinstance(to, str) else f"{to['kind']}:{to['id']}"
