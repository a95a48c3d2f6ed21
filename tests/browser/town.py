"""A node with people and cases for the browser: a city centre with one district below it."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Any

import httpx

from tests.browser.ground import lay, spot
from tests.browser.table import name_district
from tests.integration.http.conftest import opening
from tests.integration.http.node import Node, start

CHROMIUM = "/usr/bin/chromium"
PASSWORD = "seven lamps are dark"
PEOPLE = (
    ("wang.li", "王丽", ("intake_operator",)), ("zhang.jun", "张军", ("dispatcher",)),
    ("liu.yang", "刘洋", ("shift_leader", "dispatcher", "intake_operator")),
)
"""Login, name, roles. One person with several posts sees the most."""
CASES = (
    ("人行道供水井盖缺失，行人险些踩空", "颐阳路12号门前", "component", "01001", "供水井盖", True),
    ("路面坑槽约两平方米，雨后积水", "磁湖路团城山路口", "matter", "06013", "道路破损", False),
    ("路灯连续三夜不亮", "湖滨大道天虹商场对面", "component", "01037", "路灯", False),
    ("垃圾桶满溢，周边有散落垃圾", "江北小区西门", "matter", "06010", "暴露垃圾", False),
    ("行道树倾斜，靠近架空线", "武汉路步行街入口", "component", "04002", "行道树", False),
    ("电力井盖松动，车辆驶过异响", "杭州东路88号", "component", "01005", "电力井盖", True),
    ("雨水箅子破损", "广州路实验小学门口", "component", "01004", "雨水箅子", False),
    ("供水井盖与路面高差过大", "桂林南路与大泉路路口", "component", "01001", "供水井盖", False),
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Town:
    """The node, and the cases in the order in which they were opened."""

    node: Node
    cases: tuple[dict[str, Any], ...]

    def count(self, **where: str) -> int:
        """How many cases there are now: files of the browser's folder share the town."""
        with self.node.client() as api:
            listed = api.get("/api/v1/cases", params={"limit": 200, **where}).json()["items"]
        return len(listed)


def build(folder: Path) -> Town:
    """Start a node, make accounts, open cases and bring them some way."""
    node = start(folder)
    with node.client() as api:
        for login, name, roles in PEOPLE:
            account(node, api, login, name, roles)
        lay(api)
        name_district(api)
        cases = tuple(_open(api, *one, at=at) for at, one in enumerate(CASES))
        for at, one in enumerate(cases):
            _bring(api, str(one["case_id"]), at)
    return Town(node=node, cases=cases)


def account(
    node: Node, api: httpx.Client, login: str, name: str, roles: tuple[str, ...]
) -> None:
    """An account with a password of its own."""
    link = api.post("/api/v1/accounts", json={"login": login, "name": name, "roles": roles})
    assert link.status_code == 201, link.text
    with httpx.Client(base_url=node.url, trust_env=False, headers={"Origin": node.url}) as http:
        done = http.post(link.json()["url"].removeprefix(node.url),
                         data={"new": PASSWORD, "again": PASSWORD})
        assert done.status_code == 303, done.text


def _open(
    api: httpx.Client, text: str, address: str, kind: str, code: str, name: str, urgent: bool, *,
    at: int,
) -> dict[str, Any]:
    body = opening(text=text, urgent=urgent)
    body["place"]["address"] = address
    body["place"]["lon"], body["place"]["lat"] = spot(at)
    body["category"] |= {"kind": kind, "code": code, "name": name}
    answer = api.post("/api/v1/cases", json=body)
    assert answer.status_code == 201, answer.text
    return dict(answer.json())


def _bring(api: httpx.Client, case_id: str, at: int) -> None:
    """The later a case was opened the less has been done with it."""
    steps: tuple[tuple[str, dict[str, Any]], ...] = (
        ("accept", {"text": "反映属实，转立案审核"}),
        ("file", {"text": "符合立案条件"}),
        ("dispatch", {"to": "node:420203", "text": "请尽快处置"}),
    )
    for word, body in steps[: max(0, 3 - at // 2)]:
        answer = api.post(f"/api/v1/cases/{case_id}/{word}", json=body)
        assert answer.status_code == 200, (word, answer.text)
