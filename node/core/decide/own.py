"""Verbs on an own case."""

from __future__ import annotations

from typing import Final

from node.core import commands as cmd
from node.core import events as ev
from node.core.case import Case
from node.core.context import Context
from node.core.decide.guards import Events, Make, in_words
from node.core.errors import (
    Invalid,
)
from node.core.facts import Facts


def _open_case(case: Case | None, command: cmd.OpenCase, ctx: Context) -> Events:  # noqa: ARG001
    category = command.category
    if category.kind not in ("component", "matter"):
        raise Invalid("a category is a component or a matter", field="category.kind")
    in_words(category.code, of="category.code")
    in_words(category.standard_ref, of="category.standard_ref")
    in_words(command.place.area, of="place.area")
    in_words(command.case_no, of="case_no")
    facts = Facts(
        case_no=command.case_no,
        filing_node=ctx.node,
        category=category,
        place=command.place,
        text=in_words(command.text, of="text"),
        source=command.source,
        reported_at=ctx.said_at or ctx.now,
        urgent=command.urgent,
        photos=command.photos,
        component=command.component,
    )
    return (ev.CaseOpened(at=ctx.now, case_id=command.case_id, facts=facts),)


def _file(case: Case, command: cmd.File, ctx: Context) -> Events:  # noqa: ARG001
    return (ev.CaseFiled(at=ctx.now, text=command.text),)


def _decline(case: Case, command: cmd.Decline, ctx: Context) -> Events:  # noqa: ARG001
    return (ev.CaseDeclined(at=ctx.now, reason=in_words(command.reason, of="reason")),)


def _start_check(case: Case, command: cmd.StartCheck, ctx: Context) -> Events:  # noqa: ARG001
    return (ev.CheckStarted(at=ctx.now, text=command.text, by=command.actor),)


def _pass_check(case: Case, command: cmd.PassCheck, ctx: Context) -> Events:  # noqa: ARG001
    passed = ev.CheckPassed(
        at=ctx.now, text=command.text, photos=command.photos, by=command.actor
    )
    return (passed,)


MAKE: Final[Make] = {
    cmd.OpenCase: _open_case,
    cmd.File: _file,
    cmd.Decline: _decline,
    cmd.StartCheck: _start_check,
    cmd.PassCheck: _pass_check,
}
