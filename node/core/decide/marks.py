"""Words of whoever watches over a case: hurry, and an answer by a time."""

from __future__ import annotations

from typing import Final

from node.core import commands as cmd
from node.core import events as ev
from node.core.case import SUPERVISIONS_KEPT_MAX, Case
from node.core.context import Context
from node.core.decide.guards import Events, Make, in_words
from node.core.errors import Invalid, WrongStatus

SUPERVISION_KINDS: Final = ("overdue", "leader", "important")
"""Why an answer is owed: it is late, a leader asked, or it matters (超期、领导、重点)."""


def _press(case: Case, command: cmd.PressAssignee, ctx: Context) -> Events:  # noqa: ARG001
    return (ev.Pressed(at=ctx.now, text=in_words(command.text, of="text")),)


def _supervise(case: Case, command: cmd.SuperviseAssignee, ctx: Context) -> Events:
    if command.kind not in SUPERVISION_KINDS:
        raise Invalid(
            f"a supervision is one of {', '.join(SUPERVISION_KINDS)}", field="kind",
            why="supervision",
        )
    if command.reply_by <= ctx.now:
        raise Invalid("an answer is owed by a time to come", field="reply_by", why="reply_by")
    if any(one.supervision_id == command.supervision_id for one in case.supervisions):
        raise Invalid(
            "this supervision was issued already", field="supervision_id", why="supervision_known"
        )
    if sum(not one.replied for one in case.supervisions) >= SUPERVISIONS_KEPT_MAX:
        raise WrongStatus(
            f"{SUPERVISIONS_KEPT_MAX} answers are owed already", status=case.status,
            why="supervised"
        )
    return (
        ev.Supervised(
            at=ctx.now,
            supervision_id=command.supervision_id,
            reply_by=command.reply_by,
            text=in_words(command.text, of="text"),
            kind=command.kind,
        ),
    )


def _reply(case: Case, command: cmd.ReplySupervision, ctx: Context) -> Events:  # noqa: ARG001
    text = in_words(command.text, of="text")
    return (
        ev.SupervisionAnswered(at=ctx.now, supervision_id=command.supervision_id, text=text),
    )


MAKE: Final[Make] = {
    cmd.PressAssignee: _press,
    cmd.SuperviseAssignee: _supervise,
    cmd.ReplySupervision: _reply,
}
