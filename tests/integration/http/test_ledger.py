"""The problem library, its sums and the habits of units over REST, as JSON and as sheets."""

from __future__ import annotations

import csv
import io
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from secrets import randbelow, token_hex
from typing import Any

import httpx
import pytest

from tests.integration.http.conftest import opening
from tests.integration.http.node import DISTRICT

SHEETS = ("/ledger/export", "/ledger/summary/export")
WITHIN_S = 20.0


def _area() -> str:
    """A division nobody else has cases in."""
    return f"4202{randbelow(10**8):08d}"


def _at(**ahead: float) -> str:
    return (datetime.now(UTC) + timedelta(**ahead)).isoformat()


def _filed(api: httpx.Client, area: str, **changed: Any) -> str:
    body = opening(place={"area": area, "address": "颐阳路12号门前"}, **changed)
    case_id: str = api.post("/api/v1/cases", json=body).json()["case_id"]
    assert api.post(f"/api/v1/cases/{case_id}/file", json={}).status_code == 200
    return case_id


def _post(api: httpx.Client, case_id: str, verb: str, **body: Any) -> dict[str, Any]:
    answer = api.post(f"/api/v1/cases/{case_id}/{verb}", json=body)
    assert answer.status_code == 200, (verb, answer.text)
    reply: dict[str, Any] = answer.json()
    return reply


def _suspended(api: httpx.Client, area: str, reason: str = "等待房屋征收", **changed: Any) -> str:
    case_id = _filed(api, area, **changed)
    _post(api, case_id, "suspend", until=_at(days=30), reason=reason)
    return case_id


def _overdue(api: httpx.Client, area: str) -> str:
    """Long overdue with the district."""
    case_id = _filed(api, area)
    _post(api, case_id, "dispatch", to=f"node:{DISTRICT}", text="请处理",
          limits={"sign_by": _at(days=-11), "finish_by": _at(days=-10)})
    return case_id


@contextmanager
def _carded(api: httpx.Client, group: str) -> Iterator[None]:
    """Meanwhile the district is reported in that group, whatever cards of it others left."""
    unit = f"zz{token_hex(3)}"  # the last card of an address is the one that counts
    card = {"name": f"西塞山区{unit}", "kind": "district", "group": group, "region": DISTRICT,
            "address": f"node:{DISTRICT}"}
    assert api.put(f"/api/v1/units/{unit}", json=card).status_code == 200
    try:
        yield
    finally:
        answer = api.put(f"/api/v1/units/{unit}", json={**card, "address": ""})
        assert answer.status_code == 200, answer.text


def _page(api: httpx.Client, area: str, **params: Any) -> dict[str, Any]:
    answer = api.get("/api/v1/ledger", params={"area": area, **params})
    assert answer.status_code == 200, answer.text
    page: dict[str, Any] = answer.json()
    return page


def _rows(api: httpx.Client, path: str, **params: Any) -> list[dict[str, str]]:
    """The rows of a sheet, which must open in a spreadsheet program."""
    answer = api.get(f"/api/v1{path}", params=params)
    assert answer.status_code == 200, answer.text
    assert answer.headers["content-type"] == "text/csv; charset=utf-8"
    assert answer.headers["content-disposition"].startswith("attachment; filename=")
    assert answer.content.startswith(b"\xef\xbb\xbf")
    text = answer.content.decode("utf-8").removeprefix("\ufeff")
    return list(csv.DictReader(io.StringIO(text, newline="")))


def _until(what: str, holds: Callable[[], bool]) -> None:
    deadline = time.monotonic() + WITHIN_S
    while not holds():
        assert time.monotonic() < deadline, f"waited {WITHIN_S:g} s for {what}"
        time.sleep(0.05)


def test_what_stands_still_and_what_is_long_overdue_is_listed_oldest_first(
    api: httpx.Client,
) -> None:
    area = _area()
    waiting, late = _suspended(api, area), _overdue(api, area)
    _filed(api, area)  # neither
    _post(api, late, "supervise", text="请说明原因", reply_by=_at(days=2), kind="overdue")

    first, second = _page(api, area)["items"]

    assert (first["case_id"], first["why"], first["reason"], first["status"]) == (
        waiting, "suspended", "等待房屋征收", "suspended")
    assert datetime.fromisoformat(first["until"]) > datetime.now(UTC) + timedelta(days=29)
    assert (first["holder"], first["owed"], first["last"]["event_type"]) == (
        "", 0, "CaseSuspended")
    assert first["last"]["actor"] == "init"
    assert (second["case_id"], second["why"], second["holder"]) == (
        late, "overdue", f"node:{DISTRICT}")
    assert (second["days_late"], second["owed"], second["owed_overdue"]) == (10, 1, 0)

    _post(api, waiting, "resume-case", text="条件已具备")
    assert [late] == [row["case_id"] for row in _page(api, area)["items"]]


