"""Maintenance on pages: who may, what is checked, previewed, taken and put back."""

from __future__ import annotations

import re
from itertools import count
from typing import Any

import httpx
import pytest

from tests.integration.http.node import Node
from tests.integration.http.test_accounts import Browser, browse, enrolled, person

__all__ = ["browse", "person"]

PATH = "/console/upkeep"
SEEN = re.compile(r'name="seen" value="([0-9a-f]+)"')
HEAD = "标准,类别,代码,区划,责任单位,职责\n"
GB = "GB/T 47678.5-2026"
NUMBERS = count()


def send_file(browser: Browser, table: str, text: str, **fields: str) -> httpx.Response:
    browser.get(f"{PATH}/tables/{table}/new")
    found = re.search(r'name="csrf" value="([0-9a-f]+)"', browser.page)
    assert found, browser.page
    answer = browser.http.post(
        f"{PATH}/tables/{table}/check", data={"csrf": found[1], **fields},
        files={"file": ("权责清单.csv", text.encode(), "text/csv")},
        headers={"Origin": browser.origin})
    browser.page = answer.text
    return answer


def seen(browser: Browser) -> str:
    found = SEEN.search(browser.page)
    assert found, browser.page
    return found[1]


@pytest.fixture
def admin(person: Any) -> Browser:
    """A system administrator, another one for each test."""
    return enrolled(person(f"admin.{next(NUMBERS)}", "administrator"))


@pytest.mark.usefixtures("node")
def test_whoever_may_not_import_over_the_api_may_not_here(person: Any) -> None:
    security = enrolled(person("zhao.yun", "security_admin"))
    assert security.get(PATH).status_code == 403
    for path in ("tables/units", "tables/responsibilities/new", "gaps"):
        assert security.get(f"{PATH}/{path}").status_code == 403, path
    intake = person("qian.li", "intake_operator")
    assert intake.get(f"{PATH}/tables/responsibilities").status_code == 200
    assert "/new" not in intake.page
    for path in ("tables/responsibilities/new", "tables/units/versions/0/back"):
        assert intake.get(f"{PATH}/{path}").status_code == 403, path


def test_a_table_is_checked_previewed_taken_and_put_back(
    node: Node, api: httpx.Client, admin: Browser
) -> None:
    good = HEAD + f"{GB},事件,06013,420205,市政公司,主责\n{GB},事件,06014,420205,市政公司,主责\n"
    answer = send_file(admin, "responsibilities", good)
    assert answer.status_code == 200
    assert "2 added" in admin.page
    draft = str(answer.url).removeprefix(node.url)
    report = admin.get(f"{draft}/changes.csv").text
    assert "市政公司" in report

    admin.get(draft)
    assert admin.send(f"{draft}/take", seen=seen(admin)).status_code == 200
    assert "2 row(s) added" in admin.page
    rows = api.get("/api/v1/responsibilities", params={"limit": 200}).json()["items"]
    assert {row["code"] for row in rows if row["area"] == "420205"} == {"06013", "06014"}
    # What was taken waits no longer.
    assert admin.get(draft).status_code == 404

    admin.get(f"{PATH}/tables/responsibilities/versions")
    number = int(re.search(r"versions/(\d+)\"", admin.page)[1])  # type: ignore[index]
    admin.get(f"{PATH}/tables/responsibilities/versions/{number}")
    assert "2 added" in admin.page
    admin.get(f"{PATH}/tables/responsibilities/versions/{number - 1}/back")
    assert "2 removed" in admin.page
    back = admin.send(
        f"{PATH}/tables/responsibilities/versions/{number - 1}/back", seen=seen(admin))
    assert back.status_code == 200
    rows = api.get("/api/v1/responsibilities", params={"limit": 200}).json()["items"]
    assert [row for row in rows if row["area"] == "420205"] == []


