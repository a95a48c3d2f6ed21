"""What a journal entry says, as a line of the record that a person reads."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any, Final

from node.service.case_words import EVENTS, MATTERS, OUTCOMES, RANKS, REQUESTS, WHYS

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
    ("text", ""), ("result", ""), ("reason", ""), ("collector", "采集员 "), ("lead", "牵头 "),
    ("receiver", "接收单位 "), ("reference", "文号 "), ("performer", "实施 "), ("payer", "出资 "),
    ("rule", "自动提请，依据 "), ("problem_id", "综合问题 "),
    ("unit_reference", "对方编号 "), ("approver", "批准 "), ("channel", "方式 "),
)
"""Fields that are told as they are, and what stands before them."""
_INSTANTS: Final = (("until", "至 "), ("wanted_until", "申请至 "), ("reply_by", "回复期限 "),
                    ("due_at", "期限 "), ("due_by", "期限 "))


def step(entry: Mapping[str, Any]) -> str:
    """Name of the step in Chinese; of a newer program's entry the name it carries."""
    name = str(entry["event_type"])
    word = EVENTS.get(name, name)
    return f"{word}（迟到）" if entry["late"] and name not in ("ReportLate", "ReportStale",
                                                          "WordLate") else word


def said(
    entry: Mapping[str, Any], named: Callable[[str], str], time: Callable[[str | None], str]
) -> str:
    """What it says beside its name: to whom, the answer, until when, the text."""
    event = entry["event"]
    parts: list[str] = []
    if to := event.get("to"):
        parts.append(f"派往 {named(_address(to))}")
    if kind := event.get("kind"):
        parts.append(_KINDS.get(kind, kind))
    parts += [yes if event[key] else no
              for key, (yes, no) in _ANSWERS.items() if event.get(key) is not None]
    if how := event.get("how"):
        parts.append(_HOWS.get(how, how))
    if outcome := event.get("outcome"):
        parts.append(_HOWS.get(outcome, OUTCOMES.get(outcome, outcome)))
    if ending := event.get("ending"):
        parts.append(RANKS.get(ending, ending))
    if score := event.get("score"):
        parts.append(f"{score} 分")
    if cost := event.get("cost_fen") or event.get("amount_fen"):
        parts.append(f"{cost / 100:.2f} 元")
    parts += [f"{before}{event[key]}" for key, before in _PLAIN if event.get(key)]
    if filing := event.get("filing"):
        parts.append(f"立案条件：{filing}")
    if finish_by := (event.get("limits") or {}).get("finish_by"):
        parts.append(f"时限至 {time(finish_by)}")
    parts += [f"{before}{time(event[key])}" for key, before in _INSTANTS if event.get(key)]
    return "；".join(dict.fromkeys(parts))


def _address(to: Any) -> str:
    return to if isinstance(to, str) else f"{to['kind']}:{to['id']}"
