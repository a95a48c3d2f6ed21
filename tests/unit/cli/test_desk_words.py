"""What a clerk reads and types at a case: Chinese throughout, and nothing to look up elsewhere."""

from __future__ import annotations

import ast
import http.server
import json
import threading
import unicodedata
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from typer.testing import CliRunner, Result

from node.cli import app, names, texts
from node.cli.speech import Exit
from node.core.facts import Ending, Rank, RequestKind
from node.edge.http.routes.verbs import PATHS
from node.service import case_words

CASE = "01a21495-19f2-748a-82c3-fef2a8867da4"
SUPERVISION = "01a21497-6e2c-7351-80de-bdaf2b26db50"
FOLDER = Path(texts.__file__).parent


class Desk:
    """A node that knows one case: what it answers, and what was posted to it."""

    def __init__(self) -> None:
        self.case: dict[str, Any] = {
            "case_id": CASE, "case_no": "4202002026112600001", "status": "held", "version": 6,
            "facts": {"place": {"area": "420203", "address": "颐阳路12号"}, "text": "暴露垃圾"},
            "assignments": [{"assignee": "node:420203", "generation": 1, "ended": None,
                             "rank": "signed", "limits": {"finish_by": None}}],
            "clocks": [], "bonds": [], "requests": [], "supervisions": [],
            "suspended_until": None,
            "verbs": ["no-owner", "proxy-repair"],
        }
        self.proposal: dict[str, Any] = {}
        self.standby: list[dict[str, Any]] = []
        self.refusal: dict[str, Any] = {}
        self.posted: list[tuple[str, Any]] = []


@pytest.fixture
def desk() -> Iterator[tuple[Desk, str]]:
    known = Desk()

    class Handler(http.server.BaseHTTPRequestHandler):
        def _answer(self, document: object) -> None:
            refused = self.command == "POST" and known.refusal
            body = json.dumps(known.refusal if refused else document).encode()
            self.send_response(422 if refused else 200)
            self.send_header(
                "Content-Type", "application/problem+json" if refused else "application/json")
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)

        def do_GET(self) -> None:
            if self.path.endswith("/standby"):
                self._answer(known.standby)
                return
            if self.path.endswith("/sources"):
                self._answer({"sources": [], "classes": []})
                return
            self._answer(known.proposal if self.path.endswith("/proposal") else known.case)

        def do_POST(self) -> None:
            body = self.rfile.read(int(self.headers["Content-Length"]))
            known.posted.append((self.path, json.loads(body)))
            self._answer(known.case)

        def log_message(self, *args: object) -> None:
            """Silent: the tests read what the command says."""

    server = http.server.HTTPServer(("127.0.0.1", 0), Handler)
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01})
    thread.start()
    try:
        yield known, f"http://127.0.0.1:{server.server_address[1]}"
    finally:
        server.shutdown()
        thread.join(5)
        server.server_close()


def run(url: str, *args: str) -> Result:
    return CliRunner().invoke(app, [*args, "--lang", "zh"], env={
        "WANMI_TOKEN": "t", "WANMI_URL": url, "WANMI_HOME": "", "COLUMNS": "200"})


def _supervision(number: str, *, replied: bool = False) -> dict[str, Any]:
    return {"supervision_id": number, "reply_by": "2026-11-27T02:00:00+00:00", "text": "请说明",
            "replied": replied, "reply": "", "overdue": False, "kind": "leader"}


def test_a_case_shows_the_supervision_that_waits_for_an_answer(desk: tuple[Desk, str]) -> None:
    known, url = desk
    known.case["supervisions"] = [_supervision(SUPERVISION), _supervision("old", replied=True)]

    said = run(url, "case", "show", CASE).stdout

    assert "督办待回复（领导），2026-11-27 10:00 前：请说明" in said
    assert f"    --supervision {SUPERVISION}\n" in said
    assert "old" not in said


def test_the_only_supervision_is_answered_without_naming_it(desk: tuple[Desk, str]) -> None:
    known, url = desk
    known.case["supervisions"] = [_supervision(SUPERVISION), _supervision("old", replied=True)]

    result = run(url, "case", "reply", CASE, "--text", "已安排")

    assert result.exit_code == 0, result.stderr
    assert [body["supervision_id"] for _, body in known.posted] == [SUPERVISION]


