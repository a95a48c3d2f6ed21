"""After the day: accounts by post at every office, and a morning's work left lying on the desks.

Whoever runs the demo may then sit down at any of the consoles. Passwords are drawn anew each time;
the administrators' second factor is set up as a person would, and their recovery codes are told.
"""

from __future__ import annotations

import asyncio
import json
import os
import re
import secrets
from collections.abc import Awaitable, Callable, Iterable, Mapping, Sequence
from dataclasses import asdict, dataclass
from datetime import datetime, timedelta
from pathlib import Path
from random import Random
from typing import Any

import httpx
import pyotp

from node.cli.demo.day import DISTRICTS, Planned, Twist
from node.cli.demo.desk import Desk
from node.cli.demo.federation import Federation, Office, Trouble, wanmi
from node.cli.demo.people import PAGE, Memory, Reporter, soon
from node.cli.demo.pictures import picture
from node.core.calendar import BEIJING

GROUND = "ground"
"""Below the demo's folder: the files that the importers took."""
DRAWN = 120
"""Problems drawn for the morning; as many are taken as fill every desk."""
REPORTED, VERIFYING, TO_FILE = 4, 6, 9
"""How many are left as they came in, then with the collector, then waiting to be filed: as ends."""
AT_THE_CENTRE, WITH_DISTRICTS, WITH_THE_STREET, WITH_THE_UNIT = 13, 7, 3, 2
"""How many of the morning's reports are left at the centre, and go to whom."""
COLLECTOR, SHIFT_H = "caiji", 8
"""The collector's login and number; hours of the shift."""
STREET, UNIT = "420203008", "node:4202U36"
TOLD = "consoles.json"
"""Where the doors and logins are written, readable by whoever started the demo alone."""
CODES = 3
"""Recovery codes told for an account with a second factor; each logs in once."""
PATIENCE = 20
"""Half seconds that a feedback from below is waited for."""
TIGHT_S, ANSWER_S = 3.0, 3600.0
"""A limit that is over before anybody looks; how long an answer to a supervision may take."""
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


def chosen(drawn: Iterable[Planned]) -> list[Planned]:
    """Of these, so many for each desk; those of the centre first."""
    routine = [one for one in drawn if one.twist is Twist.NONE]
    street = [one for one in routine if one.area == STREET and one.lead.startswith(DISTRICTS)]
    unit = [one for one in routine if one.lead == UNIT]
    rest = [one for one in routine if one not in street and one not in unit]
    below = [one for one in rest if one.lead.startswith(DISTRICTS)][:WITH_DISTRICTS]
    left = [one for one in rest if one not in below][:AT_THE_CENTRE]
    return [*left, *below, *street[:WITH_THE_STREET], *unit[:WITH_THE_UNIT]]


class Morning:
    """Work of the next morning, brought just so far that every desk has something to do."""

    def __init__(self, desks: Mapping[str, Desk], root: str, seed: int) -> None:
        self._desks = desks
        self._city = desks[root]
        self._random = Random(f"{seed}/morning")
        self._memory = Memory()

    async def come(self, planned: Sequence[Planned]) -> None:
        """Report the problems and bring each some way; what a rule refuses stays where it is."""
        reporter = Reporter(self._city, self._memory)
        for one in planned:
            await reporter.report(one)
        cases = [self._memory.numbers[one.number] for one in planned]
        for at, case_id in enumerate(cases):
            if REPORTED <= at < VERIFYING:
                await self._city.do(case_id, "start-verify", collector=COLLECTOR)
            elif at >= VERIFYING:
                await self._known(case_id)
            if at >= TO_FILE:
                await self._city.do(case_id, "file")
            if at >= AT_THE_CENTRE:
                await self._dispatch(case_id, tight=at % 5 == 0)
        await asyncio.sleep(TIGHT_S)
        steps: tuple[Callable[[Desk, dict[str, Any]], Awaitable[Any]], ...] = (
            self._signed, self._asks, self._done, self._supervised)
        for desk in self._desks.values():
            if desk is not self._city:
                page = await desk.get("/api/v1/cases", status="held", limit=PAGE)
                own = [row for row in page["items"] if row["case_id"] in cases]
                for at, row in enumerate(own):
                    if row["area"] != STREET:
                        await steps[at % len(steps)](desk, row)
                    elif desk.node == STREET[:6]:
                        await self._handed_on(desk, row)
        await self._check_one()

    async def _check_one(self) -> None:
        """The first result that comes is to be looked at on site."""
        for _ in range(PATIENCE):
            page = await self._city.get("/api/v1/cases", status="feedback_given", limit=1)
            if page["items"]:
                case_id = page["items"][0]["case_id"]
                await self._city.do(case_id, "start-check", collector=COLLECTOR)
                return
            await asyncio.sleep(0.5)

    async def _known(self, case_id: str) -> None:
        if not await self._city.do(case_id, "accept"):
            await self._city.do(case_id, "start-verify", collector=COLLECTOR)
            await self._city.do(case_id, "verify", found=True, text="现场情况属实")

    async def _dispatch(self, case_id: str, *, tight: bool) -> None:
        proposal = await self._city.get(f"/api/v1/cases/{case_id}/proposal")
        to = proposal["assignee"] or next(iter(proposal["candidates"]), "")
        limits = {"limits": {"finish_by": soon(TIGHT_S)}} if tight else {}
        if to:
            await self._city.do(case_id, "dispatch", to=to, **limits)

    async def _handed_on(self, desk: Desk, row: dict[str, Any]) -> None:
        await self._signed(desk, row)
        await desk.do(row["case_id"], "dispatch", to=f"node:{STREET}")

    async def _signed(self, desk: Desk, row: dict[str, Any]) -> None:
        await desk.do(row["case_id"], "sign")

    async def _asks(self, desk: Desk, row: dict[str, Any]) -> None:
        await self._signed(desk, row)
        await desk.do(row["case_id"], "request", kind="extension", reason_code="weather",
                      text="连日降雨，需延期施工")

    async def _done(self, desk: Desk, row: dict[str, Any]) -> None:
        await self._signed(desk, row)
        case = await desk.get(f"/api/v1/cases/{row['case_id']}")
        roles = case["facts"]["wanted"]["photos"] or ["handle_after"]
        await desk.do(row["case_id"], "feed-back", result="已处理完毕，恢复原状",
                      photos=[await desk.photo(picture(self._random), role) for role in roles],
                      closing_met=bool(case["facts"]["closing"]))

    async def _supervised(self, desk: Desk, row: dict[str, Any]) -> None:
        await self._signed(desk, row)
        await self._city.do(row["case_id"], "supervise", text="市民再次来电，请说明进展",
                            kind="leader", reply_by=soon(ANSWER_S))