def test_pages_of_the_ledger_have_no_gaps_and_no_doubles(api: httpx.Client) -> None:
    area = _area()
    made = [_suspended(api, area) for _ in range(5)]

    seen: list[str] = []
    after = ""
    while True:
        page = _page(api, area, limit=2, after=after)
        assert len(page["items"]) <= 2
        seen += [row["case_id"] for row in page["items"]]
        after = page["next"]
        if not after:
            break

    assert made == seen
    assert made == [row["case_id"] for row in _page(api, area)["items"]]
    assert [] == _page(api, f"{area}9")["items"]


@pytest.mark.parametrize("after", ["what", ".x", "٣.x", "99999999999999999999.x", "-5.x",
                                   "9" * 300 + ".x", "5.\x00"])
def test_a_cursor_of_another_list_is_refused(api: httpx.Client, after: str) -> None:
    answer = api.get("/api/v1/ledger", params={"after": after})

    assert (answer.status_code, answer.json()["code"]) == (422, "page.cursor"), answer.text


@pytest.mark.parametrize(("params", "pointer"), [
    ({"limit": 0}, "query/limit"), ({"limit": 201}, "query/limit"),
    ({"area": "四二"}, "query/area"),
])
def test_what_is_no_filter_is_refused_by_its_place(
    api: httpx.Client, params: dict[str, Any], pointer: str
) -> None:
    answer = api.get("/api/v1/ledger", params=params)

    assert (answer.status_code, answer.json()["code"]) == (422, "request.invalid")
    assert [pointer] == [one["pointer"] for one in answer.json()["errors"]]


def test_the_summary_says_how_much_lies_with_whom(api: httpx.Client) -> None:
    area = _area()
    _suspended(api, area)
    late = [_overdue(api, area), _overdue(api, area)]
    _post(api, late[0], "supervise", text="请说明原因", reply_by=_at(days=2))

    with _carded(api, "local"):
        nobody, district = api.get("/api/v1/ledger/summary", params={"area": area}).json()
        rows = _rows(api, "/ledger/summary/export", area=area)

    assert nobody == {"holder": "", "group": "", "suspended": 1, "overdue": 0, "oldest_days": 0,
                      "owed": 0, "owed_overdue": 0}
    assert district == {"holder": f"node:{DISTRICT}", "group": "local", "suspended": 0,
                        "overdue": 2, "oldest_days": 0, "owed": 1, "owed_overdue": 0}
    assert [("", "1", "0"), (f"node:{DISTRICT}", "0", "2"), ("小计", "0", "2")] == [
        (row["承办"], row["挂账"], row["长期超期"]) for row in rows]


def test_the_sheet_for_the_meeting_opens_in_chinese_and_runs_no_formula(
    api: httpx.Client,
) -> None:
    area = _area()
    formula = '=HYPERLINK("http://example.org","点我")'
    case_id = _suspended(api, area, reason=f"{formula}\n第二行", category={
        **opening()["category"], "name": "@SUM(1+1)*cmd|' /C calc'!A0"})

    [row] = _rows(api, "/ledger/export", area=area)

    [listed] = _page(api, area)["items"]
    assert (case_id, row["案卷号"]) == (listed["case_id"], listed["case_no"])
    assert row["原因"] == f"'{formula}\n第二行"
    assert row["分类名称"].startswith("'@")
    assert (row["类别"], row["最近动作"], row["经办人"]) == ("suspended", "CaseSuspended", "init")
    for path in SHEETS:
        english = api.get(f"/api/v1{path}", params={"area": area},
                          headers={"Accept-Language": "en"})
        head = english.text.removeprefix("\ufeff").splitlines()[0]
        assert head.isascii(), head
        assert len(head.split(",")) == len(_rows(api, path, area=area)[0])


