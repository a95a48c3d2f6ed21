"""Joint problems (综合治理): several cases, one question, one decision.

A problem is no record of its own: it is the id that the open questions of its cases share. Each
case keeps its own journal, its own question travels up by itself and its own decision comes down;
what is done to all of them is done here in one transaction, case by case, by the machine's rules.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Protocol
from uuid import UUID, uuid5

from sqlalchemy import Connection

from hub.store.tx import Tx, Writer
from node.core.case import Case
from node.core.commands import (
    AskCoordination,
    Command,
    DecideCoordination,
    LeaveProblem,
)
from node.core.coordination import PROBLEM_CASES_MAX, Coordination
from node.core.errors import Invalid, Refused, UnknownCase, WrongStatus
from node.core.facts import CaseId, CommandId, RequestId
from node.core.joining import joining, model_of, passed_over
from node.service.folding import CaseCache
from node.service.handle import Handler, cause_of
from node.service.ports import Row, Store
from node.service.views import Reply

PROBLEMS = UUID("0d8a6f0e-7c53-5b7a-9f38-5a4c6be0f1d2")
"""Name space of what one act on a problem is called at each of its cases."""
LISTED_MAX = 200
"""Problems of one list."""


class ProblemRows(Protocol):
    """What this room needs from below (``node.store.problems``)."""

    def cases_of(self, conn: Connection, problem_id: str, limit: int) -> Sequence[Row]: ...

    def listed(self, conn: Connection, limit: int, *, only_open: bool) -> Sequence[Row]: ...

    def rows_of(self, conn: Connection, problem_ids: Sequence[str]) -> Sequence[Row]: ...


@dataclass(frozen=True, slots=True, kw_only=True)
class Member:
    """One case of a problem as it stands here. ``skipped``: why a decision passes it over, "" = it
    does not (``node.core.joining.passed_over``)."""

    case_id: str
    case_no: str
    status: str
    version: int
    coordination_id: str
    level: str
    kind: str
    text: str
    open: bool
    upward: bool
    lead: str
    skipped: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Problem:
    """A problem and its cases, the one asked first coming first. ``lead`` is that of its newest
    decision, "" = it is open. ``waits`` counts the questions that are to be decided here."""

    problem_id: str
    kind: str
    level: str
    text: str
    lead: str
    assistants: tuple[str, ...]
    decision: str
    waits: int
    cases: tuple[Member, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Settled:
    """What one decision did: the cases that have it now, and those that it passed over."""

    problem_id: str
    decided: tuple[Member, ...]
    skipped: tuple[Member, ...]


class Problems:
    """The joint problems of one office."""

    def __init__(
        self, *, store: Store, rows: ProblemRows, writer: Writer, handler: Handler,
        fresh_id: Callable[[], str],
    ) -> None:
        self._store = store
        self._rows = rows
        self._writer = writer
        self._handler = handler
        self._fresh_id = fresh_id

    # --- reading --------------------------------------------------------------------------------

    async def problem(self, problem_id: str) -> Problem:
        """One problem. Raises ``UnknownCase`` (``problem.unknown``)."""
        return await self._writer.read(lambda conn: self._told(conn, problem_id))

    async def problems(self, *, only_open: bool) -> list[Problem]:
        """Those with an open question, the oldest first; or all, the newest first."""

        def read(conn: Connection) -> list[Problem]:
            listed = self._rows.listed(conn, LISTED_MAX, only_open=only_open)
            names = [row["problem_id"] for row in listed]
            rows: dict[str, list[Row]] = {name: [] for name in names}
            for row in self._rows.rows_of(conn, names):
                rows[row["problem_id"]].append(row)
            cases = self._cases(conn, [row["case_id"] for one in rows.values() for row in one])
            return [_problem(name, _members(rows[name], cases), cases) for name in names]

        return await self._writer.read(read)

    # --- doing ----------------------------------------------------------------------------------

    async def ask(
        self, command: AskCoordination, with_cases: Sequence[str], fingerprint: bytes
    ) -> Reply:
        """Ask about the case of ``command`` and about ``with_cases`` as one problem, all of them or
        none. Raises ``Refused`` with the number of the case that speaks against it."""
        others = list(dict.fromkeys(one for one in with_cases if one != command.case_id))
        if len(others) >= PROBLEM_CASES_MAX:
            raise _too_many()
        problem_id = command.problem_id or _named(command.command_id, "problem")

        def write(tx: Tx) -> Reply:
            asked = replace(command, problem_id=problem_id)
            reply = self._carry_out(tx, asked, fingerprint)
            for case_id in others:
                self._carry_out(tx, replace(
                    asked, case_id=CaseId(case_id), expected_version=None,
                    command_id=CommandId(_named(command.command_id, case_id)),
                    coordination_id=RequestId(_named(command.coordination_id, case_id)),
                ), fingerprint)
            self._bounded(tx, problem_id)
            return reply

        return await self._writer.write(write, urgent=True)

    async def add(
        self, problem_id: str, like: Command, *, text: str, fingerprint: bytes
    ) -> Reply:
        """Take a case into a problem that is not decided: its open question of that kind, if
        exactly one waits here, else a question like that of the others. ``like`` carries the case,
        the id of the act, the asker and their roles. Raises ``Refused``."""

        def write(tx: Tx) -> Reply:
            if self._handler.answered(tx, like.command_id):
                return self._handler.carry_out(tx, like, fingerprint)
            rows = self._rows.cases_of(tx.conn, problem_id, PROBLEM_CASES_MAX + 1)
            cases = self._cases(tx.conn, [*(row["case_id"] for row in rows), like.case_id])
            if not rows:
                raise _unknown(problem_id)
            model = model_of(_asked(rows, cases))
            if model is None:
                raise WrongStatus(
                    "this joint problem was decided: a further case is asked about anew",
                    code="problem.nothing_open", problem_id=problem_id)
            reply = self._carry_out(tx, joining(
                cases.get(like.case_id), model, like, problem_id=problem_id, text=text,
                fresh=RequestId(self._fresh_id()),
            ), fingerprint)
            self._bounded(tx, problem_id)
            return reply

        return await self._writer.write(write, urgent=True)

    async def remove(
        self, problem_id: str, like: Command, *, text: str, fingerprint: bytes
    ) -> Reply:
        """Take a case out of a problem; its question waits on its own. Raises ``Refused``."""

        def write(tx: Tx) -> Reply:
            if self._handler.answered(tx, like.command_id):
                return self._handler.carry_out(tx, like, fingerprint)
            case_id = like.case_id
            cases = self._cases(tx.conn, [case_id])
            asked = next((
                one for one in (cases[case_id].coordinations if case_id in cases else ())
                if one.problem_id == problem_id and one.is_open), None)
            if asked is None:
                raise UnknownCase(
                    "no open question of this case is part of that joint problem",
                    code="problem.not_in", problem_id=problem_id, case_id=case_id)
            return self._carry_out(tx, LeaveProblem(
                command_id=like.command_id, actor=like.actor, roles=like.roles,
                case_id=case_id, coordination_id=asked.coordination_id, text=text,
            ), fingerprint)

        return await self._writer.write(write, urgent=True)

    async def decide(
        self, problem_id: str, *, like: Command, lead: str, assistants: tuple[str, ...], text: str,
        fingerprint: bytes,
    ) -> Settled:
        """Decide every question of the problem that waits here, all of them or none; cases that
        have ended meanwhile, or were decided before, are passed over and named. Said again under
        the same id it decides nothing more. Raises ``Refused``; ``problem.nothing_open`` if nothing
        waits here."""

        def write(tx: Tx) -> Settled:
            rows = self._rows.cases_of(tx.conn, problem_id, PROBLEM_CASES_MAX + 1)
            if not rows:
                raise _unknown(problem_id)
            cases = self._cases(tx.conn, [row["case_id"] for row in rows])
            members = _members(rows, cases)
            names = {one.coordination_id: CommandId(_named(
                like.command_id, f"{one.case_id}/{one.coordination_id}")) for one in members}
            before = {one for one, name in names.items() if self._handler.answered(tx, name)}
            mine = [one for one in members if (
                one.coordination_id in before if before else not one.skipped)]
            if not mine:
                raise WrongStatus(
                    "no question of this joint problem waits for a decision here",
                    code="problem.nothing_open", problem_id=problem_id)
            for one in mine:
                self._carry_out(tx, DecideCoordination(
                    command_id=names[one.coordination_id], actor=like.actor, roles=like.roles,
                    case_id=CaseId(one.case_id), coordination_id=RequestId(one.coordination_id),
                    lead=lead, assistants=assistants, text=text, problem_id=problem_id,
                ), fingerprint)
            told = self._told(tx.conn, problem_id).cases
            had = {one.coordination_id for one in mine}
            return Settled(
                problem_id=problem_id,
                decided=tuple(
                    replace(one, skipped="") for one in told if one.coordination_id in had),
                skipped=tuple(
                    one for one in told if one.coordination_id not in had),
            )

        return await self._writer.write(write, urgent=True)

    # --- inside ---------------------------------------------------------------------------------

    def _carry_out(self, tx: Tx, command: Command, fingerprint: bytes) -> Reply:
        try:
            return self._handler.carry_out(tx, command, fingerprint)
        except Refused as refused:
            row = self._store.load_cases(tx.conn, (command.case_id,)).get(command.case_id)
            if row is not None:
                case = CaseCache(1).read(command.case_id, bytes(row.state))
                refused.detail.setdefault("case_no", _number(case))
            raise

    def _bounded(self, tx: Tx, problem_id: str) -> None:
        if len(self._rows.cases_of(tx.conn, problem_id, PROBLEM_CASES_MAX + 1)) > PROBLEM_CASES_MAX:
            raise _too_many()

    def _told(self, conn: Connection, problem_id: str) -> Problem:
        rows = self._rows.cases_of(conn, problem_id, PROBLEM_CASES_MAX + 1)
        if not rows:
            raise _unknown(problem_id)
        cases = self._cases(conn, [row["case_id"] for row in rows])
        return _problem(problem_id, _members(rows, cases), cases)

    def _cases(self, conn: Connection, case_ids: Sequence[str]) -> Mapping[str, Case]:
        rows = self._store.load_cases(conn, tuple(dict.fromkeys(case_ids)))
        return {
            case_id: CaseCache(1).read(case_id, bytes(row.state)) for case_id, row in rows.items()
        }


def _named(base: str, what: str) -> str:
    return str(uuid5(PROBLEMS, f"{cause_of(base)}/{what}"))


def _too_many() -> Invalid:
    return Invalid(
        f"a joint problem has {PROBLEM_CASES_MAX} cases at most", code="problem.too_many",
        most=str(PROBLEM_CASES_MAX))


def _unknown(problem_id: str) -> UnknownCase:
    return UnknownCase(
        f"there is no joint problem {problem_id} here", code="problem.unknown",
        problem_id=problem_id)


def _number(case: Case) -> str:
    return case.facts.case_no if case.facts is not None else case.case_id


def _of(case: Case, coordination_id: str) -> Coordination | None:
    return next(
        (one for one in case.coordinations if one.coordination_id == coordination_id), None)


def _asked(
    rows: Sequence[Row], cases: Mapping[str, Case]
) -> Iterator[tuple[Case, Coordination]]:
    """The questions of these rows, each with its case; what is not here is left out."""
    for row in rows:
        case = cases.get(row["case_id"])
        asked = _of(case, row["coordination_id"]) if case is not None else None
        if case is not None and asked is not None:
            yield case, asked


def _members(rows: Sequence[Row], cases: Mapping[str, Case]) -> tuple[Member, ...]:
    found = []
    for case, asked in _asked(rows, cases):
        found.append(Member(
            case_id=case.case_id, case_no=_number(case), status=case.status.value,
            version=case.version, coordination_id=asked.coordination_id, level=asked.level,
            kind=asked.kind.value if asked.kind is not None else "", text=asked.text,
            open=asked.is_open, upward=asked.upward, lead=asked.lead,
            skipped=passed_over(case, asked),
        ))
    return tuple(found)


def _problem(
    problem_id: str, members: tuple[Member, ...], cases: Mapping[str, Case]
) -> Problem:
    decided = [
        asked for one in members
        if (asked := _of(cases[one.case_id], one.coordination_id)) is not None and asked.lead
    ]
    last = max(decided, key=lambda one: one.decided_at or one.asked_at, default=None)
    first = members[0] if members else None
    return Problem(
        problem_id=problem_id,
        kind=first.kind if first is not None else "",
        level=first.level if first is not None else "",
        text=first.text if first is not None else "",
        lead=last.lead if last is not None else "",
        assistants=last.assistants if last is not None else (),
        decision=last.decision if last is not None else "",
        waits=sum(not one.skipped for one in members),
        cases=members,
    )
