"""The audit log on both databases: one chain whoever writes, signed, cut, and guarded."""

from __future__ import annotations

import asyncio
from collections.abc import Coroutine, Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any, TypeVar

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from sqlalchemy import delete, text, update
from sqlalchemy.exc import DBAPIError

from hub.seal import Ed25519Key, Ed25519Signer
from hub.store.tx import Tx
from hub.store.writer import GroupWriter
from node.core.audit import HeadKind, Outcome, Verdict
from node.core.errors import Invalid, Refused
from node.main.auditing import _appender
from node.service.audit import PRESENT, AuditEntry, Presence
from node.service.audit_book import AuditBook, AuditFilter, look_through, read_anchors
from node.service.instants import to_us
from node.service.views import Level
from node.store import audit
from node.store.tables import audit_head, audit_log
from tests.audits import AUDIT, logged, said

T = TypeVar("T")
NODE = "420200"
NOW = datetime(2026, 11, 26, 2, tzinfo=UTC)
AUDITOR = frozenset({"auditor"})
SIGNER = Ed25519Signer(key_id="k1", private=Ed25519PrivateKey.generate())


class Clock:
    """What time it is."""

    now = NOW

    def us(self) -> int:
        return to_us(self.now)

    def later(self, **by: float) -> None:
        self.now += timedelta(**by)


class Keys:
    """One key of one node."""

    def public(self, key_id: str, node: Any, at_us: int, /) -> Ed25519Key | None:
        raw = SIGNER.private.public_key().public_bytes_raw()
        return Ed25519Key.of(raw) if (key_id, node) == ("k1", NODE) else None


def run(work: Coroutine[Any, Any, T]) -> T:
    return asyncio.run(work)


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
def writer(database_url: str, clock: Clock) -> Iterator[GroupWriter]:
    with GroupWriter(database_url, clock=lambda: clock.us() * 1_000) as writer:
        yield writer


@pytest.fixture
def anchor(tmp_path: Path) -> Path:
    return tmp_path / "anchors.jsonl"


@pytest.fixture
def book(writer: GroupWriter, clock: Clock, anchor: Path) -> AuditBook:
    return AuditBook(
        node=NODE, store=audit, writer=writer, audit=AUDIT, seal=SIGNER, keys=Keys(),
        branch=lambda: 0, auditors=("auditor",), keep=timedelta(days=1_095),
        every=timedelta(minutes=10), anchor=_appender(anchor), now_us=clock.us, rows_max=200)


def entry(n: int = 0, **changed: Any) -> AuditEntry:
    return AuditEntry(**{
        "action": "LockToken", "actor": "王", "subject": f"token:C{n}", "reason": "遗失",
        "detail": {"tokens": 1}, **changed})


def fill(writer: GroupWriter, *numbers: int) -> None:
    for n in numbers:
        writer.run(lambda tx, n=n: AUDIT.record(tx, entry(n)))  # type: ignore[misc]


def verdict(writer: GroupWriter, *anchors: Any, branch: int = 0) -> Verdict:
    return writer.run_read(lambda conn: look_through(
        conn, audit, keys=Keys(), node=NODE, branch=branch, anchors=anchors))


def test_operations_of_one_commit_make_one_chain_and_one_that_fails_leaves_no_gap(
    writer: GroupWriter
) -> None:
    async def many() -> list[Any]:
        def operation(n: int) -> Any:
            def write(tx: Tx) -> int:
                AUDIT.record(tx, entry(n))
                if n % 3 == 0:
                    raise Invalid("not this one", code="case.invalid")
                AUDIT.record(tx, entry(n, action="UnlockToken"))
                return n
            return write

        return await asyncio.gather(
            *(writer.write(operation(n)) for n in range(60)), return_exceptions=True)

    done = [one for one in run(many()) if isinstance(one, int)]
    rows = logged(writer)
    assert [row["n"] for row in rows] == list(range(1, 2 * len(done) + 1))
    assert verdict(writer).flaws == ()
    assert verdict(writer).rows == 80


def test_who_is_at_the_door_is_in_the_row_without_being_handed_through(
    writer: GroupWriter
) -> None:
    async def call(name: str, origin: str, entry: AuditEntry) -> None:
        PRESENT.set(Presence(actor=name, roles=frozenset({"leader", "clerk"}), origin=origin))
        await writer.write(lambda tx: AUDIT.record(tx, entry))

    async def two() -> None:
        await asyncio.gather(
            call("甲", "10.0.0.1", entry(1, actor="")), call("乙", "10.0.0.2", entry(2, actor="")))
        await asyncio.create_task(call("丙", "10.0.0.3", entry(3, actor="丁")))

    run(two())
    fill(writer, 4)
    writer.run(lambda tx: AUDIT.record(tx, AuditEntry(action="Alone")))
    found = {row["subject"]: (row["actor"], row["roles"], row["origin"]) for row in logged(writer)}
    assert found == {
        "token:C1": ("甲", "clerk,leader", "10.0.0.1"),
        "token:C2": ("乙", "clerk,leader", "10.0.0.2"),
        "token:C3": ("丁", "clerk,leader", "10.0.0.3"),
        "token:C4": ("王", "", ""), "": ("system", "", ""),
    }


