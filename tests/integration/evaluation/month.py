"""A month in a small city: three tiers with stores of their own, and people who do this and that.

Every office acts by the verbs that its own transition table allows; words travel when the line is
up, which it often is not. Nothing here knows what is counted.
"""

from __future__ import annotations

import asyncio
import random
from collections.abc import Callable, Mapping
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

from node.core import commands as cmd
from node.core.case import Case
from node.core.errors import Refused
from node.core.facts import Address, CaseId, Category, CommandId, Limits, Place
from node.core.transitions import allowed
from node.service.evaluation.definitions import load_definitions
from node.service.evaluation.projector import Projector
from node.service.evaluation.room import Ask, Evaluation
from node.service.views import UnitWord
from node.store import evaluation as evaluated
from tests.unit.evaluation.journals import LIMITS
from tests.unit.service.world import CITY, DISTRICT, OTHER, STANDARD, STREET, TestOffice, World

BEGIN = datetime(2026, 11, 1, 0, 0, tzinfo=UTC)
DAYS = 30
BELOW = {CITY: (f"node:{DISTRICT}", f"node:{OTHER}"), DISTRICT: (f"node:{STREET}",),
         STREET: ("adapter:power",), OTHER: ("adapter:water",)}
SOURCES = ("collector", "collector", "collector", "hotline", "website")
PEOPLE = ("wang", "li", "zhao", "qian")


