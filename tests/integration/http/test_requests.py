"""Requests, pauses, supervision and own cases that leave the usual way, over REST.

What an assignee asks needs an assignee: three real nodes answer each other here. What one office
does alone runs at the node of this folder.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterator
from contextlib import ExitStack
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from secrets import token_hex
from typing import Any

import httpx
import pytest

from tests.integration.http.conftest import opening
from tests.integration.http.node import DISTRICT, Node
from tests.integration.http.town import STREET, start_town, until

ABSENT = "0197b5c0-0000-7000-8000-000000000000"


def _at(**ahead: float) -> str:
    return (datetime.now(UTC) + timedelta(**ahead)).isoformat()


def _post(api: httpx.Client, case_id: str, verb: str, **body: Any) -> httpx.Response:
    return api.post(f"/api/v1/cases/{case_id}/{verb}", json=body)


def _done(api: httpx.Client, case_id: str, verb: str, **body: Any) -> dict[str, Any]:
    answer = _post(api, case_id, verb, **body)
    assert answer.status_code == 200, (verb, answer.text)
    reply: dict[str, Any] = answer.json()
    assert answer.headers["etag"] == f'"{reply["version"]}"'
    return reply


def _filed(api: httpx.Client) -> str:
    opened = api.post("/api/v1/cases", json=opening())
    assert opened.status_code == 201, opened.text
    case_id: str = opened.json()["case_id"]
    _done(api, case_id, "file")
    return case_id


def _doc(api: httpx.Client, case_id: str) -> dict[str, Any]:
    found: dict[str, Any] = api.get(f"/api/v1/cases/{case_id}").json()
    return found


def _faults(answer: httpx.Response) -> dict[str, str]:
    return {one["pointer"]: one["detail"] for one in answer.json()["errors"]}


def _with_roles(node: Node, *roles: str, name: str = "") -> httpx.Client:
    """A client of a person with just these roles."""
    with node.client() as admin:
        made = admin.post("/api/v1/tokens", json={
            "name": name or f"clerk-{token_hex(4)}", "scope": "operate", "roles": roles})
    assert made.status_code == 201, made.text
    assert made.json()["roles"] == list(roles)
    return node.client(made.json()["token"])


# --- what one office does alone -------------------------------------------------------------------


def test_roles_belong_to_tokens_and_their_names_are_checked(api: httpx.Client) -> None:
    name = f"zhang-{token_hex(4)}"
    body = {"name": name, "scope": "operate", "roles": ["dispatcher", "shift_leader"]}
    assert api.post("/api/v1/tokens", json=body).status_code == 201

    [listed] = [one for one in api.get("/api/v1/tokens").json() if one["name"] == name]
    assert set(listed["roles"]) == {"dispatcher", "shift_leader"}
    for roles in (["班长"], ["two words"], ["Shift-Leader!"]):
        refused = api.post("/api/v1/tokens", json={**body, "roles": roles})
        assert (refused.status_code, refused.json()["code"]) == (422, "token.roles"), roles


def test_an_own_case_waits_and_goes_on(api: httpx.Client) -> None:
    case_id = _filed(api)
    end = _at(days=20)

    assert _done(api, case_id, "suspend", until=end, reason="等待征收")["status"] == "suspended"
    found = _doc(api, case_id)
    assert datetime.fromisoformat(found["suspended_until"]) == datetime.fromisoformat(end)
    assert "resume-case" in found["verbs"]
    assert _done(api, case_id, "resume-case", text="已征收")["status"] == "pending_dispatch"

    again = _post(api, case_id, "suspend", until=end, reason="再等")
    assert (again.status_code, again.json()["code"]) == (409, "approval.too_many")


@pytest.mark.parametrize(("ahead", "code"), [
    ({"days": -1}, "approval.end_past"), ({"days": 400}, "approval.too_long"),
])
def test_a_wait_ends_in_time(api: httpx.Client, ahead: dict[str, float], code: str) -> None:
    case_id = _filed(api)

    answer = _post(api, case_id, "suspend", until=_at(**ahead), reason="等待")

    assert (answer.status_code, answer.json()["code"]) == (422, code)
    assert _doc(api, case_id)["status"] == "pending_dispatch"


def test_a_case_that_should_not_exist_is_voided_as_a_duplicate(api: httpx.Client) -> None:
    original, case_id = _filed(api), _filed(api)
    itself = _post(api, case_id, "void", reason="重复", duplicate_of=case_id)
    assert (itself.status_code, itself.json()["code"]) == (422, "case.invalid")
    assert list(_faults(itself)) == ["/duplicate_of"]

    reply = _done(api, case_id, "void", reason="重复", reason_code="duplicate",
                  duplicate_of=original)

    assert reply["status"] == "voided"
    found = _doc(api, case_id)
    assert found["duplicate_of"]["case_id"] == original
    after = _post(api, case_id, "void", reason="再次")
    assert (after.status_code, after.json()["code"]) == (409, "case.wrong_status")


def test_what_takes_a_role_by_the_rules_is_offered_to_that_role_alone(
    node: Node, api: httpx.Client
) -> None:
    case_id = _filed(api)
    with _with_roles(node, "shift_leader") as leader, _with_roles(node, "centre_head") as head:
        found = _doc(leader, case_id)
        assert found["deciders"]["force-close"] == ["centre_head"]
        assert "force-close" not in found["verbs"]
        assert "void" in found["verbs"]
        refused = _post(leader, case_id, "force-close", text="会议决定")
        assert (refused.status_code, refused.json()["code"]) == (403, "approval.role_missing")

        assert "void" not in _doc(head, case_id)["verbs"]
        assert "force-close" in _doc(head, case_id)["verbs"]
        assert _done(head, case_id, "force-close", text="会议决定")["status"] == "closed"


def test_a_case_that_is_forced_shut_says_how(api: httpx.Client) -> None:
    case_id = _filed(api)

    assert _done(api, case_id, "force-close", text="会议决定")["status"] == "closed"

    assert _doc(api, case_id)["closed_how"] == "forced"
    after = _post(api, case_id, "force-close", text="再次")
    assert (after.status_code, after.json()["code"]) == (409, "case.wrong_status")


def test_a_case_goes_outside_with_the_digest_of_its_evidence_and_comes_back(
    api: httpx.Client,
) -> None:
    case_id = _filed(api)
    listed = api.get(f"/api/v1/cases/{case_id}/dossier").json()
    text = "".join(f"{one['kind']} {one['name']} {one['digest']}\n" for one in listed["lines"])
    assert hashlib.sha256(text.encode()).hexdigest() == listed["digest"]

    reply = _done(api, case_id, "transfer", receiver="市执法支队", reference="〔2026〕17号",
                  reason="涉嫌违法建设")

    assert reply["status"] == "transferred"
    moved = _doc(api, case_id)["transfer"]
    assert (moved["receiver"], moved["digest"]) == ("市执法支队", listed["digest"])
    shown = api.get(f"/api/v1/cases/{case_id}/dossier", params={"version": listed["version"]})
    assert shown.json() == listed
    assert api.get(f"/api/v1/cases/{case_id}/dossier").json()["digest"] != listed["digest"]
    assert _done(api, case_id, "take-back", text="不予立案")["status"] == "pending_dispatch"
    twice = _post(api, case_id, "take-back", text="再次")
    assert (twice.status_code, twice.json()["code"]) == (409, "case.wrong_status")

    ahead = api.get(f"/api/v1/cases/{case_id}/dossier", params={"version": 99})
    assert (ahead.status_code, ahead.json()["code"]) == (422, "dossier.version")
    unknown = api.get(f"/api/v1/cases/{ABSENT}/dossier")
    assert (unknown.status_code, unknown.json()["code"]) == (404, "case.unknown")
    none = api.get(f"/api/v1/cases/{case_id}/dossier", params={"version": 0})
    assert (none.status_code, list(_faults(none))) == (422, ["query/version"])


@pytest.mark.parametrize(("verb", "body", "needed"), [
    ("suspend", {"until": "…", "reason": "等待"}, "dispatcher, centre_head"),
    ("void", {"reason": "重复"}, "shift_leader"),
    ("force-close", {"text": "会议决定"}, "centre_head"),
])
def test_whoever_lacks_the_role_is_told_which_one_it_takes(
    api: httpx.Client, node: Node, verb: str, body: dict[str, str], needed: str
) -> None:
    case_id = _filed(api)
    body = {**body, **({"until": _at(days=3)} if "until" in body else {})}

    with _with_roles(node, "intake_operator") as clerk:
        refused = _post(clerk, case_id, verb, **body)
    with _with_roles(node) as nobody:
        bare = _post(nobody, case_id, verb, **body)

    assert (refused.status_code, refused.json()["code"]) == (403, "approval.role_missing")
    assert _faults(refused) == {"/needed": needed, "/held": "intake_operator"}
    assert "您的岗位：受理员（intake_operator）" in refused.json()["detail"]
    assert (bare.status_code, _faults(bare)["/needed"]) == (403, needed)
    assert _doc(api, case_id)["status"] == "pending_dispatch"
    with _with_roles(node, needed.rpartition(", ")[2]) as leader:
        _done(leader, case_id, verb, **body)


def test_verbs_that_do_not_start_here_are_conflicts(api: httpx.Client) -> None:
    case_id = _filed(api)
    version = _doc(api, case_id)["version"]
    for verb, body in (
        ("request", {"kind": "return", "reason_code": "not_ours", "text": "不属本区"}),
        ("request-decision", {"request_id": ABSENT, "granted": True}),
        ("pass-up", {"request_id": ABSENT}), ("resume", {"text": "恢复"}),
        ("resume-case", {"text": "恢复"}), ("take-back", {"text": "退回"}),
        ("press", {"text": "请加快"}), ("reply", {"supervision_id": ABSENT, "text": "好"}),
    ):
        answer = _post(api, case_id, verb, **body)
        assert (answer.status_code, answer.json()["retry"]) == (409, "after_change"), (
            verb, answer.text)
        assert answer.json()["code"].startswith("case."), verb
    assert _doc(api, case_id)["version"] == version


@pytest.mark.parametrize(("verb", "body", "pointer"), [
    ("request", {"kind": "holiday", "reason_code": "x", "text": "x"}, "/kind"),
    ("request", {"kind": "return", "text": "x"}, "/reason_code"),
    ("request", {"kind": "return", "reason_code": "x" * 41, "text": "x"}, "/reason_code"),
    ("request", {"kind": "extension", "reason_code": "x", "text": "x",
                 "wanted_until": "2026-03-09T18:00:00"}, "/wanted_until"),
    ("request-decision", {"request_id": "x"}, "/granted"),
    ("request-decision", {"request_id": "", "granted": True}, "/request_id"),
    ("pass-up", {}, "/request_id"),
    ("resume", {"text": "  "}, "/text"), ("resume-case", {}, "/text"),
    ("suspend", {"reason": "x"}, "/until"),
    ("void", {"reason": ""}, "/reason"), ("void", {"reason": "x", "why": "x"}, "/why"),
    ("force-close", {}, "/text"), ("take-back", {}, "/text"), ("press", {}, "/text"),
    ("transfer", {"receiver": "x", "reason": "x", "digest": "AB"}, "/digest"),
    ("transfer", {"reason": "x"}, "/receiver"),
    ("supervise", {"text": "x", "reply_by": "2099-03-09T18:00:00Z", "kind": "angry"}, "/kind"),
    ("supervise", {"text": "x"}, "/reply_by"),
    ("supervise", {"text": "x", "reply_by": "2020-01-01T00:00:00Z"}, "/reply_by"),
    ("reply", {"text": "x"}, "/supervision_id"),
])
def test_a_bad_body_is_refused_by_its_place(
    api: httpx.Client, verb: str, body: dict[str, Any], pointer: str
) -> None:
    answer = _post(api, _filed(api), verb, **body)

    assert answer.status_code == 422, answer.text
    assert list(_faults(answer)) == [pointer]


def test_repeating_with_its_key_does_nothing_twice(api: httpx.Client) -> None:
    case_id = _filed(api)
    for verb, body in (
        ("supervise", {"text": "请说明", "reply_by": _at(days=2), "kind": "leader"}),
        ("transfer", {"receiver": "市执法支队", "reason": "涉嫌违法"}),
        ("take-back", {"text": "不予立案"}),
        ("suspend", {"until": _at(days=2), "reason": "等待"}),
        ("resume-case", {"text": "恢复"}), ("void", {"reason": "重复"}),
    ):
        key = {"Idempotency-Key": f"{verb}-{token_hex(8)}"}
        address = f"/api/v1/cases/{case_id}/{verb}"
        first = api.post(address, json=body, headers=key)
        again = api.post(address, json=body, headers=key)
        other = api.post(address, json={**body, "expected_version": 1}, headers=key)
        assert first.status_code == again.status_code == 200, (verb, first.text, again.text)
        assert {**first.json(), "repeated": True} == again.json(), verb
        assert (other.status_code, other.json()["code"]) == (422, "idempotency.mismatch"), verb
        assert _doc(api, case_id)["version"] == first.json()["version"], verb


def test_a_supervision_is_owed_until_it_is_answered(api: httpx.Client) -> None:
    case_id = _filed(api)
    _done(api, case_id, "supervise", text="请说明", reply_by=_at(days=2), kind="leader")
    [owed] = _doc(api, case_id)["supervisions"]
    assert (owed["kind"], owed["text"]) == ("leader", "请说明")

    _done(api, case_id, "reply", supervision_id=owed["supervision_id"], text="三日内办结")

    again = _post(api, case_id, "reply", supervision_id=owed["supervision_id"], text="再答")
    assert again.status_code == 409, again.text
    stranger = _post(api, case_id, "reply", supervision_id=ABSENT, text="答")
    assert stranger.status_code == 409, stranger.text


# --- what offices ask of each other ---------------------------------------------------------------


@dataclass(slots=True, kw_only=True)
class Desks:
    """A client at each office, and the nodes for clients with other tokens."""

    city: httpx.Client
    district: httpx.Client
    street: httpx.Client
    above: Node

    def held(self, **limits: Any) -> str:
        """A fresh case that the district holds from the city."""
        case_id = _filed(self.city)
        _done(self.city, case_id, "dispatch", to=f"node:{DISTRICT}", text="请处理",
              limits=limits or {"count": 2, "unit": "work_day"})
        until(self.district, case_id, "the order", lambda _: True)
        return case_id

    def asked(self, case_id: str, kind: str, reason_code: str = "other", **more: Any) -> str:
        """The district's request, as the city lists it."""
        _done(self.district, case_id, "request", kind=kind, reason_code=reason_code,
              text="需要多方配合", **more)
        found = until(self.city, case_id, "the request", lambda one: bool(one["requests"]))
        [request] = found["requests"]
        assert (request["kind"], request["direction"]) == (kind, "in")
        request_id: str = request["request_id"]
        return request_id


