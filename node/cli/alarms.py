"""``wanmi alarm …``: collectors who call for help, and the duty desk that looks after it."""

from __future__ import annotations

from typing import Annotated, Any

import typer

from node.cli.client import Api
from node.cli.session import Session, command
from node.cli.speech import Exit, Speech

group = typer.Typer(help="采集员报警 (collectors who call for help)", no_args_is_help=True)

AlarmId = Annotated[str, typer.Argument(help="报警编号 (id)")]
STATES = {"raised": "alarm.waiting", "taken": "alarm.taken", "settled": "alarm.settled"}
NUMBERS = 2
"""A point has so many."""


@command(group, "raise", "报警，值班席立即收到 (call for help; the duty desk is told at once)")
def raise_(
    session: Session, *,
    kind: Annotated[str, typer.Option(help="类型代码，见 wanmi alarm choices (kind)")],
    text: Annotated[str, typer.Option(help="情况说明 (what happens)")] = "",
    collector: Annotated[str, typer.Option(
        help="遇险的采集员，默认本账号 (who is in danger; default: this account)")] = "",
    point: Annotated[str, typer.Option(help="位置：经度,纬度 (lon,lat)")] = "",
    crs: Annotated[str, typer.Option(help="坐标系 (system of the point)")] = "CGCS2000",
    key: Annotated[str, typer.Option(help="幂等键 (makes repeats harmless)")] = "",
) -> None:
    speech = session.speech
    body: dict[str, object] = {"kind": kind, "text": text, "collector": collector}
    if point:
        x, y = _point(point, speech)
        body |= {"x": x, "y": y, "crs": crs}
    with session.api() as api:
        made = api.post("/alarms", body, key=key)
    speech.show(made, lambda: speech.say(speech.t("alarm.raised", id=made["id"])))


@command(group, "list", "报警，最新在前 (alarms, the newest first)")
def list_(
    session: Session, *,
    settled: Annotated[bool, typer.Option("--settled", help="已处理的 (settled ones)")] = False,
    after: Annotated[str, typer.Option(help="上一页给出的游标 (cursor)")] = "",
    limit: Annotated[int, typer.Option(min=1, max=200)] = 50,
) -> None:
    speech = session.speech
    with session.api() as api:
        page = api.get("/alarms", settled=settled, after=after, limit=limit)
        names = _names(api, speech)

    def draw() -> None:
        speech.table(
            ("at", "collector", "alarm_kind", "alarm_state", "id"),
            [{**one, "alarm_kind": names["kinds"].get(one["kind"], one["kind"]),
              "alarm_state": one["state"]} for one in page["items"]],
        )
        if page["next"]:
            speech.note(speech.t("list.more", next=page["next"]))

    speech.show(page, draw)


@command(group, "choices", "报警类型和处理方式 (kinds and outcomes)")
def choices(session: Session) -> None:
    speech = session.speech
    with session.api() as api:
        found = api.get("/alarms/choices")

    def draw() -> None:
        for part, title in (("kinds", "alarm.kinds"), ("outcomes", "alarm.outcomes")):
            speech.say(speech.t(title))
            speech.table(("code", "name"), [
                {"code": one["code"], "name": one[speech.language]} for one in found[part]])
            speech.say("")
        speech.say(speech.t("alarm.duty", roles="、".join(found["duty"])))

    speech.show(found, draw)


@command(group, "show", "查看报警及位置，记入审计 (one alarm with its place; audited)")
def show(session: Session, alarm_id: AlarmId) -> None:
    with session.api() as api:
        _tell(session.speech, api.get(f"/alarms/{alarm_id}"), _names(api, session.speech))


@command(group, "take", "接警 (look after it)")
def take(
    session: Session, alarm_id: AlarmId, *,
    over: Annotated[bool, typer.Option("--over", help="接手他人已接的警 (take it over)")] = False,
) -> None:
    with session.api() as api:
        found = api.post(f"/alarms/{alarm_id}/take", {"over": over})
        _tell(session.speech, found, _names(api, session.speech))


@command(group, "settle", "登记处理结果 (say what was done, which ends it)")
def settle(
    session: Session, alarm_id: AlarmId, *,
    outcome: Annotated[str, typer.Option(help="处理方式代码，见 wanmi alarm choices (outcome)")],
    report: Annotated[str, typer.Option(help="处理经过 (what was done)")],
    reference: Annotated[str, typer.Option(help="接警单号 (the police's number)")] = "",
) -> None:
    with session.api() as api:
        found = api.post(f"/alarms/{alarm_id}/settle", {
            "outcome": outcome, "report": report, "reference": reference})
        _tell(session.speech, found, _names(api, session.speech))


def _point(given: str, speech: Speech) -> tuple[float, float]:
    parts = given.replace("，", ",").split(",")
    try:
        if len(parts) == NUMBERS:
            return float(parts[0]), float(parts[1])
    except ValueError:
        pass
    raise speech.trouble(Exit.USAGE, "alarm.point", given=given)


def _names(api: Api, speech: Speech) -> dict[str, dict[str, str]]:
    """Codes of kinds and outcomes with their names in the reader's language."""
    found = api.get("/alarms/choices")
    return {part: {one["code"]: one[speech.language] for one in found[part]}
            for part in ("kinds", "outcomes")}


def _tell(speech: Speech, one: dict[str, Any], names: dict[str, dict[str, str]]) -> None:
    def draw() -> None:
        speech.say(speech.t("alarm.head", id=one["id"]))
        speech.say(speech.t(STATES[one["state"]], by=one["settled_by"] or one["taken_by"],
                            at=speech.time(one["settled_at"] or one["taken_at"])))
        speech.say(speech.t(
            "alarm.who", collector=one["collector"], by=one["raised_by"],
            kind=names["kinds"].get(one["kind"], one["kind"])))
        speech.say(speech.t("alarm.when", at=speech.time(one["at"]),
                            received=speech.time(one["received_at"])))
        if one["lon"] is None:
            speech.say(speech.t("alarm.nowhere"))
        else:
            about = one["accuracy_m"]
            speech.say(speech.t("alarm.where", lon=f"{one['lon']:.6f}", lat=f"{one['lat']:.6f}",
                                metres="?" if about is None else f"{about:.0f}"))
        if one["text"]:
            speech.say(speech.t("alarm.text", text=one["text"]))
        if one["outcome"]:
            outcome = names["outcomes"].get(one["outcome"], one["outcome"])
            speech.say(speech.t("alarm.done", outcome=outcome, report=one["report"]))
        if one["reference"]:
            speech.say(speech.t("alarm.reference", reference=one["reference"]))

    speech.show(one, draw)
