"""What the store promises the budget, on both databases."""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Any

import pytest
from sqlalchemy import Connection, insert, text

from hub.store.engine import connect, open_engine
from hub.store.tables import blob
from node.core.budget import Stored, growth
from node.store import budget
from tests.contract.test_store import STORE


@pytest.fixture
def conn(database_url: str) -> Iterator[Connection]:
    with connect(open_engine(database_url)) as conn, conn.begin():
        yield conn


def row(month: str, **changed: Any) -> dict[str, Any]:
    return {"month": month, "measured_at": 5, "database_bytes": 100, "blob_bytes": 10, "blobs": 1,
            "accounts": 2, "clerks": 3, **changed}


def test_a_database_that_was_written_to_is_larger(conn: Connection) -> None:
    before = budget.database_bytes(conn)
    conn.execute(text("CREATE TABLE filled (said text)"))
    conn.execute(text("INSERT INTO filled VALUES (:said)"), [{"said": "万米" * 4000}] * 200)
    assert budget.database_bytes(conn) > before > 0


def test_only_files_that_are_here_whole_are_counted(conn: Connection) -> None:
    assert (0, 0) == budget.blobs_kept(conn)
    conn.execute(insert(blob), [
        {"digest": state.encode(), "alg": "sha256", "size": 7, "media_type": "image/jpeg",
         "state": state, "source_link": None, "prio": 0, "tries": 0, "next_try_at": None}
        for state in ("WHOLE", "WANTED", "GONE")])
    assert (7, 1) == budget.blobs_kept(conn)


def test_revoked_accounts_and_absent_clerks_are_no_people(conn: Connection) -> None:
    for name, scope in (("a", "read"), ("b", "read"), ("c", "admin"), ("d", "admin")):
        STORE.save_token(conn, {"token_hash": name.encode(), "name": name, "scope": scope,
                                "created_at": 1, "roles": "[]"})
    STORE.revoke_tokens(conn, "d", 2)
    assert {"read": 2, "admin": 1} == budget.accounts(conn)
    card = {
        "name": "供电公司", "kind": "enterprise", "body_group": "higher", "parent": "",
        "region": "", "territorial": False, "address": "adapter:power", "way": "system",
        "credit_code": "", "leader": "", "leader_phone": "", "section": "", "crew": "",
        "duty_phone": "", "plans": "[]", "note": "", "valid_from": 0, "valid_to": None,
        "clerks": json.dumps([{"name": "甲"}, {"name": "乙", "active": False}]),
    }
    STORE.put_kept_rows(conn, "units", [
        {**card, "unit_id": "92"}, {**card, "unit_id": "93", "valid_to": 10},
        {**card, "unit_id": "94", "valid_from": 20}], 1)
    assert [("92", 1)] == [
        (one["unit_id"], one["clerks"]) for one in budget.staffed_cards(conn, 10)]


def test_a_month_is_one_row_that_is_written_over(conn: Connection) -> None:
    budget.put_measured(conn, row("2026-10"))
    budget.put_measured(conn, row("2026-11"))
    budget.put_measured(conn, row("2026-11", blob_bytes=60, measured_at=9))
    found = budget.measured(conn, "2026-11")
    assert found is not None
    assert (60, 9) == (found["blob_bytes"], found["measured_at"])
    assert ["2026-10"] == [one["month"] for one in budget.measured_before(conn, "2026-11")]
    assert budget.measured(conn, "2026-12") is None


def test_growth_is_counted_from_the_last_month_that_was_measured() -> None:
    def of(month: str, database: int, blobs: int) -> Stored:
        return Stored(month=month, database_bytes=database, blob_bytes=blobs, blobs=1, accounts=1,
                      clerks=1)

    first, second, third = growth(
        [of("2027-02", 70, 90), of("2026-11", 100, 10), of("2026-12", 110, 40)])
    assert (None, "") == (first.growth, first.since)
    assert (40, "2026-11") == (second.growth, second.since)
    assert (-40, 50, 10, "2026-12") == (
        third.database_growth, third.blob_growth, third.growth, third.since)