@pytest.fixture(scope="module")
def desks(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Desks]:
    town = start_town(tmp_path_factory.mktemp("town"))
    try:
        with ExitStack() as stack:
            city, district, street = (
                stack.enter_context(one.client()) for one in (town.city, town.district, town.street)
            )
            yield Desks(city=city, district=district, street=street, above=town.city)
    finally:
        ended = town.stop()
    assert ended == [0, 0, 0]


def test_a_return_is_granted_in_two_steps_by_the_roles_of_the_ladder(desks: Desks) -> None:
    case_id = desks.held()
    request_id = desks.asked(case_id, "return", "not_ours")
    second = _post(desks.district, case_id, "request", kind="extension", reason_code="x", text="x")
    assert second.status_code == 409, second.text
    answer = {"request_id": request_id, "granted": True, "text": "情况属实"}

    with _with_roles(desks.above, "shift_leader") as leader:
        early = _post(leader, case_id, "request-decision", **answer)
        assert (early.status_code, early.json()["code"]) == (403, "approval.role_missing")
        assert _faults(early) == {"/needed": "dispatcher", "/held": "shift_leader"}
        with _with_roles(desks.above, "dispatcher", name="desk-one") as dispatcher:
            step = _done(dispatcher, case_id, "request-decision", **answer)
            late = _post(dispatcher, case_id, "request-decision", **answer)
        assert step["status"] == "dispatched"
        assert _faults(late)["/needed"] == "shift_leader"
        [request] = _doc(desks.city, case_id)["requests"]
        [review] = request["reviews"]
        assert (review["role"], review["reviewer"]) == ("dispatcher", "desk-one")
        turn = request["turn"]
        assert (turn["step"], turn["of"], turn["roles"]) == (2, 2, ["shift_leader"])
        since, at, asked = (datetime.fromisoformat(one) for one in (
            turn["since"], review["at"], request["asked_at"]))
        assert since == at > asked
        assert request["reason_zh"] == "不属于本单位职责"
        assert _done(leader, case_id, "request-decision", **answer)["status"] == "pending_dispatch"

    until(desks.district, case_id, "the end", lambda one: one["duty"]["ended"] == "returned")
    gone = _post(desks.city, case_id, "request-decision", **answer)
    assert (gone.status_code, gone.json()["code"]) == (409, "case.wrong_status")


