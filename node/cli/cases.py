"""``wanmi case …``: the verbs of the trade from a terminal.

A case is named by its id or by its number. Every change carries a fresh idempotency key, so a
lost answer can be repeated by hand with ``--key``.
"""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path
from typing import Annotated

import typer

from node.cli.case_page import STANDS_BY, draw, draw_course, standby_lines
from node.cli.names import FORMS
from node.cli.session import Session, command
from node.cli.speech import Exit, Speech
from node.cli.verbs import done
from node.cli.verbs import post as verb
from node.core.datum import datum_of

group = typer.Typer(help="案卷 (cases)", no_args_is_help=True)

CaseName = Annotated[str, typer.Argument(help="案卷标识或案卷号 (id or number)")]
Version = Annotated[int | None, typer.Option(
    "--version", min=0, help="你看到的版本 (the version you have seen)")]
Key = Annotated[str, typer.Option(
    "--key", help="幂等键，重复执行无副作用 (idempotency key)", show_default=False)]
Photos = Annotated[list[Path] | None, typer.Option(
    "--photo", help="照片文件，可重复 (photo file, repeatable)", dir_okay=False)]
FinishBy = Annotated[str, typer.Option(
    "--finish-by", help="办结时限 ISO 8601，默认按立案条件 (default: as the proposal says)",
    show_default=False)]

DueBy = Annotated[str, typer.Option(
    "--due-by", help="完成时间 ISO 8601 (when it is due)", show_default=False)]
DuplicateOf = Annotated[str, typer.Option(
    "--duplicate-of", help="并入的案卷标识或案卷号 (the case that goes on)", show_default=False)]

LIST_COLUMNS = ("case_no", "status", "area", "name", "assignee", "finish_by", "light")
HANDLED_COLUMNS = ("case_no", "status", "name", "handler", "assignee", "finish_by", "light")
"""Of a page with handlers: at a unit's desk area and origin are the same on every line, and a
terminal has eighty columns."""


@command(group, "list", "案卷列表 (list cases)")
def list_(
    session: Session,
    *,
    status: Annotated[str, typer.Option(help="状态 (status)")] = "",
    area: Annotated[str, typer.Option(help="区划代码 (division code)")] = "",
    code: Annotated[str, typer.Option(help="分类代码 (category code)")] = "",
    text: Annotated[str, typer.Option(help="案卷号或地址中的文字 (number or address)")] = "",
    assignee: Annotated[str, typer.Option(help="承办，如 node:420203 (assignee)")] = "",
    source: Annotated[str, typer.Option(help="来源 (source)")] = "",
    task_for: Annotated[str, typer.Option(
        "--task-for", help="待该采集员核实或核查 (collector whose look is open)")] = "",
    flag: Annotated[str, typer.Option(
        help="标记，如 outside_coverage、area_contradicted、photo_repeated (only so marked)")] = "",
    handler: Annotated[str, typer.Option(
        help="本单位经办人，全名 (who handles it here, the whole name)")] = "",
    overdue: Annotated[bool, typer.Option("--overdue", help="仅超期 (overdue only)")] = False,
    light: Annotated[str, typer.Option(help="灯：green yellow red grey (light)")] = "",
    no_owner: Annotated[bool, typer.Option(
        "--no-owner", help="只看无责任主体的案卷 (only cases nobody answers for)")] = False,
    contested: Annotated[bool, typer.Option(
        "--contested", help="只看责任争议未决的案卷 (only contested ones)")] = False,
    origin: Annotated[str, typer.Option(
        help="own 本级 | above 上级交办 (opened here, or handed down)")] = "",
    opened_from: Annotated[str, typer.Option(help="登记时间起 (ISO 8601)")] = "",
    opened_to: Annotated[str, typer.Option(help="登记时间止 (ISO 8601)")] = "",
    after: Annotated[str, typer.Option(help="上一页给出的游标 (cursor)")] = "",
    limit: Annotated[int, typer.Option(min=1, max=200)] = 50,
) -> None:
    with session.api() as api:
        page = api.get(
            "/cases", status=status, area=area, code=code, text=text, assignee=assignee,
            source=source, task_for=task_for, flag=flag, handler=handler,
            overdue=overdue and "true", light=light,
            no_owner=no_owner and "true", contested=contested and "true", origin=origin,
            opened_from=opened_from, opened_to=opened_to, after=after, limit=limit,
        )

    def draw() -> None:
        handed_down = any(one.get("origin", "own") != "own" for one in page["items"])
        columns = (*LIST_COLUMNS, "origin") if handed_down else LIST_COLUMNS
        if any(one.get("handler") for one in page["items"]):
            columns = HANDLED_COLUMNS
        session.speech.table(columns, page["items"])
        if page["next"]:
            session.speech.note(session.speech.t("list.more", next=page["next"]))

    session.speech.show(page, draw)


