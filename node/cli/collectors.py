"""``wanmi collector …``: collectors, their shifts and training, and beats that nobody patrols."""

from __future__ import annotations

from typing import Annotated

import typer

from node.cli.imports import DryRun, Encoding, File, How, SheetName, SkipBad, take
from node.cli.session import Session, command
from node.cli.speech import Exit
from node.cli.tokens import shut
from node.service.imports.collectors import COLLECTORS, SHIFTS, TRAINING

group = typer.Typer(help="采集员：班组、责任网格、排班、培训 (collectors)", no_args_is_help=True)


@command(group, "list", "采集员名册 (collectors by number)")
def list_(
    session: Session, *,
    team: Annotated[str, typer.Option(help="班组 (team)")] = "",
    beat: Annotated[str, typer.Option(help="责任网格 (usual beat)")] = "",
    after: Annotated[str, typer.Option(help="上一页给出的游标 (cursor)")] = "",
    limit: Annotated[int, typer.Option(min=1, max=200)] = 50,
) -> None:
    speech = session.speech
    with session.api() as api:
        page = api.get("/collectors", team=team, beat=beat, after=after, limit=limit)

    def draw() -> None:
        rows = [{**one, "person": one["name"]} for one in page["items"]]
        speech.table(("collector", "person", "team", "firm", "beat", "valid_to"), rows)
        if page["next"]:
            speech.note(speech.t("list.more", next=page["next"]))

    speech.show(page, draw)


@command(group, "show", "采集员的排班和培训 (shifts and training of one)")
def show(
    session: Session, number: Annotated[str, typer.Argument(help="采集员编号 (number)")],
) -> None:
    speech = session.speech
    with session.api() as api:
        one = api.get(f"/collectors/{number}")

    def draw() -> None:
        speech.table(("collector", "person", "team", "firm", "beat", "valid_to"),
                     [{**one, "person": one["name"]}])
        speech.say("")
        speech.table(("beat", "begins_at", "ends_at"), one["shifts"])
        speech.say("")
        speech.table(("day", "course", "hours", "result"), one["training"])

    speech.show(one, draw)


@command(group, "beats", "当日责任网格当班情况，无人当班的在前 (staffing, unstaffed first)")
def beats(
    session: Session,
    day: Annotated[str, typer.Option(help="日期，默认今天 (day; default: today)")] = "",
) -> None:
    """Ends with status 1 if a beat is unstaffed."""
    speech = session.speech
    with session.api() as api:
        found = api.get("/collectors/beats", day=day or None)

    def draw() -> None:
        rows = [
            {"beat": one["beat"], "name": one["name"], "minutes": one["staffed_minutes"],
             "on_duty": [shift["collector"] for shift in one["shifts"]]}
            for one in found["beats"]]
        speech.say(speech.t("collector.beats", day=found["day"], count=len(rows),
                            unstaffed=found["unstaffed"]))
        speech.table(("beat", "name", "minutes", "on_duty"), rows)

    speech.show(found, draw)
    if found["unstaffed"]:
        raise typer.Exit(int(Exit.FOUND))


@command(group, "lost", "设备挂失：其令牌即刻失效，会话中断 (a device is lost: lock it out)")
def lost(
    session: Session, number: Annotated[str, typer.Argument(help="采集员编号 (number)")],
    reason: Annotated[str, typer.Option(help="原因，记入审计 (why; it is logged)")],
) -> None:
    shut(session, number, reason)


@command(group, "import", "从 CSV 或 .xlsx 导入名册 (import collectors)")
def import_(
    session: Session, file: File, encoding: Encoding = "utf-8", sheet: SheetName = "",
    dry_run: DryRun = False, skip_bad: SkipBad = False,
) -> None:
    take(session, file, COLLECTORS,
         How(encoding=encoding, sheet=sheet, dry_run=dry_run, skip_bad=skip_bad))


@command(group, "shifts", "导入排班 (import shifts)")
def shifts(
    session: Session, file: File, encoding: Encoding = "utf-8", sheet: SheetName = "",
    dry_run: DryRun = False, skip_bad: SkipBad = False,
) -> None:
    take(session, file, SHIFTS,
         How(encoding=encoding, sheet=sheet, dry_run=dry_run, skip_bad=skip_bad))


@command(group, "training", "导入培训记录 (import training records)")
def training(
    session: Session, file: File, encoding: Encoding = "utf-8", sheet: SheetName = "",
    dry_run: DryRun = False, skip_bad: SkipBad = False,
) -> None:
    take(session, file, TRAINING,
         How(encoding=encoding, sheet=sheet, dry_run=dry_run, skip_bad=skip_bad))
