"""``wanmi case problems``, ``problem``, ``problem-add``, ``problem-remove`` and ``problem-decide``:
several cases treated as one problem (综合治理)."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Annotated, Any, Final

import typer

from node.cli.cases import CaseName, Key, group
from node.cli.session import Session, command
from node.cli.speech import Speech
from node.cli.verbs import done
from node.service.case_words import LEVELS, MATTERS

STANDS: Final = {
    "": "problem.open", "above": "problem.above", "decided": "problem.decided",
    "over": "problem.over",
}
"""How a case stands in its problem."""
ProblemName = Annotated[str, typer.Argument(
    help="综合问题编号，见 wanmi case problems (as listed)", show_default=False)]
Text = Annotated[str, typer.Option(help="文字说明 (in words)")]


@command(group, "problems", "综合问题一览，先提请的在前 (joint problems, the oldest first)")
def problems(
    session: Session, *,
    decided: Annotated[bool, typer.Option(
        "--all", help="含已决定的，新的在前 (decided ones too, newest first)")] = False,
) -> None:
    with session.api() as api:
        found = api.get("/problems", decided=decided and "true")

    def draw() -> None:
        for one in found:
            _head(session.speech, one)
        if not found:
            session.speech.say(session.speech.t("problem.none"))

    session.speech.show(found, draw)


@command(group, "problem", "一个综合问题及所含案卷 (one joint problem with its cases)")
def problem(session: Session, problem: ProblemName) -> None:
    with session.api() as api:
        found = api.get(f"/problems/{problem}")

    def draw() -> None:
        _head(session.speech, found)
        _cases(session.speech, found["cases"])

    session.speech.show(found, draw)


@command(group, "problem-add", "并入综合问题 (take a case into a joint problem)")
def add(
    session: Session, problem: ProblemName, case: CaseName, *,
    text: Annotated[str, typer.Option(
        help="文字说明，空为与其他案卷相同 (in words; empty = as the others)")] = "",
    key: Key = "",
) -> None:
    with session.api() as api:
        reply = api.post(f"/problems/{problem}/cases",
                         {"case_id": api.case_id(case), "text": text}, key=key)
    done(session, reply)


@command(group, "problem-remove", "移出综合问题，单独决定 (take a case out; it waits on its own)")
def remove(
    session: Session, problem: ProblemName, case: CaseName, *, text: Text, key: Key = "",
) -> None:
    with session.api() as api:
        reply = api.post(f"/problems/{problem}/removal",
                         {"case_id": api.case_id(case), "text": text}, key=key)
    done(session, reply)


@command(group, "problem-decide", "综合治理决定，各案卷分别记录 (one decision for every case)")
def decide(
    session: Session, problem: ProblemName, *,
    lead: Annotated[str, typer.Option(help="牵头单位，编号或名称 (the unit that leads)")],
    text: Text,
    assistant: Annotated[list[str] | None, typer.Option(
        "--assistant", help="配合单位，可重复 (a unit that assists, repeatable)")] = None,
    key: Key = "",
) -> None:
    with session.api() as api:
        found = api.post(f"/problems/{problem}/decision", {
            "lead": lead, "assistants": assistant or [], "text": text}, key=key)

    def draw() -> None:
        speech = session.speech
        speech.say(speech.t("problem.settled", count=len(found["decided"])))
        _cases(speech, found["decided"])
        if found["skipped"]:
            speech.say(speech.t("problem.skipped"))
            _cases(speech, found["skipped"])

    session.speech.show(found, draw)


def _head(speech: Speech, one: dict[str, Any]) -> None:
    speech.say(one["problem_id"])
    speech.say("  " + speech.t("problem.head", kind=speech.named(one["kind"], MATTERS),
                               level=speech.named(one["level"], LEVELS), text=one["text"]))
    speech.say("  " + speech.t("problem.waits", count=len(one["cases"]), waits=one["waits"]))
    if one["lead"]:
        speech.say("  " + speech.t("problem.lead", lead=one["lead"], text=one["decision"]))


def _cases(speech: Speech, cases: Iterable[dict[str, Any]]) -> None:
    for one in cases:
        stands = one["skipped"] or ("decided" if one["lead"] else "")
        speech.say("  " + speech.t(STANDS[stands], case_no=one["case_no"], lead=one["lead"],
                                   status=speech.status(one["status"])))