def test_of_several_supervisions_one_is_to_be_named(desk: tuple[Desk, str]) -> None:
    known, url = desk
    known.case["supervisions"] = [_supervision(SUPERVISION), _supervision("second")]

    result = run(url, "case", "reply", CASE, "--text", "已安排")

    assert result.exit_code == Exit.USAGE
    assert "--supervision" in result.stderr
    assert "second" in result.stderr
    assert not known.posted


def test_nothing_to_answer_is_said_as_that(desk: tuple[Desk, str]) -> None:
    _, url = desk

    reply = run(url, "case", "reply", CASE, "--text", "已安排")
    decide = run(url, "case", "decide", CASE, "--grant")

    assert (reply.exit_code, decide.exit_code) == (Exit.REFUSED, Exit.REFUSED)
    assert "没有待回复的督办" in reply.stderr
    assert "没有待审批的申请" in decide.stderr


def test_a_case_speaks_chinese_of_ranks_requests_and_verbs(desk: tuple[Desk, str]) -> None:
    known, url = desk
    known.case["requests"] = [{"kind": "extension", "reason_code": "weather", "text": "下雨",
                               "request_id": "r1", "direction": "in"}]

    said = run(url, "case", "show", CASE).stdout

    assert "已签收" in said
    assert "待审批 延期（weather）下雨" in said
    assert "无责任主体 no-owner" in said
    assert "signed" not in said


def test_a_proposal_is_shown_with_its_reason(desk: tuple[Desk, str]) -> None:
    known, url = desk
    known.proposal = {"assignee": "node:420203", "reason": "权责清单确定",
                      "candidates": ["node:420203"], "over": [], "assistants": []}

    said = run(url, "case", "proposal", CASE).stdout

    assert "建议派给 node:420203" in said
    assert "权责清单" in said


def test_a_photo_that_is_not_there_is_told_in_chinese_with_what_to_do(
    desk: tuple[Desk, str]
) -> None:
    _, url = desk

    told = run(url, "case", "ask", CASE, "return", "--reason", "r", "--text", "t", "--photo",
               "nowhere.jpg").stderr

    assert "读不了 nowhere.jpg：没有这个文件" in told
    assert "处理办法：核对文件名" in told


def test_a_refusal_does_not_repeat_below_what_its_sentence_says(desk: tuple[Desk, str]) -> None:
    known, url = desk
    known.refusal = {
        "code": "intake.detail_missing", "title": "不符合规则", "remedy": "修改后重新提交",
        "detail": "来源“媒体曝光”必须填写“媒体名称”（outlet）", "request_id": "",
        "errors": [{"pointer": "/field", "code": "intake.detail_missing", "detail": "outlet"},
                   {"pointer": "/field_name_en", "code": "intake.detail_missing",
                    "detail": "outlet of the report"},
                   {"pointer": "/source", "code": "intake.detail_missing", "detail": "media"},
                   {"pointer": "/source_name_zh", "code": "intake.detail_missing",
                    "detail": "媒体曝光"},
                   {"pointer": "/more", "code": "intake.detail_missing", "detail": "unsaid"}],
    }

    told = run(url, "case", "sign", CASE).stderr

    assert "/field" not in told
    assert "/source" not in told
    assert "/more: unsaid" in told


def test_every_verb_a_case_may_offer_has_a_chinese_name() -> None:
    assert set(PATHS.values()) - {""} - set(case_words.VERBS) == set()


def test_every_rank_ending_and_request_has_a_chinese_name() -> None:
    ranks = {rank.name.lower() for rank in Rank} | {str(ending) for ending in Ending}
    assert ranks - set(case_words.RANKS) == set()
    assert {str(kind) for kind in RequestKind} - set(case_words.REQUESTS) == set()


