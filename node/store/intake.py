"""Statements of intake: similar reports, duplicates, notices, and callers found by their phone."""

from __future__ import annotations

from collections.abc import Collection, Sequence

from sqlalchemy import Connection, bindparam, exists, insert, select, tuple_, update

from hub.store.dialect import insert_ignore, upsert
from node.store.rows import Row, all_rows, one_row
from node.store.tables import call, cases, notice, picture, reporter

_NEAR = (
    select(
        cases.c.case_id,
        cases.c.case_no,
        cases.c.status,
        cases.c.standard_ref,
        cases.c.kind,
        cases.c.lon,
        cases.c.lat,
        cases.c.address,
        cases.c.source,
        cases.c.duplicate_of,
        cases.c.opened_at,
    )
    .where(
        cases.c.cell.in_(bindparam("cells", expanding=True)),
        cases.c.code == bindparam("of_code"),
        cases.c.opened_at.between(bindparam("since"), bindparam("until")),
    )
    .order_by(cases.c.opened_at.desc())
    .limit(bindparam("count"))
)
_DUPLICATES = (
    select(cases.c.case_id, cases.c.case_no, cases.c.status, cases.c.state, cases.c.private)
    .where(cases.c.duplicate_of.in_(bindparam("of", expanding=True)))
    .order_by(cases.c.case_id)
    .limit(bindparam("count"))
)
_BRIEF = select(
    cases.c.case_id, cases.c.case_no, cases.c.status, cases.c.version, cases.c.duplicate_of
).where(cases.c.case_id.in_(bindparam("ids", expanding=True)))
_BY_NUMBER = select(cases.c.case_id).where(cases.c.case_no == bindparam("no")).limit(1)
_ADD_NOTICES = insert(notice)
_NOTICE = select(notice).where(notice.c.id == bindparam("of"))
_TOLD = (
    update(notice)
    .where(notice.c.id == bindparam("of"))
    .values(
        state=bindparam("now_state"),
        channel=bindparam("by_channel"),
        told_at=bindparam("at"),
        told_by=bindparam("who"),
        note=bindparam("words"),
    )
)
_REMEMBER = upsert(reporter, ["case_id"], ["phone_hash", "opened_at"])
_BY_PHONE = (
    select(
        cases.c.case_id,
        cases.c.case_no,
        cases.c.status,
        cases.c.name,
        cases.c.address,
        cases.c.opened_at,
    )
    .join(reporter, reporter.c.case_id == cases.c.case_id)
    .where(reporter.c.phone_hash == bindparam("hash"))
    .order_by(reporter.c.opened_at.desc())
    .limit(bindparam("count"))
)
_PICTURED = insert_ignore(picture, ["digest", "case_id"])
_ELSEWHERE = (
    select(picture.c.digest, cases.c.case_id, cases.c.case_no)
    .join(cases, cases.c.case_id == picture.c.case_id)
    .where(
        picture.c.digest.in_(bindparam("digests", expanding=True)),
        picture.c.case_id != bindparam("of"),
    )
    .order_by(picture.c.at.desc(), picture.c.case_id.desc())
)
_ANY_CALL = select(exists().where(call.c.call_no.is_not(None)))
_INHERIT = select(reporter.c.phone_hash).where(reporter.c.case_id == bindparam("of"))


