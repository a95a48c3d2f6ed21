"""``wanmi case ask``, ``decide`` and what belongs to them: requests, pauses, supervision, and own
cases that leave the usual way."""

from __future__ import annotations

from enum import StrEnum
from pathlib import Path
from typing import Annotated, Any

import typer

from node.cli.cases import CaseName, DuplicateOf, Key, Photos, Version, group, named
from node.cli.session import Session, command
from node.cli.speech import Exit
from node.cli.stock import listed, summed_up
from node.cli.verbs import post


class Kind(StrEnum):
    """What may be asked of an assignor."""

    RETURN = "return"
    EXTENSION = "extension"
    SUSPENSION = "suspension"
    VOID = "void"
    APPEAL = "appeal"


class Why(StrEnum):
    """Why an answer is owed."""

    OVERDUE = "overdue"
    LEADER = "leader"
    IMPORTANT = "important"


Text = Annotated[str, typer.Option(help="文字说明 (in words)")]
MaybeText = Annotated[str, typer.Option(help="文字说明 (in words)")]
Request = Annotated[str, typer.Option(
    help="申请编号，仅一个时可省 (request id; may be left out if there is one)")]
Until = Annotated[str, typer.Option(
    help="截止时间 ISO 8601 (end of a suspension, or the deadline)", show_default=False)]
Group = Annotated[str, typer.Option(
    "--group", help="只看某组单位，如 higher、上级驻地单位 (units of one group)")]


@command(group, "ask", "申请：回退、延期、挂账、作废、申诉 (ask the assignor)")
def ask(
    session: Session, *, case: CaseName,
    kind: Annotated[Kind, typer.Argument(help="return 回退 | extension 延期 | suspension 挂账 | "
                                              "void 作废 | appeal 申诉")],
    reason: Annotated[str, typer.Option(help="原因代码 (reason code)")],
    text: Text, until: Until = "", photo: Photos = None, version: Version = None, key: Key = "",
) -> None:
    with session.api() as api:
        photos = [api.photo(path, "reference") for path in photo or ()]
    post(session, case, "request", version, key, kind=str(kind), reason_code=reason, text=text,
         wanted_until=until or None, photos=photos)


@command(group, "decide", "审批下级的申请 (answer what an assignee asked)")
def decide(
    session: Session, *, case: CaseName,
    grant: Annotated[bool, typer.Option("--grant/--refuse", help="同意或不同意")],
    request: Request = "", text: MaybeText = "", until: Until = "",
    version: Version = None, key: Key = "",
) -> None:
    request = request or _only(session, case)
    post(session, case, "request-decision", version, key, request_id=request, granted=grant,
         text=text, until=until or None)


@command(group, "pass-up", "转报上级审批 (ask our own assignor)")
def pass_up(
    session: Session, *, case: CaseName, request: Request = "", text: MaybeText = "",
    version: Version = None, key: Key = "",
) -> None:
    request = request or _only(session, case)
    post(session, case, "pass-up", version, key, request_id=request, text=text)


def _only(session: Session, case: str) -> str:
    """The one request that waits for us."""
    with session.api() as api:
        document = api.get(f"/cases/{api.case_id(case)}")
    found = [item["request_id"] for item in document["requests"] if item["direction"] == "in"]
    if not found:
        raise session.speech.trouble(Exit.REFUSED, "case.no_requests")
    if len(found) != 1:
        raise session.speech.trouble(Exit.USAGE, "case.requests", count=len(found), lines=found)
    return str(found[0])


@command(group, "resume", "恢复计时 (end a suspension before its time)")
def resume(
    session: Session, *, case: CaseName, text: Text,
    own: Annotated[bool | None, typer.Option(
        "--own/--handed-on", help="未派遣的本级案卷，或已派出的；省略时按案卷判断 "
        "(left out: whichever waits)", show_default=False)] = None,
    version: Version = None, key: Key = "",
) -> None:
    if own is None:
        with session.api() as api:
            own = bool(api.get(f"/cases/{api.case_id(case)}")["suspended_until"])
    post(session, case, "resume-case" if own else "resume", version, key, text=text)