def test_an_extension_moves_the_deadline_at_both_ends(desks: Desks) -> None:
    case_id = desks.held()
    was = _doc(desks.city, case_id)["assignment"]["limits"]["finish_by"]
    request_id = desks.asked(case_id, "extension")
    [asked] = _doc(desks.city, case_id)["requests"]
    assert asked["deadline"] == was
    key = {"Idempotency-Key": token_hex(8)}
    body = {"request_id": request_id, "granted": True, "text": "同意"}
    address = f"/api/v1/cases/{case_id}/request-decision"

    first = desks.city.post(address, json=body, headers=key)
    again = desks.city.post(address, json=body, headers=key)

    assert (first.status_code, again.json()["repeated"]) == (200, True)
    now = _doc(desks.city, case_id)["assignment"]["limits"]["finish_by"]
    assert datetime.fromisoformat(now) > datetime.fromisoformat(was)
    assert asked["would_end"] == now
    until(desks.district, case_id, "the new deadline",
          lambda one: one["duty"]["limits"]["finish_by"] == now)


def test_a_refusal_leaves_everything_as_it_was(desks: Desks) -> None:
    case_id = desks.held()
    request_id = desks.asked(case_id, "extension")

    _done(desks.city, case_id, "request-decision", request_id=request_id, granted=False,
          text="不同意")

    found = until(desks.district, case_id, "the answer", lambda one: not one["requests"])
    assert found["duty"]["extension_count"] == 0
    assert _doc(desks.city, case_id)["refusal_count"] == 1


