"""Maintenance in a browser: a wrong table reported by line and mended; a new version of the
responsibilities previewed, taken, put back; gaps; the month; a layer with its progress; axe."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest
from playwright.sync_api import Browser, Page, expect

from tests.browser.axe import serious
from tests.browser.people import PHONE, opened
from tests.browser.staff import come
from tests.browser.town import Town

PATH = "/console/upkeep"
GB = "GB/T 47678.5-2026"
HEAD = "标准,类别,代码,区划,责任单位,职责\n"
GOOD = f"{GB},事件,06013,420205,市市政公司,主责\n"


@pytest.fixture(scope="module")
def keeper(town: Town) -> Any:
    """Somebody with the post of a system administrator, logged in."""
    with town.node.client() as api:
        return come(town.node, api, "xu.jing", "徐静", ("administrator",))


@pytest.fixture
def page(town: Town, chromium: Browser, keeper: Any) -> Iterator[Page]:
    one = opened(chromium, town.node.url, state=keeper)
    yield one
    one.context.close()


def upload(
    page: Page, text: str, name: str = "权责清单.csv", table: str = "responsibilities"
) -> None:
    page.goto(f"{PATH}/tables/{table}")
    page.get_by_role("link", name="导入表格").click()
    page.get_by_label("文件").set_input_files(
        {"name": name, "mimeType": "text/csv", "buffer": text.encode()})
    page.get_by_role("button", name="检查").click()
    expect(page.get_by_role("heading", level=1)).to_have_text(name)


def test_a_wrong_table_is_reported_by_line_and_mended(page: Page) -> None:
    upload(page, HEAD + GOOD + f"{GB},事情,06014,420205,市市政公司,主责\n")
    wrong = page.get_by_role("region", name="有误的行").locator("tbody tr")
    expect(wrong).to_have_count(1)
    expect(wrong).to_contain_text("3")
    expect(wrong).to_contain_text("类别")
    with page.expect_download() as saved:
        page.get_by_role("link", name="下载有误的行").click()
    assert "事情" in saved.value.path().read_text(encoding="utf-8-sig")

    page.get_by_role("link", name="改好后重新上传").click()
    page.get_by_label("文件").set_input_files({
        "name": "改好.csv", "mimeType": "text/csv",
        "buffer": (HEAD + GOOD + f"{GB},事件,06014,420205,市市政公司,主责\n").encode()})
    page.get_by_role("button", name="检查").click()
    expect(page.get_by_role("heading", name="导入后：新增 2 条")).to_be_visible()
    expect(page.get_by_role("region", name="有误的行")).to_have_count(0)
    page.get_by_role("button", name="放弃这份表格").click()
    expect(page.get_by_role("heading", level=1)).to_have_text("权责清单")


def test_a_version_is_previewed_taken_and_put_back(page: Page) -> None:
    upload(page, HEAD + GOOD.replace("06013", "06016"))
    expect(page.get_by_role("heading", name="导入后：新增 1 条")).to_be_visible()
    expect(page.get_by_text("名册中没有的单位")).to_be_visible()
    page.get_by_role("button", name="导入").click()
    expect(page.get_by_role("heading", level=1)).to_have_text("已导入：权责清单.csv")
    page.goto(f"{PATH}/tables/responsibilities?text=06016")
    expect(page.locator("tbody tr")).to_have_count(1)

    page.goto(f"{PATH}/gaps")
    expect(page.locator("main")).to_contain_text("市市政公司")
    page.goto(f"{PATH}/tables/responsibilities/versions")
    expect(page.locator("tbody tr").first).to_contain_text("权责清单.csv")
    page.locator("tbody tr").first.get_by_role("link").click()
    page.get_by_role("link", name="恢复到上一版").click()
    expect(page.get_by_role("heading", name="恢复后：删除 1 条")).to_be_visible()
    page.get_by_role("button", name="恢复", exact=True).click()
    expect(page.locator("tbody tr").first).to_contain_text("恢复到第")
    page.goto(f"{PATH}/tables/responsibilities?text=06016")
    expect(page.locator("main")).to_contain_text("没有含“06016”的行")


def test_the_month_shows_holidays_and_a_day_of_ones_own(page: Page) -> None:
    page.goto(f"{PATH}/tables/calendar?year=2026&at=10")
    day = page.locator("td", has=page.locator("time[datetime='2026-10-01']"))
    expect(day).to_contain_text("国庆节")
    page.get_by_role("link", name="下个月").click()
    expect(page.get_by_role("heading", name="2026 年 11 月")).to_be_visible()
    upload(page, "类型,日期,备注\n放假,2026-11-27,市庆\n", "日历.csv", "calendar")
    page.get_by_role("button", name="导入").click()
    page.goto(f"{PATH}/tables/calendar?year=2026&at=11")
    expect(page.locator("td", has=page.locator("time[datetime='2026-11-27']"))
           ).to_contain_text("市庆")


def test_a_layer_shows_its_progress_until_it_is_written(page: Page) -> None:
    rows = "".join(f"A{n:04},黄石港区测试路{n}号,115.0{n:04},30.2\n" for n in range(1_100))
    page.goto(f"{PATH}/layers/address/new")
    page.locator("#u-file").set_input_files({
        "name": "addresses.csv", "mimeType": "text/csv",
        "buffer": ("code,text,x,y\n" + rows).encode()})
    page.get_by_role("button", name="检查").click()
    expect(page.get_by_role("heading", name="导入后：新增 1100 条")).to_be_visible()
    page.get_by_role("button", name="导入").click()
    expect(page.locator("#step progress")).to_be_visible()
    page.wait_for_url("**/layers/address")
    expect(page.locator("tbody tr").first).to_contain_text("新增 1100 条")


@pytest.mark.parametrize("theme", ["light", "dark"])
def test_axe_finds_nothing_serious_and_nothing_is_wider_than_a_phone(
    town: Town, chromium: Browser, keeper: Any, theme: str
) -> None:
    found = []
    page = opened(chromium, town.node.url, state=keeper, theme=theme,
                  size=PHONE if theme == "dark" else (1280, 800))
    for path in ("", "/tables/units", "/tables/responsibilities/new", "/tables/calendar",
                 "/gaps", "/standards", "/rules?to=district", "/indicators", "/layers",
                 "/tables/responsibilities/versions", "/standards/class"):
        page.goto(PATH + path)
        found += [(path, *one) for one in serious(page)]
        if theme == "dark":
            assert page.evaluate("document.documentElement.scrollWidth") <= PHONE[0], path
    page.context.close()
    assert [] == found
