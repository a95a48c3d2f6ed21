"""A month in a small city: three tiers with stores of their own, and people who do this and that.

Every office acts by the verbs that its own transition table allows; words travel when the line is
up, which it often is not. Nothing here knows what is counted.
"""

from __future__ import annotations

import asyncio
import random
from collections import Counter
from collections.abc import Callable, Mapping
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

from node.core import commands as cmd
from node.core.case import Case
from node.core.errors import Refused
from node.core.facts import (
    Address,
    CaseId,
    Category,
    CommandId,
    Limits,
    Place,
    RequestKind,
    TimeLimit,
    TimeUnit,
)
from node.core.limits import LimitSet, Post
from node.core.reporter import Reporter
from node.core.transitions import allowed
from node.service.adapter_views import UnitWord
from node.service.evaluation.definitions import load_definitions
from node.service.evaluation.projector import Projector
from node.service.evaluation.room import Ask, Evaluation
from node.store import evaluation as evaluated
from tests.audits import AUDIT
from tests.unit.evaluation.journals import MINUTES
from tests.unit.service.world import CITY, DISTRICT, OTHER, STANDARD, STREET, TestOffice, World

BEGIN = datetime(2026, 11, 1, 0, 0, tzinfo=UTC)
DAYS = 30
STEPS = 16
"""Acts of people for every case that is opened."""
BELOW = {CITY: (f"node:{DISTRICT}", f"node:{OTHER}"), DISTRICT: (f"node:{STREET}",),
         STREET: ("adapter:power",), OTHER: ("adapter:water",)}
AREAS = {CITY: (STREET, f"{STREET}002", "420204001"), DISTRICT: (STREET, f"{STREET}002")}
"""Where an office finds its cases: within its own bounds."""
STEP_LIMITS = {
    node: LimitSet(version=f"of {node}", steps={
        Post(name): TimeLimit(value=minutes * times, unit=TimeUnit.MINUTE)
        for name, minutes in MINUTES.items()
    })
    for times, node in enumerate((CITY, DISTRICT, OTHER, STREET), start=1)
}
"""Every office gives its posts another time for their steps."""
SOURCES = ("collector", "collector", "collector", "hotline", "website")
ASKED = (RequestKind.RETURN, RequestKind.EXTENSION, RequestKind.EXTENSION, RequestKind.SUSPENSION,
         RequestKind.VOID, RequestKind.APPEAL)
RARE = frozenset({"NotAccept", "SelfHandle", "OpenPart", "VoidCase", "ForceClose", "Transfer",
                  "SuspendCase", "PressAssignee", "SuperviseAssignee", "MarkNoOwner",
                  "WithdrawAssignment", "PassUpRequest"})
"""Verbs that people use now and then."""
FORWARD = frozenset({"Accept", "RecordVerify", "File", "Dispatch", "Sign", "FeedBack",
                     "PassCheck", "FailCheck", "Close", "DecideRequest"})
"""What brings a case on its way; people do this mostly."""
PEOPLE = ("wang", "li", "zhao", "qian")