def test_a_wrong_table_is_reported_by_line_and_the_rest_may_be_taken(
    api: httpx.Client, admin: Browser, node: Node
) -> None:
    bad = HEAD + f"{GB},事件,06013,420206,市政公司,主责\n{GB},事情,06014,420206,市政公司,主责\n"
    answer = send_file(admin, "responsibilities", bad)
    draft = str(answer.url).removeprefix(node.url)
    assert "1 row(s) are wrong, 1 can be imported" in admin.page
    assert re.search(r'<td class="number"[^>]*>3</td>', admin.page)
    rejected = admin.http.get(f"{draft}/rejects.csv").text
    assert "事情" in rejected
    assert "06013" not in rejected

    admin.get(draft)
    mark = seen(admin)
    assert admin.send(f"{draft}/take", seen=mark).status_code == 422
    admin.get(draft)
    assert admin.send(f"{draft}/take", seen=mark, skip_bad="yes").status_code == 200
    rows = api.get("/api/v1/responsibilities", params={"limit": 200}).json()["items"]
    assert [row["code"] for row in rows if row["area"] == "420206"] == ["06013"]


def test_what_has_changed_since_the_preview_has_to_be_looked_at_again(
    api: httpx.Client, admin: Browser, node: Node
) -> None:
    sheet = HEAD + f"{GB},事件,06020,420207,市政公司,主责\n"
    answer = send_file(admin, "responsibilities", sheet)
    draft, mark = str(answer.url).removeprefix(node.url), seen(admin)
    done = api.post("/api/v1/responsibilities", content=sheet.encode(),
                    headers={"Content-Type": "text/csv"})
    assert done.status_code == 200, done.text

    refused = admin.send(f"{draft}/take", seen=mark)
    assert refused.status_code == 409
    assert "upkeep.moved" in admin.page
    admin.get(draft)
    assert "nothing changes" in admin.page


def test_a_file_that_is_no_table_says_why(admin: Browser) -> None:
    answer = send_file(admin, "units", "甲,乙\n1,2\n")
    assert answer.status_code == 200
    assert "This file cannot be imported" in admin.page
    assert "unit_id" in admin.page


def test_a_layer_is_checked_written_in_steps_and_put_back(
    node: Node, api: httpx.Client, admin: Browser
) -> None:
    def sent(text: str, **fields: str) -> str:
        admin.get(f"{PATH}/layers/address/new")
        found = re.search(r'name="csrf" value="([0-9a-f]+)"', admin.page)
        assert found, admin.page
        answer = admin.http.post(
            f"{PATH}/layers/address/check", data={"csrf": found[1], **fields},
            files={"file": ("addresses.csv", text.encode(), "text/csv")},
            headers={"Origin": admin.origin})
        admin.page = answer.text
        return str(answer.url).removeprefix(node.url)

    def taken(draft: str, **fields: str) -> None:
        answer = admin.send(f"{draft}/take", **fields)
        while after := re.search(r'name="after" value="([^"]+)"', admin.page):
            answer = admin.send(f"{draft}/take", after=after[1], **fields)
        assert str(answer.url).endswith("/layers/address"), admin.page

    head = "code,text,x,y\n"
    rows = "".join(f"A{n:04},黄石港区测试路{n}号,115.0{n:04},30.2\n" for n in range(1_200))
    draft = sent(head + rows + "B,缺坐标路1号,,\n")
    assert "1 row(s) are wrong, 1200 can be imported" in admin.page
    assert "缺坐标路1号" in admin.http.get(f"{draft}/rejects.csv").text
    admin.get(draft)
    assert admin.send(f"{draft}/take").status_code == 422
    admin.get(draft)
    taken(draft, skip_bad="yes")
    assert "1200 added" in admin.page

    draft = sent(head + "A0001,黄石港区改名路1号,115.00001,30.2\n", complete="yes")
    assert "1199 removed" in admin.page
    taken(draft)
    assert "1199 removed" in admin.get(f"{PATH}/layers/address/versions/2").text
    report = admin.http.get(f"{PATH}/layers/address/versions/2/changes.csv").text
    assert "改名路1号" in report

    admin.get(f"{PATH}/layers/address/versions/2")
    back = admin.send(f"{PATH}/layers/address/versions/1/back")
    draft = str(back.url).removeprefix(node.url)
    assert "1199 added" in admin.page
    taken(draft)
    found = api.get("/api/v1/places/search", params={"text": "黄石港区测试路77号"}).json()
    assert found[0]["text"] == "黄石港区测试路77号"


