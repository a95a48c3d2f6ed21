"""Pages of figures: who may see them, that a figure opens its cases, that nothing is lost."""

from __future__ import annotations

import re
import time
from datetime import datetime
from typing import Any

import httpx
import pytest

from node.core.clock import BEIJING
from tests.integration.http.node import Node
from tests.integration.http.test_accounts import browse, open_case, person

__all__ = ["browse", "person"]

EVALUATION = "/console/evaluation"
PAGES = {
    "/console/overview": "getSheet", EVALUATION: "getSheet",
    f"{EVALUATION}/run": "getSheet", f"{EVALUATION}/laps": "getLaps",
    f"{EVALUATION}/meaning?subject=unit&of=rate&name=handling": "getIndicators",
    f"{EVALUATION}/cases?subject=source&figure=reported@reported": "listEvaluatedCases",
    f"{EVALUATION}/published": "listPublications",
    "/console/library": "listLedger", "/console/library/summary": "sumLedger",
    "/console/library/habits": "listHabits", "/console/library/sheets": "countStock",
    "/console/library/sheets/all": "listStockSheets", "/console/library/below": "listStockBelow",
    "/console/fund": "getFund", "/console/fund/ledger": "listFundEntries",
    "/console/budget": "getBudget",
}
WAITS = 'class="sheet empty waiting"'
COUNT = re.compile(r'id="total">(\d+)<')


def settled(browser: Any, path: str, shows: str = "") -> None:
    """The page with its figures: on a busy machine it first says how far they are, and an answer
    that took long is given again for a while."""
    deadline = time.monotonic() + 60
    browser.get(path)
    while WAITS in browser.page or shows not in browser.page:
        assert time.monotonic() < deadline, (path, browser.page)
        time.sleep(0.2)
        browser.get(path)


@pytest.mark.usefixtures("node", "api")
def test_an_evaluator_sees_every_page_and_begins_with_the_overview(person: Any) -> None:
    browser = person("kao.ping", "evaluator")
    assert browser.get("/console").url.path == "/console/overview"
    for path in PAGES:
        assert browser.get(path).status_code == 200, (path, browser.page)


@pytest.mark.usefixtures("node", "api")
def test_a_clerk_of_a_unit_comes_to_none_of_them_by_address_either(person: Any) -> None:
    browser = person("lian.luo", "unit_clerk")
    assert browser.get("/console").url.path == "/console/work"
    for path, operation in PAGES.items():
        status = browser.get(path).status_code
        assert status == (200 if operation == "getIndicators" else 403), (path, status)
    browser.get("/console/work")
    assert EVALUATION not in browser.page


@pytest.mark.usefixtures("node", "api")
def test_whoever_sees_a_part_of_the_office_sees_no_figures_of_the_whole(person: Any) -> None:
    browser = person("pian.qu", "supervisor", areas=["420204"])
    for path in ("/console/overview", EVALUATION, "/console/library", "/console/fund"):
        assert browser.get(path).status_code == 403, path


@pytest.mark.usefixtures("node")
def test_every_figure_of_a_sheet_opens_as_many_cases_as_it_says(
    api: httpx.Client, person: Any
) -> None:
    for area in ("420203", "420204"):
        open_case(api, area)
    browser, named = person("kao.he", "evaluator"), 0
    for subject in ("source", "district", "class"):
        # Of an area, so that nobody has asked for it before.
        settled(browser, f"{EVALUATION}?subject={subject}&area=4202")
        links = re.findall(
            rf'href="({EVALUATION}/cases\?[^"]*)">(\d+)</a>', browser.page)
        assert len(links) >= 3, subject
        for path, count in dict(links).items():
            answer = browser.get(path.replace("&amp;", "&"))
            assert answer.status_code == 200, path
            found = COUNT.search(browser.page)
            assert found
            assert found[1] == count, path
            assert browser.page.count('<tr data-case="') == min(int(count), 100), path
            if "key=component&amp;key=01001" in path:
                # The code names a thing and a matter: what the case is of is called by its own.
                rows = re.findall(r"<tr data-case=.*?</tr>", browser.page, re.DOTALL)
                assert all(re.search(r"供水井盖\b", row) for row in rows), path
                named += len(rows)
    assert named