def test_the_ledger_says_beijing_time_and_why_in_chinese(desk: tuple[Desk, str]) -> None:
    known, url = desk
    known.case = {"next": "", "items": [{
        "case_no": "4202002026112600007", "why": "suspended", "reason": "等料",
        "since": "2026-11-25T21:32:32.916491Z", "until": "2026-12-01T10:00:00+08:00",
        "age_days": 0, "days_late": 0, "holder": "", "owed": 0,
        "last": {"at": "2026-11-25T21:32:32.916491+00:00"}}]}

    said = run(url, "case", "ledger").stdout

    assert "11-26 05:32" in said
    assert "12-01 10:00" in said
    assert "挂账" in said
    assert "suspended" not in said
    assert "T21" not in said


def test_a_notice_is_read_as_a_line_with_its_text_below(desk: tuple[Desk, str]) -> None:
    known, url = desk
    text = "贵单位转来的“占道经营”问题（4202002026112600006，颐阳路12号）已作废：重复。黄石市"
    known.case = {"next": "", "items": [{
        "id": "n1", "case_no": "4202002026112600006", "kind": "voided", "recipient": "市政府",
        "channel": "letter", "state": "pending", "text": text}]}

    said = run(url, "notice", "list").stdout

    assert "4202002026112600006  作废  告知 市政府（函件）待回告  n1" in said
    assert text in said.splitlines()[1]


def test_every_kind_of_notice_has_a_chinese_name() -> None:
    import tomllib
    from importlib.resources import files

    words = tomllib.loads((files("node.standards") / "notices.toml").read_text(encoding="utf-8"))
    assert set(words["text"]) - {"body"} - set(names.NOTICES) == set()


def test_every_column_of_a_table_has_a_chinese_heading() -> None:
    bare = []
    for path in sorted(FOLDER.glob("*.py")):
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            if not (isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute)
                    and node.func.attr == "table" and isinstance(node.args[0], ast.Tuple)):
                continue
            bare += [f"{path.name}:{node.lineno} {one.value}" for one in node.args[0].elts
                     if isinstance(one, ast.Constant) and one.value not in names.HEADINGS]
    assert bare == []


def test_a_case_lists_what_is_open_in_it_within_eighty_columns(desk: tuple[Desk, str]) -> None:
    known, url = desk
    number = "01a21497-6e2c-7351-80de-bdaf2b26db5"
    known.case["requests"] = [
        {"kind": "return", "reason_code": "not_ours", "text": "产权属物业",
         "request_id": f"{number}1", "direction": "in"},
        {"kind": "extension", "reason_code": "weather", "text": "连日下雨",
         "request_id": f"{number}2", "direction": "out"},
    ]
    known.case["coordinations"] = [
        {"coordination_id": f"{number}3", "open": True, "upward": False, "kind": "boundary",
         "level": "committee", "text": "两区交界"},
        {"coordination_id": f"{number}4", "open": False, "upward": False, "kind": "policy",
         "level": "committee", "text": "旧"},
    ]
    known.case["disputes"] = [{"dispute_id": f"{number}5", "upheld": None, "assignment_id": "a",
                               "reason_code": "not_ours", "text": "不属本单位"}]
    known.case["repairs"] = [{"repair_id": f"{number}6", "outstanding_fen": 358_000,
                              "cost_fen": 400_000, "payer": "黄石电信", "performer": "抢修队",
                              "text": ""}]
    known.case["parts"] = [{"case_id": "p", "case_no": "4202002026112600002",
                            "status": "dispatched"}]

    said = run(url, "case", "show", CASE).stdout

    for words in ("待审批 回退（not_ours）产权属物业",
                  "已申请 延期（weather），等上级答复：连日下雨",
                  "待协调决定 边界不清（委员会）两区交界",
                  "待裁定责任争议（not_ours）不属本单位",
                  "代整治 抢修队 4000.00 元，黄石电信 尚欠 3580.00 元",
                  "协办 4202002026112600002：已派遣待签收"):
        assert words in said
    for option, last in (("request", 1), ("request", 2), ("coordination", 3), ("dispute", 5),
                         ("repair", 6)):
        assert f"    --{option} {number}{last}\n" in said
    assert "旧" not in said
    wide = [line for line in said.splitlines() if _columns(line) > 80]
    assert not wide


def _columns(line: str) -> int:
    """As a terminal counts: a Chinese sign takes two."""
    return sum(2 if unicodedata.east_asian_width(one) in "WF" else 1 for one in line)