@command(group, "suspend", "挂账未派遣的本级案卷 (let an own case that nobody holds wait)")
def suspend(
    session: Session, *, case: CaseName, until: Annotated[str, typer.Option()], reason: Text,
    version: Version = None, key: Key = "",
) -> None:
    post(session, case, "suspend", version, key, until=until, reason=reason)


@command(group, "void", "作废 (the case should not exist)")
def void(
    session: Session, *, case: CaseName, reason: Text,
    code: Annotated[str, typer.Option(help="原因代码 (reason code)")] = "",
    duplicate_of: DuplicateOf = "", version: Version = None, key: Key = "",
) -> None:
    post(session, case, "void", version, key, reason=reason, reason_code=code,
         duplicate_of=named(session, duplicate_of))


@command(group, "force-close", "强制结案 (close it as it stands)")
def force_close(
    session: Session, *, case: CaseName, text: Text, version: Version = None, key: Key = "",
) -> None:
    post(session, case, "force-close", version, key, text=text)


@command(group, "transfer", "移送 (hand it to a body outside the network)")
def transfer(
    session: Session, *, case: CaseName,
    receiver: Annotated[str, typer.Option(help="接收单位 (receiver)")], reason: Text,
    reference: Annotated[str, typer.Option(help="移送文号 (the receiver's number)")] = "",
    version: Version = None, key: Key = "",
) -> None:
    post(session, case, "transfer", version, key, receiver=receiver, reference=reference,
         reason=reason)


@command(group, "take-back", "移送退回 (the body outside gave it back)")
def take_back(
    session: Session, *, case: CaseName, text: Text, version: Version = None, key: Key = "",
) -> None:
    post(session, case, "take-back", version, key, text=text)


@command(group, "dossier", "证据清单及摘要 (the list of evidence and its digest)")
def dossier(
    session: Session, *, case: CaseName,
    upto: Annotated[int | None, typer.Option("--upto", min=1, help="到该版本 (version)")] = None,
    out: Annotated[Path | None, typer.Option(
        "--out", help="写入清单文件 (write the list)", dir_okay=False)] = None,
) -> None:
    with session.api() as api:
        said = api.get(f"/cases/{api.case_id(case)}/dossier", version=upto)
    lines = [f"{line['kind']} {line['name']} {line['digest']}" for line in said["lines"]]
    if out is not None:
        session.speech.write(out, "".join(line + "\n" for line in lines).encode())

    def draw() -> None:
        for line in lines:
            session.speech.say(line)
        session.speech.say(session.speech.t("dossier.digest", digest=said["digest"]))

    session.speech.show(said, draw)


@command(group, "press", "催办 (hurry whoever has it)")
def press(
    session: Session, *, case: CaseName, text: Text, version: Version = None, key: Key = "",
) -> None:
    post(session, case, "press", version, key, text=text)


@command(group, "supervise", "督办 (ask for an answer by a time)")
def supervise(
    session: Session, *, case: CaseName, text: Text,
    reply_by: Annotated[str, typer.Option(help="回复时限 ISO 8601 (an answer is owed by)")],
    kind: Annotated[Why, typer.Option(help="overdue 超期 | leader 领导 | important 重点")]
    = Why.IMPORTANT,
    version: Version = None, key: Key = "",
) -> None:
    post(session, case, "supervise", version, key, text=text, reply_by=reply_by, kind=str(kind))


@command(group, "reply", "督办回复 (answer a supervision)")
def reply(
    session: Session, *, case: CaseName,
    supervision: Annotated[str, typer.Option(
        help="督办编号，仅一个时可省 (its id; may be left out if there is one)")] = "",
    text: Text, version: Version = None, key: Key = "",
) -> None:
    supervision = supervision or _owed(session, case)
    post(session, case, "reply", version, key, supervision_id=supervision, text=text)


def _owed(session: Session, case: str) -> str:
    """The one supervision that is owed an answer."""
    with session.api() as api:
        document = api.get(f"/cases/{api.case_id(case)}")
    found = [one for one in document["supervisions"] if not one["replied"]]
    if not found:
        raise session.speech.trouble(Exit.REFUSED, "case.no_supervisions")
    if len(found) != 1:
        raise session.speech.trouble(
            Exit.USAGE, "case.supervisions", count=len(found),
            lines=[f"{one['supervision_id']}  {one['text']}" for one in found])
    return str(found[0]["supervision_id"])


