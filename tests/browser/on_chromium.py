"""The console in a browser: part of ``make test`` where Debian's Chromium is."""

from __future__ import annotations

from typing import Any

import pytest
from playwright.sync_api import Browser, expect

from tests.browser.axe import serious
from tests.browser.people import PHONE, SHIFTS, opened
from tests.browser.town import Town

KB = 1024


def test_somebody_logs_in_and_comes_to_the_page_they_asked_for(
    town: Town, chromium: Browser
) -> None:
    page = opened(chromium, town.node.url)
    page.goto(f"/console/cases/{town.cases[0]['case_id']}")
    page.get_by_label("用户名").fill("zhang.jun")
    page.get_by_label("口令").fill("seven lamps are dark")
    page.get_by_role("button", name="登录").click()

    page.wait_for_url(f"**/console/cases/{town.cases[0]['case_id']}")
    expect(page.get_by_role("heading", level=1)).to_have_text(town.cases[0]["case_no"])
    page.context.close()


def test_from_the_list_to_a_case_to_a_verb_and_the_list_knows(town: Town, desk: Any) -> None:
    listing, page = desk(), desk()
    case = town.cases[6]
    listing.goto("/console/work")
    row = listing.locator(f"#c-{case['case_id']}")
    expect(row).to_contain_text("待受理")

    page.goto("/console/work?queue=intake&status=reported")
    page.get_by_role("link", name=case["case_no"], exact=True).click()
    page.get_by_role("link", name="受理", exact=True).click()
    page.get_by_label("说明").fill("反映属实")
    page.locator("#dialog").get_by_role("button", name="受理").click()

    expect(page.locator("#toasts")).to_contain_text("已办理：受理")
    expect(page.locator("#case .badge").first).to_have_text("待立案")
    expect(row).to_contain_text("待立案")
    assert listing.complaints == []
    assert page.complaints == []


def test_a_refusal_is_said_where_the_hand_is_and_nothing_is_lost(town: Town, desk: Any) -> None:
    page = desk()
    page.goto(f"/console/cases/{town.cases[7]['case_id']}")
    page.get_by_role("link", name="不予受理").click()
    page.get_by_label("理由", exact=True).fill("重复")
    page.evaluate("document.querySelector('#dialog [name=expected_version]').value = '99'")
    page.locator("#dialog").get_by_role("button", name="不予受理").click()

    expect(page.locator("#dialog .toast.bad")).to_be_visible()
    expect(page.get_by_label("理由", exact=True)).to_have_value("重复")


def test_the_keyboard_leads_through_the_list(town: Town, desk: Any) -> None:
    page = desk()
    page.goto("/console/work")
    page.keyboard.press("?")
    expect(page.locator("#keys")).to_be_visible()
    page.keyboard.press("Escape")
    page.keyboard.press("j")
    page.keyboard.press("j")
    expect(page.locator("#list tr.at")).to_have_count(1)
    page.keyboard.press("x")
    expect(page.locator("#batch")).to_contain_text("已选 1 件")
    second = page.locator("#list tr[data-case]").nth(1).locator("a.whole").inner_text()
    page.keyboard.press("Enter")
    page.wait_for_url("**/console/cases/**")
    expect(page.get_by_role("heading", level=1)).to_have_text(second)
    page.keyboard.press("u")
    page.wait_for_url("**/console/work")
    page.keyboard.press("/")
    page.keyboard.type(str(town.cases[0]["case_no"]))
    page.keyboard.press("Enter")
    expect(page.locator("#list tr[data-case]")).to_have_count(1)


def test_many_cases_take_one_verb_and_what_is_refused_is_named(town: Town, desk: Any) -> None:
    page = desk()
    page.goto("/console/work")
    for at in (0, 6):
        page.locator(f"#c-{town.cases[at]['case_id']} input[name=case]").check()
    page.locator("#b-verb").select_option("press")
    page.locator("#b-text").fill("请抓紧办理")
    page.get_by_role("button", name="执行").click()
    toast = page.locator("#toasts .toast")
    expect(toast).to_contain_text("催办：完成 1 件")
    expect(toast).to_contain_text("未办理 1 件")


def test_a_filter_is_a_chip_that_can_be_taken_away_and_kept(town: Town, desk: Any) -> None:
    page = desk()
    page.goto("/console/work")
    page.locator("summary", has_text="筛选").click()
    page.locator("#f-status").select_option("pending_filing")
    page.get_by_role("button", name="筛选").click()
    expect(page.locator(".chip").first).to_contain_text("状态：待立案")
    assert page.locator("#list tr[data-case]").count() < town.count()
    page.get_by_role("button", name="保存此筛选").click()
    page.locator("#saving").get_by_label("名称").fill("待我立案")
    link = page.locator("#saving").get_by_label("链接").input_value()
    page.locator("#saving").get_by_role("button", name="保存").click()
    page.get_by_label("去掉筛选 状态").click()
    expect(page.locator("#list tr[data-case]")).to_have_count(town.count())
    page.locator(".chip.saved").get_by_role("link", name="待我立案").click()
    expect(page.locator(".chip:not(.saved)").first).to_contain_text("待立案")
    page.get_by_role("button", name="删除保存的筛选 待我立案").click()
    expect(page.locator(".chip.saved")).to_have_count(0)
    other = desk("wang.li")
    other.goto(link)
    expect(other.locator(".chip").first).to_contain_text("状态：待立案")


