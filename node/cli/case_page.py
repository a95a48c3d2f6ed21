"""One case on a terminal: what it is, where it stands, what waits in it, what may be tried."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any, Final

from node.cli import lines
from node.cli.names import CALL_STATES, LIGHTS, POSTS, ROLES, RUNGS
from node.cli.speech import Speech
from node.service.case_words import (
    LEVELS,
    MATTERS,
    OUTCOMES,
    POSITIONS,
    RANKS,
    REQUESTS,
    VERBS,
    WHYS,
)
from node.service.fund import yuan

TYPED: Final[dict[str, str]] = {
    "request": "ask", "request-decision": "decide", "resume-case": "resume",
    "start-check": "check", "start-verify": "verify", "reopen-decision": "decide-reopen",
    "coordination": "coordinate", "coordination-decision": "coordination-decide",
    "join-problem": "problem-add", "leave-problem": "problem-remove",
    "proxy-repair": "repair", "dispute-decision": "dispute-decide", "handler": "assign",
}
"""Verbs of a document whose command is called otherwise: a clerk types what the screen says."""
PROBLEM_SHOWN: Final = 8
"""Cases of a joint problem on the page of one of them; ``wanmi case problem`` lists all."""


def draw(speech: Speech, document: dict[str, Any]) -> None:
    """The whole document, a line for each thing that a person might answer."""
    facts = document["facts"] or {}
    speech.say(f"{document['case_no']}  {speech.status(document['status'])}  "
               f"v{document['version']}  {document['case_id']}")
    place = facts.get("place", {})
    speech.say(f"{place.get('area', '')} {place.get('address', '')}  {facts.get('text', '')}")
    _origin(speech, document, facts)
    _ending(speech, document, facts)
    for one in document["assignments"]:
        speech.say("  " + speech.t(
            "case.said.to", assignee=one["assignee"], generation=one["generation"],
            rank=speech.named(one["ended"] or one["rank"], RANKS),
            finish_by=speech.time(one["limits"]["finish_by"]),
        ))
    if document.get("exempt"):
        speech.say("  " + speech.t("case.said.exempt"))
    handler = document.get("handler")
    if handler:
        speech.say("  " + speech.t(
            "case.said.handled" if handler["over"] else "case.said.handler",
            name=handler["name"], by=handler["by"], since=speech.time(handler["since"])))
        if handler["note"]:
            speech.say("    " + handler["note"])
    for clock in document["clocks"]:
        if clock["kind"] != "step" or clock["ended_at"] is None:
            speech.say("  " + clock_line(speech, clock))
    for bond in document["bonds"]:
        speech.say("  " + speech.t("case.said.bond", neighbour=bond["neighbour"],
                                   sentence=bond["sentence"] or bond["state"]))
    for unit in document.get("standby", ()):
        standby_lines(speech, unit)
    for flag in document.get("flags", ()):
        _flag(speech, flag)
    _kin(speech, document)
    _passing(speech, document, facts)
    _waiting(speech, document)
    call_lines(speech, document.get("calls", ()))
    for part in document.get("parts", ()):
        speech.say("  " + speech.t(
            "case.said.part", case_no=part["case_no"] or part["case_id"],
            status=speech.status(part["status"])))
    _verbs(speech, document["verbs"])


def draw_course(speech: Speech, entries: list[dict[str, Any]]) -> None:
    """What happened, an entry a line: when, where, who, what; below it the words."""
    if not entries:
        speech.say(speech.t("list.empty"))
    for entry in entries:
        who = entry["who"] if entry["who"] != entry["office"] else ""
        what = entry["event_type"] if speech.language == "en" else entry["step"]
        speech.say("  ".join(filter(None, (
            speech.time(entry["occurred_at"]), entry["office"], who, what))))
        words = entry["event"].get("text", "") if speech.language == "en" else entry["words"]
        for line in lines.laid(words.split("；"), lines.width(), indent=4) if words else ():
            speech.say(line)


def _verbs(speech: Speech, verbs: list[str]) -> None:
    """What may be tried, as it is typed; verbs of one command stand together."""
    typed: dict[str, list[str]] = {}
    for verb in verbs:
        typed.setdefault(TYPED.get(verb, verb), []).append(VERBS.get(verb, verb))
    pieces = list(typed) if speech.language == "en" else [
        f"{'、'.join(names)} {command}" for command, names in typed.items()]
    speech.say("  " + speech.t("case.said.verbs", verbs="" if pieces else "-").rstrip())
    for line in lines.laid(pieces, lines.width(), indent=4):
        speech.say(line)


def _origin(speech: Speech, document: dict[str, Any], facts: dict[str, Any]) -> None:
    """What kind of problem, from where, and which other cases it has to do with."""
    named = source_names(speech, document)
    category, place = facts.get("category") or {}, facts.get("place") or {}
    details = facts.get("source_details") or {}
    pieces = [
        speech.t("case.said.class", name=category.get("name") or "-", code=category.get("code", ""),
                 standard=category.get("standard_ref", "")),
        speech.t("case.said.source", source=named.get("", facts.get("source")) or "-"),
        *(f"{named.get(key, key)} {value}" for key, value in details.items()),
    ]
    if place.get("grid"):
        pieces.append(speech.t("case.said.grid", grid=place["grid"]))
    if document.get("photos"):
        pieces.append(speech.t("case.said.photos", count=len(document["photos"])))
    if document.get("no_owner"):
        pieces.append(speech.t("case.said.no_owner"))
    if document.get("contested"):
        pieces.append(speech.t("case.said.contested"))
    if facts.get("borders") and not document["own"]:  # here its own mark says so
        pieces.append(speech.t("case.said.borders", borders="、".join(facts["borders"])))
    condition = document.get("condition") or {}
    if condition.get("filing"):
        pieces.append(speech.t("case.said.condition", number=condition["condition_no"],
                               text=condition["filing"]))
    for line in lines.laid(pieces, lines.width(), indent=2):
        speech.say(line)
    kin = [
        ("case.said.duplicate", document.get("duplicates") or []),
        ("case.said.similar", document.get("similar") or []),
        ("case.said.lead", [document.get("lead")]),
    ]
    for key, cases in kin:
        for other in filter(None, cases):
            speech.say("  " + speech.t(key, case_no=other.get("case_no") or other["case_id"],
                                       status=speech.status(other.get("status") or "-")))


def source_names(speech: Speech, document: dict[str, Any]) -> dict[str, str]:
    """The case's source under "" and its details by key, in words; what is not listed any more
    has none."""
    tongue = "en" if speech.language == "en" else "zh"
    listed = document.get("sources") or {"sources": (), "classes": ()}
    names = {row["key"]: row[tongue] for one in listed["classes"] for row in one["details"]}
    for one in listed["sources"]:
        if one["code"] == document["facts"].get("source"):
            names |= {"": one[tongue], **{row["key"]: row[tongue] for row in one["details"]}}
    return names


STANDS_BY = frozenset({
    "reported", "verifying", "pending_filing", "pending_dispatch", "dispatched", "handling",
    "suspended", "held"})
"""Where an urgent case still needs whoever stands by."""


def standby_lines(speech: Speech, unit: dict[str, Any]) -> None:
    """Crew, phone and plans of a unit, a line for each: they are read out over a phone."""
    speech.say("  " + speech.t("case.said.standby", name=unit["name"],
                               phone=unit["duty_phone"] or "-", crew=unit["crew"] or "-"))
    for plan in unit["plans"]:
        where = plan["place"] or (plan["digest"] and f"/photos/{plan['digest']}") or "-"
        speech.say("    " + speech.t("case.said.plan", title=plan["title"], where=where))


def _ending(speech: Speech, document: dict[str, Any], facts: dict[str, Any]) -> None:
    """What must be true at the end, what a feedback must show, and what the present one says."""
    if facts.get("closing"):
        speech.say("  " + speech.t("case.said.closing", closing=facts["closing"]))
    wanted = [speech.named(role, ROLES) for role in facts.get("wanted", {}).get("photos", ())]
    if facts.get("closing") and facts["wanted"]["closing"]:
        wanted.append(speech.t("case.said.closing_named"))
    if wanted and document["status"] in ("held", "dispatched", "handling"):
        speech.say("  " + speech.t("case.said.wanted", wanted="、".join(wanted)))
    result = document.get("result")
    if result:
        speech.say("  " + speech.t("case.said.result", result=result["result"],
                                   count=len(result["photos"])))
        if result.get("closing"):
            speech.say("  " + speech.t("case.said.closing_met", closing=result["closing"]))
    climbed = (document.get("assignment") or {}).get("climbed")
    if climbed and document["assignment"]["rank"] == "offered":
        speech.say("  " + speech.t(
            "case.said.climbed", since=speech.time(climbed["since"]),
            post=speech.named(climbed["post"], RUNGS), name=climbed["name"] or "-"))
    lacking = (document.get("assignment") or {}).get("lacks", ())
    if lacking:
        speech.say("  " + speech.t("case.said.lacks", lacks="、".join(
            speech.named(one, ROLES) for one in lacking)))


def _flag(speech: Speech, flag: dict[str, Any]) -> None:
    """A mark of the report: a note, a doubt that waits, or one that somebody looked at."""
    if not flag["kind"].startswith("photo_"):
        speech.say("  " + speech.t("case.flag", **flag))
    elif flag["confirmed"] is None:
        _entry(speech, "case.doubt", "--ref", flag["ref"], flag)
    else:
        key = "case.doubt.confirmed" if flag["confirmed"] else "case.doubt.dismissed"
        speech.say("  " + speech.t(key, **flag))


def _kin(speech: Speech, document: dict[str, Any]) -> None:
    """The cases that it goes on in or comes from, and why it was taken up again."""
    of, on = document.get("duplicate_of"), document.get("goes_on_as")
    if of:
        _related(speech, "case.said.duplicate_of", of)
    if on and of and on["case_id"] != of["case_id"]:
        _related(speech, "case.said.goes_on_as", on)
    reopens = document.get("reopens")
    if reopens:
        _related(speech, "case.said.reopens", reopens)
        if document.get("opened_why"):
            speech.say("  " + speech.t("case.said.reopen_why", text=document["opened_why"]))
    asked, again = document.get("reopening"), document.get("reopened_as")
    if again:
        _related(speech, "case.said.reopened_as", again)
    if asked and asked["text"]:
        key = {None: "case.said.reopen_asked", True: "case.said.reopen_why",
               False: "case.said.reopen_refused"}[asked["granted"]]
        speech.say("  " + speech.t(key, text=asked["text"]))


def _related(speech: Speech, key: str, kin: dict[str, Any]) -> None:
    speech.say("  " + speech.t(key, case_no=kin["case_no"] or kin["case_id"],
                               status=speech.status(kin["status"])))


def call_lines(speech: Speech, calls: Iterable[dict[str, Any]]) -> None:
    """Calls about the case, newest first: what was said and what was answered."""
    for one in calls:
        speech.say("  " + speech.t(
            "case.said.call", call_no=one["call_no"],
            kind=one["kind_en" if speech.language == "en" else "kind_zh"],
            state=speech.named(one["state"], CALL_STATES), at=speech.time(one["received_at"])))
        speech.say("    " + one["words"])
        if one["answer"]:
            speech.say("    " + speech.t("case.said.call_answer", text=one["answer"]))


def _passing(speech: Speech, document: dict[str, Any], facts: dict[str, Any]) -> None:
    """Where it came up from, and what the office above says of what was passed up."""
    origin = facts.get("origin")
    if origin:
        speech.say("  " + speech.t("case.said.origin", **origin))
        if origin["registered_by"] != origin["node"]:
            speech.say("  " + speech.t("case.said.began", node=origin["registered_by"]))
        if document.get("opened_why") and not document.get("reopens"):
            speech.say("    " + document["opened_why"])
    passing = document.get("passing")
    if not passing:
        return
    outcome = passing["outcome"]
    told = speech.named(outcome, OUTCOMES) if outcome else speech.t("case.said.passing_unheard")
    speech.say("  " + speech.t("case.said.passing", outcome=told))
    if passing["case_no"]:
        speech.say("    " + speech.t("case.said.passing_no", case_no=passing["case_no"],
                                     by=passing["said_by"]))
    if passing["words"]:
        speech.say("    " + passing["words"])
    if passing["recalled"] and document["status"] == "passed_up":
        speech.say("  " + speech.t("case.said.recalled"))


def _waiting(speech: Speech, document: dict[str, Any]) -> None:
    """What is open in it, each with the option that names it."""
    for request in document["requests"]:
        key = "case.said.asked" if request["direction"] == "in" else "case.said.we_asked"
        _entry(speech, key, "--request", request["request_id"], {
            **request, "kind": speech.named(request["kind"], REQUESTS),
            "reason_code": _reason(speech, request)})
        _turn(speech, request)
    for late in document.get("late", ()):
        if not late["adopted"]:
            _entry(speech, "case.said.late", "--cause", late["cause"], late)
    for owed in document["supervisions"]:
        if not owed["replied"]:
            _entry(speech, "case.said.owed", "--supervision", owed["supervision_id"], {
                **owed, "kind": speech.named(owed["kind"], WHYS),
                "reply_by": speech.time(owed["reply_by"])})
    for asked in document.get("coordinations", ()):
        _coordination(speech, asked)
    for problem in document.get("problems", ()):
        _problem(speech, problem)
    for contest in document.get("disputes", ()):
        if contest["upheld"] is None:
            ours = contest["assignment_id"] is None
            key = "case.said.dispute_above" if ours else "case.said.dispute"
            _entry(speech, key, "--dispute", contest["dispute_id"], {
                **contest, "reason_code": _reason(speech, contest)})
    for repair in document.get("repairs", ()):
        if repair["outstanding_fen"] > 0:
            _entry(speech, "case.said.repair", "--repair", repair["repair_id"], {
                **repair, "cost": yuan(repair["cost_fen"]),
                "owed": yuan(repair["outstanding_fen"])})
        else:
            speech.say("  " + speech.t("case.said.repaired", **{
                **repair, "cost": yuan(repair["cost_fen"])}))


def _reason(speech: Speech, asked: dict[str, Any]) -> str:
    """The reason by its name, as the list of this office has it, else its code."""
    named = asked.get("reason_en" if speech.language == "en" else "reason_zh")
    return str(named or asked["reason_code"])


def _turn(speech: Speech, request: dict[str, Any]) -> None:
    """Whose turn it is with what waits for us: who agreed already, and who is next."""
    turn = request.get("turn")
    if request["direction"] != "in":
        return
    for one in request.get("reviews", ()):
        speech.say("    " + speech.t(
            "case.said.reviewed", step=one["step"], role=speech.named(one["role"], POSITIONS),
            reviewer=one["reviewer"], at=speech.time(one.get("at"))))
    if request.get("passed_up"):
        speech.say("    " + speech.t("case.said.turn_above"))
    elif turn:
        roles = " / ".join(speech.named(role, POSITIONS) for role in turn["roles"])
        speech.say("    " + speech.t(
            "case.said.turn", step=turn["step"], of=turn["of"], roles=roles,
            since=speech.time(turn["since"])))
        if turn["until"]:
            speech.say("    " + speech.t("case.said.turn_until", until=speech.time(turn["until"])))
        if turn["but"]:
            speech.say("    " + speech.t("case.said.turn_but", names="、".join(turn["but"])))


def _coordination(speech: Speech, asked: dict[str, Any]) -> None:
    """A question that waits, with the rule by which it was put by itself; or who leads."""
    kind = speech.named(asked["kind"] or "", MATTERS)
    if asked["open"]:
        key = "case.said.coordination_above" if asked["upward"] else "case.said.coordination"
        _entry(speech, key, "--coordination", asked["coordination_id"], {
            **asked, "kind": kind, "level": speech.named(asked["level"] or "", LEVELS)})
    elif asked.get("lead"):
        key = "case.said.coordinated" if kind else "case.said.coordinated_above"
        speech.say("  " + speech.t(key, kind=kind, lead=asked["lead"], decider=asked["decider"]))
        if asked["assistants"]:
            speech.say("    " + speech.t("case.said.assist", units="、".join(asked["assistants"])))
        if asked["decision"]:
            speech.say("    " + asked["decision"])
    if asked.get("rule"):
        speech.say("    " + speech.t("case.said.by_rule", rule=asked["rule"]))


def _problem(speech: Speech, problem: dict[str, Any]) -> None:
    """The joint problem that it is part of, and the other cases."""
    speech.say("  " + speech.t("case.said.problem", count=len(problem["cases"])))
    speech.say(f"    {problem['problem_id']}")
    for other in problem["cases"][:PROBLEM_SHOWN]:
        speech.say("    " + speech.t("problem.case", case_no=other["case_no"] or other["case_id"],
                                     status=speech.status(other["status"] or "-")))
    more = len(problem["cases"]) - PROBLEM_SHOWN
    if more > 0:
        speech.say("    " + speech.t("problem.more", count=more))


def _entry(
    speech: Speech, key: str, option: str, name: str, values: dict[str, Any]
) -> None:
    """A sentence, and below it what to type for it: the two would not fit into one line."""
    speech.say("  " + speech.t(key, **values))
    speech.say(f"    {option} {name}")


def clock_line(speech: Speech, clock: dict[str, Any]) -> str:
    """A clock in one line: its light, the time used, and what is left to the minute."""
    english = speech.language == "en"
    post, light = clock["post"], clock["light"]
    if clock["kind"] == "step":
        name = speech.t("clock.step", post=post if english else POSTS.get(post, post))
    elif clock["kind"] == "handling":
        name = speech.t("clock.handling", to=clock["to"])
    else:
        name = speech.t("clock.overall")
    left, rest = clock["left_minutes"], ""
    if clock["on_time"] is not None:
        rest = speech.t("clock.met") if clock["on_time"] else speech.t("clock.missed")
    elif left is not None:
        key = "clock.left" if left >= 0 else "clock.over"
        rest = speech.t(key, left=_span(speech, abs(left)),
                        finish_by=speech.time(clock["finish_by"]))
    return speech.t("clock.line", light=light if english else LIGHTS.get(light, light), name=name,
                    used=_span(speech, clock["used_minutes"]),
                    rest=rest + _contested(speech, clock.get("contested_minutes", 0)))


def _contested(speech: Speech, minutes: int) -> str:
    """How much of the time used passed while it was undecided whose case it is."""
    return speech.t("clock.contested", span=_span(speech, minutes)) if minutes else ""


def _span(speech: Speech, minutes: int) -> str:
    return speech.t("span", hours=minutes // 60, minutes=minutes % 60)
