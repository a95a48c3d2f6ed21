"""Accounts, their passwords, links, failures and sessions.

What must happen once only (a link used, a recovery code, a second-factor code) is one UPDATE that
names the state before it: of two that come together one finds no row, in whichever process.
"""

from __future__ import annotations

from collections.abc import Collection, Sequence

from sqlalchemy import (
    Connection,
    and_,
    bindparam,
    case,
    delete,
    func,
    insert,
    or_,
    select,
    update,
)

from hub.store.dialect import PerDialect
from node.store.rows import Row, all_rows, one_row
from node.store.tables.people import (
    account,
    account_link,
    account_password,
    account_recovery,
    login_failure,
    session,
)

_A, _F, _S = account.c, login_failure.c, session.c
_BY_ID = select(account).where(_A.id == bindparam("of"))
_BY_LOGIN = select(account).where(_A.login == bindparam("of"))
_SESSION = (
    select(session, *(_A[name].label(f"account_{name}") for name in (
        "login", "name", "state", "roles", "areas", "codes", "units", "must_change",
        "password_at", "factor_at",
    )))
    .join(account, _A.id == _S.account)
    .where(_S.id_hash == bindparam("of"))
)
_COUNT = PerDialect(
    lambda into: into(login_failure).on_conflict_do_update(
        index_elements=["kind", "subject"],
        set_={
            "failures": case(
                (_F.last_at < bindparam("forget_before"), 1), else_=_F.failures + 1
            ),
            "last_at": bindparam("now"),
        },
    )
)


# --- accounts -------------------------------------------------------------------------------------


def account_by_id(conn: Connection, account_id: str) -> Row | None:
    """Every column of ``account``."""
    return one_row(conn.execute(_BY_ID, {"of": account_id}))


def account_by_login(conn: Connection, login: str) -> Row | None:
    """Every column of ``account``, by its name in small letters."""
    return one_row(conn.execute(_BY_LOGIN, {"of": login}))


def account_by_identity(conn: Connection, issuer: str, subject: str) -> Row | None:
    """Every column of ``account``, by what a login service elsewhere calls its owner."""
    return one_row(conn.execute(
        select(account).where(_A.issuer == issuer, _A.subject == subject)))


def accounts(conn: Connection, limit: int) -> Sequence[Row]:
    """By login name."""
    return all_rows(conn.execute(select(account).order_by(_A.login).limit(limit)))


def count_accounts(conn: Connection) -> int:
    """How many there are, in whatever state."""
    return conn.execute(select(func.count()).select_from(account)).scalar_one()


def add_account(conn: Connection, row: Row) -> None:
    """id login name state roles areas codes units created_at created_by. A name in use is an
    ``IntegrityError``."""
    conn.execute(insert(account), row)


def change_account(conn: Connection, account_id: str, row: Row) -> None:
    """Set these columns."""
    conn.execute(update(account).where(_A.id == account_id).values(dict(row)))


def use_factor_step(conn: Connection, account_id: str, step: int) -> bool:
    """Note that a code of this step was used; False if one of it, or of a later one, was."""
    statement = (
        update(account)
        .where(_A.id == account_id, _A.factor_step < step)
        .values(factor_step=step)
    )
    return conn.execute(statement).rowcount == 1


# --- passwords, recovery codes, links -------------------------------------------------------------


def add_password(conn: Connection, row: Row) -> None:
    """account password at."""
    conn.execute(insert(account_password), row)


def old_passwords(conn: Connection, account_id: str, limit: int) -> list[str]:
    """The last ones, newest first."""
    h = account_password.c
    statement = select(h.password).where(h.account == account_id).order_by(h.n.desc()).limit(limit)
    return list(conn.execute(statement).scalars())


def put_recovery(conn: Connection, account_id: str, hashes: Collection[bytes]) -> None:
    """These codes instead of all earlier ones."""
    conn.execute(delete(account_recovery).where(account_recovery.c.account == account_id))
    if hashes:
        conn.execute(
            insert(account_recovery),
            [{"code_hash": one, "account": account_id} for one in hashes],
        )


def use_recovery(conn: Connection, account_id: str, code_hash: bytes, now_us: int) -> bool:
    """Use a code up; False if it was, or is none of this account."""
    r = account_recovery.c
    statement = (
        update(account_recovery)
        .where(r.code_hash == code_hash, r.account == account_id, r.used_at.is_(None))
        .values(used_at=now_us)
    )
    return conn.execute(statement).rowcount == 1


def add_link(conn: Connection, row: Row) -> None:
    """link_hash account made_at made_by expires_at; earlier ones for the same account (or for
    the first one) open nothing any more."""
    of = account_link.c.account
    conn.execute(
        update(account_link)
        .where(
            of.is_(None) if row["account"] is None else of == row["account"],
            account_link.c.used_at.is_(None),
        )
        .values(used_at=row["made_at"])
    )
    conn.execute(insert(account_link), row)


