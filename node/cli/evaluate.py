"""``wanmi evaluate …``: figures computed from the journal, the cases behind them, publications.

Nothing can be typed in here but questions. Every figure carries its formula, the version of the
indicators and the filter; ``cases`` lists what one of them counts.
"""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any, Final

import typer

from node.cli.imports import DryRun, Encoding, File, How, SheetName, SkipBad, take
from node.cli.score_page import bands, drawn, screen_width, shown
from node.cli.session import Session, command
from node.cli.speech import Exit, Speech, interactive
from node.service.evaluation.sheet import unlike
from node.service.imports.groups import GROUPS

if TYPE_CHECKING:
    from node.cli.client import Api

group = typer.Typer(help="综合评价 (comprehensive evaluation)", no_args_is_help=True)

DIFFERENCES_SHOWN_MAX: Final = 200
"""Differences listed on the screen; ``--json`` lists all."""

Subject = Annotated[str, typer.Argument(help="评价对象，如 unit、street (what is evaluated)")]
Period = Annotated[str, typer.Argument(
    help="周期：2026-11-25、2026-W48、2026-11、2026-Q4、2026-H2、2026 (period)")]
Where = Annotated[list[str] | None, typer.Option(
    "--where", help="筛选：列=值 或 列*=开头，可重复 (filter, repeatable)")]
Version = Annotated[str, typer.Option(
    "--version", help="指标版本，默认按周期 (indicators; default: those that held)",
    show_default=False)]
Group = Annotated[str, typer.Option(
    "--group", help="只看某组单位，如 higher (lines of one group)")]
Open = Annotated[bool, typer.Option(
    "--open", help="对外公布版，不含个人信息 (for everybody: no personal data)")]


def _asked(period: str, version: str, where: list[str] | None) -> dict[str, object]:
    return {"period": period, "version": version, "where": where or None}


@command(group, "show", "评价结果 (figures of a subject in a period)")
def show(
    session: Session, subject: Subject, period: Period, where: Where = None,
    version: Version = "", group_: Group = "",
) -> None:
    speech = session.speech
    with session.api() as api:
        sheet = api.get(
            f"/evaluation/{subject}", group=group_, **_asked(period, version, where))

    def draw() -> None:
        _head(speech, sheet)
        if not sheet["lines"]:
            speech.say(speech.t("list.empty"))
        for block in bands(*shown(sheet, speech), width=screen_width()):
            speech.say("")
            drawn(block)
        if any(line["partial"] for line in sheet["lines"]):
            speech.note(speech.t("evaluate.partial"))

    speech.show(sheet, draw)


def _head(speech: Speech, sheet: dict[str, Any]) -> None:
    definition = sheet["definition"]
    speech.say(speech.t(
        "evaluate.head", subject=sheet["subject"]["en" if speech.language == "en" else "zh"],
        period=sheet["period"], node=sheet["node_name"], version=definition["version"],
        digest=definition["digest"][:12], filter=", ".join(
            f"{name}={value}" for name, value in sheet["filter"].items()) or "-"))


@command(group, "cases", "某个数字背后的案卷 (the cases that one figure counts)")
def cases(
    session: Session, subject: Subject, period: Period,
    figure: Annotated[str, typer.Argument(
        help="数字名称，如 handled@handle (name of a count)")],
    key: Annotated[list[str], typer.Argument(help="对象编号 (parts of the line's key)")],
    *, where: Where = None, version: Version = "",
    after: Annotated[str, typer.Option(help="上一页给出的游标 (cursor)")] = "",
    limit: Annotated[int, typer.Option(min=1, max=200)] = 50,
) -> None:
    counter, _, window = figure.partition("@")
    with session.api() as api:
        page = api.get(
            "/evaluation/cases", subject=subject, counter=counter, window=window.rstrip("*"),
            attributed=figure.endswith("*") and "true", key=key, after=after, limit=limit,
            **_asked(period, version, where),
        )

    def draw() -> None:
        columns = ("case_no", "area", "code", "unit", "actor", "due_at", "done_at", "case_id")
        session.speech.table(columns, page["items"])
        if page["next"]:
            session.speech.note(session.speech.t("list.more", next=page["next"]))

    session.speech.show(page, draw)


