"""Who may do what to which case: the shipped roles as a table, and the rule over all of it."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from node.core.approvals import FORCED_CLOSE
from node.core.errors import Refused
from node.core.rights import CALL_VERBS, DUTY_VERBS, OWN_VERBS
from node.core.roles import (
    ALL,
    WHOLE,
    CaseAt,
    Ceiling,
    Person,
    Reach,
    Scope,
    combined,
    covers,
    may,
    permit,
)
from node.main.profiles import roles_named
from node.service.approvals import read_approvals

POSTS = roles_named("standard", home=Path())
BOOK = POSTS.book
VERBS = OWN_VERBS | DUTY_VERBS | CALL_VERBS

MAY = {
    "collector": "OpenCase RecordVerify SelfHandle PassCheck FailCheck",
    "intake_operator": "OpenCase Accept NotAccept StartVerify RecordVerify StartCheck SettleDoubt "
        "GiveSatisfaction AskReopen TellReporter PassUpCase RecallCase RecordCall HandCall "
        "AnswerCall LinkCall",
    "shift_leader": "File Decline Close ForceClose VoidCase DecideReopen Transfer TakeBack "
        "StartCheck PassCheck FailCheck DecideRequest PassUpRequest SettleDoubt PassUpCase "
        "RecallCase ReplySupervision",
    "duty_officer": "",
    "dispatcher": "Dispatch AdoptLate DecideRequest PassUpRequest WithdrawAssignment "
        "ResumeAssignment SuspendCase ResumeCase PressAssignee SuperviseAssignee OpenPart "
        "MarkNoOwner AskCoordination DecideDispute RecordProxyRepair RecordRecovery "
        "ReplySupervision",
    "unit_clerk": "Sign Progress FeedBack AskRequest AskCoordination RaiseDispute "
        "ReplySupervision AssignHandler",
    "handler": "Progress",
    "section_head": "DecideRequest PassUpRequest",
    "centre_head": "DecideRequest PassUpRequest DecideDispute WithdrawAssignment PressAssignee "
        "SuperviseAssignee ReplySupervision AskCoordination DecideCoordination JoinProblem "
        "LeaveProblem FailCheck Close ForceClose SuspendCase ResumeCase",
    "main_leader": "DecideRequest",
    "supervisor": "SuperviseAssignee",
    "evaluator": "",
    "committee_secretary": "DecideCoordination JoinProblem LeaveProblem",
    "administrator": "",
    "security_admin": "",
    "auditor": "",
    "platform_maintainer": "",
}
"""The roles of the trade and the verbs of each; whatever is not here, the role must not do."""


@pytest.mark.parametrize("role", MAY)
def test_a_role_does_these_verbs_and_no_other(role: str) -> None:
    person = Person(name="x", roles=frozenset({role}))

    assert {verb for verb in VERBS if may(BOOK, person, verb)} == set(MAY[role].split())


def test_every_role_is_in_the_table_and_every_verb_is_somebodys() -> None:
    assert set(MAY) == set(BOOK.roles)
    assert set(" ".join(MAY.values()).split()) == VERBS


@pytest.mark.parametrize("rules", [
    "node/approvals/standard.toml", "deploy/examples/huangshi/approvals.toml"])
@pytest.mark.parametrize(("verb", "what"), [
    ("ForceClose", FORCED_CLOSE), ("VoidCase", "void"), ("SuspendCase", "suspension")])
def test_whom_the_rules_of_approval_name_to_decide_holds_the_verb(
    rules: str, verb: str, what: str
) -> None:
    roles = read_approvals(Path(__file__).parents[3] / rules).deciders(what, None)

    assert [one for one in roles
            if may(BOOK, Person(name="x", roles=frozenset({one})), verb)] != []


@pytest.mark.parametrize(("role", "must_not"), [
    ("collector", "File"), ("collector", "Close"), ("collector", "ForceClose"),
    ("shift_leader", "Dispatch"), ("dispatcher", "Close"), ("unit_clerk", "DecideRequest"),
    ("platform_maintainer", "Sign"),
])
def test_what_the_trade_forbids_a_role_is_refused_and_says_who_may(
    role: str, must_not: str
) -> None:
    with pytest.raises(Refused) as error:
        permit(BOOK, Person(name="x", roles=frozenset({role})), must_not)

    assert error.value.code == "right.missing"
    assert error.value.detail["needed"].split(",") == list(BOOK.holders(must_not))
    assert error.value.detail["granting"] == "security_admin"


ADMINS = ("administrator", "security_admin", "auditor", "platform_maintainer")


def test_no_administrator_handles_cases_or_reads_them() -> None:
    for role in ADMINS:
        held = BOOK.roles[role]
        assert not held.verbs
        assert not held.tools & {"read_cases", "list_cases", "reporter", "callers", "photos"}


def test_none_of_the_three_administrators_has_a_tool_of_another() -> None:
    """三员分立."""
    tools = [BOOK.roles[role].tools for role in ("administrator", "security_admin", "auditor")]

    assert not tools[0] & tools[1]
    assert not tools[0] & tools[2]
    assert not tools[1] & tools[2]


@pytest.mark.parametrize("role", ADMINS)
@pytest.mark.parametrize("other", sorted(MAY))
def test_an_administrator_has_no_second_role_while_they_are_separated(
    role: str, other: str
) -> None:
    if role == other:
        assert combined(BOOK, [role]) == (role,)
        return
    with pytest.raises(Refused) as error:
        combined(BOOK, [role, other])
    assert error.value.code == "role.apart"
    relaxed = replace(BOOK, separated=False)
    assert combined(relaxed, [role, other]) == tuple(sorted((role, other)))


AREAS = st.lists(st.sampled_from(["42", "4202", "420203", "420203001", "421000"]), max_size=3)
CODES = st.lists(st.sampled_from(["01", "0101", "02", "01001"]), max_size=2)
UNITS = st.lists(st.sampled_from(["node:A", "node:B", "adapter:C"]), max_size=2)
SCOPES = st.builds(
    lambda a, c, u: Scope(areas=tuple(a), codes=tuple(c), units=tuple(u)), AREAS, CODES, UNITS)
CASES = st.builds(
    lambda a, c, u: CaseAt(area=a, code=c, units=frozenset(u)),
    st.sampled_from(["420203", "420203001001", "421000", "430000", ""]),
    st.sampled_from(["01001", "02003", "03001"]), UNITS)
PEOPLE = st.builds(
    lambda roles, scope: Person(name="x", roles=frozenset(roles), scope=scope),
    st.lists(st.sampled_from(sorted(MAY)), max_size=3), SCOPES)
ACTS = st.sampled_from(sorted(VERBS | set(BOOK.tools)))


def allowed(person: Person, act: str, case: CaseAt | None) -> bool:
    try:
        permit(BOOK, person, act, case)
    except Refused:
        return False
    return True


@given(PEOPLE, ACTS, CASES)
def test_the_rule_is_role_and_scope_and_nothing_else(
    person: Person, act: str, case: CaseAt
) -> None:
    held = any(act in BOOK.roles[one].verbs | BOOK.roles[one].tools for one in person.roles)
    reach = BOOK.reach(act)
    inside = (
        person.scope.is_whole or reach in {Reach.OPEN, Reach.LISTED}
        or (reach is Reach.CASE and covers(person.scope, case)))

    assert allowed(person, act, case) == ((held or act in BOOK.basic) and inside)


@given(PEOPLE, ACTS, CASES)
def test_a_narrower_scope_or_a_narrowed_token_never_allows_more(
    person: Person, act: str, case: CaseAt
) -> None:
    whole = replace(person, scope=WHOLE)
    token = replace(person, acts=frozenset({"Sign", "list_cases"}))

    assert allowed(whole, act, case) or not allowed(person, act, case)
    assert allowed(person, act, case) or not allowed(token, act, case)
    if allowed(token, act, case):
        assert act in {"Sign", "list_cases"} | BOOK.basic


@given(SCOPES, CASES)
def test_an_empty_part_of_a_scope_leaves_nothing_out(scope: Scope, case: CaseAt) -> None:
    assert covers(WHOLE, case)
    assert covers(scope, case) == (
        covers(Scope(areas=scope.areas), case) and covers(Scope(codes=scope.codes), case)
        and covers(Scope(units=scope.units), case))


def test_the_ceiling_of_a_session_is_the_highest_of_its_roles() -> None:
    assert BOOK.ceiling([]) is Ceiling.READ
    assert BOOK.ceiling(["unit_clerk"]) is Ceiling.OPERATE
    assert BOOK.ceiling(["unit_clerk", "evaluator"]) is Ceiling.ADMIN
    assert BOOK.ceiling([ALL]) is Ceiling.ADMIN


@pytest.mark.parametrize(("before", "after", "problem"), [
    ('["Accept"]', '["NoVerb"]', "there is no verb NoVerb"),
    ('first = ["security_admin"]', 'first = ["evaluator"]',
     "whoever comes first has to have accounts"),
    ('basic = ["own"]', 'basic = ["nothing"]', "there is no tool nothing"),
    ('"health", "system", "base_data"', '"hearth"', "there is no tool hearth"),
    ('operations = ["listAudit", ', 'operations = ["listCases", ', "listCases stands in"),
])
def test_a_file_that_contradicts_itself_is_refused(
    tmp_path: Path, before: str, after: str, problem: str
) -> None:
    shipped = (Path(__file__).parents[3] / "node" / "roles" / "standard.toml").read_text("utf-8")
    assert before in shipped
    own = tmp_path / "own.toml"
    own.write_text(shipped.replace(before, after), encoding="utf-8")

    with pytest.raises(ValueError, match=problem):
        roles_named(str(own), home=tmp_path)
