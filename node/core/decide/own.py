"""Verbs on an own case between handling and its end."""

from __future__ import annotations

from typing import Final

from node.core import commands as cmd
from node.core import events as ev
from node.core.case import Case
from node.core.context import Context
from node.core.decide.guards import Events, Make
from node.core.decide.intake import doubted, due


def _start_check(case: Case, command: cmd.StartCheck, ctx: Context) -> Events:  # noqa: ARG001
    return (
        ev.CheckStarted(
            at=ctx.now,
            text=command.text,
            collector=command.collector,
            due_by=due(command.due_by, ctx),
            by=command.actor,
        ),
    )


def _pass_check(case: Case, command: cmd.PassCheck, ctx: Context) -> Events:
    passed = ev.CheckPassed(
        at=ctx.now, text=command.text, photos=command.photos, by=command.actor
    )
    sent = case.task.collector if case.task is not None else ""
    return (passed, *doubted(case, command.photos, ctx, collector=sent))


MAKE: Final[Make] = {
    cmd.StartCheck: _start_check,
    cmd.PassCheck: _pass_check,
}