@command(group, "laps", "各环节用时 (how long it took from step to step)")
def laps(
    session: Session, subject: Subject, period: Period, where: Where = None,
    version: Version = "",
) -> None:
    speech = session.speech
    with session.api() as api:
        found = api.get(f"/evaluation/laps/{subject}", **_asked(period, version, where))
    titles = {
        lap["name"]: lap["en" if speech.language == "en" else "zh"] for lap in found["laps"]}

    def draw() -> None:
        speech.table(("key", *titles.values()), [
            {"key": " ".join(line["key"]), **{
                titles[name]: speech.t("evaluate.lap", count=lap["count"],
                                       mean=_took(lap["mean_s"]), longest=_took(lap["longest_s"]))
                for name, lap in line["laps"].items()}}
            for line in found["lines"]
        ])

    speech.show(found, draw)


def _took(seconds: int) -> str:
    minutes = seconds // 60
    return f"{minutes // 60}:{minutes % 60:02d}"


@command(group, "export", "导出结果文件 (write a sheet to a file)")
def export(
    session: Session, subject: Subject, period: Period,
    out: Annotated[Path, typer.Argument(
        help="文件，按扩展名定格式：.xlsx .csv .html .json (file; its ending is the format)",
        dir_okay=False)],
    *, where: Where = None, version: Version = "", group_: Group = "", open_: Open = False,
) -> None:
    format_ = out.suffix.removeprefix(".").lower()
    with session.api() as api:
        data = api.get_bytes(
            f"/evaluation/{subject}", format=format_, open=open_ and "true", group=group_,
            **_asked(period, version, where))
    _write(session.speech, out, data)


def _write(speech: Speech, out: Path, data: bytes) -> None:
    speech.write(out, data)
    speech.show({"file": str(out), "bytes": len(data)},
                lambda: speech.say(speech.t("evaluate.written", file=out, bytes=len(data))))


@command(group, "publish", "公布结果，永久保存并签名 (keep a sheet as published, signed)")
def publish(
    session: Session, subject: Subject, period: Period, *, where: Where = None,
    version: Version = "", group_: Group = "", open_: Open = False,
) -> None:
    with session.api() as api:
        made = api.post("/evaluation/publications", {
            "subject": subject, "period": period, "version": version, "where": where or [],
            "group": group_, "open": open_})
    speech = session.speech
    speech.show(made, lambda: speech.say(speech.t(
        "evaluate.published", id=made["publication_id"], digest=made["digest"],
        seal=made["key_id"] or "-")))


@command(group, "publications", "已公布的结果 (what was published)")
def publications(
    session: Session,
    after: Annotated[str, typer.Option(help="上一页给出的游标 (cursor)")] = "",
    limit: Annotated[int, typer.Option(min=1, max=200)] = 50,
) -> None:
    with session.api() as api:
        page = api.get("/evaluation/publications", after=after, limit=limit)

    def draw() -> None:
        columns = ("published_at", "subject", "period", "definition", "open", "published_by",
                   "publication_id")
        session.speech.table(columns, page["items"])
        if page["next"]:
            session.speech.note(session.speech.t("list.more", next=page["next"]))

    session.speech.show(page, draw)


@command(group, "fetch", "取回已公布的文件 (a published file, as it was)")
def fetch(
    session: Session,
    publication: Annotated[str, typer.Argument(help="公布编号 (id of the publication)")],
    out: Annotated[Path, typer.Argument(help="文件，按扩展名定格式 (file)", dir_okay=False)],
) -> None:
    format_ = out.suffix.removeprefix(".").lower()
    with session.api() as api:
        data = api.get_bytes(f"/evaluation/publications/{publication}/{format_}")
    _write(session.speech, out, data)