@command(group, "show", "一个案卷的全部内容 (one case, whole)")
def show(session: Session, case: CaseName) -> None:
    with session.api() as api:
        document = api.get(f"/cases/{api.case_id(case)}")
        urgent = (document["facts"] or {}).get("urgent") and document["status"] in STANDS_BY
        document["standby"] = api.get(
            f"/cases/{document['case_id']}/standby") if urgent else []
        if not session.speech.as_json:
            document["sources"] = api.get("/sources")
    session.speech.show(document, lambda: draw(session.speech, document))


@command(group, "forms", "发给无系统单位的表单链接 (form links for units without a system)")
def forms(
    session: Session, case: CaseName,
    renew: Annotated[str, typer.Option(
        help="换发该适配器的链接，旧链接作废 (adapter whose link is made anew)")] = "",
) -> None:
    speech = session.speech
    with session.api() as api:
        links = api.get(f"/cases/{api.case_id(case)}/forms")
        if renew:
            mine = [one for one in links if one["adapter"] == renew]
            if not mine:
                raise speech.trouble(Exit.UNKNOWN, "form.none", adapter=renew)
            newest = {"adapter": renew, "key": mine[-1]["key"]}
            links = [api.post("/forms/renew", newest)]

    def draw() -> None:
        for link in links:
            speech.say(speech.t(
                "case.said.form", adapter=link["adapter"], url=link["url"],
                state=speech.named(link["state"], FORMS), until=speech.time(link["expires_at"])))
        if not links:
            speech.say(speech.t("list.empty"))

    speech.show(links, draw)


@command(group, "timeline", "本级与下级的全部经过 (everything that happened, here and below)")
def timeline(session: Session, case: CaseName) -> None:
    with session.api() as api:
        document = api.get(f"/cases/{api.case_id(case)}/timeline")
    session.speech.show(document, lambda: draw_course(session.speech, document["entries"]))


@command(group, "open", "登记问题 (register a problem)")
def open_(
    session: Session,
    *,
    standard: Annotated[str, typer.Option("--standard", help="分类标准 (standard)")],
    kind: Annotated[str, typer.Option(help="component 部件 | matter 事件")],
    code: Annotated[str, typer.Option(help="分类代码 (category code)")],
    area: Annotated[str, typer.Option(help="区划代码 (division code)")],
    address: Annotated[str, typer.Option(help="地址 (address)")],
    text: Annotated[str, typer.Option(help="问题描述 (what is wrong)")],
    name: Annotated[str, typer.Option(help="分类名称 (category name)")] = "",
    condition: Annotated[int, typer.Option(help="立案条件序号 (filing condition)")] = 0,
    source: Annotated[str, typer.Option(help="来源 (source)")] = "hotline",
    urgent: Annotated[bool, typer.Option("--urgent", help="紧急 (urgent)")] = False,
    lon: Annotated[float | None, typer.Option(help="经度或东坐标 (or easting)")] = None,
    lat: Annotated[float | None, typer.Option(help="纬度或北坐标 (or northing)")] = None,
    crs: Annotated[str, typer.Option(
        help="坐标系，如 GCJ02、EPSG:4547 (system of the point)")] = "CGCS2000",
    grid: Annotated[str, typer.Option(
        help="单元网格，默认按坐标查 (unit grid; default: by the point)")] = "",
    component: Annotated[str, typer.Option(help="部件标识码 (component)")] = "",
    photo: Annotated[list[Path] | None, typer.Option(
        "--photo", help="近景照片，可重复 (photo from near, repeatable)", dir_okay=False)] = None,
    photo_far: Annotated[list[Path] | None, typer.Option(
        "--photo-far", help="远景照片，可重复 (photo from afar, repeatable)",
        dir_okay=False)] = None,
    detail: Annotated[list[str] | None, typer.Option(
        "--detail", help="来源要求的内容，如 outlet=东楚晚报；见 wanmi case sources "
        "(what the source asks for)")] = None,
    caller: Annotated[str, typer.Option(help="举报人姓名 (who reports)")] = "",
    phone: Annotated[str, typer.Option(help="举报人电话 (their phone)")] = "",
    reply: Annotated[bool, typer.Option(
        "--reply", help="举报人要求答复 (they want to hear the end)")] = False,
    call: Annotated[str, typer.Option(
        "--call", help="来电编号：由来电转案卷，来电人即举报人 (the call it comes of)")] = "",
    seen_at: Annotated[str, typer.Option(
        "--seen-at", help="发现时间 ISO 8601，离线补报用 (when it was seen)")] = "",
    key: Key = "",
) -> None:
    reporter = {"name": caller, "phone": phone, "wants_reply": reply}
    with session.api() as api:
        photos = [api.photo(path, "near") for path in photo or ()]
        photos += [api.photo(path, "far") for path in photo_far or ()]
        answer = api.post(f"/calls/{call}/open" if call else "/cases", {
            "category": {"standard_ref": standard, "kind": kind, "code": code, "name": name,
                         "condition_no": condition},
            "place": {"area": area, "address": address, "crs": crs, "grid": grid,
                      **pair(lon, lat, crs)},
            "component": component,
            "text": text, "source": source, "urgent": urgent,
            "photos": photos, "details": pairs(detail or (), session.speech),
            "reporter": reporter if caller or phone or reply else None,
            "reported_at": seen_at or None,
        }, key=key)
    done(session, answer)
    for warning in answer["warnings"]:
        session.speech.note(session.speech.t("case.warning", sentence=warning))
    if answer["follow_up"]:
        session.speech.note(session.speech.t("case.follow_up", code=answer["follow_up"]))


