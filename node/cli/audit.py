"""``wanmi audit …``: who did what here, and whether the log is whole."""

from __future__ import annotations

from datetime import datetime
from pathlib import Path
from typing import Annotated, Any, Final

import typer

from node.cli.composition import composition
from node.cli.names import AUDIT_OUTCOMES
from node.cli.session import Session, command
from node.cli.speech import Exit
from node.core.clock import BEIJING
from node.service.audit_book import flaw_said

group = typer.Typer(help="审计日志：查看、核对、导出 (the audit log)", no_args_is_help=True)

FORMATS: Final = {".csv": "csv", ".xlsx": "xlsx"}
Actor = Annotated[str, typer.Option(help="人员 (who)")]
Action = Annotated[str, typer.Option(help="操作，如 LockToken (what)")]
Subject = Annotated[str, typer.Option(help="对象，如 token:C017 (on what exactly)")]
About = Annotated[str, typer.Option(help="对象的开头，如 token: (what it begins with)")]
Day = ["%Y-%m-%d", "%Y-%m-%d %H:%M"]
Since = Annotated[datetime | None, typer.Option(formats=Day, help="起，北京时间 (from)")]
Until = Annotated[datetime | None, typer.Option(formats=Day, help="止，不含 (before)")]


def _asked(
    actor: str, action: str, subject: str, about: str, since: datetime | None,
    until: datetime | None,
) -> dict[str, object]:
    times = {
        name: when.replace(tzinfo=BEIJING).isoformat() if when is not None else ""
        for name, when in (("since", since), ("until", until))
    }
    return {"actor": actor, "action": action, "subject": subject, "about": about, **times}


@command(group, "list", "查看审计日志，新的在前 (rows, the newest first)")
def list_(
    session: Session,
    *,
    actor: Actor = "",
    action: Action = "",
    subject: Subject = "",
    about: About = "",
    since: Since = None,
    until: Until = None,
    after: Annotated[str, typer.Option(help="接着上一页 (the next page)")] = "",
    limit: Annotated[int, typer.Option(min=1, max=500, help="行数 (rows)")] = 30,
) -> None:
    speech = session.speech
    with session.api() as api:
        page = api.get("/audit", after=after, limit=limit,
                       **_asked(actor, action, subject, about, since, until))

    def draw() -> None:
        for one in page["items"]:
            _row(session, one)
        if not page["items"]:
            speech.say(speech.t("list.empty"))
        if page["next"]:
            speech.say(speech.t("list.more", next=page["next"]))

    speech.show(page, draw)


def _row(session: Session, one: dict[str, Any]) -> None:
    """Two lines, and a third for a reason: a table of ten columns nobody reads."""
    speech = session.speech
    at = datetime.fromisoformat(one["at"]).astimezone(BEIJING)
    outcome = "" if one["outcome"] == "done" else speech.named(one["outcome"], AUDIT_OUTCOMES)
    who = " ".join(filter(None, (
        one["actor"], f"({', '.join(one['roles'])})" if one["roles"] else "",
        f"@ {one['origin']}" if one["origin"] else "")))
    speech.say(f"{one['n']:>6}  {at:%Y-%m-%d %H:%M:%S}  {who}")
    said = " ".join(filter(None, (
        one["action"], one["subject"], outcome,
        " ".join(f"{name}={value}" for name, value in one["detail"].items()))))
    speech.say(f"        {said}")
    if one["reason"]:
        speech.say(f"        {one['reason']}")


@command(group, "verify", "核对整本日志是否完整，运行中或停机都可 (is the log whole)")
def verify(
    session: Session,
    anchors: Annotated[Path | None, typer.Option(
        dir_okay=False, exists=True,
        help="锚文件，默认按设置 [audit] anchor (signed heads that were kept elsewhere)")] = None,
) -> None:
    speech = session.speech
    settings = session.settings()
    found = composition(speech).verify_audit(settings.home, anchors)

    def draw() -> None:
        speech.say(speech.t("audit.rows", rows=found["rows"], first=found["first"],
                            last=found["last"]))
        speech.say(speech.t("audit.heads", heads=found["heads"], anchors=found["anchors"],
                            proven=found["proven"]))
        if found["lost"]:
            speech.say(speech.t("audit.lost", count=found["lost"]))
        for one in found["flaws"]:
            speech.say(flaw_said(one["code"], one["n"], one["other"]).say(speech.language))
        speech.say(speech.t("audit.holds" if found["holds"] else "audit.broken",
                            n=found["flaws"][0]["n"] if found["flaws"] else 0))

    speech.show(found, draw)
    if not found["holds"]:
        raise typer.Exit(int(Exit.FOUND))


@command(group, "export", "导出为 .xlsx 或 .csv，导出本身也记入 (write rows to a file)")
def export(
    session: Session,
    file: Annotated[Path, typer.Argument(
        help="写入的文件，按扩展名定格式 (file; its ending is the format)", dir_okay=False)],
    *,
    actor: Actor = "",
    action: Action = "",
    subject: Subject = "",
    about: About = "",
    since: Since = None,
    until: Until = None,
) -> None:
    speech = session.speech
    format_ = FORMATS.get(file.suffix.lower())
    if format_ is None:
        raise speech.trouble(Exit.USAGE, "stock.format", file=file)
    with session.api() as api:
        data = api.get_bytes("/audit/export", format=format_,
                             **_asked(actor, action, subject, about, since, until))
    speech.write(file, data)
    speech.show({"file": str(file), "bytes": len(data)},
                lambda: speech.say(speech.t("stock.written", file=file)))
