"""Pages of those who run a node, for ``tests.browser.screenshots``: a city with a district, a word
that is parked, an adapter."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import httpx
from playwright.sync_api import Browser

from tests.browser.below import join, until
from tests.browser.drop import ADAPTER, lay, speak
from tests.browser.shots import Place, Shot
from tests.browser.staff import STAFF, come
from tests.integration.http.node import DISTRICT, LINK, Node, launch, start
from tests.integration.http.test_accounts import CSRF
from tests.integration.http.test_configurations import own_files


def _shot(name: str, title: str, login: str, path: str) -> Shot:
    return Shot(name=name, title=title, place=login, path=path)


RUNNING = (
    _shot("links", "链路 links as a tree", "chen.jie", "/console/links"),
    _shot("link", "一条链路 one link", "chen.jie", f"/console/links/{LINK}"),
    _shot("word", "搁置的消息 a parked word", "chen.jie",
          f"/console/links/{LINK}/parked/{{parked}}"),
    _shot("invitations", "邀请与审批 invitations", "chen.jie", "/console/links/invitations"),
    _shot("keys", "密钥与证书 keys", "chen.jie", "/console/links/keys"),
    _shot("doctor", "体检 doctor", "chen.jie", "/console/links/doctor"),
    _shot("retire", "停用下级 the end of a child", "chen.jie", f"/console/links/retire/{DISTRICT}"),
    _shot("adapters", "适配器 adapters", "chen.jie", "/console/adapters"),
    _shot("adapter", "一个适配器 one adapter", "chen.jie", f"/console/adapters/{ADAPTER}"),
    _shot("mapping", "编辑映射 its mapping", "chen.jie", f"/console/adapters/{ADAPTER}/mapping"),
    _shot("upkeep", "应用维护 maintenance", "chen.jie", "/console/upkeep"),
    _shot("upkeep-table", "权责清单 the responsibility table", "chen.jie",
          "/console/upkeep/tables/responsibilities"),
    _shot("upkeep-new", "导入表格 a table comes in", "chen.jie",
          "/console/upkeep/tables/responsibilities/new"),
    _shot("upkeep-sheet", "检查结果 what would change", "chen.jie",
          "/console/upkeep/drafts/{sheet}"),
    _shot("upkeep-versions", "版本 versions", "chen.jie",
          "/console/upkeep/tables/responsibilities/versions"),
    _shot("upkeep-gaps", "缺口与冲突 gaps", "chen.jie", "/console/upkeep/gaps"),
    _shot("upkeep-month", "工作日历 calendar", "chen.jie",
          "/console/upkeep/tables/calendar?year=2026&at=10"),
    _shot("upkeep-standards", "标准版次 editions", "chen.jie", "/console/upkeep/standards"),
    _shot("upkeep-rules", "配置与权限 profile and rights", "chen.jie",
          "/console/upkeep/rules?to=unit"),
    _shot("upkeep-configuration", "配置的一版 what changed at a start", "chen.jie",
          "/console/upkeep/rules/versions/2"),
    _shot("upkeep-layers", "地理图层 layers", "chen.jie", "/console/upkeep/layers"),
    _shot("people", "账户与权限 accounts", "zhao.min", "/console/people"),
    _shot("new-account", "新建账户 a new account", "zhao.min", "/console/people/new"),
    _shot("account", "一个账户 one account", "zhao.min", "/console/people/of/chen.jie"),
    _shot("tokens", "令牌 tokens", "zhao.min", "/console/people/tokens"),
    _shot("roles", "岗位 roles", "zhao.min", "/console/people/roles"),
    _shot("audit", "审计日志 audit log", "sun.hao", "/console/audit"),
)
EXAMPLE = Path(__file__).parents[2] / "deploy" / "examples" / "huangshi"
SHEET = (
    "标准,类别,代码,区划,责任单位,职责\n"
    "GB/T 47678.5-2026,事件,06013,420203,4202U36,主责\n"
    "GB/T 47678.5-2026,事情,06014,420203,4202U36,主责\n"
)


def sheet(city: Node, state: Any) -> str:
    """A responsibility table with a wrong line, sent in and waiting; returns its id."""
    with httpx.Client(base_url=city.url, trust_env=False, follow_redirects=True, timeout=30,
                      cookies={one["name"]: one["value"] for one in state["cookies"]},
                      headers={"Origin": city.url}) as http:
        form = http.get("/console/upkeep/tables/responsibilities/new").text
        csrf = CSRF.search(form)
        assert csrf, form
        answer = http.post(
            "/console/upkeep/tables/responsibilities/check", data={"csrf": csrf[1]},
            files={"file": ("权责清单.csv", SHEET.encode(), "text/csv")})
        assert answer.status_code == 200, answer.text
        return answer.url.path.rpartition("/")[2]


def _changed(city: Node) -> Node:
    """The same, started again with a profile of its own."""
    city.stop()
    own_files(city.home)
    profile = city.home / "city-here.toml"
    profile.write_text(profile.read_text(encoding="utf-8").replace(
        'relay_done = "auto"', 'relay_done = "confirm"'), encoding="utf-8")
    again = launch(city.home, int(city.url.rpartition(":")[2]), city.token)
    again.wait_ready()
    return again


@contextmanager
def shown_running(folder: Path, _at: Browser) -> Iterator[dict[str, Place]]:
    """A city with one word parked; places by whoever is logged in."""
    city = _changed(start(folder, lay))
    below = None
    try:
        below = join(city)
        with city.client() as api:
            states = {login: come(city, api, login, name, roles) for login, name, roles in STAFF}
            until("the link", lambda: api.get(f"/api/v1/links/{LINK}").json()["connected"])
            below.line.cut()
            below.says("node.v1.Prophecy", b"\x0a\x01?")
            below.line.heal()
            speak(city.home)
            waiting = f"/api/v1/links/{LINK}/parked"
            until("a parked word", lambda: bool(api.get(waiting).json()))
            parked = api.get(waiting).json()[0]["position"]
            until("something unreadable", lambda: bool(
                api.get(f"/api/v1/adapters/{ADAPTER}/quarantine").json()))
            api.post("/api/v1/invitations", json={
                "node": "420204", "name": "下陆区", "approve": True, "grpc": ["127.0.0.1:9"]})
            for table in ("units", "responsibilities"):
                done = api.post(f"/api/v1/{table}", content=(EXAMPLE / f"{table}.csv").read_bytes(),
                                headers={"Content-Type": "text/csv"})
                assert done.status_code == 200, done.text
        names = {"parked": str(parked), "sheet": sheet(city, states["chen.jie"])}
        yield {login: Place(url=city.url, state=state, names=names)
               for login, state in states.items()}
    finally:
        if below is not None:
            below.stop()
        city.stop()