def test_an_urgent_case_shows_crew_duty_phone_and_plans(desk: tuple[Desk, str]) -> None:
    known, url = desk
    known.standby = [{"unit_id": "36", "name": "市政公司", "duty_phone": "0714-6350000",
                      "crew": "抢修一队", "plans": [
                          {"title": "管网抢修预案", "digest": "", "place": "值班室柜3"}]}]
    known.proposal = {"assignee": "node:420203", "reason": "权责清单确定", "over": [],
                      "assistants": []}

    calm = run(url, "case", "show", CASE).stdout
    known.case["facts"]["urgent"] = True
    urgent = run(url, "case", "show", CASE).stdout
    proposed = run(url, "case", "proposal", CASE).stdout

    for said in (urgent, proposed):
        assert "  应急 市政公司：值班电话 0714-6350000，队伍 抢修一队\n" in said
        assert "    预案 管网抢修预案：值班室柜3\n" in said
    assert "应急" not in calm


@pytest.mark.parametrize(("until", "given", "verb"), [
    (None, (), "resume"), ("2026-12-20T00:00:00+00:00", (), "resume-case"),
    (None, ("--own",), "resume-case"), ("2026-12-20T00:00:00+00:00", ("--handed-on",), "resume"),
])
def test_what_waits_is_resumed_without_saying_whose_it_is(
    desk: tuple[Desk, str], until: str | None, given: tuple[str, ...], verb: str
) -> None:
    known, url = desk
    known.case["suspended_until"] = until

    result = run(url, "case", "resume", CASE, "--text", "已征收", *given)

    assert result.exit_code == 0, result.stderr
    assert [path.rsplit("/", 1)[1] for path, _ in known.posted] == [verb]


def test_a_part_is_handed_over_in_the_same_breath(desk: tuple[Desk, str]) -> None:
    known, url = desk
    known.case |= {"opened_id": "p1", "opened_no": "4202002026112600002"}

    result = run(url, "case", "part", CASE, "--text", "协助围挡", "--to", "node:420203")
    both = run(url, "case", "part", CASE, "--text", "协助围挡", "--to", "node:1", "--unit", "36")

    assert result.exit_code == 0, result.stderr
    undated = run(url, "case", "part", CASE, "--text", "围挡", "--finish-by", "2026-12-01T18:00")
    [(opened, body)] = known.posted
    assert opened.endswith(f"/cases/{CASE}/part")
    assert body["to"] == "node:420203"
    assert "4202002026112600002" in result.stderr
    assert both.exit_code == undated.exit_code == Exit.USAGE


def test_a_request_says_whose_turn_it_is_since_when_and_its_reason_by_name(
    desk: tuple[Desk, str]
) -> None:
    known, url = desk
    known.case["requests"] = [{
        "request_id": "r1", "kind": "return", "direction": "in", "neighbour": "node:420203",
        "reason_code": "not_ours", "reason_zh": "不属于本单位职责", "reason_en": "not ours",
        "text": "属公路局管养", "passed_up": "",
        "reviews": [{"step": 1, "role": "dispatcher", "reviewer": "派遣台",
                     "at": "2026-11-26T01:30:00+00:00"}],
        "turn": {"step": 2, "of": 2, "roles": ["shift_leader"], "but": [],
                 "since": "2026-11-26T01:30:00+00:00", "until": "2026-11-27T10:00:00+00:00"},
    }]

    shown = run(url, "case", "show", CASE, "--lang", "zh").stdout

    assert "待审批 回退（不属于本单位职责）属公路局管养" in shown
    assert "第 1 级已同意：派遣员 派遣台（2026-11-26 09:30）" in shown
    assert "现待第 2 级（共 2 级）：值班长，自 2026-11-26 09:30 起" in shown
    assert "办结时限 2026-11-27 18:00" in shown


def test_an_upheld_appeal_is_shown_on_the_case(desk: tuple[Desk, str]) -> None:
    known, url = desk
    known.case["exempt"] = True

    assert "申诉成立：本案超期不计入考核" in run(url, "case", "show", CASE, "--lang", "zh").stdout
