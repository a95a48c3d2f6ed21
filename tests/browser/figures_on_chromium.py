"""Pages of figures in a browser: a figure opens its cases, files can be read, nothing jumps."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from openpyxl import load_workbook
from playwright.sync_api import Browser, expect

from tests.browser.axe import serious
from tests.browser.people import PHONE, SHIFTS, seats, state_of
from tests.browser.town import Town, account
from tests.integration.http.conftest import opening

EVALUATION = "/console/evaluation"
LOGIN = "kao.ping"
PAGES = (
    "/console/overview", EVALUATION, f"{EVALUATION}?subject=unit",
    f"{EVALUATION}/line?subject=district&key=420203",
    f"{EVALUATION}/cases?subject=source&figure=reported@reported&rate=filing",
    f"{EVALUATION}/meaning?subject=unit&of=score", f"{EVALUATION}/laps?subject=district",
    f"{EVALUATION}/run?subject=unit", f"{EVALUATION}/published", "/console/library",
    "/console/library/summary", "/console/library/habits", "/console/library/sheets",
    "/console/library/below", "/console/fund", "/console/fund/ledger", "/console/budget",
)


@pytest.fixture(scope="module")
def state(town: Town, chromium: Browser) -> Any:
    """Cookies of an evaluator."""
    with town.node.client() as api:
        account(town.node, api, LOGIN, "考评员", ("evaluator",))
    return state_of(chromium, town.node.url, LOGIN)


@pytest.fixture
def figures(town: Town, chromium: Browser, state: Any) -> Iterator[Any]:
    """Opens pages of the evaluator."""
    with seats(chromium, town.node.url, {LOGIN: state}, LOGIN) as open_one:
        yield open_one


def test_an_evaluator_begins_with_the_overview_and_a_figure_opens_its_cases(
    town: Town, figures: Any
) -> None:
    page = figures()
    reported = town.count()
    page.goto("/console")
    page.wait_for_url("**/console/overview")
    tile = page.locator(".tile", has_text="今日上报").locator(".value a")
    expect(tile).to_have_text(str(reported))
    tile.click()
    expect(page.locator("#total")).to_have_text(str(reported))
    expect(page.locator("#list tr[data-case]")).to_have_count(reported)
    assert page.complaints == []


def test_a_wall_shows_lights_and_where_it_crowds_and_moves_within_seconds(
    town: Town, figures: Any
) -> None:
    page = figures()
    page.goto("/console/overview")
    page.get_by_role("link", name="大屏").click()
    page.wait_for_url("**/console/overview/wall")
    page.wait_for_function("() => document.querySelector('#crowds').dataset.drawn !== undefined",
                           timeout=60_000)
    reported = town.count()
    tile = page.locator(".tile", has_text="今日上报").locator(".value")
    expect(tile).to_have_text(str(reported))
    expect(page.get_by_role("navigation", name="导航")).to_be_hidden()
    with town.node.client() as api:
        assert api.post("/api/v1/cases", json=opening()).status_code == 201
    expect(tile).to_have_text(str(reported + 1), timeout=15_000)
    assert page.complaints == []
    assert serious(page) == []


def test_a_count_of_the_sheet_opens_exactly_so_many_cases_and_a_case(
    town: Town, figures: Any
) -> None:
    page = figures()
    page.goto(f"{EVALUATION}?subject=class")
    above = page.locator("#figures .of a").first
    count = above.inner_text()
    above.click()
    expect(page.locator("#total")).to_have_text(count)
    expect(page.locator("#list tr[data-case]")).to_have_count(int(count))
    page.get_by_role("link", name="分母：").click()
    expect(page.locator("#list tr[data-case]")).to_have_count(
        int(page.locator("#total").inner_text()))
    number = page.locator("#list a.whole").first.inner_text()
    page.locator("#list a.whole").first.click()
    expect(page.get_by_role("heading", level=1)).to_have_text(number)
    assert number in {one["case_no"] for one in town.cases}


def test_what_a_figure_means_is_one_click_away(figures: Any) -> None:
    page = figures()
    page.goto(f"{EVALUATION}?subject=district")
    page.locator("#figures").get_by_role("link", name="按期结案率").click()
    dialog = page.locator("#dialog")
    expect(dialog).to_contain_text("按期结案数 ÷ 应结案数")
    expect(dialog).to_contain_text("不计入")
    expect(dialog).to_contain_text("依据")
    page.keyboard.press("Escape")
    expect(dialog).to_be_hidden()


def test_periods_and_subjects_are_walked_by_clicking(figures: Any) -> None:
    page = figures()
    page.goto(EVALUATION)
    shown = page.locator(".steps strong").inner_text()
    page.get_by_role("link", name="‹ 上一期").click()
    expect(page.locator(".steps strong")).not_to_have_text(shown)
    expect(page.locator("#board")).to_contain_text("本期没有数据")
    page.get_by_role("link", name="下一期 ›").click()
    expect(page.locator(".steps strong")).to_have_text(shown)
    page.get_by_role("link", name="年", exact=True).click()
    expect(page.locator(".steps strong")).to_have_text(shown[:4])
    page.get_by_role("link", name="岗位", exact=True).click()
    page.get_by_role("link", name="值班长", exact=True).click()
    expect(page.locator("#figures")).to_contain_text("准确立案率")
    expect(page.locator("#run figure")).to_contain_text("近 5 期走势")
    page.locator("#run summary").click()
    assert page.locator("#run tbody tr").count() == 5
    assert page.complaints == []


def test_exported_files_open_and_say_what_the_page_says(figures: Any, tmp_path: Path) -> None:
    page = figures()
    page.goto(f"{EVALUATION}?subject=class")
    total = page.locator("#figures tr.sums .of a").last.inner_text()
    page.locator("summary", has_text="导出").click()
    got = {}
    for name in ("Excel 工作簿", "CSV 文本"):
        with page.expect_download() as waiting:
            page.get_by_role("link", name=name).first.click()
        target = tmp_path / waiting.value.suggested_filename
        waiting.value.save_as(target)
        got[target.suffix] = target
    book = load_workbook(got[".xlsx"])
    cells = {str(cell.value) for row in book["综合评价"].iter_rows() for cell in row}
    assert total in cells
    rows = list(csv.reader(io.StringIO(got[".csv"].read_text(encoding="utf-8-sig"))))
    assert any(total in row for row in rows)
    page.get_by_role("link", name="网页（可打印）").last.click()
    expect(page.locator("body")).to_contain_text("案件类别")


@pytest.mark.parametrize(("theme", "paths"), [("light", PAGES), ("dark", PAGES[:4])])
def test_axe_finds_nothing_serious_on_pages_of_figures(
    figures: Any, theme: str, paths: tuple[str, ...]
) -> None:
    page, found = figures(theme=theme), []
    for path in paths:
        page.goto(path)
        found += [(path, *one) for one in serious(page)]
    assert [] == found


def test_nothing_moves_after_it_is_shown_and_nothing_is_wider_than_a_phone(
    figures: Any
) -> None:
    page = figures()
    page.add_init_script(SHIFTS)
    for path in PAGES[:4]:
        page.goto(path)
        page.wait_for_timeout(400)
        assert page.evaluate("window.moved") < 0.01, path
    phone = figures(size=PHONE)
    for path in PAGES:
        phone.goto(path)
        assert phone.evaluate("document.documentElement.scrollWidth") <= PHONE[0], path


def test_without_scripts_the_figures_their_cases_and_the_run_are_there(figures: Any) -> None:
    page = figures(scripts=False)
    page.goto(f"{EVALUATION}?subject=source")
    page.locator("#figures .of a").first.click()
    assert page.locator("#list tr[data-case]").count() == int(page.locator("#total").inner_text())
    page.goto(f"{EVALUATION}?subject=source")
    page.get_by_role("link", name="查看走势").click()
    expect(page.locator("figure.chart")).to_be_visible()