@command(group, "compare", "与另一单位导出的结果逐项比较 (compare with another office's sheet)")
def compare(
    session: Session,
    file: Annotated[Path, typer.Argument(help="对方导出的 .json (their export)",
                                         dir_okay=False)],
) -> None:
    """Ends with status 1 if any figure differs."""
    speech = session.speech
    try:
        theirs = json.loads(file.read_text(encoding="utf-8"))
        chosen = dict(theirs["filter"])
        group_ = chosen.pop("group", "")
        where = [f"{name}={one}" for name, value in chosen.items()
                 for one in ((value,) if name.endswith("*") else value.split(","))]
        subject, asked = theirs["subject"]["name"], _asked(theirs["period"], "", where)
    except (OSError, ValueError, KeyError, TypeError, AttributeError) as error:
        raise speech.trouble(Exit.USAGE, "evaluate.no_sheet", file=file) from error
    with session.api() as api:
        ours = api.get(f"/evaluation/{subject}", group=group_, **asked)
    found = [
        {"key": " ".join(one.key), "figure": one.figure, "ours": one.ours, "theirs": one.theirs}
        for one in unlike(ours, theirs)]

    def draw() -> None:
        if found:
            speech.table(("key", "figure", "ours", "theirs"), found[:DIFFERENCES_SHOWN_MAX])
        speech.say(speech.t("evaluate.compared", count=len(found)))

    speech.show(found, draw)
    if found:
        raise typer.Exit(int(Exit.FOUND))


@command(group, "definitions", "指标版本 (versions of the indicators)")
def definitions(
    session: Session,
    version: Annotated[str, typer.Argument(help="显示该版本原文 (show its text)")] = "",
) -> None:
    speech = session.speech
    with session.api() as api:
        if version:
            one = api.get(f"/evaluation/definitions/{version}")
            speech.show(one, lambda: speech.say(one["text"]))
            return
        found = api.get("/evaluation/definitions")
    speech.show(found, lambda: speech.table(
        ("version", "valid_from", "title", "digest"), found))


@command(group, "handbook", "考核办法：指标、算法、得分、等级 (the performance handbook)")
def handbook(
    session: Session,
    version: Annotated[str, typer.Argument(help="指标版本，默认最新 (default: the newest)")] = "",
) -> None:
    from node.service.evaluation.definitions import read_definition
    from node.service.evaluation.handbook import handbook as written

    with session.api() as api:
        name = version or api.get("/evaluation/definitions")[-1]["version"]
        text = api.get(f"/evaluation/definitions/{name}")["text"]
    told = written(read_definition(text, name=name).definition)
    session.speech.show({"version": name, "markdown": told}, lambda: session.speech.say(told))


@command(group, "groups", "导入分组：公司、同类单位、网格负责人、名称 (import groupings)")
def groups(
    session: Session, file: File, encoding: Encoding = "utf-8", sheet: SheetName = "",
    dry_run: DryRun = False, skip_bad: SkipBad = False,
) -> None:
    take(session, file, GROUPS,
         How(encoding=encoding, sheet=sheet, dry_run=dry_run, skip_bad=skip_bad))


@command(group, "rebuild", "由案卷记录重新计算全部评价数据 (compute every row anew)")
def rebuild(session: Session) -> None:
    speech = session.speech
    done = 0
    with session.api() as api:
        for step in _steps(api, "/evaluation/rebuild", speech):
            done += step["cases"]
    speech.show({"cases": done}, lambda: speech.say(speech.t("evaluate.rebuilt", count=done)))


@command(group, "verify", "重新计算并核对评价数据 (compute rows again and compare)")
def verify(session: Session) -> None:
    """Ends with status 1 if a stored row is not what the journal says."""
    speech = session.speech
    done, found = 0, []
    with session.api() as api:
        for step in _steps(api, "/evaluation/verify", speech):
            done += step["cases"]
            found += step["differences"]

    def draw() -> None:
        if found:
            columns = ("case_id", "kind", "ref", "column", "stored", "computed")
            speech.table(columns, found[:DIFFERENCES_SHOWN_MAX])
        speech.say(speech.t("evaluate.verified", cases=done, count=len(found)))

    speech.show({"cases": done, "differences": found}, draw)
    if found:
        raise typer.Exit(int(Exit.FOUND))


def _steps(api: Api, path: str, speech: Speech) -> Iterator[dict[str, Any]]:
    """Every step of a long walk over all cases, under a bar."""
    from rich.console import Console
    from rich.progress import Progress

    with Progress(
        console=Console(stderr=True), disable=not interactive(), transient=True,
    ) as bar:
        task = bar.add_task(speech.t("evaluate.label"), total=None)
        after = ""
        while True:
            step = api.post(path, after=after)
            bar.update(task, total=step["total"], advance=step["cases"])
            yield step
            after = step["next"]
            if not after:
                return
