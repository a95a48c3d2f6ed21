"""Pages of the demo's federation, for ``tests.browser.screenshots``: after its day, with the
accounts that it tells."""

from __future__ import annotations

import json
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import httpx
from playwright.sync_api import Browser

from node.cli.demo.guide import ENDS_WITH
from node.cli.demo.tour import TOLD
from tests.browser.people import state_of
from tests.browser.shots import Place, Shot

ROOT = Path(__file__).resolve().parents[2]
CITY, DISTRICT, STREET, UNIT = "420200", "420203", "420203008", "4202U36"
READY_S, STOP_S = 400, 60
CASES = "200"
MAP_MS = 4_000
PHONE_MS = 1_500
SEATS = {
    "intake": (CITY, "shouli"), "shift": (CITY, "zhiban"), "dispatch": (CITY, "paiqian"),
    "leader": (CITY, "ducha"), "evaluator": (CITY, "kaoping"), "collector": (CITY, "caiji"),
    "district": (DISTRICT, "zhihui"), "street": (STREET, "lianluo"), "unit": (UNIT, "lianluo"),
}
"""Places by name: office and login of the demo."""
EVALUATION = "/console/evaluation"

DEMO = (
    Shot(name="login", title="登录 logging in", place="anybody", path="/account/login"),
    Shot(name="work", title="案卷工作台 work list (值班长)", place="shift", path="/console/work"),
    Shot(name="alarms", title="采集员报警 calls for help", place="shift",
         path="/console/alarms"),
    Shot(name="intake", title="受理登记 intake", place="intake", path="/console/intake",
         wait_ms=MAP_MS),
    Shot(name="callbacks", title="回访回告 calling back", place="intake",
         path="/console/callbacks"),
    Shot(name="dispatch", title="派遣台 dispatch", place="dispatch", path="/console/dispatch"),
    Shot(name="requests", title="申请审批 approvals", place="dispatch", path="/console/requests"),
    Shot(name="supervise", title="督查台 supervision", place="leader", path="/console/supervise"),
    Shot(name="case", title="案卷 a case that went through three offices", place="shift",
         path="/console/cases/{closed}", wait_ms=MAP_MS),
    Shot(name="open", title="案卷在办 a case under way", place="dispatch",
         path="/console/cases/{open}", wait_ms=MAP_MS),
    Shot(name="verb", title="办理 a verb", place="dispatch",
         path="/console/cases/{open}/verbs/supervise"),
    Shot(name="district", title="区级工作台 the district's list", place="district",
         path="/console/work"),
    Shot(name="street", title="街道工作台 the street's list", place="street",
         path="/console/work"),
    Shot(name="unit", title="责任单位工作台 the unit's list", place="unit", path="/console/work"),
    Shot(name="map", title="地图 map", place="dispatch", path="/console/map", wait_ms=MAP_MS),
    Shot(name="phone", title="城管通 the collector's phone", place="collector",
         path="/console/phone", phone=True, wait_ms=PHONE_MS),
    Shot(name="phone-report", title="上报 a report on the phone", place="collector",
         path="/console/phone#report", phone=True, wait_ms=PHONE_MS),
    Shot(name="phone-work", title="手机上的工作台 the work list on a phone", place="street",
         path="/console/work", phone=True),
    Shot(name="public", title="市民页面 the citizens' page", place="anybody", path="/public",
         phone=True),
    Shot(name="public-report", title="市民上报 a citizen reports", place="anybody",
         path="/public/report", phone=True),
    Shot(name="overview", title="督查总览 overview", place="leader", path="/console/overview"),
    Shot(name="evaluation", title="综合评价 evaluation", place="evaluator", path=EVALUATION),
    Shot(name="evaluation-line", title="单项成绩 what a score is made of", place="evaluator",
         path=f"{EVALUATION}/line?subject=district&key=420203"),
    Shot(name="evaluation-meaning", title="指标说明 what a figure means", place="evaluator",
         path=f"{EVALUATION}/meaning?subject=district&of=rate&name=closing_on_time"),
    Shot(name="evaluation-cases", title="指标案卷 the cases behind a figure", place="evaluator",
         path=f"{EVALUATION}/cases?subject=district&figure=reported@reported&rate=filing"),
    Shot(name="problems", title="问题库 problem library", place="leader",
         path="/console/library"),
    Shot(name="fund", title="代整治资金 fund", place="leader", path="/console/fund"),
    Shot(name="budget", title="经费测算 figures for the budget", place="leader",
         path="/console/budget"),
    Shot(name="wall", title="大屏 for a wall", place="leader",
         path="/console/overview/wall", wait_ms=MAP_MS),
    Shot(name="style", title="界面样式 design system", place="shift", path="/console/style"),
)


@contextmanager
def shown_demo(folder: Path, at: Browser) -> Iterator[dict[str, Place]]:
    """The demo after its day; places by name."""
    said = folder / "said.txt"
    with said.open("w", encoding="utf-8") as out:
        demo = subprocess.Popen(
            (sys.executable, "-m", "node.cli", "demo", "--cases", CASES,
             "--folder", str(folder / "demo")),
            cwd=ROOT, stdout=out, stderr=subprocess.STDOUT, stdin=subprocess.DEVNULL)
    try:
        until = time.monotonic() + READY_S
        while ENDS_WITH not in said.read_text(encoding="utf-8"):
            if demo.poll() is not None or time.monotonic() > until:
                raise RuntimeError(said.read_text(encoding="utf-8")[-4000:])
            time.sleep(1)
        yield _places(json.loads((folder / "demo" / TOLD).read_text(encoding="utf-8")),
                      (folder / "demo" / CITY / "keys" / "cli.token").read_text().strip(), at)
    finally:
        if demo.poll() is None:
            demo.send_signal(signal.SIGINT)
            demo.wait(STOP_S)


def _places(doors: list[dict[str, Any]], token: str, at: Browser) -> dict[str, Place]:
    found = {(door["office"], door["login"]): door for door in doors}
    city = str(httpx.URL(found[SEATS["shift"]]["url"]).copy_with(path="")).rstrip("/")
    names = _cases(city, token)
    places = {"anybody": Place(url=city)}
    for name, seat in SEATS.items():
        door = found[seat]
        url = str(httpx.URL(door["url"]).copy_with(path="")).rstrip("/")
        state = state_of(at, url, door["login"], door["password"])
        places[name] = Place(url=url, state=state, names=names)
    return places


def _cases(city: str, token: str) -> dict[str, str]:
    """Cases worth a picture: one that was closed after a long way, one under way."""
    with httpx.Client(base_url=city, trust_env=False, timeout=30,
                      headers={"Authorization": f"Bearer {token}"}) as api:
        def listed(**where: str) -> list[dict[str, Any]]:
            rows: list[dict[str, Any]] = api.get(
                "/api/v1/cases", params={"limit": 100, **where}).json()["items"]
            return rows

        def long(row: dict[str, Any]) -> int:
            return len(api.get(f"/api/v1/cases/{row['case_id']}/timeline").json()["entries"])

        closed = max(listed(status="closed", area=STREET), key=long)
        handling = max(listed(status="handling"), key=long)
    return {"closed": closed["case_id"], "open": handling["case_id"]}
