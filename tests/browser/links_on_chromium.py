"""Links and administrators' pages in a browser: a city with a district behind a line of its own.

A city and a district of their own, in the browser of this folder; people are logged in once.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any

import pytest
from playwright.sync_api import Browser, Page, expect

from tests.browser.axe import serious
from tests.browser.below import Below, join, until
from tests.browser.drop import ADAPTER, lay, speak
from tests.browser.people import PHONE, opened, seats
from tests.browser.staff import STAFF, come
from tests.browser.town import PASSWORD
from tests.integration.http.node import DISTRICT, LINK, Node, served


@pytest.fixture(scope="module")
def city(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Node]:
    with served(tmp_path_factory.mktemp("links"), lay) as made:
        yield made


@pytest.fixture(scope="module")
def below(city: Node) -> Iterator[Below]:
    made = join(city)
    try:
        yield made
    finally:
        made.stop()


@pytest.fixture(scope="module")
def staff(city: Node) -> dict[str, Any]:
    with city.client() as api:
        return {login: come(city, api, login, name, roles) for login, name, roles in STAFF}


@pytest.fixture
def seat(city: Node, chromium: Browser, staff: dict[str, Any]) -> Iterator[Any]:
    """Opens pages of somebody who is logged in."""
    with seats(chromium, city.url, staff, "chen.jie") as open_one:
        yield open_one


def up(city: Node) -> bool:
    with city.client() as api:
        return bool(api.get(f"/api/v1/links/{LINK}").json()["connected"])


def test_a_cut_line_is_shown_and_explained_within_seconds_and_mends_by_itself(
    city: Node, below: Below, seat: Any
) -> None:
    until("the link", lambda: up(city))
    page = seat()
    page.goto("/console/links")
    row = page.locator(f"#n-{DISTRICT}")
    expect(row).to_contain_text("正常")
    expect(page.locator("#n-420200")).to_contain_text("在此")

    below.line.cut()
    expect(row.locator(".t-state")).to_contain_text("中断", timeout=8_000)
    expect(row.locator(".t-why")).to_contain_text("起中断")
    expect(page.locator("#links")).to_contain_text("下级连接 0/1")

    below.line.heal()
    expect(row.locator(".t-state")).to_contain_text("正常", timeout=30_000)
    assert page.complaints == []


def test_a_parked_word_is_opened_and_given_up_with_a_reason(
    city: Node, below: Below, seat: Any
) -> None:
    until("the link", lambda: up(city))
    below.line.cut()
    until("the cut", lambda: not up(city))
    below.says("node.v1.Prophecy", b"\x0a\x01?")
    below.line.heal()
    page = seat()
    page.goto(f"/console/links/{LINK}")
    parked = page.locator("#parked")
    expect(parked).to_contain_text("对方程序较新", timeout=30_000)

    parked.get_by_role("link", name="查看").click()
    dialog = page.locator("#dialog")
    expect(dialog).to_contain_text("node.v1.Prophecy")
    expect(dialog).to_contain_text("只能看到信封")
    dialog.get_by_text("放弃…").click()
    dialog.get_by_label("放弃的理由").fill("试验报文，已与对方核对")
    dialog.get_by_role("button", name="确认放弃").click()

    expect(page.locator("main")).to_contain_text("理由已入审计日志")
    expect(parked).to_contain_text("没有挂起的报文")
    with city.client() as api:
        assert api.get(f"/api/v1/links/{LINK}/parked").json() == []


def test_both_ends_are_compared_at_a_click(city: Node, below: Below, seat: Any) -> None:
    until("the link", lambda: up(city))
    assert below.node.process.poll() is None
    page = seat()
    page.goto(f"/console/links/{LINK}")
    page.get_by_role("button", name="立即对账，补发缺失").click()
    expect(page.locator("main")).to_contain_text("对账完成：过程记录 两端一致", timeout=20_000)


def reached(page: Page) -> None:
    """This city's own door has any free port, which its settings do not name."""
    page.get_by_text("新节点怎样连到本节点").click()
    page.get_by_label("连接地址（gRPC）").fill("127.0.0.1:9")


def test_an_invitation_is_shown_once_and_withdrawn(seat: Any) -> None:
    page = seat()
    page.goto("/console/links/invitations")
    page.get_by_label("节点标识").fill("420204")
    page.get_by_label("单位名称").fill("下陆区")
    reached(page)
    page.get_by_role("button", name="生成邀请").click()
    text = page.get_by_label("邀请文字")
    expect(text).to_have_value(re.compile("^wanmi-invitation-1"))
    row = page.locator("#invitations li", has_text="下陆区")
    expect(row).to_contain_text("有效，等新节点使用")

    page.reload()
    expect(page.get_by_label("邀请文字")).to_have_count(0)
    page.on("dialog", lambda asked: asked.accept())
    page.locator("#invitations li", has_text="下陆区").get_by_role("button", name="收回").click()
    expect(page.locator("#invitations li", has_text="下陆区")).to_contain_text("已收回")
    assert page.complaints == []


