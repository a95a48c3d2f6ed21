"""Who handles a duty inside a unit: named, changed, found, counted, and known to no neighbour."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator
from contextlib import ExitStack, closing
from pathlib import Path
from typing import Any

import httpx
import pytest
from typer.testing import CliRunner

from node.cli import app
from tests.integration.http.conftest import opening
from tests.integration.http.node import DISTRICT, Node
from tests.integration.http.test_papers import picture, upload
from tests.integration.http.town import Town, start_town, until

CREW, PERSON, NOTE = "抢修二班甲组", "经办人甲某某", "钥匙在门卫处的抽屉里"
SEEN_ABOVE = "井盖已更换并恢复路面"


@pytest.fixture(scope="module")
def town(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Town]:
    made = start_town(tmp_path_factory.mktemp("town"))
    try:
        yield made
    finally:
        made.stop()


def screen(node: Node, *args: str) -> str:
    """What a clerk sees, on eighty columns."""
    result = CliRunner().invoke(app, [*args, "--home", str(node.home), "--lang", "zh"], env={
        "WANMI_TOKEN": "", "WANMI_URL": "", "WANMI_HOME": "", "COLUMNS": "80"})
    assert result.exit_code == 0, (args, result.stdout, result.stderr)
    return result.stdout


def handed_down(city: httpx.Client, district: httpx.Client) -> tuple[str, str]:
    """Id and number of a case that the district holds for the city."""
    opened = city.post("/api/v1/cases", json=opening()).json()
    case_id = opened["case_id"]
    for verb, body in (
        ("file", {}),
        ("dispatch", {"to": f"node:{DISTRICT}", "limits": {"count": 2, "unit": "work_day"}}),
    ):
        answer = city.post(f"/api/v1/cases/{case_id}/{verb}", json=body)
        assert answer.status_code == 200, answer.text
    until(district, case_id, "the order", lambda seen: seen["status"] == "held")
    return case_id, opened["case_no"]


def holders(folder: Path, text: str) -> set[str]:
    """Files below a folder in which these bytes are written."""
    return {
        path.name for path in folder.rglob("*")
        if path.is_file() and text.encode() in path.read_bytes()
    }


def tables_with(database: Path, text: str) -> set[str]:
    """Tables of a database in which a value holds these bytes."""
    wanted, found = text.encode(), set()
    with closing(sqlite3.connect(database)) as conn:
        conn.text_factory = bytes
        names = [row[0].decode() for row in conn.execute(
            "SELECT name FROM sqlite_master WHERE type = 'table' AND sql NOT LIKE '%VIRTUAL%'")]
        for name in names:
            for row in conn.execute(f'SELECT * FROM "{name}"'):
                if any(isinstance(one, bytes) and wanted in one for one in row):
                    found.add(name)
    return found


def test_a_handler_is_named_changed_found_and_counted_and_ends_with_the_duty(
    town: Town,
) -> None:
    with ExitStack() as stack:
        city, district = (stack.enter_context(one.client()) for one in (town.city, town.district))
        case_id, number = handed_down(city, district)
        other, _ = handed_down(city, district)
        at = f"/api/v1/cases/{case_id}/handler"

        def theirs(name: str, **more: str) -> list[str]:
            page = district.get("/api/v1/cases", params={"handler": name, **more}).json()
            return [one["case_id"] for one in page["items"]]

        assert "handler" in until(district, case_id, "verbs", lambda _: True)["verbs"]
        refused = city.put(at, json={"name": CREW})
        assert (refused.status_code, refused.json()["code"]) == (409, "case.wrong_status")
        assert "经办人" in refused.json()["detail"]
        assert city.put(
            "/api/v1/cases/00000000-0000-7000-8000-000000000000/handler", json={"name": CREW}
        ).status_code == 404
        assert district.put(at, json={"name": " "}).status_code == 422

        version = until(district, case_id, "version", lambda _: True)["version"]
        screen(town.district, "case", "assign", number, CREW, "--note", NOTE)
        first = district.put(at, json={"name": CREW, "note": NOTE}).json()
        screen(town.district, "case", "assign", number, PERSON)
        assert district.put(f"/api/v1/cases/{other}/handler", json={"name": CREW}).json()[
            "name"] == CREW
        seen = until(district, case_id, "both", lambda one: len(one["handlers"]) == 2)
        assert seen["version"] == version, "nothing was journalled"
        assert seen["handler"]["name"] == PERSON
        assert [(one["name"], one["note"]) for one in seen["handlers"]] == [
            (PERSON, ""), (CREW, NOTE)]
        assert seen["handlers"][1]["since"] == first["since"], "saying it again changes nothing"
        assert seen["handlers"][1]["until"] == seen["handler"]["since"]
        assert (theirs(PERSON), theirs(CREW), theirs("甲")) == ([case_id], [other], [])
        assert theirs(PERSON, status="done") == []

        shown = screen(town.district, "case", "show", number)
        assert f"经办人 {PERSON}" in shown
        listed = screen(town.district, "case", "list", "--handler", PERSON)
        assert "经办" in listed
        assert "案卷号" in listed

        for verb, body in (
            ("sign", {}),
            ("feed-back", {"result": SEEN_ABOVE, "photos": [
                upload(district, picture(4, 3, (1, 2, 3)), "handle_after")]}),
        ):
            assert district.post(f"/api/v1/cases/{case_id}/{verb}", json=body).is_success
        until(city, case_id, "the result", lambda one: one["status"] == "feedback_given")
        counted = {one["name"]: one for one in district.get("/api/v1/handlers").json()}
        assert [counted[CREW][key] for key in ("given", "held", "done")] == [1, 1, 0]
        assert [counted[PERSON][key] for key in ("given", "held", "done")] == [1, 0, 1]
        assert district.get("/api/v1/handlers", params={
            "until": first["since"]}).json() == []
        table = screen(town.district, "case", "handlers")
        assert PERSON[:3] in table
        assert "在办" in table

        city.post(f"/api/v1/cases/{case_id}/start-check", json={})
        city.post(f"/api/v1/cases/{case_id}/check", json={"passed": True})
        assert city.post(f"/api/v1/cases/{case_id}/close", json={"text": "结案"}).is_success
        over = until(district, case_id, "the end", lambda one: one["status"] == "ended")
        assert over["handler"]["over"] is True
        assert "handler" not in over["verbs"]
        late = district.put(at, json={"name": CREW})
        assert (late.status_code, district.delete(at).status_code) == (409, 409)
        assert f"曾由 {PERSON} 经办" in screen(town.district, "case", "show", number)

        gone = f"/api/v1/cases/{other}/handler"
        assert [district.delete(gone).json()["count"] for _ in range(2)] == [1, 0]
        undone = until(district, other, "nobody", lambda one: one["handler"] is None)
        assert [one["name"] for one in undone["handlers"]] == [CREW]
        assert undone["handlers"][0]["until"] is not None


def test_a_handler_of_an_earlier_order_is_not_that_of_the_next(town: Town) -> None:
    with ExitStack() as stack:
        city, district = (stack.enter_context(one.client()) for one in (town.city, town.district))
        case_id, _ = handed_down(city, district)
        at = f"/api/v1/cases/{case_id}"
        assert district.put(f"{at}/handler", json={"name": "旧班组"}).is_success
        assert city.post(f"{at}/withdraw", json={"reason": "派错"}).is_success
        until(district, case_id, "the withdrawal", lambda one: one["status"] == "ended")
        assert city.post(f"{at}/dispatch", json={"to": f"node:{DISTRICT}"}).is_success
        again = until(district, case_id, "the next", lambda one: one["status"] == "held")

        assert again["handler"] is None
        assert [(one["name"], one["over"]) for one in again["handlers"]] == [("旧班组", True)]
        found = district.get("/api/v1/cases", params={"handler": "旧班组"}).json()
        assert found["items"] == []
        assert district.put(f"{at}/handler", json={"name": "新班组"}).is_success
        assert until(district, case_id, "the new one", lambda one: one["handler"] is not None)[
            "handler"]["name"] == "新班组"


def test_no_name_of_a_handler_leaves_the_office(town: Town) -> None:
    """Whatever the district says of a case, and whatever the city asks, the city's files never
    hold the name; in the district itself it is in that table alone."""
    name, note = "施工员丙某某", "备用钥匙藏在花盆下面"
    with ExitStack() as stack:
        city, district = (stack.enter_context(one.client()) for one in (town.city, town.district))
        case_id, _ = handed_down(city, district)
        at = f"/api/v1/cases/{case_id}"
        assert district.put(f"{at}/handler", json={"name": name, "note": note}).is_success
        for verb, body in (
            ("sign", {}), ("progress", {"text": "正在处置"}),
            ("feed-back", {"result": SEEN_ABOVE + "乙", "photos": [
                upload(district, picture(4, 3, (3, 2, 1)), "handle_after")]}),
        ):
            assert district.post(f"{at}/{verb}", json=body).is_success
        until(city, case_id, "the result", lambda one: one["status"] == "feedback_given")
        assert district.put(f"{at}/handler", json={"name": name}).is_success
        drilled = city.post(f"{at}/drill", json={"target": DISTRICT, "purpose": "核查"}).json()
        assert drilled["code"] == "ok"
        assert drilled["document"]["status"] == "done"
        assert not {"handler", "handlers"} & set(drilled["document"])
        told = [drilled, city.get(at).json(), city.get(f"{at}/timeline").json(),
                district.get(f"{at}/timeline").json(), district.get(f"{at}/journal").json()]
        assert name not in str(told)
        assert note not in str(told)

    above, below = town.city.home, town.district.home
    assert holders(above, SEEN_ABOVE + "乙"), "what was told is found where it was told"
    for text in (name, note):
        assert holders(above, text) == set()
        assert holders(below, text)
    [database] = (below / "data").glob("*.db")
    assert tables_with(database, name) == {"handler"}
    assert tables_with(database, note) == {"handler"}
    log = town.district.log.read_text(encoding="utf-8", errors="replace")
    assert name not in log
    assert "change" in tables_with(database, "handler"), "screens hear that it changed"


def test_only_who_may_act_names_handlers_and_looking_at_counts_is_logged(town: Town) -> None:
    with ExitStack() as stack:
        city, district = (stack.enter_context(one.client()) for one in (town.city, town.district))
        case_id, _ = handed_down(city, district)
        made: dict[str, Any] = district.post(
            "/api/v1/tokens", json={"name": "wall", "scope": "read"}).json()
        reader = stack.enter_context(town.district.client(made["token"]))
        at = f"/api/v1/cases/{case_id}/handler"
        refusals = [reader.put(at, json={"name": CREW}), reader.delete(at),
                    reader.get("/api/v1/handlers")]
        assert [one.json()["code"] for one in refusals] == ["auth.scope"] * 3
        assert district.get("/api/v1/handlers").is_success
    [database] = (town.district.home / "data").glob("*.db")
    with closing(sqlite3.connect(database)) as conn:
        actions = {row[0] for row in conn.execute("SELECT action FROM audit_log")}
    assert {"AssignHandler", "UnassignHandler", "CountHandlers"} & actions >= {"CountHandlers"}


def test_what_is_to_be_handed_on_is_listed_until_somebody_below_has_it(town: Town) -> None:
    with town.city.client() as city, town.district.client() as district:
        opened = city.post("/api/v1/cases", json=opening()).json()["case_id"]
        city.post(f"/api/v1/cases/{opened}/file", json={})
        assert listed(city, opened, undispatched=True)
        assert not listed(city, opened, handed="yes")
        city.post(f"/api/v1/cases/{opened}/dispatch", json={"to": f"node:{DISTRICT}"})
        until(district, opened, "the order", lambda seen: seen["status"] == "held")
        assert not listed(city, opened, undispatched=True)
        assert listed(city, opened, handed="yes")
        # The district has it now, and nobody below: it has to hand it on, or to handle it.
        assert listed(district, opened, undispatched=True)
        assert listed(district, opened, status="held", handed="no", sort="limit")
        assert not listed(district, opened, handed="yes")


def listed(api: httpx.Client, case_id: str, **which: object) -> bool:
    answer = api.get("/api/v1/cases", params={key: str(one) for key, one in which.items()})
    assert answer.status_code == 200, answer.text
    return case_id in {one["case_id"] for one in answer.json()["items"]}