def pair(east: float | None, north: float | None, crs: str) -> dict[str, float | None]:
    """The two numbers under the names that the API gives them: degrees or metres."""
    projected = crs.upper().startswith("EPSG") and datum_of(crs) is None
    return {"x": east, "y": north} if projected else {"lon": east, "lat": north}


def pairs(given: Iterable[str], speech: Speech) -> dict[str, str]:
    """``key=value`` as they stand on the command line."""
    found = {}
    for one in given:
        key, sign, value = one.partition("=")
        if not sign or not key:
            raise speech.trouble(Exit.USAGE, "case.detail", given=one)
        found[key] = value
    return found


def named(session: Session, case: str) -> str:
    """The id of a case named by id or number, "" for none."""
    if not case:
        return ""
    with session.api() as api:
        return api.case_id(case)


@command(group, "file", "立案 (file)")
def file(
    session: Session, *, case: CaseName, text: Annotated[str, typer.Option()] = "",
    condition: Annotated[int, typer.Option(
        min=0, help="立案条件序号；0 为上报时所选 (filing condition)")] = 0,
    reason: Annotated[str, typer.Option(
        help="目录外立案的理由 (why a class outside of the list is filed)")] = "",
    outside_reason: Annotated[str, typer.Option(
        help="位置在覆盖范围外、区划与点位不符时立案的理由 (why such a place is filed)")] = "",
    version: Version = None, key: Key = "",
) -> None:
    verb(session, case, "file", version, key, text=text, condition_no=condition,
         out_of_list_reason=reason, outside_reason=outside_reason)


@command(group, "decline", "不予立案 (do not file)")
def decline(
    session: Session, *, case: CaseName, reason: Annotated[str, typer.Option()],
    code: Annotated[str, typer.Option(help="原因代码 (reason code)")] = "",
    duplicate_of: DuplicateOf = "", version: Version = None, key: Key = "",
) -> None:
    verb(session, case, "decline", version, key, reason=reason, reason_code=code,
         duplicate_of=named(session, duplicate_of))


@command(group, "proposal", "建议派给谁，及其理由 (whom the tables name, and why)")
def proposal(session: Session, case: CaseName) -> None:
    speech = session.speech
    with session.api() as api:
        case_id = api.case_id(case)
        said = api.get(f"/cases/{case_id}/proposal")
        said["standby"] = api.get(f"/cases/{case_id}/standby")

    def draw() -> None:
        reason = said["reason"]
        speech.say(speech.t("case.said.proposal", assignee=said["assignee"], reason=reason)
                   if said["assignee"] else speech.t("case.said.nobody", reason=reason))
        if said["over"]:
            speech.say("  " + speech.t("case.said.over", units="、".join(said["over"])))
        if said["assistants"]:
            speech.say("  " + speech.t("case.said.assist", units="、".join(said["assistants"])))
        for unit in said["standby"]:
            standby_lines(speech, unit)

    speech.show(said, draw)