def test_what_was_handed_over_can_be_taken_back_from_the_message(town: Town, desk: Any) -> None:
    page = desk()
    page.goto(f"/console/cases/{town.cases[3]['case_id']}")
    page.get_by_role("link", name="派遣", exact=True).click()
    page.locator("#dialog").get_by_label("承办单位").select_option("node:420203")
    page.locator("#dialog").get_by_role("button", name="派遣").click()
    expect(page.locator("#toasts")).to_contain_text("已办理：派遣")
    page.locator("#toasts").get_by_role("link", name="撤销").click()
    page.locator("#dialog").get_by_label("理由", exact=True).fill("派错单位")
    page.locator("#dialog").get_by_role("button", name="撤回").click()
    expect(page.locator("#case .badge").first).to_have_text("待派遣")


def test_without_scripts_the_list_the_case_and_its_verbs_are_there(
    town: Town, desk: Any
) -> None:
    page = desk(scripts=False)
    page.goto("/console/work")
    assert page.locator("#list tr[data-case]").count() == town.count()
    page.locator(f"#c-{town.cases[0]['case_id']} a.whole").click()
    page.get_by_role("link", name="催办").click()
    page.get_by_label("说明").fill("请抓紧")
    page.get_by_role("button", name="催办").click()
    expect(page.locator("main")).to_contain_text("已办理：催办")


def test_each_sees_the_queues_of_their_posts(desk: Any) -> None:
    intake, dispatcher = desk("wang.li"), desk("zhang.jun")
    intake.goto("/console/work")
    dispatcher.goto("/console/work")

    expect(intake.locator("#side")).to_contain_text("待受理")
    expect(intake.locator("#side")).not_to_contain_text("待派遣")
    expect(dispatcher.locator("#side")).to_contain_text("待派遣")
    expect(dispatcher.locator("#side")).not_to_contain_text("待受理")


def test_one_switch_turns_the_page_english_and_one_turns_it_dark(town: Town, desk: Any) -> None:
    page = desk("wang.li")
    page.goto("/console/work")
    page.get_by_role("button", name="换成深色").click()
    expect(page.locator("html")).to_have_attribute("data-theme", "dark")
    page.get_by_role("button", name="English").click()
    expect(page.locator("html")).to_have_attribute("lang", "en")
    expect(page.locator("#side")).to_contain_text("To accept")
    page.goto("/console/nothing")
    expect(page.get_by_role("heading", level=1)).to_have_text("There is no such page")


@pytest.mark.parametrize("theme", ["light", "dark"])
def test_axe_finds_nothing_serious_on_any_page(town: Town, desk: Any, theme: str) -> None:
    found = []
    for path in ("/console/work", "/console/work?status=closed", "/console/style",
                 f"/console/cases/{town.cases[0]['case_id']}",
                 f"/console/cases/{town.cases[0]['case_id']}/verbs/press", "/account/me"):
        page = desk(theme=theme)
        page.goto(path)
        found += [(path, *one) for one in serious(page)]
    assert [] == found


def test_a_page_is_small_asks_nobody_else_and_nothing_in_it_moves(
    town: Town, desk: Any
) -> None:
    page = desk()
    asked: list[Any] = []
    page.on("response", lambda answer: asked.append(answer))  # noqa: PLW0108 - it must be ours
    page.add_init_script(SHIFTS)
    page.goto("/console/work")
    page.wait_for_timeout(500)

    assert {one.url.split("/")[2] for one in asked} == {town.node.url.split("/")[2]}
    sizes = [int(one.headers.get("content-length", "0")) for one in asked]
    assert sum(sizes) < 300 * KB
    assert page.evaluate("window.moved") < 0.01


def test_on_a_phone_nothing_is_wider_than_the_screen(town: Town, desk: Any) -> None:
    page = desk(size=PHONE)
    for path in ("/console/work", f"/console/cases/{town.cases[0]['case_id']}", "/console/style"):
        page.goto(path)
        assert page.evaluate("document.documentElement.scrollWidth") <= PHONE[0], path


def test_what_somebody_unfolded_stays_so_when_the_case_moves(town: Town, desk: Any) -> None:
    page, case = desk(), town.cases[0]["case_id"]
    page.goto(f"/console/cases/{case}")
    page.locator("summary", has_text="打印与证据").click()
    with page.expect_response(lambda one: one.url.endswith(f"/cases/{case}")):
        page.evaluate(f"document.body.dispatchEvent(new CustomEvent('case-{case}'))")
    page.wait_for_function("!document.querySelector('#case.htmx-swapping, #case.htmx-request')")
    expect(page.get_by_role("link", name="案卷单")).to_be_visible()


def test_one_key_opens_the_next_step_of_a_row(town: Town, desk: Any) -> None:
    page = desk()
    page.goto("/console/work")
    page.locator("td.no a").first.wait_for()
    page.keyboard.press("j")
    page.keyboard.press("d")
    form = page.locator("#dialog form[data-dialog]")
    expect(form).to_be_visible()
    assert "at=list" in str(form.get_attribute("hx-post"))
    page.keyboard.press("Escape")
    expect(page.locator("#dialog")).not_to_have_attribute("open", "")