def test_profile_matrix_indicators_and_layers_are_shown_and_a_switch_is_previewed(
    admin: Browser,
) -> None:
    admin.get(f"{PATH}/rules?to=unit")
    assert "verb(s) that this office loses" in admin.page
    assert 'profile = &#34;unit&#34;' in admin.page
    assert admin.get(f"{PATH}/rules?to=nowhere").status_code == 404
    assert "2026-1" in admin.get(f"{PATH}/indicators?version=2026-1").text
    assert "Components" in admin.get(f"{PATH}/layers").text
    admin.get(f"{PATH}/indicators")
    found = re.search(r'name="csrf" value="([0-9a-f]+)"', admin.page)
    assert found
    wrong = admin.http.post(
        f"{PATH}/indicators", data={"csrf": found[1]},
        files={"file": ("ours.toml", b'version = "x"\n', "application/toml")},
        headers={"Origin": admin.origin})
    assert "ours.toml has" in wrong.text


def test_every_table_has_its_pages(admin: Browser) -> None:
    for name in ("units", "responsibilities", "classes", "conditions", "crosswalk",
                 "area-classes", "calendar"):
        for path in (f"tables/{name}", f"tables/{name}/new"):
            assert admin.get(f"{PATH}/{path}").status_code == 200, admin.page
    for path in ("", "/gaps", "/tables/calendar?year=2026&at=10",
                 "/tables/calendar/versions", "/tables/calendar/versions/1"):
        assert admin.get(PATH + path).status_code == 200, admin.page
    assert admin.get(f"{PATH}/tables/cases").status_code == 404
    assert admin.get(f"{PATH}/tables/classes/versions").status_code == 404


def test_days_of_the_calendar_and_classes_go_the_same_way(
    node: Node, api: httpx.Client, admin: Browser
) -> None:
    answer = send_file(admin, "calendar", "类型,日期,备注\n放假,2026-12-14,市庆\n")
    assert "1 added" in admin.page
    draft = str(answer.url).removeprefix(node.url)
    assert admin.send(f"{draft}/take", seen=seen(admin)).status_code == 200
    days = api.get("/api/v1/calendar", params={"year": 2026}).json()
    assert "2026-12-14" in {one["day"] for one in days["days"]}
    admin.get(f"{PATH}/tables/calendar/versions/{days['version'] - 1}/back")
    admin.send(f"{PATH}/tables/calendar/versions/{days['version'] - 1}/back", seen=seen(admin))
    days = api.get("/api/v1/calendar", params={"year": 2026}).json()
    assert "2026-12-14" not in {one["day"] for one in days["days"]}

    sheet = f"标准,类别,代码,名称,来源\n{GB},事件,06999,共享雨伞乱放,地方\n"
    answer = send_file(admin, "classes", sheet)
    assert "1 added" in admin.page
    draft = str(answer.url).removeprefix(node.url)
    assert admin.send(f"{draft}/take", seen=seen(admin)).status_code == 200
    editions = api.get("/api/v1/standards").json()
    assert [one["standing"] for one in editions if one["standard_ref"] == GB][-1] == "draft"
    api.post("/api/v1/standards/discard", json={
        "standard_ref": GB, "version": editions[-1]["version"]
        if editions[-1]["standard_ref"] == GB else 2})
