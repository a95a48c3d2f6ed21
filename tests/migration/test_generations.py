"""Components and addresses that were imported before rows lived from version to version are in
force after the upgrade, and the next import replaces them."""

from __future__ import annotations

from sqlalchemy import text

from hub.store.engine import connect, open_engine
from node.store import places, schema
from tests.migration.test_standards import _to

CODE = "42020301001000001"
COLUMNS = ("code, name, department_code, department_name, owner_code, owner_name, maintainer_code, "
           "maintainer_name, grid, state, source, note, street_code, street_name, community_code, "
           "community_name, standard_ref, type_code, crs, label, digest")


def test_rows_of_before_are_in_force(bare_database_url: str) -> None:
    url = bare_database_url
    values = ", ".join([f"'{CODE}'", "'供水井盖'", *["''"] * 7, "'intact'", *["''"] * 8, "''"])
    with connect(open_engine(url)) as conn, conn.begin():
        _to(conn, "0011_satisfaction")
        conn.execute(text(f"INSERT INTO component ({COLUMNS}) VALUES ({values}, '', :digest)"),
                     {"digest": b"\x01"})

    schema.migrate(url)

    with connect(open_engine(url)) as conn, conn.begin():
        row = places.rows_of(conn, "component", [CODE])[CODE]
        assert row["name"] == "供水井盖"
        places.save_rows(conn, "component", [{**row, "name": "雨水井盖"}], 1)
        assert places.rows_of(conn, "component", [CODE])[CODE]["name"] == "供水井盖"
        assert places.digests(conn, "component", [CODE]) == {CODE: b"\x01"}
