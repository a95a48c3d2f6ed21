"""``wanmi personal …``: what is personal here, who sees it, what is erased when."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Annotated

import typer

from node.cli.cases import CaseName
from node.cli.session import Session, command

group = typer.Typer(help="个人信息：目录、脱敏、到期清理 (personal data)", no_args_is_help=True)


@command(group, "fields", "个人信息目录：在哪里、谁可见、保存多久 (what there is)")
def fields(session: Session) -> None:
    speech = session.speech
    with session.api() as api:
        told = api.get("/personal/fields")
    tongue = "en" if speech.language == "en" else "zh"
    rows = [{
        "field": one["name"], "name": one[tongue], "roles": one["roles"],
        "unmask": one["unmask"],
        "kept": speech.t("personal.days", days=one["keep_days"])
        if one["keep_days"] else one["kept_by"],
    } for one in told["fields"]]

    def draw() -> None:
        speech.say(speech.t("personal.head", version=told["version"]))
        speech.say(told["source"])
        speech.table(("field", "name", "roles", "unmask", "kept"), rows)

    speech.show(told, draw)


@command(group, "purge", "清理已过保存期的个人信息，每天自动执行 (erase what was kept long enough)")
def purge(
    session: Session,
    *,
    dry_run: Annotated[bool, typer.Option(
        "--dry-run", help="只统计，不清理 (only count)")] = False,
) -> None:
    speech = session.speech
    with session.api() as api:
        done = api.post("/personal/purge", {"dry_run": dry_run})
    tongue = "en" if speech.language == "en" else "zh"
    rows = [{"field": one["field"], "name": one[tongue], "ended_before": one["before"][:10],
             "rows": f"{one['rows']}{'+' if one['more'] else ''}"} for one in done]

    def draw() -> None:
        speech.table(("field", "name", "ended_before", "rows"), rows)
        speech.say(speech.t("personal.counted" if dry_run else "personal.purged"))

    speech.show(done, draw)


@command(group, "unmask", "查看一项脱敏信息，须写原因并留痕 (one masked field of one case)")
def unmask(
    session: Session,
    case: CaseName,
    field: Annotated[str, typer.Argument(help="如 reporter.phone (the field)")],
    reason: Annotated[str, typer.Option(help="原因，记入审计 (why; it is logged)")],
) -> None:
    speech = session.speech
    with session.api() as api:
        found = api.post(f"/cases/{api.case_id(case)}/reporter/unmask",
                         {"field": field, "reason": reason})
    speech.show(found, lambda: speech.say(found["value"] or speech.t("list.empty")))


@command(group, "unmasked", "谁查看过脱敏信息、多少次 (how often who saw masked fields)")
def unmasked(
    session: Session,
    days: Annotated[int, typer.Option(min=1, max=3_650, help="最近几天 (of so many days)")] = 30,
) -> None:
    speech = session.speech
    since = (datetime.now(UTC) - timedelta(days=days)).isoformat()
    with session.api() as api:
        rows = api.get("/personal/unmaskings", since=since)
    speech.show(rows, lambda: speech.table(("actor", "count", "last"), rows))