@command(group, "dispatch", "派遣，默认按权责清单 (hand over; default: whom the table names)")
def dispatch(
    session: Session, *, case: CaseName,
    to: Annotated[str, typer.Option(help="node:<id> | adapter:<id>")] = "",
    finish_by: FinishBy = "", text: Annotated[str, typer.Option()] = "",
    version: Version = None, key: Key = "",
) -> None:
    speech = session.speech
    if not to:
        with session.api() as api:
            proposal = api.get(f"/cases/{api.case_id(case)}/proposal")
        to = proposal["assignee"]
        if not to:
            raise speech.trouble(Exit.REFUSED, "case.no_assignee", reason=proposal["reason"],
                                 lines=proposal["candidates"])
    verb(session, case, "dispatch", version, key, to=to, text=text,
          limits={"finish_by": finish_by} if finish_by else None)


@command(group, "sign", "签收 (sign for it)")
def sign(
    session: Session, *, case: CaseName,
    reference: Annotated[str, typer.Option(help="本单位工单号 (your own number)")] = "",
    version: Version = None, key: Key = "",
) -> None:
    verb(session, case, "sign", version, key, unit_reference=reference)


@command(group, "progress", "处置进展 (say that work goes on)")
def progress(
    session: Session, *, case: CaseName, text: Annotated[str, typer.Option()],
    version: Version = None, key: Key = "",
) -> None:
    verb(session, case, "progress", version, key, text=text)


@command(group, "feed-back", "反馈 (say that it is handled)")
def feed_back(
    session: Session, *, case: CaseName, result: Annotated[str, typer.Option()],
    photo: Photos = None,
    before: Annotated[list[Path] | None, typer.Option(
        "--photo-before", help="处置前照片，可重复 (photo from before, repeatable)",
        dir_okay=False)] = None,
    closing_met: Annotated[bool, typer.Option(
        "--closing-met", help="已达到结案条件，条件见 case show (the closing condition is met)",
        )] = False,
    version: Version = None, key: Key = "",
) -> None:
    with session.api() as api:
        photos = [api.photo(path, "handle_before") for path in before or ()]
        photos += [api.photo(path, "handle_after") for path in photo or ()]
    verb(session, case, "feed-back", version, key, result=result, photos=photos,
         closing_met=closing_met)


@command(group, "adopt-late", "采用迟到的反馈 (take a result that came late as ours)")
def adopt_late(
    session: Session, *, case: CaseName,
    cause: Annotated[str, typer.Option(
        help="迟到反馈的编号，见 case show (as the case shows it)")],
    text: Annotated[str, typer.Option(help="说明 (words)")] = "",
    version: Version = None, key: Key = "",
) -> None:
    verb(session, case, "adopt-late", version, key, cause=cause, text=text)


@command(group, "withdraw", "撤回派遣 (call the assignment back)")
def withdraw(
    session: Session, *, case: CaseName, reason: Annotated[str, typer.Option()],
    version: Version = None, key: Key = "",
) -> None:
    verb(session, case, "withdraw", version, key, reason=reason)


@command(group, "check", "核查：派出，或登记结果 (send somebody to look, or say what was found)")
def check(
    session: Session, *, case: CaseName,
    passed: Annotated[bool | None, typer.Option(
        "--pass/--fail", help="结果；省略为派出核查 (left out: start the check)")] = None,
    text: Annotated[str, typer.Option()] = "", finish_by: FinishBy = "", photo: Photos = None,
    collector: Annotated[str, typer.Option(help="派给哪位采集员 (whom to send)")] = "",
    due_by: DueBy = "", version: Version = None, key: Key = "",
) -> None:
    if passed is None:
        verb(session, case, "start-check", version, key, text=text, collector=collector,
             due_by=due_by or None)
        return
    with session.api() as api:
        photos = [api.photo(path, "reference") for path in photo or ()]
    verb(session, case, "check", version, key, passed=passed, text=text, photos=photos,
          limits={"finish_by": finish_by} if finish_by else None)


@command(group, "close", "结案 (close)")
def close(
    session: Session, *, case: CaseName, text: Annotated[str, typer.Option()],
    version: Version = None, key: Key = "",
) -> None:
    verb(session, case, "close", version, key, text=text)
