"""The rooms of the console, in the order in which the side shows them.

A room is a package with a ``routes`` module; one line here makes it reachable. It is shown to those
whom the API would let its ``operation`` do, at offices that have its ``capability``.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from node.core.capability import Capability

if TYPE_CHECKING:
    from fastapi import APIRouter


@dataclass(frozen=True, slots=True, kw_only=True)
class Room:
    """One entry of the side. ``title`` is Chinese and a key of the catalogue; ``key`` follows ``g``
    on the keyboard; ``capability`` None = every office."""

    path: str
    title: str
    operation: str
    key: str
    capability: Capability | None = None
    counted: bool = False


ROOMS: Final[Sequence[Room]] = (
    # First: a collector who logs in on a phone comes here.
    Room(path="/console/phone", title="城管通", operation="selfHandleCase", key="p"),
    Room(path="/console/alarms", title="采集员报警", operation="takeAlarm", key="n"),
    Room(path="/console/work", title="案卷工作台", operation="listCases", key="w", counted=True),
    Room(path="/console/intake", title="受理登记", operation="openCase", key="i",
         capability=Capability.INTAKE),
    Room(path="/console/callbacks", title="回访回告", operation="listNotices", key="c",
         capability=Capability.INTAKE),
    Room(path="/console/dispatch", title="派遣台", operation="dispatchCase", key="d",
         capability=Capability.DISPATCH),
    Room(path="/console/requests", title="申请审批", operation="decideRequest", key="a"),
    Room(path="/console/supervise", title="督查台", operation="superviseAssignee", key="s"),
    Room(path="/console/overview", title="督查总览", operation="getSheet", key="o"),
    Room(path="/console/evaluation", title="综合评价", operation="getSheet", key="e"),
    Room(path="/console/library", title="问题库", operation="listLedger", key="b"),
    Room(path="/console/fund", title="代整治资金", operation="getFund", key="f"),
    Room(path="/console/budget", title="经费测算", operation="getBudget", key="j"),
    Room(path="/console/links", title="链路", operation="getFederation", key="l"),
    Room(path="/console/adapters", title="适配器", operation="listAdapters", key="x"),
    Room(path="/console/people", title="账户与权限", operation="listAccounts", key="u"),
    Room(path="/console/audit", title="审计日志", operation="listAudit", key="h"),
    Room(path="/console/map", title="地图", operation="drawMap", key="m"),
    Room(path="/console/upkeep", title="应用维护", operation="importUnits", key="t"),
    Room(path="/console/style", title="界面样式", operation="metrics", key="y"),
)
"""The side. Keys are single letters, each once."""


def routers() -> Sequence[APIRouter]:
    """Everything behind ``/console``; the last one answers for pages that are not there."""
    from node.edge.console import home, live, look, statics
    from node.edge.console.adapters import routes as adapters
    from node.edge.console.alarms import routes as alarms
    from node.edge.console.audit import routes as audit
    from node.edge.console.callbacks import routes as callbacks
    from node.edge.console.cases import reporter
    from node.edge.console.cases import routes as cases
    from node.edge.console.dispatch import routes as dispatch
    from node.edge.console.evaluation import publishing
    from node.edge.console.evaluation import routes as evaluation
    from node.edge.console.intake import routes as intake
    from node.edge.console.library import routes as library
    from node.edge.console.library import sheets as stock
    from node.edge.console.links import inviting, keeping
    from node.edge.console.links import routes as links
    from node.edge.console.map import routes as maps
    from node.edge.console.money import budget, fund
    from node.edge.console.overview import routes as overview
    from node.edge.console.people import routes as people
    from node.edge.console.people import tokens
    from node.edge.console.phone import routes as phone
    from node.edge.console.requests import routes as requests
    from node.edge.console.style import routes as style
    from node.edge.console.supervise import routes as supervise
    from node.edge.console.upkeep.routers import ROUTERS as UPKEEP
    from node.edge.console.work import routes as work

    return (
        statics.router, look.router, live.router, work.router, intake.router, dispatch.router,
        requests.router, supervise.router, reporter.router, cases.router, callbacks.router,
        alarms.router, maps.router, phone.router, inviting.router, keeping.router, links.router,
        adapters.router, tokens.router, people.router, audit.router,
        overview.router, evaluation.router, publishing.router, library.router, stock.router,
        fund.router, budget.router,
        *UPKEEP, style.router, home.router,
    )
