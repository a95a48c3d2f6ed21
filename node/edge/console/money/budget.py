"""What a year costs follows from: volumes by month, how the data grow, how many people."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Annotated, Any, Final

from fastapi import APIRouter, Query, Response

from node.core.calendar import BEIJING
from node.edge.console.charts import Chart, Series, line_chart
from node.edge.console.visit import Here, PageRoute, Visit
from node.edge.console.work.rows import short
from node.service.unit_kinds import unit_kinds

PATH: Final = "/console/budget"
VOLUMES: Final = {
    "reported": "上报", "filed": "立案", "should_close": "应结案", "closed": "结案"}
SCOPES: Final = {"read": "只读账号", "operate": "操作账号", "admin": "管理账号"}
MIB: Final = 1 << 20
NO_DATA: Final = "—"
router = APIRouter(prefix=PATH, include_in_schema=False, route_class=PageRoute)


@router.get("", operation_id="getBudget")
async def budget(
    visit: Here, year: Annotated[int, Query(ge=2000, le=9998)] = 0,
) -> Response:
    """A year."""
    now = datetime.now(BEIJING).year
    shown = year or now
    told = await visit.desk.budget.year(shown)
    say, called = visit.say, visit.desk.queries.called
    people, english = told["people"], visit.language == "en"
    groups = unit_kinds().groups
    return await visit.page(
        "money/budget.html", year=shown, before=f"{PATH}?year={shown - 1}" if shown > 2000 else "",
        behind=f"{PATH}?year={shown + 1}" if shown < now else "",
        as_of=short(told["as_of"]), rules=told["definition"]["version"],
        heads=[say(one) for one in VOLUMES.values()],
        sums=[(say(title), sum(one[name] for one in told["volumes_year"]))
              for name, title in VOLUMES.items()],
        offices=[(called(f"node:{one['office']}"), [one[name] for name in VOLUMES])
                 for one in told["volumes_year"]],
        volumes=_volumes(visit, shown, told["volumes"]),
        storage=_storage(visit, told["storage"]),
        measured=[_measured(one) for one in told["storage"]],
        accounts=[(say(SCOPES.get(scope, scope)), count)
                  for scope, count in sorted(people["accounts"].items())],
        units=[{**one, "group": groups[one["group"]][english] if one["group"] in groups
                else one["group"]} for one in people["units"]],
        clerks=sum(one["clerks"] for one in people["units"]),
        files=[(say("Excel 工作簿"), f"/api/v1/budget?year={shown}&format=xlsx"),
               (say("CSV 文本"), f"/api/v1/budget?year={shown}&format=csv")])


def _volumes(visit: Visit, year: int, volumes: Sequence[Mapping[str, Any]]) -> Chart | None:
    """All offices together, by month."""
    months = sorted({one["month"] for one in volumes})
    if not months:
        return None
    places = [f"{year:04d}-{at:02d}" for at in range(1, int(months[-1][-2:]) + 1)]
    series = []
    for name, title in VOLUMES.items():
        values = [sum(one[name] for one in volumes if one["month"] == month) for month in places]
        series.append(Series(title=visit.say(title), values=[float(one) for one in values],
                             texts=[str(one) for one in values]))
    return line_chart(visit.say("各月业务量"), places, series, colon=visit.say("："))


def _storage(visit: Visit, rows: Sequence[Mapping[str, Any]]) -> Chart | None:
    if not rows:
        return None
    series = [
        Series(title=visit.say(title), values=[one[name] / MIB for one in rows],
               texts=[mib(one[name]) for one in rows])
        for title, name in (("数据库（MiB）", "database_bytes"), ("附件（MiB）", "blob_bytes"))]
    return line_chart(visit.say("各月存储"), [one["month"] for one in rows], series,
                      colon=visit.say("："))


def _measured(one: Mapping[str, Any]) -> dict[str, Any]:
    return {
        "month": one["month"], "database": mib(one["database_bytes"]),
        "blobs": one["blobs"], "blob": mib(one["blob_bytes"]), "since": one["since"],
        "growth": mib(one["growth"]) if one["growth"] is not None else NO_DATA,
        "accounts": one["accounts"], "clerks": one["clerks"],
    }


def mib(size: int) -> str:
    """Bytes as whole MiB, up, as the exported sheet has them."""
    return f"{-(-size // MIB):,}"
