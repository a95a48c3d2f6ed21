"""``wanmi fund …``: the fund for repairs by proxy."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated, Any

import typer

from node.cli.session import Session, command
from node.service.fund import yuan

group = typer.Typer(help="代整治资金 (the fund for repairs by proxy)", no_args_is_help=True)


@command(group, "show", "余额与待追缴 (balance and open recoveries)")
def show(session: Session) -> None:
    speech = session.speech
    with session.api() as api:
        found = api.get("/fund")

    def draw() -> None:
        speech.say(speech.t(
            "fund.stands", balance=yuan(found["balance_fen"]),
            deposited=yuan(found["deposited_fen"]), paid=yuan(found["paid_fen"]),
            recovered=yuan(found["recovered_fen"]), outstanding=yuan(found["outstanding_fen"])))
        rows: list[dict[str, Any]] = [
            {**one, "outstanding": yuan(one["outstanding_fen"])} for one in found["owed"]
        ]
        speech.table(("case_no", "payer", "performer", "outstanding", "at", "repair_id"), rows)

    speech.show(found, draw)


@command(group, "deposit", "登记拨入资金 (book money put in)")
def deposit(
    session: Session,
    number: Annotated[str, typer.Argument(help="凭证号，重复登记无效 (your own number)")],
    fen: Annotated[int, typer.Argument(help="金额，单位分 (amount in fen)", min=1)],
    text: Annotated[str, typer.Option(help="说明 (what for)")],
) -> None:
    speech = session.speech
    with session.api() as api:
        said = api.post("/fund/deposits",
                        {"deposit_id": number, "amount_fen": fen, "text": text})
    key = "fund.booked" if said["count"] else "fund.known"
    speech.show(said, lambda: speech.say(speech.t(key, number=number, amount=yuan(fen))))


@command(group, "export", "导出台账为 CSV (the ledger as CSV)")
def export(
    session: Session,
    file: Annotated[Path, typer.Argument(help="写入的文件 (file to write)", dir_okay=False)],
) -> None:
    with session.api() as api:
        data = api.get_bytes("/fund/entries.csv")
    session.speech.write(file, data)
    session.speech.show({"file": str(file), "bytes": len(data)}, lambda: session.speech.say(
        session.speech.t("fund.written", file=file)))


@command(group, "rebuild", "按案卷日志重建台账 (write the ledger again from the journal)")
def rebuild(session: Session) -> None:
    with session.api() as api:
        said = api.post("/fund/rebuild")
    session.speech.show(said, lambda: session.speech.say(
        session.speech.t("fund.rebuilt", count=said["count"])))
