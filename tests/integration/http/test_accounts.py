"""People at a running node: pages, cookies, roles and scopes, as a browser meets them."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from typing import Any

import httpx
import pyotp
import pytest

from tests.integration.http.conftest import opening
from tests.integration.http.node import DISTRICT, Node, wanmi

GOOD = "seven lamps are dark"
CSRF = re.compile(r'name="csrf" value="([0-9a-f]{64})"')
SECRET = re.compile(r'class="secret">([A-Z2-7 ]+)<')
CODE = re.compile(r"<li>([0-9A-Z]{5}-[0-9A-Z]{5})</li>")


class Browser:
    """A person at a browser: keeps cookies, sends the origin, follows pages."""

    def __init__(self, node: Node, language: str = "en") -> None:
        self.origin = node.url
        self.http = httpx.Client(
            base_url=node.url, timeout=20.0, trust_env=False, follow_redirects=True,
            headers={"Accept-Language": language})
        self.page = ""

    def get(self, path: str) -> httpx.Response:
        answer = self.http.get(path)
        self.page = answer.text
        return answer

    def send(self, path: str, *, origin: str | None = None, csrf: str | None = None,
             **fields: str) -> httpx.Response:
        """Send a form of the page that is shown."""
        found = CSRF.search(self.page)
        said = csrf if csrf is not None else found[1] if found else ""
        headers = {"Origin": self.origin if origin is None else origin} if origin != "" else {}
        answer = self.http.post(path, data={"csrf": said, **fields}, headers=headers)
        self.page = answer.text
        return answer

    def log_in(self, login: str, password: str = GOOD) -> httpx.Response:
        self.get("/account/login")
        return self.send("/account/login", login=login, password=password)

    def api(self, method: str, path: str, **given: Any) -> httpx.Response:
        """A call of the API from a page of this session."""
        token = self.http.get("/api/v1/me").json().get("csrf", "")
        return self.http.request(method, f"/api/v1{path}", headers={
            "Origin": self.origin, "X-CSRF-Token": token}, **given)

    @property
    def cookie(self) -> str:
        return self.http.cookies.get("wanmi_session") or ""


def enrolled(browser: Browser) -> Browser:
    """The same, with the second factor that the posts of administrators need."""
    secret = SECRET.search(browser.get("/account/enrol").text)
    assert secret
    done = browser.send("/account/enrol", code=pyotp.TOTP(secret[1].replace(" ", "")).now())
    assert done.status_code == 200, done.text
    return browser


def invited(
    browser: Browser, api: httpx.Client, login: str, *roles: str, **scope: list[str]
) -> Browser:
    """The same, logged in with an account made for it."""
    link = api.post("/api/v1/accounts", json={
        "login": login, "name": "王丽", "roles": roles, **scope})
    assert link.status_code == 201, link.text
    path = link.json()["url"].removeprefix(browser.origin)
    browser.get(path)
    answer = browser.send(path, new=GOOD, again=GOOD)
    assert answer.status_code == 200, answer.text
    return browser


@pytest.fixture
def browse(node: Node) -> Iterator[Any]:
    """Opens browsers."""
    made: list[Browser] = []

    def open_one(language: str = "en") -> Browser:
        made.append(Browser(node, language))
        return made[-1]

    yield open_one
    for browser in made:
        browser.http.close()


@pytest.fixture
def person(api: httpx.Client, browse: Any) -> Any:
    """Makes accounts with roles, and gives back a browser that is logged in."""

    def make(login: str, *roles: str, **scope: list[str]) -> Browser:
        return invited(browse(), api, login, *roles, **scope)

    return make


def open_case(api: httpx.Client, area: str = "420203", code: str = "01001") -> str:
    body = opening()
    body["place"]["area"] = area
    body["category"]["code"] = code
    answer = api.post("/api/v1/cases", json=body)
    assert answer.status_code == 201, answer.text
    return str(answer.json()["case_id"])


def changed(client: httpx.Client) -> set[str]:
    """Every case that the change feed ever named to this caller."""
    found: set[str] = set()
    after = 0
    while page := client.get("/api/v1/changes/page", params={"after": after, "limit": 200}).json():
        found |= {one["case_id"] for one in page}
        after = page[-1]["n"]
    return found


def code(answer: httpx.Response) -> tuple[int, str]:
    return answer.status_code, answer.json().get("code", "")


# --- coming in ------------------------------------------------------------------------------------


def test_a_link_lets_somebody_set_a_password_once_and_log_in(node: Node, person: Any) -> None:
    browser = person("li.na", "dispatcher")
    assert browser.http.cookies.get("wanmi_session")
    assert "dispatcher" in browser.page
    me = browser.http.get("/api/v1/me").json()
    assert (me["name"], me["roles"], me["scope"], me["by_roles"]) == (
        "li.na", ["dispatcher"], "operate", True)

    wrong = browser.log_in("li.na", "not this one")
    assert wrong.status_code == 401
    assert "wrong" in wrong.text
    assert "li.na" in wrong.text
    assert browser.log_in("li.na").url.path == "/account/me"


def test_pages_are_whole_by_themselves_and_say_nothing_to_caches_or_frames(
    browse: Any
) -> None:
    page = browse("zh-CN").get("/account/login")

    assert "用户登录" in page.text
    assert page.headers["cache-control"] == "no-store"
    policy = page.headers["content-security-policy"]
    assert "default-src 'none'" in policy
    assert "frame-ancestors 'none'" in policy
    assert "script" not in page.text
    assert not re.search(r'(src|href)="(https?:)?//', page.text)
    other = browse("zh-CN")
    assert "Log in" in other.get("/account/login?lang=en").text
    assert "Log in" in other.get("/account/login").text


def test_the_cookie_is_kept_from_scripts_and_strange_sites(node: Node, person: Any) -> None:
    person("li.jie", "dispatcher")
    plain = httpx.post(f"{node.url}/account/login", data={"login": "li.jie", "password": GOOD},
                       headers={"Origin": node.url}, trust_env=False)

    said = plain.headers["set-cookie"].lower()
    assert "httponly" in said
    assert "samesite=strict" in said


def test_an_id_that_somebody_knew_before_is_worth_nothing_after(
    node: Node, person: Any, browse: Any
) -> None:
    person("liu.fang", "dispatcher")
    known = {"Cookie": "wanmi_session=known-to-somebody-else"}

    came = httpx.post(
        f"{node.url}/account/login", data={"login": "liu.fang", "password": GOOD},
        headers={"Origin": node.url, **known}, trust_env=False)

    assert came.status_code == 303
    assert "wanmi_session=" in came.headers["set-cookie"]
    assert "known-to-somebody-else" not in came.headers["set-cookie"]
    with node.client("") as stranger:
        assert code(stranger.get("/api/v1/me", headers=known)) == (401, "auth.session")


def test_writes_come_from_our_own_pages_only(node: Node, person: Any, api: httpx.Client) -> None:
    browser = person("zhao.lei", "intake_operator")
    token = browser.http.get("/api/v1/me").json()["csrf"]

    def write(**headers: str) -> tuple[int, str]:
        return code(browser.http.post("/api/v1/cases", json=opening(), headers=headers))

    assert write() == (403, "auth.origin")
    assert write(Origin="https://elsewhere.example") == (403, "auth.origin")
    assert write(Origin=node.url) == (403, "auth.csrf")
    assert write(Origin=node.url, **{"X-CSRF-Token": "0" * 64}) == (403, "auth.csrf")
    assert write(Origin=node.url, **{"X-CSRF-Token": token})[0] == 201
    browser.get("/account/me")
    assert browser.send("/account/login", origin="https://elsewhere.example",
                        login="zhao.lei", password=GOOD).status_code == 400
    browser.get("/account/me")
    browser.send("/account/leave", csrf="0" * 64)
    assert browser.http.get("/api/v1/me").status_code == 200
    browser.get("/account/me")
    browser.send("/account/leave")
    assert code(browser.http.get("/api/v1/me"))[0] == 401


def test_administrators_set_a_second_factor_up_before_anything_else(
    node: Node, person: Any, browse: Any
) -> None:
    browser = person("chen.jing", "security_admin")
    assert browser.http.get("/api/v1/me").status_code == 401
    assert browser.get("/account/me").url.path == "/account/enrol"
    assert "<svg" in browser.page
    secret = SECRET.search(browser.page)
    assert secret
    totp = pyotp.TOTP(secret[1].replace(" ", ""))

    assert browser.send("/account/enrol", code="000000").status_code == 422
    done = browser.send("/account/enrol", code=totp.now())

    codes = CODE.findall(done.text)
    assert len(codes) == 10
    assert browser.http.get("/api/v1/accounts").status_code == 200
    again = browse()
    assert again.log_in("chen.jing").url.path == "/account/factor"
    assert again.http.get("/api/v1/me").status_code == 401
    assert again.send("/account/factor", code=totp.now()).status_code == 422, "used already"
    assert again.send("/account/factor", code=codes[0]).url.path == "/account/me"


def test_a_changed_password_ends_the_other_sessions(node: Node, person: Any, browse: Any) -> None:
    first = person("sun.li", "dispatcher")
    second = browse()
    second.log_in("sun.li")
    assert len(second.http.get("/api/v1/me/sessions").json()) == 2

    second.get("/account/password")
    assert "differ" in second.send(
        "/account/password", old=GOOD, new="eight drains are full", again="eight").text
    second.get("/account/password")
    second.send("/account/password", old=GOOD, new="eight drains are full",
                again="eight drains are full")

    assert second.http.get("/api/v1/me").status_code == 200
    assert first.http.get("/api/v1/me").status_code == 401


def test_one_ends_ones_own_sessions_and_nobody_elses(node: Node, person: Any, browse: Any) -> None:
    first = person("zhou.wei", "dispatcher")
    stranger = person("wu.wei", "dispatcher")
    second = browse()
    second.log_in("zhou.wei")
    theirs = next(one["handle"] for one in first.http.get("/api/v1/me/sessions").json()
                  if one["own"])

    assert stranger.api("DELETE", f"/me/sessions/{theirs}").json()["count"] == 0
    assert second.api("DELETE", f"/me/sessions/{theirs}").json()["count"] == 1
    assert first.http.get("/api/v1/me").status_code == 401


def test_a_locked_account_is_out_at_once_and_its_stream_ends(
    node: Node, person: Any, api: httpx.Client
) -> None:
    browser = person("zheng.hao", "dispatcher")
    with browser.http.stream("GET", "/api/v1/changes") as stream:
        lines = stream.iter_lines()
        assert next(lines).startswith(": from")
        assert api.post("/api/v1/accounts/zheng.hao/lock",
                        json={"reason": "test"}).status_code == 200
        list(lines)  # ends by itself

    assert browser.http.get("/api/v1/me").status_code == 401
    assert browser.log_in("zheng.hao").status_code == 403


# --- what each may see and do ---------------------------------------------------------------------


def test_a_role_does_its_verbs_and_hears_who_may_do_the_others(
    node: Node, person: Any, api: httpx.Client
) -> None:
    case = open_case(api)
    dispatcher = person("disp.one", "dispatcher")
    document = dispatcher.http.get(f"/api/v1/cases/{case}").json()
    assert "file" not in document["verbs"]
    assert "accept" not in document["verbs"]

    denied = dispatcher.api("POST", f"/cases/{case}/file", json={})
    assert code(denied) == (403, "right.missing")
    assert "shift leader" in denied.json()["detail"]
    assert "security administrator" in denied.json()["detail"]
    chinese = dispatcher.http.post(
        f"/api/v1/cases/{case}/file", json={}, headers={
            "Origin": node.url, "Accept-Language": "zh-CN",
            "X-CSRF-Token": dispatcher.http.get("/api/v1/me").json()["csrf"]})
    assert "值班长" in chinese.json()["detail"]
    assert "立案" in chinese.json()["detail"]
    leader = person("shift.one", "shift_leader")
    assert "file" in leader.http.get(f"/api/v1/cases/{case}").json()["verbs"]
    assert leader.api("POST", f"/cases/{case}/file", json={}).status_code == 200


def test_a_clerk_of_an_area_sees_only_its_cases_by_list_by_address_and_by_feed(
    node: Node, person: Any, api: httpx.Client
) -> None:
    mine, other = open_case(api, "420203"), open_case(api, "420204")
    clerk = person("area.clerk", "intake_operator", areas=["420203"])

    listed = clerk.http.get("/api/v1/cases", params={"limit": 200}).json()["items"]
    assert mine in {one["case_id"] for one in listed}
    assert {one["area"][:6] for one in listed} == {"420203"}
    exported = clerk.http.get("/api/v1/cases.csv").text
    assert mine in exported
    assert other not in exported
    assert clerk.http.get(f"/api/v1/cases/{mine}").status_code == 200
    for path in ("", "/journal", "/timeline", "/bonds", "/proposal", "/standby", "/slip.html"):
        denied = clerk.http.get(f"/api/v1/cases/{other}{path}")
        assert code(denied) == (403, "scope.outside"), path
    assert "area" in denied.json()["detail"]
    assert code(clerk.api("POST", f"/cases/{other}/accept", json={})) == (403, "scope.outside")
    assert code(clerk.api("POST", f"/cases/{other}/reporter", json={"purpose": "x"})) == (
        403, "scope.outside")
    assert code(clerk.http.get("/api/v1/ledger")) == (403, "scope.whole")
    assert other in changed(api)
    assert mine in changed(clerk.http)
    assert other not in changed(clerk.http)


def test_a_clerk_of_a_unit_sees_a_case_while_it_is_with_the_unit(
    node: Node, person: Any, api: httpx.Client
) -> None:
    case, never = open_case(api), open_case(api)
    clerk = person("unit.clerk", "unit_clerk", units=[f"node:{DISTRICT}"])
    assert code(clerk.http.get(f"/api/v1/cases/{case}")) == (403, "scope.outside")
    for verb, body in (("file", {}), ("dispatch", {"to": f"node:{DISTRICT}"})):
        answer = api.post(f"/api/v1/cases/{case}/{verb}", json=body)
        assert answer.status_code == 200, answer.text

    assert clerk.http.get(f"/api/v1/cases/{case}").status_code == 200
    listed = {one["case_id"] for one in clerk.http.get(
        "/api/v1/cases", params={"limit": 200}).json()["items"]}
    assert case in listed
    assert never not in listed
    assert api.post(f"/api/v1/cases/{case}/withdraw",
                    json={"reason": "派遣错误"}).status_code == 200
    assert code(clerk.http.get(f"/api/v1/cases/{case}")) == (403, "scope.outside")


def test_a_class_is_a_scope_too(person: Any, api: httpx.Client) -> None:
    lid, lamp = open_case(api, code="01001"), open_case(api, code="01002")
    clerk = person("lids.only", "supervisor", codes=["01001"])

    assert clerk.http.get(f"/api/v1/cases/{lid}").status_code == 200
    assert code(clerk.http.get(f"/api/v1/cases/{lamp}")) == (403, "scope.outside")


def test_three_administrators_see_no_tools_of_each_other_and_no_case(
    node: Node, person: Any, api: httpx.Client
) -> None:
    case = open_case(api)
    for role in ("administrator", "auditor"):
        browser = enrolled(person(f"the.{role}", role))
        for path in (f"/cases/{case}", "/cases", "/changes/page", "/accounts", "/calls"):
            assert code(browser.http.get(f"/api/v1{path}"))[0] == 403, (role, path)
    assert code(api.post("/api/v1/accounts", json={
        "login": "all.of.it", "name": "全", "roles": ["administrator", "security_admin"],
    })) == (422, "role.apart")


def test_every_operation_of_the_api_belongs_to_a_tool_or_a_verb(api: httpx.Client) -> None:
    from pathlib import Path

    from node.main.profiles import roles_named

    document = api.get("/api/v1/openapi.json").json()
    named = {
        operation["operationId"]
        for path, item in document["paths"].items() if path.startswith("/api/") or
        path == "/metrics"
        for operation in item.values()
    }

    assert set(roles_named("standard", home=Path()).acts) == named


# --- from the command line ------------------------------------------------------------------------


def test_accounts_are_administered_from_the_command_line(node: Node, browse: Any) -> None:
    home = ("--home", str(node.home))
    made = json.loads(wanmi("account", "create", "cli.made", "--name", "陈",
                            "--roles", "dispatcher", "--areas", "420203", *home, "--json"))
    assert made["url"].startswith(f"{node.url}/account/setup/")
    browser = browse()
    path = made["url"].removeprefix(node.url)
    browser.get(path)
    browser.send(path, new=GOOD, again=GOOD)
    assert "cli.made" in wanmi("account", "list", *home)
    wanmi("account", "roles", "cli.made", "--roles", "shift_leader", *home)
    wanmi("account", "lock", "cli.made", "--reason", "x", *home)
    wanmi("account", "unlock", "cli.made", *home)
    assert "shift_leader" in wanmi("account", "posts", *home)
    reset = json.loads(wanmi("account", "reset", "cli.made", *home, "--json"))
    assert reset["url"] != made["url"]
    wanmi("account", "end", "cli.made", *home)
    rows = json.loads(wanmi("account", "list", *home, "--json"))
    assert [one["state"] for one in rows if one["login"] == "cli.made"] == ["ended"]


# --- tokens ---------------------------------------------------------------------------------------


def test_a_token_of_ones_own_is_never_more_than_its_owner(
    node: Node, person: Any, api: httpx.Client, browse: Any
) -> None:
    mine, other = open_case(api, "420203"), open_case(api, "420204")
    owner = person("token.owner", "dispatcher", areas=["420203"])
    made = owner.api("POST", "/me/tokens", json={"name": "phone", "acts": ["read_cases"]})
    assert made.status_code == 201, made.text

    with node.client(made.json()["token"]) as program:
        assert program.get("/api/v1/me").json()["name"] == "token.owner"
        assert program.get(f"/api/v1/cases/{mine}").status_code == 200
        assert code(program.get(f"/api/v1/cases/{other}")) == (403, "scope.outside")
        assert code(program.get("/api/v1/cases")) == (403, "right.missing")
        assert code(program.post("/api/v1/me/tokens", json={"name": "x"})) == (
            401, "auth.session")
        api.post("/api/v1/accounts/token.owner/lock", json={"reason": "x"})
        assert code(program.get(f"/api/v1/cases/{mine}")) == (401, "auth.account")
        api.post("/api/v1/accounts/token.owner/unlock")
        assert program.get(f"/api/v1/cases/{mine}").status_code == 200
        again = browse()
        again.log_in("token.owner")
        assert again.api("DELETE", "/me/tokens/phone").json()["count"] == 1
        assert code(program.get(f"/api/v1/cases/{mine}")) == (401, "auth.invalid")


def test_a_programs_token_is_held_by_its_roles_addresses_and_scope_where_it_has_any(
    node: Node, api: httpx.Client
) -> None:
    mine, other = open_case(api, "420203"), open_case(api, "420204")

    def token(name: str, **terms: Any) -> httpx.Client:
        made = api.post("/api/v1/tokens", json={"name": name, "scope": "operate", **terms})
        assert made.status_code == 201, made.text
        return node.client(made.json()["token"])

    with (token("free.one") as free, token("by.roles", by_roles=True, roles=["supervisor"]) as held,
          token("in.area", roles=["supervisor"], areas=["420203"]) as inside,
          token("elsewhere", addresses=["203.0.113.0/24"]) as away,
          token("near", addresses=["127.0.0.0/8"], days=1) as near):
        assert free.post(f"/api/v1/cases/{other}/accept", json={}).status_code == 200
        assert held.get(f"/api/v1/cases/{other}").status_code == 200
        assert code(held.post(f"/api/v1/cases/{other}/file", json={})) == (403, "right.missing")
        assert inside.get(f"/api/v1/cases/{mine}").status_code == 200
        assert code(inside.get(f"/api/v1/cases/{other}")) == (403, "scope.outside")
        assert code(away.get("/api/v1/me")) == (401, "auth.address")
        assert near.get("/api/v1/me").status_code == 200
    listed = {one["name"]: one for one in api.get("/api/v1/tokens").json()}
    assert listed["near"]["expires_at"]
    assert listed["free.one"]["by_roles"] is False
    assert code(api.post("/api/v1/tokens", json={
        "name": "bad", "acts": ["Nothing"]})) == (422, "token.terms")
    assert code(api.post("/api/v1/tokens", json={
        "name": "bad", "by_roles": True, "roles": ["king"]})) == (422, "role.unknown")
