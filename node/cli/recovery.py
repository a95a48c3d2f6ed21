"""``wanmi recover``: a person leads a node that lost history back to its neighbours."""

from __future__ import annotations

from collections.abc import Sequence
from importlib import import_module
from typing import Annotated, Any, Final

import typer

from node.cli.composition import composition
from node.cli.session import Session, command
from node.cli.speech import Exit, Speech, interactive
from node.service.phrases import told

group = typer.Typer()

ANSWERS: Final = {"a": "adopt", "w": "withdraw", "l": "later"}
PHASES: Final = {"echo": "recover.phase.echo", "resend": "recover.phase.resend"}
VERDICTS: Final = frozenset({
    "fenced", "behind", "history_gone", "cut_moved", "fork", "peer_restored", "normal",
    "acks_lost"})


@command(group, "recover", "恢复：取回丢失的历史，再与邻居接上 (recover a node that lost history)")
def recover(
    session: Session,
    *,
    yes: Annotated[bool, typer.Option(
        "--yes", help="不再询问，直接确认 (confirm without asking)")] = False,
    waive: Annotated[list[str] | None, typer.Option(
        help="先跳过这个连接，可重复 (go on without this link)")] = None,
    wait: Annotated[float, typer.Option(
        min=1, help="每一步最多等邻居几秒 (seconds to wait for neighbours)")] = 600.0,
    surplus: Annotated[str, typer.Option(
        help="无记录的派遣：adopt 接续、withdraw 撤回、later 以后 (unknown work)")] = "",
    no_backup: Annotated[bool, typer.Option(
        "--no-backup", help="没有备份：空库加原来的密钥，全部向邻居取回 "
        "(no backup: an empty database beside the old keys)")] = False,
    by: Annotated[str, typer.Option(help="确认人，写入新纪元 (who confirms)")] = "operator",
) -> None:
    speech = session.speech
    session.settings()
    if surplus and surplus not in ANSWERS.values():
        raise speech.trouble(Exit.USAGE, "recover.surplus", given=surplus)
    if not yes and not interactive():
        raise speech.trouble(Exit.USAGE, "recover.needs_yes")
    main = composition(speech)
    talk = Dialogue(speech, yes=yes, surplus=surplus)
    wishes = import_module("node.main.recovering").Wishes(
        waive=tuple(waive or ()), wait_s=wait, by=by, no_backup=no_backup)
    try:
        told = main.recover(session.home, talk, wishes)
    finally:
        talk.close()
    if talk.refused:
        raise speech.trouble(Exit.REFUSED, "recover.unconfirmed")
    _end(session, told)


class Dialogue:
    """What a person reads and answers; a script reads the same and answers beforehand."""

    def __init__(self, speech: Speech, *, yes: bool, surplus: str) -> None:
        self._speech = speech
        self._yes = yes
        self._surplus = surplus
        self._bar: Any = None
        self._tasks: dict[tuple[str, str], Any] = {}
        self.refused = False

    def begun(self, why: Sequence[Any], links: Sequence[str]) -> None:
        for one in why:
            self._speech.note(self._speech.t("recover.why", why=self._reason(one)))
        self._speech.note(self._speech.t("recover.links", links=", ".join(links)))

    def _reason(self, one: Any) -> str:
        if one.code != "link":
            return self._speech.t(f"why.{one.code}", detail=one.detail)
        said = told("fabric", one.detail).say(self._speech.language)
        return self._speech.t("why.link", link=one.link, detail=said)

    def progress(self, phase: str, stands: Sequence[Any]) -> None:
        if not interactive():
            return
        if self._bar is None:
            from rich.console import Console
            from rich.progress import Progress, SpinnerColumn, TextColumn, TimeElapsedColumn

            self._bar = Progress(
                SpinnerColumn(), TextColumn("{task.description}"), TimeElapsedColumn(),
                console=Console(stderr=True), transient=True)
            self._bar.start()
        for one in stands:
            key = (phase, one.link)
            if key not in self._tasks:
                self._tasks[key] = self._bar.add_task("", total=None)
            count = one.echoed if phase == "echo" else one.heard
            said = f"{self._speech.t(PHASES[phase])} {one.link} {count}"
            if not one.contact:
                said += " · " + self._speech.t("recover.waits", peer=one.peer)
            self._bar.update(self._tasks[key], description=said)

    def confirm(self, told: Any) -> bool:
        self.close()
        speech = self._speech
        for one in told.stands:
            if one.step == "WAIVED":
                speech.note(speech.t("recover.stand.waived", link=one.link))
            else:
                speech.note(speech.t(
                    "recover.stand", link=one.link, verdict=_verdict(speech, one.verdict),
                    echoed=one.echoed, redrafted=one.redrafted, lost=one.lost))
        speech.note(speech.t("recover.journal", entries=told.entries, below=told.below,
                             apart=told.apart))
        speech.note(speech.t("recover.lost"))
        if self._yes:
            return True
        self.refused = not typer.confirm(speech.t("recover.confirm"), err=True)
        return not self.refused

    def unclaimed(self, one: Any) -> str:
        speech, facts = self._speech, one.order.facts
        self.close()
        speech.note(speech.t(
            "recover.unclaimed", neighbour=one.neighbour, case_no=facts.case_no,
            address=facts.place.address, name=facts.category.name))
        if self._surplus or self._yes:
            return self._surplus or "later"
        answer = ""
        while answer not in ANSWERS:
            answer = typer.prompt(speech.t("recover.choose"), err=True).strip().lower()[:1]
        return ANSWERS[answer]

    def close(self) -> None:
        """End the bar, so that a person can be asked."""
        if self._bar is not None:
            self._bar.stop()
        self._bar = None
        self._tasks.clear()


def _verdict(speech: Speech, verdict: str) -> str:
    return speech.t(f"verdict.{verdict}") if verdict in VERDICTS else verdict or "-"


def _end(session: Session, told: Any) -> None:
    speech = session.speech
    document = {
        "needed": told.needed,
        "links": [
            {"link": one.link, "step": one.step, "verdict": one.verdict, "echoed": one.echoed,
             "redrafted": one.redrafted, "lost": one.lost, "heard": one.heard}
            for one in told.stands
        ],
        "entries": told.entries, "apart": told.apart, "below": told.below,
        "mended": told.mended, "retold": told.retold, "compared": told.compared,
        "adopted": told.adopted, "called_back": told.called_back, "left": told.left,
    }

    def draw() -> None:
        if not told.needed:
            speech.say(speech.t("recover.none"))
            return
        for one in told.stands:
            speech.say(speech.t("recover.opened", link=one.link, heard=one.heard))
        speech.say(speech.t("recover.mended", mended=told.mended))
        if told.retold:
            speech.say(speech.t("recover.retold", retold=told.retold))
        for link, (missing, surplus, differ) in told.compared.items():
            speech.say(speech.t("recover.compared", link=link, missing=missing, surplus=surplus,
                                differ=differ))
        if told.adopted or told.called_back or told.left:
            speech.say(speech.t("recover.decided", adopted=told.adopted,
                                called_back=told.called_back, left=told.left))
        speech.say(speech.t("recover.done", home=session.home))

    speech.show(document, draw)
