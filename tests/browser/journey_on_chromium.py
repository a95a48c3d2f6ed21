"""From a report to its end over three consoles, with the line cut in the middle: by clicking
alone."""

from __future__ import annotations

import re
from collections.abc import Iterator

import pytest
from playwright.sync_api import Browser, Page, expect

from tests.browser.federation import CITY, DISTRICT, UNIT, Federation, federation
from tests.browser.people import PHONE, log_in, opened, photo

FAR_MS = 45_000
"""How long a word may take to the next office on a busy machine, its waits between tries in it."""


@pytest.fixture(scope="module")
def offices(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Federation]:
    with federation(tmp_path_factory.mktemp("federation")) as made:
        yield made


def console(chromium: Browser, offices: Federation, node: str, login: str) -> Page:
    page = opened(chromium, offices.nodes[node].url)
    log_in(page, login)
    return page


def verb(
    page: Page, name: str, fields: dict[str, str] | None = None, shown: str = "", **choices: str
) -> None:
    """A verb of the case page: open its form, fill it in, send it. ``shown``: the photo that
    citizens may see."""
    page.locator("#case .offers").get_by_role("link", name=name, exact=True).click()
    dialog = page.locator("#dialog")
    for label, value in (fields or {}).items():
        dialog.get_by_label(label, exact=True).fill(value)
    for label, value in choices.items():
        dialog.get_by_role("radio", name=value, exact=True).check() if label == "answer" else (
            dialog.get_by_label(label, exact=True).select_option(value))
    if shown:
        dialog.get_by_role("checkbox", name=shown).check()
    dialog.get_by_role("button", name=name, exact=True).click()
    expect(page.locator("#toasts")).to_contain_text("已办理：")
    page.locator("#toasts [data-dismiss]").last.click()


def comes(page: Page, number: str) -> None:
    """A case from above comes onto the list of this office, and is opened."""
    page.goto("/console/work")
    link = page.locator("#list").get_by_role("link", name=number, exact=True)
    for _ in range(15):
        if link.count():
            break
        page.wait_for_timeout(FAR_MS / 15)
        page.reload()
    link.click()
    page.wait_for_url("**/console/cases/**")


def reported(page: Page) -> tuple[str, str]:
    """What a citizen does on the public page; the number and the code that they are told."""
    page.goto("/public")
    page.get_by_role("main").get_by_role("link", name="反映问题").click()
    page.get_by_label("查找问题类别").fill("供水井盖")
    page.get_by_label("是什么问题").select_option(label="供水井盖异常")
    page.get_by_label("说明", exact=True).fill("人行道供水井盖缺失，行人险些踩空")
    page.get_by_label("地址或参照物").fill("颐阳路12号门前")
    page.get_by_label("所在区域").select_option(label="西塞山区")
    page.get_by_label(re.compile("照片")).set_input_files(photo("before"))
    page.get_by_label("电话").fill("07140000000")
    page.get_by_label("我已阅读并同意").check()
    page.get_by_role("button", name="提交").click()
    expect(page.get_by_role("heading", level=1)).to_have_text("已收到，谢谢您")
    return page.locator("#number").inner_text(), page.locator("#code").inner_text()


