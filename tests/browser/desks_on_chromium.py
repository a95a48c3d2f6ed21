"""The desks in a browser: each one's main act by clicking alone."""

from __future__ import annotations

from typing import Any

import pytest
from playwright.sync_api import Browser, Dialog, Page, expect

from tests.browser.axe import serious
from tests.browser.people import PHONE, log_in, opened, photo
from tests.browser.town import PASSWORD, Town, account
from tests.integration.http.conftest import opening

DESKS = ("/console/intake", "/console/dispatch", "/console/requests", "/console/supervise",
         "/console/supervise/owed")


def choose(page: Page, label: str, text: str, *keys: str) -> None:
    """Type into a field with a list and take its first line."""
    field = page.get_by_label(label, exact=True)
    field.press_sequentially(text)
    expect(field.locator("xpath=../ul/li").first).to_be_visible()
    for key in keys:
        field.press(key)
    expect(field).to_have_class("set")


def filed(town: Town) -> str:
    """A case more that waits to be handed over."""
    body = opening(text="路灯不亮")
    body["category"] |= {"code": "01037", "name": "路灯"}
    with town.node.client() as api:
        case_id = str(api.post("/api/v1/cases", json=body).json()["case_id"])
        assert api.post(f"/api/v1/cases/{case_id}/file", json={}).status_code == 200
    return case_id


def test_a_report_is_taken_by_initials_and_a_known_address(town: Town, desk: Any) -> None:
    page = desk("wang.li")
    page.goto("/console/intake")
    page.get_by_label("来源").select_option("media")
    page.get_by_label("媒体名称").fill("东楚晚报")
    page.get_by_label("报道链接或版面").fill("A3版")
    page.get_by_label("问题分类", exact=True).press_sequentially("gsjg")
    expect(page.locator("#class-hits")).to_contain_text("供水井盖")
    page.keyboard.press("Enter")
    expect(page.get_by_label("问题分类", exact=True)).to_have_value("供水井盖")
    page.get_by_label("地址", exact=True).press_sequentially("颐阳路12")
    page.locator("#place-hits li", has_text="颐阳路12号").first.click()

    expect(page.locator("#spot")).to_contain_text("西塞山区")
    expect(page.get_by_label("所属区域")).to_have_value("420203")
    expect(page.locator("#similar")).to_contain_text("件相似案卷")
    expect(page.locator("#similar")).to_contain_text(str(town.cases[0]["case_no"]))
    page.get_by_label("问题描述").fill("井盖翘起，车辆经过有响声")
    page.get_by_label("近景照片").set_input_files(photo("near"))
    page.keyboard.press("Control+Enter")
    page.wait_for_url("**/console/intake?done=*")

    done = page.locator("main .notice.ok")
    expect(done).to_contain_text("已登记")
    expect(page.get_by_label("问题描述")).to_have_value("")
    done.get_by_role("link", name="受理", exact=True).click()
    page.locator("#dialog").get_by_role("button", name="受理").click()
    expect(page.locator("#toasts")).to_contain_text("已办理：受理")
    assert page.complaints == []


def test_a_repeated_report_follows_the_earlier_one(town: Town, desk: Any) -> None:
    page = desk("wang.li")
    page.goto("/console/intake")
    choose(page, "问题分类", "道路破损", "Enter")
    choose(page, "地址", "磁湖路88", "ArrowDown", "Enter")
    page.locator("#similar li", has_text=str(town.cases[1]["case_no"])).get_by_label(
        "与此案重复").check()
    page.get_by_label("问题描述").fill("坑槽还在")
    page.get_by_role("button", name="登记").click()
    page.wait_for_url("**/console/intake?done=*")
    expect(page.locator("main .notice.ok .badge")).to_have_text("不予受理")


def test_what_is_missing_is_said_and_what_was_typed_stays(desk: Any) -> None:
    page = desk("wang.li")
    page.goto("/console/intake")
    page.get_by_label("来源").select_option("collector")
    page.get_by_label("采集员", exact=True).fill("C-17")
    choose(page, "问题分类", "bllj", "Enter")
    page.get_by_label("地址", exact=True).fill("江北小区西门")
    page.get_by_label("所属区域").fill("420203")
    page.get_by_label("问题描述").fill("垃圾桶满溢")
    page.get_by_role("button", name="登记").click()
    expect(page.locator("#toasts .toast.bad")).to_contain_text("照片")
    expect(page.get_by_label("问题描述")).to_have_value("垃圾桶满溢")
    page.get_by_label("来源").select_option("hotline_12345")
    expect(page.get_by_label("12345工单号")).to_be_visible()
    expect(page.get_by_label("问题描述")).to_have_value("垃圾桶满溢")


def test_enter_before_the_list_has_come_takes_the_class_all_the_same(desk: Any) -> None:
    page = desk("wang.li")
    page.goto("/console/intake")
    field = page.get_by_label("问题分类", exact=True)
    field.press_sequentially("gsjg")
    field.press("Enter")
    expect(field).to_have_class("set")
    expect(field).to_have_value("供水井盖")
    field.fill("井盖")
    field.press("Tab")
    expect(field).to_have_attribute("aria-invalid", "true")


