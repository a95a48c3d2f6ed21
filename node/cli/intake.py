"""``wanmi case …`` before filing and after the end, ``wanmi notice …`` and ``wanmi caller …``."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from node.cli.cases import (
    CaseName,
    DueBy,
    DuplicateOf,
    FinishBy,
    Key,
    Photos,
    Version,
    group,
    named,
)
from node.cli.names import CHANNELS, NOTICES, TOLD
from node.cli.session import Session, command
from node.cli.speech import Exit
from node.cli.verbs import done
from node.cli.verbs import post as verb

notices = typer.Typer(help="回告 (telling the end to whoever waits for it)", no_args_is_help=True)
callers = typer.Typer(help="来电人 (callers and reporters)", no_args_is_help=True)

Words = Annotated[str, typer.Option("--text", help="说明 (words)")]
Purpose = Annotated[str, typer.Option("--purpose", help="查看目的，记入日志 (why; it is recorded)")]


@command(group, "sources", "来源及其必填内容 (sources and what each asks for)")
def sources(session: Session) -> None:
    with session.api() as api:
        found = api.get("/sources")
    speech = session.speech
    tongue = "en" if speech.language == "en" else "zh"
    rows = [{
        "source": one["code"], "name": one[tongue], "verify": one["verify"],
        "photos": " ".join(one["photos"]),
        "details": "  ".join(
            f"{row['key']}{'*' if row['required'] else ''} {row[tongue]}"
            for row in one["details"]),
    } for one in found["sources"]]
    classes = [{
        "standard_ref": one["standard_ref"], "kind": one["kind"], "code": one["code"],
        "photos": " ".join(one["photos"]),
        "details": "  ".join(
            f"{row['key']}{'*' if row['required'] else ''} {row[tongue]}"
            for row in one["details"]),
    } for one in found["classes"]]

    def draw() -> None:
        speech.table(("source", "name", "verify", "photos", "details"), rows)
        if classes:
            speech.table(("standard_ref", "kind", "code", "photos", "details"), classes)

    speech.show(found, draw)


@command(group, "similar", "附近的同类上报，供判断是否重复 (reports nearby of the same class)")
def similar(session: Session, case: CaseName) -> None:
    with session.api() as api:
        facts = api.get(f"/cases/{api.case_id(case)}")["facts"]
        place, category = facts["place"], facts["category"]
        rows = []
        if place["lon"] is not None and place["lat"] is not None:
            rows = api.get(
                "/cases/similar", standard_ref=category["standard_ref"], kind=category["kind"],
                code=category["code"], lon=place["lon"], lat=place["lat"],
                at=facts["reported_at"])
    session.speech.show(rows, lambda: session.speech.table(
        ("case_no", "status", "distance_m", "address", "opened_at"), rows))


@command(group, "accept", "受理 (take the report)")
def accept(
    session: Session, *, case: CaseName, text: Words = "", version: Version = None, key: Key = "",
) -> None:
    verb(session, case, "accept", version, key, text=text)


@command(group, "not-accept", "不予受理 (do not take it)")
def not_accept(
    session: Session, *, case: CaseName,
    reason: Annotated[str, typer.Option(help="理由，将告知举报人 (the reporter is told)")],
    code: Annotated[str, typer.Option(help="原因代码 (reason code)")] = "",
    duplicate_of: DuplicateOf = "", version: Version = None, key: Key = "",
) -> None:
    verb(session, case, "not-accept", version, key, reason=reason, reason_code=code,
         duplicate_of=named(session, duplicate_of))


@command(group, "verify", "核实：派出，或登记结果 (send somebody before filing, or what was found)")
def verify(
    session: Session, *, case: CaseName,
    collector: Annotated[str, typer.Option(
        help="采集员；派出核实时必填 (collector; needed to send somebody)")] = "",
    found: Annotated[bool | None, typer.Option(
        "--found/--not-found", help="结果；省略为派出核实 (left out: send somebody)")] = None,
    text: Words = "", due_by: DueBy = "", photo: Photos = None,
    version: Version = None, key: Key = "",
) -> None:
    if found is None:
        verb(session, case, "start-verify", version, key, collector=collector, text=text,
             due_by=due_by or None)
        return
    with session.api() as api:
        photos = [api.photo(path, "reference") for path in photo or ()]
    verb(session, case, "verify", version, key, found=found, collector=collector, text=text,
         photos=photos)


@command(group, "self-handle", "自行处置 (the collector put it right on the spot)")
def self_handle(
    session: Session, *, case: CaseName,
    result: Annotated[str, typer.Option(help="处置结果 (what was done)")], photo: Photos = None,
    before: Annotated[list[Path] | None, typer.Option(
        "--photo-before", help="处置前照片，可重复 (photo from before, repeatable)",
        dir_okay=False)] = None,
    version: Version = None, key: Key = "",
) -> None:
    with session.api() as api:
        photos = [api.photo(path, "handle_before") for path in before or ()]
        photos += [api.photo(path, "handle_after") for path in photo or ()]
    verb(session, case, "self-handle", version, key, result=result, photos=photos)


@command(group, "doubt", "存疑照片核实：属实计入采集员记录 (is a doubted picture false?)")
def doubt(
    session: Session, *, case: CaseName,
    ref: Annotated[str, typer.Option(help="存疑编号，见 wanmi case show (as it is named)")],
    confirmed: Annotated[bool, typer.Option(
        "--false/--genuine", help="虚假，或排除 (false, or dismissed)")],
    text: Annotated[str, typer.Option(help="依据 (why)")],
    version: Version = None, key: Key = "",
) -> None:
    verb(session, case, "doubt", version, key, ref=ref, confirmed=confirmed, text=text)


@command(group, "reasons", "可用的原因代码 (reason codes that may be given)")
def reasons(
    session: Session,
    verb_: Annotated[str, typer.Option(
        "--verb", help="not_accept、decline、void_case、return、extension … (only of this)")] = "",
) -> None:
    with session.api() as api:
        rows = api.get("/sources")["reasons"]
    speech = session.speech
    tongue = "en" if speech.language == "en" else "zh"
    rows = [{"verb": one["verb"], "code": one["code"], "name": one[tongue]}
            for one in rows if verb_ in ("", one["verb"])]
    speech.show(rows, lambda: speech.table(("verb", "code", "name"), rows))


@command(group, "part", "增派协办 (let somebody assist)")
def part(
    session: Session, *, case: CaseName,
    text: Annotated[str, typer.Option(help="协办内容 (what is to be done)")],
    to: Annotated[str, typer.Option(
        help="同时派给：node:<id> | adapter:<id>；或用 --unit (hand it over at once)")] = "",
    unit: Annotated[str, typer.Option(help="同时派给的单位，编号或名称 (or a unit)")] = "",
    finish_by: FinishBy = "", version: Version = None, key: Key = "",
) -> None:
    if to and unit:
        raise session.speech.trouble(Exit.USAGE, "case.part.both")
    if finish_by and not to and not unit:
        raise session.speech.trouble(Exit.USAGE, "case.part.undated")
    with session.api() as api:
        reply = api.post(f"/cases/{api.case_id(case)}/part", {
            "text": text, "to": to or None, "unit": unit,
            "limits": {"finish_by": finish_by} if finish_by else None,
            "expected_version": version,
        }, key=key)
    session.speech.note(session.speech.t(
        "case.part.handed" if to or unit else "case.part.opened", case_no=reply["opened_no"]))
    done(session, reply)


@command(group, "submit", "上报：交上级受理立案 (pass the report up to the office above)")
def submit(
    session: Session, *, case: CaseName, text: Words = "", version: Version = None, key: Key = "",
) -> None:
    verb(session, case, "submit", version, key, text=text)


@command(group, "recall", "撤回上报，上级立案前有效 (ask for it back before it is filed)")
def recall(
    session: Session, *, case: CaseName,
    text: Annotated[str, typer.Option(help="理由 (why)")],
    version: Version = None, key: Key = "",
) -> None:
    verb(session, case, "recall", version, key, text=text)


@command(group, "satisfaction", "登记满意度，只收一次 (what the reporter says of it, once)")
def satisfaction(
    session: Session, *, case: CaseName,
    score: Annotated[int, typer.Option(
        min=1, max=5, help="1 很不满意 … 5 很满意 (1 very unhappy to 5 very happy)")],
    text: Words = "",
    channel: Annotated[str, typer.Option(help="渠道 (channel)")] = "phone",
    version: Version = None, key: Key = "",
) -> None:
    verb(session, case, "satisfaction", version, key, score=score, text=text, channel=channel)


@command(group, "reopen", "申请重办 (ask that the closed case be taken up again)")
def reopen(
    session: Session, *, case: CaseName,
    text: Annotated[str, typer.Option(help="理由 (why)")],
    version: Version = None, key: Key = "",
) -> None:
    verb(session, case, "reopen", version, key, text=text)


@command(group, "decide-reopen", "重办审批 (answer that)")
def decide_reopen(
    session: Session, *, case: CaseName,
    grant: Annotated[bool, typer.Option("--grant/--refuse", help="同意或不同意")],
    text: Words = "", version: Version = None, key: Key = "",
) -> None:
    verb(session, case, "reopen-decision", version, key, granted=grant, text=text)


@command(group, "reporter", "举报人，查看留痕 (who reported it; looking is recorded)")
def reporter(session: Session, case: CaseName, purpose: Purpose) -> None:
    with session.api() as api:
        found = api.post(f"/cases/{api.case_id(case)}/reporter", {"purpose": purpose})
    session.speech.show(found, lambda: session.speech.table(
        ("name", "phone", "wants_reply", "channel"), [found] if found["phone"] or found["name"]
        else []))


@command(callers, "find", "按电话查来电人的案卷，查看留痕 (a caller's cases; looking is recorded)")
def find(
    session: Session, phone: Annotated[str, typer.Argument(help="电话 (phone)")], purpose: Purpose,
) -> None:
    with session.api() as api:
        rows = api.post("/reporters/search", {"phone": phone, "purpose": purpose})["cases"]
    session.speech.show(rows, lambda: session.speech.table(
        ("case_no", "status", "name", "address", "opened_at"), rows))


@command(notices, "list", "待回告与已回告 (what is to be told, and what was)")
def list_(
    session: Session, *,
    state: Annotated[str, typer.Option(help="pending | delivered | failed")] = "pending",
    case: Annotated[str, typer.Option(help="只看此案卷 (of one case)")] = "",
    after: Annotated[str, typer.Option(help="上一页给出的游标 (cursor)")] = "",
    limit: Annotated[int, typer.Option(min=1, max=200)] = 50,
) -> None:
    speech = session.speech
    with session.api() as api:
        page = api.get("/notices", state=state, case_id=api.case_id(case) if case else "",
                       after=after, limit=limit)

    def draw() -> None:
        # lines, not a table: beside so many columns the text would be one character wide
        for item in page["items"]:
            speech.say(speech.t("notice.line", **{
                **item, "kind": speech.named(item["kind"], NOTICES),
                "recipient": speech.named(item["recipient"], {"reporter": "举报人"}),
                "channel": speech.named(item["channel"], CHANNELS),
                "state": speech.named(item["state"], TOLD)}))
            speech.say("  " + item["text"])
        if not page["items"]:
            speech.say(speech.t("list.empty"))
        if page["next"]:
            speech.note(speech.t("list.more", next=page["next"]))

    speech.show(page, draw)


@command(notices, "told", "登记回告结果 (say how telling it went)")
def told(
    session: Session, *,
    notice: Annotated[str, typer.Argument(help="回告编号 (id of the notice)")],
    delivered: Annotated[bool, typer.Option("--delivered/--failed", help="已告知，或未能告知")],
    channel: Annotated[str, typer.Option(help="实际渠道 (channel)")] = "",
    note: Annotated[str, typer.Option(help="备注 (note)")] = "",
    key: Key = "",
) -> None:
    with session.api() as api:
        row = api.post(f"/notices/{notice}/outcome",
                       {"delivered": delivered, "channel": channel, "note": note}, key=key)
    session.speech.show(row, lambda: session.speech.say(session.speech.t(
        "notice.told", case_no=row["case_no"], state=session.speech.named(row["state"], TOLD))))
