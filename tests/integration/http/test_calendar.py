"""The working calendar over REST, and the clocks and lights of cases."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

import httpx
import pytest

CSV = {"Content-Type": "text/csv; charset=utf-8"}


def due(api: httpx.Client, limit: str, start: str) -> dict[str, Any]:
    answer = api.get("/api/v1/calendar/due", params={"limit": limit, "start": start})
    assert answer.status_code == 200, answer.text
    found: dict[str, Any] = answer.json()
    return found


def test_a_fresh_node_knows_the_published_years(api: httpx.Client) -> None:
    document = api.get("/api/v1/calendar", params={"version": 1}).json()

    assert document["id"] == "420200@1"
    assert document["made_by"] == "program"
    assert set(range(2019, 2027)) <= set(document["years"])
    days = {one["day"]: one for one in document["days"]}
    assert ("workday", "国庆节") == (days["2026-10-10"]["kind"], days["2026-10-10"]["note"])
    assert "holiday" == days["2026-09-25"]["kind"]
    assert document["hours"] == [{"valid_from": None, "valid_to": None, "weekdays": "12345",
                                  "intervals": "08:00-12:00 14:00-18:00"}]
    one_year = api.get("/api/v1/calendar", params={"version": 1, "year": 2026}).json()
    assert {one["day"][:4] for one in one_year["days"]} == {"2026"}


def test_holidays_and_make_up_workdays_count_as_the_yearly_notice_says(api: httpx.Client) -> None:
    # 1 to 7 October 2026 are free, Saturday the 10th is worked
    found = due(api, "2工作日", "2026-09-30T17:00:00+08:00")
    assert datetime(2026, 10, 9, 9, tzinfo=UTC) == datetime.fromisoformat(found["finish_by"])
    found = due(api, "3 work_day", "2026-09-30T17:00:00+08:00")
    assert datetime(2026, 10, 10, 9, tzinfo=UTC) == datetime.fromisoformat(found["finish_by"])
    assert ("work_day", 3, []) == (found["unit"], found["count"], found["missing_years"])


def test_a_limit_into_an_unpublished_year_is_computed_and_says_so(api: httpx.Client) -> None:
    found = due(api, "5工作日", "2099-12-30T09:00:00+08:00")
    assert found["missing_years"] == [2099, 2100]


@pytest.mark.parametrize("limit", ["soon", "0天", "4 fortnights", "999999工作日"])
def test_a_limit_nobody_can_read_or_reach_is_refused(api: httpx.Client, limit: str) -> None:
    answer = api.get("/api/v1/calendar/due", params={"limit": limit})
    assert (answer.status_code, answer.json()["code"]) == (422, "calendar.limit")


def test_an_import_makes_a_version_and_keeps_the_one_before(api: httpx.Client) -> None:
    before = api.get("/api/v1/calendar").json()["version"]
    sheet = (
        "类型,日期,失效,时间,星期,备注\n"
        "放假,2031-03-04,,,,城市纪念日\n"
        "调休,2031年3月8日,,,,\n"
        "作息,2031-06-01,2031-09-01,08:00-12:00 15:00-18:30,周一至六,夏令作息\n"
    )
    answer = api.post("/api/v1/calendar", content=sheet.encode(), headers=CSV)
    assert answer.status_code == 200, answer.text
    assert (3, 3, 0) == tuple(answer.json()[name] for name in ("rows", "added", "replaced"))

    after = api.get("/api/v1/calendar", params={"year": 2031}).json()
    assert after["version"] == before + 1
    assert [("2031-03-04", "holiday", "local"), ("2031-03-08", "workday", "local")] == [
        (one["day"], one["kind"], one["origin"]) for one in after["days"]]
    assert "123456" in {one["weekdays"] for one in after["hours"]}
    old = api.get("/api/v1/calendar", params={"version": before, "year": 2031}).json()
    assert old["days"] == []
    # Monday the 3rd, and the 4th is free now
    found = due(api, "1工作日", "2031-03-03T09:00:00+08:00")
    assert datetime(2031, 3, 5, 1, tzinfo=UTC) == datetime.fromisoformat(found["finish_by"])
    assert found["calendar"] == after["id"]
    found = due(api, "1工作时", "2031-07-04T18:00:00+08:00")  # a Friday in summer
    assert datetime(2031, 7, 5, 0, 30, tzinfo=UTC) == datetime.fromisoformat(found["finish_by"])


def test_a_wrong_sheet_is_refused_line_by_line_and_changes_nothing(api: httpx.Client) -> None:
    before = api.get("/api/v1/calendar").json()["version"]
    sheet = (
        "kind,date,valid_to,hours,weekdays\n"
        "holiday,,,,\n"
        "party,2031-01-01,,,\n"
        "hours,2031-01-01,2030-01-01,08:00-12:00,\n"
        "hours,2031-01-01,,12:00-08:00,\n"
        "hours,2032-01-01,,08:00-12:00 11:00-18:00,\n"
        "hours,2033-01-01,,08:00-24:00,\n"
        "hours,2034-01-01,,08:00-12:00,8\n"
        "holiday,2031-02-30,,,\n"
    )
    answer = api.post("/api/v1/calendar", content=sheet.encode(), headers=CSV)
    assert (answer.status_code, answer.json()["code"]) == (422, "table.invalid")
    assert [f"row/{row}/{column}" for row, column in (
        (2, "date"), (3, "kind"), (4, "valid_to"), (5, "hours"), (6, "hours"), (7, "hours"),
        (8, "weekdays"), (9, "date"),
    )] == [one["pointer"] for one in answer.json()["errors"]]
    assert before == api.get("/api/v1/calendar").json()["version"]


def test_an_unknown_version_is_not_found(api: httpx.Client) -> None:
    answer = api.get("/api/v1/calendar", params={"version": 99_999})
    assert (answer.status_code, answer.json()["code"]) == (404, "calendar.unknown")


def test_the_check_speaks_the_callers_language(api: httpx.Client) -> None:
    chinese = api.get("/api/v1/calendar/check").json()
    english = api.get("/api/v1/calendar/check", headers={"Accept-Language": "en"}).json()
    assert chinese
    assert len(chinese) == len(english)
    assert all("日历" in one["sentence"] for one in chinese)
    assert all("calendar" in one["sentence"] for one in english)


def test_a_case_shows_its_clocks_and_its_light(
    api: httpx.Client, case: dict[str, Any]
) -> None:
    document = api.get(f"/api/v1/cases/{case['case_id']}").json()
    filing = next(one for one in document["clocks"] if one["post"] == "file")
    assert ("step", "420200", "green", 30, "minute") == (
        filing["kind"], filing["node"], filing["light"], filing["limit_count"],
        filing["limit_unit"])
    assert filing["left_minutes"] in (29, 30)
    assert ("green", False) == (document["light"], document["overdue"])  # filing has its limit

    path = f"/api/v1/cases/{case['case_id']}"
    api.post(f"{path}/file", json={}, headers={"If-Match": '"1"'})
    late = (datetime.now(UTC) - timedelta(hours=1)).isoformat()
    answer = api.post(f"{path}/dispatch", json={
        "to": "node:420203", "limits": {"finish_by": late}})
    assert answer.status_code == 200, answer.text

    document = api.get(path).json()
    assert ("red", True) == (document["light"], document["overdue"])
    overall, = (one for one in document["clocks"] if one["kind"] == "overall")
    leg, = (one for one in document["clocks"] if one["kind"] == "handling")
    assert overall["ended_at"] is None
    assert ("node:420203", "red", None) == (leg["to"], leg["light"], leg["on_time"])
    assert leg["left_minutes"] in (-60, -61)
    assert document["assignment"]["limits"]["starts_at"] is not None
    sign, = (one for one in document["clocks"] if one["post"] == "sign")
    assert "420203" == sign["node"]

    def listed(light: str) -> bool:
        page = api.get("/api/v1/cases", params={"light": light, "limit": 200}).json()
        assert {one["light"] for one in page["items"]} <= {light}
        return any(one["case_id"] == case["case_id"] for one in page["items"])

    assert [True, False, False, False] == [
        listed(light) for light in ("red", "yellow", "green", "grey")]
    assert api.get("/api/v1/cases", params={"light": "blue"}).status_code == 422


def test_a_proposal_counts_in_the_units_of_the_office_and_travels_with_the_order(
    api: httpx.Client, case: dict[str, Any]
) -> None:
    path = f"/api/v1/cases/{case['case_id']}"
    api.post(f"{path}/file", json={}, headers={"If-Match": '"1"'})
    answer = api.post(f"{path}/dispatch", json={"to": "node:420203"})
    assert answer.status_code == 200, answer.text
    limits = api.get(path).json()["assignment"]["limits"]
    assert (7, "work_day") == (limits["count"], limits["unit"])
    assert limits["calendar"].startswith("420200@")
    start, warn, sign, finish = (
        datetime.fromisoformat(limits[name])
        for name in ("starts_at", "warn_at", "sign_by", "finish_by"))
    assert start < warn < finish
    assert timedelta(minutes=60) == sign - start
