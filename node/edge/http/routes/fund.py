"""The fund for repairs by proxy (代整治资金): balance, ledger, open recoveries, deposits."""

from __future__ import annotations

from datetime import datetime

from fastapi import APIRouter, Response
from pydantic import Field

from node.core.fund import AMOUNT_FEN_MAX
from node.edge.http.answers import BODY, fails
from node.edge.http.asked import Asked, Name, Words
from node.edge.http.bodies import JsonRoute
from node.edge.http.desk import LIMIT_DEFAULT, After, Desk, Limit
from node.edge.http.gate import Admin, Reader
from node.edge.http.told import Counted, PageOut, Told

router = APIRouter(prefix="/api/v1", tags=["fund"], route_class=JsonRoute)


class OwedOut(Told):
    """A repair that somebody still owes the fund for."""

    case_id: str
    case_no: str
    repair_id: str
    performer: str
    payer: str
    at: datetime
    cost_fen: int
    recovered_fen: int
    outstanding_fen: int


class FundOut(Told):
    """How the fund stands, in fen. `balance_fen` = deposited - paid + recovered."""

    deposited_fen: int
    paid_fen: int
    recovered_fen: int
    balance_fen: int
    outstanding_fen: int
    by_payer: dict[str, int] = Field(description="What each responsible body owes.")
    owed: list[OwedOut]


class FundEntryOut(Told):
    """One line of the ledger: a repair that was paid, or money that came back."""

    n: int
    case_id: str
    case_no: str
    repair_id: str
    kind: str = Field(examples=["repair", "recovery"])
    at: datetime
    amount_fen: int
    performer: str
    payer: str
    actor: str
    text: str


class DepositOut(Told):
    """Money put into the fund."""

    deposit_id: str
    at: datetime
    amount_fen: int
    actor: str
    text: str


class DepositIn(Asked):
    """Money put into the fund. The id is yours: booking it again books nothing."""

    deposit_id: Name = Field(examples=["2026-财政拨款-01"])
    amount_fen: int = Field(gt=0, le=AMOUNT_FEN_MAX, examples=[50_000_000])
    text: Words = Field(examples=["2026 年代整治资金财政拨款"])


@router.get("/fund", operation_id="getFund", summary="How the fund stands and who owes it",
            response_model=FundOut, responses=fails())
async def fund(desk: Desk, _caller: Reader) -> object:
    return await desk.fund.statement()


@router.get("/fund/entries", operation_id="listFundEntries", summary="The ledger, oldest first",
            response_model=PageOut[FundEntryOut], responses=fails("page.cursor"))
async def entries(
    desk: Desk, _caller: Reader, after: After = "", limit: Limit = LIMIT_DEFAULT,
) -> object:
    items, following = await desk.fund.entries(after, limit)
    return {"items": items, "next": following}


@router.get("/fund/entries.csv", operation_id="exportFundEntries",
            summary="The whole ledger as CSV, amounts in yuan", response_class=Response,
            responses=fails())
async def export(desk: Desk, _caller: Reader) -> Response:
    text = await desk.fund.as_csv()
    # The mark lets spreadsheet programs see that it is UTF-8.
    return Response(("\ufeff" + text).encode(), media_type="text/csv; charset=utf-8", headers={
        "Content-Disposition": 'attachment; filename="fund.csv"'})


@router.get("/fund/deposits", operation_id="listFundDeposits", summary="What was put in",
            response_model=list[DepositOut], responses=fails())
async def deposits(desk: Desk, _caller: Reader) -> object:
    return await desk.fund.deposits()


@router.post("/fund/deposits", operation_id="bookFundDeposit", summary="Book money put in",
             response_model=Counted, responses=fails("case.invalid", *BODY))
async def deposit(body: DepositIn, desk: Desk, caller: Admin) -> object:
    new = await desk.fund.deposit(
        body.deposit_id, body.amount_fen, body.text, actor=caller.name)
    return Counted(count=int(new))


@router.post("/fund/rebuild", operation_id="rebuildFund",
             summary="Write the ledger again from the journal", response_model=Counted,
             responses=fails())
async def rebuild(desk: Desk, _caller: Admin) -> object:
    return Counted(count=await desk.fund.rebuild())
