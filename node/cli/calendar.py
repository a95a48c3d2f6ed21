"""``wanmi calendar …``: working hours and holidays, and what they make of a limit."""

from __future__ import annotations

from typing import Annotated, Any

import typer

from node.cli.session import Session, command
from node.cli.speech import Exit

group = typer.Typer(help="工作日历 (the working calendar)", no_args_is_help=True)


@command(group, "show", "作息时间、节假日与调休 (hours, holidays, make-up workdays)")
def show(
    session: Session,
    year: Annotated[int, typer.Option(help="只看这一年 (of this year only)")] = 0,
    version: Annotated[int, typer.Option(
        "--version", help="历史版本，默认当前 (an earlier version)")] = 0,
) -> None:
    speech = session.speech
    with session.api() as api:
        document = api.get("/calendar", year=year or None, version=version or None)

    def draw() -> None:
        speech.say(speech.t(
            "calendar.said", calendar=document["id"], by=document["made_by"],
            at=speech.time(document["made_at"]), source=document["source"],
            years="、".join(str(one) for one in document["years"]) or "-"))
        speech.table(("valid_from", "valid_to", "weekdays", "intervals"), document["hours"])
        speech.table(("day", "kind", "origin", "note"), document["days"])

    speech.show(document, draw)


@command(group, "due", "一个时限何时到期 (where a limit ends)")
def due(
    session: Session,
    limit: Annotated[str, typer.Argument(
        help="如 4工作时、2工作日、2紧急工作时、3自然日、30分钟 (as a clerk writes it)")],
    start: Annotated[str, typer.Option(
        "--from", help="起算时间 ISO 8601，默认现在 (default: now)", show_default=False)] = "",
) -> None:
    speech = session.speech
    with session.api() as api:
        found: dict[str, Any] = api.get("/calendar/due", limit=limit, start=start)

    def draw() -> None:
        speech.say(speech.t(
            "calendar.due", finish_by=speech.time(found["finish_by"]),
            warn_at=speech.time(found["warn_at"]), start=speech.time(found["start"]),
            calendar=found["calendar"]))
        for year in found["missing_years"]:
            speech.note(speech.t("calendar.due.missing", year=year))

    speech.show(found, draw)


@command(group, "check", "日历缺什么、有什么不妥 (what is missing or odd)")
def check(session: Session) -> None:
    speech = session.speech
    with session.api() as api:
        found = api.get("/calendar/check")
    bad = any(one["level"] != "ok" for one in found)

    def draw() -> None:
        for one in found:
            speech.say(one["sentence"])
            if one["remedy"]:
                speech.say("  " + one["remedy"])

    speech.show(found, draw)
    if bad:
        raise typer.Exit(int(Exit.FOUND))