def test_texts_that_no_database_takes_are_recorded_all_the_same(writer: GroupWriter) -> None:
    writer.run(lambda tx: AUDIT.record(tx, entry(
        1, reason="\0\ud800" + "长" * 5_000, subject="s" * 900, detail={"x": "y" * 5_000})))
    [row] = logged(writer)
    assert (len(row["reason"]), len(row["subject"]), len(row["detail"]["x"])) == (2_000, 200, 2_000)
    assert row["reason"].startswith("\ufffd?")
    assert verdict(writer).flaws == ()


def test_the_database_refuses_to_change_or_delete_a_row(
    writer: GroupWriter, book: AuditBook
) -> None:
    fill(writer, 1, 2)
    run(book.sign())
    attacks = [
        update(audit_log).values(actor="谁"), delete(audit_log), delete(audit_log).where(
            audit_log.c.n == 1), update(audit_head).values(n=1), delete(audit_head)]
    if writer.run_read(lambda conn: conn.dialect.name) == "postgresql":
        attacks += [text("TRUNCATE audit_log"), text("TRUNCATE audit_head")]  # type: ignore[list-item]
    for attack in attacks:
        with pytest.raises(DBAPIError, match=r"never (changed|deleted)"):
            writer.run(lambda tx, attack=attack: tx.conn.execute(attack))  # type: ignore[misc]
    assert verdict(writer).flaws == ()
    assert len(logged(writer)) == 2


def test_whoever_takes_the_guards_away_is_found_out_at_the_first_row_touched(
    writer: GroupWriter, book: AuditBook
) -> None:
    fill(writer, *range(1, 7))
    run(book.sign())
    _unguarded(writer, update(audit_log).where(audit_log.c.n == 4).values(actor="谁"))
    assert [(one.n, one.code) for one in verdict(writer).flaws] == [(4, "audit.chain")]
    _unguarded(writer, delete(audit_log).where(audit_log.c.n >= 6))
    assert [(one.n, one.code) for one in verdict(writer).flaws] == [
        (4, "audit.chain"), (6, "audit.tail")]


def _unguarded(writer: GroupWriter, statement: Any) -> None:
    def attack(tx: Tx) -> None:
        if tx.conn.dialect.name == "sqlite":
            for name in ("update", "delete"):
                tx.conn.execute(text(f"DROP TRIGGER IF EXISTS audit_log_{name}"))
        else:
            tx.conn.execute(text("ALTER TABLE audit_log DISABLE TRIGGER ALL"))
        tx.conn.execute(statement)

    writer.run(attack)


def test_the_end_is_signed_when_something_came_and_not_too_often(
    writer: GroupWriter, book: AuditBook, clock: Clock, anchor: Path
) -> None:
    assert not run(book.sign()), "an empty log has no end"
    fill(writer, 1, 2)
    assert run(book.sign())
    fill(writer, 3)
    assert not run(book.sign()), "ten minutes are not over"
    clock.later(minutes=10)
    assert run(book.sign())
    clock.later(minutes=10)
    assert not run(book.sign()), "nothing came"
    found = verdict(writer, *read_anchors(anchor.read_bytes()))
    assert (found.proven, found.heads, found.flaws) == (3, 4, ())
    assert len(anchor.read_bytes().splitlines()) == 2


def test_an_anchor_that_cannot_be_written_is_told_and_stops_nothing(
    writer: GroupWriter, book: AuditBook, clock: Clock, anchor: Path
) -> None:
    anchor.mkdir()
    fill(writer, 1)
    assert run(book.sign())
    (finding,) = book.findings()
    assert (finding.level, finding.subject) == (Level.ALARM, "audit")
    assert str(anchor) in finding.sentence.say("zh-CN")
    anchor.rmdir()
    fill(writer, 2)
    clock.later(minutes=10)
    assert run(book.sign())
    assert book.findings() == []
    assert verdict(writer, *read_anchors(anchor.read_bytes())).flaws == ()


def test_an_anchor_finds_a_database_put_back_in_secret(
    writer: GroupWriter, book: AuditBook, clock: Clock, anchor: Path
) -> None:
    fill(writer, 1, 2, 3)
    run(book.sign())
    kept = read_anchors(anchor.read_bytes())
    _unguarded(writer, delete(audit_log).where(audit_log.c.n >= 2))
    writer.run(lambda tx: [tx.conn.execute(text(one)) for one in (
        "DROP TRIGGER audit_head_delete" if tx.conn.dialect.name == "sqlite"
        else "ALTER TABLE audit_head DISABLE TRIGGER ALL", "DELETE FROM audit_head")])
    fill(writer, 2, 8, 9)
    clock.later(minutes=11)
    run(book.sign())
    assert verdict(writer).flaws == (), "the database alone looks whole"
    assert [(one.n, one.code) for one in verdict(writer, *kept).flaws] == [(3, "audit.anchor")]


