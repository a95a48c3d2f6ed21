"""``wanmi case no-owner``, ``coordinate``, ``dispute``, ``repair`` and what answers them: what no
rule solves."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Annotated, Any

import typer

from node.cli.cases import CaseName, Key, Photos, Version, group
from node.cli.session import Session, command
from node.cli.speech import Exit
from node.cli.verbs import post
from node.core.coordination import CoordinationKind, Size
from node.core.fund import AMOUNT_FEN_MAX
from node.service.fund import yuan

Text = Annotated[str, typer.Option(help="文字说明 (in words)")]
MaybeText = Annotated[str, typer.Option(help="文字说明 (in words)")]
Fen = Annotated[int, typer.Option(
    "--fen", min=1, max=AMOUNT_FEN_MAX, help="金额，单位分 (amount in fen)")]

IsOpen = Callable[[dict[str, Any]], bool]


@dataclass(frozen=True, slots=True, kw_only=True)
class Listed:
    """A list of a case of which one open entry is answered: where it stands, what names an entry,
    and what is said if none is open, or several."""

    where: str
    name: str
    none: str
    several: str


COORDINATIONS = Listed(where="coordinations", name="coordination_id",
                       none="case.no_coordinations", several="case.coordinations")
DISPUTES = Listed(where="disputes", name="dispute_id",
                  none="case.no_disputes", several="case.disputes")
REPAIRS = Listed(where="repairs", name="repair_id", none="case.no_repairs", several="case.repairs")


@command(group, "no-owner", "无责任主体 (nobody responsible can be named)")
def no_owner(
    session: Session, *, case: CaseName, text: Text, version: Version = None, key: Key = "",
) -> None:
    post(session, case, "no-owner", version, key, text=text)


@command(group, "coordinate", "提请协调 (ask the body above who leads)")
def coordinate(
    session: Session, *, case: CaseName,
    kind: Annotated[CoordinationKind, typer.Argument(
        help="no_owner 无责任主体 | boundary 边界不清 | policy 政策原因 | "
             "multi_department 多部门协作 | ownership 权属不清 | offence 违法行为查处难")],
    level: Annotated[str, typer.Option(
        help="由谁决定：committee 委员会、area 属地政府；不合规定时告知应报哪一级 "
        "(who decides; a wrong level is refused)")],
    text: Text,
    size: Annotated[Size, typer.Option(help="ordinary 一般 | large 重大")] = Size.ORDINARY,
    with_case: Annotated[list[str] | None, typer.Option(
        "--with", help="一并提请的案卷，作为一个综合问题，可重复 "
        "(a case asked about with it, as one problem; repeatable)")] = None,
    version: Version = None, key: Key = "",
) -> None:
    joint: dict[str, object] = {}
    if with_case:
        with session.api() as api:
            joint["with_cases"] = [api.case_id(one) for one in with_case]
    post(session, case, "coordination", version, key, kind=str(kind), size=str(size), level=level,
         text=text, **joint)


@command(group, "coordination-decide", "协调决定：牵头与配合单位 (say who leads, who assists)")
def coordination_decide(
    session: Session, *, case: CaseName,
    lead: Annotated[str, typer.Option(help="牵头单位，编号或名称 (the unit that leads)")],
    text: Text,
    assistant: Annotated[list[str] | None, typer.Option(
        "--assistant", help="配合单位，可重复 (a unit that assists, repeatable)")] = None,
    coordination: Annotated[str, typer.Option(
        help="协调编号，仅一个时可省 (its id; may be left out if there is one)")] = "",
    version: Version = None, key: Key = "",
) -> None:
    coordination = coordination or _only(
        session, case, COORDINATIONS, lambda one: one["open"] and not one["upward"])
    post(session, case, "coordination-decision", version, key, coordination_id=coordination,
         lead=lead, assistants=assistant or [], text=text)


@command(group, "dispute", "责任争议，先行处置 (contest whose case it is, and go on handling it)")
def dispute(
    session: Session, *, case: CaseName,
    reason: Annotated[str, typer.Option(help="原因代码，如 not_ours (reason code)")],
    text: Text, version: Version = None, key: Key = "",
) -> None:
    post(session, case, "dispute", version, key, reason_code=reason, text=text)


@command(group, "dispute-decide", "争议裁定，不改变承办 (answer a contest; who has it stays)")
def dispute_decide(
    session: Session, *, case: CaseName,
    upheld: Annotated[bool, typer.Option("--uphold/--dismiss", help="成立或不成立")],
    text: Text,
    dispute: Annotated[str, typer.Option(
        help="争议编号，仅一个时可省 (its id; may be left out if there is one)")] = "",
    version: Version = None, key: Key = "",
) -> None:
    dispute = dispute or _only(
        session, case, DISPUTES, lambda one: one["upheld"] is None)
    post(session, case, "dispute-decision", version, key, dispute_id=dispute, upheld=upheld,
         text=text)


@command(group, "repair", "代整治 (record that somebody repaired it first, at whose cost)")
def repair(
    session: Session, *, case: CaseName,
    performer: Annotated[str, typer.Option(help="实施单位 (who repaired it)")],
    fen: Fen,
    payer: Annotated[str, typer.Option(
        help="应承担费用的单位，空为由资金承担 (who owes it; empty = the fund bears it)")] = "",
    text: MaybeText = "", photo: Photos = None, version: Version = None, key: Key = "",
) -> None:
    with session.api() as api:
        photos = [api.photo(path, "handle_after") for path in photo or ()]
    post(session, case, "proxy-repair", version, key, performer=performer, cost_fen=fen,
         payer=payer, text=text, photos=photos)


@command(group, "recovery", "追缴到账 (record money that came back)")
def recovery(
    session: Session, *, case: CaseName,
    payer: Annotated[str, typer.Option(help="付款单位 (who paid)")],
    fen: Fen,
    repair: Annotated[str, typer.Option(
        help="代整治编号，仅一笔未清时可省 (its id; may be left out if one is owed)")] = "",
    text: MaybeText = "", version: Version = None, key: Key = "",
) -> None:
    repair = repair or _only(
        session, case, REPAIRS, lambda one: one["outstanding_fen"] > 0)
    post(session, case, "recovery", version, key, repair_id=repair, amount_fen=fen, payer=payer,
         text=text)


def _only(session: Session, case: str, what: Listed, is_open: IsOpen) -> str:
    """The id of the one that is still open, of those that the case lists."""
    with session.api() as api:
        document = api.get(f"/cases/{api.case_id(case)}")
    found = [one for one in document[what.where] if is_open(one)]
    if not found:
        raise session.speech.trouble(Exit.REFUSED, what.none)
    if len(found) != 1:
        raise session.speech.trouble(
            Exit.USAGE, what.several, count=len(found),
            lines=[_line(one, what.name) for one in found])
    return str(found[0][what.name])


def _line(one: dict[str, Any], name: str) -> str:
    owed = f"{one['payer']} {yuan(one['outstanding_fen'])}  " if "outstanding_fen" in one else ""
    return f"{one[name]}  {owed}{one['text']}"
