"""The fund for repairs by proxy: how it stands, who owes it, the ledger, what was put in."""

from __future__ import annotations

from typing import Any, Final

from fastapi import APIRouter, Response

from node.edge.console.money.sums import fen, money
from node.edge.console.visit import Here, PageRoute, Visit, form_of
from node.edge.console.work.rows import short
from node.edge.http.desk import After

PATH: Final = "/console/fund"
ROWS: Final = 50
KINDS: Final = {"repair": "代整治支出", "recovery": "追缴"}
router = APIRouter(prefix=PATH, include_in_schema=False, route_class=PageRoute)


@router.get("", operation_id="getFund")
async def fund(visit: Here, booked: str = "") -> Response:
    """How it stands."""
    stands = await visit.desk.fund.statement()
    called, say = visit.desk.queries.called, visit.say
    sums = (
        (say("余额"), stands.balance_fen), (say("拨入"), stands.deposited_fen),
        (say("支出"), stands.paid_fen), (say("已追缴"), stands.recovered_fen),
        (say("待追缴"), stands.outstanding_fen))
    most = max(stands.by_payer.values(), default=1) or 1
    return await visit.page(
        "money/fund.html", booked=bool(booked),
        sums=[(title, money(fen), fen < 0) for title, fen in sums],
        payers=[(called(name), money(fen), round(100 * fen / most, 2))
                for name, fen in stands.by_payer.items()],
        owed=[{
            "case_id": one.case_id, "case_no": one.case_no, "payer": called(one.payer),
            "performer": called(one.performer), "at": short(one.at.isoformat()),
            "cost": money(one.cost_fen), "recovered": money(one.recovered_fen),
            "outstanding": money(one.outstanding_fen)} for one in stands.owed],
        books=visit.may("bookFundDeposit"),
        deposits=[{**one, "at": short(one["at"].isoformat()), "amount": money(one["amount_fen"])}
                  for one in await visit.desk.fund.deposits()]
        if visit.may("listFundDeposits") else [],
        fresh=visit.desk.fresh_id())


@router.get("/ledger", operation_id="listFundEntries")
async def ledger(visit: Here, after: After = "") -> Response:
    """The ledger in the order of the journal; to a script that asks for more, what follows."""
    items, following = await visit.desk.fund.entries(after, ROWS)
    values: dict[str, Any] = {
        "rows": [_row(visit, one) for one in items],
        "more": f"{PATH}/ledger?after={following}" if following else ""}
    if visit.is_fragment:
        return visit.part("money/ledger_rows.html", **values)
    return await visit.page("money/ledger.html", **values)


def _row(visit: Visit, one: dict[str, Any]) -> dict[str, Any]:
    called = visit.desk.queries.called
    return {
        **one, "at": short(one["at"].isoformat()), "said": visit.say(KINDS[one["kind"]]),
        "amount": money(one["amount_fen"]), "performer": called(one["performer"])
        if one["performer"] else "", "payer": called(one["payer"]) if one["payer"] else "",
    }


@router.post("/deposits", operation_id="bookFundDeposit")
async def deposit(visit: Here) -> Response:
    """Book money that was put in; the same number again books nothing."""
    fields = await form_of(visit.request)
    await visit.desk.fund.deposit(
        str(fields.get("deposit_id", "")).strip()[:80] or str(fields.get("fresh", ""))[:80],
        fen(str(fields.get("amount", ""))), str(fields.get("text", "")).strip()[:2_000],
        actor=visit.caller.name)
    return visit.goes(f"{PATH}?booked=1")