class Month:
    """The town and its dice."""

    def __init__(self, folder: Path, *, seed: int) -> None:
        self.dice = random.Random(seed)
        self.world = World(now_us=int(BEGIN.timestamp() * 1e6))
        for node in (CITY, DISTRICT, OTHER, STREET):
            adapters = tuple(one.removeprefix("adapter:") for one in BELOW[node]
                             if one.startswith("adapter:"))
            self.world.open(node, folder, adapters=adapters)
        self.cases: list[str] = []
        self.words = 0
        self.refused = 0
        self.looked_meanwhile = 0

    # --- living -------------------------------------------------------------------------------

    def live(self, cases: int) -> None:
        """Thirty days in which so many cases are opened; then the lines are up and all is told."""
        ticks = cases * 12
        for tick in range(ticks):
            self.world.now_us += int(timedelta(days=DAYS).total_seconds() * 1e6 / ticks)
            if tick % 12 == 0:
                self._open()
            self._act()
            if tick % 6 == 0:
                self._carry()
            if tick % (ticks // 3) == ticks // 5:
                self._look()
        self.world.settle()

    def _look(self) -> None:
        """Somebody wants figures in the middle of it, so that the rows follow from there."""
        self.looked_meanwhile += 1
        for node in self.world.offices:
            asyncio.run(self.evaluation(node).figures(Ask(subject="unit", period="2026-11")))

    def _carry(self) -> None:
        offices = self.world.offices
        pairs = [(node, peer) for node, office in offices.items() for peer in office.ends]
        for origin, dest in self.dice.sample(pairs, k=3):
            self.world.carry(origin, dest)

    def _open(self) -> None:
        dice, world = self.dice, self.world
        owner = world.offices[dice.choice((CITY, CITY, CITY, DISTRICT))]
        case_id = world.fresh()
        owner.do(cmd.OpenCase(
            **self._head(case_id), case_no="",
            category=Category(standard_ref=STANDARD, kind=dice.choice(("component", "matter")),
                              code=dice.choice(("01001", "01002")), name="供水井盖"),
            place=Place(area=dice.choice((STREET, f"{STREET}002", "420204001")), address="x",
                        grid=dice.choice(("", "g1", "g2"))),
            text="井盖破损", source=dice.choice(SOURCES),
        ))
        self.cases.append(case_id)

    def _act(self) -> None:
        """Somebody does something with a recent case, at some office that has it."""
        case_id = self.dice.choice(self.cases[-25:])
        for node in self.dice.sample(sorted(self.world.offices), k=4):
            office = self.world.offices[node]
            case = office.case(case_id)
            if case is None:
                continue
            verbs = sorted({*allowed(case.status, office.surroundings.capabilities)} & {*_MAKE})
            if self._adapter_speaks(office, case) or not verbs:
                return
            make = _MAKE[self.dice.choice(verbs)]
            try:
                office.do(make(self, office, case))
            except (Refused, LookupError):
                self.refused += 1
            return

    def _adapter_speaks(self, office: TestOffice, case: Case) -> bool:
        live = case.live
        if live is None or live.to.kind.value != "adapter" or self.dice.random() < 0.3:
            return False
        self.words += 1
        act = self.dice.choice(("signed", "progress", "done", "done", "return"))
        word = UnitWord(event_id=f"e{self.words}", key=f"{live.assignment_id}/{live.generation}",
                        act=act, text="说明", reason_code="not_ours")
        asyncio.run(office.units.hear(live.to.id, [word], cursor=None, unreadable=()))
        return True

    def _head(self, case_id: str) -> dict[str, Any]:
        return {"command_id": CommandId(self.world.fresh()), "case_id": CaseId(case_id),
                "actor": self.dice.choice(PEOPLE)}

    def limits(self) -> Limits:
        now = datetime.fromtimestamp(self.world.now_us / 1e6, UTC)
        hours = self.dice.choice((12, 48, 96, 240))
        return Limits(sign_by=now + timedelta(hours=2), finish_by=now + timedelta(hours=hours))

    # --- looking ------------------------------------------------------------------------------

    def evaluation(self, node: str) -> Evaluation:
        """The room of one office, over its own store."""
        office = self.world.offices[node]
        return Evaluation(
            store=evaluated,
            writer=office.writer,
            surroundings=office.surroundings,
            projector=Projector(
                store=evaluated, codec=office.codec, writer=office.writer,
                judged_by=lambda: (office.surroundings.calendar, LIMITS),
            ),
            rules=lambda: load_definitions(None),
            now_us=lambda: self.world.now_us,
            rows_max=200,
        )

    def close(self) -> None:
        self.world.close()


def _request(case: Case) -> Any:
    if case.live is None or case.live.request is None:
        raise LookupError
    return case.live.request.request_id


_MAKE: Mapping[str, Callable[[Month, TestOffice, Case], cmd.Command]] = {
    "File": lambda m, o, c: cmd.File(**m._head(c.case_id)),
    "Decline": lambda m, o, c: (
        cmd.Decline(**m._head(c.case_id), reason="不属实") if m.dice.random() < 0.2
        else cmd.File(**m._head(c.case_id))),
    "Dispatch": lambda m, o, c: cmd.Dispatch(
        **m._head(c.case_id), to=Address.parse(m.dice.choice(BELOW[o.node])), limits=m.limits()),
    "Sign": lambda m, o, c: cmd.Sign(**m._head(c.case_id)),
    "Progress": lambda m, o, c: cmd.Progress(**m._head(c.case_id), text="已到场"),
    "FeedBack": lambda m, o, c: cmd.FeedBack(**m._head(c.case_id), result="已更换"),
    "AskReturn": lambda m, o, c: cmd.AskReturn(
        **m._head(c.case_id), request_id=m.world.request_id(), reason_code="not_ours", text="不属"),
    "DecideReturn": lambda m, o, c: cmd.DecideReturn(
        **m._head(c.case_id), request_id=_request(c), granted=m.dice.random() < 0.6, text="x"),
    "WithdrawAssignment": lambda m, o, c: (
        cmd.WithdrawAssignment(**m._head(c.case_id), reason="派错") if m.dice.random() < 0.1
        else cmd.PassCheck(**m._head(c.case_id))),
    "StartCheck": lambda m, o, c: cmd.StartCheck(**m._head(c.case_id)),
    "PassCheck": lambda m, o, c: cmd.PassCheck(**m._head(c.case_id)),
    "FailCheck": lambda m, o, c: (
        cmd.FailCheck(**m._head(c.case_id), text="未清", limits=m.limits())
        if m.dice.random() < 0.3 else cmd.PassCheck(**m._head(c.case_id))),
    "Close": lambda m, o, c: cmd.Close(**m._head(c.case_id), text="结案"),
}