class IntakeStore:
    """Statements of this module, on the caller's connection; they never commit."""

    @staticmethod
    def near(
        conn: Connection,
        *,
        cells: Collection[int],
        code: str,
        since: int,
        until: int,
        limit: int,
    ) -> Sequence[Row]:
        """Cases of a class code in these cells, opened in [since, until], newest first: case_id
        case_no status standard_ref kind lon lat address source duplicate_of opened_at."""
        given = {
            "cells": list(cells),
            "of_code": code,
            "since": since,
            "until": until,
            "count": limit,
        }
        return all_rows(conn.execute(_NEAR, given))

    @staticmethod
    def duplicates(conn: Connection, case_ids: Collection[str], limit: int) -> Sequence[Row]:
        """What follows these cases as a duplicate: case_id case_no status state private."""
        return all_rows(conn.execute(_DUPLICATES, {"of": list(case_ids), "count": limit}))

    @staticmethod
    def brief(conn: Connection, case_ids: Collection[str]) -> Sequence[Row]:
        """case_id case_no status version duplicate_of of these cases; missing ones are absent."""
        return all_rows(conn.execute(_BRIEF, {"ids": list(case_ids)})) if case_ids else []

    @staticmethod
    def by_number(conn: Connection, case_no: str) -> str | None:
        """The id of the case with this number, None if there is none."""
        found: str | None = conn.execute(_BY_NUMBER, {"no": case_no}).scalar()
        return found

    # --- pictures

    @staticmethod
    def add_pictures(conn: Connection, rows: Sequence[Row]) -> None:
        """Note digest, case_id, at; what is noted already stays as it is."""
        if rows:
            _PICTURED.run(conn, rows)

    @staticmethod
    def pictured(
        conn: Connection, digests: Collection[bytes], case_id: str
    ) -> dict[str, tuple[str, str]]:
        """By digest in hex, (case_id, case_no) of the first other case that the picture came
        with."""
        given = {"digests": list(digests), "of": case_id}
        return {
            bytes(row["digest"]).hex(): (row["case_id"], row["case_no"])
            for row in all_rows(conn.execute(_ELSEWHERE, given))
        }

    # --- notices

    @staticmethod
    def add_notices(conn: Connection, rows: Sequence[Row]) -> None:
        """Insert: every column of ``notice``."""
        if rows:
            conn.execute(_ADD_NOTICES, list(rows))

    @staticmethod
    def notice(conn: Connection, notice_id: str) -> Row | None:
        """One notice, every column."""
        return one_row(conn.execute(_NOTICE, {"of": notice_id}))

    @staticmethod
    def tell_notice(conn: Connection, row: Row) -> None:
        """Set state, channel, told_at, told_by and note of ``id``."""
        conn.execute(
            _TOLD,
            {
                "of": row["id"],
                "now_state": row["state"],
                "by_channel": row["channel"],
                "at": row["told_at"],
                "who": row["told_by"],
                "words": row["note"],
            },
        )

    @staticmethod
    def notices(
        conn: Connection,
        *,
        state: str = "",
        case_id: str = "",
        after: tuple[int, str] | None = None,
        limit: int,
    ) -> Sequence[Row]:
        """Oldest first by (created_at, id): every column. "" = any."""
        statement = select(notice)
        if state:
            statement = statement.where(notice.c.state == state)
        if case_id:
            statement = statement.where(notice.c.case_id == case_id)
        if after is not None:
            statement = statement.where(tuple_(notice.c.created_at, notice.c.id) > after)
        order = (notice.c.created_at, notice.c.id)
        return all_rows(conn.execute(statement.order_by(*order).limit(limit)))

    # --- callers

    @staticmethod
    def any_call(conn: Connection) -> bool:
        """Whether a call was ever taken down here (``node.store.calls``)."""
        return bool(conn.execute(_ANY_CALL).scalar())

    @staticmethod
    def remember(conn: Connection, row: Row) -> None:
        """case_id phone_hash opened_at: how a caller's case is found again."""
        _REMEMBER.run(conn, row)

    @staticmethod
    def phone_hash(conn: Connection, case_id: str) -> bytes | None:
        """The hash kept for a case, None if nobody left a phone."""
        found: bytes | None = conn.execute(_INHERIT, {"of": case_id}).scalar()
        return found

    @staticmethod
    def by_phone(conn: Connection, phone_hash: bytes, limit: int) -> Sequence[Row]:
        """Cases of a caller, newest first: case_id case_no status name address opened_at."""
        return all_rows(conn.execute(_BY_PHONE, {"hash": phone_hash, "count": limit}))
