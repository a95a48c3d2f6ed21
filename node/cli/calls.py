"""``wanmi call …``: the log of calls, from taking one down to the figures of a month."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Annotated, Any, Final

import typer

from node.cli.cases import Key
from node.cli.intake import Purpose
from node.cli.names import CALL_STATES, CALL_STEPS
from node.cli.session import Session, command
from node.cli.speech import Exit, Speech
from node.service.case_words import UNITS

group = typer.Typer(
    help="来电登记：咨询、催问、结果意见 (calls, and what was answered)", no_args_is_help=True)

FORMATS: Final = {".csv": "csv", ".xlsx": "xlsx"}
LINES: Final = ("by_concern", "by_kind", "by_holder", "by_channel")
"""Tables of the figures; each is the heading of its first column too."""

Number = Annotated[str, typer.Argument(help="来电编号 (number of the call)")]
Case = Annotated[str, typer.Option("--case", help="案卷号或标识 (number or id of the case)")]
Unit = Annotated[str, typer.Option("--unit", help="答复单位，编号或名称 (unit that answers)")]
AnswerBy = Annotated[str, typer.Option(
    "--answer-by", help="答复时限 ISO 8601，默认按类别 (another time to answer by)")]
Text = Annotated[str, typer.Option("--text", help="说明 (words)")]
Channel = Annotated[str, typer.Option(
    help="渠道，见 wanmi call kinds (channel)")]
Kind = Annotated[str, typer.Option(help="类别，见 wanmi call kinds (kind)")]
Since = Annotated[str, typer.Option(help="来电时间起 ISO 8601 (received from)")]
Until = Annotated[str, typer.Option(help="来电时间止，不含 (received before)")]
State = Annotated[str, typer.Option(help="open | overdue | answered | late")]
Holder = Annotated[str, typer.Option(
    "--unit", help="答复单位编号；own 为本单位 (unit's id; own = our own desk)")]
Concerns = Annotated[str, typer.Option(help="none | case | result")]


@command(group, "record", "登记来电，可当场答复 (take a call down)")
def record(
    session: Session, *, kind: Kind,
    words: Annotated[str, typer.Option(
        "--words", help="来电内容，勿写姓名电话 (what was said, not who)")],
    name: Annotated[str, typer.Option(help="来电人姓名，单独保存 (who called)")] = "",
    phone: Annotated[str, typer.Option(help="来电电话，单独保存 (their phone)")] = "",
    channel: Channel = "phone", case: Case = "", unit: Unit = "", answer_by: AnswerBy = "",
    answer: Annotated[str, typer.Option(help="当场答复的内容 (what was answered at once)")] = "",
    key: Key = "",
) -> None:
    with session.api() as api:
        said = api.post("/calls", {
            "kind": kind, "channel": channel, "words": words, "name": name, "phone": phone,
            "case_id": api.case_id(case) if case else "", "unit": unit,
            "answer_by": answer_by or None,
            "answer": {"text": answer, "channel": channel} if answer else None,
        }, key=key)
    speech = session.speech
    speech.show(said, lambda: speech.say(speech.t(
        "call.recorded", call_no=said["call_no"], due=speech.time(said["due_by"]))))


@command(group, "list", "来电清单，新的在前 (calls, newest first)")
def list_(
    session: Session, *, kind: Kind = "", concerns: Concerns = "", channel: Channel = "",
    unit: Holder = "", state: State = "",
    text: Annotated[str, typer.Option(help="编号或内容的一部分 (part of it)")] = "",
    case: Case = "", since: Since = "", until: Until = "",
    after: Annotated[str, typer.Option(help="上一页给出的游标 (cursor)")] = "",
    limit: Annotated[int, typer.Option(min=1, max=200)] = 50,
) -> None:
    speech = session.speech
    with session.api() as api:
        page = api.get(
            "/calls", kind=kind, concerns=concerns, channel=channel, holder=unit, state=state,
            text=text, case_id=api.case_id(case) if case else "", since=since, until=until,
            after=after, limit=limit)

    def draw() -> None:
        for item in page["items"]:
            _lines(speech, item)
        if not page["items"]:
            speech.say(speech.t("list.empty"))
        if page["next"]:
            speech.note(speech.t("list.more", next=page["next"]))

    speech.show(page, draw)


@command(group, "show", "一个来电的经过 (one call and what was done with it)")
def show(session: Session, number: Number) -> None:
    with session.api() as api:
        found = api.get(f"/calls/{number}")
    session.speech.show(found, lambda: _whole(session.speech, found))


@command(group, "hand", "转有关单位答复，或收回 (let a unit answer it)")
def hand(
    session: Session, number: Number, unit: Unit = "", text: Text = "", answer_by: AnswerBy = "",
) -> None:
    _act(session, number, "hand",
         {"unit": unit, "text": text, "answer_by": answer_by or None})


@command(group, "answer", "登记答复内容和方式 (what the caller was told, and how)")
def answer(
    session: Session, number: Number, *, text: Text = "", channel: Channel = "phone",
    by: Annotated[str, typer.Option(help="答复人，默认答复单位 (who answered)")] = "",
    reached: Annotated[bool, typer.Option(
        "--reached/--unreached", help="已告知，或未联系上 (or nobody heard it)")] = True,
) -> None:
    _act(session, number, "answer",
         {"text": text, "channel": channel, "by": by, "reached": reached})


@command(group, "case", "来电转案卷：指明已登记的案卷 (the case that came of it)")
def case_(session: Session, number: Number, case: Case) -> None:
    with session.api() as api:
        said = api.post(f"/calls/{number}/case", {"case_id": api.case_id(case)})
    session.speech.show(said, lambda: _whole(session.speech, said))


@command(group, "reopen", "凭结果意见申请重办 (ask that the case be taken up again)")
def reopen(session: Session, number: Number, text: Text) -> None:
    _act(session, number, "reopen", {"text": text})


@command(group, "caller", "来电人，查看留痕 (who called; looking is recorded)")
def caller(session: Session, number: Number, purpose: Purpose) -> None:
    with session.api() as api:
        found = api.post(f"/calls/{number}/caller", {"purpose": purpose})
    rows = [{"person": found["name"], "phone": found["phone"]}] if any(found.values()) else []
    session.speech.show(found, lambda: session.speech.table(("person", "phone"), rows))


@command(group, "find", "按电话查来电，查看留痕 (calls from a phone; looking is recorded)")
def find(
    session: Session, phone: Annotated[str, typer.Argument(help="电话 (phone)")], purpose: Purpose,
) -> None:
    speech = session.speech
    with session.api() as api:
        rows = api.post("/calls/search", {"phone": phone, "purpose": purpose})["calls"]

    def draw() -> None:
        for item in rows:
            _lines(speech, item)
        if not rows:
            speech.say(speech.t("list.empty"))

    speech.show(rows, draw)


@command(group, "erase", "提前删除来电人信息 (erase who called before its time)")
def erase(
    session: Session, number: Number,
    reason: Annotated[str, typer.Option(help="原因，记入日志 (why; it is recorded)")],
) -> None:
    speech = session.speech
    with session.api() as api:
        said = api.post(f"/calls/{number}/erase", {"reason": reason})
    speech.show(said, lambda: speech.say(speech.t("call.erased", call_no=said["call_no"])))


@command(group, "kinds", "来电类别、答复时限和渠道 (kinds with their limits, channels)")
def kinds(session: Session) -> None:
    speech = session.speech
    with session.api() as api:
        found = api.get("/calls/rules")
    tongue = "en" if speech.language == "en" else "zh"

    def draw() -> None:
        speech.table(("code", "name", "concerns", "answer_within"),
                     [{**one, "name": one[tongue],
                       "answer_within": _limit(speech, one["answer_within"])}
                      for one in found["kinds"]])
        speech.say("")
        speech.table(("code", "channel"),
                     [{"code": one["code"], "channel": one[tongue]} for one in found["channels"]])
        speech.say("")
        speech.say(speech.t("call.keep", days=found["keep_days"], version=found["version"]))

    speech.show(found, draw)


@command(group, "figures", "一日、一周或一月的来电统计 (figures of a day, week or month)")
def figures(
    session: Session,
    period: Annotated[str, typer.Argument(help="2026-11-25、2026-W48 或 2026-11 (period)")],
) -> None:
    speech = session.speech
    with session.api() as api:
        told = api.get("/calls/figures", period=period)

    def draw() -> None:
        speech.say(speech.t("call.head", period=told["period"], at=speech.time(told["as_of"])))
        for table in LINES:
            if told[table]:
                speech.say("")
                speech.table(
                    (table, "received", "answered", "in_time", "belated", "unanswered",
                     "open_yet", "share"),
                    [_counts(speech, table, one) for one in told[table]])
        total = told["total"]
        speech.say("")
        speech.say(speech.t(
            "call.total", received=total["received"], answered=total["answered"],
            in_time=total["in_time"], overdue=total["overdue"],
            share=_share(speech, total["in_time_share"])))
        speech.say(speech.t("call.total.came", became=total["became"],
                            reopened=total["reopened"]))

    speech.show(told, draw)


@command(group, "export", "导出清单，或统计，为 .csv 或 .xlsx (the list or figures as a file)")
def export(
    session: Session,
    file: Annotated[Path, typer.Argument(
        help="写入的文件，按扩展名定格式 (file; its ending is the format)", dir_okay=False)],
    period: Annotated[str, typer.Option(
        help="给出周期则导出统计 (figures of this period instead)")] = "",
    *, kind: Kind = "", concerns: Concerns = "", channel: Channel = "", unit: Holder = "",
    state: State = "", since: Since = "", until: Until = "",
) -> None:
    speech = session.speech
    format_ = FORMATS.get(file.suffix.lower())
    if format_ is None:
        raise speech.trouble(Exit.USAGE, "stock.format", file=file)
    with session.api() as api:
        data = api.get_bytes("/calls/figures", period=period, format=format_) if period else (
            api.get_bytes(
                "/calls/export", format=format_, kind=kind, concerns=concerns, channel=channel,
                holder=unit, state=state, since=since, until=until))
    speech.write(file, data)
    speech.show({"file": str(file), "bytes": len(data)},
                lambda: speech.say(speech.t("call.written", file=file)))


def _act(session: Session, number: str, verb: str, body: Mapping[str, object]) -> None:
    with session.api() as api:
        said = api.post(f"/calls/{number}/{verb}", body)
    session.speech.show(said, lambda: _whole(session.speech, said))


def _named(speech: Speech, item: Mapping[str, Any], name: str) -> str:
    return str(item[f"{name}_{'en' if speech.language == 'en' else 'zh'}"])


def _lines(speech: Speech, item: Mapping[str, Any]) -> None:
    """A call in lines, not in a table: what was said needs the whole width."""
    speech.say(speech.t(
        "call.line", call_no=item["call_no"], kind=_named(speech, item, "kind"),
        state=speech.named(item["state"], CALL_STATES), due=speech.time(item["due_by"])))
    came = (speech.time(item["received_at"]), _named(speech, item, "channel"), item["caller"],
            item["phone"], item["received_by"])
    speech.say("  " + "  ".join(filter(None, came)))
    speech.say("  " + item["words"])
    if item["case_no"]:
        speech.say("  " + speech.t("call.about", case_no=item["case_no"],
                                   status=speech.status(item["case_status"])))
    if item["from_reporter"]:
        speech.say("  " + speech.t("call.reporter"))
    if item["became_no"]:
        speech.say("  " + speech.t("call.became", case_no=item["became_no"]))
    if item["holder"]:
        speech.say("  " + speech.t("call.holder", name=item["holder_name"]))
    if item["answered_at"]:
        speech.say("  " + speech.t(
            "call.answer", at=speech.time(item["answered_at"]), by=item["answered_by"],
            channel=_named(speech, item, "answer_channel"), text=item["answer"]))
    if item["reopened_at"]:
        speech.say("  " + speech.t("call.reopened", at=speech.time(item["reopened_at"])))


def _whole(speech: Speech, item: Mapping[str, Any]) -> None:
    _lines(speech, item)
    for one in item["steps"]:
        told = (speech.time(one["at"]), speech.named(one["step"], CALL_STEPS), one["actor"],
                one["detail"])
        speech.say("    " + "  ".join(filter(None, told)))


def _counts(speech: Speech, table: str, line: Mapping[str, Any]) -> dict[str, Any]:
    ours = table == "by_holder" and not line["key"]
    key = line["key"] if table == "by_concern" or speech.language == "en" else line["name"]
    return {
        **line, table: speech.t("call.ourselves") if ours else key, "belated": line["late"],
        "unanswered": line["overdue"], "open_yet": line["waiting"],
        "share": _share(speech, line["in_time_share"]),
    }


def _limit(speech: Speech, limit: str) -> str:
    """A limit as the API says it, ``4 work_hour``."""
    count, _, unit = limit.partition(" ")
    return limit if speech.language == "en" else count + UNITS.get(unit, unit)


def _share(speech: Speech, value: float | None) -> str:
    return speech.t("call.no_share") if value is None else f"{value:.1%}"