@command(group, "ledger", "问题库：挂账与长期超期 (suspended and long overdue cases)")
def ledger(
    session: Session, *,
    area: Annotated[str, typer.Option(help="区划代码 (division code)")] = "",
    group_: Group = "",
    summary: Annotated[bool, typer.Option(
        "--summary", help="按承办汇总 (how much lies with whom)")] = False,
    period: Annotated[str, typer.Option(
        help="周期报表，如 2026-W48、2026-11 (the sheet of a finished period)")] = "",
    unit: Annotated[str, typer.Option(
        help="只统计某一承办，如 node:420203 (what lay with one unit)")] = "",
    node: Annotated[str, typer.Option(
        help="看某一下级已报的表 (the sheet an office below has sent)")] = "",
    below: Annotated[bool, typer.Option(
        "--below", help="下级报送情况 (who below has sent)")] = False,
    publish: Annotated[bool, typer.Option(
        "--publish", help="出表存档并上报 (keep it and send it up)")] = False,
    sheets: Annotated[bool, typer.Option(
        "--sheets", help="已存档的报表 (published sheets)")] = False,
    out: Annotated[Path | None, typer.Option(
        help="写入 .csv 或 .xlsx (file to write)", dir_okay=False)] = None,
    after: Annotated[str, typer.Option(help="上一页给出的游标 (cursor)")] = "",
    limit: Annotated[int, typer.Option(min=1, max=200)] = 50,
) -> None:
    if sheets:
        listed(session, node=node, after=after, limit=limit)
        return
    if period:
        summed_up(session, period=period, unit=unit, node=node, publish=publish, below=below,
                  out=out)
        return
    if unit or node or below or publish or out is not None:
        raise session.speech.trouble(Exit.USAGE, "stock.no_period")
    speech = session.speech
    with session.api() as api:
        if summary:
            sums = api.get("/ledger/summary", area=area, group=group_)
            speech.show(sums, lambda: speech.table(
                ("holder", "body_group", "suspended", "overdue", "oldest_days", "owed",
                 "owed_overdue"), _grouped(sums)))
            return
        page = api.get("/ledger", area=area, group=group_, after=after, limit=limit)

    def draw() -> None:
        rows = [{**item, "last": (item["last"] or {}).get("at", "")} for item in page["items"]]
        speech.table(("case_no", "why", "reason", "since", "until", "age_days", "days_late",
                      "holder", "owed", "last"), rows)
        if page["next"]:
            speech.note(speech.t("list.more", next=page["next"]))

    speech.show(page, draw)


def _grouped(rows: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """The rows with the units' group under the name of its column."""
    return [{**one, "body_group": one["group"]} for one in rows]


@command(group, "habits", "推诿、拖延督查：回退、未签收、超期 (returns, unsigned, late)")
def habits(
    session: Session, *,
    since: Annotated[str, typer.Option(help="起 ISO 8601 (from)")],
    until: Annotated[str, typer.Option(help="止 ISO 8601 (until)")],
    unit: Annotated[str, typer.Option(help="只看某一单位 (one unit)")] = "",
    group_: Group = "",
    over: Annotated[bool, typer.Option(
        "--over", help="只看达到督查线的 (only who reached a threshold)")] = False,
) -> None:
    with session.api() as api:
        rows = api.get("/ledger/habits", since=since, until=until, group=group_)
    rows = [one for one in rows if unit in ("", one["unit"])]
    columns = ("returns_asked", "unsigned", "late", "over")
    people = [{**person, "unit": one["unit"]} for one in rows for person in one["people"]]
    if over:
        rows, people = [one for one in rows if one["over"]], [one for one in people if one["over"]]

    def draw() -> None:
        session.speech.table(
            ("unit", "body_group", "returns_asked", "returns_granted", "extensions",
             "suspensions", "unsigned", "late", "over"), _grouped(rows))
        if people:
            session.speech.say("")
            session.speech.table(("unit", "person", *columns), people)

    session.speech.show(rows, draw)