def test_leaving_what_was_typed_is_asked_about_also_after_a_filter_was_saved(desk: Any) -> None:
    page = desk()
    page.goto("/console/work?status=pending_filing")
    page.get_by_role("button", name="保存此筛选").click()
    page.locator("#saving").get_by_label("名称").fill("待立案")
    page.locator("#saving").get_by_role("button", name="保存").click()
    page.keyboard.press("j")
    page.keyboard.press("d")
    page.locator("#dialog").get_by_label("说明").fill("符合立案条件")
    asked: list[str] = []

    def stay(one: Dialog) -> None:
        asked.append(one.type)
        one.dismiss()

    page.on("dialog", stay)
    page.evaluate("location.assign('/console/style')")
    page.wait_for_timeout(500)
    assert asked == ["beforeunload"]
    expect(page.locator("#dialog").get_by_label("说明")).to_have_value("符合立案条件")
    page.locator("#dialog").get_by_label("说明").fill("")
    page.evaluate("location.assign('/console/style')")
    page.wait_for_url("**/console/style")
    assert asked == ["beforeunload"]


def test_a_login_that_ends_loses_nothing_that_was_typed(desk: Any) -> None:
    page = desk("wang.li")
    page.goto("/console/intake")
    page.get_by_label("问题描述").fill("井盖缺失，来电人称刚有人绊倒")
    page.context.clear_cookies()
    page.get_by_label("问题分类", exact=True).press_sequentially("gsjg")
    told = page.locator("#toasts .toast.bad")
    expect(told).to_contain_text("登录已失效")
    with page.context.expect_page() as opening_one:
        told.get_by_role("link", name="在新窗口登录").click()
    login = opening_one.value
    login.get_by_label("用户名").fill("wang.li")
    login.get_by_label("口令").fill(PASSWORD)
    login.get_by_role("button", name="登录").click()
    login.wait_for_url("**/account/me")
    login.close()
    page.evaluate("dispatchEvent(new Event('focus'))")
    expect(told).to_have_count(0)
    expect(page.get_by_label("问题描述")).to_have_value("井盖缺失，来电人称刚有人绊倒")
    page.get_by_label("问题分类", exact=True).fill("")
    choose(page, "问题分类", "雨水箅子", "Enter")
    page.get_by_label("地址", exact=True).fill("广州路实验小学东门")
    page.get_by_label("所属区域").fill("420203")
    page.get_by_role("button", name="登记").click()
    page.wait_for_url("**/console/intake?done=*")


def test_what_is_refused_is_said_where_it_was_written(town: Town, desk: Any) -> None:
    page = desk()
    case = town.cases[-1]
    page.goto(f"/console/cases/{case['case_id']}")
    page.locator(".offers").get_by_role("link", name="不予受理").click()
    dialog = page.locator("#dialog")
    dialog.get_by_label("理由", exact=True).fill("与先前一件重复")
    dialog.get_by_label("重复的案卷号").fill("4202009999")
    dialog.get_by_role("button", name="不予受理").click()
    expect(dialog.locator(".toast.bad")).to_contain_text("没有案卷号为 4202009999 的案卷")
    expect(dialog.get_by_label("理由", exact=True)).to_have_value("与先前一件重复")
    page.locator("#dialog").evaluate("one => one.close()")


def test_one_key_hands_a_case_over_to_whom_the_table_names(town: Town, desk: Any) -> None:
    page = desk("zhang.jun")
    case = town.cases[3]
    page.goto("/console/dispatch")
    row = page.locator(f"#c-{case['case_id']}")
    expect(row).to_contain_text("西塞山区")
    for _ in range(page.locator("#list tr[data-case]").count()):
        page.keyboard.press("j")
        if "at" in (row.get_attribute("class") or ""):
            break
    page.keyboard.press("d")
    expect(page.locator("#toasts")).to_contain_text("派遣：完成 1 件")
    expect(row).to_have_class("moved")
    page.locator("#toasts").get_by_role("link", name="撤销").click()
    page.locator("#dialog").get_by_label("理由", exact=True).fill("先由街道处置")
    page.locator("#dialog").get_by_role("button", name="撤回").click()
    expect(row).not_to_have_class("moved")
    assert page.complaints == []


def test_many_are_handed_over_as_suggested(town: Town, desk: Any) -> None:
    page, waiting = desk("zhang.jun"), [filed(town), filed(town)]
    page.goto("/console/dispatch")
    for case_id in waiting:
        page.locator(f"#c-{case_id} input[name=case]").check()
    expect(page.locator("#batch")).to_contain_text("已选 2 件")
    page.get_by_role("button", name="按建议派遣所选").click()
    expect(page.locator("#toasts")).to_contain_text("派遣：完成 2 件")
    for case_id in waiting:
        expect(page.locator(f"#c-{case_id}")).to_have_class("moved")