def test_whoever_invited_does_not_approve_and_another_administrator_may(seat: Any) -> None:
    first, second = seat(), seat("he.min")
    first.goto("/console/links/invitations")
    first.get_by_label("节点标识").fill("420205")
    first.get_by_label("单位名称").fill("铁山区")
    reached(first)
    first.get_by_label("须另一名管理员审批后才放行").check()
    first.get_by_role("button", name="生成邀请").click()
    row = first.locator("#invitations li", has_text="铁山区")
    expect(row).to_contain_text("不能自己审批")
    expect(row.get_by_role("button", name="同意加入")).to_have_count(0)

    second.goto("/console/links/invitations")
    row = second.locator("#invitations li", has_text="铁山区")
    row.get_by_text("拒绝…").click()
    row.get_by_label("理由，对方会看到").fill("先办理备案")
    row.get_by_role("button", name="拒绝加入").click()
    expect(second.locator("#invitations li", has_text="铁山区")).to_contain_text("先办理备案")


def test_a_child_is_ended_only_by_whoever_types_its_name(seat: Any) -> None:
    page = seat()
    page.goto(f"/console/links/{LINK}")
    page.get_by_role("link", name="停用这个下级").click()
    dialog = page.locator("#dialog")
    dialog.get_by_label("理由").fill("试验")
    dialog.get_by_label("以确认").fill("别的名称")
    dialog.get_by_role("button", name="停用").click()
    expect(dialog.locator(".toast.bad")).to_contain_text("与要停用的下级不符")
    expect(dialog.get_by_label("理由")).to_have_value("试验")


def test_an_account_is_made_given_a_role_and_locked(
    city: Node, chromium: Browser, seat: Any
) -> None:
    page = seat("zhao.min")
    page.goto("/console/people")
    page.get_by_role("link", name="新建账户").click()
    page.get_by_label("用户名").fill("zhang.jun")
    page.get_by_label("姓名").fill("张军")
    page.get_by_label("派遣员").check()
    page.get_by_role("button", name="建立并生成一次性链接").click()
    link = page.get_by_label("一次性链接").input_value()

    theirs = opened(chromium, city.url)
    theirs.goto(link)
    for label in ("新口令", "再次输入新口令"):
        theirs.get_by_label(label, exact=True).fill(PASSWORD)
    theirs.locator("form button").first.click()
    theirs.wait_for_url(lambda url: "/setup/" not in url)
    theirs.goto("/console/work")
    expect(theirs.locator("#side")).to_contain_text("待派遣")
    expect(theirs.locator("#side")).not_to_contain_text("账户与权限")

    page.get_by_role("link", name="查看账户").click()
    expect(page.locator("main")).to_contain_text("登录中的会话")
    expect(page.locator("main")).to_contain_text("127.0.0.1")
    page.get_by_text("锁定…").click()
    page.get_by_label("锁定的理由").fill("长期离岗")
    page.get_by_role("button", name="锁定账户").click()
    expect(page.locator("main")).to_contain_text("已锁定 zhang.jun")
    theirs.goto("/console/work")
    theirs.wait_for_url("**/account/login")
    theirs.context.close()
    assert page.complaints == []


def test_roles_that_do_not_go_together_are_refused_where_the_hand_is(seat: Any) -> None:
    page = seat("zhao.min")
    page.goto("/console/people/of/chen.jie")
    page.get_by_label("派遣员").check()
    page.get_by_role("button", name="保存岗位与范围").click()
    expect(page.locator("#toasts .toast.bad")).to_be_visible()
    expect(page.get_by_label("派遣员")).to_be_checked()

    page.goto("/console/people/of/zhao.min")
    expect(page.locator("main")).to_contain_text("这是您自己的账户")
    expect(page.get_by_role("button", name="保存岗位与范围")).to_have_count(0)


def test_the_auditor_filters_the_log_and_looks_whether_it_is_whole(seat: Any) -> None:
    page = seat("sun.hao")
    page.goto("/console/audit")
    page.get_by_label("操作", exact=True).select_option("CreateAccount")
    page.get_by_role("button", name="筛选").click()
    row = page.locator("tbody tr").first
    expect(row).to_contain_text("新建账户")
    page.get_by_role("link", name="核对是否完整").click()
    expect(page.locator("#verdict")).to_contain_text("完整：每一行都接得上")
    assert page.complaints == []