def test_from_a_citizens_report_to_its_closing_with_the_line_cut_in_the_middle(
    chromium: Browser, offices: Federation
) -> None:
    city = console(chromium, offices, CITY, "liu.yang")
    district = console(chromium, offices, DISTRICT, "zhang.jun")
    unit = console(chromium, offices, UNIT, "wang.li")

    # a citizen reports, without an account; it is looked at and filed
    citizen = opened(chromium, offices.nodes[CITY].url, size=PHONE)
    number, code = reported(citizen)
    city.goto("/console/work?status=reported")
    city.locator("#list").get_by_role("link", name=number, exact=True).click()
    city.wait_for_url("**/console/cases/**")
    verb(city, "派出核实", {"采集员编号": "C-17"})
    verb(city, "核实结果", {"说明": "现场井盖缺失"}, answer="属实")
    verb(city, "立案", {"说明": "符合立案条件"})

    # one key hands it over to whom the table names
    city.goto("/console/dispatch")
    row = city.locator("#list tr", has_text=number)
    expect(row).to_contain_text("西塞山区")
    row.get_by_role("button", name="派遣").click()
    expect(row).to_have_class("moved")
    row.get_by_role("link", name=number).click()

    # the district signs, asks for more time, and is granted it
    comes(district, number)
    verb(district, "签收")
    verb(district, "申请延期", {"说明": "须等待配件"}, 理由类别="materials")
    expect(district.locator(".asked-card")).to_contain_text("待上级审批")
    city.goto("/console/requests")
    asked = city.locator(".pending", has_text=number)
    expect(asked).to_contain_text("自原期限起顺延一个原时限", timeout=FAR_MS)
    asked.get_by_role("link", name="同意", exact=True).click()
    city.locator("#dialog").get_by_role("button", name="申请审批").click()
    expect(asked).to_contain_text("已办理，不再待审批")
    asked.get_by_role("link", name=number).click()
    expect(district.locator("#case .record")).to_contain_text("申请答复", timeout=FAR_MS)

    # the line is cut; district and unit go on, the city is told the truth
    offices.line.cut()
    verb(district, "派遣", {"说明": "请尽快补齐井盖"}, 承办单位=f"node:{UNIT}")
    comes(unit, number)
    verb(unit, "签收")
    unit.locator("#case .offers").get_by_role("link", name="反馈", exact=True).click()
    form = unit.locator("#dialog")
    form.get_by_label("处置结果").fill("已更换井盖，恢复通行")
    form.get_by_label("照片", exact=True).set_input_files(photo("after"))
    form.get_by_role("button", name="反馈").click()
    expect(unit.locator("#toasts")).to_contain_text("已办理：反馈")
    expect(district.locator("#case .badge").first).to_have_text("已反馈", timeout=FAR_MS)
    verb(city, "催办", {"说明": "请抓紧"})
    expect(city.locator(".delivery-card")).to_contain_text("自 ")
    expect(city.locator(".delivery-card")).to_contain_text("起中断", timeout=FAR_MS)
    expect(city.locator("#links")).to_contain_text("下级连接 0/1", timeout=FAR_MS)
    expect(district.locator("#links")).to_contain_text("中断", timeout=FAR_MS)
    expect(city.locator("#case .badge").first).not_to_have_text("已反馈")

    # the line is whole again: what was done comes up, with its picture and its seal
    offices.line.heal()
    expect(city.locator("#case .badge").first).to_have_text("已反馈", timeout=2 * FAR_MS)
    record = city.locator("#case .record")
    expect(record).to_contain_text("已更换井盖，恢复通行")
    expect(record.locator("li", has_text="八泉街道").first).to_contain_text("✓ 已验签")
    expect(city.locator(".sides")).to_contain_text("处置后")
    # Its bytes follow the word that names it, and the page shows them by itself.
    expect(city.locator(".sides a")).to_have_count(2, timeout=FAR_MS)
    city.locator(".sides a").first.click()
    expect(city.locator("#viewer img")).to_be_visible()
    city.keyboard.press("Escape")
    verb(city, "派出核查", {"采集员编号": "C-17"})
    verb(city, "核查", {"说明": "井盖已补齐"}, shown="第 1 张", answer="通过")
    verb(city, "结案", {"说明": "核查属实，问题已解决"})
    expect(city.locator("#case .badge").first).to_have_text("结案")
    expect(district.locator("#case .badge").first).to_have_text("已了结", timeout=FAR_MS)

    # the citizen sees what was done, and says how content they are
    citizen.goto("/public/follow")
    citizen.get_by_label("受理编号").fill(number)
    citizen.get_by_label("查询码").fill(code)
    citizen.get_by_role("button", name="查询").click()
    picture = citizen.get_by_role("img", name="处理后的照片")
    expect(picture).to_be_visible()
    expect(picture).to_have_js_property("complete", True)
    assert picture.evaluate("one => one.naturalWidth") > 0
    citizen.get_by_label("满意", exact=True).check()
    citizen.get_by_label("想说的话").fill("很快就补好了")
    citizen.get_by_role("button", name="提交评价").click()
    expect(citizen.locator("main")).to_contain_text("感谢您的评价")
    expect(city.locator("#case .record")).to_contain_text("很快就补好了", timeout=FAR_MS)

    # the evidence is handed out
    city.locator("summary", has_text="打印与证据").click()
    city.get_by_role("link", name="证据包").click()
    city.locator("#dialog").get_by_label("用途").fill("督查")
    with city.expect_download() as taken:
        city.locator("#dialog").get_by_role("button", name="下载").click()
    assert taken.value.suggested_filename.endswith(".zip")
    for page in (citizen, city, district, unit):
        assert page.complaints == []
        page.context.close()