def test_habits_count_what_a_unit_did_in_a_period_and_flag_the_threshold(
    api: httpx.Client,
) -> None:
    since = _at(seconds=-0.001)

    def mine() -> list[dict[str, Any]]:
        answer = api.get("/api/v1/ledger/habits", params={"since": since, "until": _at(hours=1)})
        assert answer.status_code == 200, answer.text
        return [one for one in answer.json() if one["unit"] == f"node:{DISTRICT}"]

    def unsigned() -> int:
        return sum(one["unsigned"] for one in mine())

    area = _area()
    for expected in (1, 2, 3):  # the shipped file says three
        _overdue(api, area)
        _until("the clock", lambda expected=expected: unsigned() == expected)  # type: ignore[misc]
        [line] = mine()
        assert (line["returns_asked"], line["askers"]) == (0, [])
        assert ("unsigned" in line["over"]) is (expected == 3)

    until = _at(hours=1)
    [row] = [one for one in _rows(api, "/ledger/habits/export", since=since, until=until)
             if one["单位"] == f"node:{DISTRICT}"]
    assert (row["逾时未签收"], row["申请回退"]) == ("3", "0")
    assert "unsigned" in row["达到督查线"].split()
    assert [] == api.get("/api/v1/ledger/habits", params={
        "since": "2020-01-01T00:00:00+08:00", "until": "2020-02-01T00:00:00+08:00"}).json()


@pytest.mark.parametrize("path", ["/ledger/habits", "/ledger/habits/export"])
@pytest.mark.parametrize(("since", "until"), [
    ("2026-03-01T00:00:00Z", "2026-03-01T00:00:00Z"),
    ("2026-03-01T00:00:00Z", "2026-02-01T00:00:00Z"),
    ("2024-01-01T00:00:00Z", "2026-02-01T00:00:00Z"),
    ("9999-12-30T00:00:00Z", "9999-12-30T00:00:00Z"),
    ("9999-06-01T00:00:00Z", "9999-05-01T00:00:00Z"),
])
def test_a_period_that_is_none_is_refused(
    api: httpx.Client, path: str, since: str, until: str
) -> None:
    answer = api.get(f"/api/v1{path}", params={"since": since, "until": until})

    assert (answer.status_code, answer.json()["code"]) == (422, "case.invalid"), answer.text
    assert ["query/until"] == [one["pointer"] for one in answer.json()["errors"]], answer.json()


def test_a_period_at_the_end_of_time_is_counted(api: httpx.Client) -> None:
    answer = api.get("/api/v1/ledger/habits", params={
        "since": "9999-06-01T00:00:00Z", "until": "9999-12-31T00:00:00Z"})

    assert (answer.status_code, answer.json()) == (200, []), answer.text


@pytest.mark.parametrize("params", [
    {}, {"since": "2026-03-01T00:00:00Z"},
    {"since": "2026-03-01T00:00:00", "until": "2026-04-01T00:00:00Z"},
    {"since": "March", "until": "2026-04-01T00:00:00Z"},
])
def test_a_period_needs_two_moments_with_a_zone(
    api: httpx.Client, params: dict[str, str]
) -> None:
    answer = api.get("/api/v1/ledger/habits", params=params)

    assert (answer.status_code, answer.json()["code"]) == (422, "request.invalid")
    assert {one["pointer"] for one in answer.json()["errors"]} <= {"query/since", "query/until"}


def test_the_ledger_needs_a_token_and_no_more_than_reading(api: httpx.Client, node: Any) -> None:
    token = api.post("/api/v1/tokens", json={"name": "leader", "scope": "read"}).json()["token"]
    period = "?since=2026-01-01T00:00:00Z&until=2026-02-01T00:00:00Z"
    for path in ("", "/export", "/summary", "/summary/export", f"/habits{period}",
                 f"/habits/export{period}"):
        with node.client("") as nobody, node.client(token) as leader:
            assert nobody.get(f"/api/v1/ledger{path}").status_code == 401, path
            assert leader.get(f"/api/v1/ledger{path}").status_code == 200, path


def test_sheets_carry_the_sum_of_every_group_and_an_unknown_group_is_refused(
    api: httpx.Client,
) -> None:
    area = _area()
    late = [_overdue(api, area), _overdue(api, area)]
    with _carded(api, "higher"):
        rows = _rows(api, "/ledger/summary/export", area=area)
        assert [(f"node:{DISTRICT}", "上级驻地单位", "2"), ("小计", "上级驻地单位", "2")] == [
            (row["承办"], row["单位分组"], row["长期超期"]) for row in rows]
        assert sorted(late) == sorted(
            one["case_id"] for one in _page(api, area, group="higher")["items"])
        assert [] == _page(api, area, group="local")["items"]
        for path in ("", "/export", "/summary", "/summary/export"):
            answer = api.get(f"/api/v1/ledger{path}", params={"area": area, "group": "nobody"})
            assert (answer.status_code, answer.json()["code"]) == (422, "unit.group"), path
