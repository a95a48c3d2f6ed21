"""The ledger of repairs by proxy: a projection of the journal, and deposits of its own."""

from __future__ import annotations

from collections.abc import Sequence

from sqlalchemy import Connection, case, delete, func, literal_column, select

from hub.store.dialect import insert_ignore
from node.store.rows import Row, all_rows
from node.store.tables import cases, fund_deposit, fund_entry, journal

_ADD_ENTRY = insert_ignore(fund_entry, ["n"])
_ADD_DEPOSIT = insert_ignore(fund_deposit, ["deposit_id"])
# Literal, so that both databases recognise the partial index over these entries.
_OF_THE_FUND = literal_column("journal.event_type").in_(
    [literal_column("'CostRecovered'"), literal_column("'ProxyRepairRecorded'")]
)


def fund_mark(conn: Connection) -> int:
    """Up to which journal entry the ledger is written, 0 = nothing yet."""
    return int(conn.execute(select(func.coalesce(func.max(fund_entry.c.n), 0))).scalar_one())


def fund_news(conn: Connection, after: int, limit: int) -> Sequence[Row]:
    """Journal entries of the fund behind ``after``: n case_id entry case_no."""
    statement = (
        select(journal.c.n, journal.c.case_id, journal.c.entry, cases.c.case_no)
        .join(cases, cases.c.case_id == journal.c.case_id)
        .where(_OF_THE_FUND, journal.c.n > after)
        .order_by(journal.c.n)
        .limit(limit)
    )
    return all_rows(conn.execute(statement))


def add_fund_entries(conn: Connection, rows: Sequence[Row]) -> None:
    """Insert, ignoring what is there: every column of ``fund_entry``."""
    _ADD_ENTRY.run(conn, rows)


def forget_fund_entries(conn: Connection) -> None:
    """Empty the ledger, to be written again from the journal."""
    conn.execute(delete(fund_entry))


def fund_entries(conn: Connection, after: int, limit: int) -> Sequence[Row]:
    """Entries in the order of the journal, those behind ``after``."""
    statement = (
        select(fund_entry).where(fund_entry.c.n > after).order_by(fund_entry.c.n).limit(limit)
    )
    return all_rows(conn.execute(statement))


def fund_sums(conn: Connection) -> Row:
    """deposited paid recovered, in fen."""
    of_kind = {
        kind: select(func.coalesce(func.sum(fund_entry.c.amount_fen), 0)).where(
            fund_entry.c.kind == kind
        )
        for kind in ("repair", "recovery")
    }
    deposited = select(func.coalesce(func.sum(fund_deposit.c.amount_fen), 0))
    return {
        "deposited": int(conn.execute(deposited).scalar_one()),
        "paid": int(conn.execute(of_kind["repair"]).scalar_one()),
        "recovered": int(conn.execute(of_kind["recovery"]).scalar_one()),
    }


def open_recoveries(conn: Connection, limit: int) -> Sequence[Row]:
    """Repairs that somebody still owes for, oldest first: case_id case_no repair_id performer
    payer at cost_fen recovered_fen."""
    is_repair = fund_entry.c.kind == "repair"

    cost = func.coalesce(func.sum(case((is_repair, fund_entry.c.amount_fen), else_=0)), 0)
    recovered = func.coalesce(func.sum(case((is_repair, 0), else_=fund_entry.c.amount_fen)), 0)
    payer = func.max(case((is_repair, fund_entry.c.payer), else_=""))
    statement = (
        select(
            fund_entry.c.case_id,
            func.max(fund_entry.c.case_no).label("case_no"),
            fund_entry.c.repair_id,
            func.max(case((is_repair, fund_entry.c.performer), else_="")).label("performer"),
            payer.label("payer"),
            func.min(fund_entry.c.at).label("at"),
            cost.label("cost_fen"),
            recovered.label("recovered_fen"),
        )
        .group_by(fund_entry.c.case_id, fund_entry.c.repair_id)
        .having(payer != "", cost > recovered)
        .order_by(func.min(fund_entry.c.n))
        .limit(limit)
    )
    return all_rows(conn.execute(statement))


def add_deposit(conn: Connection, row: Row) -> int:
    """Insert unless its id is there: deposit_id at amount_fen actor text; how many were new."""
    return _ADD_DEPOSIT.run(conn, row).rowcount


def deposits(conn: Connection, limit: int) -> Sequence[Row]:
    """Newest first."""
    statement = select(fund_deposit).order_by(
        fund_deposit.c.at.desc(), fund_deposit.c.deposit_id
    ).limit(limit)
    return all_rows(conn.execute(statement))