def test_rows_kept_long_enough_go_under_a_signature_and_the_rest_still_holds(
    writer: GroupWriter, book: AuditBook, clock: Clock, anchor: Path
) -> None:
    fill(writer, 1, 2, 3)
    run(book.tend())
    clock.later(days=1_000)
    fill(writer, 4)
    assert run(book.purge()) == 0
    clock.later(days=100)
    fill(writer, 5)
    assert run(book.purge()) == 3
    assert run(book.purge()) == 0
    rows = logged(writer)
    assert [row["n"] for row in rows] == [4, 5, 6]
    assert (rows[-1]["action"], rows[-1]["detail"]["rows"]) == ("PurgeAudit", 3)
    found = verdict(writer, *read_anchors(anchor.read_bytes()))
    assert (found.first, found.last, found.flaws) == (4, 6, ())
    # The last row stays however old it is: the next one has to follow it.
    clock.later(days=5_000)
    run(book.purge())
    fill(writer, 9)
    assert logged(writer)[0]["n"] == 6
    assert verdict(writer).flaws == ()


def test_a_purge_that_was_killed_halfway_is_ended_by_the_next_one(
    writer: GroupWriter, book: AuditBook, clock: Clock, monkeypatch: pytest.MonkeyPatch
) -> None:
    fill(writer, 1, 2, 3)
    clock.later(days=1_100)
    fill(writer, 4)

    def killed(*_: Any) -> int:
        raise OSError("killed")

    with monkeypatch.context() as at_once:
        at_once.setattr(audit, "forget", killed)
        with pytest.raises(OSError, match="killed"):
            run(book.purge())
    clock.later(hours=1)
    assert run(book.purge()) == 3
    assert [row["n"] for row in logged(writer)] == [4, 5]
    assert verdict(writer).flaws == ()


def test_a_purge_that_nobody_signed_lets_nothing_be_deleted_unseen(writer: GroupWriter) -> None:
    fill(writer, 1, 2, 3)
    forged = {
        "kind": HeadKind.PURGE.value, "n": 2, "node": NODE, "branch": 0, "chain": b"x" * 32,
        "at": to_us(NOW), "before": to_us(NOW - timedelta(days=400)), "key_id": "k1",
        "alg": "ed25519", "signature": b"\0" * 64}
    writer.run(lambda tx: audit.add_head(tx.conn, forged))
    writer.run(lambda tx: audit.forget(tx.conn, 2, 10))
    assert {one.code for one in verdict(writer).flaws} == {"audit.begin", "audit.seal"}


def test_the_auditor_reads_pages_by_filter_and_what_is_taken_out_is_recorded(
    writer: GroupWriter, book: AuditBook, clock: Clock
) -> None:
    fill(writer, *range(1, 6))
    clock.later(hours=1)
    writer.run(lambda tx: AUDIT.record(tx, entry(
        9, action="ReadTrack", subject="collector:C1", outcome=Outcome.REFUSED, actor="李")))
    first = run(book.page(AuditFilter(), "", 2, roles=AUDITOR))
    second = run(book.page(AuditFilter(), first.next, 2, roles=AUDITOR))
    assert [one["n"] for one in (*first.items, *second.items)] == [6, 5, 4, 3]

    def numbers(**which: Any) -> list[int]:
        return [one["n"] for one in run(book.page(AuditFilter(**which), roles=AUDITOR)).items]

    assert numbers(actor="李") == numbers(action="ReadTrack") == numbers(outcome="refused") == [6]
    assert numbers(subject="token:C3") == [3]
    assert numbers(about="collector:") == numbers(since=clock.now) == [6]
    assert numbers(until=clock.now, about="token:") == [5, 4, 3, 2, 1]
    for refused in (book.page(AuditFilter(), roles=frozenset({"dispatcher"})),
                    book.export(AuditFilter(), actor="x", roles=frozenset()),
                    book.verify(roles=frozenset())):
        with pytest.raises(Refused) as error:
            run(refused)
        assert error.value.code == "audit.role"
    with pytest.raises(Invalid):
        run(book.page(AuditFilter(), "nowhere", roles=AUDITOR))
    taken = run(book.export(AuditFilter(about="token:"), actor="审计员", roles=AUDITOR))
    assert [one["n"] for one in taken] == [1, 2, 3, 4, 5]
    assert said(writer)[-1] == ("ExportAudit", "审计员", "audit:", "")
    assert run(book.verify(roles=AUDITOR)).rows == 7


def test_an_anchor_file_names_the_line_that_is_no_head(anchor: Path) -> None:
    with pytest.raises(Invalid) as error:
        read_anchors(b'{"n": 1}\n')
    assert (error.value.code, error.value.detail["line"]) == ("audit.anchor_file", "1")
    assert read_anchors(b'{"cut short') == []