class Month:
    """The town and its dice."""

    def __init__(self, folder: Path, *, seed: int) -> None:
        self.dice = random.Random(seed)
        self.world = World(now_us=int(BEGIN.timestamp() * 1e6))
        for node in (CITY, DISTRICT, OTHER, STREET):
            adapters = tuple(one.removeprefix("adapter:") for one in BELOW[node]
                             if one.startswith("adapter:"))
            self.world.open(node, folder, adapters=adapters).surroundings.limits = STEP_LIMITS[node]
        self.cases: list[str] = []
        self.words = 0
        self.refused = 0
        self.looked_meanwhile = 0
        self.done: Counter[str] = Counter()

    # --- living -------------------------------------------------------------------------------

    def live(self, cases: int) -> None:
        """Thirty days in which so many cases are opened; then the lines are up and all is told."""
        ticks = cases * STEPS
        for tick in range(ticks):
            self.world.now_us += int(timedelta(days=DAYS).total_seconds() * 1e6 / ticks)
            if tick % STEPS == 0:
                self._open()
            self._act()
            if tick % 6 == 0:
                self._carry()
                self._ring()
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

    def _ring(self) -> None:
        """Whatever is due at some office happens: limits pass, suspensions end."""
        office = self.world.offices[self.dice.choice(sorted(self.world.offices))]
        office.writer.run(office.timers.fire_due)

    def _open(self) -> None:
        dice, world = self.dice, self.world
        owner = world.offices[dice.choice((CITY, CITY, CITY, DISTRICT))]
        case_id = world.fresh()
        source = dice.choice(SOURCES)
        caller = None if source == "collector" else Reporter(name="来电人", phone="13800000000")
        owner.do(cmd.OpenCase(
            **self._head(case_id), case_no="", reporter=caller,
            category=Category(standard_ref=STANDARD, kind=dice.choice(("component", "matter")),
                              code=dice.choice(("01001", "01002")), name="供水井盖"),
            place=Place(area=dice.choice(AREAS[owner.node]), address="x",
                        grid=dice.choice(("", "g1", "g2"))),
            text="井盖破损", source=source,
        ))
        self.cases.append(case_id)

    def _act(self) -> None:
        """Somebody does something at some office that has it: with a recent case, or now and then
        with an old one, which is how work is finished late."""
        recent = self.dice.random() < 0.75
        case_id = self.dice.choice(self.cases[-25:] if recent else self.cases)
        for node in self.dice.sample(sorted(self.world.offices), k=4):
            office = self.world.offices[node]
            case = office.case(case_id)
            if case is None:
                continue
            verbs = sorted({*allowed(case.status, office.surroundings.capabilities)} & {*_MAKE})
            if self._adapter_speaks(office, case) or not verbs:
                return
            forward = [verb for verb in verbs if verb in FORWARD]
            verb = self.dice.choice(forward if forward and self.dice.random() < 0.7 else verbs)
            if "AskRequest" in verbs and case.status.value == "held" and self.dice.random() < 0.3:
                verb = "AskRequest"
            if case.live is not None and case.live.suspended_until is not None:
                verb = self.dice.choice(("ResumeAssignment", verb))
            if verb in RARE and self.dice.random() < 0.9:
                return
            make = _MAKE[verb]
            try:
                command = make(self, office, case)
                office.do(command)
                self.done[verb] += 1
                if isinstance(command, cmd.AskRequest):
                    self.done[f"{verb}/{command.kind}"] += 1
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

    def _reopened(self, case: Case) -> cmd.DecideReopen:
        granted = self.dice.random() < 0.6
        new = self.world.fresh() if granted else ""
        if granted:
            self.cases.append(new)
        return cmd.DecideReopen(
            **self._head(case.case_id), granted=granted, text="已复核", new_case_id=new)

    def later(self, hours: float) -> datetime:
        return datetime.fromtimestamp(self.world.now_us / 1e6, UTC) + timedelta(hours=hours)

    def limits(self) -> Limits:
        hours = self.dice.choice((12, 48, 96, 240))
        return Limits(
            sign_by=self.later(2), finish_by=self.later(hours), count=hours,
            unit=TimeUnit.URGENT_HOUR,
        )

    # --- looking ------------------------------------------------------------------------------

    def evaluation(self, node: str) -> Evaluation:
        """The room of one office, over its own store."""
        office = self.world.offices[node]
        return Evaluation(
            store=evaluated,
            writer=office.writer,
            audit=AUDIT,
            surroundings=office.surroundings,
            projector=Projector(
                store=evaluated, codec=office.codec, writer=office.writer,
                judged_by=lambda: (office.surroundings.calendar, office.surroundings.limits),
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
    "Accept": lambda m, o, c: cmd.Accept(**m._head(c.case_id)),
    "NotAccept": lambda m, o, c: cmd.NotAccept(
        **m._head(c.case_id), reason="重复",
        duplicate_of=m.dice.choice([one for one in m.cases if one != c.case_id and o.case(one)])),
    "StartVerify": lambda m, o, c: cmd.StartVerify(
        **m._head(c.case_id), collector=m.dice.choice(PEOPLE), due_by=m.later(2)),
    "RecordVerify": lambda m, o, c: cmd.RecordVerify(
        **m._head(c.case_id), found=m.dice.random() < 0.8, text="现场所见"),
    "SelfHandle": lambda m, o, c: cmd.SelfHandle(**m._head(c.case_id), result="已扶正"),
    "OpenPart": lambda m, o, c: cmd.OpenPart(
        **m._head(c.case_id), part_id=CaseId(m.world.fresh()), text="协助围挡"),
    "GiveSatisfaction": lambda m, o, c: cmd.GiveSatisfaction(
        **m._head(c.case_id), score=m.dice.randint(1, 5), channel="phone"),
    "AskReopen": lambda m, o, c: cmd.AskReopen(**m._head(c.case_id), text="又坏了"),
    "DecideReopen": lambda m, o, c: m._reopened(c),
    "Decline": lambda m, o, c: (
        cmd.Decline(**m._head(c.case_id), reason="不属实") if m.dice.random() < 0.2
        else cmd.File(**m._head(c.case_id))),
    "Dispatch": lambda m, o, c: cmd.Dispatch(
        **m._head(c.case_id), to=Address.parse(m.dice.choice(BELOW[o.node])), limits=m.limits()),
    "Sign": lambda m, o, c: cmd.Sign(**m._head(c.case_id)),
    "Progress": lambda m, o, c: cmd.Progress(**m._head(c.case_id), text="已到场"),
    "FeedBack": lambda m, o, c: (
        cmd.FeedBack(**m._head(c.case_id), result="已更换")
        if o.node not in BELOW or m.dice.random() < 0.2
        else cmd.Dispatch(**m._head(c.case_id), to=Address.parse(m.dice.choice(BELOW[o.node])),
                          limits=m.limits())),
    "AskRequest": lambda m, o, c: cmd.AskRequest(
        **m._head(c.case_id), request_id=m.world.request_id(), kind=m.dice.choice(ASKED),
        reason_code="other", text="请批准", wanted_until=m.later(72)),
    "DecideRequest": lambda m, o, c: cmd.DecideRequest(
        **m._head(c.case_id), request_id=_request(c), granted=m.dice.random() < 0.7, text="已阅"),
    "PassUpRequest": lambda m, o, c: cmd.PassUpRequest(
        **m._head(c.case_id), request_id=_request(c), text="转报"),
    "ResumeAssignment": lambda m, o, c: cmd.ResumeAssignment(**m._head(c.case_id), text="恢复"),
    "SuspendCase": lambda m, o, c: cmd.SuspendCase(
        **m._head(c.case_id), until=m.later(96), reason="等待施工"),
    "ResumeCase": lambda m, o, c: cmd.ResumeCase(**m._head(c.case_id), text="恢复"),
    "VoidCase": lambda m, o, c: cmd.VoidCase(**m._head(c.case_id), reason="不属实"),
    "ForceClose": lambda m, o, c: cmd.ForceClose(**m._head(c.case_id), text="无法处置"),
    "Transfer": lambda m, o, c: cmd.Transfer(
        **m._head(c.case_id), receiver="公安", reference="1", reason="违法", digest="0" * 64),
    "TakeBack": lambda m, o, c: cmd.TakeBack(**m._head(c.case_id), text="退回"),
    "PressAssignee": lambda m, o, c: cmd.PressAssignee(**m._head(c.case_id), text="请抓紧"),
    "SuperviseAssignee": lambda m, o, c: cmd.SuperviseAssignee(
        **m._head(c.case_id), supervision_id=m.world.fresh(), text="请答复", reply_by=m.later(24)),
    "ReplySupervision": lambda m, o, c: cmd.ReplySupervision(
        **m._head(c.case_id), text="在办", supervision_id=next(
            (one.supervision_id for one in c.supervisions if not one.replied), "none")),
    "MarkNoOwner": lambda m, o, c: cmd.MarkNoOwner(**m._head(c.case_id), text="无主"),
    "WithdrawAssignment": lambda m, o, c: (
        cmd.WithdrawAssignment(**m._head(c.case_id), reason="派错")),
    "StartCheck": lambda m, o, c: cmd.StartCheck(**m._head(c.case_id)),
    "PassCheck": lambda m, o, c: cmd.PassCheck(**m._head(c.case_id)),
    "FailCheck": lambda m, o, c: (
        cmd.FailCheck(**m._head(c.case_id), text="未清", limits=m.limits())
        if m.dice.random() < 0.8 else cmd.PassCheck(**m._head(c.case_id))),
    "Close": lambda m, o, c: cmd.Close(**m._head(c.case_id), text="结案"),
}
