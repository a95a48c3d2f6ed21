"""Sheets of the problem library (问题库报表) as a clerk reads them, and who has sent theirs."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any, Final

from node.cli.client import Api
from node.cli.session import Session
from node.cli.speech import Exit, Speech

FORMATS: Final = {".csv": "csv", ".xlsx": "xlsx"}
FLOW: Final = ("opening", "came", "resolved", "closing")
SHOWN: Final = ("opening", "came", "resolved", "remaining")
"""Headings of the four; the closing stock is what remains."""


def summed_up(
    session: Session, *, period: str, unit: str, node: str, publish: bool, below: bool,
    out: Path | None,
) -> None:
    """What was asked about one period."""
    speech = session.speech
    if unit and (publish or below or node):
        raise speech.trouble(Exit.USAGE, "stock.one_question")
    with session.api() as api:
        if below:
            told = api.get("/ledger/sheets/below", period=period)
            speech.show(told, lambda: _below(speech, told))
            return
        if publish:
            kept = api.post("/ledger/sheets", {"period": period})
            speech.note(speech.t("stock.published", period=kept["period"],
                                 version=kept["version"], digest=kept["digest"][:16]))
        if out is not None:
            _write(speech, api, out, period=period, unit=unit, node=node, publish=publish)
            return
        if publish or node:
            found = api.get(f"/ledger/sheets/{period}", node=node)
            speech.show(found, lambda: _draw(speech, found["document"]))
            return
        counted = api.get("/ledger/sheets/count", period=period, unit=unit)
        speech.show(counted, lambda: _draw(speech, counted))


def listed(session: Session, *, node: str, after: str, limit: int) -> None:
    """What was published here and received from below."""
    speech = session.speech
    with session.api() as api:
        page = api.get("/ledger/sheets", node=node, after=after, limit=limit)

    def draw() -> None:
        speech.table(("period", "node", "version", "drawn_at", "received_at", "drawn_by"),
                     page["items"])
        if page["next"]:
            speech.note(speech.t("list.more", next=page["next"]))

    speech.show(page, draw)


def _write(
    speech: Speech, api: Api, out: Path, *, period: str, unit: str, node: str, publish: bool
) -> None:
    format_ = FORMATS.get(out.suffix.lower())
    if format_ is None:
        raise speech.trouble(Exit.USAGE, "stock.format", file=out)
    if publish or node:
        data = api.get_bytes(f"/ledger/sheets/{period}", node=node, format=format_)
    else:
        data = api.get_bytes("/ledger/sheets/count", period=period, unit=unit, format=format_)
    speech.write(out, data)
    speech.show({"file": str(out), "bytes": len(data)},
                lambda: speech.say(speech.t("stock.written", file=out)))


def _draw(speech: Speech, sheet: Mapping[str, Any]) -> None:
    total = sheet["total"]
    speech.say(speech.t("stock.head", name=sheet["node_name"], period=sheet["period"],
                        days=sheet["long_overdue_days"]))
    speech.say(speech.t("stock.total", **{name: total[name] for name in FLOW}))
    ways = sheet["ways_out"]
    speech.say(speech.t("stock.ways", **ways))
    speech.say(speech.t("stock.ages", ages=speech.t("stock.comma").join(
        speech.t("stock.age", days=_ages(one), count=one["count"]) for one in sheet["by_age"])))
    for name, column in (("by_why", "why"), ("by_holder", "holder"), ("by_reason", "reason")):
        if sheet[name]:
            speech.say("")
            rows = [{column: one["key"], **_shown(one)} for one in sheet[name]]
            speech.table((column, *SHOWN), rows)
    if sheet["longest"]:
        speech.say("")
        speech.say(speech.t("stock.longest", count=len(sheet["longest"])))
        speech.table(("case_no", "why", "holder", "age_days", "reason"), sheet["longest"])


def _shown(line: Mapping[str, Any]) -> dict[str, Any]:
    return dict(zip(SHOWN, (line.get(name) for name in FLOW), strict=True))


def _ages(one: Mapping[str, Any]) -> str:
    high = one["to_days"]
    return f"{one['from_days']}+" if high is None else f"{one['from_days']}–{high - 1}"


def _below(speech: Speech, told: Mapping[str, Any]) -> None:
    speech.say(speech.t("stock.below", period=told["period"], due=speech.time(told["due_at"]),
                        late=speech.time(told["late_from"])))
    if not told["expected"]:
        speech.say(speech.t("stock.not_asked"))
    rows = [
        {**one, "sheet": one["state"], **_shown(one["total"] or {})}
        for one in told["lines"]
    ]
    speech.table(("node", "name", "sheet", "version", "received_at", *SHOWN), rows)
    missing = [one["node"] for one in told["lines"] if one["state"] == "missing"]
    if missing:
        speech.say(speech.t("stock.missing", nodes=speech.t("stock.comma").join(missing)))
