"""After the day: accounts by post at every office, and the collector's shift.

Whoever runs the demo may then sit down at any of the consoles. Passwords are drawn anew each time;
the administrators' second factor is set up as a person would, and their recovery codes are told.
"""

from __future__ import annotations

import asyncio
import json
import os
import re
import secrets
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from datetime import datetime, timedelta
from pathlib import Path

import httpx
import pyotp

from node.cli.demo.federation import Federation, Office, Trouble, wanmi
from node.core.calendar import BEIJING

GROUND = "ground"
"""Below the demo's folder: the files that the importers took."""
COLLECTOR, SHIFT_H = "caiji", 8
"""The collector's login and number; hours of the shift."""
STREET = "420203008"
"""Where the collector walks."""
TOLD = "consoles.json"
"""Where the doors and logins are written, readable by whoever started the demo alone."""
CODES = 3
"""Recovery codes told for an account with a second factor; each logs in once."""
SECRET = re.compile(r'class="secret">([A-Z2-7 ]+)<')
CSRF = re.compile(r'name="csrf" value="([0-9a-f]{64})"')
CODE = re.compile(r"<li>([^<]+)</li>")


@dataclass(frozen=True, slots=True, kw_only=True)
class Post:
    """Somebody who works at an office: login, what they are called, roles."""

    login: str
    title: str
    roles: tuple[str, ...]
    phone: bool = False
    """Whether they work with the phone's page."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Seat:
    """An account that was made: how it gets in."""

    office: str
    name: str
    url: str
    login: str
    title: str
    password: str
    codes: tuple[str, ...] = ()


CENTRE = (
    Post(login="shouli", title="受理员 intake", roles=("intake_operator",)),
    Post(login="zhiban", title="值班长 shift leader", roles=("shift_leader",)),
    Post(login="paiqian", title="派遣员 dispatcher", roles=("dispatcher",)),
    Post(login="zhihuizhang", title="指挥长 centre head", roles=("centre_head",)),
    Post(login="ducha", title="督查 supervisor", roles=("supervisor",)),
    Post(login="kaoping", title="考评员 evaluator", roles=("evaluator",)),
    Post(login=COLLECTOR, title="监督员 collector", roles=("collector",), phone=True),
    Post(login="guanli", title="系统管理员 administrator", roles=("administrator",)),
    Post(login="anquan", title="安全管理员 security", roles=("security_admin",)),
    Post(login="shenji", title="审计管理员 auditor", roles=("auditor",)),
)
DISTRICT = (Post(login="zhihui", title="区指挥员 district command",
                 roles=("dispatcher", "unit_clerk")),)
CLERK = (Post(login="lianluo", title="联络员 clerk", roles=("unit_clerk",)),)
POSTS: Mapping[str, Sequence[Post]] = {"district": DISTRICT, "street": CLERK, "unit": CLERK}
"""Who sits where, by the office's profile; at the root the whole centre."""


async def seats(federation: Federation) -> list[Seat]:
    """Make the accounts of every office, and write the doors to ``TOLD``. Raises ``Trouble``."""
    password = "-".join(secrets.token_hex(2) for _ in range(4))
    made = [
        await asyncio.to_thread(_seat, office, post, password)
        for office in federation.offices.values()
        for post in (CENTRE if office is federation.root else POSTS[office.plan.profile])
    ]
    _write(federation.folder / TOLD, json.dumps(
        [asdict(one) for one in made], ensure_ascii=False, indent=1))
    return made


def on_the_beat(federation: Federation, ground: Path) -> None:
    """Put the collector on the register and on a shift of a beat, so that the phone has its tasks,
    components and track. Raises ``Trouble``."""
    told = json.loads((ground / "beats.geojson").read_text(encoding="utf-8"))
    beat = next(one["properties"]["code"] for one in told["features"]
                if one["properties"]["area"].startswith(STREET))
    now = datetime.now(BEIJING)
    begins, ends = (f"{now + timedelta(hours=hours):%Y-%m-%d %H:%M}" for hours in (-1, SHIFT_H - 1))
    home = str(federation.root.home)
    for word, text in (
        ("import", f"编号,姓名,班组,公司,责任网格\n{COLLECTOR},监督员,示例中队,示例公司,{beat}\n"),
        ("shifts", f"编号,责任网格,上班,下班\n{COLLECTOR},{beat},{begins},{ends}\n"),
    ):
        path = ground / f"collector-{word}.csv"
        path.write_text(text, encoding="utf-8")
        wanmi("collector", word, "--home", home, str(path))


def _write(path: Path, text: str) -> None:
    with os.fdopen(os.open(path, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600), "w") as file:
        file.write(text)


def _seat(office: Office, post: Post, password: str) -> Seat:
    """Make an account, open its link, set the password, and a second factor where it asks."""
    link = wanmi("account", "create", post.login, "--name", post.title.partition(" ")[0],
                 "--roles", ",".join(post.roles), "--home", str(office.home), "--json")["url"]
    codes: tuple[str, ...] = ()
    with httpx.Client(base_url=office.url, trust_env=False, follow_redirects=True, timeout=30,
                      headers={"Origin": office.url}) as http:
        page = http.post(httpx.URL(link).path, data={"new": password, "again": password})
        if page.url.path == "/account/enrol":
            codes = _factor(http, page.text)
        elif page.url.path.startswith("/account/setup"):
            raise Trouble(f"the account {post.login} of {office.plan.id} could not be set up")
    door = "/console/phone" if post.phone else "/console"
    return Seat(office=office.plan.id, name=office.plan.name, url=f"{office.url}{door}",
                login=post.login, title=post.title, password=password, codes=codes)


def _factor(http: httpx.Client, page: str) -> tuple[str, ...]:
    secret, csrf = SECRET.search(page), CSRF.search(page)
    if secret is None or csrf is None:
        raise Trouble("the page of the second factor shows no secret")
    code = pyotp.TOTP(secret[1].replace(" ", "")).now()
    shown = http.post("/account/enrol", data={"csrf": csrf[1], "code": code})
    return tuple(CODE.findall(shown.text))[:CODES]