def live_link(conn: Connection, link_hash: bytes, now_us: int) -> Row | None:
    """Every column, if it may still be used."""
    k = account_link.c
    return one_row(conn.execute(select(account_link).where(
        k.link_hash == link_hash, k.used_at.is_(None), k.expires_at > now_us)))


def use_link(conn: Connection, link_hash: bytes, now_us: int) -> bool:
    """Use a link up; False if it was, or is too old."""
    k = account_link.c
    statement = (
        update(account_link)
        .where(k.link_hash == link_hash, k.used_at.is_(None), k.expires_at > now_us)
        .values(used_at=now_us)
    )
    return conn.execute(statement).rowcount == 1


# --- failures -------------------------------------------------------------------------------------


def failures(conn: Connection, keys: Collection[tuple[str, str]]) -> Sequence[Row]:
    """Every column, for these (kind, subject)."""
    which = or_(*(and_(_F.kind == kind, _F.subject == of) for kind, of in keys))
    return all_rows(conn.execute(select(login_failure).where(which)))


def count_failure(
    conn: Connection, kind: str, subject: str, *, now_us: int, forget_before_us: int
) -> int:
    """One more failure; returns how many in a row."""
    _COUNT.run(conn, {
        "kind": kind, "subject": subject, "failures": 1, "last_at": now_us, "wait_until": 0,
        "now": now_us, "forget_before": forget_before_us,
    })
    count: int = conn.execute(
        select(_F.failures).where(_F.kind == kind, _F.subject == subject)
    ).scalar_one()
    return count


def set_wait(conn: Connection, kind: str, subject: str, until_us: int) -> None:
    """Until when nobody is tried."""
    conn.execute(
        update(login_failure).where(_F.kind == kind, _F.subject == subject)
        .values(wait_until=until_us)
    )


def forgive(conn: Connection, kind: str, subject: str) -> None:
    """Forget the failures."""
    conn.execute(delete(login_failure).where(_F.kind == kind, _F.subject == subject))


def take_back(conn: Connection, kind: str, subject: str) -> None:
    """It was no failure after all: one less, and the wait that it brought."""
    conn.execute(
        update(login_failure)
        .where(_F.kind == kind, _F.subject == subject, _F.failures > 0)
        .values(failures=_F.failures - 1, wait_until=0)
    )


def forgive_login(conn: Connection, login: str) -> None:
    """Forget every failure of a login name, from wherever."""
    conn.execute(delete(login_failure).where(
        or_(_F.subject == login, _F.subject.startswith(f"{login}|", autoescape=True))))


def tidy(conn: Connection, before_us: int, failed_before_us: int) -> None:
    """Drop sessions, links and failures that nobody will ask for again."""
    conn.execute(delete(session).where(_S.expires_at < before_us))
    conn.execute(delete(account_link).where(account_link.c.expires_at < before_us))
    conn.execute(delete(login_failure).where(
        _F.last_at < failed_before_us, _F.wait_until < failed_before_us))


# --- sessions -------------------------------------------------------------------------------------


def add_session(conn: Connection, row: Row) -> None:
    """id_hash handle account stage made_at seen_at expires_at address agent."""
    conn.execute(insert(session), row)


def session_by_hash(conn: Connection, id_hash: bytes) -> Row | None:
    """Every column of ``session``, and ``account_…`` of its account."""
    return one_row(conn.execute(_SESSION, {"of": id_hash}))


def sessions_of(conn: Connection, account_id: str, now_us: int, idle_us: int) -> Sequence[Row]:
    """Those that still let somebody in, the newest first."""
    return all_rows(conn.execute(
        select(session)
        .where(_S.account == account_id, _S.ended_at.is_(None), _S.expires_at > now_us,
               _S.seen_at > now_us - idle_us)
        .order_by(_S.made_at.desc(), _S.handle)
    ))


def seen(conn: Connection, id_hash: bytes, now_us: int) -> None:
    """It was used."""
    conn.execute(
        update(session).where(_S.id_hash == id_hash, _S.seen_at < now_us).values(seen_at=now_us))


def end_session(conn: Connection, id_hash: bytes, now_us: int) -> int:
    """End one; how many (0 or 1)."""
    return conn.execute(
        update(session).where(_S.id_hash == id_hash, _S.ended_at.is_(None))
        .values(ended_at=now_us)
    ).rowcount


def end_sessions(
    conn: Connection, account_id: str, now_us: int, *, handle: str = "", but: bytes = b""
) -> int:
    """End those of an account: the one with this handle, or all of them but one; how many."""
    statement = update(session).where(_S.account == account_id, _S.ended_at.is_(None))
    if handle:
        statement = statement.where(_S.handle == handle)
    if but:
        statement = statement.where(_S.id_hash != but)
    return conn.execute(statement.values(ended_at=now_us)).rowcount


def came_from(conn: Connection, account_id: str, address: str, since_us: int) -> bool:
    """Whether this account came in from an address since then."""
    return conn.execute(
        select(_S.handle)
        .where(_S.account == account_id, _S.address == address, _S.stage == "full",
               _S.made_at >= since_us)
        .limit(1)
    ).first() is not None