def test_a_suspension_stops_the_clock_until_a_person_lets_it_run(desks: Desks) -> None:
    case_id = desks.held()
    endless = _post(desks.district, case_id, "request", kind="suspension", reason_code="x",
                    text="等待")
    assert (endless.status_code, endless.json()["code"]) == (422, "approval.no_end")
    request_id = desks.asked(case_id, "suspension", "removal", wanted_until=_at(days=20))
    _done(desks.city, case_id, "request-decision", request_id=request_id, granted=True)
    until(desks.district, case_id, "the pause",
          lambda one: one["duty"]["suspended_until"] is not None)

    assert _done(desks.city, case_id, "resume", text="条件已具备")["status"] == "dispatched"

    until(desks.district, case_id, "the clock", lambda one: one["duty"]["suspended_until"] is None)
    again = _post(desks.city, case_id, "resume", text="再次")
    assert (again.status_code, again.json()["code"]) == (409, "case.wrong_status")


def test_an_appeal_is_upheld_by_two_people(desks: Desks) -> None:
    early = desks.held()
    assert "appeal" not in _doc(desks.district, early)["askable"]
    refused = _post(desks.district, early, "request", kind="appeal", reason_code="x", text="x")
    assert (refused.status_code, refused.json()["code"]) == (409, "approval.not_overdue")
    case_id = desks.held(finish_by=_at(days=-1))
    assert _doc(desks.district, case_id)["askable"] == ["return", "suspension", "void", "appeal"]
    request_id = desks.asked(case_id, "appeal", "weather")
    answer = {"request_id": request_id, "granted": True, "text": "暴雨停工"}

    first = _done(desks.city, case_id, "request-decision", **answer)
    same = _post(desks.city, case_id, "request-decision", **answer)
    with _with_roles(desks.above, "shift_leader") as other:
        _done(other, case_id, "request-decision", **answer)

    assert first["repeated"] is False
    assert (same.status_code, same.json()["code"]) == (403, "approval.same_reviewer")
    assert _doc(desks.city, case_id)["exempt"] is True
    until(desks.district, case_id, "the exemption", lambda one: one["exempt"])


