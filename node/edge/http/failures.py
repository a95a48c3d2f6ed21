"""How one kind of failure is told over HTTP: a row of the table in ``node.edge.http.status``."""

from __future__ import annotations

from dataclasses import dataclass
from http import HTTPStatus

from hub.errors import Retry


@dataclass(frozen=True, slots=True, kw_only=True)
class Row:
    """How one failure is told. ``zh`` and ``en`` are short titles that never change with the
    case at hand; ``remedy_*`` say what the caller may do."""

    status: HTTPStatus
    retry: Retry
    zh: str
    en: str
    remedy_zh: str
    remedy_en: str


def row(  # noqa: PLR0917  a table reads better without forty lines of keywords
    status: HTTPStatus, retry: Retry, zh: str, en: str, remedy_zh: str, remedy_en: str,
) -> Row:
    return Row(
        status=status, retry=retry, zh=zh, en=en, remedy_zh=remedy_zh, remedy_en=remedy_en
    )