def test_a_row_of_the_list_offers_its_verbs_and_the_store_sorts(town: Town, desk: Any) -> None:
    page = desk()
    page.goto("/console/work")
    page.get_by_role("link", name="案卷号", exact=True).click()
    page.wait_for_url("**sort=no*")
    numbers = page.locator("#list td.no").all_inner_texts()
    assert numbers == sorted(numbers)
    expect(page.locator("th.h-no")).to_have_attribute("aria-sort", "ascending")
    page.keyboard.press("j")
    expect(page.locator("#list tr.at")).to_have_count(1)
    page.keyboard.press("v")
    page.locator("#dialog").get_by_role("link", name="督办").click()
    page.locator("#dialog").get_by_label("说明").fill("请说明原因和办结时间")
    page.locator("#dialog").get_by_label("回复期限").fill("2030-03-05T18:00")
    page.locator("#dialog").get_by_role("button", name="督办").click()
    expect(page.locator("#toasts")).to_contain_text("已办理：督办")
    page.goto("/console/supervise/owed")
    expect(page.locator("#list")).to_contain_text("请说明原因和办结时间")


def test_a_late_row_says_that_it_was_supervised_already(town: Town, desk: Any) -> None:
    case_id = filed(town)
    with town.node.client() as api:
        sent = api.post(f"/api/v1/cases/{case_id}/dispatch", json={
            "to": "node:420203", "limits": {"finish_by": "2026-01-05T10:00:00Z"}})
        assert sent.status_code == 200, sent.text
    page = desk()
    page.goto("/console/supervise")
    row = page.locator(f"#c-{case_id}")
    expect(row).not_to_contain_text("已督办")
    row.get_by_role("link", name="督办").click()
    page.locator("#dialog").get_by_label("说明").fill("请说明为何超期")
    page.locator("#dialog").get_by_label("回复期限").fill("2030-03-06T18:00")
    page.locator("#dialog").get_by_role("button", name="督办").click()
    expect(row).to_contain_text("已督办，限 2030-03-06 18:00 回复")
    assert serious(page) == []


def test_columns_are_chosen_and_stay_chosen(desk: Any) -> None:
    page = desk()
    page.goto("/console/work")
    page.locator("summary", has_text="列").click()
    page.get_by_label("来源", exact=True).check()
    page.get_by_label("承办", exact=True).uncheck()
    page.get_by_role("button", name="应用").click()
    expect(page.locator("th.h-source")).to_be_visible()
    expect(page.locator("th.h-who")).to_have_count(0)
    page.reload()
    expect(page.locator("#list")).to_contain_text("上级交办")


def test_whoever_has_another_post_reaches_no_desk_by_its_address(desk: Any) -> None:
    intake, dispatcher = desk("wang.li"), desk("zhang.jun")
    for page, paths in (
        (intake, ("/console/dispatch", "/console/requests", "/console/supervise")),
        (dispatcher, ("/console/intake",)),
    ):
        for path in paths:
            assert page.goto(path).status == 403, path
            assert path not in [one.get_attribute("href")
                                for one in page.locator("#side a").all()]


def test_the_committee_sees_ledger_and_scores_and_its_decision_reaches_the_case(
    town: Town, chromium: Browser
) -> None:
    case_id = filed(town)
    with town.node.client() as api:
        account(town.node, api, "wei.ban", "委员会办公室", ("committee_secretary",))
        asked = api.post(f"/api/v1/cases/{case_id}/coordination", json={
            "level": "committee", "kind": "multi_department", "text": "涉及多个部门"})
        assert asked.status_code == 200, asked.text
    page = opened(chromium, town.node.url)
    log_in(page, "wei.ban")
    page.wait_for_url("**/console/overview")
    side = page.locator("#side")
    for room in ("问题库", "综合评价"):
        expect(side.get_by_role("link", name=room)).to_be_visible()
    side.get_by_role("link", name="协调待决").click()
    page.locator(f"#c-{case_id} a.whole").click()
    page.locator("#case .offers").get_by_role("link", name="协调决定", exact=True).click()
    dialog = page.locator("#dialog")
    dialog.get_by_label("牵头单位").fill("市市政公用局")
    dialog.get_by_label("说明").fill("由市政公用局牵头处置")
    dialog.get_by_role("button", name="协调决定").click()
    expect(page.locator("#toasts")).to_contain_text("已办理：协调决定")
    expect(page.locator("#case")).to_contain_text("由市政公用局牵头处置")
    assert page.complaints == []
    page.context.close()


@pytest.mark.parametrize("theme", ["light", "dark"])
def test_axe_finds_nothing_serious_on_a_desk(desk: Any, theme: str) -> None:
    found = []
    for path in DESKS:
        page = desk(theme=theme)
        page.goto(path)
        found += [(path, *one) for one in serious(page)]
    assert found == []


def test_a_desk_fits_on_a_phone(desk: Any) -> None:
    page = desk(size=PHONE)
    for path in DESKS:
        page.goto(path)
        assert page.evaluate("document.documentElement.scrollWidth") <= PHONE[0], path
