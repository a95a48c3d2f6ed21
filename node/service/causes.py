"""Why a neighbour is not reached, for people: the fabric says it in English, with addresses and the
words of its libraries; a Chinese reader is told what it comes down to."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Final

CAUSES: Final[Sequence[tuple[str, str, str]]] = (
    ("silent", "the peer is silent", "对方没有回应"),
    ("hello", "no hello from the peer", "已连上，但对方没有应答"),
    ("unacknowledged", "nothing is acknowledged", "对方迟迟不确认收到"),
    ("nobody", "nobody listens", "对方程序没有运行，或端口不通"),
    ("refused", "does not take this link now", "对方现在不接收这条连接"),
    ("deadline", "deadline", "对方没有及时应答"),
    ("unavailable", "unavailable", "网络不通，或对方程序没有运行"),
    ("no_answer", "no answer", "对方没有应答"),
    ("ended", "has ended", "连接已断开"),
    ("broke", "contact broke", "连接已断开"),
    ("closed", "cancelled", "连接被对方关闭"),
)
"""Key, how the fabric says it, Chinese. The first that fits counts."""
CAUSE_SENTENCES: Final[Mapping[str, tuple[str, str]]] = {
    f"fabric.cause.{key}": (chinese, "{detail}") for key, _, chinese in CAUSES}


def cause_of(detail: str) -> str:
    """The key of the sentence for what the fabric says; "" = there is none."""
    return next((f"fabric.cause.{key}" for key, said, _ in CAUSES if said in detail), "")
