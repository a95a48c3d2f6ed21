"""The map in a browser: what is drawn, what a click and a key tell, and what it asks of whom."""

from __future__ import annotations

from typing import Any

import pytest
from playwright.sync_api import Page, expect

from tests.browser.axe import serious
from tests.browser.ground import spot
from tests.browser.people import PHONE
from tests.browser.town import Town

FOUND = "() => document.querySelector('#map').dataset.drawn !== undefined"


def shown(page: Page, path: str = "/console/map") -> Page:
    """A page with its map drawn."""
    page.goto(path)
    page.wait_for_function(FOUND, timeout=60_000)
    return page


def at(lon: float, lat: float, zoom: float = 17) -> str:
    return f"/console/map#{zoom}/{lat}/{lon}"


def middle(page: Page) -> tuple[float, float]:
    box = page.locator("#map canvas").bounding_box()
    assert box is not None
    return box["x"] + box["width"] / 2, box["y"] + box["height"] / 2


def test_the_towns_case_is_on_the_map_and_its_card_leads_to_it(town: Town, desk: Any) -> None:
    case = town.cases[2]
    page = shown(desk(), at(*spot(2)))
    expect(page.locator("#map-list")).to_contain_text(case["case_no"])
    page.mouse.click(*middle(page))
    card = page.locator("#map-card")
    expect(card).to_contain_text(case["case_no"])
    expect(card).to_contain_text("路灯")
    card.get_by_role("link", name="打开案卷").click()
    page.wait_for_url(f"**/console/cases/{case['case_id']}")
    # The small map of the case: itself and who is near.
    expect(page.locator("#place canvas")).to_be_visible(timeout=60_000)
    assert page.complaints == []


def test_a_click_on_the_ground_says_its_grid_and_one_on_a_cover_what_it_is(
    town: Town, desk: Any
) -> None:
    page = shown(desk(), at(115.0995, 30.2085))
    page.mouse.click(*middle(page))
    expect(page.locator("#map-card")).to_contain_text("单元网格")
    expect(page.locator("#map-card")).to_contain_text("420203001002250")
    page.keyboard.press("Escape")
    expect(page.locator("#map-card article")).to_have_count(0)

    page = shown(desk(), at(115.0902, 30.2001, 19))
    page.mouse.click(*middle(page))
    expect(page.locator("#map-card")).to_contain_text("供水井盖")
    expect(page.locator("#map-card")).to_contain_text("黄石市自来水公司")
    assert page.complaints == []


def test_at_the_intake_a_click_on_the_map_is_the_place_and_a_written_one_moves_it(
    desk: Any
) -> None:
    page = desk("wang.li")
    page.goto("/console/intake")
    page.wait_for_function(
        "() => document.querySelector('#place').dataset.drawn !== undefined", timeout=60_000)
    # What a next question interrupts is told in the console of the browser.
    with (page.expect_event("requestfinished", lambda one: "/intake/spot" in one.url),
          page.expect_event("requestfinished", lambda one: "/intake/similar" in one.url)):
        page.get_by_label("坐标系").select_option("GCJ02")
    box = page.locator("#place canvas").bounding_box()
    assert box is not None
    page.mouse.click(box["x"] + box["width"] / 2, box["y"] + box["height"] / 2)
    expect(page.get_by_label("坐标系")).to_have_value("CGCS2000")
    lon, lat = (float(page.locator(f"#i-{one}").input_value()) for one in ("lon", "lat"))
    # The middle of the ground.
    assert abs(lon - 115.1) < 0.001
    assert abs(lat - 30.206) < 0.001
    expect(page.locator("#spot")).to_contain_text("420203001002")
    assert page.complaints == []


def test_the_list_says_the_same_and_the_keyboard_leads_through_both(
    town: Town, desk: Any
) -> None:
    page = desk()
    page.goto("/console/work")
    page.keyboard.press("g")
    page.keyboard.press("m")
    page.wait_for_url("**/console/map**")
    page.wait_for_function(FOUND, timeout=60_000)
    expect(page.locator("#list")).to_contain_text(town.cases[2]["case_no"])
    before = page.url
    page.locator("#map canvas").focus()
    page.keyboard.press("+")
    page.wait_for_function("one => location.href !== one", arg=before)
    page.locator("#main").focus()
    page.keyboard.press("j")
    expect(page.locator("#list tr.at")).to_have_count(1)
    first = page.locator("#list tr.at a.whole").inner_text()
    page.keyboard.press("Enter")
    page.wait_for_url("**/console/cases/**")
    expect(page.get_by_role("heading", level=1)).to_have_text(first)


def test_filters_narrow_the_map_and_a_layer_that_is_switched_off_stays_off(
    town: Town, desk: Any
) -> None:
    page = shown(desk())
    page.locator("summary", has_text="筛选").click()
    page.get_by_label("分类代码").fill("01001")
    page.get_by_role("button", name="筛选").click()
    page.wait_for_function(FOUND, timeout=60_000)
    expect(page.locator(".chip").first).to_contain_text("分类：01001")
    expect(page.locator("#list tr")).to_have_count(town.count(code="01001"))
    page.get_by_role("checkbox", name="单元网格").uncheck()
    page.reload()
    expect(page.get_by_role("checkbox", name="单元网格")).not_to_be_checked()
    assert page.complaints == []


def test_the_map_asks_nobody_but_its_node(town: Town, desk: Any) -> None:
    page = desk()
    asked: list[Any] = []
    page.on("response", lambda answer: asked.append(answer))  # noqa: PLW0108 - it must be ours
    shown(page)
    assert {one.url.split("/")[2] for one in asked if one.url.startswith("http")} == {
        town.node.url.split("/")[2]}
    tiles = [one for one in asked if "/tiles/" in one.url]
    assert {"ground", "cases"} <= {one.url.split("/tiles/")[1].split("/")[0] for one in tiles}
    assert {one.status for one in tiles} <= {200, 304}


def test_without_scripts_the_list_is_there_and_on_a_phone_nothing_is_too_wide(
    town: Town, desk: Any
) -> None:
    plain = desk(scripts=False)
    plain.goto("/console/map")
    expect(plain.locator("#list")).to_contain_text(town.cases[2]["case_no"])
    phone = shown(desk(size=PHONE))
    assert phone.evaluate("document.documentElement.scrollWidth") <= PHONE[0]


@pytest.mark.parametrize("theme", ["light", "dark"])
def test_axe_finds_nothing_serious_on_the_map(town: Town, desk: Any, theme: str) -> None:
    page = shown(desk(theme=theme), at(*spot(2)))
    page.mouse.click(*middle(page))
    expect(page.locator("#map-card article")).to_have_count(1)
    assert [] == serious(page)