def test_what_exceeds_our_own_limits_is_passed_up_and_answered_from_above(desks: Desks) -> None:
    case_id = desks.held()
    limits = _doc(desks.district, case_id)["duty"]["limits"]
    _done(desks.district, case_id, "dispatch", to=f"node:{STREET}",
          limits={"finish_by": limits["finish_by"]})
    until(desks.street, case_id, "the order", lambda _: True)
    later = datetime.fromisoformat(limits["finish_by"]) + timedelta(days=1)
    _done(desks.street, case_id, "request", kind="extension", reason_code="other",
          text="管线改迁", wanted_until=later.isoformat())
    [request] = until(desks.district, case_id, "the street's request",
                      lambda one: bool(one["requests"]))["requests"]
    body = {"request_id": request["request_id"]}

    beyond = _post(desks.district, case_id, "request-decision", granted=True, **body)
    assert (beyond.status_code, beyond.json()["code"]) == (409, "approval.beyond_limits")
    _done(desks.district, case_id, "pass-up", text="转报市中心", **body)
    twice = _post(desks.district, case_id, "pass-up", **body)
    waits = _post(desks.district, case_id, "request-decision", granted=True, **body)
    assert twice.status_code == 409, twice.text
    assert (waits.status_code, waits.json()["code"]) == (409, "approval.passed_up")
    [above] = until(desks.city, case_id, "the district's request",
                    lambda one: bool(one["requests"]))["requests"]
    assert above["text"] == "转报市中心"
    _done(desks.city, case_id, "request-decision", request_id=above["request_id"], granted=True)

    found = until(desks.street, case_id, "the answer", lambda one: not one["requests"])
    assert found["duty"]["extension_count"] == 1
    assert datetime.fromisoformat(found["duty"]["limits"]["finish_by"]) > (
        datetime.fromisoformat(limits["finish_by"]))


