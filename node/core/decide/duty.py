"""Verbs on a duty."""

from __future__ import annotations

from typing import Final

from node.core import commands as cmd
from node.core import events as ev
from node.core.case import Case
from node.core.context import Context
from node.core.decide.guards import Events, Make, in_words
from node.core.feedback import refuse_lacking


def _sign(case: Case, command: cmd.Sign, ctx: Context) -> Events:  # noqa: ARG001
    return (ev.DutySigned(at=ctx.now, unit_reference=command.unit_reference),)


def _progress(case: Case, command: cmd.Progress, ctx: Context) -> Events:
    text = in_words(command.text, of="text")
    return (ev.DutyProgressed(at=ctx.now, text=text, by=_at_work(case, command)),)


def _at_work(case: Case, command: cmd.Command) -> str:
    """Whose hands the work is in: the account's own, or "" while somebody below has it."""
    return command.actor if case.live is None else ""


def _feed_back(case: Case, command: cmd.FeedBack, ctx: Context) -> Events:
    result = in_words(command.result, of="result")
    facts = case.facts
    photos = command.photos
    closing = facts.closing if command.closing_met and facts is not None else ""
    if case.live is not None and case.live.result is not None:
        # whoever only confirms what was done below need not photograph it again
        photos = photos or case.live.result.photos
        closing = closing or case.live.result.closing
    refuse_lacking(facts, closing=closing, photos=photos)
    return (
        ev.DutyDone(
            at=ctx.now,
            result=result,
            photos=photos,
            closing=closing,
            said_at=ctx.said_at or ctx.now,
            by=_at_work(case, command),
        ),
    )


MAKE: Final[Make] = {
    cmd.Sign: _sign,
    cmd.Progress: _progress,
    cmd.FeedBack: _feed_back,
}
