"""People who run a node, logged in: the three administrators come by a second factor."""

from __future__ import annotations

import re
from typing import Any
from urllib.parse import urlsplit

import httpx
import pyotp

from tests.browser.town import PASSWORD
from tests.integration.http.node import Node

SECRET = re.compile(r'class="secret">([A-Z2-7 ]+)<')
CSRF = re.compile(r'name="csrf" value="([0-9a-f]{64})"')
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
    with httpx.Client(base_url=node.url, trust_env=False, follow_redirects=True,
                      headers={"Origin": node.url}) as http:
        path = link.json()["url"].removeprefix(node.url)
        page = http.post(path, data={"new": PASSWORD, "again": PASSWORD})
        assert page.status_code == 200, page.text
        if secret := SECRET.search(http.get("/account/enrol").text):
            form = http.get("/account/enrol").text
            secret = SECRET.search(form)
            csrf = CSRF.search(form)
            assert secret
            assert csrf
            code = pyotp.TOTP(secret[1].replace(" ", "")).now()
            done = http.post("/account/enrol", data={"csrf": csrf[1], "code": code})
            assert done.status_code == 200, done.text
        where = urlsplit(node.url)
        return {"cookies": [
            {"name": name, "value": value, "domain": where.hostname, "path": "/",
             "expires": -1, "httpOnly": True, "secure": False, "sameSite": "Strict"}
            for name, value in http.cookies.items()
        ], "origins": []}