def test_only_the_filing_office_voids_and_a_return_is_decided_here(desks: Desks) -> None:
    case_id = desks.held()
    _done(desks.district, case_id, "dispatch", to=f"node:{STREET}", limits={})
    until(desks.street, case_id, "the order", lambda _: True)
    _done(desks.street, case_id, "request", kind="void", reason_code="false_report", text="误报")
    [request] = until(desks.district, case_id, "the street's request",
                      lambda one: bool(one["requests"]))["requests"]

    refused = _post(desks.district, case_id, "request-decision",
                    request_id=request["request_id"], granted=True)
    assert (refused.status_code, refused.json()["code"]) == (403, "approval.filing_office")
    _done(desks.district, case_id, "pass-up", request_id=request["request_id"])
    [above] = until(desks.city, case_id, "the district's request",
                    lambda one: bool(one["requests"]))["requests"]
    voided = _done(desks.city, case_id, "request-decision", request_id=above["request_id"],
                   granted=True, text="核实为误报")

    assert voided["status"] == "voided"
    until(desks.street, case_id, "the end", lambda one: one["duty"]["ended"] == "voided")

    other = desks.held()
    _done(desks.district, other, "dispatch", to=f"node:{STREET}", limits={})
    until(desks.street, other, "the order", lambda _: True)
    _done(desks.street, other, "request", kind="return", reason_code="not_ours", text="不属本街")
    [asked] = until(desks.district, other, "the return",
                    lambda one: bool(one["requests"]))["requests"]
    here = _post(desks.district, other, "pass-up", request_id=asked["request_id"])
    assert (here.status_code, here.json()["code"]) == (422, "approval.decided_here")


def test_press_and_supervision_reach_whoever_has_it_and_the_answer_comes_back(
    desks: Desks,
) -> None:
    case_id = desks.held()

    _done(desks.city, case_id, "press", text="请加快")
    _done(desks.city, case_id, "supervise", text="请说明", reply_by=_at(days=1), kind="important")

    found = until(desks.district, case_id, "both", lambda one: bool(
        one["press_count"] and one["supervisions"]))
    [owed] = found["supervisions"]
    assert (owed["kind"], owed["text"]) == ("important", "请说明")
    _done(desks.district, case_id, "reply", supervision_id=owed["supervision_id"], text="明日办结")
    until(desks.city, case_id, "the answer", lambda one: all(
        every["replied"] for every in one["supervisions"]))


@pytest.mark.parametrize(("verb", "body", "ended"), [
    ("force-close", {"text": "会议决定"}, "closed"), ("void", {"reason": "误报"}, "withdrawn"),
])
def test_whoever_works_is_called_back_at_a_forced_end(
    desks: Desks, verb: str, body: dict[str, str], ended: str
) -> None:
    case_id = desks.held()

    below = _post(desks.district, case_id, verb, **body)
    assert below.status_code in (403, 409), below.text
    _done(desks.city, case_id, verb, **body)

    until(desks.district, case_id, "the end", lambda one: one["duty"]["ended"] == ended)
