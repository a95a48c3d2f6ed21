"""Verbs that hand a report to the office above."""

from __future__ import annotations

from typing import Final

from node.core import commands as cmd
from node.core import events as ev
from node.core.case import Case
from node.core.context import Context
from node.core.decide.guards import Events, Make, in_words
from node.core.errors import Invalid


def _pass_up(case: Case, command: cmd.PassUpCase, ctx: Context) -> Events:
    in_words(command.as_case, of="as_case")
    known = ctx.others is not None and command.as_case in ctx.others
    if known or command.as_case == case.case_id:
        raise Invalid(
            "the office above takes it up as a case of its own, with a fresh id",
            field="as_case", why="fresh_case",
        )
    return (ev.CasePassedUp(at=ctx.now, as_case=command.as_case, text=command.text),)


def _recall(case: Case, command: cmd.RecallCase, ctx: Context) -> Events:
    assert case.passing is not None, "it was passed up"
    text = in_words(command.text, of="text")
    return (ev.RecallAsked(at=ctx.now, as_case=case.passing.as_case, text=text),)


MAKE: Final[Make] = {
    cmd.PassUpCase: _pass_up,
    cmd.RecallCase: _recall,
}
