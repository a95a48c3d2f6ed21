"""What people do: any verb at any office at any time, and, when the trouble is over, whatever
brings every open case to its end.

Everything that was asked is in a ledger with its answer, as clients would have it in their logs.
An asker whose office died asks again under the same command id.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Any

from hub.errors import FabricError
from hub.store import inbox
from node.core import commands as cmd
from node.core.calendar import BEIJING
from node.core.capability import Capability
from node.core.case import Case, CaseStatus, Request
from node.core.coordination import CoordinationKind, Size
from node.core.errors import Refused
from node.core.facts import (
    Address,
    AddressKind,
    CaseId,
    Category,
    CommandId,
    Limits,
    Photo,
    PhotoRole,
    Place,
    Rank,
    RequestId,
    RequestKind,
    TimeUnit,
)
from node.core.reporter import Reporter
from node.core.routing import route
from node.core.spot import Taken
from node.service.adapter_views import UnitPhotoStored
from node.service.problems import Settled
from node.service.surroundings import uuid_text
from node.service.views import Reply
from tests.sim.fabric.world import SECOND, WALL_AT_START, Broken
from tests.sim.town.account import lost_above
from tests.sim.town.places import AREAS, PARENTS, STANDARD
from tests.sim.town.world import Died, TownEnd, TownNode, TownWorld

CATEGORY = Category(standard_ref=STANDARD, kind="component", code="01001", name="供水井盖")
RETRY_US = 5 * SECOND
LONG_AGO = datetime(2000, 1, 1, tzinfo=UTC)
SELDOM = {
    "Decline": 0.05, "WithdrawAssignment": 0.3, "Close": 0.3, "PassCheck": 0.5,
    "VoidCase": 0.03, "ForceClose": 0.03, "Transfer": 0.1, "SuspendCase": 0.2,
    "SuperviseAssignee": 0.3, "PressAssignee": 0.3, "AskRequest": 4.0, "DecideRequest": 0.5,
    "MarkNoOwner": 0.1, "AskCoordination": 0.2, "RecordProxyRepair": 0.1, "RaiseDispute": 0.2,
    "NotAccept": 0.1, "SelfHandle": 0.1, "OpenPart": 0.1, "AskReopen": 0.2, "TellReporter": 1e-9,
    "PassUpCase": 0.5, "RecallCase": 0.3,
}
"""Verbs that end things are tried less often, so that there is something to end."""
RARE = 12.0
PATIENCE = 3
"""Rounds in which nothing moves before a person calls a handing-over back."""
EVIDENCE = 0.75
"""How often whoever feeds back shows at once what the order asks to see."""
OVER = (CaseStatus.CLOSED, CaseStatus.VOIDED, CaseStatus.NOT_FILED, CaseStatus.NOT_ACCEPTED,
        CaseStatus.ENDED)
ANSWERED = {"DecideRequest": 4.0, "PassUpRequest": 4.0}
"""What is asked gets its answer sooner or later."""
KINDS = (
    RequestKind.RETURN, RequestKind.EXTENSION, RequestKind.SUSPENSION, RequestKind.VOID,
    RequestKind.APPEAL,
)
REASONS = {
    RequestKind.RETURN: ("not_ours", "misdispatch"),
    RequestKind.EXTENSION: ("engineering", "weather"),
    RequestKind.SUSPENSION: ("engineering", "planned"),
    RequestKind.VOID: ("duplicate", "false_report"),
    RequestKind.APPEAL: ("not_ours", "weather"),
}
ROLES = (("*",),) * 8 + (("dispatcher",), ("shift_leader",), ("centre_head", "section_head"), ())
"""Most may decide everything; some only their own step, and are refused the others."""
CALLER, PHONE = "回音壁张三", "13812345678"
"""Who calls in this town: both must never be found in a journal, a word or a notice."""
REOPENED_MAX = 3
"""Cases taken up again in one life: each is one more to bring to its end."""
REWORKS_MAX = 2
"""Failed checks per case at the end: later rounds pass."""


ANSWERING = (
    CaseStatus.PENDING_DISPATCH, CaseStatus.DISPATCHED, CaseStatus.HANDLING, CaseStatus.SUSPENDED,
    CaseStatus.FEEDBACK_GIVEN, CaseStatus.CHECKING, CaseStatus.PENDING_CLOSE,
    CaseStatus.TRANSFERRED, CaseStatus.HELD, CaseStatus.DONE,
)
"""Where an answer may be owed."""


@dataclass(slots=True)
class Asked:
    """One command as its asker knows it."""

    node: TownNode
    command: cmd.Command
    reply: Reply | None = None
    refused: str = ""
    times: int = 0


@dataclass(slots=True)
class People:
    """Everybody in the town."""

    world: TownWorld
    ledger: list[Asked] = field(default_factory=list)
    opened: int = 0
    reopened: int = 0
    waited: dict[tuple[str, str], tuple[int, int]] = field(default_factory=dict)
    sheets: list[tuple[TownNode, str, int, str]] = field(default_factory=list)
    """Node, period, version and digest of every sheet whose publishing was answered."""
    finishing: bool = False
    settled: list[tuple[TownNode, str, Settled]] = field(default_factory=list)
    """Node, joint problem and what its one decision did, as it was answered."""
    told: int = 0
    """Reporters who were told how their case ended."""

    # --- asking

    def head(self, case_id: str) -> dict[str, Any]:
        return {
            "command_id": CommandId(uuid_text(self.world.ids.uuid7())),
            # whoever judged a case does not work on it: at the end there are always others
            "actor": f"clerk-{self.world.rng.randrange(30 if self.finishing else 3)}",
            "case_id": CaseId(case_id),
            "roles": frozenset(("*",) if self.finishing else self.world.rng.choice(ROLES)),
        }

    def ask(self, node: TownNode, make: Callable[..., cmd.Command], case_id: str,
            **fields: Any) -> Asked:
        asked = Asked(node, make(**self.head(case_id), **fields))
        self.ledger.append(asked)
        self._try(asked)
        return asked

    def _try(self, asked: Asked) -> None:
        node, world, command = asked.node, self.world, asked.command
        verb = type(command).__name__
        if not node.up:
            self._again(asked)
            return
        asked.times += 1
        before = _journalled(node, command.case_id)
        try:
            reply = node.run(node.office.handler.handle(command))
        except Refused as refused:
            asked.refused = refused.code
            if _journalled(node, command.case_id) != before:
                raise Broken(f"I1: {verb} was refused and changed something") from refused
        except Died:
            self._again(asked)
        except FabricError:
            if _journalled(node, command.case_id) != before:
                raise Broken(f"I1: {verb} failed and changed something") from None
            self._again(asked)
        else:
            if asked.reply is not None and asked.reply.version != reply.version:
                raise Broken(f"I1: {verb} was answered twice differently")
            asked.reply = reply
            if not world.calm and world.rng.random() < 0.05:  # the answer got lost
                self._again(asked)
        world.log(node.id, command.case_id, verb, asked.refused or str(asked.reply))
        if world.notes is not None:
            world.tell(f"{command.actor} at {node.id}: {verb} on …{command.case_id[-4:]}: "
                       + (asked.refused or ("done" if asked.reply else "no answer")))

    def _again(self, asked: Asked) -> None:
        self.world.at(RETRY_US, lambda: self._try(asked))

    # --- trouble

    def act(self) -> None:
        """Somebody does something somewhere."""
        world = self.world
        up = [node for node in world.offices if node.up]
        if not up:
            return
        if self.opened < world.weather.cases and world.rng.random() < 0.4:
            able = [node for node in up if node.assignees() and node.may(Capability.FILE)]
            self.open(world.rng.choice(able if able and world.rng.random() < 0.9 else up))
            return
        # what is over is looked at seldom: an appeal, a late word, somebody who has not seen it
        held = [(node, case) for node in up for case in node.cases()
                if case.status not in OVER or world.rng.random() < 0.1]
        if not held:
            return
        node, case = world.rng.choice(held)
        # now and then somebody tries what is not theirs to do, and is refused
        theirs = not world.weather.arrangement or world.rng.random() < 0.93
        offered = list(node.offered(case, by_right=theirs))
        if world.rng.random() < 0.05:
            offered = ["Dispatch", "Sign", "FeedBack", "Close", "WithdrawAssignment", "FailCheck"]
        if not offered:
            return
        weights = [SELDOM.get(verb, 1.0) for verb in offered]
        if case.status is not CaseStatus.HELD and "AskRequest" in offered:
            weights[offered.index("AskRequest")] = 0.2  # an appeal, and mostly there is no mark
        if self.request(case) is not None:
            weights = [weight * ANSWERED.get(verb, 1.0) for verb, weight in
                       zip(offered, weights, strict=True)]
        if world.weather.even and world.rng.random() < world.weather.even:
            weights = [1.0] * len(offered)
        if world.weather.even:
            weights = [weight * (RARE if self._is_rare(case, verb) else 1.0)
                       for verb, weight in zip(offered, weights, strict=True)]
        self.do(node, case, world.rng.choices(offered, weights)[0])

    def _is_rare(self, case: Case, verb: str) -> bool:
        """An occasion that seldom comes is taken."""
        if verb in ("SelfHandle", "GiveSatisfaction"):
            return True
        if verb == "AdoptLate":
            return any(not one.adopted for one in case.late)
        if verb == "SettleDoubt":
            return any(one.waits for one in case.flags)
        if verb == "ResumeAssignment":
            return case.live is not None and case.live.suspended_until is not None
        return verb == "PassUpRequest" and case.duty is not None and case.duty.request is None and (
            case.live is not None and case.live.request is not None)

    def burst(self) -> None:
        """Somebody below reports without end: more than a frame and its traces can carry."""
        held = [(node, case) for node in self.world.offices if node.up for case in node.cases()
                if case.status is CaseStatus.HELD]
        if held:
            node, case = self.world.rng.choice(held)
            for _ in range(self.world.weather.burst):
                self.do(node, case, "Progress")

    def open(self, node: TownNode) -> None:
        rng = self.world.rng
        self.opened += 1
        case_id = uuid_text(self.world.ids.uuid7())
        source, details, photos, reporter = self.source()
        self.ask(
            node, cmd.OpenCase, case_id, case_no="", category=CATEGORY,
            place=Place(area=rng.choice(AREAS), address="湖滨大道 1 号", lon=115.04, lat=30.2),
            text=f"井盖破损 {self.opened}", source=source, photos=photos,
            source_details=details, reporter=reporter, taken=self._old_pictures(photos),
            urgent=bool(self.world.weather.arrangement) and rng.random() < 0.1,
        )
        if rng.random() < 0.9:
            if source == "hotline":
                self.ask(node, cmd.StartVerify, case_id, collector="C-17")
                self.ask(node, cmd.RecordVerify, case_id, found=True)
            self.ask(node, cmd.File, case_id)

    def source(self) -> tuple[str, tuple[tuple[str, str], ...], tuple[Photo, ...],
                              Reporter | None]:
        """Where a report comes from, with all that its source asks for (most of the time)."""
        rng = self.world.rng
        if rng.random() < 0.5:
            details = (("collector", f"C-{rng.randrange(9)}"),) if rng.random() < 0.97 else ()
            roles = (PhotoRole.NEAR, PhotoRole.FAR)
            return "collector", details, tuple(self._photo(role) for role in roles), None
        if rng.random() < 0.5:
            return "media", (("outlet", "晚报"), ("link", "A3版")), self.photos(
                PhotoRole.NEAR), None
        caller = Reporter(name=CALLER, phone=PHONE, wants_reply=rng.random() < 0.7)
        return "hotline", (), (), caller if rng.random() < 0.8 else None

    def do(self, node: TownNode, case: Case, verb: str) -> None:
        """One verb with fields that might make sense."""
        rng = self.world.rng
        fields = getattr(self, f"_{verb}", lambda node, case: {})(node, case)
        if fields is None:
            return
        if rng.random() < 0.1:
            fields["expected_version"] = case.version - rng.randrange(2)
        self.ask(node, getattr(cmd, verb), case.case_id, **fields)

    def _Decline(self, node: TownNode, case: Case) -> dict[str, Any]:
        return {"reason": "不属实"}

    def _NotAccept(self, node: TownNode, case: Case) -> dict[str, Any]:
        others = [one.case_id for one in node.cases() if one.case_id != case.case_id]
        merge = others and self.world.rng.random() < 0.5
        return {"reason": "重复或不属实",
                "duplicate_of": self.world.rng.choice(others) if merge else ""}

    def _StartVerify(self, node: TownNode, case: Case) -> dict[str, Any]:
        return {"collector": f"C-{self.world.rng.randrange(9)}"}

    def _RecordVerify(self, node: TownNode, case: Case) -> dict[str, Any]:
        return {"found": self.world.rng.random() < 0.9, "text": "现场所见"}

    def _SelfHandle(self, node: TownNode, case: Case) -> dict[str, Any]:
        proof = (*self.photos(PhotoRole.BEFORE), *self.photos(PhotoRole.AFTER))
        return {"result": "已扶正", "photos": proof}

    def _SettleDoubt(self, node: TownNode, case: Case) -> dict[str, Any] | None:
        waiting = [one.ref for one in case.flags if one.waits]
        if not waiting:
            return None
        return {"ref": self.world.rng.choice(waiting), "text": "核对原图",
                "confirmed": self.world.rng.random() < 0.3}

    def _OpenPart(self, node: TownNode, case: Case) -> dict[str, Any]:
        return {"part_id": CaseId(uuid_text(self.world.ids.uuid7())), "text": "协助围挡"}

    def _PassUpCase(self, node: TownNode, case: Case) -> dict[str, Any] | None:
        if not self._is_taken_above(node):
            return None
        return {"as_case": CaseId(uuid_text(self.world.ids.uuid7())), "text": "请上级受理"}

    def _is_taken_above(self, node: TownNode) -> bool:
        """Does the office above register reports? One that does not lets the word wait."""
        above = PARENTS[node.id]
        return above is None or self.world.nodes[above].may(Capability.INTAKE)

    def _RecallCase(self, node: TownNode, case: Case) -> dict[str, Any]:
        return {"text": "已在本街道处理"}

    def _GiveSatisfaction(self, node: TownNode, case: Case) -> dict[str, Any]:
        return {"score": self.world.rng.randint(1, 5), "text": "回访", "channel": "phone"}

    def _AskReopen(self, node: TownNode, case: Case) -> dict[str, Any]:
        return {"text": "又坏了"}

    def _DecideReopen(self, node: TownNode, case: Case) -> dict[str, Any] | None:
        if case.reopening is None:
            return None
        granted = self.world.rng.random() < 0.4 and self.reopened < REOPENED_MAX
        self.reopened += granted
        return {"granted": granted, "text": "已复核",
                "new_case_id": uuid_text(self.world.ids.uuid7()) if granted else ""}

    def _TellReporter(self, node: TownNode, case: Case) -> dict[str, Any] | None:
        return None  # a notice is told through its own room: ``tell_somebody``

    def tell_somebody(self) -> None:
        """Somebody telephones about a pending notice and writes down how it went."""
        rng = self.world.rng
        up = [node for node in self.world.offices if node.up]
        if not up:
            return
        node = rng.choice(up)
        rows = node.disk.rows("SELECT id FROM notice WHERE state <> 'delivered' ORDER BY id")
        if not rows:
            return
        outcome = "delivered" if rng.random() < 0.7 else "failed"
        try:
            node.run(node.office.notices.record(
                rng.choice(rows)[0], outcome=outcome, actor="clerk-1",
                command_id=uuid_text(self.world.ids.uuid7())))
        except FabricError:
            return  # the office died: somebody calls again
        self.told += 1

    def sum_up(self, node: TownNode, days_ago: int) -> None:
        """Somebody publishes the problem library of a past day, and again if the office died."""
        day = datetime.fromtimestamp(WALL_AT_START / 1e6, BEIJING) - timedelta(days=days_ago)
        period = day.date().isoformat()
        if not node.up:
            self.world.at(RETRY_US, lambda: self.sum_up(node, days_ago))
            return
        try:
            kept = node.run(node.office.stock.publish(period, actor="clerk-0"))
        except FabricError:
            self.world.at(RETRY_US, lambda: self.sum_up(node, days_ago))
            return
        self.sheets.append((node, period, kept["version"], kept["digest"]))
        self.world.log(node.id, period, "sheet", kept["digest"])

    def _Dispatch(self, node: TownNode, case: Case) -> dict[str, Any] | None:
        to = self.assignee(node, case)
        return {"to": to, "limits": self.limits(), "text": "请处置"} if to is not None else None

    def _Progress(self, node: TownNode, case: Case) -> dict[str, Any]:
        return {"text": "在处置"}

    def _FeedBack(self, node: TownNode, case: Case) -> dict[str, Any]:
        facts, rng = case.facts, self.world.rng
        if facts is None or not facts.wanted.photos:
            return {"result": "已修复", "photos": self.photos(PhotoRole.AFTER)}
        # What the order asks to see is forgotten now and then, refused, and brought.
        shown = tuple(self._photo(role) for role in facts.wanted.photos
                      if self.finishing or rng.random() < EVIDENCE)
        return {"result": "已修复", "photos": shown,
                "closing_met": bool(facts.closing) and (self.finishing or rng.random() < EVIDENCE)}

    def _AskRequest(self, node: TownNode, case: Case) -> dict[str, Any]:
        rng = self.world.rng
        among = KINDS
        if case.status is not CaseStatus.HELD:
            among = (RequestKind.APPEAL,)
        elif case.live is not None:
            among = (RequestKind.EXTENSION, RequestKind.VOID)
        kind = rng.choice(KINDS if rng.random() < 0.1 else among)
        if self.world.weather.asks and case.status is CaseStatus.HELD:
            kind = rng.choice(self.world.weather.asks)
        waits = kind is RequestKind.SUSPENSION or rng.random() < 0.5
        return {
            "request_id": RequestId(uuid_text(self.world.ids.uuid7())),
            "kind": kind,
            "reason_code": rng.choice(REASONS[kind]),
            "text": "情况说明",
            "wanted_until": self.soon(node) if waits else None,
            "photos": self.photos(PhotoRole.REFERENCE),
        }

    def _DecideRequest(self, node: TownNode, case: Case) -> dict[str, Any] | None:
        request = self.request(case)
        if request is None:
            return None
        return {"request_id": request.request_id, "text": "已核实",
                "granted": self.world.rng.random() < (0.3 if self.finishing else 0.7)}

    def _PassUpRequest(self, node: TownNode, case: Case) -> dict[str, Any] | None:
        request = case.live.request if case.live is not None else None
        gives_back = request is not None and request.kind is RequestKind.RETURN
        if request is None or (gives_back and self.world.rng.random() < 0.9):
            return None
        return {"request_id": request.request_id, "text": "转报"}

    def _ResumeAssignment(self, node: TownNode, case: Case) -> dict[str, Any]:
        return {"text": "条件已具备"}

    _ResumeCase = _ResumeAssignment
    _TakeBack = _ResumeAssignment
    _ForceClose = _ResumeAssignment
    _PressAssignee = _ResumeAssignment

    def _SuspendCase(self, node: TownNode, case: Case) -> dict[str, Any]:
        return {"until": self.soon(node), "reason": "待征收"}

    def _VoidCase(self, node: TownNode, case: Case) -> dict[str, Any]:
        return {"reason": "重复", "reason_code": "duplicate"}

    def _Transfer(self, node: TownNode, case: Case) -> dict[str, Any]:
        return {"receiver": "执法支队", "reference": "17", "reason": "涉嫌违法", "digest": "0" * 64}

    def _SuperviseAssignee(self, node: TownNode, case: Case) -> dict[str, Any]:
        return {
            "supervision_id": uuid_text(self.world.ids.uuid7()),
            "text": "说明情况",
            "reply_by": self.soon(node),
            "kind": self.world.rng.choice(("overdue", "leader", "important")),
        }

    def _ReplySupervision(self, node: TownNode, case: Case) -> dict[str, Any] | None:
        owed = [one.supervision_id for one in case.supervisions if not one.replied]
        return {"supervision_id": self.world.rng.choice(owed), "text": "已安排"} if owed else None

    def request(self, case: Case) -> Request | None:
        """What an assignee asked; an appeal may be about a handing-over that has ended."""
        return next((one.request for one in (case.live, *reversed(case.past))
                     if one is not None and one.request is not None), None)

    def soon(self, node: TownNode) -> datetime:
        """Within this trouble, mostly."""
        now = datetime.fromtimestamp(node.wall() / 1e6, UTC)
        return now + timedelta(seconds=self.world.rng.randint(20, 400))

    def _WithdrawAssignment(self, node: TownNode, case: Case) -> dict[str, Any]:
        return {"reason": "派错"}

    def _FailCheck(self, node: TownNode, case: Case) -> dict[str, Any]:
        return {"text": "未达标", "limits": self.limits()}

    def _Close(self, node: TownNode, case: Case) -> dict[str, Any]:
        return {"text": "结案"}

    def _AdoptLate(self, node: TownNode, case: Case) -> dict[str, Any] | None:
        late = [one for one in case.late if not one.adopted]
        return {"cause": late[-1].cause} if late else None

    def _MarkNoOwner(self, node: TownNode, case: Case) -> dict[str, Any]:
        return {"text": "无人认领"}

    def _AskCoordination(self, node: TownNode, case: Case) -> dict[str, Any]:
        rng = self.world.rng
        level = rng.choice(("area", "committee"))
        kind, size = rng.choice(tuple(CoordinationKind)), rng.choice(tuple(Size))
        if node.arrangement is not None and rng.random() < 0.8:
            rule = node.arrangement.coordination.rule_for(kind, size)
            level = rule.level if rule is not None else level
        return {
            "coordination_id": RequestId(uuid_text(self.world.ids.uuid7())),
            "level": level, "kind": kind, "size": size, "text": "请定牵头单位",
            "problem_id": rng.choice(("", *self._problems(node))) if rng.random() < 0.5 else "",
        }

    def _problems(self, node: TownNode) -> list[str]:
        """Joint problems that this office knows of, and a new one."""
        known = {one.problem_id for case in node.cases() for one in case.coordinations}
        return [*sorted(known - {""}), uuid_text(self.world.ids.uuid7())]

    def _JoinProblem(self, node: TownNode, case: Case) -> dict[str, Any] | None:
        alone = [one for one in case.coordinations if one.is_open and not one.problem_id]
        if not alone:
            return None
        return {"coordination_id": self.world.rng.choice(alone).coordination_id,
                "problem_id": self.world.rng.choice(self._problems(node)), "text": "一并研究"}

    def _LeaveProblem(self, node: TownNode, case: Case) -> dict[str, Any] | None:
        joined = [one for one in case.coordinations if one.is_open and one.problem_id]
        if not joined:
            return None
        return {"coordination_id": self.world.rng.choice(joined).coordination_id,
                "text": "另行处理"}

    def treat_as_one(self) -> None:
        """Somebody asks about several cases at once, or the body that decides gives its one
        decision for all cases of a problem."""
        rng = self.world.rng
        up = [node for node in self.world.offices if node.up]
        if not up:
            return
        node = rng.choice(up)
        mine = [one for one in node.run(node.office.problems.problems(only_open=True))
                if one.waits]
        if mine and rng.random() < 0.6:
            one = rng.choice(mine)
            self._settle(node, one.problem_id, cmd.Command(**self.head(one.cases[0].case_id)))
            return
        able = [case for case in node.cases() if "AskCoordination" in node.offered(case)]
        if len(able) < 2:
            return
        first, *others = rng.sample(able, min(len(able), rng.randint(2, 4)))
        fields = self._AskCoordination(node, first)
        command = cmd.AskCoordination(**self.head(first.case_id), **{**fields, "problem_id": ""})
        self._join(node, command, [one.case_id for one in others])

    def _join(self, node: TownNode, command: cmd.AskCoordination, others: list[CaseId]) -> None:
        if not node.up:
            self.world.at(RETRY_US, lambda: self._join(node, command, others))
            return
        before = [_journalled(node, one) for one in (command.case_id, *others)]
        try:
            node.run(node.office.problems.ask(command, others, b""))
        except Refused as refused:
            if [_journalled(node, one) for one in (command.case_id, *others)] != before:
                raise Broken("I1: a joint question was refused and changed something") from refused
            self.world.log(node.id, command.case_id, "joint", refused.code)
        except FabricError:
            self.world.at(RETRY_US, lambda: self._join(node, command, others))
        else:
            self.world.log(node.id, command.case_id, "joint", str(len(others)))

    def _settle(self, node: TownNode, problem_id: str, like: cmd.Command) -> None:
        if not node.up:
            self.world.at(RETRY_US, lambda: self._settle(node, problem_id, like))
            return
        try:
            done = node.run(node.office.problems.decide(
                problem_id, like=like, lead="市政局", assistants=("城管局",), text="整体整治",
                fingerprint=b""))
        except Refused as refused:
            self.world.log(node.id, problem_id, "problem", refused.code)
        except FabricError:
            self.world.at(RETRY_US, lambda: self._settle(node, problem_id, like))
        else:
            self.settled.append((node, problem_id, done))
            self.world.log(node.id, problem_id, "problem", str(len(done.decided)))

    def _DecideCoordination(self, node: TownNode, case: Case) -> dict[str, Any] | None:
        waiting = [one for one in case.coordinations if one.is_open]
        if not waiting:
            return None
        one = self.world.rng.choice(waiting)
        return {
            "coordination_id": one.coordination_id,
            "lead": "市政局", "assistants": ("城管局",), "text": "市政局牵头",
            "problem_id": one.problem_id if self.world.rng.random() < 0.8 else "",
        }

    def _RaiseDispute(self, node: TownNode, case: Case) -> dict[str, Any]:
        return {"dispute_id": RequestId(uuid_text(self.world.ids.uuid7())),
                "reason_code": "not_ours", "text": "不属本单位"}

    def _DecideDispute(self, node: TownNode, case: Case) -> dict[str, Any] | None:
        waiting = [one for one in case.disputes if one.upheld is None and one.assignment_id]
        if not waiting:
            return None
        return {"dispute_id": self.world.rng.choice(waiting).dispute_id,
                "upheld": self.world.rng.random() < 0.5, "text": "裁定如下"}

    def _RecordProxyRepair(self, node: TownNode, case: Case) -> dict[str, Any]:
        rng = self.world.rng
        return {
            "repair_id": uuid_text(self.world.ids.uuid7()), "performer": "抢修队",
            "payer": rng.choice(("", "产权单位")), "cost_fen": rng.randint(1, 500_000),
            "photos": self.photos(PhotoRole.AFTER),
        }

    def _RecordRecovery(self, node: TownNode, case: Case) -> dict[str, Any] | None:
        owed = [one for one in case.repairs if one.outstanding_fen]
        if not owed:
            return None
        one = self.world.rng.choice(owed)
        return {
            "repair_id": one.repair_id, "payer": one.payer,
            "amount_fen": self.world.rng.randint(1, one.outstanding_fen),
        }

    def assignee(self, node: TownNode, case: Case) -> Address | None:
        """By the table, or as somebody likes."""
        rng, facts = self.world.rng, case.facts
        if facts is not None and rng.random() < 0.6:
            now = datetime.fromtimestamp(node.wall() / 1e6, UTC)
            table = node.office.surroundings.table
            to = route(table.candidates(facts), facts, now).to
            if to is not None:
                return to
        among = node.assignees()
        return rng.choice(among) if among else None

    def limits(self) -> Limits:
        rng = self.world.rng
        now = datetime.fromtimestamp((1_700_000_000 * SECOND + self.world.now) / 1e6, UTC)
        short = rng.random() < self.world.weather.short_limits
        return Limits(
            sign_by=now + timedelta(seconds=rng.randint(5, 60)) if short else None,
            finish_by=now + (timedelta(seconds=rng.randint(20, 300)) if short
                             else timedelta(days=2)),
            calendar="default",
            count=2 if rng.random() < 0.7 else 0,
            unit=TimeUnit.CALENDAR_DAY,
        )

    def _old_pictures(self, photos: tuple[Photo, ...]) -> tuple[Taken, ...]:
        """Where every verb is to be done, a device owns now and then that a picture is old."""
        if not self.world.weather.even or self.world.rng.random() < 0.7:
            return ()
        return tuple(Taken(digest=one.digest, at=LONG_AGO) for one in photos)

    def photos(self, role: PhotoRole) -> tuple[Photo, ...]:
        rng = self.world.rng
        if rng.random() >= self.world.weather.photos:
            return ()
        return (self._photo(role),)

    def _photo(self, role: PhotoRole) -> Photo:
        return Photo(digest=self.world.rng.randbytes(32).hex(), size=4_711,
                     media_type="image/jpeg", role=role)

    def crew(self) -> None:
        """Some unit's crew reports something about some order."""
        rng = self.world.rng
        units = [unit for node in self.world.offices for unit in node.units]
        unit = rng.choice(units)
        working = unit.working()
        if working:
            order = rng.choice(working)
            act = rng.choice(("signed", "progress", "progress", "done", "return", "none"))
            unit.say(order, act, photos=self._shown(act))
            return
        back = [order for order in unit.orders.values() if order.state == "returned"]
        if back and rng.random() < 0.3:
            # they did it after all
            unit.say(rng.choice(back), "done", photos=self._shown("done"))

    def _shown(self, act: str) -> tuple[UnitPhotoStored, ...]:
        """What a crew shows where some office asks for it: now and then nothing, and it comes back
        to them."""
        asked = act == "done" and self.world.weather.arrangement
        if not asked or self.world.rng.random() >= EVIDENCE:
            return ()
        photo = self._photo(PhotoRole.AFTER)
        return (UnitPhotoStored(digest=photo.digest, size=photo.size,
                                media_type=photo.media_type, role=photo.role.value),)

    def look_into_links(self) -> None:
        """Somebody compares both ends of a link."""
        ends = [end for node in self.world.offices if node.up for end in node.ends.values()
                if not end.dials]
        if ends:
            end = self.world.rng.choice(ends)
            assert isinstance(end, TownEnd)
            end.reconcile(self.world.rng.choice(("trace", "assignment")))

    def settle_parked(self, *, give_up: bool) -> int:
        """Somebody replays what is parked, or gives it up; how many were settled."""
        settled = 0
        for node in self.world.offices:
            if not node.up:
                continue
            for end in node.ends.values():
                rows = node.disk.read(lambda conn, end=end: inbox.parked(conn, end.link, limit=50))
                for row in rows:
                    if row.code == "lane.held":
                        continue
                    settled += self._settle_one(node, end, row, give_up=give_up)
        return settled

    def _settle_one(self, node: TownNode, end: Any, row: Any, *, give_up: bool) -> int:
        settler = end.settler()
        if give_up:
            self.world.given_up += 1
        try:
            node.run(node.writer.write(
                lambda tx: settler.discard(tx, row.position, reason="not ours", actor="op")
                if give_up else settler.replay(tx, row.position, actor="op")
            ))
        except FabricError:
            return 0
        return 1

    # --- bringing everything to its end

    def finish(self) -> bool:
        """Everybody takes the next sensible step with everything that is open; False if nothing
        is open any more."""
        self.finishing = True
        rng = self.world.rng
        for node in self.world.offices:
            for unit in node.units:
                for order in unit.working():
                    if rng.random() < 0.7:
                        unit.say(order, "done", photos=self._shown("done"))
        anything = False
        for node in self.world.offices:
            for case in node.cases():
                if any(one.upheld is None and one.assignment_id for one in case.disputes):
                    # answered beside the handling, and also after its end
                    self.do(node, case, "DecideDispute")
                    anything = True
                if any(one.waits for one in case.flags):
                    # a picture is looked at also after the end, whoever has the case by then
                    self.do(node, case, "SettleDoubt")
                    anything = True
                step = self._step(node, case)
                if step is None:
                    continue
                anything = True
                if step:
                    self.do(node, case, step)
        return anything

    def _step(self, node: TownNode, case: Case) -> str | None:
        """None: nothing is open here. "": it is somebody else's turn."""
        owed = any(not one.replied for one in case.supervisions)
        if owed and case.status in ANSWERING and self.world.rng.random() < 0.7:
            return "ReplySupervision"
        if any(one.upheld is None and one.assignment_id for one in case.disputes):
            return "DecideDispute"
        can_hand_on = bool(node.assignees())
        files = node.may(Capability.FILE)
        match case.status:
            case CaseStatus.PASSED_UP:
                return None if lost_above(self.world, node, case) else ""
            case CaseStatus.REPORTED if not files and PARENTS[node.id] is not None and (
                self._is_taken_above(node)
            ):
                return "PassUpCase"
            case CaseStatus.REPORTED | CaseStatus.VERIFYING if not files:
                return "NotAccept"
            case CaseStatus.PENDING_FILING if not files:
                return "StartVerify"
            case CaseStatus.REPORTED | CaseStatus.PENDING_FILING if not can_hand_on:
                return "Decline"
            case CaseStatus.REPORTED | CaseStatus.PENDING_FILING:
                assert case.facts is not None
                unseen = case.facts.source == "hotline" and not case.verified
                return "StartVerify" if unseen else "File"
            case CaseStatus.VERIFYING:
                return "RecordVerify"
            case CaseStatus.CLOSED if case.reopening and case.reopening.granted is None:
                return "DecideReopen"
            case CaseStatus.PENDING_DISPATCH:
                if not can_hand_on:
                    return self.world.rng.choice(("ForceClose", "VoidCase", "Transfer"))
                late = any(not one.adopted for one in case.late)
                return "AdoptLate" if late and self.world.rng.random() < 0.3 else "Dispatch"
            case CaseStatus.TRANSFERRED:
                return self.world.rng.choice(("TakeBack", "Close", "Close"))
            case CaseStatus.FEEDBACK_GIVEN | CaseStatus.CHECKING:
                fail = case.rework_count < REWORKS_MAX and self.world.rng.random() < 0.3
                return "FailCheck" if fail else "PassCheck"
            case CaseStatus.PENDING_CLOSE:
                return "Close"
            case CaseStatus.DISPATCHED | CaseStatus.HANDLING:
                return self._below(node, case)
            case CaseStatus.SUSPENDED:
                if case.live is None:
                    return "ResumeCase"
                return self._below(node, case) or "ResumeAssignment"
            case CaseStatus.HELD:
                return self._duty(node, case)
            case _:
                return "DecideRequest" if self.request(case) is not None else None

    def _below(self, node: TownNode, case: Case) -> str:
        live = case.live
        assert live is not None
        request = live.request
        if request is None:
            return "WithdrawAssignment" if self._stuck(node, case) else ""
        if request.passed_up:
            return "WithdrawAssignment" if self._stuck(node, case) else ""
        if case.duty is None or request.kind is not RequestKind.VOID:
            return "DecideRequest"
        return "PassUpRequest" if case.duty.request is None else ""

    def _duty(self, node: TownNode, case: Case) -> str:
        live, duty = case.live, case.duty
        assert duty is not None
        if live is not None:
            return "FeedBack" if live.rank is Rank.DONE else self._below(node, case)
        if duty.request is not None and not self._stuck(node, case):
            return ""
        can = duty.request is None and duty.suspended_until is None and node.assignees()
        if can and self.world.rng.random() < 0.5:
            return "Dispatch"
        return "FeedBack"

    def _stuck(self, node: TownNode, case: Case) -> bool:
        """Has nothing moved for a while, nobody below being about to speak?"""
        key = node.id, case.case_id
        version, rounds = self.waited.get(key, (0, 0))
        rounds = rounds + 1 if version == case.version else 0
        self.waited[key] = case.version, rounds
        live = case.live
        slow = live is not None and live.to.kind is AddressKind.NODE
        return rounds > PATIENCE * (4 if slow else 1)


def _journalled(node: TownNode, case_id: str) -> int:
    return int(node.disk.rows("SELECT count(*) FROM journal WHERE case_id = ?", case_id)[0][0])
