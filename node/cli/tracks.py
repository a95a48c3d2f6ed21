"""``wanmi collector patrol``, ``track``, ``firms``: where collectors walked, what it comes to."""

from __future__ import annotations

import json
from collections.abc import Mapping
from datetime import datetime
from enum import StrEnum
from pathlib import Path
from typing import Annotated, Any, Final

import typer

from node.cli.collectors import group
from node.cli.session import Session, command
from node.cli.speech import Exit, Speech, interactive
from node.core.clock import BEIJING

Number = Annotated[str, typer.Argument(help="采集员编号 (number)")]
Purpose = Annotated[str, typer.Option(help="查看目的，记入审计 (what for; it is logged)")]
Begins = Annotated[str, typer.Option(
    help="班次开始时间，默认当前或最近一班 (begin of the shift; default: the last)")]
COLUMNS: Final = ("patrol_key", "shifts", "coverage", "on_beat", "valid_rate", "patrol_score")


class By(StrEnum):
    """Whose lines a table has."""

    FIRM = "firm"
    TEAM = "team"
    COLLECTOR = "collector"


@command(group, "patrol", "一个班次的巡查情况：网格覆盖、有效上报 (how a shift comes out)")
def patrol(session: Session, number: Number, *, purpose: Purpose, begins: Begins = "") -> None:
    speech = session.speech
    with session.api() as api:
        one = api.post(f"/collectors/{number}/patrol", _look(speech, purpose, begins))
    speech.show(one, lambda: _page(speech, one))


@command(group, "track", "导出一个班次的轨迹 GeoJSON (the track of a shift as GeoJSON)")
def track(
    session: Session, number: Number,
    target: Annotated[Path, typer.Argument(help="写到哪个文件 (file to write)")], *,
    purpose: Purpose, begins: Begins = "",
) -> None:
    speech = session.speech
    if target.exists():
        raise speech.trouble(Exit.USAGE, "track.there", file=target)
    with session.api() as api:
        found = api.post(f"/collectors/{number}/track/read", _look(speech, purpose, begins))
    speech.write(target, json.dumps(found, ensure_ascii=False).encode())
    points = sum(one["properties"]["kind"] == "point" for one in found["features"])
    speech.show({"file": str(target), "points": points}, lambda: speech.say(
        speech.t("track.written", file=target, points=points)))


@command(group, "firms", "采集公司（班组、人员）巡查汇总 (firms, teams or people in a period)")
def firms(
    session: Session,
    period: Annotated[str, typer.Argument(help="周期：2026-11-26、2026-W48、2026-11 (period)")], *,
    purpose: Purpose,
    by: Annotated[By, typer.Option(help="firm | team | collector")] = By.FIRM,
) -> None:
    speech = session.speech
    body: dict[str, object] = {"period": period, "by": str(by), "purpose": purpose}
    with session.api() as api:
        table = api.post("/collectors/patrol", body)
        if table["pending"]:
            table = _all(api.post, body, table, speech)

    def draw() -> None:
        speech.say(speech.t("patrol.table", period=table["period"], rules=table["rules"]))
        speech.table(COLUMNS, [_cells(one, speech) for one in table["lines"]])
        for what, key in (("untracked", "patrol.gaps"), ("unmapped", "patrol.undrawn")):
            count = sum(one[what] for one in table["lines"])
            if count:
                speech.note(speech.t(key, count=count))

    speech.show(table, draw)


def _all(post: Any, body: dict[str, object], table: Any, speech: Speech) -> Any:
    """Ask until every shift is in the sums."""
    from rich.console import Console
    from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn

    with Progress(
        TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn(),
        console=Console(stderr=True), disable=not interactive(), transient=True,
    ) as bar:
        total = table["pending"]
        task = bar.add_task(speech.t("patrol.computing"), total=total)
        while table["pending"]:
            table = post("/collectors/patrol", body)
            bar.update(task, completed=total - table["pending"])
    return table


def _look(speech: Speech, purpose: str, begins: str) -> dict[str, object]:
    if not begins:
        return {"purpose": purpose}
    try:
        when = datetime.fromisoformat(begins)
    except ValueError:
        raise speech.trouble(Exit.USAGE, "track.begins", given=begins) from None
    return {"purpose": purpose,
            "begins_at": (when if when.tzinfo else when.replace(tzinfo=BEIJING)).isoformat()}


def _page(speech: Speech, one: Mapping[str, Any]) -> None:
    say, t = speech.say, speech.t
    say(t("patrol.head", number=one["collector"], name=one["name"], team=one["team"] or "-",
          firm=one["firm"] or "-"))
    say(t("patrol.shift", beat=one["beat"], begins=speech.time(one["begins_at"]),
          ends=speech.time(one["ends_at"])[11:]))
    if not one["settled"]:
        say(t("patrol.open", until=speech.time(one["until"])))
    say("")
    say(t("patrol.coverage", share=_percent(one["coverage"]), covered=one["covered"],
          total=one["total"]))
    say(t("patrol.time", on=_time(one["on_s"]), off=_time(one["off_s"]),
          silent=_time(one["silent_s"]), planned=_time(one["planned_s"])))
    say(t("patrol.reports", rate=_percent(one["valid_rate"]), valid=one["valid"],
          reported=one["reported"]))
    say(t("patrol.score", score=_number(one["score"]), points=one["points"],
          rules=one["rules"]))
    if not one["points"]:
        say(t("patrol.untracked"))
    if not one["total"]:
        say(t("patrol.unmapped"))
    if one["total"] and len(one["parts"]) > 1:
        say("")
        speech.table(("grid", "coverage"), [
            {"grid": part["code"], "coverage": _percent(part["covered"] / part["total"])}
            for part in one["parts"] if part["total"]])


def _cells(one: Mapping[str, Any], speech: Speech) -> dict[str, Any]:
    named = one["name"] if one["name"] == one["key"] else f"{one['key']} {one['name']}"
    return {
        "patrol_key": named or speech.t("patrol.nobody"), "shifts": one["shifts"],
        "coverage": _percent(one["coverage"]),
        "on_beat": f"{_time(one['on_s'])}/{_time(one['planned_s'])}",
        "valid_rate": f"{_percent(one['valid_rate'])} {one['valid']}/{one['reported']}",
        "patrol_score": _number(one["score"]),
    }


def _percent(value: float | None) -> str:
    return "-" if value is None else f"{value * 100:.1f}%"


def _number(value: float | None) -> str:
    return "-" if value is None else f"{value:.1f}"


def _time(seconds: int) -> str:
    """Hours and minutes."""
    return f"{seconds // 3600}:{seconds % 3600 // 60:02d}"