@pytest.mark.usefixtures("node", "api")
def test_what_cannot_be_asked_is_said_as_a_page(person: Any) -> None:
    browser = person("kao.lun", "evaluator")
    for path, code in (
        (f"{EVALUATION}?period=soon", "evaluation.period"),
        (f"{EVALUATION}?subject=mayor", "evaluation.subject"),
        (f"{EVALUATION}?version=no", "evaluation.version"),
        (f"{EVALUATION}/cases?subject=source&figure=handled@nowhere", "evaluation.figure"),
        (f"{EVALUATION}/cases?subject=source&figure=nonsense", "request.invalid"),
        (f"{EVALUATION}/meaning?subject=unit&of=rate&name=none", "evaluation.figure"),
        ("/console/library/sheets?period=2025", "stock.span"),
        ("/console/budget?year=9000", "evaluation.period"),
    ):
        answer = browser.get(path)
        assert 400 <= answer.status_code < 500, path
        assert code in browser.page, (path, browser.page)


@pytest.mark.usefixtures("node", "api")
def test_a_finished_period_is_published_and_the_files_are_at_hand(person: Any) -> None:
    browser = person("fa.bu", "evaluator")
    browser.get(EVALUATION)
    running = browser.send(f"{EVALUATION}/publish", subject="source", period=month())
    assert running.status_code == 409
    assert "evaluation.unfinished" in browser.page
    browser.get(EVALUATION)
    done = browser.send(f"{EVALUATION}/publish", subject="source", period="2026-01", open="true")
    assert (done.status_code, done.url.path) == (200, f"{EVALUATION}/published")
    files = re.findall(r'href="(/api/v1/evaluation/publications/[^"]+)"', browser.page)
    assert {one.rpartition("/")[2] for one in files} == {"json", "html", "csv", "xlsx"}
    assert "For the public" in browser.page


@pytest.mark.usefixtures("node", "api")
def test_publishing_is_offered_to_nobody_who_only_reads(person: Any) -> None:
    browser = person("zhi.kan", "supervisor")
    browser.get(EVALUATION)
    assert f'action="{EVALUATION}/publish"' not in browser.page
    refused = browser.send(f"{EVALUATION}/publish", subject="source", period="2026-01")
    assert refused.status_code == 403


@pytest.mark.usefixtures("node", "api")
def test_money_is_booked_once_and_in_yuan(person: Any, api: httpx.Client) -> None:
    browser = person("zi.jin", "committee_secretary")
    browser.get("/console/fund")
    for _ in range(2):
        done = browser.send("/console/fund/deposits", amount="1,234.50",
                            text="2026 年代整治资金财政拨款", deposit_id="2026-财政拨款-77")
        assert (done.status_code, done.url.path) == (200, "/console/fund")
    booked = [one["amount_fen"] for one in api.get("/api/v1/fund/deposits").json()
              if one["deposit_id"] == "2026-财政拨款-77"]
    assert booked == [123_450]
    assert "1,234.50" in browser.page
    for amount in ("12.345", "-5", "一百", ""):
        browser.get("/console/fund")
        refused = browser.send("/console/fund/deposits", amount=amount, text="x")
        assert refused.status_code == 422, amount


@pytest.mark.usefixtures("node", "api")
def test_the_sheet_of_the_library_is_published_and_shown_as_published(person: Any) -> None:
    browser = person("wen.ti", "evaluator")
    browser.get("/console/library/sheets?period=2026-01")
    assert "this is a preview" in browser.page
    done = browser.send("/console/library/publish", period="2026-01")
    assert (done.status_code, done.url.path) == (200, "/console/library/sheets")
    assert "Version 1" in browser.page
    browser.get("/console/library/sheets/all")
    assert "2026-01" in browser.page


def test_figures_of_the_overview_are_those_of_the_api(
    node: Node, api: httpx.Client, person: Any
) -> None:
    del node
    open_case(api)
    browser = person("zong.lan", "supervisor")
    day = datetime.now(BEIJING).strftime("%Y-%m-%d")
    total = api.get("/api/v1/evaluation/district", params={"period": day}).json()["total"]
    settled(browser, "/console/overview", f'>{total["counts"]["reported@reported"]}</a>')
    part = browser.http.get("/console/overview", headers={"HX-Request": "true"})
    assert part.status_code == 200
    assert "<html" not in part.text


def month() -> str:
    return datetime.now(BEIJING).strftime("%Y-%m")