def test_an_adapter_is_tried_and_what_it_could_not_read_is_read_again_or_ticked_off(
    city: Node, seat: Any
) -> None:
    speak(city.home)
    page = seat()
    page.goto("/console/adapters")
    page.get_by_role("button", name="测试连通").click()
    expect(page.locator(f"#probe-{ADAPTER}")).to_contain_text("通")

    with city.client() as api:
        until("something unreadable", lambda: bool(
            api.get(f"/api/v1/adapters/{ADAPTER}/quarantine").json()))
    page.goto(f"/console/adapters/{ADAPTER}")
    kept = page.locator("#quarantine")
    expect(kept).to_contain_text("138****1234")
    expect(kept).not_to_contain_text("13800001234")
    kept.get_by_role("button", name="重读").click()
    expect(page.locator("main .notice")).to_contain_text("仍然读不出")
    page.on("dialog", lambda asked: asked.accept())
    kept.get_by_role("button", name="销号").click()
    expect(kept).to_contain_text("没有读不出的内容")
    assert page.complaints == []


def test_a_mapping_is_looked_through_tried_put_in_force_and_put_back(city: Node, seat: Any) -> None:
    file = city.home / "adapters" / ADAPTER / "mapping.toml"
    was = file.read_text(encoding="utf-8")
    page = seat()
    page.goto(f"/console/adapters/{ADAPTER}")
    page.get_by_role("link", name="编辑映射").click()
    page.locator("#m-text").fill(was.replace("[status.in]", "[status.inside]"))
    page.get_by_role("button", name="只检查").click()
    expect(page.get_by_role("alert")).to_contain_text("不能启用")
    expect(page.get_by_role("alert")).to_contain_text("status")
    assert file.read_text(encoding="utf-8") == was

    page.locator("#m-text").fill(was + "# 2027 年起\n")
    page.get_by_role("button", name="检查并试连").click()
    expect(page.get_by_role("heading", name="没有错误，对方系统有应答")).to_be_visible()
    expect(page.locator("pre ins")).to_have_text("+# 2027 年起")
    page.get_by_role("button", name="启用").click()
    expect(page.get_by_role("link", name="第 1 版")).to_be_visible()
    assert file.read_text(encoding="utf-8").endswith("# 2027 年起\n")

    page.get_by_role("link", name="首次修改之前").click()
    page.get_by_role("button", name="检查并试连").click()
    page.get_by_role("button", name="启用").click()
    expect(page.get_by_role("link", name="第 2 版")).to_be_visible()
    assert file.read_text(encoding="utf-8").rstrip() == was.rstrip()
    assert page.complaints == []


PAGES = (
    ("chen.jie", f"/console/adapters/{ADAPTER}"),
    ("chen.jie", f"/console/adapters/{ADAPTER}/mapping"),
    ("zhao.min", "/console/people"), ("zhao.min", "/console/people/new"),
    ("zhao.min", "/console/people/of/chen.jie"), ("zhao.min", "/console/people/tokens"),
    ("zhao.min", "/console/people/roles"), ("sun.hao", "/console/audit"),
    ("chen.jie", "/console/adapters"), ("chen.jie", "/console/links"),
    ("chen.jie", f"/console/links/{LINK}"),
    ("chen.jie", "/console/links/invitations"), ("chen.jie", "/console/links/keys"),
    ("chen.jie", "/console/links/doctor"), ("chen.jie", f"/console/links/retire/{DISTRICT}"),
)


@pytest.mark.parametrize("theme", ["light", "dark"])
def test_axe_finds_nothing_serious_and_nothing_is_wider_than_a_phone(
    seat: Any, theme: str
) -> None:
    found: list[Any] = []
    pages = {login: seat(login, theme=theme) for login in dict(PAGES)}
    for login, path in PAGES:
        page = pages[login]
        page.set_viewport_size({"width": 1280, "height": 800})
        page.goto(path)
        found += [(path, *one) for one in serious(page)]
        page.set_viewport_size({"width": PHONE[0], "height": PHONE[1]})
        if page.evaluate("document.documentElement.scrollWidth") > PHONE[0]:
            found.append((path, "wider than a phone"))
        first = page.locator("table.rows tbody tr").first
        if first.count() and not first.inner_text().strip():
            found.append((path, "rows that nobody sees on a phone"))
    assert [] == found
