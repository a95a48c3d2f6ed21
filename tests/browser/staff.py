"""People who run a node, logged in: the three administrators come by a second factor."""

from __future__ import annotations

from typing import Any
from urllib.parse import urlsplit

import httpx

from tests.browser.town import PASSWORD
from tests.integration.http.node import Node
from tests.integration.http.test_accounts import Browser, enrolled

STAFF = (
    ("chen.jie", "陈洁", ("administrator",)), ("zhao.min", "赵敏", ("security_admin",)),
    ("sun.hao", "孙浩", ("auditor",)), ("he.min", "何敏", ("administrator",)),
)
"""Login, name, roles."""


def come(node: Node, api: httpx.Client, login: str, name: str, roles: tuple[str, ...]) -> Any:
    """Make an account and log in with it, second factor and all; the state of a browser that is
    logged in (cookies)."""
    link = api.post("/api/v1/accounts", json={"login": login, "name": name, "roles": roles})
    assert link.status_code == 201, link.text
    path = link.json()["url"].removeprefix(node.url)
    browser = Browser(node)
    with browser.http as http:
        browser.get(path)
        done = browser.send(path, new=PASSWORD, again=PASSWORD)
        assert done.status_code == 200, done.text
        enrolled(browser)
        return {"cookies": [
            {"name": name, "value": value, "domain": urlsplit(node.url).hostname, "path": "/",
             "expires": -1, "httpOnly": True, "secure": False, "sameSite": "Strict"}
            for name, value in http.cookies.items()
        ], "origins": []}
